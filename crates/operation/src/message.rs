//! 幂等: a message is answered once; its repeat gets the same bytes and does nothing.

use crate::{AnswerKeys, Operation};
use db::{DbError, Row, Sql, Tx, Value};
use terms::{DateTime, InstitutionId, MessageId, show_time};

pub(crate) static FIND: Sql = Sql::new(
    "operation.find_message",
    "SELECT infno, input_hash, outcome, subject, answer FROM message WHERE institution = $1 AND msgid = $2",
);
pub(crate) static REMEMBER: Sql = Sql::new(
    "operation.remember_message",
    "INSERT INTO message (institution, msgid, infno, input_hash, outcome, subject, received_at, kept_until, answer) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (institution, msgid) DO NOTHING",
);
/// Of a message that was not found: if the same id committed meanwhile, the key is taken, and
/// the driver runs the deed again, which then finds it.
pub(crate) static REMEMBER_NEW: Sql = Sql::new(
    "operation.remember_new_message",
    "INSERT INTO message (institution, msgid, infno, input_hash, outcome, subject, received_at, kept_until, answer) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
);
pub(crate) static FORGET: Sql = Sql::new(
    "operation.forget_answers",
    "UPDATE message SET answer = NULL WHERE answer IS NOT NULL AND kept_until < $1",
);

/// What a deed answers: kept, and given again byte for byte.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The bytes that leave for the sender.
    pub bytes: Vec<u8>,
    /// What the message made or concerned, such as the settlement's id; none for a refusal
    /// that concerns nothing.
    pub subject: Option<String>,
    /// Whether the law accepted, or refused with a code. A refusal records nothing.
    pub accepted: bool,
    /// Of a refusal: its code and its words, noted so that people can read them later.
    pub reason: Option<(String, String)>,
}

impl Answer {
    /// An accepted message's answer.
    #[must_use]
    pub fn accepted(bytes: Vec<u8>, subject: impl Into<String>) -> Answer {
        Answer { bytes, subject: Some(subject.into()), accepted: true, reason: None }
    }

    /// A refusal by the law.
    #[must_use]
    pub fn refused(bytes: Vec<u8>) -> Answer {
        Answer { bytes, subject: None, accepted: false, reason: None }
    }

    /// The same, with the code and the words of the refusal.
    #[must_use]
    pub fn because(self, code: impl Into<String>, told: impl Into<String>) -> Answer {
        Answer { reason: Some((code.into(), told.into())), ..self }
    }
}

/// What became of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Performed {
    /// Done now, for the first time.
    Done(Answer),
    /// 重复报文: done before; the same bytes again.
    Repeated(Answer),
    /// Its id is taken in a way that gives no answer.
    Refused(Replay),
}

/// Why a used message id is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Replay {
    /// The id was used for another transaction or another input.
    #[error(
        "message {msgid} of transaction {infno} differs from the first message with that id, of transaction {first_infno}; send it under a new msgid"
    )]
    Different {
        /// The message id.
        msgid: MessageId,
        /// The transaction of the first message.
        first_infno: String,
        /// The transaction of this one.
        infno: String,
    },
    /// The same message, answered so long ago that the answer is no longer kept.
    #[error(
        "message {msgid} of transaction {infno} was answered before and its answer is no longer kept; ask for its result by id {}", subject.as_deref().unwrap_or("(none: it was refused)")
    )]
    Forgotten {
        /// The message id.
        msgid: MessageId,
        /// The transaction.
        infno: String,
        /// What it made, such as the settlement's id.
        subject: Option<String>,
    },
    /// 冲正在先: a 2601 for this id came before the message itself.
    #[error("message {msgid} was reversed by 2601 before it arrived; send it under a new msgid if it is still wanted")]
    PreEmpted {
        /// The message id.
        msgid: MessageId,
    },
}

/// How a remembered message stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Accepted.
    Accepted,
    /// Refused by the law; nothing was recorded.
    Refused,
    /// Never seen; reversed beforehand.
    PreEmpted,
}

