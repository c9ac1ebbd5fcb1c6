//! `heng simulate`: a period replayed under another policy folder.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex};

use adjudication::simulate::Past;
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use intake::{Cell, Column, ColumnKind, Row, Source, SourceOptions, TableWriter};
use journeys::Centre;
use region::simulate::{Change, Outcome, Summary, Sums, simulate};
use region::{Ground, Region};
use terms::{Date, DateTime, Fen, Period, PersonId};

use super::Problem;
use crate::centre::on_register;
use crate::wiring::{Place, open_region};

/// Persons that are read in one go.
const PAGE: i64 = 200;

/// Replays a period under another policy folder: who gains, who loses, what the funds pay.
#[derive(Args)]
pub struct Simulate {
    /// The policy folder to try.
    with: PathBuf,
    /// The first day of settlement that counts, yyyy-MM-dd.
    #[arg(long)]
    from: Option<Date>,
    /// The last day of settlement that counts.
    #[arg(long)]
    to: Option<Date>,
    /// Catalogue and institutions of the folder to try, too; those of the centre unless given.
    #[arg(long)]
    own_catalogue: bool,
    /// A file of pasts (written with --save) instead of a centre's database.
    #[arg(long, conflicts_with = "save")]
    pasts: Option<PathBuf>,
    /// Also keeps the pasts in a file (.parquet or .csv), to replay without the database. It holds personal data.
    #[arg(long)]
    save: Option<PathBuf>,
    /// A table of every settlement under both laws (.csv, .xlsx, .parquet).
    #[arg(long)]
    out: Option<PathBuf>,
    /// Shows the numbers of persons in full in the table.
    #[arg(long, requires = "out")]
    unmasked: bool,
    /// How many replay side by side.
    #[arg(long, default_value_t = std::thread::available_parallelism().map_or(1, usize::from))]
    threads: usize,
    #[command(flatten)]
    place: Place,
}

/// A past, or why there are no more.
type Read = Result<Past, Problem>;

impl Simulate {
    /// Replays; fails when nothing could be compared.
    pub fn run(self) -> Result<ExitCode, Problem> {
        let (before, after) = (open_region(&self.place.region)?, open_region(&self.with)?);
        let period = Period { begin: self.from.unwrap_or(Date::MIN), end: self.to };
        let funds = before.fund_names();
        let present = self.present(before)?;
        let mut table = self.out.as_deref().map(Table::create).transpose()?;
        let mut kept = self.save.as_deref().map(Kept::create).transpose()?;
        let mut summary = Summary::default();
        let bar = ProgressBar::new_spinner()
            .with_style(ProgressStyle::with_template("{spinner} {pos} 人 persons, {per_sec}, {elapsed}")?);
        std::thread::scope(|scope| -> Result<(), Problem> {
            let (reading, pasts) = sync_channel::<Read>(4 * PAGE as usize);
            let source = self.source(&present)?;
            scope.spawn(move || source.read(&reading));
            let pasts = Arc::new(Mutex::new(pasts));
            let (telling, outcomes) = sync_channel(PAGE as usize);
            for _ in 0..self.threads.max(1) {
                let (pasts, telling) = (Arc::clone(&pasts), telling.clone());
                let before = ground(&present);
                let after = self.other(&after, before);
                scope.spawn(move || work(&pasts, &telling, before, after, &period));
            }
            // With every worker gone, the reader's next send fails and it ends, too.
            drop((telling, pasts));
            for told in outcomes {
                let (past, outcome) = told?;
                if let Some(kept) = &mut kept {
                    kept.write(&past)?;
                }
                if let Some(table) = &mut table {
                    outcome.changes.iter().try_for_each(|change| table.write(change, self.unmasked))?;
                }
                summary.add(&outcome);
                bar.inc(1);
            }
            Ok(())
        })?;
        bar.finish_and_clear();
        table.map(|table| table.0.finish()).transpose()?;
        kept.map(|kept| kept.0.finish()).transpose()?;
        tell(&summary, &funds, &self.place.region, &self.with);
        Ok(if summary.all.settlements == 0 { ExitCode::FAILURE } else { ExitCode::SUCCESS })
    }

