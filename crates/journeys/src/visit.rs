//! What the journeys of a visit share.

use adjudication::facts as law;
use terms::{DateTime, InstitutionId, VisitId};

use crate::dossier::Gathered;
use crate::{Centre, JourneyError, Own};

impl Centre {
    /// A suspended institution opens no new visits; those it has may be finished.
    pub(crate) fn require_not_suspended(&self, institution: &InstitutionId, at: DateTime) -> Result<(), JourneyError> {
        match self.institutions.suspended(institution.as_str(), at.date()) {
            None => Ok(()),
            Some(decision) => Err(Own::InstitutionSuspended {
                institution: institution.to_string(),
                day: at.date().to_string(),
                decision,
            }
            .into()),
        }
    }

    /// 受理: what the law fixes for a visit, or its refusal.
    pub(crate) fn accept(
        &self,
        dossier: &law::Dossier,
        request: &law::VisitRequest,
    ) -> Result<law::Fields, JourneyError> {
        let institution = self.institutions.on(request.fixmedins_code.as_str(), request.begntime.date());
        Ok(adjudication::open_visit(&self.law, dossier, institution.as_deref(), request)?.kept)
    }
}

impl Gathered {
    /// The institution's visit or shell, or the refusal that there is none.
    pub(crate) fn require_recorded(
        &self,
        institution: &InstitutionId,
        mdtrt_id: &VisitId,
    ) -> Result<&claim::Visit, Own> {
        self.recorded_visit(institution, mdtrt_id)
            .filter(|visit| visit.state != claim::VisitState::Withdrawn)
            .ok_or_else(|| Own::VisitUnknown { mdtrt_id: mdtrt_id.to_string() })
    }

    /// The institution's stay, or the refusal.
    pub(crate) fn require_stay(&self, institution: &InstitutionId, mdtrt_id: &VisitId) -> Result<&claim::Visit, Own> {
        let visit = self.require_recorded(institution, mdtrt_id)?;
        if visit.form == claim::Form::Stay { Ok(visit) } else { Err(Own::NotAStay { mdtrt_id: mdtrt_id.to_string() }) }
    }

    pub(crate) fn require_not_settled(&self, mdtrt_id: &VisitId) -> Result<(), Own> {
        match self.history.settled(mdtrt_id) {
            Some(_) => Err(Own::VisitSettled { mdtrt_id: mdtrt_id.to_string() }),
            None => Ok(()),
        }
    }

    /// For a withdrawal: the settlements of the visit must not exist, not even reversed,
    /// because the person's history would name a visit that never happened.
    pub(crate) fn require_never_settled(&self, mdtrt_id: &VisitId) -> Result<(), Own> {
        self.require_not_settled(mdtrt_id)?;
        if self.history.settlements.iter().any(|row| row.mdtrt_id == *mdtrt_id) {
            return Err(Own::VisitWasSettled { mdtrt_id: mdtrt_id.to_string() });
        }
        Ok(())
    }
}

/// Whether what the law reads of a visit is the same.
pub(crate) fn same_to_the_law(visit: &claim::Visit, request: &law::VisitRequest) -> bool {
    visit.label == request.label
        && visit.med_type == request.med_type
        && visit.insutype == request.insutype
        && visit.begntime == request.begntime
        && visit.fields == request.fields
}
