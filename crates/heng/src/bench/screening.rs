//! Audit rules over a lake of synthetic claims: one pass of all rules of a region, threads by
//! parts. The claims are a synthetic city's year, told again under other numbers (persons, visits,
//! institutions, doctors) until there are as many lines as are wanted: the same for ever.

// Lines a second, not money.
#![allow(clippy::float_arithmetic)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Instant;

use city::{City, CityOptions, RegionFiles};
use clap::Args;
use encounter::{Encounter, History, Institution, Practitioner};
use lake::{Lake, LakeTable, Month, MonthWriter, PersonWriter, Screening as How, part_of, write_records};
use screening::Options;

use crate::commands::Problem;

/// Lines a second of all rules of a region over a lake of synthetic claims.
#[derive(Args)]
pub struct Screening {
    /// How many lines, about.
    #[arg(long, default_value_t = 10_000_000)]
    lines: u64,
    /// A lake that is there already: nothing is made.
    #[arg(long)]
    lake: Option<PathBuf>,
    /// Where the claims are put, and stay; otherwise they go afterwards.
    #[arg(long)]
    keep: Option<PathBuf>,
    /// Threads.
    #[arg(long, default_value_t = 2)]
    threads: usize,
    /// The region whose rules run.
    #[arg(long, default_value = "regions/999900")]
    region: PathBuf,
    /// Also how much each rule found.
    #[arg(long)]
    by_rule: bool,
}

/// Persons of the city whose year is told again and again.
const PEOPLE: u32 = 4_000;

