//! 2403 住院信息变更.

use super::prelude::*;
use journeys::AdmissionChange;

pub fn handle(desk: &Desk, request: &Request<'_>) -> Result<Answer, Declined> {
    let info = request.message.row("adminfo");
    let asked = AdmissionChange {
        psn_no: readings::person(info)?,
        mdtrt_id: info.need("mdtrt_id")?.into(),
        ipt_no: info.given("ipt_otp_no").map(str::to_owned),
        begntime: info.time("begntime")?,
        med_type: info.need("med_type")?.to_owned(),
        fields: readings::law_fields(info),
        particulars: readings::particulars(request.message, info),
        diagnoses: readings::diagnoses(request.message.rows("diseinfo"), "1"),
    };
    desk.record(request, move |centre, tx, operation, _| {
        let visit = centre.change_admission(tx, operation, asked.clone())?;
        Ok(visit.mdtrt_id.0)
    })
}
