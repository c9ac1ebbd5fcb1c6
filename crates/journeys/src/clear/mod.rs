//! 清算: the bureau's month and year. A month is worked out institution by institution: its settled
//! stays are gathered, grouped and priced on the read pool, recorded in deeds of bounded size, and
//! summed up in statements, which are then approved, posted and paid. A year is closed when every
//! month is posted. Each step may be run again: what is recorded is not recorded twice.
//!
//! What a month holds: every stay settled by its last day, not cleared before, whose settlement
//! list is submitted. One without a list waits for the first month after its list arrives. One
//! reversed before it was cleared never appears; one reversed afterwards is taken back, in full,
//! in the first open month. An approved month gets no more rows.

mod gather;
mod plans;
mod post;
mod record;
mod special;
mod statement;
mod view;
mod year;

pub use plans::{GroupPayment, GroupPlan, PlanError, QualityControl};
pub use statement::{CaseDeduction, Figures, ItemFigures, PlanMonth};
pub use view::{CaseExplanation, Grouping, MonthView, Sheet, case_explanation, month_view, sheets, year_sheets};
pub use year::{YearOutcome, YearSoFar, year_from_feed};

use std::collections::BTreeMap;

use clearing::Month;
use db::Database;
use operation::Operation;
use terms::{InstitutionId, PersonId, SettlementId};

use crate::apply::require_over;
use crate::{Centre, JourneyError};

/// A stay that was not cleared, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outstanding {
    /// 人员编号.
    pub psn_no: PersonId,
    /// 结算ID.
    pub setl_id: SettlementId,
    /// Why, with the way out.
    pub reason: String,
}

/// 月清算 of one institution.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InstitutionMonth {
    /// Cases newly recorded; reversals and replaced prices count as rows of their own.
    pub recorded: usize,
    /// Stays that wait.
    pub outstanding: Vec<Outstanding>,
    /// Statements that the month has, in whatever state.
    pub statements: usize,
    /// Statements that this run wrote, or wrote anew.
    pub written: usize,
}

/// How far a month is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    /// Institutions done.
    pub done: usize,
    /// Institutions in all.
    pub of: usize,
    /// The one that was finished last.
    pub institution: InstitutionId,
    /// Cases recorded so far.
    pub recorded: usize,
}

impl Centre {
    /// 月清算: works a month out for `institutions`, or for all when empty. Nothing changes when
    /// it is run again and nothing new has come. Institutions that have nothing in the month are
    /// left out of the answer.
    ///
    /// # Errors
    /// [`crate::Own::MonthNotOver`]; [`JourneyError::Broken`] when the plan cannot sum a month up.
    pub fn clear_month(
        &self,
        database: &Database,
        pay: &GroupPayment,
        operation: &Operation,
        month: Month,
        institutions: &[InstitutionId],
        progress: &mut dyn FnMut(&Progress),
    ) -> Result<BTreeMap<InstitutionId, InstitutionMonth>, JourneyError> {
        require_over(month, operation.received_at)?;
        let every = || self.institutions.codes().into_iter().map(InstitutionId::from).collect();
        let institutions: Vec<InstitutionId> = if institutions.is_empty() { every() } else { institutions.to_vec() };
        let mut outcome = BTreeMap::new();
        let mut recorded = 0;
        for (done, institution) in (1..).zip(&institutions) {
            let found = self.clear_institution(database, pay, operation, month, institution)?;
            recorded += found.recorded;
            if found != InstitutionMonth::default() {
                outcome.insert(institution.clone(), found);
            }
            progress(&Progress { done, of: institutions.len(), institution: institution.clone(), recorded });
        }
        Ok(outcome)
    }

    /// 待清算: the stays of an institution that would wait if the month were cleared now, each with
    /// the reason. Nothing is recorded.
    ///
    /// # Errors
    /// [`JourneyError::Broken`] when a record cannot be read.
    pub fn outstanding(
        &self,
        database: &Database,
        pay: &GroupPayment,
        operation: &Operation,
        month: Month,
        institution: &InstitutionId,
    ) -> Result<Vec<Outstanding>, JourneyError> {
        let mut gathered = self.gather_month(database, pay, month, institution)?;
        self.price_month(pay, operation, month, &mut gathered)?;
        Ok(gathered.outstanding)
    }

    fn clear_institution(
        &self,
        database: &Database,
        pay: &GroupPayment,
        operation: &Operation,
        month: Month,
        institution: &InstitutionId,
    ) -> Result<InstitutionMonth, JourneyError> {
        let mut gathered = self.gather_month(database, pay, month, institution)?;
        let deductions = {
            let institution = institution.clone();
            database.read(move |tx| Ok::<_, JourneyError>(clearing::deductions(tx, &institution, month)?))?
        };
        if gathered.is_empty() && deductions.is_empty() {
            return Ok(InstitutionMonth::default());
        }
        self.send_back(database, operation, &gathered.rejected)?;
        let rows = self.price_month(pay, operation, month, &mut gathered)?;
        let recorded = self.record_cases(database, operation, month, institution, rows)?;
        let (statements, written) = self.write_statements(database, pay, operation, month, institution, &gathered)?;
        Ok(InstitutionMonth { recorded, outstanding: gathered.outstanding, statements, written })
    }
}
