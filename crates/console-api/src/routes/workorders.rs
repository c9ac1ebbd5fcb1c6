//! 运维工单: raised by whoever works here or by an institution, approved, assigned, handled, closed.

use access::permission::{WorkorderApprove, WorkorderHandle, WorkorderRaise};
use axum::Json;
use axum::extract::{Path, State};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::applications::{
    ApplicationFile, ApplicationRow, ApplicationSent, ApplicationStepSent, Filter, ServiceItem, apply, counter, file,
    list, step, told,
};
use crate::frame::{Body, Console, Granted, Listed, Listing, Paging, Problem, ProblemBody, Query};

const DESK: &str = "workorder";

pub(super) fn routes() -> OpenApiRouter<Console> {
    OpenApiRouter::new()
        .routes(routes!(kinds))
        .routes(routes!(raise))
        .routes(routes!(orders))
        .routes(routes!(order))
        .routes(routes!(own_step))
        .routes(routes!(approval))
        .routes(routes!(handling))
}

/// 工单种类, each with its form.
#[utoipa::path(
    get, path = "/workorder-kinds", tag = "workorders",
    extensions(("x-permission" = json!("workorder.raise"))),
    responses(
        (status = 200, body = Vec<ServiceItem>),
    )
)]
async fn kinds(State(console): State<Console>, _: Granted<WorkorderRaise>) -> Json<Vec<ServiceItem>> {
    let counter = counter(&console);
    let offered = counter.services.offered((console.now)().date()).into_iter().filter(|item| item.desk == DESK);
    Json(offered.map(|item| ServiceItem::of(&counter, item)).collect())
}

/// 提出工单. The same key again gives the order as it stands.
#[utoipa::path(
    post, path = "/workorder-kinds/{item}/orders", tag = "workorders", request_body = ApplicationSent,
    params(("item" = String, Path, description = "事项")),
    extensions(("x-permission" = json!("workorder.raise"))),
    responses(
        (status = 200, body = ApplicationFile),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn raise(
    State(console): State<Console>,
    grant: Granted<WorkorderRaise>,
    Path(item): Path<String>,
    Body(sent): Body<ApplicationSent>,
) -> Result<Json<ApplicationFile>, Problem> {
    apply(&console, &grant, &item, &sent, DESK).await.map(Json)
}

/// 工单列表: an institution sees its own.
#[utoipa::path(
    get, path = "/workorders", tag = "workorders", params(Filter, Paging),
    extensions(("x-permission" = json!("workorder.raise"))),
    responses(
        (status = 200, body = Listing<ApplicationRow>),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn orders(
    State(console): State<Console>,
    grant: Granted<WorkorderRaise>,
    Query(filter): Query<Filter>,
    Query(paging): Query<Paging>,
) -> Result<Listed<ApplicationRow>, Problem> {
    list(&console, &grant, DESK, filter, &paging).await
}

/// 工单, with the steps that may be taken now.
#[utoipa::path(
    get, path = "/workorders/{case_id}", tag = "workorders",
    params(("case_id" = String, Path, description = "案件编号")),
    extensions(("x-permission" = json!("workorder.raise"))),
    responses(
        (status = 200, body = ApplicationFile),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn order(
    State(console): State<Console>,
    grant: Granted<WorkorderRaise>,
    Path(case_id): Path<String>,
) -> Result<Json<ApplicationFile>, Problem> {
    let found = file(&console, &grant, DESK, &case_id).await?;
    told(&console, &grant, &found, "work order").await.map(Json)
}

/// 撤回, 确认, 重开 by whoever raised it.
#[utoipa::path(
    post, path = "/workorders/{case_id}/own-steps", tag = "workorders", request_body = ApplicationStepSent,
    params(("case_id" = String, Path, description = "案件编号")),
    extensions(("x-permission" = json!("workorder.raise"))),
    responses(
        (status = 200, body = ApplicationFile),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn own_step(
    State(console): State<Console>,
    grant: Granted<WorkorderRaise>,
    Path(case_id): Path<String>,
    Body(sent): Body<ApplicationStepSent>,
) -> Result<Json<ApplicationFile>, Problem> {
    step(&console, &grant, DESK, &case_id, &sent).await.map(Json)
}

/// 审批, 派单.
#[utoipa::path(
    post, path = "/workorders/{case_id}/approval", tag = "workorders", request_body = ApplicationStepSent,
    params(("case_id" = String, Path, description = "案件编号")),
    extensions(("x-permission" = json!("workorder.approve"))),
    responses(
        (status = 200, body = ApplicationFile),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn approval(
    State(console): State<Console>,
    grant: Granted<WorkorderApprove>,
    Path(case_id): Path<String>,
    Body(sent): Body<ApplicationStepSent>,
) -> Result<Json<ApplicationFile>, Problem> {
    step(&console, &grant, DESK, &case_id, &sent).await.map(Json)
}

/// 处理.
#[utoipa::path(
    post, path = "/workorders/{case_id}/handling", tag = "workorders", request_body = ApplicationStepSent,
    params(("case_id" = String, Path, description = "案件编号")),
    extensions(("x-permission" = json!("workorder.handle"))),
    responses(
        (status = 200, body = ApplicationFile),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn handling(
    State(console): State<Console>,
    grant: Granted<WorkorderHandle>,
    Path(case_id): Path<String>,
    Body(sent): Body<ApplicationStepSent>,
) -> Result<Json<ApplicationFile>, Problem> {
    step(&console, &grant, DESK, &case_id, &sent).await.map(Json)
}
