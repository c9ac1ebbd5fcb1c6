//! Durable appends a second to the evidence log: leaves sealed, inserted, numbered, tiled and
//! under a signed checkpoint, from the first insert to the checkpoint that covers the last.

use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use clap::Args;
use db::Database;
use evidence::{Facts, HighWater, Leaf, Salt, Sequencer, Sm2Key, append_many, latest_checkpoint};
use serde_json::json;

use crate::commands::Problem;
use crate::wiring::open_database;

/// Durable appends to the evidence log a second.
#[derive(Args)]
pub struct Evidence {
    /// The database: `sqlite:PATH` (a new file), or a `postgres://` address of a server, on
    /// which a fresh database is made and dropped.
    #[arg(long)]
    database: String,
    /// How long to append.
    #[arg(long, default_value_t = 10)]
    seconds: u64,
    /// Leaves in one deed: many as a bring-in adds them, or 1 as a settlement does.
    #[arg(long, default_value_t = 2_000)]
    leaves: usize,
    /// Threads that append.
    #[arg(long, default_value_t = 2)]
    clients: usize,
}

const ORIGIN: &str = "bench.example/evidence";

impl Evidence {
    pub fn run(self) -> Result<ExitCode, Problem> {
        let fresh = self.database.starts_with("postgres").then(|| db_postgres::testing::fresh_on(&self.database));
        let database = open_database(fresh.as_ref().map_or(&self.database, |fresh| &fresh.url))?;
        database.migrate(evidence::MIGRATIONS)?;
        let folder = tempfile::tempdir()?;
        let key = Arc::new(Sm2Key::generate(ORIGIN)?);
        let sequencer = Sequencer::new(ORIGIN, "bench", HighWater::at(folder.path().join("seen")));
        let begun = Instant::now();
        let running = sequencer.spawn(database.clone(), key, Duration::from_millis(200), |round| {
            if let Err(error) = round {
                eprintln!("the log was not signed: {error}");
            }
        })?;
        let (appended, mut took) = self.append(&database, begun)?;
        wait_for_checkpoint(&database, appended as u64)?;
        let elapsed = begun.elapsed();
        running.stop();
        took.sort_unstable();
        let at = |percent: usize| took.get(took.len() * percent / 100).map_or(0, Duration::as_micros);
        let rate = appended as u128 * 1_000_000 / elapsed.as_micros().max(1);
        let ms = |micros: u128| format!("{}.{:02}", micros / 1000, micros % 1000 / 10);
        println!(
            "rate_per_s={rate} p50_ms={} p99_ms={} leaves={appended} leaves_a_deed={} clients={} database={}",
            ms(at(50)),
            ms(at(99)),
            self.leaves,
            self.clients,
            database.name()
        );
        Ok(ExitCode::SUCCESS)
    }

    /// Appends from every thread until the time is up: how many leaves, and how long each deed took.
    fn append(&self, database: &Database, begun: Instant) -> Result<(usize, Vec<Duration>), Problem> {
        let next = AtomicUsize::new(0);
        let one = || -> Result<Vec<Duration>, String> {
            let mut took = Vec::new();
            while begun.elapsed() < Duration::from_secs(self.seconds) {
                let from = next.fetch_add(self.leaves, Ordering::Relaxed);
                let leaves: Vec<Leaf> = (from..from + self.leaves).map(leaf).collect();
                let since = Instant::now();
                let done: Result<(), db::DbError> = database.deed(move |tx| append_many(tx, &leaves));
                done.map_err(|error| error.to_string())?;
                took.push(since.elapsed());
            }
            Ok(took)
        };
        let took = std::thread::scope(|scope| {
            let clients: Vec<_> = (0..self.clients).map(|_| scope.spawn(one)).collect();
            let done = clients.into_iter().map(|client| client.join().map_err(|_| "a client panicked".to_owned())?);
            done.collect::<Result<Vec<_>, String>>()
        })?;
        Ok((next.into_inner(), took.concat()))
    }
}

fn wait_for_checkpoint(database: &Database, leaves: u64) -> Result<(), Problem> {
    let since = Instant::now();
    while database.read(latest_checkpoint)?.is_none_or(|last| last.note.checkpoint.size < leaves) {
        if since.elapsed() > Duration::from_secs(600) {
            return Err(format!("no checkpoint covers {leaves} leaves after ten minutes").into());
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    Ok(())
}

/// Ids rise with time, as those of the centre do.
fn leaf(n: usize) -> Leaf {
    let id = format!("L{n:012}");
    let body = json!({
        "total": n, "fund": n / 2, "cash": n - n / 2,
        "lines": [{"item": "XA01", "amount": n, "ratio": "0.85"}], "trace": [{"step": "起付线", "in": n, "out": n}],
    });
    let facts = Facts { id: id.clone(), kind: "settlement".into(), subject: id, policy: "c0ffee".into(), body };
    facts.seal(Salt::draw()).expect("whole numbers")
}
