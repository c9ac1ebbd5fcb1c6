//! 预警: what a leader should look at, found in the sums, the statements and the cases.

use std::collections::BTreeSet;

use clearing::Month;
use db::Tx;
use journeys::JourneyError;
use overview::{Bucket, Dimension, Filter, Sums};
use serde::Serialize;
use terms::Date;
use utoipa::ToSchema;

use super::budget::{self, OverviewBudgetRow};
use crate::coded::Coded;
use crate::frame::Console;

/// A week's reversals are compared with the four weeks before it.
const RECENT_DAYS: i64 = 7;
const BEFORE_DAYS: i64 = 28;
/// Below so many a week, a rise is chance.
const FEWEST: i64 = 10;
/// Months that are looked back for statements.
const MONTHS: usize = 12;

/// 预警.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct OverviewWarnings {
    pub warnings: Vec<OverviewWarning>,
}

/// One thing to look at.
#[derive(Debug, Serialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(super) enum OverviewWarning {
    /// 支付超进度: a pool pays faster than its budget lasts.
    BudgetPace(Box<OverviewBudgetRow>),
    /// 撤销突增: an institution takes back twice as many settlements as in the weeks before.
    ReversalSpike(ReversalSpike),
    /// 拒付突增: twice as many messages are refused for one reason as in the weeks before.
    RefusalSpike(RefusalSpike),
    /// 清算逾期: a month that has been over for a month has no statement of an institution that
    /// settled in it.
    StatementOverdue(StatementOverdue),
    /// 案件逾期: a clock of a case has run out.
    CasesOverdue(CasesOverdue),
}

/// 撤销突增.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ReversalSpike {
    pub institution: Coded,
    /// The last seven days: they open the rows.
    pub from: String,
    pub to: String,
    pub reversals: i64,
    /// In the same number of days, over the four weeks before.
    pub usual: i64,
    pub amount: i64,
}

/// 拒付突增.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RefusalSpike {
    /// The refusal's code.
    pub code: String,
    /// 交易编号.
    pub transaction: String,
    /// The last seven days.
    pub from: String,
    pub to: String,
    pub refusals: i64,
    /// In the same number of days, over the four weeks before.
    pub usual: i64,
}

/// 清算逾期.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct StatementOverdue {
    /// 清算年月, `2026-01`.
    pub month: String,
    /// Its first and last day: they open the rows.
    pub from: String,
    pub to: String,
    pub institutions: Vec<Coded>,
}

/// 案件逾期.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CasesOverdue {
    pub cases: Vec<String>,
}

pub(super) fn now(
    console: &Console,
    tx: &mut dyn Tx,
    filter: &Filter,
    of_region: bool,
) -> Result<OverviewWarnings, JourneyError> {
    let mut warnings = Vec::new();
    if of_region {
        let budgets = budget::year(console, tx, filter, None)?.budgets;
        let over = budgets.into_iter().filter(|row| row.spent_amount > row.pace_amount);
        warnings.extend(over.map(|row| OverviewWarning::BudgetPace(Box::new(row))));
    }
    if let Some(newest) = overview::newest_day(tx)? {
        warnings.extend(reversals(console, tx, filter, newest)?);
        warnings.extend(statements(console, tx, filter, newest)?);
    }
    warnings.extend(refusals(tx, filter.institution.as_deref().unwrap_or(""), (console.now)().date())?);
    if of_region {
        let cases = journeys::overdue_cases(tx, (console.now)())?;
        if !cases.is_empty() {
            warnings.push(OverviewWarning::CasesOverdue(CasesOverdue { cases }));
        }
    }
    Ok(OverviewWarnings { warnings })
}

fn back(day: Date, days: i64) -> Date {
    day.saturating_sub(jiff::Span::new().days(days))
}