    /// The present law; with a database, on the registers' own catalogue and institutions.
    fn present(&self, region: Region) -> Result<Centre, Problem> {
        let centre = region.into_centre(gateway::Config::for_region("").limits.lines);
        if self.pasts.is_some() {
            return Ok(centre);
        }
        on_register(centre, &self.place.open_database()?)
    }

    fn other<'a>(&self, region: &'a Region, present: Ground<'a>) -> Ground<'a> {
        let own = region.ground();
        if self.own_catalogue { own } else { Ground { law: own.law, ..present } }
    }

    fn source<'a>(&'a self, centre: &'a Centre) -> Result<From<'a>, Problem> {
        Ok(match &self.pasts {
            Some(file) => From::File(file),
            None => From::Database { centre, database: self.place.open_database()? },
        })
    }
}

fn ground(centre: &Centre) -> Ground<'_> {
    Ground {
        law: &centre.law,
        items: &*centre.catalogue,
        institutions: &centre.institutions,
        area: centre.region.as_str(),
    }
}

/// Takes pasts until there are no more, and tells what each came to.
fn work(
    pasts: &Mutex<Receiver<Read>>,
    telling: &SyncSender<Result<(Past, Outcome), Problem>>,
    before: Ground,
    after: Ground,
    period: &Period,
) {
    loop {
        let next = pasts.lock().map(|pasts| pasts.recv());
        let Ok(Ok(past)) = next else { return };
        let told = past.and_then(|past| {
            let outcome = simulate(before, after, &past, period)
                .map_err(|error| format!("person {}: {error}", mask(past.person.psn_no.as_str())))?;
            Ok((past, outcome))
        });
        if telling.send(told).is_err() {
            return;
        }
    }
}

/// Where pasts come from.
enum From<'a> {
    File(&'a Path),
    Database { centre: &'a Centre, database: db::Database },
}

impl From<'_> {
    fn read(self, to: &SyncSender<Read>) {
        let read = match &self {
            From::File(file) => read_file(file, to),
            From::Database { centre, database } => read_database(centre, database, to),
        };
        if let Err(problem) = read {
            // Nobody listens any more when the other side has failed already.
            to.send(Err(problem)).ok();
        }
    }
}

fn read_file(file: &Path, to: &SyncSender<Read>) -> Result<(), Problem> {
    let mut source = Source::open(file, SourceOptions::default())?;
    let mut table = source.table()?;
    let mut row = Row::new();
    while table.next(&mut row)? {
        let past = serde_json::from_str(row.cell(1))
            .map_err(|error| format!("{}, row {}, past: {error}", file.display(), row.number()))?;
        if to.send(Ok(past)).is_err() {
            return Ok(());
        }
    }
    Ok(())
}

fn read_database(centre: &Centre, database: &db::Database, to: &SyncSender<Read>) -> Result<(), Problem> {
    let always = (DateTime::MIN, DateTime::constant(9999, 12, 31, 23, 59, 59, 0));
    let mut after = PersonId(String::new());
    loop {
        let (centre, last) = (centre.clone(), after.clone());
        let page = database.read(move |tx| centre.pasts(tx, &last, always, PAGE))?;
        let Some(last) = page.last() else { return Ok(()) };
        after = last.person.psn_no.clone();
        for past in page {
            if to.send(Ok(past)).is_err() {
                return Ok(());
            }
        }
    }
}

/// The pasts in a file.
struct Kept(TableWriter);

impl Kept {
    fn create(path: &Path) -> Result<Kept, Problem> {
        let columns = ["psn_no", "past"].map(|name| Column::new(name, ColumnKind::Text));
        Ok(Kept(TableWriter::create(path, "pasts", columns.into())?))
    }

