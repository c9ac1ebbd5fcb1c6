//! 清算: months, statements with every figure, the cases behind them, what waits and why, the
//! year's end and what it would be otherwise. Nothing here changes a statement.

use access::permission::ClearingRead;
use access::{Scope, Subject};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use clearing::{Month, Statement, StatementState};
use journeys::Figures;
use serde::{Deserialize, Serialize};
use terms::{Fen, InstitutionId};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::coded::Coded;
use crate::frame::{Column, Console, Exported, Granted, Listed, Listing, Order, Paging, Problem, ProblemBody, Query};

pub(super) mod cases;
pub(super) mod statement;
mod year;

pub(super) fn routes() -> OpenApiRouter<Console> {
    OpenApiRouter::new()
        .routes(routes!(months))
        .routes(routes!(statements))
        .routes(routes!(workbook))
        .merge(statement::routes())
        .merge(cases::routes())
        .merge(year::routes())
}

/// 清算年月 of an address.
pub(super) fn month_of(text: &str) -> Result<Month, Problem> {
    text.parse::<Month>().map_err(|_| {
        let told = [format!("“{text}” 不是月份，请写成 2026-03"), format!("“{text}” is no month; write 2026-03")];
        Problem::invalid("month", told)
    })
}

/// January and December of a year.
fn year_of(year: i16) -> Result<(Month, Month), Problem> {
    let month = |month| format!("{year:04}-{month:02}");
    let wrong = || Problem::invalid("year", [format!("{year} 不是年份"), format!("{year} is no year")]);
    let read = |text: String| text.parse::<Month>().map_err(|_| wrong());
    Ok((read(month(1))?, read(month(12))?))
}

/// The one institution that a scope is about; none where it is the whole region.
fn own_institution(scope: &Scope) -> Result<Option<String>, Problem> {
    match scope {
        Scope::Region => Ok(None),
        Scope::Institution(code) => Ok(Some(code.clone())),
        Scope::Department { .. } | Scope::Person(_) => Err(Problem::not_found("statement 清算单")),
    }
}

/// 清算状态 of a statement.
fn state_word(state: StatementState) -> &'static str {
    match state {
        StatementState::Estimated => "estimated",
        StatementState::Approved => "approved",
        StatementState::Posted => "posted",
        StatementState::Paid => "paid",
    }
}

/// 清算方式.
fn way(code: &str) -> Coded {
    let (name, english) = match code {
        "1" => ("按项目", "by item"),
        "3" => ("按床日", "by day"),
        "40" => ("按病组（DRG）", "by DRG"),
        "50" => ("按病种分值（DIP）", "by DIP score"),
        _ => (code, ""),
    };
    Coded { code: code.to_owned(), name: name.to_owned(), english: english.to_owned() }
}

/// 金额 of statements, in 分.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ClearingAmounts)]
struct Amounts {
    /// 医疗费总额 settled.
    total_amount: i64,
    /// 按项目记账基金 settled.
    fund_amount: i64,
    /// 个人账户 settled.
    account_amount: i64,
    /// 个人现金 settled.
    cash_amount: i64,
    /// 病组基金应付: what the groups are worth to the fund.
    group_amount: i64,
    /// 按项目记账 of the same cases.
    item_amount: i64,
    /// 与按项目之差: `group_amount − item_amount`.
    difference_amount: i64,
    /// 质量保证金 withheld.
    deposit_amount: i64,
    /// 待年终清算, held back.
    held_amount: i64,
    /// 案件扣减.
    deducted_amount: i64,
    /// 应拨付.
    payable_amount: i64,
    /// 结转下月抵扣.
    carried_amount: i64,
}

impl Amounts {
    fn of(statement: &Statement, figures: &Figures) -> Amounts {
        let sum =
            |of: fn(&payment::MonthStatement) -> Fen| figures.group.iter().map(|plan| of(&plan.month)).sum::<Fen>().0;
        Amounts {
            total_amount: figures.medfee_sumamt.0,
            fund_amount: figures.fund_pay_sumamt.0,
            account_amount: figures.acct_pay.0,
            cash_amount: figures.psn_cash_pay.0,
            group_amount: sum(|month| month.due),
            item_amount: sum(|month| month.item_fund),
            difference_amount: figures.difference().0,
            deposit_amount: sum(|month| month.deposit),
            held_amount: sum(|month| month.held),
            deducted_amount: figures.item.deducted.0,
            payable_amount: statement.payable.0,
            carried_amount: statement.carried.0,
        }
    }

