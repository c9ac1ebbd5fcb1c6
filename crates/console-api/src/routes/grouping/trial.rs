//! 试分组: cases or lists as they were pasted, or out of a file; nothing is kept of them.

use access::permission::PaymentTry;
use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{StatusCode, header};
use office::http::{Limits, Trouble, stays};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::installed;
use super::told::{StayTold, tell, within};
use crate::frame::{Body, Console, Fault, Granted, Problem, ProblemBody, Query};

pub(super) fn routes() -> OpenApiRouter<Console> {
    OpenApiRouter::new().routes(routes!(trials)).routes(routes!(file))
}

/// Stays of one request, with and without details; rows of a file.
const AT_ONCE: usize = 500;
const DETAILED_AT_ONCE: usize = 20;

/// 试算.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = TrialAsked)]
struct TrialIn {
    /// `id@version`.
    scheme: String,
    /// 支付方案; the scheme's only one unless given, none where it has none.
    plan: Option<String>,
    /// Cases: diagnoses, procedures, sex, age …, and `settlement` with what a price needs.
    #[serde(default)]
    #[schema(value_type = Vec<Object>)]
    cases: Vec<serde_json::Value>,
    /// 结算清单, in our field names or as the body of 4101.
    #[serde(default)]
    #[schema(value_type = Vec<Object>)]
    lists: Vec<serde_json::Value>,
    /// With reasons, steps of the price and neighbouring groups: at most 20 stays.
    #[serde(default)]
    details: bool,
}

/// 试算结果.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TrialTold)]
struct TrialTold {
    scheme: String,
    plan: Option<String>,
    stays: Vec<StayTold>,
}

fn problem(trouble: Trouble) -> Problem {
    if trouble.errors.is_empty() {
        let status = StatusCode::from_u16(trouble.status).unwrap_or(StatusCode::UNPROCESSABLE_ENTITY);
        let (zh, en) = trouble.title.split_once(' ').unwrap_or((trouble.title, trouble.title));
        return Problem::new(status, [zh, en], [trouble.detail.clone(), trouble.detail]);
    }
    let fault = |fault: office::http::Fault| Fault {
        field: fault.field,
        row: fault.row.and_then(|row| u32::try_from(row).ok()),
        message: fault.message,
    };
    Problem::faults(trouble.errors.into_iter().map(fault).collect())
}

/// 试分组: groups and prices stays, with reasons and what stands around them. Nothing is kept.
#[utoipa::path(
    post, path = "/grouping/trials", tag = "grouping", request_body = TrialIn,
    extensions(("x-permission" = json!("payment.try"))),
    responses(
        (status = 200, body = TrialTold),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn trials(
    State(console): State<Console>,
    grant: Granted<PaymentTry>,
    Body(asked): Body<TrialIn>,
) -> Result<Json<TrialTold>, Problem> {
    let at = console.clone();
    console
        .work(move || {
            let one = installed(&at, &asked.scheme)?;
            let plan = match asked.plan.as_deref().filter(|plan| !plan.is_empty()) {
                Some(plan) => {
                    Some(one.plan(Some(plan)).map_err(|_| Problem::not_found(format!("plan 支付方案 {plan}")))?)
                }
                None => one.plan(None).ok(),
            };
            let batch = if asked.details { DETAILED_AT_ONCE } else { AT_ONCE };
            let limits = Limits { batch, ..Limits::default() };
            let found = stays(asked.cases, asked.lists, one, &limits).map_err(problem)?;
            found.iter().try_for_each(|stay| within(&grant, stay))?;
            let numbered = (1..).zip(&found);
            Ok(Json(TrialTold {
                scheme: office::shelf::name_of(one.grouper.scheme()),
                plan: plan.map(|plan| plan.id.clone()),
                stays: numbered.map(|stay| tell(&at, one, plan, stay, asked.details)).collect(),
            }))
        })
        .await
}

/// Which file.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct FileAsked {
    /// Its name, whose ending says its form: csv, csv.gz, xlsx, parquet.
    name: String,
}

/// A row that can be used.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TrialFileRow)]
struct RowTold {
    /// Its line.
    row: u64,
    /// The list that it holds, as `trials` takes it.
    #[schema(value_type = Object)]
    list: serde_json::Value,
}

/// A row that cannot.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TrialFileError)]
struct RowError {
    row: u64,
    message: String,
}

/// What a file held.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TrialFile)]
struct FileTold {
    /// Rows in all; more than are given when the file is long.
    rows: u64,
    lists: Vec<RowTold>,
    errors: Vec<RowError>,
}

/// Reads a file of stays by its headings: the first rows as lists for `trials`, and what is wrong
/// with others. Nothing is kept.
#[utoipa::path(
    post, path = "/grouping/files", tag = "grouping", params(FileAsked),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    extensions(("x-permission" = json!("payment.try"))),
    responses(
        (status = 200, body = FileTold),
    )
)]
async fn file(
    State(console): State<Console>,
    _: Granted<PaymentTry>,
    Query(asked): Query<FileAsked>,
    headers: axum::http::HeaderMap,
    bytes: Result<Bytes, axum::extract::rejection::BytesRejection>,
) -> Result<Json<FileTold>, Problem> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !kind.starts_with("application/octet-stream") {
        let detail = ["请以 application/octet-stream 发送文件", "send the file as application/octet-stream"];
        return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, ["格式不对", "not this kind of body"], detail));
    }
    let bytes = bytes.map_err(|rejection| {
        let told = rejection.body_text();
        let detail = [format!("文件不能读取：{told}"), format!("the file cannot be read: {told}")];
        Problem::new(StatusCode::PAYLOAD_TOO_LARGE, ["文件过大", "the file is too large"], detail)
    })?;
    console
        .work(move || {
            let read = office::upload::read(&asked.name, &bytes, AT_ONCE);
            let found = read.map_err(|error| {
                Problem::invalid(
                    "name",
                    [format!("这个文件不能读取：{error}"), format!("this file cannot be read: {error}")],
                )
            })?;
            let mut lists = Vec::with_capacity(found.lists.len());
            for (row, list) in found.lists {
                let list = serde_json::to_value(list).map_err(|error| Problem::internal(&error))?;
                lists.push(RowTold { row, list });
            }
            let errors = found.errors.into_iter().map(|(row, message)| RowError { row, message });
            Ok(Json(FileTold { rows: found.rows, lists, errors: errors.collect() }))
        })
        .await
}
