//! The subcommands, one file each, in one list.

mod conform;

use std::process::ExitCode;

use clap::Subcommand;

/// Anything that keeps a command from doing its work, in words for people.
pub type Problem = Box<dyn std::error::Error + Send + Sync>;

/// What `heng` can be asked to do.
#[derive(Subcommand)]
pub enum Command {
    /// Measures one thing and prints one line of figures.
    Bench(crate::bench::Bench),
    /// Replays documented cases and compares every answer.
    Conform(conform::Conform),
}

impl Command {
    /// Does it.
    pub fn run(self) -> Result<ExitCode, Problem> {
        match self {
            Command::Bench(command) => command.run(),
            Command::Conform(command) => command.run(),
        }
    }
}
