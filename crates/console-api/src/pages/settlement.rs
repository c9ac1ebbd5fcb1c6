//! 一笔结算: where each fen went and why, line by line and step by step, with its entries in
//! the ledger and its receipt.

use adjudication::facts::ChargedLine;
use db::Tx;
use evidence::Receipt;
use journeys::{Explanation, FundRole, JourneyError};
use ledger::{Account, Transfer};
use maud::{Markup, html};
use operation::feed;
use terms::{Fen, PersonId, SettlementId};

use super::{listed::seal, steps::steps};
use crate::html::{Part, Place, bar, both, count, frame, named, scrolled, yuan};
use crate::receipt::verified;
use crate::{Check, CheckState, Page, check_receipt, words};

/// Everything the page shows.
struct Told {
    explained: Explanation,
    person: Option<enrolment::Standing>,
    transfer: Option<Transfer>,
    /// The receipt, or why the register cannot give one.
    receipt: Result<Receipt, String>,
    reversed_by: Option<String>,
}

/// The person of a settlement or reversal, from the feed's record of it.
fn person_of(tx: &mut dyn Tx, id: &str) -> Result<Option<PersonId>, JourneyError> {
    for kind in ["settlement", "reversal"] {
        if let Some(change) = feed::find(tx, &format!("{kind}/{id}"))? {
            return Ok(Some(PersonId(change.person)));
        }
    }
    Ok(None)
}

fn tell(tx: &mut dyn Tx, id: &str) -> Result<Option<Told>, JourneyError> {
    let Some(psn_no) = person_of(tx, id)? else { return Ok(None) };
    let setl_id = SettlementId(id.to_owned());
    let Some(explained) = journeys::explanation(tx, &psn_no, &setl_id)? else { return Ok(None) };
    let receipt = match journeys::receipt(tx, &psn_no, &setl_id) {
        Ok(Some(receipt)) => Ok(receipt),
        Ok(None) => Err("the register has no such settlement".to_owned()),
        Err(JourneyError::Db(error)) => return Err(error.into()),
        Err(error) => Err(error.to_string()),
    };
    let history = claim::history(tx, &psn_no)?;
    let reversed_by = history.settlements.iter().find(|row| row.reverses.as_ref() == Some(&setl_id));
    Ok(Some(Told {
        person: enrolment::standing(tx, &psn_no)?,
        transfer: ledger::read(tx, &psn_no, id)?.map(|(transfer, _)| transfer),
        receipt,
        reversed_by: reversed_by.map(|row| row.setl_id.0.clone()),
        explained,
    }))
}

/// 凭证 as a file: its name and text; `None` when there is no such settlement.
pub(crate) fn receipt_file(page: &Page, id: &str) -> Result<Option<(String, String)>, JourneyError> {
    let asked = id.to_owned();
    let receipt = page.database.read(move |tx| -> Result<_, JourneyError> {
        let Some(psn_no) = person_of(tx, &asked)? else { return Ok(None) };
        journeys::receipt(tx, &psn_no, &SettlementId(asked.clone()))
    })?;
    Ok(receipt.map(|receipt| (format!("receipt-{}.json", receipt.facts.id), receipt.to_json())))
}

/// `/settlements/{id}`.
pub(crate) fn settlement(page: &Page, id: &str) -> Result<Option<Markup>, JourneyError> {
    let asked = id.to_owned();
    let Some(told) = page.database.read(move |tx| tell(tx, &asked))? else { return Ok(None) };
    let main = html! {
        (head(page, &told))
        section {
            h2 { (both("每一分的去处", "Where each fen went")) }
            (bar("总额由谁支付，数字见图例", &payers(page, &told.explained)))
            (identities(&told.explained))
        }
        section {
            h2 { (both("为什么", "Why, step by step")) }
            (steps(page, &told.explained))
        }
        (lines(page, &told.explained.lines, &told.explained))
        (entries(page, told.transfer.as_ref()))
        (receipt(page, &told))
    };
    Ok(Some(frame(page, Place::Settlements, "结算说明", None, &main)))
}

