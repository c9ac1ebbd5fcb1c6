//! 医院医保办: what was refused and why, settlement lists and their quality, groups and what they bring
//! against what they cost, reconciliations. The region may look at any institution; an institution sees
//! its own; a department what was done there.

use std::collections::BTreeMap;

use access::Scope;
use access::permission::{ListRead, RefusalRead, SettlementRead};
use axum::Json;
use axum::extract::{Path, State};
use clearing::{Cause, Cleared, List, ListState, Month, StatementState};
use db::Tx;
use jiff::ToSpan;
use journeys::JourneyError;
use operation::RefusalsAsked;
use serde::{Deserialize, Serialize};
use terms::{Date, DateTime, Fen, InstitutionId, SettlementId, show_time};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::cases::institution_of;
use super::settlements::day;
use crate::coded::Coded;
use crate::frame::{Column, Console, Cursor, Exported, Granted, Listed, Listing, Paging, Problem, ProblemBody, Query};

pub(super) fn routes() -> OpenApiRouter<Console> {
    OpenApiRouter::new()
        .routes(routes!(overview))
        .routes(routes!(refusals))
        .routes(routes!(reasons))
        .routes(routes!(lists))
        .routes(routes!(list))
        .routes(routes!(groups))
        .routes(routes!(stays))
        .routes(routes!(reconciliations))
}

/// 机构 of a scope; a single one, which the region must name.
fn one_institution(scope: &Scope, asked: Option<&str>) -> Result<String, Problem> {
    let code = institution_of(scope, asked)?;
    if code.is_empty() {
        let told = ["请指明机构编号", "name an institution"];
        return Err(Problem::invalid("institution", told));
    }
    Ok(code)
}

fn department_of(scope: &Scope) -> Option<&str> {
    if let Scope::Department { department, .. } = scope { Some(department) } else { None }
}

/// Which refusals.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct RefusalsFilter {
    /// 机构编号.
    institution: Option<String>,
    /// The refusal's code.
    code: Option<String>,
    /// 交易编号.
    transaction: Option<String>,
    /// First day, `2026-01-31`.
    from: Option<String>,
    /// Last day, included.
    to: Option<String>,
}

impl RefusalsFilter {
    fn period(&self) -> Result<(DateTime, DateTime), Problem> {
        let from = day("from", self.from.as_deref())?.unwrap_or(Date::constant(2000, 1, 1));
        let to = day("to", self.to.as_deref())?.unwrap_or(Date::constant(9999, 12, 31));
        Ok((from.at(0, 0, 0, 0), to.at(23, 59, 59, 0)))
    }
}

/// 拒绝 of a message.
#[derive(Debug, Clone, Serialize, ToSchema)]
struct RefusalRow {
    institution: Coded,
    /// 报文ID.
    message: String,
    /// 交易编号.
    transaction: String,
    code: String,
    /// Why, as it was told; long numbers, which may be a person's, are masked.
    told: String,
    /// 经办人.
    operator: String,
    at: String,
}

impl Exported for RefusalRow {
    const FILE: &'static str = "refusals";
    const COLUMNS: &'static [Column] = &[
        Column::text("at", "时间"),
        Column::text("institution.name", "机构"),
        Column::text("transaction", "交易"),
        Column::text("code", "代码"),
        Column::text("told", "原因"),
        Column::text("operator", "经办人"),
        Column::text("message", "报文ID"),
    ];
}

/// Words with the middle of every long number hidden: a certificate or a phone may stand in them.
fn masked(text: &str) -> String {
    let mut shown = String::new();
    let mut run = String::new();
    for character in text.chars().chain(std::iter::once('\0')) {
        if character.is_ascii_digit() || (!run.is_empty() && matches!(character, 'X' | 'x')) {
            run.push(character);
            continue;
        }
        let long = run.len() >= 11 && run.len() <= 18;
        shown.push_str(&if long { crate::frame::masked_number(&run) } else { run.clone() });
        run.clear();
        if character != '\0' {
            shown.push(character);
        }
    }
    shown
}

