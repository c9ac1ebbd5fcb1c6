//! The log on real databases: deeds, numbering, proofs, receipts, restore.

mod databases;

use databases::on_every_database;
use db::{Database, DbError};
use evidence::merkle::{leaf_hash, verify_consistency, verify_inclusion};
use evidence::{
    EvidenceError, Facts, HighWater, Leaf, Note, Receipt, Round, Salt, Sequencer, Signer, Sm2Key, Standing, TrustedKey,
    Why, append, append_many, consistency, inclusion, latest_checkpoint, receipt, verify_receipt,
};
use jiff::Timestamp;
use serde_json::json;
use sm3::Sm3;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

const ORIGIN: &str = "heng.example/999900";

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_795_000_000 + second).unwrap()
}

fn facts(id: &str, total: i64) -> Facts {
    let body = json!({"total": total, "lines": [{"item": "甲类药品", "amount": total}], "trace": [{"step": "起付线", "ratio": "0.85"}]});
    Facts { id: id.into(), kind: "settlement".into(), subject: format!("S-{id}"), policy: "c0ffee".into(), body }
}

fn leaf(id: &str) -> Leaf {
    facts(id, 100).seal(Salt::draw()).unwrap()
}

fn add(db: &Database, leaves: Vec<Leaf>) {
    db.deed(move |tx| append_many(tx, &leaves)).unwrap();
}

fn some(prefix: &str, count: usize) -> Vec<Leaf> {
    (0..count).map(|n| leaf(&format!("{prefix}{n:06}"))).collect()
}

/// A log with its key and mark in a folder of their own.
struct House {
    folder: tempfile::TempDir,
    key: Sm2Key,
}

impl House {
    fn new() -> House {
        let folder = tempfile::tempdir().unwrap();
        let key = Sm2Key::create(ORIGIN, &folder.path().join("log.pem")).unwrap();
        House { folder, key }
    }

    fn mark(&self) -> HighWater {
        HighWater::at(self.folder.path().join("log.seen"))
    }

    fn sequencer(&self, holder: &str) -> Sequencer {
        Sequencer::new(ORIGIN, holder, self.mark())
    }

    fn round(&self, db: &Database, second: i64) -> Result<Round, EvidenceError> {
        self.sequencer("one").run_once(db, &self.key, at(second))
    }

    fn trusted(&self) -> Vec<TrustedKey> {
        vec![self.key.public().clone()]
    }
}

fn signed(round: Result<Round, EvidenceError>) -> (u64, Note) {
    match round {
        Ok(Round::Signed { numbered, note }) => (numbered, note),
        other => panic!("a checkpoint was expected, not {other:?}"),
    }
}

fn standing(db: &Database, id: &str) -> Standing {
    let id = id.to_owned();
    db.read(move |tx| inclusion(tx, &id)).unwrap()
}

#[test]
fn every_statement_prepares() {
    on_every_database(|db| {
        for sql in evidence::STATEMENTS {
            db.prepare(sql).unwrap_or_else(|error| panic!("{}: {error}", db.name()));
        }
    });
}

#[test]
fn a_leaf_is_pending_until_a_checkpoint_covers_it() {
    on_every_database(|db| {
        let house = House::new();
        assert_eq!(house.round(db, 0).unwrap(), Round::Idle);
        let deed = leaf("A");
        let (kept, lost) = (deed.clone(), leaf("B"));
        db.deed(move |tx| append(tx, &kept)).unwrap();
        let refused = db.deed(move |tx| -> Result<(), EvidenceError> {
            append(tx, &lost)?;
            Err(EvidenceError::UnknownLeaf { id: "the deed is refused".into() })
        });
        assert!(refused.is_err());
        assert_eq!(standing(db, "A"), Standing::Pending);
        let (numbered, note) = signed(house.round(db, 1));
        assert_eq!((numbered, note.checkpoint.size), (1, 1), "the refused deed left no leaf");
        let Standing::Sealed(proof) = standing(db, "A") else { panic!("sealed") };
        assert_eq!((proof.index, proof.published.note), (0, note.clone()));
        assert_eq!(note.checkpoint.root, leaf_hash::<Sm3>(&deed.content));
        assert_eq!(house.round(db, 2).unwrap(), Round::Idle, "an idle round signs nothing");
        let unknown = db.read(|tx| inclusion(tx, "B"));
        assert!(matches!(unknown, Err(EvidenceError::UnknownLeaf { .. })));
    });
}

