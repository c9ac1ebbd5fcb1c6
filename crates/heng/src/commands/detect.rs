//! `heng detect`: suspicions in a folder of claims, the most money at the highest score first.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use detection::{Book, Suspicion, detect, model_names};
use intake::{Cell, Column, ColumnKind, Format, RowErrors, TableWriter};

use super::Problem;
use crate::claim_folder;
use crate::stays::told;

/// Looks for suspicious groups in a claim folder: split, empty and check-up stays, pooled cards,
/// copied bills, drugs never bought … Each is a lead with its named parts, never a finding.
#[derive(Args)]
pub struct Detect {
    /// The claim folder: tables `encounters`, `persons`, `lines` … as .csv or .parquet.
    folder: PathBuf,
    /// The region whose parameters count.
    #[arg(long, default_value = "regions/999900")]
    region: PathBuf,
    /// Only these models; all unless given.
    #[arg(long)]
    model: Vec<String>,
    /// Where the suspicions go; .jsonl has every part and member, .csv and .xlsx are tables. May
    /// be given several times; JSON lines on standard output unless given.
    #[arg(long)]
    out: Vec<PathBuf>,
    /// Where rows go that could not be read: CSV.
    #[arg(long)]
    errors: Option<PathBuf>,
}

impl Detect {
    /// Looks; fails when a cell could not be read.
    pub fn run(self) -> Result<ExitCode, Problem> {
        if let Some(unknown) = self.model.iter().find(|id| !model_names().any(|known| known == **id)) {
            let known: Vec<&str> = model_names().collect();
            return Err(format!("there is no model {unknown}; there are: {}", known.join(", ")).into());
        }
        for out in &self.out {
            Format::of(out)?;
        }
        let settings = region::detection::settings(&self.region)?;
        let claims = claim_folder::read(&self.folder)?;
        let book = Book::new(&claims.histories, &claims.surroundings, &claims.stock, &settings);
        let found = detect(&book, &settings, &self.model);
        match self.out.as_slice() {
            [] => lines(&mut std::io::stdout().lock(), &found)?,
            outs => outs.iter().try_for_each(|out| write(out, &found))?,
        }
        for note in book.notes() {
            eprintln!("{note}");
        }
        eprintln!("{} 次就诊，{} 个疑点 visits, suspicions", book.size(), found.len());
        if let Some(path) = &self.errors {
            let mut out = RowErrors::to(path);
            claims.errors.iter().try_for_each(|error| out.add(error))?;
            out.finish()?;
        } else {
            claims.errors.iter().take(20).for_each(|error| eprintln!("{error}"));
        }
        Ok(told(claims.errors.len() as u64, self.errors.as_deref()))
    }
}

fn write(out: &Path, found: &[Suspicion]) -> Result<(), Problem> {
    if Format::of(out)? == Format::JsonLines {
        let file = std::fs::File::create(out).map_err(|error| format!("{}: cannot be made: {error}", out.display()))?;
        return lines(&mut std::io::BufWriter::new(file), found);
    }
    table(out, found)
}

/// One object a line, with every part, member and amount.
fn lines(out: &mut dyn Write, found: &[Suspicion]) -> Result<(), Problem> {
    for (rank, one) in (1..).zip(found) {
        let mut shown = serde_json::to_value(one)?;
        shown["rank"] = serde_json::json!(rank);
        shown["weighted"] = serde_json::json!(one.weighted().to_string());
        writeln!(out, "{shown}")?;
    }
    Ok(out.flush()?)
}

/// One row a suspicion: what an auditor sorts and assigns.
fn table(out: &Path, found: &[Suspicion]) -> Result<(), Problem> {
    let columns = [
        ("序号", ColumnKind::Whole),
        ("模型", ColumnKind::Text),
        ("得分（千分）", ColumnKind::Whole),
        ("基金金额", ColumnKind::Money),
        ("费用", ColumnKind::Money),
        ("金额×得分", ColumnKind::Money),
        ("缘由", ColumnKind::Text),
        ("分项", ColumnKind::Text),
        ("未能核对", ColumnKind::Text),
        ("机构", ColumnKind::Text),
        ("医师", ColumnKind::Text),
        ("人数", ColumnKind::Whole),
        ("就诊数", ColumnKind::Whole),
        ("就诊ID", ColumnKind::Text),
        ("疑点", ColumnKind::Text),
    ];
    let columns = columns.map(|(name, kind)| Column::new(name, kind)).to_vec();
    let mut writer = TableWriter::create(out, "疑点", columns)?;
    let count = |number: usize| Cell::Whole(i64::try_from(number).unwrap_or(i64::MAX));
    for (rank, one) in (1..).zip(found) {
        let listed = |set: &std::collections::BTreeSet<String>, most: usize| {
            let some: Vec<&str> = set.iter().take(most).map(String::as_str).collect();
            if set.len() > most { format!("{} … {}", some.join(" "), set.len()) } else { some.join(" ") }
        };
        let parts = one.parts.iter().filter(|part| part.contribution != 0);
        let parts: Vec<String> =
            parts.map(|part| format!("{} {}（{}）", part.name, part.contribution, part.facts)).collect();
        let funds: terms::Fen = one.stake.by_fund.values().copied().sum();
        let (parts, missing) = (parts.join("；"), one.missing.join("、"));
        let (places, doctors) = (listed(&one.members.institutions, 5), listed(&one.members.doctors, 5));
        let visits = listed(&one.members.visits, 20);
        writer.write(&[
            Cell::Whole(rank),
            Cell::Text(&one.name),
            Cell::Whole(one.score),
            if one.stake.by_fund.is_empty() { Cell::Empty } else { Cell::Money(funds) },
            Cell::Money(one.stake.fee),
            Cell::Money(one.weighted()),
            Cell::Text(&one.why),
            Cell::Text(&parts),
            Cell::Text(&missing),
            Cell::Text(&places),
            Cell::Text(&doctors),
            count(one.members.persons.len()),
            count(one.members.visits.len()),
            Cell::Text(&visits),
            Cell::Text(&one.group),
        ])?;
    }
    Ok(writer.finish()?)
}
