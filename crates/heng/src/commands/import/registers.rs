//! 目录与机构: folders in the form of a region's `catalogue/` and `providers/`.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use catalogue::RowError;
use db::DbError;

use super::report::Report;
use crate::commands::Problem;
use crate::wiring::Place;

/// Adds the good rows to the catalogue; whether there were no others.
pub fn catalogue(folder: &Path, errors: Option<&Path>, place: &Place) -> Result<bool, Problem> {
    let texts = texts(folder)?;
    let sources: Vec<_> = texts.iter().map(|(file, text)| catalogue::Source { file, text }).collect();
    let content = Arc::new(catalogue::Content::read(&sources));
    let mut report = Report::create(errors)?;
    content.errors.iter().try_for_each(|error| report.add("", error))?;
    let database = place.open_database()?;
    let rows = content.clone();
    let refused: Vec<RowError> = database.deed(move |tx| catalogue::import(tx, &rows))?;
    refused.iter().try_for_each(|error| report.add("", error))?;
    println!("{:<24}{:>12}{:>12}", "rows", "read well", "wrong");
    for tally in &content.tallies {
        println!("{:<24}{:>12}{:>12}", tally.file, tally.taken, tally.refused);
    }
    let (version, items, terms) = database.read(|tx| {
        let index = catalogue::load(tx)?;
        let terms = [catalogue::TermKind::Diagnosis, catalogue::TermKind::Procedure, catalogue::TermKind::Chronic];
        let terms: usize = terms.into_iter().map(|kind| index.terms(kind).count()).sum();
        Ok::<_, DbError>((index.version(), index.items().count(), terms))
    })?;
    println!("the register is at version {version}: {items} items, {terms} diagnoses, procedures and diseases");
    Ok(report.close()? == 0)
}

/// Puts the folder in the place of the register of institutions, if no row is wrong: a row
/// left out would close an institution.
pub fn providers(folder: &Path, errors: Option<&Path>, place: &Place) -> Result<bool, Problem> {
    let mut texts = texts(folder)?;
    texts.sort_by_key(|(file, _)| {
        ["institutions.csv", "departments.csv"].iter().position(|name| name == file).unwrap_or(2)
    });
    let sources: Vec<_> = texts.iter().map(|(file, text)| provider::Source { file, text }).collect();
    let content = provider::Content::read(&sources);
    let mut report = Report::create(errors)?;
    for error in &content.errors {
        let provider::RowError { file, line, column, value, problem, remedy } = error.clone();
        report.add("", &RowError { file, line, column, value, problem, remedy })?;
    }
    let wrong = report.close()?;
    if wrong > 0 {
        eprintln!(
            "{wrong} rows are wrong; the register stays as it was, because a row left out would close an institution"
        );
        return Ok(false);
    }
    let found = [
        ("institutions", content.institutions.len()),
        ("departments", content.departments.len()),
        ("practitioners", content.practitioners.len()),
        ("agreements", content.agreements.len()),
    ];
    if found[0].1 == 0 {
        return Err(format!("{}: there is no institution in institutions.csv", folder.display()).into());
    }
    let content = Arc::new(content);
    place.open_database()?.deed(move |tx| provider::replace(tx, &content))?;
    found.iter().for_each(|(what, rows)| println!("{what:<24}{rows:>12}"));
    Ok(true)
}

/// The CSV files of a folder, in order of their names.
fn texts(folder: &Path) -> Result<Vec<(String, String)>, Problem> {
    let cannot = |path: &Path, error: std::io::Error| format!("{}: cannot be read: {error}", path.display());
    let mut paths: Vec<PathBuf> = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(|error| cannot(folder, error))? {
        let path = entry.map_err(|error| cannot(folder, error))?.path();
        if path.extension().is_some_and(|extension| extension == "csv") {
            paths.push(path);
        }
    }
    paths.sort();
    if paths.is_empty() {
        return Err(format!("{}: there is no CSV file here", folder.display()).into());
    }
    let read = |path: &PathBuf| {
        let text = std::fs::read_to_string(path).map_err(|error| cannot(path, error))?;
        Ok((path.file_name().unwrap_or_default().to_string_lossy().into_owned(), text))
    };
    paths.iter().map(read).collect()
}