    fn add(&mut self, other: &Amounts) {
        self.total_amount += other.total_amount;
        self.fund_amount += other.fund_amount;
        self.account_amount += other.account_amount;
        self.cash_amount += other.cash_amount;
        self.group_amount += other.group_amount;
        self.item_amount += other.item_amount;
        self.difference_amount += other.difference_amount;
        self.deposit_amount += other.deposit_amount;
        self.held_amount += other.held_amount;
        self.deducted_amount += other.deducted_amount;
        self.payable_amount += other.payable_amount;
        self.carried_amount += other.carried_amount;
    }
}

/// Which year.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct YearAsked {
    /// 年度; the region's present one unless given.
    year: Option<i16>,
}

/// 清算年月 with its sums.
#[derive(Debug, Clone, Default, Serialize, ToSchema)]
#[schema(as = ClearingMonth)]
struct MonthRow {
    month: String,
    /// 机构数.
    institutions: usize,
    /// 清算单 in each state.
    estimated: usize,
    approved: usize,
    posted: usize,
    paid: usize,
    /// 结算笔数.
    settlements: i64,
    /// 清算人次, by group.
    cases: i64,
    /// 待清算人次.
    waiting: i64,
    #[serde(flatten)]
    amounts: Amounts,
}

/// Months of a year, the latest first.
#[utoipa::path(
    get, path = "/clearing/months", tag = "clearing", params(YearAsked),
    extensions(("x-permission" = json!("clearing.read"))),
    responses(
        (status = 200, body = Vec<MonthRow>),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn months(
    State(console): State<Console>,
    grant: Granted<ClearingRead>,
    Query(asked): Query<YearAsked>,
) -> Result<Json<Vec<MonthRow>>, Problem> {
    let own = own_institution(grant.scope())?;
    let (from, to) = year_of(asked.year.unwrap_or_else(|| (console.now)().year()))?;
    let found = gather(&console, own, from, to).await?;
    let mut rows: Vec<MonthRow> = Vec::new();
    let mut seen = std::collections::BTreeSet::new();
    for (statement, figures) in found {
        let month = statement.month.to_string();
        if rows.last().is_none_or(|row| row.month != month) {
            seen.clear();
            rows.push(MonthRow { month, ..MonthRow::default() });
        }
        let Some(row) = rows.last_mut() else { continue };
        if seen.insert(statement.fixmedins_code.clone()) {
            row.institutions += 1;
        }
        *match statement.state {
            StatementState::Estimated => &mut row.estimated,
            StatementState::Approved => &mut row.approved,
            StatementState::Posted => &mut row.posted,
            StatementState::Paid => &mut row.paid,
        } += 1;
        row.settlements += figures.count;
        row.cases += figures.group.iter().map(|plan| plan.month.cases).sum::<i64>();
        row.waiting += figures.waiting;
        row.amounts.add(&Amounts::of(&statement, &figures));
    }
    Ok(Json(rows))
}

/// Statements of a scope with their figures, the latest month first.
async fn gather(
    console: &Console,
    own: Option<String>,
    from: Month,
    to: Month,
) -> Result<Vec<(Statement, Figures)>, Problem> {
    console
        .read(move |tx| {
            let mut found = match &own {
                Some(own) => clearing::statements(tx, &InstitutionId(own.clone()), from, to)?,
                None => clearing::statements_between(tx, from, to)?,
            };
            found.sort_by(|a, b| b.month.cmp(&a.month).then_with(|| a.fixmedins_code.cmp(&b.fixmedins_code)));
            found.into_iter().map(|row| Ok((row.clone(), Figures::read(&row)?))).collect()
        })
        .await
}

/// Which statements.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct StatementsAsked {
    /// 清算年月, `2026-03`; the whole year unless given.
    month: Option<String>,
    /// 年度, where no month is given; the region's present one unless given.
    year: Option<i16>,
    /// 机构编号.
    institution: Option<String>,
    /// 险种类型.
    scheme: Option<String>,
    /// 清算类别.
    stream: Option<String>,
    /// 清算方式.
    way: Option<String>,
    /// 清算状态: `estimated`, `approved`, `posted`, `paid`.
    state: Option<String>,
    /// Statements with 案件扣减 only.
    deducted: Option<bool>,
    /// Statements with stays that wait only.
    waiting: Option<bool>,
    /// Part of the institution's name or code.
    q: Option<String>,
}

