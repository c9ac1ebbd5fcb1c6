//! 医保电子凭证: what a telephone asks without a session (it signs instead), signing in with a code,
//! and the bureau's part: issue, activation code, suspension.

use access::Subject;
use access::permission::CredentialIssue;
use axum::Json;
use axum::extract::{Path, State};
use axum_extra::extract::CookieJar;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use credential::{Credential, Purpose};
use jiff::tz::{TimeZone, offset};
use journeys::{BindDevice, Bound, DrawCode, JourneyError};
use operation::Operation;
use serde::{Deserialize, Serialize};
use terms::{DateTime, PersonId, parse_time};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::session::{SessionTold, begin, told};
use crate::frame::{Body, Console, Granted, Problem, ProblemBody, drawn};

pub(super) fn routes() -> OpenApiRouter<Console> {
    OpenApiRouter::new()
        .routes(routes!(bind))
        .routes(routes!(draw))
        .routes(routes!(sign_in))
        .routes(routes!(show))
        .routes(routes!(activation))
        .routes(routes!(change))
}

/// The clock of codes and devices: the gateway's, which is Beijing's.
pub(super) fn clock() -> DateTime {
    let now = jiff::Timestamp::now().to_zoned(TimeZone::fixed(offset(8))).datetime();
    now.with().subsec_nanosecond(0).build().unwrap_or(now)
}

/// A deed about credentials, at the clock of credentials.
pub(super) fn operation(label: &str, actor: &str) -> Operation {
    Operation::of_bureau(label, actor, clock(), drawn())
}

pub(super) fn shown(time: DateTime) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%S").to_string()
}

pub(super) fn bytes(field: &str, text: &str) -> Result<Vec<u8>, Problem> {
    let read = STANDARD.decode(text);
    read.map_err(|_| Problem::invalid(field, [format!("{field} 应为 Base64"), format!("{field} must be Base64")]))
}

/// 绑定设备.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct BindDeviceAsked {
    /// 证件号码 or 电子凭证编号.
    whose: String,
    /// 激活码.
    code: String,
    /// What its owner calls the device.
    name: String,
    /// The device's public key: P-256, uncompressed, 65 bytes in Base64.
    public_key: String,
    /// ECDSA P-256 with SHA-256, `r ‖ s` in Base64, over the lines `heng credential v1`, `bind`, `whose`, `code`
    /// and the public key in lower-case hexadecimal.
    signature: String,
}

/// A device that was bound.
#[derive(Debug, Serialize, ToSchema)]
struct BoundDevice {
    /// 设备编号.
    device: String,
    /// 设备名称.
    name: String,
}

