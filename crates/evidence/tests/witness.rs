//! 见证方: what is co-signed, what is refused, and what is kept as proof.

use evidence::cosign::{cosign, time_of};
use evidence::merkle::{self, Hash, Nodes, leaf_hash, node_hash};
use evidence::witness::{Continuation, Misbehaviour, Offence, Refusal, Witness};
use evidence::{Checkpoint, KeyError, Note, Policy, PolicyError, Role, Signed, Signer, Sm2Key, TrustedKey, Verifier};
use jiff::Timestamp;
use proptest::prelude::*;
use sm3::Sm3;
use std::path::Path;

const ORIGIN: &str = "heng.example/999900";

/// A tree in memory, of leaves that are told by numbers.
#[derive(Clone)]
struct Tree(Vec<u64>);

impl Nodes for Tree {
    type Error = std::convert::Infallible;

    fn node(&mut self, height: u32, index: u64) -> Result<Hash, Self::Error> {
        if height == 0 {
            return Ok(leaf_hash::<Sm3>(&self.0[index as usize].to_be_bytes()));
        }
        Ok(node_hash::<Sm3>(&self.node(height - 1, index * 2)?, &self.node(height - 1, index * 2 + 1)?))
    }
}

impl Tree {
    fn of(leaves: impl IntoIterator<Item = u64>) -> Tree {
        Tree(leaves.into_iter().collect())
    }

    fn root(&self, size: u64) -> Hash {
        merkle::root::<Sm3, _>(&mut self.clone(), size).unwrap()
    }

    fn note(&self, key: &Sm2Key, second: i64) -> Note {
        let size = self.0.len() as u64;
        let origin = key.public().name().to_owned();
        Checkpoint { origin, size, root: self.root(size), time: at(second) }.sign(key).unwrap()
    }

    fn from(&self, old: u64) -> Continuation {
        let path = merkle::prove_consistency::<Sm3, _>(&mut self.clone(), old, self.0.len() as u64).unwrap();
        Continuation { old_root: self.root(old), path }
    }
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_795_000_000 + second).unwrap()
}

struct House {
    folder: tempfile::TempDir,
    log: Sm2Key,
    key: Sm2Key,
}

