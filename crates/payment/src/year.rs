//! 年终清算: final point value, retained surplus, shared overspend, pool by pool, to the fen.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use terms::{Exact, Fen, InstitutionId};

use crate::eval::{Env, Label};
use crate::expr::Kind;
use crate::month::Sums;
use crate::number::{Fraction, Mode};
use crate::plan::{Basis, Gives, PaymentFile, Round, ShareBy, YearRule};
use crate::price::choose;
use crate::priced::{Operand, Priced, Shown, Step};
use crate::refusal::Refusal;
use crate::share::by_largest_remainder;

/// What the year's clearing needs of a priced case; made from a [`crate::Priced`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct YearCase {
    /// Institution.
    pub institution: InstitutionId,
    /// Pool.
    pub pool: String,
    /// 冲销: takes an earlier case back.
    #[serde(default)]
    pub reversal: bool,
    /// 结算点数.
    pub points: Exact,
    /// Paid outside of the sharing by points.
    pub outside: bool,
    /// 病组支付总额 at the estimate.
    pub payment: Fen,
    /// 医疗总费用.
    pub fee: Fen,
    /// 除外支付.
    pub excluded: Fen,
    /// 个人支付.
    pub patient: Fen,
    /// 其他基金支付.
    pub other_funds: Fen,
    /// 统筹基金应付 at the estimate.
    pub fund: Fen,
    /// 按项目记账.
    pub item_fund: Fen,
}

/// 机构年终清算.
///
/// Always: `entitled = shared − withheld`; `payable = entitled + outside − returned +
/// overspend_shared`; `balance_due = payable − prepaid`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InstitutionYear {
    /// Institution.
    pub institution: InstitutionId,
    /// How many cases, less those reversed.
    pub cases: i64,
    /// Σ points inside the sharing.
    pub points: Exact,
    /// Σ 医疗总费用.
    pub fee: Fen,
    /// Σ 个人支付 and 其他基金支付 of the cases inside the sharing.
    pub paid_by_others: Fen,
    /// Fund money that its points bring at the final point value.
    pub shared: Fen,
    /// 考核扣减: kept by the fund for the assessment.
    pub withheld: Fen,
    /// 应得: `shared − withheld`.
    pub entitled: Fen,
    /// 记账: Σ item-booked fund money of the cases inside the sharing, less what is
    /// excluded (paid apart).
    pub booked: Fen,
    /// `booked / entitled`, to ten decimals; `None` if nothing was entitled.
    pub ratio: Option<Exact>,
    /// Rung of the ladder.
    pub band: Option<String>,
    /// 结余留用: kept surplus, part of `entitled`.
    pub retained: Fen,
    /// 结余收回: surplus that goes back to the fund.
    pub returned: Fen,
    /// 超支分担: overspend that the fund bears.
    pub overspend_shared: Fen,
    /// 超支自负: overspend that the institution bears.
    pub overspend_borne: Fen,
    /// Fund money of the cases outside the sharing, and of what is excluded.
    pub outside: Fen,
    /// 全年应拨付.
    pub payable: Fen,
    /// 已预付 in the months.
    pub prepaid: Fen,
    /// 清算应付: `payable − prepaid`; negative is to be paid back. Includes the deposit.
    pub balance_due: Fen,
    /// Why.
    pub steps: Vec<Step>,
}

/// 统筹池年终清算.
///
/// Always, to the fen: `budget = Σ payable − drawn + left`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PoolYear {
    /// Pool.
    pub pool: String,
    /// Year.
    pub year: i16,
    /// 可分配基金 before anything: the budget.
    pub budget: Fen,
    /// Fund money paid outside of the sharing.
    pub outside: Fen,
    /// 参与分配: fund money shared by points (fee basis: with what others paid).
    pub distributable: Fen,
    /// Σ points.
    pub points: Exact,
    /// 最终点值, in 分 per point, as published (rounded by the plan).
    pub point_value: Exact,
    /// Each institution, by id.
    pub institutions: Vec<InstitutionYear>,
    /// 动用风险金 or other reserve, beyond the budget.
    pub drawn: Fen,
    /// 留存基金: budget that nobody was paid.
    pub left: Fen,
    /// Why.
    pub steps: Vec<Step>,
}

impl From<&Priced> for YearCase {
    fn from(priced: &Priced) -> YearCase {
        YearCase {
            institution: priced.institution.clone(),
            pool: priced.pool.clone(),
            reversal: priced.reversal,
            points: priced.points,
            outside: priced.outside,
            payment: priced.payment,
            fee: priced.fee,
            excluded: priced.excluded,
            patient: priced.patient,
            other_funds: priced.other_funds,
            fund: priced.fund,
            item_fund: priced.item_fund,
        }
    }
}

