//! 逾期: where silence has a meaning, time takes the step itself.

use casework::Actor;
use db::Tx;
use operation::Operation;
use terms::DateTime;

use super::{CaseFile, Casebook, Move};
use crate::cases::hold;
use crate::{Centre, JourneyError};

/// Cases with a time that is over at `now`, whatever silence means there.
///
/// # Errors
/// [`JourneyError::Db`].
pub fn overdue_cases(tx: &mut dyn Tx, now: DateTime) -> Result<Vec<String>, JourneyError> {
    Ok(casework::overdue(tx, now.date())?)
}

impl Centre {
    /// Takes the step that silence means, if a case's time is over; `None` when nothing is, or
    /// silence means nothing there. The step's key is the clock's: to run it again does nothing.
    ///
    /// # Errors
    /// [`crate::Own::CaseUnknown`]; [`JourneyError::Broken`] when the procedure is gone.
    pub fn expire_case(
        &self,
        tx: &mut dyn Tx,
        operation: &Operation,
        book: &Casebook,
        case_id: &str,
    ) -> Result<Option<CaseFile>, JourneyError> {
        let held = hold(tx, &book.procedures, case_id)?;
        let Some((rule, clock)) = casework::expired(&held.procedure, &held.case, operation.received_at) else {
            return Ok(None);
        };
        let Some(step) = &rule.silence else { return Ok(None) };
        let why = format!("{}于 {} 到期，逾期未办（{}）", rule.name, clock.due, rule.article);
        let key = format!("clock/{}/{}", clock.id, terms::show_time(clock.started_at));
        let asked = Move::new(case_id, step, Actor::clock(), &why);
        self.move_held(tx, operation, book, &held, &asked, &key).map(Some)
    }
}
