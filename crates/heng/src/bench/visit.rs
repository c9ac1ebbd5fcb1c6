//! Whole visits a second, of five messages: 2201, 2203, 2204 with ten lines, 2206, 2207.

use std::process::ExitCode;

use clap::Args;

use super::load::Load;
use crate::commands::Problem;

/// Whole visits a second: registration, visit, ten lines, trial, settlement.
#[derive(Args)]
pub struct Visit {
    #[command(flatten)]
    load: Load,
}

impl Visit {
    pub fn run(self) -> Result<ExitCode, Problem> {
        let town = self.load.open()?;
        self.load.measure(&town, |client, n| {
            let mdtrt_id = client.begin(n)?;
            client.try_to_settle(n, &mdtrt_id)?;
            client.settle(n, &mdtrt_id)
        })?;
        Ok(ExitCode::SUCCESS)
    }
}
