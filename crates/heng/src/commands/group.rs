//! `heng group`: cases of files in, groups out, no server.

use std::process::ExitCode;

use clap::Args;
use listing::codes::CodeSystem;
use office::group::{Shown, group};

use super::Problem;
use crate::stays::{Input, Output, SchemeChoice, progress, told};

/// Groups the stays of files by a scheme: DRG, DIP, a city's own.
#[derive(Args)]
pub struct Group {
    #[command(flatten)]
    input: Input,
    #[command(flatten)]
    scheme: SchemeChoice,
    #[command(flatten)]
    output: Output,
    /// With the reasons in words, a column of the result.
    #[arg(long, conflicts_with = "what_if")]
    explain: bool,
    /// What each diagnosis would lead to as principal: shown in the given order, never ranked.
    #[arg(long)]
    what_if: bool,
}

impl Group {
    /// Groups; fails when a row could not be used.
    pub fn run(self) -> Result<ExitCode, Problem> {
        let shown = match (self.explain, self.what_if) {
            (true, _) => Shown::Why,
            (_, true) => Shown::WhatIf,
            _ => Shown::Answer,
        };
        let words = format!("group {shown:?} {:?}", self.scheme);
        let installed = self.scheme.load()?;
        let files = self.output.files(self.input.identity(&words, &[&self.scheme.path()])?)?;
        let mut codes = self.input.codes()?;
        let grouped = group(&self.input.inputs()?, &installed, &mut codes, shown, &files, progress())?;
        if let Some(codes) = codes.filter(|codes| codes.stated == Some(CodeSystem::Clinical)) {
            eprintln!("编码转换 translation: {}", codes.report);
        }
        eprintln!("{}", grouped.tally);
        Ok(told(grouped.errors, grouped.errors_in.as_deref()))
    }
}
