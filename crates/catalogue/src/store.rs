//! Storage: the statements of the room, how a row is written and read, and the deeds.

use std::collections::BTreeMap;

use db::{DbError, Migration, Row, Sql, Tx, Value};
use serde_json::{Map, Value as Json};
use terms::{ItemCode, Period, Quantity, Ratio, UnitPrice, parse_date};

use crate::{Content, Index, Item, Level, Per, Quota, RowError, Term, TermKind};

/// The room's schema, oldest first.
pub static MIGRATIONS: &[Migration] =
    &[Migration { id: "catalogue/0001_catalogue", text: include_str!("../migrations/0001_catalogue.sql") }];

static VERSION: Sql = Sql::new("catalogue.version", "SELECT version FROM catalogue_version WHERE id = 1");
static MOVE_VERSION: Sql =
    Sql::new("catalogue.move_version", "UPDATE catalogue_version SET version = version + 1 WHERE id = 1");
static CLEAR_ITEMS: Sql = Sql::new("catalogue.clear_items", "DELETE FROM catalogue_item");
static CLEAR_TERMS: Sql = Sql::new("catalogue.clear_terms", "DELETE FROM catalogue_term");
static DROP_ITEM: Sql = Sql::new("catalogue.drop_item", "DELETE FROM catalogue_item WHERE code = $1 AND begndate = $2");
static DROP_TERM: Sql =
    Sql::new("catalogue.drop_term", "DELETE FROM catalogue_term WHERE kind = $1 AND code = $2 AND begndate = $3");
static ADD_ITEM: Sql = Sql::new(
    "catalogue.add_item",
    "INSERT INTO catalogue_item (code, begndate, enddate, name, list_type, charge_type, level, self_pay, ceilings, \
     restricted, quota_per, quota_count, account_payable, dosage_form, specification, unit, typical_price) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)",
);
static ADD_TERM: Sql = Sql::new(
    "catalogue.add_term",
    "INSERT INTO catalogue_term (kind, code, begndate, enddate, name, filed_under) VALUES ($1, $2, $3, $4, $5, $6)",
);
static ALL_ITEMS: Sql = Sql::new(
    "catalogue.all_items",
    "SELECT code, begndate, enddate, name, list_type, charge_type, level, self_pay, ceilings, restricted, quota_per, \
     quota_count, account_payable, dosage_form, specification, unit, typical_price FROM catalogue_item \
     ORDER BY code, begndate",
);
static ALL_TERMS: Sql = Sql::new(
    "catalogue.all_terms",
    "SELECT kind, code, begndate, enddate, name, filed_under FROM catalogue_term ORDER BY kind, code, begndate",
);
static ITEMS_PAGE: Sql = Sql::new(
    "catalogue.items_page",
    "SELECT code, begndate, enddate, name, list_type, charge_type, level, self_pay, ceilings, restricted, quota_per, \
     quota_count, account_payable, dosage_form, specification, unit, typical_price FROM catalogue_item \
     WHERE list_type = $1 ORDER BY code, begndate LIMIT $2 OFFSET $3",
);
static ITEMS_COUNT: Sql = Sql::new("catalogue.items_count", "SELECT COUNT(*) FROM catalogue_item WHERE list_type = $1");
static TERMS_PAGE: Sql = Sql::new(
    "catalogue.terms_page",
    "SELECT kind, code, begndate, enddate, name, filed_under FROM catalogue_term WHERE kind = $1 \
     ORDER BY code, begndate LIMIT $2 OFFSET $3",
);
static TERMS_COUNT: Sql = Sql::new("catalogue.terms_count", "SELECT COUNT(*) FROM catalogue_term WHERE kind = $1");

/// Every statement of the room, for the prepare-all test.
pub static STATEMENTS: &[&Sql] = &[
    &VERSION,
    &MOVE_VERSION,
    &CLEAR_ITEMS,
    &CLEAR_TERMS,
    &DROP_ITEM,
    &DROP_TERM,
    &ADD_ITEM,
    &ADD_TERM,
    &ALL_ITEMS,
    &ALL_TERMS,
    &ITEMS_PAGE,
    &ITEMS_COUNT,
    &TERMS_PAGE,
    &TERMS_COUNT,
];

/// The register's version; it moves with every change.
///
/// # Errors
/// [`DbError`] when storage fails.
pub fn version(tx: &mut dyn Tx) -> Result<i64, DbError> {
    first_number(&tx.query(&VERSION, &[])?)
}

/// Loads the whole register.
///
/// # Errors
/// [`DbError`] when storage fails or a row does not hold what the code expects.
pub fn load(tx: &mut dyn Tx) -> Result<Index, DbError> {
    let version = version(tx)?;
    let items = tx.query(&ALL_ITEMS, &[])?.iter().map(item_of).collect::<Result<_, _>>()?;
    let terms = tx.query(&ALL_TERMS, &[])?.iter().map(term_of).collect::<Result<_, _>>()?;
    Ok(Index::new(version, items, terms))
}

