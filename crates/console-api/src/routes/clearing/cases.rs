//! 清算明细: the cases of an institution's month, why one was priced as it was, and what waits.

use access::Subject;
use access::permission::ClearingRead;
use axum::Json;
use axum::extract::{Path, State};
use clearing::Cleared;
use journeys::{CaseExplanation, case_explanation};
use operation::feed;
use serde::{Deserialize, Serialize};
use terms::{Exact, InstitutionId, PersonId, SettlementId, show_time};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::month_of;
use super::statement::StepTold;
use crate::coded::Coded;
use crate::frame::{Column, Console, Exported, Granted, Listed, Listing, Order, Paging, Problem, ProblemBody, Query};

pub(super) fn routes() -> OpenApiRouter<Console> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(one)).routes(routes!(outstanding))
}

/// Which cases.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct CasesAsked {
    /// 险种类型.
    scheme: Option<String>,
    /// 清算类别.
    stream: Option<String>,
    /// 支付方案.
    plan: Option<String>,
    /// 组号.
    group: Option<String>,
    /// 分组结果: `grouped`, `ambiguous`, `ungroupable` ….
    status: Option<String>,
    /// 缘由: `settlement`, `reversal`, `special`, `replaced`.
    cause: Option<String>,
    /// Cases whose fund money by group is below that by item only.
    below: Option<bool>,
    /// Part of a settlement's number, a group's code or its name.
    q: Option<String>,
}

/// 清算明细.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = ClearedCase)]
struct CaseRow {
    /// 结算ID of the settlement, or of the reversal.
    settlement: String,
    /// 缘由.
    #[schema(pattern = "^(settlement|reversal|special|replaced)$")]
    cause: &'static str,
    month: String,
    institution: Coded,
    /// 险种.
    scheme: Coded,
    /// 清算类别.
    stream: Coded,
    /// 支付方案.
    plan: String,
    /// 分组结果.
    status: String,
    group: String,
    group_name: String,
    /// 权重 or 分值.
    #[schema(value_type = Option<String>)]
    weight: Option<Exact>,
    /// 结算点数.
    #[schema(value_type = String)]
    points: Exact,
    /// 医疗总费用.
    fee_amount: i64,
    /// 除外支付.
    excluded_amount: i64,
    /// 病组支付总额.
    payment_amount: i64,
    /// 个人支付.
    patient_amount: i64,
    /// 其他基金支付.
    other_fund_amount: i64,
    /// 统筹基金应付.
    fund_amount: i64,
    /// 按项目记账.
    item_amount: i64,
    /// 与按项目之差.
    difference_amount: i64,
    /// 结余或亏损 of the institution.
    balance_amount: i64,
}

impl CaseRow {
    fn of(console: &Console, row: &Cleared) -> CaseRow {
        CaseRow {
            settlement: row.setl_id.0.clone(),
            cause: row.cause.code(),
            month: row.month.to_string(),
            institution: Coded::institution(&console.centre, row.fixmedins_code.as_str(), row.month.last()),
            scheme: console.scheme(&row.insutype),
            stream: Coded::stream(&row.clr_type),
            plan: row.plan.clone(),
            status: row.status.clone(),
            group: row.group_code.clone(),
            group_name: row.group_name.clone(),
            weight: row.weight,
            points: row.points,
            fee_amount: row.fee.0,
            excluded_amount: row.excluded.0,
            payment_amount: row.payment.0,
            patient_amount: row.patient.0,
            other_fund_amount: row.other_funds.0,
            fund_amount: row.fund.0,
            item_amount: row.item_fund.0,
            difference_amount: row.difference().0,
            balance_amount: (row.payment + row.excluded - row.fee).0,
        }
    }

    fn key(&self) -> String {
        format!("{}/{}", self.settlement, self.cause)
    }
}

impl Exported for CaseRow {
    const FILE: &'static str = "cleared-cases";
    const COLUMNS: &'static [Column] = &[
        Column::text("month", "清算年月"),
        Column::text("institution.code", "机构编号"),
        Column::text("institution.name", "机构名称"),
        Column::text("scheme.name", "险种"),
        Column::text("stream.name", "清算类别"),
        Column::text("settlement", "结算ID"),
        Column::text("cause", "缘由"),
        Column::text("status", "分组结果"),
        Column::text("group", "组号"),
        Column::text("group_name", "组名"),
        Column::text("weight", "权重或分值"),
        Column::text("points", "结算点数"),
        Column::money("fee_amount", "医疗总费用"),
        Column::money("excluded_amount", "除外支付"),
        Column::money("payment_amount", "病组支付总额"),
        Column::money("patient_amount", "个人支付"),
        Column::money("other_fund_amount", "其他基金"),
        Column::money("fund_amount", "统筹基金应付"),
        Column::money("item_amount", "按项目记账"),
        Column::money("difference_amount", "与按项目之差"),
        Column::money("balance_amount", "结余或亏损"),
    ];
}

