//! 定价: lists of files in, priced stays out; gain and loss by department and doctor.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use grouping::{Answer, Case, Scratch};
use intake::{Cell, Column, ColumnKind, Format, TableWriter};
use journeys::{GroupedStay, StayDefaults, auxiliary_of, case_of};
use listing::SettlementList;
use payment::{PaymentFile, Priced};
use serde::{Deserialize, Serialize};
use terms::{Exact, Fen};

use crate::codes::Codes;
use crate::group::word;
use crate::run::{Place, Progress, Run};
use crate::shelf::Installed;
use crate::source::Inputs;
use crate::{Files, Problem, people, table};

/// A scheme, a plan that prices it, and what a file leaves out.
pub struct Pricing<'a> {
    /// The scheme.
    pub installed: &'a Installed,
    /// The plan.
    pub plan: &'a PaymentFile,
    /// What the whole file has in common.
    pub defaults: &'a StayDefaults,
}

/// A stay, grouped, and its price or why it has none.
pub struct PricedStay {
    /// What was asked of the grouper.
    pub case: Case,
    /// Its answer.
    pub answer: Answer,
    /// The facts of the price, if all are known.
    pub facts: Option<payment::Case>,
    /// The price; or a code and why there is none.
    pub price: Result<Priced, (&'static str, String)>,
}

impl Pricing<'_> {
    /// Groups and prices one stay by itself: a cap on the share of cases in a band (倍率封顶) is
    /// applied only where all cases of a month are known, at the month's clearing.
    pub fn price(&self, list: &SettlementList, scratch: &mut Scratch) -> PricedStay {
        let grouper = &self.installed.grouper;
        let case = case_of(list, grouper.scheme());
        let answer = grouper.group(&case, scratch);
        let group = grouper.groups(&answer).group;
        let auxiliary = auxiliary_of(grouper, self.plan, &case, &answer, scratch);
        let (scheme, status) = (grouper.scheme(), answer.status);
        let stay = GroupedStay { list, scheme, case: &case, status, group, auxiliary: &auxiliary };
        let fund = |insurance: &str| self.plan.pool_of(insurance).map(|pool| pool.fund.clone());
        match stay.to_price(self.defaults, fund) {
            Ok(facts) => {
                let price = self.plan.price(&facts).map_err(|refusal| (refusal.code(), refusal.to_string()));
                PricedStay { answer, facts: Some(facts), price, case }
            }
            Err(missing) => PricedStay { answer, facts: None, price: Err(("missing_fact", missing.to_string())), case },
        }
    }
}

/// 合计 of a department or doctor.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sums {
    /// 病例数, priced.
    pub cases: u64,
    /// 亏损病例数.
    pub at_a_loss: u64,
    /// 医疗总费用.
    pub fee: Fen,
    /// 病组支付总额, with what is paid apart.
    pub payment: Fen,
    /// 统筹基金应付.
    pub fund: Fen,
    /// 按项目记账.
    pub item_fund: Fen,
    /// 结余（负为亏损）.
    pub balance: Fen,
    /// 结算点数.
    pub points: Exact,
}

impl Sums {
    fn add(&mut self, priced: &Priced) {
        self.cases += 1;
        self.at_a_loss += u64::from(priced.balance < Fen::ZERO);
        self.fee += priced.fee;
        self.payment += priced.payment + priced.excluded;
        self.fund += priced.fund;
        self.item_fund += priced.item_fund;
        self.balance += priced.balance;
        self.points = self.points + priced.points;
    }
}

/// 汇总 of a run.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PriceTally {
    /// All priced stays.
    pub all: Sums,
    /// By department.
    pub departments: BTreeMap<String, Sums>,
    /// By doctor, within the department: a doctor of two departments stands twice.
    pub doctors: BTreeMap<String, BTreeMap<String, Sums>>,
    /// Stays without a price, by the refusal's code.
    pub refused: BTreeMap<String, u64>,
}

impl PriceTally {
    fn add(&mut self, list: &SettlementList, priced: &Priced) {
        let department = people::department(list);
        self.all.add(priced);
        of(&mut self.departments, department).add(priced);
        of(of(&mut self.doctors, department), &people::doctor(list)).add(priced);
    }

    /// Stays that were priced or refused.
    #[must_use]
    pub fn stays(&self) -> u64 {
        self.all.cases + self.refused.values().sum::<u64>()
    }
}

/// The entry of a name, made if it is not there.
fn of<'a, T: Default>(map: &'a mut BTreeMap<String, T>, name: &str) -> &'a mut T {
    if !map.contains_key(name) {
        map.insert(name.to_owned(), T::default());
    }
    map.entry(name.to_owned()).or_default()
}

