//! One connection with its prepared statements, as the [`Tx`] that rooms see.
//!
//! A round trip costs more than most statements. What gives no answer (`BEGIN`, the rows of
//! [`Tx::insert_many`]) therefore waits and goes out together with the next statement that
//! does, or with the `COMMIT`; the server runs all in order. An error of a waiting statement
//! is told by that next one, or by the end of the deed, which it fails all the same.

use crate::insert::many_rows;
use crate::values::{Bound, Received};
use crate::{detail, failed};
use db::{DbError, Row, Sql, Tx, Value};
use std::collections::HashMap;
use std::pin::Pin;
use std::task::Poll;
use tokio::runtime::Runtime;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Config, NoTls, Statement};

/// Rows in one multi-row statement at most.
const CHUNK_ROWS_MAX: usize = 64;
/// Statements that wait at most, so that neither side's buffers fill while the other writes.
const WAITING_MAX: usize = 16;

/// A text's own address and the number of rows: what a prepared statement is known by.
type Key = (usize, usize, usize);

/// A statement that has not been sent.
enum Waiting {
    /// The transaction's own words.
    Words(&'static str),
    /// A statement with its values.
    Rows { name: &'static str, statement: Statement, values: Vec<Value> },
}

/// What a statement answered.
enum Reply {
    Done,
    Count(u64),
    Rows(Vec<tokio_postgres::Row>),
}

/// How a statement ends: its name and what came.
type Sent<'s> = Pin<Box<dyn Future<Output = (&'static str, Result<Reply, tokio_postgres::Error>)> + 's>>;

/// A connection and the statements prepared on it.
pub(crate) struct Session {
    client: Client,
    /// Drives the connection while this thread waits for it.
    runtime: Runtime,
    statements: HashMap<Key, Statement>,
    waiting: Vec<Waiting>,
    /// The first failure in the open transaction, which loses it.
    pub(crate) failed: Option<DbError>,
    /// The connection broke or the server said it is leaving.
    pub(crate) lost: bool,
}

impl Session {
    pub(crate) fn open(config: &Config) -> Result<Session, DbError> {
        let doing = "connect to PostgreSQL";
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| failed(doing, error))?;
        let client = runtime.block_on(async {
            let (client, connection) = config.connect(NoTls).await?;
            tokio::spawn(connection);
            client.batch_execute(crate::SET_UP).await?;
            Ok(client)
        });
        let client = client.map_err(|error: tokio_postgres::Error| failed(doing, detail(&error)))?;
        Ok(Session { client, runtime, statements: HashMap::new(), waiting: Vec::new(), failed: None, lost: false })
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.lost || self.client.is_closed()
    }

    /// `BEGIN …`, sent with the first statement.
    pub(crate) fn begin(&mut self, words: &'static str) {
        self.waiting.clear();
        self.failed = None;
        self.waiting.push(Waiting::Words(words));
    }

    /// Sends what waits and the `COMMIT` together. When a statement before it fails, the
    /// server makes a `ROLLBACK` of it by itself.
    pub(crate) fn commit(&mut self) -> Result<(), DbError> {
        if let [Waiting::Words(_)] = self.waiting.as_slice() {
            // A deed without a statement: not even its BEGIN was sent.
            self.waiting.clear();
            return Ok(());
        }
        self.waiting.push(Waiting::Words("COMMIT"));
        self.flush(None).map(drop)
    }

    pub(crate) fn roll_back(&mut self) -> Result<(), DbError> {
        self.waiting.clear();
        self.waiting.push(Waiting::Words("ROLLBACK"));
        self.flush(None).map(drop)
    }