#[test]
fn a_leaf_id_is_used_once() {
    on_every_database(|db| {
        add(db, vec![leaf("A")]);
        let again = leaf("A");
        assert!(matches!(db.deed(move |tx| append(tx, &again)), Err(DbError::Duplicate { .. })));
    });
}

#[test]
fn every_leaf_of_every_round_is_proved_and_every_tree_continues_the_last() {
    on_every_database(|db| {
        let house = House::new();
        let mut sequencer = house.sequencer("one");
        (sequencer.batch, sequencer.batches) = (100, 3);
        let (mut all, mut notes) = (Vec::new(), Vec::new());
        for (round, count) in [1, 254, 1, 1, 300, 700].into_iter().enumerate() {
            let fresh = some(&format!("r{round}-"), count);
            all.extend(fresh.clone());
            add(db, fresh);
            loop {
                match sequencer.run_once(db, &house.key, at(round as i64)).unwrap() {
                    Round::Signed { numbered, note } => {
                        assert!(numbered <= 300, "a checkpoint is not put off by a flood");
                        notes.push(note);
                    }
                    other => break assert_eq!(other, Round::Idle),
                }
            }
        }
        let head = notes.last().unwrap().checkpoint.clone();
        assert_eq!(head.size as usize, all.len());
        for leaf in all.iter().step_by(37) {
            let Standing::Sealed(proof) = standing(db, &leaf.id) else { panic!("{} is sealed", leaf.id) };
            let hash = leaf_hash::<Sm3>(&leaf.content);
            assert!(verify_inclusion::<Sm3>(&hash, proof.index, head.size, &proof.path, &head.root), "{}", leaf.id);
        }
        for pair in notes.windows(2) {
            let (old, new) = (pair[0].checkpoint.clone(), pair[1].checkpoint.clone());
            let (from, to) = (old.size, new.size);
            let path = db.read(move |tx| consistency(tx, from, to)).unwrap();
            assert!(verify_consistency::<Sm3>(old.size, &old.root, new.size, &new.root, &path));
        }
        let beyond = head.size + 1;
        let refused = db.read(move |tx| consistency(tx, 1, beyond));
        assert!(matches!(refused, Err(EvidenceError::NoSuchTree { .. })));
    });
}

#[test]
fn a_receipt_is_pending_then_verifies_offline_and_any_change_is_refused() {
    on_every_database(|db| {
        let house = House::new();
        add(db, some("x", 300));
        let deed = facts("R", 123_456);
        add(db, vec![deed.seal(Salt::draw()).unwrap()]);
        let again = deed.clone();
        let issue = move |tx: &mut dyn db::Tx| receipt(tx, &again);
        let pending = db.read(issue.clone()).unwrap().to_json();
        assert_eq!(verify_receipt(pending.as_bytes(), &house.trusted()), Err(Why::Pending));
        signed(house.round(db, 1));

        let text = db.read(issue).unwrap().to_json();
        let verified = verify_receipt(text.as_bytes(), &house.trusted()).unwrap();
        assert_eq!(verified.facts, deed);
        assert_eq!((verified.size, verified.origin.as_str(), verified.time), (301, ORIGIN, at(1)));
        assert_eq!(Receipt::read(text.as_bytes()).unwrap().to_json(), text);

        for (from, to) in [("123456", "123457"), ("c0ffee", "c0ffef"), ("\"S-R\"", "\"S-Q\""), ("0.85", "0.95")] {
            let changed = text.replacen(from, to, 1);
            assert_ne!(changed, text);
            let why = verify_receipt(changed.as_bytes(), &house.trusted()).unwrap_err();
            assert!(matches!(why, Why::NotInTheLog { .. }), "{from}: {why}");
        }
        let forged = facts("R", 1);
        let refused = db.read(move |tx| receipt(tx, &forged));
        assert!(matches!(refused, Err(EvidenceError::FactsDiffer { .. })));
    });
}

