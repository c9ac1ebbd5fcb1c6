//! 定价与记录: a month's cases are priced together and recorded in deeds of bounded size.

use std::collections::BTreeSet;

use clearing::{Cause, Cleared, ListState, Month, StatementState};
use db::{Database, Tx};
use operation::Operation;
use payment::{Priced, YearCase};
use serde::{Deserialize, Serialize};
use terms::{InstitutionId, PersonId, SettlementId};

use super::gather::{GatheredMonth, Ready};
use super::view::{CaseExplanation, case_explanation};
use super::{GroupPayment, Outstanding};
use crate::record::Sealed;
use crate::{Centre, JourneyError};

/// How many cases one deed records.
const AT_ONCE: usize = 100;

/// A cleared case as the change feed tells it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct CaseChange {
    pub month: String,
    pub setl_id: String,
    pub cause: String,
    pub fixmedins_code: String,
    pub insutype: String,
    pub clr_type: String,
    pub clr_way: String,
    pub plan: String,
    pub scheme: String,
    pub scheme_version: String,
    pub status: String,
    pub group_code: String,
    pub year_case: YearCase,
}

impl CaseChange {
    fn of(row: &Cleared) -> CaseChange {
        CaseChange {
            month: row.month.to_string(),
            setl_id: row.setl_id.0.clone(),
            cause: row.cause.code().to_owned(),
            fixmedins_code: row.fixmedins_code.0.clone(),
            insutype: row.insutype.clone(),
            clr_type: row.clr_type.clone(),
            clr_way: row.clr_way.clone(),
            plan: row.plan.clone(),
            scheme: row.scheme.clone(),
            scheme_version: row.scheme_version.clone(),
            status: row.status.clone(),
            group_code: row.group_code.clone(),
            year_case: year_case(row),
        }
    }
}

/// What the year's end needs of a cleared case.
pub(super) fn year_case(row: &Cleared) -> YearCase {
    YearCase {
        institution: row.fixmedins_code.clone(),
        pool: row.pool.clone(),
        reversal: row.takes_back(),
        points: row.points,
        outside: row.outside,
        payment: row.payment,
        fee: row.fee,
        excluded: row.excluded,
        patient: row.patient,
        other_funds: row.other_funds,
        fund: row.fund,
        item_fund: row.item_fund,
    }
}

impl Centre {
    /// Prices what was gathered. The caps of a plan look at all of the month's cases together,
    /// those recorded by an earlier run included.
    pub(super) fn price_month(
        &self,
        pay: &GroupPayment,
        operation: &Operation,
        month: Month,
        gathered: &mut GatheredMonth,
    ) -> Result<Vec<Cleared>, JourneyError> {
        let at = operation.received_at;
        let mut rows: Vec<Cleared> = Vec::new();
        for (reversal, standing) in &gathered.reversed {
            rows.push(turned(standing.taken_back(reversal.clone(), month, at))?);
        }
        for (number, plan) in pay.plans().iter().enumerate() {
            let ready: Vec<&Ready> = gathered.ready.iter().filter(|ready| ready.plan == number).collect();
            let own = |row: &&Cleared| row.plan == plan.plan.id && row.cause == Cause::Settlement;
            let mut cases: Vec<payment::Case> = ready.iter().map(|ready| ready.case.clone()).collect();
            let decided: Vec<_> =
                gathered.decided.iter().filter(|(standing, _)| standing.plan == plan.plan.id).collect();
            for (standing, decision) in &decided {
                let decision = Some(decision.clone());
                cases.push(payment::Case { decision, ..case_explanation(standing)?.case });
            }
            let fresh = cases.len();
            for row in gathered.known.iter().filter(own) {
                if !decided.iter().any(|(standing, _)| standing.setl_id == row.setl_id) {
                    cases.push(case_explanation(row)?.case);
                }
            }
            let mut prices = plan.plan.price_all(&cases);
            prices.truncate(fresh);
            let (of_ready, of_decided) = prices.split_at(ready.len());
            for (ready, price) in ready.iter().zip(of_ready) {
                match price {
                    Ok(price) => rows.push(self.new_case(plan, ready, price.clone(), month, operation)),
                    Err(refusal) => {
                        let key = (ready.settlement.insutype.clone(), ready.settlement.clr_type.clone());
                        *gathered.waiting.entry(key).or_default() += 1;
                        gathered.outstanding.push(Outstanding {
                            psn_no: ready.psn_no.clone(),
                            setl_id: ready.settlement.setl_id.clone(),
                            reason: refusal.to_string(),
                        });
                    }
                }
            }
            for (((standing, _), case), price) in decided.iter().zip(&cases[ready.len()..]).zip(of_decided) {
                let price = price.as_ref().map_err(|refusal| JourneyError::Broken(refusal.to_string()))?;
                rows.extend(replacing(standing, case.clone(), price.clone(), month, operation)?);
            }
        }
        Ok(rows)
    }

