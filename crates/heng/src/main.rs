//! `heng`: the one binary. Wiring and subcommands; rules and SQL live below.

mod bench;
mod case_world;
mod centre;
mod claim_folder;
mod commands;
mod receipt;
mod stays;
mod wiring;

use std::process::ExitCode;

use clap::Parser;

/// A settlement makes many small values; this allocator is measurably faster at that.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Heng 衡: an open healthcare-security platform (医疗保障一体化平台).
#[derive(Parser)]
#[command(version, about)]
struct Cli {
    #[command(subcommand)]
    command: commands::Command,
}

fn main() -> ExitCode {
    match Cli::parse().command.run() {
        Ok(code) => code,
        Err(problem) => {
            eprintln!("heng: {problem}");
            ExitCode::FAILURE
        }
    }
}
