//! 2501 转院备案 · 2503 慢特病备案 · 2505 定点备案 and their cancellations 2502 · 2504 · 2506;
//! trauma and maternity filings take the same way without a national number.

use adjudication::facts as law;
use db::Tx;
use enrolment::Filing;
use operation::Operation;
use serde_json::json;
use terms::{DateTime, FilingId, PersonId};

use crate::dossier::hold;
use crate::{Centre, JourneyError};

impl Centre {
    /// Files, of whatever kind, or the law refuses.
    ///
    /// # Errors
    /// [`crate::Own::PersonUnknown`]; then the law's.
    pub fn file(
        &self,
        tx: &mut dyn Tx,
        operation: &Operation,
        psn_no: &PersonId,
        filing: &Filing,
        at: DateTime,
    ) -> Result<FilingId, JourneyError> {
        let gathered = hold(tx, psn_no)?;
        let asked = as_law(filing);
        adjudication::file(&self.law, &gathered.dossier, &asked)?;
        let seq = i64::try_from(gathered.standing.filings.len()).unwrap_or(i64::MAX) + 1;
        enrolment::file(tx, psn_no, seq, &Filing { cancelled: false, ..filing.clone() }, at)?;
        let subject = format!("{psn_no}/{}", filing.filing_id);
        operation::feed::append(tx, &[self.changed(operation, "filing", &subject, psn_no, &asked)])?;
        Ok(filing.filing_id.clone())
    }

    /// Cancels a filing, or the law refuses. Its number stays taken.
    ///
    /// # Errors
    /// [`crate::Own::PersonUnknown`]; then the law's.
    pub fn cancel_filing(
        &self,
        tx: &mut dyn Tx,
        operation: &Operation,
        psn_no: &PersonId,
        filing_id: &FilingId,
        at: DateTime,
    ) -> Result<(), JourneyError> {
        let gathered = hold(tx, psn_no)?;
        adjudication::cancel_filing(&self.law, &gathered.dossier, filing_id)?;
        enrolment::cancel_filing(tx, psn_no, filing_id, at)?;
        let subject = format!("{psn_no}/{filing_id}");
        let body = json!({ "filing_id": filing_id, "cancelled": true });
        operation::feed::append(tx, &[self.changed(operation, "filing_cancelled", &subject, psn_no, &body)])?;
        Ok(())
    }
}

/// A filing as the law is asked for it.
pub(crate) fn as_law(filing: &Filing) -> law::Filing {
    law::Filing {
        filing_id: filing.filing_id.clone(),
        kind: filing.kind.clone(),
        period: filing.period,
        dise_codg: filing.dise_codg.as_ref().map(|code| code.0.clone()),
        admdvs: filing.admdvs.as_ref().map(|code| code.0.clone()),
        cancelled: false,
    }
}
