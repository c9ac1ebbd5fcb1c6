//! 结算: the list of settlements and reversals, sums of it, one of them in full, its receipt.

use std::collections::BTreeSet;

use access::permission::{Permission, SettlementRead};
use access::{Scope, Subject};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use overview::{Cursor as At, Filter, Key, Sort, SortBy, Standing};
use serde::{Deserialize, Serialize};
use terms::{Date, Fen, SettlementId, parse_date};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::coded::Coded;
use crate::frame::{
    Column, Console, Cursor, Exported, Granted, Listed, Listing, Order, Paging, Problem, ProblemBody, Query,
};

mod told;

use told::SettlementTold;

pub(super) fn routes() -> OpenApiRouter<Console> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(sums))
        .routes(routes!(choices))
        .routes(routes!(one))
        .routes(routes!(receipt))
}

/// Which settlements.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Asked {
    /// First day of settling, `2026-01-31`.
    from: Option<String>,
    /// Last day of settling, included.
    to: Option<String>,
    /// 机构编号.
    institution: Option<String>,
    /// 科室编码.
    department: Option<String>,
    /// 人员编号.
    person: Option<String>,
    /// 险种类型.
    scheme: Option<String>,
    /// 清算类别.
    stream: Option<String>,
    /// 医疗类别.
    med_type: Option<String>,
    /// 人员类别; `none` where it is not known.
    person_group: Option<String>,
    /// 年龄段: `0-6`, `7-17`, `18-44`, `45-59`, `60-74`, `75+`; `none` where it is not known.
    age_band: Option<String>,
    /// 异地.
    out_of_area: Option<bool>,
    /// 医疗费总额 at least, in 分.
    total_from: Option<i64>,
    /// 医疗费总额 at most, in 分.
    total_to: Option<i64>,
    /// `valid`, `reversed` (taken back) or `reversal` (the row that takes back).
    standing: Option<String>,
    /// The number of a settlement, a visit or a person, in full.
    q: Option<String>,
}

fn given(text: Option<String>) -> Option<String> {
    text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
}

/// `none` asks for those of whom it is not known.
fn known_or_not(text: Option<String>) -> Option<String> {
    given(text).map(|text| if text == "none" { String::new() } else { text })
}

/// A day of a query.
pub(super) fn day(field: &str, text: Option<&str>) -> Result<Option<Date>, Problem> {
    let Some(text) = text.filter(|text| !text.is_empty()) else { return Ok(None) };
    parse_date(text).map(Some).ok_or_else(|| {
        Problem::invalid(
            field,
            [format!("“{text}” 不是日期，请写成 2026-01-31"), format!("“{text}” is no day; write 2026-01-31")],
        )
    })
}

impl Asked {
    fn filter(self) -> Result<Filter, Problem> {
        let standing = given(self.standing);
        let standing = standing.map(|code| {
            Standing::from_code(&code).ok_or_else(|| {
                let known = "valid, reversed, reversal";
                Problem::invalid(
                    "standing",
                    [format!("没有 {code}，可用：{known}"), format!("no {code}; use one of {known}")],
                )
            })
        });
        Ok(Filter {
            from: day("from", self.from.as_deref())?,
            to: day("to", self.to.as_deref())?,
            institution: given(self.institution),
            department: given(self.department),
            person: given(self.person),
            scheme: given(self.scheme),
            stream: given(self.stream),
            med_type: given(self.med_type),
            person_group: known_or_not(self.person_group),
            age_band: known_or_not(self.age_band),
            out_of_area: self.out_of_area,
            total_from: self.total_from.map(Fen),
            total_to: self.total_to.map(Fen),
            standing: standing.transpose()?,
            search: given(self.q),
        })
    }
}

/// Narrows a filter to what a scope reaches.
///
/// # Errors
/// [`Problem::not_found`] when it asks for what lies outside; which persons, institutions and
/// departments exist is not told.
pub(super) fn narrow(scope: &Scope, filter: Filter) -> Result<Filter, Problem> {
    let only = |asked: Option<String>, own: &str, what: &str| match asked {
        Some(asked) if asked != own => Err(Problem::not_found(format!("{what} {asked}"))),
        _ => Ok(Some(own.to_owned())),
    };
    Ok(match scope {
        Scope::Region => filter,
        Scope::Institution(own) => {
            Filter { institution: only(filter.institution, own, "institution 机构")?, ..filter }
        }
        Scope::Department { institution, department } => Filter {
            institution: only(filter.institution, institution, "institution 机构")?,
            department: only(filter.department, department, "department 科室")?,
            ..filter
        },
        Scope::Person(persons) => {
            // Without a person asked for, the account's own.
            let own = persons.first().map_or("", String::as_str);
            let asked = filter.person.clone().filter(|asked| persons.contains(asked));
            Filter { person: only(filter.person, asked.as_deref().unwrap_or(own), "person 参保人")?, ..filter }
        }
    })
}

