//! `heng rules`: a bureau's audit rules in a centre's database: which library is in force, what
//! another would change, whom a rule leaves alone, how often each rule was right.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitCode;

use clap::{Args, Subcommand, ValueEnum};
use db::{Database, DbError};
use encounter::History;
use indicatif::{ProgressBar, ProgressStyle};
use journeys::{Centre, JourneyError, Reviewing, TrialReport, Tried};
use monitoring::{Run, Set, Suppressing};
use operation::Operation;
use screening::{Force, Outcomes, RuleChange, Suppression};
use terms::{Date, DateTime, PersonId, parse_date};

use super::Problem;
use crate::wiring::{Place, open_region};

/// Audit rules in force: tries, activates and takes back libraries, and shows each rule's record.
#[derive(Args)]
pub struct Rules {
    #[command(subcommand)]
    what: What,
    /// Who does it, as the record names them.
    #[arg(long, global = true, default_value = "heng rules")]
    by: String,
    #[command(flatten)]
    place: Place,
}

#[derive(Subcommand)]
enum What {
    /// Shows libraries, what is in force, each rule's force and precision.
    Show,
    /// Brings the region folder's library in; the first one is put in force.
    BringIn,
    /// Tries a library on settled visits beside the one in force and tells what would change.
    Try {
        /// First day of settlement.
        #[arg(long)]
        from: String,
        /// Last day of settlement.
        #[arg(long)]
        to: String,
        /// Records after this day are not seen; today unless given.
        #[arg(long)]
        as_of: Option<String>,
        /// The library, or the beginning of its version; the folder's unless given.
        version: Option<String>,
    },
    /// Reviews settled visits with the library in force; its findings are what cases are made from.
    Review {
        /// First day of settlement.
        #[arg(long)]
        from: String,
        /// Last day of settlement.
        #[arg(long)]
        to: String,
        /// Records after this day are not seen; today unless given.
        #[arg(long)]
        as_of: Option<String>,
    },
    /// Puts a library in force that was tried.
    Activate {
        /// The library, or the beginning of its version.
        version: String,
        /// Why.
        #[arg(long)]
        why: String,
    },
    /// One step back, to the library that was in force before.
    RollBack {
        /// Why.
        #[arg(long)]
        why: String,
    },
    /// Sets how far a rule may go, up or down; its record counts anew.
    Force {
        /// 规则标识.
        rule: String,
        /// 规则版本.
        version: String,
        /// How far.
        #[arg(long, value_enum)]
        to: To,
        /// Why.
        #[arg(long)]
        why: String,
    },
    /// Lets a rule leave somebody or something alone; every condition that is given must hold.
    Suppress(Suppress),
    /// Ends a suppression before its time.
    EndSuppression {
        /// Its number.
        id: String,
        /// Why.
        #[arg(long)]
        why: String,
    },
}

#[derive(Args)]
struct Suppress {
    /// 规则标识; every rule unless given.
    #[arg(long)]
    rule: Option<String>,
    /// 人员编号.
    #[arg(long)]
    person: Option<String>,
    /// 定点医药机构编号.
    #[arg(long)]
    institution: Option<String>,
    /// 目录编码.
    #[arg(long)]
    item: Option<String>,
    /// 诊断代码, or its beginning.
    #[arg(long)]
    diagnosis: Option<String>,
    /// First day of the visits.
    #[arg(long)]
    from: String,
    /// Last day of the visits.
    #[arg(long)]
    until: Option<String>,
    /// Why.
    #[arg(long)]
    why: String,
}

#[derive(Clone, Copy, ValueEnum)]
enum To {
    /// 明确违规.
    Violation,
    /// 可疑.
    Suspected,
    /// 提示.
    Hint,
    /// 停用.
    Off,
}

impl To {
    fn force(self) -> Force {
        match self {
            To::Violation => Force::Violation,
            To::Suspected => Force::Suspected,
            To::Hint => Force::Hint,
            To::Off => Force::Off,
        }
    }
}

