//! 2204 门诊费用明细信息上传; 2301 carries the lines of a stay in the same way. The answer
//! is the split of each line of this message.

use super::prelude::*;

pub fn handle(desk: &Desk, request: &Request<'_>) -> Result<Answer, Declined> {
    let rows = request.message.rows("feedetail");
    let lines = readings::lines_of_one_visit(rows)?;
    let (psn_no, mdtrt_id) = (readings::person(&rows[0])?, VisitId::from(rows[0].need("mdtrt_id")?));
    desk.record(request, move |centre, tx, operation, reply| {
        let charged = centre.upload_lines(tx, operation, &psn_no, &mdtrt_id, &lines)?;
        for line in &charged {
            figures::split(reply.row("result"), &journeys::to_claim_line(line), centre);
        }
        Ok(mdtrt_id.0.clone())
    })
}