fn head(page: &Page, told: &Told) -> Markup {
    let row = &told.explained.row;
    let (kind, english) = words::med_type(&row.med_type);
    let institution = page.centre.institutions.on(row.fixmedins_code.as_str(), row.setl_time.date());
    let sealed = told.receipt.as_ref().is_ok_and(|receipt| receipt.sealed.is_some());
    html! {
        section.title {
            p.over { @if row.reverses.is_some() { (both("撤销说明", "a reversal explained")) } @else { (both("结算说明", "a settlement explained")) } }
            h1 { (both(kind, english)) }
            p.chips {
                (seal(sealed))
                @if let Some(reverses) = &row.reverses { " " a.chip.warn href={ "/settlements/" (reverses) } { "撤销的是 " (reverses) } }
                @if let Some(by) = &told.reversed_by { " " a.chip.warn href={ "/settlements/" (by) } { "已被撤销 " span.en lang="en" { "reversed" } } }
            }
            dl.facts {
                div { dt { (both("结算编号", "number")) } dd { code { (row.setl_id) } } }
                div { dt { (both("结算时间", "settled")) } dd { (terms::show_time(row.setl_time)) } }
                div { dt { (both("机构", "institution")) } dd {
                    @match &institution { Some(institution) => { (institution.name) } None => { code { (row.fixmedins_code) } } }
                } }
                div { dt { (both("险种", "scheme")) } dd { (named(page.schemes.get(&row.insutype), &row.insutype)) } }
                @if let Some(standing) = &told.person {
                    @let person = &standing.person;
                    div { dt { (both("参保人", "person")) } dd { (words::masked_name(&person.psn_name)) } }
                    div { dt { (both("人员编号", "person's number")) } dd { code { (words::masked_number(person.psn_no.as_str())) } } }
                    div { dt { (both("证件号码", "certificate")) } dd { code { (words::masked_number(&person.certno)) } } }
                }
                div { dt { (both("政策版本", "policy version")) } dd {
                    code { (row.policy.chars().take(16).collect::<String>()) "…" }
                    @if row.policy != page.centre.law.hash() { " " (both("（与现行版本不同）", "not the present one")) }
                } }
            }
        }
    }
}

fn payers(page: &Page, explained: &Explanation) -> Vec<Part> {
    let mut funds = 0;
    let mut parts: Vec<Part> = Vec::new();
    for row in &explained.detail {
        let class = match page.centre.books.role(&row.fund_pay_type) {
            FundRole::Account => "account".to_owned(),
            FundRole::Hospital => "hospital".to_owned(),
            FundRole::Pool => {
                funds += 1;
                format!("fund-{}", (funds - 1) % 6)
            }
        };
        let name = named(page.funds.get(&row.fund_pay_type), &row.fund_pay_type);
        parts.push(Part { name, amount: row.fund_payamt, class });
    }
    let cash = explained.heads.psn_cash_pay;
    parts.push(Part { name: both("个人现金", "cash"), amount: cash, class: "cash".to_owned() });
    parts
}

/// The sums that a reader can add up again.
fn identities(explained: &Explanation) -> Markup {
    let heads = &explained.heads;
    let sum = |whole: (&str, Fen), parts: &[(&str, Fen)]| {
        html! {
            li {
                span.term { (whole.0) " " b { (yuan(whole.1)) } }
                @for (n, (name, amount)) in parts.iter().enumerate() {
                    span.sign { @if n == 0 { "=" } @else { "+" } }
                    span.term { (name) " " b { (yuan(*amount)) } }
                }
            }
        }
    };
    html! {
        ul.sums {
            (sum(("总额 T", heads.medfee_sumamt), &[
                ("全自费 A", heads.fulamt_ownpay_amt), ("超限价 B", heads.overlmt_selfpay),
                ("先行自付 C", heads.preselfpay_amt), ("符合范围 I", heads.inscp_scp_amt),
            ]))
            (sum(("总额 T", heads.medfee_sumamt), &[
                ("基金 F", heads.fund_pay_sumamt), ("个人 P", heads.psn_part_amt), ("医院 Hp", heads.hosp_part_amt),
            ]))
            (sum(("个人 P", heads.psn_part_amt), &[("账户 W", heads.acct_pay), ("现金 X", heads.psn_cash_pay)]))
        }
    }
}

fn lines(page: &Page, lines: &[ChargedLine], explained: &Explanation) -> Markup {
    let heads = &explained.heads;
    let table = html! {
        table.lines {
            caption { (both("每行 金额 = A 全自费 + B 超限价 + C 先行自付 + I 符合范围", "each line: amount = A + B + C + I")) }
            thead { tr {
                th scope="col" { (both("项目", "Item")) }
                th scope="col" { (both("等级", "Class")) }
                th.num scope="col" { (both("数量 × 单价", "count × price")) }
                th.num scope="col" { (both("金额", "amount")) }
                th.num scope="col" { "A" }
                th.num scope="col" { "B" }
                th.num scope="col" { "C" }
                th.num scope="col" { "I" }
            } }
            tbody { @for line in lines { (charged(page, line)) } }
            tfoot { tr {
                th scope="row" colspan="3" { (both("合计", "sum")) }
                td.num { (yuan(heads.medfee_sumamt)) }
                td.num { (yuan(heads.fulamt_ownpay_amt)) }
                td.num { (yuan(heads.overlmt_selfpay)) }
                td.num { (yuan(heads.preselfpay_amt)) }
                td.num { (yuan(heads.inscp_scp_amt)) }
            } }
        }
    };
    html! {
        @if !lines.is_empty() {
            section {
                h2 { (both("费用明细", "The bill")) " " span.fine { (count(lines.len() as u64)) " 行" } }
                (scrolled("费用明细", &table))
            }
        }
    }
}

