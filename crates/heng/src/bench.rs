//! `heng bench`: measures one thing and prints one line, `rate_per_s=… p50_ms=… p99_ms=…`.

mod adjudication;

use std::path::Path;
use std::process::ExitCode;

use clap::{Args, Subcommand};

use crate::commands::Problem;

/// Measures one thing and prints one line of figures.
#[derive(Args)]
pub struct Bench {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Settlements a second on one core, in memory, trace included.
    Adjudication(adjudication::Adjudication),
}

impl Bench {
    /// Measures.
    pub fn run(self) -> Result<ExitCode, Problem> {
        match self.what {
            What::Adjudication(bench) => bench.run(),
        }
    }
}

pub fn law_of(region: &Path) -> Result<policy::Law, Problem> {
    let mut names: Vec<_> =
        std::fs::read_dir(region.join("policy"))?.map(|e| e.map(|e| e.path())).collect::<Result<_, _>>()?;
    names.sort();
    let mut files = Vec::new();
    for path in names.iter().filter(|p| p.extension().is_some_and(|e| e == "toml")) {
        files.push(policy::SourceFile { name: path.display().to_string(), text: std::fs::read_to_string(path)? });
    }
    let (law, _) = policy::compile(&files).map_err(|problems| problems.to_string())?;
    Ok(law)
}
