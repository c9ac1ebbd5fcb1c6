//! 入参: queries and bodies, refused by field when they cannot be read.

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
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
            let fault = Fault { field: "query".to_owned(), row: None, message: format!("查询参数不能识别：{told} / {told}") };
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
        let kind = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        // What a form of another page can send is no body of ours.
        if FORMS.iter().any(|form| kind.starts_with(form)) {
            let detail = ["请求体须为 application/json", "the body must be application/json"];
            return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, ["格式不对", "not this kind of body"], detail));
        }
        let bytes = Bytes::from_request(request, state).await.map_err(|rejection| {
            let told = rejection.body_text();
            let detail = [format!("请求体不能读取：{told}"), format!("the body cannot be read: {told}")];
            Problem::new(StatusCode::PAYLOAD_TOO_LARGE, ["请求体过大", "the body is too large"], detail)
        })?;
        let mut reader = serde_json::Deserializer::from_slice(&bytes);
        serde_path_to_error::deserialize(&mut reader).map(Body).map_err(|error| {
            let (field, told) = (error.path().to_string(), error.inner().to_string());
            let fault = Fault { field, row: None, message: format!("不能识别：{told} / {told}") };
            Problem::faults(vec![fault])
        })
    }
}
