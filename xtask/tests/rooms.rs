//! `cargo xtask room new`: what it makes compiles and is as the plan says.

use std::path::{Path, PathBuf};
use std::process::Command;
use xtask::check::floors::{House, judge, plan, tree};
use xtask::files;
use xtask::room::add;

/// A small house: this one's plan and manifest, with the two rooms that registers lean on.
fn small_house(name: &str) -> PathBuf {
    let (root, small) = (files::root(), Path::new(env!("CARGO_TARGET_TMPDIR")).join(name));
    let _ = std::fs::remove_dir_all(&small);
    std::fs::create_dir_all(small.join("crates")).expect("a folder for the small house");
    for room in ["crates/terms", "crates/db"] {
        let copied = Command::new("cp").arg("-R").arg(root.join(room)).arg(small.join("crates")).status();
        assert!(copied.is_ok_and(|status| status.success()), "{room} could not be copied");
        // Their tests lean on rooms that the small house does not have.
        let _ = std::fs::remove_dir_all(small.join(room).join("tests"));
        let manifest = files::read(&small.join(room).join("Cargo.toml")).expect("the room's manifest");
        let (before, after) = manifest.split_once("[dev-dependencies]").unwrap_or((&manifest, ""));
        let after = after.find("\n[").map_or("", |at| &after[at..]);
        write(&small.join(room), "Cargo.toml", &format!("{before}{after}"));
    }
    let manifest = files::read(&root.join("Cargo.toml")).expect("the manifest");
    write(&small, "Cargo.toml", &manifest.replace(", \"xtask\"", ""));
    write(&small, "Cargo.lock", &files::read(&root.join("Cargo.lock")).expect("the lock file"));
    let plan = "| floor | room | stands | neighbours | what for |\n|---|---|---|---|---|\n| 4 | `gateway` | planned | | x |\n\
                | 2 | `clearing` | planned | | x |\n| 1 calculator | `policy` | planned | | x |\n| 1 hall | `db` | yes | | x |\n| 0 | `terms` | yes | | x |\n";
    write(&small, "ARCHITECTURE.md", plan);
    small
}

fn write(folder: &Path, name: &str, text: &str) {
    std::fs::write(folder.join(name), text).expect("a file of the small house");
}

#[test]
fn new_rooms_compile_and_stand_where_the_plan_says() {
    let house = small_house("house-with-new-rooms");
    add(&house, "clearing", 2).expect("a register");
    add(&house, "pricing", 1).expect("a calculator");
    add(&house, "kiosk", 4).expect("a room of the rim");

    let manifest = files::read(&house.join("Cargo.toml")).expect("the manifest");
    assert!(manifest.contains("pricing = { path = \"crates/pricing\" }"), "{manifest}");
    let architecture = files::read(&house.join("ARCHITECTURE.md")).expect("the plan");
    assert!(architecture.contains("| 2 | `clearing` | yes |"), "{architecture}");
    assert!(
        architecture.contains("| 1 calculator | `policy` | planned | | x |\n| 1 calculator | `pricing` | yes |"),
        "{architecture}"
    );

    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut check = Command::new(cargo);
    check.current_dir(&house).env("CARGO_TARGET_DIR", house.with_extension("target")).env("RUSTFLAGS", "-D warnings");
    let done = check
        .args(["check", "--quiet", "--offline", "-p", "clearing", "-p", "pricing", "-p", "kiosk"])
        .output()
        .expect("cargo runs");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));

    let tree = tree(&house, &["--workspace", "--edges", "normal", "--offline"]).expect("cargo reads the small house");
    let findings = judge(&plan(&architecture).expect("the plan reads"), &House::from_tree(&tree));
    assert_eq!(findings, Vec::<String>::new());
}

#[test]
fn a_name_that_is_taken_and_a_floor_that_takes_no_rooms_are_refused_and_nothing_is_written() {
    let house = small_house("house-that-refuses");
    assert!(add(&house, "terms", 2).is_err_and(|why| why.contains("stands already")));
    assert!(add(&house, "clearing", 4).is_err_and(|why| why.contains("on floor 2")));
    assert!(add(&house, "attic", 5).is_err_and(|why| why.contains("not on floor 5")));
    assert!(add(&house, "Big Room", 2).is_err_and(|why| why.contains("not a room's name")));
    assert!(!house.join("crates/attic").exists() && !house.join("crates/clearing").exists());
}
