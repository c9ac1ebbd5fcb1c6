//! 4401 住院病案首页信息: kept as sent.

use super::prelude::*;
use journeys::DocumentUpload;

pub fn handle(desk: &Desk, request: &Request<'_>) -> Result<Answer, Declined> {
    let base = request.message.row("baseinfo");
    let content = serde_json::from_str(&request.message.normalised());
    let upload = DocumentUpload {
        number: base.need("mdtrt_sn")?.to_owned(),
        psn_no: base.text("psn_no").into(),
        mdtrt_id: base.text("mdtrt_id").into(),
        content: content.map_err(|error| Declined::Failed(format!("a checked message is not JSON: {error}")))?,
    };
    desk.record(request, move |centre, tx, operation, _| {
        centre.keep_documents(tx, operation, std::slice::from_ref(&upload))?;
        Ok(upload.number.clone())
    })
}
