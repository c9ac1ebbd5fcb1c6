//! 结果表: one writer for tables of results, whatever the ending of the file's name says.
//! Rows are written as they come; a file stands under its name only when it is finished.

mod parquet;
mod workbook;

use crate::error::IntakeError;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use terms::{Exact, Fen};

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnKind {
    /// Text.
    Text,
    /// Whole numbers.
    Whole,
    /// Amounts, shown in 元 with two decimals.
    Money,
    /// Numbers with so many decimals, at most ten; more are rounded half away from zero.
    Decimal(u8),
}

/// 列. A column of a table of results.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Its heading.
    pub name: String,
    /// What it holds.
    pub kind: ColumnKind,
}

impl Column {
    /// A column.
    #[must_use]
    pub fn new(name: &str, kind: ColumnKind) -> Column {
        Column { name: name.to_owned(), kind }
    }
}

/// 格. One value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cell<'a> {
    /// Nothing.
    Empty,
    /// Text, in a text column.
    Text(&'a str),
    /// A whole number, in a column of whole numbers.
    Whole(i64),
    /// An amount, in a column of money.
    Money(Fen),
    /// A number, in a decimal column.
    Number(Exact),
}

impl Cell<'_> {
    fn fits(self, kind: ColumnKind) -> bool {
        matches!(
            (self, kind),
            (Cell::Empty, _)
                | (Cell::Text(_), ColumnKind::Text)
                | (Cell::Whole(_), ColumnKind::Whole)
                | (Cell::Money(_), ColumnKind::Money)
                | (Cell::Number(_), ColumnKind::Decimal(_))
        )
    }

    /// The text of the value in a column of that kind.
    fn show(self, kind: ColumnKind) -> String {
        match (self, kind) {
            (Cell::Empty, _) => String::new(),
            (Cell::Text(text), _) => text.to_owned(),
            (Cell::Whole(number), _) => number.to_string(),
            (Cell::Money(amount), _) => amount.to_string(),
            (Cell::Number(number), ColumnKind::Decimal(places)) => number.rounded(u32::from(places)).to_string(),
            (Cell::Number(number), _) => number.to_string(),
        }
    }
}

/// 文件格式.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// UTF-8, comma between, headings first.
    Csv,
    /// One workbook; large tables do not grow the memory.
    Xlsx,
    /// Columnar, compressed with zstd.
    Parquet,
    /// One JSON object a line, keyed by the headings.
    JsonLines,
}

impl Format {
    /// The format that the ending of a name says.
    ///
    /// # Errors
    /// The ending says none.
    pub fn of(path: &Path) -> Result<Format, IntakeError> {
        let ending = path.extension().map_or(String::new(), |ending| ending.to_string_lossy().to_lowercase());
        match ending.as_str() {
            "csv" => Ok(Format::Csv),
            "xlsx" => Ok(Format::Xlsx),
            "parquet" => Ok(Format::Parquet),
            "jsonl" | "ndjson" => Ok(Format::JsonLines),
            _ => Err(IntakeError::Ending { path: path.to_owned(), ending, known: ".csv, .xlsx, .parquet, .jsonl" }),
        }
    }
}

/// 结果表写入. Writes one table (a workbook may hold several, one sheet each).
pub struct TableWriter {
    path: PathBuf,
    part: PathBuf,
    columns: Vec<Column>,
    rows: u64,
    out: Out,
}

enum Out {
    Csv(Box<csv::Writer<File>>),
    Xlsx(Box<workbook::Workbook>),
    Parquet(Box<parquet::ParquetTable>),
    JsonLines(BufWriter<File>),
}

