//! A scheme as a folder of text files, the form in which a region keeps it.
//!
//! | file | rows |
//! |---|---|
//! | `scheme.toml` | id, version, title, source, levels, fields, requirements, options, and `base` |
//! | `nodes.csv` | one group a row: `parent` (path of codes, `MDCB/BB1`), `code`, `name`, `rule`, `order`, … |
//! | `sets.csv` | one member a row: `set`, `kind` (DI or OP), `code`, `match`, `tag` |
//! | `severity.csv` | one complication a row: `code`, `class`, `exclusion`, `only_if` |
//! | `exclusions.csv` | one principal diagnosis a row: `table`, `code` |
//! | `combinations.csv` | one member a row: `code`, `part`, `member`, `hidden_below` (codes of nodes) |
//! | `auxiliary.csv` | one auxiliary level a row: `id` (`age:66+`), `name`, `rule`, `groups` (codes; blank: every group) |
//!
//! Any of the tables may be split over several files that begin alike (`sets-trauma.csv`). Only
//! the columns in use need to be there.
//!
//! With `base = "…"` a folder holds only what differs from another scheme. Its rows then carry a
//! `change`: `add` (or nothing), `remove`, and for groups and auxiliary levels `replace`, where a
//! blank cell keeps what the base says. `clear` empties a set before members are added.
//!
//! Everything here takes and gives texts; opening files is the work of the rim.

mod head;
mod nodes;
mod rows;
mod tables;
mod write;

use std::collections::{BTreeMap, HashMap};

use crate::problem::{Gravity, Problem};
use crate::scheme::Scheme;

/// The files of a scheme's folder: name → text.
pub type Files = BTreeMap<String, String>;

/// A scheme read from a folder.
#[derive(Debug, Clone)]
pub struct ReadScheme {
    /// The scheme, its base already worked in.
    pub scheme: Scheme,
    /// What somebody should look at; nothing that keeps the scheme from being used.
    pub warnings: Vec<Problem>,
    /// Where each part stands.
    pub places: Places,
}

/// Where the parts of a scheme stand in its files.
#[derive(Debug, Clone, Default)]
pub struct Places {
    lines: HashMap<String, (String, u64)>,
}

impl Places {
    pub(crate) fn note(&mut self, place: impl Into<String>, file: &str, line: u64) {
        self.lines.entry(place.into()).or_insert_with(|| (file.to_owned(), line));
    }

    /// Gives a problem the file and line of its place, where the place has a row of its own.
    #[must_use]
    pub fn locate(&self, problem: Problem) -> Problem {
        match self.lines.get(&problem.place) {
            Some((file, line)) if problem.file.is_none() => problem.at(file.clone(), *line),
            _ => problem,
        }
    }
}

impl Scheme {
    /// The folder that a folder rests on, as its `scheme.toml` names it.
    ///
    /// # Errors
    /// When `scheme.toml` is missing or cannot be read.
    pub fn base_named_in(files: &Files) -> Result<Option<String>, Vec<Problem>> {
        head::Head::read(files).map(|head| head.base)
    }

    /// Reads a scheme from the files of its folder, on top of `base` where it names one.
    ///
    /// # Errors
    /// All problems that keep it from being read, each with file and line.
    pub fn read(files: &Files, base: Option<&Scheme>) -> Result<ReadScheme, Vec<Problem>> {
        let head = head::Head::read(files)?;
        let mut reading = Reading { problems: Vec::new(), places: Places::default() };
        let mut scheme = match (&head.base, base) {
            (None, _) => Scheme::default(),
            (Some(_), Some(base)) => base.clone(),
            (Some(name), None) => {
                let message = format!("rests on the scheme '{name}', which was not found; check the path in 'base'");
                return Err(vec![Problem::error("", message).at(head::FILE, 1)]);
            }
        };
        let based = head.base.is_some();
        head::note_places(&files[head::FILE], &mut reading.places);
        head.work_into(&mut scheme, &mut reading);
        for (file, text) in files {
            reading.table(file, text, &mut scheme, based);
        }
        let Reading { problems, places } = reading;
        let problems: Vec<Problem> = problems.into_iter().map(|problem| places.locate(problem)).collect();
        if problems.iter().any(|problem| problem.gravity == Gravity::Error) {
            return Err(problems);
        }
        Ok(ReadScheme { scheme, warnings: problems, places })
    }

    /// Writes a scheme as the files of a folder; [`Scheme::read`] gives the same scheme again.
    #[must_use]
    pub fn write(&self) -> Files {
        write::files(self)
    }
}

/// What is gathered while a folder is read.
struct Reading {
    problems: Vec<Problem>,
    places: Places,
}

impl Reading {
    fn table(&mut self, file: &str, text: &str, scheme: &mut Scheme, based: bool) {
        let name = file.rsplit('/').next().unwrap_or(file);
        let is = |table: &str| {
            let rest = name.strip_prefix(table).and_then(|rest| rest.strip_suffix(".csv"));
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
        };
        if file.starts_with("cases/") || name == head::FILE {
            return;
        }
        if is("nodes") {
            nodes::read(file, text, scheme, self, based);
        } else if is("sets") {
            tables::read_sets(file, text, scheme, self);
        } else if is("severity") {
            tables::read_severity(file, text, scheme, self);
        } else if is("exclusions") {
            tables::read_exclusions(file, text, scheme, self);
        } else if is("combinations") {
            tables::read_combinations(file, text, scheme, self);
        } else if is("auxiliary") {
            tables::read_auxiliary(file, text, scheme, self);
        } else if name.ends_with(".csv") || name.ends_with(".toml") {
            let message = "is not read; tables are called nodes, sets, severity, exclusions, combinations or auxiliary (sets-trauma.csv)";
            self.problems.push(Problem::warning("", message).at(file, 1));
        }
    }

    fn error(&mut self, file: &str, line: u64, message: impl Into<String>) {
        self.problems.push(Problem::error("", message).at(file, line));
    }
}
