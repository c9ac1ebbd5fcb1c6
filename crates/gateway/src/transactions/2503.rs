//! 2503 人员慢特病备案.

use super::prelude::*;

pub fn handle(desk: &Desk, request: &Request<'_>) -> Result<Answer, Declined> {
    let row = request.message.row("data");
    let filing = Filing {
        filing_id: super::filing::number(row),
        kind: "opsp".to_owned(),
        period: Period { begin: row.date("begndate")?, end: row.date_given("enddate") },
        dise_codg: Some(row.need("opsp_dise_code")?.into()),
        admdvs: None,
        cancelled: false,
        fields: readings::particulars(request.message, row),
    };
    super::filing::file(desk, request, readings::person(row)?, filing)
}
