//! 3203 清算申请: what the institution declares for a month under one 清算类别.

use super::prelude::*;
use journeys::Applying;

pub fn handle(desk: &Desk, request: &Request<'_>) -> Result<Answer, Declined> {
    let data = request.message.row("data");
    let month = data.need("setlym")?.parse();
    let asked = Applying {
        clr_type: data.need("clr_type")?.to_owned(),
        clr_way: data.text("clr_way").to_owned(),
        month: month.map_err(|_| data.refusal(Form::FieldType, "setlym", "应为年月，如 202603"))?,
        dates: (data.date("begndate")?, data.date("enddate")?),
        psntime: data.whole("psntime"),
        medfee_sumamt: data.money("medfee_sumamt"),
        med_sumfee: data.money("med_sumfee"),
        fund_appy_sum: data.money("fund_appy_sum"),
        cash_payamt: data.money("cash_payamt"),
        acct_pay: data.money("acct_pay"),
    };
    desk.record(request, move |centre, tx, operation, reply| {
        let application = centre.apply_for_clearing(tx, operation, &asked)?;
        reply.row("result").text("clr_appy_evt_id", &application.clr_appy_evt_id);
        Ok(application.clr_appy_evt_id)
    })
}
