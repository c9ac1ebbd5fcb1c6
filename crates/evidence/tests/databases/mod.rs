//! Real databases for the tests: SQLite always, PostgreSQL when `HENG_TEST_POSTGRES` is set.

use db::Database;

/// Runs `test` on a fresh database of every kind at hand.
pub fn on_every_database(test: impl Fn(&Database)) {
    let sqlite = db_sqlite::Sqlite::temporary().expect("a temporary SQLite database").into_database();
    sqlite.migrate(evidence::MIGRATIONS).expect("SQLite takes the migrations");
    test(&sqlite);
    if let Some(fresh) = db_postgres::testing::fresh_database() {
        let postgres = fresh.open();
        postgres.migrate(evidence::MIGRATIONS).expect("PostgreSQL takes the migrations");
        test(&postgres);
    }
}
