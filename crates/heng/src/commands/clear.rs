//! `heng clear`: a bureau's month and year, against the centre's database.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Args, ValueEnum};
use clearing::{Month, StatementState};
use indicatif::{ProgressBar, ProgressStyle};
use intake::{Cell, Column, ColumnKind, TableWriter};
use journeys::{Centre, GroupPayment, GroupPlan, InstitutionMonth, JourneyError, MonthView, QualityControl, Sheet};
use operation::Operation;
use terms::{DateTime, Exact, InstitutionId};

use super::Problem;
use crate::centre::on_register;
use crate::stays::tell;
use crate::wiring::{Place, open_region};

/// Clears a month or closes a year: what each institution is owed, with its statements as files.
#[derive(Args)]
pub struct Clear {
    /// The month to clear, as 2026-01; clearing it again changes nothing that is settled.
    #[arg(long, required_unless_present = "year", conflicts_with = "year")]
    month: Option<Month>,
    /// The year to close, when all its months are posted.
    #[arg(long)]
    year: Option<i16>,
    /// Only this plan of the region closes its year; all of them unless given.
    #[arg(long, requires = "year")]
    plan: Option<String>,
    /// Only these institutions; all of them unless given.
    #[arg(long, requires = "month")]
    institution: Vec<String>,
    /// Then moves the statements on: approve, post (to the ledger), pay. Each includes the steps before.
    #[arg(long, value_enum, requires = "month")]
    advance: Option<Step>,
    /// With the closed year: pays what it left to each institution.
    #[arg(long, requires = "year")]
    pay: bool,
    /// A folder for the statements, one file an institution.
    #[arg(long)]
    out: Option<PathBuf>,
    /// Statements as workbooks or as CSV files.
    #[arg(long, value_enum, default_value = "xlsx")]
    form: Form,
    /// The day that is recorded, yyyy-MM-dd; today unless given.
    #[arg(long)]
    on: Option<String>,
    /// Who clears, as the record names them.
    #[arg(long, default_value = "heng clear")]
    operator: String,
    /// Groups lists as they are, without holding them against the quality rules first.
    #[arg(long)]
    unchecked: bool,
    #[command(flatten)]
    place: Place,
}

/// How far statements are moved.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
enum Step {
    /// 审核.
    Approve,
    /// 记账.
    Post,
    /// 拨付.
    Pay,
}

impl Step {
    /// The states that lead there.
    fn states(self) -> &'static [StatementState] {
        use StatementState::{Approved, Paid, Posted};
        match self {
            Step::Approve => &[Approved],
            Step::Post => &[Approved, Posted],
            Step::Pay => &[Approved, Posted, Paid],
        }
    }
}

#[derive(Clone, Copy, ValueEnum)]
pub(super) enum Form {
    Xlsx,
    Csv,
}

impl Clear {
    /// Clears; fails when a stay waits or something could not be cleared.
    pub fn run(self) -> Result<ExitCode, Problem> {
        let region = open_region(&self.place.region)?;
        let pay = group_payment(&self.place.region, !self.unchecked)?;
        let database = self.place.open_database()?;
        let centre = on_register(region.into_centre(gateway::Config::for_region("").limits.lines), &database)?;
        if let Some(out) = &self.out {
            std::fs::create_dir_all(out).map_err(|error| format!("{}: {error}", out.display()))?;
        }
        let now = match &self.on {
            None => jiff::Zoned::now().datetime(),
            Some(on) => terms::parse_date(on)
                .ok_or_else(|| format!("--on {on}: not a date; write it as 2026-02-05"))?
                .at(9, 0, 0, 0),
        };
        let bureau = Bureau { centre, database, pay, now, operator: self.operator.clone() };
        match (self.month, self.year) {
            (Some(month), _) => self.clear_month(&bureau, month),
            (None, Some(year)) => self.close_year(&bureau, year),
            (None, None) => Err("give --month or --year".into()),
        }
    }