    fn write(&mut self, past: &Past) -> Result<(), Problem> {
        let text = serde_json::to_string(past)?;
        Ok(self.0.write(&[Cell::Text(past.person.psn_no.as_str()), Cell::Text(&text)])?)
    }
}

/// Every settlement under both laws.
struct Table(TableWriter);

impl Table {
    fn create(path: &Path) -> Result<Table, Problem> {
        let text = |name| Column::new(name, ColumnKind::Text);
        let money = |name| Column::new(name, ColumnKind::Money);
        let columns = vec![
            text("psn_no"),
            text("setl_id"),
            text("setl_date"),
            text("insutype"),
            text("psn_type"),
            text("med_type"),
            text("fixmedins_code"),
            text("hi_setl_lv"),
            money("medfee_sumamt"),
            money("fund_before"),
            money("fund_after"),
            money("person_before"),
            money("person_after"),
            money("person_change"),
            text("refused_after"),
        ];
        Ok(Table(TableWriter::create(path, "模拟", columns)?))
    }

    fn write(&mut self, change: &Change, unmasked: bool) -> Result<(), Problem> {
        let masked = mask(&change.psn_no);
        let day = change.day.to_string();
        let (before, after) = (&change.before, &change.after);
        Ok(self.0.write(&[
            Cell::Text(if unmasked { &change.psn_no } else { &masked }),
            Cell::Text(&change.setl_id),
            Cell::Text(&day),
            Cell::Text(&change.insutype),
            Cell::Text(&change.psn_type),
            Cell::Text(&change.med_type),
            Cell::Text(&change.fixmedins_code),
            Cell::Text(&change.hi_setl_lv),
            Cell::Money(change.medfee_sumamt),
            Cell::Money(before.funds),
            Cell::Money(after.funds),
            Cell::Money(before.person),
            Cell::Money(after.person),
            Cell::Money(after.person - before.person),
            Cell::Text(after.refused.as_deref().unwrap_or_default()),
        ])?)
    }
}

/// The last four characters of a person's number.
fn mask(psn_no: &str) -> String {
    let tail: Vec<char> = psn_no.chars().rev().take(4).collect();
    format!("…{}", tail.into_iter().rev().collect::<String>())
}

fn tell(summary: &Summary, funds: &BTreeMap<String, String>, before: &Path, after: &Path) {
    let (less, same, more) = summary.persons();
    println!("政策模拟 simulation: {} → {}", before.display(), after.display());
    println!("  全部 all: {}", sums(&summary.all));
    println!("  个人 persons: 少付 pay less {less}, 不变 same {same}, 多付 pay more {more}");
    for (fund, (old, new)) in &summary.by_fund {
        let name = funds.get(fund).map_or("", String::as_str);
        println!("  基金 fund {fund} {name}: {old} → {new} ({})", signed(*new - *old));
    }
    for ((insutype, psn_type), group) in &summary.by_person_group {
        println!("  险种 {insutype} 人员类别 {psn_type}: {}", sums(group));
    }
    for ((med_type, level), group) in &summary.by_care {
        println!("  医疗类别 {med_type} 等级 {level}: {}", sums(group));
    }
    for (what, (count, example)) in &summary.left_out {
        println!("  未比较 left out: {count} 笔 settlements, the present law replayed differs in {what} ({example})");
    }
}

fn sums(sums: &Sums) -> String {
    let Sums { settlements, persons, medfee_sumamt, funds, person, refused } = sums;
    let refused = if *refused > 0 { format!(", 拒付 refused {refused}") } else { String::new() };
    format!(
        "{settlements} 笔, {} 人, 总额 {medfee_sumamt}, 基金 funds {} → {} ({}), 个人 person {} → {} ({}){refused}",
        persons.len(),
        funds.0,
        funds.1,
        signed(funds.1 - funds.0),
        person.0,
        person.1,
        signed(person.1 - person.0),
    )
}

fn signed(amount: Fen) -> String {
    if amount > Fen::ZERO { format!("+{amount}") } else { amount.to_string() }
}
