//! 2203 · 2203A 就诊信息上传: the visit begins, and is accepted or refused.

use adjudication::facts::VisitRequest;
use claim::{Diagnosis, Fields, Visit, VisitState};
use db::Tx;
use operation::Operation;
use terms::{DateTime, PersonId, VisitId};

use crate::dossier::hold;
use crate::visit::same_to_the_law;
use crate::{Centre, JourneyError};

/// 就诊 as asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Begin {
    /// 人员编号.
    pub psn_no: PersonId,
    /// 就诊ID of the registration.
    pub mdtrt_id: VisitId,
    /// 医疗类别.
    pub med_type: String,
    /// 就诊时间.
    pub begntime: DateTime,
    /// What the law reads besides: `dise_codg`, `trum_flag`, `rel_ttp_flag`, `rx_circ_flag`, …
    pub fields: Fields,
    /// Texts that only institutions read; they add to those of the registration.
    pub particulars: Fields,
    /// 诊断; one with 有效标志 0 takes an earlier one back.
    pub diagnoses: Vec<Diagnosis>,
}

/// 就诊 as accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Begun {
    /// The visit as it stands now.
    pub visit: Visit,
}

impl Centre {
    /// 2203, 2203A: begins the visit of a registration. Sent again with the same facts, it
    /// only changes diagnoses; with other facts, the law refuses it as already opened.
    ///
    /// # Errors
    /// Own: [`crate::Own::PersonUnknown`], [`crate::Own::VisitUnknown`],
    /// [`crate::Own::InstitutionSuspended`], [`crate::Own::VisitSettled`]; then the law's.
    pub fn begin_visit(&self, tx: &mut dyn Tx, operation: &Operation, asked: Begin) -> Result<Begun, JourneyError> {
        let gathered = hold(tx, &asked.psn_no)?;
        let shell = gathered.require_recorded(&operation.institution, &asked.mdtrt_id)?;
        self.require_not_suspended(&operation.institution, asked.begntime)?;
        let request = VisitRequest {
            label: shell.label.clone(),
            fixmedins_code: operation.institution.clone(),
            med_type: asked.med_type,
            insutype: shell.insutype.clone(),
            begntime: asked.begntime,
            fields: asked.fields,
        };
        let again = shell.state == VisitState::Begun && same_to_the_law(shell, &request);
        let mut visit = shell.clone();
        visit.particulars.extend(asked.particulars);
        if again {
            gathered.require_not_settled(&asked.mdtrt_id)?;
        } else {
            visit.kept = self.accept(&gathered.dossier, &request)?;
            visit.seq = gathered.history.next_visit();
            visit.state = VisitState::Begun;
            visit.med_type = request.med_type;
            visit.begntime = request.begntime;
            visit.fields = request.fields;
        }
        claim::change_visit(tx, &visit)?;
        claim::put_diagnoses(tx, &visit.psn_no, &visit.mdtrt_id, &asked.diagnoses)?;
        Ok(Begun { visit })
    }
}
