//! `cargo xtask demo`: the first thing a newcomer sees.

use crate::shell::{Outcome, cargo, code};
use std::path::Path;

/// Builds Heng and runs `heng demo` with the given arguments.
///
/// Not a release build: on a small machine the libraries alone take minutes, so the demo
/// shares the tests' build of them (the `dev` profile, where they are optimised lightly)
/// and compiles only the house's own rooms once more, with the same light optimisation.
///
/// # Errors
/// Cargo could not be started.
pub fn run(root: &Path, args: &[String]) -> Outcome {
    println!("Building Heng; the first time takes a few minutes.");
    let mut demo = cargo(root);
    demo.env("CARGO_PROFILE_DEV_OPT_LEVEL", "1").args(["run", "--package", "heng", "--", "demo"]);
    code(demo.args(args))
}
