//! 质控: quality control of a list before grouping. Each rule is a file with its own cases;
//! a region adds, replaces or switches off rules by files of its own.
//!
//! A rule says what must hold, in a small language without loops that always ends
//! (`docs/guides/quality-control.md`). What a list or its source does not say is *unknown*,
//! and unknown never flags: it is reported as not checked, with what was missing.

mod book;
mod check;
mod evaluate;
mod lexer;
mod parser;
mod rule;

pub use book::{BookError, RuleBook, RuleFile};
pub use check::{Finding, Report, Tally, Unchecked};
pub use evaluate::{Knowledge, Missing};
pub use rule::{Case, Expect, Rule};

use serde::{Deserialize, Serialize};
use std::fmt;

/// 严重程度. What a finding means for the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// 错误: the list should not be declared as it is.
    Error,
    /// 提示: somebody should look.
    Warning,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Severity::Error => "错误",
            Severity::Warning => "提示",
        })
    }
}
