//! # payment 支付
//!
//! What the fund owes a hospital for a grouped case, a month and a year. A **plan**
//! (支付方案) is one TOML file of a region with its tables beside it: which scheme and
//! version it prices, pools, dated and cited parameters, the deviation bands (倍率),
//! the ladder of the year end, and the formulas that join them. This crate knows the
//! shapes only; every number and formula is in the files.
//!
//! - [`PaymentFile::parse`] reads a plan from text and names each slip by file and line.
//! - [`PaymentFile::price`] prices one [`Case`] and explains each step ([`Priced`]).
//! - [`PaymentFile::month`] sums priced cases to prepayment, deposit and what is held back;
//!   [`PaymentFile::year_end`] finds the final point value, retained surplus and shared overspend,
//!   pool by pool, to the fen.
//! - [`History`] works out weights, scores and factors from past cases;
//!   [`Indicators`] tells CMI, cost and time index, low-risk deaths and grouping rate.
//!
//! A region's folder: `regions/<code>/payment/<plan>.toml`, and the tables that it
//! names, beside it. 999900 has `drg.toml` with `drg-weights.csv` (scheme
//! `hengzhou-drg` 2026), and `dip.toml` with `dip-scores.csv` and
//! `dip-auxiliary.csv` (scheme `hengzhou-dip` 2026).
//!
//! Called by `journeys`, `schemes`, `region` and the hospital's commands. Never: files,
//! a clock, a grouping rule, a region's number, floating point.

mod case_facts;
mod compile;
mod eval;
mod example;
mod expr;
mod facts;
mod format;
mod history;
mod indicators;
mod month;
mod number;
mod plan;
mod price;
mod priced;
mod refusal;
mod resolve;
mod share;
mod source;
mod vary;
mod weights;
mod year;

pub use facts::{Case, Decision, Grouped};
pub use history::{
    AuxiliaryMeasure, AuxiliaryTrigger, Calculation, Deviation, GrassrootsTrigger, GroupMeasure, History, HistoryError,
    InstitutionMeasure, Measured, PastCase,
};
pub use indicators::{Figures, Indicators, Stay};
pub use month::{MonthStatement, Standing};
pub use number::{Fraction, Mode};
pub use plan::{Basis, DatedBy, Method, PaymentFile, Pool};
pub use policy::{Problem, Problems, Severity};
pub use priced::{Operand, Priced, Shown, Step};
pub use refusal::Refusal;
pub use share::by_largest_remainder;
pub use vary::{Variable, VariationError};
pub use weights::{Auxiliary, AuxiliaryRow, GroupRow, Weights};
pub use year::{Estimate, InstitutionYear, PoolYear, YearCase};
