//! 事后审核: the library in force goes over the visits settled in some time. Its findings go into
//! the active set, from which clues and cases are made; a finding that is known stays the same one.

use std::sync::Arc;

use db::Tx;
use encounter::History;
use monitoring::{Run, Set};
use operation::Operation;
use screening::{Claims, Finding, Screened, reconcile};
use terms::{DateTime, Fen, show_time};

use crate::supervision::InForce;
use crate::trial::{count, finding_rows, options, settled_within};
use crate::{Centre, JourneyError};

/// 事后审核 under way; histories come from [`Centre::next_histories`].
pub struct Reviewing {
    run: Run,
    in_force: Arc<InForce>,
    period: (DateTime, DateTime),
    screened: Screened,
    rows: Vec<monitoring::Finding>,
}

impl Centre {
    /// Begins a review of the visits settled between two times, as the register stood at `as_of`.
    ///
    /// # Errors
    /// [`crate::Own::NoLibrary`] when no library is in force.
    pub fn begin_review(
        &self,
        tx: &mut dyn Tx,
        operation: &Operation,
        period: (DateTime, DateTime),
        as_of: DateTime,
    ) -> Result<Reviewing, JourneyError> {
        let supervision = self.supervision()?;
        supervision.refresh(tx)?;
        let in_force = supervision.in_force().ok_or(crate::Own::NoLibrary)?;
        let run = Run {
            run_id: operation.new_id("review"),
            set: Set::Active,
            version: in_force.library.version.clone(),
            as_of,
            scope: format!("{} – {}", show_time(period.0), show_time(period.1)),
            began_at: operation.received_at,
            ended_at: None,
            persons: 0,
            findings: 0,
            amount: Fen::ZERO,
            coverage: String::new(),
        };
        Ok(Reviewing { run, in_force, period, screened: Screened::default(), rows: Vec::new() })
    }
}

impl Reviewing {
    /// Looks at one more person.
    pub fn add(&mut self, history: &History) {
        let mut screened = (self.in_force.library.screen)(history, &options(&self.run), &mut || true);
        let found = std::mem::take(&mut screened.findings).into_iter();
        let found = found.filter(|finding| settled_within(finding, history, self.period));
        let found: Vec<Finding> = self.in_force.levelled(found).collect();
        self.screened.merge(screened);
        let claims = Claims::of([history]);
        let library = &self.in_force.library;
        let reconciled = reconcile(found.iter().cloned(), &library.headers, &self.in_force.suppressions, &claims);
        count(&mut self.run, &found, &reconciled);
        self.rows.extend(finding_rows(&self.run, &reconciled, &claims, self.run.began_at));
    }

    /// Ends it: writes findings and run, and gives the run.
    ///
    /// # Errors
    /// [`JourneyError::Db`].
    pub fn conclude(&self, tx: &mut dyn Tx, at: DateTime) -> Result<Run, JourneyError> {
        let rules = self.in_force.library.headers.iter().zip(&self.screened.coverage);
        let missing = rules.filter(|(_, coverage)| !coverage.not_checked.is_empty()).map(|(header, coverage)| {
            let facts: Vec<String> = coverage.not_checked.keys().map(ToString::to_string).collect();
            (header.id.clone(), serde_json::Value::from(facts))
        });
        let coverage = serde_json::json!({ "not_checked": missing.collect::<serde_json::Map<_, _>>() });
        let run = Run { ended_at: Some(at), coverage: coverage.to_string(), ..self.run.clone() };
        monitoring::put_run(tx, &run)?;
        monitoring::put_findings(tx, &self.rows)?;
        Ok(run)
    }
}