impl Screening {
    pub fn run(self) -> Result<ExitCode, Problem> {
        if let Some(lake) = &self.lake {
            return self.measure(&Lake::open(lake)?);
        }
        let scratch = tempfile::tempdir()?;
        let folder = self.keep.clone().unwrap_or_else(|| scratch.path().join("lake"));
        let begun = Instant::now();
        let lines = make(&folder, self.lines, self.threads, &self.region)?;
        eprintln!("heng: {lines} lines of claims made in {:.0} s", begun.elapsed().as_secs_f64());
        // In a process of its own: what it holds at most is then what screening holds.
        let mut again = Command::new(std::env::current_exe()?);
        again.args(["bench", "screening", "--lake"]).arg(&folder).arg("--region").arg(&self.region);
        again.args(["--threads", &self.threads.to_string()]);
        if self.by_rule {
            again.arg("--by-rule");
        }
        Ok(if again.status()?.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }

    fn measure(&self, lake: &Lake) -> Result<ExitCode, Problem> {
        let region = crate::wiring::open_region(&self.region)?;
        let library = region.screening()?.library;
        let screener = library.around(&crate::commands::surroundings(lake)?);
        let how = How { screener: &screener, options: Options::default(), threads: self.threads, keep: None };
        let begun = Instant::now();
        let found = lake::screen(lake, &how, &[], &|_| ())?;
        let seconds = begun.elapsed().as_secs_f64();
        if self.by_rule {
            let mut by_rule: BTreeMap<&str, usize> = BTreeMap::new();
            for finding in &found.screened.findings {
                *by_rule.entry(&finding.rule).or_default() += 1;
            }
            for (header, coverage) in library.headers().iter().zip(&found.screened.coverage) {
                let findings = by_rule.get(header.id.as_str()).copied().unwrap_or_default();
                let not_checked: u64 = coverage.not_checked.values().sum();
                let skipped = coverage.skipped.map(|why| format!(" skipped={why:?}")).unwrap_or_default();
                println!(
                    "{} findings={findings} checked={} not_checked={not_checked}{skipped}",
                    header.id, coverage.checked
                );
            }
        }
        println!(
            "rate_per_s={:.0} lines={} visits={} persons={} seconds={seconds:.2} peak_mb={} rules={} findings={}",
            found.lines as f64 / seconds.max(1e-9),
            found.lines,
            found.visits,
            found.persons,
            peak_mb(),
            library.headers().len(),
            found.screened.findings.len(),
        );
        Ok(ExitCode::SUCCESS)
    }
}

/// Makes a lake of about so many lines.
fn make(folder: &Path, lines: u64, threads: usize, region: &Path) -> Result<u64, Problem> {
    let files = RegionFiles::read(region)?;
    let options = CityOptions {
        people: PEOPLE,
        days: 365,
        seed: 7,
        from: jiff::civil::date(2025, 7, 1),
        fraud: 100,
        ..CityOptions::default()
    };
    let claims = City::new(options, &files)?.claims();
    let base: Vec<History> = claims.histories.into_iter().filter(|history| !history.encounters.is_empty()).collect();
    let of_base: u64 = base.iter().flat_map(|history| &history.encounters).map(|visit| visit.lines.len() as u64).sum();
    let copies = lines.div_ceil(of_base.max(1)).max(1);
    let parts = u32::try_from(lines / 1_500_000).unwrap_or(u32::MAX).clamp(2, 512);
    let lake = Lake::create(folder, parts)?;
    let around = (0..copies).map(|copy| around(&claims.surroundings, copy));
    let (institutions, practitioners): (Vec<_>, Vec<_>) = around.unzip();
    write_records(&lake.whole(LakeTable::Institutions), LakeTable::Institutions, institutions.iter().flatten())?;
    write_records(&lake.whole(LakeTable::Practitioners), LakeTable::Practitioners, practitioners.iter().flatten())?;
    let (next, failed) = (AtomicU32::new(0), Mutex::new(None));
    std::thread::scope(|scope| {
        for _ in 0..threads.max(1) {
            scope.spawn(|| {
                loop {
                    let part = next.fetch_add(1, Ordering::Relaxed);
                    if part >= parts {
                        return;
                    }
                    if let Err(error) = make_part(&lake, &base, copies, part) {
                        *failed.lock().expect("no thread panics") = Some(error.to_string());
                        return;
                    }
                }
            });
        }
    });
    match failed.into_inner().expect("no thread panics") {
        Some(error) => Err(error.into()),
        None => Ok(copies * of_base),
    }
}

fn make_part(lake: &Lake, base: &[History], copies: u64, part: u32) -> Result<(), Problem> {
    let mut persons: Vec<(String, usize, u64)> = Vec::new();
    for copy in 0..copies {
        for (at, history) in base.iter().enumerate() {
            let number = again(history.person.psn_no.as_deref().unwrap_or_default(), copy);
            if part_of(&number, lake.parts()) == part {
                persons.push((number, at, copy));
            }
        }
    }
    persons.sort();
    let mut people = PersonWriter::new(lake, part);
    let mut months: BTreeMap<Month, MonthWriter> = BTreeMap::new();
    for (number, at, copy) in persons {
        let mut person = base[at].person.clone();
        person.psn_no = Some(number.clone());
        people.add(&person)?;
        let mut own: BTreeMap<Month, Vec<Encounter>> = BTreeMap::new();
        for visit in &base[at].encounters {
            own.entry(Month::of_visit(visit)).or_default().push(visit_again(visit, &number, copy));
        }
        for (month, visits) in own {
            months.entry(month).or_insert_with(|| MonthWriter::new(lake, month, part)).add(&number, &visits)?;
        }
    }
    people.finish()?;
    for writer in months.into_values() {
        writer.finish()?;
    }
    Ok(())
}

/// A number told again: the copy stands behind it.
fn again(number: &str, copy: u64) -> String {
    format!("{number}-{copy:04}")
}

fn rename(copy: u64) -> impl Fn(&mut Option<String>) {
    move |number| {
        if let Some(number) = number {
            *number = again(number, copy);
        }
    }
}

fn visit_again(visit: &Encounter, psn_no: &str, copy: u64) -> Encounter {
    let mut visit = visit.clone();
    let rename = rename(copy);
    visit.psn_no = Some(psn_no.to_owned());
    for number in [&mut visit.mdtrt_id, &mut visit.setl_id, &mut visit.fixmedins_code, &mut visit.dr_codg] {
        rename(number);
    }
    visit.diagnoses.iter_mut().for_each(|row| rename(&mut row.mdtrt_id));
    for row in &mut visit.procedures {
        [&mut row.mdtrt_id, &mut row.oper_dr_code, &mut row.anst_dr_code].into_iter().for_each(&rename);
    }
    for row in &mut visit.lines {
        [&mut row.mdtrt_id, &mut row.feedetl_sn, &mut row.init_feedetl_sn, &mut row.bilg_dr_codg]
            .into_iter()
            .for_each(&rename);
        row.drug_trac_codg.iter_mut().flatten().for_each(|code| *code = again(code, copy));
    }
    visit
}

fn around(of: &encounter::Surroundings, copy: u64) -> (Vec<Institution>, Vec<Practitioner>) {
    let rename = rename(copy);
    let institutions = of.institutions.iter().cloned().map(|mut one| {
        rename(&mut one.fixmedins_code);
        one
    });
    let practitioners = of.practitioners.iter().cloned().map(|mut one| {
        rename(&mut one.fixmedins_code);
        rename(&mut one.prac_psn_code);
        one
    });
    (institutions.collect(), practitioners.collect())
}

/// What the process held at most, in megabytes; 0 where the system does not tell.
fn peak_mb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok()).unwrap_or_default() / 1_024
}
