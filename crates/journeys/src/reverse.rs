//! 2208 · 2305 · 2103 结算撤销; 经办机构撤销: the bureau in an institution's place, for a reason.

use std::collections::BTreeMap;

use adjudication::facts::{AccountUse, Reversal};
use adjudication::trace::Trace;
use claim::{Fields, Visit};
use db::Tx;
use enrolment::Standing;
use operation::Operation;
use serde::{Deserialize, Serialize};
use terms::{DateTime, InstitutionId, PersonId, SettlementId, VisitId, show_time};

use crate::dossier::{Gathered, gather, hold_with_givers};
use crate::record::{Decision, Recording, Sealed};
use crate::{Centre, JourneyError, Own};

/// 撤销 as decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reversed {
    /// 结算ID of the reversal itself.
    pub setl_id: SettlementId,
    /// The settlement that was reversed, as recorded.
    pub original: claim::Settlement,
    /// Its visit, which is unsettled again.
    pub visit: Visit,
    /// The person, as they stood before.
    pub standing: Standing,
    /// The decision: every head negated.
    pub reversal: Reversal,
}

impl Centre {
    /// Reverses a settlement at `time`. A settlement of another institution, or of another
    /// visit than `mdtrt_id` when that is given, does not exist for the sender.
    ///
    /// # Errors
    /// [`crate::Own::PersonUnknown`]; then the law's.
    pub fn reverse(
        &self,
        tx: &mut dyn Tx,
        operation: &Operation,
        psn_no: &PersonId,
        mdtrt_id: Option<&VisitId>,
        setl_id: &SettlementId,
        time: DateTime,
    ) -> Result<Reversed, JourneyError> {
        let gathered = hold_with_givers(tx, psn_no)?;
        self.reverse_held(tx, operation, gathered, mdtrt_id, setl_id, time)
    }

    /// The same for a person who is already held, givers included.
    pub(crate) fn reverse_held(
        &self,
        tx: &mut dyn Tx,
        operation: &Operation,
        gathered: Gathered,
        mdtrt_id: Option<&VisitId>,
        setl_id: &SettlementId,
        time: DateTime,
    ) -> Result<Reversed, JourneyError> {
        let decided = self.decide_reversal(tx, &operation.institution, gathered, mdtrt_id, setl_id, time)?;
        self.record_reversal(tx, operation, decided, None, time)
    }

    fn decide_reversal(
        &self,
        tx: &mut dyn Tx,
        institution: &InstitutionId,
        mut gathered: Gathered,
        mdtrt_id: Option<&VisitId>,
        setl_id: &SettlementId,
        time: DateTime,
    ) -> Result<Decided, JourneyError> {
        let own = |row: &&claim::Settlement| {
            row.setl_id == *setl_id
                && row.reverses.is_none()
                && row.fixmedins_code == *institution
                && mdtrt_id.is_none_or(|mdtrt_id| row.mdtrt_id == *mdtrt_id)
        };
        let original = gathered.history.settlements.iter().find(own).cloned();
        if original.is_none() {
            gathered.dossier.settlements.retain(|row| row.setl_id != *setl_id);
        }
        let reversal = adjudication::reverse(&self.law, &gathered.dossier, setl_id, time)?;
        let original =
            original.ok_or_else(|| JourneyError::Broken("the law reversed a settlement that does not exist".into()))?;
        crate::inquire::require_free(tx, &original.psn_no, &original.mdtrt_id)?;
        let visit = gathered.recorded_visit(institution, &original.mdtrt_id).cloned();
        let visit = visit.ok_or_else(|| JourneyError::Broken(format!("settlement {setl_id} has no visit")))?;
        Ok(Decided { gathered, original, visit, reversal })
    }

