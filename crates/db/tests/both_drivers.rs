//! What every driver promises: each sentence below runs on SQLite and on PostgreSQL.

use db::{Database, DbError, DeedError, Migration, Sql, Value};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Barrier};

macro_rules! on_both_drivers {
    ($($sentence:ident)*) => {
        mod sqlite {
            $(#[test] fn $sentence() {
                let database = db_sqlite::Sqlite::temporary().unwrap().into_database();
                super::$sentence(&super::ready(database));
            })*
        }
        mod postgresql {
            $(#[test] fn $sentence() {
                if let Some(fresh) = db_postgres::testing::fresh_database() {
                    super::$sentence(&super::ready(fresh.open()));
                }
            })*
        }
    };
}

on_both_drivers! {
    what_a_deed_recorded_is_read_after_it_and_a_refused_one_left_nothing
    a_taken_key_is_told_apart_from_other_errors
    a_storage_error_that_a_deed_swallows_still_fails_it
    a_panic_harms_only_its_own_deed
    refusals_among_many_deeds_at_once_harm_nobody
    deeds_that_read_and_then_write_one_row_under_a_lock_lose_no_update
    many_rows_go_in_as_one_and_every_kind_of_value_comes_back
    parameters_may_stand_in_any_order_and_a_wrong_number_of_them_is_named
    reading_changes_nothing
    text_sorts_and_matches_by_code_point
    migrations_run_once_even_when_two_start_together
    an_edited_migration_is_refused_and_a_broken_one_leaves_nothing
    preparing_names_the_statement_that_is_wrong
    a_conflict_is_retried_until_it_is_given_up
}

const MIGRATIONS: &[Migration] = &[
    Migration {
        id: "test/0001_accounts",
        text: "CREATE TABLE account (name TEXT PRIMARY KEY, fen BIGINT NOT NULL);
               INSERT INTO account (name, fen) VALUES ('common', 0)",
    },
    Migration { id: "test/0002_notes", text: "CREATE TABLE note (number BIGINT PRIMARY KEY, words TEXT, bytes BLOB)" },
];

static OPEN: Sql = Sql::new("test.open", "INSERT INTO account (name, fen) VALUES ($1, $2)");
static BALANCE: Sql = Sql::new("test.balance", "SELECT fen FROM account WHERE name = $1");
static SET: Sql = Sql::new("test.set", "UPDATE account SET fen = $2 WHERE name = $1");
static LOCK: Sql = Sql::new("test.lock", "UPDATE account SET fen = fen WHERE name = $1");
static COUNT: Sql = Sql::new("test.count", "SELECT COUNT(*), SUM(fen) FROM account");
static NOTE: Sql = Sql::new("test.note", "INSERT INTO note (number, words, bytes) VALUES ($1, $2, $3)");
static NOTES: Sql = Sql::new("test.notes", "SELECT number, words, bytes FROM note ORDER BY number");

#[derive(Debug)]
enum TestError {
    Db(DbError),
    Refused(i64),
}

impl From<DbError> for TestError {
    fn from(error: DbError) -> Self {
        TestError::Db(error)
    }
}

impl From<TestError> for DeedError<TestError> {
    fn from(error: TestError) -> Self {
        match error {
            TestError::Db(error) => DeedError::Db(error),
            own => DeedError::Own(own),
        }
    }
}

fn ready(database: Database) -> Database {
    database.migrate(MIGRATIONS).unwrap();
    database
}

fn balance(database: &Database, name: &'static str) -> Option<i64> {
    database
        .read(move |tx| -> Result<_, DbError> {
            tx.query(&BALANCE, &[name.into()])?.first().map(|row| row.get(0)).transpose()
        })
        .unwrap()
}

fn open(database: &Database, name: String, fen: i64) -> Result<(), DbError> {
    database.deed(move |tx| tx.execute(&OPEN, &[name.clone().into(), fen.into()]).map(drop))
}

fn what_a_deed_recorded_is_read_after_it_and_a_refused_one_left_nothing(database: &Database) {
    open(database, "kept".into(), 7).unwrap();
    let refused: Result<(), TestError> = database.deed(|tx| {
        tx.execute(&OPEN, &["gone".into(), 1.into()])?;
        Err(TestError::Refused(3102))
    });
    assert!(matches!(refused, Err(TestError::Refused(3102))));
    assert_eq!(balance(database, "kept"), Some(7));
    assert_eq!(balance(database, "gone"), None);
}

fn a_taken_key_is_told_apart_from_other_errors(database: &Database) {
    open(database, "one".into(), 1).unwrap();
    let taken = open(database, "one".into(), 2);
    assert!(matches!(&taken, Err(DbError::Duplicate { statement, .. }) if statement == "test.open"), "{taken:?}");
    let missing = database.deed(|tx| tx.execute(&OPEN, &["two".into(), Value::Null]));
    assert!(matches!(&missing, Err(DbError::Other { statement, .. }) if statement == "test.open"), "{missing:?}");
}

