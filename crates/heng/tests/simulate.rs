//! 模拟: a small city lives, then its past is replayed under the law it had and under another.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn house() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn heng(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_heng"));
    command.args(arguments).current_dir(house()).env_remove("HENG_DATABASE").output().expect("heng runs")
}

fn words(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("a folder") {
        let path = entry.expect("an entry").path();
        let target = to.join(path.file_name().expect("a name"));
        if path.is_dir() {
            copy(&path, &target);
        } else {
            std::fs::copy(&path, &target).expect("copied");
        }
    }
}

#[test]
fn a_past_replays_to_the_fen_and_another_law_shows_who_gains() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name).to_str().expect("UTF-8").to_owned();
    let data = path("data");
    let city = ["--people", "400", "--days", "12", "--clients", "2", "--exit", "--listen", "127.0.0.1:0"];
    let lived = heng(&[&["demo", "--data", &data], &city[..]].concat());
    assert!(lived.status.success(), "{}", words(&lived));

    let pasts = path("pasts.parquet");
    let same = heng(&["simulate", "regions/999900", "--data", &data, "--save", &pasts]);
    let told = words(&same);
    assert!(same.status.success() && !told.contains("left out"), "every settlement is given again: {told}");
    assert!(told.contains("少付 pay less 0") && told.contains("多付 pay more 0"), "{told}");

    // Emergency and outpatient care of residents at second-level hospitals: 40 % becomes 45 %.
    let other = folder.path().join("regions/other");
    copy(&house().join("regions/999900"), &other);
    copy(&house().join("regions/common"), &folder.path().join("regions/common"));
    let file = other.join("policy/030-outpatient.toml");
    let law = std::fs::read_to_string(&file).expect("the law");
    let raised = law.replacen("values = [30, 40, 55]", "values = [30, 45, 55]", 1);
    assert_ne!(law, raised);
    std::fs::write(&file, raised).expect("written");
    let other = other.to_str().expect("UTF-8");

    let (a, b) = (path("a.csv"), path("b.csv"));
    let from_database = heng(&["simulate", other, "--data", &data, "--out", &a, "--threads", "1"]);
    let from_file = heng(&["simulate", other, "--pasts", &pasts, "--out", &b, "--threads", "3"]);
    let told = words(&from_database);
    assert!(told.contains("多付 pay more 0") && !told.contains("pay less 0,"), "residents gain: {told}");
    assert_eq!(told, words(&from_file), "the file of pasts holds what the database does");

    let read = |file: &str| {
        let mut rows: Vec<String> =
            std::fs::read_to_string(file).expect("a table").lines().map(str::to_owned).collect();
        rows.sort();
        rows
    };
    let (rows, others) = (read(&a), read(&b));
    assert_eq!(rows, others);
    let mut gained = 0;
    for row in rows.iter().filter(|row| !row.starts_with('\u{feff}') && !row.starts_with("psn_no")) {
        let cells: Vec<&str> = row.split(',').collect();
        let money = |n: usize| cells[n].replace('.', "").parse::<i64>().expect("yuan with two decimals");
        assert!(cells[0].starts_with('…'), "persons are masked: {row}");
        assert_eq!(money(9) + money(11), money(8), "the present law's parts are the whole: {row}");
        assert_eq!(money(10) + money(12), money(8), "the other law's parts are the whole: {row}");
        let may_gain = cells[3] == "390" && cells[7] == "2";
        assert!(may_gain || money(13) == 0, "only residents at second-level hospitals may gain: {row}");
        assert!(money(13) <= 0, "nobody loses: {row}");
        gained += usize::from(money(13) < 0);
    }
    assert!(gained > 0);
}
