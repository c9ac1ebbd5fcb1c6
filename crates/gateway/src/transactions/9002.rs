//! 9002 签退.

use super::prelude::*;

pub fn handle(desk: &Desk, request: &Request<'_>) -> Result<Answer, Declined> {
    let row = request.message.row("signOut");
    let (sign_no, opter_no) = (row.need("sign_no")?.to_owned(), row.need("opter_no")?.to_owned());
    desk.record(request, move |_, tx, operation, reply| {
        let at = journeys::sign_out(tx, operation, &sign_no, &opter_no)?;
        reply.row("sign_time").date("sign_time", at.date());
        Ok(sign_no.clone())
    })
}
