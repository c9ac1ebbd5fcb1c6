//! For tests of any room: a fresh, empty PostgreSQL database that goes when the test ends.

use crate::{Postgres, PostgresOptions};
use db::Database;
use postgres::{Client, Config, NoTls};
use std::str::FromStr;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, SystemTime};

/// The environment variable with the address of a server where databases may be made and
/// dropped, such as `postgres://heng@127.0.0.1:55432/postgres`.
pub const ADDRESS: &str = "HENG_TEST_POSTGRES";

/// A database of one test; dropped with this value.
pub struct FreshDatabase {
    server: String,
    name: String,
    /// The address of the fresh database.
    pub url: String,
}

/// Makes a fresh database, or prints that the test was not run and gives `None` when
/// [`ADDRESS`] is not set.
///
/// # Panics
/// When the variable is set but the server does not answer or refuses: a test that was
/// asked for must not pass unseen.
#[must_use]
pub fn fresh_database() -> Option<FreshDatabase> {
    let Ok(server) = std::env::var(ADDRESS) else {
        println!("not run: {ADDRESS} is not set");
        return None;
    };
    Some(fresh_on(&server))
}

/// Makes a fresh database on the server of an address; for benches.
///
/// # Panics
/// When the server does not answer or refuses.
#[must_use]
pub fn fresh_on(server: &str) -> FreshDatabase {
    static MADE: AtomicU32 = AtomicU32::new(0);
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_micros();
    let name = format!("heng_{}_{}_{now}", std::process::id(), MADE.fetch_add(1, Ordering::Relaxed));
    administer(
        server,
        &format!("CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'"),
    )
    .unwrap_or_else(|error| panic!("{server}: {error}"));
    let url = address(server, &name);
    FreshDatabase { server: server.to_owned(), name, url }
}

impl FreshDatabase {
    /// Opens the database with few workers, as tests want it.
    ///
    /// # Panics
    /// When it cannot be opened.
    #[must_use]
    pub fn open(&self) -> Database {
        let options = PostgresOptions { workers: 8, readers: 2, ..PostgresOptions::new(&self.url) };
        Postgres::open(&options).unwrap_or_else(|error| panic!("{}: {error}", self.url)).into_database()
    }
}

impl Drop for FreshDatabase {
    fn drop(&mut self) {
        if let Err(error) = administer(&self.server, &format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name)) {
            eprintln!("the test database {} stays behind: {error}", self.name);
        }
    }
}

/// The same server, another database: as `key=value` words, whatever form `server` had.
fn address(server: &str, name: &str) -> String {
    match server.split_once("://").and_then(|(_, rest)| rest.split_once('/')) {
        Some((_, path)) => {
            let database = path.split('?').next().unwrap_or_default();
            let cut = server.len() - path.len();
            format!("{}{name}{}", &server[..cut], &path[database.len()..])
        }
        None if server.contains("://") => format!("{server}/{name}"),
        None => format!("{server} dbname={name}"),
    }
}

fn administer(server: &str, words: &str) -> Result<(), postgres::Error> {
    let mut config = Config::from_str(server)?;
    let mut client: Client = config.connect_timeout(Duration::from_secs(10)).connect(NoTls)?;
    client.batch_execute(words)
}

#[cfg(test)]
mod tests {
    use super::address;

    #[test]
    fn only_the_database_of_an_address_changes() {
        assert_eq!(address("postgres://heng@h:1/postgres", "new"), "postgres://heng@h:1/new");
        assert_eq!(
            address("postgres://heng@h:1/postgres?sslmode=disable", "new"),
            "postgres://heng@h:1/new?sslmode=disable"
        );
        assert_eq!(address("postgres://heng@h:1", "new"), "postgres://heng@h:1/new");
        assert_eq!(address("host=h user=heng", "new"), "host=h user=heng dbname=new");
    }
}
