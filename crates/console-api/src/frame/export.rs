//! 导出: rows of a list as CSV or XLSX, with the headings and the masking of the page.

use axum::http::header;
use axum::response::{IntoResponse, Response};
use rust_xlsxwriter::Workbook;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use terms::Fen;
use utoipa::ToSchema;

use crate::frame::Problem;

/// 文件格式.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Form {
    /// Comma-separated, UTF-8 with a byte-order mark so that spreadsheets read Chinese.
    Csv,
    /// A workbook.
    Xlsx,
}

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Text, or a masked text.
    Text,
    /// 分 in the row, yuan with two decimals in the file.
    Money,
    /// A whole number.
    Count,
}

/// A column of a file.
#[derive(Debug, Clone, Copy)]
pub struct Column {
    /// The field of the row; `a.b` for a field of a field.
    pub field: &'static str,
    /// Its heading.
    pub heading: &'static str,
    /// What it holds.
    pub unit: Unit,
}

impl Column {
    /// A column of text.
    #[must_use]
    pub const fn text(field: &'static str, heading: &'static str) -> Column {
        Column { field, heading, unit: Unit::Text }
    }

    /// A column of money.
    #[must_use]
    pub const fn money(field: &'static str, heading: &'static str) -> Column {
        Column { field, heading, unit: Unit::Money }
    }

    /// A column of whole numbers.
    #[must_use]
    pub const fn count(field: &'static str, heading: &'static str) -> Column {
        Column { field, heading, unit: Unit::Count }
    }
}

/// A row that can go into a file.
pub trait Exported {
    /// The file's name without its ending.
    const FILE: &'static str;
    /// Its columns.
    const COLUMNS: &'static [Column];
}

/// The rows as a file.
pub(super) fn file<T: Serialize + Exported>(rows: &[T], form: Form) -> Result<Response, Problem> {
    let rows = rows.iter().map(serde_json::to_value).collect::<Result<Vec<_>, _>>();
    let rows = rows.map_err(|error| Problem::internal(&error))?;
    let cells = |row: &Value| T::COLUMNS.iter().map(|column| cell(row, column)).collect::<Vec<String>>();
    let (bytes, kind, ending) = match form {
        Form::Csv => (csv_bytes::<T>(&rows, cells)?, "text/csv; charset=utf-8", "csv"),
        Form::Xlsx => (
            xlsx_bytes::<T>(&rows, cells)?,
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            "xlsx",
        ),
    };
    let disposition = format!("attachment; filename=\"{}.{ending}\"", T::FILE);
    Ok(([(header::CONTENT_TYPE, kind.to_owned()), (header::CONTENT_DISPOSITION, disposition)], bytes).into_response())
}

fn cell(row: &Value, column: &Column) -> String {
    let mut value = row;
    for part in column.field.split('.') {
        value = value.get(part).unwrap_or(&Value::Null);
    }
    // A masked text is an object with its text.
    let value = value.get("text").unwrap_or(value);
    match (value, column.unit) {
        (Value::Null, _) => String::new(),
        (Value::Number(fen), Unit::Money) => fen.as_i64().map_or_else(|| fen.to_string(), |fen| Fen(fen).to_string()),
        (Value::String(text), _) => text.clone(),
        (Value::Bool(yes), _) => if *yes { "是" } else { "否" }.to_owned(),
        (other, _) => other.to_string(),
    }
}

fn csv_bytes<T: Exported>(rows: &[Value], cells: impl Fn(&Value) -> Vec<String>) -> Result<Vec<u8>, Problem> {
    let broken = |error: csv::Error| Problem::internal(&error);
    let mut writer = csv::Writer::from_writer("\u{feff}".as_bytes().to_vec());
    writer.write_record(T::COLUMNS.iter().map(|column| column.heading)).map_err(broken)?;
    for row in rows {
        writer.write_record(cells(row).iter().map(|text| harmless(text))).map_err(broken)?;
    }
    writer.into_inner().map_err(|error| Problem::internal(&error))
}

/// A spreadsheet takes a text that begins so for a formula; a quotation mark keeps it a text.
fn harmless(text: &str) -> String {
    let number = text.parse::<f64>().is_ok();
    if !number && text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text.to_owned() }
}

fn xlsx_bytes<T: Exported>(rows: &[Value], cells: impl Fn(&Value) -> Vec<String>) -> Result<Vec<u8>, Problem> {
    let broken = |error: rust_xlsxwriter::XlsxError| Problem::internal(&error);
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet_with_constant_memory().map_err(broken)?;
    for (nth, column) in (0..).zip(T::COLUMNS) {
        sheet.write_string(0, nth, column.heading).map_err(broken)?;
    }
    for (line, row) in (1..).zip(rows) {
        for (nth, (text, column)) in (0..).zip(cells(row).iter().zip(T::COLUMNS)) {
            match (column.unit, text.parse::<f64>()) {
                (Unit::Money | Unit::Count, Ok(number)) => sheet.write_number(line, nth, number),
                _ => sheet.write_string(line, nth, text),
            }
            .map_err(broken)?;
        }
    }
    workbook.save_to_buffer().map_err(broken)
}
