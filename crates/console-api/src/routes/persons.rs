//! 参保人: persons looked for, one person's file, and anything by its number.

use std::collections::BTreeMap;

use access::permission::PersonRead;
use access::{Scope, Subject};
use axum::Json;
use axum::extract::{Path, State};
use db::Tx;
use enrolment::{Coverage, FamilyMember, Found, PersonsAsked, Standing};
use journeys::JourneyError;
use serde::{Deserialize, Serialize};
use terms::{Date, PersonId, SettlementId, VisitId};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::coded::Coded;
use crate::frame::{
    Column, Console, Cursor, Exported, Granted, Listed, Listing, Masked, Order, Paging, Problem, ProblemBody, Query,
};

pub(super) mod codes;

pub(super) fn routes() -> OpenApiRouter<Console> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(one)).routes(routes!(find))
}

pub(super) const PERSON: &str = "person 参保人";

/// Which persons.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct PersonsFilter {
    /// A name's beginning, or a certificate or 人员编号 in full.
    q: Option<String>,
    /// The beginning of the 姓名.
    name: Option<String>,
    /// 证件号码, in full.
    certificate: Option<String>,
    /// 人员编号, in full.
    person: Option<String>,
    /// 单位编号, or the beginning of the 单位名称.
    employer: Option<String>,
}

/// 参保人 in a list.
#[derive(Debug, Serialize, ToSchema)]
struct PersonRow {
    /// 人员编号.
    id: String,
    name: Masked,
    certificate_type: Coded,
    certificate: Masked,
    phone: Masked,
    gender: Coded,
    /// 年龄 in whole years.
    age: i64,
    /// 险种 of today.
    schemes: Vec<Coded>,
    /// The same in one text, for files.
    scheme_names: String,
    /// 人员类别 of today.
    group: Option<Coded>,
    /// 单位名称 of today.
    employer: Option<String>,
}

impl Exported for PersonRow {
    const FILE: &'static str = "persons";
    const COLUMNS: &'static [Column] = &[
        Column::text("id", "人员编号"),
        Column::text("name", "姓名"),
        Column::text("certificate_type.name", "证件类型"),
        Column::text("certificate", "证件号码"),
        Column::text("gender.name", "性别"),
        Column::count("age", "年龄"),
        Column::text("scheme_names", "险种"),
        Column::text("group.name", "人员类别"),
        Column::text("employer", "单位"),
        Column::text("phone", "联系电话"),
    ];
}

/// What a list of persons asks the register.
enum Asked {
    /// By the beginning of a name, by employer.
    Named(PersonsAsked),
    /// By numbers that name one person, or none.
    Numbered { person: Option<String>, certificate: Option<String> },
}

fn given(text: Option<String>) -> Option<String> {
    text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
}

impl PersonsFilter {
    fn asked(self, descending: bool) -> Asked {
        let (name, q) = (given(self.name), given(self.q));
        let (person, certificate) = (given(self.person), given(self.certificate));
        if person.is_some() || certificate.is_some() {
            return Asked::Numbered { person, certificate };
        }
        // What holds a digit is a number; names have none.
        match q {
            Some(q) if q.chars().any(|character| character.is_ascii_digit()) => {
                Asked::Numbered { person: Some(q.clone()), certificate: Some(q) }
            }
            q => Asked::Named(PersonsAsked {
                name: name.or(q).unwrap_or_default(),
                employer: given(self.employer).unwrap_or_default(),
                descending,
            }),
        }
    }
}

/// Persons by a number of theirs: the person's own, or a certificate's.
fn numbered(
    tx: &mut dyn Tx,
    person: Option<&str>,
    certificate: Option<&str>,
) -> Result<BTreeMap<PersonId, Found>, JourneyError> {
    let mut numbers: Vec<PersonId> = person.map(PersonId::from).into_iter().collect();
    if let Some(certificate) = certificate {
        let certificate = certificate.to_uppercase();
        numbers.extend(enrolment::by_certificate_number(tx, &certificate)?);
    }
    Ok(enrolment::found(tx, &numbers.iter().collect::<Vec<_>>())?)
}

