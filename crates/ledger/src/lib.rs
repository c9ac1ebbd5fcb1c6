//! # ledger 总账
//!
//! Double entry: every deed that moves money posts one [`Transfer`] whose entries sum to
//! zero, so the sum over all accounts is zero after every deed. Fund pools and institutions
//! have entries only, and their balances are folded when somebody asks: no row is hot.
//!
//! Called by `journeys` and, for sums, by clearing and reports. Never: decides who pays
//! (that is the law's), which fund code is a pool (that is the caller's), or what a person
//! may spend (the balance of a personal account is a row of `enrolment`, and equals the
//! fold of its entries here: two books that must agree).

mod facts;
mod operations;
mod store;

pub use facts::{Account, LedgerError, Movement, State, Transfer};
pub use operations::*;
pub use store::{MIGRATIONS, STATEMENTS};