#[test]
fn one_process_numbers_while_the_other_stands_by_and_takes_over_when_it_dies() {
    on_every_database(|db| {
        let (one, two) = (House::new(), House::new());
        let key = &one.key;
        let (first, second) = (one.sequencer("one"), two.sequencer("two"));
        add(db, some("a", 3));
        signed(first.run_once(db, key, at(0)));
        add(db, some("b", 3));
        let by_two = second.run_once(db, key, at(1)).unwrap();
        assert_eq!(by_two, Round::Standby { holder: "one".into() });
        assert_eq!(standing(db, "b000000"), Standing::Pending);
        // The first is gone; after its five seconds the second goes on where it stood.
        let (numbered, note) = signed(second.run_once(db, key, at(6)));
        assert_eq!((numbered, note.checkpoint.size), (3, 6));
        assert_eq!(first.run_once(db, key, at(7)).unwrap(), Round::Standby { holder: "two".into() });
        // A holder that leaves in order is followed at once.
        second.release(db).unwrap();
        add(db, some("c", 1));
        assert_eq!(signed(first.run_once(db, key, at(7))).1.checkpoint.size, 7);
    });
}

#[test]
fn two_processes_at_once_number_no_leaf_twice_and_leave_no_gap() {
    on_every_database(|db| {
        let house = House::new();
        let total = 4_000_usize;
        std::thread::scope(|scope| {
            for writer in 0..4 {
                scope.spawn(move || {
                    for part in some(&format!("w{writer}-"), total / 4).chunks(25) {
                        add(db, part.to_vec());
                    }
                });
            }
            for holder in ["one", "two"] {
                let house = &house;
                scope.spawn(move || {
                    // Leases of no length: each round may find the other in its way.
                    let sequencer = Sequencer {
                        lease: Duration::ZERO,
                        batch: 64,
                        high_water: HighWater::at(house.folder.path().join(format!("{holder}.seen"))),
                        ..house.sequencer(holder)
                    };
                    let until = Instant::now() + Duration::from_secs(60);
                    while Instant::now() < until {
                        match sequencer.run_once(db, &house.key, Timestamp::now()) {
                            // Two of one origin that both start have no mark of each other's yet.
                            Err(EvidenceError::MarkMissing { .. }) => {
                                let latest = db.read(latest_checkpoint).unwrap().unwrap();
                                sequencer.high_water.raise(&latest.note).unwrap();
                            }
                            other => drop(other.unwrap()),
                        }
                        let size = db.read(latest_checkpoint).unwrap().map_or(0, |last| last.note.checkpoint.size);
                        if size as usize == total {
                            return;
                        }
                    }
                    panic!("{total} leaves were not numbered in a minute");
                });
            }
        });
        let mut places = std::collections::BTreeSet::new();
        for writer in 0..4 {
            for n in 0..total / 4 {
                let id = format!("w{writer}-{n:06}");
                let (_, seq) = db.read(move |tx| evidence::leaf(tx, &id)).unwrap().unwrap();
                assert!(places.insert(seq.unwrap()));
            }
        }
        assert_eq!((places.first(), places.last()), (Some(&0), Some(&(total as u64 - 1))));
    });
}

struct Broken(Sm2Key);

impl Signer for Broken {
    fn public(&self) -> &TrustedKey {
        self.0.public()
    }

