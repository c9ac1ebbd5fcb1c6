//! 5205 人员慢特病用药记录查询: what a person got for chronic diseases, wherever it was, so that
//! nobody prescribes the same twice.

use super::prelude::*;

/// 医疗类别 14 门诊慢特病; provinces append digits.
const CHRONIC: &str = "14";

pub fn handle(desk: &Desk, request: &Request<'_>) -> Result<Answer, Declined> {
    let data = request.message.row("data");
    let psn_no = readings::person(data)?;
    let from = data.time("begntime")?;
    let to = data.time_given("endtime").unwrap_or(request.message.envelope.sent_at);
    let (centre, lines) =
        desk.ask(move |centre, tx| Ok((centre.clone(), journeys::lines_between(tx, &psn_no, (from, to), CHRONIC)?)))?;
    let mut reply = request.message.reply();
    for (visit, line) in lines {
        let told = |name: &str, else_: String| line.fields.get(name).cloned().unwrap_or(else_);
        let place = centre.institutions.on(visit.fixmedins_code.as_str(), visit.begntime.date());
        let row = reply.row("feedetail");
        figures::item(row, &line, &centre);
        super::t5204::of_line(row, &line);
        row.text("feedetl_sn", line.feedetl_sn.as_str())
            .text("fixmedins_code", visit.fixmedins_code.as_str())
            .text("fixmedins_name", place.map_or_else(|| visit.fixmedins_code.0.clone(), |known| known.name.clone()))
            .text("psn_no", visit.psn_no.as_str())
            .text("med_type", &visit.med_type)
            .number("cnt", &told("cnt", line.cnt.to_string()))
            .number("pric", &told("pric", line.pric.to_string()))
            .text("chrgitm_lv", &line.chrgitm_lv);
    }
    Ok(Answer::Reply(reply))
}
