//! 疑点与线索: findings of rules with their evidence side by side, suspicions of models with their named
//! parts, and the clues that no case has taken up. An institution sees findings only in cases of which
//! it was told.

use std::collections::BTreeSet;

use access::Scope;
use access::permission::FindingRead;
use axum::Json;
use axum::extract::{Path, State};
use db::Tx;
use inquiry::{Clue, Source};
use journeys::JourneyError;
use monitoring::{Finding, FindingsAsked, Place, Set};
use serde::Deserialize;
use terms::{Fen, PersonId};
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::cases::institution_of;
use super::cases::told::{ClueRow, clue, clue_rank, source};
use crate::frame::{Console, Cursor, Granted, Listed, Listing, Paging, Problem, ProblemBody, Query};

mod graph;
mod suspected;
mod told;

use suspected::{SuspicionFile, SuspicionRow};
pub(super) use told::RuleFileTold;
use told::{FindingFile, FindingRow};

pub(super) fn routes() -> OpenApiRouter<Console> {
    OpenApiRouter::new()
        .routes(routes!(clues))
        .routes(routes!(list))
        .routes(routes!(one))
        .routes(routes!(suspicions))
        .routes(routes!(suspicion))
}

/// Which clues.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct CluesAsked {
    /// 机构编号.
    institution: Option<String>,
    /// 规则 or model.
    rule: Option<String>,
    /// `finding`, `suspicion`, `tip-off` or `hand`.
    source: Option<String>,
}

/// 线索 that no case has taken up, the most rewarding first.
#[utoipa::path(
    get, path = "/clues", tag = "findings", params(Paging, CluesAsked),
    extensions(("x-permission" = json!("finding.read"))),
    responses(
        (status = 200, body = Listing<ClueRow>),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn clues(
    State(console): State<Console>,
    grant: Granted<FindingRead>,
    Query(paging): Query<Paging>,
    Query(asked): Query<CluesAsked>,
) -> Result<Listed<ClueRow>, Problem> {
    let institution = institution_of(grant.scope(), asked.institution.as_deref())?;
    let after = paging.cursor::<String>()?;
    // What nobody has looked into yet is told to nobody else.
    let region = matches!(grant.scope(), Scope::Region);
    let mut found = if region { console.read(|tx| Ok(inquiry::clues(tx, "")?)).await? } else { Vec::new() };
    let is = |wanted: &Option<String>, value: &str| wanted.as_deref().is_none_or(|one| one.is_empty() || one == value);
    let wanted = asked.source.as_deref().filter(|word| !word.is_empty());
    if wanted.is_some_and(|word| source(word).is_none()) {
        let told = "finding, suspicion, tip-off, hand";
        return Err(Problem::invalid("source", [format!("可用：{told}"), format!("use one of {told}")]));
    }
    found.retain(|one: &Clue| {
        (institution.is_empty() || one.fixmedins_code.as_str() == institution)
            && is(&asked.rule, &one.rule)
            && is(&asked.source, one.source.word())
    });
    found.sort_by(|a, b| clue_rank(b).cmp(&clue_rank(a)).then_with(|| a.clue_id.cmp(&b.clue_id)));
    let total = u64::try_from(found.len()).ok();
    let from = after.and_then(|id| found.iter().position(|one| one.clue_id == id)).map_or(0, |at| at + 1);
    let rows = found.iter().skip(from).take(paging.limit()? + 1).map(|one| clue(&console, one)).collect();
    Listed::of(&paging, rows, total, |row: &ClueRow| Cursor::write(&row.clue))
}

/// Which findings.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct FindingsFilter {
    /// 机构编号.
    institution: Option<String>,
    /// 规则标识.
    rule: Option<String>,
    /// `principal` (as if nothing were said), `supporting`, `excluded`, `suppressed` or `all`.
    place: Option<String>,
    /// The number of a person, a visit or a finding, in full.
    q: Option<String>,
}

