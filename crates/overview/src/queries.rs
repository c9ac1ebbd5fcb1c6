//! 查询: what the room answers.

use db::{DbError, Row as DbRow, Tx, Value};
use terms::{Date, Fen, InstitutionId, PersonId, SettlementId, VisitId, parse_date, parse_time, show_time};

use crate::facts::{
    Amounts, Bucket, Burden, Cursor, Dimension, Filter, FundSum, Key, Page, Row, Sort, SortBy, Standing, Sums, Sundry,
};
use crate::store::*;

/// Before and after every moment that can be written.
const FIRST_DAY: &str = "0000-01-01";
const LAST_DAY: &str = "9999-12-31";
const FIRST_TIME: &str = "0000-01-01 00:00:00";
const LAST_TIME: &str = "9999-12-31 23:59:59";
/// A stretch of days that is sooner sorted than walked past.
const SHORT_DAYS: i32 = 31;

/// How far the projections have come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reach {
    /// The last change of the feed that is counted.
    pub seen: i64,
    /// The last number that the feed has given.
    pub head: i64,
}

/// How far the projections have come.
///
/// # Errors
/// [`DbError`] when storage fails.
pub fn reach(tx: &mut dyn Tx) -> Result<Reach, DbError> {
    let rows = tx.query(&REACH, &[])?;
    let seen = rows.first().ok_or_else(|| DbError::other(&REACH, "the row of the cursor is missing"))?.get(0)?;
    Ok(Reach { seen, head: operation::feed::head(tx)? })
}

/// The newest day with a settlement or reversal.
///
/// # Errors
/// [`DbError`] when storage fails.
pub fn newest_day(tx: &mut dyn Tx) -> Result<Option<Date>, DbError> {
    tx.query(&NEWEST_DAY, &[])?.first().map(|row| day(row, 0)).transpose()
}

/// One settlement or reversal.
///
/// # Errors
/// [`DbError`] when storage fails or a row does not hold what it should.
pub fn find(tx: &mut dyn Tx, setl_id: &SettlementId) -> Result<Option<Row>, DbError> {
    tx.query(&FIND, &[setl_id.0.as_str().into()])?.first().map(read).transpose()
}

/// A page of at most `limit` rows after `after`, which must come from the same filter and sort.
///
/// # Errors
/// As [`find`].
pub fn page(
    tx: &mut dyn Tx,
    filter: &Filter,
    sort: Sort,
    after: Option<&Cursor>,
    limit: usize,
) -> Result<Page, DbError> {
    let ways = way(filter, sort.by);
    let sql = if sort.descending { &ways.down } else { &ways.up };
    let mut values = narrowing(filter, ways.loose);
    let (key, id) = match after {
        Some(Cursor { key: Key::Time(time), setl_id }) => (time.as_str().into(), setl_id.as_str().into()),
        Some(Cursor { key: Key::Amount(amount), setl_id }) => ((*amount).into(), setl_id.as_str().into()),
        None => (outermost(sort), Value::from("")),
    };
    values.extend([key, id, i64::try_from(limit + 1).unwrap_or(i64::MAX).into()]);
    let mut rows = tx.query(sql, &values)?.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    let more = rows.len() > limit;
    rows.truncate(limit);
    let next =
        rows.last().filter(|_| more).map(|row| Cursor { key: key_of(row, sort.by), setl_id: row.setl_id.0.clone() });
    Ok(Page { rows, next })
}

/// Count and sums of what a filter leaves. Filters that days can answer are answered from the
/// sums of days; others from the rows.
///
/// # Errors
/// As [`find`].
pub fn sums(tx: &mut dyn Tx, filter: &Filter) -> Result<Sums, DbError> {
    let rows = if filter.is_of_days() {
        tx.query(&SUMS_OF_DAYS, &of_days(filter))?
    } else {
        let (sql, loose) = match way_in(filter) {
            WayIn::All => (&SUMS_OF_ALL, false),
            WayIn::Institution(_) => (&SUMS_OF_INSTITUTION, false),
            WayIn::Standing(_) => (&SUMS_OF_STANDING, false),
            WayIn::Person(_) => (&SUMS_OF_PERSON, false),
            WayIn::Number(_) => (&SUMS_OF_NUMBER, true),
        };
        tx.query(sql, &narrowing(filter, loose))?
    };
    rows.first().map_or(Ok(Sums::default()), |row| read_sums(row, 0))
}

/// 序列: sums by step and part, in order of both. Of the filter, only days, institution, scheme,
/// stream, 医疗类别 and 异地 narrow.
///
/// # Errors
/// As [`find`].
pub fn series(
    tx: &mut dyn Tx,
    filter: &Filter,
    bucket: Bucket,
    dimension: Dimension,
) -> Result<Vec<(String, String, Sums)>, DbError> {
    let part = match dimension {
        Dimension::None => "",
        Dimension::Scheme => "scheme",
        Dimension::Stream => "stream",
        Dimension::MedType => "med_type",
        Dimension::Institution => "institution",
        Dimension::Area => "area",
    };
    let mut values = of_days(filter);
    values.extend([step(bucket).into(), part.into()]);
    let rows = tx.query(&SERIES, &values)?;
    rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?, read_sums(row, 2)?))).collect()
}

