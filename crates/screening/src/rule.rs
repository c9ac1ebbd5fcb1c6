//! 中间形式: a rule as the evaluators see it.

use crate::codes::CodeSet;
use crate::expr::{Expr, Miss, Of, Set};
use crate::header::{Header, Level, Scenario, Severity, Stage};
use crate::knowledge::Row;
use crate::span::{Span, Window};
use std::sync::Arc;

/// Which codes select a record.
#[derive(Debug, Clone)]
pub(crate) enum Codes {
    /// Every record.
    All,
    /// The codes in a column of the rows.
    Rows(u16),
    /// These, whatever the rows.
    These(Arc<CodeSet>),
}

/// Selects records.
#[derive(Debug, Clone)]
pub(crate) struct Selector {
    pub of: Of,
    pub codes: Codes,
    pub when: Option<Expr>,
}

/// A window, perhaps from the row.
#[derive(Debug, Clone, Copy)]
pub(crate) enum WindowKey {
    Const(Window),
    Row(u16, Miss),
}

/// A length of time, perhaps from the row.
#[derive(Debug, Clone, Copy)]
pub(crate) enum SpanKey {
    Const(Span),
    Row(u16, Miss),
}

/// A bound of an attribute.
#[derive(Debug, Clone)]
pub(crate) enum Bound {
    Number(Expr),
    /// Of an age.
    Span(Span),
    /// Of an age, from the row (a number there is years), else this.
    Row(u16, Option<Span>),
}

#[derive(Debug, Clone)]
pub(crate) enum Attribute {
    Age(Miss),
    Of(Expr),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Flagged {
    First,
    Second,
    Cheaper,
    Both,
}

/// What separates one count from another within a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Per {
    Row,
    Code,
    All,
    Column(u16),
}

#[derive(Debug, Clone)]
pub(crate) enum Measure {
    /// A quantity a record.
    Of(Expr),
    /// Records.
    Count,
    /// Different codes.
    Distinct,
    /// In-scope yuan.
    Money,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SameDiagnosis {
    None,
    Category,
    Code,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum How {
    Night,
    Overlap,
    Repeat,
}

/// A check with its own words.
#[derive(Debug, Clone)]
pub(crate) struct Check {
    pub violates: Expr,
    pub says: Arc<str>,
}

/// How records are gathered into windows.
#[derive(Debug, Clone)]
pub(crate) struct Gather {
    pub window: WindowKey,
    pub per: Per,
    /// Fields that must be equal within a window.
    pub same: Vec<Expr>,
}

/// The shapes.
#[derive(Debug, Clone)]
pub(crate) enum Shape {
    InSet {
        outside: bool,
    },
    Attribute {
        attribute: Attribute,
        allowed: Option<Set>,
        forbidden: Option<Set>,
        min: Option<Bound>,
        max: Option<Bound>,
    },
    Diagnoses {
        needs: bool,
        set: Set,
        main: bool,
        lookback: Option<SpanKey>,
    },
    Pair {
        second: Option<Selector>,
        group: Option<u16>,
        window: WindowKey,
        flagged: Flagged,
        tolerance: i64,
        from: Option<SpanKey>,
        to: Option<SpanKey>,
        same: Vec<Expr>,
    },
    Complete {
        members: u16,
        price: Option<Expr>,
        gather: Gather,
    },
    Quantity {
        gather: Gather,
        max: Expr,
        measure: Measure,
        hours: Option<Hours>,
        merge_minutes: i64,
        merge_same: Vec<Expr>,
    },
    Days {
        gather: Gather,
        max: Expr,
    },
    Interval {
        gather: Gather,
        min: SpanKey,
    },
    Companion {
        needs: Selector,
        gather: Gather,
        lookback: Option<SpanKey>,
        instead: Option<Expr>,
        absent: bool,
    },
    Price {
        max: Expr,
    },
    Discount {
        gather: Gather,
        rate: Expr,
        full: Expr,
    },
    StayGap {
        max_days: Expr,
        diagnosis: SameDiagnosis,
        same: Vec<Expr>,
    },
    Check {
        checks: Vec<Check>,
        excess: Option<Expr>,
    },
    Collision {
        key: Vec<(u8, Miss)>,
        how: How,
        max: i128,
    },
    Balance {
        window: WindowKey,
        tolerance: Tolerance,
        factor: Option<Expr>,
    },
    Peer {
        numerator: Expr,
        denominator: Expr,
        peers: Vec<Expr>,
        tail: Tail,
        min_peers: usize,
        min_base: i128,
    },
}

/// Whether a quantity is also bounded by the hours of the stay.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Hours {
    Always,
    /// Where the row says so.
    Row(u16),
}

/// 容差.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Tolerance {
    Quantity(i128),
    /// Share of what is explained, times 10^10.
    Share(i128),
}

/// Beyond which percentile (0–100).
#[derive(Debug, Clone, Copy)]
pub(crate) enum Tail {
    Above(u32),
    Below(u32),
}

impl Shape {
    /// Names it gives to messages, tiers, amounts and excuses.
    pub fn gives(kind: &str) -> &'static [&'static str] {
        match kind {
            "set_complete" => &["total", "limit"],
            "qty_per_window" => &["quantity", "limit", "excess"],
            "days_per_window" => &["days", "limit"],
            "min_interval" | "stay_gap" => &["gap"],
            "price_cap" => &["limit", "excess"],
            "discount" => &["limit"],
            "collision" => &["count"],
            "balance" => &["sold", "explained", "excess"],
            "peer_stat" => &["ratio", "limit", "peers"],
            _ => &[],
        }
    }

    /// Whether it needs more than one person's history.
    pub fn population(&self) -> bool {
        matches!(self, Shape::Collision { .. } | Shape::Balance { .. } | Shape::Peer { .. })
    }
}

/// What a line's money is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AmountOf {
    InScope,
    Fee,
    Nothing,
}

/// A piece of a message.
#[derive(Debug, Clone)]
pub(crate) enum Piece {
    Text(String),
    Expr(Expr),
    /// A cell as it stands in the table.
    Raw(u16),
    Says,
}

/// A compiled rule.
#[derive(Debug)]
pub(crate) struct Rule {
    pub header: Arc<Header>,
    pub id: Arc<str>,
    pub version: Arc<str>,
    pub name: Arc<str>,
    pub from: i32,
    pub to: i32,
    pub stages: Vec<Stage>,
    pub scenarios: Vec<Scenario>,
    pub levels: Vec<Level>,
    pub types: Option<CodeSet>,
    pub insurance: Option<CodeSet>,
    pub keep_self_paid: bool,
    pub amount_of: AmountOf,
    pub at_admission: bool,
    pub when: Option<Expr>,
    pub unless: Option<Expr>,
    pub amount: Option<Expr>,
    pub tiers: Vec<(Option<Expr>, Severity)>,
    pub table: Arc<str>,
    pub has_rows: bool,
    pub rows: Vec<Row>,
    pub matches: Vec<(u16, Expr)>,
    pub first: Selector,
    pub shape: Shape,
    pub doctor: Vec<Piece>,
    pub auditor: Vec<Piece>,
    pub evidence: Vec<(Arc<str>, Piece)>,
    pub policy_year: (i64, i64),
}

impl Rule {
    /// What kind of record is flagged.
    pub fn flagged(&self) -> Of {
        match &self.shape {
            Shape::Pair { second: Some(second), flagged, .. } if *flagged != Flagged::First => second.of,
            _ => self.first.of,
        }
    }
}
