//! The room's own tables: every statement is a named constant in [`STATEMENTS`], so that
//! one test can prepare them all on both databases.

use db::{Migration, Sql};

/// The steps of the schema, in order; see `migrations/`.
pub const MIGRATIONS: &[Migration] = &[];

/// Every statement of this room.
pub const STATEMENTS: &[&Sql] = &[];
