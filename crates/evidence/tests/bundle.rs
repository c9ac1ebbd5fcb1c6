//! 证据卷宗: a whole case in one file, and everything that can be done to it.

mod case;

use case::{ATTACHMENT, Case, OTHER, house, policy};
use evidence::bundle::{Bundle, Fault, NotABundle, verify, verify_bundle};
use evidence::{Checkpoint, Note, Policy, Signer, Sm2Key, Verifier, Why};
use proptest::prelude::*;
use serde_json::{Value, json};

/// The bundle with something done to it must be refused; its faults come back.
fn refused(change: impl FnOnce(&mut Bundle)) -> Vec<Fault> {
    let mut bundle = house().bundle.clone();
    change(&mut bundle);
    let report = verify_bundle(bundle.to_json().as_bytes(), &policy(2));
    assert!(!report.is_good(), "it was taken for good");
    for fault in &report.faults {
        assert!(!fault.to_string().is_empty() && !fault.chinese().is_ascii(), "{fault:?} speaks both languages");
    }
    report.faults
}

fn has(faults: &[Fault], wanted: impl Fn(&Fault) -> bool) -> bool {
    faults.iter().any(wanted)
}

#[test]
fn a_true_bundle_verifies_and_says_what_it_proves_and_what_not() {
    let house = house();
    let text = house.bundle.to_json();
    let report = verify_bundle(text.as_bytes(), &policy(2));
    assert_eq!(report.faults, []);
    assert_eq!(report.bundle.as_ref(), Some(&house.bundle));
    assert_eq!((house.bundle.steps.len(), house.bundle.documents.len(), house.bundle.files.len()), (4, 6, 1));
    let told: Vec<&str> = report.proved.iter().map(|said| said.chinese.as_str()).collect();
    assert!(told.iter().any(|line| line.contains("2 个见证方")), "{told:?}");
    assert!(told.iter().any(|line| line.contains("4 个步骤一个不少")), "{told:?}");
    assert_eq!(report.unproved.len(), 3, "{:?}", report.unproved);
    assert_eq!(Bundle::read(text.as_bytes()).unwrap().to_json(), text);
}

#[test]
fn without_witnesses_in_the_policy_it_says_that_another_tree_is_not_excluded() {
    let report = verify(&house().bundle, &Policy::of(&[house().log.clone()]));
    assert!(report.is_good());
    assert!(report.unproved.iter().any(|said| said.english.contains("no witness")), "{:?}", report.unproved);
}

#[test]
fn an_edited_document_is_caught() {
    let faults = refused(|bundle| bundle.documents[0].facts.body["content"]["plain"]["loss"] = json!(1));
    assert!(
        has(&faults, |fault| matches!(fault, Fault::Content { id } if id.ends_with("/document/case"))),
        "{faults:?}"
    );
    // Even with a leaf that fits the new content: then it is not in the log.
    let faults = refused(|bundle| {
        let entry = &mut bundle.documents[0];
        entry.facts.body["content"]["plain"]["loss"] = json!(1);
        entry.leaf = case::leaf_of(entry);
    });
    assert!(has(&faults, |fault| matches!(fault, Fault::NotInTheLog { .. })), "{faults:?}");
}

#[test]
fn who_when_and_why_of_a_step_cannot_be_changed() {
    for field in ["by", "at", "why", "from", "to", "name"] {
        let faults = refused(|bundle| bundle.steps[1].facts.body[field] = json!("another"));
        assert!(has(&faults, |fault| matches!(fault, Fault::Content { .. })), "{field}: {faults:?}");
    }
}

#[test]
fn a_deleted_step_is_caught_wherever_it_stood() {
    for gone in 0..4 {
        let faults = refused(|bundle| drop(bundle.steps.remove(gone)));
        assert!(has(&faults, |fault| matches!(fault, Fault::Count { stated: 4, shown: 3 })), "{gone}: {faults:?}");
        let noticed = gone == 3 || has(&faults, |fault| matches!(fault, Fault::Order { .. }));
        assert!(noticed, "{gone}: {faults:?}");
    }
}

