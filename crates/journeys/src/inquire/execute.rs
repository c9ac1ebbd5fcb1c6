//! 执行: what was upheld comes back to the funds that paid, deducted with the institution's next
//! statement or paid in.

use std::collections::BTreeMap;

use clearing::Deduction;
use db::Tx;
use inquiry::{DisputedLine, LineState, Recovery, Way, sum_by_fund};
use ledger::{Account, Transfer};
use serde_json::json;
use terms::{Fen, InstitutionId};

use super::{Doing, Effect};
use crate::{Centre, FundRole, JourneyError};

impl Centre {
    pub(super) fn recover(&self, tx: &mut dyn Tx, doing: &Doing<'_>, way: Way) -> Result<Effect, JourneyError> {
        let lines: Vec<&DisputedLine> = doing.lines.iter().filter(|line| line.state == LineState::Upheld).collect();
        let recovery = self.post_recovery(tx, doing, way, &lines)?;
        Ok(Effect { more: told(&recovery), documents: Vec::new() })
    }

    /// Posts what some lines bring back, or its undoing, and hands it to the next statement.
    pub(super) fn post_recovery(
        &self,
        tx: &mut dyn Tx,
        doing: &Doing<'_>,
        way: Way,
        lines: &[&DisputedLine],
    ) -> Result<Recovery, JourneyError> {
        let sign = |amount: Fen| if undoes(way) { -amount } else { amount };
        let parts: Vec<(String, Fen)> =
            lines.iter().flat_map(|line| &line.by_fund).map(|(fund, amount)| (fund.clone(), sign(*amount))).collect();
        let by_fund = sum_by_fund(&parts);
        let seq = doing.decision.seq;
        let institution: InstitutionId = doing.held.case.party.as_str().into();
        let recovery = Recovery {
            case_id: doing.case_id().to_owned(),
            seq,
            way,
            amount: by_fund.iter().map(|(_, amount)| *amount).sum(),
            by_fund,
            lines: lines.iter().map(|line| line.no).collect(),
            transfer_id: format!("case/{}/{seq}", doing.case_id()),
            at: doing.operation.received_at,
        };
        ledger::post(tx, &self.transfer_of(&recovery, &institution))?;
        inquiry::add_recovery(tx, &recovery)?;
        if matches!(way, Way::Deduction | Way::DeductionUndone) {
            let deductions = deductions(&recovery, &institution, lines, sign);
            clearing::add_deductions(tx, &deductions)?;
        }
        Ok(recovery)
    }

    /// The institution is owed less, or pays in; the funds have more. What personal accounts had
    /// paid waits in suspense until it is given back to its owners.
    fn transfer_of(&self, recovery: &Recovery, institution: &InstitutionId) -> Transfer {
        let from = match recovery.way {
            Way::Deduction | Way::DeductionUndone => Account::Payable(institution.clone()),
            Way::Refund | Way::RefundUndone => Account::Suspense(format!("paid in/{institution}")),
        };
        let to = |fund: &String| match self.books.role(fund) {
            FundRole::Pool => Account::Pool(fund.clone()),
            FundRole::Account | FundRole::Hospital => Account::Suspense(format!("recovered/{fund}")),
        };
        let mut entries = vec![(from, -recovery.amount)];
        entries.extend(recovery.by_fund.iter().map(|(fund, amount)| (to(fund), *amount)));
        Transfer {
            id: recovery.transfer_id.clone(),
            psn_no: "".into(),
            at: recovery.at,
            about: format!("case_{}", recovery.way.word()),
            entries,
        }
    }
}

/// Whether it undoes a recovery.
pub(super) fn undoes(way: Way) -> bool {
    matches!(way, Way::DeductionUndone | Way::RefundUndone)
}

/// What is sealed of a recovery.
pub(super) fn told(recovery: &Recovery) -> serde_json::Value {
    json!({
        "way": recovery.way, "amount": recovery.amount, "by_fund": recovery.by_fund, "lines": recovery.lines,
        "transfer": recovery.transfer_id,
    })
}

/// A deduction for each statement that the lines belong to.
fn deductions(
    recovery: &Recovery,
    institution: &InstitutionId,
    lines: &[&DisputedLine],
    sign: impl Fn(Fen) -> Fen,
) -> Vec<Deduction> {
    let mut by_statement: BTreeMap<(&str, &str), Fen> = BTreeMap::new();
    for line in lines {
        *by_statement.entry((&line.insutype, &line.clr_type)).or_default() += sign(line.recoverable());
    }
    let deduction = |((insutype, clr_type), amount): ((&str, &str), Fen)| Deduction {
        deduction_id: format!("{}/{insutype}/{clr_type}", recovery.transfer_id),
        fixmedins_code: institution.clone(),
        case_id: recovery.case_id.clone(),
        insutype: insutype.to_owned(),
        clr_type: clr_type.to_owned(),
        amount,
        month: None,
        made_at: recovery.at,
    };
    by_statement.into_iter().filter(|(_, amount)| !amount.is_zero()).map(deduction).collect()
}
