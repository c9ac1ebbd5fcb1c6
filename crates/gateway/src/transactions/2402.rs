//! 2402 出院办理.

use super::prelude::*;
use journeys::Discharge;

pub fn handle(desk: &Desk, request: &Request<'_>) -> Result<Answer, Declined> {
    let info = request.message.row("dscginfo");
    let asked = Discharge {
        psn_no: readings::person(info)?,
        mdtrt_id: info.need("mdtrt_id")?.into(),
        endtime: info.time("endtime")?,
        fields: readings::law_fields(info),
        particulars: readings::particulars(request.message, info),
        diagnoses: readings::diagnoses(request.message.rows("diseinfo"), "2"),
    };
    desk.record(request, move |centre, tx, operation, _| {
        let visit = centre.discharge(tx, operation, asked.clone())?;
        Ok(visit.mdtrt_id.0)
    })
}
