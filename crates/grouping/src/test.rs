//! Compiled conditions. Their shape is that of [`crate::Condition`], node by node, so that an
//! explanation can walk both together.

use crate::condition::{CodeList, Comparison, Measure};

/// A compiled condition.
#[derive(Debug, Clone)]
pub(crate) enum Test {
    Always(bool),
    All(Box<[Test]>),
    Any(Box<[Test]>),
    Not(Box<Test>),
    In {
        lists: Lists,
        sets: Box<[Resolved]>,
    },
    InExcept {
        lists: Lists,
        sets: Box<[Resolved]>,
        except: Box<[u32]>,
    },
    Measured {
        measure: Measure,
        set: Option<u32>,
        lists: Lists,
        comparison: Comparison,
        value: u32,
    },
    Compare {
        slot: u8,
        comparison: Comparison,
        value: i64,
    },
    Is {
        field: CodeSlot,
        values: Box<[Box<str>]>,
    },
    KnownNumber(u8),
    KnownCode(CodeSlot),
    /// Set numbers, one a part.
    Procedures(Box<[u32]>),
}

/// A set or a severity class.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Resolved {
    Set(u32),
    Severity(u8),
}

/// Which code lists are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Lists {
    pub(crate) procedures: bool,
    /// The first of the kind.
    pub(crate) first: bool,
    /// All but the first.
    pub(crate) others: bool,
}

impl Lists {
    pub(crate) fn of(lists: &[CodeList]) -> Lists {
        let has = |list| lists.contains(&list);
        Lists {
            procedures: lists.iter().any(|list| list.is_procedures()),
            first: has(CodeList::PrincipalDiagnosis) || has(CodeList::MainProcedure),
            others: has(CodeList::OtherDiagnoses) || has(CodeList::OtherProcedures),
        }
    }
}

/// A coded field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum CodeSlot {
    LeavingType,
    Department,
    Other(Box<str>),
}

/// Slots of the numbers every case has; a scheme's own follow.
pub(crate) mod slot {
    pub(crate) const AGE: u8 = 0;
    pub(crate) const SEX: u8 = 1;
    pub(crate) const AGE_DAYS: u8 = 2;
    pub(crate) const WEIGHT: u8 = 3;
    pub(crate) const DAYS: u8 = 4;
    pub(crate) const ICU_HOURS: u8 = 5;
    pub(crate) const FEE: u8 = 6;
    pub(crate) const OTHERS: u8 = 7;
}

impl Comparison {
    pub(crate) fn holds<T: Ord>(self, left: T, right: T) -> bool {
        match self {
            Comparison::Less => left < right,
            Comparison::LessOrEqual => left <= right,
            Comparison::Equal => left == right,
            Comparison::NotEqual => left != right,
            Comparison::GreaterOrEqual => left >= right,
            Comparison::Greater => left > right,
        }
    }
}
