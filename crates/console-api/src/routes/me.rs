//! 我的: everything a citizen's telephone shows: standing, accounts, visits and why each fen, filings,
//! messages, devices, identities. All of it within the session's own persons.

mod told;
mod why;

use access::Subject;
use access::permission::{CredentialOwn, MessageOwn, SettlementRead};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use credential::{Relation, State as Held};
use ledger::Account;
use serde::{Deserialize, Serialize};
use terms::{PersonId, SettlementId};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::credential::{clock, operation, shown};
use crate::frame::{Body, Console, Granted, Listing, Problem, ProblemBody, Query};
use told::{Me, MyCodeUse, MyDevice, MyIdentity, MyMessage, MyMovement, MyVisit};
use why::MySettlement;

pub(super) fn routes() -> OpenApiRouter<Console> {
    OpenApiRouter::new()
        .routes(routes!(me))
        .routes(routes!(movements))
        .routes(routes!(visits))
        .routes(routes!(settlement))
        .routes(routes!(messages))
        .routes(routes!(uses))
        .routes(routes!(devices))
        .routes(routes!(activation))
        .routes(routes!(unbind_device))
        .routes(routes!(identities, bind_identity))
        .routes(routes!(unbind_identity))
}

/// Whom it is about: one of the session's persons.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct About {
    /// 人员编号; the signed-in person when absent.
    person: Option<String>,
}

const PERSON: &str = "person 参保人";
const ROWS: usize = 200;

/// The person asked about, if the session may see them.
fn about<P>(grant: &Granted<P>, person: Option<String>) -> Result<PersonId, Problem> {
    let person = match person {
        Some(person) => person,
        None => own(grant)?.0,
    };
    grant.cover(&Subject::of_person(&person), PERSON)?;
    Ok(PersonId(person))
}

/// The session's own person: whose entry it is.
fn own<P>(grant: &Granted<P>) -> Result<PersonId, Problem> {
    let access::Scope::Person(persons) = grant.scope() else { return Err(Problem::not_found(PERSON)) };
    persons.first().cloned().map(PersonId).ok_or_else(|| Problem::not_found(PERSON))
}

fn listing<T>(items: Vec<T>) -> Json<Listing<T>> {
    Json(Listing { total: Some(items.len() as u64), next: None, items })
}

