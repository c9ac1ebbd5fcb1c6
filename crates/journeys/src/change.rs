//! 2403 住院信息变更.

use adjudication::facts::VisitRequest;
use claim::{Diagnosis, Fields, Visit};
use db::Tx;
use operation::Operation;
use terms::{DateTime, PersonId, VisitId};

use crate::dossier::hold;
use crate::visit::same_to_the_law;
use crate::{Centre, JourneyError, Own};

/// 变更 as asked for: the stay as it should read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdmissionChange {
    /// 人员编号.
    pub psn_no: PersonId,
    /// 就诊ID.
    pub mdtrt_id: VisitId,
    /// 住院号; `None` leaves it as it is.
    pub ipt_no: Option<String>,
    /// 入院时间.
    pub begntime: DateTime,
    /// 医疗类别.
    pub med_type: String,
    /// What the law reads besides; fields that are not named stay as they are.
    pub fields: Fields,
    /// Department, bed, doctor and the like; those not named stay.
    pub particulars: Fields,
    /// 诊断, matched by number: replaced or added.
    pub diagnoses: Vec<Diagnosis>,
}

impl Centre {
    /// 2403: changes a stay. A change of what the law reads is accepted by the law anew, as
    /// if the stay were opened so; that is possible only while it has no lines and is not
    /// discharged.
    ///
    /// # Errors
    /// Own: [`Own::VisitUnknown`], [`Own::NotAStay`], [`Own::VisitSettled`],
    /// [`Own::Discharged`], [`Own::VisitHasLines`]; then the law's.
    pub fn change_admission(
        &self,
        tx: &mut dyn Tx,
        operation: &Operation,
        asked: AdmissionChange,
    ) -> Result<Visit, JourneyError> {
        let mut gathered = hold(tx, &asked.psn_no)?;
        let mut visit = gathered.require_stay(&operation.institution, &asked.mdtrt_id)?.clone();
        gathered.require_not_settled(&asked.mdtrt_id)?;
        let mut fields = visit.fields.clone();
        fields.extend(asked.fields);
        let request = VisitRequest {
            label: asked.ipt_no.unwrap_or_else(|| visit.label.clone()),
            fixmedins_code: visit.fixmedins_code.clone(),
            med_type: asked.med_type,
            insutype: visit.insutype.clone(),
            begntime: asked.begntime,
            fields,
        };
        if !same_to_the_law(&visit, &request) {
            let mdtrt_id = asked.mdtrt_id.to_string();
            if visit.endtime.is_some() {
                return Err(Own::Discharged { mdtrt_id }.into());
            }
            let lines = claim::lines(tx, &visit.psn_no, &visit.mdtrt_id)?.len();
            if lines > 0 {
                return Err(Own::VisitHasLines { mdtrt_id, lines }.into());
            }
            gathered.dossier.visits.retain(|other| other.mdtrt_id != visit.mdtrt_id);
            visit.kept = self.accept(&gathered.dossier, &request)?;
            visit.label = request.label;
            visit.med_type = request.med_type;
            visit.begntime = request.begntime;
            visit.fields = request.fields;
        }
        visit.particulars.extend(asked.particulars);
        claim::change_visit(tx, &visit)?;
        claim::put_diagnoses(tx, &visit.psn_no, &visit.mdtrt_id, &asked.diagnoses)?;
        Ok(visit)
    }
}