/// Puts the rows of `content` in the place of the whole register.
///
/// # Errors
/// [`DbError`] when storage fails.
pub fn replace(tx: &mut dyn Tx, content: &Content) -> Result<(), DbError> {
    tx.execute(&CLEAR_ITEMS, &[])?;
    tx.execute(&CLEAR_TERMS, &[])?;
    tx.insert_many(&ADD_ITEM, &content.items.iter().map(item_values).collect::<Vec<_>>())?;
    tx.insert_many(&ADD_TERM, &content.terms.iter().map(term_values).collect::<Vec<_>>())?;
    tx.execute(&MOVE_VERSION, &[])?;
    Ok(())
}

/// Adds the rows of `content` to the register. A row with the code and first day of a
/// stored one takes its place. A code any of whose new rows shares days with another
/// stored row is not taken at all, and each such row is reported.
///
/// # Errors
/// [`DbError`] when storage fails.
pub fn import(tx: &mut dyn Tx, content: &Content) -> Result<Vec<RowError>, DbError> {
    let stored = load(tx)?;
    let mut refused = Vec::new();
    let mut items = Vec::new();
    for rows in by_code(&content.items, |item| item.code.as_str()) {
        let code = rows[0].code.as_str();
        let periods: Vec<Period> = rows.iter().map(|row| row.period).collect();
        let errors = clashes(code, &periods, stored.rows(code).iter().map(|row| row.period));
        if errors.is_empty() {
            items.extend(rows);
        }
        refused.extend(errors);
    }
    let mut terms = Vec::new();
    for rows in by_code(&content.terms, |term| (term.kind, term.code.as_str())) {
        let (kind, code) = (rows[0].kind, rows[0].code.as_str());
        let periods: Vec<Period> = rows.iter().map(|row| row.period).collect();
        let errors = clashes(code, &periods, stored.term_rows(kind, code).iter().map(|row| row.period));
        if errors.is_empty() {
            terms.extend(rows);
        }
        refused.extend(errors);
    }
    put(tx, &items, &terms)?;
    Ok(refused)
}

fn put(tx: &mut dyn Tx, items: &[&Item], terms: &[&Term]) -> Result<(), DbError> {
    for item in items {
        tx.execute(&DROP_ITEM, &[item.code.as_str().into(), item.period.begin.to_string().into()])?;
    }
    for term in terms {
        let begin = term.period.begin.to_string();
        tx.execute(&DROP_TERM, &[term.kind.code().into(), term.code.as_str().into(), begin.into()])?;
    }
    tx.insert_many(&ADD_ITEM, &items.iter().map(|item| item_values(item)).collect::<Vec<_>>())?;
    tx.insert_many(&ADD_TERM, &terms.iter().map(|term| term_values(term)).collect::<Vec<_>>())?;
    tx.execute(&MOVE_VERSION, &[])?;
    Ok(())
}