    fn sign(&self, _: &[u8]) -> Result<Vec<u8>, evidence::KeyError> {
        Err(evidence::KeyError::Refused { name: ORIGIN.into(), detail: "the device is locked".into() })
    }
}

#[test]
fn what_was_numbered_before_a_failed_signature_is_signed_by_the_next_round() {
    on_every_database(|db| {
        let house = House::new();
        add(db, some("a", 5));
        let broken = Broken(Sm2Key::generate(ORIGIN).unwrap());
        let failed = house.sequencer("one").run_once(db, &broken, at(0));
        assert!(matches!(failed, Err(EvidenceError::Key(_))));
        assert_eq!(standing(db, "a000000"), Standing::Pending);
        let (numbered, note) = signed(house.round(db, 1));
        assert_eq!((numbered, note.checkpoint.size), (0, 5));
        assert!(matches!(standing(db, "a000000"), Standing::Sealed(_)));
    });
}

#[test]
fn after_a_new_key_old_receipts_need_the_old_key_and_new_ones_the_new() {
    on_every_database(|db| {
        let house = House::new();
        let deed = facts("A", 5);
        add(db, vec![deed.seal(Salt::draw()).unwrap()]);
        signed(house.round(db, 0));
        let issue = move |tx: &mut dyn db::Tx| receipt(tx, &deed);
        let before = db.read(issue.clone()).unwrap().to_json();
        let fresh = Sm2Key::generate(ORIGIN).unwrap();
        add(db, some("b", 2));
        signed(house.sequencer("one").run_once(db, &fresh, at(1)));
        let after = db.read(issue).unwrap().to_json();
        let new = [fresh.public().clone()];
        assert!(verify_receipt(before.as_bytes(), &house.trusted()).is_ok());
        assert!(matches!(verify_receipt(before.as_bytes(), &new), Err(Why::UnknownKey { .. })));
        assert!(matches!(verify_receipt(after.as_bytes(), &house.trusted()), Err(Why::UnknownKey { .. })));
        let both = [house.trusted(), new.to_vec()].concat();
        assert!(verify_receipt(before.as_bytes(), &both).is_ok() && verify_receipt(after.as_bytes(), &both).is_ok());
    });
}

