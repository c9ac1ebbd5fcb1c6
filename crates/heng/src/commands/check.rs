//! `heng check`: a region folder, validated whole.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use super::Problem;

/// Validates region folders, runs every example, and says with file and line what is wrong.
#[derive(Args)]
pub struct Check {
    /// The folders.
    #[arg(default_value = "regions/999900")]
    folders: Vec<PathBuf>,
    /// Treat warnings as errors.
    #[arg(long)]
    strict: bool,
}

impl Check {
    /// Checks; fails when any folder has an error.
    pub fn run(self) -> Result<ExitCode, Problem> {
        let mut fine = true;
        for folder in &self.folders {
            let report = region::check(folder);
            println!("{report}");
            fine &= report.ok() && !(self.strict && report.warnings() > 0);
        }
        Ok(if fine { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}
