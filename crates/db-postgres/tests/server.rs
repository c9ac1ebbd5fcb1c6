//! What is PostgreSQL's own: conflicts, lost connections, late constraints, two processes.

use db::{Database, DbError, Migration, Sql};
use db_postgres::testing::{FreshDatabase, fresh_database};
use db_postgres::{Postgres, PostgresOptions};
use postgres::{Client, NoTls};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Barrier};

const MIGRATIONS: &[Migration] = &[Migration {
    id: "test/0001",
    text:
        "CREATE TABLE thing (id BIGINT PRIMARY KEY, times BIGINT NOT NULL);
           INSERT INTO thing VALUES (1, 0), (2, 0);
           CREATE TABLE child (id BIGINT PRIMARY KEY, thing BIGINT REFERENCES thing (id) DEFERRABLE INITIALLY DEFERRED)",
}];
static TOUCH: Sql = Sql::new("test.touch", "UPDATE thing SET times = times + 1 WHERE id = $1");
static TIMES: Sql = Sql::new("test.times", "SELECT times FROM thing ORDER BY id");
static CHILDREN: Sql = Sql::new("test.children", "SELECT COUNT(*) FROM child");
static CHILD: Sql = Sql::new("test.child", "INSERT INTO child (id, thing) VALUES ($1, $2)");

fn ready() -> Option<(FreshDatabase, Database)> {
    let fresh = fresh_database()?;
    let database = fresh.open();
    database.migrate(MIGRATIONS).unwrap();
    Some((fresh, database))
}

fn times(database: &Database) -> Vec<i64> {
    let rows = database.read(|tx| tx.query(&TIMES, &[])).unwrap();
    rows.iter().map(|row| row.get(0).unwrap()).collect()
}

/// Ends every other connection to the database, as a restart of the server would.
fn cut_connections(fresh: &FreshDatabase) {
    let mut client = Client::connect(&fresh.url, NoTls).unwrap();
    client
        .execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
             WHERE datname = current_database() AND pid <> pg_backend_pid()",
            &[],
        )
        .unwrap();
}

#[test]
fn two_deeds_that_deadlock_both_succeed_in_the_end() {
    let Some((_fresh, database)) = ready() else { return };
    let both_hold_one = Arc::new(Barrier::new(2));
    let runs = Arc::new(AtomicU32::new(0));
    let threads: Vec<_> = [(1_i64, 2_i64), (2, 1)]
        .into_iter()
        .map(|(first, second)| {
            let (database, both_hold_one, runs) = (database.clone(), Arc::clone(&both_hold_one), Arc::clone(&runs));
            std::thread::spawn(move || {
                database.deed(move |tx| -> Result<(), DbError> {
                    tx.execute(&TOUCH, &[first.into()])?;
                    if runs.fetch_add(1, Ordering::SeqCst) < 2 {
                        both_hold_one.wait();
                    }
                    tx.execute(&TOUCH, &[second.into()]).map(drop)
                })
            })
        })
        .collect();
    threads.into_iter().for_each(|thread| thread.join().unwrap().unwrap());
    assert_eq!(times(&database), [2, 2]);
    assert_eq!(runs.load(Ordering::SeqCst), 3, "the one that the server chose ran twice");
}

#[test]
fn a_commit_that_the_server_refuses_is_an_error_and_records_nothing() {
    let Some((_fresh, database)) = ready() else { return };
    let late: Result<(), DbError> = database.deed(|tx| tx.execute(&CHILD, &[1.into(), 404.into()]).map(drop));
    let words = late.unwrap_err().to_string();
    assert!(words.contains("COMMIT") && words.contains("23503"), "{words}");
    let good: Result<(), DbError> = database.deed(|tx| tx.execute(&CHILD, &[1.into(), 2.into()]).map(drop));
    good.unwrap();
}

