//! 2601 冲正交易: undoes, by message id, what 2102, 2207, 2304 or 2401 did.

use db::Tx;
use operation::{Operation, PreEmption, Standing};
use terms::{DateTime, MessageId, PersonId, SettlementId, VisitId};

use crate::admit::withdraw_stay;
use crate::dossier::hold_with_givers;
use crate::{Centre, JourneyError, Own, Reversed};

/// The transactions that can be undone by message id.
const REVERSIBLE: [&str; 4] = ["2102", "2207", "2304", "2401"];

/// What 2601 did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Undone {
    /// The settlement was reversed.
    Reversed(Box<Reversed>),
    /// The admission was withdrawn.
    Withdrawn(VisitId),
    /// The message was refused when it came; there was nothing to undo.
    NothingDone,
    /// The message was never seen; it will be refused if it still arrives.
    Remembered,
}

impl Centre {
    /// 2601: undoes the message `omsgid` of transaction `oinfno`, under the same refusals as
    /// the transaction that undoes it by number.
    ///
    /// # Errors
    /// Own: [`Own::NotReversible`], [`Own::PersonUnknown`], [`Own::MessageDiffers`] and those
    /// of 2404; the law's of a reversal.
    pub fn undo_message(
        &self,
        tx: &mut dyn Tx,
        operation: &Operation,
        psn_no: &PersonId,
        omsgid: &MessageId,
        oinfno: &str,
        time: DateTime,
    ) -> Result<Undone, JourneyError> {
        // A letter may follow the number (2207A).
        let plain = oinfno.get(..4).unwrap_or(oinfno);
        if !REVERSIBLE.contains(&plain) {
            return Err(Own::NotReversible { infno: oinfno.to_owned() }.into());
        }
        let gathered = hold_with_givers(tx, psn_no)?;
        let known = match operation::pre_empt(tx, operation, omsgid, oinfno)? {
            PreEmption::Remembered => return Ok(Undone::Remembered),
            PreEmption::Known(known) => known,
        };
        match known.standing {
            Standing::PreEmpted => return Ok(Undone::Remembered),
            Standing::Refused => return Ok(Undone::NothingDone),
            Standing::Accepted => {}
        }
        let differs = || Own::MessageDiffers { msgid: omsgid.to_string(), infno: oinfno.to_owned() };
        if known.infno.get(..4) != Some(plain) {
            return Err(differs().into());
        }
        if plain == "2401" {
            let own = |visit: &&claim::Visit| visit.msgid == *omsgid && visit.fixmedins_code == operation.institution;
            let mdtrt_id = gathered.history.visits.iter().find(own).ok_or_else(differs)?.mdtrt_id.clone();
            withdraw_stay(tx, operation, &gathered, &mdtrt_id)?;
            return Ok(Undone::Withdrawn(mdtrt_id));
        }
        let own = |row: &&claim::Settlement| {
            row.msgid == *omsgid && row.reverses.is_none() && row.fixmedins_code == operation.institution
        };
        let setl_id: SettlementId = gathered.history.settlements.iter().find(own).ok_or_else(differs)?.setl_id.clone();
        let reversed = self.reverse_held(tx, operation, gathered, None, &setl_id, time)?;
        Ok(Undone::Reversed(Box::new(reversed)))
    }
}
