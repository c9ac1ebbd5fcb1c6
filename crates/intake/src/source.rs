//! 数据源: one door to CSV, XLSX and Parquet. Rows come one at a time into a buffer that is
//! used again; CSV and Parquet are never held as a whole, of XLSX the texts are.

mod decode;
mod delimited;
mod parquet;
mod workbook;

pub use decode::Encoding;

use crate::error::IntakeError;
use std::path::{Path, PathBuf};

/// What the caller knows of the file.
#[derive(Debug, Clone, Default)]
pub struct SourceOptions {
    /// The sheet of a workbook; needed where several are visible.
    pub sheet: Option<String>,
    /// The row of the headings, counted from 1; 1 unless said otherwise.
    pub heading_row: Option<u64>,
    /// The encoding of a CSV file; found out unless said.
    pub encoding: Option<Encoding>,
    /// The delimiter of a CSV file; found out from the headings unless said.
    pub delimiter: Option<u8>,
}

/// 表头. The headings of a table, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Headings {
    /// The texts as written, trimmed.
    pub names: Vec<String>,
    /// How the table was read, for people: encoding, delimiter or sheet.
    pub how: String,
}

/// 一行. One row of a table, whatever file it comes from: cells as text. Used again for each row.
#[derive(Debug, Clone, Default)]
pub struct Row {
    number: u64,
    text: String,
    cells: Vec<(usize, bool)>,
}

impl Row {
    /// An empty row.
    #[must_use]
    pub fn new() -> Row {
        Row::default()
    }

    /// The row as the file counts it (CSV: the line on which it begins), the heading included.
    #[must_use]
    pub fn number(&self) -> u64 {
        self.number
    }

    /// How many cells.
    #[must_use]
    pub fn len(&self) -> usize {
        self.cells.len()
    }

    /// Whether there is no cell.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }

    /// A cell, counted from 0; empty if there is none.
    #[must_use]
    pub fn cell(&self, index: usize) -> &str {
        let Some((end, _)) = self.cells.get(index) else { return "" };
        let begin = if index == 0 { 0 } else { self.cells[index - 1].0 };
        &self.text[begin..*end]
    }

    /// Whether the file holds the cell as a number and not as text: leading zeros are lost then.
    #[must_use]
    pub fn is_number(&self, index: usize) -> bool {
        self.cells.get(index).is_some_and(|(_, number)| *number)
    }

    fn clear(&mut self, number: u64) {
        self.number = number;
        self.text.clear();
        self.cells.clear();
    }

    fn push(&mut self, text: &str, number: bool) {
        self.text.push_str(text);
        self.cells.push((self.text.len(), number));
    }

    fn is_blank(&self) -> bool {
        self.text.trim().is_empty()
    }
}

/// 文件. An opened file; [`Source::table`] reads its rows.
pub struct Source {
    path: PathBuf,
    options: SourceOptions,
    kind: SourceKind,
}

enum SourceKind {
    Delimited(Option<Box<delimited::Delimited>>),
    Workbook(Box<workbook::Workbook>),
    Parquet(Option<parquet::ParquetRows>),
}

impl Source {
    /// Opens a file by the ending of its name: `.csv`, `.txt`, `.tsv` (also with `.gz`),
    /// `.xlsx`, `.xlsm`, `.parquet`.
    ///
    /// # Errors
    /// It cannot be opened, has another ending, or is not what the ending says.
    pub fn open(path: &Path, options: SourceOptions) -> Result<Source, IntakeError> {
        let name = path.file_name().map_or(String::new(), |name| name.to_string_lossy().to_lowercase());
        let plain = name.strip_suffix(".gz").unwrap_or(&name);
        let ending = plain.rsplit_once('.').map_or("", |(_, ending)| ending);
        let kind = match ending {
            "csv" | "txt" | "tsv" => SourceKind::Delimited(Some(Box::new(delimited::Delimited::open(path, &options)?))),
            "xlsx" | "xlsm" => SourceKind::Workbook(Box::new(workbook::Workbook::open(path, &options)?)),
            "parquet" => SourceKind::Parquet(Some(parquet::ParquetRows::open(path)?)),
            _ => {
                return Err(IntakeError::Ending {
                    path: path.to_owned(),
                    ending: ending.to_owned(),
                    known: ".csv, .tsv, .txt (also .gz), .xlsx, .xlsm, .parquet; save an old .xls as .xlsx",
                });
            }
        };
        Ok(Source { path: path.to_owned(), options, kind })
    }

    /// The file's path.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Its table. CSV and Parquet are read once; open the file again for a second pass.
    ///
    /// # Errors
    /// The table was taken before, or its headings cannot be read.
    pub fn table(&mut self) -> Result<Table<'_>, IntakeError> {
        let path = self.path.clone();
        let taken = || IntakeError::content(&path, "the rows were read before: open the file again");
        let rows = match &mut self.kind {
            SourceKind::Delimited(rows) => Rows::Delimited(rows.take().ok_or_else(taken)?),
            SourceKind::Workbook(book) => Rows::Workbook(Box::new(book.rows(&self.options)?)),
            SourceKind::Parquet(rows) => Rows::Parquet(Box::new(rows.take().ok_or_else(taken)?)),
        };
        Table::new(path, rows, self.options.heading_row.unwrap_or(1))
    }
}

/// 表. Rows below headings.
pub struct Table<'a> {
    path: PathBuf,
    headings: Headings,
    rows: Rows<'a>,
}

enum Rows<'a> {
    Delimited(Box<delimited::Delimited>),
    Workbook(Box<workbook::SheetRows<'a>>),
    Parquet(Box<parquet::ParquetRows>),
}

impl Rows<'_> {
    fn next(&mut self, row: &mut Row) -> Result<bool, IntakeError> {
        match self {
            Rows::Delimited(rows) => rows.next(row),
            Rows::Workbook(rows) => rows.next(row),
            Rows::Parquet(rows) => rows.next(row),
        }
    }
}

impl<'a> Table<'a> {
    fn new(path: PathBuf, mut rows: Rows<'a>, heading_row: u64) -> Result<Table<'a>, IntakeError> {
        let (mut names, how) = match &mut rows {
            Rows::Parquet(rows) => (rows.names().to_vec(), "Parquet".to_owned()),
            other => {
                let mut row = Row::new();
                let mut read = other.next(&mut row)?;
                while read && row.number() < heading_row {
                    read = other.next(&mut row)?;
                }
                if !read || row.is_blank() {
                    return Err(IntakeError::content(&path, format!("there are no headings in row {heading_row}")));
                }
                let names = (0..row.len()).map(|index| row.cell(index).trim().to_owned()).collect();
                let how = match other {
                    Rows::Delimited(rows) => rows.how(),
                    Rows::Workbook(rows) => rows.how(),
                    Rows::Parquet(_) => String::new(),
                };
                (names, how)
            }
        };
        while names.last().is_some_and(String::is_empty) {
            names.pop();
        }
        Ok(Table { path, headings: Headings { names, how }, rows })
    }

    /// The file's path.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The headings.
    #[must_use]
    pub fn headings(&self) -> &Headings {
        &self.headings
    }

    /// Whether rows should have as many cells as headings: CSV yes; a sheet leaves out empty cells.
    pub(crate) fn is_ragged(&self) -> bool {
        matches!(self.rows, Rows::Delimited(_))
    }

    /// Reads the next row that is not blank into `row`; `false` at the end.
    ///
    /// # Errors
    /// The file cannot be read on.
    pub fn next(&mut self, row: &mut Row) -> Result<bool, IntakeError> {
        while self.rows.next(row)? {
            if !row.is_blank() {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
