//! 指标: CMI, weights, cost and time index, low-risk deaths, grouping rate, by institution,
//! department and doctor; exact decimals.

use std::collections::BTreeMap;
use std::path::Path;

use grouping::Scratch;
use intake::{Cell, Column, ColumnKind, TableWriter};
use journeys::{StayDefaults, case_of, grouped_as};
use listing::SettlementList;
use payment::{Figures, Fraction, Indicators, Mode, PaymentFile, Stay};
use serde::Serialize;
use terms::{Exact, Fen};

use crate::codes::Codes;
use crate::run::Progress;
use crate::shelf::{Installed, name_of};
use crate::source::Inputs;
use crate::{Problem, people, table};

/// Decimals that are printed of a ratio; the ratio itself is exact.
const PLACES: u8 = 6;

/// 指标 of all stays of some files.
#[derive(Debug, Default)]
pub struct Report {
    /// By institution.
    pub institutions: BTreeMap<String, Indicators>,
    /// By institution and department.
    pub departments: BTreeMap<(String, String), Indicators>,
    /// By institution, department and doctor.
    pub doctors: BTreeMap<(String, String, String), Indicators>,
    /// All together.
    pub all: Indicators,
    /// Stays whose fee or days are unknown: counted nowhere.
    pub left_out: u64,
    /// Rows that could not be read.
    pub errors: u64,
}

/// Works the indicators out. Weights and means are those of the plan's table.
///
/// # Errors
/// A file cannot be read, or the plan prices another scheme.
pub fn report(
    inputs: &Inputs,
    installed: &Installed,
    plan: &PaymentFile,
    defaults: &StayDefaults,
    codes: &mut Option<Codes>,
    progress: &Progress,
) -> Result<Report, Problem> {
    let grouper = &installed.grouper;
    crate::shelf::fits(plan, grouper.scheme())?;
    let mut report = Report::default();
    let mut scratch = Scratch::default();
    inputs.each_list(&["diagnoses.code", "charges.total"], codes, |_, list| {
        progress(1);
        let Ok(list) = list else {
            report.errors += 1;
            return Ok(());
        };
        let case = case_of(list, grouper.scheme());
        let (Some(fee), Some(days)) = (case.fee, case.days) else {
            report.left_out += 1;
            return Ok(());
        };
        let answer = grouper.group(&case, &mut scratch);
        let group = grouper.groups(&answer).group;
        let day = list.stay.discharged.map_or(plan.from, |moment| moment.date);
        let stay = Stay {
            grouped: grouped_as(answer.status),
            row: plan.weights.row(group, day),
            fee,
            days,
            died: case.leaving_type.as_deref() == Some(DIED),
        };
        report.add(list, defaults, &stay);
        Ok(())
    })?;
    Ok(report)
}

/// 离院方式 5: 死亡.
const DIED: &str = "5";

impl Report {
    fn add(&mut self, list: &SettlementList, defaults: &StayDefaults, stay: &Stay<'_>) {
        let institution = people::institution(list, defaults.institution.as_deref()).to_owned();
        let department = people::department(list).to_owned();
        let doctor = people::doctor(list);
        self.all.add(stay);
        self.departments.entry((institution.clone(), department.clone())).or_default().add(stay);
        self.doctors.entry((institution.clone(), department, doctor)).or_default().add(stay);
        self.institutions.entry(institution).or_default().add(stay);
    }

    /// Writes a workbook with a sheet a level, or JSON, as the name's ending says.
    ///
    /// # Errors
    /// The file cannot be written, or ends otherwise.
    pub fn write(&self, out: &Path, scheme: &grouping::Scheme, plan: &PaymentFile) -> Result<(), Problem> {
        match out.extension().and_then(|ending| ending.to_str()) {
            Some("json") => {
                let text = serde_json::to_string_pretty(&self.shown(scheme, plan))?;
                Ok(std::fs::write(out, format!("{text}\n"))?)
            }
            Some("xlsx") => self.write_book(out),
            _ => Err(format!("{}: a report is written as .xlsx or .json", out.display()).into()),
        }
    }

    fn write_book(&self, out: &Path) -> Result<(), Problem> {
        let mut book = TableWriter::create(out, "全部", figure_columns(&[]))?;
        row(&mut book, &[], &self.all)?;
        book.next_sheet("机构", figure_columns(&["医疗机构"]))?;
        for (institution, figures) in &self.institutions {
            row(&mut book, &[institution], figures)?;
        }
        book.next_sheet("科室", figure_columns(&["医疗机构", "科室"]))?;
        for ((institution, department), figures) in &self.departments {
            row(&mut book, &[institution, department], figures)?;
        }
        book.next_sheet("医师", figure_columns(&["医疗机构", "科室", "医师"]))?;
        for ((institution, department, doctor), figures) in &self.doctors {
            row(&mut book, &[institution, department, doctor], figures)?;
        }
        Ok(book.finish()?)
    }

