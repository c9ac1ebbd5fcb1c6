//! 行与列: records into Arrow columns and out again, losing nothing.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, BooleanBuilder, Date32Array, Date32Builder, Decimal64Array,
    Decimal64Builder, Decimal128Array, Decimal128Builder, DictionaryArray, RecordBatch, StringArray, StringBuilder,
    StringDictionaryBuilder, TimestampMicrosecondArray, TimestampMicrosecondBuilder,
};
use arrow::datatypes::{DataType, Int32Type, SchemaRef, TimeUnit};
use encounter::{Kind, Record, Value, ValueRef};
use terms::{Date, DateTime, Exact, Fen};

use crate::LakeTable;

/// 1970-01-01, from which Arrow counts.
const EPOCH: Date = Date::constant(1970, 1, 1);
const MICROSECONDS: i64 = 1_000_000;
const DAY: i64 = 86_400;

/// Days since 1970-01-01.
#[must_use]
pub fn day_number(day: Date) -> i32 {
    // Civil days, counted from March so that the leap day ends a year.
    let (year, month) = (i32::from(day.year()), i32::from(day.month()));
    let year = if month <= 2 { year - 1 } else { year };
    let (era, month) = (year.div_euclid(400), (month + 9) % 12);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * month + 2) / 5 + i32::from(day.day()) - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// Seconds since 1970-01-01 00:00:00, local time.
#[must_use]
pub fn second_number(time: DateTime) -> i64 {
    let clock = i64::from(time.hour()) * 3_600 + i64::from(time.minute()) * 60 + i64::from(time.second());
    i64::from(day_number(time.date())) * DAY + clock
}

fn day_of(number: i32) -> Option<Date> {
    EPOCH.checked_add(jiff::Span::new().try_days(number).ok()?).ok()
}

fn time_of(microseconds: i64) -> Option<DateTime> {
    let seconds = microseconds.div_euclid(MICROSECONDS);
    let clock = seconds.rem_euclid(DAY);
    let part = |value: i64| i8::try_from(value).unwrap_or_default();
    let day = day_of(i32::try_from(seconds.div_euclid(DAY)).ok()?)?;
    let below = i32::try_from(microseconds.rem_euclid(MICROSECONDS) * 1_000).unwrap_or_default();
    let clock = jiff::civil::Time::new(part(clock / 3_600), part(clock / 60 % 60), part(clock % 60), below).ok()?;
    Some(day.to_datetime(clock))
}

/// Gathers rows of one table into columns.
pub struct TableBuilder {
    schema: SchemaRef,
    of_visit: bool,
    columns: Vec<Building>,
    rows: usize,
}

enum Building {
    Code(StringDictionaryBuilder<Int32Type>),
    Text(StringBuilder),
    Day(Date32Builder),
    Time(TimestampMicrosecondBuilder),
    Money(Decimal64Builder),
    Number(Decimal128Builder),
    Flag(BooleanBuilder),
}

impl Building {
    fn new(kind: &DataType) -> Building {
        match kind {
            DataType::Dictionary(..) => Building::Code(StringDictionaryBuilder::new()),
            DataType::Date32 => Building::Day(Date32Builder::new()),
            DataType::Timestamp(TimeUnit::Microsecond, None) => Building::Time(TimestampMicrosecondBuilder::new()),
            DataType::Decimal64(..) => Building::Money(Decimal64Builder::new().with_data_type(kind.clone())),
            DataType::Decimal128(..) => Building::Number(Decimal128Builder::new().with_data_type(kind.clone())),
            DataType::Boolean => Building::Flag(BooleanBuilder::new()),
            _ => Building::Text(StringBuilder::new()),
        }
    }

