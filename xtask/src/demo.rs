//! `cargo xtask demo`: the first thing a newcomer sees.

use crate::console;
use crate::shell::{Outcome, cargo, code};
use std::path::Path;

/// Builds the console, if its sources are newer than what was built, and Heng; then runs
/// `heng demo` with the given arguments.
///
/// Not a release build: on a small machine the libraries alone take minutes, so the demo
/// shares the tests' build of them (the `dev` profile, where they are optimised lightly)
/// and compiles only the house's own rooms once more, with the same light optimisation.
///
/// # Errors
/// The console could not be built, or cargo not be started.
pub fn run(root: &Path, args: &[String]) -> Outcome {
    console::build_if_stale(root)?;
    println!("Building Heng; the first time takes a few minutes.");
    let mut demo = cargo(root);
    demo.env("CARGO_PROFILE_DEV_OPT_LEVEL", "1").args(["run", "--package", "heng", "--", "demo"]);
    code(demo.args(args))
}
