//! 病例定价: route, band, points, payment, who pays.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use terms::{Date, Exact, Fen};

use crate::case_facts::CaseFacts;
use crate::eval::{Env, Label};
use crate::expr::Val;
use crate::facts::{Case, Decision, Grouped};
use crate::number::Fraction;
use crate::plan::{Band, Bands, Basis, Cap, DatedBy, Gives, PaymentFile, Pool, Route, RouteBy};
use crate::priced::{Operand, Priced, Shown};
use crate::refusal::Refusal;
use crate::weights::{AuxiliaryRow, GroupRow};

/// What may be imposed on a price from outside: a point value, a band, a refused decision.
#[derive(Default)]
struct Imposed<'a> {
    point_value: Option<Exact>,
    band: Option<(&'a str, &'a Cap)>,
    undecided: Option<&'a Cap>,
    row: Option<&'a GroupRow>,
}

impl PaymentFile {
    /// 病例定价 at the plan's own rate or estimated point value.
    ///
    /// # Errors
    /// [`Refusal`], in the order of its variants.
    pub fn price(&self, case: &Case) -> Result<Priced, Refusal> {
        self.price_with(case, &Imposed::default())
    }

    /// 病例定价 at a point value given in 分 per point: the year's final one, or another
    /// estimate. The same formulas.
    ///
    /// # Errors
    /// As [`PaymentFile::price`].
    pub fn price_at(&self, case: &Case, point_value: Exact) -> Result<Priced, Refusal> {
        self.price_with(case, &Imposed { point_value: Some(point_value), ..Imposed::default() })
    }

    /// As [`PaymentFile::price`], with a row that stands in for the table's (examples, what-if).
    ///
    /// # Errors
    /// As [`PaymentFile::price`].
    pub fn price_as(&self, case: &Case, row: &GroupRow, point_value: Option<Exact>) -> Result<Priced, Refusal> {
        self.price_with(case, &Imposed { row: Some(row), point_value, ..Imposed::default() })
    }

    /// Prices many cases together: the caps on bands and decided cases (`[[cap]]`) apply to
    /// each institution's cases among them. The answers stand in the order of the cases;
    /// which cases a cap leaves alone does not depend on that order.
    #[must_use]
    pub fn price_all(&self, cases: &[Case]) -> Vec<Result<Priced, Refusal>> {
        let mut seen = BTreeSet::new();
        let mut priced: Vec<Result<Priced, Refusal>> = cases
            .iter()
            .map(|case| {
                if !seen.insert(case.id.as_str()) {
                    return Err(Refusal::Twice { case: case.id.clone() });
                }
                self.price(case)
            })
            .collect();
        for cap in &self.caps {
            for (at, beyond) in self.beyond(cap, cases, &priced) {
                priced[at] = beyond;
            }
        }
        priced
    }

