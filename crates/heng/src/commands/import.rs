//! 导入: what a region knows on its first day, out of CSV files into the registers.
//! `docs/guides/bring-in.md` describes the files.

mod books;
pub mod credentials;
mod grouping;
mod knowledge;
pub mod opening;
mod person;
mod registers;
mod report;
mod rules;
mod sheet;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Subcommand};

use crate::commands::Problem;
use crate::wiring::Place;

/// Brings persons, the catalogue, the institutions or a grouping scheme in from files.
#[derive(Args)]
pub struct Import {
    #[command(subcommand)]
    what: What,
}

/// What is brought in.
#[derive(Subcommand)]
enum What {
    /// 期初: persons, coverage, filings, balances and the year's totals.
    Opening(Opening),
    /// 分组方案: the national DRG workbook becomes a scheme folder.
    DrgWorkbook(grouping::Workbook),
    /// 分组方案: a folder of neutral tables becomes a scheme folder.
    DrgTables(grouping::Tables),
    /// 病种目录: a city's DIP directory becomes a scheme folder and a table of scores.
    DipCatalogue(grouping::Directory),
    /// 知识点: published knowledge points of the audit rules become dated tables.
    Knowledge(knowledge::Knowledge),
    /// 目录: adds the rows of a folder to the catalogue register; a row with the code and
    /// first day of a stored one takes its place.
    Catalogue(Register),
    /// 机构: puts a folder in the place of the whole register of institutions, unless a row is wrong.
    Providers(Register),
}

/// A folder of opening files.
#[derive(Args)]
struct Opening {
    /// The folder with persons.csv and the rest.
    folder: PathBuf,
    /// The day on which the region begins; today unless given.
    #[arg(long)]
    on: Option<String>,
    /// Where to write every row that is wrong, as CSV; a new file.
    #[arg(long)]
    errors: Option<PathBuf>,
    /// Persons in one deed.
    #[arg(long, default_value_t = 2_000)]
    batch: usize,
    #[command(flatten)]
    place: Place,
}

/// A folder of a register's files.
#[derive(Args)]
struct Register {
    /// The folder with the CSV files of the region's form.
    folder: PathBuf,
    /// Where to write every row that is wrong, as CSV; a new file.
    #[arg(long)]
    errors: Option<PathBuf>,
    #[command(flatten)]
    place: Place,
}

impl Import {
    /// Brings in; fails when a row was left out, after the good ones are in.
    pub fn run(self) -> Result<ExitCode, Problem> {
        let clean = match self.what {
            What::Opening(Opening { folder, on, errors, batch, place }) => {
                opening::import(&folder, day(on.as_deref())?, errors.as_deref(), batch, &place)?
            }
            What::DrgWorkbook(workbook) => workbook.run()?,
            What::DrgTables(tables) => tables.run()?,
            What::DipCatalogue(directory) => directory.run()?,
            What::Knowledge(knowledge) => knowledge.run()?,
            What::Catalogue(register) => {
                registers::catalogue(&register.folder, register.errors.as_deref(), &register.place)?
            }
            What::Providers(register) => {
                registers::providers(&register.folder, register.errors.as_deref(), &register.place)?
            }
        };
        Ok(if clean { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}

fn day(text: Option<&str>) -> Result<terms::Date, Problem> {
    match text {
        None => Ok(jiff::Zoned::now().date()),
        Some(text) => {
            terms::parse_date(text).ok_or_else(|| format!("--on {text}: not a date; write it as 2026-07-01").into())
        }
    }
}
