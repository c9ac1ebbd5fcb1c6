//! One connection with its prepared statements, as the [`Tx`] that rooms see.

use crate::text::numbered;
use db::{DbError, Row, Sql, Tx, Value};
use rusqlite::types::{ToSql, ToSqlOutput, ValueRef};
use rusqlite::{Connection, ErrorCode, Statement, ffi};
use std::collections::HashMap;

/// A connection and every statement it has run, kept prepared: their number is bounded by
/// the constants in the program.
pub(crate) struct Session<'c> {
    pub(crate) connection: &'c Connection,
    statements: HashMap<(usize, usize), Statement<'c>>,
    /// The first failure in the open transaction or savepoint, which loses it.
    pub(crate) failed: Option<DbError>,
}

struct Bound<'v>(&'v Value);

impl ToSql for Bound<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self.0 {
            Value::Null => ValueRef::Null,
            Value::Int(number) => ValueRef::Integer(*number),
            Value::Text(text) => ValueRef::Text(text.as_bytes()),
            Value::Blob(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

impl<'c> Session<'c> {
    pub(crate) fn new(connection: &'c Connection) -> Session<'c> {
        Session { connection, statements: HashMap::new(), failed: None }
    }

    /// Runs the transaction's own words (`BEGIN`, `SAVEPOINT` …), kept prepared too.
    pub(crate) fn control(&mut self, sql: &'static Sql) -> Result<(), DbError> {
        let statement = self.statement(sql)?;
        statement.raw_execute().map(drop).map_err(|error| explain(sql, &error))
    }

    /// The prepared statement of a text, known by the text's own address.
    fn statement(&mut self, sql: &'static Sql) -> Result<&mut Statement<'c>, DbError> {
        use std::collections::hash_map::Entry;
        match self.statements.entry((sql.text.as_ptr() as usize, sql.text.len())) {
            Entry::Occupied(entry) => Ok(entry.into_mut()),
            Entry::Vacant(entry) => {
                let statement =
                    self.connection.prepare(&numbered(sql.text)).map_err(|error| DbError::other(sql, error))?;
                Ok(entry.insert(statement))
            }
        }
    }

    fn bound(&mut self, sql: &'static Sql, params: &[Value]) -> Result<&mut Statement<'c>, DbError> {
        let statement = self.statement(sql)?;
        let expected = statement.parameter_count();
        if expected != params.len() {
            return Err(DbError::other(sql, format!("{expected} parameters in the text, {} given", params.len())));
        }
        for (index, value) in params.iter().enumerate() {
            statement.raw_bind_parameter(index + 1, Bound(value)).map_err(|error| explain(sql, &error))?;
        }
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

    fn execute_one(&mut self, sql: &'static Sql, params: &[Value]) -> Result<u64, DbError> {
        let changed = self.bound(sql, params)?.raw_execute().map_err(|error| explain(sql, &error))?;
        Ok(changed as u64)
    }
}

impl Tx for Session<'_> {
    fn execute(&mut self, sql: &'static Sql, params: &[Value]) -> Result<u64, DbError> {
        self.run(|session| session.execute_one(sql, params))
    }

    fn query(&mut self, sql: &'static Sql, params: &[Value]) -> Result<Vec<Row>, DbError> {
        self.run(|session| {
            let statement = session.bound(sql, params)?;
            let columns = statement.column_count();
            let mut rows = statement.raw_query();
            let mut answer = Vec::new();
            while let Some(row) = rows.next().map_err(|error| explain(sql, &error))? {
                let mut values = Vec::with_capacity(columns);
                for column in 0..columns {
                    let value = row.get_ref(column).map_err(|error| explain(sql, &error))?;
                    values.push(read(sql, column, value)?);
                }
                answer.push(Row::new(sql, values));
            }
            Ok(answer)
        })
    }

    fn insert_many(&mut self, sql: &'static Sql, rows: &[Vec<Value>]) -> Result<(), DbError> {
        self.run(|session| {
            for row in rows {
                session.execute_one(sql, row)?;
            }
            Ok(())
        })
    }
}

fn read(sql: &'static Sql, column: usize, value: ValueRef<'_>) -> Result<Value, DbError> {
    let unreadable = |expected| DbError::Column { statement: sql.name.to_owned(), column, expected };
    Ok(match value {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(number) => Value::Int(number),
        ValueRef::Text(bytes) => {
            Value::Text(std::str::from_utf8(bytes).map_err(|_| unreadable("UTF-8 text"))?.to_owned())
        }
        ValueRef::Blob(bytes) => Value::Blob(bytes.to_vec()),
        ValueRef::Real(_) => return Err(unreadable("an integer: a floating number came; cast it to BIGINT")),
    })
}

/// SQLite's error as ours.
pub(crate) fn explain(sql: &Sql, error: &rusqlite::Error) -> DbError {
    let statement = sql.name.to_owned();
    let detail = error.to_string();
    let Some(code) = error.sqlite_error() else {
        return DbError::Other { statement, detail };
    };
    match (code.code, code.extended_code) {
        (_, ffi::SQLITE_CONSTRAINT_UNIQUE | ffi::SQLITE_CONSTRAINT_PRIMARYKEY | ffi::SQLITE_CONSTRAINT_ROWID) => {
            DbError::Duplicate { statement, detail }
        }
        (ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked, _) => DbError::Conflict { statement, detail },
        _ => DbError::Other { statement, detail },
    }
}
