//! 说明: one settlement put together from the rooms that own its parts.

use access::permission::SettlementRead;
use adjudication::facts::ChargedLine;
use adjudication::trace::{Operand, Shown, Step, StepKind};
use db::Tx;
use evidence::Receipt;
use journeys::{Explanation, FundRole, JourneyError};
use ledger::{Account, Transfer};
use operation::feed;
use serde::Serialize;
use terms::{Exact, Fen, PersonId, SettlementId};
use utoipa::ToSchema;

use super::SettlementAmounts;
use crate::coded::Coded;
use crate::frame::{Console, Granted, Masked};
use crate::receipt::verified;
use crate::{CheckState, check_receipt};

/// What the registers know of a settlement.
pub(super) struct Gathered {
    pub explained: Explanation,
    /// Its row in the projections; none in the moment before the feed is read.
    pub projected: Option<overview::Row>,
    person: Option<enrolment::Standing>,
    transfer: Option<Transfer>,
    reversed_by: Option<String>,
    /// The receipt, or why the register cannot give one.
    pub receipt: Result<Receipt, String>,
}

/// The person of a settlement or reversal, from the feed's record of it.
fn person_of(tx: &mut dyn Tx, id: &SettlementId) -> Result<Option<PersonId>, JourneyError> {
    for kind in ["settlement", "reversal"] {
        if let Some(change) = feed::find(tx, &format!("{kind}/{id}"))? {
            return Ok(Some(PersonId(change.person)));
        }
    }
    Ok(None)
}

pub(super) fn gather(tx: &mut dyn Tx, id: &SettlementId) -> Result<Option<Gathered>, JourneyError> {
    let Some(psn_no) = person_of(tx, id)? else { return Ok(None) };
    let Some(explained) = journeys::explanation(tx, &psn_no, id)? else { return Ok(None) };
    let receipt = match journeys::receipt(tx, &psn_no, id) {
        Ok(Some(receipt)) => Ok(receipt),
        Ok(None) => Err("the register has no such settlement".to_owned()),
        Err(JourneyError::Db(error)) => return Err(error.into()),
        Err(error) => Err(error.to_string()),
    };
    let history = claim::history(tx, &psn_no)?;
    let reversed_by = history.settlements.iter().find(|row| row.reverses.as_ref() == Some(id));
    Ok(Some(Gathered {
        projected: overview::find(tx, id)?,
        person: enrolment::standing(tx, &psn_no)?,
        transfer: ledger::read(tx, &psn_no, id.as_str())?.map(|(transfer, _)| transfer),
        reversed_by: reversed_by.map(|row| row.setl_id.0.clone()),
        receipt,
        explained,
    }))
}

/// 结算说明.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SettlementTold {
    /// 结算ID.
    id: String,
    /// `valid`, `reversed` or `reversal`.
    #[schema(pattern = "^(valid|reversed|reversal)$")]
    standing: &'static str,
    /// The settlement that this one takes back.
    reverses: Option<String>,
    /// The row that took this settlement back.
    reversed_by: Option<String>,
    /// 就诊ID.
    visit: String,
    person: SettlementPerson,
    institution: Coded,
    /// 科室; none where the institution did not say.
    department: Option<Coded>,
    /// 险种.
    scheme: Coded,
    /// 医疗类别.
    med_type: Coded,
    /// 清算类别.
    stream: Coded,
    /// 结算时间.
    settled_at: String,
    /// 开始时间 of the visit, where the projections have it.
    began_at: Option<String>,
    /// 结束时间 of a stay.
    ended_at: Option<String>,
    /// 异地.
    out_of_area: bool,
    policy: SettlementPolicy,
    /// 汇总.
    heads: SettlementAmounts,
    /// 起付线 that was paid.
    deductible_amount: i64,
    /// Where each fen went: the funds, accounts, the hospital, cash; they sum to the total.
    payers: Vec<SettlementPayer>,
    /// 费用明细.
    lines: Vec<SettlementLine>,
    /// Why, step by step; none in a reversal, which decides nothing.
    steps: Vec<TraceStep>,
    /// 账簿分录; they sum to zero.
    postings: Vec<SettlementPosting>,
    receipt: SettlementReceipt,
}