/// The persons of a scope: everybody, some, or nobody, since a person is no institution's.
pub(super) fn reached(scope: &Scope, person: &PersonId) -> bool {
    scope.covers(&Subject::of_person(person.as_str()))
}

/// 查人: by the beginning of a name, by certificate, number or employer; masked.
#[utoipa::path(
    get, path = "/persons", tag = "persons", params(Paging, PersonsFilter),
    extensions(("x-permission" = json!("person.read"))),
    responses(
        (status = 200, body = Listing<PersonRow>),
    )
)]
async fn list(
    State(console): State<Console>,
    grant: Granted<PersonRead>,
    Query(paging): Query<Paging>,
    Query(filter): Query<PersonsFilter>,
) -> Result<Listed<PersonRow>, Problem> {
    let order = paging.order(&[("name", ())], Order { field: (), descending: false })?;
    let at_most = i64::try_from(paging.limit()? + 1).unwrap_or(i64::MAX);
    let after = paging.cursor::<String>()?.map(PersonId);
    let (asked, scope, counted) = (filter.asked(order.descending), grant.scope().clone(), !paging.is_file());
    let (found, coverage, total) = console
        .read(move |tx| {
            let (found, total) = match &asked {
                Asked::Numbered { person, certificate } => {
                    let found = numbered(tx, person.as_deref(), certificate.as_deref())?;
                    let found: Vec<Found> = found.into_values().filter(|row| reached(&scope, &row.psn_no)).collect();
                    let total = Some(found.len() as u64);
                    (found, total)
                }
                Asked::Named(asked) => named(tx, &scope, asked, after.as_ref(), at_most, counted)?,
            };
            let numbers: Vec<&PersonId> = found.iter().map(|row| &row.psn_no).collect();
            let coverage = enrolment::coverage_of_many(tx, &numbers)?;
            Ok((found, coverage, total))
        })
        .await?;
    let today = (console.now)().date();
    let rows = found.iter().map(|found| {
        let coverage = coverage.get(&found.psn_no).map_or(&[][..], Vec::as_slice);
        row(&console, &grant, found, coverage, today)
    });
    Listed::of(&paging, rows.collect(), total, |row| Cursor::write(&row.id))
}

/// A page by name and how many there are. The cursor holds a number, never a name.
fn named(
    tx: &mut dyn Tx,
    scope: &Scope,
    asked: &PersonsAsked,
    after: Option<&PersonId>,
    at_most: i64,
    counted: bool,
) -> Result<(Vec<Found>, Option<u64>), JourneyError> {
    match scope {
        Scope::Region => {
            let last = after.map(|last| enrolment::found(tx, &[last])).transpose()?.unwrap_or_default();
            let last = last.values().next().map(|row| (row.psn_name.as_str(), row.psn_no.as_str()));
            if after.is_some() && last.is_none() {
                return Ok((Vec::new(), None));
            }
            let found = enrolment::persons(tx, asked, last, at_most)?;
            let total = if counted { Some(enrolment::persons_count(tx, asked)?.unsigned_abs()) } else { None };
            Ok((found, total))
        }
        Scope::Person(own) => {
            let own: Vec<PersonId> = own.iter().map(|own| PersonId::from(own.as_str())).collect();
            let found = enrolment::found(tx, &own.iter().collect::<Vec<_>>())?;
            let found: Vec<Found> = found.into_values().filter(|row| row.psn_name.starts_with(&asked.name)).collect();
            let total = Some(found.len() as u64);
            Ok((found, total))
        }
        Scope::Institution(_) | Scope::Department { .. } => Ok((Vec::new(), Some(0))),
    }
}

fn row(console: &Console, grant: &Granted<PersonRead>, found: &Found, coverage: &[Coverage], today: Date) -> PersonRow {
    let psn_no = found.psn_no.as_str();
    let now: Vec<&Coverage> = coverage.iter().filter(|row| row.period.covers(today)).collect();
    let schemes: Vec<Coded> = now.iter().map(|row| console.scheme(&row.insutype)).collect();
    PersonRow {
        id: psn_no.to_owned(),
        name: grant.mask_name(psn_no, &found.psn_name),
        certificate_type: codes::certificate(&found.psn_cert_type),
        certificate: grant.mask_number(psn_no, &found.certno),
        phone: grant.mask_number(psn_no, &found.tel),
        gender: codes::gender(&found.gend),
        age: age(found.brdy, today),
        scheme_names: schemes.iter().map(|scheme| scheme.name.as_str()).collect::<Vec<_>>().join("、"),
        schemes,
        group: now.first().map(|row| Coded::person_group(&row.psn_type)),
        employer: now.iter().find_map(|row| row.emp_name.clone()),
    }
}

