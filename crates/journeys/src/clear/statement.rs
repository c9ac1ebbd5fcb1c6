//! 月清算单: what an institution declared, what was cleared, and what it is owed for a month.

use std::collections::{BTreeMap, BTreeSet};

use claim::Sums;
use clearing::{Cleared, Deduction, Month, Statement, StatementState};
use db::{Database, Tx};
use operation::Operation;
use payment::{MonthStatement, Priced, Standing};
use serde::{Deserialize, Serialize};
use serde_json::json;
use terms::{Fen, InstitutionId, parse_date};

use super::GroupPayment;
use super::gather::{GatheredMonth, Key};
use super::view::case_explanation;
use crate::{Centre, JourneyError};

/// 按项目部分: what is owed as it was settled: account money, other funds, and every stay and
/// visit that no plan pays by group.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ItemFigures {
    /// 应付 of the month.
    pub due: Fen,
    /// 案件扣减 of the month; negative gives back.
    #[serde(default, skip_serializing_if = "nothing")]
    pub deducted: Fen,
    /// Set off against earlier months.
    pub set_off: Fen,
    /// 本月应拨付.
    pub payable: Fen,
    /// Still to be set off in the next month.
    pub carried: Fen,
}

/// A case's part of 案件扣减.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseDeduction {
    /// 案件编号.
    pub case_id: String,
    /// What is taken; negative gives back.
    pub amount: Fen,
}

// serde hands the field over by reference.
#[allow(clippy::trivially_copy_pass_by_ref)]
fn nothing(amount: &Fen) -> bool {
    amount.is_zero()
}

/// 按病组部分 under one plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanMonth {
    /// 支付方案.
    pub plan: String,
    /// 清算方式.
    pub clr_way: String,
    /// 基金支付类型 that pays.
    pub fund: String,
    /// The plan's month.
    pub month: MonthStatement,
}

/// Every figure of a statement.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Figures {
    /// Rows settled in the month, reversals included.
    pub count: i64,
    /// Of them reversals.
    pub reversals: i64,
    /// T 医疗费总额 settled in the month.
    pub medfee_sumamt: Fen,
    /// F 基金支付总额 settled in the month: 按项目记账.
    pub fund_pay_sumamt: Fen,
    /// W 个人账户支出 settled in the month.
    pub acct_pay: Fen,
    /// X 个人现金支出 settled in the month.
    pub psn_cash_pay: Fen,
    /// 清算申请 that stands when the figures were worked out.
    pub clr_appy_evt_id: Option<String>,
    /// Group-paid stays that wait (no submitted list, or not priceable).
    pub waiting: i64,
    /// By group, a plan each.
    pub group: Vec<PlanMonth>,
    /// As settled.
    pub item: ItemFigures,
    /// 案件扣减, each with its case.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub deductions: Vec<CaseDeduction>,
}

impl Figures {
    /// The figures of a statement.
    ///
    /// # Errors
    /// [`JourneyError::Broken`] when the record cannot be read.
    pub fn read(statement: &Statement) -> Result<Figures, JourneyError> {
        serde_json::from_str(&statement.figures).map_err(|error| {
            let Statement { month, fixmedins_code, .. } = statement;
            JourneyError::Broken(format!("the statement of {fixmedins_code} for {month} cannot be read: {error}"))
        })
    }

    /// 本月应拨付 in all.
    #[must_use]
    pub fn payable(&self) -> Fen {
        self.item.payable + self.group.iter().map(|row| row.month.payable).sum()
    }

    /// Left to be set off in all.
    #[must_use]
    pub fn carried(&self) -> Fen {
        self.item.carried + self.group.iter().map(|row| row.month.carried).sum()
    }

    /// 清算差额: what the groups are worth more, or less, than was booked by item.
    #[must_use]
    pub fn difference(&self) -> Fen {
        self.group.iter().map(|row| row.month.due - row.month.item_fund).sum()
    }
}

impl Centre {
    /// Writes the statements of an institution's month, those that are approved left alone;
    /// gives how many there are, and how many were written. A statement that stays the same is
    /// not written again.
    pub(super) fn write_statements(
        &self,
        database: &Database,
        pay: &GroupPayment,
        operation: &Operation,
        month: Month,
        institution: &InstitutionId,
        gathered: &GatheredMonth,
    ) -> Result<(usize, usize), JourneyError> {
        let (centre, pay, operation, institution) = (self.clone(), pay.clone(), operation.clone(), institution.clone());
        let month_of = MonthOf {
            settled: gathered.settled.iter().map(|row| (key(&row.insutype, &row.clr_type), row.clone())).collect(),
            by_group: gathered.by_group.clone(),
            waiting: gathered.waiting.clone(),
        };
        database.deed(move |tx| centre.state_month(tx, &pay, &operation, month, &institution, &month_of))
    }