/// 绑定设备 with an activation code; the device signs, nobody need be signed in.
#[utoipa::path(
    post, path = "/credential/devices", tag = "credential", request_body = BindDeviceAsked,
    responses(
        (status = 200, body = BoundDevice),
        (status = 409, description = "the code is wrong, used or expired", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn bind(
    State(console): State<Console>,
    Body(asked): Body<BindDeviceAsked>,
) -> Result<Json<BoundDevice>, Problem> {
    let asked = BindDevice {
        public_key: bytes("public_key", &asked.public_key)?,
        signature: bytes("signature", &asked.signature)?,
        whose: asked.whose,
        code: asked.code,
        name: asked.name,
    };
    let (centre, operation) = (console.centre.clone(), operation("credential", "device"));
    let bound = console.deed(move |tx| centre.bind_device(tx, &operation, &asked)).await?;
    match bound {
        Bound::Device(device) => Ok(Json(BoundDevice { device: device.device_id, name: device.name })),
        Bound::Refused(refusal) => Err(JourneyError::from(refusal).into()),
    }
}

/// 生成一次性码.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct DrawCodeAsked {
    /// 设备编号.
    device: String,
    /// When the device asks, by Beijing's clock: `2026-01-31 10:00:00`.
    made_at: String,
    /// A number that the device never uses again.
    nonce: String,
    /// `treat`, `settle`, `sign_in` or `bind`.
    #[schema(value_type = String)]
    purpose: Purpose,
    /// Whom to show; the device's own person when absent.
    #[serde(default)]
    member: Option<String>,
    /// Over the lines `heng credential v1`, `draw`, `device`, `made_at`, `nonce`, the purpose's number (1 treat,
    /// 2 settle, 3 sign in, 4 bind) and `member` (empty when absent).
    signature: String,
}

/// A code to be shown.
#[derive(Debug, Serialize, ToSchema)]
struct DrawnCode {
    /// The text of the QR code.
    code: String,
    /// The short form that people type, of a code to sign in or to bind with.
    #[serde(skip_serializing_if = "Option::is_none")]
    typed: Option<String>,
    /// From this moment it is refused.
    expires_at: String,
    /// Seconds until then.
    seconds: i64,
    /// Whom it shows.
    person: String,
}

/// 生成一次性码; the device signs, nobody need be signed in.
#[utoipa::path(
    post, path = "/credential/codes", tag = "credential", request_body = DrawCodeAsked,
    responses(
        (status = 200, body = DrawnCode),
        (status = 409, description = "device, signature, clock or credential", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn draw(State(console): State<Console>, Body(asked): Body<DrawCodeAsked>) -> Result<Json<DrawnCode>, Problem> {
    let wrong = || ["made_at 应为 yyyy-MM-dd HH:mm:ss", "made_at must be yyyy-MM-dd HH:mm:ss"];
    if asked.nonce.is_empty() || asked.nonce.len() > 64 {
        return Err(Problem::invalid("nonce", ["nonce 应为 1 至 64 个字符", "nonce must have 1 to 64 characters"]));
    }
    let asked = DrawCode {
        made_at: parse_time(&asked.made_at).ok_or_else(|| Problem::invalid("made_at", wrong()))?,
        signature: bytes("signature", &asked.signature)?,
        device_id: asked.device,
        nonce: asked.nonce,
        purpose: asked.purpose,
        member: asked.member.map(PersonId),
    };
    let (centre, operation) = (console.centre.clone(), operation("credential", &asked.device_id));
    let now = operation.received_at;
    let code = console.deed(move |tx| centre.draw_code(tx, &operation, &asked)).await?;
    Ok(Json(DrawnCode {
        code: code.text,
        typed: code.typed,
        expires_at: shown(code.expires_at),
        seconds: code.expires_at.duration_since(now).as_secs(),
        person: code.psn_no.0,
    }))
}

/// 凭码登录.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SignInByCode {
    /// The text of a code to sign in with, or its short form.
    code: String,
}

/// 登录 by a one-time code of the electronic credential: shown by the person's own device, or typed
/// at another.
#[utoipa::path(
    post, path = "/session/credential", tag = "session", request_body = SignInByCode,
    responses(
        (status = 200, body = SessionTold),
        (status = 409, description = "the code is used, expired or not one", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn sign_in(
    State(console): State<Console>,
    jar: CookieJar,
    Body(asked): Body<SignInByCode>,
) -> Result<(CookieJar, Json<SessionTold>), Problem> {
    let (centre, operation) = (console.centre.clone(), operation("credential", "sign-in"));
    let signed = console.deed(move |tx| centre.sign_in_by_code(tx, &operation, &asked.code)).await?;
    let persons = signed.persons.into_iter().map(|psn_no| psn_no.0).collect();
    let (jar, caller) = begin(&console, jar, None, persons).await?;
    Ok((jar, Json(told(&console, &caller))))
}

/// 电子凭证 as the bureau sees it.
#[derive(Debug, Serialize, ToSchema)]
struct CredentialTold {
    /// 电子凭证编号.
    number: String,
    /// `active`, `suspended` or `revoked`.
    #[schema(value_type = String)]
    state: credential::State,
    /// 签发时间.
    issued_at: String,
    /// 状态变更原因.
    reason: String,
    /// How many devices are bound.
    devices: usize,
}

fn credential_told(known: &Credential, devices: usize) -> CredentialTold {
    let Credential { ec_no, state, issued_at, reason, .. } = known;
    CredentialTold {
        number: ec_no.clone(),
        state: *state,
        issued_at: shown(*issued_at),
        reason: reason.clone(),
        devices,
    }
}

async fn told_of(console: &Console, psn_no: PersonId) -> Result<Option<CredentialTold>, Problem> {
    let read = move |tx: &mut dyn db::Tx| {
        let Some(known) = credential::of_person(tx, &psn_no)? else { return Ok(None) };
        let devices = credential::devices_of(tx, &known.ec_no)?;
        let bound = devices.iter().filter(|device| device.state == credential::State::Active).count();
        Ok(Some(credential_told(&known, bound)))
    };
    console.read(read).await
}

/// 电子凭证 of a person.
#[utoipa::path(
    get, path = "/persons/{person}/credential", tag = "credential", params(("person" = String, Path, description = "人员编号")),
    extensions(("x-permission" = json!("credential.issue"))),
    responses(
        (status = 200, body = CredentialTold),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn show(
    State(console): State<Console>,
    grant: Granted<CredentialIssue>,
    Path(person): Path<String>,
) -> Result<Json<CredentialTold>, Problem> {
    const WHAT: &str = "electronic credential 电子凭证";
    grant.cover(&Subject::of_person(&person), WHAT)?;
    let told = told_of(&console, PersonId(person)).await?;
    told.map(Json).ok_or_else(|| Problem::not_found(WHAT))
}

/// 激活码, told once.
#[derive(Debug, Serialize, ToSchema)]
struct ActivationTold {
    /// 电子凭证编号.
    number: String,
    /// 激活码: to be handed to the person; it is not kept.
    code: String,
    /// 有效期止.
    expires_at: String,
}

/// 签发 (if the person has no credential yet) and an activation code with which one device is bound.
#[utoipa::path(
    post, path = "/persons/{person}/credential", tag = "credential", params(("person" = String, Path, description = "人员编号")),
    extensions(("x-permission" = json!("credential.issue"))),
    responses(
        (status = 200, body = ActivationTold),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn activation(
    State(console): State<Console>,
    grant: Granted<CredentialIssue>,
    Path(person): Path<String>,
) -> Result<Json<ActivationTold>, Problem> {
    grant.cover(&Subject::of_person(&person), "person 参保人")?;
    let (centre, operation) = (console.centre.clone(), operation("credential", &grant.caller().actor()));
    let psn_no = PersonId(person);
    let done = console.deed(move |tx| {
        let known = credential::of_person(tx, &psn_no)?.filter(|known| known.state != credential::State::Revoked);
        let issued = match known {
            Some(known) => known,
            None => centre.issue_credential(tx, &operation, &psn_no)?,
        };
        let (code, expires_at) = centre.activation_code(tx, &operation, &psn_no)?;
        Ok(ActivationTold { number: issued.ec_no, code, expires_at: shown(expires_at) })
    });
    Ok(Json(done.await?))
}

/// 暂停, 恢复, 注销.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CredentialStateAsked {
    /// `active`, `suspended` or `revoked`.
    #[schema(value_type = String)]
    state: credential::State,
    /// 原因.
    reason: String,
}

/// 暂停, 恢复 or 注销 a credential.
#[utoipa::path(
    put, path = "/persons/{person}/credential", tag = "credential", params(("person" = String, Path, description = "人员编号")),
    request_body = CredentialStateAsked,
    extensions(("x-permission" = json!("credential.issue"))),
    responses(
        (status = 200, body = CredentialTold),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn change(
    State(console): State<Console>,
    grant: Granted<CredentialIssue>,
    Path(person): Path<String>,
    Body(asked): Body<CredentialStateAsked>,
) -> Result<Json<CredentialTold>, Problem> {
    grant.cover(&Subject::of_person(&person), "person 参保人")?;
    if asked.reason.trim().is_empty() {
        return Err(Problem::invalid("reason", ["请写明原因", "say why"]));
    }
    let (centre, operation) = (console.centre.clone(), operation("credential", &grant.caller().actor()));
    let psn_no = PersonId(person);
    let whose = psn_no.clone();
    console
        .deed(move |tx| centre.set_credential_state(tx, &operation, &psn_no, asked.state, asked.reason.trim()))
        .await?;
    let told = told_of(&console, whose).await?;
    told.map(Json).ok_or_else(|| Problem::not_found("electronic credential 电子凭证"))
}