/// A message the centre remembers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remembered {
    /// 交易编号.
    pub infno: String,
    /// How it stands.
    pub standing: Standing,
    /// What it made, such as the settlement's id.
    pub subject: Option<String>,
}

/// What 2601 finds for the id it names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PreEmption {
    /// Never seen: the id is remembered now, and the original will be refused.
    Remembered,
    /// Known already: this is what to reverse.
    Known(Remembered),
}

/// 办理: does a message once. A repeat with the same input gets the stored bytes; the deed
/// runs only for a new id, and its answer is kept, accepted or refused alike.
///
/// A refusal must be decided before anything is recorded: it is an `Ok` answer, so what the
/// closure wrote would stay.
///
/// # Errors
/// What `deed` returns, or a [`DbError`] turned into it.
///
/// # Panics
/// When `deed` refuses after it recorded: a bug, which must not leave half a deed.
pub fn perform<E: From<DbError>>(
    tx: &mut dyn Tx,
    operation: &Operation,
    keys: &AnswerKeys,
    deed: impl FnOnce(&mut dyn Tx) -> Result<Answer, E>,
) -> Result<Performed, E> {
    if let Some(first) = load(tx, &operation.institution, &operation.msgid)? {
        return Ok(first.repeat(operation, keys)?);
    }
    let mut watched = Watched { tx, recorded: None };
    let answer = deed(&mut watched)?;
    let recorded = watched.recorded;
    assert!(
        answer.accepted || recorded.is_none(),
        "transaction {} refused after {} had recorded; decide first, then record",
        operation.infno,
        recorded.unwrap_or_default()
    );
    let sealed = keys.seal(operation, &answer.bytes);
    let outcome = if answer.accepted { ACCEPTED } else { REFUSED };
    let subject = answer.subject.as_deref();
    let (msgid, infno, hash) = (&operation.msgid, &operation.infno, &operation.input_hash.0);
    let row = row(operation, msgid, infno, hash, outcome, subject, Some(sealed));
    tx.insert_many(&REMEMBER_NEW, &[row.into()])?;
    if let Some((code, told)) = answer.reason.as_ref().filter(|_| !answer.accepted) {
        crate::refusal::note(tx, operation, code, told)?;
    }
    Ok(Performed::Done(answer))
}

/// The message `msgid` of `institution`, if it was ever answered or pre-empted.
///
/// # Errors
/// [`DbError`] when the driver refuses.
pub fn find(tx: &mut dyn Tx, institution: &InstitutionId, msgid: &MessageId) -> Result<Option<Remembered>, DbError> {
    Ok(load(tx, institution, msgid)?.map(|stored| stored.remembered))
}

/// 2601: remembers the original message `original` (of transaction `original_infno`) as
/// reversed if it was never seen, so that it is refused if it arrives later. `operation` is
/// the 2601 itself; the original is of the same institution.
///
/// # Errors
/// [`DbError`] when the driver refuses.
pub fn pre_empt(
    tx: &mut dyn Tx,
    operation: &Operation,
    original: &MessageId,
    original_infno: &str,
) -> Result<PreEmption, DbError> {
    let pre_empted = row(operation, original, original_infno, &[], PRE_EMPTED, None, None);
    if tx.execute(&REMEMBER, &pre_empted)? == 1 {
        return Ok(PreEmption::Remembered);
    }
    match find(tx, &operation.institution, original)? {
        Some(known) => Ok(PreEmption::Known(known)),
        None => Err(DbError::other(&REMEMBER, format!("message {original} is neither new nor known"))),
    }
}

/// Drops the bytes of answers whose time of keeping has passed at `now`; key, hash and
/// subject stay. Says how many.
///
/// # Errors
/// [`DbError`] when the driver refuses.
pub fn forget(tx: &mut dyn Tx, now: DateTime) -> Result<u64, DbError> {
    tx.execute(&FORGET, &[show_time(now).into()])
}

