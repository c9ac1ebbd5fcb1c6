//! `heng bench`: measures one thing and prints one line, `rate_per_s=… p50_ms=… p99_ms=…`.

mod adjudication;
mod detection;
mod evidence;
mod grouping;
mod load;
mod remind;
mod screening;
mod settlement;
mod visit;

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
    /// How well the suspicion models find planted fraud, and whom they spare.
    Detection(detection::Detection),
    /// Durable appends to the evidence log a second.
    Evidence(evidence::Evidence),
    /// Cases grouped a second on one core, in memory or from CSV file to CSV file.
    Grouping(grouping::Grouping),
    /// How long reminders (3102) take over HTTP, with every rule of the region and persons with a past.
    Remind(remind::Remind),
    /// All audit rules of a region over a lake of synthetic claims, in one pass.
    Screening(screening::Screening),
    /// Durable settlements a second: one 2207 over ten lines that are uploaded already.
    Settlement(settlement::Settlement),
    /// Whole visits a second: five messages each.
    Visit(visit::Visit),
}

impl Bench {
    /// Measures.
    pub fn run(self) -> Result<ExitCode, Problem> {
        match self.what {
            What::Adjudication(bench) => bench.run(),
            What::Detection(bench) => bench.run(),
            What::Evidence(bench) => bench.run(),
            What::Grouping(bench) => bench.run(),
            What::Remind(bench) => bench.run(),
            What::Screening(bench) => bench.run(),
            What::Settlement(bench) => bench.run(),
            What::Visit(bench) => bench.run(),
        }
    }
}
