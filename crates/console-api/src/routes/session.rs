//! 会话: sign in, who am I, sign out.

use access::{Account, Scope};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum_extra::extract::CookieJar;
use axum_extra::extract::cookie::{Cookie, SameSite};
use jiff::ToSpan;
use serde::{Deserialize, Serialize};
use terms::DateTime;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::password::{code_is, password_is};
use crate::frame::{Body, COOKIE, Caller, Console, MaybeCaller, Problem, ProblemBody, drawn};

pub(super) fn routes() -> OpenApiRouter<Console> {
    OpenApiRouter::new()
        .routes(routes!(show, sign_in, sign_out))
        .routes(routes!(sign_out_everywhere))
        .routes(routes!(ways))
}

/// 登录.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SignIn {
    /// 账号.
    account: String,
    /// 口令.
    password: String,
    /// 动态口令, of an account that has a second factor.
    #[serde(default)]
    code: Option<String>,
}

/// 角色 of a session.
#[derive(Debug, Serialize, ToSchema)]
struct RoleTold {
    id: String,
    name: String,
    english: String,
}

/// 数据范围 of a session.
#[derive(Debug, Serialize, ToSchema)]
struct ScopeTold {
    /// `region`, `institution`, `department` or `person`.
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    institution: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    department: Option<String>,
    /// The persons of a citizen's session, themselves first.
    persons: Vec<String>,
    /// 名称, for people.
    name: String,
}

/// 会话, as the console knows it.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SessionTold {
    account: String,
    name: String,
    /// 口令须更改: nothing else may be done before.
    must_change: bool,
    roles: Vec<RoleTold>,
    /// 权限点 of all roles.
    permissions: Vec<String>,
    scope: ScopeTold,
    /// 工作台, the first is where one lands.
    desks: Vec<String>,
    /// What every change repeats in the header `x-csrf-token`.
    csrf: String,
    /// 查看目的 for unmasking.
    purposes: Vec<RoleTold>,
}

pub(super) fn told(console: &Console, caller: &Caller) -> SessionTold {
    let roles: Vec<_> = caller
        .roles
        .iter()
        .filter_map(|id| console.access.role(id))
        .filter(|role| role.scope.fits(&caller.scope))
        .collect();
    let mut desks: Vec<String> = Vec::new();
    for desk in roles.iter().flat_map(|role| &role.desks) {
        if !desks.contains(desk) {
            desks.push(desk.clone());
        }
    }
    let permissions: std::collections::BTreeSet<String> =
        roles.iter().flat_map(|role| role.may.iter().cloned()).collect();
    let purposes = console.access.purpose.iter().map(|purpose| RoleTold {
        id: purpose.id.clone(),
        name: purpose.name.clone(),
        english: purpose.english.clone(),
    });
    SessionTold {
        account: caller.account.clone(),
        name: caller.name.clone(),
        must_change: caller.must_change,
        roles: roles
            .iter()
            .map(|role| RoleTold { id: role.id.clone(), name: role.name.clone(), english: role.english.clone() })
            .collect(),
        permissions: permissions.into_iter().collect(),
        scope: scope_told(console, &caller.scope),
        desks,
        csrf: caller.csrf.clone(),
        purposes: purposes.collect(),
    }
}

fn scope_told(console: &Console, scope: &Scope) -> ScopeTold {
    let none =
        ScopeTold { kind: "region", institution: None, department: None, persons: Vec::new(), name: String::new() };
    let named = |code: &String| {
        let found = console.centre.institutions.on(code, (console.now)().date());
        found.map_or_else(|| code.clone(), |institution| institution.name.clone())
    };
    match scope {
        Scope::Region => ScopeTold { name: console.region.name.clone(), ..none },
        Scope::Institution(code) => {
            ScopeTold { kind: "institution", institution: Some(code.clone()), name: named(code), ..none }
        }
        Scope::Department { institution, department } => ScopeTold {
            kind: "department",
            name: format!("{} {department}", named(institution)),
            institution: Some(institution.clone()),
            department: Some(department.clone()),
            ..none
        },
        Scope::Person(persons) => ScopeTold { kind: "person", persons: persons.clone(), ..none },
    }
}

/// 本次会话: who is signed in. That nobody is, is an answer and no mistake of the asker's.
#[utoipa::path(
    get, path = "/session", tag = "session",
    responses((status = 200, body = SessionTold), (status = 204, description = "nobody is signed in"))
)]
async fn show(State(console): State<Console>, MaybeCaller(caller): MaybeCaller) -> Response {
    match caller {
        Some(caller) => Json(told(&console, &caller)).into_response(),
        None => StatusCode::NO_CONTENT.into_response(),
    }
}

