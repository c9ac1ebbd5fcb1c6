//! # db 存储
//!
//! What a room may know of storage: a synchronous transaction ([`Tx`]), a handle to a
//! database ([`Database`]) that runs deeds and queries, statements as named constants
//! ([`Sql`]), and migrations ([`Migration`]). One SQL text serves SQLite and PostgreSQL.
//!
//! Called by every register and by `journeys`. Never: a driver, a connection string,
//! async, a business rule. The two drivers are `db-sqlite` and `db-postgres`.

mod error;
mod row;
mod statement;

pub use error::DbError;
pub use row::{FromValue, Row, Value};
pub use statement::{Migration, Sql, edited};

use std::any::Any;
use std::sync::Arc;

/// One open transaction. Everything a room does to storage goes through it.
///
/// After an error the transaction is lost: every later statement fails, and so does the
/// deed, whatever it returns. (PostgreSQL works so; SQLite is held to the same.) Where
/// a taken key is expected, write `ON CONFLICT … DO NOTHING` and look at the count.
pub trait Tx {
    /// Runs a statement that changes rows and says how many it changed.
    ///
    /// # Errors
    /// [`DbError`] when the driver refuses.
    fn execute(&mut self, sql: &'static Sql, params: &[Value]) -> Result<u64, DbError>;

    /// Runs a query and returns its rows.
    ///
    /// # Errors
    /// [`DbError`] when the driver refuses.
    fn query(&mut self, sql: &'static Sql, params: &[Value]) -> Result<Vec<Row>, DbError>;

    /// Inserts many rows with one single-row `INSERT … VALUES ($1, …)` statement;
    /// the driver sends them in as few round trips as it can.
    ///
    /// # Errors
    /// [`DbError`] when the driver refuses.
    fn insert_many(&mut self, sql: &'static Sql, rows: &[Vec<Value>]) -> Result<(), DbError>;
}

/// What a deed returns through the type-erased driver.
pub type Erased = Box<dyn Any + Send>;

/// A deed as the driver sees it: it may run more than once (a retry is exact, because
/// ids, time and salts were drawn before it).
pub type ErasedDeed = Arc<dyn Fn(&mut dyn Tx) -> Result<Erased, Failed> + Send + Sync>;

/// Why a deed did not succeed: storage, or an error of the deed's own type.
pub enum Failed {
    /// Storage failed; a serialization conflict is retried by the driver.
    Db(DbError),
    /// The deed itself gave up; its changes are rolled back, its neighbours' are not.
    Own(Erased),
}

/// Runs a deed once, turning a panic into [`DbError::Panicked`]; for drivers.
///
/// # Errors
/// What the deed returned, or the panic.
pub fn attempt(deed: &ErasedDeed, tx: &mut dyn Tx) -> Result<Erased, Failed> {
    let run = std::panic::AssertUnwindSafe(|| deed(tx));
    std::panic::catch_unwind(run).unwrap_or_else(|panic| {
        let detail = panic
            .downcast_ref::<String>()
            .cloned()
            .or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()))
            .unwrap_or_else(|| "no message".to_owned());
        Err(Failed::Db(DbError::Panicked { detail }))
    })
}

/// A driver: SQLite or PostgreSQL.
pub trait Driver: Send + Sync {
    /// Runs a deed in one durable transaction, retried on a serialization conflict.
    /// Returns only after the commit is durable.
    fn deed(&self, deed: ErasedDeed) -> Result<Erased, Failed>;

    /// Runs read-only work on the bounded read pool.
    fn read(&self, work: ErasedDeed) -> Result<Erased, Failed>;

    /// Applies the migrations that this database does not have yet, in order.
    ///
    /// # Errors
    /// [`DbError`] naming the migration that failed.
    fn migrate(&self, migrations: &[Migration]) -> Result<(), DbError>;

    /// Prepares a statement without running it (the prepare-all test).
    ///
    /// # Errors
    /// [`DbError`] naming the statement that does not prepare.
    fn prepare(&self, sql: &'static Sql) -> Result<(), DbError>;

    /// `sqlite` or `postgresql`, for messages.
    fn name(&self) -> &'static str;
}

/// A database: a cheap handle to a driver's workers.
#[derive(Clone)]
pub struct Database(Arc<dyn Driver>);

impl Database {
    /// A database over a driver.
    pub fn new(driver: impl Driver + 'static) -> Database {
        Database(Arc::new(driver))
    }

    /// 办理: runs `deed` in one durable transaction. An `Err` rolls the deed back.
    ///
    /// # Errors
    /// The deed's own error, or a [`DbError`] turned into it.
    pub fn deed<T, E>(&self, deed: impl Fn(&mut dyn Tx) -> Result<T, E> + Send + Sync + 'static) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<DbError> + Into<DeedError<E>> + Send + 'static,
    {
        reveal(self.0.deed(erase(deed)))
    }

    /// 查询: runs read-only work on the read pool.
    ///
    /// # Errors
    /// The work's own error, or a [`DbError`] turned into it.
    pub fn read<T, E>(&self, work: impl Fn(&mut dyn Tx) -> Result<T, E> + Send + Sync + 'static) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<DbError> + Into<DeedError<E>> + Send + 'static,
    {
        reveal(self.0.read(erase(work)))
    }

    /// Applies missing migrations.
    ///
    /// # Errors
    /// [`DbError`] naming the migration.
    pub fn migrate(&self, migrations: &[Migration]) -> Result<(), DbError> {
        self.0.migrate(migrations)
    }

    /// Prepares a statement without running it.
    ///
    /// # Errors
    /// [`DbError`] naming the statement.
    pub fn prepare(&self, sql: &'static Sql) -> Result<(), DbError> {
        self.0.prepare(sql)
    }

    /// `sqlite` or `postgresql`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.0.name()
    }
}

/// How a deed's error type tells a storage error (which the driver may retry) from its own.
pub enum DeedError<E> {
    /// Storage failed.
    Db(DbError),
    /// Anything else.
    Own(E),
}

impl From<DbError> for DeedError<DbError> {
    fn from(error: DbError) -> Self {
        DeedError::Db(error)
    }
}

fn erase<T, E>(work: impl Fn(&mut dyn Tx) -> Result<T, E> + Send + Sync + 'static) -> ErasedDeed
where
    T: Send + 'static,
    E: Into<DeedError<E>> + Send + 'static,
{
    Arc::new(move |tx| match work(tx) {
        Ok(value) => Ok(Box::new(value) as Erased),
        Err(error) => Err(match error.into() {
            DeedError::Db(error) => Failed::Db(error),
            DeedError::Own(error) => Failed::Own(Box::new(error)),
        }),
    })
}

fn reveal<T: 'static, E: From<DbError> + 'static>(outcome: Result<Erased, Failed>) -> Result<T, E> {
    match outcome {
        Ok(value) => Ok(*value.downcast().expect("a driver returns the value the deed made")),
        Err(Failed::Db(error)) => Err(E::from(error)),
        Err(Failed::Own(error)) => Err(*error.downcast().expect("a driver returns the error the deed made")),
    }
}
