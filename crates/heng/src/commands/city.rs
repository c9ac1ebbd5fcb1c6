//! 合成城市: writes what a synthetic city knows of itself, for trying a bring-in.

use std::path::PathBuf;
use std::process::ExitCode;

use city::{City, CityOptions, RegionFiles, write_opening};
use clap::{Args, Subcommand};

use crate::commands::Problem;

/// A synthetic city on a region's catalogue and institutions; nobody in it is real.
#[derive(Args)]
pub struct CityCommand {
    #[command(subcommand)]
    what: What,
}

/// What is made.
#[derive(Subcommand)]
enum What {
    /// Writes the opening files that `heng import opening` takes.
    Opening(Opening),
}

/// Which city.
#[derive(Args)]
struct Opening {
    /// The folder to write into; made if missing.
    folder: PathBuf,
    /// How many people.
    #[arg(long, default_value_t = 100_000)]
    people: u32,
    /// Which city: the same seed is the same city.
    #[arg(long, default_value_t = CityOptions::default().seed)]
    seed: u64,
    /// The region folder.
    #[arg(long, default_value = "regions/999900")]
    region: PathBuf,
}

impl CityCommand {
    /// Makes it.
    pub fn run(self) -> Result<ExitCode, Problem> {
        let What::Opening(Opening { folder, people, seed, region }) = self.what;
        std::fs::create_dir_all(&folder).map_err(|error| format!("{}: cannot be made: {error}", folder.display()))?;
        let options = CityOptions { people, seed, ..CityOptions::default() };
        let city = City::new(options, &RegionFiles::read(&region)?)?;
        let written = write_opening(&city, &folder)?;
        println!(
            "{}: {} persons, {} coverage rows, {} identities, {} filings, {} accounts with {} yuan, {} authorisations, {} totals; the city begins on {}",
            folder.display(),
            written.persons,
            written.coverage,
            written.identities,
            written.filings,
            written.accounts,
            written.balance,
            written.mutual_aid,
            written.totals,
            city.options().from,
        );
        Ok(ExitCode::SUCCESS)
    }
}
