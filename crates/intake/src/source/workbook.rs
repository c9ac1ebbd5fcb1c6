//! XLSX. Cells stream from the sheet; the workbook's shared texts are held by the library.

use super::{Row, SourceOptions};
use crate::error::IntakeError;
use calamine::{Cell, DataRef, Reader, SheetVisible, Xlsx, XlsxCellReader};
use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

pub(super) struct Workbook {
    path: PathBuf,
    book: Xlsx<BufReader<File>>,
}

impl Workbook {
    pub(super) fn open(path: &Path, _: &SourceOptions) -> Result<Workbook, IntakeError> {
        let file = File::open(path).map_err(|source| IntakeError::file(path, source))?;
        let book = Xlsx::new(BufReader::new(file))
            .map_err(|error| IntakeError::content(path, format!("this is not a readable .xlsx workbook: {error}")))?;
        Ok(Workbook { path: path.to_owned(), book })
    }

    pub(super) fn rows(&mut self, options: &SourceOptions) -> Result<SheetRows<'_>, IntakeError> {
        let sheet = self.choose(options.sheet.as_deref())?;
        let path = self.path.clone();
        let cells = self.book.worksheet_cells_reader(&sheet).map_err(|error| IntakeError::content(&path, error))?;
        Ok(SheetRows { path, sheet, cells, waiting: None, ended: false })
    }

    fn choose(&self, wanted: Option<&str>) -> Result<String, IntakeError> {
        let visible = self.book.sheets_metadata().iter().filter(|sheet| sheet.visible == SheetVisible::Visible);
        let visible: Vec<&str> = visible.map(|sheet| sheet.name.as_str()).collect();
        match (wanted, visible.as_slice()) {
            (Some(wanted), _) if self.book.sheet_names().iter().any(|name| name == wanted) => Ok(wanted.to_owned()),
            (Some(wanted), sheets) => {
                let problem = format!("there is no sheet “{wanted}”; there are {}", sheets.join(", "));
                Err(IntakeError::content(&self.path, problem))
            }
            (None, [only]) => Ok((*only).to_owned()),
            (None, sheets) => {
                let problem =
                    format!("the workbook has {} visible sheets; say which: {}", sheets.len(), sheets.join(", "));
                Err(IntakeError::content(&self.path, problem))
            }
        }
    }
}

pub(super) struct SheetRows<'a> {
    path: PathBuf,
    sheet: String,
    cells: XlsxCellReader<'a, BufReader<File>>,
    waiting: Option<Cell<DataRef<'a>>>,
    ended: bool,
}

impl SheetRows<'_> {
    pub(super) fn how(&self) -> String {
        format!("XLSX，工作表 sheet “{}”", self.sheet)
    }

    pub(super) fn next(&mut self, row: &mut Row) -> Result<bool, IntakeError> {
        let first = match self.waiting.take() {
            Some(cell) => Some(cell),
            None if self.ended => None,
            None => self.cells.next_cell().map_err(|error| IntakeError::content(&self.path, error))?,
        };
        let Some(first) = first else { return Ok(false) };
        let number = first.get_position().0;
        row.clear(u64::from(number) + 1);
        let mut cell = first;
        loop {
            let column = cell.get_position().1 as usize;
            while row.len() < column {
                row.push("", false);
            }
            push(row, cell.get_value());
            match self.cells.next_cell().map_err(|error| IntakeError::content(&self.path, error))? {
                Some(next) if next.get_position().0 == number => cell = next,
                Some(next) => {
                    self.waiting = Some(next);
                    return Ok(true);
                }
                None => {
                    self.ended = true;
                    return Ok(true);
                }
            }
        }
    }
}

fn push(row: &mut Row, value: &DataRef<'_>) {
    match value {
        DataRef::Empty => row.push("", false),
        DataRef::String(text) => row.push(text, false),
        DataRef::SharedString(text) => row.push(text, false),
        DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => row.push(text, false),
        DataRef::Int(number) => row.push(&number.to_string(), true),
        DataRef::Float(number) => row.push(&show_number(*number), true),
        DataRef::Bool(truth) => row.push(if *truth { "TRUE" } else { "FALSE" }, false),
        DataRef::Error(error) => row.push(&error.to_string(), false),
        DataRef::DateTime(time) => {
            let (year, month, day, hour, minute, second, _) = time.to_ymd_hms_milli();
            let midnight = (hour, minute, second) == (0, 0, 0);
            let date = format!("{year:04}-{month:02}-{day:02}");
            row.push(&if midnight { date } else { format!("{date} {hour:02}:{minute:02}:{second:02}") }, false);
        }
    }
}

/// A number as the spreadsheet shows it: at most fifteen digits, so that 0.1 + 0.2 is 0.3.
pub(super) fn show_number(number: f64) -> String {
    let scientific = format!("{number:.14e}");
    let Some((digits, exponent)) = scientific.split_once('e') else { return scientific };
    let Ok(exponent) = exponent.parse::<i32>() else { return scientific };
    let negative = digits.starts_with('-');
    let digits: String = digits.chars().filter(char::is_ascii_digit).collect();
    let digits = digits.trim_end_matches('0');
    let point = exponent + 1;
    let text = match usize::try_from(point) {
        _ if digits.is_empty() => return "0".to_owned(),
        Ok(point) if point >= digits.len() => format!("{digits}{}", "0".repeat(point - digits.len())),
        Ok(point) if point > 0 => format!("{}.{}", &digits[..point], &digits[point..]),
        _ => format!("0.{}{digits}", "0".repeat(usize::try_from(-point).unwrap_or(0))),
    };
    if negative { format!("-{text}") } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_as_the_spreadsheet_shows_them() {
        for (number, text) in [
            (0.0, "0"),
            (12.0, "12"),
            (1234.5, "1234.5"),
            (0.300_000_000_000_000_04, "0.3"),
            (-0.05, "-0.05"),
            (1e15, "1000000000000000"),
            (98_765.43, "98765.43"),
        ] {
            assert_eq!(show_number(number), text);
        }
    }
}
