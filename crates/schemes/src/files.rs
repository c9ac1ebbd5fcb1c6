//! Text files, plain or gzip, and tables in them.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use flate2::read::MultiGzDecoder;

use crate::report::{Findings, Place, SchemesError, file_error};

/// The text of `path`; unpacked when the name ends in `.gz`.
pub(crate) fn text(path: &Path) -> Result<String, SchemesError> {
    let bytes = fs::read(path).map_err(file_error(path))?;
    let mut out = String::new();
    if path.extension().is_some_and(|e| e == "gz") {
        MultiGzDecoder::new(bytes.as_slice()).read_to_string(&mut out).map_err(file_error(path))?;
    } else {
        out = String::from_utf8(bytes).map_err(|error| {
            file_error(path)(std::io::Error::new(
                std::io::ErrorKind::InvalidData,
                format!("not UTF-8 after byte {}; save it as UTF-8", error.utf8_error().valid_up_to()),
            ))
        })?;
    }
    Ok(out.strip_prefix('\u{FEFF}').map(str::to_owned).unwrap_or(out))
}

/// `name`, or `name.gz` beside it; nothing when neither is there.
pub(crate) fn find(folder: &Path, name: &str) -> Option<PathBuf> {
    let plain = folder.join(name);
    let packed = folder.join(format!("{name}.gz"));
    [plain, packed].into_iter().find(|path| path.is_file())
}

/// A table with a heading row; cells are found by heading.
pub(crate) struct Table {
    /// What it is called in messages.
    pub(crate) name: String,
    headings: BTreeMap<String, usize>,
    rows: Vec<(usize, csv::StringRecord)>,
}

/// One row of a [`Table`].
#[derive(Clone, Copy)]
pub(crate) struct Row<'a> {
    table: &'a Table,
    /// The line on which it stands, from 1.
    pub(crate) line: usize,
    record: &'a csv::StringRecord,
}

impl Table {
    /// Reads a tab separated table in which quotation marks mean nothing.
    pub(crate) fn tabbed(name: &str, text: &str, findings: &mut Findings) -> Table {
        Table::read(name, text, csv::ReaderBuilder::new().delimiter(b'\t').quoting(false), findings)
    }

    /// Reads a comma separated table.
    pub(crate) fn comma(name: &str, text: &str, findings: &mut Findings) -> Table {
        Table::read(name, text, &mut csv::ReaderBuilder::new(), findings)
    }

    fn read(name: &str, text: &str, builder: &mut csv::ReaderBuilder, findings: &mut Findings) -> Table {
        let mut reader = builder.flexible(true).from_reader(text.as_bytes());
        let mut table = Table { name: name.to_owned(), headings: BTreeMap::new(), rows: Vec::new() };
        match reader.headers() {
            Ok(headings) => {
                table.headings =
                    headings.iter().enumerate().map(|(at, heading)| (heading.trim().to_owned(), at)).collect();
            }
            Err(error) => findings.problem(Place::sheet(name), format!("{error}; the first row must hold headings")),
        }
        for record in reader.records() {
            match record {
                Ok(record) => {
                    let line = record.position().map_or(0, |p| usize::try_from(p.line()).unwrap_or(usize::MAX));
                    table.rows.push((line, record));
                }
                Err(error) => findings.problem(Place::sheet(name), error.to_string()),
            }
        }
        table
    }

    /// Whether the heading is there.
    pub(crate) fn has(&self, heading: &str) -> bool {
        self.headings.contains_key(heading)
    }

    /// Complains of each heading that is not there.
    pub(crate) fn require(&self, headings: &[&str], findings: &mut Findings) {
        for heading in headings.iter().filter(|heading| !self.has(heading)) {
            let seen: Vec<&str> = self.headings.keys().map(String::as_str).collect();
            findings.problem(
                Place::sheet(&self.name),
                format!("there is no column “{heading}”; its columns are {}", seen.join(", ")),
            );
        }
    }

    /// The rows in order.
    pub(crate) fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        self.rows.iter().map(|(line, record)| Row { table: self, line: *line, record })
    }
}

impl<'a> Row<'a> {
    /// The cell under a heading, trimmed; empty when there is none.
    pub(crate) fn get(&self, heading: &str) -> &'a str {
        self.table.headings.get(heading).and_then(|at| self.record.get(*at)).unwrap_or("").trim()
    }

    /// Where the row stands.
    pub(crate) fn place(&self, code: &str) -> Place {
        Place::of(&self.table.name, self.line, code)
    }
}