    /// The cases beyond a cap, priced anew: of an institution's n cases the ⌊share × n⌋
    /// that the cap's rule favours most stay; then the smaller id first.
    fn beyond(
        &self,
        cap: &Cap,
        cases: &[Case],
        priced: &[Result<Priced, Refusal>],
    ) -> Vec<(usize, Result<Priced, Refusal>)> {
        let mut of_institution: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (at, _) in priced.iter().enumerate().filter(|(_, priced)| priced.is_ok()) {
            of_institution.entry(cases[at].institution.as_str()).or_default().push(at);
        }
        let mut beyond = Vec::new();
        for (institution, all) in of_institution {
            let hit = |at: &&usize| {
                priced[**at].as_ref().is_ok_and(|priced| match (&cap.band, &cap.route) {
                    (Some(band), _) => priced.band.as_deref() == Some(&**band),
                    (None, route) => Some(priced.route.as_str()) == route.as_deref(),
                })
            };
            let instead = |at: usize| {
                let case = &cases[at];
                let imposed = match &cap.instead {
                    Some(band) => Imposed { band: Some((band, cap)), ..Imposed::default() },
                    None => Imposed { undecided: Some(cap), ..Imposed::default() },
                };
                self.price_with(case, &imposed)
            };
            let hits: Vec<usize> = all.iter().filter(hit).copied().collect();
            let allowed = match hits.first() {
                Some(first) => self.allowed(cap, institution, all.len(), &cases[*first]),
                None => continue,
            };
            let allowed = match allowed {
                Ok(allowed) => allowed,
                Err(refusal) => {
                    beyond.extend(hits.into_iter().map(|at| (at, Err(refusal.clone()))));
                    continue;
                }
            };
            let mut ranked: Vec<(Fen, &str, usize, Result<Priced, Refusal>)> = hits
                .into_iter()
                .map(|at| {
                    let other = instead(at);
                    let now = priced[at].as_ref().map_or(Fen::ZERO, |priced| priced.payment);
                    let then = other.as_ref().map_or(Fen::ZERO, |priced| priced.payment);
                    (now - then, cases[at].id.as_str(), at, other)
                })
                .collect();
            ranked.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(b.1)));
            beyond.extend(ranked.into_iter().skip(allowed).map(|(_, _, at, other)| (at, other)));
        }
        beyond
    }

    fn allowed(&self, cap: &Cap, institution: &str, cases: usize, first: &Case) -> Result<usize, Refusal> {
        let date = self.date_of(first);
        let pool = self.pool_of(&first.insurance).map_or("", |pool| pool.id.as_str());
        let facts = crate::month::Sums::named(institution, pool, date.year(), cases as u64);
        let env = Env::new(self, institution, date, &facts);
        let (share, _) = env.quiet(&cap.id, &cap.share)?;
        let allowed = (share.fraction() * Fraction::whole(cases as u64)).floor().to_fen();
        Ok(allowed.and_then(|count| usize::try_from(count.0).ok()).unwrap_or(0))
    }

    /// The governing date of a case.
    #[must_use]
    pub fn date_of(&self, case: &Case) -> Date {
        match self.dated_by {
            DatedBy::Discharged => case.discharged,
            DatedBy::Settled => case.settled,
        }
    }

    fn price_with(&self, case: &Case, imposed: &Imposed<'_>) -> Result<Priced, Refusal> {
        let (date, pool) = self.accept(case)?;
        let row = match imposed.row {
            Some(row) => Some(row),
            None => self.group_row(case, date)?,
        };
        let auxiliary = self.auxiliary_row(case)?;
        let undecided = Decision::Refused;
        let facts = CaseFacts {
            plan: self,
            case,
            pool,
            date,
            row,
            auxiliary: auxiliary.map(|(_, row)| row),
            decision: if imposed.undecided.is_some() { Some(&undecided) } else { case.decision.as_ref() },
            point_value: RefCell::default(),
            points: RefCell::default(),
            amount: RefCell::default(),
            edges: RefCell::default(),
        };
        let env = Env::new(self, &case.id, date, &facts);
        self.write_tables(&env, &facts, auxiliary)?;
        let point_value = self.point_value(&env, imposed)?;
        *facts.point_value.borrow_mut() = Some(point_value.clone());
        let standard = match (&self.price.standard, row) {
            (Some(standard), Some(_)) => {
                let (standard, _) = env.quiet("standard", standard)?;
                Some(standard.fraction())
            }
            _ => None,
        };
        let Taken { route, gives, band, r } = self.route(&env, &facts, imposed)?;
        let (points, payment) = self.worth(&env, &facts, route, gives)?;
        self.settle(case, pool, &env, Worth { route, band, r, points, payment, standard, point_value, row })
    }

    /// What is refused before anything is priced.
    fn accept(&self, case: &Case) -> Result<(Date, &Pool), Refusal> {
        if (&case.scheme, &case.scheme_version) != (&self.scheme, &self.scheme_version) {
            return Err(Refusal::WrongScheme {
                case: case.id.clone(),
                plan: self.id.clone(),
                got: format!("{} {}", case.scheme, case.scheme_version),
                wants: format!("{} {}", self.scheme, self.scheme_version),
            });
        }
        let date = self.date_of(case);
        if !self.covers(date) {
            let until = self.until.map_or_else(|| "on".to_owned(), |until| format!("to {until}"));
            return Err(Refusal::OutOfForce {
                case: case.id.clone(),
                plan: self.id.clone(),
                date,
                period: format!("from {} {until}", self.from),
            });
        }
        let pool = self
            .pool_of(&case.insurance)
            .ok_or_else(|| Refusal::NoPool { case: case.id.clone(), insurance: case.insurance.clone() })?;
        let bad = |what, amount, limit| Refusal::BadAmount { case: case.id.clone(), what, amount, limit };
        for (what, amount) in [
            ("the fee", case.fee),
            ("the excluded part", case.excluded),
            ("the patient's part", case.patient),
            ("the other funds' part", case.other_funds),
        ] {
            if amount < Fen::ZERO {
                return Err(bad(what, amount, "it cannot be below zero; a reversal is the negative of a priced case"));
            }
        }
        if case.excluded > case.fee {
            return Err(bad("the excluded part", case.excluded, "more than the whole fee"));
        }
        if case.patient + case.other_funds > case.fee {
            let sum = case.patient + case.other_funds;
            return Err(bad("the patient's and other funds' part", sum, "more than the whole fee"));
        }
        Ok((date, pool))
    }

    fn group_row(&self, case: &Case, date: Date) -> Result<Option<&GroupRow>, Refusal> {
        let row = self.weights.row(&case.group, date);
        if row.is_none() && case.grouped == Grouped::Grouped {
            return Err(Refusal::UnknownGroup {
                case: case.id.clone(),
                group: case.group.clone(),
                table: self.weights.file.clone(),
                date,
            });
        }
        Ok(row)
    }

    /// The auxiliary row with the largest factor; of equal ones the first by name.
    fn auxiliary_row<'a>(&'a self, case: &'a Case) -> Result<Option<(&'a str, &'a AuxiliaryRow)>, Refusal> {
        let mut best: Option<(&str, &AuxiliaryRow)> = None;
        for name in &case.auxiliary {
            let found = self.auxiliary.as_ref().and_then(|table| table.row(&case.group, name));
            let row = found.ok_or_else(|| Refusal::UnknownAuxiliary {
                case: case.id.clone(),
                group: case.group.clone(),
                auxiliary: name.clone(),
                table: self.auxiliary.as_ref().map_or("(no auxiliary table)", |table| &table.file).to_owned(),
            })?;
            let better = best.is_none_or(|(id, other)| {
                row.factor > other.factor || (row.factor == other.factor && name.as_str() < id)
            });
            if better {
                best = Some((name, row));
            }
        }
        Ok(best)
    }

    /// The rows of the tables that the price rests on, as steps.
    fn write_tables(
        &self,
        env: &Env<'_>,
        facts: &CaseFacts<'_>,
        auxiliary: Option<(&str, &AuxiliaryRow)>,
    ) -> Result<(), Refusal> {
        if let Some(row) = facts.row {
            let article: Arc<str> =
                if row.article.is_empty() { self.weights.article.clone() } else { row.article.as_str().into() };
            let label = Label { rule: &"weight".into(), name: &self.weights.name, article: &article };
            let formula: Arc<str> = format!("{} {} {}", self.weights.file, row.group, row.name).trim_end().into();
            env.write(&label, formula, Vec::new(), &Val::Number(row.weight.clone()), None)?;
        }
        if let (Some((id, row)), Some(table)) = (auxiliary, &self.auxiliary) {
            let article: Arc<str> =
                if row.article.is_empty() { table.article.clone() } else { row.article.as_str().into() };
            let label =
                Label { rule: &"auxiliary_factor".into(), name: &"辅助目录系数".into(), article: &article };
            let formula: Arc<str> =
                format!("{} {} {} {}", table.file, facts.case.group, id, row.name).trim_end().into();
            env.write(&label, formula, Vec::new(), &Val::Number(row.factor.clone()), None)?;
        }
        Ok(())
    }

    fn point_value(&self, env: &Env<'_>, imposed: &Imposed<'_>) -> Result<Fraction, Refusal> {
        let name: Arc<str> = if self.method == crate::Method::Rate { "费率".into() } else { "点值".into() };
        let label = Label { rule: &"point_value".into(), name: &name, article: &self.price.article };
        if let Some(given) = imposed.point_value {
            let value = Val::Money(given.into());
            env.write(&label, "given".into(), Vec::new(), &value, None)?;
            return Ok(value.fraction());
        }
        Ok(env.step(&label, &self.price.point_value, Some(&self.price.round_point_value))?.fraction())
    }

    /// The first route that takes the case, and what it or its band gives.
    fn route<'a>(&'a self, env: &Env<'_>, facts: &CaseFacts<'_>, imposed: &Imposed<'_>) -> Result<Taken<'a>, Refusal> {
        for route in &self.routes {
            let (takes, operands) = env.quiet(&route.id, &route.when)?;
            if !takes.flag() {
                continue;
            }
            let mut article = route.article.clone();
            if let Some(cap) = imposed.undecided {
                article = format!("{} {}", cap.name, cap.article).into();
            }
            let label = Label { rule: &route.id, name: &route.name, article: &article };
            env.write(&label, route.when.text.clone(), operands, &takes, None)?;
            return match &route.by {
                RouteBy::Gives(gives) => Ok(Taken { route, gives, band: None, r: None }),
                RouteBy::Bands(id) => {
                    let (band, r) = self.band(env, id, imposed, facts)?;
                    *facts.edges.borrow_mut() =
                        (band.from.as_ref().map(|e| e.at.clone()), band.to.as_ref().map(|e| e.at.clone()));
                    Ok(Taken { route, gives: &band.gives, band: Some(band), r: Some(r) })
                }
            };
        }
        Err(Refusal::NoRoute {
            case: facts.case.id.clone(),
            plan: self.id.clone(),
            status: facts.case.grouped.word(),
            group: facts.case.group.clone(),
        })
    }

    fn band<'a>(
        &'a self,
        env: &Env<'_>,
        id: &str,
        imposed: &Imposed<'_>,
        facts: &CaseFacts<'_>,
    ) -> Result<(&'a Band, Fraction), Refusal> {
        let missing = |what: String, way_out| Refusal::Missing {
            case: facts.case.id.clone(),
            needed_by: id.to_owned(),
            what,
            way_out,
        };
        let bands = self
            .bands_at(id, facts.date)
            .ok_or_else(|| missing(format!("[[bands]] “{id}” in force on {}", facts.date), "add a version"))?;
        let forced = imposed.band.map(|(band, cap)| (band, format!("{} {}", cap.name, cap.article)));
        choose(env, bands, forced.as_ref().map(|(band, why)| (*band, why.as_str())))?
            .ok_or_else(|| missing("a band that fits".to_owned(), "give the bands a last tier without `when`"))
    }

    /// Points and payment, each from the other.
    fn worth(
        &self,
        env: &Env<'_>,
        facts: &CaseFacts<'_>,
        route: &Route,
        gives: &Gives,
    ) -> Result<(Fraction, Fraction), Refusal> {
        let price = &self.price;
        let points_name: Arc<str> = "结算点数".into();
        let pay_name: Arc<str> = "病组支付".into();
        let points_label = Label { rule: &"points".into(), name: &points_name, article: &route.article };
        let pay_label = Label { rule: &"payment".into(), name: &pay_name, article: &price.article };
        match gives {
            Gives::Points(formula) => {
                let points = env.step(&points_label, formula, Some(&price.round_points))?.fraction();
                *facts.points.borrow_mut() = Some(points.clone());
                let payment = env.step(&pay_label, &price.payment, Some(&price.round_payment))?.fraction();
                Ok((points, payment))
            }
            Gives::Amount(formula) => {
                let payment = env.step(&pay_label, formula, Some(&price.round_payment))?.fraction();
                *facts.amount.borrow_mut() = Some(payment.clone());
                let points = env.step(&points_label, &price.points, Some(&price.round_points))?.fraction();
                Ok((points, payment))
            }
        }
    }

    fn settle(&self, case: &Case, pool: &Pool, env: &Env<'_>, worth: Worth<'_>) -> Result<Priced, Refusal> {
        let too_large = |rule: &str| Refusal::TooLarge { case: case.id.clone(), rule: rule.to_owned() };
        let exact = |number: &Fraction, rule: &str| number.to_exact().ok_or_else(|| too_large(rule));
        let bought =
            worth.payment.to_fen().filter(|fen| fen.0.unsigned_abs() < 1 << 53).ok_or_else(|| too_large("payment"))?;
        let others = case.patient + case.other_funds;
        let (payment, formula) = match self.basis {
            Basis::Fee => (bought, "payment + excluded - patient - other_funds"),
            Basis::Fund => (bought + others, "payment + excluded"),
        };
        let fund = payment + case.excluded - others;
        let operand = |id: &str, name: &str, fen: Fen| Operand {
            id: id.into(),
            name: name.into(),
            article: "".into(),
            value: Shown::Money(fen.into()),
        };
        let mut operands = vec![operand("payment", "病组支付", bought), operand("excluded", "除外支付", case.excluded)];
        if self.basis == Basis::Fee {
            operands.push(operand("patient", "个人支付", case.patient));
            operands.push(operand("other_funds", "其他基金支付", case.other_funds));
        }
        let label = Label { rule: &"fund".into(), name: &"统筹基金应付".into(), article: &self.article };
        env.write(&label, formula.into(), operands, &Val::Money(fund.into()), None)?;
        Ok(Priced {
            case: case.id.clone(),
            institution: case.institution.clone(),
            date: env.date,
            reversal: false,
            plan: self.id.clone(),
            plan_hash: self.hash.clone(),
            pool: pool.id.clone(),
            route: worth.route.id.to_string(),
            band: worth.band.map(|band| band.band.to_string()),
            weight: worth.row.map(|row| exact(&row.weight, "weight")).transpose()?,
            points: exact(&worth.points, "points")?,
            r: worth.r.map(|r| exact(&r, "r")).transpose()?,
            standard: worth.standard.map(|standard| exact(&standard, "standard")).transpose()?,
            point_value: exact(&worth.point_value, "point_value")?,
            outside: worth.route.outside,
            fee: case.fee,
            excluded: case.excluded,
            payment,
            patient: case.patient,
            other_funds: case.other_funds,
            fund,
            item_fund: case.item_fund,
            difference: fund - case.item_fund,
            balance: payment + case.excluded - case.fee,
            steps: env.steps.take(),
        })
    }
}

