//! 5203 结算信息查询: a settlement or a reversal of the institution.

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
    let Some((past, explained)) = found else {
        let words = "本机构没有此人的这笔结算；请核对结算ID和就诊ID";
        return Err(data.refusal(Form::NotFound, "setl_id", words).into());
    };
    let (visit, settled) = (&past.visit, &explained.row);
    let place = centre.institutions.on(visit.fixmedins_code.as_str(), visit.begntime.date());
    let place = |fact: fn(&Institution) -> &str| place.as_deref().map_or("", fact);
    let told = |name: &str| settled.particulars.get(name).map_or("", String::as_str);
    let mut reply = request.message.reply();
    let row = reply.row("setlinfo");
    figures::person(row, &past.standing, &visit.insutype, visit.begntime.date());
    figures::heads(row, &explained.heads);
    row.text("setl_id", settled.setl_id.as_str())
        .text("mdtrt_id", visit.mdtrt_id.as_str())
        .text("pay_loc", AT_THE_INSTITUTION)
        .text("fixmedins_code", visit.fixmedins_code.as_str())
        .text("fixmedins_name", place(|known| &known.name))
        .text("hosp_lv", place(|known| known.fields.get("hosp_lv").map_or("", String::as_str)))
        .text("fixmedins_poolarea", place(|known| &known.admdvs))
        .date("begndate", visit.begntime.date())
        .date("enddate", visit.endtime.unwrap_or(settled.setl_time).date())
        .time("setl_time", settled.setl_time)
        .text("mdtrt_cert_type", told("mdtrt_cert_type"))
        .text("med_type", &visit.med_type)
        .text("clr_type", &settled.clr_type)
        .text("clr_way", &settled.clr_way)
        .text("clr_optins", &settled.clr_optins)
        .text("medins_setl_id", settled.msgid.as_str())
        .flag("refd_setl_flag", settled.reverses.is_some())
        .text("year", settled.setl_time.year().to_string())
        .text("dise_codg", visit.fields.get("dise_codg").map_or("", String::as_str))
        .text("dise_name", visit.particulars.get("dise_name").map_or("", String::as_str))
        .text("invono", told("invono"))
        .text("opter_id", told("opter_id"))
        .text("opter_name", told("opter_name"))
        .time("opt_time", settled.setl_time);
    figures::funds(&mut reply, &explained.detail, explained.heads.inscp_scp_amt);
    Ok(Answer::Reply(reply))
}

/// 支付地点类别 2 医疗机构.
const AT_THE_INSTITUTION: &str = "2";