    fn new_case(
        &self,
        plan: &super::GroupPlan,
        ready: &Ready,
        price: Priced,
        month: Month,
        operation: &Operation,
    ) -> Cleared {
        let settlement = &ready.settlement;
        let explanation = CaseExplanation { case: ready.case.clone(), grouping: ready.grouping.clone(), price };
        let price = &explanation.price;
        Cleared {
            psn_no: ready.psn_no.clone(),
            setl_id: settlement.setl_id.clone(),
            cause: Cause::Settlement,
            reverses: None,
            mdtrt_id: settlement.mdtrt_id.clone(),
            month,
            fixmedins_code: settlement.fixmedins_code.clone(),
            insutype: settlement.insutype.clone(),
            clr_type: settlement.clr_type.clone(),
            clr_way: plan.plan.method.clearing_way().to_owned(),
            pool: price.pool.clone(),
            list_version: ready.list_version,
            scheme: ready.case.scheme.clone(),
            scheme_version: ready.case.scheme_version.clone(),
            plan: price.plan.clone(),
            status: ready.case.grouped.word().to_owned(),
            group_code: ready.case.group.clone(),
            group_name: explanation.grouping.name.clone(),
            weight: price.weight,
            points: price.points,
            outside: price.outside,
            fee: price.fee,
            excluded: price.excluded,
            payment: price.payment,
            patient: price.patient,
            other_funds: price.other_funds,
            fund: price.fund,
            item_fund: price.item_fund,
            cleared_at: operation.received_at,
            explanation: explanation.compress(),
        }
    }

    /// Sends lists back that quality control objects to, those that are still the same.
    pub(super) fn send_back(
        &self,
        database: &Database,
        operation: &Operation,
        rejected: &[(PersonId, SettlementId, i64, String)],
    ) -> Result<(), JourneyError> {
        for rows in rejected.chunks(AT_ONCE) {
            let (centre, operation, rows) = (self.clone(), operation.clone(), rows.to_vec());
            database.deed(move |tx| {
                let persons: BTreeSet<PersonId> = rows.iter().map(|(psn_no, ..)| psn_no.clone()).collect();
                operation::lock_persons(tx, &persons.into_iter().collect::<Vec<_>>())?;
                for (psn_no, setl_id, version, reason) in &rows {
                    let list = clearing::list(tx, psn_no, setl_id)?;
                    let same = |list: &clearing::List| list.version == *version && list.state == ListState::Submitted;
                    if let Some(list) = list.filter(same) {
                        centre.move_list(tx, &operation, &list, ListState::Rejected, reason)?;
                    }
                }
                Ok::<_, JourneyError>(())
            })?;
        }
        Ok(())
    }

    pub(super) fn record_cases(
        &self,
        database: &Database,
        operation: &Operation,
        month: Month,
        institution: &InstitutionId,
        rows: Vec<Cleared>,
    ) -> Result<usize, JourneyError> {
        let mut recorded = 0;
        for rows in rows.chunks(AT_ONCE) {
            let (centre, operation, rows) = (self.clone(), operation.clone(), rows.to_vec());
            let institution = institution.clone();
            recorded += database.deed(move |tx| centre.record_chunk(tx, &operation, month, &institution, &rows))?;
        }
        Ok(recorded)
    }