/// The route that takes a case, and its band.
struct Taken<'a> {
    route: &'a Route,
    gives: &'a Gives,
    band: Option<&'a Band>,
    r: Option<Fraction>,
}

struct Worth<'a> {
    route: &'a Route,
    band: Option<&'a Band>,
    r: Option<Fraction>,
    points: Fraction,
    payment: Fraction,
    standard: Option<Fraction>,
    point_value: Fraction,
    row: Option<&'a GroupRow>,
}

/// The band that takes what `bands` looks at, with the step that says so. A forced band
/// (by a cap) is taken by name from the tier that fits.
pub(crate) fn choose<'a>(
    env: &Env<'_>,
    bands: &'a Bands,
    forced: Option<(&str, &str)>,
) -> Result<Option<(&'a Band, Fraction)>, Refusal> {
    let (on, mut operands) = env.quiet(&bands.id, &bands.on)?;
    let on = on.fraction();
    for tier in &bands.tiers {
        if let Some(when) = &tier.when {
            let (takes, more) = env.quiet(&bands.id, when)?;
            for operand in more {
                if !operands.contains(&operand) {
                    operands.push(operand);
                }
            }
            if !takes.flag() {
                continue;
            }
        }
        let fits = |band: &&Band| forced.map_or_else(|| band.holds(&on), |(id, _)| &*band.band == id);
        let Some(band) = tier.rows.iter().find(fits) else { return Ok(None) };
        let article = match forced {
            Some((_, why)) => why.into(),
            None => band.article.clone(),
        };
        let label = Label { rule: &bands.id, name: &bands.name, article: &article };
        let formula: Arc<str> = format!("x = {}；{} {}：{}", bands.on.text, tier.name, band.name, band.words()).into();
        let shown = Val::Text(band.band.clone());
        env.write(&label, formula, operands, &shown, None)?;
        return Ok(Some((band, on)));
    }
    Ok(None)
}