    fn state_month(
        &self,
        tx: &mut dyn Tx,
        pay: &GroupPayment,
        operation: &Operation,
        month: Month,
        institution: &InstitutionId,
        month_of: &MonthOf,
    ) -> Result<(usize, usize), JourneyError> {
        clearing::hold_statements(tx, institution, month)?;
        let cases = clearing::cases_between(tx, institution, month, month)?;
        let stated = clearing::statements(tx, institution, first_month(), month)?;
        let (earlier, own): (Vec<&Statement>, Vec<&Statement>) = stated.iter().partition(|row| row.month < month);
        let deductions = clearing::deductions(tx, institution, month)?;
        let keys: BTreeSet<Key> = month_of
            .settled
            .keys()
            .cloned()
            .chain(cases.iter().map(|row| key(&row.insutype, &row.clr_type)))
            .chain(own.iter().map(|row| key(&row.insutype, &row.clr_type)))
            .chain(deductions.iter().map(|row| key(&row.insutype, &row.clr_type)))
            .collect();
        let mut written = 0;
        for key in &keys {
            let same = |row: &&&Statement| (&row.insutype, &row.clr_type) == (&key.0, &key.1);
            let before = own.iter().find(same);
            if before.is_some_and(|row| row.state != StatementState::Estimated) {
                continue;
            }
            let previous = earlier.iter().filter(same).max_by_key(|row| row.month);
            let previous = previous.map(|row| Figures::read(row)).transpose()?.unwrap_or_default();
            let of_key: Vec<&Cleared> =
                cases.iter().filter(|row| (&row.insutype, &row.clr_type) == (&key.0, &key.1)).collect();
            let taken: Vec<&Deduction> =
                deductions.iter().filter(|row| (&row.insutype, &row.clr_type) == (&key.0, &key.1)).collect();
            for row in taken.iter().filter(|row| row.month.is_none()) {
                clearing::take_deduction(tx, &row.deduction_id, month)?;
            }
            let mut figures = month_of.figures(key, &previous, &taken);
            figures.group = months_by_plan(pay, month, institution, &of_key, &previous)?;
            let application = clearing::standing_application(tx, institution, &key.1, month)?;
            figures.clr_appy_evt_id = application.map(|row| row.clr_appy_evt_id);
            let text = serde_json::to_string(&figures).expect("figures are always JSON");
            if before.is_some_and(|row| row.figures == text) {
                continue;
            }
            let by_group = figures.group.first();
            let statement = Statement {
                month,
                fixmedins_code: institution.clone(),
                insutype: key.0.clone(),
                clr_type: key.1.clone(),
                clr_way: by_group.map_or_else(|| self.clearing.clr_way.clone(), |row| row.clr_way.clone()),
                pool: by_group.map_or_else(String::new, |row| row.month.pool.clone()),
                state: StatementState::Estimated,
                payable: figures.payable(),
                carried: figures.carried(),
                figures: text,
                changed_at: operation.received_at,
            };
            clearing::put_statement(tx, &statement)?;
            self.tell_statement(tx, operation, &statement)?;
            written += 1;
        }
        Ok((keys.len(), written))
    }

    /// The feed's row of a statement as it now stands.
    pub(super) fn tell_statement(
        &self,
        tx: &mut dyn Tx,
        operation: &Operation,
        statement: &Statement,
    ) -> Result<(), JourneyError> {
        let Statement { month, fixmedins_code, insutype, clr_type, state, .. } = statement;
        let name = format!("{month}/{fixmedins_code}/{insutype}/{clr_type}/{}", state.code());
        let subject = format!("{name}/{}", operation.new_id(&name));
        let figures: serde_json::Value = serde_json::from_str(&statement.figures)
            .map_err(|error| JourneyError::Broken(format!("the statement {name} cannot be read: {error}")))?;
        let told = json!({
            "month": month.to_string(), "fixmedins_code": fixmedins_code, "insutype": insutype, "clr_type": clr_type,
            "clr_way": statement.clr_way, "state": state.code(), "payable": statement.payable,
            "carried": statement.carried, "figures": figures,
        });
        let change = self.changed_of_institution(operation, "clearing_statement", &subject, &told);
        Ok(operation::feed::append(tx, &[change])?)
    }
}

/// What was gathered for the statements.
struct MonthOf {
    settled: BTreeMap<Key, claim::SettledSums>,
    by_group: BTreeMap<Key, Fen>,
    waiting: BTreeMap<Key, i64>,
}

