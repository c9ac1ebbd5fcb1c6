//! 5301 人员慢特病备案查询.

use super::prelude::*;

pub fn handle(desk: &Desk, request: &Request<'_>) -> Result<Answer, Declined> {
    let data = request.message.row("data");
    let psn_no = readings::person(data)?;
    let filings = desk.ask(move |_, tx| journeys::chronic_filings(tx, &psn_no))?;
    let mut reply = request.message.reply();
    for filing in filings {
        let code = filing.dise_codg.as_ref().map_or("", |code| code.as_str());
        let name = filing.fields.get("opsp_dise_name").map_or(code, String::as_str);
        let row = reply.row("feedetail");
        row.text("opsp_dise_code", code).text("opsp_dise_name", name).date("begndate", filing.period.begin);
        if let Some(end) = filing.period.end {
            row.date("enddate", end);
        }
    }
    Ok(Answer::Reply(reply))
}
