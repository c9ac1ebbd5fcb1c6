//! 2207 门诊结算; 2304 settles a stay in the same way.

use super::prelude::*;

pub fn handle(desk: &Desk, request: &Request<'_>) -> Result<Answer, Declined> {
    let data = request.message.row("data");
    let asked = super::t2206::settling(request.message, data)?;
    let certificate = readings::certificate(data);
    desk.record(request, move |centre, tx, operation, reply| {
        centre.certify_deed(tx, operation, &asked.psn_no, &certificate, Purpose::Settle)?;
        let settled = centre.settle(tx, operation, &asked)?;
        figures::settlement(reply, &settled, asked.request.setl_time, &certificate.kind, operation.msgid.as_str());
        let setl_id = settled.setl_id.map_or_else(String::new, |setl_id| setl_id.0);
        centre.spend_token(tx, operation, &certificate, &setl_id)?;
        Ok(setl_id)
    })
}