    fn push(&mut self, value: Option<ValueRef<'_>>) {
        match (self, value) {
            (Building::Code(column), Some(ValueRef::Text(text))) => column.append_value(text),
            (Building::Text(column), Some(ValueRef::Text(text))) => column.append_value(text),
            (Building::Text(column), Some(ValueRef::Texts(texts))) => column.append_value(texts.join("|")),
            (Building::Day(column), Some(ValueRef::Date(day))) => column.append_value(day_number(day)),
            (Building::Time(column), Some(ValueRef::Time(time))) => {
                let below = i64::from(time.subsec_nanosecond()) / 1_000;
                column.append_value(second_number(time) * MICROSECONDS + below);
            }
            (Building::Money(column), Some(ValueRef::Money(amount))) => column.append_value(amount.0),
            (Building::Number(column), Some(ValueRef::Number(number))) => column.append_value(number.ten_decimals()),
            (Building::Flag(column), Some(ValueRef::Flag(yes))) => column.append_value(yes),
            (Building::Code(column), _) => column.append_null(),
            (Building::Text(column), _) => column.append_null(),
            (Building::Day(column), _) => column.append_null(),
            (Building::Time(column), _) => column.append_null(),
            (Building::Money(column), _) => column.append_null(),
            (Building::Number(column), _) => column.append_null(),
            (Building::Flag(column), _) => column.append_null(),
        }
    }

    fn finish(&mut self) -> ArrayRef {
        match self {
            Building::Code(column) => Arc::new(column.finish()),
            Building::Text(column) => Arc::new(column.finish()),
            Building::Day(column) => Arc::new(column.finish()),
            Building::Time(column) => Arc::new(column.finish()),
            Building::Money(column) => Arc::new(column.finish()),
            Building::Number(column) => Arc::new(column.finish()),
            Building::Flag(column) => Arc::new(column.finish()),
        }
    }
}

impl TableBuilder {
    /// No rows yet.
    #[must_use]
    pub fn new(table: LakeTable) -> TableBuilder {
        let schema = table.schema();
        let columns = schema.fields().iter().map(|column| Building::new(column.data_type())).collect();
        TableBuilder { schema, of_visit: table.is_of_visit(), columns, rows: 0 }
    }

    /// How many rows wait.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Adds a record; `person` is the key of what belongs to a visit.
    pub fn push(&mut self, person: &str, record: &impl Record) {
        self.push_with(person, |see| record.each(see));
    }

    /// Adds a fund of a visit.
    pub fn push_fund(&mut self, person: &str, mdtrt_id: &str, fund: &str, amount: Fen) {
        let values = [ValueRef::Text(mdtrt_id), ValueRef::Text(fund), ValueRef::Money(amount)];
        self.push_with(person, |see| values.into_iter().enumerate().for_each(|(at, value)| see(at, Some(value))));
    }

    fn push_with<'a>(&mut self, person: &'a str, each: impl FnOnce(&mut dyn FnMut(usize, Option<ValueRef<'a>>))) {
        let skip = usize::from(self.of_visit);
        if self.of_visit {
            self.columns[0].push(Some(ValueRef::Text(person)));
        }
        each(&mut |at, value| self.columns[at + skip].push(value));
        self.rows += 1;
    }

    /// The rows so far as columns; the builder is empty afterwards.
    pub fn finish(&mut self) -> RecordBatch {
        self.rows = 0;
        let columns = self.columns.iter_mut().map(Building::finish).collect();
        RecordBatch::try_new(self.schema.clone(), columns).expect("columns of the schema, equally long")
    }
}

/// A column, its type known once.
#[derive(Debug, Clone)]
pub enum Typed {
    /// Codes with their dictionary.
    Code(DictionaryArray<Int32Type>, StringArray),
    /// Plain texts.
    Text(StringArray),
    /// Days since 1970.
    Day(Date32Array),
    /// Microseconds since 1970, local time.
    Time(TimestampMicrosecondArray),
    /// 分.
    Money(Decimal64Array),
    /// Times ten to the tenth.
    Number(Decimal128Array),
    /// Yes or no.
    Flag(BooleanArray),
}

impl Typed {
    /// The column of one of the lake's own types; `None` for any other.
    #[must_use]
    pub fn of(array: &ArrayRef) -> Option<Typed> {
        Some(match array.data_type() {
            DataType::Dictionary(..) => {
                let codes = array.as_dictionary_opt::<Int32Type>()?;
                Typed::Code(codes.clone(), codes.values().as_string_opt::<i32>()?.clone())
            }
            DataType::Utf8 => Typed::Text(array.as_string::<i32>().clone()),
            DataType::Date32 => Typed::Day(array.as_primitive().clone()),
            DataType::Timestamp(TimeUnit::Microsecond, None) => Typed::Time(array.as_primitive().clone()),
            DataType::Decimal64(18, 2) => Typed::Money(array.as_primitive().clone()),
            DataType::Decimal128(38, 10) => Typed::Number(array.as_primitive().clone()),
            DataType::Boolean => Typed::Flag(array.as_boolean().clone()),
            _ => return None,
        })
    }

