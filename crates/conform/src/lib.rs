//! # conform 符合性
//!
//! The open conformance suites: documented cases are replayed through the evaluator, or over
//! the national interface of a centre, and every answer is compared in full. Anyone can run
//! them against any implementation that answers the interface. Cases with the groups that
//! another implementation gave them are replayed through the grouper.
//!
//! Called by the binary (`heng conform`) and by tests. Never: a rule, a register; the world
//! that a case needs behind the interface is set up by the caller ([`World`]).

mod cases;
mod grouping;
mod library;
mod report;
mod wire;

pub use cases::{CaseError, cases};
pub use grouping::{Difference, Expected, GroupingCaseError, GroupingReport, through_grouper};
pub use library::through_library;
pub use report::{Failure, Report};
pub use wire::{World, WorldError, over_http};
