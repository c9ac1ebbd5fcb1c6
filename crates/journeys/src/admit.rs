//! 2401 入院办理 · 2404 入院撤销.

use adjudication::facts::VisitRequest;
use claim::{Diagnosis, Fields, Form, Visit, VisitState};
use db::Tx;
use operation::Operation;
use terms::{DateTime, PersonId, VisitId};

use crate::dossier::{Gathered, hold};
use crate::register::withdraw;
use crate::{Centre, JourneyError};

/// 入院 as asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Admission {
    /// 人员编号.
    pub psn_no: PersonId,
    /// 险种类型.
    pub insutype: String,
    /// 入院时间.
    pub begntime: DateTime,
    /// 医疗类别.
    pub med_type: String,
    /// 住院号.
    pub ipt_no: String,
    /// What the law reads besides: `dise_codg`, `trum_flag`, `rel_ttp_flag`, `matn_type`, …
    pub fields: Fields,
    /// Department, bed, doctor, contact and the like.
    pub particulars: Fields,
    /// 入院诊断.
    pub diagnoses: Vec<Diagnosis>,
}

/// 入院 as accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Admitted {
    /// The visit.
    pub visit: Visit,
}

impl Centre {
    /// 2401: opens a stay, or the law refuses it.
    ///
    /// # Errors
    /// Own: [`crate::Own::PersonUnknown`], [`crate::Own::InstitutionSuspended`]; then the law's.
    pub fn admit(&self, tx: &mut dyn Tx, operation: &Operation, asked: Admission) -> Result<Admitted, JourneyError> {
        let gathered = hold(tx, &asked.psn_no)?;
        self.require_not_suspended(&operation.institution, asked.begntime)?;
        let request = VisitRequest {
            label: asked.ipt_no,
            fixmedins_code: operation.institution.clone(),
            med_type: asked.med_type,
            insutype: asked.insutype,
            begntime: asked.begntime,
            fields: asked.fields,
        };
        let kept = self.accept(&gathered.dossier, &request)?;
        let visit = new_visit(operation, &gathered, Form::Stay, request, kept, asked.particulars);
        claim::add_visit(tx, &visit)?;
        claim::put_diagnoses(tx, &visit.psn_no, &visit.mdtrt_id, &asked.diagnoses)?;
        Ok(Admitted { visit })
    }

    /// 2404: withdraws an admission that has neither lines nor settlements.
    ///
    /// # Errors
    /// [`crate::Own::VisitUnknown`], [`crate::Own::NotAStay`], [`crate::Own::VisitSettled`],
    /// [`crate::Own::VisitWasSettled`], [`crate::Own::Discharged`], [`crate::Own::VisitHasLines`].
    pub fn withdraw_admission(
        &self,
        tx: &mut dyn Tx,
        operation: &Operation,
        psn_no: &PersonId,
        mdtrt_id: &VisitId,
    ) -> Result<(), JourneyError> {
        let gathered = hold(tx, psn_no)?;
        withdraw_stay(tx, operation, &gathered, mdtrt_id)
    }
}

/// Withdraws the stay of a person who is already held.
pub(crate) fn withdraw_stay(
    tx: &mut dyn Tx,
    operation: &Operation,
    gathered: &Gathered,
    mdtrt_id: &VisitId,
) -> Result<(), JourneyError> {
    let visit = gathered.require_stay(&operation.institution, mdtrt_id)?;
    gathered.require_never_settled(mdtrt_id)?;
    if visit.endtime.is_some() {
        return Err(crate::Own::Discharged { mdtrt_id: mdtrt_id.to_string() }.into());
    }
    withdraw(tx, visit)
}

/// A visit that begins with this message.
pub(crate) fn new_visit(
    operation: &Operation,
    gathered: &Gathered,
    form: Form,
    request: VisitRequest,
    kept: Fields,
    particulars: Fields,
) -> Visit {
    Visit {
        psn_no: gathered.standing.person.psn_no.clone(),
        mdtrt_id: VisitId(operation.new_id("visit")),
        seq: gathered.history.next_visit(),
        state: VisitState::Begun,
        form,
        fixmedins_code: request.fixmedins_code,
        label: request.label,
        med_type: request.med_type,
        insutype: request.insutype,
        begntime: request.begntime,
        endtime: None,
        fields: request.fields,
        kept,
        particulars,
        msgid: operation.msgid.clone(),
    }
}
