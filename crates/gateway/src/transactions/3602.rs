//! 3602 特病单议退出申请保存: a settled stay put forward as a special case.

use super::prelude::*;

pub fn handle(desk: &Desk, request: &Request<'_>) -> Result<Answer, Declined> {
    let data = request.message.row("data");
    let (psn_no, setl_id) = (readings::person(data)?, SettlementId::from(data.need("setl_id")?));
    let reason = data.need("exit_rea")?.to_owned();
    desk.record(request, move |centre, tx, operation, reply| {
        centre.ask_special(tx, operation, &psn_no, &setl_id, &reason)?;
        reply.row("data").text("code", "0").text("message", "").text("type", "success");
        Ok(setl_id.to_string())
    })
}