/// 金额 of a settlement, or sums of such, in 分; a reversal's are negative.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, ToSchema)]
pub(super) struct SettlementAmounts {
    /// T 医疗费总额.
    total_amount: i64,
    /// A 全自费.
    full_self_pay_amount: i64,
    /// B 超限价.
    over_limit_amount: i64,
    /// C 先行自付.
    pre_self_pay_amount: i64,
    /// I 符合范围.
    in_scope_amount: i64,
    /// F 基金支付.
    fund_amount: i64,
    /// P 个人负担.
    person_amount: i64,
    /// W 个人账户.
    account_amount: i64,
    /// X 个人现金.
    cash_amount: i64,
    /// Hp 医院负担.
    hospital_amount: i64,
}

impl From<overview::Amounts> for SettlementAmounts {
    fn from(amounts: overview::Amounts) -> SettlementAmounts {
        let [total, full_self_pay, over_limit, pre_self_pay, in_scope, funds, person, account, cash, hospital] =
            amounts.all().map(|amount| amount.0);
        SettlementAmounts {
            total_amount: total,
            full_self_pay_amount: full_self_pay,
            over_limit_amount: over_limit,
            pre_self_pay_amount: pre_self_pay,
            in_scope_amount: in_scope,
            fund_amount: funds,
            person_amount: person,
            account_amount: account,
            cash_amount: cash,
            hospital_amount: hospital,
        }
    }
}

/// 合计.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, ToSchema)]
pub(super) struct SettlementSums {
    /// 结算笔数, reversals not counted.
    pub settlements: i64,
    /// 撤销笔数.
    pub reversals: i64,
    /// The amounts.
    #[serde(flatten)]
    pub amounts: SettlementAmounts,
}

impl From<overview::Sums> for SettlementSums {
    fn from(sums: overview::Sums) -> SettlementSums {
        SettlementSums { settlements: sums.settlements, reversals: sums.reversals, amounts: sums.amounts.into() }
    }
}

/// 结算 in a list.
#[derive(Debug, Clone, Serialize, ToSchema)]
struct SettlementRow {
    /// 结算ID.
    id: String,
    /// 就诊ID.
    visit: String,
    /// 人员编号.
    person: String,
    /// 结算时间.
    settled_at: String,
    institution: Coded,
    /// 科室; none where the institution did not say.
    department: Option<Coded>,
    /// 险种.
    scheme: Coded,
    /// 清算类别.
    stream: Coded,
    /// 医疗类别.
    med_type: Coded,
    /// 人员类别 when the visit began.
    person_group: Coded,
    /// 年龄 in whole years when the visit began.
    age: Option<i64>,
    /// 异地.
    out_of_area: bool,
    /// `valid`, `reversed` or `reversal`.
    #[schema(pattern = "^(valid|reversed|reversal)$")]
    standing: &'static str,
    /// The settlement that this row takes back.
    reverses: Option<String>,
    /// The row that took this settlement back.
    reversed_by: Option<String>,
    #[serde(flatten)]
    amounts: SettlementAmounts,
}

impl Exported for SettlementRow {
    const FILE: &'static str = "settlements";
    const COLUMNS: &'static [Column] = &[
        Column::text("id", "结算ID"),
        Column::text("settled_at", "结算时间"),
        Column::text("standing", "状态"),
        Column::text("person", "人员编号"),
        Column::text("visit", "就诊ID"),
        Column::text("institution.code", "机构编号"),
        Column::text("institution.name", "机构"),
        Column::text("department.name", "科室"),
        Column::text("scheme.name", "险种"),
        Column::text("stream.name", "清算类别"),
        Column::text("med_type.name", "医疗类别"),
        Column::text("person_group.name", "人员类别"),
        Column::text("out_of_area", "异地"),
        Column::money("total_amount", "医疗费总额"),
        Column::money("full_self_pay_amount", "全自费"),
        Column::money("over_limit_amount", "超限价"),
        Column::money("pre_self_pay_amount", "先行自付"),
        Column::money("in_scope_amount", "符合范围"),
        Column::money("fund_amount", "基金支付"),
        Column::money("person_amount", "个人负担"),
        Column::money("account_amount", "个人账户"),
        Column::money("cash_amount", "个人现金"),
        Column::money("hospital_amount", "医院负担"),
        Column::text("reverses", "撤销的结算"),
        Column::text("reversed_by", "被撤销于"),
    ];
}

