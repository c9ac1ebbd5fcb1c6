//! `cargo xtask check`: one entry point for everything a change must pass besides tests.
//!
//! One file a check. Each returns what it found; all of them run, then the verdict.

pub mod dependencies;
pub mod documents;
pub mod floors;
pub mod licences;
pub mod migrations;
pub mod words;

use crate::shell::{Outcome, cargo, code};
use std::path::Path;
use std::time::Instant;

/// What a check has to say.
pub enum Verdict {
    /// All is well.
    Passed,
    /// It could not be run here, and why.
    Skipped(String),
    /// Something must be mended; one message a finding.
    Failed(Vec<String>),
}

impl Verdict {
    /// Passed when there is nothing to mend.
    #[must_use]
    pub fn of(findings: Vec<String>) -> Verdict {
        if findings.is_empty() { Verdict::Passed } else { Verdict::Failed(findings) }
    }

    /// The findings, or the error that kept a check from its work.
    #[must_use]
    pub fn from(result: Result<Vec<String>, String>) -> Verdict {
        result.map_or_else(|why| Verdict::Failed(vec![why]), Verdict::of)
    }
}

type Check = fn(&Path) -> Verdict;

/// Runs every check; ends with 1 when one of them failed.
///
/// # Errors
/// Never: a check that cannot work has failed.
pub fn run(root: &Path) -> Outcome {
    let checks: &[(&str, Check)] = &[
        ("formatting", formatting),
        ("words that must not stay", |root| Verdict::of(words::check(root))),
        ("floors", |root| Verdict::from(floors::check(root))),
        ("documents", |root| Verdict::from(documents::check(root))),
        ("dependencies explained", |root| Verdict::from(dependencies::check(root))),
        ("migrations unchanged", migrations::check),
        ("lints", lints),
        ("licences, bans, sources", licences::check),
        ("advisories", licences::advisories),
    ];
    let mut failed = 0;
    for (name, check) in checks {
        let begun = Instant::now();
        let verdict = check(root);
        let seconds = begun.elapsed().as_secs();
        match verdict {
            Verdict::Passed => println!("ok       {name} ({seconds} s)"),
            Verdict::Skipped(why) => println!("skipped  {name}: {why}"),
            Verdict::Failed(findings) => {
                failed += 1;
                println!("FAILED   {name} ({seconds} s)");
                findings.iter().for_each(|finding| println!("         {finding}"));
            }
        }
    }
    words::long_files(root).iter().for_each(|warning| println!("look at  {warning}"));
    println!("check: {} passed or skipped, {failed} failed", checks.len() - failed);
    Ok(u8::from(failed > 0))
}

fn formatting(root: &Path) -> Verdict {
    by_exit_code(cargo(root).args(["fmt", "--all", "--", "--check"]), "run `cargo fmt --all`")
}

fn lints(root: &Path) -> Verdict {
    let mut clippy = cargo(root);
    clippy.args(["clippy", "--quiet", "--workspace", "--all-targets", "--keep-going", "--", "--deny", "warnings"]);
    by_exit_code(&mut clippy, "mend what clippy says above")
}

fn by_exit_code(command: &mut std::process::Command, way_out: &str) -> Verdict {
    match code(command) {
        Ok(0) => Verdict::Passed,
        Ok(_) => Verdict::Failed(vec![way_out.to_owned()]),
        Err(why) => Verdict::Failed(vec![why]),
    }
}