    /// The report as JSON shows it.
    #[must_use]
    pub fn shown<'a>(&'a self, scheme: &grouping::Scheme, plan: &'a PaymentFile) -> Shown<'a> {
        let named = |names: [&'a str; 3], figures: &Indicators| Named {
            institution: names[0],
            department: names[1],
            doctor: names[2],
            figures: FiguresShown::of(&figures.figures()),
        };
        Shown {
            scheme: name_of(scheme),
            plan: &plan.id,
            plan_hash: plan.hash.to_string(),
            left_out: self.left_out,
            errors: self.errors,
            all: FiguresShown::of(&self.all.figures()),
            institutions: self.institutions.iter().map(|(one, figures)| named([one, "", ""], figures)).collect(),
            departments: self.departments.iter().map(|((one, two), figures)| named([one, two, ""], figures)).collect(),
            doctors: self
                .doctors
                .iter()
                .map(|((one, two, three), figures)| named([one, two, three], figures))
                .collect(),
        }
    }
}

/// The report as JSON shows it.
#[derive(Debug, Serialize)]
pub struct Shown<'a> {
    scheme: String,
    plan: &'a str,
    plan_hash: String,
    left_out: u64,
    errors: u64,
    all: FiguresShown,
    institutions: Vec<Named<'a>>,
    departments: Vec<Named<'a>>,
    doctors: Vec<Named<'a>>,
}

#[derive(Debug, Serialize)]
struct Named<'a> {
    institution: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    department: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    doctor: &'a str,
    #[serde(flatten)]
    figures: FiguresShown,
}

/// 指标, as decimal texts; absent where there is nothing to divide by.
#[derive(Debug, Serialize)]
struct FiguresShown {
    cases: u64,
    grouped: u64,
    ambiguous: u64,
    groups: u64,
    weight: Option<Exact>,
    cmi: Option<Exact>,
    fee_index: Option<Exact>,
    days_index: Option<Exact>,
    low_risk: u64,
    low_risk_mortality: Option<Exact>,
    grouping_rate: Option<Exact>,
    mean_fee: Option<String>,
    mean_days: Option<Exact>,
}

fn decimal(fraction: &Fraction) -> Option<Exact> {
    fraction.rounded(u32::from(PLACES), Mode::HalfUp).to_exact()
}

impl FiguresShown {
    fn of(figures: &Figures) -> FiguresShown {
        let shown = |fraction: &Option<Fraction>| fraction.as_ref().and_then(decimal);
        FiguresShown {
            cases: figures.cases,
            grouped: figures.grouped,
            ambiguous: figures.ambiguous,
            groups: figures.groups,
            weight: decimal(&figures.weight),
            cmi: shown(&figures.cmi),
            fee_index: shown(&figures.fee_index),
            days_index: shown(&figures.days_index),
            low_risk: figures.low_risk,
            low_risk_mortality: shown(&figures.low_risk_mortality),
            grouping_rate: shown(&figures.grouping_rate),
            mean_fee: mean_fee(figures).map(|fee| fee.to_string()),
            mean_days: shown(&figures.mean_days),
        }
    }
}

fn mean_fee(figures: &Figures) -> Option<Fen> {
    figures.mean_fee.as_ref().and_then(Fraction::to_fen)
}

fn figure_columns(of: &[&str]) -> Vec<Column> {
    use ColumnKind::{Decimal, Money, Text, Whole};
    let names: Vec<(&str, ColumnKind)> = of.iter().map(|name| (*name, Text)).collect();
    let figures: &[(&str, ColumnKind)] = &[
        ("病例数", Whole),
        ("入组病例数", Whole),
        ("歧义病例数", Whole),
        ("病组数", Whole),
        ("总权重", Decimal(PLACES)),
        ("CMI", Decimal(PLACES)),
        ("费用消耗指数", Decimal(PLACES)),
        ("时间消耗指数", Decimal(PLACES)),
        ("低风险组病例数", Whole),
        ("低风险死亡率", Decimal(PLACES)),
        ("入组率", Decimal(PLACES)),
        ("次均费用", Money),
        ("平均住院日", Decimal(PLACES)),
    ];
    [&names, figures].map(table::columns).concat()
}

fn row(out: &mut TableWriter, names: &[&str], indicators: &Indicators) -> Result<(), Problem> {
    let figures = indicators.figures();
    let whole = |count: u64| Cell::Whole(i64::try_from(count).unwrap_or(i64::MAX));
    let number = |fraction: &Option<Fraction>| fraction.as_ref().and_then(decimal).map_or(Cell::Empty, Cell::Number);
    let cells = [
        whole(figures.cases),
        whole(figures.grouped),
        whole(figures.ambiguous),
        whole(figures.groups),
        decimal(&figures.weight).map_or(Cell::Empty, Cell::Number),
        number(&figures.cmi),
        number(&figures.fee_index),
        number(&figures.days_index),
        whole(figures.low_risk),
        number(&figures.low_risk_mortality),
        number(&figures.grouping_rate),
        mean_fee(&figures).map_or(Cell::Empty, Cell::Money),
        number(&figures.mean_days),
    ];
    let cells: Vec<Cell<'_>> = names.iter().map(|name| Cell::Text(name)).chain(cells).collect();
    Ok(out.write(&cells)?)
}