impl House {
    fn new() -> House {
        let log = Sm2Key::generate(ORIGIN).unwrap();
        let key = Sm2Key::generate("witness.example").unwrap().as_witness();
        House { folder: tempfile::tempdir().unwrap(), log, key }
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn log_key(&self) -> TrustedKey {
        self.log.public().clone()
    }

    fn begin(&self) -> Witness {
        Witness::begin(self.path(), self.log_key()).unwrap()
    }

    fn open(&self) -> Result<Witness, Refusal> {
        Witness::open(self.path(), self.log_key())
    }

    fn show(&self, witness: &mut Witness, tree: &Tree, old: u64, second: i64) -> Result<(), Refusal> {
        let note = tree.note(&self.log, second);
        let line = witness.consider(&note, Some(&tree.from(old)), &self.key, at(second))?;
        let cosigned = Note { signatures: vec![line.clone()], ..note };
        assert_eq!(cosigned.signed_by(self.key.public()), Signed::Yes);
        assert_eq!(time_of(&line), Some(at(second)));
        Ok(())
    }
}

#[test]
fn a_growing_log_is_co_signed_and_what_was_seen_survives_the_process() {
    let house = House::new();
    let mut witness = house.begin();
    let mut old = 0;
    for size in [1, 2, 7, 7, 64, 300, 301] {
        house.show(&mut witness, &Tree::of(0..size), old, size as i64).unwrap();
        old = size;
        drop(witness);
        witness = house.open().unwrap();
        assert_eq!(witness.seen().unwrap().checkpoint.size, size);
    }
}

#[test]
fn two_trees_of_one_size_are_refused_for_ever_and_proved() {
    let house = House::new();
    let mut witness = house.begin();
    house.show(&mut witness, &Tree::of(0..10), 0, 1).unwrap();
    let refused = house.show(&mut witness, &Tree::of(1..11), 10, 2).unwrap_err();
    assert!(matches!(refused, Refusal::Misbehaved { offence: Offence::SameSize, .. }), "{refused}");
    // Not even the true tree is co-signed again, now or after a restart.
    let again = house.show(&mut witness, &Tree::of(0..12), 10, 3).unwrap_err();
    assert!(matches!(again, Refusal::Misbehaved { .. }), "{again}");
    drop(witness);
    assert!(matches!(house.open(), Err(Refusal::Misbehaved { .. })));
    let kept = Misbehaviour::read(&std::fs::read(house.path().join("misbehaviour.json")).unwrap()).unwrap();
    assert_eq!(kept.proves(house.log.public()), Some(Offence::SameSize));
    assert_eq!(kept.proves(Sm2Key::generate(ORIGIN).unwrap().public()), None, "only the log's own key convicts it");
}

#[test]
fn a_larger_tree_with_another_beginning_convicts_the_log_by_its_own_proof() {
    for old in [1, 2, 8, 10, 255, 256] {
        let house = House::new();
        let mut witness = house.begin();
        house.show(&mut witness, &Tree::of(0..old), 0, 1).unwrap();
        // One leaf in the past was changed.
        let mut forked = Tree::of(0..old + 20);
        forked.0[old as usize / 2] = 9_999;
        let refused = house.show(&mut witness, &forked, old, 2).unwrap_err();
        assert!(matches!(refused, Refusal::Misbehaved { offence: Offence::OtherBeginning, .. }), "{old}: {refused}");
        let kept = Misbehaviour::read(&std::fs::read(house.path().join("misbehaviour.json")).unwrap()).unwrap();
        assert_eq!(kept.proves(house.log.public()), Some(Offence::OtherBeginning));
        assert_eq!(Misbehaviour::read(kept.to_json().as_bytes()), Some(kept));
    }
}

#[test]
fn a_smaller_tree_signed_later_is_a_rollback_but_an_old_note_shown_again_is_only_stale() {
    let house = House::new();
    let mut witness = house.begin();
    house.show(&mut witness, &Tree::of(0..50), 0, 10).unwrap();
    let stale = house.show(&mut witness, &Tree::of(0..40), 40, 5).unwrap_err();
    assert!(matches!(stale, Refusal::Stale { size: 40, seen: 50 }), "{stale}");
    house.show(&mut witness, &Tree::of(0..51), 50, 11).unwrap();
    let refused = house.show(&mut witness, &Tree::of(0..40), 40, 12).unwrap_err();
    assert!(matches!(refused, Refusal::Misbehaved { offence: Offence::WentBack, .. }), "{refused}");
    assert!(matches!(house.open().err(), Some(Refusal::Memory { .. })), "the folder is held by the first");
    drop(witness);
    assert!(matches!(house.open(), Err(Refusal::Misbehaved { offence: Offence::WentBack, .. })));
}

#[test]
fn without_a_proof_nothing_is_signed_and_nobody_is_convicted() {
    let house = House::new();
    let mut witness = house.begin();
    house.show(&mut witness, &Tree::of(0..10), 0, 1).unwrap();
    let tree = Tree::of(0..20);
    let note = tree.note(&house.log, 2);
    let mut broken = tree.from(10);
    broken.path[0][0] ^= 1;
    // Somebody on the line who spoils the proof cannot make a witness give up for ever.
    for continuation in [None, Some(&broken)] {
        let refused = witness.consider(&note, continuation, &house.key, at(2)).unwrap_err();
        assert!(matches!(refused, Refusal::NotProved { size: 20, seen: 10, .. }), "{refused}");
    }
    assert_eq!(witness.seen().unwrap().checkpoint.size, 10);
    house.show(&mut witness, &tree, 10, 3).unwrap();
}

#[test]
fn only_the_log_that_is_watched_is_listened_to() {
    let house = House::new();
    let mut witness = house.begin();
    for key in [Sm2Key::generate(ORIGIN).unwrap(), Sm2Key::generate("heng.example/other").unwrap()] {
        let note = Tree::of(0..3).note(&key, 1);
        let refused = witness.consider(&note, None, &house.key, at(1)).unwrap_err();
        assert!(matches!(refused, Refusal::NotTheLog { .. }), "{refused}");
    }
    let mut unsigned = Tree::of(0..3).note(&house.log, 1);
    unsigned.checkpoint.size = 4;
    assert!(matches!(witness.consider(&unsigned, None, &house.key, at(1)), Err(Refusal::NotTheLog { .. })));
}

#[test]
fn a_memory_is_not_begun_anew_nor_used_for_another_log_nor_done_without() {
    let house = House::new();
    drop(house.begin());
    assert!(matches!(Witness::begin(house.path(), house.log_key()).err(), Some(Refusal::Memory { .. })));
    let other = Sm2Key::generate("heng.example/other").unwrap().public().clone();
    let refused = Witness::open(house.path(), other).err().unwrap();
    assert!(refused.to_string().contains("a folder of its own"), "{refused}");
    let held = house.open().unwrap();
    let second = house.open().err().unwrap();
    assert!(second.to_string().contains("another witness uses this folder"), "{second}");
    drop(held);
    std::fs::remove_file(house.path().join("memory")).unwrap();
    let refused = house.open().err().unwrap();
    assert!(refused.to_string().contains("put it back"), "{refused}");
}

#[test]
fn keys_of_logs_and_witnesses_cannot_stand_in_for_each_other() {
    let (log, witness) = (Sm2Key::generate(ORIGIN).unwrap(), Sm2Key::generate("w").unwrap().as_witness());
    let note = Tree::of(0..3).note(&log, 1);
    assert!(matches!(cosign(&log, &note.checkpoint, at(1)), Err(KeyError::Refused { .. })));
    let named_as_log = Sm2Key::generate(ORIGIN).unwrap().as_witness();
    assert!(matches!(note.checkpoint.clone().sign(&named_as_log), Err(KeyError::Refused { .. })));
    let line = witness.public().to_string();
    let read = TrustedKey::parse(&line).unwrap();
    assert_eq!((read.role(), read.to_string(), read.id()), (Role::Witness, line, witness.public().id()));
    assert_eq!(log.public().role(), Role::Log);
    assert_eq!(read.fingerprint().len(), 64);
    // A co-signature says when; another time is another text.
    let mut cosigned = cosign(&witness, &note.checkpoint, at(7)).unwrap();
    let by = |line| Note { signatures: vec![line], ..note.clone() }.signed_by(witness.public());
    assert_eq!(by(cosigned.clone()), Signed::Yes);
    cosigned.signature[7] ^= 1;
    assert_eq!(by(cosigned), Signed::Wrong);
}

#[test]
fn a_policy_is_read_line_by_line() {
    let (log, witness) = (Sm2Key::generate(ORIGIN).unwrap(), Sm2Key::generate("w").unwrap().as_witness());
    let (log, witness) = (log.public(), witness.public());
    let text = format!("# whom this court believes\n\nlog {log}\nwitness  {witness}\nquorum 1\n");
    let policy = Policy::parse(&text).unwrap();
    assert_eq!((policy.keys.len(), policy.quorum, policy.witnesses().count()), (2, 1, 1));
    // A key counts once, whatever it is called, and never for a log that it signs itself.
    let own = Sm2Key::create(ORIGIN, &tempfile::tempdir().unwrap().path().join("log.pem")).unwrap();
    let (own_log, own_witness) = (own.public().clone(), own.as_witness());
    for keys in [vec![own_log.clone(), own_witness.public().clone()], vec![own_witness.public().clone(), own_log]] {
        assert_eq!(Policy::of(&keys).witnesses().count(), 0);
    }
    assert_eq!(Policy::of(&[witness.clone(), witness.clone()]).witnesses().count(), 1);
    let faults = [
        (format!("log {witness}"), "a witness's key"),
        (format!("\nwitness {log}"), "policy line 2"),
        ("log nothing".to_owned(), "policy line 1"),
        ("trust me".to_owned(), "`witness KEY`"),
        ("quorum many".to_owned(), "`quorum N`"),
        (format!("log {log}\nquorum 1"), "names 0"),
    ];
    for (text, wanted) in faults {
        let error: PolicyError = Policy::parse(&text).unwrap_err();
        assert!(error.to_string().contains(wanted), "{text}: {error}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    /// Whatever an honest log shows in whatever order is never a conviction; whatever a log
    /// shows that changed one signed leaf is never co-signed.
    #[test]
    fn honest_logs_are_never_convicted_and_rewritten_ones_never_co_signed(
        sizes in prop::collection::vec(1_u64..80, 1..6), changed in 0_u64..80, more in 0_u64..30,
    ) {
        let house = House::new();
        let mut witness = house.begin();
        let mut seen = 0;
        for size in sizes {
            // Signed when it was made: the larger, the later.
            match house.show(&mut witness, &Tree::of(0..size), seen.min(size), size as i64) {
                Ok(()) => prop_assert!(size >= seen),
                Err(Refusal::Stale { .. }) => prop_assert!(size < seen),
                Err(other) => prop_assert!(false, "{other}"),
            }
            seen = seen.max(size);
        }
        let mut rewritten = Tree::of(0..seen + more);
        rewritten.0[(changed % seen) as usize] = 1_000_000;
        let refused = house.show(&mut witness, &rewritten, seen, 500).unwrap_err();
        let convicted = matches!(refused, Refusal::Misbehaved { .. });
        prop_assert!(convicted, "{refused}");
    }
}