/// 参保人, masked.
#[derive(Debug, Serialize, ToSchema)]
struct SettlementPerson {
    /// 人员编号.
    id: String,
    /// 姓名.
    name: Masked,
    /// 证件号码.
    certificate: Masked,
    /// 人员类别 when the visit began, where it is known.
    group: Option<Coded>,
    /// 年龄 when the visit began.
    age: Option<i64>,
}

/// 政策版本.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SettlementPolicy)]
struct SettlementPolicy {
    /// The hash of the policy that decided.
    hash: String,
    /// Whether it is the one in force now.
    current: bool,
    /// 名称 of the policy in force now.
    title: String,
    /// The same in English.
    english: String,
}

/// 支付方.
#[derive(Debug, Serialize, ToSchema)]
struct SettlementPayer {
    /// `pool`, `account`, `hospital` or `cash`.
    role: &'static str,
    /// 基金支付类型; the code `cash` for cash.
    fund: Coded,
    amount: i64,
}

/// 费用明细.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SettlementLine)]
struct SettlementLine {
    /// 费用明细流水号.
    id: String,
    /// 目录.
    item: Coded,
    /// 收费项目等级.
    level: Coded,
    /// 费用发生时间.
    at: String,
    /// 数量, exact.
    count: String,
    /// 单价 in yuan, exact.
    price: String,
    amount: i64,
    full_self_pay_amount: i64,
    over_limit_amount: i64,
    pre_self_pay_amount: i64,
    in_scope_amount: i64,
    /// 先行自付比例 in per cent; none when it is zero.
    pre_self_pay_percent: Option<String>,
    /// 定价上限 in yuan; none without one.
    price_limit: Option<String>,
}

/// 一步.
#[derive(Debug, Serialize, ToSchema)]
struct TraceStep {
    /// The rule's id in the region's folder.
    rule: String,
    name: String,
    english: String,
    /// 条款.
    article: String,
    #[serde(flatten)]
    what: TraceWhat,
}

/// What happened in a step. SettlementAmounts are in 分.
#[derive(Debug, Serialize, ToSchema)]
#[serde(tag = "kind", rename_all = "lowercase")]
enum TraceWhat {
    /// The sums of the lines.
    Lines { total: i64, full_self_pay: i64, over_limit: i64, pre_self_pay: i64, in_scope: i64 },
    /// A named formula.
    Value { formula: String, operands: Vec<TraceOperand>, result: TraceValue },
    /// A layer that paid, or could have.
    Layer(TraceLayer),
    /// An account that paid.
    Account { fund: Coded, input: i64, paid: i64 },
    /// What is left.
    Person { fund_total: i64, hospital: i64, person: i64, account: i64, cash: i64 },
}

/// A layer that paid, or could have.
#[derive(Debug, Serialize, ToSchema)]
struct TraceLayer {
    fund: Coded,
    /// What it took.
    input: i64,
    /// Where on the running total it began.
    from: i64,
    /// Its threshold, if it has one.
    threshold: Option<i64>,
    /// The bands into which something fell.
    bands: Vec<TraceBand>,
    limits: Vec<TraceLimit>,
    /// Without limits.
    uncapped: i64,
    paid: i64,
}

/// 分段.
#[derive(Debug, Serialize, ToSchema)]
struct TraceBand {
    /// How much fell into it.
    fee: i64,
    /// 比例 in per cent, exact.
    percent: String,
    /// What it gave, in yuan, exact, before rounding.
    product: String,
}

/// 限额.
#[derive(Debug, Serialize, ToSchema)]
struct TraceLimit {
    name: String,
    article: String,
    /// What was left.
    remaining: i64,
    /// Whether it kept the layer from paying more.
    binds: bool,
}

/// What a name in a formula stood for.
#[derive(Debug, Serialize, ToSchema)]
struct TraceOperand {
    /// The name as the formula writes it.
    id: String,
    /// 中文名, or empty for a fact.
    name: String,
    english: String,
    value: TraceValue,
}

/// A value: an amount, or words.
#[derive(Debug, Serialize, ToSchema)]
struct TraceValue {
    /// An amount in 分.
    amount: Option<i64>,
    /// A number, a text, `true` or `false`.
    text: Option<String>,
}