fn a_storage_error_that_a_deed_swallows_still_fails_it(database: &Database) {
    let outcome: Result<(), DbError> = database.deed(|tx| {
        tx.execute(&OPEN, &["before".into(), 1.into()])?;
        let _ = tx.execute(&OPEN, &["common".into(), 1.into()]);
        let _ = tx.execute(&OPEN, &["after".into(), 1.into()]);
        Ok(())
    });
    assert!(matches!(outcome, Err(DbError::Duplicate { .. })), "{outcome:?}");
    assert_eq!((balance(database, "before"), balance(database, "after")), (None, None));
}

fn a_panic_harms_only_its_own_deed(database: &Database) {
    let outcome: Result<(), DbError> = database.deed(|tx| {
        tx.execute(&OPEN, &["panicked".into(), 1.into()])?;
        panic!("the sum is wrong by {} 分", 3)
    });
    assert!(
        matches!(&outcome, Err(DbError::Panicked { detail }) if detail == "the sum is wrong by 3 分"),
        "{outcome:?}"
    );
    let reading: Result<(), DbError> = database.read(|_| panic!("while reading"));
    assert!(matches!(reading, Err(DbError::Panicked { .. })));
    open(database, "next".into(), 1).unwrap();
    assert_eq!((balance(database, "panicked"), balance(database, "next")), (None, Some(1)));
}

fn refusals_among_many_deeds_at_once_harm_nobody(database: &Database) {
    let start = Arc::new(Barrier::new(24));
    let deed = |number: i64| {
        let (database, start) = (database.clone(), Arc::clone(&start));
        std::thread::spawn(move || {
            start.wait();
            for round in 0..10 {
                let name = format!("{number}-{round}");
                let outcome: Result<(), TestError> = database.deed(move |tx| {
                    tx.execute(&OPEN, &[name.clone().into(), number.into()])?;
                    match number % 4 {
                        1 => Err(TestError::Refused(number)),
                        2 => tx.execute(&OPEN, &["common".into(), 0.into()]).map(drop).map_err(TestError::Db),
                        3 if round == 5 => panic!("in the middle of the group"),
                        _ => Ok(()),
                    }
                });
                match (number % 4, outcome) {
                    (1, Err(TestError::Refused(own))) => assert_eq!(own, number),
                    (2, Err(TestError::Db(DbError::Duplicate { .. }))) => {}
                    (3, Err(TestError::Db(DbError::Panicked { .. }))) => assert_eq!(round, 5),
                    (0 | 3, Ok(())) => {}
                    (_, other) => panic!("{number}-{round}: {other:?}"),
                }
            }
        })
    };
    let threads: Vec<_> = (0..24).map(deed).collect();
    threads.into_iter().for_each(|thread| thread.join().unwrap());
    let counted = database.read(|tx| tx.query(&COUNT, &[])).unwrap();
    assert_eq!(counted[0].get::<i64>(0).unwrap(), 1 + 6 * 10 + 6 * 9);
    let sum: i64 = (0..24)
        .map(|number| match number % 4 {
            0 => number * 10,
            3 => number * 9,
            _ => 0,
        })
        .sum();
    assert_eq!(counted[0].get::<i64>(1).unwrap(), sum, "a sum of BIGINT is an integer on both");
}

fn deeds_that_read_and_then_write_one_row_under_a_lock_lose_no_update(database: &Database) {
    let add = || {
        let database = database.clone();
        std::thread::spawn(move || {
            for _ in 0..25 {
                let added: Result<(), DbError> = database.deed(|tx| {
                    tx.execute(&LOCK, &["common".into()])?;
                    let fen: i64 = tx.query(&BALANCE, &["common".into()])?[0].get(0)?;
                    tx.execute(&SET, &["common".into(), (fen + 1).into()]).map(drop)
                });
                added.unwrap();
            }
        })
    };
    let threads: Vec<_> = (0..8).map(|_| add()).collect();
    threads.into_iter().for_each(|thread| thread.join().unwrap());
    assert_eq!(balance(database, "common"), Some(200));
}

fn many_rows_go_in_as_one_and_every_kind_of_value_comes_back(database: &Database) {
    let row = |number: i64| -> Vec<Value> {
        let bytes = if number % 3 == 0 { Value::Null } else { Value::Blob(vec![0, 255, number as u8]) };
        vec![number.into(), Some(format!("第{number}行 'x' $1")).filter(|_| number % 5 != 0).into(), bytes]
    };
    let rows: Vec<_> = (0..150).map(|number| row(number * 1_000_000_007)).collect();
    let expected = rows.clone();
    database
        .deed(move |tx| -> Result<(), DbError> {
            tx.insert_many(&NOTE, &[])?;
            tx.insert_many(&NOTE, &rows[..1])?;
            tx.insert_many(&NOTE, &rows[1..11])?;
            tx.insert_many(&NOTE, &rows[11..])
        })
        .unwrap();
    let found = database.read(|tx| tx.query(&NOTES, &[])).unwrap();
    assert_eq!(found.into_iter().map(|row| row.values).collect::<Vec<_>>(), expected);
    let twice = vec![row(-1), row(-2), row(-1)];
    let doubled: Result<(), DbError> = database.deed(move |tx| tx.insert_many(&NOTE, &twice));
    assert!(matches!(doubled, Err(DbError::Duplicate { .. })));
    assert_eq!(database.read(|tx| tx.query(&NOTES, &[])).unwrap().len(), 150);
}