/// 拒绝, the latest first.
#[utoipa::path(
    get, path = "/hospital/refusals", tag = "hospital", params(Paging, RefusalsFilter),
    extensions(("x-permission" = json!("refusal.read"))),
    responses(
        (status = 200, body = Listing<RefusalRow>),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn refusals(
    State(console): State<Console>,
    grant: Granted<RefusalRead>,
    Query(paging): Query<Paging>,
    Query(filter): Query<RefusalsFilter>,
) -> Result<Listed<RefusalRow>, Problem> {
    let asked = RefusalsAsked {
        institution: institution_of(grant.scope(), filter.institution.as_deref())?,
        period: filter.period()?,
        code: filter.code.unwrap_or_default(),
        infno: filter.transaction.unwrap_or_default(),
        after: paging.cursor::<(String, String)>()?,
    };
    let at_most = i64::try_from(paging.limit()? + 1).unwrap_or(i64::MAX);
    let found = console.read(move |tx| Ok(operation::refusals(tx, &asked, at_most)?)).await?;
    let row = |one: operation::Refusal| RefusalRow {
        institution: Coded::institution(&console.centre, &one.institution, one.received_at.date()),
        message: one.msgid,
        transaction: one.infno,
        code: one.code,
        told: masked(&one.told),
        operator: one.operator,
        at: show_time(one.received_at),
    };
    let rows = found.into_iter().map(row).collect();
    Listed::of(&paging, rows, None, |row: &RefusalRow| Cursor::write(&(&row.at, &row.message)))
}

/// 拒绝原因.
#[derive(Debug, Clone, Serialize, ToSchema)]
struct RefusalReason {
    code: String,
    transaction: String,
    count: i64,
    last_at: String,
    /// One of the texts.
    told: String,
}

/// 拒绝原因, the most frequent first. What the gateway turns away for its form alone is not among them.
#[utoipa::path(
    get, path = "/hospital/refusals/reasons", tag = "hospital", params(RefusalsFilter),
    extensions(("x-permission" = json!("refusal.read"))),
    responses(
        (status = 200, body = Vec<RefusalReason>),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn reasons(
    State(console): State<Console>,
    grant: Granted<RefusalRead>,
    Query(filter): Query<RefusalsFilter>,
) -> Result<Json<Vec<RefusalReason>>, Problem> {
    let institution = institution_of(grant.scope(), filter.institution.as_deref())?;
    let period = filter.period()?;
    let found = console.read(move |tx| Ok(operation::refusal_reasons(tx, &institution, period)?)).await?;
    let told = |one: operation::Reason| RefusalReason {
        code: one.code,
        transaction: one.infno,
        count: one.count,
        last_at: show_time(one.last_at),
        told: masked(&one.told),
    };
    Ok(Json(found.into_iter().map(told).collect()))
}

/// Which lists.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ListsAsked {
    /// 机构编号.
    institution: Option<String>,
    /// `0` uploaded, `1` submitted, `2` approved, `3` rejected.
    state: Option<String>,
}

/// 结算清单 in a list.
#[derive(Debug, Clone, Serialize, ToSchema)]
struct SettlementListRow {
    /// 结算ID.
    settlement: String,
    /// 就诊ID.
    visit: String,
    /// 人员编号.
    person: String,
    institution: Coded,
    /// 科室; empty when it was not said.
    department: Coded,
    version: i64,
    /// `0` uploaded, `1` submitted, `2` approved, `3` rejected.
    state: String,
    /// Why it was sent back.
    reason: String,
    sent_at: String,
    total_amount: i64,
}

impl Exported for SettlementListRow {
    const FILE: &'static str = "settlement-lists";
    const COLUMNS: &'static [Column] = &[
        Column::text("settlement", "结算ID"),
        Column::text("person", "人员编号"),
        Column::text("department.name", "科室"),
        Column::count("version", "版本"),
        Column::text("state", "状态"),
        Column::text("reason", "退回原因"),
        Column::text("sent_at", "上传时间"),
        Column::money("total_amount", "医疗费总额"),
    ];
}