/// Rows grouped by code, in the order of the codes.
fn by_code<'a, T, K: Ord>(rows: &'a [T], key: impl Fn(&'a T) -> K) -> Vec<Vec<&'a T>> {
    let mut groups: BTreeMap<K, Vec<&T>> = BTreeMap::new();
    for row in rows {
        groups.entry(key(row)).or_default().push(row);
    }
    groups.into_values().collect()
}

/// The new periods of a code that share days with a stored row that none of them replaces.
fn clashes(code: &str, new: &[Period], stored: impl Iterator<Item = Period>) -> Vec<RowError> {
    let kept: Vec<Period> = stored.filter(|old| new.iter().all(|period| period.begin != old.begin)).collect();
    let clash = |period: &Period| kept.iter().find(|old| old.overlaps(period)).map(|old| (*period, *old));
    let describe = |(period, old): (Period, Period)| {
        let end = old.end.map_or_else(|| "no end".to_owned(), |end| end.to_string());
        RowError {
            file: "register".into(),
            line: 0,
            column: "begndate".to_owned(),
            value: period.begin.to_string(),
            problem: format!("the period of {code} shares days with the stored row from {} to {end}", old.begin),
            remedy: "import that row again with an end date before this one begins".to_owned(),
        }
    };
    new.iter().filter_map(clash).map(describe).collect()
}

/// 分页下载: one page of the items of a list type (from 0) and how many rows there are in all.
///
/// # Errors
/// [`DbError`] when storage fails.
pub fn items_page(tx: &mut dyn Tx, list_type: &str, page: i64, size: i64) -> Result<(Vec<Item>, i64), DbError> {
    let total = first_number(&tx.query(&ITEMS_COUNT, &[list_type.into()])?)?;
    let rows = tx.query(&ITEMS_PAGE, &[list_type.into(), size.into(), (page * size).into()])?;
    Ok((rows.iter().map(item_of).collect::<Result<_, _>>()?, total))
}

/// 分页下载: one page of a code list (from 0) and how many rows there are in all.
///
/// # Errors
/// [`DbError`] when storage fails.
pub fn terms_page(tx: &mut dyn Tx, kind: TermKind, page: i64, size: i64) -> Result<(Vec<Term>, i64), DbError> {
    let total = first_number(&tx.query(&TERMS_COUNT, &[kind.code().into()])?)?;
    let rows = tx.query(&TERMS_PAGE, &[kind.code().into(), size.into(), (page * size).into()])?;
    Ok((rows.iter().map(term_of).collect::<Result<_, _>>()?, total))
}

fn first_number(rows: &[Row]) -> Result<i64, DbError> {
    rows.first().map_or(Ok(0), |row| row.get(0))
}

fn item_values(item: &Item) -> Vec<Value> {
    let self_pay: Map<String, Json> = item.self_pay.iter().map(|(key, ratio)| (key.clone(), ratio.0.into())).collect();
    let ceilings: Map<String, Json> =
        item.ceilings.iter().map(|(level, text)| (level.clone(), text.as_str().into())).collect();
    vec![
        item.code.as_str().into(),
        item.period.begin.to_string().into(),
        item.period.end.map(|end| end.to_string()).into(),
        item.name.as_str().into(),
        item.list_type.as_str().into(),
        item.charge_type.as_str().into(),
        item.level.code().into(),
        Json::Object(self_pay).to_string().into(),
        Json::Object(ceilings).to_string().into(),
        i64::from(item.restricted).into(),
        item.quota.map(|quota| quota.per.code()).into(),
        item.quota.map(|quota| quota.count.0).into(),
        i64::from(item.account_payable).into(),
        item.dosage_form.as_str().into(),
        item.specification.as_str().into(),
        item.unit.as_str().into(),
        item.typical_price.map(|price| price.0).into(),
    ]
}

fn item_of(row: &Row) -> Result<Item, DbError> {
    let per: Option<String> = row.get(10)?;
    let count: Option<i64> = row.get(11)?;
    let quota = match (per, count) {
        (Some(per), Some(count)) => Some(Quota {
            per: Per::from_code(&per).ok_or_else(|| wrong(row, 10, "day or visit"))?,
            count: Quantity(count),
        }),
        _ => None,
    };
    Ok(Item {
        code: ItemCode(row.get(0)?),
        period: period_of(row, 1)?,
        name: row.get(3)?,
        list_type: row.get(4)?,
        charge_type: row.get(5)?,
        level: Level::from_code(&row.get::<String>(6)?).ok_or_else(|| wrong(row, 6, "a level"))?,
        self_pay: map_of(row, 7, |json| json.as_i64().map(Ratio))?,
        ceilings: map_of(row, 8, |json| json.as_str().map(str::to_owned))?,
        restricted: row.get::<i64>(9)? == 1,
        quota,
        account_payable: row.get::<i64>(12)? == 1,
        dosage_form: row.get(13)?,
        specification: row.get(14)?,
        unit: row.get(15)?,
        typical_price: row.get::<Option<i64>>(16)?.map(UnitPrice),
    })
}

fn term_values(term: &Term) -> Vec<Value> {
    vec![
        term.kind.code().into(),
        term.code.as_str().into(),
        term.period.begin.to_string().into(),
        term.period.end.map(|end| end.to_string()).into(),
        term.name.as_str().into(),
        term.group.as_str().into(),
    ]
}

fn term_of(row: &Row) -> Result<Term, DbError> {
    Ok(Term {
        kind: TermKind::from_code(&row.get::<String>(0)?).ok_or_else(|| wrong(row, 0, "a kind of term"))?,
        code: row.get(1)?,
        period: period_of(row, 2)?,
        name: row.get(4)?,
        group: row.get(5)?,
    })
}

fn period_of(row: &Row, column: usize) -> Result<Period, DbError> {
    let date = |column: usize, text: &str| parse_date(text).ok_or_else(|| wrong(row, column, "a date"));
    let end = row.get::<Option<String>>(column + 1)?;
    Ok(Period {
        begin: date(column, &row.get::<String>(column)?)?,
        end: end.map(|text| date(column + 1, &text)).transpose()?,
    })
}

fn map_of<T>(row: &Row, column: usize, value: impl Fn(&Json) -> Option<T>) -> Result<BTreeMap<String, T>, DbError> {
    let text: String = row.get(column)?;
    let object = serde_json::from_str::<Map<String, Json>>(&text).map_err(|_| wrong(row, column, "a JSON object"))?;
    let pairs = object.iter().map(|(key, json)| Some((key.clone(), value(json)?)));
    pairs.collect::<Option<_>>().ok_or_else(|| wrong(row, column, "a JSON object of the right values"))
}

fn wrong(row: &Row, column: usize, expected: &'static str) -> DbError {
    DbError::Column { statement: row.statement.to_owned(), column, expected }
}
