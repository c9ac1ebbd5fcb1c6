//! Storage errors, told apart by what a caller can do about them.

use crate::Sql;

/// A storage failure, naming the statement.
#[derive(Debug, Clone, thiserror::Error)]
pub enum DbError {
    /// A serialization conflict or deadlock: the driver retries the deed.
    #[error("{statement}: the transaction met another one ({detail})")]
    Conflict {
        /// The statement's name.
        statement: String,
        /// The driver's words.
        detail: String,
    },
    /// A unique key is taken.
    #[error("{statement}: the key is taken ({detail})")]
    Duplicate {
        /// The statement's name.
        statement: String,
        /// The driver's words.
        detail: String,
    },
    /// The connection broke while the commit was on its way: the deed may or may not be
    /// recorded. Sending the same message again tells which, because a repeat is
    /// recognised by its message id.
    #[error(
        "{statement}: the connection to the database was lost during the commit, so it is not known whether the deed was recorded; send the same message again ({detail})"
    )]
    Unknown {
        /// What was being done.
        statement: String,
        /// The driver's words.
        detail: String,
    },
    /// A bug: the deed panicked. Its changes are rolled back, its neighbours' are not.
    #[error("the deed panicked and was rolled back: {detail}")]
    Panicked {
        /// The panic's message.
        detail: String,
    },
    /// A column does not hold what the code expects.
    #[error("{statement}: column {column} does not hold {expected}")]
    Column {
        /// The statement's name.
        statement: String,
        /// Column number, from 0.
        column: usize,
        /// The type expected.
        expected: &'static str,
    },
    /// Anything else the driver says.
    #[error("{statement}: {detail}")]
    Other {
        /// The statement's name, or what was being done.
        statement: String,
        /// The driver's words.
        detail: String,
    },
}

impl DbError {
    /// Anything else that went wrong with `sql`.
    pub fn other(sql: &Sql, detail: impl ToString) -> DbError {
        DbError::Other { statement: sql.name.to_owned(), detail: detail.to_string() }
    }

    /// Whether running the deed again can help.
    #[must_use]
    pub fn is_conflict(&self) -> bool {
        matches!(self, DbError::Conflict { .. })
    }
}
