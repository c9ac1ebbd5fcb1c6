//! # detection 疑点模型
//!
//! Scores behaviour that stands out from its peers: split, empty and check-up stays, people who
//! are always seen together, bills that are copies, drugs that were never bought. Each result is
//! a [`Suspicion`]: the parts of its score under their names with the facts behind them, who is
//! concerned, how much money by fund, and which visits to open. It is a lead for people, never a
//! finding and never a decision.
//!
//! Called by the command line, benches and journeys that open inquiries, with histories from the
//! register or from files. Never: I/O, a clock, randomness (seeds are parameters), a threshold in
//! code ([`Settings`] holds them), a score without its parts, a score from a missing fact.

// Scores are statistics, not money: peers, logarithms and densities have no exact form. Money
// stays whole 分 (`Stake`), and points are whole numbers, so that a score is the sum of its parts.
#![allow(clippy::float_arithmetic)]

mod book;
mod facts;
mod graph;
mod measure;
mod models;
mod numbers;
mod rank;
mod score;
mod settings;

pub use book::Book;
pub use facts::{Members, Stake, SubScore, Suspicion};
pub use measure::{FIRST, Figures, Known, MemberKind, SCHEMES, measure};
pub use models::{detect, model_names};
pub use rank::{Outcome, RankError, Ranker, Reason, features};
pub use settings::{COMMON, COMMON_LISTS, Parameters, Part, Settings, SettingsError};
