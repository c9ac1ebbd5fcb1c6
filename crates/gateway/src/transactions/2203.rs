//! 2203 门诊就诊信息上传: the visit of a registration begins, or the law refuses it.

use super::prelude::*;
use journeys::Begin;

pub fn handle(desk: &Desk, request: &Request<'_>) -> Result<Answer, Declined> {
    let info = request.message.row("mdtrtinfo");
    let asked = Begin {
        psn_no: readings::person(info)?,
        mdtrt_id: info.need("mdtrt_id")?.into(),
        med_type: info.need("med_type")?.to_owned(),
        begntime: info.time("begntime")?,
        fields: readings::law_fields(info),
        particulars: readings::particulars(request.message, info),
        diagnoses: readings::diagnoses(request.message.rows("diseinfo"), "1"),
    };
    desk.record(request, move |centre, tx, operation, _| {
        let begun = centre.begin_visit(tx, operation, asked.clone())?;
        Ok(begun.visit.mdtrt_id.0)
    })
}
