//! 5202 诊断信息查询.

use super::prelude::*;

pub fn handle(desk: &Desk, request: &Request<'_>) -> Result<Answer, Declined> {
    let data = request.message.row("data");
    let institution = request.message.envelope.institution.clone();
    let (psn_no, mdtrt_id) = (readings::person(data)?, VisitId::from(data.need("mdtrt_id")?));
    let diagnoses = desk.ask(move |_, tx| journeys::diagnoses_of(tx, &institution, &psn_no, &mdtrt_id))?;
    let mut reply = request.message.reply();
    for diagnosis in diagnoses {
        let told = |name: &str| diagnosis.fields.get(name).map_or("", String::as_str);
        let row = reply.row("diseinfo");
        row.text("diag_info_id", format!("{}-{}", diagnosis.inout_diag_type, diagnosis.diag_srt_no))
            .text("mdtrt_id", data.text("mdtrt_id"))
            .text("psn_no", data.text("psn_no"))
            .text("inout_diag_type", &diagnosis.inout_diag_type)
            .text("diag_type", &diagnosis.diag_type)
            .text("maindiag_flag", &diagnosis.maindiag_flag)
            .whole("diag_srt_no", diagnosis.diag_srt_no)
            .text("diag_code", &diagnosis.diag_code)
            .text("diag_name", &diagnosis.diag_name)
            .text("adm_cond", told("adm_cond"))
            .text("diag_dept", told("diag_dept"))
            .text("dise_dor_no", told("dise_dor_no"))
            .text("dise_dor_name", told("dise_dor_name"));
        if let Some(at) = crate::tolerance::time_in(told("diag_time")) {
            row.time("diag_time", at);
        }
    }
    Ok(Answer::Reply(reply))
}
