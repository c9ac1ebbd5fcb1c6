//! 信用与记分: worked out from the events that stand; nothing is stored but the events.

use db::Tx;
use inquiry::Holder;
use inquiry::rules::credit::{Points, Standing, institution, practitioner};
use terms::{Date, InstitutionId};

use super::Casebook;
use crate::JourneyError;

/// 信用分 of an institution in the year of a day.
///
/// # Errors
/// [`JourneyError::Db`].
pub fn credit_of_institution(
    tx: &mut dyn Tx,
    book: &Casebook,
    code: &InstitutionId,
    day: Date,
) -> Result<Standing, JourneyError> {
    let events = inquiry::credit(tx, Holder::Institution, code.as_str())?;
    Ok(institution(&book.law.card, &events, day))
}

/// 记分 of a practitioner, and until when the eligibility to be paid for is lost.
///
/// # Errors
/// [`JourneyError::Db`].
pub fn credit_of_practitioner(tx: &mut dyn Tx, book: &Casebook, code: &str, day: Date) -> Result<Points, JourneyError> {
    let events = inquiry::credit(tx, Holder::Practitioner, code)?;
    Ok(practitioner(&book.law.card, &events, day))
}
