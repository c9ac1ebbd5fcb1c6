//! # inquiry 稽核
//!
//! What audit cases are about: clues (from a screening finding, a suspicion, a tip-off or by
//! hand), the lines in dispute with their money (each line in one case at a time), opinions,
//! appeals, decisions, recoveries and their undoing, fines, samples with their estimate, and
//! the credit of institutions and practitioners from confirmed events only. How a case moves
//! is `casework`'s; this room knows what stands behind it.
//!
//! Called by `journeys`, which joins it with claims, ledger, clearing and evidence. Never:
//! moves money, takes a step, reads another register; no number of the law stands here (the
//! ranges of fines and the points of the score-card are [`Law`], the region's data).

mod facts;
mod law;
mod operations;
mod queries;
mod refusal;
mod rows;
mod store;

pub mod rules;

pub use facts::*;
pub use law::{Amount, EventRule, Grade, Law, Penalty, Range, SamplingRule, ScoreCard};
pub use operations::*;
pub use queries::*;
pub use refusal::Refusal;
pub use store::{MIGRATIONS, STATEMENTS};
