//! XLSX, written row by row: the library keeps one row in memory.

use super::{Cell, Column, ColumnKind};
use crate::error::IntakeError;
use rust_xlsxwriter::{Format, Workbook as Book, Worksheet, XlsxError};
use std::fs::File;
use std::path::{Path, PathBuf};

/// Rows of a sheet, the headings included.
const FULL: u32 = 1_048_576;

pub(super) struct Workbook {
    path: PathBuf,
    file: File,
    book: Book,
    sheet: usize,
    next_row: u32,
    sheets: usize,
}

impl Workbook {
    pub(super) fn new(path: &Path, file: File, sheet: &str, columns: &[Column]) -> Result<Workbook, IntakeError> {
        let mut book = Workbook { path: path.to_owned(), file, book: Book::new(), sheet: 0, next_row: 0, sheets: 0 };
        book.begin(sheet, columns)?;
        Ok(book)
    }

    pub(super) fn begin(&mut self, name: &str, columns: &[Column]) -> Result<(), IntakeError> {
        let written = (|| -> Result<(), XlsxError> {
            let sheet = self.book.add_worksheet_with_constant_memory()?;
            sheet.set_name(name)?;
            sheet.set_freeze_panes(1, 0)?;
            let bold = Format::new().set_bold();
            for (column, number) in columns.iter().zip(0_u16..) {
                sheet.set_column_width(number, width(column))?;
                sheet.write_string_with_format(0, number, &column.name, &bold)?;
            }
            Ok(())
        })();
        written.map_err(|error| IntakeError::content(&self.path, error))?;
        self.sheet = self.sheets;
        self.sheets += 1;
        self.next_row = 1;
        Ok(())
    }

    pub(super) fn write(&mut self, cells: &[Cell<'_>], columns: &[Column]) -> Result<(), IntakeError> {
        if self.next_row == FULL {
            let problem = format!("a sheet holds {FULL} rows; write to .csv or .parquet");
            return Err(IntakeError::content(&self.path, problem));
        }
        let row = self.next_row;
        let path = &self.path;
        let sheet = self.book.worksheet_from_index(self.sheet).map_err(|error| IntakeError::content(path, error))?;
        for ((cell, column), number) in cells.iter().zip(columns).zip(0_u16..) {
            put(sheet, row, number, *cell, column.kind).map_err(|error| IntakeError::content(path, error))?;
        }
        self.next_row += 1;
        Ok(())
    }

    pub(super) fn finish(mut self) -> Result<(), IntakeError> {
        self.book.save_to_writer(self.file).map_err(|error| IntakeError::content(&self.path, error))
    }
}

fn width(column: &Column) -> f64 {
    let wide = column.name.chars().map(|c| if c.is_ascii() { 1_u8 } else { 2 }).fold(4_u8, u8::saturating_add);
    f64::from(wide.clamp(10, 40))
}

/// Numbers go in as numbers, with as many decimals shown as the column has. A spreadsheet
/// keeps fifteen digits; what has more goes in as text.
fn put(sheet: &mut Worksheet, row: u32, column: u16, cell: Cell<'_>, kind: ColumnKind) -> Result<(), XlsxError> {
    let text = cell.show(kind);
    match cell {
        Cell::Empty => Ok(()),
        Cell::Text(text) => sheet.write_string(row, column, text).map(|_| ()),
        _ if text.bytes().filter(u8::is_ascii_digit).count() > 15 => sheet.write_string(row, column, text).map(|_| ()),
        _ => {
            let decimals = match kind {
                ColumnKind::Money => 2,
                ColumnKind::Decimal(places) => usize::from(places),
                _ => 0,
            };
            let number: f64 = text.parse().unwrap_or_default();
            let shown = if decimals == 0 { "0".to_owned() } else { format!("0.{}", "0".repeat(decimals)) };
            sheet.write_number_with_format(row, column, number, &Format::new().set_num_format(shown)).map(|_| ())
        }
    }
}
