//! The room's own tables: every statement is a named constant in [`STATEMENTS`], so that one
//! test can prepare them all on both databases.

use crate::{MoveKind, Movement};
use db::{DbError, FromValue, Migration, Row, Sql, Value};
use terms::{InstitutionId, Quantity, UnitPrice, parse_time, show_time};

/// The steps of the schema, in order.
pub const MIGRATIONS: &[Migration] =
    &[Migration { id: "stock/0001_stock", text: include_str!("../migrations/0001_stock.sql") }];

macro_rules! statements {
    ($($name:ident, $id:literal, $text:expr;)*) => {
        $(pub(crate) static $name: Sql = Sql::new($id, $text);)*

        /// Every statement of the room, for the test that prepares them all on both databases.
        pub const STATEMENTS: &[&Sql] = &[$(&$name,)*];
    };
}

// A change 108 or 109 is the stock's side of a purchase or its return; where that was reported
// under the same batch number, it says the same thing again.
macro_rules! unpaired {
    () => {
        "NOT (m.kind = 2 AND m.change_type IN ('108', '109') AND EXISTS (SELECT 1 FROM stock_movement AS p \
         WHERE p.institution = m.institution AND p.batch = m.batch AND p.kind IN (3, 4)))"
    };
}

macro_rules! columns {
    () => {
        "m.institution, m.batch, m.kind, m.med_list_codg, m.hilist_id, m.hilist_name, m.moved_at, m.cnt, \
         m.change_type, m.price, m.psn_no, m.setl_id, m.mdtrt_sn, m.split, m.particulars"
    };
}

statements! {
    ADD, "stock.add",
        "INSERT INTO stock_movement (institution, batch, kind, med_list_codg, hilist_id, hilist_name, moved_at, cnt, \
         change_type, price, psn_no, setl_id, mdtrt_sn, split, particulars, msgid, recorded_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)";
    ADD_TRACE, "stock.add_trace",
        "INSERT INTO stock_trace (code, institution, batch, kind, moved_at) VALUES ($1, $2, $3, $4, $5)";
    FIND, "stock.find",
        concat!("SELECT ", columns!(), " FROM stock_movement AS m \
                 WHERE m.institution = $1 AND m.batch = $2 AND m.kind = $3");
    TRACES_OF, "stock.traces_of",
        "SELECT code FROM stock_trace WHERE institution = $1 AND batch = $2 AND kind = $3 ORDER BY code";
    TRACES_BETWEEN, "stock.traces_between",
        "SELECT institution, batch, kind, code FROM stock_trace WHERE moved_at >= $1 AND moved_at < $2 ORDER BY code";
    REMOVE, "stock.remove", "DELETE FROM stock_movement WHERE institution = $1 AND batch = $2 AND kind = $3";
    REMOVE_TRACES, "stock.remove_traces",
        "DELETE FROM stock_trace WHERE institution = $1 AND batch = $2 AND kind = $3";
    ADD_DELETED, "stock.add_deleted",
        "INSERT INTO stock_deleted (institution, batch, kind, deleted_at, msgid, deleted_by, body) \
         VALUES ($1, $2, $3, $4, $5, $6, $7)";
    DELETED, "stock.deleted",
        "SELECT body FROM stock_deleted WHERE institution = $1 AND batch = $2 ORDER BY deleted_at, kind, msgid";
    LAST_COUNT, "stock.last_count",
        "SELECT moved_at, CAST(sum(cnt) AS BIGINT) FROM stock_movement WHERE institution = $1 AND med_list_codg = $2 \
         AND kind = 1 AND moved_at < $3 GROUP BY moved_at ORDER BY moved_at DESC LIMIT 1";
    SUMS, "stock.sums",
        concat!("SELECT m.kind, m.change_type, m.split, CAST(sum(m.cnt) AS BIGINT) FROM stock_movement AS m \
                 WHERE m.institution = $1 AND m.med_list_codg = $2 AND m.kind <> 1 AND m.moved_at > $3 \
                 AND m.moved_at < $4 AND ", unpaired!(), " GROUP BY m.kind, m.change_type, m.split");
    COUNTS, "stock.counts",
        "SELECT moved_at, CAST(sum(cnt) AS BIGINT) FROM stock_movement WHERE institution = $1 AND med_list_codg = $2 \
         AND kind = 1 AND moved_at >= $3 AND moved_at < $4 GROUP BY moved_at ORDER BY moved_at";
    BETWEEN, "stock.between",
        concat!("SELECT ", columns!(), " FROM stock_movement AS m WHERE m.moved_at >= $1 AND m.moved_at < $2 \
                 AND ", unpaired!(), " ORDER BY m.institution, m.moved_at, m.batch, m.kind");
    BETWEEN_OF, "stock.between_of",
        concat!("SELECT ", columns!(), " FROM stock_movement AS m WHERE m.institution = $3 AND m.moved_at >= $1 \
                 AND m.moved_at < $2 AND ", unpaired!(), " ORDER BY m.institution, m.moved_at, m.batch, m.kind");
    OF_TRACE, "stock.of_trace",
        concat!("SELECT ", columns!(), " FROM stock_trace AS t JOIN stock_movement AS m \
                 ON m.institution = t.institution AND m.batch = t.batch AND m.kind = t.kind \
                 WHERE t.code = $1 AND t.kind IN (5, 6) ORDER BY m.moved_at, m.institution, m.batch, m.kind");
    REUSED, "stock.reused",
        "SELECT t.code FROM stock_trace AS t JOIN stock_movement AS m \
         ON m.institution = t.institution AND m.batch = t.batch AND m.kind = t.kind \
         WHERE t.kind IN (5, 6) AND m.split = 0 AND t.moved_at < $2 AND t.code IN \
         (SELECT r.code FROM stock_trace AS r WHERE r.kind = 5 AND r.moved_at >= $1 AND r.moved_at < $2) \
         GROUP BY t.code HAVING sum(CASE WHEN t.kind = 5 THEN 1 ELSE -1 END) > 1 ORDER BY t.code";
}

