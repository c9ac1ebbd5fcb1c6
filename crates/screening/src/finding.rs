//! 疑点: what a rule found, with all it rests on, and what could not be checked.

use crate::header::{Behaviour, Outcome, Severity};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;
use terms::Fen;

/// 疑点对象: of whom or what.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// 人员 (`psn_no`).
    Person(String),
    /// 机构 and the window it is about, such as `2026-03`.
    Institution(String, String),
    /// A bed, a doctor, a trace code: the key's values joined by `|`.
    Thing(String),
}

/// `vola_item_type`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ItemType {
    /// 1 违规项.
    Violating,
    /// 2 涉及项.
    Involved,
}

impl ItemType {
    /// `vola_item_type`.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            ItemType::Violating => "1",
            ItemType::Involved => "2",
        }
    }
}

/// 疑点明细: a fee line in a finding.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct FoundLine {
    /// 就诊ID; blank if the line does not say.
    pub mdtrt_id: String,
    /// 费用明细流水号; blank if the line does not say.
    pub feedetl_sn: String,
    /// 目录编码.
    pub med_list_codg: String,
    /// 违规项 or 涉及项.
    pub item: ItemType,
    /// 违规金额 of this line; zero of a 涉及项.
    pub amount: Fen,
}

/// 证据: a fact the finding rests on.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Evidence {
    /// The field's national name, `row.…`, or a name the shape gives (`quantity`, `limit` …).
    pub fact: String,
    /// Its value, as a file would hold it.
    pub value: String,
}

/// 知识依据: the row of knowledge a finding rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowUsed {
    /// 知识表.
    pub table: String,
    /// Line in the table's file, the heading is 1.
    pub line: u32,
    /// Its `name` or `note` cell.
    pub note: String,
}

/// 疑点.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// Hash of rule, version, subject and sorted lines (visits where there are no lines): re-runs
    /// find the same.
    pub key: String,
    /// 规则标识.
    pub rule: Arc<str>,
    /// 规则版本.
    pub version: Arc<str>,
    /// 规则名称.
    pub name: Arc<str>,
    /// 结果类型.
    pub result: Outcome,
    /// 严重程度.
    pub severity: Severity,
    /// 行为类型.
    pub behaviour: Behaviour,
    /// Of whom or what.
    pub subject: Subject,
    /// 人员 concerned (several only where rules look across persons), sorted.
    pub persons: Vec<String>,
    /// 就诊ID, sorted.
    pub encounters: Vec<String>,
    /// Fee lines, sorted.
    pub lines: Vec<FoundLine>,
    /// 违规金额: the sum over the lines.
    pub amount: Fen,
    /// The knowledge used.
    pub row: Option<RowUsed>,
    /// What it rests on.
    pub evidence: Vec<Evidence>,
    /// 提示医师, filled in.
    pub doctor: String,
    /// 提示审核员, filled in.
    pub auditor: String,
}

/// Why a rule did not run at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Skipped {
    /// Not for this stage.
    Stage,
    /// Needs more than one person's history.
    NeedsPopulation,
    /// Its knowledge table is not there or has no usable row.
    NoKnowledge,
    /// The caller left it out.
    LeftOut,
    /// The time allowed was over before its turn came.
    OutOfTime,
}

/// 覆盖情况 of one rule: run or skipped, and what could not be checked.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Coverage {
    /// Set when it did not run.
    pub skipped: Option<Skipped>,
    /// Records (lines, visits, windows) that it looked at and could decide.
    pub checked: u64,
    /// Records not checked, by the first missing fact (`gend`, `row.max`, `history` …).
    pub not_checked: BTreeMap<Arc<str>, u64>,
    /// 就诊ID of the first few records not checked, sorted.
    pub examples: Vec<String>,
}

/// What screening found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Screened {
    /// Sorted by rule, subject, key.
    pub findings: Vec<Finding>,
    /// A rule's version each, in the library's order (`Library::headers`).
    pub coverage: Vec<Coverage>,
}

/// How many examples of records not checked a rule keeps.
const EXAMPLES_MAX: usize = 3;

impl Coverage {
    /// Notes a record that could not be checked.
    pub(crate) fn missed(&mut self, fact: &Arc<str>, encounter: &str) {
        match self.not_checked.get_mut(fact) {
            Some(times) => *times += 1,
            None => {
                self.not_checked.insert(fact.clone(), 1);
            }
        }
        self.example(encounter);
    }

    fn example(&mut self, encounter: &str) {
        if let Err(place) = self.examples.binary_search_by(|known| known.as_str().cmp(encounter))
            && place < EXAMPLES_MAX
        {
            self.examples.insert(place, encounter.to_owned());
            self.examples.truncate(EXAMPLES_MAX);
        }
    }
}

impl Screened {
    /// Joins what another part of the same run found.
    pub fn merge(&mut self, other: Screened) {
        self.findings.extend(other.findings);
        if self.coverage.is_empty() {
            self.coverage = other.coverage;
            return;
        }
        for (mine, theirs) in self.coverage.iter_mut().zip(other.coverage) {
            if theirs.skipped.is_none() {
                mine.skipped = None;
            }
            mine.checked += theirs.checked;
            for (fact, times) in theirs.not_checked {
                *mine.not_checked.entry(fact).or_default() += times;
            }
            for encounter in &theirs.examples {
                mine.example(encounter);
            }
        }
    }

    /// Puts findings into their order: rule, subject, key.
    pub fn sort(&mut self) {
        self.findings
            .sort_by(|a, b| (&a.rule, &a.version, &a.subject, &a.key).cmp(&(&b.rule, &b.version, &b.subject, &b.key)));
    }
}
