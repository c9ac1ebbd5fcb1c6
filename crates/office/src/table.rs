//! 结果表: the rows of a finished run, put in their place as CSV, XLSX, Parquet or JSON lines.

use std::path::Path;

use intake::{Cell, Column, ColumnKind, Format, TableWriter};
use terms::{Exact, Fen};

use crate::Problem;

/// Columns from (heading, kind) pairs.
#[must_use]
pub fn columns(of: &[(&str, ColumnKind)]) -> Vec<Column> {
    of.iter().map(|(name, kind)| Column::new(name, *kind)).collect()
}

/// The headings of columns.
#[must_use]
pub fn headings(columns: &[Column]) -> Vec<String> {
    columns.iter().map(|column| column.name.clone()).collect()
}

/// Gives `rows` (CSV with headings) the name and form of `out`; `rows` is gone afterwards.
///
/// # Errors
/// A file cannot be read or written.
pub fn put_in_place(rows: &Path, out: &Path, sheet: &str, columns: Vec<Column>) -> Result<(), Problem> {
    if Format::of(out)? == Format::Csv {
        return Ok(std::fs::rename(rows, out)?);
    }
    begin(rows, out, sheet, columns)?.finish()?;
    Ok(std::fs::remove_file(rows)?)
}

/// Begins a table with `rows` (CSV with headings) in it; a workbook may get further sheets.
///
/// # Errors
/// A file cannot be read or written.
pub fn begin(rows: &Path, out: &Path, sheet: &str, columns: Vec<Column>) -> Result<TableWriter, Problem> {
    let kinds: Vec<ColumnKind> = columns.iter().map(|column| column.kind).collect();
    let mut table = TableWriter::create(out, sheet, columns)?;
    let mut reader = csv::Reader::from_path(rows)?;
    let mut record = csv::StringRecord::new();
    while reader.read_record(&mut record)? {
        let cells = record.iter().zip(&kinds).map(|(text, kind)| cell(text, *kind));
        table.write(&cells.collect::<Result<Vec<_>, _>>()?)?;
    }
    Ok(table)
}

/// Excel holds so many characters in a cell.
const LONGEST: usize = 32_767;

fn cell(text: &str, kind: ColumnKind) -> Result<Cell<'_>, Problem> {
    Ok(match kind {
        _ if text.is_empty() => Cell::Empty,
        ColumnKind::Text => Cell::Text(text.char_indices().nth(LONGEST).map_or(text, |(at, _)| &text[..at])),
        ColumnKind::Whole => Cell::Whole(text.parse()?),
        ColumnKind::Money => Cell::Money(text.parse::<Fen>()?),
        ColumnKind::Decimal(_) => Cell::Number(text.parse::<Exact>()?),
    })
}

/// Refuses an ending before hours of work, not after.
///
/// # Errors
/// Nothing can be written under that name.
pub fn can_be_written(out: Option<&Path>) -> Result<(), Problem> {
    if let Some(out) = out {
        Format::of(out)?;
    }
    Ok(())
}
