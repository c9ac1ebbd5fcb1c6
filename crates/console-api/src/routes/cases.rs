//! 案件: the queue of audit cases, a case file, the steps possible now and taking one, opening a case,
//! its documents and its bundle. Staff act as their number in `casework/staff.toml`; an institution acts
//! for itself, and knows of a case only from the day on which it was told.

use access::Scope;
use access::permission::{CaseAct, CaseRead};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use casework::Actor;
use journeys::{CaseFile, JourneyError, NewCase, Own, Queued};
use serde::Deserialize;
use terms::Date;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::frame::{
    Body, Caller, Console, Cursor, Granted, Listed, Listing, Order, Paging, Problem, ProblemBody, Query,
};

pub(super) mod act;
pub(super) mod told;

use act::{OpenCase, TakeStep};
use told::{AuditCaseFile, AuditCaseRow};

pub(super) fn routes() -> OpenApiRouter<Console> {
    OpenApiRouter::new()
        .routes(routes!(list, open))
        .routes(routes!(one))
        .routes(routes!(step))
        .routes(routes!(document))
        .routes(routes!(bundle))
}

/// Inquiries that a list looks at, at most.
const LOOKED_AT: i64 = 5_000;

/// Which cases.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct CasesAsked {
    /// `open` (as if nothing were said), `closed` or `all`.
    standing: Option<String>,
    /// 机构编号.
    institution: Option<String>,
    /// 状态, as the procedure names it.
    state: Option<String>,
    /// 规则 or model.
    rule: Option<String>,
    /// 承办人; `me` is whoever asks.
    assignee: Option<String>,
    /// The number of a case, or words of what it is about.
    q: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum By {
    Rank,
    Recoverable,
    Due,
    Opened,
}