/// 月清算单.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = ClearingStatement)]
struct StatementRow {
    month: String,
    institution: Coded,
    /// 险种.
    scheme: Coded,
    /// 清算类别.
    stream: Coded,
    /// 清算方式.
    way: Coded,
    /// 清算状态.
    #[schema(pattern = "^(estimated|approved|posted|paid)$")]
    state: &'static str,
    /// 结算笔数, reversals included.
    settlements: i64,
    /// Of them reversals.
    reversals: i64,
    /// 清算人次, by group.
    cases: i64,
    /// 待清算人次.
    waiting: i64,
    #[serde(flatten)]
    amounts: Amounts,
}

impl StatementRow {
    fn of(console: &Console, statement: &Statement, figures: &Figures) -> StatementRow {
        let day = statement.month.last();
        StatementRow {
            month: statement.month.to_string(),
            institution: Coded::institution(&console.centre, statement.fixmedins_code.as_str(), day),
            scheme: console.scheme(&statement.insutype),
            stream: Coded::stream(&statement.clr_type),
            way: way(&statement.clr_way),
            state: state_word(statement.state),
            settlements: figures.count,
            reversals: figures.reversals,
            cases: figures.group.iter().map(|plan| plan.month.cases).sum(),
            waiting: figures.waiting,
            amounts: Amounts::of(statement, figures),
        }
    }

    fn key(&self) -> String {
        format!("{}/{}/{}/{}", self.month, self.institution.code, self.scheme.code, self.stream.code)
    }
}

impl Exported for StatementRow {
    const FILE: &'static str = "statements";
    const COLUMNS: &'static [Column] = &[
        Column::text("month", "清算年月"),
        Column::text("institution.code", "机构编号"),
        Column::text("institution.name", "机构名称"),
        Column::text("scheme.name", "险种"),
        Column::text("stream.name", "清算类别"),
        Column::text("way.name", "清算方式"),
        Column::text("state", "清算状态"),
        Column::count("settlements", "结算笔数"),
        Column::count("cases", "清算人次"),
        Column::count("waiting", "待清算人次"),
        Column::money("total_amount", "医疗费总额"),
        Column::money("fund_amount", "按项目记账基金"),
        Column::money("account_amount", "个人账户"),
        Column::money("group_amount", "病组基金应付"),
        Column::money("item_amount", "病组按项目记账"),
        Column::money("difference_amount", "与按项目之差"),
        Column::money("deposit_amount", "质量保证金"),
        Column::money("held_amount", "待年终清算"),
        Column::money("deducted_amount", "案件扣减"),
        Column::money("payable_amount", "应拨付"),
        Column::money("carried_amount", "结转下月抵扣"),
    ];
}

#[derive(Debug, Clone, Copy)]
enum By {
    Month,
    Institution,
    Total,
    Fund,
    Group,
    Difference,
    Payable,
    Waiting,
}

const SORTS: &[(&str, By)] = &[
    ("month", By::Month),
    ("institution", By::Institution),
    ("total", By::Total),
    ("fund", By::Fund),
    ("group", By::Group),
    ("difference", By::Difference),
    ("payable", By::Payable),
    ("waiting", By::Waiting),
];

fn sort(rows: &mut [StatementRow], order: Order<By>) {
    rows.sort_by(|a, b| {
        let found = match order.field {
            By::Month => a.month.cmp(&b.month),
            By::Institution => a.institution.code.cmp(&b.institution.code),
            By::Total => a.amounts.total_amount.cmp(&b.amounts.total_amount),
            By::Fund => a.amounts.fund_amount.cmp(&b.amounts.fund_amount),
            By::Group => a.amounts.group_amount.cmp(&b.amounts.group_amount),
            By::Difference => a.amounts.difference_amount.cmp(&b.amounts.difference_amount),
            By::Payable => a.amounts.payable_amount.cmp(&b.amounts.payable_amount),
            By::Waiting => a.waiting.cmp(&b.waiting),
        };
        let found = if order.descending { found.reverse() } else { found };
        found.then_with(|| a.key().cmp(&b.key()))
    });
}