/// 结算清单 in their last version, the latest first.
#[utoipa::path(
    get, path = "/hospital/lists", tag = "hospital", params(Paging, ListsAsked),
    extensions(("x-permission" = json!("list.read"))),
    responses(
        (status = 200, body = Listing<SettlementListRow>),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn lists(
    State(console): State<Console>,
    grant: Granted<ListRead>,
    Query(paging): Query<Paging>,
    Query(asked): Query<ListsAsked>,
) -> Result<Listed<SettlementListRow>, Problem> {
    let institution = institution_of(grant.scope(), asked.institution.as_deref())?;
    let state = asked.state.as_deref().filter(|code| !code.is_empty()).map(|code| {
        let told = ["可用：0、1、2、3", "use one of 0, 1, 2, 3"];
        ListState::from_code(code).ok_or_else(|| Problem::invalid("state", told))
    });
    let state = state.transpose()?;
    let after = paging.cursor::<(String, String)>()?;
    let wanted = paging.limit()? + 1;
    let department = department_of(grant.scope()).map(str::to_owned);
    let world = console.clone();
    let rows = console
        .read(move |tx| list_rows(tx, &world, &institution, state, after.clone(), department.as_deref(), wanted))
        .await?;
    Listed::of(&paging, rows, None, |row: &SettlementListRow| Cursor::write(&(&row.sent_at, &row.settlement)))
}

/// Lists fetched at once while those of a department are looked for.
const AT_ONCE: i64 = 500;

fn list_rows(
    tx: &mut dyn Tx,
    console: &Console,
    institution: &str,
    state: Option<ListState>,
    mut after: Option<(String, String)>,
    department: Option<&str>,
    wanted: usize,
) -> Result<Vec<SettlementListRow>, JourneyError> {
    let mut rows = Vec::new();
    let at_once = if department.is_some() { AT_ONCE } else { i64::try_from(wanted).unwrap_or(i64::MAX) };
    loop {
        let place = after.as_ref().map(|(at, id)| (at.as_str(), id.as_str()));
        let found = clearing::lists_of_institution(tx, institution, state, place, at_once)?;
        let last = found.last().map(|list| (show_time(list.sent_at), list.setl_id.0.clone()));
        let end = i64::try_from(found.len()).unwrap_or(i64::MAX) < at_once;
        for list in &found {
            let row = list_row(tx, console, list)?;
            if department.is_none_or(|department| row.department.code == department) {
                rows.push(row);
            }
        }
        if end || rows.len() >= wanted {
            rows.truncate(wanted);
            return Ok(rows);
        }
        after = last;
    }
}

fn list_row(tx: &mut dyn Tx, console: &Console, list: &List) -> Result<SettlementListRow, JourneyError> {
    let known = overview::find(tx, &list.setl_id)?;
    let code = list.fixmedins_code.as_str();
    let department = known.as_ref().map(|row| row.sundry.department.clone()).unwrap_or_default();
    Ok(SettlementListRow {
        settlement: list.setl_id.0.clone(),
        visit: list.mdtrt_id.0.clone(),
        person: list.psn_no.0.clone(),
        institution: Coded::institution(&console.centre, code, list.sent_at.date()),
        department: Coded::department(&console.centre, code, &department),
        version: list.version,
        state: list.state.code().to_owned(),
        reason: list.reason.clone(),
        sent_at: show_time(list.sent_at),
        total_amount: known.map_or(Fen::ZERO, |row| row.amounts.total).0,
    })
}

/// 质控疑点 of a list.
#[derive(Debug, Clone, Serialize, ToSchema)]
struct ListObjection {
    /// 规则编号.
    rule: String,
    /// `error` keeps it from being grouped; `warning` does not.
    severity: &'static str,
    /// The field it points at.
    field: String,
    row: Option<usize>,
    /// What stands there.
    value: Option<String>,
    message: String,
    english: String,
}

/// 结算清单 with its quality.
#[derive(Debug, Clone, Serialize, ToSchema)]
struct SettlementListFile {
    list: SettlementListRow,
    /// Whether the region has rules for lists at all.
    checked: bool,
    objections: Vec<ListObjection>,
    /// Rules that could not be looked at, for want of a fact.
    unchecked_count: usize,
    /// Every version: state and reason.
    versions: Vec<SettlementListRow>,
}

/// 结算清单质控: the list as clearing would see it now.
#[utoipa::path(
    get, path = "/hospital/lists/{settlement}", tag = "hospital",
    params(("settlement" = String, Path, description = "结算ID")),
    extensions(("x-permission" = json!("list.read"))),
    responses(
        (status = 200, body = SettlementListFile),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn list(
    State(console): State<Console>,
    grant: Granted<ListRead>,
    Path(settlement): Path<String>,
) -> Result<Json<SettlementListFile>, Problem> {
    let missing = || Problem::not_found("settlement list 结算清单");
    let id = SettlementId(settlement);
    let asked = id.clone();
    let known = console.read(move |tx| Ok(overview::find(tx, &asked)?)).await?.ok_or_else(missing)?;
    let subject = access::Subject {
        institution: Some(known.fixmedins_code.0.clone()),
        department: Some(known.sundry.department.clone()),
        person: Some(known.psn_no.0.clone()),
    };
    grant.cover(&subject, "settlement list 结算清单")?;
    grant.reads(&console, &[known.psn_no.as_str()], "settlement list").await?;
    let world = console.clone();
    let file = console
        .read(move |tx| {
            let Some((list, report)) = world.centre.check_list(tx, &world.payment, &known.psn_no, &id)? else {
                return Ok(None);
            };
            let versions = clearing::list_versions(tx, &known.psn_no, &id)?;
            let versions = versions.iter().map(|list| list_row(tx, &world, list)).collect::<Result<Vec<_>, _>>()?;
            Ok(Some(list_file(list_row(tx, &world, &list)?, report, versions)))
        })
        .await?;
    file.map(Json).ok_or_else(missing)
}

fn list_file(
    list: SettlementListRow,
    report: Option<listing::quality::Report>,
    versions: Vec<SettlementListRow>,
) -> SettlementListFile {
    let objection = |one: &listing::quality::Finding| ListObjection {
        rule: one.rule.clone(),
        severity: if one.severity == listing::quality::Severity::Error { "error" } else { "warning" },
        field: one.field.to_string(),
        row: one.row,
        value: one.value.clone(),
        message: one.message.clone(),
        english: one.english.clone(),
    };
    SettlementListFile {
        list,
        checked: report.is_some(),
        objections: report.iter().flat_map(|report| report.findings.iter().map(objection)).collect(),
        unchecked_count: report.as_ref().map_or(0, |report| report.unchecked.len()),
        versions,
    }
}

/// Which stays of a month.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct GroupsAsked {
    /// 机构编号, which the region must name.
    institution: Option<String>,
    /// 清算年月 `2026-01`; the last one that was cleared unless given.
    month: Option<String>,
    /// `group` (as if nothing were said) or `department`: by what sums are made.
    by: Option<String>,
    /// 组号.
    group: Option<String>,
    /// 科室编码.
    department: Option<String>,
}

/// 盈亏 of a group or a department in a month: what the stays bring by group against what they cost
/// by item.
#[derive(Debug, Clone, Serialize, ToSchema)]
struct GroupResult {
    /// 组 or 科室.
    subject: Coded,
    /// 清算年月.
    month: String,
    /// 例数, reversals taken off.
    case_count: i64,
    /// 医疗总费用 by item.
    cost_amount: i64,
    /// 病组支付总额.
    payment_amount: i64,
    /// Payment less cost.
    profit_amount: i64,
    /// 统筹基金 by group.
    fund_amount: i64,
    /// 统筹基金 booked by item.
    item_fund_amount: i64,
}

impl Exported for GroupResult {
    const FILE: &'static str = "groups";
    const COLUMNS: &'static [Column] = &[
        Column::text("month", "清算年月"),
        Column::text("subject.code", "编码"),
        Column::text("subject.name", "名称"),
        Column::count("case_count", "例数"),
        Column::money("cost_amount", "医疗总费用"),
        Column::money("payment_amount", "病组支付总额"),
        Column::money("profit_amount", "盈亏"),
        Column::money("fund_amount", "统筹基金应付"),
        Column::money("item_fund_amount", "按项目记账"),
    ];
}