fn row(console: &Console, row: &overview::Row) -> SettlementRow {
    let (told, code) = (&row.sundry, row.fixmedins_code.as_str());
    let department = Some(&told.department).filter(|code| !code.is_empty());
    SettlementRow {
        id: row.setl_id.0.clone(),
        visit: row.mdtrt_id.0.clone(),
        person: row.psn_no.0.clone(),
        settled_at: row.setl_time.to_string(),
        institution: Coded::institution(&console.centre, code, row.setl_time.date()),
        department: department.map(|department| Coded::department(&console.centre, code, department)),
        scheme: console.scheme(&told.insutype),
        stream: Coded::stream(&told.clr_type),
        med_type: Coded::med_type(&told.med_type),
        person_group: Coded::person_group(&told.person_group),
        age: told.age,
        out_of_area: told.out_of_area(),
        standing: row.standing.code(),
        reverses: row.reverses.as_ref().map(|id| id.0.clone()),
        reversed_by: row.reversed_by.as_ref().map(|id| id.0.clone()),
        amounts: row.amounts.into(),
    }
}

/// What a cursor of this list holds: the sort that it belongs to, and where a page ended.
#[derive(Debug, Serialize, Deserialize)]
struct Place {
    sort: String,
    time: Option<String>,
    amount: Option<i64>,
    id: String,
}

const ORDERS: &[(&str, SortBy)] =
    &[("settled_at", SortBy::Time), ("total_amount", SortBy::Total), ("fund_amount", SortBy::Funds)];

fn name(by: SortBy) -> &'static str {
    ORDERS.iter().find(|(_, known)| *known == by).map_or("", |(name, _)| name)
}

/// Where a page begins; a cursor of another order begins at the beginning of none.
fn after(place: Option<Place>, by: SortBy) -> Result<Option<At>, Problem> {
    let Some(place) = place else { return Ok(None) };
    let key = match (place.time, place.amount) {
        (Some(time), None) if by == SortBy::Time => Key::Time(time),
        (None, Some(amount)) if by != SortBy::Time && place.sort == name(by) => Key::Amount(amount),
        _ => {
            let told =
                ["游标是另一种排序的；请从第一页开始", "the cursor is of another order; begin at the first page"];
            return Err(Problem::invalid("cursor", told));
        }
    };
    Ok(Some(At { key, setl_id: place.id }))
}

fn place(row: &SettlementRow, by: SortBy) -> String {
    let amount = match by {
        SortBy::Time => None,
        SortBy::Total => Some(row.amounts.total_amount),
        SortBy::Funds => Some(row.amounts.fund_amount),
    };
    let time = (by == SortBy::Time).then(|| row.settled_at.replace('T', " "));
    Cursor::write(&Place { sort: name(by).to_owned(), time, amount, id: row.id.clone() })
}