#[test]
fn reordered_steps_are_caught() {
    for (one, two) in [(0, 1), (1, 3), (2, 3)] {
        let faults = refused(|bundle| bundle.steps.swap(one, two));
        assert!(has(&faults, |fault| matches!(fault, Fault::Order { .. })), "{one} {two}: {faults:?}");
    }
}

#[test]
fn the_last_steps_cannot_be_cut_off() {
    for left in 1..4 {
        let faults = refused(|bundle| {
            bundle.steps.truncate(left);
            bundle.documents.truncate(left + 1);
        });
        assert!(has(&faults, |fault| matches!(fault, Fault::Count { stated: 4, .. })), "{left}: {faults:?}");
    }
    // Nor with the state of another case beside them, nor with one that says what it should.
    let faults = refused(|bundle| {
        bundle.steps.truncate(2);
        bundle.state = house().other.state.clone();
    });
    assert!(has(&faults, |fault| matches!(fault, Fault::Stranger { .. })), "{faults:?}");
    let faults = refused(|bundle| {
        bundle.steps.truncate(3);
        bundle.state.facts.body["steps"] = json!(3);
        bundle.state.leaf = case::leaf_of(&bundle.state);
    });
    assert!(has(&faults, |fault| matches!(fault, Fault::NotInTheLog { .. })), "{faults:?}");
}

#[test]
fn documents_cannot_be_left_out_added_or_swapped_between_cases() {
    let faults = refused(|bundle| drop(bundle.documents.remove(2)));
    assert!(has(&faults, |fault| matches!(fault, Fault::DocumentMissing { .. })), "{faults:?}");
    // The other case has a document of the same name, sealed in the same log.
    let faults = refused(|bundle| bundle.documents[0] = house().other.documents[0].clone());
    assert!(has(&faults, |fault| matches!(fault, Fault::Stranger { subject, .. } if subject == OTHER)), "{faults:?}");
    assert!(has(&faults, |fault| matches!(fault, Fault::DocumentMissing { .. })), "{faults:?}");
    let faults = refused(|bundle| bundle.documents.push(house().other.documents[0].clone()));
    assert!(has(&faults, |fault| matches!(fault, Fault::DocumentUnnamed { .. })), "{faults:?}");
    let faults = refused(|bundle| bundle.documents.swap(0, 1));
    assert!(has(&faults, |fault| matches!(fault, Fault::DocumentMissing { .. })), "{faults:?}");
    let faults = refused(|bundle| bundle.documents[1] = bundle.documents[0].clone());
    assert!(has(&faults, |fault| matches!(fault, Fault::Twice { .. })), "{faults:?}");
    // The whole other case under this one's name.
    let faults = refused(|bundle| *bundle = Bundle { case: bundle.case.clone(), ..house().other.clone() });
    assert!(has(&faults, |fault| matches!(fault, Fault::Stranger { .. })), "{faults:?}");
}

#[test]
fn attachments_are_bound_byte_for_byte() {
    let faults = refused(|bundle| bundle.files[0][0] ^= 1);
    assert!(has(&faults, |fault| matches!(fault, Fault::Attachment { name, .. } if name == ATTACHMENT)), "{faults:?}");
    let faults = refused(|bundle| bundle.files.clear());
    assert!(has(&faults, |fault| matches!(fault, Fault::Attachment { .. })), "{faults:?}");
    let faults = refused(|bundle| bundle.files.push(b"planted".to_vec()));
    assert!(has(&faults, |fault| matches!(fault, Fault::FileUnnamed { at: 2 })), "{faults:?}");
}

