//! `heng adjudicate`: claims in, answers out, no server.

use std::fs::File;
use std::io::{BufReader, BufWriter, Write, stderr, stdin, stdout};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use region::claims::{Form, Options, adjudicate};

use super::Problem;
use crate::wiring::open_region;

/// Runs claims (CSV or JSON lines) through a region's law and writes an answer for each.
#[derive(Args)]
pub struct Adjudicate {
    /// The claims; `-` is standard input (JSON lines).
    claims: PathBuf,
    /// The region whose law decides.
    #[arg(long, default_value = "regions/999900")]
    region: PathBuf,
    /// Where the answers go, CSV or JSON lines by its name; standard output unless given.
    #[arg(long)]
    out: Option<PathBuf>,
    /// Where claims that cannot be run are told; standard error unless given.
    #[arg(long)]
    errors: Option<PathBuf>,
    /// With the trace of every settlement (JSON lines only).
    #[arg(long)]
    trace: bool,
}

impl Adjudicate {
    /// Runs the claims; fails when any could not be run.
    pub fn run(self) -> Result<ExitCode, Problem> {
        let region = open_region(&self.region)?;
        let name = self.claims.display().to_string();
        let mut input: Box<dyn std::io::BufRead> =
            if name == "-" { Box::new(stdin().lock()) } else { Box::new(BufReader::new(opened(&self.claims)?)) };
        let options = Options {
            out: self.out.as_ref().map_or(Form::JsonLines, |out| Form::of_name(&out.display().to_string())),
            trace: self.trace,
        };
        let mut answers: Box<dyn Write> = match &self.out {
            Some(out) => Box::new(BufWriter::new(File::create(out)?)),
            None => Box::new(BufWriter::new(stdout())),
        };
        let mut errors: Box<dyn Write> = match &self.errors {
            Some(file) => Box::new(BufWriter::new(File::create(file)?)),
            None => Box::new(stderr()),
        };
        let tally = adjudicate(region.ground(), Form::of_name(&name), &mut input, options, &mut answers, &mut errors)?;
        answers.flush()?;
        errors.flush()?;
        eprintln!("{} settled, {} refused by the law, {} not run", tally.settled, tally.refused, tally.wrong);
        Ok(if tally.wrong == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}

fn opened(path: &std::path::Path) -> Result<File, Problem> {
    File::open(path).map_err(|error| format!("{}: {error}", path.display()).into())
}
