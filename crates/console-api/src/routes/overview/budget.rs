//! 预算执行: what the pools of the payment plans paid of their budgets.

use std::collections::BTreeSet;

use db::Tx;
use journeys::JourneyError;
use ledger::Account;
use overview::{Bucket, Filter, FundSum};
use payment::{PaymentFile, Pool};
use serde::Serialize;
use terms::{Date, Fen, InstitutionId};
use utoipa::ToSchema;

use super::share;
use crate::coded::Coded;
use crate::frame::Console;

/// 收支与预算 of a year.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct OverviewBudget {
    pub year: i16,
    /// The last day that is counted; none before the first settlement.
    pub through: Option<String>,
    /// Budgets of the payment plans in force.
    pub budgets: Vec<OverviewBudgetRow>,
    pub income: OverviewIncome,
    /// What every fund paid, budgeted or not, 个人账户 left out.
    pub spending: Vec<OverviewFundSpent>,
}

/// 预算 of one pool and plan.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct OverviewBudgetRow {
    /// 支付方案.
    pub plan: Coded,
    /// 基金池 of the plan.
    pub pool: Coded,
    /// 基金支付类型 that the budget is of.
    pub fund: Coded,
    /// 险种.
    pub schemes: Vec<Coded>,
    /// 清算类别 that were paid out of it.
    pub streams: Vec<Coded>,
    /// 预算.
    pub budget_amount: i64,
    /// 已支付, item by item, before clearing by groups.
    pub spent_amount: i64,
    /// What even spending would have come to by now.
    pub pace_amount: i64,
    /// Spent of the budget in ten-thousandths.
    pub spent_share: Option<i64>,
    /// Of the year that has passed, in ten-thousandths.
    pub passed_share: Option<i64>,
    /// First and last day that are counted: they open the rows.
    pub from: String,
    pub to: String,
}

/// 基金收入, as far as it is known.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct OverviewIncome {
    /// Whether the centre knows the funds' income.
    pub known: bool,
    /// Why not, or from where.
    pub reason: String,
    pub reason_english: String,
    /// 划入个人账户 in the year, by the ledger: the only income that passes through it.
    pub account_credit_amount: i64,
}

/// 基金支付 of a year.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct OverviewFundSpent {
    pub scheme: Coded,
    pub stream: Coded,
    pub fund: Coded,
    pub amount: i64,
}

/// The year's budgets and what was paid.
pub(super) fn year(
    console: &Console,
    tx: &mut dyn Tx,
    filter: &Filter,
    asked: Option<i16>,
) -> Result<OverviewBudget, JourneyError> {
    let newest = overview::newest_day(tx)?;
    let year = asked.or(newest.map(Date::year)).unwrap_or_else(|| (console.now)().date().year());
    let first = Date::constant(year, 1, 1);
    let last = first.last_of_year();
    let through = newest.filter(|newest| *newest >= first).map(|newest| newest.min(last));
    let of_year = Filter { from: Some(first), to: Some(last), ..filter.clone() };
    let paid = overview::by_funds(tx, &of_year, Bucket::Whole, true)?;
    let outside = Account::Suspense("contributions".to_owned());
    let credits = ledger::flow(tx, &outside, first.at(0, 0, 0, 0), last.at(23, 59, 59, 0))?;
    let credited: Fen = credits.iter().filter(|(name, _)| name == "contributions").map(|(_, amount)| -*amount).sum();
    let day = through.unwrap_or(first);
    Ok(OverviewBudget {
        year,
        through: through.map(|day| day.to_string()),
        budgets: budgets(console, &paid, (first, last), day, filter.institution.as_deref()),
        income: OverviewIncome {
            known: false,
            reason: "基金收入（征缴、财政补助、利息）不经本中心的账簿；账簿里只有划入个人账户的部分".to_owned(),
            reason_english: "the funds' income (contributions, subsidies, interest) does not pass through this \
                             centre's books; only what was credited to personal accounts does"
                .to_owned(),
            account_credit_amount: credited.0,
        },
        spending: spending(console, &paid),
    })
}

fn spending(console: &Console, paid: &[FundSum]) -> Vec<OverviewFundSpent> {
    let mut keys: Vec<(&str, &str, &str, Fen)> = Vec::new();
    let pools = paid.iter().filter(|row| console.centre.books.role(&row.fund) == journeys::FundRole::Pool);
    for row in pools {
        let key = (row.insutype.as_str(), row.clr_type.as_str(), row.fund.as_str());
        match keys.iter_mut().find(|known| (known.0, known.1, known.2) == key) {
            Some(known) => known.3 += row.amount,
            None => keys.push((key.0, key.1, key.2, row.amount)),
        }
    }
    keys.sort_by_key(|(scheme, stream, fund, _)| (*scheme, *stream, *fund));
    let told = |(scheme, stream, fund, amount): (&str, &str, &str, Fen)| OverviewFundSpent {
        scheme: console.scheme(scheme),
        stream: Coded::stream(stream),
        fund: console.fund(fund),
        amount: amount.0,
    };
    keys.into_iter().map(told).collect()
}

/// Budgets of the region's plans; of one institution nothing has a budget of its own.
fn budgets(
    console: &Console,
    paid: &[FundSum],
    (first, last): (Date, Date),
    through: Date,
    institution: Option<&str>,
) -> Vec<OverviewBudgetRow> {
    if institution.is_some() {
        return Vec::new();
    }
    let plans = console.payment.plans().iter().map(|row| &*row.plan).filter(|plan| plan.covers(through));
    let mut rows = Vec::new();
    for plan in plans {
        for pool in &plan.pools {
            let Some(budget) = plan.budget(&pool.id, first.year()) else { continue };
            rows.push(of_pool(console, plan, pool, budget, paid, (first, last), through));
        }
    }
    rows
}

fn of_pool(
    console: &Console,
    plan: &PaymentFile,
    pool: &Pool,
    budget: Fen,
    paid: &[FundSum],
    (first, last): (Date, Date),
    through: Date,
) -> OverviewBudgetRow {
    let (mut spent, mut streams) = (Fen::ZERO, BTreeSet::new());
    for row in paid.iter().filter(|row| row.fund == pool.fund && pool.insurance.contains(&row.insutype)) {
        let known = console.centre.institutions.on(&row.institution, through);
        let level = known.as_ref().map_or("", |known| known.hi_setl_lv.as_str());
        if plan.applies_to(&InstitutionId(row.institution.clone()), level, &row.med_type) {
            spent += row.amount;
            streams.insert(row.clr_type.clone());
        }
    }
    let days = |from: Date, to: Date| i64::from((to - from).get_days()) + 1;
    let (passed, whole) = (days(first, through), days(first, last));
    let pace = i128::from(budget.0) * i128::from(passed) / i128::from(whole);
    let english = if plan.english.is_empty() { plan.id.clone() } else { plan.english.clone() };
    OverviewBudgetRow {
        plan: Coded { code: plan.id.clone(), name: plan.title.clone(), english },
        pool: Coded { code: pool.id.clone(), name: pool.name.clone(), english: pool.id.clone() },
        fund: console.fund(&pool.fund),
        schemes: pool.insurance.iter().map(|code| console.scheme(code)).collect(),
        streams: streams.iter().map(|code| Coded::stream(code)).collect(),
        budget_amount: budget.0,
        spent_amount: spent.0,
        pace_amount: i64::try_from(pace).unwrap_or(i64::MAX),
        spent_share: share(spent.0, budget.0),
        passed_share: share(passed, whole),
        from: first.to_string(),
        to: through.to_string(),
    }
}
