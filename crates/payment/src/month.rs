//! 月预结算: a month's priced cases of an institution, summed to what is paid now, what is
//! kept as deposit and what is held back until the year is cleared.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use terms::{Date, Exact, Fen, InstitutionId};

use crate::eval::{Env, Facts, Label};
use crate::expr::{Fact, Val};
use crate::number::Fraction;
use crate::plan::PaymentFile;
use crate::priced::{Priced, Step};
use crate::refusal::Refusal;

/// How an institution stands with the fund before a month.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// 以前月份多付: what earlier months left to be set off (negative months), in 分.
    pub to_set_off: Fen,
}

/// 月预结算: one institution, one pool, one month.
///
/// Always: `due = prepaid + deposit + held`, and `payable − carried = prepaid −
/// to_set_off` of the standing before it, with neither below zero.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MonthStatement {
    /// Institution.
    pub institution: InstitutionId,
    /// Pool.
    pub pool: String,
    /// How many cases, less those reversed.
    pub cases: i64,
    /// Σ points.
    pub points: Exact,
    /// Σ 医疗总费用.
    pub fee: Fen,
    /// Σ 病组支付总额.
    pub payment: Fen,
    /// Σ 除外支付.
    pub excluded: Fen,
    /// Σ 个人支付.
    pub patient: Fen,
    /// Σ 其他基金支付.
    pub other_funds: Fen,
    /// Σ 统筹基金应付.
    pub due: Fen,
    /// Σ 按项目记账.
    pub item_fund: Fen,
    /// 预付: the share paid now.
    pub prepaid: Fen,
    /// 质量保证金: withheld as deposit.
    pub deposit: Fen,
    /// 待年终清算: held back, neither paid nor deposit.
    pub held: Fen,
    /// Set off against earlier months.
    pub set_off: Fen,
    /// 本月应拨付.
    pub payable: Fen,
    /// Still to be set off in the next month.
    pub carried: Fen,
    /// Why.
    pub steps: Vec<Step>,
}

/// What formulas may ask of an institution's month or year, or of a pool's year.
pub(crate) struct Sums {
    pub institution: String,
    pub pool: String,
    pub year: i16,
    pub cases: u64,
    pub points: Option<Fraction>,
    pub due: Option<Fen>,
    pub shared: Option<Fen>,
    pub entitled: Option<Fen>,
    pub booked: Option<Fen>,
    pub budget: Option<Fen>,
    pub edges: (Option<Fraction>, Option<Fraction>),
}

impl Sums {
    pub fn named(institution: &str, pool: &str, year: i16, cases: u64) -> Sums {
        Sums {
            institution: institution.to_owned(),
            pool: pool.to_owned(),
            year,
            cases,
            points: None,
            due: None,
            shared: None,
            entitled: None,
            booked: None,
            budget: None,
            edges: (None, None),
        }
    }
}

impl Facts for Sums {
    fn fact(&self, fact: Fact) -> Option<Val> {
        let text = |text: &str| Some(Val::Text(text.into()));
        let money = |fen: Option<Fen>| fen.map(|fen| Val::Money(fen.into()));
        match fact {
            Fact::Institution => text(&self.institution),
            Fact::Pool => text(&self.pool),
            Fact::Year => text(&self.year.to_string()),
            Fact::Cases => Some(Val::Number(Fraction::whole(self.cases))),
            Fact::Points => self.points.clone().map(Val::Number),
            Fact::Due => money(self.due),
            Fact::Shared => money(self.shared),
            Fact::Entitled => money(self.entitled),
            Fact::Booked => money(self.booked),
            Fact::Budget => money(self.budget),
            Fact::From => self.edges.0.clone().map(Val::Number),
            Fact::To => self.edges.1.clone().map(Val::Number),
            _ => None,
        }
    }

    fn declared(&self, _index: usize) -> Option<Val> {
        None
    }

    fn group_flag(&self, _flag: &str) -> Option<bool> {
        None
    }

    fn missing(&self, fact: Fact) -> (String, &'static str) {
        let what = format!("“{}” ({})", fact.name(), fact.chinese());
        (what, "it is not known at this step of the month or year; use it in a later rule")
    }
}

