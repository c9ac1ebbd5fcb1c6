//! # claim 就诊与结算
//!
//! What happened between a person and an institution: sign-ins, visits (first a shell,
//! then begun), diagnoses, fee lines with their split, settlements with everything they
//! decided, reversals (records of their own, with negative amounts), and the totals that
//! have accumulated.
//!
//! Called by `journeys`; the reconciliation and the queries of institutions read it.
//! Never: decides. A settlement's decision is kept letter by letter as it was made, and no
//! settlement is ever changed: whether one is reversed is told by the reversal's record.
//!
//! Sequence numbers are the order within a person; writers hold the person's lock.

mod facts;
mod operations;
mod queries;
mod rows;
mod search;
mod store;

pub use facts::*;
pub use operations::*;
pub use queries::*;
pub use search::{FiledDocument, ListedVisit, VisitsAsked, documents_of, visit, visits, visits_count};
pub use store::{MIGRATIONS, STATEMENTS};
