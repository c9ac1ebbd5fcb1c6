//! 5201 就诊信息查询: the institution's own visits of a person.

use super::prelude::*;
use journeys::PastVisit;

pub fn handle(desk: &Desk, request: &Request<'_>) -> Result<Answer, Declined> {
    let data = request.message.row("data");
    let institution = request.message.envelope.institution.clone();
    let psn_no = readings::person(data)?;
    let span = (data.time("begntime")?, data.time("endtime")?);
    let med_type = data.text("med_type").to_owned();
    let visits = desk.ask(move |_, tx| journeys::visits_of(tx, &institution, &psn_no, span, &med_type))?;
    let wanted = |past: &&PastVisit| data.given("mdtrt_id").is_none_or(|wanted| past.visit.mdtrt_id.as_str() == wanted);
    let mut reply = request.message.reply();
    for past in visits.iter().filter(wanted) {
        show(reply.row("mdtrtinfo"), past);
    }
    Ok(Answer::Reply(reply))
}

fn show(row: &mut crate::ReplyRow, past: &PastVisit) {
    let visit = &past.visit;
    figures::person(row, &past.standing, &visit.insutype, visit.begntime.date());
    let told = [
        "coner_name",
        "tel",
        "mdtrt_cert_type",
        "medrcdno",
        "atddr_no",
        "chfpdr_name",
        "adm_dept_codg",
        "adm_dept_name",
        "adm_bed",
        "dscg_maindiag_code",
        "dscg_maindiag_name",
        "dscg_dept_codg",
        "dscg_dept_name",
        "dscg_bed",
        "dscg_way",
        "main_cond_dscr",
        "dise_codg",
        "dise_name",
        "oprn_oprt_code",
        "oprn_oprt_name",
        "fpsc_no",
        "matn_type",
        "birctrl_type",
        "latechb_flag",
        "pret_flag",
        "cop_flag",
        "opter_id",
        "opter_name",
        "memo",
    ];
    for field in told {
        if let Some(text) = visit.fields.get(field).or_else(|| visit.particulars.get(field)) {
            row.text(field, text);
        }
    }
    for (field, at_registration) in
        [("chfpdr_name", "dr_name"), ("adm_dept_codg", "dept_code"), ("adm_dept_name", "dept_name")]
    {
        if let (None, Some(text)) = (visit.particulars.get(field), visit.particulars.get(at_registration)) {
            row.text(field, text);
        }
    }
    for field in ["geso_val", "fetts", "fetus_cnt"] {
        if let Some(text) = visit.fields.get(field).or_else(|| visit.particulars.get(field)) {
            row.number(field, text);
        }
    }
    for field in ["die_date", "birctrl_matn_date"] {
        if let Some(day) = visit.particulars.get(field).and_then(|text| crate::tolerance::date_in(text)) {
            row.date(field, day);
        }
    }
    let stay = visit.form == claim::Form::Stay;
    // The field may not be empty: of a visit without an end, its beginning.
    let end = visit.endtime.unwrap_or(visit.begntime);
    row.text("mdtrt_id", visit.mdtrt_id.as_str())
        .text("ipt_otp_no", &visit.label)
        .text("med_type", &visit.med_type)
        .time("begntime", visit.begntime)
        .time("endtime", end)
        .text("inhosp_stas", if stay && visit.endtime.is_none() { "1" } else { "0" });
    if stay && visit.endtime.is_some() {
        let days = end.date().since(visit.begntime.date()).map_or(0, |span| i64::from(span.get_days()));
        row.whole("ipt_days", days).flag("ars_year_ipt_flag", end.year() != visit.begntime.year());
    }
}
