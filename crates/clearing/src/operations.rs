//! 办理: what the room records, each inside the caller's transaction.

use db::{DbError, Tx};
use terms::{DateTime, InstitutionId, PersonId, SettlementId};

use crate::rows::{application_row, case_row, deduction_row, list_row, statement_row, text, time, year_row};
use crate::store::*;
use crate::*;

/// Records a version of a settlement list.
///
/// # Errors
/// [`DbError::Duplicate`] when the version is taken.
pub fn add_list(tx: &mut dyn Tx, list: &List) -> Result<(), DbError> {
    tx.insert_many(&ADD_LIST, &[list_row(list)])
}

/// Moves a version of a list to another state.
///
/// # Errors
/// [`DbError`] when storage fails.
pub fn move_list(tx: &mut dyn Tx, list: &List, state: ListState, reason: &str) -> Result<(), DbError> {
    let params = [text(&list.psn_no), text(&list.setl_id), list.version.into(), state.code().into(), reason.into()];
    tx.execute(&MOVE_LIST, &params).map(drop)
}

/// Records a clearing application; `false` when one of the same institution, clearing type
/// and month stands.
///
/// # Errors
/// [`DbError`] when storage fails.
pub fn apply(tx: &mut dyn Tx, row: &Application) -> Result<bool, DbError> {
    let slot = application_slot(&row.fixmedins_code, &row.clr_type, row.month);
    tx.execute(&ADD_APPLICATION, &application_row(row, slot)).map(|rows| rows > 0)
}

/// Withdraws an application; `false` when it does not stand.
///
/// # Errors
/// [`DbError`] when storage fails.
pub fn withdraw(tx: &mut dyn Tx, clr_appy_evt_id: &str) -> Result<bool, DbError> {
    tx.execute(&WITHDRAW_APPLICATION, &[clr_appy_evt_id.into()]).map(|rows| rows > 0)
}

pub(crate) fn application_slot(institution: &InstitutionId, clr_type: &str, month: Month) -> String {
    format!("{institution}/{clr_type}/{month}")
}

/// Records cleared cases: one multi-row insert.
///
/// # Errors
/// [`DbError::Duplicate`] when one was cleared before.
pub fn add_cases(tx: &mut dyn Tx, cases: &[Cleared]) -> Result<(), DbError> {
    let rows: Vec<_> = cases.iter().map(case_row).collect();
    if rows.is_empty() { Ok(()) } else { tx.insert_many(&ADD_CASE, &rows) }
}

/// Puts a case forward as special; `false` when it was before.
///
/// # Errors
/// [`DbError`] when storage fails.
pub fn ask_special(
    tx: &mut dyn Tx,
    psn_no: &PersonId,
    setl_id: &SettlementId,
    institution: &InstitutionId,
    reason: &str,
    at: DateTime,
) -> Result<bool, DbError> {
    let params = [text(psn_no), text(setl_id), text(institution), reason.into(), time(at)];
    tx.execute(&ASK_SPECIAL, &params).map(|rows| rows > 0)
}

/// Records the decision on a special case; `false` when there is no undecided one.
///
/// # Errors
/// [`DbError`] when storage fails.
pub fn decide_special(
    tx: &mut dyn Tx,
    psn_no: &PersonId,
    setl_id: &SettlementId,
    decided: &Decided,
) -> Result<bool, DbError> {
    let params =
        [text(psn_no), text(setl_id), decided.decision.as_str().into(), time(decided.at), decided.by.as_str().into()];
    tx.execute(&DECIDE_SPECIAL, &params).map(|rows| rows > 0)
}

/// Writes a statement, or writes it anew.
///
/// # Errors
/// [`DbError`] when storage fails.
pub fn put_statement(tx: &mut dyn Tx, statement: &Statement) -> Result<(), DbError> {
    tx.execute(&PUT_STATEMENT, &statement_row(statement)).map(drop)
}

/// Holds an institution's statements of a month until the deed ends, so that two deeds on
/// them wait for each other.
///
/// # Errors
/// [`DbError`] when storage fails.
pub fn hold_statements(tx: &mut dyn Tx, institution: &InstitutionId, month: Month) -> Result<(), DbError> {
    tx.execute(&HOLD_STATEMENTS, &[text(institution), text(month)]).map(drop)
}

/// Records a year's end.
///
/// # Errors
/// [`DbError::Duplicate`] when the year of that plan is closed.
pub fn add_year(tx: &mut dyn Tx, rows: &[YearRow]) -> Result<(), DbError> {
    let rows: Vec<_> = rows.iter().map(year_row).collect();
    if rows.is_empty() { Ok(()) } else { tx.insert_many(&ADD_YEAR, &rows) }
}

/// Records what cases take with the next statements.
///
/// # Errors
/// [`DbError::Duplicate`] when one was recorded before.
pub fn add_deductions(tx: &mut dyn Tx, rows: &[Deduction]) -> Result<(), DbError> {
    let rows: Vec<_> = rows.iter().map(deduction_row).collect();
    if rows.is_empty() { Ok(()) } else { tx.insert_many(&ADD_DEDUCTION, &rows) }
}

/// A statement of a month takes a deduction up; `false` when another one has.
///
/// # Errors
/// [`DbError`] when storage fails.
pub fn take_deduction(tx: &mut dyn Tx, deduction_id: &str, month: Month) -> Result<bool, DbError> {
    tx.execute(&TAKE_DEDUCTION, &[deduction_id.into(), text(month)]).map(|rows| rows > 0)
}
