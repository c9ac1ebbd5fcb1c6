//! What is SQLite's own: the group, and the backup.

use db::{Database, DbError, Migration, Sql};
use db_sqlite::{Sqlite, SqliteOptions, backup};
use std::path::Path;
use std::sync::Mutex;
use std::sync::mpsc::sync_channel;
use std::time::Duration;

const MIGRATIONS: &[Migration] = &[Migration {
    id: "test/0001",
    text: "CREATE TABLE parent (id BIGINT PRIMARY KEY);
           CREATE TABLE child (id BIGINT PRIMARY KEY, parent BIGINT)",
}];
static CHILD: Sql = Sql::new("test.child", "INSERT INTO child (id, parent) VALUES ($1, $2)");
static PARENT: Sql = Sql::new("test.parent", "INSERT INTO parent (id) VALUES ($1)");
static CHILDREN: Sql = Sql::new("test.children", "SELECT id FROM child ORDER BY id");
const WAIT: Duration = Duration::from_secs(10);

fn file(path: &Path) -> Database {
    Sqlite::open(&SqliteOptions::new(path)).unwrap().into_database()
}

fn children(database: &Database) -> Vec<i64> {
    let rows = database.read(|tx| tx.query(&CHILDREN, &[])).unwrap();
    rows.iter().map(|row| row.get(0).unwrap()).collect()
}

/// Holds the writer in a first deed until the deeds of `ids` wait behind it, so that all of
/// them are one group; gives their outcomes in order.
fn in_one_group(
    database: &Database,
    ids: &[i64],
    deed: fn(&mut dyn db::Tx, i64) -> Result<(), DbError>,
) -> Vec<Result<(), DbError>> {
    let (started, has_started) = sync_channel(1);
    let (release, held) = sync_channel::<()>(1);
    let held = Mutex::new(held);
    let gate = database.clone();
    let gate = std::thread::spawn(move || {
        gate.deed(move |_| -> Result<(), DbError> {
            started.send(()).unwrap();
            held.lock().unwrap().recv().unwrap();
            Ok(())
        })
    });
    has_started.recv().unwrap();
    let members: Vec<_> = ids
        .iter()
        .map(|&id| {
            let database = database.clone();
            let member = std::thread::spawn(move || database.deed(move |tx| deed(tx, id)));
            std::thread::sleep(Duration::from_millis(60)); // so that they wait in this order
            member
        })
        .collect();
    release.send(()).unwrap();
    let gate = gate.join().unwrap();
    let outcomes = members.into_iter().map(|member| member.join().unwrap());
    std::iter::once(gate).chain(outcomes).collect()
}

#[test]
fn one_refusal_in_a_group_harms_no_neighbour() {
    let database = Sqlite::temporary().unwrap().into_database();
    database.migrate(MIGRATIONS).unwrap();
    let outcomes =
        in_one_group(&database, &[1, 2, 1, 3], |tx, id| tx.execute(&CHILD, &[id.into(), 0.into()]).map(drop));
    let good: Vec<bool> = outcomes.iter().map(Result::is_ok).collect();
    assert_eq!(good, [true, true, true, false, true]);
    assert_eq!(children(&database), [1, 2, 3]);
}

#[test]
fn a_deed_that_starts_a_deed_is_told_so_instead_of_waiting_for_itself() {
    let database = Sqlite::temporary().unwrap().into_database();
    let inner = database.clone();
    let outcome: Result<(), DbError> = database.deed(move |_| inner.deed(|_| Ok(())));
    assert!(outcome.unwrap_err().to_string().contains("must not start another deed"));
}

#[test]
fn a_backup_taken_while_deeds_go_on_is_whole_and_never_overwrites() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("heng.db");
    let database = file(&path);
    database.migrate(MIGRATIONS).unwrap();
    let record = |from: i64, to: i64| {
        for id in from..to {
            let recorded: Result<(), DbError> = database.deed(move |tx| {
                tx.execute(&PARENT, &[id.into()])?;
                tx.execute(&CHILD, &[id.into(), id.into()]).map(drop)
            });
            recorded.unwrap();
        }
    };
    record(0, 200);
    let copy = directory.path().join("copy.db");
    std::thread::scope(|scope| {
        scope.spawn(|| record(200, 600));
        backup(&path, &copy, WAIT).unwrap();
    });
    let kept = children(&file(&copy));
    assert!(kept.len() >= 200, "everything answered before the backup is in it");
    assert_eq!(kept, (0..kept.len() as i64).collect::<Vec<_>>(), "one moment of the database");
    let words = backup(&path, &copy, WAIT).unwrap_err().to_string();
    assert!(words.contains("copy.db") && words.contains("exists"), "{words}");
}
