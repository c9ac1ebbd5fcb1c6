//! The documented cases of the region's law, replayed through the evaluator.

use std::path::{Path, PathBuf};

use adjudication::replay::{Case, Replay};
use policy::{Law, SourceFile};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn law() -> Law {
    let folder = root().join("regions/999900/policy");
    let mut names: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    names.sort();
    let read = |path: &PathBuf| SourceFile {
        name: path.file_name().unwrap().to_string_lossy().into_owned(),
        text: std::fs::read_to_string(path).unwrap(),
    };
    let files: Vec<SourceFile> =
        names.iter().filter(|path| path.extension().is_some_and(|e| e == "toml")).map(read).collect();
    match policy::compile(&files) {
        Ok((law, warnings)) => {
            println!("{warnings}");
            law
        }
        Err(problems) => panic!("the policy does not compile:\n{problems}"),
    }
}

fn replay_file(name: &str) {
    let path = root().join("../shared/reference").join(name);
    let Ok(text) = std::fs::read_to_string(&path) else {
        assert_ne!(std::env::var("HENG_REFERENCE").as_deref(), Ok("required"), "{name} is required and absent");
        println!("not run: reference absent ({name})");
        return;
    };
    let law = law();
    let mut failed = Vec::new();
    let mut count = 0;
    for line in text.lines() {
        let case: Case = serde_json::from_str(line).unwrap();
        count += 1;
        let mut replay = Replay::of_case(&law, &case).unwrap();
        for (n, (event, expected)) in case.events.iter().zip(&case.expect).enumerate() {
            let difference = match replay.event(event) {
                Ok(answer) => answer.difference(expected),
                Err(error) => Some(error.to_string()),
            };
            if let Some(difference) = difference {
                failed.push(format!("{} event {}: {difference}", case.id, n + 1));
                break;
            }
        }
    }
    assert!(failed.is_empty(), "{} of {count} cases differ:\n{}", failed.len(), failed.join("\n"));
    assert!(count > 0);
}

#[test]
fn the_cases_agree_to_the_fen_and_the_refusal() {
    replay_file("hengzhou-cases.jsonl");
}

#[test]
fn the_examples_of_the_law_agree() {
    replay_file("hengzhou-law-examples.jsonl");
}
