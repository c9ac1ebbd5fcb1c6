//! 2302 住院费用明细撤销: one row a line; line `0000` is every line.

use super::prelude::*;
use terms::LineNo;

pub fn handle(desk: &Desk, request: &Request<'_>) -> Result<Answer, Declined> {
    let rows = request.message.rows("data");
    readings::one_visit(rows)?;
    let (psn_no, mdtrt_id) = (readings::person(&rows[0])?, VisitId::from(rows[0].need("mdtrt_id")?));
    let numbers: Vec<LineNo> = rows.iter().map(|row| row.text("feedetl_sn").into()).collect();
    desk.record(request, move |centre, tx, operation, reply| {
        let remaining = centre.cancel_lines(tx, operation, &psn_no, &mdtrt_id, &numbers)?;
        super::t2205::remaining_lines(reply, &remaining, centre);
        Ok(mdtrt_id.0.clone())
    })
}
