//! # enrolment 参保登记
//!
//! Who is insured, and how they stand: persons and their certificates, employers,
//! families, coverage by scheme, monthly contributions, aid identities, filings, the
//! balance of the personal account, and who may use whose account.
//!
//! Called by `journeys` and by the bring-in of opening data. Never: decides whether a
//! standing entitles anybody to anything (that is the law's), or knows another room.
//!
//! Sequence numbers count from 1 within a person and are the order of registration;
//! writers hold the person's lock.

mod facts;
mod operations;
mod search;
mod store;

pub use facts::*;
pub use operations::*;
pub use search::{Found, PersonsAsked, coverage_of_many, found, persons, persons_count};
pub use store::{MIGRATIONS, STATEMENTS};
