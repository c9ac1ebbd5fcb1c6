//! 入参: queries and bodies, refused by field when they cannot be read.

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde::de::DeserializeOwned;

use crate::frame::{Fault, Problem};

/// The query of an address. A name that no parameter has is passed over, since several of these
/// may read one query.
pub struct Query<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let read = axum::extract::Query::<T>::try_from_uri(&parts.uri);
        read.map(|axum::extract::Query(asked)| Query(asked)).map_err(|rejection| {
            let told = rejection.body_text();
            let fault =
                Fault {
                    field: "query".to_owned(), row: None, message: format!("查询参数不能识别：{told} / {told}")
                };
            Problem::faults(vec![fault])
        })
    }
}

/// The kinds of body that a form has.
const FORMS: [&str; 3] = ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"];

/// A body of JSON.
pub struct Body<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let kind =
            request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        // What a form of another page can send is no body of ours.
        if FORMS.iter().any(|form| kind.starts_with(form)) {
            let detail = ["请求体须为 application/json", "the body must be application/json"];
            return Err(Problem::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                ["格式不对", "not this kind of body"],
                detail,
            ));
        }
        let bytes = Bytes::from_request(request, state).await.map_err(|rejection| {
            let told = rejection.body_text();
            let detail = [format!("请求体不能读取：{told}"), format!("the body cannot be read: {told}")];
            Problem::new(StatusCode::PAYLOAD_TOO_LARGE, ["请求体过大", "the body is too large"], detail)
        })?;
        if holds_nul(&bytes) {
            return Err(no_nul("body"));
        }
        let mut reader = serde_json::Deserializer::from_slice(&bytes);
        serde_path_to_error::deserialize(&mut reader).map(Body).map_err(|error| {
            let (field, told) = (error.path().to_string(), error.inner().to_string());
            let fault = Fault { field, row: None, message: format!("不能识别：{told} / {told}") };
            Problem::faults(vec![fault])
        })
    }
}

/// Whether a body of JSON holds the character that no text of a register may hold.
fn holds_nul(bytes: &[u8]) -> bool {
    bytes.windows(6).any(|six| six == b"\\u0000")
}

fn no_nul(field: &str) -> Problem {
    Problem::invalid(field, ["不能含有空字符（NUL）", "must not hold the character NUL"])
}

/// Refuses an address with a character that no register keeps, and tells as a [`Problem`] what the
/// server's own machinery refuses in plain words (an address or a method that it cannot read).
pub async fn readable(request: Request, next: Next) -> Response {
    if request.uri().path().contains("%00") || request.uri().query().is_some_and(|query| query.contains("%00")) {
        return no_nul("query").into_response();
    }
    let response = next.run(request).await;
    let status = response.status();
    let plain = response
        .headers()
        .get(header::CONTENT_TYPE)
        .is_none_or(|kind| !kind.as_bytes().starts_with(b"application/problem+json"));
    if !plain || !(status.is_client_error() || status.is_server_error()) {
        return response;
    }
    let problem = match status {
        StatusCode::METHOD_NOT_ALLOWED => {
            let detail = ["这个接口不支持这种请求方法", "this route does not take this method"];
            Problem::new(status, ["方法不支持", "no such method"], detail)
        }
        status if status.is_server_error() => Problem::internal(&status),
        status => {
            let detail = ["地址或参数不能识别；请核对", "the address or a parameter cannot be read; check it"];
            Problem::new(status, ["不能识别", "cannot be read"], detail)
        }
    };
    let mut told = problem.into_response();
    if let Some(allow) = response.headers().get(header::ALLOW) {
        told.headers_mut().insert(header::ALLOW, allow.clone());
    }
    told
}