/// 分录.
#[derive(Debug, Serialize, ToSchema)]
struct SettlementPosting {
    /// The kind of account.
    account: Coded,
    /// Whose it is: a fund, an institution; none of a person's.
    owner: Option<Coded>,
    /// Whose it is, of a person's.
    person: Option<Masked>,
    /// Positive where money comes to.
    amount: i64,
}

/// 凭证, as the centre itself verifies it.
#[derive(Debug, Serialize, ToSchema)]
struct SettlementReceipt {
    /// `sealed`, `pending` (no checkpoint covers it yet) or `broken`.
    state: &'static str,
    checks: Vec<ReceiptCheck>,
    /// Its number in the log, from 0.
    index: Option<u64>,
    /// Entries of the log when it was signed.
    size: Option<u64>,
    /// The log.
    origin: Option<String>,
    /// When it was signed.
    signed_at: Option<String>,
    /// The log's public key, for `heng verify --key`.
    key: String,
}

/// One check of a receipt.
#[derive(Debug, Serialize, ToSchema)]
struct ReceiptCheck {
    name: String,
    english: String,
    /// `passed`, `failed`, `pending` or `not_reached`.
    state: &'static str,
    /// Why it failed or waits.
    reason: Option<String>,
    reason_english: Option<String>,
}

pub(super) fn tell(console: &Console, grant: &Granted<SettlementRead>, gathered: &Gathered) -> SettlementTold {
    let Gathered { explained, projected, .. } = gathered;
    let (row, centre) = (&explained.row, &console.centre);
    let told = projected.as_ref().map(|row| &row.sundry);
    let department = told.map(|told| told.department.as_str()).filter(|code| !code.is_empty());
    let day = row.setl_time.date();
    SettlementTold {
        id: row.setl_id.0.clone(),
        standing: match (&row.reverses, &gathered.reversed_by) {
            (Some(_), _) => "reversal",
            (None, Some(_)) => "reversed",
            (None, None) => "valid",
        },
        reverses: row.reverses.as_ref().map(|id| id.0.clone()),
        reversed_by: gathered.reversed_by.clone(),
        visit: row.mdtrt_id.0.clone(),
        person: person(grant, gathered),
        institution: Coded::institution(centre, row.fixmedins_code.as_str(), day),
        department: department.map(|code| Coded::department(centre, row.fixmedins_code.as_str(), code)),
        scheme: console.scheme(&row.insutype),
        med_type: Coded::med_type(&row.med_type),
        stream: Coded::stream(&row.clr_type),
        settled_at: row.setl_time.to_string(),
        began_at: told.map(|told| told.begntime.replace(' ', "T")),
        ended_at: told.and_then(|told| told.endtime.as_ref()).map(|time| time.replace(' ', "T")),
        out_of_area: told.is_some_and(overview::Sundry::out_of_area),
        policy: SettlementPolicy {
            hash: row.policy.clone(),
            current: row.policy == centre.law.hash(),
            title: centre.law.title.to_string(),
            english: centre.law.english.to_string(),
        },
        heads: heads(explained),
        deductible_amount: explained.heads.act_pay_dedc.0,
        payers: payers(console, explained),
        lines: explained.lines.iter().map(|line| charged(console, line)).collect(),
        steps: explained.trace.0.iter().map(|step| one(console, step)).collect(),
        postings: postings(console, grant, gathered),
        receipt: receipt(console, gathered),
    }
}

fn person(grant: &Granted<SettlementRead>, gathered: &Gathered) -> SettlementPerson {
    let id = gathered.explained.row.psn_no.as_str();
    let (name, certificate) = gathered
        .person
        .as_ref()
        .map_or(("", ""), |standing| (standing.person.psn_name.as_str(), standing.person.certno.as_str()));
    let told = gathered.projected.as_ref().map(|row| &row.sundry);
    SettlementPerson {
        id: id.to_owned(),
        name: grant.mask_name(id, name),
        certificate: grant.mask_number(id, certificate),
        group: told.map(|told| Coded::person_group(&told.person_group)),
        age: told.and_then(|told| told.age),
    }
}

fn heads(explained: &Explanation) -> SettlementAmounts {
    let heads = &explained.heads;
    overview::Amounts {
        total: heads.medfee_sumamt,
        full_self_pay: heads.fulamt_ownpay_amt,
        over_limit: heads.overlmt_selfpay,
        pre_self_pay: heads.preselfpay_amt,
        in_scope: heads.inscp_scp_amt,
        funds: heads.fund_pay_sumamt,
        person: heads.psn_part_amt,
        account: heads.acct_pay,
        cash: heads.psn_cash_pay,
        hospital: heads.hosp_part_amt,
    }
    .into()
}

