//! 备份与恢复: whole copies of the database file, one while deeds go on, one while nobody works.

use crate::failed;
use db::{DbError, Migration};
use rusqlite::{Connection, OpenFlags};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// 备份: writes everything committed in the database file `source` to the new file `target`,
/// from one snapshot, while deeds go on. The target appears under its name only when it is
/// whole and on the disk; an existing file is not overwritten.
///
/// # Errors
/// [`DbError`] naming the file.
pub fn backup(source: &Path, target: &Path, busy: Duration) -> Result<(), DbError> {
    let doing = format!("back up {} to {}", source.display(), target.display());
    if target.exists() {
        return Err(failed(&doing, "the target exists already; name a new file"));
    }
    let mut partial = target.as_os_str().to_owned();
    partial.push(".partial");
    let partial = PathBuf::from(partial);
    if partial.exists() {
        std::fs::remove_file(&partial).map_err(|error| failed(&doing, error))?;
    }
    let connection =
        Connection::open_with_flags(source, OpenFlags::SQLITE_OPEN_READ_ONLY).map_err(|error| failed(&doing, error))?;
    connection.busy_timeout(busy).map_err(|error| failed(&doing, error))?;
    let name = partial.to_str().ok_or_else(|| failed(&doing, "the path is not UTF-8"))?;
    connection.execute("VACUUM INTO ?1", [name]).map_err(|error| failed(&doing, error))?;
    let sync = |path: &Path| std::fs::File::open(path).and_then(|file| file.sync_all());
    sync(&partial).map_err(|error| failed(&doing, error))?;
    std::fs::rename(&partial, target).map_err(|error| failed(&doing, error))?;
    let directory = target.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    sync(directory).map_err(|error| failed(&doing, error))
}

/// 恢复: makes `target` a copy of the backup file `source`, after checking that it is whole
/// and of a schema that `known` migrations describe. A database that stands at `target` is
/// in the way, unless `aside` names where to put it; nothing is ever deleted.
///
/// # Errors
/// [`DbError`] naming the file and the way out; the target is then as it was.
pub fn restore(source: &Path, target: &Path, known: &[Migration], aside: Option<&Path>) -> Result<(), DbError> {
    check(source, known)?;
    let doing = format!("restore {} to {}", source.display(), target.display());
    if target.exists() {
        let Some(aside) = aside else {
            return Err(failed(
                &doing,
                "there is a database already; say --replace to put it aside, or name another place",
            ));
        };
        put_aside(target, aside)?;
    }
    for ending in ["-wal", "-shm"] {
        let mut left = target.as_os_str().to_owned();
        left.push(ending);
        if Path::new(&left).exists() {
            let left = PathBuf::from(left);
            return Err(failed(&doing, format!("{} is left of another database; move it away", left.display())));
        }
    }
    backup(source, target, Duration::from_secs(10))
}

/// A whole file with the tables of this house, and none that a newer one made.
fn check(source: &Path, known: &[Migration]) -> Result<(), DbError> {
    let doing = format!("read the backup {}", source.display());
    let connection =
        Connection::open_with_flags(source, OpenFlags::SQLITE_OPEN_READ_ONLY).map_err(|error| failed(&doing, error))?;
    let no_backup = |error| {
        failed(
            &doing,
            format!("this is no backup of a Heng database ({error}); name the file that `heng backup` wrote"),
        )
    };
    let mut statement = connection.prepare("SELECT id, text FROM heng_migration ORDER BY id").map_err(no_backup)?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).map_err(no_backup)?;
    let applied: Vec<(String, String)> = rows.collect::<Result<_, _>>().map_err(no_backup)?;
    if applied.is_empty() {
        return Err(failed(&doing, "it has no tables of a Heng database; name the file that `heng backup` wrote"));
    }
    for (id, text) in applied {
        match known.iter().find(|migration| migration.id == id) {
            Some(migration) if migration.text == text => {}
            Some(migration) => return Err(db::edited(migration)),
            None => {
                let newer = format!(
                    "it has the schema step {id}, which this program does not know: it was made by a newer one; restore it with that one"
                );
                return Err(failed(&doing, newer));
            }
        }
    }
    let sound: String = connection.query_row("PRAGMA integrity_check", [], |row| row.get(0)).map_err(no_backup)?;
    if sound == "ok" {
        Ok(())
    } else {
        Err(failed(&doing, format!("the file is damaged ({sound}); take another backup")))
    }
}

/// Moves a database that nobody has open, its log written into it first.
fn put_aside(target: &Path, aside: &Path) -> Result<(), DbError> {
    let doing = format!("put {} aside as {}", target.display(), aside.display());
    if aside.exists() {
        return Err(failed(&doing, "that file exists already; move it away"));
    }
    let connection = Connection::open_with_flags(target, OpenFlags::SQLITE_OPEN_READ_WRITE)
        .map_err(|error| failed(&doing, error))?;
    connection.busy_timeout(Duration::from_secs(1)).map_err(|error| failed(&doing, error))?;
    // Leaving the write-ahead log needs the file to itself, so this fails while a centre runs.
    let mode: Result<String, _> = connection.query_row("PRAGMA journal_mode=DELETE", [], |row| row.get(0));
    match mode {
        Ok(mode) if mode == "delete" => {}
        other => {
            let said = other.map_or_else(|error| error.to_string(), |mode| format!("journal mode {mode}"));
            return Err(failed(&doing, format!("somebody has it open; stop the centre first ({said})")));
        }
    }
    drop(connection);
    std::fs::rename(target, aside).map_err(|error| failed(&doing, error))
}
