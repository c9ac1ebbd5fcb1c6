//! Asking the console as a browser does, and reading its description.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Method, Request, StatusCode};
use console_api::frame::{COOKIE, CSRF};
use serde_json::Value;
use tower::ServiceExt;

/// The word that every session of the town repeats.
pub const WORD: &str = "word";

/// An answer.
pub struct Answer {
    pub status: StatusCode,
    pub headers: axum::http::HeaderMap,
    pub text: String,
}

impl Answer {
    /// Its body as JSON; null of an empty or other one.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_default()
    }

    /// Whether it refuses for want of a permission.
    pub fn lacks_permission(&self) -> bool {
        self.status == StatusCode::FORBIDDEN && self.json()["code"] == "permission"
    }
}

/// A console that is asked one thing after another.
pub struct Desk {
    router: Router,
    runtime: tokio::runtime::Runtime,
}

impl Desk {
    pub fn of(router: Router) -> Desk {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        Desk { router, runtime }
    }

    /// Sends a request just so.
    pub fn send(&self, request: Request<Body>) -> Answer {
        self.runtime.block_on(async {
            let (parts, body) = self.router.clone().oneshot(request).await.expect("an answer").into_parts();
            let body = to_bytes(body, usize::MAX).await.expect("a body");
            let text = String::from_utf8_lossy(&body).into_owned();
            Answer { status: parts.status, headers: parts.headers, text }
        })
    }

    /// Asks as a session, with its word.
    pub fn ask(&self, token: Option<&str>, method: &Method, path: &str, body: Option<&Value>) -> Answer {
        let mut request = Request::builder().method(method).uri(path).header(CSRF, WORD);
        if let Some(token) = token {
            request = request.header("cookie", format!("{COOKIE}={}", token));
        }
        if body.is_some() {
            request = request.header("content-type", "application/json");
        }
        let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
        self.send(request.body(body).expect("a request"))
    }
}

/// A route of the description.
#[derive(Debug, Clone)]
pub struct Route {
    pub method: Method,
    pub path: String,
    pub permission: Option<String>,
    pub has_body: bool,
    /// A body of the right form, with words that mean nothing.
    pub body: Option<Value>,
    /// Parameters of the query that must be given.
    pub required: Vec<String>,
    pub optional: Vec<String>,
}

impl Route {
    pub fn name(&self) -> String {
        format!("{} {}", self.method, self.path.trim_start_matches(console_api::PREFIX))
    }

    /// Its path parameters, each with the word before it: `settlements/{id}`.
    pub fn parameters(&self) -> Vec<String> {
        let words: Vec<&str> = self.path.split('/').collect();
        let pairs = words.windows(2).filter(|pair| pair[1].starts_with('{'));
        pairs.map(|pair| format!("{}/{}", pair[0], pair[1])).collect()
    }

    pub fn is_safe(&self) -> bool {
        self.method == Method::GET
    }
}

/// Every route of the console.
pub fn routes() -> Vec<Route> {
    let description = console_api::openapi();
    let mut routes = Vec::new();
    for (path, operations) in description["paths"].as_object().expect("paths") {
        for (method, operation) in operations.as_object().expect("operations") {
            let Ok(method) = method.to_uppercase().parse::<Method>() else { continue };
            let parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
            let of_query = |required: bool| {
                let is = |one: &&Value| one["in"] == "query" && (one["required"] == true) == required;
                let name = |one: &Value| one["name"].as_str().unwrap_or_default().to_owned();
                parameters.iter().filter(is).map(name).collect()
            };
            routes.push(Route {
                method,
                path: path.clone(),
                permission: operation["x-permission"].as_str().map(str::to_owned),
                has_body: operation.get("requestBody").is_some(),
                body: operation
                    .pointer("/requestBody/content/application~1json/schema")
                    .map(|schema| example(&description, schema, 0)),
                required: of_query(true),
                optional: of_query(false),
            });
        }
    }
    assert!(routes.len() > 10, "the description holds the console's routes");
    routes
}

/// Something of the form that a schema describes: what is required, and nothing more.
fn example(description: &Value, schema: &Value, depth: usize) -> Value {
    if let Some(name) = schema["$ref"].as_str().and_then(|path| path.rsplit('/').next()) {
        return example(description, &description["components"]["schemas"][name], depth);
    }
    let parts = ["oneOf", "anyOf", "allOf"].iter().find_map(|word| schema[word].as_array());
    if let Some(parts) = parts {
        let part = parts.iter().find(|part| part["type"] != "null");
        return part.map_or(Value::Null, |part| example(description, part, depth));
    }
    if let Some(words) = schema["enum"].as_array() {
        return words.first().cloned().unwrap_or_default();
    }
    let kind = schema["type"].as_str().or_else(|| schema["type"][0].as_str());
    match kind {
        Some("object") if depth < 8 => {
            let required = schema["required"].as_array().cloned().unwrap_or_default();
            let field = |name: &Value| {
                let name = name.as_str()?;
                Some((name.to_owned(), example(description, &schema["properties"][name], depth + 1)))
            };
            required.iter().filter_map(field).collect::<serde_json::Map<_, _>>().into()
        }
        Some("array") => Value::Array(Vec::new()),
        Some("integer" | "number") => schema["minimum"].as_i64().unwrap_or(1).into(),
        Some("boolean") => false.into(),
        Some("string") => "x".into(),
        _ => Value::Null,
    }
}