fn payers(console: &Console, explained: &Explanation) -> Vec<SettlementPayer> {
    let row = |row: &adjudication::facts::FundPayment| SettlementPayer {
        role: match console.centre.books.role(&row.fund_pay_type) {
            FundRole::Pool => "pool",
            FundRole::Account => "account",
            FundRole::Hospital => "hospital",
        },
        fund: console.fund(&row.fund_pay_type),
        amount: row.fund_payamt.0,
    };
    let mut payers: Vec<SettlementPayer> = explained.detail.iter().map(row).collect();
    let fund = Coded { code: "cash".to_owned(), name: "个人现金".to_owned(), english: "cash".to_owned() };
    payers.push(SettlementPayer { role: "cash", fund, amount: explained.heads.psn_cash_pay.0 });
    payers
}

fn charged(console: &Console, ChargedLine { line, split, .. }: &ChargedLine) -> SettlementLine {
    let code = line.med_list_codg.as_str();
    let item = console.centre.catalogue.on(code, line.fee_ocur_time.date());
    let name = item.map_or(code, |item| item.name.as_str());
    let limited = split.pric_uplmt_amt.parse::<Fen>().ok().filter(|limit| *limit < NO_LIMIT);
    SettlementLine {
        id: line.feedetl_sn.to_string(),
        item: Coded { code: code.to_owned(), name: name.to_owned(), english: String::new() },
        level: Coded::level(&split.chrgitm_lv),
        at: line.fee_ocur_time.to_string(),
        count: line.cnt.to_string(),
        price: line.pric.to_string(),
        amount: line.amount.0,
        full_self_pay_amount: split.fulamt_ownpay_amt.0,
        over_limit_amount: split.overlmt_amt.0,
        pre_self_pay_amount: split.preselfpay_amt.0,
        in_scope_amount: split.inscp_scp_amt.0,
        pre_self_pay_percent: (split.selfpay_prop.0 != 0).then(|| percent(split.selfpay_prop.into())),
        price_limit: limited.map(|_| split.pric_uplmt_amt.clone()),
    }
}

/// `999999`: the catalogue's word for no limit.
const NO_LIMIT: Fen = Fen(99_999_900);

fn one(console: &Console, step: &Step) -> TraceStep {
    let what = match &step.kind {
        StepKind::Lines { total, full_self_pay, over_limit, pre_self_pay, in_scope } => TraceWhat::Lines {
            total: total.0,
            full_self_pay: full_self_pay.0,
            over_limit: over_limit.0,
            pre_self_pay: pre_self_pay.0,
            in_scope: in_scope.0,
        },
        StepKind::Value { formula, operands, result } => TraceWhat::Value {
            formula: formula.split_whitespace().collect::<Vec<_>>().join(" "),
            operands: operands.iter().map(operand).collect(),
            result: shown(result),
        },
        StepKind::Layer { fund, input, from, threshold, bands, limits, uncapped, paid } => {
            TraceWhat::Layer(TraceLayer {
                fund: console.fund(fund),
                input: input.0,
                from: from.0,
                threshold: threshold.map(|threshold| threshold.0),
                bands: bands
                    .iter()
                    .filter(|band| !band.fee.is_zero())
                    .map(|band| TraceBand {
                        fee: band.fee.0,
                        percent: percent(band.ratio),
                        product: yuan(band.product),
                    })
                    .collect(),
                limits: limits
                    .iter()
                    .map(|limit| TraceLimit {
                        name: limit.name.to_string(),
                        article: limit.article.to_string(),
                        remaining: limit.remaining.0,
                        binds: paid < uncapped && limit.remaining <= *paid,
                    })
                    .collect(),
                uncapped: uncapped.0,
                paid: paid.0,
            })
        }
        StepKind::Account { fund, input, paid } => {
            TraceWhat::Account { fund: console.fund(fund), input: input.0, paid: paid.0 }
        }
        StepKind::Person { fund_total, hospital, person, account, cash } => TraceWhat::Person {
            fund_total: fund_total.0,
            hospital: hospital.0,
            person: person.0,
            account: account.0,
            cash: cash.0,
        },
    };
    TraceStep {
        rule: step.rule.to_string(),
        name: step.name.to_string(),
        english: step.english.to_string(),
        article: step.article.to_string(),
        what,
    }
}

