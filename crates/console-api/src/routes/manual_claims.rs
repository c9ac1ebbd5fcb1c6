//! 零星报销: entered with a preview of its settlement, reviewed by somebody else, paid by a third.

use access::permission::{ManualClaimEnter, ManualClaimPay, ManualClaimReview, ServiceRead};
use axum::Json;
use axum::extract::{Path, State};
use casework::form::plain;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::applications::{
    ApplicationFile, ApplicationRow, ApplicationSent, ApplicationStepSent, Filter, ServiceAssessment, ServiceItem,
    apply, assess, counter, file, list, step, told,
};
use crate::frame::{Body, Console, Granted, Listed, Listing, Paging, Problem, ProblemBody, Query};

const DESK: &str = "claim";

pub(super) fn routes() -> OpenApiRouter<Console> {
    OpenApiRouter::new()
        .routes(routes!(forms))
        .routes(routes!(goods))
        .routes(routes!(check))
        .routes(routes!(enter))
        .routes(routes!(claims))
        .routes(routes!(claim))
        .routes(routes!(payee))
        .routes(routes!(entry))
        .routes(routes!(review))
        .routes(routes!(payment))
}

/// 报销事项, each with its form.
#[utoipa::path(
    get, path = "/manual-claim-forms", tag = "manual claims",
    extensions(("x-permission" = json!("service.read"))),
    responses(
        (status = 200, body = Vec<ServiceItem>),
    )
)]
async fn forms(State(console): State<Console>, _: Granted<ServiceRead>) -> Json<Vec<ServiceItem>> {
    let counter = counter(&console);
    let offered = counter.services.offered((console.now)().date()).into_iter().filter(|item| item.desk == DESK);
    Json(offered.map(|item| ServiceItem::of(&counter, item)).collect())
}

/// What is looked for in the catalogue.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct GoodsAsked {
    /// The beginning of a code, or part of a name.
    q: String,
}

/// 目录项目 for a line of a claim.
#[derive(Debug, Serialize, ToSchema)]
struct ClaimItem {
    code: String,
    name: String,
    /// 收费项目等级: 01 甲, 02 乙, 03 丙.
    level: String,
}

/// 目录项目, at most thirty.
#[utoipa::path(
    get, path = "/manual-claim-items", tag = "manual claims", params(GoodsAsked),
    extensions(("x-permission" = json!("service.read"))),
    responses(
        (status = 200, body = Vec<ClaimItem>),
    )
)]
async fn goods(
    State(console): State<Console>,
    _: Granted<ServiceRead>,
    Query(asked): Query<GoodsAsked>,
) -> Json<Vec<ClaimItem>> {
    let found = console.centre.catalogue.search(asked.q.trim(), (console.now)().date(), 30);
    let told = found.into_iter().map(|row| ClaimItem {
        code: row.med_list_codg.to_string(),
        name: row.name.clone(),
        level: row.chrgitm_lv.clone(),
    });
    Json(told.collect())
}

