//! 2201 门诊挂号: opens a shell; the visit begins, or is refused, at 2203.

use super::prelude::*;
use journeys::Registration;

pub fn handle(desk: &Desk, request: &Request<'_>) -> Result<Answer, Declined> {
    let data = request.message.row("data");
    let asked = Registration {
        psn_no: readings::person(data)?,
        insutype: data.need("insutype")?.to_owned(),
        begntime: data.time("begntime")?,
        ipt_otp_no: data.need("ipt_otp_no")?.to_owned(),
        particulars: readings::particulars(request.message, data),
    };
    let certificate = readings::certificate(data);
    desk.record(request, move |centre, tx, operation, reply| {
        centre.certify_deed(tx, operation, &asked.psn_no, &certificate, Purpose::Treat)?;
        let shell = centre.register_outpatient(tx, operation, asked.clone())?;
        reply
            .row("data")
            .text("mdtrt_id", shell.mdtrt_id.as_str())
            .text("psn_no", shell.psn_no.as_str())
            .text("ipt_otp_no", &shell.ipt_otp_no);
        Ok(shell.mdtrt_id.0)
    })
}
