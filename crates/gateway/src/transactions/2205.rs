//! 2205 门诊费用明细信息撤销: by line where the region has such an extension, else the batch;
//! batch `0000` is every line. Where the region extends the answer, it holds the lines that
//! remain.

use super::prelude::*;
use terms::LineNo;

/// What `chrg_bchno` and `feedetl_sn` say for every line.
const EVERY_LINE: &str = "0000";

pub fn handle(desk: &Desk, request: &Request<'_>) -> Result<Answer, Declined> {
    let data = request.message.row("data");
    let (psn_no, mdtrt_id) = (readings::person(data)?, VisitId::from(data.need("mdtrt_id")?));
    let batch = data.need("chrg_bchno")?.to_owned();
    let listed = if data.declares("FEEDETL_SN") { data.extension_list("FEEDETL_SN") } else { &[] };
    let listed: Vec<LineNo> = listed.iter().map(|number| number.as_str().into()).collect();
    desk.record(request, move |centre, tx, operation, reply| {
        let numbers = if !listed.is_empty() {
            listed.clone()
        } else if batch == EVERY_LINE {
            vec![EVERY_LINE.into()]
        } else {
            of_batch(&claim::lines(tx, &psn_no, &mdtrt_id)?, &batch)
        };
        let remaining = centre.cancel_lines(tx, operation, &psn_no, &mdtrt_id, &numbers)?;
        remaining_lines(reply, &remaining, centre);
        Ok(mdtrt_id.0.clone())
    })
}

/// The lines of a batch; the batch's own number when it has none, for the law to refuse.
fn of_batch(lines: &[claim::Line], batch: &str) -> Vec<LineNo> {
    let of_batch = lines.iter().filter(|line| line.fields.get("chrg_bchno").is_some_and(|known| known == batch));
    let numbers: Vec<LineNo> = of_batch.map(|line| line.feedetl_sn.clone()).collect();
    if numbers.is_empty() { vec![batch.into()] } else { numbers }
}

/// The split of every line that remains.
pub(super) fn remaining_lines(reply: &mut Reply, remaining: &[ChargedLine], centre: &Centre) {
    if !reply.has("result") {
        return;
    }
    for line in remaining {
        figures::split(reply.row("result"), &journeys::to_claim_line(line), centre);
    }
}
