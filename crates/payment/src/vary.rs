//! 年终测算: what of a plan's year may be tried otherwise, and the plan with it tried. A varied plan
//! is for looking at only: nothing that is recorded is worked out with one.

use std::collections::BTreeSet;
use std::sync::Arc;

use terms::{Date, Exact};

use crate::expr::{Expr, Fact, Formula, Name};
use crate::number::Fraction;
use crate::plan::{Bands, Cell, Gives, Key, Param, PaymentFile};
use crate::source::Unit;

/// 可变量: a figure of the year's end that may be tried otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variable {
    /// Its name here: `budget`, `param/NAME` or `edge/N`.
    pub id: String,
    /// 中文名.
    pub name: String,
    /// The article that set it.
    pub article: Arc<str>,
    /// 元, 百分数 or a plain number: `yuan`, `percent`, `number`.
    pub unit: &'static str,
    /// Its value in that unit; `None` where institutions have different ones.
    pub value: Option<Exact>,
}

/// Why a plan cannot be tried so.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VariationError {
    /// No such figure.
    #[error("没有“{id}”这个可变量，可用：{known} / there is nothing to vary by the name “{id}”; there are: {known}")]
    Unknown {
        /// What was asked for.
        id: String,
        /// What there is.
        known: String,
    },
    /// A value that the figure cannot have.
    #[error("“{name}”不能是 {value}：{limit} / “{name}” cannot be {value}: {limit}")]
    OutOfRange {
        /// The figure.
        name: String,
        /// What was asked for.
        value: Exact,
        /// What it must be.
        limit: &'static str,
    },
}

impl PaymentFile {
    /// The last day of a year on which the plan is in force: its parameters close the year.
    fn last_day(&self, year: i16) -> Date {
        let day = Date::new(year, 12, 31).unwrap_or(self.from);
        self.until.map_or(day, |until| until.min(day))
    }

    /// What of a pool's year may be varied: the budget, the parameters that the year's rules use,
    /// the edges of the ladder. None where the plan does not close the year of this pool.
    #[must_use]
    pub fn year_variables(&self, pool: &str, year: i16) -> Vec<Variable> {
        let (Some(rule), Some(budget)) =
            (&self.year, self.budgets.iter().find(|row| row.pool == pool && row.year == year))
        else {
            return Vec::new();
        };
        let day = self.last_day(year);
        let total = Fraction::from(budget.total);
        let mut found = vec![Variable {
            id: "budget".to_owned(),
            name: "预算".to_owned(),
            article: budget.article.clone(),
            unit: "yuan",
            value: shown(Unit::Yuan, &total),
        }];
        let ladder = rule.ladder.as_ref().and_then(|id| self.bands_at(id, day));
        for index in used(rule.assessment.iter().chain(&rule.reserve), ladder) {
            let param = &self.params[index];
            let own = param_key(param, pool);
            let same = own.is_some() || param.cells.is_empty();
            let now = param.look_up(own.as_deref().unwrap_or_default(), day).filter(|_| same);
            found.push(Variable {
                id: format!("param/{}", param.id),
                name: param.name.to_string(),
                article: now.map_or_else(|| param.article.clone(), |(_, article)| article.clone()),
                unit: word(param.unit),
                value: now.and_then(|(value, _)| shown(param.unit, value)),
            });
        }
        for (nth, edge) in (1..).zip(ladder.map(edges).unwrap_or_default()) {
            let bands = ladder.map(|bands| (bands.name.to_string(), bands.tiers.first().map(|tier| &tier.rows)));
            let (name, rows) = bands.unwrap_or_default();
            let around = |below: bool| {
                let row = rows.into_iter().flatten().find(|row| {
                    let side = if below { &row.to } else { &row.from };
                    side.as_ref().is_some_and(|side| side.at == edge)
                });
                row.map_or("", |row| &*row.name)
            };
            found.push(Variable {
                id: format!("edge/{nth}"),
                name: format!("{name}：{} | {}", around(true), around(false)),
                article: ladder.map_or_else(|| self.article.clone(), |_| rule.article.clone()),
                unit: "number",
                value: shown(Unit::Number, &edge),
            });
        }
        found
    }