/// 待办与案件, the most rewarding first: what may come back times how often such clues were right.
#[utoipa::path(
    get, path = "/cases", tag = "cases", params(Paging, CasesAsked),
    extensions(("x-permission" = json!("case.read"))),
    responses(
        (status = 200, body = Listing<AuditCaseRow>),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn list(
    State(console): State<Console>,
    grant: Granted<CaseRead>,
    Query(paging): Query<Paging>,
    Query(asked): Query<CasesAsked>,
) -> Result<Listed<AuditCaseRow>, Problem> {
    let institution = institution_of(grant.scope(), asked.institution.as_deref())?;
    let party = !matches!(grant.scope(), Scope::Region);
    let known =
        [("rank", By::Rank), ("recoverable_amount", By::Recoverable), ("due", By::Due), ("opened_at", By::Opened)];
    let order = paging.order(&known, Order { field: By::Rank, descending: true })?;
    let standing = asked.standing.clone().unwrap_or_else(|| "open".to_owned());
    if !["open", "closed", "all"].contains(&standing.as_str()) {
        let told = "open, closed, all";
        return Err(Problem::invalid("standing", [format!("可用：{told}"), format!("use one of {told}")]));
    }
    let after = paging.cursor::<String>()?;
    let world = console.clone();
    let mut found = console
        .read(move |tx| {
            let (book, code) = (&world.casebook, institution.as_str());
            let all = if standing == "open" && !party {
                let queue = journeys::queue(tx, book)?;
                queue.into_iter().filter(|one| code.is_empty() || one.facts.fixmedins_code.as_str() == code).collect()
            } else {
                journeys::inquiries(tx, book, code, LOOKED_AT)?
            };
            let stands = |one: &Queued| standing == "all" || one.case.closed == (standing == "closed");
            let known = |one: &Queued| !party || journeys::told_party(&one.procedure, &one.case).is_some();
            Ok(all.into_iter().filter(|one| stands(one) && known(one)).collect::<Vec<Queued>>())
        })
        .await?;
    found.retain(|one| fits(&asked, grant.caller(), one));
    sort(&mut found, order);
    let total = found.len();
    let from = after.and_then(|id| found.iter().position(|one| one.case.case_id == id)).map_or(0, |at| at + 1);
    let rows = found.iter().skip(from).take(paging.limit()? + 1).map(|one| told::row(&console, one)).collect();
    Listed::of(&paging, rows, u64::try_from(total).ok(), |row: &AuditCaseRow| Cursor::write(&row.case))
}

fn fits(asked: &CasesAsked, caller: &Caller, one: &Queued) -> bool {
    let is = |wanted: &Option<String>, value: &str| {
        wanted.as_deref().is_none_or(|wanted| wanted.is_empty() || wanted == value)
    };
    let assignee =
        asked.assignee.as_deref().map(|wanted| if wanted == "me" { caller.actor() } else { wanted.to_owned() });
    let words = asked.q.as_deref().unwrap_or_default().trim();
    is(&asked.state, &one.case.state)
        && is(&asked.rule, &one.facts.rule)
        && is(&assignee, one.case.assignee.as_deref().unwrap_or_default())
        && (words.is_empty() || one.case.case_id == words || one.case.subject.contains(words))
}

fn sort(found: &mut [Queued], order: Order<By>) {
    found.sort_by(|a, b| {
        let by = match order.field {
            By::Rank => a.rank().cmp(&b.rank()),
            By::Recoverable => a.facts.recoverable.cmp(&b.facts.recoverable),
            By::Due => due(a).cmp(&due(b)),
            By::Opened => a.facts.opened_at.cmp(&b.facts.opened_at),
        };
        let by = if order.descending { by.reverse() } else { by };
        by.then_with(|| a.case.case_id.cmp(&b.case.case_id))
    });
}

fn due(one: &Queued) -> Date {
    one.clock.as_ref().map_or(Date::MAX, |clock| clock.due)
}

/// 案卷.
#[utoipa::path(
    get, path = "/cases/{case}", tag = "cases", params(("case" = String, Path, description = "案件编号")),
    extensions(("x-permission" = json!("case.read"))),
    responses(
        (status = 200, body = AuditCaseFile),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn one(
    State(console): State<Console>,
    grant: Granted<CaseRead>,
    Path(case): Path<String>,
) -> Result<Json<AuditCaseFile>, Problem> {
    let file = covered(&console, grant.scope(), &case).await?;
    let persons: std::collections::BTreeSet<&str> = file.lines.iter().map(|line| line.psn_no.as_str()).collect();
    let persons: Vec<&str> = persons.into_iter().filter(|person| !person.is_empty()).collect();
    grant.reads(&console, &persons, "case").await?;
    Ok(Json(told::file(&console, grant.caller(), grant.scope(), &file)))
}

/// 办理: takes a step of a case.
#[utoipa::path(
    post, path = "/cases/{case}/steps", tag = "cases", request_body = TakeStep,
    params(("case" = String, Path, description = "案件编号")),
    extensions(("x-permission" = json!("case.act"))),
    responses(
        (status = 200, body = AuditCaseFile),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn step(
    State(console): State<Console>,
    grant: Granted<CaseAct>,
    Path(case): Path<String>,
    Body(asked): Body<TakeStep>,
) -> Result<Json<AuditCaseFile>, Problem> {
    covered(&console, grant.scope(), &case).await?;
    let by = actor(&console, grant.caller(), grant.scope())?;
    let asked = asked.to_move(&console, &case, by)?;
    let operation = console.operation(grant.caller(), "case");
    let world = console.clone();
    let file = console.deed(move |tx| world.centre.move_case(tx, &operation, &world.casebook, &asked)).await?;
    Ok(Json(told::file(&console, grant.caller(), grant.scope(), &file)))
}

/// 立案: opens a case from clues and findings of one institution.
#[utoipa::path(
    post, path = "/cases", tag = "cases", request_body = OpenCase,
    extensions(("x-permission" = json!("case.act"))),
    responses(
        (status = 200, body = AuditCaseFile),
        (status = 409, body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn open(
    State(console): State<Console>,
    grant: Granted<CaseAct>,
    Body(asked): Body<OpenCase>,
) -> Result<Json<AuditCaseFile>, Problem> {
    if !matches!(grant.scope(), Scope::Region) {
        return Err(Problem::forbidden("case.act"));
    }
    asked.check()?;
    let by = actor(&console, grant.caller(), grant.scope())?;
    let operation = console.operation(grant.caller(), "case");
    let world = console.clone();
    let file = console
        .deed(move |tx| {
            let mut clues = asked.clues.clone();
            for key in &asked.findings {
                clues.push(world.centre.clue_of_finding(tx, &operation, key)?.clue_id);
            }
            clues.sort_unstable();
            clues.dedup();
            let new = NewCase {
                procedure: asked.procedure.clone(),
                clues,
                targets: Vec::new(),
                frame: None,
                subject: asked.subject.trim().to_owned(),
                by: by.clone(),
                why: asked.why.clone(),
                exhibits: Vec::new(),
            };
            world.centre.open_inquiry(tx, &operation, &world.casebook, &new)
        })
        .await?;
    Ok(Json(told::file(&console, grant.caller(), grant.scope(), &file)))
}

/// 文书与证据材料, as it was filed.
#[utoipa::path(
    get, path = "/cases/{case}/documents/{step}/{nth}", tag = "cases",
    params(
        ("case" = String, Path, description = "案件编号"),
        ("step" = i64, Path, description = "the number of the step that brought it"),
        ("nth" = usize, Path, description = "which of the step's documents, from 1"),
    ),
    extensions(("x-permission" = json!("case.read"))),
    responses(
        (status = 200, description = "the document", content_type = "application/octet-stream"),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn document(
    State(console): State<Console>,
    grant: Granted<CaseRead>,
    path: Result<Path<(String, i64, usize)>, axum::extract::rejection::PathRejection>,
) -> Result<Response, Problem> {
    let missing = || Problem::not_found("document 文书");
    let Path((case, step, nth)) = path.map_err(|_| missing())?;
    let file = covered(&console, grant.scope(), &case).await?;
    let mut of_step = file.documents.iter().filter(|(seq, _)| *seq == step).map(|(_, document)| document);
    let document = nth.checked_sub(1).and_then(|nth| of_step.nth(nth)).ok_or_else(missing)?;
    let party = !matches!(grant.scope(), Scope::Region);
    let content =
        document.content.clone().filter(|_| !party || told::shown_to_party(&file, step)).ok_or_else(missing)?;
    Ok(download(&document.name, content))
}

/// 证据卷宗: the case as one file that `heng verify` checks without the centre. The bureau's only.
#[utoipa::path(
    get, path = "/cases/{case}/bundle", tag = "cases", params(("case" = String, Path, description = "案件编号")),
    extensions(("x-permission" = json!("case.read"))),
    responses(
        (status = 200, description = "the bundle", content_type = "application/octet-stream"),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "the last step waits for its checkpoint", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn bundle(
    State(console): State<Console>,
    grant: Granted<CaseRead>,
    Path(case): Path<String>,
) -> Result<Response, Problem> {
    if !matches!(grant.scope(), Scope::Region) {
        return Err(Problem::not_found("case 案件"));
    }
    covered(&console, grant.scope(), &case).await?;
    let name = format!("case-{case}.json");
    let made = console
        .read(move |tx| match journeys::case_bundle(tx, &case) {
            Err(JourneyError::Broken(why)) => Ok(Err(why)),
            made => made.map(|bundle| Ok(bundle.to_json())),
        })
        .await?;
    let waits = |why: String| {
        let zh = format!("卷宗现在做不出来，请稍候再试：{why}");
        Problem::conflict([zh, format!("the bundle cannot be made now; try again in a moment: {why}")])
    };
    Ok(download(&name, made.map_err(waits)?.into()))
}

fn download(name: &str, content: Vec<u8>) -> Response {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._".contains(byte);
    let encoded: String = name
        .bytes()
        .map(|byte| if plain(&byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect();
    let disposition = format!("attachment; filename*=UTF-8''{encoded}");
    let media = "application/octet-stream".to_owned();
    ([(header::CONTENT_TYPE, media), (header::CONTENT_DISPOSITION, disposition)], content).into_response()
}

/// A case that lies within a scope; an institution's own only once it was told of it.
async fn covered(console: &Console, scope: &Scope, case: &str) -> Result<CaseFile, Problem> {
    let (world, id) = (console.clone(), case.to_owned());
    let found = console
        .read(move |tx| match journeys::case_file(tx, &world.casebook, &id) {
            Err(JourneyError::Own(Own::CaseUnknown { .. })) => Ok(None),
            found => found.map(Some),
        })
        .await?;
    let missing = || Problem::not_found("case 案件");
    let file = found.filter(|file| file.facts.is_some()).ok_or_else(missing)?;
    let own = match scope {
        Scope::Region => true,
        Scope::Institution(code) => {
            file.case.party == *code && journeys::told_party(&file.procedure, &file.case).is_some()
        }
        Scope::Department { .. } | Scope::Person(_) => false,
    };
    if own { Ok(file) } else { Err(missing()) }
}

/// 办案人: staff by their number, an institution for itself.
pub(super) fn actor(console: &Console, caller: &Caller, scope: &Scope) -> Result<Actor, Problem> {
    match scope {
        Scope::Institution(code) => Ok(Actor::of_party(&format!("{code}/{}", caller.account), code)),
        Scope::Region => {
            let known = caller.staff.as_deref().and_then(|id| console.casebook.staff.find(id));
            known.cloned().ok_or_else(|| {
                Problem::conflict([
                    "本账号没有对应的办案人员编号，不能办案；请系统管理员在账号里填写",
                    "this account is tied to nobody of the staff; an administrator can enter the number",
                ])
            })
        }
        Scope::Department { .. } | Scope::Person(_) => Err(Problem::forbidden("case.act")),
    }
}

/// The institution that a list is about: what is asked for within the region, the scope's own
/// otherwise; empty is all.
pub(super) fn institution_of(scope: &Scope, asked: Option<&str>) -> Result<String, Problem> {
    let asked = asked.map(str::trim).filter(|asked| !asked.is_empty());
    let own = match scope {
        Scope::Region => return Ok(asked.unwrap_or_default().to_owned()),
        Scope::Institution(code) | Scope::Department { institution: code, .. } => code,
        Scope::Person(_) => return Err(Problem::not_found("institution 机构")),
    };
    match asked {
        Some(other) if other != own => Err(Problem::not_found(format!("institution 机构 {other}"))),
        _ => Ok(own.clone()),
    }
}

/// 办案人 as shown.
#[derive(Debug, Clone, serde::Serialize, ToSchema)]
pub(super) struct StaffTold {
    /// Their number.
    pub id: String,
    /// 姓名.
    pub name: String,
}
