//! 识别: which session a request belongs to, and whether its form is the session's own.

use axum::extract::{Request, State};
use axum::http::{Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum_extra::extract::CookieJar;
use jiff::ToSpan;
use journeys::JourneyError;
use terms::DateTime;

use crate::frame::{Caller, Console, Problem};

/// The cookie that holds a session's token.
pub const COOKIE: &str = "heng_session";
/// The header in which every change repeats the session's word, so that no other page can make it.
pub const CSRF: &str = "x-csrf-token";

/// The code of the problem when it does not.
pub const NOT_OWN: &str = "csrf";

/// The role of a citizen who signed in by credential.
const CITIZEN: &str = "citizen";

/// Where one signs in: there no session is asked for, and an old one does no harm.
const SIGN_IN: [&str; 2] = ["/session", "/session/credential"];

/// Whether a POST to a path signs somebody in.
pub(super) fn is_sign_in(path: &str) -> bool {
    path.strip_prefix(crate::PREFIX).is_some_and(|path| SIGN_IN.contains(&path))
}

/// Puts the [`Caller`] of a valid session into the request; refuses a change without the
/// session's word. A request without a session goes on as nobody's.
pub async fn identify(State(console): State<Console>, jar: CookieJar, mut request: Request, next: Next) -> Response {
    let safe = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    if !safe && request.headers().get("sec-fetch-site").is_some_and(|site| site == "cross-site") {
        return not_own().into_response();
    }
    let Some(token) = jar.get(COOKIE).map(|cookie| cookie.value().to_owned()) else { return next.run(request).await };
    let caller = match caller_of(&console, token).await {
        Ok(Some(caller)) => caller,
        Ok(None) => return next.run(request).await,
        Err(problem) => return problem.into_response(),
    };
    let word = request.headers().get(CSRF).and_then(|value| value.to_str().ok());
    let signing_in = request.method() == Method::POST && is_sign_in(request.uri().path());
    if !safe && !signing_in && word != Some(caller.csrf.as_str()) {
        return not_own().into_response();
    }
    request.extensions_mut().insert(caller);
    next.run(request).await
}

/// Some other page sent it.
fn not_own() -> Problem {
    let detail = [
        format!("请求缺少本次会话的 {CSRF}；请刷新页面后再试"),
        format!("the request lacks this session's {CSRF}; reload the page and try again"),
    ];
    Problem::new(StatusCode::FORBIDDEN, ["请求不是本页面发出的", "not this page's own request"], detail)
        .with_code(NOT_OWN)
}

async fn caller_of(console: &Console, token: String) -> Result<Option<Caller>, Problem> {
    let hash = access::token_hash(&token);
    let asked = hash.clone();
    let found = console.read(move |tx| found(tx, &asked)).await?;
    let Some((session, account)) = found else { return Ok(None) };
    let now = jiff::Zoned::now().datetime();
    let idle = session.seen_at.checked_add(i64::from(console.access.idle_minutes).minutes()).unwrap_or(session.seen_at);
    if session.ends_at < now || idle < now || account.as_ref().is_some_and(|account| account.disabled) {
        return Ok(None);
    }
    if session.seen_at.checked_add(1.minute()).is_ok_and(|soon| soon < now) {
        touch(console, hash.clone(), now).await?;
    }
    Ok(match account {
        Some(account) => Some(Caller {
            account: account.account,
            name: account.name,
            // Who has not changed the password that somebody else gave may do nothing else.
            roles: if account.must_change { Vec::new() } else { account.roles },
            must_change: account.must_change,
            scope: account.scope,
            staff: account.staff,
            session: hash,
            csrf: session.csrf,
        }),
        None if !session.persons.is_empty() => Some(Caller {
            account: session.account,
            name: String::new(),
            roles: vec![CITIZEN.to_owned()],
            must_change: false,
            scope: access::Scope::Person(session.persons),
            staff: None,
            session: hash,
            csrf: session.csrf,
        }),
        None => None,
    })
}

type Found = Option<(access::Session, Option<access::Account>)>;

fn found(tx: &mut dyn db::Tx, hash: &str) -> Result<Found, JourneyError> {
    let Some(session) = access::session(tx, hash)? else { return Ok(None) };
    let account = access::account(tx, &session.account)?;
    Ok(Some((session, account)))
}

async fn touch(console: &Console, hash: String, now: DateTime) -> Result<(), Problem> {
    console.deed(move |tx| Ok(access::operations::touch_session(tx, &hash, now)?)).await
}