/// 月清算单.
#[utoipa::path(
    get, path = "/clearing/statements", tag = "clearing", params(Paging, StatementsAsked),
    extensions(("x-permission" = json!("clearing.read"))),
    responses(
        (status = 200, body = Listing<StatementRow>),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn statements(
    State(console): State<Console>,
    grant: Granted<ClearingRead>,
    Query(paging): Query<Paging>,
    Query(asked): Query<StatementsAsked>,
) -> Result<Listed<StatementRow>, Problem> {
    let order = paging.order(SORTS, Order { field: By::Month, descending: true })?;
    let given = |text: &Option<String>| text.clone().filter(|text| !text.trim().is_empty());
    let own = match (own_institution(grant.scope())?, given(&asked.institution)) {
        (Some(own), Some(asked)) if own != asked => {
            return Err(Problem::not_found(format!("institution 机构 {asked}")));
        }
        (own, asked) => own.or(asked),
    };
    let (from, to) = match given(&asked.month) {
        Some(month) => (month_of(&month)?, month_of(&month)?),
        None => year_of(asked.year.unwrap_or_else(|| (console.now)().year()))?,
    };
    let found = gather(&console, own, from, to).await?;
    let fits = |asked: &Option<String>, value: &str| given(asked).is_none_or(|asked| asked == value);
    let mut rows: Vec<StatementRow> = found
        .iter()
        .map(|(statement, figures)| StatementRow::of(&console, statement, figures))
        .filter(|row| {
            fits(&asked.scheme, &row.scheme.code)
                && fits(&asked.stream, &row.stream.code)
                && fits(&asked.way, &row.way.code)
                && fits(&asked.state, row.state)
                && (asked.deducted != Some(true) || row.amounts.deducted_amount != 0)
                && (asked.waiting != Some(true) || row.waiting > 0)
                && given(&asked.q)
                    .is_none_or(|q| row.institution.code.contains(&q) || row.institution.name.contains(&q))
        })
        .collect();
    sort(&mut rows, order);
    Listed::of_all(&paging, rows, StatementRow::key)
}

/// 月清算单, 清算明细 and 案件扣减 of an institution as a workbook.
#[utoipa::path(
    get, path = "/clearing/months/{month}/institutions/{institution}/workbook", tag = "clearing",
    params(("month" = String, Path, description = "清算年月, 2026-03"), ("institution" = String, Path, description = "机构编号")),
    extensions(("x-permission" = json!("clearing.read"))),
    responses(
        (status = 200, description = "a workbook", content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", body = Vec<u8>),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn workbook(
    State(console): State<Console>,
    grant: Granted<ClearingRead>,
    Path((month, institution)): Path<(String, String)>,
) -> Result<Response, Problem> {
    grant.cover(&Subject::of_institution(&institution), "statement 清算单")?;
    let month = month_of(&month)?;
    let code = InstitutionId(institution.clone());
    let view = console.read(move |tx| journeys::month_view(tx, &code, month)).await?;
    if view.statements.is_empty() {
        return Err(Problem::not_found(format!("statement 清算单 {month} {institution}")));
    }
    let bytes = console.work(move || book(&journeys::sheets(&view))).await?;
    let kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet".to_owned();
    // A code is what somebody registered: only plain letters and digits go into a header.
    let name: String = institution.chars().filter(char::is_ascii_alphanumeric).collect();
    let disposition = format!("attachment; filename=\"statement-{month}-{name}.xlsx\"");
    Ok(([(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, disposition)], bytes).into_response())
}

fn book(sheets: &[journeys::Sheet]) -> Result<Vec<u8>, Problem> {
    let broken = |error: rust_xlsxwriter::XlsxError| Problem::internal(&error);
    let mut book = rust_xlsxwriter::Workbook::new();
    for table in sheets {
        let sheet = book.add_worksheet_with_constant_memory().map_err(broken)?;
        sheet.set_name(&table.name).map_err(broken)?;
        for (nth, heading) in (0..).zip(&table.columns) {
            sheet.write_string(0, nth, *heading).map_err(broken)?;
        }
        for (line, row) in (1..).zip(&table.rows) {
            for (nth, (text, number)) in (0..).zip(row.iter().zip(&table.numbers)) {
                // A spreadsheet keeps every number as a float; the register keeps the exact one.
                match text.parse::<f64>() {
                    Ok(value) if *number => sheet.write_number(line, nth, value),
                    _ => sheet.write_string(line, nth, text),
                }
                .map_err(broken)?;
            }
        }
    }
    book.save_to_buffer().map_err(broken)
}
