//! 办理: what the room records, each inside the caller's transaction. The case is held first,
//! and the persons whose lines a new case takes.

use db::{DbError, Tx};
use terms::Fen;

use crate::rows::{case_row, clue_row, credit_row, json, line_row, recovery_row, slot, suspicion_row, time, unit_row};
use crate::store::*;
use crate::*;

/// Records a clue; `false` when one of the same source and number stands.
///
/// # Errors
/// [`DbError`] when storage fails.
pub fn add_clue(tx: &mut dyn Tx, clue: &Clue) -> Result<bool, DbError> {
    tx.execute(&ADD_CLUE, &clue_row(clue)).map(|rows| rows > 0)
}

/// Records what a model said; told again, it keeps its number and takes the newer figures.
///
/// # Errors
/// [`DbError`] when storage fails.
pub fn put_suspicion(tx: &mut dyn Tx, suspicion: &Suspicion) -> Result<(), DbError> {
    tx.execute(&PUT_SUSPICION, &suspicion_row(suspicion)).map(drop)
}

/// Gives a clue to a case; `false` when another case has it.
///
/// # Errors
/// [`DbError`] when storage fails.
pub fn take_clue(tx: &mut dyn Tx, clue_id: &str, case_id: &str) -> Result<bool, DbError> {
    tx.execute(&TAKE_CLUE, &[clue_id.into(), case_id.into()]).map(|rows| rows > 0)
}

/// Records what a case is about, and its lines.
///
/// # Errors
/// [`DbError::Duplicate`] when a line's money is spoken for; the caller looks at [`held`] first.
pub fn add_case(tx: &mut dyn Tx, case: &CaseFacts, lines: &[DisputedLine]) -> Result<(), DbError> {
    tx.insert_many(&ADD_CASE, &[case_row(case)])?;
    add_lines(tx, lines)
}

/// Adds lines to a case.
///
/// # Errors
/// As [`add_case`].
pub fn add_lines(tx: &mut dyn Tx, lines: &[DisputedLine]) -> Result<(), DbError> {
    let rows: Vec<_> = lines.iter().map(line_row).collect();
    if rows.is_empty() { Ok(()) } else { tx.insert_many(&ADD_LINE, &rows) }
}

/// Rewrites what was decided of a line: its state, amount, funds, article and reason.
///
/// # Errors
/// [`DbError`] when storage fails.
pub fn put_line(tx: &mut dyn Tx, line: &DisputedLine) -> Result<(), DbError> {
    let params = [
        line.case_id.as_str().into(),
        line.no.into(),
        slot(line).into(),
        line.state.word().into(),
        line.decided.0.into(),
        json(&line.by_fund),
        line.article.as_str().into(),
        line.reason.as_str().into(),
    ];
    tx.execute(&DECIDE_LINE, &params).map(drop)
}

/// Records the opinions of one step.
///
/// # Errors
/// [`DbError`] when storage fails.
pub fn add_opinions(tx: &mut dyn Tx, case_id: &str, given: &[Given]) -> Result<(), DbError> {
    let row = |given: &Given| {
        vec![
            case_id.into(),
            given.seq.into(),
            given.opinion.no.into(),
            given.stage.as_str().into(),
            given.by.as_str().into(),
            given.opinion.amount.0.into(),
            given.opinion.article.as_str().into(),
            given.opinion.reason.as_str().into(),
        ]
    };
    let rows: Vec<_> = given.iter().map(row).collect();
    if rows.is_empty() { Ok(()) } else { tx.insert_many(&ADD_OPINION, &rows) }
}

/// Records the appeals of one step.
///
/// # Errors
/// [`DbError`] when storage fails.
pub fn add_appeals(tx: &mut dyn Tx, case_id: &str, appeals: &[Appeal]) -> Result<(), DbError> {
    let row = |appeal: &Appeal| {
        let Appeal { seq, no, grounds, evidence } = appeal;
        vec![case_id.into(), (*seq).into(), (*no).into(), grounds.as_str().into(), json(evidence)]
    };
    let rows: Vec<_> = appeals.iter().map(row).collect();
    if rows.is_empty() { Ok(()) } else { tx.insert_many(&ADD_APPEAL, &rows) }
}

