//! 访问: unmask a person's data for a purpose; who read and unmasked what.

use access::permission::{AccessRead, PersonUnmask};
use access::{ReadsAsked, Subject};
use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use terms::{PersonId, show_time};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::frame::{
    Body, Column, Console, Cursor, Exported, Granted, Listed, Listing, Paging, Problem, ProblemBody, Query, read_id,
};

pub(super) fn routes() -> OpenApiRouter<Console> {
    OpenApiRouter::new().routes(routes!(unmask)).routes(routes!(reads))
}

/// 查看未脱敏信息.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Unmask {
    /// 人员编号.
    person: String,
    /// 查看目的, one of the session's purposes.
    purpose: String,
    /// In the reader's own words.
    note: String,
}

/// A person's data, unmasked.
#[derive(Debug, Serialize, ToSchema)]
struct Unmasked {
    person: String,
    name: String,
    certificate: String,
    phone: String,
    /// The leaf of the evidence log that says who looked and why.
    leaf: String,
}

/// 查看未脱敏信息: for a stated purpose; leaves a leaf in the evidence log.
#[utoipa::path(
    post, path = "/unmask", tag = "access", request_body = Unmask,
    extensions(("x-permission" = json!("person.unmask"))),
    responses(
        (status = 200, body = Unmasked),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn unmask(
    State(console): State<Console>,
    grant: Granted<PersonUnmask>,
    Body(asked): Body<Unmask>,
) -> Result<Json<Unmasked>, Problem> {
    if console.access.purpose(&asked.purpose).is_none() {
        let known: Vec<&str> = console.access.purpose.iter().map(|purpose| purpose.id.as_str()).collect();
        let known = known.join(", ");
        let told = [format!("没有这种查看目的；可用：{known}"), format!("no such purpose; use one of {known}")];
        return Err(Problem::invalid("purpose", told));
    }
    if asked.note.trim().is_empty() {
        return Err(Problem::invalid("note", ["请写明为什么要看", "say in your own words why you must see it"]));
    }
    grant.cover(&Subject::of_person(&asked.person), "person 参保人")?;
    let operation = console.operation(grant.caller(), "unmask");
    let read = access::Read {
        id: read_id(),
        account: grant.caller().account.clone(),
        at: jiff::Zoned::now().datetime(),
        person: asked.person.clone(),
        what: "unmask".to_owned(),
        purpose: asked.purpose,
        note: asked.note,
    };
    let leaf = read.id.clone();
    let psn_no = PersonId(asked.person);
    let found = console.deed(move |tx| journeys::unmask(tx, &operation, &psn_no, &read)).await?;
    let person = found.ok_or_else(|| Problem::not_found("person 参保人"))?;
    Ok(Json(Unmasked {
        person: person.psn_no.0.clone(),
        name: person.psn_name.clone(),
        certificate: person.certno.clone(),
        phone: person.tel.clone(),
        leaf,
    }))
}

/// Which reads.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ReadsFilter {
    /// 人员编号.
    person: Option<String>,
    /// 账号.
    account: Option<String>,
    /// Unmaskings only.
    unmasked: Option<bool>,
}

/// 访问记录.
#[derive(Debug, Clone, Serialize, ToSchema)]
struct ReadRow {
    id: String,
    account: String,
    at: String,
    person: String,
    what: String,
    purpose: String,
    note: String,
}

impl Exported for ReadRow {
    const FILE: &'static str = "reads";
    const COLUMNS: &'static [Column] = &[
        Column::text("at", "时间"),
        Column::text("account", "账号"),
        Column::text("person", "人员编号"),
        Column::text("what", "内容"),
        Column::text("purpose", "目的"),
        Column::text("note", "说明"),
    ];
}

/// 访问记录, newest first.
#[utoipa::path(
    get, path = "/reads", tag = "access", params(Paging, ReadsFilter),
    extensions(("x-permission" = json!("access.read"))),
    responses(
        (status = 200, body = Listing<ReadRow>),
    )
)]
async fn reads(
    State(console): State<Console>,
    _: Granted<AccessRead>,
    Query(paging): Query<Paging>,
    Query(filter): Query<ReadsFilter>,
) -> Result<Listed<ReadRow>, Problem> {
    let asked = ReadsAsked {
        before: paging.cursor::<String>()?.unwrap_or_default(),
        person: filter.person.unwrap_or_default(),
        account: filter.account.unwrap_or_default(),
        unmasked: filter.unmasked.unwrap_or_default(),
    };
    let at_most = i64::try_from(paging.limit()? + 1).unwrap_or(i64::MAX);
    let found = console.read(move |tx| Ok(access::reads(tx, &asked, at_most)?)).await?;
    let rows = found.into_iter().map(|read| ReadRow {
        id: read.id,
        account: read.account,
        at: show_time(read.at),
        person: read.person,
        what: read.what,
        purpose: read.purpose,
        note: read.note,
    });
    Listed::of(&paging, rows.collect(), None, |row: &ReadRow| Cursor::write(&row.id))
}
