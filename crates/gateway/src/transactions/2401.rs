//! 2401 入院办理: the stay is accepted, or the law refuses it.

use super::prelude::*;
use journeys::Admission;

pub fn handle(desk: &Desk, request: &Request<'_>) -> Result<Answer, Declined> {
    let info = request.message.row("mdtrtinfo");
    let asked = Admission {
        psn_no: readings::person(info)?,
        insutype: info.need("insutype")?.to_owned(),
        begntime: info.time("begntime")?,
        med_type: info.need("med_type")?.to_owned(),
        ipt_no: info.need("ipt_no")?.to_owned(),
        fields: readings::law_fields(info),
        particulars: readings::particulars(request.message, info),
        diagnoses: readings::diagnoses(request.message.rows("diseinfo"), "1"),
    };
    let certificate = readings::certificate(info);
    desk.record(request, move |centre, tx, operation, reply| {
        centre.certify_deed(tx, operation, &asked.psn_no, &certificate, Purpose::Treat)?;
        let admitted = centre.admit(tx, operation, asked.clone())?;
        reply.row("result").text("mdtrt_id", admitted.visit.mdtrt_id.as_str());
        Ok(admitted.visit.mdtrt_id.0)
    })
}
