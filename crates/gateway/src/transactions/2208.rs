//! 2208 门诊结算撤销; 2103 and 2305 reverse in the same way. Every head is answered, negated;
//! the number answered is the reversal's own.

use super::prelude::*;

pub fn handle(desk: &Desk, request: &Request<'_>) -> Result<Answer, Declined> {
    let data = request.message.row("data");
    let psn_no = readings::person(data)?;
    let (mdtrt_id, setl_id) = (VisitId::from(data.need("mdtrt_id")?), SettlementId::from(data.need("setl_id")?));
    desk.record(request, move |centre, tx, operation, reply| {
        let at = operation.message_time;
        let reversed = centre.reverse(tx, operation, &psn_no, Some(&mdtrt_id), &setl_id, at)?;
        figures::reversal(reply, &reversed, at, operation.msgid.as_str());
        Ok(reversed.setl_id.0)
    })
}
