//! One connection with its prepared statements, as the [`Tx`] that rooms see.

use crate::insert::many_rows;
use crate::values::{Bound, Received};
use crate::{detail, failed};
use db::{DbError, Row, Sql, Tx, Value};
use postgres::error::SqlState;
use postgres::types::ToSql;
use postgres::{Client, Statement};
use std::collections::HashMap;

/// Rows in one multi-row statement at most.
const CHUNK_ROWS_MAX: usize = 64;

/// A text's own address and the number of rows: what a prepared statement is known by.
type Key = (usize, usize, usize);

/// A connection and the statements prepared on it.
pub(crate) struct Session {
    pub(crate) client: Client,
    statements: HashMap<Key, Statement>,
    /// The first failure in the open transaction, which loses it.
    pub(crate) failed: Option<DbError>,
    /// The connection broke or the server said it is leaving.
    pub(crate) lost: bool,
}

impl Session {
    pub(crate) fn new(client: Client) -> Session {
        Session { client, statements: HashMap::new(), failed: None, lost: false }
    }

    /// Runs the transaction's own words (`BEGIN`, `COMMIT` …).
    pub(crate) fn control(&mut self, words: &'static str) -> Result<(), DbError> {
        self.client.batch_execute(words).map_err(|error| self.note(words, &error))
    }

    /// The error as ours; remembers when it means the end of the connection.
    fn note(&mut self, statement: &str, error: &postgres::Error) -> DbError {
        self.lost |= self.client.is_closed() || ends_connection(error);
        explain(statement, error)
    }

    fn prepared(&mut self, sql: &'static Sql, params: usize, rows: usize) -> Result<Statement, DbError> {
        let key = (sql.text.as_ptr() as usize, sql.text.len(), rows);
        if let Some(statement) = self.statements.get(&key) {
            return Ok(statement.clone());
        }
        let statement = if rows == 1 {
            self.client.prepare(sql.text)
        } else {
            let text = many_rows(sql.text, params, rows).ok_or_else(|| {
                failed(sql.name, "insert_many takes INSERT … VALUES ($1, …) with all parameters inside")
            })?;
            self.client.prepare(&text)
        }
        .map_err(|error| self.note(sql.name, &error))?;
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

    fn execute_rows(&mut self, sql: &'static Sql, rows: &[&[Value]]) -> Result<u64, DbError> {
        let width = rows.first().map_or(0, |row| row.len());
        if rows.iter().any(|row| row.len() != width) {
            return Err(failed(sql.name, "rows of different widths"));
        }
        let statement = self.prepared(sql, width, rows.len())?;
        let bound: Vec<Bound<'_>> = rows.iter().flat_map(|row| row.iter()).map(Bound).collect();
        let params = pointers(sql, &statement, &bound)?;
        self.client.execute(&statement, &params).map_err(|error| self.note(sql.name, &error))
    }
}

impl Tx for Session {
    fn execute(&mut self, sql: &'static Sql, params: &[Value]) -> Result<u64, DbError> {
        self.run(|session| session.execute_rows(sql, &[params]))
    }

    fn query(&mut self, sql: &'static Sql, params: &[Value]) -> Result<Vec<Row>, DbError> {
        self.run(|session| {
            let statement = session.prepared(sql, params.len(), 1)?;
            let bound: Vec<Bound<'_>> = params.iter().map(Bound).collect();
            let params = pointers(sql, &statement, &bound)?;
            let rows = session.client.query(&statement, &params).map_err(|error| session.note(sql.name, &error))?;
            rows.iter().map(|row| read(sql, row)).collect()
        })
    }

    fn insert_many(&mut self, sql: &'static Sql, rows: &[Vec<Value>]) -> Result<(), DbError> {
        self.run(|session| {
            for chunk in rows.chunks(CHUNK_ROWS_MAX) {
                let chunk: Vec<&[Value]> = chunk.iter().map(Vec::as_slice).collect();
                session.execute_rows(sql, &chunk)?;
            }
            Ok(())
        })
    }
}

fn pointers<'b>(
    sql: &Sql,
    statement: &Statement,
    bound: &'b [Bound<'_>],
) -> Result<Vec<&'b (dyn ToSql + Sync)>, DbError> {
    let expected = statement.params().len();
    if expected != bound.len() {
        return Err(failed(sql.name, format!("{expected} parameters in the text, {} given", bound.len())));
    }
    Ok(bound.iter().map(|value| value as &(dyn ToSql + Sync)).collect())
}

fn read(sql: &'static Sql, row: &postgres::Row) -> Result<Row, DbError> {
    let column = |at| {
        let received: Result<Received, _> = row.try_get(at);
        received.map(|received| received.0).map_err(|error| failed(sql.name, detail(&error)))
    };
    (0..row.len()).map(column).collect::<Result<Vec<_>, _>>().map(|values| Row::new(sql, values))
}

fn ends_connection(error: &postgres::Error) -> bool {
    let io = std::error::Error::source(error).is_some_and(|source| source.is::<std::io::Error>());
    let leaving = [&SqlState::ADMIN_SHUTDOWN, &SqlState::CRASH_SHUTDOWN, &SqlState::CANNOT_CONNECT_NOW];
    io || error.is_closed() || error.code().is_some_and(|code| leaving.contains(&code))
}

/// PostgreSQL's error as ours.
pub(crate) fn explain(statement: &str, error: &postgres::Error) -> DbError {
    let (statement, detail) = (statement.to_owned(), detail(error));
    match error.code() {
        Some(&SqlState::T_R_SERIALIZATION_FAILURE | &SqlState::T_R_DEADLOCK_DETECTED) => {
            DbError::Conflict { statement, detail }
        }
        Some(&SqlState::UNIQUE_VIOLATION) => DbError::Duplicate { statement, detail },
        _ => DbError::Other { statement, detail },
    }
}
