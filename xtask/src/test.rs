//! `cargo xtask test`: every test, on SQLite and on PostgreSQL.

use crate::console;
use crate::files;
use crate::postgres::{Purpose, Server};
use crate::shell::{Outcome, cargo, code};
use crate::tools;
use std::path::Path;

/// Tells the tests which PostgreSQL to use. A caller who sets it brings an own server.
pub const POSTGRES_URL: &str = "HENG_TEST_POSTGRES";

/// Starts PostgreSQL, runs the doc tests and then all others (or those that match the
/// filter), stops PostgreSQL; without a filter it then looks at every desk in a browser. Ends
/// with the exit code of what failed.
///
/// # Errors
/// PostgreSQL or cargo could not be started.
pub fn run(root: &Path, filter: &[String]) -> Outcome {
    let (url, _server) = match std::env::var(POSTGRES_URL) {
        Ok(url) => (url, None),
        Err(_) => {
            let server = Server::start(root, Purpose::Tests)?;
            (server.url(), Some(server))
        }
    };
    println!("PostgreSQL: {url}");
    // The desks come first, so that the last lines on the screen count the main run.
    let desks = if filter.is_empty() { console::run(root, &[]) } else { Ok(0) };
    let result = run_with(root, filter, &url);
    say_what_was_not_run(root);
    match (result?, desks) {
        (0, Ok(desks)) => Ok(desks),
        (failed, Ok(_)) => Ok(failed),
        (_, Err(why)) => Err(format!("the console was not tested: {why}")),
    }
}

fn run_with(root: &Path, filter: &[String], url: &str) -> Outcome {
    // Doc tests come first, so that the last lines on the screen count the main run.
    if filter.is_empty() {
        let doc = code(cargo(root).env(POSTGRES_URL, url).args(["test", "--workspace", "--doc", "--quiet"]))?;
        if doc != 0 {
            return Ok(doc);
        }
    }
    let mut tests = cargo(root);
    tests.env(POSTGRES_URL, url);
    match tools::program(root, "cargo-nextest", &tools::CARGO_NEXTEST) {
        Ok(nextest) => {
            let mut run = std::process::Command::new(nextest);
            run.current_dir(root).env(POSTGRES_URL, url).args(["nextest", "run", "--workspace", "--no-fail-fast"]);
            code(run.args(filter))
        }
        Err(why) => {
            println!("{why}\nUsing cargo's own test runner meanwhile.");
            code(tests.args(["test", "--workspace", "--all-targets", "--no-fail-fast"]).args(filter))
        }
    }
}

/// Tests that replay the reference cases pass over them where the cases are absent; we say
/// so, because a test that was not run must not look like one that passed.
fn say_what_was_not_run(root: &Path) {
    let reference = files::reference(root);
    if reference.is_dir() {
        return;
    }
    println!("\nNot run, because the reference cases ({}) are absent:", reference.display());
    for path in files::ending_in(&root.join("crates"), &[".rs"]) {
        if files::read(&path).is_ok_and(|text| text.contains("shared/reference")) {
            println!("  {}", files::shown(root, &path));
        }
    }
}
