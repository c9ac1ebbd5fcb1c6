//! 接口: the routes of the console, their description, and what every request passes.

use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use axum::{Json, Router, middleware};
use serde_json::Value;
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;

use crate::frame::{self, Console, Problem, ProblemBody};
use crate::routes;

/// Where the routes stand.
pub const PREFIX: &str = "/api/console/v1";

/// Bytes of a body at most: an upload of cases or documents.
const BODY: usize = 16 << 20;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "衡 Heng console",
        description = "The desks of a health-insurance bureau, its institutions and its people."
    ),
    components(schemas(ProblemBody))
)]
struct Described;

fn described() -> (Router<Console>, Value) {
    let base = OpenApiRouter::with_openapi(Described::openapi());
    let (routes, description) = base.nest(PREFIX, routes::all()).split_for_parts();
    let mut description = serde_json::to_value(description).expect("a description is plain data");
    frame::describe(&mut description);
    (routes, description)
}

/// The description of every route, as it is committed in `openapi.json`.
///
/// # Panics
/// Never: a description is plain data.
#[must_use]
pub fn openapi() -> Value {
    described().1
}

/// The routes under [`PREFIX`] and their description at `PREFIX/openapi.json`.
pub fn api(console: Console) -> Router {
    let (routes, description) = described();
    let described = Json(description);
    routes
        .route(&format!("{PREFIX}/openapi.json"), axum::routing::get(move || async move { described }))
        .route(&format!("{PREFIX}/{{*rest}}"), axum::routing::any(nowhere))
        .layer(DefaultBodyLimit::max(BODY))
        .layer(middleware::from_fn_with_state(console.clone(), frame::identify))
        .layer(middleware::from_fn_with_state(console.clone(), frame::slow))
        .layer(middleware::from_fn(frame::readable))
        .layer(middleware::map_response(guarded))
        .layer(middleware::from_fn(frame::speak))
        .with_state(console)
}

async fn nowhere(State(_): State<Console>) -> Response {
    Problem::not_found("route 接口").into_response()
}

/// Answers are nobody else's to keep or to frame.
async fn guarded(mut response: Response) -> Response {
    let headers = response.headers_mut();
    for (name, value) in [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"),
        (header::CACHE_CONTROL, "no-store"),
    ] {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    response
}