/// 清算病例 of an institution.
#[derive(Debug, Clone, Serialize, ToSchema)]
struct StayResult {
    settlement: String,
    person: String,
    /// `settlement`, `reversal`, `special` or `replaced`.
    cause: String,
    month: String,
    department: Coded,
    group: Coded,
    /// 分组结果.
    status: String,
    cost_amount: i64,
    payment_amount: i64,
    profit_amount: i64,
    fund_amount: i64,
    item_fund_amount: i64,
}

impl Exported for StayResult {
    const FILE: &'static str = "stays";
    const COLUMNS: &'static [Column] = &[
        Column::text("month", "清算年月"),
        Column::text("settlement", "结算ID"),
        Column::text("person", "人员编号"),
        Column::text("department.name", "科室"),
        Column::text("group.code", "组号"),
        Column::text("group.name", "组名"),
        Column::money("cost_amount", "医疗总费用"),
        Column::money("payment_amount", "病组支付总额"),
        Column::money("profit_amount", "盈亏"),
        Column::money("fund_amount", "统筹基金应付"),
        Column::money("item_fund_amount", "按项目记账"),
    ];
}

/// 清算年月 that is asked for, or the last of an institution that has a statement.
fn month_of(
    tx: &mut dyn Tx,
    console: &Console,
    institution: &InstitutionId,
    asked: Option<Month>,
) -> Result<Month, JourneyError> {
    if let Some(month) = asked {
        return Ok(month);
    }
    let today = (console.now)().date();
    let first = Month::of(today.saturating_sub(24.months()));
    let statements = clearing::statements(tx, institution, first, Month::of(today))?;
    Ok(statements.iter().map(|row| row.month).max().unwrap_or_else(|| Month::of(today)))
}

