//! 2001 人员待遇享受检查.

use super::prelude::*;
use journeys::EntitlementQuestion;

pub fn handle(desk: &Desk, request: &Request<'_>) -> Result<Answer, Declined> {
    let data = request.message.row("data");
    let question = EntitlementQuestion {
        psn_no: readings::person(data)?,
        insutype: data.need("insutype")?.to_owned(),
        fixmedins_code: data.need("fixmedins_code")?.into(),
        med_type: data.need("med_type")?.to_owned(),
        begntime: data.time("begntime")?,
        fields: readings::law_fields(data),
    };
    let funds = desk.ask(move |centre, tx| centre.entitlement(tx, &question))?;
    let mut reply = request.message.reply();
    for fund in funds {
        let row = reply.row("trtinfo");
        row.text("psn_no", data.text("psn_no"))
            .text("trt_chk_type", FUND_CHECK)
            .text("fund_pay_type", &fund.fund_pay_type)
            .flag("trt_enjymnt_flag", fund.entitled)
            .date("begndate", fund.begin)
            .text("trt_chk_rslt", &fund.reason);
        if let Some(end) = fund.end {
            row.date("enddate", end);
        }
    }
    Ok(Answer::Reply(reply))
}

/// 待遇检查类型 01 基金项检查.
const FUND_CHECK: &str = "01";