    fn record_reversal(
        &self,
        tx: &mut dyn Tx,
        operation: &Operation,
        decided: Decided,
        ordered: Option<Ordered>,
        time: DateTime,
    ) -> Result<Reversed, JourneyError> {
        let Decided { gathered, original, visit, reversal } = decided;
        let setl_id = SettlementId(operation.new_id("reversal"));
        let Reversal { heads, detail, adds, accounts } = reversal.clone();
        // What an account gets back is what it gives with the sign turned.
        let given_back = accounts.into_iter().map(|row| AccountUse { psn_no: row.psn_no, amount: -row.amount });
        let accounts: Vec<AccountUse> = given_back.collect();
        let sealed = Sealed {
            region: self.region.0.clone(),
            mdtrt_id: visit.mdtrt_id.0.clone(),
            reverses: Some(original.setl_id.0.clone()),
            fixmedins_code: original.fixmedins_code.0.clone(),
            fixmedins_name: self
                .institutions
                .on(visit.fixmedins_code.as_str(), visit.begntime.date())
                .map_or_else(String::new, |row| row.name.clone()),
            insutype: original.insutype.clone(),
            med_type: original.med_type.clone(),
            begntime: show_time(visit.begntime),
            endtime: visit.endtime.map(show_time),
            setl_time: show_time(time),
            heads: heads.clone(),
            detail: detail.clone(),
            accounts: accounts.clone(),
            lines: Vec::new(),
            trace: Trace::default(),
            ordered: ordered.clone(),
        };
        let row = claim::Settlement {
            setl_id: setl_id.clone(),
            seq: gathered.history.next_settlement(),
            reverses: Some(original.setl_id.clone()),
            setl_time: time,
            medfee_sumamt: heads.medfee_sumamt,
            fund_pay_sumamt: heads.fund_pay_sumamt,
            acct_pay: heads.acct_pay,
            psn_cash_pay: heads.psn_cash_pay,
            msgid: operation.msgid.clone(),
            policy: self.law.hash().to_owned(),
            decision: String::new(),
            particulars: ordered.map(Ordered::into_fields).unwrap_or_default(),
            ..original.clone()
        };
        let decision = Decision { heads, detail, adds, kept: Fields::new(), accounts };
        let standing = &gathered.standing;
        self.record(tx, operation, Recording { row, nth: 0, decision, sealed, visit: &visit, standing })?;
        Ok(Reversed { setl_id, original, visit, standing: gathered.standing, reversal })
    }
}

/// What a reversal rests on.
struct Decided {
    gathered: Gathered,
    original: claim::Settlement,
    visit: Visit,
    reversal: Reversal,
}

/// 撤销原因: why the bureau itself reverses a settlement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReversalReason {
    /// 结算信息有误.
    WrongData,
    /// 重复结算.
    SettledTwice,
    /// 费用未实际发生.
    NotProvided,
    /// 待遇重新认定.
    EntitlementChanged,
    /// 参保人申请.
    PersonAsks,
    /// 机构无法自行撤销.
    InstitutionUnable,
}

impl ReversalReason {
    /// Every reason, with its code, 名称 and English name.
    pub const ALL: [(ReversalReason, &str, &str, &str); 6] = [
        (ReversalReason::WrongData, "wrong_data", "结算信息有误", "settled on wrong data"),
        (ReversalReason::SettledTwice, "settled_twice", "同一费用重复结算", "the same care was settled twice"),
        (ReversalReason::NotProvided, "not_provided", "费用未实际发生", "the care was not given"),
        (
            ReversalReason::EntitlementChanged,
            "entitlement_changed",
            "待遇资格重新认定",
            "the entitlement was decided anew",
        ),
        (ReversalReason::PersonAsks, "person_asks", "参保人申请退费", "the person asks for it"),
        (
            ReversalReason::InstitutionUnable,
            "institution_unable",
            "机构无法自行撤销",
            "the institution cannot reverse it itself",
        ),
    ];

    /// As it is sent and kept.
    #[must_use]
    pub fn code(self) -> &'static str {
        ReversalReason::ALL.iter().find(|(reason, ..)| *reason == self).map_or("", |(_, code, ..)| code)
    }

    /// The reason of a code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<ReversalReason> {
        ReversalReason::ALL.iter().find(|(_, known, ..)| *known == code).map(|(reason, ..)| *reason)
    }
}

/// 经办机构撤销 as asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BureauReversal {
    /// 人员编号.
    pub psn_no: PersonId,
    /// 结算ID.
    pub setl_id: SettlementId,
    /// Why.
    pub reason: ReversalReason,
    /// Why, in the operator's own words.
    pub words: String,
}

/// By whom at the bureau a reversal was ordered, and why: sealed with it, and kept with its record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Ordered {
    reason: String,
    words: String,
    by: String,
}

