//! 问题: what went otherwise than asked, as `application/problem+json` (RFC 9457), in the
//! reader's language.

use std::fmt::Display;

use axum::Json;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use journeys::{JourneyError, Own, ServiceRefusal};
use serde::Serialize;
use utoipa::ToSchema;

/// What is wrong with one field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Fault {
    /// The field, as it was sent.
    pub field: String,
    /// Which row of a list, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub row: Option<u32>,
    /// What is wrong, and the way out.
    pub message: String,
}

/// A problem as it is sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Problem)]
pub struct ProblemBody {
    /// The kind of problem: `about:blank` unless it has a page of its own.
    #[serde(rename = "type")]
    pub kind: String,
    /// What it is, in short.
    pub title: String,
    /// The HTTP status again.
    pub status: u16,
    /// What happened, and the way out.
    pub detail: String,
    /// The refusal's code, if the law or the centre refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// Fields and rows.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<Fault>,
}

/// A problem in both languages; boxed, because every handler's answer has room for one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem(Box<Both>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Both {
    status: StatusCode,
    title: [String; 2],
    detail: [String; 2],
    code: Option<String>,
    errors: Vec<Fault>,
    wait: Option<u64>,
}

impl Problem {
    /// A problem with its words in Chinese and English.
    pub fn new(status: StatusCode, title: [&str; 2], detail: [impl Into<String>; 2]) -> Problem {
        let title = title.map(str::to_owned);
        let detail = detail.map(Into::into);
        Problem(Box::new(Both { status, title, detail, code: None, errors: Vec::new(), wait: None }))
    }

    /// 未登录.
    #[must_use]
    pub fn not_signed_in() -> Problem {
        let detail = ["请先登录；会话可能已经过期", "sign in first; the session may have ended"];
        Problem::new(StatusCode::UNAUTHORIZED, ["未登录", "not signed in"], detail)
    }

    /// 无权限.
    #[must_use]
    pub fn forbidden(permission: &str) -> Problem {
        let name = access::permission::ALL.iter().find(|info| info.id == permission).map_or("", |info| info.name);
        let detail = [
            format!("本账号没有“{name}”（{permission}）的权限；如需要请向系统管理员申请"),
            format!("this account may not {permission}; ask an administrator if you need it"),
        ];
        Problem::new(StatusCode::FORBIDDEN, ["没有权限", "not allowed"], detail).with_code("permission")
    }

    /// 没有: it does not exist, or lies outside of the asker's scope; which of the two is not told.
    pub fn not_found(what: impl Display) -> Problem {
        let detail = [
            format!("没有 {what}，或者不在本账号的数据范围内"),
            format!("there is no {what}, or it lies outside of this account's scope"),
        ];
        Problem::new(StatusCode::NOT_FOUND, ["没有找到", "not found"], detail)
    }

    /// 参数有误: one field is wrong.
    pub fn invalid(field: &str, message: [impl Into<String>; 2]) -> Problem {
        let [zh, en] = message.map(Into::into);
        let fault = Fault { field: field.to_owned(), row: None, message: format!("{zh} / {en}") };
        Problem::faults(vec![fault])
    }

    /// 参数有误: several fields are wrong. Messages are written `中文 / English`.
    #[must_use]
    pub fn faults(errors: Vec<Fault>) -> Problem {
        let named: Vec<&str> = errors.iter().map(|fault| fault.field.as_str()).collect();
        let named = named.join("、");
        let detail = [format!("请更正：{named}"), format!("please correct: {named}")];
        let title = ["填写有误", "the request has faults"];
        Problem::new(StatusCode::UNPROCESSABLE_ENTITY, title, detail).with_errors(errors)
    }

    /// 请求过快: to be tried again after so many seconds.
    #[must_use]
    pub fn too_fast(seconds: u64) -> Problem {
        let detail = [
            format!("请求太快；请在 {seconds} 秒后再试"),
            format!("too many requests; try again in {seconds} seconds"),
        ];
        Problem::new(StatusCode::TOO_MANY_REQUESTS, ["请求过快", "too many requests"], detail).wait(seconds)
    }

    /// The same problem with the time after which it may be tried again (`Retry-After`).
    #[must_use]
    pub fn wait(mut self, seconds: u64) -> Problem {
        self.0.wait = Some(seconds);
        self
    }

    /// 与现状冲突.
    pub fn conflict(detail: [impl Into<String>; 2]) -> Problem {
        Problem::new(StatusCode::CONFLICT, ["与现状不符", "conflicts with what is"], detail)
    }

