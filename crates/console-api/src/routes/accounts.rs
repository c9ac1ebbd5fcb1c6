//! 个人账户与累计: balances, movements each with the deed it comes from, running totals each with
//! the settlements that made them.

use access::Subject;
use access::permission::AccountRead;
use axum::Json;
use axum::extract::{Path, State};
use journeys::{Addition, Total};
use ledger::{Account, Movement};
use policy::Type;
use serde::{Deserialize, Serialize};
use terms::{Fen, PersonId, parse_time, show_time};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::persons::{PERSON, codes};
use crate::coded::Coded;
use crate::frame::{
    Column, Console, Cursor, Exported, Granted, Listed, Listing, Masked, Paging, Problem, ProblemBody, Query,
};

pub(super) fn routes() -> OpenApiRouter<Console> {
    OpenApiRouter::new()
        .routes(routes!(account))
        .routes(routes!(movements))
        .routes(routes!(transfer))
        .routes(routes!(accumulators))
}

/// 个人账户.
#[derive(Debug, Serialize, ToSchema)]
struct PersonAccount {
    /// 余额 in the register, in 分.
    balance_amount: i64,
    /// The fold of the ledger's entries, in 分: the other of the two books.
    ledger_amount: i64,
    /// Whether the two books agree.
    agrees: bool,
}

/// 个人账户余额, held against the ledger. The read is recorded.
#[utoipa::path(
    get, path = "/persons/{person}/accounts", tag = "accounts", params(("person" = String, Path, description = "人员编号")),
    extensions(("x-permission" = json!("account.read"))),
    responses(
        (status = 200, body = PersonAccount),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn account(
    State(console): State<Console>,
    grant: Granted<AccountRead>,
    Path(person): Path<String>,
) -> Result<Json<PersonAccount>, Problem> {
    grant.cover(&Subject::of_person(&person), PERSON)?;
    let psn_no = PersonId(person);
    let asked = psn_no.clone();
    let (balance, folded) = console
        .read(move |tx| {
            let Some(standing) = enrolment::standing(tx, &asked)? else { return Ok(None) };
            Ok(Some((standing.balance, ledger::balance(tx, &Account::Personal(asked.clone()))?)))
        })
        .await?
        .ok_or_else(|| Problem::not_found(PERSON))?;
    grant.reads(&console, &[psn_no.as_str()], "account").await?;
    Ok(Json(PersonAccount { balance_amount: balance.0, ledger_amount: folded.0, agrees: balance == folded }))
}

/// 账户明细.
#[derive(Debug, Clone, Serialize, ToSchema)]
struct AccountMovement {
    /// The transfer it is part of.
    transfer: String,
    /// Its place in the transfer.
    line: i64,
    at: String,
    /// What for.
    about: Coded,
    /// Positive when money came to the account, in 分.
    amount: i64,
    /// 余额 afterwards, in 分.
    balance_amount: i64,
    /// Whose care it paid: another's when a relative used the account.
    person: String,
    /// The settlement or reversal it comes from.
    settlement: Option<String>,
}

impl Exported for AccountMovement {
    const FILE: &'static str = "account-movements";
    const COLUMNS: &'static [Column] = &[
        Column::text("at", "时间"),
        Column::text("about.name", "事由"),
        Column::money("amount", "金额"),
        Column::money("balance_amount", "余额"),
        Column::text("person", "使用人"),
        Column::text("settlement", "结算ID"),
        Column::text("transfer", "转账编号"),
    ];
}

/// Where a page of movements ended, and the balance before it.
#[derive(Debug, Serialize, Deserialize)]
struct Place {
    at: String,
    transfer: String,
    line: i64,
    balance: i64,
}

