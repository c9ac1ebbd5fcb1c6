//! 4402 住院医嘱记录: orders, kept as sent, each under the visit's and its own number.

use super::prelude::*;
use journeys::DocumentUpload;
use serde_json::{Map, Value};

pub fn handle(desk: &Desk, request: &Request<'_>) -> Result<Answer, Declined> {
    let mut uploads = Vec::new();
    for row in request.message.rows("data") {
        let visit = row.need("mdtrt_sn")?;
        let order = row.given_if_any("drord_no").map_or_else(|| row.number.to_string(), str::to_owned);
        let content: Map<String, Value> = row.all_given().map(|(name, text)| (name.to_owned(), text.into())).collect();
        uploads.push(DocumentUpload {
            number: format!("{visit}/{order}"),
            psn_no: row.given_if_any("psn_no").unwrap_or_default().into(),
            mdtrt_id: row.given_if_any("mdtrt_id").unwrap_or_default().into(),
            content: Value::Object(content),
        });
    }
    desk.record(request, move |centre, tx, operation, _| {
        centre.keep_documents(tx, operation, &uploads)?;
        Ok(uploads[0].number.clone())
    })
}