fn operand(operand: &Operand) -> TraceOperand {
    TraceOperand {
        id: operand.id.to_string(),
        name: operand.name.to_string(),
        english: operand.english.to_string(),
        value: shown(&operand.value),
    }
}

fn shown(value: &Shown) -> TraceValue {
    match value {
        Shown::Money(amount) => TraceValue { amount: Some(amount.0), text: None },
        Shown::Number(number) => TraceValue { amount: None, text: Some(number.to_string()) },
        Shown::Text(text) => TraceValue { amount: None, text: Some(text.clone()) },
    }
}

/// A ratio as per cent.
fn percent(ratio: Exact) -> String {
    ratio.times(Exact::whole(100)).map_or_else(|_| ratio.to_string(), |percent| percent.to_string())
}

/// An exact amount in 分 as yuan.
fn yuan(amount: Exact) -> String {
    match amount.as_whole() {
        Some(fen) => Fen(fen).to_string(),
        None => amount.over(Exact::whole(100)).unwrap_or(amount).to_string(),
    }
}

fn postings(console: &Console, grant: &Granted<SettlementRead>, gathered: &Gathered) -> Vec<SettlementPosting> {
    let day = gathered.explained.row.setl_time.date();
    let entries = gathered.transfer.iter().flat_map(|transfer| &transfer.entries);
    let posting = |(account, amount): &(Account, Fen)| {
        let (owner, person) = match account {
            Account::Pool(code) => (Some(console.fund(code)), None),
            Account::Personal(id) | Account::Cash(id) | Account::Owed(id) | Account::Reimbursed(id) => {
                (None, Some(grant.mask_number(id.as_str(), id.as_str())))
            }
            Account::Payable(code)
            | Account::Withheld(code)
            | Account::Held(code)
            | Account::Paid(code)
            | Account::Till(code) => (Some(Coded::institution(&console.centre, code.as_str(), day)), None),
            Account::Suspense(name) => {
                (Some(Coded { code: name.clone(), name: name.clone(), english: name.clone() }), None)
            }
        };
        SettlementPosting { account: Coded::account(account), owner, person, amount: amount.0 }
    };
    entries.map(posting).collect()
}

fn receipt(console: &Console, gathered: &Gathered) -> SettlementReceipt {
    let explained = &gathered.explained;
    let money = || {
        journeys::check_settlement(&explained.heads, &explained.detail, &explained.accounts)
            .and_then(|()| match explained.row.reverses {
                // A reversal has no lines of its own.
                Some(_) => Ok(()),
                None => journeys::check_lines(&explained.heads, &explained.lines),
            })
            .map_err(|broken| broken.to_string())
    };
    let checks = check_receipt(gathered.receipt.as_ref().map_err(Clone::clone), &console.trusted, money);
    let proved = gathered.receipt.as_ref().ok().and_then(|receipt| verified(receipt, &console.trusted));
    let pending = checks.iter().any(|check| matches!(check.state, CheckState::Pending(..)));
    let passed = checks.iter().all(|check| check.state == CheckState::Passed);
    let told = |check: crate::Check| {
        let (state, reason) = match check.state {
            CheckState::Passed => ("passed", None),
            CheckState::Failed(zh, en) => ("failed", Some((zh, en))),
            CheckState::Pending(zh, en) => ("pending", Some((zh, en))),
            CheckState::NotReached => ("not_reached", None),
        };
        let (reason, reason_english) = reason.unzip();
        ReceiptCheck { name: check.name.to_owned(), english: check.english.to_owned(), state, reason, reason_english }
    };
    SettlementReceipt {
        state: if passed {
            "sealed"
        } else if pending {
            "pending"
        } else {
            "broken"
        },
        checks: checks.into_iter().map(told).collect(),
        index: proved.as_ref().map(|proved| proved.index),
        size: proved.as_ref().map(|proved| proved.size),
        origin: proved.as_ref().map(|proved| proved.origin.clone()),
        signed_at: proved.as_ref().map(|proved| proved.time.to_string()),
        key: console.trusted.to_string(),
    }
}
