//! 一笔结算: where each fen went, and the steps of the decision in sentences for whom it concerns. The
//! sentences say what the trace says and nothing more.

use adjudication::trace::{LimitStep, Operand, Shown, Step, StepKind};
use db::Tx;
use journeys::{Explanation, JourneyError};
use serde::Serialize;
use terms::{Exact, Fen, PersonId, SettlementId};
use utoipa::ToSchema;

use super::told::{fund_name, institution_name};
use crate::frame::Console;
use crate::routes::credential::shown;
use crate::words;

/// Where a part of the bill went.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct MyPart {
    /// `fund`, `account`, `family`, `cash` or `hospital`.
    kind: &'static str,
    /// 名称.
    name: String,
    /// English name.
    english: String,
    /// 分.
    amount: i64,
}

/// A step of the decision.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct MyStep {
    /// What was decided.
    title: String,
    /// The same in English.
    title_english: String,
    /// 条款.
    article: String,
    /// 分: what came out, where it is money.
    #[serde(skip_serializing_if = "Option::is_none")]
    amount: Option<i64>,
    /// Sentences.
    words: Vec<String>,
    /// The same in English.
    words_english: Vec<String>,
}

/// A line of the bill.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MyLine)]
pub(super) struct MyLine {
    /// 名称.
    name: String,
    /// 目录等级 in words.
    level: String,
    /// 数量.
    quantity: String,
    /// 分.
    amount: i64,
    /// 分: 符合政策范围.
    in_scope_amount: i64,
    /// 分: 本人先付: wholly, above the ceiling, or before the fund.
    own_amount: i64,
}

/// 结算.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MySettlement)]
pub(super) struct MySettlement {
    id: String,
    visit: String,
    person: String,
    /// 机构名称.
    institution: String,
    /// 医疗类别 in words.
    kind: String,
    kind_english: String,
    at: String,
    /// The settlement that this one takes back.
    #[serde(skip_serializing_if = "Option::is_none")]
    reverses: Option<String>,
    /// 分.
    total_amount: i64,
    /// 分.
    fund_amount: i64,
    /// 分.
    account_amount: i64,
    /// 分.
    cash_amount: i64,
    /// Where each fen went; they add up to the total.
    parts: Vec<MyPart>,
    /// MyStep, step by step.
    why: Vec<MyStep>,
    lines: Vec<MyLine>,
    /// `pending` until the evidence log covers it, then `sealed`.
    receipt: &'static str,
    /// 凭证, as `heng verify` and the verification page read it.
    receipt_file: String,
}

/// A settlement of a person, told; `None` when they have no such.
pub(super) fn settlement(
    console: &Console,
    tx: &mut dyn Tx,
    psn_no: &PersonId,
    setl_id: &SettlementId,
) -> Result<Option<MySettlement>, JourneyError> {
    let Some(explained) = journeys::explanation(tx, psn_no, setl_id)? else { return Ok(None) };
    let Some(receipt) = journeys::receipt(tx, psn_no, setl_id)? else { return Ok(None) };
    let row = &explained.row;
    let (kind, kind_english) = words::med_type(&row.med_type);
    Ok(Some(MySettlement {
        id: row.setl_id.0.clone(),
        visit: row.mdtrt_id.0.clone(),
        person: row.psn_no.0.clone(),
        institution: institution_name(console, row.fixmedins_code.as_str(), row.setl_time.date()),
        kind: kind.to_owned(),
        kind_english: kind_english.to_owned(),
        at: shown(row.setl_time),
        reverses: row.reverses.as_ref().map(|other| other.0.clone()),
        total_amount: row.medfee_sumamt.0,
        fund_amount: row.fund_pay_sumamt.0,
        account_amount: row.acct_pay.0,
        cash_amount: row.psn_cash_pay.0,
        parts: parts(console, &explained),
        why: explained.trace.0.iter().map(|step| why(console, step)).collect(),
        lines: explained.lines.iter().map(|line| line_told(console, line)).collect(),
        receipt: if receipt.sealed.is_some() { "sealed" } else { "pending" },
        receipt_file: receipt.to_json(),
    }))
}