/// 试算: what the rules and the law say of a claim. Nothing is recorded.
#[utoipa::path(
    post, path = "/manual-claim-forms/{item}/check", tag = "manual claims", request_body = ApplicationSent,
    params(("item" = String, Path, description = "事项")),
    extensions(("x-permission" = json!("manual_claim.enter"))),
    responses(
        (status = 200, body = ServiceAssessment),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn check(
    State(console): State<Console>,
    grant: Granted<ManualClaimEnter>,
    Path(item): Path<String>,
    Body(sent): Body<ApplicationSent>,
) -> Result<Json<ServiceAssessment>, Problem> {
    assess(&console, &grant, &item, &sent, DESK).await.map(Json)
}

/// 录入. The same key again gives the claim as it stands.
#[utoipa::path(
    post, path = "/manual-claim-forms/{item}/claims", tag = "manual claims", request_body = ApplicationSent,
    params(("item" = String, Path, description = "事项")),
    extensions(("x-permission" = json!("manual_claim.enter"))),
    responses(
        (status = 200, body = ApplicationFile),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn enter(
    State(console): State<Console>,
    grant: Granted<ManualClaimEnter>,
    Path(item): Path<String>,
    Body(sent): Body<ApplicationSent>,
) -> Result<Json<ApplicationFile>, Problem> {
    apply(&console, &grant, &item, &sent, DESK).await.map(Json)
}

/// 报销列表; a citizen sees their own.
#[utoipa::path(
    get, path = "/manual-claims", tag = "manual claims", params(Filter, Paging),
    extensions(("x-permission" = json!("service.read"))),
    responses(
        (status = 200, body = Listing<ApplicationRow>),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn claims(
    State(console): State<Console>,
    grant: Granted<ServiceRead>,
    Query(filter): Query<Filter>,
    Query(paging): Query<Paging>,
) -> Result<Listed<ApplicationRow>, Problem> {
    list(&console, &grant, DESK, filter, &paging).await
}

/// 报销案卷, with the steps that may be taken now.
#[utoipa::path(
    get, path = "/manual-claims/{case_id}", tag = "manual claims",
    params(("case_id" = String, Path, description = "案件编号")),
    extensions(("x-permission" = json!("service.read"))),
    responses(
        (status = 200, body = ApplicationFile),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn claim(
    State(console): State<Console>,
    grant: Granted<ServiceRead>,
    Path(case_id): Path<String>,
) -> Result<Json<ApplicationFile>, Problem> {
    let found = file(&console, &grant, DESK, &case_id).await?;
    told(&console, &grant, &found, "manual claim").await.map(Json)
}

/// 收款账户, whole, for whoever pays.
#[derive(Debug, Serialize, ToSchema)]
struct ClaimPayee {
    payee: String,
    bank: String,
    account: String,
    /// 应付个人 of the claim's settlement, 分.
    owed_amount: i64,
}

/// 收款账户 of a claim. That it was read is recorded.
#[utoipa::path(
    get, path = "/manual-claims/{case_id}/payee", tag = "manual claims",
    params(("case_id" = String, Path, description = "案件编号")),
    extensions(("x-permission" = json!("manual_claim.pay"))),
    responses(
        (status = 200, body = ClaimPayee),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn payee(
    State(console): State<Console>,
    grant: Granted<ManualClaimPay>,
    Path(case_id): Path<String>,
) -> Result<Json<ClaimPayee>, Problem> {
    let found = file(&console, &grant, DESK, &case_id).await?;
    grant.reads(&console, &[&found.case.party], "claim payee").await?;
    let text = |name: &str| found.application.form.get(name).map(plain).unwrap_or_default();
    let owed = found.application.result.as_ref().and_then(|result| result["owed"].as_i64());
    Ok(Json(ClaimPayee {
        payee: text("payee"),
        bank: text("bank"),
        account: text("account"),
        owed_amount: owed.unwrap_or_default(),
    }))
}

/// 补正, 撤回.
#[utoipa::path(
    post, path = "/manual-claims/{case_id}/entry", tag = "manual claims", request_body = ApplicationStepSent,
    params(("case_id" = String, Path, description = "案件编号")),
    extensions(("x-permission" = json!("manual_claim.enter"))),
    responses(
        (status = 200, body = ApplicationFile),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn entry(
    State(console): State<Console>,
    grant: Granted<ManualClaimEnter>,
    Path(case_id): Path<String>,
    Body(sent): Body<ApplicationStepSent>,
) -> Result<Json<ApplicationFile>, Problem> {
    step(&console, &grant, DESK, &case_id, &sent).await.map(Json)
}

/// 复核, 退回, 不予报销, 撤销.
#[utoipa::path(
    post, path = "/manual-claims/{case_id}/review", tag = "manual claims", request_body = ApplicationStepSent,
    params(("case_id" = String, Path, description = "案件编号")),
    extensions(("x-permission" = json!("manual_claim.review"))),
    responses(
        (status = 200, body = ApplicationFile),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn review(
    State(console): State<Console>,
    grant: Granted<ManualClaimReview>,
    Path(case_id): Path<String>,
    Body(sent): Body<ApplicationStepSent>,
) -> Result<Json<ApplicationFile>, Problem> {
    step(&console, &grant, DESK, &case_id, &sent).await.map(Json)
}

/// 支付, 收到退款.
#[utoipa::path(
    post, path = "/manual-claims/{case_id}/payment", tag = "manual claims", request_body = ApplicationStepSent,
    params(("case_id" = String, Path, description = "案件编号")),
    extensions(("x-permission" = json!("manual_claim.pay"))),
    responses(
        (status = 200, body = ApplicationFile),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn payment(
    State(console): State<Console>,
    grant: Granted<ManualClaimPay>,
    Path(case_id): Path<String>,
    Body(sent): Body<ApplicationStepSent>,
) -> Result<Json<ApplicationFile>, Problem> {
    step(&console, &grant, DESK, &case_id, &sent).await.map(Json)
}
