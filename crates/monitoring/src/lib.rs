//! # monitoring 智能监管登记
//!
//! What supervision remembers: the versions of the rule library and which is in force, runs,
//! findings, reminders (3101, 3102) with what doctors answered (3103), whom a rule leaves alone,
//! how often each rule was right, and every change of a rule's force.
//!
//! Called by `journeys` (reminding, feedback, back-tests, putting a library in force; a case's
//! outcome comes in through [`tell_outcome`]). Never: screens, reconciles or decides a demotion
//! (`screening` does, and the journeys hand the result in); reads another register. A library, a
//! placing, an answer and a change of force are never changed; a finding and a reminder keep the
//! last time they were seen.

mod facts;
mod operations;
mod queries;
mod rows;
mod store;

pub use facts::*;
pub use operations::*;
pub use queries::*;
pub use store::{MIGRATIONS, STATEMENTS};
