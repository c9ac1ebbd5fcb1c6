//! 2102 药店结算: visit, lines and settlement in one message and one deed.

use super::prelude::*;

pub fn handle(desk: &Desk, request: &Request<'_>) -> Result<Answer, Declined> {
    let asked = super::t2101::purchase(request.message)?;
    let certificate = readings::certificate(request.message.row("druginfo"));
    desk.record(request, move |centre, tx, operation, reply| {
        centre.certify_deed(tx, operation, &asked.psn_no, &certificate, Purpose::Settle)?;
        let settled = centre.purchase(tx, operation, &asked)?;
        figures::settlement(reply, &settled, asked.request.setl_time, &certificate.kind, operation.msgid.as_str());
        super::t2101::lines(reply, &settled, centre);
        let setl_id = settled.setl_id.map_or_else(String::new, |setl_id| setl_id.0);
        centre.spend_token(tx, operation, &certificate, &setl_id)?;
        Ok(setl_id)
    })
}
