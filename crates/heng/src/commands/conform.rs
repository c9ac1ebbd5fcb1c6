//! `heng conform`: the open conformance suites.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Subcommand};

use super::Problem;
use crate::case_world::CaseWorld;
use crate::wiring::{Place, open_region};

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
        /// Over the national interface of a fresh embedded centre.
        #[arg(long)]
        http: bool,
    },
}

impl Conform {
    /// Runs the suite; fails when any case differs.
    pub fn run(self) -> Result<ExitCode, Problem> {
        let Suite::Settlement { file, region, http } = self.suite;
        let cases = conform::cases(&file)?;
        let report = if http {
            let folder = tempfile::tempdir()?;
            let place = Place { region, data: folder.path().to_owned(), database: None };
            conform::over_http(&mut CaseWorld::open(&place)?, cases)?
        } else {
            conform::through_library(&open_region(&region)?.law, cases)?
        };
        println!("{report}");
        Ok(if report.conforms() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}