/// 我的: standing, accounts, filings, and whom the entry shows.
#[utoipa::path(
    get, path = "/me", tag = "me", params(About),
    extensions(("x-permission" = json!("credential.own"))),
    responses(
        (status = 200, body = Me),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn me(
    State(console): State<Console>,
    grant: Granted<CredentialOwn>,
    Query(asked): Query<About>,
) -> Result<Json<Me>, Problem> {
    let (own, psn_no) = (own(&grant)?, about(&grant, asked.person)?);
    let world = console.clone();
    let today = (console.now)().date();
    let me = console.read(move |tx| told::me(&world, tx, &own, &psn_no, today)).await?;
    Ok(Json(me))
}

/// 个人账户明细, latest first.
#[utoipa::path(
    get, path = "/me/account", tag = "me", params(About),
    extensions(("x-permission" = json!("credential.own"))),
    responses(
        (status = 200, body = Listing<MyMovement>),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn movements(
    State(console): State<Console>,
    grant: Granted<CredentialOwn>,
    Query(asked): Query<About>,
) -> Result<Json<Listing<MyMovement>>, Problem> {
    let account = Account::Personal(about(&grant, asked.person)?);
    let rows = console.read(move |tx| Ok(ledger::movements(tx, &account, None, ROWS as i64)?)).await?;
    Ok(listing(rows.into_iter().map(told::movement).collect()))
}

/// 就诊与结算, latest first.
#[utoipa::path(
    get, path = "/me/visits", tag = "me", params(About),
    extensions(("x-permission" = json!("settlement.read"))),
    responses(
        (status = 200, body = Listing<MyVisit>),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn visits(
    State(console): State<Console>,
    grant: Granted<SettlementRead>,
    Query(asked): Query<About>,
) -> Result<Json<Listing<MyVisit>>, Problem> {
    let psn_no = about(&grant, asked.person)?;
    let world = console.clone();
    let rows = console.read(move |tx| told::visits(&world, tx, &psn_no)).await?;
    Ok(listing(rows.into_iter().take(ROWS).collect()))
}

/// 一笔结算: where each fen went, and why in plain words.
#[utoipa::path(
    get, path = "/me/settlements/{settlement}", tag = "me",
    params(("settlement" = String, Path, description = "结算ID"), About),
    extensions(("x-permission" = json!("settlement.read"))),
    responses(
        (status = 200, body = MySettlement),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn settlement(
    State(console): State<Console>,
    grant: Granted<SettlementRead>,
    Path(settlement): Path<String>,
    Query(asked): Query<About>,
) -> Result<Json<MySettlement>, Problem> {
    let psn_no = about(&grant, asked.person)?;
    let world = console.clone();
    let setl_id = SettlementId(settlement);
    let found = console.read(move |tx| why::settlement(&world, tx, &psn_no, &setl_id)).await?;
    found.map(Json).ok_or_else(|| Problem::not_found("settlement 结算"))
}

/// 消息: settlements, filings that end soon, applications' steps, what happened to the credential; the
/// latest first.
#[utoipa::path(
    get, path = "/me/messages", tag = "me", params(About),
    extensions(("x-permission" = json!("message.own"))),
    responses(
        (status = 200, body = Listing<MyMessage>),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn messages(
    State(console): State<Console>,
    grant: Granted<MessageOwn>,
    Query(asked): Query<About>,
) -> Result<Json<Listing<MyMessage>>, Problem> {
    let psn_no = about(&grant, asked.person)?;
    let world = console.clone();
    let today = (console.now)().date();
    let rows = console.read(move |tx| told::messages(&world, tx, &psn_no, today)).await?;
    Ok(listing(rows))
}

/// 用码记录: where codes for the person were used, latest first.
#[utoipa::path(
    get, path = "/me/credential/uses", tag = "me", params(About),
    extensions(("x-permission" = json!("credential.own"))),
    responses(
        (status = 200, body = Listing<MyCodeUse>),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn uses(
    State(console): State<Console>,
    grant: Granted<CredentialOwn>,
    Query(asked): Query<About>,
) -> Result<Json<Listing<MyCodeUse>>, Problem> {
    let psn_no = about(&grant, asked.person)?;
    let world = console.clone();
    let codes = console.read(move |tx| Ok(credential::uses_of(tx, &psn_no, 50)?)).await?;
    Ok(listing(codes.into_iter().filter_map(|code| told::code_use(&world, code)).collect()))
}

/// 设备 of the signed-in person's credential.
#[utoipa::path(
    get, path = "/me/devices", tag = "me",
    extensions(("x-permission" = json!("credential.own"))),
    responses(
        (status = 200, body = Listing<MyDevice>),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn devices(
    State(console): State<Console>,
    grant: Granted<CredentialOwn>,
) -> Result<Json<Listing<MyDevice>>, Problem> {
    let psn_no = own(&grant)?;
    let read = move |tx: &mut dyn db::Tx| {
        let Some(known) = credential::of_person(tx, &psn_no)? else { return Ok(Vec::new()) };
        Ok(credential::devices_of(tx, &known.ec_no)?)
    };
    let devices = console.read(read).await?;
    let bound = devices.into_iter().filter(|device| device.state == Held::Active);
    Ok(listing(
        bound
            .map(|device| MyDevice { id: device.device_id, name: device.name, bound_at: shown(device.bound_at) })
            .collect(),
    ))
}

/// 激活码 for one more device.
#[derive(Debug, Serialize, ToSchema)]
struct MyActivation {
    /// 激活码; told once.
    code: String,
    /// 有效期止.
    expires_at: String,
}

/// 激活码 for one more device of the signed-in person.
#[utoipa::path(
    post, path = "/me/devices", tag = "me",
    extensions(("x-permission" = json!("credential.own"))),
    responses(
        (status = 200, body = MyActivation),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn activation(
    State(console): State<Console>,
    grant: Granted<CredentialOwn>,
) -> Result<Json<MyActivation>, Problem> {
    let psn_no = own(&grant)?;
    let (centre, operation) = (console.centre.clone(), operation("credential", &grant.caller().actor()));
    let (code, expires_at) = console.deed(move |tx| centre.activation_code(tx, &operation, &psn_no)).await?;
    Ok(Json(MyActivation { code, expires_at: shown(expires_at) }))
}

/// 解绑设备.
#[utoipa::path(
    delete, path = "/me/devices/{device}", tag = "me", params(("device" = String, Path, description = "设备编号")),
    extensions(("x-permission" = json!("credential.own"))),
    responses(
        (status = 204, description = "unbound"),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn unbind_device(
    State(console): State<Console>,
    grant: Granted<CredentialOwn>,
    Path(device): Path<String>,
) -> Result<StatusCode, Problem> {
    let psn_no = own(&grant)?;
    let (centre, operation) = (console.centre.clone(), operation("credential", &grant.caller().actor()));
    console.deed(move |tx| centre.unbind_device(tx, &operation, &psn_no, &device, "本人解绑")).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// 身份: whom the signed-in person's entry shows, and children of the family who could be bound.
#[utoipa::path(
    get, path = "/me/identities", tag = "me",
    extensions(("x-permission" = json!("credential.own"))),
    responses(
        (status = 200, body = Listing<MyIdentity>),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn identities(
    State(console): State<Console>,
    grant: Granted<CredentialOwn>,
) -> Result<Json<Listing<MyIdentity>>, Problem> {
    let psn_no = own(&grant)?;
    let world = console.clone();
    let rows = console.read(move |tx| told::identities(&world, tx, &psn_no, clock().date())).await?;
    Ok(listing(rows))
}

/// 绑定身份: a child of the family by number, or a relative by the code that they drew for it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct MyIdentityAsked {
    /// 人员编号 of a child.
    #[serde(default)]
    child: Option<String>,
    /// 亲情绑定码 of a relative.
    #[serde(default)]
    code: Option<String>,
}

/// A person behind the entry.
#[derive(Debug, Serialize, ToSchema)]
struct MyBoundIdentity {
    /// 人员编号.
    person: String,
    /// `guardian` or `family`.
    #[schema(value_type = String)]
    relation: Relation,
}

/// 绑定身份.
#[utoipa::path(
    post, path = "/me/identities", tag = "me", request_body = MyIdentityAsked,
    extensions(("x-permission" = json!("credential.own"))),
    responses(
        (status = 200, body = MyBoundIdentity),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn bind_identity(
    State(console): State<Console>,
    grant: Granted<CredentialOwn>,
    Body(asked): Body<MyIdentityAsked>,
) -> Result<Json<MyBoundIdentity>, Problem> {
    let holder = own(&grant)?;
    let (centre, operation) = (console.centre.clone(), operation("credential", &grant.caller().actor()));
    let bound = match (asked.child, asked.code) {
        (Some(child), None) => {
            let child = PersonId(child);
            console.deed(move |tx| centre.bind_child(tx, &operation, &holder, &child)).await?
        }
        (None, Some(code)) => console.deed(move |tx| centre.bind_family(tx, &operation, &holder, &code)).await?,
        _ => return Err(Problem::invalid("child", ["child 与 code 填一项", "give either child or code"])),
    };
    Ok(Json(MyBoundIdentity { person: bound.member.0, relation: bound.relation }))
}

/// 解绑身份.
#[utoipa::path(
    delete, path = "/me/identities/{person}", tag = "me", params(("person" = String, Path, description = "人员编号")),
    extensions(("x-permission" = json!("credential.own"))),
    responses(
        (status = 204, description = "unbound"),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn unbind_identity(
    State(console): State<Console>,
    grant: Granted<CredentialOwn>,
    Path(person): Path<String>,
) -> Result<StatusCode, Problem> {
    let holder = own(&grant)?;
    let member = PersonId(person);
    let (centre, operation) = (console.centre.clone(), operation("credential", &grant.caller().actor()));
    console.deed(move |tx| centre.unbind_identity(tx, &operation, &holder, &member)).await?;
    Ok(StatusCode::NO_CONTENT)
}