/// Records a recovery, or its undoing.
///
/// # Errors
/// [`DbError::Duplicate`] when the transfer was recorded before.
pub fn add_recovery(tx: &mut dyn Tx, recovery: &Recovery) -> Result<(), DbError> {
    tx.insert_many(&ADD_RECOVERY, &[recovery_row(recovery)])
}

/// Records a fine.
///
/// # Errors
/// [`DbError::Duplicate`] when the step has one.
pub fn add_fine(tx: &mut dyn Tx, fine: &Fine) -> Result<(), DbError> {
    let row = vec![
        fine.case_id.as_str().into(),
        fine.seq.into(),
        fine.article.as_str().into(),
        fine.loss.0.into(),
        fine.times.as_str().into(),
        fine.amount.0.into(),
        time(fine.at),
    ];
    tx.insert_many(&ADD_FINE, &[row])
}

/// Revokes the fines of a case.
///
/// # Errors
/// [`DbError`] when storage fails.
pub fn revoke_fines(tx: &mut dyn Tx, case_id: &str) -> Result<(), DbError> {
    tx.execute(&REVOKE_FINES, &[case_id.into()]).map(drop)
}

/// Records credit events.
///
/// # Errors
/// [`DbError::Duplicate`] when one was recorded before.
pub fn add_credit(tx: &mut dyn Tx, events: &[CreditEvent]) -> Result<(), DbError> {
    let rows: Vec<_> = events.iter().map(credit_row).collect();
    if rows.is_empty() { Ok(()) } else { tx.insert_many(&ADD_CREDIT, &rows) }
}

/// Revokes a credit event; `false` when it was revoked before.
///
/// # Errors
/// [`DbError`] when storage fails.
pub fn revoke_credit(tx: &mut dyn Tx, event_id: &str, why: &str) -> Result<bool, DbError> {
    tx.execute(&REVOKE_CREDIT, &[event_id.into(), why.into()]).map(|rows| rows > 0)
}

/// Records a sample; `false` when the case has one.
///
/// # Errors
/// [`DbError`] when storage fails.
pub fn add_sample(tx: &mut dyn Tx, sample: &Sample) -> Result<bool, DbError> {
    let id = sample.case_id.as_str();
    let params = [
        id.into(),
        sample.seed.as_str().into(),
        time(sample.at),
        json(&sample.funds),
        sample.insutype.as_str().into(),
        sample.clr_type.as_str().into(),
    ];
    if tx.execute(&ADD_SAMPLE, &params)? == 0 {
        return Ok(false);
    }
    let rows: Vec<_> = sample.units.iter().map(|unit| unit_row(id, unit)).collect();
    tx.insert_many(&ADD_UNIT, &rows)?;
    Ok(true)
}

/// Records the estimate of a sample.
///
/// # Errors
/// [`DbError`] when storage fails.
pub fn evaluate_sample(tx: &mut dyn Tx, case_id: &str, estimate: &rules::sample::Estimate) -> Result<(), DbError> {
    tx.execute(&EVALUATE_SAMPLE, &[case_id.into(), json(estimate)]).map(drop)
}

/// A case no longer speaks for the visits of its frame.
///
/// # Errors
/// [`DbError`] when storage fails.
pub fn release_frame(tx: &mut dyn Tx, case_id: &str) -> Result<(), DbError> {
    tx.execute(&RELEASE_UNITS, &[case_id.into()]).map(drop)
}

/// The sum of amounts by fund, in order of the funds.
#[must_use]
pub fn sum_by_fund<'a>(parts: impl IntoIterator<Item = &'a (String, Fen)>) -> Vec<(String, Fen)> {
    let mut sums = std::collections::BTreeMap::<&str, Fen>::new();
    for (fund, amount) in parts {
        *sums.entry(fund).or_default() += *amount;
    }
    sums.into_iter().filter(|(_, sum)| !sum.is_zero()).map(|(fund, sum)| (fund.to_owned(), sum)).collect()
}
