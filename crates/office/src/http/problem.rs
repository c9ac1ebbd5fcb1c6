//! 错误 as `application/problem+json` (RFC 9457): what, where, and the way out.

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

/// One thing wrong in what was sent.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Fault {
    /// Number of the case or list in the request, from 1; absent when it is about the whole request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub row: Option<usize>,
    /// The field, as a path: `cases[3].age`.
    pub field: String,
    /// What is wrong and what to do.
    pub message: String,
}

/// Why nothing was worked out (RFC 9457).
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Trouble {
    /// What kind of trouble, as a URI reference; `about:blank` where the status says it all.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// The kind in words.
    pub title: &'static str,
    /// HTTP status.
    pub status: u16,
    /// What happened and the way out.
    pub detail: String,
    /// Each thing that is wrong, in order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<Fault>,
}

impl Trouble {
    /// Trouble with a status, its title and its detail.
    pub(crate) fn new(status: StatusCode, title: &'static str, detail: impl Into<String>) -> Trouble {
        Trouble { kind: "about:blank", title, status: status.as_u16(), detail: detail.into(), errors: Vec::new() }
    }

    /// What was sent cannot be understood; each fault is named.
    pub(crate) fn of_faults(errors: Vec<Fault>) -> Trouble {
        let detail = match errors.as_slice() {
            [one] => format!("{}: {}", one.field, one.message),
            more => format!("{} faults; nothing of this request was worked out", more.len()),
        };
        Trouble {
            errors,
            ..Trouble::new(StatusCode::UNPROCESSABLE_ENTITY, "请求内容有误 the request is not right", detail)
        }
    }

    /// A name that nothing has.
    pub(crate) fn unknown(field: &str, error: &dyn std::error::Error) -> Trouble {
        Trouble::of_faults(vec![Fault { row: None, field: field.to_owned(), message: error.to_string() }])
    }
}

impl IntoResponse for Trouble {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = serde_json::to_vec(&self).unwrap_or_default();
        (status, [(header::CONTENT_TYPE, "application/problem+json; charset=utf-8")], body).into_response()
    }
}
