//! 办理: what the room records, each inside the caller's transaction.

use db::{DbError, Tx, Value};
use terms::DateTime;

use crate::store::*;
use crate::{Account, Read, Session};

/// Opens an account, or changes what an administrator says of it: the second factor, used codes,
/// wrong passwords and the lock stay as they are.
///
/// # Errors
/// [`DbError`] from storage.
pub fn put_account(tx: &mut dyn Tx, account: &Account) -> Result<(), DbError> {
    tx.execute(&PUT_ACCOUNT, &account_row(account)).map(|_| ())
}

/// Counts a wrong password; the one that makes `attempts` locks the account until then.
///
/// # Errors
/// [`DbError`] from storage.
pub fn count_failure(tx: &mut dyn Tx, account: &str, attempts: u32, until: DateTime) -> Result<(), DbError> {
    tx.execute(&COUNT_FAILURE, &[account.into(), i64::from(attempts).into(), time(until)]).map(|_| ())
}

/// Forgets the wrong passwords of an account.
///
/// # Errors
/// [`DbError`] from storage.
pub fn forgive(tx: &mut dyn Tx, account: &str) -> Result<(), DbError> {
    tx.execute(&FORGIVE, &[account.into()]).map(|_| ())
}

/// Uses a TOTP step up; `false` when it, or a later one, was used before.
///
/// # Errors
/// [`DbError`] from storage.
pub fn use_totp_step(tx: &mut dyn Tx, account: &str, step: i64) -> Result<bool, DbError> {
    tx.execute(&USE_TOTP, &[account.into(), step.into()]).map(|rows| rows == 1)
}

/// Gives an account its second factor, sealed, with the step that proved it; empty text takes it away.
///
/// # Errors
/// [`DbError`] from storage.
pub fn set_totp(tx: &mut dyn Tx, account: &str, sealed: &str, step: i64) -> Result<(), DbError> {
    tx.execute(&SET_TOTP, &[account.into(), sealed.into(), step.into()]).map(|_| ())
}

/// Begins a session.
///
/// # Errors
/// [`DbError::Duplicate`] when the token was drawn before.
pub fn begin_session(tx: &mut dyn Tx, session: &Session) -> Result<(), DbError> {
    tx.insert_many(&BEGIN_SESSION, &[session_row(session)])
}

/// Says that a session was used.
///
/// # Errors
/// [`DbError`] from storage.
pub fn touch_session(tx: &mut dyn Tx, token_hash: &str, at: DateTime) -> Result<(), DbError> {
    tx.execute(&TOUCH, &[token_hash.into(), time(at)]).map(|_| ())
}

/// Ends a session.
///
/// # Errors
/// [`DbError`] from storage.
pub fn end_session(tx: &mut dyn Tx, token_hash: &str) -> Result<(), DbError> {
    tx.execute(&END_SESSION, &[token_hash.into()]).map(|_| ())
}

/// Ends every session of an account, as when it is disabled or its roles change.
///
/// # Errors
/// [`DbError`] from storage.
pub fn end_sessions_of(tx: &mut dyn Tx, account: &str) -> Result<(), DbError> {
    tx.execute(&END_SESSIONS_OF, &[account.into()]).map(|_| ())
}

/// Forgets the sessions that ended before a time.
///
/// # Errors
/// [`DbError`] from storage.
pub fn sweep_sessions(tx: &mut dyn Tx, before: DateTime) -> Result<u64, DbError> {
    tx.execute(&SWEEP, &[time(before)])
}

/// Records reads.
///
/// # Errors
/// [`DbError::Duplicate`] when a number is taken.
pub fn record_reads(tx: &mut dyn Tx, reads: &[Read]) -> Result<(), DbError> {
    let rows: Vec<Vec<Value>> = reads.iter().map(read_row).collect();
    if rows.is_empty() { Ok(()) } else { tx.insert_many(&ADD_READ, &rows) }
}
