//! 查询: what the room answers.

use std::collections::BTreeMap;

use db::{DbError, Tx};
use terms::{Fen, PersonId};

use crate::rows::*;
use crate::store::*;
use crate::*;

/// 线索 by its number.
///
/// # Errors
/// [`DbError`] when storage fails or a row does not hold what it should.
pub fn clue(tx: &mut dyn Tx, clue_id: &str) -> Result<Option<Clue>, DbError> {
    tx.query(&CLUE, &[clue_id.into()])?.first().map(read_clue).transpose()
}

/// 线索 by its number at its source.
///
/// # Errors
/// As [`clue`].
pub fn clue_of(tx: &mut dyn Tx, source: Source, reference: &str) -> Result<Option<Clue>, DbError> {
    tx.query(&CLUE_OF, &[source.word().into(), reference.into()])?.first().map(read_clue).transpose()
}

/// 线索 of a case; those that no case has taken up for the empty number.
///
/// # Errors
/// As [`clue`].
pub fn clues(tx: &mut dyn Tx, case_id: &str) -> Result<Vec<Clue>, DbError> {
    tx.query(&CLUES_OF_CASE, &[case_id.into()])?.iter().map(read_clue).collect()
}

/// 案件事实.
///
/// # Errors
/// As [`clue`].
pub fn case(tx: &mut dyn Tx, case_id: &str) -> Result<Option<CaseFacts>, DbError> {
    tx.query(&CASE, &[case_id.into()])?.first().map(read_case).transpose()
}

/// 案件事实 of an institution, or of all when empty: the latest first, at most so many.
///
/// # Errors
/// As [`clue`].
pub fn cases(tx: &mut dyn Tx, institution: &str, at_most: i64) -> Result<Vec<CaseFacts>, DbError> {
    tx.query(&CASES, &[institution.into(), at_most.into()])?.iter().map(read_case).collect()
}

/// 可疑线索的全文 by its number.
///
/// # Errors
/// As [`clue`].
pub fn suspicion(tx: &mut dyn Tx, suspicion_id: &str) -> Result<Option<Suspicion>, DbError> {
    tx.query(&SUSPICION, &[suspicion_id.into()])?.first().map(read_suspicion).transpose()
}

/// 可疑线索 of a model, or of all when empty, without their bodies: the most rewarding first, after
/// a place (weighted amount and number), at most so many.
///
/// # Errors
/// As [`clue`].
pub fn suspicions(
    tx: &mut dyn Tx,
    model: &str,
    after: Option<(Fen, &str)>,
    at_most: i64,
) -> Result<Vec<Suspicion>, DbError> {
    let (weighted, id) = after.unwrap_or((Fen(i64::MAX), ""));
    let values = [model.into(), weighted.0.into(), id.into(), at_most.into()];
    tx.query(&SUSPICIONS, &values)?.iter().map(read_suspicion).collect()
}

/// 争议明细 of a case.
///
/// # Errors
/// As [`clue`].
pub fn lines(tx: &mut dyn Tx, case_id: &str) -> Result<Vec<DisputedLine>, DbError> {
    tx.query(&LINES, &[case_id.into()])?.iter().map(read_line).collect()
}

/// A person's lines whose money a case speaks for: visit and line to case.
///
/// # Errors
/// As [`clue`].
pub fn held(tx: &mut dyn Tx, psn_no: &PersonId) -> Result<BTreeMap<(String, String), String>, DbError> {
    let rows = tx.query(&HELD, &[text(psn_no)])?;
    rows.iter().map(|row| Ok(((row.get(0)?, row.get(1)?), row.get(2)?))).collect()
}

/// A person's visits in the frame of a case that speaks for them: visit to case.
///
/// # Errors
/// As [`clue`].
pub fn framed(tx: &mut dyn Tx, psn_no: &PersonId) -> Result<BTreeMap<String, String>, DbError> {
    let rows = tx.query(&FRAMED, &[text(psn_no)])?;
    rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
}

/// 意见 of a case, in order of the steps.
///
/// # Errors
/// As [`clue`].
pub fn opinions(tx: &mut dyn Tx, case_id: &str) -> Result<Vec<Given>, DbError> {
    tx.query(&OPINIONS, &[case_id.into()])?.iter().map(read_opinion).collect()
}

/// 申诉 of a case, in order of the steps.
///
/// # Errors
/// As [`clue`].
pub fn appeals(tx: &mut dyn Tx, case_id: &str) -> Result<Vec<Appeal>, DbError> {
    tx.query(&APPEALS, &[case_id.into()])?.iter().map(read_appeal).collect()
}

/// 追回 of a case and what was undone of it, in order of the steps.
///
/// # Errors
/// As [`clue`].
pub fn recoveries(tx: &mut dyn Tx, case_id: &str) -> Result<Vec<Recovery>, DbError> {
    tx.query(&RECOVERIES, &[case_id.into()])?.iter().map(read_recovery).collect()
}

/// 罚款 of a case.
///
/// # Errors
/// As [`clue`].
pub fn fines(tx: &mut dyn Tx, case_id: &str) -> Result<Vec<Fine>, DbError> {
    tx.query(&FINES, &[case_id.into()])?.iter().map(read_fine).collect()
}

/// 信用事件 of somebody, revoked ones included.
///
/// # Errors
/// As [`clue`].
pub fn credit(tx: &mut dyn Tx, holder: Holder, code: &str) -> Result<Vec<CreditEvent>, DbError> {
    tx.query(&CREDIT, &[holder.word().into(), code.into()])?.iter().map(read_credit).collect()
}

/// 信用事件 of a case, revoked ones included.
///
/// # Errors
/// As [`clue`].
pub fn credit_of_case(tx: &mut dyn Tx, case_id: &str) -> Result<Vec<CreditEvent>, DbError> {
    tx.query(&CREDIT_OF_CASE, &[case_id.into()])?.iter().map(read_credit).collect()
}

/// Everybody who has credit events.
///
/// # Errors
/// As [`clue`].
pub fn credit_holders(tx: &mut dyn Tx, holder: Holder) -> Result<Vec<String>, DbError> {
    tx.query(&CREDIT_HOLDERS, &[holder.word().into()])?.iter().map(|row| row.get(0)).collect()
}

/// 抽样 of a case.
///
/// # Errors
/// As [`clue`].
pub fn sample(tx: &mut dyn Tx, case_id: &str) -> Result<Option<Sample>, DbError> {
    let rows = tx.query(&SAMPLE, &[case_id.into()])?;
    let Some(row) = rows.first() else { return Ok(None) };
    let units = tx.query(&UNITS, &[case_id.into()])?.iter().map(read_unit).collect::<Result<_, _>>()?;
    Ok(Some(read_sample(row, units)?))
}
