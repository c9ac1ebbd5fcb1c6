//! 查询.

use db::{DbError, Tx};

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

/// Accounts in order of their names, after one of them.
///
/// # Errors
/// [`DbError`] from storage.
pub fn accounts(tx: &mut dyn Tx, after: &str, at_most: i64) -> Result<Vec<Account>, DbError> {
    tx.query(&ACCOUNTS, &[after.into(), at_most.into()])?.iter().map(read_account).collect()
}

/// A session by the hash of its token.
///
/// # Errors
/// [`DbError`] from storage.
pub fn session(tx: &mut dyn Tx, token_hash: &str) -> Result<Option<Session>, DbError> {
    tx.query(&SESSION, &[token_hash.into()])?.first().map(read_session).transpose()
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
