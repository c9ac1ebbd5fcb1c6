//! 接入错误: what keeps a file from being read, and what keeps one row of it.

use std::fmt;
use std::path::{Path, PathBuf};

/// The file as a whole cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum IntakeError {
    /// The disk says no.
    #[error("{}: {source}", .path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The name ends in nothing that is known.
    #[error("{}: the name ends in “{ending}”; readable and writable are {known}", .path.display())]
    Ending {
        /// The file.
        path: PathBuf,
        /// The ending.
        ending: String,
        /// What is known.
        known: &'static str,
    },
    /// The content is not what the ending says, or is damaged.
    #[error("{}: {problem}", .path.display())]
    Content {
        /// The file.
        path: PathBuf,
        /// What is wrong and what to do.
        problem: String,
    },
    /// The headings do not say what is needed.
    #[error("{}: {source}", .path.display())]
    Columns {
        /// The file.
        path: PathBuf,
        /// Which, and the way out.
        source: crate::ColumnRefusal,
    },
}

impl IntakeError {
    pub(crate) fn file(path: &Path, source: std::io::Error) -> IntakeError {
        IntakeError::File { path: path.to_owned(), source }
    }

    pub(crate) fn content(path: &Path, problem: impl fmt::Display) -> IntakeError {
        IntakeError::Content { path: path.to_owned(), problem: problem.to_string() }
    }
}

/// One cell that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CellError {
    /// Column, counted from 1; 0 when the row as a whole is meant.
    pub column: usize,
    /// The heading of the column.
    pub heading: String,
    /// What stands there.
    pub value: String,
    /// What is wrong.
    pub problem: String,
    /// What to do.
    pub way_out: String,
}

/// 行错误. A row that cannot be read, with every cell that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct RowError {
    /// The file.
    pub file: String,
    /// The row as the file counts it, the heading included.
    pub row: u64,
    /// At least one cell.
    pub cells: Vec<CellError>,
}

impl fmt::Display for RowError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, cell) in self.cells.iter().enumerate() {
            if number > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{} 第 {} 行", self.file, self.row)?;
            if cell.column > 0 {
                write!(f, " 第 {} 列“{}”：“{}”", cell.column, cell.heading, cell.value)?;
            } else {
                f.write_str("：")?;
            }
            write!(f, " {}。{}", cell.problem, cell.way_out)?;
        }
        Ok(())
    }
}

/// 错误清单. Writes row errors to a CSV file, one line a cell, and counts them. The file is
/// made when the first error comes and begins with a byte order mark, so that spreadsheets
/// read its Chinese.
#[derive(Debug)]
pub struct RowErrors {
    path: PathBuf,
    writer: Option<csv::Writer<std::fs::File>>,
    rows: u64,
}

impl RowErrors {
    /// Errors will go to `path`.
    #[must_use]
    pub fn to(path: &Path) -> RowErrors {
        RowErrors { path: path.to_owned(), writer: None, rows: 0 }
    }

    /// Writes one.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn add(&mut self, error: &RowError) -> Result<(), IntakeError> {
        if self.writer.is_none() {
            self.writer = Some(open(&self.path)?);
        }
        let Some(writer) = &mut self.writer else { return Ok(()) };
        for cell in &error.cells {
            let (row, column) = (error.row.to_string(), cell.column.to_string());
            let record: [&str; 7] =
                [&error.file, &row, &column, &cell.heading, &cell.value, &cell.problem, &cell.way_out];
            writer.write_record(record).map_err(|error| IntakeError::content(&self.path, error))?;
        }
        self.rows += 1;
        Ok(())
    }

    /// How many rows.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Ends the file; `true` if there is one.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn finish(mut self) -> Result<bool, IntakeError> {
        match &mut self.writer {
            Some(writer) => writer.flush().map(|()| true).map_err(|source| IntakeError::file(&self.path, source)),
            None => Ok(false),
        }
    }
}

fn open(path: &Path) -> Result<csv::Writer<std::fs::File>, IntakeError> {
    let file_error = |source| IntakeError::file(path, source);
    let mut file = std::fs::File::create(path).map_err(file_error)?;
    std::io::Write::write_all(&mut file, "\u{feff}".as_bytes()).map_err(file_error)?;
    let mut writer = csv::Writer::from_writer(file);
    let heading = ["file", "row", "column", "heading", "value", "problem", "way_out"];
    writer.write_record(heading).map_err(|error| IntakeError::content(path, error))?;
    Ok(writer)
}
