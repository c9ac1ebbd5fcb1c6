//! `heng qc`: settlement lists and home pages held against the rules, before anything is grouped.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use office::load;
use office::qc::qc;

use super::Problem;
use crate::stays::{Input, Output, progress, told};

/// Holds the lists of files against the region's quality rules and tells each finding.
#[derive(Args)]
pub struct Qc {
    #[command(flatten)]
    input: Input,
    /// The region whose rules and catalogue are used, over the common ones.
    #[arg(long, default_value = "regions/999900")]
    region: PathBuf,
    #[command(flatten)]
    output: Output,
}

impl Qc {
    /// Checks; fails when a list has an error or a row could not be used.
    pub fn run(self) -> Result<ExitCode, Problem> {
        let quality = load::quality(&self.region)?;
        let parts = [self.region.join("quality"), self.region.join("catalogue"), self.region.join("../common/quality")];
        let parts: Vec<&Path> = parts.iter().map(PathBuf::as_path).filter(|path| path.exists()).collect();
        let files = self.output.files(self.input.identity(&format!("qc {:?}", self.region), &parts)?)?;
        let mut codes = self.input.codes()?;
        let checked = qc(&self.input.inputs()?, &quality, &mut codes, &files, progress())?;
        eprint!("{}", checked.tally.told(&quality.rules));
        let rows = told(checked.errors, checked.errors_in.as_deref());
        Ok(if checked.tally.with_errors > 0 { ExitCode::FAILURE } else { rows })
    }
}
