//! 恢复: makes a backup the database again, and says what the evidence log will make of it.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use evidence::{EvidenceError, HighWater};

use super::backup::postgres_tool;
use crate::commands::Problem;
use crate::wiring::{Place, migrations, open_database};

/// Makes a backup the database. The centre must be stopped.
#[derive(Args)]
pub struct Restore {
    /// What `heng backup` wrote.
    file: PathBuf,
    /// Put the database that is there aside; without this, it is in the way.
    #[arg(long)]
    replace: bool,
    #[command(flatten)]
    place: Place,
}

impl Restore {
    /// Restores, then compares the evidence log with what was seen of it.
    pub fn run(self) -> Result<ExitCode, Problem> {
        if !self.file.is_file() {
            return Err(format!("{}: there is no such file", self.file.display()).into());
        }
        self.place.prepare()?;
        let address = self.place.address();
        match address.strip_prefix("sqlite:") {
            Some(path) => self.restore_file(Path::new(path))?,
            None => self.restore_dump(&address)?,
        }
        println!("{} is the database now", self.file.display());
        let database = open_database(&address)?;
        database.migrate(&migrations())?;
        self.compare(&database)?;
        Ok(ExitCode::SUCCESS)
    }

    fn restore_file(&self, target: &Path) -> Result<(), Problem> {
        let now = jiff::Zoned::now().strftime("%Y%m%d-%H%M%S");
        let mut aside = target.as_os_str().to_owned();
        aside.push(format!(".replaced-{now}"));
        let aside = PathBuf::from(aside);
        let stood = target.exists();
        db_sqlite::restore(&self.file, target, &migrations(), self.replace.then_some(&*aside))?;
        if stood {
            println!("what was there is kept as {}", aside.display());
        }
        Ok(())
    }

    fn restore_dump(&self, address: &str) -> Result<(), Problem> {
        let file = self.file.display().to_string();
        let known = migrations();
        for id in steps_of_dump(&self.file)? {
            if !known.iter().any(|migration| migration.id == id) {
                return Err(format!("{file}: it has the schema step {id}, which this program does not know: it was made by a newer one; restore it with that one").into());
            }
        }
        if !self.replace && !db_postgres::is_empty(address)? {
            return Err("the database has tables already; say --replace to drop them, or name an empty database".into());
        }
        let mut arguments = vec!["--no-owner", "--exit-on-error", "--single-transaction"];
        if self.replace {
            arguments.extend(["--clean", "--if-exists"]);
        }
        let mut arguments: Vec<String> = arguments.into_iter().map(str::to_owned).collect();
        arguments.push(file);
        postgres_tool("pg_restore", &arguments, address).map(drop)
    }

    /// What the sequencer will say, said now.
    fn compare(&self, database: &db::Database) -> Result<(), Problem> {
        let mark = HighWater::at(self.place.high_water());
        let restored = database.read(|tx| evidence::latest_checkpoint(tx))?;
        let size = restored.as_ref().map_or(0, |published| published.note.checkpoint.size);
        match mark.read()? {
            Some(note) if note.checkpoint.size > size => {
                let by = format!("the file {}", mark.path().display());
                eprintln!("{}", EvidenceError::Smaller { size, seen: note.checkpoint.size, by });
                eprintln!("The centre will serve, but sign nothing. docs/guides/operating.md says what to do.");
            }
            None if restored.is_some() => eprintln!(
                "{}: missing. The log published {size} leaves; put the file back, or write the newest checkpoint anyone holds into it",
                mark.path().display()
            ),
            _ => println!("the evidence log goes on from {size} signed leaves"),
        }
        Ok(())
    }
}

/// The schema steps that a dump holds.
fn steps_of_dump(file: &Path) -> Result<Vec<String>, Problem> {
    let arguments = ["--data-only", "--table=heng_migration", "--file=-"];
    let outcome = std::process::Command::new("pg_restore").args(arguments).arg(file).output();
    let outcome = outcome.map_err(|error| {
        format!(
            "pg_restore cannot be started ({error}). Install PostgreSQL's client tools, then run this command again"
        )
    })?;
    let text = String::from_utf8_lossy(&outcome.stdout).into_owned();
    let rows = text.lines().skip_while(|line| !line.starts_with("COPY ")).skip(1).take_while(|line| *line != "\\.");
    let steps: Vec<String> = rows.filter_map(|line| line.split('\t').next()).map(str::to_owned).collect();
    if steps.is_empty() {
        let said = String::from_utf8_lossy(&outcome.stderr).trim().to_owned();
        return Err(format!(
            "{}: this is no backup of a Heng database; name the file that `heng backup` wrote. {said}",
            file.display()
        )
        .into());
    }
    Ok(steps)
}
