//! 经办机构撤销: what a reversal would give back, and the reversal itself, for a reason that is sealed.

use access::Subject;
use access::permission::SettlementReverse;
use axum::Json;
use axum::extract::{Path, State};
use clearing::Cause;
use journeys::{BureauReversal, FundRole, JourneyError, ReversalReason, ReversalTrial};
use serde::{Deserialize, Serialize};
use terms::{DateTime, PersonId, SettlementId, show_time};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::accounts::{RunningTotal, running};
use super::persons::codes;
use crate::coded::Coded;
use crate::frame::{Body, Console, Granted, Problem, ProblemBody};

pub(super) fn routes() -> OpenApiRouter<Console> {
    OpenApiRouter::new().routes(routes!(trial, reverse))
}

const SETTLEMENT: &str = "settlement 结算";
/// Characters of the operator's words.
const WORDS: std::ops::RangeInclusive<usize> = 4..=200;
/// Characters of a key.
const KEY: std::ops::RangeInclusive<usize> = 8..=64;

/// 撤销的后果.
#[derive(Debug, Serialize, ToSchema)]
struct ReversalPreview {
    /// 结算ID.
    settlement: String,
    /// 人员编号.
    person: String,
    /// 就诊ID, which would be unsettled again.
    visit: String,
    institution: Coded,
    settled_at: String,
    /// Why it cannot be reversed now; none when it can.
    refusal: Option<ReversalRefusal>,
    /// The reasons to choose from.
    reasons: Vec<Coded>,
    /// What comes back to the funds.
    funds: Vec<FundRestored>,
    /// What comes back to personal accounts.
    accounts: Vec<AccountRestored>,
    /// What the institution gives back to the person in cash, in 分.
    cash_amount: i64,
    /// By how much what the institution is owed goes down, in 分.
    payable_amount: i64,
    /// 累计 as they are and would be.
    totals: Vec<TotalRestored>,
    /// Months in which the settlement has been cleared already; the next month takes it back.
    cleared_months: Vec<String>,
}

/// Why a settlement cannot be reversed.
#[derive(Debug, Serialize, ToSchema)]
struct ReversalRefusal {
    /// The law's code, or the centre's.
    code: String,
    /// In Chinese; the law's own words.
    message: String,
}

/// 基金冲回.
#[derive(Debug, Serialize, ToSchema)]
struct FundRestored {
    fund: Coded,
    amount: i64,
}

/// 账户退回.
#[derive(Debug, Serialize, ToSchema)]
struct AccountRestored {
    /// Whose account: 人员编号.
    person: String,
    amount: i64,
    /// 余额 before and after, of the person's own account.
    before_amount: Option<i64>,
    after_amount: Option<i64>,
}

/// 累计回退.
#[derive(Debug, Serialize, ToSchema)]
struct TotalRestored {
    name: String,
    /// 条款.
    article: String,
    /// What it is kept for.
    parts: Vec<Coded>,
    /// 年度.
    period: String,
    /// Whether it is money in 分, or a number.
    money: bool,
    before_amount: i64,
    after_amount: i64,
}

/// A settlement and its person, if the grant reaches it.
async fn covered(
    console: &Console,
    grant: &Granted<SettlementReverse>,
    setl_id: &SettlementId,
) -> Result<claim::Settlement, Problem> {
    let asked = setl_id.clone();
    let found = console
        .read(move |tx| {
            let Some(psn_no) = journeys::person_of_settlement(tx, &asked)? else { return Ok(None) };
            let history = claim::history(tx, &psn_no)?;
            Ok(history.settlements.into_iter().find(|row| row.setl_id == asked))
        })
        .await?
        .ok_or_else(|| Problem::not_found(SETTLEMENT))?;
    let subject = Subject {
        institution: Some(found.fixmedins_code.0.clone()),
        department: None,
        person: Some(found.psn_no.0.clone()),
    };
    grant.cover(&subject, SETTLEMENT)?;
    Ok(found)
}