fn parts(console: &Console, explained: &Explanation) -> Vec<MyPart> {
    let own = &explained.row.psn_no;
    let part = |kind, name: &str, english: &str, amount: Fen| MyPart {
        kind,
        name: name.to_owned(),
        english: english.to_owned(),
        amount: amount.0,
    };
    let mut parts = Vec::new();
    let books = &console.centre.books;
    for fund in &explained.detail {
        if books.role(&fund.fund_pay_type) == journeys::FundRole::Pool {
            let named = fund_name(console, &fund.fund_pay_type);
            parts.push(part("fund", &named.name, &named.english, fund.fund_payamt));
        }
    }
    for account in &explained.accounts {
        let (kind, name, english) = if account.psn_no == *own {
            ("account", "本人个人账户", "your own account")
        } else {
            ("family", "家庭共济账户", "a relative's account")
        };
        parts.push(part(kind, name, english, account.amount));
    }
    parts.push(part("cash", "本人现金", "in cash", explained.heads.psn_cash_pay));
    parts.push(part("hospital", "医院负担", "borne by the hospital", explained.heads.hosp_part_amt));
    parts.retain(|part| part.amount != 0);
    parts
}

fn line_told(console: &Console, line: &adjudication::facts::ChargedLine) -> MyLine {
    let request = &line.line;
    let known = console.centre.catalogue.on(request.med_list_codg.as_str(), request.fee_ocur_time.date());
    let split = &line.split;
    MyLine {
        name: known.as_ref().map_or_else(|| request.med_list_codg.to_string(), |item| item.name.clone()),
        level: words::level(&split.chrgitm_lv).0.to_owned(),
        quantity: request.cnt.to_string(),
        amount: request.amount.0,
        in_scope_amount: split.inscp_scp_amt.0,
        own_amount: (request.amount - split.inscp_scp_amt).0,
    }
}

fn why(console: &Console, step: &Step) -> MyStep {
    let (amount, words, words_english) = match &step.kind {
        StepKind::Lines { total, full_self_pay, over_limit, pre_self_pay, in_scope } => (
            Some(*in_scope),
            vec![format!(
                "账单共 {total} 元：目录外全自费 {full_self_pay} 元，超过限价 {over_limit} 元，先行自付 {pre_self_pay} 元，其余 {in_scope} 元进入报销范围。"
            )],
            vec![format!(
                "The bill is {total} yuan: {full_self_pay} outside the catalogue, {over_limit} above price ceilings, {pre_self_pay} to be paid first; {in_scope} may be reimbursed."
            )],
        ),
        StepKind::Value { operands, result, .. } => {
            let named: Vec<String> = operands.iter().map(|operand| called(operand, false)).collect();
            let english: Vec<String> = operands.iter().map(|operand| called(operand, true)).collect();
            let money = if let Shown::Money(amount) = result { Some(*amount) } else { None };
            let result = value(result);
            if operands.is_empty() {
                (money, vec![format!("按规定为 {result}。")], vec![format!("The rules make it {result}.")])
            } else {
                let (named, english) = (named.join("、"), english.join(", "));
                (money, vec![format!("由{named}，得出 {result}。")], vec![format!("From {english} follows {result}.")])
            }
        }
        StepKind::Layer { fund, input, from, threshold, bands, limits, uncapped, paid } => {
            let named = fund_name(console, fund);
            let mut words = vec![entering(&named.name, *input, *from, *threshold)];
            let mut english = vec![entering_english(&named.english, *input, *from, *threshold)];
            for band in bands.iter().filter(|band| !band.fee.is_zero()) {
                let (ratio, product) = (percent(band.ratio), yuan(band.product));
                words.push(format!("{} 元 × {ratio} = {product} 元", band.fee));
                english.push(format!("{} × {ratio} = {product}", band.fee));
            }
            for limit in limits.iter().filter(|limit| binds(limit, *uncapped, *paid)) {
                words.push(format!("{}尚余 {} 元，以此为限。{}", limit.name, limit.remaining, limit.article));
                english.push(format!("{} has {} left, which is the limit.", limit.name, limit.remaining));
            }
            words.push(format!("支付 {paid} 元。"));
            english.push(format!("It pays {paid}."));
            (Some(*paid), words, english)
        }
        StepKind::Account { fund, input, paid } => {
            let named = fund_name(console, fund);
            (
                Some(*paid),
                vec![format!("可由账户支付 {input} 元，{}支付 {paid} 元。", named.name)],
                vec![format!("{input} may be paid from accounts; {} pays {paid}.", named.english)],
            )
        }
        StepKind::Person { fund_total, hospital, person, account, cash } => (
            Some(*person),
            vec![format!(
                "基金共支付 {fund_total} 元，医院负担 {hospital} 元，您负担 {person} 元：其中账户 {account} 元，现金 {cash} 元。"
            )],
            vec![format!(
                "The funds pay {fund_total}, the hospital bears {hospital}, your part is {person}: {account} from accounts, {cash} in cash."
            )],
        ),
    };
    MyStep {
        title: step.name.to_string(),
        title_english: step.english.to_string(),
        article: step.article.to_string(),
        amount: amount.map(|amount| amount.0),
        words,
        words_english,
    }
}

