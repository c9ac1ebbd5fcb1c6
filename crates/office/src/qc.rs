//! 质控: lists of files in, findings out, before anything is grouped.

use std::collections::BTreeMap;
use std::path::PathBuf;

use intake::{Column, ColumnKind};
use listing::SettlementList;
use listing::quality::{Missing, Report, RuleBook};
use serde::{Deserialize, Serialize};

use crate::codes::Codes;
use crate::run::{Place, Progress, Run};
use crate::shelf::Quality;
use crate::source::Inputs;
use crate::{Files, Problem, table};

/// 汇总 of a run.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct QcTally {
    /// Lists seen.
    pub lists: u64,
    /// Lists with at least one error.
    pub with_errors: u64,
    /// Lists with warnings only.
    pub with_warnings_only: u64,
    /// By rule: lists flagged, findings, lists in which it could not be checked.
    pub by_rule: BTreeMap<String, [u64; 3]>,
    /// By what was missing where a rule could not be checked: how often.
    pub missing: BTreeMap<String, u64>,
}

impl QcTally {
    fn add(&mut self, report: &Report) {
        self.lists += 1;
        match (report.acceptable(), report.findings.is_empty()) {
            (false, _) => self.with_errors += 1,
            (true, false) => self.with_warnings_only += 1,
            (true, true) => {}
        }
        let mut last = "";
        for finding in &report.findings {
            let of_rule = self.of(&finding.rule);
            of_rule[0] += u64::from(last != finding.rule);
            of_rule[1] += 1;
            last = &finding.rule;
        }
        for unchecked in &report.unchecked {
            self.of(&unchecked.rule)[2] += 1;
            for missing in &unchecked.missing {
                *self.missing.entry(without_row(missing)).or_default() += 1;
            }
        }
    }

    fn of(&mut self, rule: &str) -> &mut [u64; 3] {
        if !self.by_rule.contains_key(rule) {
            self.by_rule.insert(rule.to_owned(), [0; 3]);
        }
        self.by_rule.entry(rule.to_owned()).or_default()
    }

    /// The summary by rule, for people; rules that had nothing to say are left out.
    #[must_use]
    pub fn told(&self, rules: &RuleBook) -> String {
        let mut text = format!(
            "清单 {}：有错误 {}，仅有提示 {}，无问题 {}\n",
            self.lists,
            self.with_errors,
            self.with_warnings_only,
            self.lists - self.with_errors - self.with_warnings_only
        );
        for (id, [lists, findings, unchecked]) in &self.by_rule {
            let title = rules.rule(id).map_or("", |rule| rule.name.as_str());
            text.push_str(&format!("  {id} {title}：{lists} 份清单 {findings} 处"));
            if *unchecked > 0 {
                text.push_str(&format!("，{unchecked} 份未检查"));
            }
            text.push('\n');
        }
        if !self.missing.is_empty() {
            let missing: Vec<String> = self.missing.iter().map(|(what, count)| format!("{what} {count}")).collect();
            text.push_str(&format!("  未检查的原因 not checked for want of: {}\n", missing.join(", ")));
        }
        text
    }
}

/// What was missing, all rows of a part together.
fn without_row(missing: &Missing) -> String {
    match missing {
        Missing::FieldOf(place, _) => Missing::Field(*place).to_string(),
        other => other.to_string(),
    }
}

/// What a run of quality control left.
pub struct Checked {
    /// 汇总.
    pub tally: QcTally,
    /// Rows in error.
    pub errors: u64,
    /// Where they are told.
    pub errors_in: Option<PathBuf>,
}

fn columns(several: bool) -> Vec<Column> {
    use ColumnKind::{Text, Whole};
    let file: &[(&str, ColumnKind)] = if several { &[("file", Text)] } else { &[] };
    let of: &[(&str, ColumnKind)] = &[
        ("row", Whole),
        ("id", Text),
        ("rule", Text),
        ("severity", Text),
        ("field", Text),
        ("field_name", Text),
        ("field_row", Whole),
        ("value", Text),
        ("message", Text),
        ("english", Text),
    ];
    [file, of].map(table::columns).concat()
}

/// Holds the lists of files against the rules.
///
/// # Errors
/// A file cannot be read or written; rows in error are told and passed over.
pub fn qc(
    inputs: &Inputs,
    quality: &Quality,
    codes: &mut Option<Codes>,
    files: &Files<'_>,
    progress: Progress,
) -> Result<Checked, Problem> {
    let several = inputs.files.len() > 1;
    let columns = columns(several);
    let knowledge = quality.knowledge();
    let mut run = Run::<QcTally>::begin(files.setting(&columns, progress))?;
    inputs.each_list(&["diagnoses.code"], codes, |place, list| {
        if run.is_done(place) {
            return Ok(());
        }
        match list {
            Ok(list) => {
                let report = quality.rules.check(list, &knowledge);
                run.tally.add(&report);
                write(&mut run, several.then(|| inputs.name(place.file)), place, list, &report)?;
            }
            Err(error) => run.trouble(error)?,
        }
        run.row_done(place)
    })?;
    let finished = run.finish()?;
    files.put_in_place(finished.rows.as_deref(), "质控", columns)?;
    Ok(Checked { tally: finished.tally, errors: finished.errors, errors_in: finished.errors_in })
}

fn write(
    run: &mut Run<QcTally>,
    file: Option<String>,
    place: Place,
    list: &SettlementList,
    report: &Report,
) -> Result<(), Problem> {
    let row = place.row.to_string();
    let id = crate::name_of_list(list);
    for finding in &report.findings {
        let severity = match finding.severity {
            listing::quality::Severity::Error => "error",
            listing::quality::Severity::Warning => "warning",
        };
        let (field, field_row) = (finding.field.to_string(), finding.row.map_or(String::new(), |row| row.to_string()));
        let cells: [&str; 10] = [
            &row,
            id,
            &finding.rule,
            severity,
            &field,
            finding.field.entry().chinese,
            &field_row,
            finding.value.as_deref().unwrap_or_default(),
            &finding.message,
            &finding.english,
        ];
        run.rows().write_record(file.as_deref().into_iter().chain(cells))?;
    }
    Ok(())
}