fn month(text: Option<&str>) -> Result<Option<Month>, Problem> {
    let read = text.filter(|text| !text.is_empty()).map(|text| {
        let told = [format!("“{text}” 不是年月，请写成 2026-01"), format!("“{text}” is no month; write 2026-01")];
        text.parse().map_err(|_| Problem::invalid("month", told))
    });
    read.transpose()
}

/// The stays of a month with the department of each, within a scope.
async fn stays_of(
    console: &Console,
    scope: &Scope,
    asked: &GroupsAsked,
) -> Result<(String, Vec<(Cleared, String)>), Problem> {
    let code = one_institution(scope, asked.institution.as_deref())?;
    let wanted = month(asked.month.as_deref())?;
    let own = department_of(scope).map(str::to_owned);
    let department = asked.department.clone().filter(|code| !code.is_empty());
    if let (Some(own), Some(other)) = (&own, &department)
        && own != other
    {
        return Err(Problem::not_found(format!("department 科室 {other}")));
    }
    let department = own.or(department);
    let group = asked.group.clone().filter(|code| !code.is_empty());
    let (world, institution) = (console.clone(), InstitutionId(code.clone()));
    let rows = console
        .read(move |tx| {
            let month = month_of(tx, &world, &institution, wanted)?;
            let mut rows = Vec::new();
            for row in clearing::figures_between(tx, &institution, month, month)? {
                let settled = row.reverses.as_ref().unwrap_or(&row.setl_id);
                let known = overview::find(tx, settled)?;
                let of = known.map(|row| row.sundry.department).unwrap_or_default();
                let here = department.as_ref().is_none_or(|department| *department == of);
                if here && group.as_ref().is_none_or(|group| *group == row.group_code) {
                    rows.push((row, of));
                }
            }
            Ok(rows)
        })
        .await?;
    Ok((code, rows))
}

