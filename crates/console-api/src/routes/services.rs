//! 服务事项: the items, applying for them, and handling what was applied for.

use access::permission::{MessageOwn, ServiceApply, ServiceHandle, ServiceRead};
use access::{Scope, Subject};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, header};
use serde::{Deserialize, Serialize};
use terms::{PersonId, show_time};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::applications::{
    ApplicationFile, ApplicationRow, ApplicationSent, ApplicationStepSent, Filter, ServiceAssessment, ServiceItem,
    apply, assess, counter, file, list, step, told,
};
use crate::frame::{Body, Console, Granted, Listed, Listing, Paging, Problem, ProblemBody, Query};

const DESK: &str = "service";

pub(super) fn routes() -> OpenApiRouter<Console> {
    OpenApiRouter::new()
        .routes(routes!(items))
        .routes(routes!(item))
        .routes(routes!(codes))
        .routes(routes!(check))
        .routes(routes!(applied))
        .routes(routes!(applications))
        .routes(routes!(application))
        .routes(routes!(document))
        .routes(routes!(handle))
        .routes(routes!(own_step))
        .routes(routes!(messages))
}

/// 可以办理的事项 on this day: for citizens those that they may apply for themselves.
#[utoipa::path(
    get, path = "/services", tag = "services",
    extensions(("x-permission" = json!("service.read"))),
    responses(
        (status = 200, body = Vec<ServiceItem>),
    )
)]
async fn items(State(console): State<Console>, grant: Granted<ServiceRead>) -> Json<Vec<ServiceItem>> {
    let who = if matches!(grant.scope(), Scope::Person(_)) { "citizen" } else { "staff" };
    let counter = counter(&console);
    let offered = counter.services.offered((console.now)().date()).into_iter();
    let offered = offered.filter(|item| item.desk == DESK && item.who.iter().any(|known| known == who));
    Json(offered.map(|item| ServiceItem::of(&counter, item)).collect())
}

/// 事项 with its form.
#[utoipa::path(
    get, path = "/services/{item}", tag = "services", params(("item" = String, Path, description = "事项")),
    extensions(("x-permission" = json!("service.read"))),
    responses(
        (status = 200, body = ServiceItem),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn item(
    State(console): State<Console>,
    _: Granted<ServiceRead>,
    Path(item): Path<String>,
) -> Result<Json<ServiceItem>, Problem> {
    let counter = counter(&console);
    let known = counter.services.on(&item, (console.now)().date()).filter(|known| known.desk == DESK);
    let known = known.ok_or_else(|| Problem::not_found("item 事项"))?;
    Ok(Json(ServiceItem::of(&counter, known)))
}

/// What is looked for in a list of codes.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct CodesAsked {
    /// `chronic`, `diagnosis`, `procedure`.
    list: String,
    /// The beginning of a code, or part of a name.
    q: Option<String>,
}

/// 编码.
#[derive(Debug, Serialize, ToSchema)]
struct ServiceCode {
    code: String,
    name: String,
}

/// 编码 of a list, at most fifty, for the fields of forms.
#[utoipa::path(
    get, path = "/service-codes", tag = "services", params(CodesAsked),
    extensions(("x-permission" = json!("service.read"))),
    responses(
        (status = 200, body = Vec<ServiceCode>),
    )
)]
async fn codes(
    State(console): State<Console>,
    _: Granted<ServiceRead>,
    Query(asked): Query<CodesAsked>,
) -> Json<Vec<ServiceCode>> {
    let today = (console.now)().date();
    let wanted = asked.q.unwrap_or_default();
    let fits = |one: &&journeys::ListedCode| {
        one.period.covers(today) && (one.code.starts_with(&wanted) || one.name.contains(&wanted))
    };
    let found = console.services.list(&asked.list).iter().filter(fits).take(50);
    Json(found.map(|one| ServiceCode { code: one.code.clone(), name: one.name.clone() }).collect())
}