/// What a run of pricing left.
pub struct PricedFiles {
    /// 汇总.
    pub tally: PriceTally,
    /// Rows in error.
    pub errors: u64,
    /// Where they are told.
    pub errors_in: Option<PathBuf>,
    /// Files beside the result, with the sums by department and doctor.
    pub beside: Vec<PathBuf>,
}

fn columns(explain: bool, several: bool, auxiliary: bool) -> Vec<Column> {
    use ColumnKind::{Decimal, Money, Text, Whole};
    let file: &[(&str, ColumnKind)] = if several { &[("file", Text)] } else { &[] };
    let why: &[(&str, ColumnKind)] = if explain { &[("steps", Text)] } else { &[] };
    let of: &[(&str, ColumnKind)] = &[
        ("row", Whole),
        ("id", Text),
        ("department", Text),
        ("doctor", Text),
        ("status", Text),
        ("group", Text),
        ("name", Text),
        ("pool", Text),
        ("route", Text),
        ("band", Text),
        ("weight", Decimal(10)),
        ("points", Decimal(10)),
        ("r", Decimal(10)),
        ("fee", Money),
        ("excluded", Money),
        ("payment", Money),
        ("patient", Money),
        ("other_funds", Money),
        ("fund", Money),
        ("item_fund", Money),
        ("difference", Money),
        ("balance", Money),
        ("refusal", Text),
        ("refused_because", Text),
    ];
    let levels: &[(&str, ColumnKind)] = if auxiliary { &[("auxiliary", Text)] } else { &[] };
    [file, of, levels, why].map(table::columns).concat()
}

/// Groups and prices the stays of files.
///
/// # Errors
/// A file cannot be read or written; rows in error are told and passed over; a stay without a
/// price says why in its own row.
pub fn price(
    inputs: &Inputs,
    pricing: &Pricing<'_>,
    codes: &mut Option<Codes>,
    explain: bool,
    files: &Files<'_>,
    progress: Progress,
) -> Result<PricedFiles, Problem> {
    crate::shelf::fits(pricing.plan, pricing.installed.grouper.scheme())?;
    let several = inputs.files.len() > 1;
    let columns = columns(explain, several, !pricing.installed.grouper.scheme().auxiliary.is_empty());
    let mut run = Run::<PriceTally>::begin(files.setting(&columns, progress))?;
    let mut scratch = Scratch::default();
    inputs.each_list(REQUIRED, codes, |place, list| {
        if run.is_done(place) {
            return Ok(());
        }
        match list {
            Ok(list) => {
                let stay = pricing.price(list, &mut scratch);
                match &stay.price {
                    Ok(priced) => run.tally.add(list, priced),
                    Err((code, _)) => *of(&mut run.tally.refused, code) += 1,
                }
                let file = several.then(|| inputs.name(place.file));
                write(&mut run, pricing, (file, place), list, &stay, explain)?;
            }
            Err(error) => run.trouble(error)?,
        }
        run.row_done(place)
    })?;
    let finished = run.finish()?;
    let beside = sums_in_place(&finished.tally, finished.rows.as_deref(), files, columns)?;
    Ok(PricedFiles { tally: finished.tally, errors: finished.errors, errors_in: finished.errors_in, beside })
}

/// Columns without which nothing can be priced; the rest may be stated for the whole file.
pub const REQUIRED: &[&str] = &["diagnoses.code", "charges.total", "stay.discharged"];

fn write(
    run: &mut Run<PriceTally>,
    pricing: &Pricing<'_>,
    (file, place): (Option<String>, Place),
    list: &SettlementList,
    stay: &PricedStay,
    explain: bool,
) -> Result<(), Problem> {
    let groups = pricing.installed.grouper.groups(&stay.answer);
    let (row, doctor) = (place.row.to_string(), people::doctor(list));
    let head: [&str; 7] =
        [&row, &stay.case.id, people::department(list), &doctor, word(stay.answer.status), groups.group, groups.name];
    let mut cells: Vec<String> = file.into_iter().chain(head.into_iter().map(str::to_owned)).collect();
    let number = |number: Option<Exact>| number.map_or(String::new(), |number| number.to_string());
    match &stay.price {
        Ok(priced) => {
            let words = [priced.pool.clone(), priced.route.clone(), priced.band.clone().unwrap_or_default()];
            cells.extend(words);
            cells.extend([number(priced.weight), number(Some(priced.points)), number(priced.r)]);
            let money = [
                priced.fee,
                priced.excluded,
                priced.payment,
                priced.patient,
                priced.other_funds,
                priced.fund,
                priced.item_fund,
                priced.difference,
                priced.balance,
            ];
            cells.extend(money.map(|fen| fen.to_string()));
            cells.extend([String::new(), String::new()]);
        }
        Err((code, why)) => {
            cells.extend(std::iter::repeat_n(String::new(), 6));
            cells.push(list.charges.total.map_or(String::new(), |fee| fee.to_string()));
            cells.extend(std::iter::repeat_n(String::new(), 8));
            cells.extend([(*code).to_owned(), why.clone()]);
        }
    }
    if !pricing.installed.grouper.scheme().auxiliary.is_empty() {
        cells.push(stay.facts.as_ref().map_or(String::new(), |facts| facts.auxiliary.join("|")));
    }
    if explain {
        cells.push(steps(pricing, stay));
    }
    Ok(run.rows().write_record(&cells)?)
}