/// 账户明细, latest first, each with the settlement or deed it comes from. The read is recorded.
#[utoipa::path(
    get, path = "/persons/{person}/movements", tag = "accounts",
    params(("person" = String, Path, description = "人员编号"), Paging),
    extensions(("x-permission" = json!("account.read"))),
    responses(
        (status = 200, body = Listing<AccountMovement>),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn movements(
    State(console): State<Console>,
    grant: Granted<AccountRead>,
    Path(person): Path<String>,
    Query(paging): Query<Paging>,
) -> Result<Listed<AccountMovement>, Problem> {
    grant.cover(&Subject::of_person(&person), PERSON)?;
    let at_most = i64::try_from(paging.limit()? + 1).unwrap_or(i64::MAX);
    let began = match paging.cursor::<Place>()? {
        None => None,
        Some(place) => {
            let told = ["游标有误；请从第一页开始", "the cursor is wrong; begin at the first page"];
            let at = parse_time(&place.at).ok_or_else(|| Problem::invalid("cursor", told))?;
            Some((at, place))
        }
    };
    let psn_no = PersonId(person);
    let asked = psn_no.clone();
    let (found, balance) = console
        .read(move |tx| {
            if enrolment::standing(tx, &asked)?.is_none() {
                return Ok(None);
            }
            let account = Account::Personal(asked.clone());
            let before = began.as_ref().map(|(at, place)| (*at, place.transfer.as_str(), place.line));
            let rows = ledger::movements(tx, &account, before, at_most)?;
            let balance = match &began {
                Some((_, place)) => Fen(place.balance),
                None => ledger::balance(tx, &account)?,
            };
            Ok(Some((rows, balance)))
        })
        .await?
        .ok_or_else(|| Problem::not_found(PERSON))?;
    grant.reads(&console, &[psn_no.as_str()], "account").await?;
    let mut after = balance;
    let rows = found.into_iter().map(|row| {
        let told = movement(row, after);
        after = Fen(after.0 - told.amount);
        told
    });
    Listed::of(&paging, rows.collect(), None, |row| {
        let balance = row.balance_amount - row.amount;
        let at = row.at.replace('T', " ");
        Cursor::write(&Place { at, transfer: row.transfer.clone(), line: row.line, balance })
    })
}

fn movement(row: Movement, balance: Fen) -> AccountMovement {
    let settled = matches!(row.about.as_str(), "settlement" | "reversal");
    AccountMovement {
        settlement: settled.then(|| row.transfer_id.clone()),
        transfer: row.transfer_id,
        line: row.line,
        at: show_time(row.at).replace(' ', "T"),
        about: codes::transfer(&row.about),
        amount: row.amount.0,
        balance_amount: balance.0,
        person: row.psn_no.0,
    }
}

/// 转账: every entry of a transfer, which sum to zero.
#[derive(Debug, Serialize, ToSchema)]
struct TransferFile {
    id: String,
    /// 人员编号.
    person: String,
    at: String,
    about: Coded,
    /// `pending`, `posted` or `void`.
    #[schema(pattern = "^(pending|posted|void)$")]
    state: &'static str,
    /// The settlement or reversal it comes from.
    settlement: Option<String>,
    entries: Vec<TransferEntry>,
}

/// 分录.
#[derive(Debug, Serialize, ToSchema)]
struct TransferEntry {
    /// The kind of account.
    account: Coded,
    /// Whose it is: a fund, an institution, a clearing account; none of a person's.
    owner: Option<Coded>,
    /// Whose it is, of a person's.
    person: Option<Masked>,
    /// Positive where money comes to, in 分.
    amount: i64,
}

/// 一笔转账 that concerns a person, with both its sides. The read is recorded.
#[utoipa::path(
    get, path = "/persons/{person}/transfers/{transfer}", tag = "accounts",
    params(("person" = String, Path, description = "人员编号"), ("transfer" = String, Path, description = "转账编号")),
    extensions(("x-permission" = json!("account.read"))),
    responses(
        (status = 200, body = TransferFile),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn transfer(
    State(console): State<Console>,
    grant: Granted<AccountRead>,
    Path((person, transfer)): Path<(String, String)>,
) -> Result<Json<TransferFile>, Problem> {
    grant.cover(&Subject::of_person(&person), PERSON)?;
    let psn_no = PersonId(person);
    let asked = psn_no.clone();
    let found = console.read(move |tx| Ok(ledger::read(tx, &asked, &transfer)?)).await?;
    let (row, state) = found.ok_or_else(|| Problem::not_found("transfer 转账"))?;
    grant.reads(&console, &[psn_no.as_str()], "account").await?;
    let day = row.at.date();
    let entries = row.entries.iter().map(|(account, amount)| {
        let name = account.key().1;
        let own = |code: &str| Coded { code: code.to_owned(), name: code.to_owned(), english: String::new() };
        let (owner, person) = match account {
            Account::Pool(fund) => (Some(console.fund(fund)), None),
            Account::Personal(_) | Account::Cash(_) | Account::Owed(_) | Account::Reimbursed(_) => {
                (None, Some(grant.mask_number(name, name)))
            }
            Account::Suspense(name) => (Some(codes::transfer(name)), None),
            Account::Payable(_) | Account::Withheld(_) | Account::Held(_) | Account::Paid(_) | Account::Till(_) => {
                let named = Coded::institution(&console.centre, name, day);
                (Some(if named.name.is_empty() { own(name) } else { named }), None)
            }
        };
        TransferEntry { account: Coded::account(account), owner, person, amount: amount.0 }
    });
    let settled = matches!(row.about.as_str(), "settlement" | "reversal");
    Ok(Json(TransferFile {
        entries: entries.collect(),
        settlement: settled.then(|| row.id.clone()),
        id: row.id.clone(),
        person: psn_no.0,
        at: show_time(row.at).replace(' ', "T"),
        about: codes::transfer(&row.about),
        state: state.as_str(),
    }))
}

/// Which running totals.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct TotalsFilter {
    /// 年度, `2026`; every one when absent.
    period: Option<String>,
}

/// 累计.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RunningTotal {
    /// The accumulator in the region's policy.
    pub id: String,
    pub name: String,
    /// 条款.
    pub article: String,
    /// What it is kept for: scheme, disease, giver.
    pub parts: Vec<Coded>,
    /// 年度.
    pub period: String,
    /// Whether it is money in 分, or a number.
    pub money: bool,
    /// 累计 as it stands.
    pub amount: i64,
    /// How much came with the opening data.
    pub opening_amount: i64,
    /// The settlements and reversals that made it, in order.
    pub additions: Vec<TotalAddition>,
}

