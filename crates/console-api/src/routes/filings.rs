//! 备案: a person's filings, and who lets whom use which account.

use std::collections::BTreeMap;

use access::Subject;
use access::permission::FilingRead;
use axum::Json;
use axum::extract::{Path, State};
use enrolment::{Filing, Found};
use serde::Serialize;
use terms::{Date, Fen, Period, PersonId};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::persons::{PERSON, codes};
use crate::coded::Coded;
use crate::frame::{Console, Granted, Masked, Problem, ProblemBody};

pub(super) fn routes() -> OpenApiRouter<Console> {
    OpenApiRouter::new().routes(routes!(list))
}

/// 备案与共济授权 of a person.
#[derive(Debug, Serialize, ToSchema)]
struct PersonFilings {
    /// 备案, the latest first, cancelled ones included.
    filings: Vec<PersonFiling>,
    /// Whose accounts this person may use, in their order of use.
    givers: Vec<AccountSharing>,
    /// Who may use this person's account.
    receivers: Vec<AccountSharing>,
}

/// 备案.
#[derive(Debug, Serialize, ToSchema)]
struct PersonFiling {
    /// 备案号.
    id: String,
    kind: Coded,
    /// 病种, of a disease filing.
    disease: Option<Coded>,
    /// 就医地行政区划, of an out-of-area filing or a referral.
    area: Option<String>,
    /// 转往机构, of a referral.
    institution: Option<String>,
    begins_on: String,
    ends_on: Option<String>,
    /// `active`, `future`, `ended` or `cancelled`.
    #[schema(pattern = "^(active|future|ended|cancelled)$")]
    state: &'static str,
}

/// 共济授权.
#[derive(Debug, Serialize, ToSchema)]
struct AccountSharing {
    /// 人员编号 of the other.
    person: String,
    name: Masked,
    begins_on: String,
    ends_on: Option<String>,
    /// 授权年度限额 in 分; none is without limit.
    year_limit_amount: Option<i64>,
    /// `active`, `future` or `ended`.
    #[schema(pattern = "^(active|future|ended)$")]
    state: &'static str,
}

/// 备案 (chronic disease, out of area, referral, …) and family authorisations. The read is recorded.
#[utoipa::path(
    get, path = "/persons/{person}/filings", tag = "filings", params(("person" = String, Path, description = "人员编号")),
    extensions(("x-permission" = json!("filing.read"))),
    responses(
        (status = 200, body = PersonFilings),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn list(
    State(console): State<Console>,
    grant: Granted<FilingRead>,
    Path(person): Path<String>,
) -> Result<Json<PersonFilings>, Problem> {
    grant.cover(&Subject::of_person(&person), PERSON)?;
    let psn_no = PersonId(person);
    let asked = psn_no.clone();
    let (standing, receivers, names) = console
        .read(move |tx| {
            let Some(standing) = enrolment::standing(tx, &asked)? else { return Ok(None) };
            let receivers = enrolment::receivers_of(tx, &asked)?;
            let givers: Vec<&PersonId> = standing.givers.iter().map(|row| &row.giver).collect();
            let names = enrolment::found(tx, &givers)?;
            Ok(Some((standing, receivers, names)))
        })
        .await?
        .ok_or_else(|| Problem::not_found(PERSON))?;
    grant.reads(&console, &[psn_no.as_str()], "filings").await?;
    let today = (console.now)().date();
    let mut filings: Vec<PersonFiling> = standing.filings.iter().map(|row| filing(row, today)).collect();
    filings.sort_by(|one, other| other.begins_on.cmp(&one.begins_on));
    let shared = |psn_no: &PersonId, name: &str, period: Period, limit: Option<Fen>| AccountSharing {
        person: psn_no.0.clone(),
        name: grant.mask_name(psn_no.as_str(), name),
        begins_on: period.begin.to_string(),
        ends_on: period.end.map(|end| end.to_string()),
        year_limit_amount: limit.map(|limit| limit.0),
        state: state_of(period, today),
    };
    let named = |names: &BTreeMap<PersonId, Found>, psn_no: &PersonId| {
        names.get(psn_no).map(|known| known.psn_name.clone()).unwrap_or_default()
    };
    let givers = standing.givers.iter();
    let givers = givers.map(|row| shared(&row.giver, &named(&names, &row.giver), row.period, row.year_lmt));
    let receivers = receivers.iter().map(|row| shared(&row.psn_no, &row.psn_name, row.period, row.year_lmt));
    Ok(Json(PersonFilings { filings, givers: givers.collect(), receivers: receivers.collect() }))
}

fn state_of(period: Period, today: Date) -> &'static str {
    if period.begin > today {
        "future"
    } else if period.covers(today) {
        "active"
    } else {
        "ended"
    }
}

fn filing(row: &Filing, today: Date) -> PersonFiling {
    let disease = row.dise_codg.as_ref().map(|code| {
        let name = row.fields.get("opsp_dise_name").cloned().filter(|name| !name.is_empty());
        Coded { code: code.0.clone(), name: name.unwrap_or_else(|| code.0.clone()), english: String::new() }
    });
    let institution = row.fields.get("reflin_medins_name").or_else(|| row.fields.get("ide_fixmedins_name"));
    PersonFiling {
        id: row.filing_id.0.clone(),
        kind: codes::filing(&row.kind),
        disease,
        area: row.admdvs.as_ref().map(|area| area.0.clone()),
        institution: institution.cloned().filter(|name| !name.is_empty()),
        begins_on: row.period.begin.to_string(),
        ends_on: row.period.end.map(|end| end.to_string()),
        state: if row.cancelled { "cancelled" } else { state_of(row.period, today) },
    }
}
