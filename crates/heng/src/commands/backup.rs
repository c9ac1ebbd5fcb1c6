//! 备份: a whole copy of the database while the centre works. What else must be kept stands
//! in `docs/guides/operating.md`.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::Duration;

use clap::Args;

use crate::commands::Problem;
use crate::wiring::Place;

/// Copies the database to a new file while the centre works.
#[derive(Args)]
pub struct Backup {
    /// The new file.
    file: PathBuf,
    #[command(flatten)]
    place: Place,
}

impl Backup {
    /// Copies.
    pub fn run(self) -> Result<ExitCode, Problem> {
        let address = self.place.address();
        match address.strip_prefix("sqlite:") {
            Some(path) => {
                let path = Path::new(path);
                if !path.exists() {
                    return Err(format!(
                        "{}: there is no database; name its place with --data or --database",
                        path.display()
                    )
                    .into());
                }
                db_sqlite::backup(path, &self.file, Duration::from_secs(10))?;
            }
            None => dump(&address, &self.file)?,
        }
        close_to_others(&self.file)?;
        let size = std::fs::metadata(&self.file)?.len();
        println!("{}: {size} bytes, everything answered before the copy began", self.file.display());
        println!("Keep apart from it, each on its own: {}", keep(&self.place));
        Ok(ExitCode::SUCCESS)
    }
}

fn keep(place: &Place) -> String {
    let files = ["evidence.pem", "evidence.mark", "answers.key", "credential.pem", "access.key", "oidc.toml"];
    files.map(|name| place.data.join(name).display().to_string()).join(", ")
}

#[cfg(unix)]
fn close_to_others(file: &Path) -> std::io::Result<()> {
    std::fs::set_permissions(file, std::os::unix::fs::PermissionsExt::from_mode(0o600))
}

#[cfg(not(unix))]
fn close_to_others(_: &Path) -> std::io::Result<()> {
    Ok(())
}

fn dump(address: &str, file: &Path) -> Result<(), Problem> {
    if file.exists() {
        return Err(format!("{}: exists already; name a new file", file.display()).into());
    }
    let mut partial = file.as_os_str().to_owned();
    partial.push(".partial");
    let arguments = ["--format=custom".to_owned(), format!("--file={}", Path::new(&partial).display())];
    postgres_tool("pg_dump", &arguments, address)?;
    std::fs::File::open(&partial)?.sync_all()?;
    Ok(std::fs::rename(&partial, file)?)
}

/// Runs a tool of PostgreSQL on a database. The password travels by the environment, where
/// other users of the machine do not see it.
pub(super) fn postgres_tool(tool: &str, arguments: &[String], address: &str) -> Result<String, Problem> {
    let (shown, password) = without_password(address);
    let mut command = Command::new(tool);
    command.args(arguments).arg(format!("--dbname={shown}"));
    if let Some(password) = password {
        command.env("PGPASSWORD", password);
    }
    let outcome = command.output().map_err(|error| {
        format!(
            "{tool} cannot be started ({error}). Install PostgreSQL's client tools, or run on a machine that has them:\n  {tool} {} --dbname='{shown}'",
            arguments.join(" ")
        )
    })?;
    if outcome.status.success() {
        return Ok(String::from_utf8_lossy(&outcome.stdout).into_owned());
    }
    Err(format!("{tool} on {shown} failed: {}", String::from_utf8_lossy(&outcome.stderr).trim()).into())
}

/// The address without its password, and the password.
fn without_password(address: &str) -> (String, Option<String>) {
    let Some((scheme, rest)) = address.split_once("://") else { return (address.to_owned(), None) };
    let (authority, path) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    let Some((user, host)) = authority.rsplit_once('@') else { return (address.to_owned(), None) };
    match user.split_once(':') {
        Some((user, password)) => (format!("{scheme}://{user}@{host}{path}"), Some(percent_decoded(password))),
        None => (address.to_owned(), None),
    }
}

fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let code = tail.get(..2).and_then(|two| u8::from_str_radix(std::str::from_utf8(two).ok()?, 16).ok());
        let (byte, after) = match (first, code) {
            (b'%', Some(byte)) => (byte, &tail[2..]),
            _ => (*first, tail),
        };
        bytes.push(byte);
        rest = after;
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::without_password;

    #[test]
    fn a_password_never_stands_among_the_arguments() {
        let (shown, password) = without_password("postgres://heng:p%40ss%25@db:5432/heng?sslmode=disable");
        assert_eq!(shown, "postgres://heng@db:5432/heng?sslmode=disable");
        assert_eq!(password.as_deref(), Some("p@ss%"));
        assert_eq!(without_password("postgres://heng@db/heng"), ("postgres://heng@db/heng".to_owned(), None));
    }
}
