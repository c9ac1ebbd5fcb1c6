//! 4401 住院病案首页 · 4402 住院医嘱: kept as the institution sent them, for quality control and audit.

use claim::Document;
use db::Tx;
use operation::Operation;
use serde_json::{Value, json};
use terms::{PersonId, VisitId};

use crate::dossier::gather;
use crate::record::Sealed;
use crate::{Centre, JourneyError};

/// A document as sent.
#[derive(Debug, Clone, PartialEq)]
pub struct DocumentUpload {
    /// The institution's own number.
    pub number: String,
    /// 人员编号; empty for somebody who is not insured here.
    pub psn_no: PersonId,
    /// 就诊ID; empty for a visit that is not settled here.
    pub mdtrt_id: VisitId,
    /// The checked content.
    pub content: Value,
}

impl Centre {
    /// 4401, 4402: keeps documents; one sent again under its number replaces the former.
    ///
    /// # Errors
    /// [`crate::Own::PersonUnknown`], [`crate::Own::VisitUnknown`] when a document names a person
    /// or a visit that the institution has not.
    pub fn keep_documents(
        &self,
        tx: &mut dyn Tx,
        operation: &Operation,
        uploads: &[DocumentUpload],
    ) -> Result<(), JourneyError> {
        let visits: std::collections::BTreeSet<(&PersonId, &VisitId)> =
            uploads.iter().filter(|row| !row.psn_no.0.is_empty()).map(|row| (&row.psn_no, &row.mdtrt_id)).collect();
        for (psn_no, mdtrt_id) in visits {
            let gathered = gather(tx, psn_no)?;
            if !mdtrt_id.0.is_empty() {
                gathered.require_recorded(&operation.institution, mdtrt_id)?;
            }
        }
        let kept: Vec<Document> = uploads
            .iter()
            .map(|upload| Document {
                fixmedins_code: operation.institution.clone(),
                kind: operation.infno.clone(),
                number: upload.number.clone(),
                psn_no: upload.psn_no.clone(),
                mdtrt_id: upload.mdtrt_id.clone(),
                sent_at: operation.received_at,
                msgid: operation.msgid.clone(),
                content: Sealed::compress(&upload.content),
            })
            .collect();
        claim::put_documents(tx, &kept)?;
        let subject = format!("{}/{}", operation.institution, operation.msgid);
        let numbers: Vec<&str> = kept.iter().map(|row| row.number.as_str()).collect();
        let told = json!({ "infno": operation.infno, "fixmedins_code": operation.institution, "numbers": numbers });
        let person = uploads.first().map_or_else(|| "".into(), |row| row.psn_no.clone());
        operation::feed::append(tx, &[self.changed(operation, "document", &subject, &person, &told)])?;
        Ok(())
    }
}