/// 基金支付 by step, scheme, stream, 医疗类别 and fund, and by institution where that is asked.
/// Of the filter, days, institution, scheme, stream and 医疗类别 narrow.
///
/// # Errors
/// As [`find`].
pub fn by_funds(
    tx: &mut dyn Tx,
    filter: &Filter,
    bucket: Bucket,
    by_institution: bool,
) -> Result<Vec<FundSum>, DbError> {
    let mut values = of_days(filter);
    values.truncate(6);
    let part = if by_institution { "institution" } else { "" };
    values.extend([step(bucket).into(), part.into()]);
    let rows = tx.query(&FUNDS, &values)?;
    let read = |row: &DbRow| {
        Ok(FundSum {
            step: row.get(0)?,
            institution: row.get(1)?,
            insutype: row.get(2)?,
            clr_type: row.get(3)?,
            med_type: row.get(4)?,
            fund: row.get(5)?,
            amount: Fen(row.get(6)?),
        })
    };
    rows.iter().map(read).collect()
}

/// 负担 by group of persons and band of ages. Of the filter, days, institution, scheme and stream
/// narrow.
///
/// # Errors
/// As [`find`].
pub fn burden(tx: &mut dyn Tx, filter: &Filter) -> Result<Vec<Burden>, DbError> {
    let mut values = of_days(filter);
    values.truncate(5);
    let rows = tx.query(&BURDEN, &values)?;
    let read = |row: &DbRow| Ok(Burden { person_group: row.get(0)?, age_band: row.get(1)?, sums: read_sums(row, 2)? });
    rows.iter().map(read).collect()
}

/// 入口: what a list goes in by.
enum WayIn<'a> {
    All,
    Institution(&'a str),
    /// Of the standings that few rows have.
    Standing(&'a str),
    Person(&'a str),
    Number(&'a str),
}

fn way_in(filter: &Filter) -> WayIn<'_> {
    match (&filter.search, &filter.person, &filter.institution, filter.standing) {
        (Some(number), _, _, _) => WayIn::Number(number),
        (None, Some(person), _, _) => WayIn::Person(person),
        (None, None, Some(institution), _) => WayIn::Institution(institution),
        (None, None, None, Some(rare @ (Standing::Reversed | Standing::Reversal))) => WayIn::Standing(rare.code()),
        (None, None, None, _) => WayIn::All,
    }
}

fn way(filter: &Filter, by: SortBy) -> &'static Ways {
    let short = match (filter.from, filter.to) {
        (Some(from), Some(to)) => (to - from).get_days() <= SHORT_DAYS,
        _ => false,
    };
    match (way_in(filter), by) {
        (WayIn::All, SortBy::Time) => &ALL_BY_TIME,
        (WayIn::All, SortBy::Total) if short => &SHORT_BY_TOTAL,
        (WayIn::All, SortBy::Funds) if short => &SHORT_BY_FUNDS,
        (WayIn::All, SortBy::Total) => &ALL_BY_TOTAL,
        (WayIn::All, SortBy::Funds) => &ALL_BY_FUNDS,
        (WayIn::Institution(_), SortBy::Time) => &INSTITUTION_BY_TIME,
        (WayIn::Institution(_), SortBy::Total) if short => &INSTITUTION_SHORT_BY_TOTAL,
        (WayIn::Institution(_), SortBy::Funds) if short => &INSTITUTION_SHORT_BY_FUNDS,
        (WayIn::Institution(_), SortBy::Total) => &INSTITUTION_BY_TOTAL,
        (WayIn::Institution(_), SortBy::Funds) => &INSTITUTION_BY_FUNDS,
        (WayIn::Standing(_), SortBy::Time) => &STANDING_BY_TIME,
        (WayIn::Standing(_), SortBy::Total) => &STANDING_BY_TOTAL,
        (WayIn::Standing(_), SortBy::Funds) => &STANDING_BY_FUNDS,
        (WayIn::Person(_), SortBy::Time) => &PERSON_BY_TIME,
        (WayIn::Person(_), SortBy::Total) => &PERSON_BY_TOTAL,
        (WayIn::Person(_), SortBy::Funds) => &PERSON_BY_FUNDS,
        (WayIn::Number(_), SortBy::Time) => &NUMBER_BY_TIME,
        (WayIn::Number(_), SortBy::Total) => &NUMBER_BY_TOTAL,
        (WayIn::Number(_), SortBy::Funds) => &NUMBER_BY_FUNDS,
    }
}

fn text(given: &Option<String>) -> Value {
    given.as_deref().unwrap_or("").into()
}

fn days(filter: &Filter) -> (Value, Value) {
    let written = |day: Option<Date>, otherwise: &str| day.map_or_else(|| otherwise.to_owned(), |day| day.to_string());
    (written(filter.from, FIRST_DAY).into(), written(filter.to, LAST_DAY).into())
}

/// 异地: the value that is left out; none has `-1`.
fn other_area(filter: &Filter) -> Value {
    filter.out_of_area.map_or(-1, |out| i64::from(!out)).into()
}

fn of_days(filter: &Filter) -> Vec<Value> {
    let (from, to) = days(filter);
    let Filter { institution, scheme, stream, med_type, .. } = filter;
    vec![from, to, text(institution), text(scheme), text(stream), text(med_type), other_area(filter)]
}

/// `$1` to `$17` of the statements on rows.
fn narrowing(filter: &Filter, loose: bool) -> Vec<Value> {
    let key = match way_in(filter) {
        WayIn::All => "",
        WayIn::Institution(key) | WayIn::Standing(key) | WayIn::Person(key) | WayIn::Number(key) => key,
    };
    // A day that has no next one is the last that can be written; nothing is settled after it.
    let end = filter.to.and_then(|day| day.tomorrow().ok());
    let at = |day: Option<Date>, otherwise: &str| match (day, loose) {
        (Some(day), true) => format!("={day} 00:00:00"),
        (Some(day), false) => format!("{day} 00:00:00"),
        (None, true) => String::new(),
        (None, false) => otherwise.to_owned(),
    };
    // A text that is given may be empty: what is not said has the empty code.
    let given = |text: Option<&str>| Value::from(text.map_or_else(String::new, |text| format!("={text}")));
    let mut values: Vec<Value> = vec![key.into(), at(filter.from, FIRST_TIME).into(), at(end, LAST_TIME).into()];
    let Filter { institution, department, person, scheme, stream, med_type, person_group, age_band, .. } = filter;
    let texts = [institution, department, person, scheme, stream, med_type, person_group, age_band];
    values.extend(texts.map(|text| given(text.as_deref())));
    values.extend([given(filter.standing.map(Standing::code)), other_area(filter)]);
    for bound in [filter.total_from, filter.total_to] {
        values.extend([i64::from(bound.is_some()).into(), bound.unwrap_or_default().0.into()]);
    }
    values
}

/// What lies before the first row.
fn outermost(sort: Sort) -> Value {
    match (sort.by, sort.descending) {
        (SortBy::Time, true) => LAST_TIME.into(),
        (SortBy::Time, false) => "".into(),
        (SortBy::Total | SortBy::Funds, true) => i64::MAX.into(),
        (SortBy::Total | SortBy::Funds, false) => i64::MIN.into(),
    }
}

fn key_of(row: &Row, by: SortBy) -> Key {
    match by {
        SortBy::Time => Key::Time(show_time(row.setl_time)),
        SortBy::Total => Key::Amount(row.amounts.total.0),
        SortBy::Funds => Key::Amount(row.amounts.funds.0),
    }
}

fn step(bucket: Bucket) -> &'static str {
    match bucket {
        Bucket::Whole => "whole",
        Bucket::Month => "month",
        Bucket::Day => "day",
    }
}