/// 疑点, the most money first.
#[utoipa::path(
    get, path = "/findings", tag = "findings", params(Paging, FindingsFilter),
    extensions(("x-permission" = json!("finding.read"))),
    responses(
        (status = 200, body = Listing<FindingRow>),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn list(
    State(console): State<Console>,
    grant: Granted<FindingRead>,
    Query(paging): Query<Paging>,
    Query(asked): Query<FindingsFilter>,
) -> Result<Listed<FindingRow>, Problem> {
    let text = |text: Option<String>| text.map(|text| text.trim().to_owned()).unwrap_or_default();
    let place = match asked.place.as_deref().filter(|place| !place.is_empty()).unwrap_or("principal") {
        "all" => None,
        word => Some(Place::from_code(word).ok_or_else(|| {
            let told = "principal, supporting, excluded, suppressed, all";
            Problem::invalid("place", [format!("可用：{told}"), format!("use one of {told}")])
        })?),
    };
    let after = paging.cursor::<(i64, String)>()?.map(|(counted, key)| (Fen(counted), key));
    let filter = FindingsAsked {
        institution: institution_of(grant.scope(), asked.institution.as_deref())?,
        rule_id: text(asked.rule),
        place,
        search: text(asked.q),
        after,
    };
    let at_most = paging.limit()? + 1;
    let (world, scope) = (console.clone(), grant.scope().clone());
    let (rows, total) = console
        .read(move |tx| {
            let (rows, total) = match &scope {
                Scope::Region => {
                    let rows = monitoring::findings(tx, &filter, i64::try_from(at_most).unwrap_or(i64::MAX))?;
                    (rows, monitoring::count_findings(tx, &filter)?)
                }
                own => {
                    let mut rows = told_findings(tx, &world, own)?;
                    rows.retain(|row| fits(&filter, row));
                    let total = i64::try_from(rows.len()).unwrap_or(i64::MAX);
                    rows.retain(|row| filter.after.as_ref().is_none_or(|after| comes_after(row, after)));
                    rows.truncate(at_most);
                    (rows, total)
                }
            };
            let rows = rows.iter().map(|row| told::row(tx, &world, row)).collect::<Result<Vec<_>, _>>()?;
            Ok((rows, total))
        })
        .await?;
    Listed::of(&paging, rows, u64::try_from(total).ok(), |row: &FindingRow| {
        Cursor::write(&(row.counted_amount, row.finding.clone()))
    })
}

fn fits(filter: &FindingsAsked, row: &Finding) -> bool {
    let numbers = [row.psn_no.as_str(), row.mdtrt_id.as_str(), row.key.as_str()];
    (filter.rule_id.is_empty() || row.rule_id == filter.rule_id)
        && filter.place.is_none_or(|place| row.place == place)
        && (filter.search.is_empty() || numbers.contains(&filter.search.as_str()))
}

fn comes_after(row: &Finding, (counted, key): &(Fen, String)) -> bool {
    (row.counted, std::cmp::Reverse(&row.key)) < (*counted, std::cmp::Reverse(key))
}

/// The findings of which an institution, or a department of it, was told in some case, the most money
/// first.
fn told_findings(tx: &mut dyn Tx, console: &Console, scope: &Scope) -> Result<Vec<Finding>, JourneyError> {
    let (code, department) = match scope {
        Scope::Institution(code) => (code, None),
        Scope::Department { institution, department } => (institution, Some(department)),
        Scope::Region | Scope::Person(_) => return Ok(Vec::new()),
    };
    let mut found = Vec::new();
    for one in journeys::inquiries(tx, &console.casebook, code, TOLD_AT_MOST)? {
        if journeys::told_party(&one.procedure, &one.case).is_none() {
            continue;
        }
        for clue in inquiry::clues(tx, &one.case.case_id)?.iter().filter(|clue| clue.source == Source::Finding) {
            let Some(row) = monitoring::finding(tx, Set::Active, &clue.reference)? else { continue };
            let own = match department {
                None => true,
                Some(department) => in_department(tx, &row, department)?,
            };
            if own {
                found.push(row);
            }
        }
    }
    found.sort_by(|a, b| b.counted.cmp(&a.counted).then_with(|| a.key.cmp(&b.key)));
    Ok(found)
}

/// Cases of an institution that are looked through, at most.
const TOLD_AT_MOST: i64 = 5_000;

fn in_department(tx: &mut dyn Tx, row: &Finding, department: &str) -> Result<bool, JourneyError> {
    let persons: BTreeSet<PersonId> = [row.psn_no.clone()].into();
    let visits = journeys::visits_behind(tx, &persons, |visit| visit.mdtrt_id == row.mdtrt_id)?;
    Ok(visits.iter().any(|visit| visit.department == department))
}

/// 疑点 with its evidence.
#[utoipa::path(
    get, path = "/findings/{finding}", tag = "findings",
    params(("finding" = String, Path, description = "疑点标识")),
    extensions(("x-permission" = json!("finding.read"))),
    responses(
        (status = 200, body = FindingFile),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn one(
    State(console): State<Console>,
    grant: Granted<FindingRead>,
    Path(finding): Path<String>,
) -> Result<Json<FindingFile>, Problem> {
    let (world, scope) = (console.clone(), grant.scope().clone());
    let found = console
        .read(move |tx| {
            let row = match &scope {
                Scope::Region => monitoring::finding(tx, Set::Active, &finding)?,
                own => told_findings(tx, &world, own)?.into_iter().find(|row| row.key == finding),
            };
            row.map(|row| told::file(tx, &world, &row)).transpose()
        })
        .await?;
    let file = found.ok_or_else(|| Problem::not_found("finding 疑点"))?;
    let persons: Vec<&str> = [file.finding.person.as_str()].into_iter().filter(|person| !person.is_empty()).collect();
    grant.reads(&console, &persons, "finding").await?;
    Ok(Json(file))
}

/// Which suspicions.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct SuspicionsAsked {
    /// 模型.
    model: Option<String>,
}

/// 可疑线索 of the models, the most money at the highest score first. The bureau's only.
#[utoipa::path(
    get, path = "/suspicions", tag = "findings", params(Paging, SuspicionsAsked),
    extensions(("x-permission" = json!("finding.read"))),
    responses(
        (status = 200, body = Listing<SuspicionRow>),
    )
)]
async fn suspicions(
    State(console): State<Console>,
    grant: Granted<FindingRead>,
    Query(paging): Query<Paging>,
    Query(asked): Query<SuspicionsAsked>,
) -> Result<Listed<SuspicionRow>, Problem> {
    let after = paging.cursor::<(i64, String)>()?;
    let at_most = i64::try_from(paging.limit()? + 1).unwrap_or(i64::MAX);
    let model = asked.model.unwrap_or_default();
    let found = if matches!(grant.scope(), Scope::Region) {
        let after = after.map(|(weighted, id)| (Fen(weighted), id));
        console
            .read(move |tx| {
                let after = after.as_ref().map(|(weighted, id)| (*weighted, id.as_str()));
                Ok(inquiry::suspicions(tx, &model, after, at_most)?)
            })
            .await?
    } else {
        Vec::new()
    };
    let rows = found.iter().map(|one| suspected::row(&console, one)).collect();
    Listed::of(&paging, rows, None, |row: &SuspicionRow| Cursor::write(&(row.weighted_amount, row.suspicion.clone())))
}

/// 可疑线索 with its parts, its members as a graph, and their visits.
#[utoipa::path(
    get, path = "/suspicions/{suspicion}", tag = "findings",
    params(("suspicion" = String, Path, description = "疑点编号")),
    extensions(("x-permission" = json!("finding.read"))),
    responses(
        (status = 200, body = SuspicionFile),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn suspicion(
    State(console): State<Console>,
    grant: Granted<FindingRead>,
    Path(suspicion): Path<String>,
) -> Result<Json<SuspicionFile>, Problem> {
    let missing = || Problem::not_found("suspicion 可疑线索");
    if !matches!(grant.scope(), Scope::Region) {
        return Err(missing());
    }
    let world = console.clone();
    let found = console
        .read(move |tx| {
            let row = inquiry::suspicion(tx, &suspicion)?;
            row.map(|row| suspected::file(tx, &world, &row)).transpose()
        })
        .await?;
    let file = found.ok_or_else(missing)?;
    let persons: Vec<&str> = file.persons.iter().map(String::as_str).collect();
    grant.reads(&console, &persons, "suspicion").await?;
    Ok(Json(file))
}