#[test]
fn rows_that_wait_for_the_commit_fail_the_deed_when_they_fail_and_record_nothing() {
    let Some((_fresh, database)) = ready() else { return };
    // Taken on the server's side, and not even sendable: neither may leave the first row.
    for second in [vec![1.into(), 1.into()], vec![2.into(), "words".into()]] {
        let outcome: Result<(), DbError> = database.deed(move |tx| {
            tx.insert_many(&CHILD, &[vec![1.into(), 1.into()]])?;
            tx.insert_many(&CHILD, std::slice::from_ref(&second))
        });
        let error = outcome.unwrap_err();
        assert!(error.to_string().contains("test.child"), "{error}");
        let rows = database.read(|tx| tx.query(&CHILDREN, &[])).unwrap();
        assert_eq!(rows[0].get::<i64>(0).unwrap(), 0);
    }
}

#[test]
fn idle_connections_that_were_cut_are_made_anew_unseen() {
    let Some((fresh, database)) = ready() else { return };
    for _ in 0..20 {
        let touched: Result<(), DbError> = database.deed(|tx| tx.execute(&TOUCH, &[1.into()]).map(drop));
        touched.unwrap();
    }
    cut_connections(&fresh);
    for _ in 0..20 {
        let touched: Result<(), DbError> = database.deed(|tx| tx.execute(&TOUCH, &[1.into()]).map(drop));
        touched.unwrap();
    }
    database.prepare(&TOUCH).unwrap();
    assert_eq!(times(&database), [40, 0]);
}

#[test]
fn a_deed_cut_before_its_commit_runs_again_and_counts_once() {
    let Some((fresh, database)) = ready() else { return };
    let fresh = Arc::new(fresh);
    let (cutter, runs) = (Arc::clone(&fresh), AtomicU32::new(0));
    let touched: Result<u32, DbError> = database.deed(move |tx| {
        tx.execute(&TOUCH, &[1.into()])?;
        let run = runs.fetch_add(1, Ordering::SeqCst);
        if run == 0 {
            cut_connections(&cutter);
        }
        tx.execute(&TOUCH, &[2.into()])?;
        Ok(run)
    });
    assert_eq!(touched.unwrap(), 1);
    assert_eq!(times(&database), [1, 1]);
}

#[test]
fn a_connection_lost_with_the_commit_on_its_way_is_told_as_unknown() {
    let Some((fresh, database)) = ready() else { return };
    let fresh = Arc::new(fresh);
    let cutter = Arc::clone(&fresh);
    let outcome: Result<(), DbError> = database.deed(move |tx| {
        tx.execute(&TOUCH, &[1.into()])?;
        cut_connections(&cutter); // nothing is sent between this and the COMMIT
        std::thread::sleep(std::time::Duration::from_millis(200));
        Ok(())
    });
    assert!(matches!(outcome, Err(DbError::Unknown { .. })), "{outcome:?}");
    assert_eq!(times(&database), [0, 0]);
}

#[test]
fn two_processes_that_migrate_together_wait_for_each_other() {
    let Some(fresh) = fresh_database() else { return };
    let together = Arc::new(Barrier::new(4));
    let threads: Vec<_> = (0..4)
        .map(|_| {
            let options = PostgresOptions { workers: 1, readers: 1, ..PostgresOptions::new(&fresh.url) };
            let together = Arc::clone(&together);
            std::thread::spawn(move || {
                let database = Postgres::open(&options).unwrap().into_database();
                together.wait();
                database.migrate(MIGRATIONS)
            })
        })
        .collect();
    threads.into_iter().for_each(|thread| thread.join().unwrap().unwrap());
    assert_eq!(times(&fresh.open()), [0, 0]);
}

#[test]
fn an_address_without_a_server_is_named_within_seconds() {
    let refused = Postgres::open(&PostgresOptions::new("postgres://heng@127.0.0.1:9/heng"));
    let words = refused.err().unwrap().to_string();
    assert!(words.contains("connect to PostgreSQL"), "{words}");
}
