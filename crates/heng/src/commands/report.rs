//! `heng report`: CMI and the other indicators by institution, department and doctor.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use office::report::report;

use super::Problem;
use crate::stays::{Input, PlanChoice, SchemeChoice, progress, told};

/// Works out CMI, weights, cost and time index, low-risk deaths and grouping rate by institution,
/// department and doctor.
#[derive(Args)]
pub struct Report {
    #[command(flatten)]
    input: Input,
    #[command(flatten)]
    scheme: SchemeChoice,
    #[command(flatten)]
    plan: PlanChoice,
    /// The report: .xlsx (a sheet a level) or .json; JSON on standard output unless given.
    #[arg(long)]
    out: Option<PathBuf>,
}

impl Report {
    /// Reports; fails when a row could not be used.
    pub fn run(self) -> Result<ExitCode, Problem> {
        let installed = self.scheme.load()?;
        let plan = self.plan.load(&self.scheme, &installed)?;
        let mut codes = self.input.codes()?;
        let inputs = self.input.inputs()?;
        let found = report(&inputs, &installed, &plan, &self.plan.defaults(), &mut codes, &progress())?;
        let scheme = installed.grouper.scheme();
        match &self.out {
            Some(out) => found.write(out, scheme, &plan)?,
            None => println!("{}", serde_json::to_string_pretty(&found.shown(scheme, &plan))?),
        }
        if found.left_out > 0 {
            eprintln!("{} 例缺费用或住院天数，未计入 stays without fee or days are left out", found.left_out);
        }
        Ok(told(found.errors, None))
    }
}
