//! 表达式: `policy`'s formulas over facts that may be unknown. Read by `resolve`, evaluated by the
//! kernel; every name is checked before a formula is ever evaluated.

mod resolve;

pub(crate) use resolve::{Mistake, Resolver, Type, place_of, whole};

use crate::codes::{CodeSet, Sym};
use crate::span::Span;
use std::sync::Arc;

/// What a record is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Of {
    Line,
    Diagnosis,
    Procedure,
    Visit,
    Person,
}

impl Of {
    pub fn read(word: &str) -> Option<Of> {
        Some(match word {
            "line" | "费用明细" => Of::Line,
            "diagnosis" | "诊断" => Of::Diagnosis,
            "procedure" | "手术" => Of::Procedure,
            "visit" | "就诊" => Of::Visit,
            "person" | "人员" => Of::Person,
            _ => return None,
        })
    }

    pub fn table(self) -> encounter::Table {
        match self {
            Of::Line => encounter::Table::Line,
            Of::Diagnosis => encounter::Table::Diagnosis,
            Of::Procedure => encounter::Table::Procedure,
            Of::Visit => encounter::Table::Encounter,
            Of::Person => encounter::Table::Person,
        }
    }

    /// Which sheet, and which dispatch.
    pub fn place(self) -> usize {
        match self {
            Of::Line => 0,
            Of::Diagnosis => 1,
            Of::Procedure => 2,
            Of::Visit => 3,
            Of::Person => 4,
        }
    }
}

/// Number of a missing fact's name.
pub(crate) type Miss = u16;

/// A value. Numbers are times 10^10, money is yuan.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum V {
    /// The fact that is missing.
    Unknown(Miss),
    Flag(bool),
    Num(i128),
    Sym(Sym),
    Day(i32),
    Time(i64),
}

/// One, times 10^10.
pub(crate) const ONE: i128 = 10_000_000_000;
/// Larger numbers than this are mistakes, and unknown to every rule.
pub(crate) const LARGEST: i128 = ONE * 1_000_000_000_000_000;

/// Yes, no, or not known for want of a fact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tri {
    True,
    False,
    Unknown(Miss),
}

impl Tri {
    pub fn and(self, other: impl FnOnce() -> Tri) -> Tri {
        match self {
            Tri::False => Tri::False,
            Tri::True => other(),
            Tri::Unknown(miss) => {
                if other() == Tri::False {
                    Tri::False
                } else {
                    Tri::Unknown(miss)
                }
            }
        }
    }

    pub fn or(self, other: impl FnOnce() -> Tri) -> Tri {
        self.not().and(|| other().not()).not()
    }

    pub fn not(self) -> Tri {
        match self {
            Tri::True => Tri::False,
            Tri::False => Tri::True,
            unknown @ Tri::Unknown(_) => unknown,
        }
    }
}

impl From<bool> for Tri {
    fn from(yes: bool) -> Tri {
        if yes { Tri::True } else { Tri::False }
    }
}

/// Codes given in a formula or a parameter.
#[derive(Debug, Clone)]
pub(crate) enum Set {
    Const(Arc<CodeSet>),
    /// A column of the row.
    Row(u16, Miss),
    /// The codes of a knowledge table that are valid that day.
    Table(u16),
}

/// What is worked out from several fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Derived {
    Kind,
    Age,
    AgeDays,
    Level,
    StayDays,
    InScope,
    Day,
    Rank,
    DoctorListed,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Op {
    And,
    Or,
    Equal,
    Unequal,
    Less,
    AtMost,
    More,
    AtLeast,
    Add,
    Subtract,
    Multiply,
    Divide,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Call {
    Min,
    Max,
    Round,
    Floor,
    Abs,
    Coalesce,
    Missing,
    DayOf,
    DaysBetween,
    HoursBetween,
    Month,
    Year,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Among {
    AnyDiag,
    MainDiag,
    AnyProc,
    AnyItem,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Over {
    CountLines,
    SumLines,
    AnyLine,
    CountProcs,
    Visits,
    VisitsBefore(Span),
}

/// A formula, its names resolved.
#[derive(Debug, Clone)]
pub(crate) enum Expr {
    Const(V),
    /// A field of the record or of what it stands in.
    Field(Of, u8, Miss),
    /// A field of the institution of the visit.
    Institution(u8, Miss),
    /// A field of the doctor's registration on the record's day.
    Doctor(u8, Miss),
    /// A column of the row of knowledge.
    Row(u16, Miss),
    Derived(Derived, Miss),
    /// What the shape gives.
    Given(u8, Miss),
    /// A name of the second record.
    Other(Box<Expr>),
    Not(Box<Expr>),
    Minus(Box<Expr>),
    Binary(Op, Box<Expr>, Box<Expr>),
    In(Box<Expr>, Vec<Expr>),
    If(Box<Expr>, Box<Expr>, Box<Expr>),
    Call(Call, Vec<Expr>),
    StartsWith(Box<Expr>, Box<str>),
    /// Texts joined by `/`, for tables whose codes are so.
    Join(Vec<Expr>),
    Listed(Box<Expr>, Vec<Set>),
    Lookup {
        code: Box<Expr>,
        table: u16,
        column: u16,
        miss: Miss,
    },
    /// Whether a list of texts (a field) holds a code.
    Has {
        of: Of,
        field: u8,
        code: Box<Expr>,
        miss: Miss,
    },
    Among(Among, Vec<Set>, Miss),
    Over(Over, Option<Box<Expr>>, Box<Expr>, Miss),
}

impl Expr {
    pub fn truth(yes: bool) -> Expr {
        Expr::Const(V::Flag(yes))
    }

    /// Each field and row column the formula reads by itself (not inside a sum over others), for
    /// the evidence of a finding.
    pub fn leaves<'e>(&'e self, see: &mut impl FnMut(&'e Expr)) {
        match self {
            Expr::Field(..) | Expr::Institution(..) | Expr::Doctor(..) | Expr::Row(..) | Expr::Derived(..) => see(self),
            Expr::Const(_) | Expr::Given(..) | Expr::Among(..) | Expr::Over(..) => {}
            Expr::Other(_) => see(self),
            Expr::Not(a) | Expr::Minus(a) | Expr::StartsWith(a, _) | Expr::Listed(a, _) => a.leaves(see),
            Expr::Lookup { code, .. } | Expr::Has { code, .. } => code.leaves(see),
            Expr::Binary(_, a, b) => {
                a.leaves(see);
                b.leaves(see);
            }
            Expr::In(a, list) => {
                a.leaves(see);
                list.iter().for_each(|item| item.leaves(see));
            }
            Expr::If(a, b, c) => [a, b, c].into_iter().for_each(|part| part.leaves(see)),
            Expr::Call(_, list) | Expr::Join(list) => list.iter().for_each(|item| item.leaves(see)),
        }
    }
}