pub(crate) fn key_values(institution: &InstitutionId, batch: &str, kind: MoveKind) -> [Value; 3] {
    [institution.as_str().into(), batch.into(), kind.number().into()]
}

pub(crate) fn movement_values(row: &Movement, msgid: &str, recorded_at: &str) -> Vec<Value> {
    let particulars = serde_json::to_string(&row.particulars).expect("texts are always JSON");
    let [institution, batch, kind] = key_values(&row.institution, &row.batch, row.kind);
    vec![
        institution,
        batch,
        kind,
        row.med_list_codg.as_str().into(),
        row.hilist_id.as_str().into(),
        row.hilist_name.as_str().into(),
        show_time(row.at).into(),
        row.cnt.0.into(),
        row.change_type.as_str().into(),
        row.price.map(|price| price.0).into(),
        row.psn_no.as_str().into(),
        row.setl_id.as_str().into(),
        row.mdtrt_sn.as_str().into(),
        i64::from(row.split).into(),
        particulars.into(),
        msgid.into(),
        recorded_at.into(),
    ]
}

/// A movement without its trace codes.
pub(crate) fn movement_of(row: &Row) -> Result<Movement, DbError> {
    let kind = MoveKind::of_number(row.get(2)?).ok_or_else(|| wrong(row, 2, "1 to 6"))?;
    let at = time_of(row, 6)?;
    let particulars = serde_json::from_str(&row.get::<String>(14)?).map_err(|_| wrong(row, 14, "texts by name"))?;
    Ok(Movement {
        institution: InstitutionId(row.get(0)?),
        batch: row.get(1)?,
        kind,
        med_list_codg: row.get(3)?,
        hilist_id: row.get(4)?,
        hilist_name: row.get(5)?,
        at,
        cnt: Quantity(row.get(7)?),
        change_type: row.get(8)?,
        price: row.get::<Option<i64>>(9)?.map(UnitPrice),
        psn_no: row.get(10)?,
        setl_id: row.get(11)?,
        mdtrt_sn: row.get(12)?,
        split: row.get::<i64>(13)? == 1,
        traces: Vec::new(),
        particulars,
    })
}

pub(crate) fn time_of(row: &Row, column: usize) -> Result<terms::DateTime, DbError> {
    let text = String::from_value(row.values.get(column).unwrap_or(&Value::Null));
    text.and_then(|text| parse_time(&text)).ok_or_else(|| wrong(row, column, "a time"))
}

pub(crate) fn wrong(row: &Row, column: usize, expected: &'static str) -> DbError {
    DbError::Column { statement: row.statement.to_owned(), column, expected }
}