    /// 系统错误: the world failed. What happened goes to the log under a number; the answer has
    /// the number only.
    pub fn internal(error: &dyn Display) -> Problem {
        let number: String = super::console::drawn()[..4].iter().map(|byte| format!("{byte:02x}")).collect();
        tracing::error!(%error, number, "a route of the console failed");
        let detail = [
            format!("系统出了问题，编号 {number}；请稍后再试，仍不行请把编号告诉管理员"),
            format!(
                "something failed, number {number}; try again, and tell an administrator the number if it persists"
            ),
        ];
        Problem::new(StatusCode::INTERNAL_SERVER_ERROR, ["系统错误", "the system failed"], detail)
    }

    /// The same problem with a refusal's code.
    #[must_use]
    pub fn with_code(mut self, code: impl Into<String>) -> Problem {
        self.0.code = Some(code.into());
        self
    }

    fn with_errors(mut self, errors: Vec<Fault>) -> Problem {
        self.0.errors = errors;
        self
    }

    fn body(&self, language: Language) -> ProblemBody {
        let nth = usize::from(language == Language::English);
        let told = |text: &String| in_language(text, language);
        let fault = |fault: &Fault| Fault { message: told(&fault.message), ..fault.clone() };
        ProblemBody {
            kind: "about:blank".to_owned(),
            title: self.0.title[nth].clone(),
            status: self.0.status.as_u16(),
            detail: self.0.detail[nth].clone(),
            code: self.0.code.clone(),
            errors: self.0.errors.iter().map(fault).collect(),
        }
    }

    fn respond(&self, language: Language) -> Response {
        let mut response = (self.0.status, Json(self.body(language))).into_response();
        response
            .headers_mut()
            .insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json; charset=utf-8"));
        if let Some(seconds) = self.0.wait {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

/// The half of `中文 / English` for a reader; the whole of a text that has no halves.
fn in_language(text: &str, language: Language) -> String {
    match (text.split_once(" / "), language) {
        (Some((zh, _)), Language::Chinese) => zh.to_owned(),
        (Some((_, en)), Language::English) => en.to_owned(),
        (None, _) => text.to_owned(),
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.respond(Language::Chinese);
        response.extensions_mut().insert(self);
        response
    }
}

impl From<JourneyError> for Problem {
    fn from(error: JourneyError) -> Problem {
        let refused = |code: &str, text: String| {
            let detail = [in_language(&text, Language::Chinese), in_language(&text, Language::English)];
            Problem::new(StatusCode::CONFLICT, REFUSED, detail).with_code(code)
        };
        match error {
            JourneyError::Refused(refusal) => refused(&refusal.code, refusal.message.clone()),
            JourneyError::Own(Own::Service(refusal)) => service(&refusal),
            JourneyError::Own(own) => refused(own.code(), own.to_string()),
            broken => Problem::internal(&broken),
        }
    }
}

/// What a refusal of the law or the centre is called.
const REFUSED: [&str; 2] = ["不予受理", "refused"];

/// A refused application: slips by field, conditions by their names.
fn service(refusal: &ServiceRefusal) -> Problem {
    let fault = |field: &str, row, message: &str| Fault { field: field.to_owned(), row, message: message.to_owned() };
    let text = refusal.to_string();
    let detail = [in_language(&text, Language::Chinese), in_language(&text, Language::English)];
    let problem = match refusal {
        ServiceRefusal::Form { slips } => Problem::faults(
            slips
                .iter()
                .map(|slip| fault(&slip.field, slip.row.and_then(|row| u32::try_from(row).ok()), &slip.message))
                .collect(),
        ),
        ServiceRefusal::Materials { missing } => Problem::faults(
            missing.iter().map(|name| fault("documents", None, &format!("缺少{name} / {name} is missing"))).collect(),
        ),
        ServiceRefusal::NotEligible { reasons } => {
            let english: Vec<&str> =
                reasons.iter().map(|one| one.english.as_str()).filter(|text| !text.is_empty()).collect();
            let detail = [in_language(&text, Language::Chinese), english.join(" ")];
            let told = |one: &journeys::Reason| {
                let both =
                    if one.english.is_empty() { one.says.clone() } else { format!("{} / {}", one.says, one.english) };
                fault(&one.id, None, &both)
            };
            Problem::new(StatusCode::CONFLICT, REFUSED, detail).with_errors(reasons.iter().map(told).collect())
        }
        _ => Problem::new(StatusCode::CONFLICT, REFUSED, detail),
    };
    problem.with_code(refusal.code())
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Language {
    Chinese,
    English,
}

fn language_of(headers: &HeaderMap) -> Language {
    let asked = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if asked.trim_start().starts_with("en") { Language::English } else { Language::Chinese }
}

/// Tells problems in the language that the reader asks for; Chinese unless English comes first.
pub async fn speak(request: Request, next: Next) -> Response {
    let language = language_of(request.headers());
    let response = next.run(request).await;
    match response.extensions().get::<Problem>() {
        Some(problem) if language == Language::English => problem.respond(language),
        _ => response,
    }
}
