//! Durable settlements a second: one 2207 each, over visits whose ten lines are uploaded.

use std::process::ExitCode;

use clap::Args;

use super::load::{Load, visit_of};
use crate::commands::Problem;

/// Durable settlements a second: one 2207 over ten lines that are uploaded already.
#[derive(Args)]
pub struct Settlement {
    #[command(flatten)]
    load: Load,
}

impl Settlement {
    pub fn run(self) -> Result<ExitCode, Problem> {
        let town = self.load.open()?;
        town.begin_all(self.load.persons)?;
        self.load.measure(&town, |client, n| client.settle(n, visit_of(n).as_str()))?;
        Ok(ExitCode::SUCCESS)
    }
}
