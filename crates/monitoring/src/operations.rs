//! 操作: what is written.

use db::{DbError, Tx, Value};
use terms::DateTime;

use crate::rows::{
    change_row, check_row, feedback_row, finding_row, library_row, outcome_row, placing_row, reminder_row, run_row,
    standing_row, suppression_row, text, time,
};
use crate::store::*;
use crate::*;

/// Brings a library in; `false` when this very version is known already.
///
/// # Errors
/// [`DbError`] when storage fails.
pub fn bring_in(tx: &mut dyn Tx, library: &Library) -> Result<bool, DbError> {
    Ok(tx.execute(&ADD_LIBRARY, &library_row(library))? == 1)
}

/// Puts a library where [`Placing::set`] says.
///
/// # Errors
/// [`DbError::Duplicate`] when another placing of that number came first.
pub fn place(tx: &mut dyn Tx, placing: &Placing) -> Result<(), DbError> {
    tx.insert_many(&ADD_PLACING, &[placing_row(placing)])?;
    bump(tx)
}

/// Records a run, or how far it has come.
///
/// # Errors
/// [`DbError`] when storage fails.
pub fn put_run(tx: &mut dyn Tx, run: &Run) -> Result<(), DbError> {
    tx.execute(&PUT_RUN, &run_row(run)).map(drop)
}

/// Records findings; one found before keeps its first run and time.
///
/// # Errors
/// [`DbError`] when storage fails.
pub fn put_findings(tx: &mut dyn Tx, findings: &[Finding]) -> Result<(), DbError> {
    tx.insert_many(&PUT_FINDING, &findings.iter().map(finding_row).collect::<Vec<_>>())
}

/// Records what was asked and told; a reminder told before counts once more.
///
/// # Errors
/// [`DbError`] when storage fails.
pub fn record_reminders(tx: &mut dyn Tx, checks: &[Check], reminders: &[Reminder]) -> Result<(), DbError> {
    // Sorted, so that two recordings that meet on PostgreSQL take their rows in one order.
    let mut sorted: Vec<&Reminder> = reminders.iter().collect();
    sorted.sort_by(|a, b| a.jr_id.cmp(&b.jr_id));
    tx.insert_many(&ADD_CHECK, &checks.iter().map(check_row).collect::<Vec<_>>())?;
    tx.insert_many(&PUT_REMINDER, &sorted.into_iter().map(reminder_row).collect::<Vec<_>>())
}

/// Records a doctor's answer to a known reminder. The same message again changes nothing.
///
/// # Errors
/// [`DbError`] when storage fails.
pub fn answer(tx: &mut dyn Tx, feedback: &Feedback) -> Result<(), DbError> {
    if tx.execute(&ADD_FEEDBACK, &feedback_row(feedback))? == 0 {
        return Ok(());
    }
    let last: [Value; 4] =
        [text(&feedback.jr_id), feedback.handling.code().into(), text(&feedback.reason), time(feedback.at)];
    tx.execute(&ANSWER_REMINDER, &last).map(drop)
}

/// Records whether a finding or reminder was right. One word a subject and source: a later one
/// (a decision overturned) takes the place of the former.
///
/// # Errors
/// [`DbError`] when storage fails.
pub fn tell_outcome(tx: &mut dyn Tx, outcome: &Outcome) -> Result<(), DbError> {
    tx.execute(&PUT_OUTCOME, &outcome_row(outcome)).map(drop)
}

/// Changes the force of a rule's version, and keeps why.
///
/// # Errors
/// [`DbError::Duplicate`] when another change of that generation came first.
pub fn change_force(tx: &mut dyn Tx, change: &ForceChange) -> Result<(), DbError> {
    tx.insert_many(&ADD_CHANGE, &[change_row(change)])?;
    let standing = Standing {
        rule_id: change.rule_id.clone(),
        rule_version: change.rule_version.clone(),
        force: change.to,
        generation: change.generation,
        since: change.at,
    };
    tx.execute(&PUT_STANDING, &standing_row(&standing))?;
    bump(tx)
}

/// Leaves somebody or something alone.
///
/// # Errors
/// [`DbError::Duplicate`] when the number is taken.
pub fn suppress(tx: &mut dyn Tx, row: &Suppressing) -> Result<(), DbError> {
    tx.insert_many(&ADD_SUPPRESSION, &[suppression_row(row)])?;
    bump(tx)
}

/// Ends a suppression before its time; `false` when there is none that stands.
///
/// # Errors
/// [`DbError`] when storage fails.
pub fn end_suppression(tx: &mut dyn Tx, id: &str, at: DateTime, by: &str, why: &str) -> Result<bool, DbError> {
    let ended = tx.execute(&END_SUPPRESSION, &[id.into(), time(at), by.into(), why.into()])? == 1;
    if ended {
        bump(tx)?;
    }
    Ok(ended)
}

/// What is in force has changed: whoever remembers it looks again.
fn bump(tx: &mut dyn Tx) -> Result<(), DbError> {
    tx.execute(&BUMP, &[]).map(drop)
}
