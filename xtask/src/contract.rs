//! The console's interface held to its own description: schemathesis asks a running demo as each
//! of its people, with requests made from the description, and every answer must be one that the
//! description knows: no failure of the server, no undeclared status, kind of content or field.

use crate::files;
use crate::shell::{Outcome, code, output};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The one version we use, with what it asks for.
const SCHEMATHESIS: &str = "schemathesis==4.32.5";

/// Asks the console at `url` as each of the accounts of a demo's file.
///
/// # Errors
/// Python is missing, or schemathesis could not be brought in.
pub fn run(root: &Path, url: &str, accounts: &Path) -> Outcome {
    let python = installed(root)?;
    println!("holding the console to its description, as each of its people …");
    let mut asking = Command::new(python);
    asking.arg(root.join("xtask/contract/ask.py")).arg(url).arg(accounts).current_dir(files::target(root));
    code(&mut asking)
}

/// The Python of a folder that holds schemathesis, made once under `target/tools`.
fn installed(root: &Path) -> Result<PathBuf, String> {
    let home = files::target(root).join("tools").join(SCHEMATHESIS.replace("==", "-"));
    let python = home.join("bin/python");
    let done = home.join("complete");
    if done.exists() {
        return Ok(python);
    }
    println!("fetching {SCHEMATHESIS} …");
    let by_hand = "the console's contract is tested with Python 3.10 or newer and its `venv`";
    output(Command::new("python3").args(["-m", "venv"]).arg(&home)).map_err(|why| format!("{why}\n{by_hand}"))?;
    let mut pip = Command::new(&python);
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", SCHEMATHESIS]);
    output(&mut pip)?;
    std::fs::write(&done, "").map_err(|error| format!("{} cannot be written: {error}", done.display()))?;
    Ok(python)
}
