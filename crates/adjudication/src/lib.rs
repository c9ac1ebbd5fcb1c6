//! # adjudication 待遇计算
//!
//! The one evaluator: the same code decides at the doctor's desk, at settlement and over
//! ten years of history. Given a compiled law and plain facts it accepts or refuses,
//! splits lines, settles and reverses, and says why each fen.
//!
//! Called by `journeys`, `region` (examples), `conform` and the command line. Never:
//! storage, a clock, randomness, a region's number.

mod decide;
mod env;
pub mod explain;
pub mod facts;
mod find;
mod functions;
mod layer;
mod lines;
mod refuse;
pub mod replay;
mod settle;
pub mod simulate;
pub mod trace;
mod value;

pub use decide::{cancel_filing, discharge, file, open_visit};
pub use lines::{cancel_lines, charge};
pub use settle::{reverse, settle};

use facts::Refusal;

/// What is wrong with the policy itself, found while it was evaluated.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the policy cannot decide this: {0}")]
pub struct PolicyError(Box<str>);

impl PolicyError {
    pub(crate) fn new(message: impl Into<String>) -> PolicyError {
        PolicyError(message.into().into_boxed_str())
    }
}

/// Why a decision did not accept.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Stop {
    /// 拒绝: the law's answer is no.
    #[error("[{}] {}", .0.code, .0.message)]
    Refused(Refusal),
    /// The policy files do not cover the case.
    #[error(transparent)]
    Broken(#[from] PolicyError),
}

impl From<Refusal> for Stop {
    fn from(refusal: Refusal) -> Stop {
        Stop::Refused(refusal)
    }
}
