//! `heng conform`: the open conformance suites.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Subcommand};
use conform::Expected;
use schemes::Trap;
use schemes::workbook::Settings;

use super::Problem;
use super::scheme::{compile, outline};
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
    /// Grouping cases (neutral columns, plain or .gz) through a grouping scheme.
    Grouping {
        /// The case file.
        file: PathBuf,
        /// A scheme folder, a folder of neutral tables, or the national workbook.
        #[arg(long)]
        scheme: PathBuf,
        /// Surgical cases pass over medical groups; the file's second answer is compared.
        #[arg(long)]
        surgical_skips_medical: bool,
    },
}

impl Conform {
    /// Runs the suite; fails when any case differs.
    pub fn run(self) -> Result<ExitCode, Problem> {
        match self.suite {
            Suite::Settlement { file, region, http } => settlement(&file, region, http),
            Suite::Grouping { file, scheme, surgical_skips_medical } => {
                grouping(&file, &scheme, surgical_skips_medical)
            }
        }
    }
}

fn settlement(file: &Path, region: PathBuf, http: bool) -> Result<ExitCode, Problem> {
    let cases = conform::cases(file)?;
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

fn grouping(file: &Path, path: &Path, surgical_skips_medical: bool) -> Result<ExitCode, Problem> {
    let mut loaded = schemes::load(path, &Settings::default())?;
    for note in loaded.notes.iter().filter(|note| note.trap == Trap::ProfileApplied) {
        println!("{note}");
    }
    let expected = if surgical_skips_medical {
        schemes::skip_medical(&mut loaded.scheme)?;
        Expected::SurgicalSkipsMedical
    } else {
        Expected::Plain
    };
    println!("{}", outline(&loaded));
    let report = conform::through_grouper(&compile(path, &loaded)?, file, expected)?;
    println!("{report}");
    Ok(if report.conforms() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
