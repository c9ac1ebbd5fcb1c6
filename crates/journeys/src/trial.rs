//! 回测: a library is tried on the claims of some time beside the one in force, and what it would
//! change is told before it is put in force. The trial's findings go into the shadow set, which
//! tells nobody.

use db::Tx;
use encounter::History;
use monitoring::{Place, Run, Set};
use operation::Operation;
use screening::{
    Behind, Claims, Comparison, Finding, Options, Reconciled, RuleChange, Screened, Stage, Subject, compare, reconcile,
};
use serde::Serialize;
use std::collections::BTreeMap;
use terms::{DateTime, Fen, InstitutionId, PersonId, VisitId, show_time};

use crate::histories::Reach;
use crate::record::Sealed;
use crate::supervision::{Compiled, InForce};
use crate::{Centre, JourneyError};

/// 回测 under way.
pub struct Tried {
    /// The run, as it will be recorded.
    run: Run,
    library: std::sync::Arc<Compiled>,
    beside: std::sync::Arc<InForce>,
    period: (DateTime, DateTime),
    screened: Screened,
    in_force: Vec<Finding>,
    shadow: Vec<Finding>,
    rows: Vec<monitoring::Finding>,
}

/// 回测报告: what would change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TrialReport {
    /// 任务ID.
    pub run_id: String,
    /// The library tried.
    pub version: String,
    /// The library in force.
    pub beside: String,
    /// Persons looked at.
    pub persons: i64,
    /// 计入金额 of the shadow.
    pub amount: Fen,
    /// What changes, rule by rule.
    pub rules: BTreeMap<String, RuleChange>,
    /// Rules that could not be checked on something, with the facts that were missing.
    pub not_checked: BTreeMap<String, Vec<String>>,
    /// Every difference.
    #[serde(skip)]
    pub differences: Comparison,
}

impl Centre {
    /// Begins a back-test of a library over the visits settled between two times, as the register
    /// stood at `as_of`.
    ///
    /// # Errors
    /// [`crate::Own::NoLibrary`] when nothing is in force to compare with,
    /// [`crate::Own::LibraryUnknown`].
    pub fn begin_trial(
        &self,
        tx: &mut dyn Tx,
        operation: &Operation,
        version: &str,
        period: (DateTime, DateTime),
        as_of: DateTime,
    ) -> Result<Tried, JourneyError> {
        let supervision = self.supervision()?;
        let library = supervision.library(tx, version)?;
        supervision.refresh(tx)?;
        let beside = supervision.in_force().ok_or(crate::Own::NoLibrary)?;
        let run = Run {
            run_id: operation.new_id("trial"),
            set: Set::Shadow,
            version: version.to_owned(),
            as_of,
            scope: format!("{} – {}", show_time(period.0), show_time(period.1)),
            began_at: operation.received_at,
            ended_at: None,
            persons: 0,
            findings: 0,
            amount: Fen::ZERO,
            coverage: String::new(),
        };
        Ok(Tried {
            run,
            library,
            beside,
            period,
            screened: Screened::default(),
            in_force: Vec::new(),
            shadow: Vec::new(),
            rows: Vec::new(),
        })
    }

    /// The histories of the next persons with a settlement in the trial's time: at most so many,
    /// after one of them. Run it on the read pool.
    ///
    /// # Errors
    /// [`JourneyError::Db`], or [`JourneyError::Broken`] when a record cannot be read.
    pub fn next_histories(
        &self,
        tx: &mut dyn Tx,
        period: (DateTime, DateTime),
        after: &PersonId,
        at_most: i64,
    ) -> Result<Vec<History>, JourneyError> {
        let reach = Reach { since: None, unsettled: false, lists: true };
        let mut histories = Vec::new();
        for psn_no in claim::persons_settled(tx, after, period, at_most)? {
            histories.extend(self.history(tx, &psn_no, reach)?);
        }
        Ok(histories)
    }
}

impl Tried {
    /// 结算时间 from and to of the visits it goes over.
    #[must_use]
    pub fn period(&self) -> (DateTime, DateTime) {
        self.period
    }

    /// Looks at one more person with both libraries.
    pub fn add(&mut self, history: &History) {
        let options = options(&self.run);
        let within = |finding: &Finding| settled_within(finding, history, self.period);
        let beside = (self.beside.library.screen)(history, &options, &mut || true);
        self.in_force.extend(self.beside.levelled(beside.findings.into_iter().filter(&within)));
        let mut tried = (self.library.screen)(history, &options, &mut || true);
        let found: Vec<Finding> = std::mem::take(&mut tried.findings).into_iter().filter(within).collect();
        self.screened.merge(tried);
        let claims = Claims::of([history]);
        let reconciled = reconcile(found.iter().cloned(), &self.library.headers, &self.beside.suppressions, &claims);
        count(&mut self.run, &found, &reconciled);
        self.rows.extend(finding_rows(&self.run, &reconciled, &claims, self.run.began_at));
        self.shadow.extend(found);
    }

