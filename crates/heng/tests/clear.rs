//! 清算: a small city lives for a month, then its bureau clears it from the command line.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Output};

fn heng(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_heng"));
    command.args(arguments).current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../.."));
    command.env_remove("HENG_DATABASE").output().expect("heng runs")
}

fn words(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// The files of a folder by name.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("a file").path());
    let named = |path: std::path::PathBuf| {
        (path.file_name().expect("a name").to_string_lossy().into_owned(), std::fs::read(&path).expect("read"))
    };
    entries.map(named).collect()
}

#[test]
fn a_month_cleared_again_says_the_same_and_a_year_waits_for_its_end() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name).to_str().expect("UTF-8").to_owned();
    let data = path("data");
    let lived = heng(&[
        "demo",
        "--people",
        "300",
        "--days",
        "31",
        "--clients",
        "2",
        "--exit",
        "--data",
        &data,
        "--listen",
        "127.0.0.1:0",
    ]);
    assert!(lived.status.success(), "{}", words(&lived));
    let clear = |more: &[&str]| heng(&[&["clear", "--data", &data, "--on", "2026-08-05"], more].concat());

    let early = clear(&["--month", "2026-08"]);
    assert!(!early.status.success(), "August is not over: {}", words(&early));
    let (first, second) = (path("first"), path("second"));
    let cleared = clear(&["--month", "2026-07", "--form", "csv", "--out", &first]);
    assert!(words(&cleared).contains("清算单"), "{}", words(&cleared));
    let again = clear(&["--month", "2026-07", "--form", "csv", "--out", &second]);
    assert!(!words(&again).contains("新记 1 例"), "nothing new is recorded: {}", words(&again));
    let (first, second) = (files(Path::new(&first)), files(Path::new(&second)));
    assert!(!first.is_empty() && first == second, "the same statements, byte for byte");

    let posted = clear(&["--month", "2026-07", "--advance", "post", "--out", &path("books")]);
    assert!(words(&posted).contains("清算单"), "{}", words(&posted));
    assert!(files(Path::new(&path("books"))).keys().all(|name| name.ends_with(".xlsx")));
    let year = clear(&["--year", "2026"]);
    assert!(!year.status.success() && words(&year).contains("2026 is not over"), "{}", words(&year));
    let year = heng(&["clear", "--data", &data, "--on", "2027-01-10", "--year", "2026", "--out", &path("year")]);
    assert!(year.status.success(), "{}", words(&year));
}
