//! cargo-deny: licences that fit Apache-2.0, no banned crates, the one registry. What is
//! allowed stands in `deny.toml`.

use super::Verdict;
use crate::shell::output;
use crate::tools;
use std::path::Path;
use std::process::Command;

/// Licences, bans and sources. These need no network.
#[must_use]
pub fn check(root: &Path) -> Verdict {
    match deny(root, &["bans", "licenses", "sources"]) {
        Ok(_) => Verdict::Passed,
        Err(said) => Verdict::Failed(vec![said]),
    }
}

/// Known weaknesses. The list lives in a public repository; where that cannot be reached,
/// the check says so instead of passing.
#[must_use]
pub fn advisories(root: &Path) -> Verdict {
    match deny(root, &["advisories"]) {
        Ok(_) => Verdict::Passed,
        Err(said)
            if said.contains("failed to fetch advisory database")
                || said.contains("failed to load advisory database") =>
        {
            Verdict::Skipped("the public list of advisories cannot be reached from here".to_owned())
        }
        Err(said) => Verdict::Failed(vec![said]),
    }
}

fn deny(root: &Path, which: &[&str]) -> Result<String, String> {
    let program = tools::program(root, "cargo-deny", &tools::CARGO_DENY)?;
    // Cargo's own cargo-deny subcommand form works for a program that is not on the path, too.
    let mut deny = Command::new(program);
    deny.current_dir(root).args(["--all-features", "--log-level", "error", "check", "--hide-inclusion-graph"]);
    output(deny.args(which))
}