fn entering(fund: &str, input: Fen, from: Fen, threshold: Option<Fen>) -> String {
    let before = if from.is_zero() { String::new() } else { format!("，此前已累计 {from} 元") };
    let above = threshold.map(|threshold| format!("，{threshold} 元以上的部分才支付")).unwrap_or_default();
    format!("{fund}：计入 {input} 元{before}{above}。")
}

fn entering_english(fund: &str, input: Fen, from: Fen, threshold: Option<Fen>) -> String {
    let before = if from.is_zero() { String::new() } else { format!(", after {from} before") };
    let above = threshold.map(|threshold| format!(", paid above {threshold} only")).unwrap_or_default();
    format!("{fund}: {input} goes in{before}{above}.")
}

fn binds(limit: &LimitStep, uncapped: Fen, paid: Fen) -> bool {
    paid < uncapped && limit.remaining <= paid
}

fn called(operand: &Operand, english: bool) -> String {
    let name = match &*operand.id {
        _ if !operand.name.is_empty() => (&*operand.name, &*operand.english),
        "in_scope" => ("报销范围内费用", "the amount in scope"),
        "pre_self_pay" => ("先行自付", "paid first"),
        "over_limit" => ("超限价", "above ceilings"),
        "full_self_pay" => ("全自费", "wholly self-paid"),
        "total_fee" => ("账单总额", "the bill"),
        "fund_total" => ("基金支付", "all funds"),
        "person_part" => ("个人负担", "your part"),
        other => (other, other),
    };
    format!("{} {}", if english { name.1 } else { name.0 }, value(&operand.value))
}

fn value(value: &Shown) -> String {
    match value {
        Shown::Money(amount) => amount.to_string(),
        Shown::Number(number) => number.to_string(),
        Shown::Text(text) if text == "true" => "是".to_owned(),
        Shown::Text(text) if text == "false" => "否".to_owned(),
        Shown::Text(text) => text.clone(),
    }
}

fn percent(ratio: Exact) -> String {
    ratio.times(Exact::whole(100)).map_or_else(|_| ratio.to_string(), |percent| format!("{percent}%"))
}

/// An exact amount in 分 as yuan.
fn yuan(amount: Exact) -> String {
    match amount.as_whole() {
        Some(fen) => Fen(fen).to_string(),
        None => amount.over(Exact::whole(100)).unwrap_or(amount).to_string(),
    }
}
