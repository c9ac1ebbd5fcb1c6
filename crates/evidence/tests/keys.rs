//! SM2 keys: the standard's example, files, and checkpoints.

use evidence::{Checkpoint, Hash, KeyError, Note, Signed, Signer, Sm2Key, TrustedKey, Verifier};
use std::os::unix::fs::PermissionsExt;

fn hex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}

/// GB/T 32918.5, annex A: message "message digest", user id 1234567812345678.
const POINT: &str = "0409f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13";
const R: &str = "f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3";
const S: &str = "b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa";

#[test]
fn the_signature_of_gb_t_32918_5_is_accepted_and_its_changes_are_not() {
    let key = TrustedKey::from_point("standard", &hex(POINT)).unwrap();
    let signature = [hex(R), hex(S)].concat();
    assert!(key.verify(b"message digest", &signature));
    assert!(!key.verify(b"message digesT", &signature));
    assert!(!key.verify(b"message digest", &[hex(S), hex(R)].concat()));
    assert!(!key.verify(b"message digest", &signature[..63]));
    assert!(!key.verify(b"message digest", &[0; 64]));
}

#[test]
fn a_key_file_is_made_once_for_its_owner_alone_and_read_back() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log.pem");
    let made = Sm2Key::load_or_create("log.example", &path).unwrap();
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    let read = Sm2Key::load_or_create("log.example", &path).unwrap();
    assert_eq!(made.public().to_string(), read.public().to_string());
    assert!(read.public().verify(b"x", &made.sign(b"x").unwrap()));
    assert!(matches!(Sm2Key::create("log.example", &path), Err(KeyError::File { .. })), "never replaced");
}

#[test]
fn a_key_file_that_others_may_read_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log.pem");
    Sm2Key::create("log.example", &path).unwrap();
    for mode in [0o640, 0o604, 0o620, 0o660] {
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        let refused = Sm2Key::load("log.example", &path).err().unwrap();
        assert!(matches!(refused, KeyError::Open { .. }), "{mode:o}: {refused}");
        assert!(refused.to_string().contains("chmod 600"));
    }
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o400)).unwrap();
    assert!(Sm2Key::load("log.example", &path).is_ok());
}

#[test]
fn an_absent_or_broken_key_file_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log.pem");
    assert!(matches!(Sm2Key::load("log.example", &path), Err(KeyError::File { .. })));
    std::fs::write(&path, "not a key").unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
    let refused = Sm2Key::load("log.example", &path).err().unwrap().to_string();
    assert!(refused.contains("log.pem") && refused.contains("PKCS#8"), "{refused}");
}

#[test]
fn a_public_key_line_reads_back_and_its_changes_are_refused() {
    let key = Sm2Key::generate("log.example/1").unwrap();
    let line = key.public().to_string();
    assert_eq!(TrustedKey::parse(&line).unwrap().to_string(), line);
    let renamed = line.replacen("log.example/1", "log.example/2", 1);
    for bad in [renamed.as_str(), "", "a+b", &line[..line.len() - 8], "name with blank+00000000+AAAA"] {
        assert!(TrustedKey::parse(bad).is_err(), "{bad}");
    }
    assert!(Sm2Key::generate("two words").is_err());
}

fn checkpoint(origin: &str) -> Checkpoint {
    let root: Hash = [0xab; 32];
    Checkpoint { origin: origin.into(), size: 70_000, root, time: "2026-11-21T03:50:00.1234Z".parse().unwrap() }
}

#[test]
fn a_checkpoint_is_a_note_that_names_its_keys_and_carries_several_signatures() {
    let (log, witness, stranger) = (
        Sm2Key::generate("log.example").unwrap(),
        Sm2Key::generate("witness.example").unwrap(),
        Sm2Key::generate("log.example").unwrap(),
    );
    let mut note = checkpoint("log.example").sign(&log).unwrap();
    assert!(note.checkpoint.text().starts_with("log.example\n70000\nq6ur"));
    assert!(note.checkpoint.text().ends_with("\ntime 2026-11-21T03:50:00.123Z\n"));
    let by_witness = Checkpoint { origin: "witness.example".into(), ..checkpoint("") }.sign(&witness).unwrap();
    let mut line = by_witness.signatures[0].clone();
    line.signature = witness.sign(note.checkpoint.text().as_bytes()).unwrap();
    note.signatures.push(line);

    let read = Note::parse(&note.text()).unwrap();
    assert_eq!(read.text(), note.text());
    assert_eq!(read.signed_by(log.public()), Signed::Yes);
    assert_eq!(read.signed_by(witness.public()), Signed::Yes);
    assert_eq!(read.signed_by(stranger.public()), Signed::Absent, "the same name, another key");

    let changed = Note::parse(&note.text().replace("\n70000\n", "\n70001\n")).unwrap();
    assert_eq!(changed.signed_by(log.public()), Signed::Wrong);
}

#[test]
fn a_key_of_another_name_may_not_sign_for_the_log() {
    let key = Sm2Key::generate("other.example").unwrap();
    assert!(matches!(checkpoint("log.example").sign(&key), Err(KeyError::Refused { .. })));
}

#[test]
fn a_text_that_is_no_checkpoint_says_which_line() {
    let good = checkpoint("log.example").sign(&Sm2Key::generate("log.example").unwrap()).unwrap().text();
    for (from, to, line) in [
        ("70000", "many", "size"),
        ("70000", "070000", "text"),
        ("q6ur", "q6u!", "root"),
        ("time ", "at ", "time"),
        ("— ", "- ", "signature"),
        ("\n\n", "\n", "text"),
    ] {
        let refused = Note::parse(&good.replacen(from, to, 1)).unwrap_err();
        assert_eq!(refused.line, line, "{from} → {to}");
    }
}
