//! 查询.

use db::{DbError, Tx};
use terms::PersonId;

use crate::store::{self, code_of, credential_of, device_of, identity_of, state_of};
use crate::{Activation, Code, Credential, Device, Identity, Standing, State};

/// The person's credential: the one that is not revoked, else the last that was.
///
/// # Errors
/// [`DbError`] when storage fails.
pub fn of_person(tx: &mut dyn Tx, psn_no: &PersonId) -> Result<Option<Credential>, DbError> {
    tx.query(&store::OF_PERSON, &[psn_no.as_str().into()])?.first().map(credential_of).transpose()
}

/// The credentials of several persons, in their order; those without one are left out.
///
/// # Errors
/// [`DbError`] when storage fails.
pub fn of_persons(tx: &mut dyn Tx, persons: &[PersonId]) -> Result<Vec<Credential>, DbError> {
    let mut found = Vec::new();
    for psn_no in persons {
        found.extend(of_person(tx, psn_no)?);
    }
    Ok(found)
}

/// A credential by its number.
///
/// # Errors
/// [`DbError`] when storage fails.
pub fn by_number(tx: &mut dyn Tx, ec_no: &str) -> Result<Option<Credential>, DbError> {
    tx.query(&store::BY_NUMBER, &[ec_no.into()])?.first().map(credential_of).transpose()
}

/// How many credentials are not revoked.
///
/// # Errors
/// [`DbError`] when storage fails.
pub fn count(tx: &mut dyn Tx) -> Result<i64, DbError> {
    tx.query(&store::COUNT, &[])?.first().map_or(Ok(0), |row| row.get(0))
}

/// 身份: whom a person's entry may show besides that person.
///
/// # Errors
/// [`DbError`] when storage fails.
pub fn identities_of(tx: &mut dyn Tx, holder: &PersonId) -> Result<Vec<Identity>, DbError> {
    tx.query(&store::IDENTITIES_OF, &[holder.as_str().into()])?.iter().map(identity_of).collect()
}

/// Whose entries may show a person.
///
/// # Errors
/// [`DbError`] when storage fails.
pub fn holders_of(tx: &mut dyn Tx, member: &PersonId) -> Result<Vec<Identity>, DbError> {
    tx.query(&store::HOLDERS_OF, &[member.as_str().into()])?.iter().map(identity_of).collect()
}

/// Whether `holder`'s entry may show `member`, and why.
///
/// # Errors
/// [`DbError`] when storage fails.
pub fn identity(tx: &mut dyn Tx, holder: &PersonId, member: &PersonId) -> Result<Option<Identity>, DbError> {
    Ok(identities_of(tx, holder)?.into_iter().find(|identity| identity.member == *member))
}

/// The open activation of a credential.
///
/// # Errors
/// [`DbError`] when storage fails.
pub fn activation_open(tx: &mut dyn Tx, ec_no: &str) -> Result<Option<Activation>, DbError> {
    let rows = tx.query(&store::ACTIVATION, &[ec_no.into()])?;
    let Some(row) = rows.first() else { return Ok(None) };
    let digest = row.get::<Vec<u8>>(0)?.try_into().map_err(|_| store::wrong(row, 0, "32 bytes"))?;
    let (expires_at, tries_left) = (store::time_of(row, 1)?, row.get(2)?);
    Ok(Some(Activation { ec_no: ec_no.to_owned(), digest, expires_at, tries_left }))
}

/// A device.
///
/// # Errors
/// [`DbError`] when storage fails.
pub fn device(tx: &mut dyn Tx, device_id: &str) -> Result<Option<Device>, DbError> {
    tx.query(&store::DEVICE, &[device_id.into()])?.first().map(device_of).transpose()
}

/// The devices of a credential, revoked ones included, oldest first.
///
/// # Errors
/// [`DbError`] when storage fails.
pub fn devices_of(tx: &mut dyn Tx, ec_no: &str) -> Result<Vec<Device>, DbError> {
    tx.query(&store::DEVICES_OF, &[ec_no.into()])?.iter().map(device_of).collect()
}

/// A code with all that decides whether it may be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// The code.
    pub code: Code,
    /// Both ends of who shows it.
    pub standing: Standing,
    /// Whose entry drew it.
    pub holder: PersonId,
}

/// A code by its number.
///
/// # Errors
/// [`DbError`] when storage fails.
pub fn code(tx: &mut dyn Tx, code_id: &str) -> Result<Option<Known>, DbError> {
    known(tx, &store::CODE, code_id)
}

/// A code by the hash of its short form.
///
/// # Errors
/// [`DbError`] when storage fails.
pub fn code_of_typed(tx: &mut dyn Tx, typed: &str) -> Result<Option<Known>, DbError> {
    known(tx, &store::CODE_OF_TYPED, typed)
}

/// The code that gave out a token.
///
/// # Errors
/// [`DbError`] when storage fails.
pub fn code_of_token(tx: &mut dyn Tx, token: &str) -> Result<Option<Known>, DbError> {
    known(tx, &store::CODE_OF_TOKEN, token)
}

fn known(tx: &mut dyn Tx, sql: &'static db::Sql, key: &str) -> Result<Option<Known>, DbError> {
    let rows = tx.query(sql, &[key.into()])?;
    let Some(row) = rows.first() else { return Ok(None) };
    // A person whose only credentials are revoked has none that is not.
    let member = row.get::<Option<i64>>(18)?.map_or(Ok(State::Revoked), |_| state_of(row, 18))?;
    let standing =
        Standing { holder: state_of(row, 17)?, member, device: state_of(row, 19)?, bound: row.get::<i64>(20)? > 0 };
    Ok(Some(Known { code: code_of(row)?, standing, holder: PersonId(row.get(21)?) }))
}

/// 用码记录: where codes for a person were used, latest first.
///
/// # Errors
/// [`DbError`] when storage fails.
pub fn uses_of(tx: &mut dyn Tx, psn_no: &PersonId, at_most: i64) -> Result<Vec<Code>, DbError> {
    tx.query(&store::USES_OF, &[psn_no.as_str().into(), at_most.into()])?.iter().map(code_of).collect()
}