fn age(born: Date, day: Date) -> i64 {
    let had_birthday = (day.month(), day.day()) >= (born.month(), born.day());
    (i64::from(day.year()) - i64::from(born.year()) - i64::from(!had_birthday)).max(0)
}

/// 参保人档案.
#[derive(Debug, Serialize, ToSchema)]
struct PersonFile {
    /// 人员编号.
    id: String,
    name: Masked,
    certificate_type: Coded,
    certificate: Masked,
    phone: Masked,
    gender: Coded,
    /// 民族, by code.
    ethnicity: String,
    born_on: String,
    /// 年龄 in whole years.
    age: i64,
    /// 参保记录, the latest first.
    coverage: Vec<PersonCoverage>,
    /// 人员身份, the latest first.
    identities: Vec<PersonIdentity>,
    /// 家庭成员, the person left out.
    family: Vec<PersonRelative>,
    /// 个人账户余额 in 分.
    balance_amount: i64,
    /// 有效备案 of today.
    filings: usize,
}

/// 参保记录.
#[derive(Debug, Serialize, ToSchema)]
struct PersonCoverage {
    scheme: Coded,
    group: Coded,
    /// 参保状态.
    state: Coded,
    /// Whether it covers today.
    current: bool,
    begins_on: String,
    ends_on: Option<String>,
    /// 参保地.
    area: String,
    /// 公务员.
    civil_servant: bool,
    /// 单位编号.
    employer: Option<String>,
    employer_name: Option<String>,
}

/// 人员身份.
#[derive(Debug, Serialize, ToSchema)]
struct PersonIdentity {
    kind: Coded,
    /// 等级.
    level: String,
    current: bool,
    begins_on: String,
    ends_on: Option<String>,
}

/// 家庭成员.
#[derive(Debug, Serialize, ToSchema)]
struct PersonRelative {
    /// 人员编号.
    id: String,
    name: Masked,
    /// 与户主关系, by code.
    relation: String,
}

