//! 质控结果: what the rules say of one list, and counts over many.

use super::evaluate::{Knowledge, Missing};
use super::{RuleBook, Severity};
use crate::facts::SettlementList;
use crate::field::Place;
use serde::Serialize;
use std::collections::BTreeMap;

fn path<S: serde::Serializer>(place: &Place, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(place)
}

/// 质控问题. One finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// 规则编号.
    pub rule: String,
    /// 严重程度.
    pub severity: Severity,
    /// The field it points at.
    #[serde(serialize_with = "path")]
    pub field: Place,
    /// Its row counted from 1, where there are rows.
    pub row: Option<usize>,
    /// What stands there, if anything.
    pub value: Option<String>,
    /// For people, Chinese.
    pub message: String,
    /// For people, English.
    pub english: String,
}

/// 未检查. A rule that could say neither yes nor no, and what it would have needed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Unchecked {
    /// 规则编号.
    pub rule: String,
    /// Fields, rows or tables that are missing.
    pub missing: Vec<Missing>,
}

/// 质控报告 of one list.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// In the order of the rules' ids, then of rows.
    pub findings: Vec<Finding>,
    /// In the order of the rules' ids.
    pub unchecked: Vec<Unchecked>,
}

impl Report {
    /// Whether nothing is an error; warnings may stand.
    #[must_use]
    pub fn acceptable(&self) -> bool {
        self.findings.iter().all(|finding| finding.severity != Severity::Error)
    }
}

impl RuleBook {
    /// Holds every rule against a list.
    #[must_use]
    pub fn check(&self, list: &SettlementList, knowledge: &Knowledge<'_>) -> Report {
        let mut report = Report::default();
        for rule in self.rules() {
            let answer = rule.ask(list, knowledge);
            report.findings.extend(answer.findings);
            report.unchecked.extend(answer.unchecked);
        }
        report
    }
}

/// 汇总. Counts over many lists.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Tally {
    /// Lists seen.
    pub lists: u64,
    /// Lists with at least one error.
    pub with_errors: u64,
    /// Lists with warnings only.
    pub with_warnings_only: u64,
    /// By rule: lists flagged.
    pub flagged: BTreeMap<String, u64>,
    /// By rule: lists in which it could not be checked.
    pub unchecked: BTreeMap<String, u64>,
}

impl Tally {
    /// Adds one list's report.
    pub fn add(&mut self, report: &Report) {
        self.lists += 1;
        match (report.acceptable(), report.findings.is_empty()) {
            (false, _) => self.with_errors += 1,
            (true, false) => self.with_warnings_only += 1,
            (true, true) => {}
        }
        let mut last = None;
        for finding in &report.findings {
            if last != Some(&finding.rule) {
                count(&mut self.flagged, &finding.rule);
            }
            last = Some(&finding.rule);
        }
        for unchecked in &report.unchecked {
            count(&mut self.unchecked, &unchecked.rule);
        }
    }
}

fn count(counts: &mut BTreeMap<String, u64>, rule: &str) {
    match counts.get_mut(rule) {
        Some(count) => *count += 1,
        None => {
            counts.insert(rule.to_owned(), 1);
        }
    }
}