#[test]
fn a_replaced_checkpoint_is_caught() {
    let forger = Sm2Key::generate(case::ORIGIN).unwrap();
    let faults = refused(|bundle| {
        bundle.checkpoint = bundle.checkpoint.checkpoint.clone().sign(&forger).unwrap();
        bundle.keys = vec![forger.public().to_string()];
    });
    assert!(has(&faults, |fault| matches!(fault, Fault::Checkpoint(Why::UnknownKey { .. }))), "{faults:?}");
    let faults = refused(|bundle| bundle.checkpoint.checkpoint.root[0] ^= 1);
    assert!(has(&faults, |fault| matches!(fault, Fault::Checkpoint(Why::WrongSignature { .. }))), "{faults:?}");
    let faults = refused(|bundle| bundle.checkpoint.checkpoint.time += jiff::SignedDuration::from_secs(1));
    assert!(has(&faults, |fault| matches!(fault, Fault::Checkpoint(Why::WrongSignature { .. }))), "{faults:?}");
    // A co-signature with another time.
    let faults = refused(|bundle| bundle.checkpoint.signatures[1].signature[7] ^= 1);
    assert!(has(&faults, |fault| matches!(fault, Fault::Checkpoint(Why::WrongSignature { .. }))), "{faults:?}");
    // Keys beside the signatures are those of the signatures.
    let faults = refused(|bundle| bundle.keys[1] = forger.public().to_string());
    assert!(has(&faults, |fault| matches!(fault, Fault::Key { at: 2 })), "{faults:?}");
    let faults = refused(|bundle| drop(bundle.keys.pop()));
    assert!(has(&faults, |fault| matches!(fault, Fault::Key { at: 3 })), "{faults:?}");
}

#[test]
fn a_forked_log_is_caught_by_the_witnesses_and_by_whoever_saw_the_other_tree() {
    let house = house();
    // The same size, another root: the log itself signed both, the witnesses only one.
    let fork = &house.fork;
    assert_eq!(fork.checkpoint.checkpoint.size, house.bundle.checkpoint.checkpoint.size);
    assert_ne!(fork.checkpoint.checkpoint.root, house.bundle.checkpoint.checkpoint.root);
    assert!(verify(fork, &policy(0)).is_good(), "alone it looks as good as the other");
    let faults = verify(fork, &policy(1)).faults;
    assert!(
        has(&faults, |fault| matches!(fault, Fault::Checkpoint(Why::FewWitnesses { wanted: 1, found: 0 }))),
        "{faults:?}"
    );
    let held = Policy { seen: vec![house.bundle.checkpoint.clone()], ..policy(0) };
    let faults = verify(fork, &held).faults;
    assert!(has(&faults, |fault| matches!(fault, Fault::Checkpoint(Why::Fork { .. }))), "{faults:?}");
    // The witnesses' signatures do not fit the other tree.
    let mut dressed = fork.clone();
    dressed.checkpoint.signatures.extend_from_slice(&house.bundle.checkpoint.signatures[1..]);
    dressed.keys.extend_from_slice(&house.bundle.keys[1..]);
    let faults = verify(&dressed, &policy(1)).faults;
    assert!(has(&faults, |fault| matches!(fault, Fault::Checkpoint(Why::WrongSignature { .. }))), "{faults:?}");
}

#[test]
fn an_older_checkpoint_cannot_be_replayed() {
    let house = house();
    let older: &Note = &house.older;
    let faults = refused(|bundle| {
        bundle.checkpoint = older.clone();
        bundle.keys.truncate(older.signatures.len());
    });
    assert!(has(&faults, |fault| matches!(fault, Fault::NotInTheLog { .. })), "{faults:?}");
    // A whole bundle of an earlier day is a true one of that day; a reader who holds a newer
    // checkpoint is told.
    let earlier = &house.earlier;
    assert_eq!(earlier.steps.len(), 3);
    assert!(verify(earlier, &policy(0)).is_good());
    let held = Policy { seen: vec![house.bundle.checkpoint.clone()], ..policy(0) };
    let faults = verify(earlier, &held).faults;
    assert!(has(&faults, |fault| matches!(fault, Fault::Checkpoint(Why::Older { .. }))), "{faults:?}");
    // Its state does not fit the newer steps, nor the newer state its steps.
    let faults = refused(|bundle| bundle.state = earlier.state.clone());
    assert!(has(&faults, |fault| matches!(fault, Fault::Count { stated: 3, shown: 4 })), "{faults:?}");
}

