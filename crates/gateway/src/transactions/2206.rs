//! 2206 门诊预结算: what 2207 would decide now; records nothing.

use super::prelude::*;
use journeys::Settling;

pub fn handle(desk: &Desk, request: &Request<'_>) -> Result<Answer, Declined> {
    let data = request.message.row("data");
    let asked = settling(request.message, data)?;
    let institution = request.message.envelope.institution.clone();
    let at = asked.request.setl_time;
    let (certificate, now) = (readings::certificate(data), request.received);
    let settled = desk.ask(move |centre, tx| {
        centre.certify(tx, &institution, &asked.psn_no, &certificate, Purpose::Settle, now)?;
        centre.trial(tx, &institution, &asked)
    })?;
    let mut reply = request.message.reply();
    figures::settlement(
        &mut reply,
        &settled,
        at,
        data.text("mdtrt_cert_type"),
        request.message.envelope.message_id.as_str(),
    );
    Ok(Answer::Reply(reply))
}

/// 2206, 2207, 2303 and 2304 ask alike.
pub(super) fn settling(message: &Message, data: &Row) -> Result<Settling, Declined> {
    Ok(Settling {
        psn_no: readings::person(data)?,
        mdtrt_id: data.need("mdtrt_id")?.into(),
        request: readings::settle_request(message, data),
        particulars: readings::particulars(message, data),
    })
}
