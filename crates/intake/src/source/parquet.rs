//! Parquet, read by row groups; cells become text.

use super::Row;
use super::workbook::show_number;
use crate::error::IntakeError;
use jiff::civil::{Date, DateTime, date};
use parquet::basic::{LogicalType, TimeUnit};
use parquet::data_type::Decimal;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::Field;
use parquet::record::reader::RowIter;
use std::fs::File;
use std::path::{Path, PathBuf};

pub(super) struct ParquetRows {
    path: PathBuf,
    names: Vec<String>,
    nanoseconds: Vec<bool>,
    rows: RowIter<'static>,
    number: u64,
}

impl ParquetRows {
    pub(super) fn open(path: &Path) -> Result<ParquetRows, IntakeError> {
        let file = File::open(path).map_err(|source| IntakeError::file(path, source))?;
        let bad = |error| IntakeError::content(path, format!("this is not a readable Parquet file: {error}"));
        let reader = SerializedFileReader::new(file).map_err(bad)?;
        let schema = reader.metadata().file_metadata().schema_descr_ptr();
        let fields = schema.root_schema().get_fields();
        if let Some(nested) = fields.iter().find(|field| field.is_group()) {
            let problem = format!("the column “{}” is nested: write it as one column a value", nested.name());
            return Err(IntakeError::content(path, problem));
        }
        let names = fields.iter().map(|field| field.name().to_owned()).collect();
        let nanoseconds = fields.iter().map(|field| {
            let logical = field.get_basic_info().logical_type_ref();
            matches!(logical, Some(LogicalType::Timestamp(time)) if time.unit == TimeUnit::NANOS)
        });
        let nanoseconds = nanoseconds.collect();
        Ok(ParquetRows {
            path: path.to_owned(),
            names,
            nanoseconds,
            rows: RowIter::from_file_into(Box::new(reader)),
            number: 0,
        })
    }

    pub(super) fn names(&self) -> &[String] {
        &self.names
    }

    pub(super) fn next(&mut self, row: &mut Row) -> Result<bool, IntakeError> {
        let Some(next) = self.rows.next() else { return Ok(false) };
        let next = next.map_err(|error| IntakeError::content(&self.path, error))?;
        self.number += 1;
        row.clear(self.number);
        for ((_, field), nanoseconds) in next.get_column_iter().zip(&self.nanoseconds) {
            push(row, field, *nanoseconds);
        }
        Ok(true)
    }
}

fn push(row: &mut Row, field: &Field, nanoseconds: bool) {
    match field {
        Field::Null => row.push("", false),
        Field::Str(text) => row.push(text, false),
        Field::Bytes(bytes) => row.push(&String::from_utf8_lossy(bytes.data()), false),
        Field::Bool(truth) => row.push(if *truth { "TRUE" } else { "FALSE" }, false),
        Field::Double(number) if number.is_nan() => row.push("", false),
        Field::Double(number) => row.push(&show_number(*number), true),
        Field::Float(number) => row.push(&number.to_string(), true),
        Field::Decimal(number) => row.push(&show_decimal(number), true),
        Field::Date(days) => row.push(&day(i64::from(*days)).map_or(String::new(), |day| day.to_string()), false),
        Field::TimestampMillis(time) => row.push(&moment(*time, 1000), false),
        Field::TimestampMicros(time) => row.push(&moment(*time, 1_000_000), false),
        Field::Long(time) if nanoseconds => row.push(&moment(*time, 1_000_000_000), false),
        other => row.push(&other.to_string(), true),
    }
}

fn day(days: i64) -> Option<Date> {
    date(1970, 1, 1).checked_add(jiff::Span::new().try_days(days).ok()?).ok()
}

/// A point in time since 1970 as a civil time; exports keep local time without a zone.
fn moment(time: i64, per_second: i64) -> String {
    let seconds = time.div_euclid(per_second);
    let clock = seconds.rem_euclid(86_400);
    let part = |value: i64| i8::try_from(value).unwrap_or(0);
    let at = jiff::civil::Time::new(part(clock / 3600), part(clock / 60 % 60), part(clock % 60), 0);
    match (day(seconds.div_euclid(86_400)), at) {
        (Some(day), Ok(at)) => terms::show_time(DateTime::from_parts(day, at)),
        _ => time.to_string(),
    }
}

/// The decimal text of an unscaled big-endian integer.
fn show_decimal(decimal: &Decimal) -> String {
    let bytes = decimal.data();
    let negative = bytes.first().is_some_and(|byte| byte & 0x80 != 0);
    let start = if negative { -1_i128 } else { 0 };
    if bytes.len() > 16 {
        return "超出范围".to_owned();
    }
    let unscaled = bytes.iter().fold(start, |sum, byte| sum << 8 | i128::from(*byte));
    let scale = usize::try_from(decimal.scale()).unwrap_or(0);
    let digits = format!("{:0width$}", unscaled.unsigned_abs(), width = scale + 1);
    let (whole, decimals) = digits.split_at(digits.len() - scale);
    let sign = if negative { "-" } else { "" };
    if decimals.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{decimals}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_and_times_become_text() {
        let decimal = |value: i64| show_decimal(&Decimal::from_i64(value, 18, 2));
        assert_eq!([decimal(123_456), decimal(-5), decimal(0)], ["1234.56", "-0.05", "0.00"]);
        assert_eq!(moment(1_773_072_005_000, 1000), "2026-03-09 16:00:05");
        assert_eq!(moment(-1_000, 1000), "1969-12-31 23:59:59");
    }
}
