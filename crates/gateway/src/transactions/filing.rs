//! 备案 and its cancellation, as 2501 to 2506 share them.

use super::prelude::*;

/// The region's own number of a filing, when it has one; else empty, and one is drawn.
pub(super) fn number(row: &Row) -> FilingId {
    let own = if row.declares("FILING_ID") { row.extension("FILING_ID") } else { None };
    own.unwrap_or_default().into()
}

/// 备案地区, where the region's extension gives it.
pub(super) fn area(row: &Row) -> Option<&str> {
    if row.declares("ADMDVS") { row.extension("ADMDVS") } else { None }
}

pub(super) fn file(desk: &Desk, request: &Request<'_>, psn_no: PersonId, filing: Filing) -> Result<Answer, Declined> {
    desk.record(request, move |centre, tx, operation, reply| {
        let mut filing = filing.clone();
        if filing.filing_id.as_str().is_empty() {
            filing.filing_id = FilingId(operation.new_id("filing"));
        }
        let filed = centre.file(tx, operation, &psn_no, &filing, operation.message_time)?;
        reply.row("result").text("trt_dcla_detl_sn", filed.as_str());
        Ok(filed.0)
    })
}

pub fn cancel(desk: &Desk, request: &Request<'_>) -> Result<Answer, Declined> {
    let data = request.message.row("data");
    let (psn_no, filing_id) = (readings::person(data)?, FilingId::from(data.need("trt_dcla_detl_sn")?));
    desk.record(request, move |centre, tx, operation, _| {
        centre.cancel_filing(tx, operation, &psn_no, &filing_id, operation.message_time)?;
        Ok(filing_id.0.clone())
    })
}