impl TableWriter {
    /// Begins a file; `sheet` names the sheet of a workbook.
    ///
    /// # Errors
    /// The ending is not known, or the file cannot be made.
    pub fn create(path: &Path, sheet: &str, columns: Vec<Column>) -> Result<TableWriter, IntakeError> {
        let format = Format::of(path)?;
        let mut part = path.as_os_str().to_owned();
        part.push(".part");
        let part = PathBuf::from(part);
        let file = File::create(&part).map_err(|source| IntakeError::file(&part, source))?;
        let out = match format {
            Format::Csv => {
                let mut writer = csv::WriterBuilder::new().buffer_capacity(256 * 1024).from_writer(file);
                let heading = columns.iter().map(|column| &column.name);
                writer.write_record(heading).map_err(|error| IntakeError::content(path, error))?;
                Out::Csv(Box::new(writer))
            }
            Format::Xlsx => Out::Xlsx(Box::new(workbook::Workbook::new(path, file, sheet, &columns)?)),
            Format::Parquet => Out::Parquet(Box::new(parquet::ParquetTable::new(path, file, &columns)?)),
            Format::JsonLines => Out::JsonLines(BufWriter::with_capacity(256 * 1024, file)),
        };
        Ok(TableWriter { path: path.to_owned(), part, columns, rows: 0, out })
    }

    /// Writes a row.
    ///
    /// # Errors
    /// The file cannot be written, or a sheet is full.
    ///
    /// # Panics
    /// The cells do not fit the columns: a mistake of the program.
    pub fn write(&mut self, cells: &[Cell<'_>]) -> Result<(), IntakeError> {
        assert_eq!(cells.len(), self.columns.len(), "as many cells as columns");
        for (cell, column) in cells.iter().zip(&self.columns) {
            assert!(cell.fits(column.kind), "{cell:?} in the column “{}” of {:?}", column.name, column.kind);
        }
        match &mut self.out {
            Out::Csv(writer) => {
                for (cell, column) in cells.iter().zip(&self.columns) {
                    let written = match cell {
                        Cell::Text(text) => writer.write_field(text),
                        other => writer.write_field(other.show(column.kind)),
                    };
                    written.map_err(|error| IntakeError::content(&self.path, error))?;
                }
                writer.write_record(None::<&[u8]>).map_err(|error| IntakeError::content(&self.path, error))?;
            }
            Out::Xlsx(book) => book.write(cells, &self.columns)?,
            Out::Parquet(table) => table.write(cells, &self.columns)?,
            Out::JsonLines(file) => {
                let line = json_line(cells, &self.columns);
                file.write_all(line.as_bytes()).map_err(|source| IntakeError::file(&self.path, source))?;
            }
        }
        self.rows += 1;
        Ok(())
    }

    /// Goes on with a further sheet of a workbook.
    ///
    /// # Errors
    /// The file is no workbook, or the name does not serve.
    pub fn next_sheet(&mut self, sheet: &str, columns: Vec<Column>) -> Result<(), IntakeError> {
        match &mut self.out {
            Out::Xlsx(book) => book.begin(sheet, &columns)?,
            _ => {
                return Err(IntakeError::content(
                    &self.path,
                    "only a workbook has sheets: write to .xlsx, or one file a table",
                ));
            }
        }
        self.columns = columns;
        Ok(())
    }

    /// Rows written so far.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Ends the file and gives it its name.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn finish(self) -> Result<(), IntakeError> {
        let file_error = |source| IntakeError::file(&self.path, source);
        match self.out {
            Out::Csv(mut writer) => writer.flush().map_err(file_error)?,
            Out::Xlsx(book) => book.finish()?,
            Out::Parquet(table) => table.finish()?,
            Out::JsonLines(mut file) => file.flush().map_err(file_error)?,
        }
        std::fs::rename(&self.part, &self.path).map_err(file_error)
    }
}

/// An object a line; numbers keep their decimals, empty cells are null.
fn json_line(cells: &[Cell<'_>], columns: &[Column]) -> String {
    let quoted = |text: &str| serde_json::Value::from(text).to_string();
    let members = cells.iter().zip(columns).map(|(cell, column)| {
        let value = match cell {
            Cell::Empty => "null".to_owned(),
            Cell::Text(text) => quoted(text),
            other => other.show(column.kind),
        };
        format!("{}:{value}", quoted(&column.name))
    });
    let members: Vec<String> = members.collect();
    format!("{{{}}}\n", members.join(","))
}
