//! 2505 人员定点备案: where somebody lives for long; its area is the region's extension, else
//! that of the institution filed for.

use super::prelude::*;

pub fn handle(desk: &Desk, request: &Request<'_>) -> Result<Answer, Declined> {
    let row = request.message.row("data");
    let begin = row.date("begndate")?;
    let of_institution =
        || desk.centre().institutions.on(row.text("fixmedins_code"), begin).map(|known| known.admdvs.clone());
    let area = super::filing::area(row).map(str::to_owned).or_else(of_institution);
    let filing = Filing {
        filing_id: super::filing::number(row),
        kind: "resid".to_owned(),
        period: Period { begin, end: row.date_given("enddate") },
        dise_codg: None,
        admdvs: area.map(|area| area.as_str().into()),
        cancelled: false,
        fields: readings::particulars(request.message, row),
    };
    super::filing::file(desk, request, readings::person(row)?, filing)
}
