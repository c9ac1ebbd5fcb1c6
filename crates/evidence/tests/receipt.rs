//! Receipts without a database: each failure has its own words.

use evidence::merkle::{leaf_hash, node_hash};
use evidence::{Checkpoint, Facts, Receipt, Salt, Sealed, Signer, Sm2Key, TrustedKey, Verifier, Why, verify_receipt};
use serde_json::{Value, json};
use sm3::Sm3;

const ORIGIN: &str = "heng.example/999900";

struct Issued {
    receipt: Receipt,
    log: Sm2Key,
    witness: Sm2Key,
}

/// A receipt of entry 1 in a tree of 2.
fn issued() -> Issued {
    let (log, witness) = (Sm2Key::generate(ORIGIN).unwrap(), Sm2Key::generate("witness.example").unwrap());
    let facts = Facts {
        id: "L2".into(),
        kind: "settlement".into(),
        subject: "S2".into(),
        policy: "c0ffee".into(),
        body: json!({"heads": {"total": 1000}, "lines": []}),
    };
    let salt = Salt::draw();
    let neighbour = leaf_hash::<Sm3>(b"the neighbour");
    let root = node_hash::<Sm3>(&neighbour, &leaf_hash::<Sm3>(&facts.seal(salt).unwrap().content));
    let checkpoint = Checkpoint { origin: ORIGIN.into(), size: 2, root, time: "2026-11-21T04:00:00Z".parse().unwrap() };
    let mut note = checkpoint.sign(&log).unwrap();
    let mut by_witness = note.signatures[0].clone();
    by_witness.name = "witness.example".into();
    by_witness.id = witness.public().id();
    by_witness.signature = witness.sign(note.checkpoint.text().as_bytes()).unwrap();
    note.signatures.push(by_witness);
    let sealed = Sealed { index: 1, path: vec![neighbour], checkpoint: note, key: log.public().to_string() };
    Issued { receipt: Receipt { facts, salt, sealed: Some(sealed) }, log, witness }
}

fn keys(of: &[&Sm2Key]) -> Vec<TrustedKey> {
    of.iter().map(|key| key.public().clone()).collect()
}

fn refused(issued: &Issued, change: impl FnOnce(&mut Value)) -> Why {
    let mut file: Value = serde_json::from_str(&issued.receipt.to_json()).unwrap();
    change(&mut file);
    let why = verify_receipt(file.to_string().as_bytes(), &keys(&[&issued.log, &issued.witness])).unwrap_err();
    assert!(!why.to_string().is_empty() && !why.chinese().is_ascii(), "{why:?} speaks both languages");
    why
}

#[test]
fn a_true_receipt_verifies_and_names_the_log_before_its_witnesses() {
    let issued = issued();
    let text = issued.receipt.to_json();
    let verified = verify_receipt(text.as_bytes(), &keys(&[&issued.witness, &issued.log])).unwrap();
    assert_eq!(verified.facts, issued.receipt.facts);
    let names: Vec<&str> = verified.signed_by.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, [ORIGIN, "witness.example"]);
    let alone = verify_receipt(text.as_bytes(), &keys(&[&issued.log])).unwrap();
    assert_eq!(alone.signed_by.len(), 1, "a witness that the reader does not know is passed over");
}

#[test]
fn changed_content_is_not_in_the_log() {
    let issued = issued();
    type Change = fn(&mut Value);
    let changes: [(&str, Change); 7] = [
        ("an amount", |file| file["facts"]["heads"]["total"] = json!(1001)),
        ("a line more", |file| file["facts"]["lines"] = json!([{}])),
        ("the policy", |file| file["policy"] = json!("c0ffef")),
        ("the kind", |file| file["kind"] = json!("reversal")),
        ("the salt", |file| file["salt"] = json!("AAAAAAAAAAAAAAAAAAAAAA==")),
        ("the place", |file| file["proof"]["index"] = json!(0)),
        ("the path", |file| file["proof"]["path"] = json!([])),
    ];
    for (what, change) in changes {
        assert!(matches!(refused(&issued, change), Why::NotInTheLog { .. }), "{what}");
    }
}

