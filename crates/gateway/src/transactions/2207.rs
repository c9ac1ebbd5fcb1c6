//! 2207 门诊结算; 2304 settles a stay in the same way.

use super::prelude::*;

pub fn handle(desk: &Desk, request: &Request<'_>) -> Result<Answer, Declined> {
    let data = request.message.row("data");
    let asked = super::t2206::settling(request.message, data)?;
    let cert_type = data.text("mdtrt_cert_type").to_owned();
    desk.record(request, move |centre, tx, operation, reply| {
        let settled = centre.settle(tx, operation, &asked)?;
        figures::settlement(reply, &settled, asked.request.setl_time, &cert_type, operation.msgid.as_str());
        Ok(settled.setl_id.map_or_else(String::new, |setl_id| setl_id.0))
    })
}
