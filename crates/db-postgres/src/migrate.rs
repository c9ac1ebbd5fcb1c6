//! 升级: applies the migrations a database does not have, one transaction each. The row of a
//! migration is its lock: two processes that start together both insert it, one waits.

use crate::detail;
use db::{DbError, Migration};
use postgres::Client;
use postgres::error::SqlState;
use std::time::SystemTime;

pub(crate) fn migrate(client: &mut Client, migrations: &[Migration]) -> Result<(), DbError> {
    let create = "CREATE TABLE IF NOT EXISTS heng_migration \
                  (id TEXT PRIMARY KEY, applied_at BIGINT NOT NULL, text TEXT NOT NULL)";
    match client.batch_execute(create) {
        // Another process made it between our look and our hand.
        Err(error) if matches!(error.code(), Some(&SqlState::UNIQUE_VIOLATION | &SqlState::DUPLICATE_TABLE)) => {}
        Err(error) => return Err(crate::failed("heng_migration", detail(&error))),
        Ok(()) => {}
    }
    migrations.iter().try_for_each(|migration| apply(client, migration))
}

fn apply(client: &mut Client, migration: &Migration) -> Result<(), DbError> {
    let doing = |error: postgres::Error| crate::failed(&format!("migration {}", migration.id), detail(&error));
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs() as i64;
    let mut transaction = client.transaction().map_err(doing)?;
    let ours = transaction
        .execute(
            "INSERT INTO heng_migration VALUES ($1, $2, $3) ON CONFLICT (id) DO NOTHING",
            &[&migration.id, &now, &migration.text],
        )
        .map_err(doing)?;
    if ours == 0 {
        let row =
            transaction.query_one("SELECT text FROM heng_migration WHERE id = $1", &[&migration.id]).map_err(doing)?;
        let text: String = row.get(0);
        return if text == migration.text { Ok(()) } else { Err(db::edited(migration)) };
    }
    transaction.batch_execute(&with_bytea(migration.text)).map_err(doing)?;
    transaction.commit().map_err(doing)
}

/// Writes `BYTEA` for the word `BLOB`.
fn with_bytea(text: &str) -> String {
    let in_word = |character: char| character.is_alphanumeric() || character == '_';
    text.split_inclusive(|character| !in_word(character))
        .map(|piece| match piece.trim_end_matches(|character| !in_word(character)) {
            word if word.eq_ignore_ascii_case("BLOB") => piece.replace(word, "BYTEA"),
            _ => piece.to_owned(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::with_bytea;

    #[test]
    fn only_the_word_blob_is_written_bytea() {
        assert_eq!(
            with_bytea("CREATE TABLE t (a BLOB, blob_size BIGINT,b blob NOT NULL); -- a BLOB"),
            "CREATE TABLE t (a BYTEA, blob_size BIGINT,b BYTEA NOT NULL); -- a BYTEA"
        );
    }
}