/// 预审: what the item's rules say of a form. Nothing is recorded.
#[utoipa::path(
    post, path = "/services/{item}/check", tag = "services", request_body = ApplicationSent,
    params(("item" = String, Path, description = "事项")),
    extensions(("x-permission" = json!("service.apply"))),
    responses(
        (status = 200, body = ServiceAssessment),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn check(
    State(console): State<Console>,
    grant: Granted<ServiceApply>,
    Path(item): Path<String>,
    Body(sent): Body<ApplicationSent>,
) -> Result<Json<ServiceAssessment>, Problem> {
    assess(&console, &grant, &item, &sent, DESK).await.map(Json)
}

/// 申请. The same key again gives the application as it stands.
#[utoipa::path(
    post, path = "/services/{item}/applications", tag = "services", request_body = ApplicationSent,
    params(("item" = String, Path, description = "事项")),
    extensions(("x-permission" = json!("service.apply"))),
    responses(
        (status = 200, body = ApplicationFile),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn applied(
    State(console): State<Console>,
    grant: Granted<ServiceApply>,
    Path(item): Path<String>,
    Body(sent): Body<ApplicationSent>,
) -> Result<Json<ApplicationFile>, Problem> {
    apply(&console, &grant, &item, &sent, DESK).await.map(Json)
}

/// 申请列表: the queue at the counter; a citizen's own.
#[utoipa::path(
    get, path = "/applications", tag = "services", params(Filter, Paging),
    extensions(("x-permission" = json!("service.read"))),
    responses(
        (status = 200, body = Listing<ApplicationRow>),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn applications(
    State(console): State<Console>,
    grant: Granted<ServiceRead>,
    Query(filter): Query<Filter>,
    Query(paging): Query<Paging>,
) -> Result<Listed<ApplicationRow>, Problem> {
    list(&console, &grant, DESK, filter, &paging).await
}

/// 申请案卷, with the steps that may be taken now.
#[utoipa::path(
    get, path = "/applications/{case_id}", tag = "services", params(("case_id" = String, Path, description = "案件编号")),
    extensions(("x-permission" = json!("service.read"))),
    responses(
        (status = 200, body = ApplicationFile),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn application(
    State(console): State<Console>,
    grant: Granted<ServiceRead>,
    Path(case_id): Path<String>,
) -> Result<Json<ApplicationFile>, Problem> {
    let found = file(&console, &grant, DESK, &case_id).await?;
    told(&console, &grant, &found, "service application").await.map(Json)
}

/// 材料 of an application.
#[utoipa::path(
    get, path = "/applications/{case_id}/documents/{seq}/{nth}", tag = "services",
    params(
        ("case_id" = String, Path, description = "案件编号"),
        ("seq" = i64, Path, description = "the step that brought it"),
        ("nth" = usize, Path, description = "its place among that step's"),
    ),
    extensions(("x-permission" = json!("service.read"))),
    responses(
        (status = 200, description = "the file", content_type = "application/octet-stream"),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn document(
    State(console): State<Console>,
    grant: Granted<ServiceRead>,
    Path((case_id, seq, nth)): Path<(String, i64, usize)>,
) -> Result<(HeaderMap, Vec<u8>), Problem> {
    let nothing = || Problem::not_found("document 材料");
    let mut found = None;
    for desk in [DESK, "claim"] {
        found = found.or(file(&console, &grant, desk, &case_id).await.ok());
    }
    let found = found.ok_or_else(nothing)?;
    grant.reads(&console, &[&found.case.party], "service document").await?;
    let mut of_step = found.documents.iter().filter(|(of, _)| *of == seq);
    let (_, document) = of_step.nth(nth.wrapping_sub(1)).ok_or_else(nothing)?;
    let content =
        document.content.clone().filter(|_| document.media != casework::Document::PLAIN).ok_or_else(nothing)?;
    let mut headers = HeaderMap::new();
    // A file that somebody sent is never shown in the console's own place.
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
    headers.insert(header::CONTENT_DISPOSITION, HeaderValue::from_static("attachment"));
    Ok((headers, content))
}

/// 办理 by staff.
#[utoipa::path(
    post, path = "/applications/{case_id}/steps", tag = "services", request_body = ApplicationStepSent,
    params(("case_id" = String, Path, description = "案件编号")),
    extensions(("x-permission" = json!("service.handle"))),
    responses(
        (status = 200, body = ApplicationFile),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn handle(
    State(console): State<Console>,
    grant: Granted<ServiceHandle>,
    Path(case_id): Path<String>,
    Body(sent): Body<ApplicationStepSent>,
) -> Result<Json<ApplicationFile>, Problem> {
    step(&console, &grant, DESK, &case_id, &sent).await.map(Json)
}

/// 补正, 撤回 by whoever applied.
#[utoipa::path(
    post, path = "/applications/{case_id}/own-steps", tag = "services", request_body = ApplicationStepSent,
    params(("case_id" = String, Path, description = "案件编号")),
    extensions(("x-permission" = json!("service.apply"))),
    responses(
        (status = 200, body = ApplicationFile),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn own_step(
    State(console): State<Console>,
    grant: Granted<ServiceApply>,
    Path(case_id): Path<String>,
    Body(sent): Body<ApplicationStepSent>,
) -> Result<Json<ApplicationFile>, Problem> {
    step(&console, &grant, DESK, &case_id, &sent).await.map(Json)
}

/// 消息: what happened to an application.
#[derive(Debug, Serialize, ToSchema)]
struct ApplicationMessage {
    case_id: String,
    item: String,
    english: String,
    step: String,
    state: String,
    why: String,
    at: String,
    /// Whether something is asked of the person.
    asks: bool,
}

/// Of whom.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Whose {
    /// 人员编号; the person themselves when left out.
    person: Option<String>,
}

/// 办理消息 of a person's latest fifty applications, the latest first.
#[utoipa::path(
    get, path = "/applications-messages", tag = "services", params(Whose),
    extensions(("x-permission" = json!("message.own"))),
    responses(
        (status = 200, body = Vec<ApplicationMessage>),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn messages(
    State(console): State<Console>,
    grant: Granted<MessageOwn>,
    Query(asked): Query<Whose>,
) -> Result<Json<Vec<ApplicationMessage>>, Problem> {
    let person = match (asked.person, grant.scope()) {
        (Some(person), _) => person,
        (None, Scope::Person(persons)) => persons.first().cloned().unwrap_or_default(),
        _ => return Err(Problem::invalid("person", ["请填写人员编号", "say of which person"])),
    };
    grant.cover(&Subject::of_person(&person), "person 参保人")?;
    let (counter, psn_no) = (counter(&console), PersonId(person));
    let found = console.read(move |tx| journeys::messages_of(tx, &counter, &psn_no, 50)).await?;
    let told = found.into_iter().map(|message| ApplicationMessage {
        case_id: message.case_id,
        item: message.item,
        english: message.english,
        step: message.step,
        state: message.state,
        why: message.why,
        at: show_time(message.at),
        asks: message.asks,
    });
    Ok(Json(told.collect()))
}
