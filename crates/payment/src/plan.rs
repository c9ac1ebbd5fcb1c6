//! 支付方案: a plan that was read and checked.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use policy::{Problem, Severity};
use terms::{Date, Fen, InstitutionId};

use crate::expr::{Fact, Formula};
use crate::history::Calculation;
use crate::number::{Fraction, Mode};
use crate::source::Unit;
use crate::weights::{Auxiliary, Weights};

/// 付费方式.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// 费率法 DRG.
    Rate,
    /// 点数法 DRG.
    Points,
    /// DIP 分值.
    Score,
    /// 床日.
    PerDay,
    /// 按项目.
    Item,
}

impl Method {
    pub(crate) fn of(word: &str) -> Option<Method> {
        match word {
            "rate" => Some(Method::Rate),
            "points" => Some(Method::Points),
            "score" => Some(Method::Score),
            "per_day" => Some(Method::PerDay),
            "item" => Some(Method::Item),
            _ => None,
        }
    }

    /// 清算方式 `clr_way`.
    #[must_use]
    pub fn clearing_way(self) -> &'static str {
        match self {
            Method::Rate | Method::Points => "40",
            Method::Score => "50",
            Method::PerDay => "3",
            Method::Item => "1",
        }
    }
}

/// 点值口径: what the budget buys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Basis {
    /// 总费用口径: fund and patients together buy the points; the fund owes what is left.
    Fee,
    /// 基金口径: the fund alone buys the points.
    Fund,
}

/// Which date of a case chooses the plan and its parameters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DatedBy {
    /// 出院日期.
    Discharged,
    /// 结算日期.
    Settled,
}

/// 统筹池.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pool {
    /// Its id in the plan.
    pub id: String,
    /// 中文名.
    pub name: String,
    /// 险种 that it takes.
    pub insurance: Vec<String>,
    /// 基金支付类型 of the fund that pays.
    pub fund: String,
}

/// 支付方案: the rules of one scheme version in one region, in force for a period.
#[derive(Debug, Clone)]
pub struct PaymentFile {
    /// Id, unique in the region.
    pub id: String,
    /// Title.
    pub title: String,
    /// English title, or empty.
    pub english: String,
    /// The document that sets it.
    pub source: String,
    /// SHA-256 over its files, hexadecimal: the version that stands beside each price.
    pub hash: Arc<str>,
    /// 付费方式.
    pub method: Method,
    /// Scheme whose groups it prices.
    pub scheme: String,
    /// Version of that scheme.
    pub scheme_version: String,
    /// First day.
    pub from: Date,
    /// Last day, if it ends.
    pub until: Option<Date>,
    /// Governing date.
    pub dated_by: DatedBy,
    /// 点值口径.
    pub basis: Basis,
    /// Pools.
    pub pools: Vec<Pool>,
    /// The groups' table.
    pub weights: Weights,
    /// The auxiliary table, if the plan has one.
    pub auxiliary: Option<Auxiliary>,
    /// How weights are worked out from history, if the plan says so.
    pub calculation: Option<Calculation>,
    /// The files that it was read from.
    pub files: BTreeSet<String>,
    /// What was found and does not keep the plan from being used.
    pub warnings: Vec<Problem>,
    pub(crate) article: Arc<str>,
    pub(crate) applies: Applies,
    pub(crate) declared: Vec<Declared>,
    pub(crate) params: Vec<Param>,
    pub(crate) values: Vec<ValueRule>,
    pub(crate) bands: Vec<Bands>,
    pub(crate) per_day: Vec<PerDay>,
    pub(crate) routes: Vec<Route>,
    pub(crate) price: PriceRule,
    pub(crate) caps: Vec<Cap>,
    pub(crate) month: Option<MonthRule>,
    pub(crate) year: Option<YearRule>,
    pub(crate) budgets: Vec<Budget>,
    pub(crate) estimate: Option<(usize, usize)>,
}

impl PaymentFile {
    /// Whether the plan pays stays of this institution, level and 医疗类别 `med_type`.
    /// An empty list in `[applies]` means all.
    #[must_use]
    pub fn applies_to(&self, institution: &InstitutionId, level: &str, med_type: &str) -> bool {
        let any = |list: &[String], text: &str| list.is_empty() || list.iter().any(|item| item == text);
        let named = &self.applies;
        !named.except.iter().any(|item| item == institution.as_str())
            && any(&named.institutions, institution.as_str())
            && any(&named.levels, level)
            && any(&named.med_types, med_type)
    }

    /// Whether the plan is in force on `day`.
    #[must_use]
    pub fn covers(&self, day: Date) -> bool {
        self.from <= day && self.until.is_none_or(|until| day <= until)
    }