impl MonthOf {
    /// The figures of a key, without what is paid by group.
    fn figures(&self, key: &Key, previous: &Figures, taken: &[&Deduction]) -> Figures {
        let (sums, reversals) = self.settled.get(key).map_or((Sums::default(), 0), |row| (row.sums, row.reversals));
        let by_group = self.by_group.get(key).copied().unwrap_or_default();
        let due = sums.fund_pay_sumamt + sums.acct_pay - by_group;
        let deducted: Fen = taken.iter().map(|row| row.amount).sum();
        let left = due - deducted;
        let owed = left - previous.item.carried;
        let item = ItemFigures {
            due,
            deducted,
            set_off: previous.item.carried.min(left.max(Fen::ZERO)),
            payable: owed.max(Fen::ZERO),
            carried: (-owed).max(Fen::ZERO),
        };
        Figures {
            count: sums.count,
            reversals,
            medfee_sumamt: sums.medfee_sumamt,
            fund_pay_sumamt: sums.fund_pay_sumamt,
            acct_pay: sums.acct_pay,
            psn_cash_pay: sums.psn_cash_pay,
            clr_appy_evt_id: None,
            waiting: self.waiting.get(key).copied().unwrap_or_default(),
            group: Vec::new(),
            item,
            deductions: taken
                .iter()
                .map(|row| CaseDeduction { case_id: row.case_id.clone(), amount: row.amount })
                .collect(),
        }
    }
}

/// The cases of a statement summed up plan by plan; a plan that only carries something over
/// from an earlier month has a row too.
fn months_by_plan(
    pay: &GroupPayment,
    month: Month,
    institution: &InstitutionId,
    cases: &[&Cleared],
    previous: &Figures,
) -> Result<Vec<PlanMonth>, JourneyError> {
    let mut priced: BTreeMap<&str, Vec<Priced>> = BTreeMap::new();
    for row in cases {
        priced.entry(&row.plan).or_default().push(case_explanation(row)?.price);
    }
    let mut months = Vec::new();
    for (plan, cases) in priced {
        let group = pay.plan(plan, month.last()).or_else(|| pay.plans().iter().find(|row| row.plan.id == plan));
        let group = group.ok_or_else(|| {
            JourneyError::Broken(format!("plan {plan} priced cases of {month} and is no longer in the region's folder"))
        })?;
        let carried = |pool: &str| -> Fen {
            let same = |row: &&PlanMonth| row.plan == plan && row.month.pool == pool;
            previous.group.iter().filter(same).map(|row| row.month.carried).sum()
        };
        let standing: BTreeMap<(InstitutionId, String), Standing> = group
            .plan
            .pools
            .iter()
            .map(|pool| ((institution.clone(), pool.id.clone()), Standing { to_set_off: carried(&pool.id) }))
            .collect();
        let stated = group.plan.month(&cases, month.last(), &standing);
        for month in stated.map_err(|refusal| JourneyError::Broken(refusal.to_string()))? {
            let fund = group.plan.pools.iter().find(|pool| pool.id == month.pool).map(|pool| pool.fund.clone());
            months.push(PlanMonth {
                plan: plan.to_owned(),
                clr_way: group.plan.method.clearing_way().to_owned(),
                fund: fund.unwrap_or_default(),
                month,
            });
        }
    }
    let left = previous.group.iter().filter(|row| !row.month.carried.is_zero());
    let gone: Vec<PlanMonth> = left
        .filter(|row| !months.iter().any(|new| (&new.plan, &new.month.pool) == (&row.plan, &row.month.pool)))
        .map(carried_only)
        .collect();
    months.extend(gone);
    Ok(months)
}

/// A month without cases that hands on what is still to be set off.
fn carried_only(row: &PlanMonth) -> PlanMonth {
    let MonthStatement { institution, pool, carried, .. } = row.month.clone();
    let month = MonthStatement {
        institution,
        pool,
        cases: 0,
        points: terms::Exact::ZERO,
        fee: Fen::ZERO,
        payment: Fen::ZERO,
        excluded: Fen::ZERO,
        patient: Fen::ZERO,
        other_funds: Fen::ZERO,
        due: Fen::ZERO,
        item_fund: Fen::ZERO,
        prepaid: Fen::ZERO,
        deposit: Fen::ZERO,
        held: Fen::ZERO,
        set_off: Fen::ZERO,
        payable: Fen::ZERO,
        carried,
        steps: Vec::new(),
    };
    PlanMonth { month, ..row.clone() }
}

fn key(insutype: &str, clr_type: &str) -> Key {
    (insutype.to_owned(), clr_type.to_owned())
}

/// Before any clearing.
pub(super) fn first_month() -> Month {
    Month::of(parse_date("2000-01-01").expect("a date"))
}
