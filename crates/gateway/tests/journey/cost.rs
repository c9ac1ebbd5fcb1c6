//! What a message costs the database: statements are counted as the driver sees them.

use crate::town::*;
use db::{Database, DbError, Driver, Erased, ErasedDeed, Failed, Migration, Row, Sql, Tx, Value};
use serde_json::json;
use std::sync::{Arc, Mutex};

/// A database that writes down the name of every statement.
struct Counting {
    inside: Database,
    seen: Arc<Mutex<Vec<&'static str>>>,
}

struct CountingTx<'a> {
    inside: &'a mut dyn Tx,
    seen: &'a Mutex<Vec<&'static str>>,
}

impl CountingTx<'_> {
    fn note(&self, sql: &'static Sql) {
        self.seen.lock().unwrap().push(sql.name);
    }
}

impl Tx for CountingTx<'_> {
    fn execute(&mut self, sql: &'static Sql, params: &[Value]) -> Result<u64, DbError> {
        self.note(sql);
        self.inside.execute(sql, params)
    }

    fn query(&mut self, sql: &'static Sql, params: &[Value]) -> Result<Vec<Row>, DbError> {
        self.note(sql);
        self.inside.query(sql, params)
    }

    fn insert_many(&mut self, sql: &'static Sql, rows: &[Vec<Value>]) -> Result<(), DbError> {
        self.note(sql);
        self.inside.insert_many(sql, rows)
    }
}

/// An erased failure as an error of its own, so that it passes the inner database unchanged.
struct Passed(Failed);

impl From<DbError> for Passed {
    fn from(error: DbError) -> Passed {
        Passed(Failed::Db(error))
    }
}

impl From<Passed> for db::DeedError<Passed> {
    fn from(passed: Passed) -> db::DeedError<Passed> {
        match passed.0 {
            Failed::Db(error) => db::DeedError::Db(error),
            own @ Failed::Own(_) => db::DeedError::Own(Passed(own)),
        }
    }
}

impl Counting {
    fn counted(&self, deed: ErasedDeed) -> impl Fn(&mut dyn Tx) -> Result<Erased, Passed> + Send + Sync + 'static {
        let seen = Arc::clone(&self.seen);
        move |tx| deed(&mut CountingTx { inside: tx, seen: &seen }).map_err(Passed)
    }
}

impl Driver for Counting {
    fn deed(&self, deed: ErasedDeed) -> Result<Erased, Failed> {
        self.inside.deed(self.counted(deed)).map_err(|passed| passed.0)
    }

    fn read(&self, work: ErasedDeed) -> Result<Erased, Failed> {
        self.inside.read(self.counted(work)).map_err(|passed| passed.0)
    }

    fn migrate(&self, migrations: &[Migration]) -> Result<(), DbError> {
        self.inside.migrate(migrations)
    }

    fn prepare(&self, sql: &'static Sql) -> Result<(), DbError> {
        self.inside.prepare(sql)
    }

    fn name(&self) -> &'static str {
        self.inside.name()
    }
}

#[test]
fn a_settlement_stays_at_about_ten_statements_however_many_lines_it_has() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let town = Town::open(Database::new(Counting { inside: embedded(), seen: Arc::clone(&seen) }), suite());
    town.employee("5001", 10_000);
    let of = |lines: u32, label: &str| {
        let rows: Vec<_> = (1..=lines).map(|n| line(&n.to_string(), "HZS001", "1", "100", "100")).collect();
        let id = town.begun("5001", label, &rows);
        seen.lock().unwrap().clear();
        let bill = bill("5001", &id, &format!("{}", lines * 100), json!({}));
        town.say(HOSPITAL, "2026-03-09 10:00:00", "2207", &bill).accepted();
        std::mem::take(&mut *seen.lock().unwrap())
    };
    let (few, many) = (of(1, "V1"), of(30, "V2"));
    println!("{few:?}");
    assert_eq!(few.len().max(many.len()), few.len(), "{many:?}");
    assert!(few.len() <= 13, "{} statements: {few:?}", few.len());
}
