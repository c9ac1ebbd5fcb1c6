//! 审核规则与知识 of a region: `screening/rules/*.toml` and `screening/knowledge/*.csv`, read
//! into a library over the folders that lie under the region's own.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use adjudication::explain::Language;
use catalogue::TermKind;
use policy::{Problem, Severity};
use screening::{KnownCodes, Library};

use crate::check::Report;
use crate::folder::{Manifest, files, texts};
use crate::{Region, RegionError};

/// 规则库 of a region and what is wrong with its files.
#[derive(Debug)]
pub struct Screening {
    /// The rules that can be used.
    pub library: Library,
    /// What was left out, by file and line.
    pub problems: Vec<Problem>,
    /// Rows of knowledge read.
    pub rows: usize,
}

/// (name for people, text) of each file.
pub(crate) type Texts = Vec<(String, String)>;

impl Region {
    /// The region's audit rules, compiled; an empty library without `screening/`.
    ///
    /// # Errors
    /// A file that cannot be read.
    pub fn screening(&self) -> Result<Screening, RegionError> {
        let known = known(&self.catalogue);
        read_screening(&self.folder, &self.manifest.screening, known.as_ref())
    }
}

/// Reads the rules of a folder that need not be a whole region; `below` are the folders, beside
/// `region.toml`, that lie under it.
///
/// # Errors
/// A file that cannot be read.
pub fn read_screening(folder: &Path, below: &[String], known: Option<&KnownCodes>) -> Result<Screening, RegionError> {
    let (rules, tables) = sources(folder, below)?;
    let rows = tables.iter().map(|(_, text)| text.lines().count().saturating_sub(1)).sum();
    let (library, problems) = Library::load(&rules, &tables, known);
    Ok(Screening { library, problems, rows })
}

pub(crate) fn sources(folder: &Path, below: &[String]) -> Result<(Texts, Texts), RegionError> {
    let own = folder.join("screening");
    let folders: Vec<PathBuf> = below.iter().map(|name| folder.join(name)).chain([own]).collect();
    let (mut rules, mut tables) = (Vec::new(), Vec::new());
    for from in folders {
        rules.extend(texts(&files(&from.join("rules"), "toml")?, folder)?);
        tables.extend(texts(&files(&from.join("knowledge"), "csv")?, folder)?);
    }
    Ok((rules, tables))
}

/// What the catalogue knows; nothing is looked up in a catalogue that is not there.
pub(crate) fn known(catalogue: &catalogue::Content) -> Option<KnownCodes> {
    if catalogue.items.is_empty() && catalogue.terms.is_empty() {
        return None;
    }
    let terms = |kind| {
        let own = catalogue.terms.iter().filter(|term| term.kind == kind);
        Some(own.map(|term| term.code.clone()).collect::<std::collections::HashSet<_>>())
            .filter(|codes| !codes.is_empty())
    };
    Some(KnownCodes {
        items: Some(catalogue.items.iter().map(|item| item.code.to_string()).collect()),
        diagnoses: terms(TermKind::Diagnosis),
        procedures: terms(TermKind::Procedure),
    })
}

/// Checks `screening/` of a folder and runs the cases of every rule; nothing happens where it
/// is not there.
pub(crate) fn check(folder: &Path, manifest: Option<&Manifest>, catalogue: &catalogue::Content, report: &mut Report) {
    let below = manifest.map_or(&[][..], |manifest| &manifest.screening);
    if below.is_empty() && !folder.join("screening").is_dir() {
        return;
    }
    let read = match read_screening(folder, below, known(catalogue).as_ref()) {
        Ok(read) => read,
        Err(error) => {
            report.add(Severity::Error, "screening", 1, error.to_string());
            return;
        }
    };
    report.problems.extend(read.problems);
    report.tally("audit rules", read.library.headers().len());
    report.tally("rows of knowledge", read.rows);
    for result in read.library.run_cases() {
        report.tally("cases of audit rules", 1);
        if let Some(difference) = result.problem {
            let words = format!("case “{}” of rule {}: {difference}", result.case, result.rule);
            report.add(Severity::Error, &result.file, result.line, words);
        }
    }
}

/// What is different between the audit rules and the knowledge of two regions, in words.
///
/// # Errors
/// A file that cannot be read.
pub fn diff_screening(before: &Region, after: &Region, language: Language) -> Result<Vec<String>, RegionError> {
    let chinese = language == Language::Chinese;
    let of = |region: &Region| sources(&region.folder, &region.manifest.screening);
    let ((old_rules, old_tables), (new_rules, new_tables)) = (of(before)?, of(after)?);
    let mut told = Vec::new();
    let (old, new) = (rules_by_id(&old_rules), rules_by_id(&new_rules));
    for (id, rule) in &old {
        match new.get(id) {
            None => told.push(if chinese {
                format!("审核规则 {id} 没有了")
            } else {
                format!("audit rule {id} is gone")
            }),
            Some(other) => {
                let keys: BTreeSet<&String> = rule.keys().chain(other.keys()).collect();
                let changed = keys.into_iter().filter(|key| rule.get(*key) != other.get(*key));
                let changed: Vec<&str> = changed.map(String::as_str).collect();
                if !changed.is_empty() {
                    let what = changed.join(if chinese { "、" } else { ", " });
                    told.push(if chinese {
                        format!("审核规则 {id} 有变化：{what}")
                    } else {
                        format!("audit rule {id} differs in {what}")
                    });
                }
            }
        }
    }
    for id in new.keys().filter(|id| !old.contains_key(*id)) {
        told.push(if chinese { format!("新的审核规则 {id}") } else { format!("new audit rule {id}") });
    }
    let (old, new) = (rows_by_table(&old_tables), rows_by_table(&new_tables));
    for name in old.keys().chain(new.keys()).collect::<BTreeSet<_>>() {
        let none = BTreeSet::new();
        let (was, is) = (old.get(name).unwrap_or(&none), new.get(name).unwrap_or(&none));
        let (came, gone) = (is.difference(was).count(), was.difference(is).count());
        if came + gone > 0 {
            told.push(if chinese {
                format!("知识表 {name}：新增 {came} 行，减少 {gone} 行")
            } else {
                format!("knowledge {name}: {came} row(s) more, {gone} row(s) less")
            });
        }
    }
    Ok(told)
}

/// The rules that read, by id (of an overlay its base's), as written.
fn rules_by_id(files: &Texts) -> BTreeMap<String, toml::Table> {
    let rule = |(_, text): &(String, String)| {
        let rule: toml::Table = toml::from_str(text).ok()?;
        let id = rule.get("id").or_else(|| rule.get("base"))?.as_str()?.to_owned();
        Some((id, rule))
    };
    files.iter().filter_map(rule).collect()
}

/// The rows of each table, by the table's name.
fn rows_by_table(files: &Texts) -> BTreeMap<String, BTreeSet<&str>> {
    let mut tables: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    for (path, text) in files {
        let name = Path::new(path).file_stem().unwrap_or_default().to_string_lossy().into_owned();
        tables.entry(name).or_default().extend(text.lines().skip(1).filter(|line| !line.trim().is_empty()));
    }
    tables
}
