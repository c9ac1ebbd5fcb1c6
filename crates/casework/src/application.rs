//! 申请: what a case was opened for, by an item of the region's folder, and what it holds.

use db::{DbError, Row, Tx, Value};
use serde_json::Value as Json;
use terms::{DateTime, Fen, parse_time};

use crate::facts::Clock;
use crate::form::Answers;
use crate::rows::read_clock;
use crate::store::*;

/// 申请.
#[derive(Debug, Clone, PartialEq)]
pub struct Application {
    /// 案件编号 of its case.
    pub case_id: String,
    /// Which desk: `service`, `claim`, `workorder`, as the item says.
    pub desk: String,
    /// 事项.
    pub item: String,
    /// Its version.
    pub version: String,
    /// The hash of that version.
    pub hash: String,
    /// Who applied, as the first step names them.
    pub applicant: String,
    /// 填报内容, as checked.
    pub form: Answers,
    /// The money that is at stake, zero without any.
    pub amount: Fen,
    /// What the item's effect gave; `None` until then.
    pub result: Option<Json>,
}

/// 申请 in a list, with where its case stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Listed {
    /// The application.
    pub application: Application,
    /// The procedure of its case.
    pub procedure: String,
    /// The version of it.
    pub procedure_version: String,
    /// What it is about, in a line.
    pub subject: String,
    /// 当事人.
    pub party: String,
    /// 状态.
    pub state: String,
    /// 承办人.
    pub assignee: Option<String>,
    /// Whether it is closed.
    pub closed: bool,
    /// When it was opened.
    pub opened_at: DateTime,
    /// Running clocks.
    pub clocks: Vec<Clock>,
}

/// Which applications are listed; empty texts ask for nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Desk.
    pub desk: String,
    /// Item.
    pub item: String,
    /// State.
    pub state: String,
    /// Party.
    pub party: String,
    /// To whom the case belongs.
    pub assignee: String,
    /// Open ones, closed ones, or both.
    pub closed: Option<bool>,
    /// Those before this case, in the list's order; empty begins.
    pub after: String,
    /// At most so many.
    pub limit: i64,
}

fn form_text(form: &Answers) -> String {
    serde_json::to_string(form).expect("answers are always JSON")
}

/// Records what a case was opened for.
///
/// # Errors
/// [`DbError::Duplicate`] when the case has an application.
pub fn add_application(tx: &mut dyn Tx, application: &Application) -> Result<(), DbError> {
    let params = [
        application.case_id.as_str().into(),
        application.desk.as_str().into(),
        application.item.as_str().into(),
        application.version.as_str().into(),
        application.hash.as_str().into(),
        application.applicant.as_str().into(),
        form_text(&application.form).into(),
        application.amount.0.into(),
        application.result.as_ref().map(ToString::to_string).unwrap_or_default().into(),
    ];
    tx.execute(&ADD_APPLICATION, &params).map(drop)
}

/// 补正: what is asked for now.
///
/// # Errors
/// [`DbError`] when storage fails.
pub fn amend_application(tx: &mut dyn Tx, case_id: &str, form: &Answers, amount: Fen) -> Result<(), DbError> {
    tx.execute(&AMEND_APPLICATION, &[case_id.into(), form_text(form).into(), amount.0.into()]).map(drop)
}

/// Records what the item's effect gave, or that it was undone (`None`).
///
/// # Errors
/// [`DbError`] when storage fails.
pub fn set_result(tx: &mut dyn Tx, case_id: &str, result: Option<&Json>) -> Result<(), DbError> {
    let text = result.map(ToString::to_string).unwrap_or_default();
    tx.execute(&SET_RESULT, &[case_id.into(), text.into()]).map(drop)
}

/// 申请 of a case; `None` when it was opened for something else.
///
/// # Errors
/// [`DbError`] when storage fails or a row does not hold what it should.
pub fn application(tx: &mut dyn Tx, case_id: &str) -> Result<Option<Application>, DbError> {
    tx.query(&APPLICATION, &[case_id.into()])?.first().map(read_application).transpose()
}