fn reversals(
    console: &Console,
    tx: &mut dyn Tx,
    filter: &Filter,
    newest: Date,
) -> Result<Vec<OverviewWarning>, JourneyError> {
    let recent = (back(newest, RECENT_DAYS - 1), newest);
    let before = (back(newest, RECENT_DAYS + BEFORE_DAYS - 1), back(newest, RECENT_DAYS));
    let mut within = |(from, to): (Date, Date)| {
        let filter = Filter { from: Some(from), to: Some(to), ..filter.clone() };
        overview::series(tx, &filter, Bucket::Whole, Dimension::Institution)
    };
    let (recent_sums, before_sums) = (within(recent)?, within(before)?);
    let mut warnings = Vec::new();
    for (_, code, sums) in recent_sums {
        let earlier = before_sums.iter().find(|(_, other, _)| *other == code).map(|(_, _, sums)| *sums);
        let usual = earlier.unwrap_or_default().reversals * RECENT_DAYS / BEFORE_DAYS;
        let Sums { reversals, .. } = sums;
        // Without weeks before there is no usual.
        if earlier.is_none() || reversals < FEWEST || reversals <= 2 * usual {
            continue;
        }
        let rows = Filter {
            from: Some(recent.0),
            to: Some(recent.1),
            institution: Some(code.clone()),
            standing: Some(overview::Standing::Reversal),
            ..Filter::default()
        };
        let amount = -overview::sums(tx, &rows)?.amounts.total.0;
        warnings.push(OverviewWarning::ReversalSpike(ReversalSpike {
            institution: Coded::institution(&console.centre, &code, newest),
            from: recent.0.to_string(),
            to: recent.1.to_string(),
            reversals,
            usual,
            amount,
        }));
    }
    Ok(warnings)
}

fn refusals(tx: &mut dyn Tx, institution: &str, today: Date) -> Result<Vec<OverviewWarning>, JourneyError> {
    let recent = (back(today, RECENT_DAYS - 1), today);
    let before = (back(today, RECENT_DAYS + BEFORE_DAYS - 1), back(today, RECENT_DAYS));
    let mut within = |(from, to): (Date, Date)| {
        operation::refusal_reasons(tx, institution, (from.at(0, 0, 0, 0), to.at(23, 59, 59, 0)))
    };
    let (recent_reasons, before_reasons) = (within(recent)?, within(before)?);
    // Without weeks before there is no usual.
    if before_reasons.is_empty() {
        return Ok(Vec::new());
    }
    let mut warnings = Vec::new();
    for reason in recent_reasons {
        let same = |other: &&operation::Reason| (&other.code, &other.infno) == (&reason.code, &reason.infno);
        let usual = before_reasons.iter().find(same).map_or(0, |other| other.count) * RECENT_DAYS / BEFORE_DAYS;
        if reason.count < FEWEST || reason.count <= 2 * usual {
            continue;
        }
        warnings.push(OverviewWarning::RefusalSpike(RefusalSpike {
            code: reason.code,
            transaction: reason.infno,
            from: recent.0.to_string(),
            to: recent.1.to_string(),
            refusals: reason.count,
            usual,
        }));
    }
    Ok(warnings)
}

/// Months that were over when the month after them was over too, without a statement.
fn statements(
    console: &Console,
    tx: &mut dyn Tx,
    filter: &Filter,
    newest: Date,
) -> Result<Vec<OverviewWarning>, JourneyError> {
    let mut warnings = Vec::new();
    let mut month = Month::of(newest).before().before();
    for _ in 0..MONTHS {
        let (from, to) = (month.first(), month.last());
        let of_month = Filter { from: Some(from), to: Some(to), ..filter.clone() };
        let settled = overview::series(tx, &of_month, Bucket::Whole, Dimension::Institution)?;
        let stated: BTreeSet<String> = clearing::institutions(tx, month, month)?.into_iter().map(|id| id.0).collect();
        let missing: Vec<Coded> = settled
            .iter()
            .filter(|(_, code, _)| !stated.contains(code))
            .map(|(_, code, _)| Coded::institution(&console.centre, code, to))
            .collect();
        if !missing.is_empty() {
            warnings.push(OverviewWarning::StatementOverdue(StatementOverdue {
                month: month.to_string(),
                from: from.to_string(),
                to: to.to_string(),
                institutions: missing,
            }));
        }
        month = month.before();
    }
    Ok(warnings)
}
