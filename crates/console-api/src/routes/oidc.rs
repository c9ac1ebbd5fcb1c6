//! 统一身份认证: a browser goes to the identity provider and comes back signed in.

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use axum_extra::extract::CookieJar;
use axum_extra::extract::cookie::{Cookie, SameSite};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::session::begin;
use crate::frame::{Begun, Console, OidcError, Problem, ProblemBody, Query, drawn};

pub(super) fn routes() -> OpenApiRouter<Console> {
    OpenApiRouter::new().routes(routes!(leave)).routes(routes!(come_back))
}

/// What a browser keeps between the two; only this console can read it.
const COOKIE: &str = "heng_oidc";
const ABOUT: &str = "oidc";
/// How long somebody may take at the provider.
const MINUTES: i64 = 10;

/// Where to go when signed in.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Leave {
    /// A page of the console, `/…`.
    next: Option<String>,
}

/// A page of this console and of no other place.
fn own_page(next: Option<String>) -> String {
    let own = |page: &String| {
        page.starts_with('/')
            && !page.starts_with("//")
            && page.chars().all(|c| c.is_ascii_alphanumeric() || "/-_?=&%.".contains(c))
    };
    next.filter(own).unwrap_or_else(|| "/".to_owned())
}

fn none() -> Problem {
    Problem::not_found("identity provider 统一身份认证")
}

fn failed(error: &OidcError) -> Problem {
    match error {
        OidcError::Answer(why) => {
            tracing::warn!(why, "a sign-in at the identity provider was refused");
            Problem::conflict([
                "统一身份认证没有通过，或已过期；请重新登录",
                "the identity provider's answer was not accepted or came too late; sign in again",
            ])
        }
        error => {
            tracing::error!(%error, "the identity provider cannot be used");
            let detail = [
                "统一身份认证系统没有应答；请稍后再试，或用账号口令登录",
                "the identity provider does not answer; try again later, or sign in with your password",
            ];
            Problem::new(StatusCode::BAD_GATEWAY, ["统一身份认证不可用", "no identity provider"], detail)
        }
    }
}

/// 去统一身份认证: the browser is sent to the provider.
#[utoipa::path(
    get, path = "/session/oidc", tag = "session", params(Leave),
    responses(
        (status = 303, description = "to the provider"),
        (status = 404, description = "there is no provider", body = ProblemBody, content_type = "application/problem+json"),
        (status = 502, description = "the provider does not answer", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn leave(
    State(console): State<Console>,
    jar: CookieJar,
    Query(asked): Query<Leave>,
) -> Result<Response, Problem> {
    if console.entry().provider.is_none() {
        return Err(none());
    }
    let (asking, next) = (console.clone(), own_page(asked.next));
    let until = jiff::Timestamp::now().as_second() + MINUTES * 60;
    let begun = console.work(move || {
        let provider = asking.entry().provider.as_ref().ok_or_else(none)?;
        provider.begin(&next, until).map_err(|error| failed(&error))
    });
    let (address, begun) = begun.await?;
    let mut nonce = [0; 12];
    nonce.copy_from_slice(&drawn()[..12]);
    let kept = serde_json::to_vec(&begun).map_err(|error| Problem::internal(&error))?;
    let cookie = Cookie::build((COOKIE, console.entry().seal.seal(ABOUT, &kept, nonce)))
        .http_only(true)
        // The browser comes back from elsewhere, and must bring it.
        .same_site(SameSite::Lax)
        .secure(console.secure)
        .path(format!("{}/session/oidc", crate::PREFIX))
        .build();
    Ok((StatusCode::SEE_OTHER, jar.add(cookie), [(header::LOCATION, address)]).into_response())
}

/// What the provider sends a browser back with.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ComeBack {
    /// To be exchanged for a token.
    code: Option<String>,
    /// As it was sent.
    state: Option<String>,
    /// Why nobody was signed in.
    error: Option<String>,
}

/// 从统一身份认证返回: the session begins, if the register knows the person.
#[utoipa::path(
    get, path = "/session/oidc/callback", tag = "session", params(ComeBack),
    responses(
        (status = 200, description = "signed in; the page goes on by itself", body = String, content_type = "text/html"),
        (status = 401, description = "the register knows no account for the person", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "there is no provider", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "not accepted", body = ProblemBody, content_type = "application/problem+json"),
        (status = 502, description = "the provider does not answer", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn come_back(
    State(console): State<Console>,
    jar: CookieJar,
    Query(asked): Query<ComeBack>,
) -> Result<Response, Problem> {
    if console.entry().provider.is_none() {
        return Err(none());
    }
    let refused = |why: &str| failed(&OidcError::Answer(why.to_owned()));
    let kept = jar.get(COOKIE).and_then(|cookie| console.entry().seal.open(ABOUT, cookie.value()));
    let begun: Begun = kept.and_then(|kept| serde_json::from_slice(&kept).ok()).ok_or_else(|| refused("no cookie"))?;
    if begun.until < jiff::Timestamp::now().as_second() {
        return Err(refused("too late"));
    }
    if asked.state.as_deref() != Some(&begun.state) {
        return Err(refused("another sign-in's state"));
    }
    let code = asked.code.ok_or_else(|| refused(asked.error.as_deref().unwrap_or("no code")))?;
    let (asking, kept) = (console.clone(), begun.clone());
    let named = console.work(move || {
        let provider = asking.entry().provider.as_ref().ok_or_else(none)?;
        provider.finish(&kept, &code).map_err(|error| failed(&error))
    });
    let named = named.await?;
    let found = console.read(move |tx| Ok(access::account_of_oidc(tx, &named)?)).await?;
    let account = found.filter(|account| !account.disabled).ok_or_else(|| {
        let detail = [
            "统一身份认证通过，但没有为您开立账号；请联系系统管理员",
            "the provider knows you, but no account was opened for you; ask an administrator",
        ];
        Problem::new(StatusCode::UNAUTHORIZED, ["没有账号", "no account"], detail)
    })?;
    let jar = jar.remove(Cookie::build(COOKIE).path(format!("{}/session/oidc", crate::PREFIX)));
    let (jar, _) = begin(&console, jar, Some(account), Vec::new()).await?;
    // Not a redirect: on one that began elsewhere a browser keeps the new cookie back.
    let page = format!(
        "<!doctype html><html lang=\"zh-CN\"><meta charset=\"utf-8\"><meta http-equiv=\"refresh\" content=\"0;url={0}\"><title>衡 Heng</title><a href=\"{0}\">继续 · continue</a></html>",
        begun.next.replace('&', "&amp;")
    );
    Ok((jar, Html(page)).into_response())
}

#[cfg(test)]
mod tests {
    use super::own_page;

    #[test]
    fn only_a_page_of_this_console_is_gone_to() {
        let page = |text: &str| own_page(Some(text.to_owned()));
        assert_eq!(page("/settlements/S1?tab=lines"), "/settlements/S1?tab=lines");
        for elsewhere in
            ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)", "/\"><script>", ""]
        {
            assert_eq!(page(elsewhere), "/", "{elsewhere}");
        }
        assert_eq!(own_page(None), "/");
    }
}
