//! 接口: the calculators over HTTP, for programs. JSON in, JSON out, described by OpenAPI.
//!
//! Nothing is remembered and nothing about a case is logged. **Who may ask is decided in one
//! place** ([`admit`]): this machine only, unless whoever opened the door said otherwise.

mod answer;
mod history;
mod lists;
mod problem;
mod request;
mod screening;
mod work;

use std::net::SocketAddr;
use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Router, middleware};
use serde::Serialize;
use tokio::sync::Semaphore;
use utoipa::OpenApi;

use crate::shelf::Shelf;
pub use problem::{Fault, Trouble};
pub use request::{Asked, CaseIn, Decimal, GroupedAs, SettlementIn, stays};

/// From where requests are taken. Nobody is asked who they are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Access {
    /// This machine only.
    #[default]
    Loopback,
    /// Any machine that reaches the address: for a hospital's own closed network.
    Network,
}

/// How much one request may ask.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Bytes of a request's body.
    pub body: usize,
    /// Cases and lists of a request.
    pub batch: usize,
    /// Requests worked on at once; others wait.
    pub workers: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { body: 8 << 20, batch: 1_000, workers: 4 }
    }
}

impl Limits {
    fn check(&self, count: usize) -> Result<(), Trouble> {
        if count == 0 {
            let fault = "give at least one case or list";
            return Err(Trouble::of_faults(vec![Fault { row: None, field: "cases".into(), message: fault.into() }]));
        }
        if count > self.batch {
            let detail = format!("{count} cases and lists; a request may hold {}: send several", self.batch);
            return Err(Trouble::new(StatusCode::PAYLOAD_TOO_LARGE, "病例过多 too many cases", detail));
        }
        Ok(())
    }
}

/// What the interface works with.
#[derive(Debug)]
pub struct Service {
    shelf: Arc<Shelf>,
    limits: Limits,
    access: Access,
    working: Semaphore,
}

impl Service {
    /// A service over a shelf.
    #[must_use]
    pub fn new(shelf: impl Into<Arc<Shelf>>, access: Access, limits: Limits) -> Service {
        Service { shelf: shelf.into(), limits, access, working: Semaphore::new(limits.workers) }
    }
}

/// The routes under `/api/v1`. They need the peer's address
/// (`into_make_service_with_connect_info::<SocketAddr>()`).
pub fn router(service: Arc<Service>) -> Router {
    let routes = Router::new()
        .route("/group", post(group))
        .route("/qc", post(qc))
        .route("/price", post(price))
        .route("/screen", post(screen))
        .route("/schemes", get(schemes))
        .route("/openapi.json", get(description))
        .fallback(nowhere)
        .method_not_allowed_fallback(wrong_method)
        .layer(middleware::from_fn_with_state(Arc::clone(&service), admit))
        .with_state(service);
    Router::new().nest("/api/v1", routes)
}

/// The one place where access is decided.
async fn admit(State(service): State<Arc<Service>>, request: Request, next: Next) -> Response {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| peer.ip());
    let near = peer.is_some_and(|peer| peer.to_canonical().is_loopback());
    if service.access == Access::Loopback && !near {
        let detail = "this interface answers programs of its own machine only";
        return Trouble::new(StatusCode::FORBIDDEN, "不予受理 not admitted", detail).into_response();
    }
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, header::HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, header::HeaderValue::from_static("nosniff"));
    response
}

#[utoipa::path(
    post, path = "/api/v1/group", tag = "calculators",
    request_body = request::GroupRequest,
    responses(
        (status = 200, description = "one answer a case, in order", body = answer::GroupResponse),
        (status = 413, description = "too much at once", body = Trouble, content_type = "application/problem+json"),
        (status = 422, description = "faults by row and field", body = Trouble, content_type = "application/problem+json"),
    )
)]
/// 分组: groups cases by a scheme, with the reasons if asked for.
async fn group(State(service): State<Arc<Service>>, headers: HeaderMap, body: Body) -> Response {
    work(service, &headers, body, work::group).await
}

#[utoipa::path(
    post, path = "/api/v1/qc", tag = "calculators",
    request_body = request::QcRequest,
    responses(
        (status = 200, description = "one report a list, in order", body = answer::QcResponse),
        (status = 413, description = "too much at once", body = Trouble, content_type = "application/problem+json"),
        (status = 422, description = "faults by row and field", body = Trouble, content_type = "application/problem+json"),
    )
)]
/// 质控: holds settlement lists against the region's rules.
async fn qc(State(service): State<Arc<Service>>, headers: HeaderMap, body: Body) -> Response {
    work(service, &headers, body, work::qc).await
}

