//! `heng conform`: the open conformance suites.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Subcommand};

use super::Problem;

/// Replays documented cases and compares every answer.
#[derive(Args)]
pub struct Conform {
    #[command(subcommand)]
    suite: Suite,
}

#[derive(Subcommand)]
enum Suite {
    /// Settlement cases (one JSON object a line, plain or .gz) through the evaluator.
    Settlement {
        /// The case file.
        file: PathBuf,
        /// The region whose law decides.
        #[arg(long, default_value = "regions/999900")]
        region: PathBuf,
    },
}

impl Conform {
    /// Runs the suite; fails when any case differs.
    pub fn run(self) -> Result<ExitCode, Problem> {
        let Suite::Settlement { file, region } = self.suite;
        let law = crate::bench::law_of(&region)?;
        let report = conform::through_library(&law, conform::cases(&file)?)?;
        println!("{report}");
        Ok(if report.conforms() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}
