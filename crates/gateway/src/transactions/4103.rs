//! 4103 医疗保障基金结算清单信息查询: the list as it was sent, with what the centre knows itself.

use super::prelude::*;
use crate::ReplyRow;
use listing::{Part, SettlementList};

pub fn handle(desk: &Desk, request: &Request<'_>) -> Result<Answer, Declined> {
    let data = request.message.row("data");
    let institution = request.message.envelope.institution.clone();
    let (psn_no, setl_id) = (readings::person(data)?, SettlementId::from(data.need("setl_id")?));
    let (centre, known, past, explained) = desk.ask(move |centre, tx| {
        let known = journeys::list_of(tx, &institution, &psn_no, &setl_id)?;
        let settled = journeys::settlement_of(tx, &institution, &psn_no, None, &setl_id)?;
        let (past, explained) = settled
            .ok_or_else(|| journeys::JourneyError::Broken(format!("settlement {setl_id} has a list and no visit")))?;
        Ok((centre.clone(), known, past, explained))
    })?;
    let (visit, person, list) = (&past.visit, &past.standing.person, &known.list);
    let place = centre.institutions.on(visit.fixmedins_code.as_str(), visit.begntime.date());
    let place = |fact: fn(&Institution) -> &str| place.as_deref().map_or("", fact);
    let mut reply = request.message.reply();
    let row = reply.row("setlinfo");
    echoed(row, "setlinfo", &known.content, 0);
    lengths(row, &known.content);
    row.text("setl_id", list.setl_id.as_str())
        .text("setl_list_sn", &list.setl_list_id)
        .text("psn_no", list.psn_no.as_str())
        .text("mdtrt_id", list.mdtrt_id.as_str())
        .text("fixmedins_code", visit.fixmedins_code.as_str())
        .text("fixmedins_name", place(|known| &known.name))
        .text("hi_setl_lv", place(|known| &known.hi_setl_lv))
        .text("psn_name", &person.psn_name)
        .text("gend", &person.gend)
        .date("brdy", person.brdy)
        .text("naty", &person.naty)
        .text("patn_cert_type", &person.psn_cert_type)
        .text("certno", &person.certno)
        .text("insutype", &explained.row.insutype)
        .whole("diag_code_cnt", rows_of(&known.content, Part::Diagnoses))
        .whole("oprn_oprt_code_cnt", rows_of(&known.content, Part::Operations))
        .money("acct_pay", explained.heads.acct_pay)
        .money("psn_cashpay", explained.heads.psn_cash_pay)
        .time("setl_time", explained.row.setl_time)
        .text("stas_type", list.state.code())
        .text("chk_cont", &list.reason);
    for paid in &explained.detail {
        reply
            .row("payinfo")
            .text("setl_id", list.setl_id.as_str())
            .text("psn_no", list.psn_no.as_str())
            .text("mdtrt_id", list.mdtrt_id.as_str())
            .text("fund_pay_type", &paid.fund_pay_type)
            .money("fund_payamt", paid.fund_payamt);
    }
    for (node, part, number) in [
        ("opspdiseinfo", Part::ChronicItems, "setl_list_opsp_trt_id"),
        ("diseinfo", Part::Diagnoses, "setl_list_diag_id"),
        ("iteminfo", Part::FeeItems, "etl_list_chrgitm_id"),
        ("oprninfo", Part::Operations, "setl_list_oprn_id"),
        ("icuinfo", Part::IcuStays, "setl_list_scs_cutd_id"),
        ("bldinfo", Part::Transfusions, "setl_List_bld_Id"),
    ] {
        for at in 0..rows_of(&known.content, part) {
            let row = reply.row(node);
            echoed(row, node, &known.content, usize::try_from(at).unwrap_or_default());
            row.text(number, format!("{}-{}", list.version, at + 1))
                .text("setl_id", list.setl_id.as_str())
                .text("psn_no", list.psn_no.as_str())
                .text("mdtrt_id", list.mdtrt_id.as_str());
        }
    }
    Ok(Answer::Reply(reply))
}

/// Names of 4103 that differ from those of 4101.
const OTHER_NAMES: &[(&str, &str)] = &[
    ("emp_poscode", "poscode"),
    ("age_daus", "age_days"),
    ("adm_way_code", "adm_way"),
    ("refl_caty", "refldept_dept"),
    ("opsp_mdtrt_time", "opsp_mdtrt_date"),
    ("otp_wm_diag_dise_code", "wm_dise_code"),
    ("otp_tcm_diag_dise_code", "tcm_dise_code"),
    ("adm_dept_codg", "adm_dept_code"),
    ("dscg_dept_codg", "dscg_dept_code"),
    ("hsorg_name", "hsorg"),
    ("med_chrgitm_type", "med_chrgitm"),
    ("item_sumamt", "amt"),
    ("item_claa_sumfee", "claa_sumfee"),
    ("item_clab_amt", "clab_amt"),
    ("item_fulamt_ownpay_amt", "fulamt_ownpay_amt"),
];

/// Fills every field of a node that the list has something for.
fn echoed(row: &mut ReplyRow, node: &str, list: &SettlementList, at: usize) {
    for field in row.field_names() {
        let name = OTHER_NAMES.iter().find(|(known, _)| *known == field).map_or(field.as_str(), |(_, name)| name);
        if let Some(value) = listing::by_national(node, name).and_then(|place| list.get(place, at)) {
            row.echo(&field, &value.to_string());
        }
    }
}

/// Lengths of time, which 4103 writes in days, hours and minutes.
fn lengths(row: &mut ReplyRow, list: &SettlementList) {
    let lengths = [
        ("vent_used", list.stay.ventilator),
        ("bfadm_coma", list.stay.coma_before),
        ("afadm_coma", list.stay.coma_after),
    ];
    for (name, length) in lengths {
        let minutes = length.map_or(0, |length| length.0);
        row.whole(&format!("{name}_days"), minutes / 1440)
            .whole(&format!("{name}_h_cnt"), minutes % 1440 / 60)
            .whole(&format!("{name}_m_cnt"), minutes % 60);
    }
}

fn rows_of(list: &SettlementList, part: Part) -> i64 {
    let rows = match part {
        Part::ChronicItems => list.chronic_items.len(),
        Part::Diagnoses => list.diagnoses.len(),
        Part::Operations => list.operations.len(),
        Part::IcuStays => list.icu_stays.len(),
        Part::Transfusions => list.transfusions.len(),
        Part::FeeItems => list.fee_items.len(),
        _ => 0,
    };
    i64::try_from(rows).unwrap_or(i64::MAX)
}
