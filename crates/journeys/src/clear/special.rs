//! 特例单议: a case that an institution puts forward, and the agreed price.

use std::collections::{BTreeMap, BTreeSet};

use clearing::{Cause, Cleared, Decided};
use db::Tx;
use operation::Operation;
use serde_json::json;
use terms::{Fen, InstitutionId, PersonId, SettlementId};

use super::gather::{Key, standing_case};
use crate::dossier::hold;
use crate::lists::settled_here;
use crate::{Centre, JourneyError, Own};

impl Centre {
    /// 特例单议申请: the institution puts a settled stay forward.
    ///
    /// # Errors
    /// [`Own::PersonUnknown`], [`Own::SettlementUnknown`], [`Own::SettlementReversed`],
    /// [`Own::SpecialAsked`].
    pub fn ask_special(
        &self,
        tx: &mut dyn Tx,
        operation: &Operation,
        psn_no: &PersonId,
        setl_id: &SettlementId,
        reason: &str,
    ) -> Result<(), JourneyError> {
        let gathered = hold(tx, psn_no)?;
        settled_here(&gathered, &operation.institution, setl_id)?;
        let at = operation.received_at;
        if !clearing::ask_special(tx, psn_no, setl_id, &operation.institution, reason, at)? {
            return Err(Own::SpecialAsked { setl_id: setl_id.to_string() }.into());
        }
        let told = json!({ "setl_id": setl_id, "fixmedins_code": operation.institution, "reason": reason });
        operation::feed::append(tx, &[self.changed(operation, "special_case", setl_id.as_str(), psn_no, &told)])?;
        Ok(())
    }

    /// 特例单议决定: the bureau decides. A case that is cleared already gets its new price in the
    /// next month that is worked out.
    ///
    /// # Errors
    /// [`Own::PersonUnknown`], [`Own::SpecialUnknown`].
    pub fn decide_special(
        &self,
        tx: &mut dyn Tx,
        operation: &Operation,
        psn_no: &PersonId,
        setl_id: &SettlementId,
        decision: &payment::Decision,
    ) -> Result<(), JourneyError> {
        hold(tx, psn_no)?;
        let decided = Decided {
            decision: serde_json::to_string(decision).expect("a decision is always JSON"),
            at: operation.received_at,
            by: operation.operator.clone(),
        };
        if !clearing::decide_special(tx, psn_no, setl_id, &decided)? {
            return Err(Own::SpecialUnknown { setl_id: setl_id.to_string() }.into());
        }
        let told = json!({ "setl_id": setl_id, "decision": decision, "by": decided.by });
        let change = self.changed(operation, "special_case_decided", setl_id.as_str(), psn_no, &told);
        operation::feed::append(tx, &[change])?;
        self.seal(tx, operation, "special_case_decided", setl_id.as_str(), json!({ "decision": decided.decision }))
    }
}

pub(super) fn read_decision(decided: &Decided) -> Result<payment::Decision, JourneyError> {
    serde_json::from_str(&decided.decision)
        .map_err(|error| JourneyError::Broken(format!("the decision “{}” cannot be read: {error}", decided.decision)))
}

/// Decisions on cases that were cleared before and still have their earlier price.
pub(super) fn undone_decisions(
    tx: &mut dyn Tx,
    institution: &InstitutionId,
    cleared: &BTreeMap<(SettlementId, Cause), Fen>,
    closed: &BTreeSet<Key>,
) -> Result<Vec<(Cleared, payment::Decision)>, JourneyError> {
    let mut undone = Vec::new();
    for special in clearing::decided_specials(tx, institution)? {
        let has = |cause| cleared.contains_key(&(special.setl_id.clone(), cause));
        if !has(Cause::Settlement) || has(Cause::Special) {
            continue;
        }
        let rows = clearing::cases_of(tx, &special.psn_no, &special.setl_id)?;
        let reversed = claim::history(tx, &special.psn_no)?.is_reversed(&special.setl_id);
        let (Some(standing), Some(decided), false) = (standing_case(&rows), &special.decision, reversed) else {
            continue;
        };
        let decided_before = super::view::case_explanation(standing)?.case.decision.is_some();
        if !decided_before && !closed.contains(&(standing.insutype.clone(), standing.clr_type.clone())) {
            undone.push((standing.clone(), read_decision(decided)?));
        }
    }
    Ok(undone)
}
