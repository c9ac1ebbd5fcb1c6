//! 期初导入: whole persons, some thousands in one deed: registration, family, employers,
//! opening balance and the year's totals. A person is brought in whole or not at all, and
//! once: who is registered already stays untouched, so a folder may be brought in again.

use std::collections::BTreeSet;

use db::{DbError, Tx};
use enrolment::{Employer, FamilyMember, Registration};
use ledger::Account;
use policy::Law;
use terms::{Fen, PersonId};

use crate::JourneyError;
use crate::opening::{OPENING, open_persons};

/// 期初: everything that a folder says of one person.
#[derive(Debug, Clone)]
pub struct Opening {
    /// The person, coverage, identities, filings, authorisations received, and balance.
    pub registration: Registration,
    /// 家庭编号.
    pub family_no: Option<String>,
    /// The employers that the coverage names.
    pub employers: Vec<Employer>,
    /// 累计 as they stand, in 分 or as counts, by key; a key stands once.
    pub totals: Vec<(String, i64)>,
}

/// What became of a batch: places in it, in order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BroughtIn {
    /// Persons that were registered already.
    pub known: Vec<usize>,
    /// Persons whose certificate another person holds, and who that is. They are left out.
    pub holders: Vec<(usize, PersonId)>,
}

/// Brings in those of a batch who are not registered yet. A batch names a person and a
/// certificate at most once.
///
/// # Errors
/// [`JourneyError::Db`]; nothing of the batch is recorded then.
pub fn bring_in(tx: &mut dyn Tx, batch: &[Opening]) -> Result<BroughtIn, JourneyError> {
    let outcome = sort_out(tx, batch)?;
    let out: BTreeSet<usize> = outcome.known.iter().chain(outcome.holders.iter().map(|(at, _)| at)).copied().collect();
    let new: Vec<&Opening> =
        batch.iter().enumerate().filter(|(at, _)| !out.contains(at)).map(|(_, opening)| opening).collect();
    if new.is_empty() {
        return Ok(outcome);
    }
    let employers: Vec<Employer> = new.iter().flat_map(|opening| opening.employers.iter().cloned()).collect();
    let families: Vec<FamilyMember> = new.iter().filter_map(|opening| member(opening)).collect();
    let registrations: Vec<Registration> = new.iter().map(|opening| opening.registration.clone()).collect();
    let totals: Vec<(PersonId, String, i64)> = new.iter().flat_map(|opening| totals_of(opening)).collect();
    if !employers.is_empty() {
        enrolment::register_new_employers(tx, &employers)?;
    }
    open_persons(tx, &registrations)?;
    if !families.is_empty() {
        enrolment::join_families(tx, &families)?;
    }
    claim::open_totals(tx, &totals)?;
    Ok(outcome)
}

fn sort_out(tx: &mut dyn Tx, batch: &[Opening]) -> Result<BroughtIn, DbError> {
    let persons = || batch.iter().map(|opening| &opening.registration.person);
    let numbers: Vec<&PersonId> = persons().map(|person| &person.psn_no).collect();
    let certificates: Vec<&str> = persons().map(|person| person.certno.as_str()).collect();
    let known = enrolment::registered(tx, &numbers)?;
    let holders = enrolment::certificate_holders(tx, &certificates)?;
    let mut outcome = BroughtIn::default();
    for (at, person) in persons().enumerate() {
        if known.contains(&person.psn_no) {
            outcome.known.push(at);
        } else if let Some(holder) = holders.get(&(person.psn_cert_type.clone(), person.certno.clone())) {
            outcome.holders.push((at, holder.clone()));
        }
    }
    Ok(outcome)
}

fn member(opening: &Opening) -> Option<FamilyMember> {
    let family_no = opening.family_no.clone()?;
    let psn_no = opening.registration.person.psn_no.clone();
    Some(FamilyMember { family_no, psn_no, relation: String::new() })
}

fn totals_of(opening: &Opening) -> impl Iterator<Item = (PersonId, String, i64)> + '_ {
    let psn_no = &opening.registration.person.psn_no;
    opening.totals.iter().map(|(key, amount)| (psn_no.clone(), key.clone(), *amount))
}

/// 期初合计 as the books have them: what an import compares with what it read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OpeningSums {
    /// 参保人数.
    pub persons: i64,
    /// Opening balances posted in the ledger.
    pub posted: Fen,
    /// Balances of the accounts in the register.
    pub balances: Fen,
    /// Sums by accumulator, in the order of the law, in 分 or as counts.
    pub totals: Vec<i64>,
}

/// Reads the sums of the books.
///
/// # Errors
/// [`DbError`] when storage fails.
pub fn opening_sums(tx: &mut dyn Tx, law: &Law) -> Result<OpeningSums, DbError> {
    Ok(OpeningSums {
        persons: enrolment::count_persons(tx)?,
        posted: -ledger::balance(tx, &Account::Suspense(OPENING.to_owned()))?,
        balances: enrolment::balances_total(tx)?.0,
        totals: law
            .accumulators
            .iter()
            .map(|accumulator| claim::totals_of(tx, &accumulator.id))
            .collect::<Result<_, _>>()?,
    })
}
