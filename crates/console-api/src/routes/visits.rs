//! 就诊: visits looked for, a person's visits, one visit with everything that belongs to it.

use access::permission::VisitRead;
use access::{Scope, Subject};
use axum::Json;
use axum::extract::{Path, State};
use claim::{ListedVisit, Visit, VisitsAsked};
use db::Tx;
use journeys::JourneyError;
use serde::{Deserialize, Serialize};
use terms::{DateTime, PersonId, VisitId, parse_date, parse_time, show_time};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::persons::PERSON;
use crate::coded::Coded;
use crate::frame::{
    Column, Console, Cursor, Exported, Granted, Listed, Listing, Masked, Order, Paging, Problem, ProblemBody, Query,
};

mod told;

use told::VisitFile;

pub(super) fn routes() -> OpenApiRouter<Console> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(of_person)).routes(routes!(one))
}

const VISIT: &str = "visit 就诊";

/// Which visits.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct VisitsFilter {
    /// 就诊ID or 人员编号, in full.
    q: Option<String>,
    /// 人员编号.
    person: Option<String>,
    /// 机构编号.
    institution: Option<String>,
    /// 医疗类别.
    med_type: Option<String>,
    /// 险种.
    scheme: Option<String>,
    /// `outpatient` or `stay`.
    form: Option<String>,
    /// `registered`, `begun` or `withdrawn`.
    state: Option<String>,
    /// First day of beginning, `2026-01-31`.
    from: Option<String>,
    /// Last day of beginning, included.
    to: Option<String>,
}

/// 就诊 in a list.
#[derive(Debug, Serialize, ToSchema)]
struct VisitRow {
    /// 就诊ID.
    id: String,
    /// 人员编号.
    person: String,
    name: Masked,
    institution: Coded,
    /// 科室; none where the institution did not say.
    department: Option<Coded>,
    /// `outpatient` or `stay`.
    #[schema(pattern = "^(outpatient|stay)$")]
    form: &'static str,
    med_type: Coded,
    scheme: Coded,
    /// `registered`, `begun` or `withdrawn`.
    #[schema(pattern = "^(registered|begun|withdrawn)$")]
    state: &'static str,
    began_at: String,
    ended_at: Option<String>,
    /// Settlements that stand.
    settlements: i64,
    /// T 医疗费总额 of those, in 分.
    total_amount: i64,
    /// F 基金支付 of those, in 分.
    fund_amount: i64,
}

impl Exported for VisitRow {
    const FILE: &'static str = "visits";
    const COLUMNS: &'static [Column] = &[
        Column::text("id", "就诊ID"),
        Column::text("began_at", "开始时间"),
        Column::text("ended_at", "结束时间"),
        Column::text("person", "人员编号"),
        Column::text("name", "姓名"),
        Column::text("institution.code", "机构编号"),
        Column::text("institution.name", "机构"),
        Column::text("department.name", "科室"),
        Column::text("med_type.name", "医疗类别"),
        Column::text("scheme.name", "险种"),
        Column::text("state", "状态"),
        Column::count("settlements", "有效结算"),
        Column::money("total_amount", "医疗费总额"),
        Column::money("fund_amount", "基金支付"),
    ];
}

fn given(text: Option<String>) -> String {
    text.map(|text| text.trim().to_owned()).unwrap_or_default()
}

/// A time of a query, from a day: its beginning, or the last second of it.
fn moment(field: &str, text: Option<&str>, last: bool) -> Result<Option<DateTime>, Problem> {
    let Some(text) = text.filter(|text| !text.is_empty()) else { return Ok(None) };
    let day = parse_date(text).ok_or_else(|| {
        let told = [format!("“{text}” 不是日期，请写成 2026-01-31"), format!("“{text}” is no day; write 2026-01-31")];
        Problem::invalid(field, told)
    })?;
    Ok(Some(if last { day.at(23, 59, 59, 0) } else { day.at(0, 0, 0, 0) }))
}

fn one_of(field: &str, text: Option<String>, known: &[&str]) -> Result<String, Problem> {
    let text = given(text);
    if text.is_empty() || known.contains(&text.as_str()) {
        return Ok(text);
    }
    let known = known.join(", ");
    Err(Problem::invalid(field, [format!("没有 {text}，可用：{known}"), format!("no {text}; use one of {known}")]))
}

impl VisitsFilter {
    fn asked(self, descending: bool) -> Result<VisitsAsked, Problem> {
        let all = VisitsAsked::default();
        Ok(VisitsAsked {
            from: moment("from", self.from.as_deref(), false)?.unwrap_or(all.from),
            to: moment("to", self.to.as_deref(), true)?.unwrap_or(all.to),
            form: one_of("form", self.form, &["outpatient", "stay"])?,
            state: one_of("state", self.state, &["registered", "begun", "withdrawn"])?,
            person: given(self.person),
            institution: given(self.institution),
            med_type: given(self.med_type),
            insutype: given(self.scheme),
            descending,
        })
    }
}

