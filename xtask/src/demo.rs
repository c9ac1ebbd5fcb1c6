//! `cargo xtask demo`: the first thing a newcomer sees.

use crate::shell::{Outcome, cargo, code};
use std::path::Path;

/// Builds Heng in the `demo` profile and runs `heng demo` with the given arguments. The
/// profile stands in the root `Cargo.toml`, with the reason for it.
///
/// # Errors
/// Cargo could not be started.
pub fn run(root: &Path, args: &[String]) -> Outcome {
    println!("Building Heng; the first time takes a few minutes.");
    code(cargo(root).args(["run", "--profile", "demo", "--package", "heng", "--", "demo"]).args(args))
}