/// 预估点值.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Estimate {
    /// 预测总点数: the mean of what remained, to ten decimals.
    pub points: Exact,
    /// What remained of the history, rising.
    pub kept: Vec<Exact>,
    /// 预估点值 in 分 per point, rounded by the plan.
    pub point_value: Exact,
}

/// Running sums of one institution.
#[derive(Default, Clone)]
struct Sum {
    cases: i64,
    points: Exact,
    fee: Fen,
    others: Fen,
    /// What the cases inside the sharing were priced, in the money that is shared.
    priced: Fen,
    booked: Fen,
    outside: Fen,
}

impl PaymentFile {
    /// 预估点值: the budget (总费用口径: with what others are expected to pay) over the
    /// mean of past points, the plan's number of extremes dropped at each end.
    ///
    /// # Errors
    /// No budget, or nothing left of the history.
    pub fn estimate_point_value(
        &self,
        pool: &str,
        year: i16,
        past_points: &[Exact],
        others: Fen,
    ) -> Result<Estimate, Refusal> {
        let budget = self.budget(pool, year).ok_or_else(|| Refusal::NoBudget { pool: pool.to_owned(), year })?;
        let (low, high) = self.estimate.unwrap_or((0, 0));
        let mut kept = past_points.to_vec();
        kept.sort_unstable();
        if low + high >= kept.len() {
            return Err(Refusal::NoHistory { given: kept.len(), dropped: low + high });
        }
        let kept = kept[low..kept.len() - high].to_vec();
        let sum = kept.iter().fold(Fraction::zero(), |sum, points| sum + Fraction::from(*points));
        let mean = sum.over(&Fraction::whole(kept.len() as u64)).unwrap_or_default();
        let money = match self.basis {
            Basis::Fee => budget + others,
            Basis::Fund => budget,
        };
        let no_points = || Refusal::NoPoints { subject: format!("{pool} {year}"), points: mean.to_string() };
        let value = Fraction::from(money).over(&mean).ok_or_else(no_points)?;
        let value = self.price.round_point_value.apply(&value, Kind::Money);
        let too_large = || Refusal::TooLarge { case: format!("{pool} {year}"), rule: "point_value".to_owned() };
        Ok(Estimate {
            points: mean.to_exact().ok_or_else(too_large)?,
            kept,
            point_value: value.to_exact().ok_or_else(too_large)?,
        })
    }

    /// 年终清算 of one pool. Cases of other pools among `cases` are left alone; the order of
    /// the cases does not matter. `prepaid` is what the months paid, by institution;
    /// an institution that is only there gets a row too.
    ///
    /// # Errors
    /// No rule or budget, points that cannot be shared by, a factor outside of 0 to 1, or a
    /// missing parameter.
    pub fn year_end(
        &self,
        pool: &str,
        year: i16,
        cases: impl IntoIterator<Item = YearCase>,
        prepaid: &BTreeMap<InstitutionId, Fen>,
    ) -> Result<PoolYear, Refusal> {
        let rule = self.year.as_ref().ok_or_else(|| Refusal::NoRule { plan: self.id.clone(), section: "year" })?;
        let budget = self.budget(pool, year).ok_or_else(|| Refusal::NoBudget { pool: pool.to_owned(), year })?;
        let sums = self.sum_up(pool, cases, prepaid);
        let mut clearing = Clearing { plan: self, rule, pool, year, budget, steps: Vec::new() };
        clearing.clear(sums, prepaid)
    }

    fn sum_up(
        &self,
        pool: &str,
        cases: impl IntoIterator<Item = YearCase>,
        prepaid: &BTreeMap<InstitutionId, Fen>,
    ) -> BTreeMap<InstitutionId, Sum> {
        let mut sums: BTreeMap<InstitutionId, Sum> = prepaid.keys().map(|id| (id.clone(), Sum::default())).collect();
        for case in cases.into_iter().filter(|case| case.pool == pool) {
            let sum = sums.entry(case.institution.clone()).or_default();
            sum.cases += if case.reversal { -1 } else { 1 };
            sum.fee += case.fee;
            if case.outside {
                sum.outside += case.fund;
                continue;
            }
            sum.points = sum.points + case.points;
            sum.outside += case.excluded;
            sum.booked += case.item_fund - case.excluded;
            let others = case.patient + case.other_funds;
            sum.others += others;
            sum.priced += match self.basis {
                Basis::Fee => case.payment,
                Basis::Fund => case.payment - others,
            };
        }
        sums
    }
}

