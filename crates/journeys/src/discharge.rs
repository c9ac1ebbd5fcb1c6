//! 2402 出院办理 · 2405 出院撤销.

use adjudication::facts::DischargeRequest;
use claim::{Diagnosis, Fields, Visit};
use db::Tx;
use operation::Operation;
use terms::{DateTime, PersonId, VisitId};

use crate::dossier::hold;
use crate::{Centre, JourneyError, Own};

/// 出院 as asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Discharge {
    /// 人员编号.
    pub psn_no: PersonId,
    /// 就诊ID.
    pub mdtrt_id: VisitId,
    /// 出院时间.
    pub endtime: DateTime,
    /// What the law reads of it: `dscg_way`, `matn_type`, `cop_flag`, …
    pub fields: Fields,
    /// Department, bed and the like.
    pub particulars: Fields,
    /// 出院诊断.
    pub diagnoses: Vec<Diagnosis>,
}

/// 出入院诊断类别 of a discharge.
const ON_DISCHARGE: &str = "2";
/// Where a visit keeps what its fields were before the discharge added to them.
const BEFORE: &str = "before_discharge";

impl Centre {
    /// 2402: discharges, or the law refuses.
    ///
    /// # Errors
    /// [`Own::PersonUnknown`]; then the law's.
    pub fn discharge(&self, tx: &mut dyn Tx, operation: &Operation, asked: Discharge) -> Result<Visit, JourneyError> {
        let gathered = hold(tx, &asked.psn_no)?;
        let on = self.on_visit(tx, gathered, &operation.institution, &asked.mdtrt_id)?;
        let request = DischargeRequest { endtime: asked.endtime, fields: asked.fields };
        adjudication::discharge(&self.law, &on.gathered.dossier, on.bill(), &request)?;
        let mut visit = on.accepted()?.clone();
        let before = serde_json::to_string(&visit.fields).expect("a map of texts is always JSON");
        visit.particulars.extend(asked.particulars);
        visit.particulars.insert(BEFORE.to_owned(), before);
        visit.endtime = Some(request.endtime);
        visit.fields.extend(request.fields);
        claim::change_visit(tx, &visit)?;
        claim::put_diagnoses(tx, &visit.psn_no, &visit.mdtrt_id, &asked.diagnoses)?;
        Ok(visit)
    }

    /// 2405: undoes a discharge that is not settled; what it said of the stay goes with it.
    ///
    /// # Errors
    /// [`Own::VisitUnknown`], [`Own::NotAStay`], [`Own::VisitSettled`], [`Own::NotDischarged`].
    pub fn undo_discharge(
        &self,
        tx: &mut dyn Tx,
        operation: &Operation,
        psn_no: &PersonId,
        mdtrt_id: &VisitId,
    ) -> Result<Visit, JourneyError> {
        let gathered = hold(tx, psn_no)?;
        let mut visit = gathered.require_stay(&operation.institution, mdtrt_id)?.clone();
        gathered.require_not_settled(mdtrt_id)?;
        if visit.endtime.take().is_none() {
            return Err(Own::NotDischarged { mdtrt_id: mdtrt_id.to_string() }.into());
        }
        if let Some(before) = visit.particulars.remove(BEFORE) {
            visit.fields = serde_json::from_str(&before)
                .map_err(|error| JourneyError::Broken(format!("visit {mdtrt_id}: {BEFORE} cannot be read: {error}")))?;
        }
        claim::change_visit(tx, &visit)?;
        claim::remove_diagnoses(tx, psn_no, mdtrt_id, ON_DISCHARGE)?;
        Ok(visit)
    }
}