/// 撤销试算: what a reversal would give back, or why it cannot be. Nothing is recorded but the read.
#[utoipa::path(
    get, path = "/settlements/{id}/reversal", tag = "settlements", params(("id" = String, Path, description = "结算ID")),
    extensions(("x-permission" = json!("settlement.reverse"))),
    responses(
        (status = 200, body = ReversalPreview),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn trial(
    State(console): State<Console>,
    grant: Granted<SettlementReverse>,
    Path(id): Path<String>,
) -> Result<Json<ReversalPreview>, Problem> {
    let setl_id = SettlementId(id);
    let found = covered(&console, &grant, &setl_id).await?;
    grant.reads(&console, &[found.psn_no.as_str()], "reversal").await?;
    let (world, psn_no, now) = (console.clone(), found.psn_no.clone(), (console.now)());
    let tried = console.read(move |tx| {
        let mut months: Vec<String> = clearing::cases_of(tx, &psn_no, &setl_id)?
            .iter()
            .filter(|row| row.cause == Cause::Settlement)
            .map(|row| row.month.to_string())
            .collect();
        months.dedup();
        let tried = match world.centre.reversal_trial(tx, &psn_no, &setl_id, now) {
            Ok(trial) => Ok(trial),
            Err(JourneyError::Refused(refusal)) => {
                Err(ReversalRefusal { code: refusal.code.clone(), message: refusal.message.clone() })
            }
            Err(JourneyError::Own(own)) => {
                let told = own.to_string();
                let message = told.split_once(" / ").map_or(told.as_str(), |(chinese, _)| chinese).to_owned();
                Err(ReversalRefusal { code: own.code().to_owned(), message })
            }
            Err(broken) => return Err(broken),
        };
        Ok((tried, months))
    });
    let (tried, cleared_months) = tried.await?;
    Ok(Json(preview(&console, &found, tried, cleared_months)))
}

fn preview(
    console: &Console,
    found: &claim::Settlement,
    tried: Result<ReversalTrial, ReversalRefusal>,
    cleared_months: Vec<String>,
) -> ReversalPreview {
    let reasons = ReversalReason::ALL.iter().map(|(_, code, ..)| codes::reversal_reason(code));
    let mut told = ReversalPreview {
        settlement: found.setl_id.0.clone(),
        person: found.psn_no.0.clone(),
        visit: found.mdtrt_id.0.clone(),
        institution: Coded::institution(&console.centre, found.fixmedins_code.as_str(), found.setl_time.date()),
        settled_at: shown(found.setl_time),
        refusal: None,
        reasons: reasons.collect(),
        funds: Vec::new(),
        accounts: Vec::new(),
        cash_amount: 0,
        payable_amount: 0,
        totals: Vec::new(),
        cleared_months,
    };
    let trial = match tried {
        Ok(trial) => trial,
        Err(refusal) => return ReversalPreview { refusal: Some(refusal), ..told },
    };
    let ReversalTrial { standing, reversal, totals, .. } = trial;
    let pools = reversal.detail.iter().filter(|row| console.centre.books.role(&row.fund_pay_type) == FundRole::Pool);
    told.funds =
        pools.map(|row| FundRestored { fund: console.fund(&row.fund_pay_type), amount: -row.fund_payamt.0 }).collect();
    told.accounts = reversal
        .accounts
        .iter()
        .map(|row| {
            let own = (row.psn_no == standing.person.psn_no).then_some(standing.balance.0);
            AccountRestored {
                person: row.psn_no.0.clone(),
                amount: row.amount.0,
                before_amount: own,
                after_amount: own.map(|balance| balance + row.amount.0),
            }
        })
        .collect();
    told.cash_amount = -reversal.heads.psn_cash_pay.0;
    told.payable_amount = -(reversal.heads.fund_pay_sumamt.0 + reversal.heads.acct_pay.0);
    let moved = reversal.adds.iter().filter(|(_, amount)| *amount != 0);
    told.totals = moved
        .map(|(key, amount)| {
            let before = totals.get(key).copied().unwrap_or_default();
            let RunningTotal { name, article, parts, period, money, .. } =
                running(console, journeys::Total::of(key, before), &[]);
            TotalRestored { name, article, parts, period, money, before_amount: before, after_amount: before + amount }
        })
        .collect();
    told
}

fn shown(time: DateTime) -> String {
    show_time(time).replace(' ', "T")
}

/// 撤销结算.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ReversalAsked {
    /// Why: one of the reasons that the preview names.
    reason: String,
    /// Why, in the operator's own words: 4 to 200 characters.
    words: String,
    /// A key of the sender's own choosing, 8 to 64 letters, digits and hyphens: the same key again
    /// answers the same reversal and does nothing.
    key: String,
}

