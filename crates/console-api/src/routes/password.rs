//! 口令与动态口令: what an account signs in by, changed by the account itself.

use access::{Account, TOTP_SECRET, base32, hash_password, password_fits, totp_link, totp_step};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum_extra::extract::CookieJar;
use jiff::ToSpan;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::session::{SessionTold, begin, told};
use crate::frame::{Body, Caller, Console, MaybeCaller, Problem, ProblemBody, drawn};

pub(super) fn routes() -> OpenApiRouter<Console> {
    OpenApiRouter::new().routes(routes!(change)).routes(routes!(offer, confirm, give_up))
}

/// Characters of a password at least, and at most.
const LENGTH: std::ops::RangeInclusive<usize> = 10..=200;
/// Minutes for which an offered second factor waits for its first code.
const OFFER_MINUTES: i64 = 15;

/// The words under which an account's second factor is sealed.
fn about(account: &str) -> String {
    format!("totp {account}")
}

/// What an offered factor says before it is confirmed.
fn about_offer(account: &str) -> String {
    format!("totp offered to {account}")
}

/// A password that somebody is given to begin with: letters and digits not taken for one another.
pub(super) fn start_password() -> String {
    const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    let mut word: String = drawn()[..16].iter().map(|byte| char::from(LETTERS[usize::from(byte & 31)])).collect();
    [4, 9, 14].into_iter().for_each(|at| word.insert(at, '-'));
    word
}

/// A password in the form in which it is kept.
pub(super) async fn hashed(console: &Console, password: String) -> Result<String, Problem> {
    let mut salt = [0; 16];
    salt.copy_from_slice(&drawn()[..16]);
    console.work(move || hash_password(&password, salt).map_err(|error| Problem::internal(&error))).await
}

/// Whether a password is the account's; a wrong one counts towards the lock.
pub(super) async fn password_is(console: &Console, account: &Account, password: String) -> Result<bool, Problem> {
    let hash = account.password.clone();
    let fits = console.work(move || Ok(password_fits(&password, &hash))).await?;
    if !fits {
        count_failure(console, account).await?;
    }
    Ok(fits)
}

pub(super) async fn count_failure(console: &Console, account: &Account) -> Result<(), Problem> {
    let now = jiff::Zoned::now().datetime();
    let (attempts, minutes) = (console.access.attempts, i64::from(console.access.lock_minutes));
    let until = now.checked_add(minutes.minutes()).unwrap_or(now);
    let name = account.account.clone();
    console.deed(move |tx| Ok(access::operations::count_failure(tx, &name, attempts, until)?)).await
}

/// Whether a code is one of the account's second factor now, and was not used before. Uses it up.
pub(super) async fn code_is(console: &Console, account: &Account, code: &str) -> Result<bool, Problem> {
    let opened = console.entry().seal.open(&about(&account.account), &account.totp);
    let secret = opened.ok_or_else(|| Problem::internal(&"a second factor does not open; was the key changed?"))?;
    let step = totp_step(&secret, code, jiff::Timestamp::now().as_second());
    let name = account.account.clone();
    let used = match step {
        Some(step) => console.deed(move |tx| Ok(access::operations::use_totp_step(tx, &name, step)?)).await?,
        None => false,
    };
    if !used {
        count_failure(console, account).await?;
    }
    Ok(used)
}

/// The account of a session that signs in by password.
async fn own_account(console: &Console, caller: Option<Caller>) -> Result<Account, Problem> {
    let caller = caller.ok_or_else(Problem::not_signed_in)?;
    let account = console.read(move |tx| Ok(access::account(tx, &caller.account)?)).await?;
    let account = account.filter(|account| !account.password.is_empty()).ok_or_else(|| {
        Problem::conflict([
            "本次会话不是用口令登录的，没有口令可改",
            "this session was not begun with a password; there is none to change",
        ])
    })?;
    let now = jiff::Zoned::now().datetime();
    match account.locked_until.filter(|until| *until > now) {
        Some(until) => Err(super::session::locked(until, now)),
        None => Ok(account),
    }
}

fn wrong_password(field: &str) -> Problem {
    Problem::invalid(field, ["口令不对", "the password is wrong"])
}

/// 修改口令.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PasswordChange {
    /// The password until now.
    old: String,
    /// The one from now on: 10 characters at least.
    new: String,
}

/// 修改口令: ends every session of the account and begins this one anew.
#[utoipa::path(
    put, path = "/session/password", tag = "session", request_body = PasswordChange,
    responses(
        (status = 200, body = SessionTold),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn change(
    State(console): State<Console>,
    MaybeCaller(caller): MaybeCaller,
    jar: CookieJar,
    Body(asked): Body<PasswordChange>,
) -> Result<(CookieJar, Json<SessionTold>), Problem> {
    let account = own_account(&console, caller).await?;
    if !LENGTH.contains(&asked.new.chars().count()) || asked.new == asked.old || asked.new.contains(&account.account) {
        return Err(Problem::invalid(
            "new",
            [
                "新口令须为 10 至 200 个字符，不同于原口令，且不含账号",
                "the new password has 10 to 200 characters, is not the old one and does not hold the account's name",
            ],
        ));
    }
    if !password_is(&console, &account, asked.old).await? {
        return Err(wrong_password("old"));
    }
    let hash = hashed(&console, asked.new).await?;
    let name = account.account.clone();
    let changed = console
        .deed(move |tx| {
            let Some(account) = access::account(tx, &name)? else { return Ok(None) };
            let changed = Account { password: hash.clone(), must_change: false, ..account };
            access::operations::put_account(tx, &changed)?;
            access::operations::forgive(tx, &name)?;
            access::operations::end_sessions_of(tx, &name)?;
            Ok(Some(changed))
        })
        .await?;
    let changed = changed.ok_or_else(Problem::not_signed_in)?;
    let (jar, caller) = begin(&console, jar, Some(changed), Vec::new()).await?;
    Ok((jar, Json(told(&console, &caller))))
}

/// 申请动态口令.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct FactorAsked {
    /// 口令, again.
    password: String,
}

