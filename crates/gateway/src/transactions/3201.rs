//! 3201 医药机构费用结算对总账.

use super::prelude::*;

pub fn handle(desk: &Desk, request: &Request<'_>) -> Result<Answer, Declined> {
    let data = request.message.row("data");
    let institution = request.message.envelope.institution.clone();
    let dates = (data.date("stmt_begndate")?, data.date("stmt_enddate")?);
    let (clr_type, insutype) = (data.need("clr_type")?.to_owned(), data.need("insutype")?.to_owned());
    let asked = (institution.clone(), clr_type.clone(), insutype.clone());
    let sums = desk.ask(move |_, tx| journeys::reconcile_sums(tx, &asked.0, dates, &asked.1, &asked.2))?;
    let ours = [
        ("医疗费总额", sums.medfee_sumamt, data.money("medfee_sumamt")),
        ("基金支付总额", sums.fund_pay_sumamt, data.money("fund_pay_sumamt")),
        ("个人账户支付金额", sums.acct_pay, data.money("acct_pay")),
    ];
    let mut differing: Vec<String> = ours
        .into_iter()
        .filter(|(_, centre, institution)| centre != institution)
        .map(|(name, centre, institution)| format!("{name}：中心 {centre}，机构 {institution}"))
        .collect();
    let count = data.whole("fixmedins_setl_cnt");
    if count != sums.count {
        differing.push(format!("结算笔数：中心 {}，机构 {count}", sums.count));
    }
    let operation = request.operation(0)?;
    let outcome = claim::Reconciliation {
        reconciliation_id: operation.new_id("reconciliation"),
        fixmedins_code: institution,
        infno: operation.infno,
        begndate: dates.0,
        enddate: dates.1,
        clr_type,
        insutype,
        differences: differing.clone(),
        made_at: operation.received_at,
    };
    desk.note_reconciliation(outcome)?;
    let mut reply = request.message.reply();
    reply
        .row("stmtinfo")
        .text("setl_optins", data.text("setl_optins"))
        .text("stmt_rslt", if differing.is_empty() { EQUAL } else { UNEQUAL })
        .text("stmt_rslt_dscr", if differing.is_empty() { "平".to_owned() } else { differing.join("；") });
    Ok(Answer::Reply(reply))
}

/// 对账结果 0 平.
pub(super) const EQUAL: &str = "0";
/// 对账结果 1 不平.
pub(super) const UNEQUAL: &str = "1";