#[test]
fn a_restored_database_that_is_older_than_what_was_seen_is_refused() {
    let house = House::new();
    let sqlite = db_sqlite::Sqlite::temporary().unwrap();
    let file = sqlite.path().to_owned();
    let db = sqlite.into_database();
    db.migrate(evidence::MIGRATIONS).unwrap();
    let restore = |backup: &Path| {
        let copy = tempfile::tempdir().unwrap();
        let path = copy.path().join("heng.db");
        std::fs::copy(backup, &path).unwrap();
        let db = db_sqlite::Sqlite::open(&db_sqlite::SqliteOptions::new(path)).unwrap().into_database();
        (db, copy)
    };
    add(&db, some("a", 300));
    signed(house.round(&db, 0));
    let backup = house.folder.path().join("backup.db");
    db_sqlite::backup(&file, &backup, Duration::from_secs(5)).unwrap();

    // A backup as new as what was seen goes on.
    let (same, _copy) = restore(&backup);
    assert_eq!(house.round(&same, 9).unwrap(), Round::Idle);

    add(&db, some("b", 50));
    signed(house.round(&db, 10));

    // Now it is older: refused whether or not leaves wait, and nothing is numbered.
    let (older, _copy) = restore(&backup);
    for waiting in [0, 80] {
        add(&older, some("c", waiting));
        let refused = house.round(&older, 20).unwrap_err();
        assert!(matches!(refused, EvidenceError::Smaller { size: 300, seen: 350, .. }), "{refused}");
        assert!(refused.to_string().contains("Restore a newer backup"));
    }
    assert_eq!(standing(&older, "c000000"), Standing::Pending);

    // The way out when no newer backup exists: a log with a new name, which everyone sees.
    let name = "heng.example/999900/2";
    let (renamed, _copy) = restore(&backup);
    add(&renamed, some("d", 10));
    let again = HighWater::at(house.folder.path().join("second.seen"));
    let key = Sm2Key::load(name, &house.folder.path().join("log.pem")).unwrap();
    let (_, note) = signed(Sequencer::new(name, "one", again).run_once(&renamed, &key, at(25)));
    assert_eq!((note.checkpoint.origin.as_str(), note.checkpoint.size), (name, 310));

    // Had it gone on elsewhere to a larger tree, it is another tree: refused too.
    let elsewhere = HighWater::at(house.folder.path().join("elsewhere.seen"));
    elsewhere.raise(&older.read(latest_checkpoint).unwrap().unwrap().note).unwrap();
    signed(Sequencer::new(ORIGIN, "one", elsewhere).run_once(&older, &house.key, at(30)));
    let refused = house.round(&older, 40).unwrap_err();
    assert!(matches!(refused, EvidenceError::Forked { seen: 350, .. }), "{refused}");

    // Without the mark nothing tells, so that is refused as well.
    let lost = HighWater::at(house.folder.path().join("lost.seen"));
    let refused = Sequencer::new(ORIGIN, "one", lost).run_once(&db, &house.key, at(50)).unwrap_err();
    assert!(matches!(refused, EvidenceError::MarkMissing { size: 350, .. }), "{refused}");
    // Nor may one log's mark serve another log.
    let refused = Sequencer::new("other.example", "one", house.mark()).run_once(&db, &house.key, at(60)).unwrap_err();
    assert!(matches!(refused, EvidenceError::MarkOfAnother { .. }), "{refused}");
}

#[test]
fn a_rewritten_tile_is_noticed() {
    static SPOIL: db::Sql =
        db::Sql::new("test.spoil", "UPDATE evidence_tile SET bytes = $1 WHERE level = 0 AND idx = 0");
    on_every_database(|db| {
        let house = House::new();
        add(db, some("a", 40));
        signed(house.round(db, 0));
        db.deed(|tx| tx.execute(&SPOIL, &[vec![7_u8; 32 * 40].into()])).unwrap();
        add(db, some("b", 1));
        assert!(matches!(house.round(db, 1), Err(EvidenceError::Forked { seen: 40, .. })));
    });
}

#[test]
fn a_running_sequencer_signs_within_a_second_and_finishes_when_stopped() {
    on_every_database(|db| {
        let house = House::new();
        let key: Arc<dyn Signer> = Arc::new(Sm2Key::load(ORIGIN, &house.folder.path().join("log.pem")).unwrap());
        let errors = Arc::new(Mutex::new(Vec::new()));
        let heard = errors.clone();
        let told = move |round: &Result<Round, EvidenceError>| {
            if let Err(error) = round {
                heard.lock().unwrap().push(error.to_string());
            }
        };
        let running = house.sequencer("one").spawn(db.clone(), key, Duration::from_millis(100), told).unwrap();
        for n in 0..3 {
            let id = format!("a{n}");
            add(db, vec![leaf(&id)]);
            let since = Instant::now();
            while standing(db, &id) == Standing::Pending {
                assert!(since.elapsed() < Duration::from_secs(10), "{id} is still pending");
                std::thread::sleep(Duration::from_millis(10));
            }
        }
        add(db, vec![leaf("last")]);
        running.stop();
        assert!(matches!(standing(db, "last"), Standing::Sealed(_)), "what was committed before the stop is signed");
        assert_eq!(*errors.lock().unwrap(), Vec::<String>::new());
        let took_over = house.sequencer("two").run_once(db, &house.key, Timestamp::now()).unwrap();
        assert_eq!(took_over, Round::Idle, "the lease was released");
    });
}
