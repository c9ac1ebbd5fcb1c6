//! What was answered survives `kill -9`, and nothing is recorded twice.

use db::{Database, DbError, Migration, Sql};
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

/// Tells this test binary, started again as a child, which database to work on.
const CHILD: &str = "HENG_TEST_DURABLE_CHILD";

const MIGRATIONS: &[Migration] = &[Migration {
    id: "durable/0001",
    text: "CREATE TABLE done (id TEXT PRIMARY KEY); CREATE TABLE line (id TEXT, number BIGINT)",
}];
static DONE: Sql = Sql::new("durable.done", "INSERT INTO done (id) VALUES ($1)");
static LINE: Sql = Sql::new("durable.line", "INSERT INTO line (id, number) VALUES ($1, $2)");
static LINES: Sql = Sql::new(
    "durable.lines",
    "SELECT done.id, COUNT(line.id) FROM done LEFT JOIN line ON line.id = done.id GROUP BY done.id",
);
static STRAYS: Sql = Sql::new(
    "durable.strays",
    "SELECT COUNT(*) FROM line WHERE NOT EXISTS (SELECT 1 FROM done WHERE done.id = line.id)",
);

fn open(address: &str) -> Database {
    match address.strip_prefix("sqlite:") {
        Some(path) => db_sqlite::Sqlite::open(&db_sqlite::SqliteOptions::new(path)).unwrap().into_database(),
        None => {
            let options = db_postgres::PostgresOptions { workers: 4, ..db_postgres::PostgresOptions::new(address) };
            db_postgres::Postgres::open(&options).unwrap().into_database()
        }
    }
}

/// The child: does deeds without end from four threads and prints the id of each *after* its
/// answer. Without the variable it has nothing to do.
#[test]
fn child_that_records_until_it_is_killed() {
    let Ok(address) = std::env::var(CHILD) else { return };
    let database = open(&address);
    let work = |thread: u32| {
        let database = database.clone();
        move || {
            for number in 0_u64.. {
                let id = format!("{thread}-{number}");
                let recorded = id.clone();
                let done: Result<(), DbError> = database.deed(move |tx| {
                    tx.execute(&DONE, &[recorded.as_str().into()])?;
                    let lines: Vec<_> = (0..3).map(|line| vec![recorded.as_str().into(), line.into()]).collect();
                    tx.insert_many(&LINE, &lines)
                });
                done.unwrap();
                println!("answered {id}");
            }
        }
    };
    let threads: Vec<_> = (0..4).map(|thread| std::thread::spawn(work(thread))).collect();
    threads.into_iter().for_each(|thread| thread.join().unwrap());
}

fn answered_deeds_survive_a_kill(address: &str) {
    open(address).migrate(MIGRATIONS).unwrap();
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "child_that_records_until_it_is_killed", "--nocapture"])
        .env(CHILD, address)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut answered: Vec<String> = Vec::new();
    let mut note = |line: String| answered.extend(line.strip_prefix("answered ").map(str::to_owned));
    for line in lines.by_ref().take(300) {
        note(line.unwrap());
    }
    child.kill().unwrap(); // SIGKILL
    child.wait().unwrap();
    // What it had already written to the pipe was answered as well; a torn last line was not read.
    for line in lines.map_while(Result::ok).filter(|line| line.matches('-').count() == 1) {
        note(line);
    }
    let torn = answered.pop();
    assert!(torn.is_some() && answered.len() > 250, "the child answered only {}", answered.len());

    let database = open(address);
    let found = database.read(|tx| tx.query(&LINES, &[])).unwrap();
    let found: std::collections::HashMap<String, i64> =
        found.iter().map(|row| (row.get(0).unwrap(), row.get(1).unwrap())).collect();
    for id in &answered {
        assert_eq!(found.get(id), Some(&3), "{id} was answered");
    }
    assert!(found.values().all(|lines| *lines == 3), "a deed is whole or absent");
    let strays = database.read(|tx| tx.query(&STRAYS, &[])).unwrap();
    assert_eq!(strays[0].get::<i64>(0).unwrap(), 0);
}

#[test]
fn answered_deeds_survive_a_kill_on_sqlite() {
    let directory = tempfile::tempdir().unwrap();
    answered_deeds_survive_a_kill(&format!("sqlite:{}", directory.path().join("heng.db").display()));
}

#[test]
fn answered_deeds_survive_a_kill_on_postgresql() {
    if let Some(fresh) = db_postgres::testing::fresh_database() {
        answered_deeds_survive_a_kill(&fresh.url);
    }
}