#[derive(Debug, Clone, Copy)]
enum By {
    Settlement,
    Group,
    Fee,
    Fund,
    Item,
    Difference,
    Balance,
}

const SORTS: &[(&str, By)] = &[
    ("settlement", By::Settlement),
    ("group", By::Group),
    ("fee", By::Fee),
    ("fund", By::Fund),
    ("item", By::Item),
    ("difference", By::Difference),
    ("balance", By::Balance),
];

fn sort(rows: &mut [CaseRow], order: Order<By>) {
    rows.sort_by(|a, b| {
        let found = match order.field {
            By::Settlement => a.settlement.cmp(&b.settlement),
            By::Group => a.group.cmp(&b.group),
            By::Fee => a.fee_amount.cmp(&b.fee_amount),
            By::Fund => a.fund_amount.cmp(&b.fund_amount),
            By::Item => a.item_amount.cmp(&b.item_amount),
            By::Difference => a.difference_amount.cmp(&b.difference_amount),
            By::Balance => a.balance_amount.cmp(&b.balance_amount),
        };
        let found = if order.descending { found.reverse() } else { found };
        found.then_with(|| a.key().cmp(&b.key()))
    });
}

/// 清算明细 of an institution's month.
#[utoipa::path(
    get, path = "/clearing/months/{month}/institutions/{institution}/cases", tag = "clearing",
    params(
        ("month" = String, Path, description = "清算年月, 2026-03"), ("institution" = String, Path, description = "机构编号"),
        Paging, CasesAsked,
    ),
    extensions(("x-permission" = json!("clearing.read"))),
    responses(
        (status = 200, body = Listing<CaseRow>),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn list(
    State(console): State<Console>,
    grant: Granted<ClearingRead>,
    Path((month, institution)): Path<(String, String)>,
    Query(paging): Query<Paging>,
    Query(asked): Query<CasesAsked>,
) -> Result<Listed<CaseRow>, Problem> {
    grant.cover(&Subject::of_institution(&institution), "statement 清算单")?;
    let order = paging.order(SORTS, Order { field: By::Difference, descending: false })?;
    let month = month_of(&month)?;
    let code = InstitutionId(institution);
    let found = console.read(move |tx| Ok(clearing::figures_between(tx, &code, month, month)?)).await?;
    let fits =
        |asked: &Option<String>, value: &str| asked.as_ref().is_none_or(|asked| asked.is_empty() || asked == value);
    let within = |row: &CaseRow, q: &String| {
        q.is_empty() || [&row.settlement, &row.group, &row.group_name].into_iter().any(|text| text.contains(q.as_str()))
    };
    let mut rows: Vec<CaseRow> = found
        .iter()
        .map(|row| CaseRow::of(&console, row))
        .filter(|row| {
            fits(&asked.scheme, &row.scheme.code)
                && fits(&asked.stream, &row.stream.code)
                && fits(&asked.plan, &row.plan)
                && fits(&asked.group, &row.group)
                && fits(&asked.status, &row.status)
                && fits(&asked.cause, row.cause)
                && (asked.below != Some(true) || row.difference_amount < 0)
                && asked.q.as_ref().is_none_or(|q| within(row, q))
        })
        .collect();
    sort(&mut rows, order);
    Listed::of_all(&paging, rows, CaseRow::key)
}

/// A node of the scheme on the way to a case's group.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = GroupingPlace)]
pub(in crate::routes) struct PlaceTold {
    level: String,
    code: String,
    name: String,
}

impl From<(&str, &str, &str)> for PlaceTold {
    fn from((level, code, name): (&str, &str, &str)) -> PlaceTold {
        PlaceTold { level: level.to_owned(), code: code.to_owned(), name: name.to_owned() }
    }
}

/// 一例: how it was grouped and priced.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ClearedCaseTold)]
struct CaseTold {
    #[serde(flatten)]
    row: CaseRow,
    /// 分组方案.
    grouping_scheme: String,
    grouping_version: String,
    /// From the first level down.
    path: Vec<PlaceTold>,
    /// Severity classes that stand.
    severity: Vec<String>,
    /// 分组过程 in words, line by line.
    trace: Vec<String>,
    /// 结算清单的版本.
    list_version: i64,
    /// 支付路径 and 偏差档.
    route: String,
    band: Option<String>,
    /// 倍率.
    #[schema(value_type = Option<String>)]
    ratio: Option<Exact>,
    /// 住院天数.
    days: u32,
    /// 出院日期.
    discharged: String,
    cleared_at: String,
    /// 定价步骤.
    steps: Vec<StepTold>,
}

impl CaseTold {
    fn of(console: &Console, row: &Cleared, why: CaseExplanation) -> CaseTold {
        let path = why.grouping.path.iter().map(|(level, code, name)| PlaceTold::from((&**level, &**code, &**name)));
        CaseTold {
            row: CaseRow::of(console, row),
            grouping_scheme: why.grouping.scheme,
            grouping_version: why.grouping.version,
            path: path.collect(),
            severity: why.grouping.severity,
            trace: why.grouping.trace.lines().map(str::to_owned).collect(),
            list_version: row.list_version,
            route: why.price.route.clone(),
            band: why.price.band.clone(),
            ratio: why.price.r,
            days: why.case.days,
            discharged: why.case.discharged.to_string(),
            cleared_at: show_time(row.cleared_at),
            steps: why.price.steps.iter().map(StepTold::of).collect(),
        }
    }
}

/// What was cleared under a settlement's or reversal's number: its case, then what a decision
/// replaced it by.
#[utoipa::path(
    get, path = "/clearing/cases/{settlement}", tag = "clearing",
    params(("settlement" = String, Path, description = "结算ID")),
    extensions(("x-permission" = json!("clearing.read"))),
    responses(
        (status = 200, body = Vec<CaseTold>),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn one(
    State(console): State<Console>,
    grant: Granted<ClearingRead>,
    Path(settlement): Path<String>,
) -> Result<Json<Vec<CaseTold>>, Problem> {
    let nothing = || Problem::not_found("cleared case 清算明细");
    let id = SettlementId(settlement);
    let found = console
        .read(move |tx| {
            for kind in ["settlement", "reversal"] {
                if let Some(change) = feed::find(tx, &format!("{kind}/{id}"))? {
                    let rows = clearing::cases_of(tx, &PersonId(change.person), &id)?;
                    return rows.into_iter().map(|row| Ok((case_explanation(&row)?, row))).collect();
                }
            }
            Ok(Vec::new())
        })
        .await?;
    let (_, first) = found.first().ok_or_else(nothing)?;
    let subject = Subject {
        institution: Some(first.fixmedins_code.0.clone()),
        person: Some(first.psn_no.0.clone()),
        ..Subject::default()
    };
    grant.cover(&subject, "cleared case 清算明细")?;
    grant.reads(&console, &[first.psn_no.as_str()], "cleared case").await?;
    Ok(Json(found.into_iter().map(|(why, row)| CaseTold::of(&console, &row, why)).collect()))
}

/// 待清算.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = OutstandingCase)]
struct OutstandingRow {
    /// 结算ID.
    settlement: String,
    /// Why it waits, with the way out.
    reason: String,
}

impl Exported for OutstandingRow {
    const FILE: &'static str = "outstanding";
    const COLUMNS: &'static [Column] = &[Column::text("settlement", "结算ID"), Column::text("reason", "原因")];
}

/// 待清算: stays that would wait if the month were cleared now, with the reason; worked out now.
#[utoipa::path(
    get, path = "/clearing/months/{month}/institutions/{institution}/outstanding", tag = "clearing",
    params(
        ("month" = String, Path, description = "清算年月, 2026-03"), ("institution" = String, Path, description = "机构编号"),
        Paging,
    ),
    extensions(("x-permission" = json!("clearing.read"))),
    responses(
        (status = 200, body = Listing<OutstandingRow>),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn outstanding(
    State(console): State<Console>,
    grant: Granted<ClearingRead>,
    Path((month, institution)): Path<(String, String)>,
    Query(paging): Query<Paging>,
) -> Result<Listed<OutstandingRow>, Problem> {
    grant.cover(&Subject::of_institution(&institution), "statement 清算单")?;
    let month = month_of(&month)?;
    let operation = console.operation(grant.caller(), "outstanding");
    let (at, code) = (console.clone(), InstitutionId(institution));
    let work = move || Ok(at.centre.outstanding(&at.database, &at.payment, &operation, month, &code)?);
    let found = console.work(work).await?;
    let mut rows: Vec<OutstandingRow> =
        found.into_iter().map(|stay| OutstandingRow { settlement: stay.setl_id.0, reason: stay.reason }).collect();
    rows.sort_by(|a, b| a.settlement.cmp(&b.settlement));
    Listed::of_all(&paging, rows, |row| row.settlement.clone())
}
