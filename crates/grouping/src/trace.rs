//! 分组过程. Why a case landed where it did, as data. Its text for people is in `render`.

use serde::{Serialize, Serializer};
use terms::{Fen, Quantity};

use crate::answer::{Answer, Status};
use crate::condition::{CodeList, Measure};
use crate::scheme::Outcome;

/// An answer with its reasons.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explained {
    /// The answer; always the same as [`crate::Grouper::group`] gives.
    pub answer: Answer,
    /// How it came about.
    pub trace: Trace,
}

/// 分组过程. What was looked at, in order. Its `Display` is a Chinese text for people; as data it is
/// serialized with amounts in 分 and other numbers as decimal texts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Trace {
    /// The case's name.
    pub case: String,
    /// The scheme's title and version.
    pub scheme: String,
    /// Steps.
    pub steps: Vec<Step>,
}

/// One step of a trace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// 必填: something that the scheme needs is missing or refused.
    Required {
        /// The fields.
        fields: Vec<String>,
        /// Why they matter.
        says: String,
        /// What it leads to.
        outcome: Outcome,
    },
    /// 不参与分组的手术操作: a procedure was dropped.
    Dropped {
        /// The procedure.
        code: String,
    },
    /// 组合操作: several procedures together count as one more.
    Combined {
        /// The combination's own code.
        code: String,
        /// The procedures of the case that belong to it.
        members: Vec<String>,
    },
    /// 不得作为主要诊断.
    NotPrincipal {
        /// The principal diagnosis.
        code: String,
    },
    /// 并发症: another diagnosis is in the severity tables.
    Complication {
        /// The diagnosis.
        code: String,
        /// Its class.
        class: String,
        /// Whether it counts.
        standing: Standing,
    },
    /// 重新分组: a second try with one procedure alone.
    Retried {
        /// The procedure.
        code: String,
    },
    /// A node was asked.
    Asked {
        /// Which.
        place: Place,
        /// Its rule.
        rule: String,
        /// Whether the case may enter.
        held: bool,
        /// What decided it.
        findings: Vec<Finding>,
    },
    /// 手术病例不入内科组: a medical group was passed over.
    PassedOver {
        /// Which.
        place: Place,
    },
    /// 择优: several siblings held and were compared, the best one first.
    Compared {
        /// The siblings.
        rivals: Vec<Compared>,
    },
    /// Nothing below it led to an answer.
    CameBack {
        /// Which.
        place: Place,
    },
    /// 辅助目录: a row was asked, once the group was known.
    Auxiliary {
        /// Which: its level is 辅助目录, its code the row's id; it stands below the deepest group.
        place: Place,
        /// Its rule.
        rule: String,
        /// Whether the case meets it.
        held: bool,
        /// What decided it.
        findings: Vec<Finding>,
    },
    /// 结果.
    Ended {
        /// Status.
        status: Status,
        /// Codes from the first level down, the final group last.
        codes: Vec<String>,
        /// The final group's name.
        name: String,
        /// 辅助目录: ids of the rows that the case meets.
        auxiliary: Vec<String>,
    },
}

/// A node of the tree in a trace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Place {
    /// How deep it stands; the first level is 0.
    pub depth: usize,
    /// Its level's name.
    pub level: String,
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
}

/// A sibling among those compared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Compared {
    /// Which.
    pub place: Place,
    /// All-of parts of its procedure cells.
    pub parts: u32,
    /// How many of the case's procedures they name.
    pub procedures: u32,
    /// How far its mean fee is from the case's fee; `None` when either is unknown.
    pub distance: Option<Fen>,
}

/// Whether a complication counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// It counts.
    Counts,
    /// 被主要诊断排除.
    Excluded {
        /// The principal diagnosis.
        principal: String,
        /// The exclusion table that both belong to.
        table: String,
    },
    /// It would only count under a condition that does not hold.
    NotUnderThisCondition {
        /// The condition.
        rule: String,
    },
}

/// A part of a rule that decided it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The part.
    pub rule: String,
    /// Whether it held.
    pub held: bool,
    /// The facts that made it so.
    pub fact: Fact,
}

/// A fact of the case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Fact {
    /// The rule holds, or does not, for every case.
    Fixed,
    /// Codes of the case that are in the sets; empty when none is.
    Codes {
        /// Where they were looked for.
        lists: Vec<CodeList>,
        /// What was entered there.
        entered: Vec<String>,
        /// The sets.
        sets: Vec<String>,
        /// Those that are in the sets.
        within: Vec<String>,
    },
    /// 手术组合: the parts of a procedure cell.
    Procedures {
        /// What was entered.
        entered: Vec<String>,
        /// Parts that some procedure meets.
        met: Vec<String>,
        /// Parts that none meets.
        missing: Vec<String>,
    },
    /// Severity classes: the diagnoses that count for them.
    Severity {
        /// The classes asked for.
        classes: Vec<String>,
        /// The diagnoses.
        codes: Vec<String>,
    },
    /// What a count came to.
    Counted {
        /// What was counted.
        measure: Measure,
        /// It came to this.
        value: u32,
    },
    /// A number.
    Number {
        /// The field.
        field: String,
        /// Its value, if known.
        #[serde(serialize_with = "as_text")]
        value: Option<Quantity>,
    },
    /// A coded field.
    Code {
        /// The field.
        field: String,
        /// Its value, if known.
        value: Option<String>,
    },
}

/// 换主诊: the answer if another diagnosis were the principal one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WhatIf {
    /// Index of the diagnosis in the case.
    pub diagnosis: usize,
    /// The answer.
    pub answer: Answer,
}

/// A number as its decimal text, not as an integer of its smallest unit.
fn as_text<S: Serializer>(value: &Option<Quantity>, serializer: S) -> Result<S::Ok, S::Error> {
    value.map(|value| value.to_string()).serialize(serializer)
}
