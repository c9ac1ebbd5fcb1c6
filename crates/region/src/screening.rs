//! 审核规则与知识 of a region: `screening/rules/*.toml` and `screening/knowledge/*.csv`, read
//! into a library over the folders that lie under the region's own.

use std::path::{Path, PathBuf};

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
        items: Some(catalogue.items.iter().map(|item| item.code.clone()).collect()),
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
        if let Err(difference) = result.outcome {
            let words = format!("case “{}” of rule {}: {difference}", result.name, result.rule);
            report.add(Severity::Error, &result.file, result.line, words);
        }
    }
}
