//! 年终清算: closed years, what of a year may be tried otherwise, and what each institution would
//! then be owed. A trial is never recorded.

use std::sync::Arc;

use access::permission::{ClearingRead, ClearingSimulate};
use axum::Json;
use axum::extract::{Path, State};
use journeys::{JourneyError, YearSoFar};
use payment::{InstitutionYear, PaymentFile, PoolYear, Variable};
use serde::{Deserialize, Serialize};
use terms::{Date, Exact};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::own_institution;
use super::statement::StepTold;
use crate::coded::Coded;
use crate::frame::{Body, Console, Granted, Problem, ProblemBody};

pub(super) fn routes() -> OpenApiRouter<Console> {
    OpenApiRouter::new().routes(routes!(year)).routes(routes!(what_if))
}

/// 可变量 of a pool's year.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = YearVariable)]
struct VariableTold {
    /// Its name in `set`.
    id: String,
    name: String,
    article: String,
    /// In what it is written: 元, 百分数 or a plain number.
    #[schema(pattern = "^(yuan|percent|number)$")]
    unit: &'static str,
    /// As it stands; none where institutions have different ones.
    #[schema(value_type = Option<String>)]
    value: Option<Exact>,
}

impl From<Variable> for VariableTold {
    fn from(one: Variable) -> VariableTold {
        let Variable { id, name, article, unit, value } = one;
        VariableTold { id, name, article: article.to_string(), unit, value }
    }
}

/// 机构年终清算.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = InstitutionYear)]
struct InstitutionTold {
    institution: Coded,
    cases: i64,
    #[schema(value_type = String)]
    points: Exact,
    fee_amount: i64,
    /// 分得基金.
    shared_amount: i64,
    /// 考核扣减.
    withheld_amount: i64,
    /// 应得.
    entitled_amount: i64,
    /// 按项目记账.
    booked_amount: i64,
    /// 记账与应得之比.
    #[schema(value_type = Option<String>)]
    ratio: Option<Exact>,
    /// Rung of the ladder.
    band: Option<String>,
    /// 结余留用.
    retained_amount: i64,
    /// 结余收回.
    returned_amount: i64,
    /// 超支分担.
    overspend_shared_amount: i64,
    /// 超支自负.
    overspend_borne_amount: i64,
    /// 不参与分配.
    outside_amount: i64,
    /// 全年应拨付.
    payable_amount: i64,
    /// 已拨付.
    prepaid_amount: i64,
    /// 清算应付.
    balance_amount: i64,
    steps: Vec<StepTold>,
}

/// 统筹池年终清算.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PoolYear)]
struct PoolTold {
    pool: String,
    year: i16,
    budget_amount: i64,
    outside_amount: i64,
    /// 参与分配.
    distributable_amount: i64,
    #[schema(value_type = String)]
    points: Exact,
    /// 最终点值, 元 a point.
    #[schema(value_type = String)]
    point_value: Exact,
    /// 动用风险金.
    drawn_amount: i64,
    /// 留存基金.
    left_amount: i64,
    institutions: Vec<InstitutionTold>,
    steps: Vec<StepTold>,
}

impl PoolTold {
    /// The pool's year; of one institution only, where a scope has one.
    fn of(console: &Console, pool: &PoolYear, own: Option<&str>) -> PoolTold {
        let day = Date::new(pool.year, 12, 31).unwrap_or_else(|_| (console.now)().date());
        let told = |one: &InstitutionYear| InstitutionTold {
            institution: Coded::institution(&console.centre, one.institution.as_str(), day),
            cases: one.cases,
            points: one.points,
            fee_amount: one.fee.0,
            shared_amount: one.shared.0,
            withheld_amount: one.withheld.0,
            entitled_amount: one.entitled.0,
            booked_amount: one.booked.0,
            ratio: one.ratio,
            band: one.band.clone(),
            retained_amount: one.retained.0,
            returned_amount: one.returned.0,
            overspend_shared_amount: one.overspend_shared.0,
            overspend_borne_amount: one.overspend_borne.0,
            outside_amount: one.outside.0,
            payable_amount: one.payable.0,
            prepaid_amount: one.prepaid.0,
            balance_amount: one.balance_due.0,
            steps: one.steps.iter().map(StepTold::of).collect(),
        };
        let institutions = pool.institutions.iter();
        PoolTold {
            pool: pool.pool.clone(),
            year: pool.year,
            budget_amount: pool.budget.0,
            outside_amount: pool.outside.0,
            distributable_amount: pool.distributable.0,
            points: pool.points,
            point_value: pool.point_value.over(Exact::whole(100)).unwrap_or_default(),
            drawn_amount: pool.drawn.0,
            left_amount: pool.left.0,
            institutions: institutions
                .filter(|one| own.is_none_or(|own| one.institution.as_str() == own))
                .map(told)
                .collect(),
            steps: pool.steps.iter().map(StepTold::of).collect(),
        }
    }
}

/// 统筹池 of a plan in a year.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = YearPool)]
struct YearPoolTold {
    id: String,
    name: String,
    /// The closed year; none while it is open.
    closed: Option<PoolTold>,
    /// What may be tried otherwise; empty where the plan has no budget for the year.
    variables: Vec<VariableTold>,
}

/// 支付方案 in a year.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = YearPlan)]
struct YearPlanTold {
    id: String,
    title: String,
    english: String,
    /// 清算方式.
    way: Coded,
    /// 分组方案 that it prices.
    scheme: String,
    pools: Vec<YearPoolTold>,
}

