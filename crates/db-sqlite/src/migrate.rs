//! 升级: applies the migrations a database does not have, one transaction each.

use crate::failed;
use db::{DbError, Migration};
use rusqlite::{Connection, OptionalExtension};
use std::time::SystemTime;

pub(crate) fn migrate(connection: &Connection, migrations: &[Migration]) -> Result<(), DbError> {
    connection
        .execute_batch(
            "CREATE TABLE IF NOT EXISTS heng_migration \
             (id TEXT PRIMARY KEY, applied_at BIGINT NOT NULL, text TEXT NOT NULL)",
        )
        .map_err(|error| failed("heng_migration", error))?;
    for migration in migrations {
        apply(connection, migration).inspect_err(|_| {
            if !connection.is_autocommit() {
                let _ = connection.execute_batch("ROLLBACK");
            }
        })?;
    }
    Ok(())
}

fn apply(connection: &Connection, migration: &Migration) -> Result<(), DbError> {
    let doing = |error: rusqlite::Error| failed(&format!("migration {}", migration.id), error);
    connection.execute_batch("BEGIN IMMEDIATE").map_err(doing)?;
    let applied: Option<String> = connection
        .query_row("SELECT text FROM heng_migration WHERE id = ?1", [migration.id], |row| row.get(0))
        .optional()
        .map_err(doing)?;
    match applied {
        Some(text) if text == migration.text => {}
        Some(_) => return Err(db::edited(migration)),
        None => {
            connection.execute_batch(migration.text).map_err(doing)?;
            let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs() as i64;
            connection
                .execute("INSERT INTO heng_migration VALUES (?1, ?2, ?3)", (migration.id, now, migration.text))
                .map_err(doing)?;
        }
    }
    connection.execute_batch("COMMIT").map_err(doing)
}