/// What one settlement or reversal added.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct TotalAddition {
    settlement: String,
    at: String,
    amount: i64,
}

/// 人员累计, each with the settlements that made it. The read is recorded.
#[utoipa::path(
    get, path = "/persons/{person}/accumulators", tag = "accounts",
    params(("person" = String, Path, description = "人员编号"), TotalsFilter),
    extensions(("x-permission" = json!("account.read"))),
    responses(
        (status = 200, body = Listing<RunningTotal>),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn accumulators(
    State(console): State<Console>,
    grant: Granted<AccountRead>,
    Path(person): Path<String>,
    Query(filter): Query<TotalsFilter>,
) -> Result<Json<Listing<RunningTotal>>, Problem> {
    grant.cover(&Subject::of_person(&person), PERSON)?;
    let psn_no = PersonId(person);
    let asked = psn_no.clone();
    let found = console
        .read(move |tx| {
            if enrolment::standing(tx, &asked)?.is_none() {
                return Ok(None);
            }
            journeys::accumulated_by(tx, &asked).map(Some)
        })
        .await?
        .ok_or_else(|| Problem::not_found(PERSON))?;
    grant.reads(&console, &[psn_no.as_str()], "accumulators").await?;
    let period = filter.period.filter(|period| !period.is_empty());
    let wanted = found.into_iter().filter(|(total, _)| period.as_ref().is_none_or(|period| total.period == *period));
    let items: Vec<RunningTotal> = wanted.map(|(total, made_by)| running(&console, total, &made_by)).collect();
    Ok(Json(Listing { total: Some(items.len() as u64), next: None, items }))
}

/// A running total with its name in the law.
pub(super) fn running(console: &Console, total: Total, made_by: &[Addition]) -> RunningTotal {
    let known = console.centre.law.accumulators.iter().find(|known| known.id == total.name);
    let added: i64 = made_by.iter().map(|row| row.amount).sum();
    RunningTotal {
        name: known.map_or_else(|| total.name.clone(), |known| known.name.clone()),
        article: known.map(|known| known.article.clone()).unwrap_or_default(),
        parts: total.key.iter().map(|part| part_named(console, part)).collect(),
        money: known.is_none_or(|known| known.kind == Type::Money),
        id: total.name,
        period: total.period,
        amount: total.amount,
        opening_amount: total.amount - added,
        additions: made_by
            .iter()
            .map(|row| TotalAddition {
                settlement: row.setl_id.0.clone(),
                at: show_time(row.setl_time).replace(' ', "T"),
                amount: row.amount,
            })
            .collect(),
    }
}

/// A part of a total's key: a scheme, or what it is.
fn part_named(console: &Console, part: &str) -> Coded {
    if console.schemes.contains_key(part) {
        return console.scheme(part);
    }
    Coded { code: part.to_owned(), name: part.to_owned(), english: String::new() }
}