    fn clear_month(&self, bureau: &Bureau, month: Month) -> Result<ExitCode, Problem> {
        let institutions: Vec<InstitutionId> = self.institution.iter().map(|code| code.as_str().into()).collect();
        let outcome = bureau.clear(month, &institutions)?;
        let mut waiting = 0;
        for (institution, done) in &outcome {
            println!("{institution} {month}：新记 {} 例，清算单 {} 份", done.recorded, done.statements);
            for stay in &done.outstanding {
                println!("  待清算 {}：{}", stay.setl_id, stay.reason);
            }
            waiting += done.outstanding.len();
        }
        for (institution, done) in &outcome {
            for state in self.advance.iter().flat_map(|step| step.states()).filter(|_| done.statements > 0) {
                bureau.advance(institution, month, *state)?;
            }
            if let Some(out) = &self.out {
                bureau.write_month(out, institution, month, self.form)?;
            }
        }
        if outcome.is_empty() {
            println!("{month}：没有需要清算的结算 nothing to clear");
        }
        Ok(if waiting == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }

    fn close_year(&self, bureau: &Bureau, year: i16) -> Result<ExitCode, Problem> {
        if bureau.now.year() <= year {
            return Err(
                format!("{year} is not over on {}: a year is closed after its last month", bureau.now.date()).into()
            );
        }
        let mut closed = 0;
        for plan in bureau.pay.plans() {
            let id = &plan.plan.id;
            let wanted = self.plan.as_ref().is_none_or(|asked| asked == id);
            if !wanted || plan.plan.from.year() > year || plan.plan.until.is_some_and(|until| until.year() < year) {
                continue;
            }
            let outcome = bureau.centre.close_year(&bureau.database, plan, &bureau.operation()?, year)?;
            closed += 1;
            let before = if outcome.closed_now { "" } else { "（此前已清算 closed before）" };
            if outcome.pools.is_empty() {
                println!("{year} {id}：没有按病组付费的病例 no cases");
                continue;
            }
            for pool in &outcome.pools {
                let paid: terms::Fen = pool.institutions.iter().map(|one| one.payable).sum();
                println!("{year} {id} {}{before}：预算 {}，应拨付 {paid}，留存 {}", pool.pool, pool.budget, pool.left);
            }
            if self.pay {
                let (centre, operation, plan) = (bureau.centre.clone(), bureau.operation()?, plan.plan.clone());
                let paid = bureau.database.deed(move |tx| centre.pay_year(tx, &operation, &plan, year))?;
                println!("{year} {id}：已拨付 paid {paid}");
            }
            if let Some(out) = &self.out {
                write(out, &format!("{year}-{id}"), &journeys::year_sheets(&outcome.pools), self.form)?;
            }
        }
        if closed == 0 {
            return Err(format!("no plan of the region was in force in {year}").into());
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn write(out: &Path, name: &str, sheets: &[Sheet], form: Form) -> Result<(), Problem> {
    match form {
        Form::Xlsx => {
            let Some((first, others)) = sheets.split_first() else { return Ok(()) };
            let mut book = TableWriter::create(&out.join(format!("{name}.xlsx")), &first.name, columns(first))?;
            rows(&mut book, first)?;
            for sheet in others {
                book.next_sheet(&sheet.name, columns(sheet))?;
                rows(&mut book, sheet)?;
            }
            Ok(book.finish()?)
        }
        Form::Csv => {
            for sheet in sheets {
                let path = out.join(format!("{name}-{}.csv", sheet.name.replace(' ', "-")));
                let mut table = csv::Writer::from_path(&path)?;
                table.write_record(&sheet.columns)?;
                sheet.rows.iter().try_for_each(|row| table.write_record(row))?;
                table.flush()?;
            }
            Ok(())
        }
    }
}

fn columns(sheet: &Sheet) -> Vec<Column> {
    let kind = |number: &bool| if *number { ColumnKind::Decimal(10) } else { ColumnKind::Text };
    sheet.columns.iter().zip(&sheet.numbers).map(|(name, number)| Column::new(name, kind(number))).collect()
}

fn rows(table: &mut TableWriter, sheet: &Sheet) -> Result<(), Problem> {
    for row in &sheet.rows {
        let cells = row.iter().zip(&sheet.numbers).map(|(text, number)| cell(text, *number));
        table.write(&cells.collect::<Result<Vec<_>, _>>()?)?;
    }
    Ok(())
}

fn cell(text: &str, number: bool) -> Result<Cell<'_>, terms::NumberError> {
    match (text, number) {
        ("", _) => Ok(Cell::Empty),
        (text, true) => text.parse::<Exact>().map(Cell::Number),
        (text, false) => Ok(Cell::Text(text)),
    }
}

/// What a month's clearing did, institution by institution.
pub(super) type ClearedMonth = BTreeMap<InstitutionId, InstitutionMonth>;

/// 经办机构 at work.
pub(super) struct Bureau {
    centre: Centre,
    database: db::Database,
    pay: GroupPayment,
    now: DateTime,
    operator: String,
}

impl Bureau {
    /// The bureau of a fictional city, which lives in its own time: `now` is of that city.
    pub(super) fn of_a_city(region: &Path, database: &db::Database, now: DateTime) -> Result<Bureau, Problem> {
        let centre =
            on_register(open_region(region)?.into_centre(gateway::Config::for_region("").limits.lines), database)?;
        let pay = group_payment(region, true)?;
        Ok(Bureau { centre, database: database.clone(), pay, now, operator: "heng demo".to_owned() })
    }

    /// Clears a month, with a bar.
    pub(super) fn clear(&self, month: Month, institutions: &[InstitutionId]) -> Result<ClearedMonth, Problem> {
        let bar = ProgressBar::new(0);
        bar.set_style(ProgressStyle::with_template("{msg} {wide_bar} {pos}/{len} 机构")?);
        let outcome = self.centre.clear_month(
            &self.database,
            &self.pay,
            &self.operation()?,
            month,
            institutions,
            &mut |progress| {
                bar.set_length(progress.of as u64);
                bar.set_position(progress.done as u64);
                bar.set_message(format!("{} 例", progress.recorded));
            },
        )?;
        bar.finish_and_clear();
        Ok(outcome)
    }

    /// 清算单 of an institution's month.
    pub(super) fn view(&self, institution: &InstitutionId, month: Month) -> Result<MonthView, Problem> {
        let institution = institution.clone();
        Ok(self.database.read(move |tx| journeys::month_view(tx, &institution, month))?)
    }

    /// Writes an institution's month as files.
    pub(super) fn write_month(
        &self,
        out: &Path,
        institution: &InstitutionId,
        month: Month,
        form: Form,
    ) -> Result<(), Problem> {
        let sheets = journeys::sheets(&self.view(institution, month)?);
        write(out, &format!("{month}-{institution}"), &sheets, form)
    }

    /// A deed of the bureau's own: the clock was read and the seed is drawn before it.
    fn operation(&self) -> Result<Operation, Problem> {
        let mut seed = [0_u8; 32];
        getrandom::fill(&mut seed)?;
        Ok(Operation::of_bureau("clear", &self.operator, self.now, seed))
    }

    /// Moves an institution's statements of a month on.
    pub(super) fn advance(&self, institution: &InstitutionId, month: Month, to: StatementState) -> Result<(), Problem> {
        let (centre, operation, institution) = (self.centre.clone(), self.operation()?, institution.clone());
        self.database.deed(move |tx| -> Result<_, JourneyError> {
            centre.advance_month(tx, &operation, &institution, month, to)
        })?;
        Ok(())
    }
}

/// 付费方案 of the region, each with the scheme that it prices.
fn group_payment(region: &Path, checked: bool) -> Result<GroupPayment, Problem> {
    let (installed, left) = office::load::region_schemes(region, tell)?;
    if let Some(plan) = left.first() {
        return Err(plan.as_str().into());
    }
    let mut plans = Vec::new();
    for one in installed {
        let grouper = Arc::new(one.grouper);
        for plan in one.plans {
            plans.push(GroupPlan { plan: Arc::new(plan), grouper: Arc::clone(&grouper) });
        }
    }
    if plans.is_empty() {
        return Err(format!("{}: the region has no payment plans to clear by", region.display()).into());
    }
    let pay = GroupPayment::new(plans)?;
    if !checked {
        return Ok(pay);
    }
    let quality = office::load::quality(region)?;
    Ok(pay.with_quality(QualityControl { rules: quality.rules, tables: quality.tables.into_iter().collect() }))
}
