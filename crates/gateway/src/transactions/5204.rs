//! 5204 费用明细查询: the lines as they were settled.

use super::prelude::*;

pub fn handle(desk: &Desk, request: &Request<'_>) -> Result<Answer, Declined> {
    let data = request.message.row("data");
    let institution = request.message.envelope.institution.clone();
    let psn_no = readings::person(data)?;
    let (mdtrt_id, setl_id) = (VisitId::from(data.need("mdtrt_id")?), SettlementId::from(data.need("setl_id")?));
    let (centre, found) = desk.ask(move |centre, tx| {
        let found = journeys::settlement_of(tx, &institution, &psn_no, Some(&mdtrt_id), &setl_id)?;
        Ok((centre.clone(), found))
    })?;
    let mut reply = request.message.reply();
    let Some((past, explained)) = found else { return Ok(Answer::Reply(reply)) };
    for line in explained.lines.iter().map(journeys::to_claim_line) {
        let row = reply.row("");
        figures::split(row, &line, &centre);
        of_line(row, &line);
        row.text("mdtrt_id", past.visit.mdtrt_id.as_str())
            .text("setl_id", explained.row.setl_id.as_str())
            .text("med_type", &past.visit.med_type);
    }
    Ok(Answer::Reply(reply))
}

/// What the institution wrote beside a line, as far as the node has fields for it.
pub(super) fn of_line(row: &mut crate::ReplyRow, line: &claim::Line) {
    let told = |name: &str| line.fields.get(name).map_or("", String::as_str);
    let order = ["rxno", "drord_no"].into_iter().map(told).find(|text| !text.is_empty()).unwrap_or_default();
    let code = line.med_list_codg.as_str();
    let own_code = if told("medins_list_codg").is_empty() { code } else { told("medins_list_codg") };
    row.text("rx_drord_no", order)
        .time("fee_ocur_time", line.fee_ocur_time)
        .text("med_list_codg", code)
        .text("medins_list_codg", own_code)
        .text("medins_list_name", own_code)
        .text("hosp_appr_flag", &line.hosp_appr_flag);
    let texts = [
        "sin_dos_dscr",
        "used_frqu_dscr",
        "medc_way_dscr",
        "bilg_dept_codg",
        "bilg_dept_name",
        "bilg_dr_codg",
        "bilg_dr_name",
        "acord_dept_codg",
        "acord_dept_name",
        "orders_dr_code",
        "orders_dr_name",
        "tcmdrug_used_way",
        "etip_flag",
        "etip_hosp_code",
        "dscg_tkdrug_flag",
        "matn_fee_flag",
    ];
    for field in texts {
        if row.has(field) {
            row.text(field, told(field));
        }
    }
    if row.has("prd_days") && !told("prd_days").is_empty() {
        row.number("prd_days", told("prd_days"));
    }
}
