//! 合成城市: writes what a synthetic city knows of itself, for trying a bring-in or the audit of a year.

use std::path::PathBuf;
use std::process::ExitCode;

use city::{City, CityOptions, RegionFiles, write_claims, write_opening};
use clap::{Args, Subcommand};
use indicatif::{ProgressBar, ProgressStyle};
use terms::{Date, parse_date};

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
    /// Writes the settled visits of some time as a claim folder, and what is true of them beside it.
    Claims(ClaimFolder),
}

/// Which city, and over which days.
#[derive(Args)]
struct ClaimFolder {
    /// The folder to write into; made if missing.
    folder: PathBuf,
    /// Where the labels go, which no detector may read; the folder's name with `-labels` if not said.
    #[arg(long)]
    labels: Option<PathBuf>,
    /// How many people.
    #[arg(long, default_value_t = 20_000)]
    people: u32,
    /// Which city: the same seed is the same city.
    #[arg(long, default_value_t = CityOptions::default().seed)]
    seed: u64,
    /// The first day.
    #[arg(long, default_value = "2025-07-01", value_parser = day)]
    from: Date,
    /// How many days.
    #[arg(long, default_value_t = 365)]
    days: u16,
    /// Planted fraud and broken rules, in hundredths of the table's rates; 0 is an honest city.
    #[arg(long, default_value_t = 100)]
    fraud: u16,
    /// The region folder.
    #[arg(long, default_value = "regions/999900")]
    region: PathBuf,
}

fn day(text: &str) -> Result<Date, String> {
    parse_date(text).ok_or_else(|| format!("{text} is no date, such as 2025-07-01"))
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
        match self.what {
            What::Opening(opening) => opening.run(),
            What::Claims(claims) => claims.run(),
        }
    }
}

impl Opening {
    fn run(self) -> Result<ExitCode, Problem> {
        let Opening { folder, people, seed, region } = self;
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

impl ClaimFolder {
    fn run(self) -> Result<ExitCode, Problem> {
        let ClaimFolder { folder, labels, people, seed, from, days, fraud, region } = self;
        let labels = labels.unwrap_or_else(|| {
            let name = folder.file_name().unwrap_or_default().to_string_lossy();
            folder.with_file_name(format!("{name}-labels"))
        });
        let options = CityOptions { people, seed, from, days, fraud, ..CityOptions::default() };
        let city = City::new(options, &RegionFiles::read(&region)?)?;
        let bar = ProgressBar::new(u64::from(people));
        bar.set_style(ProgressStyle::with_template("{wide_bar} {pos}/{len} 人 {elapsed_precise} 剩 {eta}")?);
        let written = write_claims(&city, &folder, &labels, |persons| bar.set_position(persons))?;
        bar.finish_and_clear();
        println!(
            "{}: {} persons, {} encounters, {} diagnoses, {} procedures, {} lines, {} stock movements",
            folder.display(),
            written.persons,
            written.encounters,
            written.diagnoses,
            written.procedures,
            written.lines,
            written.stock,
        );
        println!("{}: {} labels, for measuring only", labels.display(), written.labels);
        Ok(ExitCode::SUCCESS)
    }
}