/// Why: first the group, then the price, in words.
fn steps(pricing: &Pricing<'_>, stay: &PricedStay) -> String {
    let mut text = pricing.installed.grouper.explain(&stay.case).to_string();
    if let Ok(priced) = &stay.price {
        for step in &priced.steps {
            text.push_str(&format!("{step}\n"));
        }
    }
    text.trim_end().to_owned()
}

fn sum_columns(of: &[&str]) -> Vec<Column> {
    use ColumnKind::{Decimal, Money, Text, Whole};
    let names: Vec<(&str, ColumnKind)> = of.iter().map(|name| (*name, Text)).collect();
    let sums: &[(&str, ColumnKind)] = &[
        ("cases", Whole),
        ("cases_at_a_loss", Whole),
        ("points", Decimal(10)),
        ("fee", Money),
        ("payment", Money),
        ("fund", Money),
        ("item_fund", Money),
        ("balance", Money),
    ];
    [&names, sums].map(table::columns).concat()
}

fn sum_row(out: &mut TableWriter, names: &[&str], sums: &Sums) -> Result<(), Problem> {
    let whole = |count: u64| Cell::Whole(i64::try_from(count).unwrap_or(i64::MAX));
    let figures = [
        whole(sums.cases),
        whole(sums.at_a_loss),
        Cell::Number(sums.points),
        Cell::Money(sums.fee),
        Cell::Money(sums.payment),
        Cell::Money(sums.fund),
        Cell::Money(sums.item_fund),
        Cell::Money(sums.balance),
    ];
    let cells: Vec<Cell<'_>> = names.iter().map(|name| Cell::Text(name)).chain(figures).collect();
    Ok(out.write(&cells)?)
}

fn departments(out: &mut TableWriter, tally: &PriceTally) -> Result<(), Problem> {
    for (department, sums) in &tally.departments {
        sum_row(out, &[department], sums)?;
    }
    sum_row(out, &["合计"], &tally.all)
}

fn doctors(out: &mut TableWriter, tally: &PriceTally) -> Result<(), Problem> {
    for (department, doctors) in &tally.doctors {
        for (doctor, sums) in doctors {
            sum_row(out, &[department, doctor], sums)?;
        }
    }
    Ok(())
}

/// A workbook gets two more sheets; beside any other file stand two more of its kind.
fn sums_in_place(
    tally: &PriceTally,
    rows: Option<&Path>,
    files: &Files<'_>,
    columns: Vec<Column>,
) -> Result<Vec<PathBuf>, Problem> {
    let (Some(rows), Some(out)) = (rows, files.out) else { return Ok(Vec::new()) };
    if Format::of(out)? == Format::Xlsx {
        let mut book = table::begin(rows, out, "病例", columns)?;
        book.next_sheet("科室盈亏", sum_columns(&["department"]))?;
        departments(&mut book, tally)?;
        book.next_sheet("医师盈亏", sum_columns(&["department", "doctor"]))?;
        doctors(&mut book, tally)?;
        book.finish()?;
        std::fs::remove_file(rows)?;
        return Ok(Vec::new());
    }
    table::put_in_place(rows, out, "病例", columns)?;
    let named = |what: &str| {
        let stem = out.file_stem().map_or(String::new(), |stem| stem.to_string_lossy().into_owned());
        let ending = out.extension().map_or(String::new(), |ending| ending.to_string_lossy().into_owned());
        out.with_file_name(format!("{stem}-{what}.{ending}"))
    };
    let (by_department, by_doctor) = (named("departments"), named("doctors"));
    let mut table = TableWriter::create(&by_department, "科室盈亏", sum_columns(&["department"]))?;
    departments(&mut table, tally)?;
    table.finish()?;
    let mut table = TableWriter::create(&by_doctor, "医师盈亏", sum_columns(&["department", "doctor"]))?;
    doctors(&mut table, tally)?;
    table.finish()?;
    Ok(vec![by_department, by_doctor])
}
