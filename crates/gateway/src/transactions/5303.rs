//! 5303 在院信息查询: who is in the institution.

use super::prelude::*;
use terms::{Date, DateTime};

pub fn handle(desk: &Desk, request: &Request<'_>) -> Result<Answer, Declined> {
    let data = request.message.row("data");
    let envelope = &request.message.envelope;
    let institution = envelope.institution.clone();
    let psn_no = data.given("psn_no").map(PersonId::from);
    let from = data.time_given("begntime").unwrap_or(DateTime::from_parts(Date::ZERO, jiff::civil::Time::MIN));
    let to = data.time_given("endtime").unwrap_or(envelope.sent_at);
    let stays = desk.ask(move |_, tx| journeys::in_hospital(tx, &institution, psn_no.as_ref(), (from, to)))?;
    let mut reply = request.message.reply();
    for (visit, standing) in stays {
        let row = reply.row("data");
        figures::person(row, &standing, &visit.insutype, visit.begntime.date());
        row.text("mdtrt_id", visit.mdtrt_id.as_str())
            .date("begndate", visit.begntime.date())
            .text("med_type", &visit.med_type)
            .text("ipt_otp_no", &visit.label);
    }
    Ok(Answer::Reply(reply))
}
