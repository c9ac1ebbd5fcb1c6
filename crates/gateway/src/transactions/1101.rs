//! 1101 人员信息获取.

use super::prelude::*;
use journeys::FindPerson;

pub fn handle(desk: &Desk, request: &Request<'_>) -> Result<Answer, Declined> {
    let data = request.message.row("data");
    let asked = FindPerson {
        psn_cert_type: data.text("psn_cert_type").to_owned(),
        certno: data.need("certno")?.to_owned(),
        psn_name: data.text("psn_name").to_owned(),
    };
    let day = data.time_given("begntime").unwrap_or(request.message.envelope.sent_at).date();
    let certificate = readings::certificate(data);
    let (institution, now) = (request.message.envelope.institution.clone(), request.received);
    let standing = desk.ask(move |centre, tx| {
        let standing = journeys::find_person(tx, &asked)?;
        let psn_no = &standing.person.psn_no;
        centre.certify(tx, &institution, psn_no, &certificate, Purpose::Treat, now)?;
        Ok(standing)
    })?;
    let mut reply = request.message.reply();
    figures::person(reply.row("baseinfo"), &standing, "", day);
    for coverage in standing.coverage.iter().filter(|coverage| coverage.period.covers(day)) {
        let row = reply.row("insuinfo");
        row.money("balc", standing.balance)
            .text("insutype", &coverage.insutype)
            .text("psn_type", &coverage.psn_type)
            .text("psn_insu_stas", &coverage.psn_insu_stas)
            .date("psn_insu_date", coverage.period.begin)
            .text("cvlserv_flag", &coverage.cvlserv_flag)
            .text("insuplc_admdvs", coverage.insuplc_admdvs.as_str())
            .text("emp_name", coverage.emp_name.as_deref().unwrap_or_default());
        if coverage.psn_insu_stas == PAUSED {
            row.date("paus_insu_date", coverage.period.begin);
        }
    }
    for identity in standing.identities.iter().filter(|identity| identity.period.covers(day)) {
        let row = reply.row("idetinfo");
        row.text("psn_idet_type", &identity.psn_idet_type)
            .text("psn_type_lv", &identity.psn_type_lv)
            .text("memo", &identity.memo)
            .time("begntime", identity.period.begin.at(0, 0, 0, 0));
        if let Some(end) = identity.period.end {
            row.time("endtime", end.at(23, 59, 59, 0));
        }
    }
    Ok(Answer::Reply(reply))
}

/// 人员参保状态 2 暂停参保.
const PAUSED: &str = "2";