impl Ordered {
    fn into_fields(self) -> Fields {
        let Ordered { reason, words, by } = self;
        [("reason", reason), ("words", words), ("ordered_by", by)].map(|(name, text)| (name.to_owned(), text)).into()
    }
}

/// 撤销试算: what a reversal would give back. Nothing is recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReversalTrial {
    /// The settlement, as recorded.
    pub original: claim::Settlement,
    /// Its visit, which would be unsettled again.
    pub visit: Visit,
    /// The person, as they stand.
    pub standing: Standing,
    /// The decision: every head negated.
    pub reversal: Reversal,
    /// 累计 as they are.
    pub totals: BTreeMap<String, i64>,
}

impl Centre {
    /// 撤销试算 of the bureau, under the same refusals as [`Centre::reverse_for_bureau`].
    ///
    /// # Errors
    /// As [`Centre::reverse_for_bureau`].
    pub fn reversal_trial(
        &self,
        tx: &mut dyn Tx,
        psn_no: &PersonId,
        setl_id: &SettlementId,
        time: DateTime,
    ) -> Result<ReversalTrial, JourneyError> {
        let gathered = gather(tx, psn_no)?;
        let institution = place_of(&gathered, setl_id)?;
        let decided = self.decide_reversal(tx, &institution, gathered, None, setl_id, time)?;
        let Decided { gathered, original, visit, reversal } = decided;
        Ok(ReversalTrial { original, visit, standing: gathered.standing, reversal, totals: gathered.history.totals })
    }

    /// 经办机构撤销: the bureau reverses a settlement in the place of the institution, for a reason
    /// that is sealed with the reversal. The same message id again answers the same reversal and
    /// does nothing. Answers the reversal as recorded.
    ///
    /// # Errors
    /// [`Own::PersonUnknown`], [`Own::ReversedByCase`]; then the law's, then [`Own::UnderInquiry`].
    pub fn reverse_for_bureau(
        &self,
        tx: &mut dyn Tx,
        operation: &Operation,
        asked: &BureauReversal,
    ) -> Result<claim::Settlement, JourneyError> {
        let gathered = hold_with_givers(tx, &asked.psn_no)?;
        let done =
            |row: &&claim::Settlement| row.reverses.as_ref() == Some(&asked.setl_id) && row.msgid == operation.msgid;
        if let Some(row) = gathered.history.settlements.iter().find(done) {
            return Ok(row.clone());
        }
        let institution = place_of(&gathered, &asked.setl_id)?;
        let time = operation.received_at;
        let decided = self.decide_reversal(tx, &institution, gathered, None, &asked.setl_id, time)?;
        let ordered = Ordered {
            reason: asked.reason.code().to_owned(),
            words: asked.words.clone(),
            by: operation.operator.clone(),
        };
        // To the law and to the institution's own books, the sender is where the visit was.
        let own = Operation { institution, ..operation.clone() };
        let reversed = self.record_reversal(tx, &own, decided, Some(ordered), time)?;
        let history = claim::history(tx, &asked.psn_no)?;
        history
            .settlements
            .into_iter()
            .find(|row| row.setl_id == reversed.setl_id)
            .ok_or_else(|| JourneyError::Broken(format!("the reversal {} was not recorded", reversed.setl_id)))
    }
}

/// The institution in whose place the bureau acts. A claim that somebody paid themselves is the
/// bureau's own case, and goes back through it: money may have been paid to the person.
fn place_of(gathered: &Gathered, setl_id: &SettlementId) -> Result<InstitutionId, JourneyError> {
    let found = gathered.history.settlements.iter().find(|row| row.setl_id == *setl_id);
    // A number that is not known is the law's to refuse.
    let Some(row) = found else { return Ok(InstitutionId::from("")) };
    if crate::is_stand_in(row.fixmedins_code.as_str()) {
        let visit = gathered.history.visits.iter().find(|visit| visit.mdtrt_id == row.mdtrt_id);
        let case_id = visit.and_then(|visit| visit.particulars.get("case_id").cloned()).unwrap_or_default();
        return Err(Own::ReversedByCase { setl_id: setl_id.to_string(), case_id }.into());
    }
    Ok(row.fixmedins_code.clone())
}
