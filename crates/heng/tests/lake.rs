//! 数据湖: a small city lives; what it settled stands in the lake to the fen, once, however often the
//! lake is fed; and every audit rule of the region runs over it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use lake::{Lake, PartReader};
use terms::Fen;

fn heng(arguments: &[&str]) -> Output {
    let house = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut command = Command::new(env!("CARGO_BIN_EXE_heng"));
    command.args(arguments).current_dir(house).env_remove("HENG_DATABASE").output().expect("heng runs")
}

fn words(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// Settlements that stand, by visit, as the change feed tells them.
fn settled(data: &Path) -> BTreeMap<String, Fen> {
    let options = db_sqlite::SqliteOptions::new(data.join("heng.db").to_str().expect("UTF-8"));
    let database = db_sqlite::Sqlite::open(&options).expect("the city's database").into_database();
    let changes = database.read(|tx| operation::feed::read_after(tx, 0, i64::MAX)).expect("read");
    let mut settled: BTreeMap<String, Fen> = BTreeMap::new();
    for change in changes.into_iter().map(|row| row.change) {
        if change.kind == "settlement" || change.kind == "reversal" {
            let body: serde_json::Value = serde_json::from_str(&change.body).expect("JSON");
            let visit = body["mdtrt_id"].as_str().expect("a visit").to_owned();
            *settled.entry(visit).or_default() += Fen(body["heads"]["medfee_sumamt"].as_i64().expect("fen"));
        }
    }
    // A reversal's amounts are negative.
    settled.retain(|_, total| !total.is_zero());
    settled
}

/// Every file below a folder with its bytes.
fn bytes(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(bytes(&path));
        } else {
            found.insert(path.clone(), std::fs::read(&path).expect("read"));
        }
    }
    found
}

#[test]
fn what_was_settled_stands_in_the_lake_once_and_every_rule_runs_over_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name).to_str().expect("UTF-8").to_owned();
    let (data, out) = (path("data"), path("lake"));
    let city = ["--people", "400", "--days", "12", "--clients", "2", "--exit", "--listen", "127.0.0.1:0"];
    let lived = heng(&[&["demo", "--data", &data], &city[..]].concat());
    assert!(lived.status.success(), "{}", words(&lived));

    let fed = heng(&["lake", "--data", &data, "--out", &out, "--parts", "3"]);
    assert!(fed.status.success(), "{}", words(&fed));
    let lake = Lake::open(Path::new(&out)).expect("a lake");
    let months = lake.months().expect("months");
    let mut found: BTreeMap<String, Fen> = BTreeMap::new();
    let mut lines = 0;
    for part in 0..lake.parts() {
        let mut reader = PartReader::open(&lake, part, &months, &|_| None).expect("opened");
        while let Some(history) = reader.next_history().expect("read") {
            for visit in history.encounters {
                lines += visit.lines.len();
                let total = visit.medfee_sumamt.expect("a settled visit has a total");
                let of_lines: Fen = visit.lines.iter().filter_map(|line| line.det_item_fee_sumamt).sum();
                assert_eq!(of_lines, total, "{:?}", visit.mdtrt_id);
                assert!(found.insert(visit.mdtrt_id.expect("a number"), total).is_none(), "each visit once");
            }
        }
    }
    assert_eq!(found, settled(Path::new(&data)));
    assert!(lines > 100, "{lines}");

    let before = bytes(Path::new(&out));
    let again = heng(&["lake", "--data", &data, "--out", &out]);
    assert!(again.status.success() && words(&again).contains("0 人"), "{}", words(&again));
    let after = bytes(Path::new(&out));
    let changed: Vec<_> =
        after.iter().filter(|(path, content)| before.get(*path) != Some(content)).map(|(path, _)| path).collect();
    assert!(changed.is_empty() && after.len() == before.len(), "to feed it again changes nothing: {changed:?}");

    let report = path("report.xlsx");
    let screened = heng(&["screen", &out, "--out", &report]);
    let told = words(&screened);
    assert!(screened.status.success(), "{told}");
    assert!(told.contains(&format!("就诊 visits: {}", found.len())), "{told}");
    assert!(Path::new(&report).is_file() && !Path::new(&path("report.xlsx.unfinished")).exists());
    let wrong = heng(&["screen", &out, "--out", &report, "--rule", "no-such-rule"]);
    assert!(!wrong.status.success() && words(&wrong).contains("there is no rule “no-such-rule”"), "{}", words(&wrong));
}
