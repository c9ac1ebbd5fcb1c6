//! Storage errors, told apart by what a caller can do about them.

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
