//! Durable appends a second: leaves sealed, inserted, numbered, tiled and under a signed
//! checkpoint, on SQLite with `synchronous=FULL`, from the first insert to the checkpoint
//! that covers the last leaf.
//!
//! ```text
//! cargo run --release -p evidence --example evidence-bench -- [--json] [--leaves N] [--clients N]
//! ```
//!
//! With `HENG_TEST_POSTGRES` set, the same follows on a fresh database of that server.
//!
//! `bulk` adds 2,000 leaves a deed from two threads; `deeds` adds one leaf a deed from
//! `--clients` threads (64), as settlements do, and also says how long a leaf waits.

use db::Database;
use evidence::{
    Facts, HighWater, Leaf, Round, Salt, Sequencer, Signer, Sm2Key, Standing, append, append_many, inclusion,
    latest_checkpoint,
};
use serde_json::json;
use std::sync::Arc;
use std::time::{Duration, Instant};

const ORIGIN: &str = "bench.example/evidence";
const A_DEED: usize = 2_000;

struct Wanted {
    json: bool,
    leaves: usize,
    clients: usize,
}

struct Figures {
    mode: &'static str,
    database: &'static str,
    leaves: usize,
    clients: usize,
    elapsed: Duration,
    /// The longest that a sampled leaf was pending, in ms.
    slowest: Option<u128>,
}

fn main() {
    let wanted = arguments();
    let folder = tempfile::tempdir().expect("a temporary folder");
    for mode in ["bulk", "deeds"] {
        let options = db_sqlite::SqliteOptions::new(folder.path().join(mode));
        let db = db_sqlite::Sqlite::open(&options).expect("a database").into_database();
        tell(&wanted, &measure(mode, &wanted, &db));
        if std::env::var(db_postgres::testing::ADDRESS).is_ok() {
            let fresh = db_postgres::testing::fresh_database().expect("a database");
            tell(&wanted, &measure(mode, &wanted, &fresh.open()));
        }
    }
}

fn measure(mode: &'static str, wanted: &Wanted, db: &Database) -> Figures {
    if mode == "bulk" {
        run(mode, db, wanted.leaves, 2, add_many)
    } else {
        run(mode, db, wanted.leaves / 10, wanted.clients, add_one_by_one)
    }
}

/// The numbers of the leaves that one client adds.
type Mine = std::iter::StepBy<std::ops::Range<usize>>;

fn add_many(db: &Database, mine: Mine) -> Option<Duration> {
    for part in mine.collect::<Vec<_>>().chunks(A_DEED) {
        let leaves: Vec<Leaf> = part.iter().map(|n| leaf(*n)).collect();
        db.deed(move |tx| append_many(tx, &leaves)).expect("a bulk deed");
    }
    None
}

fn add_one_by_one(db: &Database, mine: Mine) -> Option<Duration> {
    let mut slowest = Duration::ZERO;
    for n in mine {
        let one = leaf(n);
        db.deed(move |tx| append(tx, &one)).expect("a deed");
        if n.is_multiple_of(1_000) {
            slowest = slowest.max(pending(db, n));
        }
    }
    Some(slowest)
}

fn arguments() -> Wanted {
    let mut wanted = Wanted { json: false, leaves: 400_000, clients: 64 };
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let mut number = || words.next().and_then(|n| n.parse().ok()).filter(|n| *n > 0).expect("a number from 1");
        match word.as_str() {
            "--json" => wanted.json = true,
            "--leaves" => wanted.leaves = number(),
            "--clients" => wanted.clients = number(),
            other => panic!("{other}: use --json, --leaves N, --clients N"),
        }
    }
    wanted
}

/// Ids rise with time, as those of the centre do.
fn id(n: usize) -> String {
    format!("L{n:012}")
}

fn leaf(n: usize) -> Leaf {
    let body = json!({
        "total": n, "fund": n / 2, "cash": n - n / 2,
        "lines": [{"item": "XA01", "amount": n, "ratio": "0.85"}], "trace": [{"step": "起付线", "in": n, "out": n}],
    });
    let facts = Facts { id: id(n), kind: "settlement".into(), subject: id(n), policy: "c0ffee".into(), body };
    facts.seal(Salt::draw()).expect("whole numbers")
}

/// How long leaf `n` is pending from now.
fn pending(db: &Database, n: usize) -> Duration {
    let since = Instant::now();
    while db.read(move |tx| inclusion(tx, &id(n))).expect("a known leaf") == Standing::Pending {
        std::thread::sleep(Duration::from_millis(5));
    }
    since.elapsed()
}

fn run(
    mode: &'static str,
    db: &Database,
    leaves: usize,
    clients: usize,
    add: fn(&Database, Mine) -> Option<Duration>,
) -> Figures {
    let folder = tempfile::tempdir().expect("a temporary folder");
    db.migrate(evidence::MIGRATIONS).expect("migrations");
    let key: Arc<dyn Signer> = Arc::new(Sm2Key::generate(ORIGIN).expect("a key"));
    let sequencer = Sequencer::new(ORIGIN, "bench", HighWater::at(folder.path().join("seen")));
    let told = |round: &Result<Round, _>| {
        if let Err(error) = round {
            panic!("the sequencer failed: {error}");
        }
    };
    let since = Instant::now();
    let running = sequencer.spawn(db.clone(), key, Duration::from_millis(200), told).expect("a thread");
    let slowest = std::thread::scope(|scope| {
        let threads: Vec<_> =
            (0..clients).map(|client| scope.spawn(move || add(db, (client..leaves).step_by(clients)))).collect();
        threads.into_iter().filter_map(|thread| thread.join().expect("a client")).max()
    });
    while db.read(latest_checkpoint).expect("a checkpoint").is_none_or(|last| last.note.checkpoint.size < leaves as u64)
    {
        assert!(since.elapsed() < Duration::from_secs(600), "no checkpoint covers {leaves} leaves after ten minutes");
        std::thread::sleep(Duration::from_millis(5));
    }
    let elapsed = since.elapsed();
    running.stop();
    Figures { mode, database: db.name(), leaves, clients, elapsed, slowest: slowest.map(|slowest| slowest.as_millis()) }
}

fn tell(wanted: &Wanted, figures: &Figures) {
    let Figures { mode, database, leaves, clients, elapsed, slowest } = figures;
    let millis = elapsed.as_millis().max(1);
    let rate = *leaves as u128 * 1_000 / millis;
    if wanted.json {
        let line = json!({
            "bench": "evidence", "mode": mode, "database": database, "leaves": leaves, "clients": clients,
            "millis": millis as u64, "per_second": rate as u64, "slowest_pending_ms": slowest.map(|ms| ms as u64),
        });
        println!("{line}");
    } else {
        println!("{database} {mode}: {leaves} leaves from {clients} threads in {millis} ms: {rate} durable appends/s");
        if let Some(ms) = slowest {
            println!("  longest wait of a sampled leaf for its checkpoint: {ms} ms");
        }
    }
}