/// 登录 by account and password.
#[utoipa::path(
    post, path = "/session", tag = "session",
    request_body = SignIn,
    responses(
        (status = 200, body = SessionTold),
        (status = 401, description = "wrong account, password or code", body = ProblemBody, content_type = "application/problem+json"),
        (status = 429, description = "too many attempts", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn sign_in(
    State(console): State<Console>,
    jar: CookieJar,
    Body(asked): Body<SignIn>,
) -> Result<(CookieJar, Json<SessionTold>), Problem> {
    let now = jiff::Zoned::now().datetime();
    let name = asked.account;
    let account = console.read(move |tx| Ok(access::account(tx, &name)?)).await?;
    let Some(account) = account.filter(|account| !account.password.is_empty()) else {
        // As long as a wrong password takes, so that nobody learns which accounts there are.
        let password = asked.password;
        console.work(move || Ok(access::password_fits(&password, ""))).await?;
        return Err(wrong());
    };
    if let Some(until) = account.locked_until.filter(|until| *until > now) {
        return Err(locked(until, now));
    }
    if !password_is(&console, &account, asked.password).await? || account.disabled {
        return Err(wrong());
    }
    if !account.totp.is_empty() {
        let code = asked.code.filter(|code| !code.is_empty()).ok_or_else(|| {
            let detail = ["本账号还需要动态口令", "this account needs a code of its second factor too"];
            Problem::new(StatusCode::UNAUTHORIZED, ["请输入动态口令", "a code is needed"], detail)
                .with_code("totp_required")
        })?;
        if !code_is(&console, &account, &code).await? {
            let detail =
                ["动态口令不对，或已用过；请等下一个", "the code is wrong or was used before; wait for the next"];
            let title = ["登录失败", "not signed in"];
            return Err(Problem::new(StatusCode::UNAUTHORIZED, title, detail).with_code("totp_wrong"));
        }
    }
    let name = account.account.clone();
    console.deed(move |tx| Ok(access::operations::forgive(tx, &name)?)).await?;
    let (jar, caller) = begin(&console, jar, Some(account), Vec::new()).await?;
    Ok((jar, Json(told(&console, &caller))))
}

fn wrong() -> Problem {
    let detail = ["账号或口令不对；口令区分大小写", "the account or the password is wrong; capitals matter"];
    Problem::new(StatusCode::UNAUTHORIZED, ["登录失败", "not signed in"], detail)
}

pub(super) fn locked(until: DateTime, now: DateTime) -> Problem {
    let seconds = now.until((jiff::Unit::Second, until)).map_or(60, |span| span.get_seconds());
    let until = terms::show_time(until);
    let detail = [
        format!("口令错误次数过多，账号锁定到 {until}"),
        format!("too many wrong passwords; the account is locked until {until}"),
    ];
    let problem = Problem::new(StatusCode::TOO_MANY_REQUESTS, ["账号已锁定", "the account is locked"], detail);
    problem.wait(u64::try_from(seconds).unwrap_or(0) + 1)
}

/// Begins a session of an account, or of a citizen who proved who they are by credential:
/// `persons` are then whom they may see, themselves first.
pub(super) async fn begin(
    console: &Console,
    jar: CookieJar,
    account: Option<Account>,
    persons: Vec<String>,
) -> Result<(CookieJar, Caller), Problem> {
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let (token, csrf) = (hex(&drawn()), hex(&drawn()[..16]));
    let now = jiff::Zoned::now().datetime();
    let named = account.as_ref().map(|account| account.account.clone());
    let session = access::Session {
        token_hash: access::token_hash(&token),
        account: named.unwrap_or_else(|| format!("citizen:{}", persons.first().map_or("", String::as_str))),
        persons: persons.clone(),
        csrf: csrf.clone(),
        begun_at: now,
        seen_at: now,
        ends_at: now.checked_add(i64::from(console.access.session_hours).hours()).unwrap_or(now),
    };
    let mut caller = Caller {
        account: session.account.clone(),
        name: account.as_ref().map(|account| account.name.clone()).unwrap_or_default(),
        roles: account.as_ref().map_or_else(|| vec!["citizen".to_owned()], |account| account.roles.clone()),
        must_change: account.as_ref().is_some_and(|account| account.must_change),
        scope: account.as_ref().map_or(Scope::Person(persons), |account| account.scope.clone()),
        staff: account.and_then(|account| account.staff),
        session: session.token_hash.clone(),
        csrf,
    };
    if caller.must_change {
        caller.roles.clear();
    }
    console
        .deed(move |tx| {
            access::operations::sweep_sessions(tx, now)?;
            Ok(access::operations::begin_session(tx, &session)?)
        })
        .await?;
    let cookie = Cookie::build((COOKIE, token))
        .http_only(true)
        .same_site(SameSite::Strict)
        .secure(console.secure)
        .path("/")
        .build();
    Ok((jar.add(cookie), caller))
}

/// 退出.
#[utoipa::path(delete, path = "/session", tag = "session", responses((status = 204, description = "signed out")))]
async fn sign_out(
    State(console): State<Console>,
    jar: CookieJar,
    MaybeCaller(caller): MaybeCaller,
) -> Result<(StatusCode, CookieJar), Problem> {
    if let Some(caller) = caller {
        console.deed(move |tx| Ok(access::operations::end_session(tx, &caller.session)?)).await?;
    }
    Ok((StatusCode::NO_CONTENT, jar.remove(Cookie::build(COOKIE).path("/"))))
}

/// 全部退出: ends every session of the account, this one too.
#[utoipa::path(
    delete, path = "/session/everywhere", tag = "session",
    responses(
        (status = 204, description = "signed out everywhere"),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn sign_out_everywhere(
    State(console): State<Console>,
    jar: CookieJar,
    MaybeCaller(caller): MaybeCaller,
) -> Result<(StatusCode, CookieJar), Problem> {
    let caller = caller.ok_or_else(Problem::not_signed_in)?;
    console.deed(move |tx| Ok(access::operations::end_sessions_of(tx, &caller.account)?)).await?;
    Ok((StatusCode::NO_CONTENT, jar.remove(Cookie::build(COOKIE).path("/"))))
}

/// 登录方式 beside account and password.
#[derive(Debug, Serialize, ToSchema)]
struct Ways {
    /// 统一身份认证 at an identity provider.
    oidc: bool,
    /// What people call it.
    #[serde(skip_serializing_if = "Option::is_none")]
    oidc_name: Option<String>,
}

/// 登录方式: what the sign-in page offers.
#[utoipa::path(get, path = "/session/ways", tag = "session", responses((status = 200, body = Ways)))]
async fn ways(State(console): State<Console>) -> Json<Ways> {
    let provider = console.entry().provider.as_ref();
    Json(Ways { oidc: provider.is_some(), oidc_name: provider.map(|provider| provider.name().to_owned()) })
}
