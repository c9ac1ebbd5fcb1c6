//! 2208 · 2305 · 2103 结算撤销.

use adjudication::facts::{AccountUse, Reversal};
use adjudication::trace::Trace;
use claim::{Fields, Visit};
use db::Tx;
use enrolment::Standing;
use operation::Operation;
use terms::{DateTime, PersonId, SettlementId, VisitId, show_time};

use crate::dossier::{Gathered, hold_with_givers};
use crate::record::{Decision, Recording, Sealed};
use crate::{Centre, JourneyError};

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
        mut gathered: Gathered,
        mdtrt_id: Option<&VisitId>,
        setl_id: &SettlementId,
        time: DateTime,
    ) -> Result<Reversed, JourneyError> {
        let own = |row: &&claim::Settlement| {
            row.setl_id == *setl_id
                && row.reverses.is_none()
                && row.fixmedins_code == operation.institution
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
        let visit = gathered.recorded_visit(&operation.institution, &original.mdtrt_id).cloned();
        let visit = visit.ok_or_else(|| JourneyError::Broken(format!("settlement {setl_id} has no visit")))?;
        let reversed = Reversed {
            setl_id: SettlementId(operation.new_id("reversal")),
            original,
            visit,
            standing: gathered.standing.clone(),
            reversal,
        };
        self.record_reversal(tx, operation, &gathered, &reversed, time)?;
        Ok(reversed)
    }

    fn record_reversal(
        &self,
        tx: &mut dyn Tx,
        operation: &Operation,
        gathered: &Gathered,
        reversed: &Reversed,
        time: DateTime,
    ) -> Result<(), JourneyError> {
        let Reversed { setl_id, original, visit, reversal, .. } = reversed;
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
            particulars: Fields::new(),
            ..original.clone()
        };
        let decision = Decision { heads, detail, adds, kept: Fields::new(), accounts };
        let standing = &gathered.standing;
        self.record(tx, operation, Recording { row, nth: 0, decision, sealed, visit, standing })
    }
}