const ACCEPTED: i64 = 0;
const REFUSED: i64 = 1;
const PRE_EMPTED: i64 = 2;

struct Stored {
    remembered: Remembered,
    input_hash: Vec<u8>,
    answer: Option<Vec<u8>>,
}

fn load(tx: &mut dyn Tx, institution: &InstitutionId, msgid: &MessageId) -> Result<Option<Stored>, DbError> {
    let rows = tx.query(&FIND, &[institution.as_str().into(), msgid.as_str().into()])?;
    rows.first().map(Stored::from_row).transpose()
}

impl Stored {
    fn from_row(row: &Row) -> Result<Stored, DbError> {
        let standing = match row.get::<i64>(2)? {
            ACCEPTED => Standing::Accepted,
            REFUSED => Standing::Refused,
            PRE_EMPTED => Standing::PreEmpted,
            other => return Err(DbError::other(&FIND, format!("outcome {other} is unknown"))),
        };
        Ok(Stored {
            remembered: Remembered { infno: row.get(0)?, standing, subject: row.get(3)? },
            input_hash: row.get(1)?,
            answer: row.get(4)?,
        })
    }

    /// What the repeat `operation` of this message gets.
    fn repeat(self, operation: &Operation, keys: &AnswerKeys) -> Result<Performed, DbError> {
        let Remembered { infno, standing, subject } = self.remembered;
        let msgid = operation.msgid.clone();
        if standing == Standing::PreEmpted {
            return Ok(Performed::Refused(Replay::PreEmpted { msgid }));
        }
        if infno != operation.infno || self.input_hash != operation.input_hash.0 {
            let again = operation.infno.clone();
            return Ok(Performed::Refused(Replay::Different { msgid, first_infno: infno, infno: again }));
        }
        let Some(sealed) = self.answer else {
            return Ok(Performed::Refused(Replay::Forgotten { msgid, infno, subject }));
        };
        let bytes = keys.open(&operation.institution, &msgid, &sealed).ok_or_else(|| {
            DbError::other(&FIND, format!("no configured key opens the answer of message {msgid}; give the key it was sealed with as an earlier key"))
        })?;
        Ok(Performed::Repeated(Answer { bytes, subject, accepted: standing == Standing::Accepted, reason: None }))
    }
}

/// One value a column, in the table's order.
fn row(
    operation: &Operation,
    msgid: &MessageId,
    infno: &str,
    input_hash: &[u8],
    outcome: i64,
    subject: Option<&str>,
    answer: Option<Vec<u8>>,
) -> [Value; 9] {
    [
        operation.institution.as_str().into(),
        msgid.as_str().into(),
        infno.into(),
        input_hash.to_vec().into(),
        outcome.into(),
        subject.into(),
        show_time(operation.received_at).into(),
        show_time(operation.kept_until).into(),
        answer.into(),
    ]
}

/// A transaction that notes the first statement that recorded anything; locks and the memory
/// of messages apart, which a refusal may leave behind.
struct Watched<'t> {
    tx: &'t mut dyn Tx,
    recorded: Option<&'static str>,
}

impl Watched<'_> {
    fn note(&mut self, sql: &'static Sql, rows: u64) {
        if rows > 0 && ![crate::person::LOCK.name, REMEMBER.name, REMEMBER_NEW.name].contains(&sql.name) {
            self.recorded.get_or_insert(sql.name);
        }
    }
}

impl Tx for Watched<'_> {
    fn execute(&mut self, sql: &'static Sql, params: &[Value]) -> Result<u64, DbError> {
        let rows = self.tx.execute(sql, params)?;
        self.note(sql, rows);
        Ok(rows)
    }

    fn query(&mut self, sql: &'static Sql, params: &[Value]) -> Result<Vec<Row>, DbError> {
        self.tx.query(sql, params)
    }

    fn insert_many(&mut self, sql: &'static Sql, rows: &[Vec<Value>]) -> Result<(), DbError> {
        self.note(sql, rows.len() as u64);
        self.tx.insert_many(sql, rows)
    }
}
