//! # screening 智能审核
//!
//! Audit rules and the knowledge they rest on, as data: a [`Library`] is read from texts, told
//! what is wrong with it by file and line, and compiled once. Then it is asked of one person's
//! history (the doctor's desk, a single claim) or of columns of many (years of claims), by the
//! same logic; unknown facts never flag, they come out as *not checked*.
//!
//! Called by journeys (3101, 3102), the lake, the office server and `region` (which reads the
//! folder and runs the rules' cases). The format: `docs/design/screening.md`.
//! Never: I/O, a clock, randomness, a region's number or name.

mod cases;
mod codes;
mod columns;
mod compare;
mod compile;
mod day;
mod engine;
mod expr;
mod facts;
mod file;
mod finding;
mod header;
mod knowledge;
mod layout;
mod library;
mod options;
mod precision;
mod reconcile;
mod rule;
mod screen;
mod span;

pub use cases::CaseResult;
pub use columns::{Bits, Column, Columns, ColumnsError, Data, Sheet};
pub use compare::{Changed, Comparison, RuleChange, compare};
pub use finding::{Coverage, Evidence, Finding, FoundLine, ItemType, RowUsed, Screened, Skipped, Subject};
pub use header::{Behaviour, Class, Header, Level, National, Outcome, Relations, Scenario, Severity, Stage};
pub use knowledge::KnownCodes;
pub use library::{Library, Screener};
pub use options::Options;
pub use precision::{Demotion, Floors, Force, Outcomes, Precision, demotion};
pub use reconcile::{
    Aside, Behind, Claims, LineKey, Principal, Reconciled, Support, Supports, Suppression, VisitFacts, reconcile,
};
pub use screen::Tally;
