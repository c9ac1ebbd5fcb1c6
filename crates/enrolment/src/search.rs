//! 查人: persons by the beginning of a name and by employer, a page at a time.

use std::collections::BTreeMap;

use db::{DbError, Row, Tx, Value};
use terms::{Date, PersonId};

use crate::Coverage;
use crate::operations::{padded, read_coverage, read_date};
use crate::store::{
    ASKED, COUNT_EMPLOYED, COUNT_NAMED, COVERAGE_OF_MANY, EMPLOYED, EMPLOYED_DOWN, FOUND, NAMED, NAMED_DOWN,
};

/// What persons are looked for; an empty text is not given.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PersonsAsked {
    /// The beginning of the 人员姓名.
    pub name: String,
    /// 单位编号, or the beginning of the 单位名称.
    pub employer: String,
    /// From the last name to the first.
    pub descending: bool,
}

/// A person as a list shows them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// 人员编号.
    pub psn_no: PersonId,
    /// 人员姓名.
    pub psn_name: String,
    /// 人员证件类型.
    pub psn_cert_type: String,
    /// 证件号码.
    pub certno: String,
    /// 性别.
    pub gend: String,
    /// 出生日期.
    pub brdy: Date,
    /// 联系电话.
    pub tel: String,
}

/// Persons by name, then by number; after `after`, the name and number that ended the page
/// before; at most so many.
///
/// # Errors
/// [`DbError`] when storage fails or a row does not hold what it should.
pub fn persons(
    tx: &mut dyn Tx,
    asked: &PersonsAsked,
    after: Option<(&str, &str)>,
    at_most: i64,
) -> Result<Vec<Found>, DbError> {
    let end = beyond("");
    let (name, psn_no) = after.unwrap_or(if asked.descending { (end.as_str(), "") } else { ("", "") });
    // The page before bounds this one, so that a deep page begins where it begins.
    let (mut from, mut to) = (asked.name.clone(), beyond(&asked.name));
    match after {
        Some((ended, _)) if asked.descending => to = to.min(format!("{ended}\u{1}")),
        Some((ended, _)) => from = from.max(ended.to_owned()),
        None => {}
    }
    let mut values: Vec<Value> = vec![from.into(), to.into(), name.into(), psn_no.into(), at_most.into()];
    let sql = match (asked.employer.is_empty(), asked.descending) {
        (true, false) => &NAMED,
        (true, true) => &NAMED_DOWN,
        (false, false) => &EMPLOYED,
        (false, true) => &EMPLOYED_DOWN,
    };
    if !asked.employer.is_empty() {
        values.extend([asked.employer.as_str().into(), beyond(&asked.employer).into()]);
    }
    tx.query(sql, &values)?.iter().map(read_found).collect()
}

/// How many persons there are of those looked for.
///
/// # Errors
/// [`DbError`] when storage fails.
pub fn persons_count(tx: &mut dyn Tx, asked: &PersonsAsked) -> Result<i64, DbError> {
    let mut values: Vec<Value> = vec![asked.name.as_str().into(), beyond(&asked.name).into()];
    let sql = if asked.employer.is_empty() {
        &COUNT_NAMED
    } else {
        values.extend([asked.employer.as_str().into(), beyond(&asked.employer).into()]);
        &COUNT_EMPLOYED
    };
    tx.query(sql, &values)?.first().map_or(Ok(0), |row| row.get(0))
}

/// Persons by number, a few dozen at a time; a number that is nobody's is left out.
///
/// # Errors
/// [`DbError`] when storage fails or a row does not hold what it should.
pub fn found(tx: &mut dyn Tx, persons: &[&PersonId]) -> Result<BTreeMap<PersonId, Found>, DbError> {
    let mut all = BTreeMap::new();
    for asked in persons.chunks(ASKED) {
        for row in &tx.query(&FOUND, &padded(asked.iter().map(|psn_no| psn_no.as_str())))? {
            let one = read_found(row)?;
            all.insert(one.psn_no.clone(), one);
        }
    }
    Ok(all)
}

/// 参保记录 of many persons, a few dozen at a time, each in order of registration.
///
/// # Errors
/// [`DbError`] when storage fails or a row does not hold what it should.
pub fn coverage_of_many(tx: &mut dyn Tx, persons: &[&PersonId]) -> Result<BTreeMap<PersonId, Vec<Coverage>>, DbError> {
    let mut all: BTreeMap<PersonId, Vec<Coverage>> = BTreeMap::new();
    for asked in persons.chunks(ASKED) {
        for row in &tx.query(&COVERAGE_OF_MANY, &padded(asked.iter().map(|psn_no| psn_no.as_str())))? {
            all.entry(PersonId(row.get(0)?)).or_default().push(read_coverage(row)?);
        }
    }
    Ok(all)
}

/// The end of the texts that begin so: both databases sort by code point, and nothing that
/// people write comes after the last of them.
fn beyond(beginning: &str) -> String {
    format!("{beginning}{}", char::MAX)
}

fn read_found(row: &Row) -> Result<Found, DbError> {
    Ok(Found {
        psn_no: PersonId(row.get(0)?),
        psn_name: row.get(1)?,
        psn_cert_type: row.get(2)?,
        certno: row.get(3)?,
        gend: row.get(4)?,
        brdy: read_date(row, 5)?,
        tel: row.get(6)?,
    })
}
