//! # office 医院医保办
//!
//! What a hospital's insurance office does with its own files, without a server and without a
//! database: quality control ([`qc`]), grouping ([`group`]), prices ([`price`]), indicators
//! ([`report`]), weights out of history ([`weigh`]); and the same over HTTP for programs
//! ([`http`]).
//!
//! A file is read row by row and never held whole; a row that cannot be used is told in a file
//! of errors and the rest goes on; a run that was killed goes on where it was ([`run`]).
//!
//! Called by the command line, and by the centre, which mounts [`http`] beside its page. Never:
//! a grouping rule, a price or a quality rule (they are asked of `grouping`, `payment`,
//! `listing`), a register, a line in a log about a case.

pub mod around;
pub mod codes;
pub mod group;
pub mod http;
pub mod load;
pub mod people;
pub mod price;
pub mod qc;
pub mod report;
pub mod run;
pub mod shelf;
pub mod source;
pub mod table;
pub mod upload;
pub mod weigh;

use std::path::Path;

use intake::Column;

use crate::run::{Progress, Setting};

/// Anything that keeps a run from its work, in words for people.
pub type Problem = Box<dyn std::error::Error + Send + Sync>;

/// Where a run writes, and how it is known again.
#[derive(Debug, Clone, Default)]
pub struct Files<'a> {
    /// The result, by the ending of its name; standard output as CSV when `None`.
    pub out: Option<&'a Path>,
    /// Rows in error; beside `out` unless given.
    pub errors: Option<&'a Path>,
    /// Goes on with an unfinished run.
    pub resume: bool,
    /// What decides the rows: see [`run::Setting::identity`].
    pub identity: String,
}

impl<'a> Files<'a> {
    fn setting(&self, columns: &[Column], progress: Progress) -> Setting<'a> {
        Setting {
            identity: self.identity.clone(),
            out: self.out,
            errors: self.errors,
            resume: self.resume,
            columns: table::headings(columns),
            progress,
        }
    }

    fn put_in_place(&self, rows: Option<&Path>, sheet: &str, columns: Vec<Column>) -> Result<(), Problem> {
        match (rows, self.out) {
            (Some(rows), Some(out)) => table::put_in_place(rows, out, sheet, columns),
            _ => Ok(()),
        }
    }
}

/// What a list is called in results: its settlement, its own number, its record or its visit.
fn name_of_list(list: &listing::SettlementList) -> &str {
    let basic = &list.basic;
    let names = [&basic.settlement, &basic.list_no, &basic.record_no, &basic.visit];
    names.into_iter().find_map(|name| name.as_deref()).unwrap_or_default()
}