#[test]
fn each_other_failure_has_a_name_of_its_own() {
    let issued = issued();
    let why = refused(&issued, |file| file["proof"]["index"] = json!(2));
    assert_eq!(why, Why::OutsideTheLog { index: 2, size: 2 });
    let why = refused(&issued, |file| file["format"] = json!("heng-receipt/9"));
    assert_eq!(why, Why::OtherFormat("heng-receipt/9".into()));
    let why = refused(&issued, |file| file["facts"]["heads"]["total"] = json!(10.5));
    assert!(matches!(&why, Why::NotCanonical(at) if at.contains("/body/heads/total")), "{why}");
    let why = refused(&issued, |file| file["proof"]["checkpoint"] = json!("nothing"));
    assert!(matches!(why, Why::Checkpoint(_)), "{why}");
    type Change = fn(&mut Value);
    let malformed: [Change; 6] = [
        |file| file["salt"] = json!("AAAA"),
        |file| file["proof"]["path"] = json!(["AAAA"]),
        |file| file["note"] = json!("a field that nothing seals"),
        |file| file["status"] = json!("pending"),
        |file| file["proof"] = Value::Null,
        |file| *file = json!([]),
    ];
    for change in malformed {
        let why = refused(&issued, change);
        assert!(matches!(why, Why::NotAReceipt(_)), "{why}");
    }
    assert!(matches!(verify_receipt(b"\xff", &[]), Err(Why::NotAReceipt(_))));
}

#[test]
fn a_file_from_which_two_readers_could_read_two_things_is_refused() {
    let issued = issued();
    let text = issued.receipt.to_json();
    let doubled = text.replacen("\"total\": 1000", "\"total\": 1, \"total\": 1000", 1);
    assert_ne!(doubled, text);
    let why = verify_receipt(doubled.as_bytes(), &keys(&[&issued.log])).unwrap_err();
    assert!(matches!(&why, Why::NotAReceipt(detail) if detail.contains("\"total\" stands twice")), "{why}");
}

#[test]
fn a_changed_checkpoint_is_a_wrong_signature() {
    let issued = issued();
    for (from, to) in [("\n2\n", "\n3\n"), ("T04:00", "T05:00")] {
        let why = refused(&issued, |file| {
            let text = file["proof"]["checkpoint"].as_str().unwrap().replacen(from, to, 1);
            file["proof"]["checkpoint"] = json!(text);
        });
        assert!(matches!(&why, Why::WrongSignature { name, .. } if name == ORIGIN), "{why}");
    }
}

#[test]
fn neither_a_witness_nor_the_receipts_own_key_is_enough() {
    let issued = issued();
    let text = issued.receipt.to_json();
    for trusted in [keys(&[]), keys(&[&issued.witness])] {
        let why = verify_receipt(text.as_bytes(), &trusted).unwrap_err();
        assert!(matches!(&why, Why::UnknownKey { named, .. } if named.contains(ORIGIN)), "{why}");
    }
}

#[test]
fn a_forger_with_another_key_of_the_same_name_is_not_believed() {
    let issued = issued();
    let forger = Sm2Key::generate(ORIGIN).unwrap();
    let mut receipt = issued.receipt.clone();
    let sealed = receipt.sealed.as_mut().unwrap();
    sealed.checkpoint = sealed.checkpoint.checkpoint.clone().sign(&forger).unwrap();
    sealed.key = forger.public().to_string();
    let why = verify_receipt(receipt.to_json().as_bytes(), &keys(&[&issued.log])).unwrap_err();
    assert!(matches!(why, Why::UnknownKey { .. }), "{why}");
}

#[test]
fn a_pending_receipt_says_so_and_proves_nothing() {
    let mut issued = issued();
    issued.receipt.sealed = None;
    let text = issued.receipt.to_json();
    assert!(text.contains("\"status\": \"pending\""));
    assert_eq!(verify_receipt(text.as_bytes(), &keys(&[&issued.log])), Err(Why::Pending));
    assert_eq!(Receipt::read(text.as_bytes()).unwrap(), issued.receipt, "it can still be read and explained");
}
