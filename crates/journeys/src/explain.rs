//! 说明与凭证: what was sealed with a settlement, read back from the register.

use adjudication::facts::{AccountUse, ChargedLine, FundPayment, Heads};
use adjudication::trace::Trace;
use db::Tx;
use evidence::{Facts, Receipt};
use terms::{PersonId, SettlementId};

use crate::JourneyError;
use crate::record::Sealed;

/// Why each fen of a settlement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// The settlement as recorded.
    pub row: claim::Settlement,
    /// 汇总.
    pub heads: Heads,
    /// 基金分项.
    pub detail: Vec<FundPayment>,
    /// Which accounts gave.
    pub accounts: Vec<AccountUse>,
    /// The lines as they were settled.
    pub lines: Vec<ChargedLine>,
    /// The steps.
    pub trace: Trace,
}

/// The person of a settlement or reversal, from the feed's record of it.
///
/// # Errors
/// [`JourneyError::Db`] when storage fails.
pub fn person_of_settlement(tx: &mut dyn Tx, setl_id: &SettlementId) -> Result<Option<PersonId>, JourneyError> {
    for kind in ["settlement", "reversal"] {
        if let Some(change) = operation::feed::find(tx, &format!("{kind}/{setl_id}"))? {
            return Ok(Some(PersonId(change.person)));
        }
    }
    Ok(None)
}

/// The explanation of a settlement or reversal; `None` when the person has no such.
///
/// # Errors
/// [`JourneyError::Broken`] when the record cannot be read.
pub fn explanation(
    tx: &mut dyn Tx,
    psn_no: &PersonId,
    setl_id: &SettlementId,
) -> Result<Option<Explanation>, JourneyError> {
    let Some((row, facts)) = recorded(tx, psn_no, setl_id)? else { return Ok(None) };
    let sealed: Sealed = serde_json::from_value(facts.body)
        .map_err(|error| JourneyError::Broken(format!("what was sealed with {setl_id} cannot be read: {error}")))?;
    let Sealed { heads, detail, accounts, lines, trace, .. } = sealed;
    Ok(Some(Explanation { row, heads, detail, accounts, lines, trace }))
}

/// The facts that were sealed with a settlement or reversal.
///
/// # Errors
/// [`JourneyError::Broken`] when the record cannot be read.
pub fn sealed_facts(tx: &mut dyn Tx, psn_no: &PersonId, setl_id: &SettlementId) -> Result<Option<Facts>, JourneyError> {
    Ok(recorded(tx, psn_no, setl_id)?.map(|(_, facts)| facts))
}

/// 凭证 of a settlement or reversal; pending until a checkpoint covers its leaf.
///
/// # Errors
/// [`JourneyError::Broken`] when the register no longer says what was sealed.
pub fn receipt(tx: &mut dyn Tx, psn_no: &PersonId, setl_id: &SettlementId) -> Result<Option<Receipt>, JourneyError> {
    match sealed_facts(tx, psn_no, setl_id)? {
        None => Ok(None),
        Some(facts) => Ok(Some(evidence::receipt(tx, &facts)?)),
    }
}

fn recorded(
    tx: &mut dyn Tx,
    psn_no: &PersonId,
    setl_id: &SettlementId,
) -> Result<Option<(claim::Settlement, Facts)>, JourneyError> {
    let history = claim::history(tx, psn_no)?;
    let Some(row) = history.settlements.into_iter().find(|row| row.setl_id == *setl_id) else { return Ok(None) };
    let compressed = claim::trace(tx, psn_no, setl_id)?.unwrap_or_default();
    let body = Sealed::expand(&compressed)
        .map_err(|error| JourneyError::Broken(format!("what was sealed with {setl_id} cannot be read: {error}")))?;
    let kind = if row.reverses.is_some() { "reversal" } else { "settlement" };
    let facts = Facts {
        id: setl_id.0.clone(),
        kind: kind.to_owned(),
        subject: setl_id.0.clone(),
        policy: row.policy.clone(),
        body,
    };
    Ok(Some((row, facts)))
}