    fn is_null(&self, row: usize) -> bool {
        match self {
            Typed::Code(column, _) => column.is_null(row),
            Typed::Text(column) => column.is_null(row),
            Typed::Day(column) => column.is_null(row),
            Typed::Time(column) => column.is_null(row),
            Typed::Money(column) => column.is_null(row),
            Typed::Number(column) => column.is_null(row),
            Typed::Flag(column) => column.is_null(row),
        }
    }

    /// The text of a row of a column of texts or codes.
    #[must_use]
    pub fn text(&self, row: usize) -> Option<&str> {
        if self.is_null(row) {
            return None;
        }
        match self {
            Typed::Code(column, words) => Some(words.value(usize::try_from(column.keys().value(row)).ok()?)),
            Typed::Text(column) => Some(column.value(row)),
            _ => None,
        }
    }

    /// The value of a row.
    #[must_use]
    pub fn value(&self, row: usize, kind: Kind) -> Option<Value> {
        if self.is_null(row) {
            return None;
        }
        Some(match (self, kind) {
            (_, Kind::Text) => Value::Text(self.text(row)?.to_owned()),
            (_, Kind::Texts) => Value::Texts(self.text(row)?.split('|').map(str::to_owned).collect()),
            (Typed::Day(column), Kind::Date) => Value::Date(day_of(column.value(row))?),
            (Typed::Time(column), Kind::Time) => Value::Time(time_of(column.value(row))?),
            (Typed::Money(column), Kind::Money) => Value::Money(Fen(column.value(row))),
            (Typed::Number(column), Kind::Number) => Value::Number(Exact::of_ten_decimals(column.value(row))),
            (Typed::Flag(column), Kind::Flag) => Value::Flag(column.value(row)),
            _ => return None,
        })
    }
}

/// Columns of a table, ready to be read row by row.
#[derive(Debug, Clone)]
pub struct Rows {
    /// By the order of [`LakeTable::columns`]; `None` where the file has no such column.
    columns: Vec<Option<Typed>>,
    kinds: Vec<Kind>,
    skip: usize,
    rows: usize,
}

impl Rows {
    /// The rows of a batch of that table; columns are found by name, others are passed over.
    ///
    /// # Errors
    /// The name of a column that is not of the lake's type.
    pub fn of(table: LakeTable, batch: &RecordBatch) -> Result<Rows, String> {
        let fields = table.columns();
        let typed = |name: &str| match batch.column_by_name(name) {
            None => Ok(None),
            Some(array) => Typed::of(array).map(Some).ok_or_else(|| format!("{name} ({})", array.data_type())),
        };
        Ok(Rows {
            columns: fields.iter().map(|field| typed(field.name)).collect::<Result<_, _>>()?,
            kinds: fields.iter().map(|field| field.kind).collect(),
            skip: usize::from(table.is_of_visit()),
            rows: batch.num_rows(),
        })
    }

    /// How many.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// A column by its place in [`LakeTable::columns`].
    #[must_use]
    pub fn column(&self, at: usize) -> Option<&Typed> {
        self.columns.get(at)?.as_ref()
    }

    /// The record of a row.
    #[must_use]
    pub fn record<R: Record>(&self, row: usize) -> R {
        let mut record = R::default();
        record.fill(&mut |at| self.value(at, row));
        record
    }

    /// A fact of a row, by the place of its field.
    #[must_use]
    pub fn value(&self, field: usize, row: usize) -> Option<Value> {
        let at = field + self.skip;
        self.columns[at].as_ref()?.value(row, self.kinds[at])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_counted_as_the_calendar_does() {
        for text in ["1970-01-01", "1969-12-31", "1900-03-01", "2000-02-29", "2026-11-21", "2100-12-31"] {
            let day = terms::parse_date(text).expect("a date");
            assert_eq!(day_of(day_number(day)), Some(day), "{text}");
        }
        assert_eq!(day_number(Date::constant(2026, 1, 1)), 20_454);
    }
}