/// 参保人档案: coverage, identities, employer, family; masked. The read is recorded.
#[utoipa::path(
    get, path = "/persons/{person}", tag = "persons", params(("person" = String, Path, description = "人员编号")),
    extensions(("x-permission" = json!("person.read"))),
    responses(
        (status = 200, body = PersonFile),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn one(
    State(console): State<Console>,
    grant: Granted<PersonRead>,
    Path(person): Path<String>,
) -> Result<Json<PersonFile>, Problem> {
    grant.cover(&Subject::of_person(&person), PERSON)?;
    let psn_no = PersonId(person);
    let asked = psn_no.clone();
    let (standing, family, names) = console
        .read(move |tx| {
            let Some(standing) = enrolment::standing(tx, &asked)? else { return Ok(None) };
            let family = enrolment::family_of(tx, &asked)?;
            let names = enrolment::found(tx, &family.iter().map(|row| &row.psn_no).collect::<Vec<_>>())?;
            Ok(Some((standing, family, names)))
        })
        .await?
        .ok_or_else(|| Problem::not_found(PERSON))?;
    grant.reads(&console, &[psn_no.as_str()], "person").await?;
    Ok(Json(told(&console, &grant, standing, &family, &names)))
}

fn told(
    console: &Console,
    grant: &Granted<PersonRead>,
    standing: Standing,
    family: &[FamilyMember],
    names: &BTreeMap<PersonId, Found>,
) -> PersonFile {
    let today = (console.now)().date();
    let Standing { person, coverage, identities, filings, balance, .. } = standing;
    let psn_no = person.psn_no.as_str();
    let mut coverage: Vec<PersonCoverage> = coverage.iter().map(|row| coverage_told(console, row, today)).collect();
    coverage.sort_by(|one, other| other.begins_on.cmp(&one.begins_on));
    let mut identities: Vec<PersonIdentity> = identities
        .into_iter()
        .map(|row| PersonIdentity {
            kind: codes::identity(&row.psn_idet_type),
            level: row.psn_type_lv,
            current: row.period.covers(today),
            begins_on: row.period.begin.to_string(),
            ends_on: row.period.end.map(|end| end.to_string()),
        })
        .collect();
    identities.sort_by(|one, other| other.begins_on.cmp(&one.begins_on));
    let relative = |row: &FamilyMember| {
        let id = row.psn_no.as_str();
        let name = names.get(&row.psn_no).map_or("", |known| &known.psn_name);
        PersonRelative { id: id.to_owned(), name: grant.mask_name(id, name), relation: row.relation.clone() }
    };
    PersonFile {
        id: psn_no.to_owned(),
        name: grant.mask_name(psn_no, &person.psn_name),
        certificate_type: codes::certificate(&person.psn_cert_type),
        certificate: grant.mask_number(psn_no, &person.certno),
        phone: grant.mask_number(psn_no, &person.tel),
        gender: codes::gender(&person.gend),
        ethnicity: person.naty.clone(),
        born_on: person.brdy.to_string(),
        age: age(person.brdy, today),
        coverage,
        identities,
        family: family.iter().filter(|row| row.psn_no != person.psn_no).map(relative).collect(),
        balance_amount: balance.0,
        filings: filings.iter().filter(|row| !row.cancelled && row.period.covers(today)).count(),
    }
}

fn coverage_told(console: &Console, row: &Coverage, today: Date) -> PersonCoverage {
    PersonCoverage {
        scheme: console.scheme(&row.insutype),
        group: Coded::person_group(&row.psn_type),
        state: codes::insured(&row.psn_insu_stas),
        current: row.period.covers(today),
        begins_on: row.period.begin.to_string(),
        ends_on: row.period.end.map(|end| end.to_string()),
        area: row.insuplc_admdvs.0.clone(),
        civil_servant: row.cvlserv_flag == "1",
        employer: row.emp_no.as_ref().map(|number| number.0.clone()),
        employer_name: row.emp_name.clone(),
    }
}

/// What is looked for by its number.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Number {
    /// 人员编号, 证件号码, 就诊ID or 结算ID, in full.
    q: String,
}

/// Something that has the number.
#[derive(Debug, Serialize, ToSchema)]
struct NumberFound {
    /// `person`, `visit` or `settlement`.
    #[schema(pattern = "^(person|visit|settlement)$")]
    kind: &'static str,
    /// Its own number.
    id: String,
    /// 人员编号 of the person it is about.
    person: String,
}

/// 按编号查找: the person, visit or settlement that has this number.
#[utoipa::path(
    get, path = "/find", tag = "persons", params(Number),
    extensions(("x-permission" = json!("person.read"))),
    responses(
        (status = 200, body = Listing<NumberFound>),
    )
)]
async fn find(
    State(console): State<Console>,
    grant: Granted<PersonRead>,
    Query(asked): Query<Number>,
) -> Result<Json<Listing<NumberFound>>, Problem> {
    let q = asked.q.trim().to_owned();
    if q.is_empty() {
        return Err(Problem::invalid("q", ["请输入编号", "enter a number"]));
    }
    let scope = grant.scope().clone();
    let items = console
        .read(move |tx| {
            let mut items: Vec<NumberFound> = numbered(tx, Some(&q), Some(&q))?
                .into_keys()
                .map(|person| NumberFound { kind: "person", id: person.0.clone(), person: person.0 })
                .collect();
            if let Some(row) = claim::visit(tx, &VisitId(q.clone()))? {
                items.push(NumberFound { kind: "visit", id: row.visit.mdtrt_id.0, person: row.visit.psn_no.0 });
            }
            if let Some(person) = journeys::person_of_settlement(tx, &SettlementId(q.clone()))? {
                items.push(NumberFound { kind: "settlement", id: q.clone(), person: person.0 });
            }
            items.retain(|item| reached(&scope, &PersonId::from(item.person.as_str())));
            Ok(items)
        })
        .await?;
    Ok(Json(Listing { total: Some(items.len() as u64), next: None, items }))
}
