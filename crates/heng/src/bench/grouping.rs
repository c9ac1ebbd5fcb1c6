//! Cases a second on one core: in memory without trace, or from CSV file to CSV file.

use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::Args;
use grouping::{Case, Scratch};
use intake::{ColumnMap, SourceOptions};
use office::group::{Shown, group};
use office::shelf::Installed;
use office::source::Inputs;
use office::{Files, load};

use crate::commands::Problem;

/// Cases a second on one core.
#[derive(Args)]
pub struct Grouping {
    /// The scheme: a folder, neutral tables, or the national workbook.
    #[arg(long)]
    scheme: PathBuf,
    /// The cases: a CSV file with the neutral columns, plain or .gz.
    #[arg(long)]
    cases: PathBuf,
    /// How long to measure.
    #[arg(long, default_value_t = 10)]
    seconds: u64,
    /// From file to file, reading and writing CSV, instead of in memory.
    #[arg(long)]
    files: bool,
}

impl Grouping {
    pub fn run(self) -> Result<ExitCode, Problem> {
        let settings = schemes::workbook::Settings::default();
        let installed = load::scheme(&self.scheme, &settings, |_| ())?;
        let (cases, rate) = if self.files { self.file_to_file(&installed)? } else { self.in_memory(&installed)? };
        println!("rate_per_s={rate} cases={cases}");
        Ok(ExitCode::SUCCESS)
    }

    fn in_memory(&self, installed: &Installed) -> Result<(usize, u128), Problem> {
        let mut cases: Vec<Case> = Vec::new();
        inputs(&self.cases)?.each_case(installed, &mut None, |_, case| {
            cases.extend(case.ok().cloned());
            Ok(())
        })?;
        let (mut scratch, mut done) = (Scratch::default(), 0_u128);
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_secs(self.seconds) {
            for case in &cases {
                std::hint::black_box(installed.grouper.group(case, &mut scratch));
            }
            done += cases.len() as u128;
        }
        Ok((cases.len(), done * 1000 / begun.elapsed().as_millis().max(1)))
    }

    fn file_to_file(&self, installed: &Installed) -> Result<(usize, u128), Problem> {
        let folder = tempfile::tempdir()?;
        let (many, out) = (folder.path().join("cases.csv"), folder.path().join("groups.csv"));
        repeated(&self.cases, &many, self.seconds)?;
        let inputs = inputs(&many)?;
        let files = Files { out: Some(&out), ..Files::default() };
        let begun = Instant::now();
        let grouped = group(&inputs, installed, &mut None, Shown::Answer, &files, Box::new(|_| ()))?;
        let cases = grouped.tally.cases();
        Ok((usize::try_from(cases)?, u128::from(cases) * 1000 / begun.elapsed().as_millis().max(1)))
    }
}

fn inputs(path: &Path) -> Result<Inputs, Problem> {
    Ok(Inputs {
        files: vec![path.to_owned()],
        options: SourceOptions::default(),
        map: ColumnMap::builtin()?,
        own_map: false,
        clean_codes: false,
        tell: |_| (),
    })
}

/// The neutral columns of a file, over and over: about as many rows as are grouped in the seconds.
fn repeated(cases: &Path, many: &Path, seconds: u64) -> Result<(), Problem> {
    const NEUTRAL: [&str; 12] =
        ["id", "kind", "sex", "age", "age_days", "weight", "dept", "los", "leaving_type", "icu_hours", "dx", "proc"];
    const ROWS_PER_SECOND: u64 = 300_000;
    let mut file = intake::cases::CaseFile::open(cases)?;
    let columns: Vec<Option<usize>> = NEUTRAL.iter().map(|name| file.column(name)).collect();
    let mut text = Vec::new();
    let mut rows = 0_u64;
    while let Some(row) = file.next_case()? {
        let Ok(row) = row else { continue };
        let cells: Vec<&str> = columns.iter().map(|column| column.map_or("", |at| row.cell(at))).collect();
        writeln!(text, "{}", cells.join(","))?;
        rows += 1;
    }
    let mut out = BufWriter::new(std::fs::File::create(many)?);
    writeln!(out, "{}", NEUTRAL.join(","))?;
    for _ in 0..(seconds * ROWS_PER_SECOND).div_ceil(rows.max(1)) {
        out.write_all(&text)?;
    }
    Ok(out.flush()?)
}
