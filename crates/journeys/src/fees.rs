//! 2204 · 2301 费用明细上传, 2205 · 2302 费用明细撤销.

use adjudication::facts::{ChargedLine, LineRequest};
use db::Tx;
use operation::Operation;
use terms::{LineNo, PersonId, VisitId};

use crate::dossier::{hold, to_claim_line};
use crate::{Centre, JourneyError, Own};

impl Centre {
    /// 2204, 2301: splits and records lines; the answer is the split of each line sent.
    ///
    /// # Errors
    /// [`Own::TooManyLines`], [`Own::PersonUnknown`]; then the law's, naming the line.
    pub fn upload_lines(
        &self,
        tx: &mut dyn Tx,
        operation: &Operation,
        psn_no: &PersonId,
        mdtrt_id: &VisitId,
        lines: &[LineRequest],
    ) -> Result<Vec<ChargedLine>, JourneyError> {
        self.require_not_too_many(lines.len())?;
        let gathered = hold(tx, psn_no)?;
        let on = self.on_visit(tx, gathered, &operation.institution, mdtrt_id)?;
        let charged = adjudication::charge(&self.law, &on.gathered.dossier, on.bill(), lines, &*self.catalogue)?;
        on.accepted()?;
        let rows: Vec<_> = charged.iter().map(to_claim_line).collect();
        claim::add_lines(tx, psn_no, mdtrt_id, on.lines.len(), &rows)?;
        Ok(charged)
    }

    /// 2205, 2302: cancels lines by number, `0000` all of them; the answer is the split of
    /// every line that remains.
    ///
    /// # Errors
    /// [`Own::PersonUnknown`]; then the law's, naming the line.
    pub fn cancel_lines(
        &self,
        tx: &mut dyn Tx,
        operation: &Operation,
        psn_no: &PersonId,
        mdtrt_id: &VisitId,
        numbers: &[LineNo],
    ) -> Result<Vec<ChargedLine>, JourneyError> {
        let gathered = hold(tx, psn_no)?;
        let on = self.on_visit(tx, gathered, &operation.institution, mdtrt_id)?;
        let remaining =
            adjudication::cancel_lines(&self.law, &on.gathered.dossier, on.bill(), numbers, &*self.catalogue)?;
        on.accepted()?;
        let rows: Vec<_> = remaining.iter().map(to_claim_line).collect();
        claim::replace_lines(tx, psn_no, mdtrt_id, &rows)?;
        Ok(remaining)
    }

    pub(crate) fn require_not_too_many(&self, sent: usize) -> Result<(), Own> {
        let limit = self.limits.lines;
        if sent > limit { Err(Own::TooManyLines { sent, limit }) } else { Ok(()) }
    }
}
