//! # db-postgres 生产数据库
//!
//! The driver for PostgreSQL. Worker threads each own a connection; a deed runs in one READ
//! COMMITTED transaction and is run again, from the start, when it met another one (40001,
//! 40P01) or lost its connection before the commit. Statements stay prepared on each
//! connection; many rows go in as one multi-row `INSERT`. Queries have their own, bounded
//! workers and see one snapshot.
//!
//! Called by the binary that wires the house, and by tests. Never: a rule, a table of its
//! own except `heng_migration`, an advisory lock, a sequence (so that a distributed
//! database that speaks the same wire protocol can take its place).

mod insert;
mod migrate;
mod pool;
mod session;
pub mod testing;
mod values;

use db::{Database, DbError, Driver, Erased, ErasedDeed, Failed, Migration, Sql};
use postgres::{Client, Config, NoTls};
use std::str::FromStr;
use std::sync::Mutex;
use std::time::Duration;

/// How to reach the production database.
#[derive(Clone)]
pub struct PostgresOptions {
    /// `postgres://user:password@host:port/database`, or `key=value` words.
    pub url: String,
    /// Threads, and connections, that run deeds (at least 1; usually 16).
    pub workers: usize,
    /// Threads, and connections, that answer queries (at least 1; usually 4).
    pub readers: usize,
    /// Deeds and queries that may wait before a caller is held back.
    pub waiting_max: usize,
    /// How often a deed is run again before its conflict is given back.
    pub retries_max: u32,
}

impl PostgresOptions {
    /// The usual options for an address.
    pub fn new(url: impl Into<String>) -> PostgresOptions {
        PostgresOptions { url: url.into(), workers: 16, readers: 4, waiting_max: 1024, retries_max: 10 }
    }
}

/// The production database. Dropping it finishes the deeds it accepted.
pub struct Postgres {
    writers: pool::Pool,
    readers: pool::Pool,
    /// For migrations and preparing, which are rare.
    desk: Mutex<Client>,
    config: Config,
}

impl Postgres {
    /// Connects once, checks the database, and starts the workers.
    ///
    /// # Errors
    /// [`DbError`] when the address is wrong, the server does not answer, or the database
    /// sorts text by a language's rules instead of by code point.
    pub fn open(options: &PostgresOptions) -> Result<Postgres, DbError> {
        let of_workers = tokio_postgres::Config::from_str(&options.url);
        let mut of_workers = of_workers.map_err(|error| failed("read the database address", error))?;
        of_workers.connect_timeout(Duration::from_secs(10)).tcp_user_timeout(Duration::from_secs(30));
        let config = Config::from(of_workers.clone());
        let mut desk = connect(&config)?;
        check_order(&mut desk)?;
        let start = |kind, threads| pool::Pool::start(kind, threads, &of_workers, options);
        Ok(Postgres {
            writers: start(pool::Kind::Deed, options.workers)?,
            readers: start(pool::Kind::Read, options.readers)?,
            desk: Mutex::new(desk),
            config,
        })
    }

    /// This driver as a [`Database`].
    #[must_use]
    pub fn into_database(self) -> Database {
        Database::new(self)
    }

    fn desk<T>(&self, work: impl FnOnce(&mut Client) -> Result<T, DbError>) -> Result<T, DbError> {
        let mut desk = self.desk.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if desk.is_valid(Duration::from_secs(5)).is_err() {
            *desk = connect(&self.config)?;
        }
        work(&mut desk)
    }
}

impl Driver for Postgres {
    fn deed(&self, deed: ErasedDeed) -> Result<Erased, Failed> {
        self.writers.run(deed)
    }

    fn read(&self, work: ErasedDeed) -> Result<Erased, Failed> {
        self.readers.run(work)
    }

    fn migrate(&self, migrations: &[Migration]) -> Result<(), DbError> {
        self.desk(|client| migrate::migrate(client, migrations))
    }

    fn prepare(&self, sql: &'static Sql) -> Result<(), DbError> {
        self.desk(|client| client.prepare(sql.text).map(drop).map_err(|error| session::explain(sql.name, &error)))
    }

    fn name(&self) -> &'static str {
        "postgresql"
    }
}

/// A connection on which a commit means the disk, whatever the server's default is.
fn connect(config: &Config) -> Result<Client, DbError> {
    let mut client = config.connect(NoTls).map_err(|error| failed("connect to PostgreSQL", detail(&error)))?;
    client.batch_execute(SET_UP).map_err(|error| failed("set up the connection", detail(&error)))?;
    Ok(client)
}

/// What every connection is told first.
const SET_UP: &str = "SET synchronous_commit = on; SET client_min_messages = warning; \
                      SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL READ COMMITTED";

/// Whether a database has no table yet, so that a backup can be restored into it.
///
/// # Errors
/// [`DbError`] when the address is wrong or the server does not answer.
pub fn is_empty(url: &str) -> Result<bool, DbError> {
    let config = Config::from_str(url).map_err(|error| failed("read the database address", error))?;
    let doing = "look whether the database is empty";
    let look = "SELECT NOT EXISTS (SELECT 1 FROM information_schema.tables \
                WHERE table_schema NOT IN ('pg_catalog', 'information_schema'))";
    let row = connect(&config)?.query_one(look, &[]).map_err(|error| failed(doing, detail(&error)))?;
    Ok(row.get(0))
}

/// Text must sort by code point, as on SQLite: 'a' after 'B'.
fn check_order(client: &mut Client) -> Result<(), DbError> {
    let doing = "check how the database sorts";
    let row = client.query_one("SELECT 'a' > 'B'", &[]).map_err(|error| failed(doing, detail(&error)))?;
    if row.get(0) {
        return Ok(());
    }
    Err(failed(doing, "it sorts text by a language's rules; create it with LC_COLLATE 'C' (TEMPLATE template0)"))
}

fn failed(doing: &str, detail: impl ToString) -> DbError {
    DbError::Other { statement: doing.to_owned(), detail: detail.to_string() }
}

/// The server's own message where there is one; the library's says only "db error".
fn detail(error: &postgres::Error) -> String {
    match error.as_db_error() {
        Some(server) => {
            let more = server.detail().map(|detail| format!(" ({detail})")).unwrap_or_default();
            format!("{} {}{more}", server.code().code(), server.message())
        }
        None => match std::error::Error::source(error) {
            Some(source) => format!("{error}: {source}"),
            None => error.to_string(),
        },
    }
}