/// 病组与科室盈亏 of a month, the greatest loss first.
#[utoipa::path(
    get, path = "/hospital/groups", tag = "hospital", params(Paging, GroupsAsked),
    extensions(("x-permission" = json!("list.read"))),
    responses(
        (status = 200, body = Listing<GroupResult>),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn groups(
    State(console): State<Console>,
    grant: Granted<ListRead>,
    Query(paging): Query<Paging>,
    Query(asked): Query<GroupsAsked>,
) -> Result<Listed<GroupResult>, Problem> {
    let by_department = match asked.by.as_deref().unwrap_or_default() {
        "" | "group" => false,
        "department" => true,
        other => {
            let told = [
                format!("不能按 {other} 汇总，可用：group、department"),
                format!("no sums by {other}; use group or department"),
            ];
            return Err(Problem::invalid("by", told));
        }
    };
    let (code, stays) = stays_of(&console, grant.scope(), &asked).await?;
    let mut sums: BTreeMap<String, GroupResult> = BTreeMap::new();
    for (row, department) in &stays {
        let subject = if by_department {
            Coded::department(&console.centre, &code, department)
        } else {
            Coded { code: row.group_code.clone(), name: row.group_name.clone(), english: String::new() }
        };
        let sum = sums.entry(subject.code.clone()).or_insert_with(|| GroupResult {
            subject,
            month: row.month.to_string(),
            case_count: 0,
            cost_amount: 0,
            payment_amount: 0,
            profit_amount: 0,
            fund_amount: 0,
            item_fund_amount: 0,
        });
        sum.case_count += match row.cause {
            Cause::Settlement => 1,
            Cause::Reversal => -1,
            Cause::Special | Cause::Replaced => 0,
        };
        sum.cost_amount += row.fee.0;
        sum.payment_amount += row.payment.0;
        sum.profit_amount += (row.payment - row.fee).0;
        sum.fund_amount += row.fund.0;
        sum.item_fund_amount += row.item_fund.0;
    }
    let mut rows: Vec<GroupResult> = sums.into_values().collect();
    rows.sort_by(|a, b| a.profit_amount.cmp(&b.profit_amount).then_with(|| a.subject.code.cmp(&b.subject.code)));
    let (after, total) = (paging.cursor::<String>()?, u64::try_from(rows.len()).ok());
    let from = after.and_then(|code| rows.iter().position(|row| row.subject.code == code)).map_or(0, |at| at + 1);
    let page = rows.into_iter().skip(from).take(paging.limit()? + 1).collect();
    Listed::of(&paging, page, total, |row: &GroupResult| Cursor::write(&row.subject.code))
}

/// 清算病例 behind the sums.
#[utoipa::path(
    get, path = "/hospital/stays", tag = "hospital", params(Paging, GroupsAsked),
    extensions(("x-permission" = json!("list.read"))),
    responses(
        (status = 200, body = Listing<StayResult>),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn stays(
    State(console): State<Console>,
    grant: Granted<ListRead>,
    Query(paging): Query<Paging>,
    Query(asked): Query<GroupsAsked>,
) -> Result<Listed<StayResult>, Problem> {
    let (code, stays) = stays_of(&console, grant.scope(), &asked).await?;
    let mut rows: Vec<StayResult> = stays
        .iter()
        .map(|(row, department)| StayResult {
            settlement: row.setl_id.0.clone(),
            person: row.psn_no.0.clone(),
            cause: row.cause.code().to_owned(),
            month: row.month.to_string(),
            department: Coded::department(&console.centre, &code, department),
            group: Coded { code: row.group_code.clone(), name: row.group_name.clone(), english: String::new() },
            status: row.status.clone(),
            cost_amount: row.fee.0,
            payment_amount: row.payment.0,
            profit_amount: (row.payment - row.fee).0,
            fund_amount: row.fund.0,
            item_fund_amount: row.item_fund.0,
        })
        .collect();
    rows.sort_by(|a, b| (a.profit_amount, &a.settlement, &a.cause).cmp(&(b.profit_amount, &b.settlement, &b.cause)));
    let (after, total) = (paging.cursor::<(String, String)>()?, u64::try_from(rows.len()).ok());
    let here =
        |row: &StayResult, (settlement, cause): &(String, String)| row.settlement == *settlement && row.cause == *cause;
    let from = after.and_then(|at| rows.iter().position(|row| here(row, &at))).map_or(0, |at| at + 1);
    let page = rows.into_iter().skip(from).take(paging.limit()? + 1).collect();
    Listed::of(&paging, page, total, |row: &StayResult| Cursor::write(&(&row.settlement, &row.cause)))
}

/// Which reconciliations.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ReconciliationsAsked {
    /// 机构编号.
    institution: Option<String>,
    /// Only those that differ.
    differing: Option<bool>,
}

/// 对账记录.
#[derive(Debug, Clone, Serialize, ToSchema)]
struct ReconciliationRow {
    reconciliation: String,
    institution: Coded,
    /// 3201 by sums, 3202 line by line.
    transaction: String,
    /// First and last day of settling.
    from: String,
    to: String,
    stream: Coded,
    scheme: Coded,
    /// Whether both sides agree.
    equal: bool,
    /// What differs, in words.
    differences: Vec<String>,
    at: String,
}

impl Exported for ReconciliationRow {
    const FILE: &'static str = "reconciliations";
    const COLUMNS: &'static [Column] = &[
        Column::text("at", "时间"),
        Column::text("institution.name", "机构"),
        Column::text("transaction", "交易"),
        Column::text("from", "开始日期"),
        Column::text("to", "结束日期"),
        Column::text("stream.name", "清算类别"),
        Column::text("scheme.name", "险种"),
        Column::text("equal", "相符"),
        Column::text("differences", "差异"),
    ];
}

