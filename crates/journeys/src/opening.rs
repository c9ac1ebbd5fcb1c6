//! 期初: persons, balances and totals as they are when a region begins, in batches.

use db::Tx;
use enrolment::{Giver, Registration};
use ledger::{Account, Transfer};
use terms::{DateTime, Fen, PersonId};

use crate::{JourneyError, Own};

/// Registers persons with everything known of them, and posts their opening balances.
///
/// # Errors
/// [`JourneyError::Db`] when a number or certificate is taken.
pub fn open_persons(tx: &mut dyn Tx, registrations: &[Registration]) -> Result<(), JourneyError> {
    enrolment::register(tx, registrations)?;
    let balances = registrations.iter().map(|row| (&row.person.psn_no, row.balance, row.at));
    Ok(ledger::post_many(tx, &balances.map(opening).collect::<Vec<_>>())?)
}

/// Opens the account of somebody who need not be registered here (a giver).
///
/// # Errors
/// [`JourneyError::Db`] when the account was opened before.
pub fn open_account(tx: &mut dyn Tx, psn_no: &PersonId, balance: Fen, at: DateTime) -> Result<(), JourneyError> {
    open_accounts(tx, &[(psn_no.clone(), balance)], at)
}

/// Opens many accounts.
///
/// # Errors
/// [`JourneyError::Db`] when an account was opened before.
pub fn open_accounts(tx: &mut dyn Tx, accounts: &[(PersonId, Fen)], at: DateTime) -> Result<(), JourneyError> {
    for (psn_no, balance) in accounts {
        enrolment::credit_account(tx, psn_no, *balance)?;
    }
    let transfers: Vec<_> = accounts.iter().map(|(psn_no, balance)| opening((psn_no, *balance, at))).collect();
    Ok(ledger::post_many(tx, &transfers)?)
}

/// Adds mid-year totals of a person, in 分 or as counts, by accumulator key.
///
/// # Errors
/// [`JourneyError::Db`].
pub fn open_totals(tx: &mut dyn Tx, psn_no: &PersonId, totals: &[(String, i64)]) -> Result<(), JourneyError> {
    Ok(claim::add_to_totals(tx, psn_no, totals)?)
}

/// 共济授权: lets a person use a giver's account, after those authorised before.
///
/// # Errors
/// [`Own::PersonUnknown`], [`Own::GiverIsReceiver`], [`Own::AlreadyAuthorised`].
pub fn authorise(tx: &mut dyn Tx, psn_no: &PersonId, giver: &Giver) -> Result<(), JourneyError> {
    if giver.giver == *psn_no {
        return Err(Own::GiverIsReceiver.into());
    }
    let standing = crate::person(tx, psn_no)?;
    if standing.givers.iter().any(|row| row.giver == giver.giver) {
        return Err(Own::AlreadyAuthorised { giver: giver.giver.to_string() }.into());
    }
    Ok(enrolment::authorise(tx, psn_no, giver)?)
}

/// 期初: the suspense account that opening balances come from.
pub(crate) const OPENING: &str = "opening";

fn opening((psn_no, balance, at): (&PersonId, Fen, DateTime)) -> Transfer {
    Transfer {
        id: format!("{OPENING}/{psn_no}"),
        psn_no: psn_no.clone(),
        at,
        about: OPENING.to_owned(),
        entries: vec![(Account::Suspense(OPENING.to_owned()), -balance), (Account::Personal(psn_no.clone()), balance)],
    }
}