#[test]
fn one_witness_with_two_names_counts_once_and_a_log_key_is_no_witness() {
    let house = house();
    let mut twice = policy(2);
    twice.keys.retain(|key| key.name() != "witness-b");
    let faults = verify(&house.bundle, &twice).faults;
    assert!(
        has(&faults, |fault| matches!(fault, Fault::Checkpoint(Why::FewWitnesses { wanted: 2, found: 1 }))),
        "{faults:?}"
    );
    twice.keys.extend(twice.keys.clone());
    let faults = verify(&house.bundle, &twice).faults;
    assert!(
        has(&faults, |fault| matches!(fault, Fault::Checkpoint(Why::FewWitnesses { wanted: 2, found: 1 }))),
        "{faults:?}"
    );
}

#[test]
fn a_file_that_says_two_things_or_is_written_otherwise_is_refused() {
    let text = house().bundle.to_json();
    let doubled = text.replacen("\"loss\":", "\"loss\": 1, \"loss\":", 1);
    let spaced = text.replacen(": ", ":  ", 1);
    let compact = serde_json::from_str::<Value>(&text).unwrap().to_string();
    let escaped = text.replacen("heng-bundle", "\\u0068eng-bundle", 1);
    for changed in [doubled, spaced, compact, escaped, text.trim_end().to_owned()] {
        let report = verify_bundle(changed.as_bytes(), &policy(2));
        assert!(matches!(report.faults[..], [Fault::File(NotABundle::Rewritten { .. })]), "{:?}", report.faults);
    }
    for (from, to) in [("heng-bundle/1", "heng-bundle/9"), ("\"keys\"", "\"kess\""), ("{", "[")] {
        let report = verify_bundle(text.replacen(from, to, 1).as_bytes(), &policy(2));
        assert!(matches!(report.faults[..], [Fault::File(_)]) && report.bundle.is_none());
    }
}

/// A place in a JSON value, chosen by numbers.
fn reach<'a>(value: &'a mut Value, choices: &[usize]) -> &'a mut Value {
    let parts = match value {
        Value::Array(items) => items.len(),
        Value::Object(map) => map.len(),
        _ => 0,
    };
    let Some((first, rest)) = choices.split_first().filter(|_| parts > 0) else { return value };
    let part = match value {
        Value::Array(items) => items.get_mut(first % parts),
        other => other.as_object_mut().and_then(|map| map.values_mut().nth(first % parts)),
    };
    reach(part.expect("it has that many parts"), rest)
}

