//! HTTP: every POST path is the interface; answers are HTTP 200 with `infcode` 0 or −1.
//! Rooms are synchronous, so each message runs on a blocking thread behind a bounded queue.

use crate::{Body, Form, Gateway, Post, Refused};
use axum::body::{Body as HttpBody, to_bytes};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Router, middleware};
use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;

/// How many messages a server works on, and how many more may wait.
#[derive(Debug, Clone, Copy)]
pub struct Server {
    /// Messages worked on at once (waiting for a group commit counts as work).
    pub workers: usize,
    /// Messages that may wait; the next one is told to come back.
    pub queue: usize,
}

impl Default for Server {
    fn default() -> Server {
        Server { workers: 128, queue: 1024 }
    }
}

struct Shared {
    gateway: Arc<Gateway>,
    admitted: Semaphore,
    working: Semaphore,
    ready: Arc<AtomicBool>,
}

impl Server {
    /// The routes of the interface and of `/health/live`, `/health/ready`, `/metrics`.
    pub fn router(self, gateway: Arc<Gateway>, ready: Arc<AtomicBool>) -> Router {
        let shared = Arc::new(Shared {
            gateway,
            admitted: Semaphore::new(self.workers + self.queue),
            working: Semaphore::new(self.workers),
            ready,
        });
        Router::new()
            .route("/health/live", get(|| async { "ok\n" }))
            .route("/health/ready", get(readiness))
            .route("/metrics", get(metrics))
            .fallback(transaction)
            .layer(middleware::map_response(no_sniffing))
            .with_state(shared)
    }
}

/// Serves until `shutdown` resolves, then finishes what was accepted.
///
/// # Errors
/// When the socket fails.
pub async fn serve(
    listener: TcpListener,
    gateway: Arc<Gateway>,
    server: Server,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    serve_behind(listener, gateway, server, |interface| interface, shutdown).await
}

/// The same behind whatever `front` puts before the interface (pages, other routes) on the same socket.
///
/// # Errors
/// When the socket fails.
pub async fn serve_behind(
    listener: TcpListener,
    gateway: Arc<Gateway>,
    server: Server,
    front: impl FnOnce(Router) -> Router,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let ready = Arc::new(AtomicBool::new(true));
    let router = front(server.router(gateway, Arc::clone(&ready)));
    let leave = async move {
        shutdown.await;
        ready.store(false, Ordering::Relaxed);
    };
    axum::serve(listener, router.into_make_service_with_connect_info::<SocketAddr>())
        .with_graceful_shutdown(leave)
        .await
}

async fn readiness(State(shared): State<Arc<Shared>>) -> Response {
    if shared.ready.load(Ordering::Relaxed) {
        "ready\n".into_response()
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "leaving\n").into_response()
    }
}

async fn metrics(State(shared): State<Arc<Shared>>) -> Response {
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], shared.gateway.metrics()).into_response()
}

async fn no_sniffing(mut response: Response) -> Response {
    response.headers_mut().insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

async fn transaction(
    State(shared): State<Arc<Shared>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
) -> Response {
    if request.method() != axum::http::Method::POST {
        return (StatusCode::METHOD_NOT_ALLOWED, "POST a message of the national interface here\n").into_response();
    }
    let busy = || Refused::form(Form::Busy, "", "排队的报文已满，本报文未处理；请稍后重发");
    let Ok(_admitted) = shared.admitted.try_acquire() else {
        return json(shared.gateway.turn_away(&busy()));
    };
    let (parts, body) = request.into_parts();
    let limit = shared.gateway.body_limit();
    let Ok(body) = to_bytes(body, limit).await else {
        let words = format!("报文超过 {limit} 字节的上限，或传输中断");
        return json(shared.gateway.turn_away(&Refused::form(Form::BodyTooLarge, "", words)));
    };
    let headers: Vec<(String, String)> = parts
        .headers
        .iter()
        .filter_map(|(name, value)| Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned())))
        .collect();
    let Ok(_working) = shared.working.acquire().await else {
        return json(shared.gateway.turn_away(&busy()));
    };
    let gateway = Arc::clone(&shared.gateway);
    let answered = tokio::task::spawn_blocking(move || {
        let received = gateway.now();
        gateway.answer(&Post { path: parts.uri.path(), headers: &headers, body: &body, peer: peer.ip(), received })
    });
    match answered.await {
        Ok(answered) => respond(answered.body),
        Err(error) => {
            tracing::error!(%error, "an adapter stopped");
            let words = "中心处理失败；请稍后用同一 msgid 重发，结果不会重复";
            json(shared.gateway.turn_away(&Refused::form(Form::Failed, "", words)))
        }
    }
}

fn respond(body: Body) -> Response {
    match body {
        Body::Json(text) => json(text),
        Body::File { name, bytes } => {
            let safe: String = name.chars().filter(|c| c.is_ascii_alphanumeric() || "._-".contains(*c)).collect();
            let disposition = format!("attachment; filename=\"{safe}\"");
            let mut response = HttpBody::from(bytes).into_response();
            let headers = response.headers_mut();
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/zip"));
            if let Ok(value) = HeaderValue::from_str(&disposition) {
                headers.insert(header::CONTENT_DISPOSITION, value);
            }
            response
        }
    }
}

fn json(text: String) -> Response {
    ([(header::CONTENT_TYPE, "application/json; charset=utf-8")], text).into_response()
}
