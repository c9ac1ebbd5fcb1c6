//! 2201 门诊挂号 · 2202 门诊挂号撤销. A registration is a shell: the visit begins with 2203.

use claim::{Fields, Form, Visit, VisitState};
use db::Tx;
use operation::Operation;
use terms::{DateTime, PersonId, VisitId};

use crate::dossier::hold;
use crate::{Centre, JourneyError, Own, person};

/// 挂号 as asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registration {
    /// 人员编号.
    pub psn_no: PersonId,
    /// 险种类型.
    pub insutype: String,
    /// 挂号时间.
    pub begntime: DateTime,
    /// 住院/门诊号.
    pub ipt_otp_no: String,
    /// Department, doctor, certificate and the like.
    pub particulars: Fields,
}

/// 挂号 as made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shell {
    /// 就诊ID.
    pub mdtrt_id: VisitId,
    /// 人员编号.
    pub psn_no: PersonId,
    /// 住院/门诊号.
    pub ipt_otp_no: String,
}

impl Centre {
    /// 2201: opens a shell. The law is not asked: it accepts or refuses at 2203.
    ///
    /// # Errors
    /// [`Own::InstitutionSuspended`], [`Own::PersonUnknown`].
    pub fn register_outpatient(
        &self,
        tx: &mut dyn Tx,
        operation: &Operation,
        asked: Registration,
    ) -> Result<Shell, JourneyError> {
        self.require_not_suspended(&operation.institution, asked.begntime)?;
        person(tx, &asked.psn_no)?;
        let visit = Visit {
            psn_no: asked.psn_no,
            mdtrt_id: VisitId(operation.new_id("visit")),
            seq: 0,
            state: VisitState::Registered,
            form: Form::Outpatient,
            fixmedins_code: operation.institution.clone(),
            label: asked.ipt_otp_no,
            med_type: String::new(),
            insutype: asked.insutype,
            begntime: asked.begntime,
            endtime: None,
            fields: Fields::new(),
            kept: Fields::new(),
            particulars: asked.particulars,
            msgid: operation.msgid.clone(),
        };
        claim::add_visit(tx, &visit)?;
        Ok(Shell { mdtrt_id: visit.mdtrt_id, psn_no: visit.psn_no, ipt_otp_no: visit.label })
    }

    /// 2202: withdraws a registration, begun or not, that has neither lines nor settlements.
    ///
    /// # Errors
    /// [`Own::VisitUnknown`], [`Own::VisitSettled`], [`Own::VisitWasSettled`], [`Own::VisitHasLines`].
    pub fn withdraw_registration(
        &self,
        tx: &mut dyn Tx,
        operation: &Operation,
        psn_no: &PersonId,
        mdtrt_id: &VisitId,
    ) -> Result<(), JourneyError> {
        let gathered = hold(tx, psn_no)?;
        let visit = gathered.require_recorded(&operation.institution, mdtrt_id)?;
        if visit.form != Form::Outpatient {
            return Err(Own::VisitUnknown { mdtrt_id: mdtrt_id.to_string() }.into());
        }
        gathered.require_never_settled(mdtrt_id)?;
        withdraw(tx, visit)
    }
}

/// Withdraws a visit that has no lines.
pub(crate) fn withdraw(tx: &mut dyn Tx, visit: &Visit) -> Result<(), JourneyError> {
    let lines = claim::lines(tx, &visit.psn_no, &visit.mdtrt_id)?.len();
    if lines > 0 {
        return Err(Own::VisitHasLines { mdtrt_id: visit.mdtrt_id.to_string(), lines }.into());
    }
    claim::change_visit(tx, &Visit { state: VisitState::Withdrawn, ..visit.clone() })?;
    Ok(())
}
