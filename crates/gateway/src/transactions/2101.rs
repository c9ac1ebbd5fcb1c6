//! 2101 药店预结算: what 2102 would decide now; records nothing, and its visit is never opened.

use super::prelude::*;
use adjudication::facts::LineRequest;
use journeys::{Purchase, Settled};

pub fn handle(desk: &Desk, request: &Request<'_>) -> Result<Answer, Declined> {
    let info = request.message.row("druginfo");
    let asked = purchase(request.message)?;
    let operation = request.operation(0)?;
    let at = asked.request.setl_time;
    let certificate = readings::certificate(info);
    let (centre, settled) = desk.ask(move |centre, tx| {
        let (institution, now) = (&operation.institution, operation.received_at);
        centre.certify(tx, institution, &asked.psn_no, &certificate, Purpose::Settle, now)?;
        Ok((centre.clone(), centre.purchase_trial(tx, &operation, &asked)?))
    })?;
    let mut reply = request.message.reply();
    figures::settlement(
        &mut reply,
        &settled,
        at,
        info.text("mdtrt_cert_type"),
        request.message.envelope.message_id.as_str(),
    );
    lines(&mut reply, &settled, &centre);
    Ok(Answer::Reply(reply))
}

/// 2101 and 2102 ask alike.
pub(super) fn purchase(message: &Message) -> Result<Purchase, Declined> {
    let info = message.row("druginfo");
    let read = message.rows("drugdetail").iter().map(readings::line);
    let lines = read.collect::<Result<Vec<LineRequest>, Refused>>()?;
    let mut fields = readings::law_fields(info);
    // 外购处方: told once for the purchase, or line by line.
    let outside = message.rows("drugdetail").iter().any(|row| row.flag("rx_circ_flag"));
    fields.entry("rx_circ_flag".to_owned()).or_insert_with(|| if outside { "1" } else { "0" }.to_owned());
    Ok(Purchase {
        psn_no: readings::person(info)?,
        insutype: info.need("insutype")?.to_owned(),
        begntime: info.time("begntime")?,
        med_type: info.need("med_type")?.to_owned(),
        fields,
        lines,
        request: readings::settle_request(message, info),
        particulars: readings::particulars(message, info),
    })
}

/// `detlcutinfo`: the split of each line.
pub(super) fn lines(reply: &mut Reply, settled: &Settled, centre: &Centre) {
    for line in &settled.lines {
        figures::split(reply.row("detlcutinfo"), &journeys::to_claim_line(line), centre);
    }
}