    /// The plan with figures of a pool's year set otherwise, each in its own unit.
    ///
    /// # Errors
    /// [`VariationError`] for a name that nothing has, or a value that cannot be.
    pub fn varied(&self, pool: &str, year: i16, set: &[(String, Exact)]) -> Result<PaymentFile, VariationError> {
        let known = self.year_variables(pool, year);
        let day = self.last_day(year);
        let ladder = self.year.as_ref().and_then(|rule| rule.ladder.clone());
        let old_edges = ladder.as_ref().and_then(|id| self.bands_at(id, day)).map(edges).unwrap_or_default();
        let mut new_edges = old_edges.clone();
        let mut plan = self.clone();
        for (id, value) in set {
            let Some(variable) = known.iter().find(|one| one.id == *id) else {
                let known: Vec<&str> = known.iter().map(|one| one.id.as_str()).collect();
                return Err(VariationError::Unknown { id: id.clone(), known: known.join(", ") });
            };
            let wrong = |limit| VariationError::OutOfRange { name: variable.name.clone(), value: *value, limit };
            if *value < Exact::ZERO {
                return Err(wrong("不能小于 0 / not below zero"));
            }
            if variable.unit == "percent" && *value > Exact::whole(100) {
                return Err(wrong("不能大于 100% / at most 100 %"));
            }
            match id.split_once('/') {
                Some(("param", name)) => set_param(&mut plan.params, name, pool, *value),
                Some(("edge", nth)) => {
                    let at = nth.parse::<usize>().ok().and_then(|nth| nth.checked_sub(1));
                    if let Some(edge) = at.and_then(|at| new_edges.get_mut(at)) {
                        *edge = Fraction::from(*value);
                    }
                }
                _ => {
                    let fen = Unit::Yuan.read((*value).into()).to_fen().ok_or_else(|| wrong("金额过大 / too large"))?;
                    let row = plan.budgets.iter_mut().filter(|row| row.pool == pool && row.year == year);
                    row.for_each(|row| row.total = fen);
                }
            }
        }
        if let Some(at) = new_edges.windows(2).position(|pair| pair[0] >= pair[1]) {
            let variable = known.iter().find(|one| one.id == format!("edge/{}", at + 2));
            let name = variable.map_or_else(String::new, |one| one.name.clone());
            let value = new_edges[at + 1].to_exact().unwrap_or_default();
            return Err(VariationError::OutOfRange {
                name, value, limit: "各档界限须依次增大 / edges must rise"
            });
        }
        if let Some(id) = ladder {
            move_edges(&mut plan, &id, &old_edges, &new_edges);
        }
        Ok(plan)
    }
}

/// The key under which a parameter holds one value for a whole pool: its only key is the pool, or it
/// has none. `None` where it differs by institution.
fn param_key(param: &Param, pool: &str) -> Option<String> {
    match param.keys.as_slice() {
        [] => Some(String::new()),
        [Key::Fact(Fact::Pool)] => Some(pool.to_owned()),
        _ => None,
    }
}

/// One value for the whole pool; where it differs by institution, for every institution.
fn set_param(params: &mut [Param], name: &str, pool: &str, value: Exact) {
    for param in params.iter_mut().filter(|param| *param.id == *name) {
        let value = param.unit.read(value.into());
        let article = param.article.clone();
        match param_key(param, pool) {
            Some(key) => {
                let cell = Cell { from: Date::MIN, until: None, value, article };
                param.cells.insert(key, vec![cell]);
            }
            None => {
                param.cells.clear();
                param.otherwise = Some(value);
            }
        }
    }
}

fn edges(bands: &Bands) -> Vec<Fraction> {
    let rows = bands.tiers.iter().flat_map(|tier| &tier.rows);
    let mut edges: Vec<Fraction> =
        rows.flat_map(|row| [&row.from, &row.to]).flatten().map(|edge| edge.at.clone()).collect();
    edges.sort();
    edges.dedup();
    edges
}

fn move_edges(plan: &mut PaymentFile, id: &str, old: &[Fraction], new: &[Fraction]) {
    for bands in plan.bands.iter_mut().filter(|bands| *bands.id == *id) {
        for row in bands.tiers.iter_mut().flat_map(|tier| &mut tier.rows) {
            for edge in [&mut row.from, &mut row.to].into_iter().flatten() {
                if let Some(at) = old.iter().position(|known| *known == edge.at) {
                    edge.at = new[at].clone();
                }
            }
        }
    }
}

/// The parameters that formulas of the year name, in the order of the plan.
fn used<'a>(formulas: impl Iterator<Item = &'a Formula>, ladder: Option<&'a Bands>) -> BTreeSet<usize> {
    let rungs = ladder.into_iter().flat_map(|bands| &bands.tiers).flat_map(|tier| &tier.rows);
    let rungs = rungs.map(|row| match &row.gives {
        Gives::Points(formula) | Gives::Amount(formula) => formula,
    });
    let mut found = BTreeSet::new();
    formulas.chain(rungs).for_each(|formula| names(&formula.expr, &mut found));
    found
}

fn names(expr: &Expr, found: &mut BTreeSet<usize>) {
    match expr {
        Expr::Name(Name::Param(index)) => {
            found.insert(*index);
        }
        Expr::Not(one) | Expr::Minus(one) | Expr::Floor(one) | Expr::RoundTo(one, ..) | Expr::PerDay(one) => {
            names(one, found);
        }
        Expr::Binary(_, one, other) => [one, other].into_iter().for_each(|one| names(one, found)),
        Expr::If(one, then, otherwise) => [one, then, otherwise].into_iter().for_each(|one| names(one, found)),
        Expr::OneOf(one, rest) => {
            names(one, found);
            rest.iter().for_each(|one| names(one, found));
        }
        Expr::Min(all) | Expr::Max(all) => all.iter().for_each(|one| names(one, found)),
        Expr::Number(_) | Expr::Text(_) | Expr::Flag(_) | Expr::Name(_) => {}
    }
}

fn word(unit: Unit) -> &'static str {
    match unit {
        Unit::Yuan => "yuan",
        Unit::Percent => "percent",
        Unit::Number => "number",
    }
}

fn shown(unit: Unit, value: &Fraction) -> Option<Exact> {
    let hundred = Fraction::whole(100);
    match unit {
        Unit::Yuan => value.over(&hundred)?.to_exact(),
        Unit::Percent => (value.clone() * hundred).to_exact(),
        Unit::Number => value.to_exact(),
    }
}
