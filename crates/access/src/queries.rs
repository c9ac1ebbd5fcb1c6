//! 查询.

use db::{DbError, Tx};
use terms::DateTime;

use crate::store::*;
use crate::{Account, Read, Session};

/// An account by its name.
///
/// # Errors
/// [`DbError`] from storage.
pub fn account(tx: &mut dyn Tx, account: &str) -> Result<Option<Account>, DbError> {
    tx.query(&ACCOUNT, &[account.into()])?.first().map(read_account).transpose()
}

/// The account of a person at an identity provider: `issuer|subject`.
///
/// # Errors
/// [`DbError`] from storage.
pub fn account_of_oidc(tx: &mut dyn Tx, oidc: &str) -> Result<Option<Account>, DbError> {
    tx.query(&ACCOUNT_OF_OIDC, &[oidc.into()])?.first().map(read_account).transpose()
}

/// Which accounts are asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AccountsAsked {
    /// Behind this one in order of names; empty from the first.
    pub after: String,
    /// A part of the account or of the name; empty for all.
    pub part: String,
    /// Disabled ones only, or the others only.
    pub disabled: Option<bool>,
}

/// Accounts in order of their names.
///
/// # Errors
/// [`DbError`] from storage.
pub fn accounts(tx: &mut dyn Tx, asked: &AccountsAsked, at_most: i64) -> Result<Vec<Account>, DbError> {
    // % and _ stand for themselves nowhere in an account; as wildcards they find more, never less.
    let part = if asked.part.is_empty() { String::new() } else { format!("%{}%", asked.part) };
    let disabled = asked.disabled.map_or(-1, i64::from);
    let params = [asked.after.as_str().into(), part.as_str().into(), disabled.into(), at_most.into()];
    tx.query(&ACCOUNTS, &params)?.iter().map(read_account).collect()
}

/// A session by the hash of its token.
///
/// # Errors
/// [`DbError`] from storage.
pub fn session(tx: &mut dyn Tx, token_hash: &str) -> Result<Option<Session>, DbError> {
    tx.query(&SESSION, &[token_hash.into()])?.first().map(read_session).transpose()
}

/// Which sessions are asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionsAsked {
    /// 账号; empty for all.
    pub account: String,
    /// Those that have not ended by then.
    pub now: DateTime,
    /// Those that were used since.
    pub used_since: DateTime,
    /// Older than this one (begun at, token hash); none from the newest.
    pub before: Option<(DateTime, String)>,
}

/// Sessions that are still open, newest first.
///
/// # Errors
/// [`DbError`] from storage.
pub fn sessions(tx: &mut dyn Tx, asked: &SessionsAsked, at_most: i64) -> Result<Vec<Session>, DbError> {
    let (begun, hash) = asked
        .before
        .as_ref()
        .map_or_else(|| ("".into(), "".into()), |(begun, hash)| (time(*begun), hash.as_str().into()));
    let params = [asked.account.as_str().into(), time(asked.now), time(asked.used_since), begun, hash, at_most.into()];
    tx.query(&SESSIONS, &params)?.iter().map(read_session).collect()
}

/// Which reads are asked for; an empty text asks for all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReadsAsked {
    /// Older than this one; empty from the newest.
    pub before: String,
    /// 人员编号.
    pub person: String,
    /// 账号.
    pub account: String,
    /// Unmaskings only.
    pub unmasked: bool,
}

/// 访问记录, newest first.
///
/// # Errors
/// [`DbError`] from storage.
pub fn reads(tx: &mut dyn Tx, asked: &ReadsAsked, at_most: i64) -> Result<Vec<Read>, DbError> {
    let before = if asked.before.is_empty() { "~" } else { &asked.before };
    let params = [
        before.into(),
        asked.person.as_str().into(),
        asked.account.as_str().into(),
        i64::from(asked.unmasked).into(),
        at_most.into(),
    ];
    tx.query(&READS, &params)?.iter().map(read_read).collect()
}