fn charged(page: &Page, ChargedLine { line, split, .. }: &ChargedLine) -> Markup {
    let item = page.centre.catalogue.on(line.med_list_codg.as_str(), line.fee_ocur_time.date());
    let (level, english) = words::level(&split.chrgitm_lv);
    html! {
        tr {
            th scope="row" {
                @if let Some(item) = item { (item.name) " " }
                code { (line.med_list_codg) }
            }
            td {
                (both(level, english))
                @if split.selfpay_prop.0 != 0 { br; span.fine { "先行自付 " (super::steps::percent(split.selfpay_prop.into())) } }
            }
            td.num { (line.cnt) " × " (line.pric) }
            td.num { (yuan(line.amount)) }
            td.num { (yuan(split.fulamt_ownpay_amt)) }
            td.num { (yuan(split.overlmt_amt)) }
            td.num { (yuan(split.preselfpay_amt)) }
            td.num { (yuan(split.inscp_scp_amt)) }
        }
    }
}

fn entries(page: &Page, transfer: Option<&Transfer>) -> Markup {
    let owner = |account: &Account| match account {
        Account::Pool(code) => named(page.funds.get(code), code),
        Account::Personal(person) | Account::Cash(person) | Account::Owed(person) | Account::Reimbursed(person) => {
            html! { code { (words::masked_number(person.as_str())) } }
        }
        Account::Payable(code)
        | Account::Withheld(code)
        | Account::Held(code)
        | Account::Paid(code)
        | Account::Till(code) => html! { code { (code) } },
        Account::Suspense(name) => html! { (name) },
    };
    html! {
        @if let Some(transfer) = transfer {
            section {
                h2 { (both("账簿分录", "Entries in the ledger")) }
                table.stacks.entries {
                    caption { (both("正数表示钱到了这个账户；全部分录之和为零", "positive where money comes to; the entries sum to zero")) }
                    thead { tr {
                        th scope="col" { (both("账户", "Account")) }
                        th scope="col" { (both("所属", "Whose")) }
                        th.num scope="col" { (both("金额", "amount")) }
                    } }
                    tbody {
                        @for (account, amount) in &transfer.entries {
                            @let (kind, english) = words::account(account);
                            tr {
                                th scope="row" { (both(kind, english)) }
                                td data-label="所属" { (owner(account)) }
                                td.num data-label="金额" { (yuan(*amount)) }
                            }
                        }
                    }
                    tfoot { tr {
                        th scope="row" { (both("合计", "sum")) }
                        td.blank {}
                        td.num data-label="合计" { (yuan(transfer.imbalance())) }
                    } }
                }
            }
        }
    }
}

fn receipt(page: &Page, told: &Told) -> Markup {
    let explained = &told.explained;
    let money = || {
        journeys::check_settlement(&explained.heads, &explained.detail, &explained.accounts)
            .and_then(|()| match explained.row.reverses {
                // A reversal has no lines of its own.
                Some(_) => Ok(()),
                None => journeys::check_lines(&explained.heads, &explained.lines),
            })
            .map_err(|broken| broken.to_string())
    };
    let checks = check_receipt(told.receipt.as_ref().map_err(Clone::clone), &page.trusted, money);
    let proved = told.receipt.as_ref().ok().and_then(|receipt| verified(receipt, &page.trusted));
    let id = &explained.row.setl_id;
    html! {
        section.receipt id="receipt" {
            h2 { (both("凭证", "Receipt")) }
            ol.checks { @for check in &checks { (one_check(check)) } }
            @if let Some(proved) = &proved {
                p {
                    "存证日志第 " b { (count(proved.index)) } " 条（签名时共 " (count(proved.size)) " 条），签名时刻 " (proved.time) "。 "
                    span.en lang="en" { "Entry " (count(proved.index)) " of the log " (proved.origin) ", counted from 0." }
                }
            }
            @if told.receipt.is_ok() {
                p.pager { a.button.strong href={ "/settlements/" (id) "/receipt" } download { (both("下载凭证文件", "Download the receipt")) } }
                p.fine {
                    "凭证是本人的文件，号码未遮去。不联网也能在任何电脑上核验："
                    " " span.en lang="en" { "The file is the person's own: its numbers are not hidden. Verify it anywhere, offline:" }
                }
                pre.wraps { "heng verify receipt-" (id) ".json --key '" (page.trusted) "'" }
            }
        }
    }
}

fn one_check(check: &Check) -> Markup {
    let (class, mark, spoken) = match &check.state {
        CheckState::Passed => ("passed", "✓", "通过"),
        CheckState::Failed(..) => ("failed", "✗", "未通过"),
        CheckState::Pending(..) => ("waits", "…", "待存证"),
        CheckState::NotReached => ("unreached", "–", "未进行"),
    };
    html! {
        li class=(class) {
            span.sign aria-hidden="true" { (mark) }
            span.hidden { (spoken) "：" }
            div {
                (both(check.name, check.english))
                @if let CheckState::Failed(chinese, english) | CheckState::Pending(chinese, english) = &check.state {
                    p.because { (chinese) "。 " span.en lang="en" { (english) } }
                }
            }
        }
    }
}