/// Plans of a year that is known to the region.
fn plans_of(console: &Console, year: i16) -> Vec<Arc<PaymentFile>> {
    let in_force =
        |plan: &&Arc<PaymentFile>| plan.from.year() <= year && plan.until.is_none_or(|until| year <= until.year());
    console.payment.plans().iter().map(|row| &row.plan).filter(in_force).cloned().collect()
}

/// 年终清算 of a year: each plan's pools, closed or open, and what may be tried.
#[utoipa::path(
    get, path = "/clearing/years/{year}", tag = "clearing",
    params(("year" = i16, Path, description = "年度")),
    extensions(("x-permission" = json!("clearing.read"))),
    responses(
        (status = 200, body = Vec<YearPlanTold>),
        (status = 400, description = "no year"),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn year(
    State(console): State<Console>,
    grant: Granted<ClearingRead>,
    Path(year): Path<i16>,
) -> Result<Json<Vec<YearPlanTold>>, Problem> {
    let own = own_institution(grant.scope())?;
    let plans = plans_of(&console, year);
    let asked = plans.clone();
    let closed = console
        .read(move |tx| {
            let mut closed = Vec::new();
            for plan in &asked {
                for row in clearing::year(tx, year, &plan.id)?.iter().filter(|row| row.fixmedins_code.is_none()) {
                    let pool: PoolYear = serde_json::from_str(&row.figures).map_err(|error| {
                        JourneyError::Broken(format!("the year {year} of {} cannot be read: {error}", row.pool))
                    })?;
                    closed.push((plan.id.clone(), pool));
                }
            }
            Ok(closed)
        })
        .await?;
    let told = |plan: &Arc<PaymentFile>| YearPlanTold {
        id: plan.id.clone(),
        title: plan.title.clone(),
        english: plan.english.clone(),
        way: super::way(plan.method.clearing_way()),
        scheme: format!("{}@{}", plan.scheme, plan.scheme_version),
        pools: plan
            .pools
            .iter()
            .map(|pool| {
                let found = closed.iter().find(|(id, year)| *id == plan.id && year.pool == pool.id);
                YearPoolTold {
                    id: pool.id.clone(),
                    name: pool.name.clone(),
                    closed: found.map(|(_, year)| PoolTold::of(&console, year, own.as_deref())),
                    variables: plan.year_variables(&pool.id, year).into_iter().map(Into::into).collect(),
                }
            })
            .collect(),
    };
    Ok(Json(plans.iter().map(told).collect()))
}

/// A figure set otherwise.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SetTo {
    /// The figure's name.
    id: String,
    /// Its value, in its own unit.
    #[schema(value_type = String, examples("1500000.00"))]
    value: String,
}

/// 测算.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct WhatIf {
    /// 支付方案.
    plan: String,
    /// 统筹池.
    pool: String,
    /// 年度.
    year: i16,
    /// Figures set otherwise; none: the plan as it is.
    #[serde(default)]
    set: Vec<SetTo>,
}

/// 测算结果.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = WhatIfAnswer)]
struct WhatIfTold {
    /// The plan as it is.
    present: PoolTold,
    /// The plan as tried.
    tried: PoolTold,
    /// Institutions and months that are not posted: the year is not over, and these are estimates.
    open: Vec<String>,
}

/// 年终测算: the year's end of a pool with figures of the plan set otherwise, beside the plan as it
/// is, out of what was cleared so far. Nothing is recorded.
#[utoipa::path(
    post, path = "/clearing/what-if", tag = "clearing", request_body = WhatIf,
    extensions(("x-permission" = json!("clearing.simulate"))),
    responses(
        (status = 200, body = WhatIfTold),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn what_if(
    State(console): State<Console>,
    grant: Granted<ClearingSimulate>,
    Body(asked): Body<WhatIf>,
) -> Result<Json<WhatIfTold>, Problem> {
    let own = own_institution(grant.scope())?;
    let plan = plans_of(&console, asked.year).into_iter().find(|plan| plan.id == asked.plan);
    let plan = plan.ok_or_else(|| Problem::not_found(format!("plan 支付方案 {} {}", asked.plan, asked.year)))?;
    let mut set = Vec::new();
    for one in &asked.set {
        let value = one.value.trim().parse::<Exact>().map_err(|error| {
            Problem::invalid(
                &one.id,
                [format!("“{}” 不是数：{error}", one.value), format!("“{}” is no number: {error}", one.value)],
            )
        })?;
        set.push((one.id.clone(), value));
    }
    let varied = plan.varied(&asked.pool, asked.year, &set).map_err(|error| {
        let told = error.to_string();
        let (zh, en) = told.split_once(" / ").unwrap_or((&told, &told));
        let field = set.first().map_or("set", |(id, _)| id.as_str());
        Problem::invalid(field, [zh.to_owned(), en.to_owned()])
    })?;
    let (of, year) = (Arc::clone(&plan), asked.year);
    let so_far = console.read(move |tx| YearSoFar::read(tx, &of, year)).await?;
    let (at, pool) = (console.clone(), asked.pool);
    console
        .work(move || {
            let closed = |plan: &PaymentFile| {
                let found = so_far.try_out(plan, &pool, year);
                found.map_err(|refusal| {
                    let told =
                        [format!("按这些数不能清算：{refusal}"), format!("the year cannot be closed so: {refusal}")];
                    Problem::conflict(told).with_code(refusal.code())
                })
            };
            let told = |year: &PoolYear| PoolTold::of(&at, year, own.as_deref());
            let (present, tried) = (closed(&plan)?, closed(&varied)?);
            let open = so_far.open.iter().filter(|open| own.as_ref().is_none_or(|own| open.starts_with(own.as_str())));
            Ok(Json(WhatIfTold { present: told(&present), tried: told(&tried), open: open.cloned().collect() }))
        })
        .await
}