/// What a list of visits asks, narrowed to what a scope reaches.
struct Narrowed {
    asked: VisitsAsked,
    department: Option<String>,
}

fn narrow(scope: &Scope, asked: VisitsAsked) -> Result<Narrowed, Problem> {
    let only = |asked: &str, own: &str, what: &str| {
        if asked.is_empty() || asked == own {
            Ok(own.to_owned())
        } else {
            Err(Problem::not_found(format!("{what} {asked}")))
        }
    };
    Ok(match scope {
        Scope::Region => Narrowed { asked, department: None },
        Scope::Institution(own) => {
            let institution = only(&asked.institution, own, "institution 机构")?;
            Narrowed { asked: VisitsAsked { institution, ..asked }, department: None }
        }
        Scope::Department { institution, department } => {
            let institution = only(&asked.institution, institution, "institution 机构")?;
            Narrowed { asked: VisitsAsked { institution, ..asked }, department: Some(department.clone()) }
        }
        Scope::Person(persons) => {
            let own = persons.iter().find(|own| asked.person == **own).or(persons.first());
            let person = only(&asked.person, own.map_or("", String::as_str), PERSON)?;
            Narrowed { asked: VisitsAsked { person, ..asked }, department: None }
        }
    })
}

/// 查就诊, latest first unless asked otherwise.
#[utoipa::path(
    get, path = "/visits", tag = "visits", params(Paging, VisitsFilter),
    extensions(("x-permission" = json!("visit.read"))),
    responses(
        (status = 200, body = Listing<VisitRow>),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn list(
    State(console): State<Console>,
    grant: Granted<VisitRead>,
    Query(paging): Query<Paging>,
    Query(filter): Query<VisitsFilter>,
) -> Result<Listed<VisitRow>, Problem> {
    answer(&console, &grant, paging, filter).await
}

/// 就诊 of a person, latest first unless asked otherwise. The read is recorded.
#[utoipa::path(
    get, path = "/persons/{person}/visits", tag = "visits",
    params(("person" = String, Path, description = "人员编号"), Paging),
    extensions(("x-permission" = json!("visit.read"))),
    responses(
        (status = 200, body = Listing<VisitRow>),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn of_person(
    State(console): State<Console>,
    grant: Granted<VisitRead>,
    Path(person): Path<String>,
    Query(paging): Query<Paging>,
) -> Result<Listed<VisitRow>, Problem> {
    if person.is_empty() {
        return Err(Problem::not_found(PERSON));
    }
    answer(&console, &grant, paging, VisitsFilter { person: Some(person), ..VisitsFilter::default() }).await
}

async fn answer(
    console: &Console,
    grant: &Granted<VisitRead>,
    paging: Paging,
    filter: VisitsFilter,
) -> Result<Listed<VisitRow>, Problem> {
    let order = paging.order(&[("began_at", ())], Order { field: (), descending: true })?;
    let limit = paging.limit()? + 1;
    let q = given(filter.q.clone());
    let after = paging.cursor::<(String, String)>()?;
    let after = after.map(|(at, id)| parse_time(&at).map(|at| (at, id)));
    let after = match after {
        Some(None) => {
            return Err(Problem::invalid(
                "cursor",
                ["游标有误；请从第一页开始", "the cursor is wrong; begin at the first page"],
            ));
        }
        Some(after) => after,
        None => None,
    };
    let asked = filter.asked(order.descending)?;
    // A number that is no visit's is a person's.
    let by_number = if q.is_empty() { None } else { numbered(console, &q).await? };
    let asked = match &by_number {
        None if !q.is_empty() => VisitsAsked { person: q, ..asked },
        _ => asked,
    };
    let narrowed = narrow(grant.scope(), asked)?;
    if !narrowed.asked.person.is_empty() {
        grant.reads(console, &[&narrowed.asked.person], "visits").await?;
    }
    let (counted, scope) = (!paging.is_file() && narrowed.department.is_none(), grant.scope().clone());
    let (found, names, total) = console
        .read(move |tx| {
            let (found, total) = match &by_number {
                Some(row) => {
                    let found: Vec<ListedVisit> =
                        Some(row.clone()).filter(|row| scope.covers(&subject(&row.visit))).into_iter().collect();
                    let total = Some(found.len() as u64);
                    (found, total)
                }
                None => {
                    let after = after.as_ref().map(|(at, id)| (*at, id.as_str()));
                    let total =
                        if counted { Some(claim::visits_count(tx, &narrowed.asked)?.unsigned_abs()) } else { None };
                    (page(tx, &narrowed, after, limit)?, total)
                }
            };
            let names = enrolment::found(tx, &found.iter().map(|row| &row.visit.psn_no).collect::<Vec<_>>())?;
            Ok((found, names, total))
        })
        .await?;
    let rows = found.iter().map(|found| {
        let name = names.get(&found.visit.psn_no).map_or("", |known| &known.psn_name);
        row(console, grant, found, name)
    });
    Listed::of(&paging, rows.collect(), total, |row| Cursor::write(&(row.began_at.replace('T', " "), &row.id)))
}

async fn numbered(console: &Console, number: &str) -> Result<Option<ListedVisit>, Problem> {
    let number = VisitId(number.to_owned());
    console.read(move |tx| Ok(claim::visit(tx, &number)?)).await
}

/// Rows fetched at a time while those of one department are picked out.
const BATCH: usize = 500;

fn page(
    tx: &mut dyn Tx,
    narrowed: &Narrowed,
    after: Option<(DateTime, &str)>,
    limit: usize,
) -> Result<Vec<ListedVisit>, JourneyError> {
    let many = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
    let Some(department) = &narrowed.department else {
        return Ok(claim::visits(tx, &narrowed.asked, after, many(limit))?);
    };
    let mut rows: Vec<ListedVisit> = Vec::new();
    let mut after = after.map(|(at, id)| (at, id.to_owned()));
    loop {
        let from = after.as_ref().map(|(at, id)| (*at, id.as_str()));
        let batch = claim::visits(tx, &narrowed.asked, from, many(BATCH))?;
        let last = batch.len() < BATCH;
        after = batch.last().map(|row| (row.visit.begntime, row.visit.mdtrt_id.0.clone()));
        rows.extend(batch.into_iter().filter(|row| department_of(&row.visit) == Some(department.as_str())));
        if last || rows.len() >= limit {
            rows.truncate(limit);
            return Ok(rows);
        }
    }
}

/// 科室: of discharge, else of admission, else of the outpatient visit.
fn department_of(visit: &Visit) -> Option<&str> {
    let names = ["dscg_dept_codg", "adm_dept_codg", "dept_code"];
    names.iter().find_map(|name| visit.particulars.get(*name)).map(String::as_str).filter(|code| !code.is_empty())
}

fn subject(visit: &Visit) -> Subject {
    Subject {
        institution: Some(visit.fixmedins_code.0.clone()),
        department: department_of(visit).map(str::to_owned),
        person: Some(visit.psn_no.0.clone()),
    }
}

fn shown(time: DateTime) -> String {
    show_time(time).replace(' ', "T")
}

fn row(console: &Console, grant: &Granted<VisitRead>, found: &ListedVisit, name: &str) -> VisitRow {
    let visit = &found.visit;
    let (person, code) = (visit.psn_no.as_str(), visit.fixmedins_code.as_str());
    VisitRow {
        id: visit.mdtrt_id.0.clone(),
        person: person.to_owned(),
        name: grant.mask_name(person, name),
        institution: Coded::institution(&console.centre, code, visit.begntime.date()),
        department: department_of(visit).map(|department| Coded::department(&console.centre, code, department)),
        form: visit.form.as_str(),
        med_type: Coded::med_type(&visit.med_type),
        scheme: console.scheme(&visit.insutype),
        state: visit.state.as_str(),
        began_at: shown(visit.begntime),
        ended_at: visit.endtime.map(shown),
        settlements: found.settlements,
        total_amount: found.total.0,
        fund_amount: found.fund.0,
    }
}

/// 一次就诊: diagnoses, lines with their splits, settlements and reversals, documents, settlement
/// list and group. The read is recorded.
#[utoipa::path(
    get, path = "/visits/{visit}", tag = "visits", params(("visit" = String, Path, description = "就诊ID")),
    extensions(("x-permission" = json!("visit.read"))),
    responses(
        (status = 200, body = VisitFile),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn one(
    State(console): State<Console>,
    grant: Granted<VisitRead>,
    Path(visit): Path<String>,
) -> Result<Json<VisitFile>, Problem> {
    let found = numbered(&console, &visit).await?.ok_or_else(|| Problem::not_found(VISIT))?;
    grant.cover(&subject(&found.visit), VISIT)?;
    let psn_no: PersonId = found.visit.psn_no.clone();
    grant.reads(&console, &[psn_no.as_str()], "visit").await?;
    let visit = found.visit.clone();
    let gathered = console.read(move |tx| told::gather(tx, &visit)).await?;
    Ok(Json(told::tell(&console, &grant, &found.visit, gathered)))
}
