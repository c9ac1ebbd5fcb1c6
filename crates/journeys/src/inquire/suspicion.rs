//! 由可疑线索立线索: a suspicion names persons and visits of perhaps several institutions; each
//! institution's part becomes a clue of its own, for a case is about one institution.

use std::collections::{BTreeMap, BTreeSet};

use db::Tx;
use inquiry::{Clue, ClueLine, Source};
use operation::Operation;
use terms::{Fen, InstitutionId, PersonId};

use crate::record::Sealed;
use crate::{Centre, JourneyError};

/// A suspicion as it was told: what `heng detect` writes, without its scores by part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SuspicionTold {
    /// The model.
    pub model: String,
    /// Version of its parameters.
    pub version: String,
    /// What binds the members; with the model its name.
    pub group: String,
    /// 得分, 0 to 1000.
    pub score: i64,
    /// 人员.
    pub persons: BTreeSet<String>,
    /// 就诊; all visits of the persons that the model looked at.
    pub visits: BTreeSet<String>,
    /// 明细, as `mdtrt_id/feedetl_sn`; empty when whole visits are suspected.
    pub lines: BTreeSet<String>,
    /// Why, in words.
    pub why: String,
}

impl SuspicionTold {
    /// What a model said, without its scores by part.
    #[must_use]
    pub fn of(suspicion: &detection::Suspicion) -> SuspicionTold {
        SuspicionTold {
            model: suspicion.model.clone(),
            version: suspicion.version.to_string(),
            group: suspicion.group.clone(),
            score: suspicion.score,
            persons: suspicion.members.persons.clone(),
            visits: suspicion.members.visits.clone(),
            lines: suspicion.members.lines.clone(),
            why: suspicion.why.clone(),
        }
    }
}

impl Centre {
    /// 疑点登记: a suspicion is kept whole, with its parts and members, and makes its clues; told
    /// again it is the same one with newer figures.
    ///
    /// # Errors
    /// As [`Centre::clues_of_suspicion`].
    pub fn tell_suspicion(
        &self,
        tx: &mut dyn Tx,
        operation: &Operation,
        suspicion: &detection::Suspicion,
    ) -> Result<Vec<Clue>, JourneyError> {
        let told = SuspicionTold::of(suspicion);
        let count = |set: &BTreeSet<String>| i64::try_from(set.len()).unwrap_or(i64::MAX);
        let members = &suspicion.members;
        let kept = inquiry::Suspicion {
            suspicion_id: operation.new_id(&format!("suspicion {}/{}/{}", told.model, told.version, told.group)),
            model: told.model.clone(),
            name: suspicion.name.clone(),
            version: told.version.clone(),
            group: told.group.clone(),
            score: told.score,
            recoverable: suspicion.stake.recoverable(),
            weighted: suspicion.weighted(),
            institutions: members.institutions.iter().cloned().collect(),
            persons: count(&members.persons),
            visits: count(&members.visits),
            why: told.why.clone(),
            found_at: operation.received_at,
            body: Sealed::compress(&serde_json::to_value(suspicion).expect("a suspicion is always JSON")),
        };
        inquiry::put_suspicion(tx, &kept)?;
        self.clues_of_suspicion(tx, operation, &told)
    }

    /// The clues of a suspicion, one an institution; told again they are the same. Visits that are
    /// not settled here, or no longer, are left out.
    ///
    /// # Errors
    /// [`JourneyError::Db`], or [`JourneyError::Broken`] when a settlement cannot be read.
    pub fn clues_of_suspicion(
        &self,
        tx: &mut dyn Tx,
        operation: &Operation,
        told: &SuspicionTold,
    ) -> Result<Vec<Clue>, JourneyError> {
        let mut by_institution: BTreeMap<InstitutionId, (Fen, Vec<ClueLine>)> = BTreeMap::new();
        for psn_no in told.persons.iter().map(|person| PersonId(person.clone())) {
            let history = claim::history(tx, &psn_no)?;
            for visit in history.visits.iter().filter(|visit| told.visits.contains(visit.mdtrt_id.as_str())) {
                let Some(settlement) = history.settled(&visit.mdtrt_id) else { continue };
                let paid: Fen = self.funds_of(settlement)?.iter().map(|(_, amount)| *amount).sum();
                let (amount, lines) = by_institution.entry(visit.fixmedins_code.clone()).or_default();
                *amount += paid;
                let whole = ClueLine {
                    psn_no: psn_no.clone(),
                    mdtrt_id: visit.mdtrt_id.clone(),
                    feedetl_sn: None,
                    amount: None,
                };
                let prefix = format!("{}/", visit.mdtrt_id);
                let own: Vec<&str> = told.lines.iter().filter_map(|line| line.strip_prefix(&prefix)).collect();
                if own.is_empty() {
                    lines.push(whole);
                } else {
                    lines.extend(own.iter().map(|no| ClueLine { feedetl_sn: Some((*no).into()), ..whole.clone() }));
                }
            }
        }
        let mut clues = Vec::new();
        for (fixmedins_code, (amount, lines)) in by_institution {
            let reference = format!("{}/{}/{}/{fixmedins_code}", told.model, told.version, told.group);
            let clue = Clue {
                clue_id: operation.new_id(&format!("clue {reference}")),
                source: Source::Suspicion,
                reference,
                rule: told.model.clone(),
                version: told.version.clone(),
                fixmedins_code,
                amount,
                confidence: Some(told.score.clamp(0, 1000) * 10),
                summary: told.why.clone(),
                found_at: operation.received_at,
                case_id: None,
                lines,
            };
            clues.push(self.add_clue(tx, operation, &clue)?);
        }
        Ok(clues)
    }
}
