//! # db-sqlite 内嵌数据库
//!
//! The driver for SQLite, the embedded default. One writer thread owns the connection that
//! writes and **groups the deeds that wait into one commit**, a savepoint for each, so that
//! one refusal never harms its neighbours; a few reader threads answer queries, each on a
//! snapshot. Every waiter is answered after the commit is on the disk
//! (`journal_mode=WAL`, `synchronous=FULL`), refusals and errors too: what they say may
//! rest on a neighbour in the same group.
//!
//! Called by the binary that wires the house, and by tests. Never: a rule, a table of its
//! own except `heng_migration`, a second writer.

mod backup;
mod migrate;
mod reader;
mod session;
mod text;
mod writer;

pub use backup::{backup, restore};

use db::{Database, DbError, Driver, Erased, ErasedDeed, Failed, Migration, Sql};
use rusqlite::{Connection, OpenFlags};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// How to open the embedded database.
#[derive(Debug, Clone)]
pub struct SqliteOptions {
    /// The database file; made if missing.
    pub path: PathBuf,
    /// Threads that answer queries (at least 1; usually 4).
    pub readers: usize,
    /// Deeds in one commit at most (at least 1; usually 64).
    pub group_max: usize,
    /// Deeds and queries that may wait before a caller is held back.
    pub waiting_max: usize,
    /// How long to wait for another process that writes to the same file.
    pub busy: Duration,
}

impl SqliteOptions {
    /// The usual options for a file.
    pub fn new(path: impl Into<PathBuf>) -> SqliteOptions {
        SqliteOptions { path: path.into(), readers: 4, group_max: 64, waiting_max: 1024, busy: Duration::from_secs(10) }
    }
}

/// The embedded database. Dropping it finishes the deeds it accepted.
pub struct Sqlite {
    // The order of the fields is the order of leaving: the writer last but the directory.
    readers: reader::Readers,
    writer: writer::Writer,
    path: PathBuf,
    busy: Duration,
    _temporary: Option<tempfile::TempDir>,
}

impl Sqlite {
    /// Opens the database and starts its threads.
    ///
    /// # Errors
    /// [`DbError`] when the file cannot be opened, made or put into WAL.
    pub fn open(options: &SqliteOptions) -> Result<Sqlite, DbError> {
        let connection = connect(options, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE)?;
        let writer = writer::Writer::start(connection, options)?;
        let readers = reader::Readers::start(options)?;
        Ok(Sqlite { readers, writer, path: options.path.clone(), busy: options.busy, _temporary: None })
    }

    /// A database in a temporary directory that goes when it is dropped; for tests.
    ///
    /// # Errors
    /// [`DbError`] when the directory or the file cannot be made.
    pub fn temporary() -> Result<Sqlite, DbError> {
        let directory = tempfile::tempdir().map_err(|error| failed("make a temporary directory", error))?;
        let mut sqlite = Sqlite::open(&SqliteOptions::new(directory.path().join("heng.db")))?;
        sqlite._temporary = Some(directory);
        Ok(sqlite)
    }

    /// This driver as a [`Database`].
    #[must_use]
    pub fn into_database(self) -> Database {
        Database::new(self)
    }

    /// The database file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// 备份: see [`backup`]. Deeds go on meanwhile.
    ///
    /// # Errors
    /// [`DbError`] naming the file.
    pub fn backup_to(&self, target: &Path) -> Result<(), DbError> {
        backup(&self.path, target, self.busy)
    }
}

impl Driver for Sqlite {
    fn deed(&self, deed: ErasedDeed) -> Result<Erased, Failed> {
        self.writer.deed(deed)
    }

    fn read(&self, work: ErasedDeed) -> Result<Erased, Failed> {
        self.readers.read(work)
    }

    fn migrate(&self, migrations: &[Migration]) -> Result<(), DbError> {
        let migrations: Arc<[Migration]> = migrations.into();
        self.writer.call(move |connection| migrate::migrate(connection, &migrations))
    }

    fn prepare(&self, sql: &'static Sql) -> Result<(), DbError> {
        self.writer.call(move |connection| {
            connection.prepare(&text::numbered(sql.text)).map(drop).map_err(|error| DbError::other(sql, error))
        })
    }

    fn name(&self) -> &'static str {
        "sqlite"
    }
}

/// A connection with the pragmas that every one of ours has.
fn connect(options: &SqliteOptions, flags: OpenFlags) -> Result<Connection, DbError> {
    let doing = format!("open {}", options.path.display());
    let connection = Connection::open_with_flags(&options.path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)
        .map_err(|error| failed(&doing, error))?;
    connection.busy_timeout(options.busy).map_err(|error| failed(&doing, error))?;
    if flags.contains(OpenFlags::SQLITE_OPEN_READ_WRITE) {
        let mode: String = connection
            .query_row("PRAGMA journal_mode=WAL", [], |row| row.get(0))
            .map_err(|error| failed(&doing, error))?;
        if mode != "wal" {
            return Err(failed(
                &doing,
                format!("the file system allows journal mode {mode:?}, not WAL; use a local disk"),
            ));
        }
    }
    // LIKE tells capitals apart, as PostgreSQL does. Checkpoints come every 8,000 pages
    // (32 MB of log), so that few commits pay for one.
    connection
        .execute_batch(
            "PRAGMA synchronous=FULL; PRAGMA foreign_keys=OFF; PRAGMA case_sensitive_like=ON; \
             PRAGMA temp_store=MEMORY; PRAGMA cache_size=-65536; PRAGMA wal_autocheckpoint=8000;",
        )
        .map_err(|error| failed(&doing, error))?;
    Ok(connection)
}

fn failed(doing: &str, detail: impl ToString) -> DbError {
    DbError::Other { statement: doing.to_owned(), detail: detail.to_string() }
}
