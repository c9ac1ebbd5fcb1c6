//! 9001 签到.

use super::prelude::*;
use journeys::SignIn;

pub fn handle(desk: &Desk, request: &Request<'_>) -> Result<Answer, Declined> {
    let row = request.message.row("signIn");
    let asked = SignIn {
        opter_no: row.need("opter_no")?.to_owned(),
        mac: row.text("mac").to_owned(),
        ip: row.text("ip").to_owned(),
    };
    desk.record(request, move |_, tx, operation, reply| {
        let signed = journeys::sign_in(tx, operation, asked.clone())?;
        let row = reply.row("signinoutb");
        row.date("sign_time", signed.sign_time.date()).text("sign_no", &signed.sign_no);
        Ok(signed.sign_no)
    })
}