struct Clearing<'a> {
    plan: &'a PaymentFile,
    rule: &'a YearRule,
    pool: &'a str,
    year: i16,
    budget: Fen,
    steps: Vec<Step>,
}

impl Clearing<'_> {
    fn subject(&self) -> String {
        format!("{} {}", self.pool, self.year)
    }

    fn note(
        &mut self,
        rule: &str,
        name: &str,
        article: &Arc<str>,
        formula: &str,
        operands: Vec<Operand>,
        result: Shown,
    ) {
        let article = if article.is_empty() { self.rule.article.clone() } else { article.clone() };
        self.steps.push(Step {
            rule: rule.into(),
            name: name.into(),
            article,
            formula: formula.into(),
            operands,
            result,
            rounded: None,
        });
    }

    fn clear(
        &mut self,
        sums: BTreeMap<InstitutionId, Sum>,
        prepaid: &BTreeMap<InstitutionId, Fen>,
    ) -> Result<PoolYear, Refusal> {
        let plan = self.plan;
        let (pool, year, budget) = (self.pool, self.year, self.budget);
        let outside: Fen = sums.values().map(|sum| sum.outside).sum();
        if outside > budget {
            return Err(Refusal::BudgetTooSmall { pool: pool.to_owned(), year, budget, outside });
        }
        let others: Fen = sums.values().map(|sum| sum.others).sum();
        let by_others = if plan.basis == Basis::Fee { others } else { Fen::ZERO };
        let distributable = budget - outside + by_others;
        let budget_article = plan.budgets.iter().find(|b| b.pool == pool && b.year == year).map(|b| b.article.clone());
        let operands = vec![
            money("budget", "预算", budget),
            money("outside", "不参与分配", outside),
            money("others", "个人与其他基金支付", by_others),
        ];
        let article = budget_article.unwrap_or_default();
        self.note(
            "distributable",
            "参与分配",
            &article,
            "budget - outside + others",
            operands,
            Shown::Money(distributable.into()),
        );
        let points = sums.values().fold(Exact::ZERO, |all, sum| all + sum.points);
        let totals = self.totals(&sums, distributable, points)?;
        let point_value = self.point_value(&totals, points)?;
        let mut rows = Vec::new();
        for ((id, sum), total) in sums.iter().zip(&totals) {
            rows.push(self.institution(id, sum, *total, prepaid.get(id).copied().unwrap_or_default())?);
        }
        let (drawn, left) = self.overspend(&mut rows, budget - outside)?;
        for row in &mut rows {
            row.payable = row.entitled + row.outside - row.returned + row.overspend_shared;
            row.overspend_borne = (row.booked - (row.payable - row.outside)).max(Fen::ZERO);
            row.balance_due = row.payable - row.prepaid;
        }
        let paid: Fen = rows.iter().map(|row| row.payable).sum();
        assert_eq!(budget, paid - drawn + left, "the year's clearing of {} does not sum", self.subject());
        Ok(PoolYear {
            pool: pool.to_owned(),
            year,
            budget,
            outside,
            distributable,
            points,
            point_value,
            institutions: rows,
            drawn,
            left,
            steps: std::mem::take(&mut self.steps),
        })
    }

    /// What each institution's points are worth, in the money that is shared.
    fn totals(
        &mut self,
        sums: &BTreeMap<InstitutionId, Sum>,
        distributable: Fen,
        points: Exact,
    ) -> Result<Vec<Fen>, Refusal> {
        let priced: Vec<Fen> = sums.values().map(|sum| sum.priced).collect();
        let all: Fen = priced.iter().copied().sum();
        if self.rule.share == ShareBy::Price && all <= distributable {
            return Ok(priced);
        }
        let weights: Vec<Fraction> = match self.rule.share {
            ShareBy::Points => sums.values().map(|sum| sum.points.into()).collect(),
            ShareBy::Price => priced.into_iter().map(Fraction::from).collect(),
        };
        if let Some(((id, _), weight)) = sums.iter().zip(&weights).find(|(_, weight)| weight.is_negative()) {
            let subject = format!("{} {id}", self.subject());
            return Err(Refusal::NoPoints { subject, points: weight.to_string() });
        }
        if weights.iter().all(Fraction::is_zero) {
            // A year without cases shares nothing; the budget is left.
            return Ok(vec![Fen::ZERO; weights.len()]);
        }
        by_largest_remainder(distributable, &weights)
            .ok_or_else(|| Refusal::NoPoints { subject: self.subject(), points: points.to_string() })
    }

    fn point_value(&mut self, totals: &[Fen], points: Exact) -> Result<Exact, Refusal> {
        let shared: Fen = totals.iter().copied().sum();
        let Some(exact) = Fraction::from(shared).over(&points.into()) else { return Ok(Exact::ZERO) };
        let round = &self.plan.price.round_point_value;
        let value = round.apply(&exact, Kind::Money);
        let too_large = || Refusal::TooLarge { case: self.subject(), rule: "point_value".to_owned() };
        let value = value.to_exact().ok_or_else(too_large)?;
        let article = round.article.clone();
        let operands = vec![
            money("distributable", "参与分配", shared),
            Operand { id: "points".into(), name: "总点数".into(), article: "".into(), value: Shown::Number(points) },
        ];
        self.note("point_value", "最终点值", &article, "distributable / points", operands, Shown::Money(value));
        if let Some(step) = self.steps.last_mut() {
            step.rounded = Some(round.words.clone());
        }
        Ok(value)
    }

    fn institution(&self, id: &InstitutionId, sum: &Sum, total: Fen, prepaid: Fen) -> Result<InstitutionYear, Refusal> {
        let plan = self.plan;
        let subject = format!("{} {id}", self.subject());
        let day = terms::Date::new(self.year, 12, 31)
            .map_err(|_| Refusal::NoBudget { pool: self.pool.to_owned(), year: self.year })?;
        // The parameters are those of the year's last day on which the plan is in force.
        let day = plan.until.map_or(day, |until| until.min(day));
        let by_others = if plan.basis == Basis::Fee { sum.others } else { Fen::ZERO };
        let shared = total - by_others;
        let mut facts = Sums {
            points: Some(sum.points.into()),
            shared: Some(shared),
            booked: Some(sum.booked),
            budget: Some(self.budget),
            ..Sums::named(id.as_str(), self.pool, self.year, u64::try_from(sum.cases).unwrap_or(0))
        };
        let mut steps = Vec::new();
        let withheld = self.withheld(&subject, day, &facts, total, &mut steps)?;
        let entitled = shared - withheld;
        facts.entitled = Some(entitled);
        let rung = self.rung(&subject, day, &mut facts, entitled, &mut steps)?;
        let (band, pays) = rung.map_or((None, entitled), |(band, pays)| (Some(band), pays));
        let ratio = Fraction::from(sum.booked).over(&entitled.into()).and_then(|ratio| ratio.to_exact());
        Ok(InstitutionYear {
            institution: id.clone(),
            cases: sum.cases,
            points: sum.points,
            fee: sum.fee,
            paid_by_others: sum.others,
            shared,
            withheld,
            entitled,
            booked: sum.booked,
            ratio: if entitled > Fen::ZERO { ratio } else { None },
            band,
            retained: (pays.min(entitled) - sum.booked).max(Fen::ZERO),
            returned: (entitled - pays).max(Fen::ZERO),
            overspend_shared: (pays - entitled).max(Fen::ZERO),
            overspend_borne: Fen::ZERO,
            outside: sum.outside,
            payable: Fen::ZERO,
            prepaid,
            balance_due: Fen::ZERO,
            steps,
        })
    }

    fn withheld(
        &self,
        subject: &str,
        day: terms::Date,
        facts: &Sums,
        total: Fen,
        steps: &mut Vec<Step>,
    ) -> Result<Fen, Refusal> {
        let Some(assessment) = &self.rule.assessment else { return Ok(Fen::ZERO) };
        let env = Env::new(self.plan, subject, day, facts);
        let label = Label { rule: &"assessment".into(), name: &"考核系数".into(), article: &self.rule.article };
        let factor = env.step(&label, assessment, None)?.fraction();
        steps.extend(env.steps.take());
        if factor.is_negative() || factor > Fraction::one() {
            let (subject, value) = (subject.to_owned(), factor.to_string());
            return Err(Refusal::BadShare { subject, what: "the assessment factor", value });
        }
        let kept = (Fraction::from(total) * factor).to_fen().unwrap_or(total);
        Ok(total - kept)
    }

    /// The rung of the ladder and what it pays; none where nothing is entitled.
    fn rung(
        &self,
        subject: &str,
        day: terms::Date,
        facts: &mut Sums,
        entitled: Fen,
        steps: &mut Vec<Step>,
    ) -> Result<Option<(String, Fen)>, Refusal> {
        let Some(id) = &self.rule.ladder else { return Ok(None) };
        if entitled <= Fen::ZERO {
            return Ok(None);
        }
        let missing = |what: String, way_out| Refusal::Missing {
            case: subject.to_owned(),
            needed_by: id.to_string(),
            what,
            way_out,
        };
        let bands = self
            .plan
            .bands_at(id, day)
            .ok_or_else(|| missing(format!("[[bands]] “{id}” in force on {day}"), "add a version"))?;
        let env = Env::new(self.plan, subject, day, facts);
        let (band, _) = choose(&env, bands, None)?
            .ok_or_else(|| missing("a rung that fits".to_owned(), "give the ladder a last tier without `when`"))?;
        steps.extend(env.steps.take());
        facts.edges = (band.from.as_ref().map(|e| e.at.clone()), band.to.as_ref().map(|e| e.at.clone()));
        let Gives::Amount(formula) = &band.gives else { return Ok(None) };
        let env = Env::new(self.plan, subject, day, facts);
        let label = Label { rule: &band.band, name: &band.name, article: &band.article };
        let fen =
            Round { places: 2, mode: Mode::HalfUp, article: "".into(), words: "元 2 位小数，四舍五入".into() };
        let pays = env.step(&label, formula, Some(&fen))?.fraction();
        steps.extend(env.steps.take());
        let too_large = || Refusal::TooLarge { case: subject.to_owned(), rule: band.band.to_string() };
        Ok(Some((band.band.to_string(), pays.to_fen().ok_or_else(too_large)?)))
    }

    /// Finds the money for shared overspend; cuts it evenly where it does not reach.
    /// `fund` is what the institutions' shares are paid from.
    fn overspend(&mut self, rows: &mut [InstitutionYear], fund: Fen) -> Result<(Fen, Fen), Refusal> {
        let sum = |of: fn(&InstitutionYear) -> Fen, rows: &[InstitutionYear]| rows.iter().map(of).sum::<Fen>();
        let returned = sum(|row| row.returned, rows);
        let withheld = sum(|row| row.withheld, rows);
        let unshared = fund - sum(|row| row.shared, rows);
        let mut sources = Fen::ZERO;
        if self.rule.from_returned {
            sources += returned;
        }
        if self.rule.from_withheld {
            sources += withheld;
        }
        let reserve = self.reserve()?;
        let wanted = sum(|row| row.overspend_shared, rows);
        let pot = sources + reserve;
        if wanted > pot {
            let weights: Vec<Fraction> = rows.iter().map(|row| row.overspend_shared.into()).collect();
            let cut = by_largest_remainder(pot, &weights).unwrap_or_default();
            for (row, part) in rows.iter_mut().zip(cut) {
                row.overspend_shared = part;
            }
        }
        let shared = sum(|row| row.overspend_shared, rows);
        let operands = vec![
            money("wanted", "应分担超支", wanted),
            money("returned", "结余收回", returned),
            money("withheld", "考核扣减", withheld),
            money("reserve", "风险金", reserve),
        ];
        let article = self.rule.article.clone();
        self.note("overspend", "超支分担", &article, "min(wanted, sources)", operands, Shown::Money(shared.into()));
        let drawn = (shared - sources).max(Fen::ZERO);
        Ok((drawn, unshared + returned + withheld - shared + drawn))
    }

    fn reserve(&mut self) -> Result<Fen, Refusal> {
        let Some(formula) = &self.rule.reserve else { return Ok(Fen::ZERO) };
        let day = terms::Date::new(self.year, 12, 31).unwrap_or(self.plan.from);
        let day = self.plan.until.map_or(day, |until| until.min(day));
        let facts = Sums { budget: Some(self.budget), ..Sums::named("", self.pool, self.year, 0) };
        let subject = self.subject();
        let env = Env::new(self.plan, &subject, day, &facts);
        let label = Label { rule: &"reserve".into(), name: &"风险金".into(), article: &self.rule.article };
        let reserve = env.step(&label, formula, None)?.fraction();
        let fen = reserve.rounded(0, Mode::Down).to_fen().unwrap_or(Fen::ZERO).max(Fen::ZERO);
        let steps = env.steps.take();
        self.steps.extend(steps);
        Ok(fen)
    }
}

fn money(id: &str, name: &str, fen: Fen) -> Operand {
    Operand { id: id.into(), name: name.into(), article: "".into(), value: Shown::Money(fen.into()) }
}