/// 撤销.
#[derive(Debug, Serialize, ToSchema)]
struct ReversalDone {
    /// 结算ID of the reversal itself.
    reversal: String,
    /// The settlement that it takes back.
    settlement: String,
    /// 人员编号.
    person: String,
    reversed_at: String,
}

impl ReversalAsked {
    fn checked(self, psn_no: PersonId, setl_id: SettlementId) -> Result<(BureauReversal, String), Problem> {
        let reason = ReversalReason::from_code(&self.reason).ok_or_else(|| {
            let known: Vec<&str> = ReversalReason::ALL.iter().map(|(_, code, ..)| *code).collect();
            let known = known.join(", ");
            Problem::invalid(
                "reason",
                [format!("没有这种撤销原因；可用：{known}"), format!("no such reason; use one of {known}")],
            )
        })?;
        let words = self.words.trim().to_owned();
        if !WORDS.contains(&words.chars().count()) {
            let told = ["请用 4 至 200 个字写明为什么撤销", "say in 4 to 200 characters why it is reversed"];
            return Err(Problem::invalid("words", told));
        }
        let plain = self.key.chars().all(|character| character.is_ascii_alphanumeric() || character == '-');
        if !plain || !KEY.contains(&self.key.len()) {
            let told = ["键应为 8 至 64 个字母、数字或连字符", "the key is 8 to 64 letters, digits or hyphens"];
            return Err(Problem::invalid("key", told));
        }
        Ok((BureauReversal { psn_no, setl_id, reason, words }, self.key))
    }
}

/// 撤销结算: everything it did is given back; who ordered it and why is sealed with the reversal.
/// Refused with the law's code.
#[utoipa::path(
    post, path = "/settlements/{id}/reversal", tag = "settlements", params(("id" = String, Path, description = "结算ID")),
    request_body = ReversalAsked,
    extensions(("x-permission" = json!("settlement.reverse"))),
    responses(
        (status = 200, body = ReversalDone),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "refused by the law", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn reverse(
    State(console): State<Console>,
    grant: Granted<SettlementReverse>,
    Path(id): Path<String>,
    Body(asked): Body<ReversalAsked>,
) -> Result<Json<ReversalDone>, Problem> {
    let setl_id = SettlementId(id);
    let found = covered(&console, &grant, &setl_id).await?;
    let (order, key) = asked.checked(found.psn_no.clone(), setl_id.clone())?;
    let mut operation = console.operation(grant.caller(), "reversal");
    // The same key of the same account for the same settlement is the same message.
    let hash = access::token_hash(&format!("{}|{setl_id}|{key}", grant.caller().account));
    operation.msgid = hash[..30].into();
    let centre = console.centre.clone();
    let row = console.deed(move |tx| centre.reverse_for_bureau(tx, &operation, &order)).await?;
    Ok(Json(ReversalDone {
        reversal: row.setl_id.0,
        settlement: setl_id.0,
        person: row.psn_no.0,
        reversed_at: shown(row.setl_time),
    }))
}