/// 申请 as wanted, the latest first.
///
/// # Errors
/// As [`application`].
pub fn applications(tx: &mut dyn Tx, wanted: &Wanted) -> Result<Vec<Listed>, DbError> {
    let mut params = wanted_params(wanted);
    params.push(if wanted.after.is_empty() { "~".into() } else { wanted.after.as_str().into() });
    params.push(wanted.limit.into());
    let mut listed = tx.query(&APPLICATIONS, &params)?.iter().map(read_listed).collect::<Result<Vec<_>, _>>()?;
    for one in &mut listed {
        let clocks = tx.query(&CLOCKS, &[one.application.case_id.as_str().into()])?;
        let clocks = clocks.iter().map(read_clock).collect::<Result<Vec<_>, _>>()?;
        one.clocks = clocks.into_iter().filter(|clock| clock.stopped_at.is_none()).collect();
    }
    Ok(listed)
}

/// How many applications are as wanted, whatever the page.
///
/// # Errors
/// [`DbError`] when storage fails.
pub fn count_applications(tx: &mut dyn Tx, wanted: &Wanted) -> Result<i64, DbError> {
    tx.query(&COUNT_APPLICATIONS, &wanted_params(wanted))?.first().map_or(Ok(0), |row| row.get(0))
}

/// Takes something for a case; otherwise the case that has it. What the case itself has, it has.
///
/// # Errors
/// [`DbError`] when storage fails.
pub fn take_slot(tx: &mut dyn Tx, slot: &str, case_id: &str) -> Result<Result<(), String>, DbError> {
    if tx.execute(&TAKE_SLOT, &[slot.into(), case_id.into()])? > 0 {
        return Ok(Ok(()));
    }
    let holder = slot_of(tx, slot)?.unwrap_or_default();
    Ok(if holder == case_id { Ok(()) } else { Err(holder) })
}

/// The case that has something.
///
/// # Errors
/// [`DbError`] when storage fails.
pub fn slot_of(tx: &mut dyn Tx, slot: &str) -> Result<Option<String>, DbError> {
    tx.query(&SLOT, &[slot.into()])?.first().map(|row| row.get(0)).transpose()
}

/// Gives back what a case has, where the slot begins with these letters.
///
/// # Errors
/// [`DbError`] when storage fails.
pub fn release_slots(tx: &mut dyn Tx, case_id: &str, prefix: &str) -> Result<(), DbError> {
    tx.execute(&RELEASE_SLOTS, &[case_id.into(), format!("{prefix}%").into()]).map(drop)
}

fn wanted_params(wanted: &Wanted) -> Vec<Value> {
    vec![
        wanted.desk.as_str().into(),
        wanted.item.as_str().into(),
        wanted.state.as_str().into(),
        wanted.party.as_str().into(),
        wanted.assignee.as_str().into(),
        Value::Int(wanted.closed.map_or(2, i64::from)),
    ]
}

fn read_json(row: &Row, column: usize) -> Result<Json, DbError> {
    let text: String = row.get(column)?;
    serde_json::from_str(&text).map_err(|_| broken(row, column, "JSON"))
}

fn broken(row: &Row, column: usize, expected: &'static str) -> DbError {
    DbError::Column { statement: row.statement.to_owned(), column, expected }
}

fn read_application(row: &Row) -> Result<Application, DbError> {
    let form = serde_json::from_value(read_json(row, 6)?).map_err(|_| broken(row, 6, "answers"))?;
    let result: String = row.get(8)?;
    Ok(Application {
        case_id: row.get(0)?,
        desk: row.get(1)?,
        item: row.get(2)?,
        version: row.get(3)?,
        hash: row.get(4)?,
        applicant: row.get(5)?,
        form,
        amount: Fen(row.get(7)?),
        result: if result.is_empty() { None } else { Some(read_json(row, 8)?) },
    })
}

fn read_listed(row: &Row) -> Result<Listed, DbError> {
    let assignee: String = row.get(14)?;
    Ok(Listed {
        application: read_application(row)?,
        procedure: row.get(9)?,
        procedure_version: row.get(10)?,
        subject: row.get(11)?,
        party: row.get(12)?,
        state: row.get(13)?,
        assignee: (!assignee.is_empty()).then_some(assignee),
        closed: row.get::<i64>(15)? == 1,
        opened_at: parse_time(&row.get::<String>(16)?).ok_or_else(|| broken(row, 16, "a time yyyy-MM-dd HH:mm:ss"))?,
        clocks: Vec::new(),
    })
}
