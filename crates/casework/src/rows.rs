//! Rows of the tables to and from facts.

use db::{DbError, Row, Value};
use terms::{Date, DateTime, parse_date, parse_time, show_time};

use crate::facts::{Case, Clock, Document, Taken};

pub(crate) fn time(value: DateTime) -> Value {
    Value::Text(show_time(value))
}

fn broken(row: &Row, column: usize, expected: &'static str) -> DbError {
    DbError::Column { statement: row.statement.to_owned(), column, expected }
}

fn read_time(row: &Row, column: usize) -> Result<DateTime, DbError> {
    parse_time(&row.get::<String>(column)?).ok_or_else(|| broken(row, column, "a time yyyy-MM-dd HH:mm:ss"))
}

fn read_date(row: &Row, column: usize) -> Result<Date, DbError> {
    parse_date(&row.get::<String>(column)?).ok_or_else(|| broken(row, column, "a date yyyy-MM-dd"))
}

fn filled(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}

pub(crate) fn case_row(case: &Case) -> Vec<Value> {
    vec![
        case.case_id.as_str().into(),
        case.procedure.as_str().into(),
        case.version.as_str().into(),
        case.hash.as_str().into(),
        case.subject.as_str().into(),
        case.party.as_str().into(),
        case.state.as_str().into(),
        case.assignee.as_deref().unwrap_or_default().into(),
        i64::from(case.closed).into(),
        time(case.opened_at),
    ]
}

/// A case without its steps and clocks.
pub(crate) fn read_case(row: &Row) -> Result<Case, DbError> {
    Ok(Case {
        case_id: row.get(0)?,
        procedure: row.get(1)?,
        version: row.get(2)?,
        hash: row.get(3)?,
        subject: row.get(4)?,
        party: row.get(5)?,
        state: row.get(6)?,
        assignee: filled(row.get(7)?),
        closed: row.get::<i64>(8)? == 1,
        opened_at: read_time(row, 9)?,
        steps: Vec::new(),
        clocks: Vec::new(),
    })
}

pub(crate) fn step_row(case_id: &str, taken: &Taken) -> Vec<Value> {
    vec![
        case_id.into(),
        taken.seq.into(),
        taken.key.as_str().into(),
        taken.step.as_str().into(),
        taken.by.as_str().into(),
        taken.role.as_str().into(),
        time(taken.at),
        taken.why.as_str().into(),
        taken.from.as_str().into(),
        taken.to.as_str().into(),
        taken.assigned.as_deref().unwrap_or_default().into(),
        taken.sealed.as_str().into(),
    ]
}

pub(crate) fn read_step(row: &Row) -> Result<Taken, DbError> {
    Ok(Taken {
        seq: row.get(0)?,
        key: row.get(1)?,
        step: row.get(2)?,
        by: row.get(3)?,
        role: row.get(4)?,
        at: read_time(row, 5)?,
        why: row.get(6)?,
        from: row.get(7)?,
        to: row.get(8)?,
        assigned: filled(row.get(9)?),
        sealed: row.get(10)?,
    })
}

pub(crate) fn read_clock(row: &Row) -> Result<Clock, DbError> {
    let stopped: String = row.get(3)?;
    Ok(Clock {
        id: row.get(0)?,
        started_at: read_time(row, 1)?,
        due: read_date(row, 2)?,
        stopped_at: if stopped.is_empty() { None } else { Some(read_time(row, 3)?) },
    })
}

pub(crate) fn document_row(case_id: &str, seq: i64, nth: i64, document: &Document) -> Vec<Value> {
    vec![
        case_id.into(),
        seq.into(),
        nth.into(),
        document.kind.as_str().into(),
        document.name.as_str().into(),
        document.media.as_str().into(),
        document.version.as_str().into(),
        document.digest.as_str().into(),
        document.content.clone().into(),
        document.reference.as_str().into(),
    ]
}

pub(crate) fn read_document(row: &Row) -> Result<(i64, Document), DbError> {
    let document = Document {
        kind: row.get(1)?,
        name: row.get(2)?,
        media: row.get(3)?,
        version: row.get(4)?,
        digest: row.get(5)?,
        content: row.get(6)?,
        reference: row.get(7)?,
    };
    Ok((row.get(0)?, document))
}
