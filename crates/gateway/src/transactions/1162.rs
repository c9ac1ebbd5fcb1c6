//! 1162 电子凭证解码: whose code was scanned, and the token that stands for them in this institution's
//! next messages.

use super::prelude::*;
use journeys::Decode;

pub fn handle(desk: &Desk, request: &Request<'_>) -> Result<Answer, Declined> {
    let data = request.message.row("data");
    let asked = Decode {
        text: data.need("ecQrCode")?.to_owned(),
        business: data.need("businessType")?.to_owned(),
        operator: data.need("operatorId")?.to_owned(),
    };
    desk.record(request, move |centre, tx, operation, reply| {
        let shown = centre.decode_code(tx, operation, &asked)?;
        let person = &shown.standing.person;
        let place = shown.standing.coverage.last().map_or(centre.region.as_str(), |row| row.insuplc_admdvs.as_str());
        reply
            .row("data")
            .text("userName", &person.psn_name)
            .text("idNo", &person.certno)
            .text("idType", &person.psn_cert_type)
            .text("insuOrg", place)
            .text("ecIndexNo", &shown.ec_no)
            .text("ecToken", &shown.token)
            .text("gender", &person.gend)
            .date("birthday", person.brdy);
        Ok(shown.ec_no)
    })
}