    /// 预算: what the pool may pay for the year, in 分.
    #[must_use]
    pub fn budget(&self, pool: &str, year: i16) -> Option<Fen> {
        self.budgets.iter().find(|budget| budget.pool == pool && budget.year == year).map(|budget| budget.total)
    }

    /// The pool that takes an insurance type.
    #[must_use]
    pub fn pool_of(&self, insurance: &str) -> Option<&Pool> {
        self.pools.iter().find(|pool| pool.insurance.iter().any(|item| item == insurance))
    }

    /// 辅助目录: of the levels that a case meets, those that the plan has a factor for in its group.
    /// Most groups have none: a level is split off only where it matters.
    #[must_use]
    pub fn auxiliary_of<'a>(&self, group: &str, met: impl IntoIterator<Item = &'a str>) -> Vec<String> {
        let Some(table) = &self.auxiliary else { return Vec::new() };
        met.into_iter().filter(|id| table.row(group, id).is_some()).map(str::to_owned).collect()
    }

    /// Auxiliary levels of the plan's table that the scheme does not declare, each once, in order:
    /// their factors never come to bear.
    #[must_use]
    pub fn unknown_auxiliary(&self, declared: &BTreeSet<&str>) -> Vec<&str> {
        let rows = self.auxiliary.iter().flat_map(|table| table.rows.keys());
        let unknown: BTreeSet<&str> = rows.map(|(_, id)| id.as_str()).filter(|id| !declared.contains(id)).collect();
        unknown.into_iter().collect()
    }

    /// Holds the weights against the scheme that they are for: another id or version, and a
    /// weight for a group that the scheme does not have, are errors (the table is another
    /// scheme's); a group without a weight is a warning (its cases will be refused).
    #[must_use]
    pub fn check_groups(&self, scheme: &str, version: &str, groups: &BTreeSet<&str>) -> Vec<Problem> {
        let problem =
            |severity, line, message| Problem { severity, file: self.weights.file.clone(), line, column: 1, message };
        if (self.scheme.as_str(), self.scheme_version.as_str()) != (scheme, version) {
            let (id, wants) = (&self.id, format!("{} {}", self.scheme, self.scheme_version));
            let message = format!("the plan “{id}” prices {wants}, this scheme is {scheme} {version}");
            return vec![problem(Severity::Error, 1, message)];
        }
        let rows = self.weights.rows();
        let strange = rows.iter().filter(|row| !groups.contains(row.group.as_str())).map(|row| {
            let message = format!("{scheme} {version} has no group “{}”; is this another scheme's table?", row.group);
            problem(Severity::Error, row.line, message)
        });
        let bare = groups.iter().filter(|group| !self.weights.rows.contains_key(**group)).map(|group| {
            let message = format!("group “{group}” of {scheme} {version} has no row: its cases will be refused");
            problem(Severity::Warning, 1, message)
        });
        strange.chain(bare).collect()
    }

    /// The bands of this id in force on `day`: the latest.
    pub(crate) fn bands_at(&self, id: &str, day: Date) -> Option<&Bands> {
        self.bands.iter().filter(|bands| &*bands.id == id && bands.from <= day).max_by_key(|bands| bands.from)
    }
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Applies {
    pub levels: Vec<String>,
    pub institutions: Vec<String>,
    pub except: Vec<String>,
    pub med_types: Vec<String>,
}

/// `[[fact]]`: a further fact of a case.
#[derive(Debug, Clone)]
pub(crate) struct Declared {
    pub id: Arc<str>,
    pub name: Arc<str>,
    pub kind: crate::expr::Kind,
    pub otherwise: Option<crate::expr::Val>,
}

/// A key of a parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Key {
    Fact(Fact),
    Declared(usize),
}

#[derive(Debug, Clone)]
pub(crate) struct Param {
    pub id: Arc<str>,
    pub name: Arc<str>,
    pub article: Arc<str>,
    pub unit: Unit,
    pub keys: Vec<Key>,
    pub otherwise: Option<Fraction>,
    /// By keys, joined with U+001F: dated cells, oldest first.
    pub cells: HashMap<String, Vec<Cell>>,
}

#[derive(Debug, Clone)]
pub(crate) struct Cell {
    pub from: Date,
    pub until: Option<Date>,
    pub value: Fraction,
    pub article: Arc<str>,
}

impl Param {
    /// The cell at these keys on `day`: the latest that is in force.
    pub fn look_up(&self, key: &str, day: Date) -> Option<(&Fraction, &Arc<str>)> {
        let in_force = |cell: &&Cell| cell.from <= day && cell.until.is_none_or(|until| day <= until);
        let cell = self.cells.get(key).and_then(|cells| cells.iter().rev().find(in_force));
        cell.map(|cell| (&cell.value, &cell.article)).or(self.otherwise.as_ref().map(|value| (value, &self.article)))
    }
}