impl Rules {
    /// Does it.
    pub fn run(self) -> Result<ExitCode, Problem> {
        let database = self.place.open_database()?;
        let bureau = Bureau::open(&self.place.region, database, self.by, jiff::Zoned::now().datetime())?;
        match self.what {
            What::Show => bureau.show()?,
            What::BringIn => println!("规则库 {}", bureau.bring_in()?),
            What::Try { from, to, as_of, version } => {
                let as_of = as_of.map(|day| read_day("--as-of", &day)).transpose()?;
                bureau.try_out((read_day("--from", &from)?, read_day("--to", &to)?), as_of, version.as_deref())?;
            }
            What::Review { from, to, as_of } => {
                let as_of = as_of.map(|day| read_day("--as-of", &day)).transpose()?;
                let run = bureau.review((read_day("--from", &from)?, read_day("--to", &to)?), as_of)?;
                println!("{} 人，{} 个疑点，计入金额 {}", run.persons, run.findings, run.amount);
            }
            What::Activate { version, why } => {
                let version = bureau.version(&version)?;
                let known = version.clone();
                bureau.deed(move |centre, tx, operation| centre.activate_library(tx, operation, &known, &why))?;
                println!("已启用 {version} in force");
            }
            What::RollBack { why } => {
                let version =
                    bureau.deed(move |centre, tx, operation| centre.roll_back_library(tx, operation, &why))?;
                println!("已回退到 {version} in force again");
            }
            What::Force { rule, version, to, why } => bureau.force(rule, version, to.force(), why)?,
            What::Suppress(asked) => bureau.suppress(asked)?,
            What::EndSuppression { id, why } => bureau.end_suppression(id, why)?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn read_day(option: &str, text: &str) -> Result<Date, Problem> {
    parse_date(text).ok_or_else(|| format!("{option} {text}: not a date; write it as 2026-02-05").into())
}

pub(super) struct Bureau {
    centre: Centre,
    database: Database,
    by: String,
    now: DateTime,
}

/// Persons read at once.
const A_BATCH: i64 = 200;

impl Bureau {
    /// The bureau of a region folder.
    pub(super) fn open(region: &Path, database: Database, by: String, now: DateTime) -> Result<Bureau, Problem> {
        let region = open_region(region)?;
        let supervision = region.supervision()?;
        let centre = Centre { supervision, ..region.into_centre(gateway::Config::for_region("").limits.lines) };
        Ok(Bureau { centre, database, by, now })
    }

    fn operation(&self) -> Result<Operation, Problem> {
        let mut seed = [0_u8; 32];
        getrandom::fill(&mut seed)?;
        Ok(Operation::of_bureau("rules", &self.by, self.now, seed))
    }

    pub(super) fn deed<T: Send + 'static>(
        &self,
        journey: impl Fn(&Centre, &mut dyn db::Tx, &Operation) -> Result<T, JourneyError> + Send + Sync + 'static,
    ) -> Result<T, Problem> {
        let (centre, operation) = (self.centre.clone(), self.operation()?);
        Ok(self.database.deed(move |tx| journey(&centre, tx, &operation))?)
    }

    pub(super) fn ask<T: Send + 'static>(
        &self,
        question: impl Fn(&mut dyn db::Tx) -> Result<T, DbError> + Send + Sync + 'static,
    ) -> Result<T, Problem> {
        Ok(self.database.read(question)?)
    }

    /// The one library whose version begins so.
    fn version(&self, beginning: &str) -> Result<String, Problem> {
        let known = self.ask(|tx| monitoring::libraries(tx))?;
        let mut fitting = known.into_iter().map(|row| row.version).filter(|version| version.starts_with(beginning));
        match (fitting.next(), fitting.next()) {
            (Some(version), None) => Ok(version),
            (None, _) => Err(format!("no library begins with {beginning}; `heng rules show` lists them").into()),
            _ => Err(format!("several libraries begin with {beginning}; give more of it").into()),
        }
    }

    /// Brings the folder's library in; the first one is put in force.
    pub(super) fn bring_in(&self) -> Result<String, Problem> {
        self.deed(|centre, tx, operation| centre.bring_in_library(tx, operation))
    }

    fn show(&self) -> Result<(), Problem> {
        let placings = self.ask(|tx| monitoring::placings(tx, Set::Active))?;
        let in_force = placings.first().map(|placing| placing.version.clone());
        for row in self.ask(|tx| monitoring::libraries(tx))? {
            let mark = if Some(&row.version) == in_force.as_ref() { "●" } else { " " };
            println!("{mark} {} {} 条规则，{} {} 导入", row.version, row.rules, row.brought_at, row.brought_by);
        }
        for row in &placings {
            println!("  {} {} {} {}：{}", row.at, row.deed.code(), short(&row.version), row.by, row.why);
        }
        let standings = self.ask(|tx| monitoring::standings(tx))?;
        let forces: BTreeMap<(String, String), Force> =
            standings.into_iter().map(|row| ((row.rule_id, row.rule_version), row.force)).collect();
        println!("\n规则 版本 核实 属实 准确率下限 效力");
        for row in self.ask(|tx| monitoring::records(tx))? {
            let force = forces.get(&(row.rule_id.clone(), row.rule_version.clone()));
            let word = force.map_or("本级", |force| force.word());
            println!("{} {} {} {}", row.rule_id, row.rule_version, told(row.outcomes), word);
        }
        for row in self.ask(|tx| monitoring::force_changes(tx))? {
            println!("  {} {} {}→{} {}：{}", row.at, row.rule_id, row.from.word(), row.to.word(), row.by, row.why);
        }
        for row in self.ask(|tx| monitoring::suppressions(tx))? {
            let kept = row.suppression;
            let until = kept.until.map_or_else(|| "不限".to_owned(), |day| day.to_string());
            let ended = row.ended.map(|ended| format!("，{} {} 终止：{}", ended.at, ended.by, ended.why));
            let rule = kept.rule.as_deref().unwrap_or("全部规则");
            println!(
                "豁免 {} {rule} {} – {until} {}：{}{}",
                kept.id,
                kept.from,
                kept.by,
                kept.why,
                ended.unwrap_or_default()
            );
        }
        Ok(())
    }

    fn try_out(&self, (from, to): (Date, Date), as_of: Option<Date>, version: Option<&str>) -> Result<(), Problem> {
        let version = match version {
            Some(beginning) => self.version(beginning)?,
            None => self.bring_in()?,
        };
        let period = (from.at(0, 0, 0, 0), to.at(23, 59, 59, 0));
        let as_of = as_of.map_or(self.now, |day| day.at(23, 59, 59, 0));
        let (centre, operation) = (self.centre.clone(), self.operation()?);
        let begun: Result<Tried, JourneyError> =
            self.database.read(move |tx| centre.begin_trial(tx, &operation, &version, period, as_of));
        let mut trial = begun?;
        self.histories(period, |history| trial.add(history))?;
        let now = self.now;
        let report = self.database.deed(move |tx| trial.conclude(tx, now))?;
        tell(&report);
        Ok(())
    }

    /// Reviews the visits settled on these days.
    pub(super) fn review(&self, (from, to): (Date, Date), as_of: Option<Date>) -> Result<Run, Problem> {
        let period = (from.at(0, 0, 0, 0), to.at(23, 59, 59, 0));
        let as_of = as_of.map_or(self.now, |day| day.at(23, 59, 59, 0));
        let (centre, operation) = (self.centre.clone(), self.operation()?);
        let begun: Result<Reviewing, JourneyError> =
            self.database.read(move |tx| centre.begin_review(tx, &operation, period, as_of));
        let mut review = begun?;
        self.histories(period, |history| review.add(history))?;
        let now = self.now;
        Ok(self.database.deed(move |tx| review.conclude(tx, now))?)
    }

    /// The histories of everybody with a settlement in a time, one after the other.
    pub(super) fn histories(
        &self,
        period: (DateTime, DateTime),
        mut each: impl FnMut(&History),
    ) -> Result<(), Problem> {
        let bar = ProgressBar::new_spinner().with_style(ProgressStyle::with_template("{spinner} {pos} 人 {elapsed}")?);
        let mut after = PersonId(String::new());
        loop {
            let (centre, last) = (self.centre.clone(), after.clone());
            let histories = self.database.read(move |tx| centre.next_histories(tx, period, &last, A_BATCH))?;
            let Some(last) = histories.last().and_then(|history| history.person.psn_no.clone()) else { break };
            for history in &histories {
                each(history);
                bar.inc(1);
            }
            after = PersonId(last);
        }
        bar.finish_and_clear();
        Ok(())
    }

    fn force(&self, rule: String, version: String, to: Force, why: String) -> Result<(), Problem> {
        let centre = self.centre.clone();
        let header = self.database.read(move |tx| -> Result<_, JourneyError> {
            let supervision = centre.supervision()?;
            supervision.refresh(tx)?;
            Ok(supervision.in_force())
        })?;
        let own = header.as_ref().and_then(|in_force| {
            in_force.library.headers.iter().find(|header| header.id == rule && header.version == version)
        });
        let own = own.ok_or_else(|| format!("no rule {rule} of version {version} is in force"))?;
        let from = Force::of(own.severity);
        let change =
            self.deed(move |centre, tx, operation| centre.set_force(tx, operation, (&rule, &version), from, to, &why))?;
        println!("{} {}：{} → {}", change.rule_id, change.rule_version, change.from.word(), change.to.word());
        Ok(())
    }

    fn suppress(&self, asked: Suppress) -> Result<(), Problem> {
        let id = self.operation()?.new_id("suppression");
        let row = Suppressing {
            suppression: Suppression {
                id: id.clone(),
                rule: asked.rule,
                psn_no: asked.person,
                fixmedins_code: asked.institution,
                med_list_codg: asked.item,
                diag_code: asked.diagnosis,
                from: read_day("--from", &asked.from)?,
                until: asked.until.map(|day| read_day("--until", &day)).transpose()?,
                by: self.by.clone(),
                why: asked.why,
            },
            made_at: self.now,
            ended: None,
        };
        self.deed(move |_, tx, _| Ok(monitoring::suppress(tx, &row)?))?;
        println!("豁免 {id}");
        Ok(())
    }

    fn end_suppression(&self, id: String, why: String) -> Result<(), Problem> {
        let number = id.clone();
        let ended = self.deed(move |_, tx, operation| {
            Ok(monitoring::end_suppression(tx, &number, operation.received_at, &operation.operator, &why)?)
        })?;
        if ended { Ok(()) } else { Err(format!("no suppression {id} stands; `heng rules show` lists them").into()) }
    }
}

fn short(version: &str) -> &str {
    version.get(..12).unwrap_or(version)
}

fn told(outcomes: Outcomes) -> String {
    let lower = outcomes.precision().map_or_else(|| "—".to_owned(), |known| known.lower.to_string());
    format!("{} {} {lower}", outcomes.total(), outcomes.confirmed)
}

fn tell(report: &TrialReport) {
    println!(
        "试运行 {}：{} 与在用的 {} 相比，{} 人",
        report.run_id,
        short(&report.version),
        short(&report.beside),
        report.persons
    );
    println!("规则 相同 新增 金额 消失 金额 变化 金额 新增明确违规");
    for (rule, change) in &report.rules {
        let RuleChange { same, new, new_amount, gone, gone_amount, changed, changed_amount, blocking_more } = change;
        println!("{rule} {same} {new} {new_amount} {gone} {gone_amount} {changed} {changed_amount} {blocking_more}");
    }
    for (rule, facts) in &report.not_checked {
        println!("未检查 {rule}：缺少 {}", facts.join("、"));
    }
    println!("启用：heng rules activate {} --why …", short(&report.version));
}