#[utoipa::path(
    post, path = "/api/v1/price", tag = "calculators",
    request_body = request::PriceRequest,
    responses(
        (status = 200, description = "one price or refusal a case, in order", body = answer::PriceResponse),
        (status = 413, description = "too much at once", body = Trouble, content_type = "application/problem+json"),
        (status = 422, description = "faults by row and field", body = Trouble, content_type = "application/problem+json"),
    )
)]
/// 定价: groups cases and prices them by a payment plan of the same scheme and version.
async fn price(State(service): State<Arc<Service>>, headers: HeaderMap, body: Body) -> Response {
    work(service, &headers, body, work::price).await
}

#[utoipa::path(
    post, path = "/api/v1/screen", tag = "calculators",
    request_body = screening::ScreenRequest,
    responses(
        (status = 200, description = "findings, and what could not be checked", body = screening::ScreenResponse),
        (status = 404, description = "no audit rules are at hand", body = Trouble, content_type = "application/problem+json"),
        (status = 413, description = "too much at once", body = Trouble, content_type = "application/problem+json"),
        (status = 422, description = "faults by row and field", body = Trouble, content_type = "application/problem+json"),
    )
)]
/// 审核: holds a person's visits against the region's audit rules before they are submitted.
async fn screen(State(service): State<Arc<Service>>, headers: HeaderMap, body: Body) -> Response {
    work(service, &headers, body, screening::screen).await
}

#[utoipa::path(
    get, path = "/api/v1/schemes", tag = "calculators",
    responses((status = 200, description = "what is at hand", body = answer::SchemesResponse))
)]
/// 方案: the schemes and payment plans at hand.
async fn schemes(State(service): State<Arc<Service>>) -> Response {
    axum::Json(work::schemes(&service.shelf)).into_response()
}

/// This description.
async fn description() -> Response {
    axum::Json(openapi()).into_response()
}

async fn nowhere() -> Trouble {
    let detail = "there are POST /api/v1/group, /qc, /price, /screen and GET /api/v1/schemes, /openapi.json";
    Trouble::new(StatusCode::NOT_FOUND, "没有这个地址 no such address", detail)
}

async fn wrong_method() -> Trouble {
    let detail = "POST to group, qc, price and screen; GET schemes and openapi.json";
    Trouble::new(StatusCode::METHOD_NOT_ALLOWED, "方法不对 wrong method", detail)
}

/// Reads the body within its limit and works on a thread that may block.
async fn work<T: Serialize + Send + 'static>(
    service: Arc<Service>,
    headers: &HeaderMap,
    body: Body,
    job: fn(&Shelf, &Limits, &[u8]) -> Result<T, Trouble>,
) -> Response {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    // A form of a foreign page cannot send this type, so no page makes a visitor's browser ask.
    if !kind.to_ascii_lowercase().starts_with("application/json") {
        let detail = "send the body as content-type: application/json";
        return Trouble::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "请求类型不对 wrong type", detail).into_response();
    }
    let Ok(body) = to_bytes(body, service.limits.body).await else {
        let detail = format!("a request may hold {} bytes; send fewer cases at once", service.limits.body);
        return Trouble::new(StatusCode::PAYLOAD_TOO_LARGE, "请求过大 too large", detail).into_response();
    };
    let broken = || {
        Trouble::new(StatusCode::INTERNAL_SERVER_ERROR, "内部错误 error", "this request could not be worked out")
            .into_response()
    };
    let Ok(_working) = service.working.acquire().await else { return broken() };
    let at = Arc::clone(&service);
    let answered = tokio::task::spawn_blocking(move || job(&at.shelf, &at.limits, &body)).await;
    match answered {
        Ok(Ok(answer)) => axum::Json(answer).into_response(),
        Ok(Err(trouble)) => trouble.into_response(),
        Err(error) => {
            tracing::error!(panicked = error.is_panic(), "a calculator stopped");
            broken()
        }
    }
}

/// The description of the interface (OpenAPI 3.1).
#[must_use]
pub fn openapi() -> utoipa::openapi::OpenApi {
    /// Grouping, quality control, prices and audit of a hospital's stays, without a database.
    #[derive(OpenApi)]
    #[openapi(
        info(
            title = "Heng 衡: 分组、质控、定价与审核",
            description = "Calculators over HTTP. Nothing is remembered, nothing about a case is logged. \
                           Amounts are texts in 元 (\"1234.50\"); absent means unknown, never zero. \
                           An error is application/problem+json and names row and field.",
            license(name = "Apache-2.0", identifier = "Apache-2.0"),
        ),
        paths(group, qc, price, screen, schemes),
        components(schemas(
            request::CaseIn,
            request::SettlementIn,
            lists::SettlementListSchema,
            history::PersonSchema,
            history::EncounterSchema,
            history::InstitutionSchema,
            history::PractitionerSchema
        ))
    )]
    struct Described;
    Described::openapi()
}
