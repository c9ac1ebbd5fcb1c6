//! One broken file per way of being wrong: `cases/refused/*.toml`. Its first lines are
//! comments: `# expects: line:column: words` for each message that must appear, as
//! `line: words` or with the column. The rest is added to a small policy that is right.

use std::path::Path;

/// A small policy that is right by itself.
const SOUND: &str = include_str!("../cases/sound.toml");

fn report_of(broken: &str) -> region::Report {
    let folder = tempfile::tempdir().unwrap();
    let policy = folder.path().join("policy");
    std::fs::create_dir(&policy).unwrap();
    let common = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../regions/common");
    let includes: Vec<String> = ["names.toml", "line-split.toml", "account.toml", "lifecycle.toml"]
        .iter()
        .map(|name| format!("\"{}\"", common.join(name).display()))
        .collect();
    let manifest = format!("name = \"试\"\narea = \"123456\"\ninclude = [{}]\n", includes.join(", "));
    std::fs::write(folder.path().join("region.toml"), manifest).unwrap();
    std::fs::write(policy.join("010-sound.toml"), SOUND).unwrap();
    std::fs::write(policy.join("020-broken.toml"), broken).unwrap();
    region::check(folder.path())
}

#[test]
fn the_small_policy_is_right_by_itself() {
    let report = report_of("");
    assert!(report.ok() && report.warnings() == 0, "{report}");
}

#[test]
fn every_way_of_being_wrong_is_told_with_its_place_and_the_way_out() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("cases/refused");
    let mut paths: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    assert!(paths.len() > 20);
    let mut wrong = Vec::new();
    for path in paths {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&path).unwrap();
        let expected: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("# expects: ")).collect();
        assert!(!expected.is_empty(), "{name} says nothing about what it expects");
        let report = report_of(&text).to_string();
        for wanted in expected {
            let (place, words) = wanted.split_once(": ").unwrap_or(("", wanted));
            let start = format!("policy/020-broken.toml:{place}:");
            if !report.lines().any(|line| (place == "?" || line.starts_with(&start)) && line.contains(words)) {
                wrong.push(format!("{name}: no “{wanted}” in\n{report}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
