//! 2102 药店结算: visit, lines and settlement in one message and one deed.

use super::prelude::*;

pub fn handle(desk: &Desk, request: &Request<'_>) -> Result<Answer, Declined> {
    let asked = super::t2101::purchase(request.message)?;
    let cert_type = request.message.row("druginfo").text("mdtrt_cert_type").to_owned();
    desk.record(request, move |centre, tx, operation, reply| {
        let settled = centre.purchase(tx, operation, &asked)?;
        figures::settlement(reply, &settled, asked.request.setl_time, &cert_type, operation.msgid.as_str());
        super::t2101::lines(reply, &settled, centre);
        Ok(settled.setl_id.map_or_else(String::new, |setl_id| setl_id.0))
    })
}