/// A second factor that is not in force yet.
#[derive(Debug, Serialize, ToSchema)]
struct FactorOffered {
    /// What an authenticator reads, to be shown as a QR code.
    link: String,
    /// The secret in base 32, for typing.
    secret: String,
    /// To be sent back with the first code.
    offer: String,
}

/// 申请动态口令: a new second factor, in force once its first code was sent back.
#[utoipa::path(
    post, path = "/session/totp", tag = "session", request_body = FactorAsked,
    responses(
        (status = 200, body = FactorOffered),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn offer(
    State(console): State<Console>,
    MaybeCaller(caller): MaybeCaller,
    Body(asked): Body<FactorAsked>,
) -> Result<Json<FactorOffered>, Problem> {
    let account = own_account(&console, caller).await?;
    if !account.totp.is_empty() {
        let detail = ["本账号已启用动态口令；请先停用", "the account has a second factor; give it up first"];
        return Err(Problem::conflict(detail));
    }
    if !password_is(&console, &account, asked.password).await? {
        return Err(wrong_password("password"));
    }
    let secret = &drawn()[..TOTP_SECRET];
    let until = jiff::Timestamp::now().as_second() + OFFER_MINUTES * 60;
    let sealed = [until.to_be_bytes().as_slice(), secret].concat();
    Ok(Json(FactorOffered {
        link: totp_link(&console.region.name, &account.account, secret),
        secret: base32(secret),
        offer: console.entry().seal.seal(&about_offer(&account.account), &sealed, nonce()),
    }))
}

fn nonce() -> [u8; 12] {
    let mut nonce = [0; 12];
    nonce.copy_from_slice(&drawn()[..12]);
    nonce
}

/// 启用动态口令.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct FactorConfirmed {
    /// As it was offered.
    offer: String,
    /// Its first code.
    code: String,
}

/// 启用动态口令: from now on the account signs in with a code too.
#[utoipa::path(
    put, path = "/session/totp", tag = "session", request_body = FactorConfirmed,
    responses(
        (status = 204, description = "in force"),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn confirm(
    State(console): State<Console>,
    MaybeCaller(caller): MaybeCaller,
    Body(asked): Body<FactorConfirmed>,
) -> Result<StatusCode, Problem> {
    let account = own_account(&console, caller).await?;
    let now = jiff::Timestamp::now().as_second();
    let opened = console.entry().seal.open(&about_offer(&account.account), &asked.offer);
    let offered = opened.as_deref().and_then(|bytes| bytes.split_first_chunk::<8>());
    let offered = offered.filter(|(until, _)| i64::from_be_bytes(**until) >= now);
    let (_, secret) = offered.ok_or_else(|| {
        let told =
            ["已过期或不是给本账号的；请重新申请", "it has expired or was not offered to this account; ask again"];
        Problem::invalid("offer", told)
    })?;
    let step = totp_step(secret, &asked.code, now).ok_or_else(|| {
        let told = ["动态口令不对；请核对手机时间", "the code is wrong; check the clock of your telephone"];
        Problem::invalid("code", told)
    })?;
    let sealed = console.entry().seal.seal(&about(&account.account), secret, nonce());
    let name = account.account;
    console.deed(move |tx| Ok(access::operations::set_totp(tx, &name, &sealed, step)?)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// 停用动态口令.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct FactorGivenUp {
    /// 口令, again.
    password: String,
    /// A code of the factor.
    code: String,
}

/// 停用动态口令, with the password and a code of it; who lost it asks an administrator.
#[utoipa::path(
    delete, path = "/session/totp", tag = "session", request_body = FactorGivenUp,
    responses(
        (status = 204, description = "given up"),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn give_up(
    State(console): State<Console>,
    MaybeCaller(caller): MaybeCaller,
    Body(asked): Body<FactorGivenUp>,
) -> Result<StatusCode, Problem> {
    let account = own_account(&console, caller).await?;
    if account.totp.is_empty() {
        return Err(Problem::conflict(["本账号没有启用动态口令", "the account has no second factor"]));
    }
    if !password_is(&console, &account, asked.password).await? {
        return Err(wrong_password("password"));
    }
    if !code_is(&console, &account, &asked.code).await? {
        return Err(Problem::invalid("code", ["动态口令不对，或已用过", "the code is wrong or was used before"]));
    }
    let name = account.account;
    console.deed(move |tx| Ok(access::operations::set_totp(tx, &name, "", 0)?)).await?;
    Ok(StatusCode::NO_CONTENT)
}