#[derive(Debug, Clone)]
pub(crate) struct Round {
    pub places: u32,
    pub mode: Mode,
    pub article: Arc<str>,
    /// Whether the rounded thing is money: its places are of 元.
    pub words: Arc<str>,
}

#[derive(Debug, Clone)]
pub(crate) struct ValueRule {
    pub id: Arc<str>,
    pub name: Arc<str>,
    pub article: Arc<str>,
    pub formula: Formula,
    pub round: Option<Round>,
}

/// What a route or band gives.
#[derive(Debug, Clone)]
pub(crate) enum Gives {
    Points(Formula),
    Amount(Formula),
}

#[derive(Debug, Clone)]
pub(crate) struct Bands {
    pub id: Arc<str>,
    pub name: Arc<str>,
    pub from: Date,
    pub on: Formula,
    pub tiers: Vec<Tier>,
}

#[derive(Debug, Clone)]
pub(crate) struct Tier {
    pub name: Arc<str>,
    pub when: Option<Formula>,
    pub rows: Vec<Band>,
}

/// One side of a band.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Edge {
    pub at: Fraction,
    pub included: bool,
}

#[derive(Debug, Clone)]
pub(crate) struct Band {
    pub band: Arc<str>,
    pub name: Arc<str>,
    pub article: Arc<str>,
    pub from: Option<Edge>,
    pub to: Option<Edge>,
    pub gives: Gives,
}

impl Band {
    pub fn holds(&self, number: &Fraction) -> bool {
        let above = self.from.as_ref().is_none_or(|e| number > &e.at || (e.included && number == &e.at));
        let below = self.to.as_ref().is_none_or(|e| number < &e.at || (e.included && number == &e.at));
        above && below
    }

    /// `0.5 ≤ x ≤ 2` in words.
    pub fn words(&self) -> String {
        let sign = |edge: &Edge| if edge.included { "≤" } else { "<" };
        let low = self.from.as_ref().map(|e| format!("{} {} ", e.at, sign(e))).unwrap_or_default();
        let high = self.to.as_ref().map(|e| format!(" {} {}", sign(e), e.at)).unwrap_or_default();
        format!("{low}x{high}")
    }
}

#[derive(Debug, Clone)]
pub(crate) struct PerDay {
    pub class: Arc<str>,
    pub name: Arc<str>,
    pub article: Arc<str>,
    pub from: Date,
    pub keys: Vec<Key>,
    /// By keys: `(last day of the band or none, rate in 分)`.
    pub rows: HashMap<String, Vec<(Option<u32>, Fraction)>>,
}

#[derive(Debug, Clone)]
pub(crate) struct Route {
    pub id: Arc<str>,
    pub name: Arc<str>,
    pub article: Arc<str>,
    pub when: Formula,
    pub by: RouteBy,
    pub outside: bool,
}

#[derive(Debug, Clone)]
pub(crate) enum RouteBy {
    Bands(Arc<str>),
    Gives(Gives),
}

#[derive(Debug, Clone)]
pub(crate) struct PriceRule {
    pub article: Arc<str>,
    pub point_value: Formula,
    pub standard: Option<Formula>,
    pub payment: Formula,
    pub points: Formula,
    pub round_points: Round,
    pub round_payment: Round,
    pub round_point_value: Round,
}

#[derive(Debug, Clone)]
pub(crate) struct Cap {
    pub id: Arc<str>,
    pub name: Arc<str>,
    pub article: Arc<str>,
    pub band: Option<Arc<str>>,
    pub route: Option<Arc<str>>,
    pub share: Formula,
    pub instead: Option<Arc<str>>,
}

#[derive(Debug, Clone)]
pub(crate) struct MonthRule {
    pub prepay: Formula,
    pub deposit: Formula,
    pub article: Arc<str>,
}

/// How the year's money is shared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ShareBy {
    /// The whole budget, by points.
    Points,
    /// What the cases were priced; cut evenly if the budget does not reach.
    Price,
}

#[derive(Debug, Clone)]
pub(crate) struct YearRule {
    pub share: ShareBy,
    pub assessment: Option<Formula>,
    pub ladder: Option<Arc<str>>,
    pub from_returned: bool,
    pub from_withheld: bool,
    pub reserve: Option<Formula>,
    pub article: Arc<str>,
}

#[derive(Debug, Clone)]
pub(crate) struct Budget {
    pub pool: String,
    pub year: i16,
    pub total: Fen,
    pub article: Arc<str>,
}