    /// Ends it: writes the shadow's findings and the run, and tells what would change.
    ///
    /// # Errors
    /// [`JourneyError::Db`].
    pub fn conclude(&self, tx: &mut dyn Tx, at: DateTime) -> Result<TrialReport, JourneyError> {
        let differences = compare(self.in_force.iter().cloned(), self.shadow.iter().cloned());
        let mut not_checked: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (header, coverage) in self.library.headers.iter().zip(&self.screened.coverage) {
            if !coverage.not_checked.is_empty() {
                let facts = coverage.not_checked.keys().map(|fact| fact.to_string());
                not_checked.entry(header.id.clone()).or_default().extend(facts);
            }
        }
        let report = TrialReport {
            run_id: self.run.run_id.clone(),
            version: self.run.version.clone(),
            beside: self.beside.library.version.clone(),
            persons: self.run.persons,
            amount: self.run.amount,
            rules: differences.rules.clone(),
            not_checked,
            differences,
        };
        let coverage = serde_json::to_string(&report).expect("a report is always JSON");
        let run = Run { ended_at: Some(at), coverage, ..self.run.clone() };
        monitoring::put_run(tx, &run)?;
        monitoring::put_findings(tx, &self.rows)?;
        Ok(report)
    }
}

/// What is seen of a person in a run: everything after settlement, as it stood then.
pub(crate) fn options(run: &Run) -> Options {
    Options { stage: Some(Stage::After), as_of: Some(run.as_of), ..Options::default() }
}

/// Whether one of a finding's visits was settled in a run's time.
pub(crate) fn settled_within(finding: &Finding, history: &History, (from, to): (DateTime, DateTime)) -> bool {
    let settled = |id: &String| {
        let mut visits = history.encounters.iter().filter(|visit| visit.mdtrt_id.as_ref() == Some(id));
        visits.any(|visit| visit.setl_time.is_some_and(|time| time >= from && time <= to))
    };
    finding.encounters.iter().any(settled)
}

/// Counts one more person into a run.
pub(crate) fn count(run: &mut Run, found: &[Finding], reconciled: &Reconciled) {
    run.persons += 1;
    run.findings += i64::try_from(found.len()).expect("few findings a person");
    run.amount += reconciled.amount;
}

/// 疑点 as the register keeps them: every finding of a run, with its place after reconciliation.
#[must_use]
pub fn finding_rows(
    run: &Run,
    reconciled: &Reconciled,
    behind: &impl Behind,
    at: DateTime,
) -> Vec<monitoring::Finding> {
    let mut rows = Vec::new();
    let mut add = |finding: &Finding, place: Place, under: &str, counted: Fen| {
        let visit = finding.encounters.last().map(String::as_str).unwrap_or_default();
        let facts = behind.visit(visit).unwrap_or_default();
        let psn_no = match (&finding.subject, finding.persons.as_slice()) {
            (Subject::Person(psn_no), _) => psn_no.clone(),
            (_, [only]) => only.clone(),
            _ => String::new(),
        };
        let institution = match &finding.subject {
            Subject::Institution(code, _) => Some(code.clone()),
            _ => facts.fixmedins_code,
        };
        rows.push(monitoring::Finding {
            set: run.set,
            key: finding.key.clone(),
            rule_id: finding.rule.to_string(),
            rule_version: finding.version.to_string(),
            library: run.version.clone(),
            severity: i64::from(finding.severity.0),
            psn_no: PersonId(psn_no),
            fixmedins_code: InstitutionId(institution.unwrap_or_default()),
            mdtrt_id: VisitId(visit.to_owned()),
            visit_day: facts.day,
            place,
            under: under.to_owned(),
            amount: finding.amount,
            counted,
            first_run: run.run_id.clone(),
            last_run: run.run_id.clone(),
            found_at: at,
            body: Sealed::compress(&serde_json::to_value(finding).expect("a finding is always JSON")),
        });
    };
    for principal in &reconciled.principals {
        add(&principal.finding, Place::Principal, "", principal.amount);
        for support in &principal.supporting {
            add(&support.finding, Place::Supporting, &principal.finding.key, Fen::ZERO);
        }
    }
    reconciled.excluded.iter().for_each(|aside| add(&aside.finding, Place::Excluded, &aside.by, Fen::ZERO));
    reconciled.suppressed.iter().for_each(|aside| add(&aside.finding, Place::Suppressed, &aside.by, Fen::ZERO));
    rows
}