    /// Sends what waits, and `last` behind it, in one go; answers what `last` answered, or
    /// the first error.
    fn flush(&mut self, last: Option<(&'static Sql, &Statement, &[Value], bool)>) -> Result<Reply, DbError> {
        let waiting = std::mem::take(&mut self.waiting);
        let client = &self.client;
        let mut sent: Vec<Sent<'_>> = waiting
            .iter()
            .map(|one| match one {
                Waiting::Words(words) => control(client, words),
                Waiting::Rows { name, statement, values } => run(client, name, statement, values, false),
            })
            .collect();
        if let Some((sql, statement, values, answers)) = last {
            sent.push(run(client, sql.name, statement, values, answers));
        }
        let replies = self.runtime.block_on(in_order(sent));
        let mut answer = Reply::Done;
        for (name, reply) in replies {
            answer = reply.map_err(|error| {
                self.lost |= self.client.is_closed() || ends_connection(&error);
                explain(name, &error)
            })?;
        }
        Ok(answer)
    }

    fn prepared(&mut self, sql: &'static Sql, params: usize, rows: usize) -> Result<Statement, DbError> {
        let key = (sql.text.as_ptr() as usize, sql.text.len(), rows);
        if let Some(statement) = self.statements.get(&key) {
            return Ok(statement.clone());
        }
        let many = if rows == 1 { None } else { Some(many_rows(sql.text, params, rows)) };
        let text = match &many {
            None => sql.text,
            Some(Some(text)) => text,
            Some(None) => {
                let detail = "insert_many takes INSERT … VALUES ($1, …) with all parameters inside";
                return Err(failed(sql.name, detail));
            }
        };
        let statement = self.runtime.block_on(self.client.prepare(text)).map_err(|error| {
            self.lost |= self.client.is_closed() || ends_connection(&error);
            explain(sql.name, &error)
        })?;
        self.statements.insert(key, statement.clone());
        Ok(statement)
    }

    fn run<T>(&mut self, work: impl FnOnce(&mut Self) -> Result<T, DbError>) -> Result<T, DbError> {
        if let Some(error) = &self.failed {
            return Err(error.clone());
        }
        let outcome = work(self);
        self.failed = outcome.as_ref().err().cloned();
        outcome
    }

    /// A `BEGIN` may go out with a query; before anything that changes rows its answer is
    /// awaited, so that nothing is ever changed outside of a transaction.
    fn begun(&mut self) -> Result<(), DbError> {
        if let [Waiting::Words(_)] = self.waiting.as_slice() { self.flush(None).map(drop) } else { Ok(()) }
    }

    fn wait(&mut self, sql: &'static Sql, rows: &[Vec<Value>]) -> Result<(), DbError> {
        let width = rows.first().map_or(0, Vec::len);
        if rows.iter().any(|row| row.len() != width) {
            return Err(failed(sql.name, "rows of different widths"));
        }
        let statement = self.prepared(sql, width, rows.len())?;
        let values: Vec<Value> = rows.iter().flatten().cloned().collect();
        check_count(sql, &statement, values.len())?;
        self.waiting.push(Waiting::Rows { name: sql.name, statement, values });
        if self.waiting.len() >= WAITING_MAX { self.flush(None).map(drop) } else { Ok(()) }
    }
}

impl Tx for Session {
    fn execute(&mut self, sql: &'static Sql, params: &[Value]) -> Result<u64, DbError> {
        self.run(|session| {
            session.begun()?;
            let statement = session.prepared(sql, params.len(), 1)?;
            check_count(sql, &statement, params.len())?;
            match session.flush(Some((sql, &statement, params, false)))? {
                Reply::Count(rows) => Ok(rows),
                Reply::Done | Reply::Rows(_) => Ok(0),
            }
        })
    }

    fn query(&mut self, sql: &'static Sql, params: &[Value]) -> Result<Vec<Row>, DbError> {
        self.run(|session| {
            let statement = session.prepared(sql, params.len(), 1)?;
            check_count(sql, &statement, params.len())?;
            match session.flush(Some((sql, &statement, params, true)))? {
                Reply::Rows(rows) => rows.iter().map(|row| read(sql, row)).collect(),
                Reply::Done | Reply::Count(_) => Ok(Vec::new()),
            }
        })
    }

