//! 2404 入院撤销.

use super::prelude::*;

pub fn handle(desk: &Desk, request: &Request<'_>) -> Result<Answer, Declined> {
    let data = request.message.row("data");
    let (psn_no, mdtrt_id) = (readings::person(data)?, VisitId::from(data.need("mdtrt_id")?));
    desk.record(request, move |centre, tx, operation, _| {
        centre.withdraw_admission(tx, operation, &psn_no, &mdtrt_id)?;
        Ok(mdtrt_id.0.clone())
    })
}