/// Does something to a value; what comes out may be the same.
fn spoil(value: &mut Value, way: usize, choice: usize) {
    match value {
        Value::String(text) => {
            let chars: Vec<char> = text.chars().collect();
            *text = match way % 4 {
                0 => format!("{text}0"),
                1 if !chars.is_empty() => chars[..chars.len() - 1].iter().collect(),
                2 if !chars.is_empty() => {
                    let mut changed = chars.clone();
                    let at = choice % chars.len();
                    changed[at] = if changed[at] == 'A' { 'B' } else { 'A' };
                    changed.into_iter().collect()
                }
                _ => String::new(),
            };
        }
        Value::Number(number) => *value = json!(number.as_i64().unwrap_or(0) + [1, -1, 256, 1000][way % 4]),
        Value::Array(items) if !items.is_empty() => {
            let (at, other) = (choice % items.len(), (choice / 7) % items.len());
            match way % 4 {
                0 => drop(items.remove(at)),
                1 => items.swap(at, other),
                2 => items.push(items[at].clone()),
                _ => items.truncate(at),
            }
        }
        Value::Object(map) if !map.is_empty() => {
            let key = map.keys().nth(choice % map.len()).expect("it has that many").clone();
            match way % 3 {
                0 => drop(map.remove(&key)),
                1 => drop(map.insert("more".to_owned(), json!(1))),
                _ => drop(map.insert(key, Value::Null)),
            }
        }
        other => *other = json!("x"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn any_change_of_any_byte_is_caught(at in any::<prop::sample::Index>(), bit in 0_u8..8, way in 0..3) {
        let mut bytes = house().bundle.to_json().into_bytes();
        let at = at.index(bytes.len());
        match way {
            0 => bytes[at] ^= 1 << bit,
            1 => drop(bytes.remove(at)),
            _ => bytes.insert(at, b' ' + bit * 11),
        }
        if bytes != house().bundle.to_json().as_bytes() {
            prop_assert!(!verify_bundle(&bytes, &policy(2)).is_good());
        }
    }

    #[test]
    fn any_change_that_alters_meaning_is_caught(
        changes in prop::collection::vec((prop::collection::vec(0_usize..50, 0..9), 0_usize..8, 0_usize..1000), 1..4),
    ) {
        let mut file: Value = serde_json::from_str(&house().bundle.to_json()).unwrap();
        for (choices, way, choice) in &changes {
            spoil(reach(&mut file, choices), *way, *choice);
        }
        let text = serde_json::to_string_pretty(&file).unwrap() + "\n";
        if text != house().bundle.to_json() {
            prop_assert!(!verify_bundle(text.as_bytes(), &policy(2)).is_good(), "{changes:?}");
        }
    }

    #[test]
    fn parts_of_true_bundles_put_together_are_no_bundle(
        steps in prop::collection::vec(0_usize..7, 0..5), documents in prop::collection::vec(0_usize..9, 0..7), state in 0_usize..3,
    ) {
        let house = house();
        let all_steps: Vec<_> = house.bundle.steps.iter().chain(&house.other.steps).collect();
        let all_documents: Vec<_> = house.bundle.documents.iter().chain(&house.other.documents).collect();
        let mixed = Bundle {
            steps: steps.iter().map(|at| all_steps[at % all_steps.len()].clone()).collect(),
            documents: documents.iter().map(|at| all_documents[at % all_documents.len()].clone()).collect(),
            state: [&house.bundle.state, &house.other.state, &house.earlier.state][state].clone(),
            ..house.bundle.clone()
        };
        if mixed != house.bundle {
            prop_assert!(!verify(&mixed, &policy(2)).is_good());
        }
    }
}

#[test]
fn numbers_at_the_edge_are_faults_and_no_crash() {
    for number in [u64::MAX, u64::MAX - 1, 1 << 63] {
        let faults = refused(|bundle| bundle.state.index = number);
        assert!(
            has(&faults, |fault| matches!(fault, Fault::NotInTheLog { index, .. } if *index == number)),
            "{faults:?}"
        );
        refused(|bundle| bundle.checkpoint.checkpoint.size = number);
        refused(|bundle| bundle.steps[0].facts.body["number"] = json!(number));
    }
}

#[test]
fn what_is_pending_changed_or_unknown_is_not_bundled() {
    Case::pending_changed_and_unknown();
}

#[test]
fn a_checkpoint_of_another_log_of_the_same_key_name_does_not_help() {
    let house = house();
    let stranger = Sm2Key::generate("heng.example/other").unwrap();
    let other = Checkpoint { origin: "heng.example/other".into(), ..house.bundle.checkpoint.checkpoint.clone() };
    let faults = refused(|bundle| {
        bundle.checkpoint = other.sign(&stranger).unwrap();
        bundle.keys = vec![stranger.public().to_string()];
    });
    assert!(has(&faults, |fault| matches!(fault, Fault::Checkpoint(Why::UnknownKey { .. }))), "{faults:?}");
}
