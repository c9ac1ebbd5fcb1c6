//! 变更流: the append-only feed of what changed. A deed appends rows **without a number** in
//! its own transaction; [`number`] numbers committed rows afterwards, densely from 1, so that
//! a reader who has seen up to n asks for what comes after n and misses nothing.

use db::{DbError, Row, Sql, Tx, Value};

pub(crate) static APPEND: Sql = Sql::new(
    "operation.feed_append",
    "INSERT INTO change_feed (id, kind, subject, region, person, made_at, body) VALUES ($1, $2, $3, $4, $5, $6, $7)",
);
pub(crate) static HOLD: Sql =
    Sql::new("operation.feed_hold", "UPDATE change_head SET number = number WHERE name = 'change_feed'");
pub(crate) static NUMBER: Sql = Sql::new(
    "operation.feed_number",
    "UPDATE change_feed SET number = $1 + waiting.place FROM \
     (SELECT id, row_number() OVER (ORDER BY made_at, id) AS place FROM \
     (SELECT id, made_at FROM change_feed WHERE number IS NULL ORDER BY made_at, id LIMIT $2) AS first_ones) AS waiting \
     WHERE change_feed.id = waiting.id",
);
pub(crate) static ADVANCE: Sql =
    Sql::new("operation.feed_advance", "UPDATE change_head SET number = number + $1 WHERE name = 'change_feed'");
pub(crate) static HEAD: Sql =
    Sql::new("operation.feed_head", "SELECT number FROM change_head WHERE name = 'change_feed'");
pub(crate) static READ: Sql = Sql::new(
    "operation.feed_read",
    "SELECT number, id, kind, subject, region, person, made_at, body FROM change_feed \
     WHERE number > $1 ORDER BY number LIMIT $2",
);
pub(crate) static READ_BACK: Sql = Sql::new(
    "operation.feed_read_back",
    "SELECT number, id, kind, subject, region, person, made_at, body FROM change_feed \
     WHERE number < $1 ORDER BY number DESC LIMIT $2",
);
pub(crate) static FIND: Sql = Sql::new(
    "operation.feed_find",
    "SELECT kind, subject, region, person, made_at, body FROM change_feed WHERE id = $1",
);
pub(crate) static WAITING: Sql =
    Sql::new("operation.feed_waiting", "SELECT id FROM change_feed WHERE number IS NULL LIMIT 1");

/// One thing that changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Unique; drawn before the deed, or made of kind and subject.
    pub id: String,
    /// What kind of change, such as `settlement`.
    pub kind: String,
    /// What changed: the settlement's, visit's or other id.
    pub subject: String,
    /// 统筹区 of the change.
    pub region: String,
    /// 人员编号 of whom it concerns; empty when nobody.
    pub person: String,
    /// When, `yyyy-MM-dd HH:mm:ss`.
    pub made_at: String,
    /// The content, as JSON.
    pub body: String,
}

/// A change that has its number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Numbered {
    /// From 1, without gaps.
    pub number: i64,
    /// The change.
    pub change: Change,
}

/// Appends changes, unnumbered, in the deed's own transaction.
///
/// # Errors
/// [`DbError`]; `Duplicate` when an id is used twice, which is a bug of the caller.
pub fn append(tx: &mut dyn Tx, changes: &[Change]) -> Result<(), DbError> {
    let row = |change: &Change| -> Vec<Value> {
        [&change.id, &change.kind, &change.subject, &change.region, &change.person, &change.made_at, &change.body]
            .map(|text| Value::from(text.as_str()))
            .into()
    };
    tx.insert_many(&APPEND, &changes.iter().map(row).collect::<Vec<_>>())
}

/// Numbers at most `at_most` committed changes, oldest first, and says how many. Two that
/// number at the same time wait for each other on the one row of `change_head`.
///
/// # Errors
/// [`DbError`] when the driver refuses.
pub fn number(tx: &mut dyn Tx, at_most: i64) -> Result<u64, DbError> {
    tx.execute(&HOLD, &[])?;
    let last = head(tx)?;
    let numbered = tx.execute(&NUMBER, &[last.into(), at_most.into()])?;
    if numbered > 0 {
        tx.execute(&ADVANCE, &[(numbered as i64).into()])?;
    }
    Ok(numbered)
}

/// The last number given; 0 at first.
///
/// # Errors
/// [`DbError`] when the driver refuses.
pub fn head(tx: &mut dyn Tx) -> Result<i64, DbError> {
    let rows = tx.query(&HEAD, &[])?;
    rows.first().ok_or_else(|| DbError::other(&HEAD, "the row of the feed's head is missing"))?.get(0)
}

/// Whether a committed change waits for its number.
///
/// # Errors
/// [`DbError`] when the driver refuses.
pub fn is_waiting(tx: &mut dyn Tx) -> Result<bool, DbError> {
    Ok(!tx.query(&WAITING, &[])?.is_empty())
}

/// The changes after `number`, in order, at most `at_most`.
///
/// # Errors
/// [`DbError`] when the driver refuses.
pub fn read_after(tx: &mut dyn Tx, number: i64, at_most: i64) -> Result<Vec<Numbered>, DbError> {
    tx.query(&READ, &[number.into(), at_most.into()])?.iter().map(numbered).collect()
}

/// The changes before `number`, the latest first, at most `at_most`; `i64::MAX` begins at the
/// end of the feed.
///
/// # Errors
/// [`DbError`] when the driver refuses.
pub fn read_before(tx: &mut dyn Tx, number: i64, at_most: i64) -> Result<Vec<Numbered>, DbError> {
    tx.query(&READ_BACK, &[number.into(), at_most.into()])?.iter().map(numbered).collect()
}

/// One change by its id, numbered or not.
///
/// # Errors
/// [`DbError`] when the driver refuses.
pub fn find(tx: &mut dyn Tx, id: &str) -> Result<Option<Change>, DbError> {
    let rows = tx.query(&FIND, &[id.into()])?;
    let Some(row) = rows.first() else { return Ok(None) };
    Ok(Some(Change {
        id: id.to_owned(),
        kind: row.get(0)?,
        subject: row.get(1)?,
        region: row.get(2)?,
        person: row.get(3)?,
        made_at: row.get(4)?,
        body: row.get(5)?,
    }))
}

fn numbered(row: &Row) -> Result<Numbered, DbError> {
    Ok(Numbered {
        number: row.get(0)?,
        change: Change {
            id: row.get(1)?,
            kind: row.get(2)?,
            subject: row.get(3)?,
            region: row.get(4)?,
            person: row.get(5)?,
            made_at: row.get(6)?,
            body: row.get(7)?,
        },
    })
}