impl PaymentFile {
    /// 月预结算: one statement for each institution and pool among the priced cases, by
    /// institution, then pool. `day` (the month's last) chooses the parameters.
    ///
    /// # Errors
    /// [`Refusal::NoRule`] without `[month]`, [`Refusal::BadShare`] when prepayment and
    /// deposit together are more than all, or a parameter is missing.
    pub fn month(
        &self,
        priced: &[Priced],
        day: Date,
        standing: &BTreeMap<(InstitutionId, String), Standing>,
    ) -> Result<Vec<MonthStatement>, Refusal> {
        let mut parts: BTreeMap<(InstitutionId, String), Vec<&Priced>> = BTreeMap::new();
        for case in priced {
            parts.entry((case.institution.clone(), case.pool.clone())).or_default().push(case);
        }
        let of = |key: &(InstitutionId, String)| standing.get(key).cloned().unwrap_or_default();
        parts.iter().map(|(key, cases)| self.month_of(key, cases, day, &of(key))).collect()
    }

    fn month_of(
        &self,
        (institution, pool): &(InstitutionId, String),
        cases: &[&Priced],
        day: Date,
        standing: &Standing,
    ) -> Result<MonthStatement, Refusal> {
        let rule = self.month.as_ref().ok_or_else(|| Refusal::NoRule { plan: self.id.clone(), section: "month" })?;
        let sum = |of: fn(&Priced) -> Fen| cases.iter().map(|case| of(case)).sum::<Fen>();
        let points = cases.iter().fold(Exact::ZERO, |sum, case| sum + case.points);
        let count: i64 = cases.iter().map(|case| if case.reversal { -1 } else { 1 }).sum();
        let due = sum(|case| case.fund);
        let subject = format!("{institution} {pool} {}-{:02}", day.year(), day.month());
        let facts = Sums {
            points: Some(points.into()),
            due: Some(due),
            booked: Some(sum(|case| case.item_fund)),
            budget: self.budget(pool, day.year()),
            ..Sums::named(institution.as_str(), pool, day.year(), u64::try_from(count).unwrap_or(0))
        };
        let env = Env::new(self, &subject, day, &facts);
        let label = |id: &'static str, name: &'static str| (id.into(), name.into(), rule.article.clone());
        let (id, name, article) = label("prepay", "预付比例");
        let prepay = env.step(&Label { rule: &id, name: &name, article: &article }, &rule.prepay, None)?.fraction();
        let (id, name, article) = label("deposit", "质量保证金比例");
        let keep = env.step(&Label { rule: &id, name: &name, article: &article }, &rule.deposit, None)?.fraction();
        let all = prepay.clone() + keep.clone();
        if prepay.is_negative() || keep.is_negative() || all > Fraction::one() {
            let value = format!("{prepay} + {keep}");
            return Err(Refusal::BadShare { subject, what: "prepayment and deposit together", value });
        }
        let part = |share: &Fraction| (Fraction::from(due) * share.clone()).to_fen();
        let too_large = || Refusal::TooLarge { case: subject.clone(), rule: "month".to_owned() };
        // A month below zero is set off in full: nothing of it is deposit.
        let (prepaid, deposit) = if due < Fen::ZERO {
            (due, Fen::ZERO)
        } else {
            let deposit = part(&keep).ok_or_else(too_large)?;
            let prepaid = if all == Fraction::one() { due - deposit } else { part(&prepay).ok_or_else(too_large)? };
            (prepaid, deposit.min(due - prepaid))
        };
        let set_off = standing.to_set_off.min(prepaid.max(Fen::ZERO)).max(Fen::ZERO);
        let payable = (prepaid - set_off).max(Fen::ZERO);
        Ok(MonthStatement {
            institution: institution.clone(),
            pool: pool.clone(),
            cases: count,
            points,
            fee: sum(|case| case.fee),
            payment: sum(|case| case.payment),
            excluded: sum(|case| case.excluded),
            patient: sum(|case| case.patient),
            other_funds: sum(|case| case.other_funds),
            due,
            item_fund: sum(|case| case.item_fund),
            prepaid,
            deposit,
            held: due - prepaid - deposit,
            set_off,
            payable,
            carried: standing.to_set_off - set_off + (-prepaid).max(Fen::ZERO),
            steps: env.steps.take(),
        })
    }
}