/// 对账, the latest first.
#[utoipa::path(
    get, path = "/hospital/reconciliations", tag = "hospital", params(Paging, ReconciliationsAsked),
    extensions(("x-permission" = json!("settlement.read"))),
    responses(
        (status = 200, body = Listing<ReconciliationRow>),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn reconciliations(
    State(console): State<Console>,
    grant: Granted<SettlementRead>,
    Query(paging): Query<Paging>,
    Query(asked): Query<ReconciliationsAsked>,
) -> Result<Listed<ReconciliationRow>, Problem> {
    let institution = institution_of(grant.scope(), asked.institution.as_deref())?;
    let differing = asked.differing.unwrap_or_default();
    let after = paging.cursor::<(String, String)>()?;
    let at_most = i64::try_from(paging.limit()? + 1).unwrap_or(i64::MAX);
    let found = console
        .read(move |tx| {
            let after = after.as_ref().map(|(at, id)| (at.as_str(), id.as_str()));
            Ok(claim::reconciliations(tx, &institution, differing, after, at_most)?)
        })
        .await?;
    let row = |one: claim::Reconciliation| ReconciliationRow {
        reconciliation: one.reconciliation_id,
        institution: Coded::institution(&console.centre, one.fixmedins_code.as_str(), one.enddate),
        transaction: one.infno,
        from: one.begndate.to_string(),
        to: one.enddate.to_string(),
        stream: Coded::stream(&one.clr_type),
        scheme: console.scheme(&one.insutype),
        equal: one.differences.is_empty(),
        differences: one.differences,
        at: show_time(one.made_at),
    };
    let rows = found.into_iter().map(row).collect();
    Listed::of(&paging, rows, None, |row: &ReconciliationRow| Cursor::write(&(&row.at, &row.reconciliation)))
}

/// A count by its code.
#[derive(Debug, Clone, Serialize, ToSchema)]
struct CountedState {
    state: String,
    count: i64,
}

/// 医保办首页.
#[derive(Debug, Clone, Serialize, ToSchema)]
struct HospitalOverview {
    institution: Coded,
    /// 结算清单 by state.
    lists: Vec<CountedState>,
    /// Refusals of the last 30 days.
    refusal_count: i64,
    /// Cases of which it was told that are not closed.
    open_case_count: usize,
    /// Cases in which it may speak now, and the day by which the first of them must be answered.
    answer_case_count: usize,
    answer_due: Option<String>,
    /// Of the latest 200 reconciliations, how many differ.
    differing_count: usize,
    /// 清算年月 of the figures below.
    month: String,
    case_count: i64,
    cost_amount: i64,
    payment_amount: i64,
    profit_amount: i64,
    /// 应拨付合计 of the month's statements, and how far they are.
    payable_amount: i64,
    statement_state: Option<String>,
}

/// Which institution.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct OverviewAsked {
    /// 机构编号, which the region must name.
    institution: Option<String>,
}

