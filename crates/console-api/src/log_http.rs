//! 存证日志对外: what anybody may fetch of the log, and where witnesses send co-signatures.
//! Nothing here is personal: hashes, sizes, signatures. The shapes are those of C2SP
//! tlog-tiles and tlog-witness, with our own hash and signature.

use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use db::Database;
use evidence::{Cosigned, EvidenceError, Note, TrustedKey, Verifier};

/// A note with a few dozen co-signatures is some kilobytes.
const LARGEST_NOTE: usize = 64 * 1024;

/// What the log's window needs.
#[derive(Clone)]
pub struct LogWindow {
    /// The centre's database.
    pub database: Database,
    /// The log's public key.
    pub key: TrustedKey,
    /// 见证方 whose co-signatures are kept.
    pub witnesses: Arc<Vec<TrustedKey>>,
}

/// The routes: `GET /log/checkpoint`, `/log/key`, `/log/consistency/{old}/{new}`,
/// `/log/tile/{level}/{index}`; `POST /log/cosignature`.
pub fn log_router(window: LogWindow) -> Router {
    Router::new()
        .route("/log/checkpoint", get(checkpoint))
        .route("/log/key", get(key))
        .route("/log/consistency/{old}/{new}", get(consistency))
        .route("/log/tile/{level}/{index}", get(tile))
        .route("/log/cosignature", post(cosignature))
        .layer(DefaultBodyLimit::max(LARGEST_NOTE))
        .with_state(window)
}

type Answer = (StatusCode, String);

fn no(status: StatusCode, detail: impl Into<String>) -> Answer {
    (status, detail.into() + "\n")
}

impl LogWindow {
    async fn ask(self, work: impl FnOnce(&LogWindow) -> Result<Answer, EvidenceError> + Send + 'static) -> Response {
        let done = tokio::task::spawn_blocking(move || work(&self)).await;
        let (status, text) = match done {
            Ok(Ok(answer)) => answer,
            Ok(Err(error @ EvidenceError::NoSuchTree { .. })) => no(StatusCode::NOT_FOUND, error.to_string()),
            Ok(Err(error)) => no(StatusCode::INTERNAL_SERVER_ERROR, error.to_string()),
            Err(error) => no(StatusCode::INTERNAL_SERVER_ERROR, error.to_string()),
        };
        let headers = [(header::CONTENT_TYPE, "text/plain; charset=utf-8"), (header::CACHE_CONTROL, "no-store")];
        (status, headers, text).into_response()
    }
}

/// The latest checkpoint, with the co-signatures that it has so far.
async fn checkpoint(State(window): State<LogWindow>) -> Response {
    window
        .ask(|window| {
            let latest = window.database.read(|tx| -> Result<_, EvidenceError> {
                let latest = evidence::latest_checkpoint(tx)?;
                latest.map(|published| evidence::with_cosignatures(tx, published)).transpose()
            })?;
            Ok(match latest {
                Some(published) => (StatusCode::OK, published.note.text()),
                None => no(StatusCode::NOT_FOUND, "no checkpoint has been signed yet"),
            })
        })
        .await
}

/// The log's public key: for comparison; whoever trusts it has it from elsewhere.
async fn key(State(window): State<LogWindow>) -> Response {
    window.ask(|window| Ok((StatusCode::OK, format!("{}\n", window.key)))).await
}

/// The root over the first `old` leaves and the way to the root over `new`.
async fn consistency(State(window): State<LogWindow>, Path((old, new)): Path<(u64, u64)>) -> Response {
    let work = move |window: &LogWindow| -> Result<Answer, EvidenceError> {
        let proof = window.database.read(move |tx| evidence::continuation(tx, old, new))?;
        Ok((StatusCode::OK, proof.text()))
    };
    window.ask(work).await
}

/// A tile as it stands: up to 256 hashes of 32 bytes. The tile of a smaller tree is its beginning.
async fn tile(State(window): State<LogWindow>, Path((level, index)): Path<(u32, u64)>) -> Response {
    let read = move || {
        window.database.read(move |tx| -> Result<_, EvidenceError> {
            Ok(evidence::tile(tx, (level, index.min(i64::MAX as u64)))?)
        })
    };
    match tokio::task::spawn_blocking(read).await {
        Ok(Ok(bytes)) if bytes.is_empty() => no(StatusCode::NOT_FOUND, "there is no such tile").into_response(),
        Ok(Ok(bytes)) => ([(header::CONTENT_TYPE, "application/octet-stream")], bytes).into_response(),
        Ok(Err(error)) => no(StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
        Err(error) => no(StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}

/// A note with the signature of a witness that the centre has accepted.
async fn cosignature(State(window): State<LogWindow>, body: String) -> Response {
    window.ask(move |window| keep(window, &body)).await
}

fn keep(window: &LogWindow, body: &str) -> Result<Answer, EvidenceError> {
    let note = match Note::parse(body) {
        Ok(note) => note,
        Err(error) => return Ok(no(StatusCode::BAD_REQUEST, error.to_string())),
    };
    let size = note.checkpoint.size;
    let mut kept = 0;
    for line in note.signatures {
        let of_line = |key: &&TrustedKey| key.name() == line.name && key.id() == line.id;
        let Some(witness) = window.witnesses.iter().find(of_line).cloned() else { continue };
        match window.database.deed(move |tx| evidence::add_cosignature(tx, size, &witness, &line))? {
            Cosigned::Kept => kept += 1,
            Cosigned::NoSuchCheckpoint => {
                return Ok(no(StatusCode::CONFLICT, format!("no checkpoint of {size} entries was published here")));
            }
            Cosigned::Wrong => {
                let detail = "the signature is not over the checkpoint that was published here";
                return Ok(no(StatusCode::UNPROCESSABLE_ENTITY, detail));
            }
        }
    }
    if kept > 0 {
        return Ok((StatusCode::OK, format!("{kept} kept\n")));
    }
    let detail =
        "none of its signatures is of a witness that this centre has accepted: ask it to enter the witness's key";
    Ok(no(StatusCode::FORBIDDEN, detail))
}
