//! 查询: what the room answers.

use db::{DbError, Tx};
use terms::Date;

use crate::facts::{Case, Document};
use crate::rows::{read_case, read_clock, read_document, read_step};
use crate::store::{CASE, CLOCKS, DOCUMENTS, OPEN_CASES, OVERDUE, STEPS};

/// 案件 with its steps and clocks.
///
/// # Errors
/// [`DbError`] when storage fails or a row does not hold what it should.
pub fn case(tx: &mut dyn Tx, case_id: &str) -> Result<Option<Case>, DbError> {
    let rows = tx.query(&CASE, &[case_id.into()])?;
    let Some(row) = rows.first() else { return Ok(None) };
    let mut case = read_case(row)?;
    case.steps = tx.query(&STEPS, &[case_id.into()])?.iter().map(read_step).collect::<Result<_, _>>()?;
    case.clocks = tx.query(&CLOCKS, &[case_id.into()])?.iter().map(read_clock).collect::<Result<_, _>>()?;
    Ok(Some(case))
}

/// 在办案件, with their clocks but without their steps, the oldest first.
///
/// # Errors
/// As [`case`].
pub fn open_cases(tx: &mut dyn Tx) -> Result<Vec<Case>, DbError> {
    let mut cases = tx.query(&OPEN_CASES, &[])?.iter().map(read_case).collect::<Result<Vec<_>, _>>()?;
    for case in &mut cases {
        let clocks = tx.query(&CLOCKS, &[case.case_id.as_str().into()])?;
        case.clocks = clocks.iter().map(read_clock).collect::<Result<_, _>>()?;
    }
    Ok(cases)
}

/// Cases with a clock that runs and was due before a day.
///
/// # Errors
/// As [`case`].
pub fn overdue(tx: &mut dyn Tx, day: Date) -> Result<Vec<String>, DbError> {
    tx.query(&OVERDUE, &[day.to_string().into()])?.iter().map(|row| row.get(0)).collect()
}

/// 文书与证据材料 of a case: the number of the step that brought each, and it.
///
/// # Errors
/// As [`case`].
pub fn documents(tx: &mut dyn Tx, case_id: &str) -> Result<Vec<(i64, Document)>, DbError> {
    tx.query(&DOCUMENTS, &[case_id.into()])?.iter().map(read_document).collect()
}