    /// Records those rows that still are as they were gathered: nobody reversed the settlement,
    /// replaced the list, cleared the case or approved the month in between. The rest is left
    /// for the next run.
    fn record_chunk(
        &self,
        tx: &mut dyn Tx,
        operation: &Operation,
        month: Month,
        institution: &InstitutionId,
        rows: &[Cleared],
    ) -> Result<usize, JourneyError> {
        clearing::hold_statements(tx, institution, month)?;
        let statements = clearing::statements(tx, institution, month, month)?;
        let closed = |row: &Cleared| {
            let same = |statement: &&clearing::Statement| {
                (&statement.insutype, &statement.clr_type) == (&row.insutype, &row.clr_type)
            };
            statements.iter().find(same).is_some_and(|statement| statement.state != StatementState::Estimated)
        };
        let persons: BTreeSet<PersonId> = rows.iter().map(|row| row.psn_no.clone()).collect();
        operation::lock_persons(tx, &persons.into_iter().collect::<Vec<_>>())?;
        let (mut kept, mut changes) = (Vec::new(), Vec::new());
        for row in rows.iter().filter(|row| !closed(row)) {
            let before = clearing::cases_of(tx, &row.psn_no, &row.setl_id)?;
            if before.iter().any(|other| other.cause == row.cause) || !self.still_so(tx, operation, row)? {
                continue;
            }
            let subject = format!("{}/{}", row.setl_id, row.cause.code());
            changes.push(self.changed(operation, "clearing_case", &subject, &row.psn_no, &CaseChange::of(row)));
            kept.push(row.clone());
        }
        if kept.is_empty() {
            return Ok(0);
        }
        clearing::add_cases(tx, &kept)?;
        operation::feed::append(tx, &changes)?;
        Ok(kept.len())
    }

    /// Whether a case may still be recorded; a new one's list becomes final here.
    fn still_so(&self, tx: &mut dyn Tx, operation: &Operation, row: &Cleared) -> Result<bool, JourneyError> {
        if row.cause == Cause::Reversal {
            return Ok(true);
        }
        if claim::history(tx, &row.psn_no)?.is_reversed(&row.setl_id) {
            return Ok(false);
        }
        if row.cause != Cause::Settlement {
            return Ok(true);
        }
        let list = clearing::list(tx, &row.psn_no, &row.setl_id)?;
        let same = |list: &clearing::List| list.version == row.list_version && list.state == ListState::Submitted;
        let Some(list) = list.filter(same) else { return Ok(false) };
        self.move_list(tx, operation, &list, ListState::Approved, "")?;
        Ok(true)
    }
}

/// The rows that replace a price by another; none when it stays the same.
fn replacing(
    standing: &Cleared,
    case: payment::Case,
    price: Priced,
    month: Month,
    operation: &Operation,
) -> Result<Vec<Cleared>, JourneyError> {
    if (price.fund, price.points, price.outside) == (standing.fund, standing.points, standing.outside) {
        return Ok(Vec::new());
    }
    let at = operation.received_at;
    let earlier = case_explanation(standing)?;
    let explanation = CaseExplanation { case, price, ..earlier };
    let price = &explanation.price;
    let new = Cleared {
        cause: Cause::Special,
        month,
        cleared_at: at,
        weight: price.weight,
        points: price.points,
        outside: price.outside,
        payment: price.payment,
        fund: price.fund,
        explanation: explanation.compress(),
        ..standing.clone()
    };
    Ok(vec![turned(standing.replaced(month, at))?, new])
}

/// A row that takes another back, with the price turned in its explanation too.
fn turned(row: Cleared) -> Result<Cleared, JourneyError> {
    let earlier = case_explanation(&row)?;
    let explanation = CaseExplanation { price: earlier.price.reversed(), ..earlier };
    Ok(Cleared { explanation: explanation.compress(), ..row })
}

impl CaseExplanation {
    pub(super) fn compress(&self) -> Vec<u8> {
        Sealed::compress(&serde_json::to_value(self).expect("an explanation is always JSON"))
    }
}
