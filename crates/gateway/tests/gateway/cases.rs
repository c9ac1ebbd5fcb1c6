//! Every file of `cases/accepted` and `cases/refused` is a test: a request as a client sends
//! it, and the checked message or the refusal that it must become. A new file is a new test.
//! `HENG_RECORD=1 cargo test -p gateway cases` writes what is answered into the files;
//! the difference is reviewed like code.

use gateway::Config;
use serde::Deserialize;
use serde_json::{Value, value::RawValue};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    note: String,
    path: Option<String>,
    peer: Option<String>,
    headers: Option<BTreeMap<String, String>>,
    /// The body as JSON, its numbers' text kept …
    request: Option<Box<RawValue>>,
    /// … or as plain text, where it is not JSON.
    request_text: Option<String>,
    message: Option<Value>,
    refused: Option<String>,
}

impl Case {
    fn body(&self) -> String {
        match (&self.request, &self.request_text) {
            (Some(request), None) => request.get().to_owned(),
            (None, Some(text)) => text.clone(),
            _ => panic!("a case has either request or request_text"),
        }
    }

    /// What the gateway makes of it: the message, or the refusal.
    fn run(&self) -> Result<Value, String> {
        let gateway = crate::common::gateway(Config::for_region("999900"));
        let headers: Vec<_> = self.headers.clone().unwrap_or_default().into_iter().collect();
        let path = self.path.as_deref().unwrap_or("/fsi/api/rsfComIfsService/callService");
        let peer = self.peer.as_deref().unwrap_or("127.0.0.1");
        let (code, text) = crate::common::post(&gateway, path, &headers, self.body().as_bytes(), peer);
        let answer: Value = serde_json::from_str(&text).expect("an answer is JSON");
        if code == "ok" { Ok(answer) } else { Err(answer["err_msg"].as_str().expect("err_msg").to_owned()) }
    }
}

fn files(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("cases").join(folder);
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

fn check(folder: &str, right: impl Fn(&Case, &Result<Value, String>) -> bool) {
    let recording = std::env::var_os("HENG_RECORD").is_some();
    let mut wrong = Vec::new();
    let files = files(folder);
    assert!(!files.is_empty(), "no cases in {folder}");
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        let case: Case = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let result = case.run();
        if right(&case, &result) {
            continue;
        }
        if recording {
            record(&file, &text, &result);
        } else {
            wrong.push(format!("{} ({})\n  answered {result:#?}", file.display(), case.note));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Writes the answer into the file, the request untouched.
fn record(file: &Path, text: &str, result: &Result<Value, String>) {
    let end = ["\n  \"message\":", "\n  \"refused\":"].iter().filter_map(|key| text.find(key)).min();
    let head = end.map_or_else(|| text.trim_end().trim_end_matches('}').trim_end(), |end| &text[..end]);
    let (key, answer) = match result {
        Ok(message) => ("message", serde_json::to_string_pretty(message).unwrap()),
        Err(refused) => ("refused", serde_json::to_string(refused).unwrap()),
    };
    let comma = if head.trim_end().ends_with(',') { "" } else { "," };
    let answer = answer.replace('\n', "\n  ");
    std::fs::write(file, format!("{}{comma}\n  \"{key}\": {answer}\n}}\n", head.trim_end())).unwrap();
}

#[test]
fn accepted_messages_are_normalised_as_recorded() {
    check("accepted", |case, result| case.message.is_some() && result.as_ref().ok() == case.message.as_ref());
}

#[test]
fn refused_messages_are_refused_as_recorded() {
    check("refused", |case, result| case.refused.is_some() && result.as_ref().err() == case.refused.as_ref());
}

#[test]
fn every_refusal_that_one_message_can_meet_has_a_case() {
    let seen: Vec<String> = files("refused").iter().map(|file| std::fs::read_to_string(file).unwrap()).collect();
    // These need a clock, a memory of earlier messages, registers, a full queue, a broken centre,
    // or bytes that a JSON file cannot hold: rules.rs, server.rs and tests/journey.
    let elsewhere = [
        "F001", "F002", "F104", "F105", "F106", "F209", "F302", "F303", "F401", "F405", "F411", "F412", "F501", "F502",
        "F503", "F901", "F902",
    ];
    for form in gateway::Form::ALL.iter().filter(|form| !elsewhere.contains(&form.code())) {
        let code = format!("\"[{}", form.code());
        assert!(seen.iter().any(|text| text.contains(&code)), "no case of {} {form:?}", form.code());
    }
}
