//! 页面: the built console (`console/dist`), inside the binary, and the page of every address
//! that nobody else answers. A debug build reads the folder while it runs.

use std::borrow::Cow;
use std::fmt::Write as _;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use rust_embed::RustEmbed;
use tower::ServiceExt;

use crate::frame::drawn;

#[derive(RustEmbed)]
#[folder = "../../console/dist"]
#[allow_missing = true]
struct Built;

/// What was built, so that a release build notices another one (`cargo xtask build` sets it).
const _BUILT: Option<&str> = option_env!("HENG_CONSOLE_BUILD");

/// The file of a path, if it was built.
type Files = fn(&str) -> Option<Cow<'static, [u8]>>;

fn built(path: &str) -> Option<Cow<'static, [u8]>> {
    Built::get(path).map(|file| file.data)
}

/// Where `vite` leaves room for the nonce (`html.cspNonce` in `console/vite.config.ts`).
const NONCE: &str = "HENG_CSP_NONCE";

/// Addresses that are no pages: whoever asks there is a program.
const PROGRAMS: [&str; 4] = ["/api/", "/log/", "/fsi/", "/assets/"];

/// The console in front of everything else: `rest` answers what it has; every other address
/// that a browser asks for is the console's page, which finds its way by the address itself.
pub fn console(rest: Router) -> Router {
    console_of(built, rest)
}

fn console_of(files: Files, rest: Router) -> Router {
    Router::new().fallback(move |request: Request| answer(files, rest.clone(), request))
}

async fn answer(files: Files, rest: Router, request: Request) -> Response {
    if ![Method::GET, Method::HEAD].contains(request.method()) {
        return rest.oneshot(request).await.into_response();
    }
    let path = request.uri().path().to_owned();
    let headers = request.headers().clone();
    if let Some(file) = path.strip_prefix('/').filter(|file| !file.is_empty() && *file != "index.html")
        && let Some(found) = asset(files, file, &headers)
    {
        return found;
    }
    let elsewhere = rest.oneshot(request).await.into_response();
    let nobody = [StatusCode::NOT_FOUND, StatusCode::METHOD_NOT_ALLOWED].contains(&elsewhere.status());
    if !nobody || PROGRAMS.iter().any(|program| path.starts_with(program)) {
        return elsewhere;
    }
    page(files)
}

/// A built file; smaller when the browser unpacks it. What has a hash in its name never changes.
fn asset(files: Files, path: &str, asked: &HeaderMap) -> Option<Response> {
    let kind = kind_of(path)?;
    let unpacks = asked.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok());
    let unpacks = unpacks.is_some_and(|list| list.split(',').any(|one| one.trim().starts_with("gzip")));
    let packed = unpacks.then(|| files(&format!("{path}.gz"))).flatten();
    let encoding = packed.as_ref().map(|_| HeaderValue::from_static("gzip"));
    let bytes = packed.or_else(|| files(path))?;
    let lasts = if path.starts_with("assets/") { "public, max-age=31536000, immutable" } else { "no-cache" };
    let mut response = Body::from(bytes.into_owned()).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(lasts));
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if let Some(encoding) = encoding {
        headers.insert(header::CONTENT_ENCODING, encoding);
    }
    Some(response)
}

fn kind_of(path: &str) -> Option<&'static str> {
    Some(match path.rsplit_once('.')?.1 {
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "woff2" => "font/woff2",
        "webmanifest" => "application/manifest+json",
        _ => return None,
    })
}

const UNBUILT: &str = "<!doctype html><html lang=\"zh-CN\"><meta charset=\"utf-8\"><title>衡 Heng</title>\
    <h1>控制台尚未构建 The console is not built</h1>\
    <p>请运行 <code>cargo xtask build</code>，再重新启动。接口不受影响。</p>\
    <p lang=\"en\">Run <code>cargo xtask build</code> and start again. The interfaces work without it.</p></html>";

