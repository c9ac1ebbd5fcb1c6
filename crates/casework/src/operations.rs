//! 办理: what the room records, each inside the caller's transaction. The caller holds the
//! case first ([`hold`]), so that two steps of one case wait for each other.

use db::{DbError, Tx, Value};

use crate::facts::{Asked, Case, Clock, Document, Taken};
use crate::rows::{case_row, document_row, step_row, time};
use crate::store::*;
use crate::{Decision, Procedure};

/// Holds a case until the deed ends; `false` when there is none of that number.
///
/// # Errors
/// [`DbError`] when storage fails.
pub fn hold(tx: &mut dyn Tx, case_id: &str) -> Result<bool, DbError> {
    tx.execute(&HOLD, &[case_id.into()]).map(|rows| rows > 0)
}

/// Records a new case, its first step and its clocks.
///
/// # Errors
/// [`DbError::Duplicate`] when the number is taken.
pub fn create(tx: &mut dyn Tx, case: &Case, documents: &[Document]) -> Result<(), DbError> {
    tx.insert_many(&ADD_CASE, &[case_row(case)])?;
    for taken in &case.steps {
        tx.insert_many(&ADD_STEP, &[step_row(&case.case_id, taken)])?;
    }
    add_clocks(tx, &case.case_id, 0, &case.clocks)?;
    add_documents(tx, &case.case_id, 1, documents)
}

/// The step that a decision allows, as it will be recorded.
#[must_use]
pub fn taken(asked: &Asked, decision: &Decision, sealed: String) -> Taken {
    Taken {
        seq: decision.seq,
        key: asked.key.clone(),
        step: asked.step.clone(),
        by: asked.by.id.clone(),
        role: decision.role.clone(),
        at: asked.at,
        why: asked.why.clone(),
        from: decision.from.clone(),
        to: decision.to.clone(),
        assigned: asked.assign_to.as_ref().map(|named| named.id.clone()),
        sealed,
    }
}

/// Records a step that was decided, and gives the case as it stands then.
///
/// # Errors
/// [`DbError::Duplicate`] when the case was not held and somebody else was faster.
pub fn record(
    tx: &mut dyn Tx,
    case: &Case,
    decision: &Decision,
    taken: Taken,
    documents: &[Document],
) -> Result<Case, DbError> {
    let mut case = case.clone();
    let id: Value = case.case_id.as_str().into();
    tx.insert_many(&ADD_STEP, &[step_row(&case.case_id, &taken)])?;
    for clock in &decision.stopped {
        tx.execute(&STOP_CLOCK, &[id.clone(), clock.as_str().into(), time(taken.at)])?;
    }
    for (clock, due) in &decision.extended {
        tx.execute(&EXTEND_CLOCK, &[id.clone(), clock.as_str().into(), due.to_string().into()])?;
    }
    add_clocks(tx, &case.case_id, case.clocks.len(), &decision.started)?;
    add_documents(tx, &case.case_id, taken.seq, documents)?;
    let assignee = decision.assignee.as_deref().unwrap_or_default();
    let params = [id, decision.to.as_str().into(), assignee.into(), i64::from(decision.closed).into()];
    tx.execute(&MOVE_CASE, &params)?;
    apply(&mut case, decision, taken);
    Ok(case)
}

/// What a recorded step makes of the case in memory.
pub fn apply(case: &mut Case, decision: &Decision, taken: Taken) {
    for clock in case.clocks.iter_mut().filter(|clock| clock.stopped_at.is_none()) {
        if decision.stopped.contains(&clock.id) {
            clock.stopped_at = Some(taken.at);
        }
        if let Some((_, due)) = decision.extended.iter().find(|(id, _)| *id == clock.id) {
            clock.due = *due;
        }
    }
    case.clocks.extend(decision.started.iter().cloned());
    case.state.clone_from(&decision.to);
    case.assignee.clone_from(&decision.assignee);
    case.closed = decision.closed;
    case.steps.push(taken);
}

/// Puts a step's sealed text into the first step of a case that is about to be created.
#[must_use]
pub fn with_seal(mut case: Case, sealed: String) -> Case {
    if let Some(first) = case.steps.first_mut() {
        first.sealed = sealed;
    }
    case
}

/// The names of what may be done with a case now, time's own steps left out.
#[must_use]
pub fn possible<'p>(procedure: &'p Procedure, case: &'p Case) -> Vec<&'p crate::StepRule> {
    procedure.steps_from(&case.state).filter(|rule| !rule.roles.iter().all(|role| role == crate::CLOCK)).collect()
}

fn add_clocks(tx: &mut dyn Tx, case_id: &str, already: usize, clocks: &[Clock]) -> Result<(), DbError> {
    let first = i64::try_from(already).unwrap_or(i64::MAX) + 1;
    let row = |(nth, clock): (i64, &Clock)| {
        let due = clock.due.to_string();
        vec![case_id.into(), nth.into(), clock.id.as_str().into(), time(clock.started_at), due.into()]
    };
    let rows: Vec<Vec<Value>> = (first..).zip(clocks).map(row).collect();
    if rows.is_empty() { Ok(()) } else { tx.insert_many(&ADD_CLOCK, &rows) }
}

fn add_documents(tx: &mut dyn Tx, case_id: &str, seq: i64, documents: &[Document]) -> Result<(), DbError> {
    let rows: Vec<_> = (1..).zip(documents).map(|(nth, document)| document_row(case_id, seq, nth, document)).collect();
    if rows.is_empty() { Ok(()) } else { tx.insert_many(&ADD_DOCUMENT, &rows) }
}
