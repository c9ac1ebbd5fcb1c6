//! The guide for clerks says what the code does: its names are the code's names, its walk
//! from nothing passes `check` without a warning, and every snippet compiles.

use std::path::{Path, PathBuf};

use policy::{Fact, Type, names::Owner};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn guide(name: &str) -> String {
    std::fs::read_to_string(root().join("docs/guides").join(name)).unwrap()
}

/// At which steps a fact is known, in words.
fn steps(stages: u16) -> &'static str {
    match stages {
        stages if stages == policy::names::ANY => "always",
        stages if stages == policy::names::VISIT => "with a visit",
        stages if stages == policy::names::LINES => "of a line",
        stages if stages == 1 << policy::Stage::Settle as u16 => "at settlement",
        stages if stages == 1 << policy::Stage::Visit as u16 => "when a visit is opened",
        stages if stages == 1 << policy::Stage::FeesCancel as u16 => "when a line is cancelled",
        stages if stages == 1 << policy::Stage::Reverse as u16 => "at a reversal",
        stages if stages == 1 << policy::Stage::Filing as u16 => "when something is filed",
        stages if stages == 1 << policy::Stage::FilingCancel as u16 => "when a filing is cancelled",
        stages if stages == 1 << policy::Stage::Discharge as u16 => "at discharge",
        _ => "at discharge, settlement or reversal",
    }
}

fn kind(kind: Type) -> &'static str {
    match kind {
        Type::Money => "amount",
        Type::Number | Type::Zero => "number",
        Type::Flag => "yes/no",
        Type::Text => "text",
        Type::Date => "date",
        Type::Time => "time",
    }
}

fn table_of_names() -> String {
    let mut rows = vec!["| name | is | known | meaning |".to_owned(), "|---|---|---|---|".to_owned()];
    for (fact, doc) in Fact::all() {
        rows.push(format!("| `{}` | {} | {} | {doc} |", fact.name(), kind(fact.kind()), steps(fact.stages())));
    }
    rows.join("\n")
}

#[test]
fn the_english_guide_lists_exactly_the_names_of_the_code() {
    let text = guide("writing-policy.md");
    let (before, rest) = text.split_once("by a test) -->\n").unwrap();
    let (found, after) = rest.split_once("\n<!-- names: end -->").unwrap();
    let wanted = table_of_names();
    if std::env::var_os("HENG_UPDATE_GUIDE").is_some() {
        let new = format!("{before}by a test) -->\n{wanted}\n<!-- names: end -->{after}");
        std::fs::write(root().join("docs/guides/writing-policy.md"), new).unwrap();
        return;
    }
    assert_eq!(found, wanted, "run this test with HENG_UPDATE_GUIDE=1 to write the table of names anew");
}

#[test]
fn both_guides_name_every_fact_field_and_function() {
    for name in ["writing-policy.md", "writing-policy.zh-CN.md"] {
        let text = guide(name);
        let mut missing = Vec::new();
        for (fact, _) in Fact::all() {
            if !text.contains(&format!("`{}`", fact.name())) {
                missing.push(fact.name());
            }
        }
        for owner in [Owner::Visit, Owner::Institution, Owner::Line, Owner::Item] {
            missing.extend(owner.standard_fields().iter().filter(|field| !text.contains(**field)));
        }
        let functions = [
            "min",
            "max",
            "round",
            "round_to",
            "floor",
            "year",
            "quarter",
            "month",
            "date_of",
            "days_between",
            "months_between",
            "hours_between",
            "age",
            "add_days",
            "add_months",
            "starts_with",
            "place_in",
            "missing",
            "join",
            "number_of",
            "date_from",
            "is_new_year",
            "item_selfpay",
            "has",
        ];
        missing.extend(functions.iter().filter(|function| !text.contains(&format!("`{function}("))));
        assert!(missing.is_empty(), "{name} does not name {missing:?}");
    }
}

/// Code blocks of a guide with what stands after ```` ```toml ````.
fn snippets(text: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut open: Option<(String, String)> = None;
    for line in text.lines() {
        match (&mut open, line.strip_prefix("```")) {
            (None, Some(info)) => open = Some((info.to_owned(), String::new())),
            (Some(_), Some(_)) => found.extend(open.take()),
            (Some((_, body)), None) => {
                body.push_str(line);
                body.push('\n');
            }
            (None, None) => {}
        }
    }
    found.retain(|(info, _)| info.starts_with("toml"));
    found
}

/// The walk's folder as the guide writes it, beside the shared files.
fn walk(text: &str) -> tempfile::TempDir {
    let place = tempfile::tempdir().unwrap();
    let common = place.path().join("common");
    std::fs::create_dir(&common).unwrap();
    for entry in std::fs::read_dir(root().join("regions/common")).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            std::fs::copy(&path, common.join(path.file_name().unwrap())).unwrap();
        }
    }
    std::fs::create_dir_all(place.path().join("city/policy")).unwrap();
    for (info, body) in snippets(text) {
        if let Some(file) = info.strip_prefix("toml file=") {
            std::fs::write(place.path().join("city").join(file), body).unwrap();
        }
    }
    place
}

#[test]
fn the_walk_from_nothing_passes_its_check_without_a_warning() {
    for name in ["writing-policy.md", "writing-policy.zh-CN.md"] {
        let place = walk(&guide(name));
        let report = region::check(place.path().join("city"));
        assert!(report.ok() && report.warnings() == 0 && report.examples == 2, "{name}:\n{report}");
    }
}

#[test]
fn every_other_snippet_is_right_in_its_place() {
    for name in ["writing-policy.md", "writing-policy.zh-CN.md"] {
        let text = guide(name);
        let others: Vec<_> = snippets(&text).into_iter().filter(|(info, _)| info == "toml").collect();
        assert!(!others.is_empty());
        for (_, body) in others {
            // In the walk's law, in place of the definition of that name.
            let place = walk(&text);
            let law = place.path().join("city/policy/010-law.toml");
            let written = std::fs::read_to_string(&law).unwrap();
            let (before, after) = written.split_once("[[table]]\nid = \"stay_deductible\"").unwrap();
            let (_, after) = after.split_once("\n[[").unwrap();
            std::fs::write(&law, format!("{before}{body}\n[[{after}")).unwrap();
            let region = region::Region::open(place.path().join("city"));
            assert!(region.is_ok(), "{name}: {}\n{body}", region.err().unwrap());
        }
    }
}