    fn insert_many(&mut self, sql: &'static Sql, rows: &[Vec<Value>]) -> Result<(), DbError> {
        self.run(|session| {
            session.begun()?;
            rows.chunks(CHUNK_ROWS_MAX).try_for_each(|chunk| session.wait(sql, chunk))
        })
    }
}

fn control<'s>(client: &'s Client, words: &'static str) -> Sent<'s> {
    Box::pin(async move { (words, client.batch_execute(words).await.map(|()| Reply::Done)) })
}

fn run<'s>(
    client: &'s Client,
    name: &'static str,
    statement: &'s Statement,
    values: &'s [Value],
    answers: bool,
) -> Sent<'s> {
    Box::pin(async move {
        let bound: Vec<Bound<'_>> = values.iter().map(Bound).collect();
        let params: Vec<&(dyn ToSql + Sync)> = bound.iter().map(|value| value as &(dyn ToSql + Sync)).collect();
        let reply = if answers {
            client.query(statement, &params).await.map(Reply::Rows)
        } else {
            client.execute(statement, &params).await.map(Reply::Count)
        };
        (name, reply)
    })
}

/// Sends all, in order (a statement leaves when it is first asked about), and waits for all,
/// or for the first error. What stands behind a statement that could not even be sent does
/// not leave: a `COMMIT` never follows a gap.
async fn in_order(mut sent: Vec<Sent<'_>>) -> Vec<(&'static str, Result<Reply, tokio_postgres::Error>)> {
    let mut replies: Vec<_> = sent.iter().map(|_| None).collect();
    std::future::poll_fn(|context| {
        let mut open = 0;
        for (one, reply) in sent.iter_mut().zip(&mut replies).filter(|(_, reply)| reply.is_none()) {
            match one.as_mut().poll(context) {
                Poll::Pending => open += 1,
                Poll::Ready(came) => {
                    let error = came.1.is_err();
                    *reply = Some(came);
                    if error {
                        return Poll::Ready(());
                    }
                }
            }
        }
        if open == 0 { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
    replies.into_iter().flatten().collect()
}

fn check_count(sql: &Sql, statement: &Statement, given: usize) -> Result<(), DbError> {
    let expected = statement.params().len();
    if expected == given {
        return Ok(());
    }
    Err(failed(sql.name, format!("{expected} parameters in the text, {given} given")))
}

fn read(sql: &'static Sql, row: &tokio_postgres::Row) -> Result<Row, DbError> {
    let column = |at| {
        let received: Result<Received, _> = row.try_get(at);
        received.map(|received| received.0).map_err(|error| failed(sql.name, detail(&error)))
    };
    (0..row.len()).map(column).collect::<Result<Vec<_>, _>>().map(|values| Row::new(sql, values))
}

fn ends_connection(error: &tokio_postgres::Error) -> bool {
    let io = std::error::Error::source(error).is_some_and(|source| source.is::<std::io::Error>());
    let leaving = [&SqlState::ADMIN_SHUTDOWN, &SqlState::CRASH_SHUTDOWN, &SqlState::CANNOT_CONNECT_NOW];
    io || error.is_closed() || error.code().is_some_and(|code| leaving.contains(&code))
}

/// PostgreSQL's error as ours.
pub(crate) fn explain(statement: &str, error: &tokio_postgres::Error) -> DbError {
    let (statement, detail) = (statement.to_owned(), detail(error));
    match error.code() {
        Some(&SqlState::T_R_SERIALIZATION_FAILURE | &SqlState::T_R_DEADLOCK_DETECTED) => {
            DbError::Conflict { statement, detail }
        }
        Some(&SqlState::UNIQUE_VIOLATION) => DbError::Duplicate { statement, detail },
        _ => DbError::Other { statement, detail },
    }
}
