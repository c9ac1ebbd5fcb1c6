//! A migration that has been released is never edited: a new one is added.

use super::Verdict;
use crate::shell::output;
use std::path::Path;
use std::process::Command;

/// Compares the migrations with those of the last released version (the last tag).
#[must_use]
pub fn check(root: &Path) -> Verdict {
    let git = |args: &[&str]| output(Command::new("git").current_dir(root).args(args));
    let Ok(tag) = git(&["describe", "--tags", "--abbrev=0"]) else {
        return Verdict::Skipped("nothing has been released yet (no tag)".to_owned());
    };
    let tag = tag.trim();
    let changed = git(&["diff", "--name-only", "--diff-filter=MDR", tag, "--", "crates/*/migrations/*"]);
    Verdict::from(changed.map(|names| {
        names
            .lines()
            .map(|name| format!("{name} was released with {tag} and must not change: add a new migration"))
            .collect()
    }))
}