/// 医保办首页: what waits, and how the last cleared month came out.
#[utoipa::path(
    get, path = "/hospital/overview", tag = "hospital", params(OverviewAsked),
    extensions(("x-permission" = json!("list.read"))),
    responses(
        (status = 200, body = HospitalOverview),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn overview(
    State(console): State<Console>,
    grant: Granted<ListRead>,
    Query(asked): Query<OverviewAsked>,
) -> Result<Json<HospitalOverview>, Problem> {
    let groups = GroupsAsked { institution: asked.institution, ..GroupsAsked::default() };
    let (code, stays) = stays_of(&console, grant.scope(), &groups).await?;
    let whole = department_of(grant.scope()).is_none();
    let world = console.clone();
    let waiting = console.read(move |tx| waiting(tx, &world, &code, whole)).await?;
    let sum = |of: fn(&Cleared) -> Fen| stays.iter().map(|(row, _)| of(row)).sum::<Fen>().0;
    let count = |cause: Cause| i64::try_from(stays.iter().filter(|(row, _)| row.cause == cause).count()).unwrap_or(0);
    Ok(Json(HospitalOverview {
        case_count: count(Cause::Settlement) - count(Cause::Reversal),
        cost_amount: sum(|row| row.fee),
        payment_amount: sum(|row| row.payment),
        profit_amount: sum(|row| row.payment - row.fee),
        ..waiting
    }))
}

/// What waits for an institution; a department sees no cases, lists or statements of the whole.
fn waiting(tx: &mut dyn Tx, console: &Console, code: &str, whole: bool) -> Result<HospitalOverview, JourneyError> {
    let now = (console.now)();
    let institution = InstitutionId(code.to_owned());
    let month = month_of(tx, console, &institution, None)?;
    let mut told = HospitalOverview {
        institution: Coded::institution(&console.centre, code, now.date()),
        lists: Vec::new(),
        refusal_count: 0,
        open_case_count: 0,
        answer_case_count: 0,
        answer_due: None,
        differing_count: 0,
        month: month.to_string(),
        case_count: 0,
        cost_amount: 0,
        payment_amount: 0,
        profit_amount: 0,
        payable_amount: 0,
        statement_state: None,
    };
    if !whole {
        return Ok(told);
    }
    let counted = clearing::count_lists(tx, code)?.into_iter();
    told.lists = counted.map(|(state, count)| CountedState { state, count }).collect();
    let since = now.checked_sub(30.days()).unwrap_or(now);
    let reasons = operation::refusal_reasons(tx, code, (since, DateTime::constant(9999, 12, 31, 23, 59, 59, 0)))?;
    told.refusal_count = reasons.iter().map(|reason| reason.count).sum();
    let latest = claim::reconciliations(tx, code, false, None, 200)?;
    told.differing_count = latest.iter().filter(|row| !row.differences.is_empty()).count();
    let mut due: Vec<Date> = Vec::new();
    for one in journeys::inquiries(tx, &console.casebook, code, 1_000)? {
        if one.case.closed || journeys::told_party(&one.procedure, &one.case).is_none() {
            continue;
        }
        told.open_case_count += 1;
        let mut steps = one.procedure.steps_from(&one.case.state);
        if steps.any(|rule| rule.roles.iter().any(|role| role == casework::PARTY)) {
            told.answer_case_count += 1;
            due.extend(one.clock.map(|clock| clock.due));
        }
    }
    told.answer_due = due.into_iter().min().map(|day| day.to_string());
    let statements = clearing::statements(tx, &institution, month, month)?;
    told.payable_amount = statements.iter().map(|row| row.payable).sum::<Fen>().0;
    told.statement_state = statements.iter().map(|row| row.state).min().map(StatementState::code).map(str::to_owned);
    Ok(told)
}

#[cfg(test)]
mod tests {
    use super::masked;

    #[test]
    fn a_certificate_in_the_words_of_a_refusal_is_hidden_and_an_amount_is_not() {
        let told = masked(
            "证件号码 99990019800506123X 登记的姓名与所报不符，金额 1234.56，结算 202601010000001234567890123456",
        );
        assert!(!told.contains("19800506123X"), "{told}");
        assert!(told.contains("1234.56") && told.contains("202601010000001234567890123456"), "{told}");
    }
}
