//! 拒绝: why messages were refused. The answer itself is kept encrypted and goes after its time;
//! what is read here is for the institution that was refused, and for the bureau.

use db::{DbError, Row, Sql, Tx};
use terms::{DateTime, parse_time, show_time};

use crate::Operation;

pub(crate) static NOTE: Sql = Sql::new(
    "operation.note_refusal",
    "INSERT INTO refusal (institution, msgid, infno, code, told, operator, received_at) \
     VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (institution, msgid) DO NOTHING",
);
pub(crate) static LIST: Sql = Sql::new(
    "operation.refusals",
    "SELECT institution, msgid, infno, code, told, operator, received_at FROM refusal \
     WHERE ($1 = '' OR institution = $1) AND ($2 = '' OR code = $2) AND ($3 = '' OR infno = $3) \
     AND received_at >= $4 AND received_at <= $5 \
     AND ($6 = '' OR received_at < $6 OR (received_at = $6 AND msgid < $7)) \
     ORDER BY received_at DESC, msgid DESC LIMIT $8",
);
pub(crate) static REASONS: Sql = Sql::new(
    "operation.refusal_reasons",
    "SELECT code, infno, COUNT(*), MAX(received_at), MAX(told) FROM refusal \
     WHERE ($1 = '' OR institution = $1) AND received_at >= $2 AND received_at <= $3 \
     GROUP BY code, infno ORDER BY 3 DESC, code, infno",
);

/// 拒绝 of one message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// 机构编号.
    pub institution: String,
    /// 发送方报文ID.
    pub msgid: String,
    /// 交易编号.
    pub infno: String,
    /// The law's code or the centre's own.
    pub code: String,
    /// Why, as it was told.
    pub told: String,
    /// 经办人 of the message.
    pub operator: String,
    /// When.
    pub received_at: DateTime,
}

/// 拒绝原因: refusals of one code in one transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// The code.
    pub code: String,
    /// 交易编号.
    pub infno: String,
    /// How many.
    pub count: i64,
    /// When it happened last.
    pub last_at: DateTime,
    /// One of the texts.
    pub told: String,
}

/// Which refusals; what is empty does not narrow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusalsAsked {
    /// 机构编号.
    pub institution: String,
    /// The code.
    pub code: String,
    /// 交易编号.
    pub infno: String,
    /// From when to when, both included.
    pub period: (DateTime, DateTime),
    /// Where the page begins: time and message of the last row of the page before.
    pub after: Option<(String, String)>,
}

/// Notes why a message was refused.
///
/// # Errors
/// [`DbError`] when the driver refuses.
pub(crate) fn note(tx: &mut dyn Tx, operation: &Operation, code: &str, told: &str) -> Result<(), DbError> {
    let values = [
        operation.institution.as_str().into(),
        operation.msgid.as_str().into(),
        operation.infno.as_str().into(),
        code.into(),
        told.into(),
        operation.operator.as_str().into(),
        show_time(operation.received_at).into(),
    ];
    tx.execute(&NOTE, &values).map(drop)
}

/// 拒绝 as asked for, the latest first, at most so many.
///
/// # Errors
/// [`DbError`] when storage fails or a row does not hold what it should.
pub fn refusals(tx: &mut dyn Tx, asked: &RefusalsAsked, at_most: i64) -> Result<Vec<Refusal>, DbError> {
    let (at, msgid) = asked.after.as_ref().map_or(("", ""), |(at, msgid)| (at.as_str(), msgid.as_str()));
    let values = [
        asked.institution.as_str().into(),
        asked.code.as_str().into(),
        asked.infno.as_str().into(),
        show_time(asked.period.0).into(),
        show_time(asked.period.1).into(),
        at.into(),
        msgid.into(),
        at_most.into(),
    ];
    tx.query(&LIST, &values)?.iter().map(read).collect()
}

/// 拒绝原因 of an institution, or of all when empty, between two times: the most frequent first.
///
/// # Errors
/// As [`refusals`].
pub fn refusal_reasons(
    tx: &mut dyn Tx,
    institution: &str,
    (from, to): (DateTime, DateTime),
) -> Result<Vec<Reason>, DbError> {
    let values = [institution.into(), show_time(from).into(), show_time(to).into()];
    let read = |row: &Row| {
        Ok(Reason {
            code: row.get(0)?,
            infno: row.get(1)?,
            count: row.get(2)?,
            last_at: time(row, 3)?,
            told: row.get(4)?,
        })
    };
    tx.query(&REASONS, &values)?.iter().map(read).collect()
}

fn read(row: &Row) -> Result<Refusal, DbError> {
    Ok(Refusal {
        institution: row.get(0)?,
        msgid: row.get(1)?,
        infno: row.get(2)?,
        code: row.get(3)?,
        told: row.get(4)?,
        operator: row.get(5)?,
        received_at: time(row, 6)?,
    })
}

fn time(row: &Row, column: usize) -> Result<DateTime, DbError> {
    let broken =
        || DbError::Column { statement: row.statement.to_owned(), column, expected: "a time yyyy-MM-dd HH:mm:ss" };
    parse_time(&row.get::<String>(column)?).ok_or_else(broken)
}
