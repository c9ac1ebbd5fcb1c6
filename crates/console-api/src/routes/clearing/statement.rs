//! 一份清算单: every figure of one statement, each with the step that gave it.

use access::Subject;
use access::permission::ClearingRead;
use axum::Json;
use axum::extract::{Path, State};
use journeys::{Figures, PlanMonth};
use payment::{Shown, Step};
use serde::Serialize;
use terms::{Exact, InstitutionId, show_time};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{StatementRow, month_of};
use crate::coded::Coded;
use crate::frame::{Console, Granted, Problem, ProblemBody};

pub(super) fn routes() -> OpenApiRouter<Console> {
    OpenApiRouter::new().routes(routes!(one))
}

/// A step of a price, a month or a year.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = PaymentStep)]
pub(in crate::routes) struct StepTold {
    /// 中文名.
    pub name: String,
    /// The rule of the plan.
    pub rule: String,
    /// The article cited.
    pub article: String,
    /// The formula, then what each name in it stood for.
    pub details: Vec<StepDetail>,
    /// What came out, where it is an amount in whole 分.
    pub amount: Option<i64>,
    /// What came out otherwise.
    pub value: Option<String>,
}

/// What went into a step.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = PaymentStepDetail)]
pub(in crate::routes) struct StepDetail {
    /// What.
    pub name: String,
    /// How much.
    pub value: String,
}

impl StepTold {
    /// A step as pages show it.
    pub fn of(step: &Step) -> StepTold {
        let detail = |name: &str, value: String| StepDetail { name: name.to_owned(), value };
        let named = step.operands.iter().map(|operand| {
            let name = if operand.name.is_empty() { &operand.id } else { &operand.name };
            let article = if operand.article.is_empty() { String::new() } else { format!("［{}］", operand.article) };
            detail(name, format!("{}{article}", operand.value))
        });
        let rounded = step.rounded.iter().map(|rounded| detail("取舍", rounded.to_string()));
        let amount = match &step.result {
            Shown::Money(fen) => fen.as_whole(),
            _ => None,
        };
        StepTold {
            name: step.name.to_string(),
            rule: step.rule.to_string(),
            article: step.article.to_string(),
            details: std::iter::once(detail("公式", step.formula.to_string())).chain(named).chain(rounded).collect(),
            amount,
            value: if amount.is_some() { None } else { Some(step.result.to_string()) },
        }
    }
}

/// 按病组部分 under one plan.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ClearingPlanMonth)]
struct PlanTold {
    /// 支付方案.
    plan: String,
    title: String,
    /// 统筹池.
    pool: String,
    pool_name: String,
    /// 清算方式.
    way: Coded,
    fund: Coded,
    /// 清算人次.
    cases: i64,
    /// 点数.
    #[schema(value_type = String)]
    points: Exact,
    fee_amount: i64,
    /// 病组支付总额.
    payment_amount: i64,
    /// 除外支付.
    excluded_amount: i64,
    patient_amount: i64,
    other_fund_amount: i64,
    /// 统筹基金应付.
    due_amount: i64,
    /// 按项目记账.
    item_amount: i64,
    difference_amount: i64,
    /// 预付.
    prepaid_amount: i64,
    deposit_amount: i64,
    held_amount: i64,
    /// 抵扣以前月份.
    set_off_amount: i64,
    payable_amount: i64,
    carried_amount: i64,
    steps: Vec<StepTold>,
}

impl PlanTold {
    fn of(console: &Console, row: &PlanMonth) -> PlanTold {
        let month = &row.month;
        let plan = console.payment.plans().iter().find(|known| known.plan.id == row.plan).map(|known| &known.plan);
        let pool = plan.and_then(|plan| plan.pools.iter().find(|pool| pool.id == month.pool));
        PlanTold {
            plan: row.plan.clone(),
            title: plan.map_or_else(|| row.plan.clone(), |plan| plan.title.clone()),
            pool: month.pool.clone(),
            pool_name: pool.map_or_else(|| month.pool.clone(), |pool| pool.name.clone()),
            way: super::way(&row.clr_way),
            fund: console.fund(&row.fund),
            cases: month.cases,
            points: month.points,
            fee_amount: month.fee.0,
            payment_amount: month.payment.0,
            excluded_amount: month.excluded.0,
            patient_amount: month.patient.0,
            other_fund_amount: month.other_funds.0,
            due_amount: month.due.0,
            item_amount: month.item_fund.0,
            difference_amount: (month.due - month.item_fund).0,
            prepaid_amount: month.prepaid.0,
            deposit_amount: month.deposit.0,
            held_amount: month.held.0,
            set_off_amount: month.set_off.0,
            payable_amount: month.payable.0,
            carried_amount: month.carried.0,
            steps: month.steps.iter().map(StepTold::of).collect(),
        }
    }
}