fn wrong(row: &DbRow, column: usize, expected: &'static str) -> DbError {
    DbError::Column { statement: row.statement.to_owned(), column, expected }
}

fn day(row: &DbRow, column: usize) -> Result<Date, DbError> {
    let text: String = row.get(column)?;
    parse_date(&text).ok_or_else(|| wrong(row, column, "a day yyyy-MM-dd"))
}

fn read_amounts(row: &DbRow, first: usize) -> Result<Amounts, DbError> {
    let mut all = [Fen::ZERO; 10];
    for (nth, amount) in all.iter_mut().enumerate() {
        *amount = Fen(row.get(first + nth)?);
    }
    Ok(Amounts::of(all))
}

fn read_sums(row: &DbRow, first: usize) -> Result<Sums, DbError> {
    let (settlements, reversals) = (row.get(first)?, row.get(first + 1)?);
    Ok(Sums { settlements, reversals, amounts: read_amounts(row, first + 2)? })
}

fn read(row: &DbRow) -> Result<Row, DbError> {
    let time: String = row.get(10)?;
    let standing: String = row.get(13)?;
    let id =
        |column| -> Result<Option<SettlementId>, DbError> { Ok(row.get::<Option<String>>(column)?.map(SettlementId)) };
    Ok(Row {
        setl_id: SettlementId(row.get(0)?),
        mdtrt_id: VisitId(row.get(1)?),
        psn_no: PersonId(row.get(2)?),
        fixmedins_code: InstitutionId(row.get(3)?),
        sundry: Sundry {
            department: row.get(4)?,
            insutype: row.get(5)?,
            clr_type: row.get(6)?,
            med_type: row.get(7)?,
            begntime: row.get(8)?,
            endtime: row.get(9)?,
            person_group: row.get(14)?,
            age: row.get(16)?,
            insured_area: row.get(17)?,
            visit_area: row.get(18)?,
        },
        setl_time: parse_time(&time).ok_or_else(|| wrong(row, 10, "a time"))?,
        reverses: id(11)?,
        reversed_by: id(12)?,
        standing: Standing::from_code(&standing).ok_or_else(|| wrong(row, 13, "valid, reversed or reversal"))?,
        amounts: read_amounts(row, 20)?,
    })
}
