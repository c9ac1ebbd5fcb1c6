//! Running other programs, and saying plainly what went wrong when they cannot run.

use std::path::Path;
use std::process::{Command, Stdio};

/// What a chore returns: the exit code to end with, or a message for the person.
pub type Outcome = Result<u8, String>;

/// `cargo`, the same one that started us.
#[must_use]
pub fn cargo(root: &Path) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root);
    command
}

/// Runs a program with our own input and output and returns its exit code (255 when a
/// signal ended it).
///
/// # Errors
/// The program could not be started.
pub fn code(command: &mut Command) -> Outcome {
    let status = command.status().map_err(|e| cannot_start(command, &e))?;
    Ok(status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(255))
}

/// Runs a program to its end and returns what it printed.
///
/// # Errors
/// It could not be started, or it failed: then with what it said on its error output.
pub fn output(command: &mut Command) -> Result<String, String> {
    let done = command.stdin(Stdio::null()).output().map_err(|e| cannot_start(command, &e))?;
    if done.status.success() {
        return Ok(String::from_utf8_lossy(&done.stdout).into_owned());
    }
    let said = String::from_utf8_lossy(&done.stderr);
    Err(format!("`{}` failed ({}):\n{}", shown(command), done.status, said.trim_end()))
}

/// Whether a program of this name can be started at all.
#[must_use]
pub fn exists(program: &str) -> bool {
    Command::new(program).arg("--version").stdin(Stdio::null()).output().is_ok_and(|done| done.status.success())
}

fn cannot_start(command: &Command, error: &std::io::Error) -> String {
    format!("`{}` could not be started: {error}", shown(command))
}

fn shown(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy().into_owned()).collect::<Vec<_>>().join(" ")
}