fn parameters_may_stand_in_any_order_and_a_wrong_number_of_them_is_named(database: &Database) {
    let set = database.deed(|tx| tx.execute(&SET, &["common".into(), 41.into()]));
    assert_eq!((set.unwrap(), balance(database, "common")), (1, Some(41)));
    let wrong = database.deed(|tx| tx.execute(&SET, &["common".into()]));
    let words = wrong.unwrap_err().to_string();
    assert!(words.contains("test.set") && words.contains('2') && words.contains('1'), "{words}");
    let kind = database.read(|tx| tx.query(&BALANCE, &["common".into()])?[0].get::<String>(0));
    assert!(matches!(kind, Err(DbError::Column { column: 0, .. })));
}

fn reading_changes_nothing(database: &Database) {
    let written = database.read(|tx| tx.execute(&OPEN, &["sneaked".into(), 1.into()]));
    assert!(matches!(written, Err(DbError::Other { .. })), "{written:?}");
    assert_eq!(balance(database, "sneaked"), None);
}

fn text_sorts_and_matches_by_code_point(database: &Database) {
    static SORTED: Sql = Sql::new("test.sorted", "SELECT name FROM account WHERE name LIKE $1 ORDER BY name");
    for name in ["xb", "xB", "x衡", "xa", "XC"] {
        open(database, name.into(), 0).unwrap();
    }
    let rows = database.read(|tx| tx.query(&SORTED, &["x%".into()])).unwrap();
    let names: Vec<String> = rows.iter().map(|row| row.get(0).unwrap()).collect();
    assert_eq!(names, ["xB", "xa", "xb", "x衡"]);
}

fn migrations_run_once_even_when_two_start_together(database: &Database) {
    static MORE: &[Migration] = &[Migration {
        id: "test/0003_more",
        text: "CREATE TABLE more (a BIGINT); INSERT INTO account (name, fen) VALUES ('more', 1)",
    }];
    let start = Arc::new(Barrier::new(4));
    let threads: Vec<_> = (0..4)
        .map(|_| {
            let (database, start) = (database.clone(), Arc::clone(&start));
            std::thread::spawn(move || {
                start.wait();
                database.migrate(MIGRATIONS)?;
                database.migrate(MORE)
            })
        })
        .collect();
    threads.into_iter().for_each(|thread| thread.join().unwrap().unwrap());
    assert_eq!(balance(database, "more"), Some(1));
}

fn an_edited_migration_is_refused_and_a_broken_one_leaves_nothing(database: &Database) {
    static BROKEN: &[Migration] = &[Migration {
        id: "test/0004_broken",
        text: "INSERT INTO account (name, fen) VALUES ('half', 1); INSERT INTO nowhere VALUES (1)",
    }];
    let edited = [Migration { id: MIGRATIONS[1].id, text: "CREATE TABLE note (number BIGINT)" }];
    let words = database.migrate(&edited).unwrap_err().to_string();
    assert!(words.contains("test/0002_notes") && words.contains("add a new migration"), "{words}");
    let words = database.migrate(BROKEN).unwrap_err().to_string();
    assert!(words.contains("test/0004_broken") && words.contains("nowhere"), "{words}");
    assert_eq!(balance(database, "half"), None);
    open(database, "still works".into(), 1).unwrap();
}

fn preparing_names_the_statement_that_is_wrong(database: &Database) {
    static WRONG: Sql = Sql::new("test.wrong", "SELECT fen FROM acount WHERE name = $1");
    for sql in [&OPEN, &BALANCE, &SET, &COUNT, &NOTE, &NOTES] {
        database.prepare(sql).unwrap();
    }
    let words = database.prepare(&WRONG).unwrap_err().to_string();
    assert!(words.contains("test.wrong") && words.contains("acount"), "{words}");
}

fn a_conflict_is_retried_until_it_is_given_up(database: &Database) {
    if database.name() == "sqlite" {
        return; // One writer: nothing to meet.
    }
    let runs = Arc::new(AtomicU32::new(0));
    let conflict = || DbError::Conflict { statement: "test".into(), detail: "met another".into() };
    let counted = Arc::clone(&runs);
    let third: Result<u32, DbError> = database.deed(move |tx| {
        tx.execute(&OPEN, &["third time".into(), 1.into()])?;
        let run = counted.fetch_add(1, Ordering::SeqCst);
        if run < 2 { Err(conflict()) } else { Ok(run) }
    });
    assert_eq!((third.unwrap(), balance(database, "third time")), (2, Some(1)));
    let never: Result<(), DbError> = database.deed(move |_| Err(conflict()));
    assert!(matches!(never, Err(DbError::Conflict { .. })));
}
