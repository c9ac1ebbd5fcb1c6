//! 服务: routes, headers, and storage on blocking threads.

use axum::extract::{Path, Query, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use axum::{Router, middleware};
use journeys::JourneyError;
use maud::Markup;
use serde::Deserialize;

use crate::{Page, pages};

const CSS: &str = include_str!("../assets/page.css");
const ICON: &str = include_str!("../assets/heng.svg");

/// Nothing runs in the page, nothing comes from elsewhere, nobody frames it.
const HEADERS: [(&str, &str); 5] = [
    (
        "content-security-policy",
        "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    ),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "no-referrer"),
    ("cross-origin-opener-policy", "same-origin"),
];

/// The routes: `/`, `/settlements`, `/settlements/{id}`, `/settlements/{id}/receipt`, `/log`,
/// their style sheet, and a page for everything else. To put another service behind the same
/// address, give it as the fallback of this router in place of that last page.
pub fn router(page: Page) -> Router {
    Router::new()
        .route("/", get(home))
        .route("/settlements", get(settlements))
        .route("/settlements/{id}", get(settlement))
        .route("/settlements/{id}/receipt", get(receipt))
        .route("/log", get(log))
        .route("/assets/page.css", get(|| async { asset("text/css; charset=utf-8", CSS) }))
        .route("/assets/heng.svg", get(|| async { asset("image/svg+xml", ICON) }))
        .layer(middleware::map_response(guarded))
        .fallback(nowhere)
        .with_state(page)
}

async fn guarded(mut response: Response) -> Response {
    for (name, value) in HEADERS {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    if !response.headers().contains_key(header::CACHE_CONTROL) {
        response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    response
}

fn asset(kind: &'static str, content: &'static str) -> Response {
    ([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "no-cache")], content).into_response()
}

#[derive(Deserialize)]
struct Still {
    still: Option<String>,
}

async fn home(State(page): State<Page>, Query(Still { still }): Query<Still>) -> Response {
    answer(page, move |page| pages::home(page, still.is_some()).map(Some)).await
}

#[derive(Deserialize)]
struct Before {
    before: Option<String>,
}

async fn settlements(State(page): State<Page>, Query(Before { before }): Query<Before>) -> Response {
    let before = before.and_then(|text| text.parse().ok()).unwrap_or(i64::MAX);
    answer(page, move |page| pages::settlements(page, before).map(Some)).await
}

async fn settlement(State(page): State<Page>, Path(id): Path<String>) -> Response {
    answer(page, move |page| pages::settlement(page, &id)).await
}

async fn log(State(page): State<Page>) -> Response {
    answer(page, |page| pages::log(page).map(Some)).await
}

async fn nowhere(State(page): State<Page>) -> Response {
    let found = Html(pages::nothing_here(&page).into_string());
    guarded((StatusCode::NOT_FOUND, found).into_response()).await
}

/// 凭证 as a file for `heng verify`.
async fn receipt(State(page): State<Page>, Path(id): Path<String>) -> Response {
    let asked = page.clone();
    match blocking(move || pages::receipt_file(&asked, &id)).await {
        Ok(Some((name, text))) => {
            let disposition = format!("attachment; filename=\"{name}\"");
            let kind = "application/json; charset=utf-8".to_owned();
            ([(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, disposition)], text).into_response()
        }
        Ok(None) => nowhere(State(page)).await,
        Err(error) => failed(&page, &error),
    }
}

async fn answer(
    page: Page,
    make: impl FnOnce(&Page) -> Result<Option<Markup>, JourneyError> + Send + 'static,
) -> Response {
    let asked = page.clone();
    match blocking(move || make(&asked)).await {
        Ok(Some(made)) => Html(made.into_string()).into_response(),
        Ok(None) => nowhere(State(page)).await,
        Err(error) => failed(&page, &error),
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, JourneyError> + Send + 'static,
) -> Result<T, JourneyError> {
    let outcome = tokio::task::spawn_blocking(work).await;
    outcome.unwrap_or_else(|error| Err(JourneyError::Broken(format!("the page was not made: {error}"))))
}

fn failed(page: &Page, error: &JourneyError) -> Response {
    let told = Html(pages::trouble(page, &error.to_string()).into_string());
    (StatusCode::INTERNAL_SERVER_ERROR, told).into_response()
}
