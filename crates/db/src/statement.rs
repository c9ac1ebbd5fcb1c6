//! Statements and migrations as named constants.

use crate::DbError;

/// One SQL text for both databases: the common subset, `$1` parameters. Each room lists
/// all of its statements, and one test prepares every one of them on both databases.
#[derive(Debug)]
pub struct Sql {
    /// `room.what_it_does`, for messages and metrics.
    pub name: &'static str,
    /// The text.
    pub text: &'static str,
}

impl Sql {
    /// A named statement.
    #[must_use]
    pub const fn new(name: &'static str, text: &'static str) -> Sql {
        Sql { name, text }
    }
}

/// A step of a room's schema, applied once and never edited. The text uses `BIGINT`,
/// `TEXT` and `BLOB`; the PostgreSQL driver writes `BYTEA` for `BLOB`.
#[derive(Debug, Clone, Copy)]
pub struct Migration {
    /// `room/0001_what_it_adds`, unique, ascending within the room.
    pub id: &'static str,
    /// Statements separated by `;`.
    pub text: &'static str,
}

/// The error of a migration whose text is not the one that was applied; for drivers.
#[must_use]
pub fn edited(migration: &Migration) -> DbError {
    DbError::Other {
        statement: format!("migration {}", migration.id),
        detail: "its text differs from what this database was given; put the old text back and add a new migration"
            .to_owned(),
    }
}
