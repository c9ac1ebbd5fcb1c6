//! 2501 转院备案; its area is the region's extension, else the place of care.

use super::prelude::*;

pub fn handle(desk: &Desk, request: &Request<'_>) -> Result<Answer, Declined> {
    let row = request.message.row("refmedin");
    let begin = match row.date_given("begndate") {
        Some(begin) => begin,
        None => row.date("refl_date")?,
    };
    let filing = Filing {
        filing_id: super::filing::number(row),
        kind: "refl".to_owned(),
        period: Period { begin, end: row.date_given("enddate") },
        dise_codg: None,
        admdvs: Some(super::filing::area(row).unwrap_or(row.need("mdtrtarea_admdvs")?).into()),
        cancelled: false,
        fields: readings::particulars(request.message, row),
    };
    super::filing::file(desk, request, readings::person(row)?, filing)
}