/// The one page, with a nonce of its own: styles that the page makes at run time carry it, and
/// nothing else may bring style or script.
fn page(files: Files) -> Response {
    let nonce = drawn()[..16].iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    });
    let (status, html) = match files("index.html") {
        Some(page) => (StatusCode::OK, String::from_utf8_lossy(&page).replace(NONCE, &nonce)),
        None => (StatusCode::SERVICE_UNAVAILABLE, UNBUILT.to_owned()),
    };
    let policy = format!(
        "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-{nonce}'; img-src 'self' data: blob:; \
         font-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; \
         frame-ancestors 'none'"
    );
    let mut response = (status, Html(html)).into_response();
    let headers = response.headers_mut();
    let fixed: [(HeaderName, &str); 6] = [
        (header::CACHE_CONTROL, "no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::REFERRER_POLICY, "no-referrer"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("permissions-policy"), "camera=(self), microphone=(), geolocation=()"),
    ];
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_str(&policy).expect("a policy is plain text"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::routing::{get, post};

    fn some(path: &str) -> Option<Cow<'static, [u8]>> {
        let text: &'static str = match path {
            "index.html" => "<meta property=\"csp-nonce\" nonce=\"HENG_CSP_NONCE\">",
            "assets/index-1a2b.js" => "let a;",
            "assets/index-1a2b.js.gz" => "packed",
            "heng.svg" => "<svg/>",
            _ => return None,
        };
        Some(Cow::Borrowed(text.as_bytes()))
    }

    fn rest() -> Router {
        Router::new()
            .route("/metrics", get(|| async { "numbers" }))
            .route("/fsi/call", post(|| async { "an answer" }))
            .route("/api/console/v1/{*rest}", get(|| async { StatusCode::NOT_FOUND }))
    }

    async fn ask(files: Files, method: &str, path: &str, encoding: &str) -> (StatusCode, HeaderMap, String) {
        let request = Request::builder().method(method).uri(path).header("accept-encoding", encoding);
        let response = console_of(files, rest()).oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = axum::body::to_bytes(body, 1 << 20).await.unwrap();
        (parts.status, parts.headers, String::from_utf8(bytes.to_vec()).unwrap())
    }

    #[tokio::test]
    async fn every_address_of_a_person_is_the_page_with_a_fresh_nonce() {
        let mut nonces = std::collections::BTreeSet::new();
        for path in ["/", "/sign-in", "/settlements/S1", "/operator/persons/P.1"] {
            let (status, headers, text) = ask(some, "GET", path, "").await;
            assert_eq!(status, StatusCode::OK, "{path}");
            let nonce = text.split('"').nth(3).unwrap().to_owned();
            let policy = headers["content-security-policy"].to_str().unwrap();
            assert!(policy.contains(&format!("'nonce-{nonce}'")) && !policy.contains("-inline"), "{policy}");
            assert_eq!(headers["cache-control"], "no-store");
            nonces.insert(nonce);
        }
        assert_eq!(nonces.len(), 4);
    }

    #[tokio::test]
    async fn what_others_answer_stays_theirs() {
        assert_eq!(ask(some, "GET", "/metrics", "").await.2, "numbers");
        assert_eq!(ask(some, "POST", "/fsi/call", "").await.2, "an answer");
        assert_eq!(ask(some, "POST", "/nowhere", "").await.0, StatusCode::NOT_FOUND);
        for path in ["/api/console/v1/nothing", "/fsi/call", "/log/nothing", "/assets/gone.js"] {
            let (status, _, text) = ask(some, "GET", path, "").await;
            assert!(status.is_client_error() && !text.contains("nonce"), "{path}: {status} {text}");
        }
    }

    #[tokio::test]
    async fn a_file_with_a_hash_in_its_name_is_kept_for_ever_and_packed_for_who_unpacks() {
        let (_, headers, text) = ask(some, "GET", "/assets/index-1a2b.js", "gzip, deflate").await;
        assert_eq!((text.as_str(), &headers["content-encoding"]), ("packed", &HeaderValue::from_static("gzip")));
        assert!(headers["cache-control"].to_str().unwrap().contains("immutable"));
        let (_, headers, text) = ask(some, "GET", "/assets/index-1a2b.js", "identity").await;
        assert_eq!((text.as_str(), headers.get("content-encoding")), ("let a;", None));
        assert_eq!(ask(some, "GET", "/heng.svg", "").await.1["cache-control"], "no-cache");
    }

    #[tokio::test]
    async fn without_a_built_console_the_page_says_how_to_build_it() {
        let (status, _, text) = ask(|_| None, "GET", "/", "").await;
        assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
        assert!(text.contains("cargo xtask build"));
    }
}