/// 结算列表, latest first unless asked otherwise; reversals are rows of their own.
#[utoipa::path(
    get, path = "/settlements", tag = "settlements", params(Paging, Asked),
    extensions(("x-permission" = json!("settlement.read"))),
    responses(
        (status = 200, body = Listing<SettlementRow>),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn list(
    State(console): State<Console>,
    grant: Granted<SettlementRead>,
    Query(paging): Query<Paging>,
    Query(asked): Query<Asked>,
) -> Result<Listed<SettlementRow>, Problem> {
    let filter = narrow(grant.scope(), asked.filter()?)?;
    let order = paging.order(ORDERS, Order { field: SortBy::Time, descending: true })?;
    let (by, limit) = (order.field, paging.limit()?);
    let after = after(paging.cursor()?, by)?;
    note_reads(&console, &grant, &filter, "settlements").await?;
    let counted = !paging.is_file();
    let (found, total) = console
        .read(move |tx| {
            let sort = Sort { by, descending: order.descending };
            let found = overview::page(tx, &filter, sort, after.as_ref(), limit + 1)?;
            let total = if counted { Some(overview::sums(tx, &filter)?.rows().unsigned_abs()) } else { None };
            Ok((found.rows, total))
        })
        .await?;
    let rows = found.iter().map(|found| row(&console, found)).collect();
    Listed::of(&paging, rows, total, |row| place(row, by))
}

/// A list of one person's settlements is a read of that person's data.
async fn note_reads<P: Permission>(
    console: &Console,
    grant: &Granted<P>,
    filter: &Filter,
    what: &str,
) -> Result<(), Problem> {
    match &filter.person {
        Some(person) => grant.reads(console, &[person], what).await,
        None => Ok(()),
    }
}

/// 合计 of the settlements that a list with the same filters would show.
#[utoipa::path(
    get, path = "/settlements/sums", tag = "settlements", params(Asked),
    extensions(("x-permission" = json!("settlement.read"))),
    responses(
        (status = 200, body = SettlementSums),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn sums(
    State(console): State<Console>,
    grant: Granted<SettlementRead>,
    Query(asked): Query<Asked>,
) -> Result<Json<SettlementSums>, Problem> {
    let filter = narrow(grant.scope(), asked.filter()?)?;
    note_reads(&console, &grant, &filter, "settlements").await?;
    let sums = console.read(move |tx| Ok(overview::sums(tx, &filter)?)).await?;
    Ok(Json(sums.into()))
}

/// What a list can be narrowed by.
#[derive(Debug, Serialize, ToSchema)]
struct SettlementChoices {
    /// 机构 within the scope.
    institutions: Vec<Coded>,
    /// 险种.
    schemes: Vec<Coded>,
    /// 清算类别.
    streams: Vec<Coded>,
    /// 医疗类别.
    med_types: Vec<Coded>,
}

/// 筛选项: the institutions, schemes and kinds of visits by which the list can be narrowed.
#[utoipa::path(
    get, path = "/settlements/choices", tag = "settlements",
    extensions(("x-permission" = json!("settlement.read"))),
    responses(
        (status = 200, body = SettlementChoices),
    )
)]
async fn choices(State(console): State<Console>, grant: Granted<SettlementRead>) -> Json<SettlementChoices> {
    let (centre, today) = (&console.centre, (console.now)().date());
    let own = |code: &&str| match grant.scope() {
        Scope::Region | Scope::Person(_) => true,
        Scope::Institution(own) | Scope::Department { institution: own, .. } => code == own,
    };
    let institutions = centre.institutions.codes().into_iter().filter(own);
    let streams: BTreeSet<&String> =
        centre.clearing.clr_type.values().chain([&centre.clearing.other_clr_type]).collect();
    Json(SettlementChoices {
        institutions: institutions.map(|code| Coded::institution(centre, code, today)).collect(),
        schemes: console.schemes.keys().map(|code| console.scheme(code)).collect(),
        streams: streams.into_iter().map(|code| Coded::stream(code)).collect(),
        med_types: centre.clearing.clr_type.keys().map(|code| Coded::med_type(code)).collect(),
    })
}

/// 结算说明: where each fen went and why, line by line and step by step, with its entries in the
/// ledger and the state of its receipt.
#[utoipa::path(
    get, path = "/settlements/{id}", tag = "settlements", params(("id" = String, Path, description = "结算ID")),
    extensions(("x-permission" = json!("settlement.read"))),
    responses(
        (status = 200, body = SettlementTold),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn one(
    State(console): State<Console>,
    grant: Granted<SettlementRead>,
    Path(id): Path<String>,
) -> Result<Json<SettlementTold>, Problem> {
    let gathered = covered(&console, &grant, &id, "settlement").await?;
    Ok(Json(told::tell(&console, &grant, &gathered)))
}

async fn covered(
    console: &Console,
    grant: &Granted<SettlementRead>,
    id: &str,
    what: &str,
) -> Result<told::Gathered, Problem> {
    let asked = SettlementId(id.to_owned());
    let found = console.read(move |tx| told::gather(tx, &asked)).await?;
    let found = found.ok_or_else(|| Problem::not_found("settlement 结算"))?;
    let subject = Subject {
        institution: Some(found.explained.row.fixmedins_code.0.clone()),
        department: found.projected.as_ref().map(|row| row.sundry.department.clone()),
        person: Some(found.explained.row.psn_no.0.clone()),
    };
    grant.cover(&subject, "settlement 结算")?;
    grant.reads(console, &[found.explained.row.psn_no.as_str()], what).await?;
    Ok(found)
}

/// 凭证 as a file, which `heng verify` and `/verify` check. It is the person's own document: its
/// numbers are not hidden.
#[utoipa::path(
    get, path = "/settlements/{id}/receipt", tag = "settlements", params(("id" = String, Path, description = "结算ID")),
    extensions(("x-permission" = json!("settlement.read"))),
    responses(
        (status = 200, body = serde_json::Value, content_type = "application/json"),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn receipt(
    State(console): State<Console>,
    grant: Granted<SettlementRead>,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let gathered = covered(&console, &grant, &id, "receipt").await?;
    let receipt = gathered.receipt.map_err(|detail| Problem::internal(&detail))?;
    let disposition = format!("attachment; filename=\"receipt-{}.json\"", receipt.facts.id);
    let kind = "application/json; charset=utf-8".to_owned();
    Ok(([(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, disposition)], receipt.to_json()).into_response())
}