/// 按项目部分.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ClearingItemPart)]
struct ItemTold {
    due_amount: i64,
    deducted_amount: i64,
    set_off_amount: i64,
    payable_amount: i64,
    carried_amount: i64,
}

/// 案件扣减.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ClearingDeduction)]
struct DeductionTold {
    /// 案件编号.
    case: String,
    /// What is taken; negative gives back.
    amount: i64,
}

/// 清算申请 of the institution.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ClearingApplication)]
struct ApplicationTold {
    id: String,
    made_at: String,
    /// 清算人次 as declared.
    settlements: i64,
    total_amount: i64,
    /// 基金申报总额.
    fund_amount: i64,
    account_amount: i64,
    cash_amount: i64,
}

/// 一份清算单.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ClearingStatementTold)]
struct StatementTold {
    #[serde(flatten)]
    row: StatementRow,
    /// When it last changed.
    changed_at: String,
    plans: Vec<PlanTold>,
    item: ItemTold,
    deductions: Vec<DeductionTold>,
    application: Option<ApplicationTold>,
}

/// 一份清算单 with every figure.
#[utoipa::path(
    get, path = "/clearing/months/{month}/institutions/{institution}/statements/{scheme}/{stream}", tag = "clearing",
    params(
        ("month" = String, Path, description = "清算年月, 2026-03"), ("institution" = String, Path, description = "机构编号"),
        ("scheme" = String, Path, description = "险种类型"), ("stream" = String, Path, description = "清算类别"),
    ),
    extensions(("x-permission" = json!("clearing.read"))),
    responses(
        (status = 200, body = StatementTold),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn one(
    State(console): State<Console>,
    grant: Granted<ClearingRead>,
    Path((month, institution, scheme, stream)): Path<(String, String, String, String)>,
) -> Result<Json<StatementTold>, Problem> {
    grant.cover(&Subject::of_institution(&institution), "statement 清算单")?;
    let month = month_of(&month)?;
    let name = format!("statement 清算单 {month} {institution} {scheme} {stream}");
    let code = InstitutionId(institution);
    let found = console
        .read(move |tx| {
            let rows = clearing::statements(tx, &code, month, month)?;
            let Some(row) = rows.into_iter().find(|row| row.insutype == scheme && row.clr_type == stream) else {
                return Ok(None);
            };
            let figures = Figures::read(&row)?;
            let application = figures.clr_appy_evt_id.as_deref().map(|id| clearing::application(tx, id)).transpose()?;
            Ok(Some((row, figures, application.flatten())))
        })
        .await?;
    let (row, figures, application) = found.ok_or_else(|| Problem::not_found(name))?;
    let item = &figures.item;
    Ok(Json(StatementTold {
        row: StatementRow::of(&console, &row, &figures),
        changed_at: show_time(row.changed_at),
        plans: figures.group.iter().map(|plan| PlanTold::of(&console, plan)).collect(),
        item: ItemTold {
            due_amount: item.due.0,
            deducted_amount: item.deducted.0,
            set_off_amount: item.set_off.0,
            payable_amount: item.payable.0,
            carried_amount: item.carried.0,
        },
        deductions: figures
            .deductions
            .iter()
            .map(|taken| DeductionTold { case: taken.case_id.clone(), amount: taken.amount.0 })
            .collect(),
        application: application.map(|made| ApplicationTold {
            id: made.clr_appy_evt_id,
            made_at: show_time(made.made_at),
            settlements: made.psntime,
            total_amount: made.medfee_sumamt.0,
            fund_amount: made.fund_appy_sum.0,
            account_amount: made.acct_pay.0,
            cash_amount: made.cash_payamt.0,
        }),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use payment::Operand;

    #[test]
    fn a_step_is_told_with_its_formula_and_what_each_name_stood_for() {
        let operand =
            |name: &str, value| Operand { id: "x".into(), name: name.into(), article: "第2条".into(), value };
        let step = Step {
            rule: "r".into(),
            name: "倍率".into(),
            article: "第9条".into(),
            formula: "charge / mean_fee".into(),
            operands: vec![operand("病组费用", Shown::Money(Exact::whole(123_456)))],
            result: Shown::Number("2.5".parse().unwrap()),
            rounded: None,
        };
        let told = StepTold::of(&step);
        let details: Vec<(&str, &str)> =
            told.details.iter().map(|one| (one.name.as_str(), one.value.as_str())).collect();
        assert_eq!(details, [("公式", "charge / mean_fee"), ("病组费用", "1234.56 元［第2条］")]);
        assert_eq!((told.amount, told.value.as_deref()), (None, Some("2.5")));
        let paid = StepTold::of(&Step { result: Shown::Money(Exact::whole(5)), ..step });
        assert_eq!((paid.amount, paid.value), (Some(5), None));
    }
}
