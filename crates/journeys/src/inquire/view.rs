//! 案卷: everything known of a case, and the queue of cases that wait.

use std::sync::Arc;

use casework::{Case, Clock, Document, Procedure};
use db::Tx;
use inquiry::{Appeal, CaseFacts, Clue, CreditEvent, DisputedLine, Fine, Given, Recovery, Sample};
use terms::Fen;

use super::Casebook;
use crate::JourneyError;
use crate::cases::{bound, read};

/// 案卷.
#[derive(Debug, Clone)]
pub struct CaseFile {
    /// The case: its state, steps and clocks.
    pub case: Case,
    /// The procedure to which it is bound.
    pub procedure: Arc<Procedure>,
    /// What it is about; `None` of a case that is no inquiry.
    pub facts: Option<CaseFacts>,
    /// 线索.
    pub clues: Vec<Clue>,
    /// 争议明细.
    pub lines: Vec<DisputedLine>,
    /// 意见.
    pub opinions: Vec<Given>,
    /// 申诉.
    pub appeals: Vec<Appeal>,
    /// 追回及其撤销.
    pub recoveries: Vec<Recovery>,
    /// The same as taken up by statements.
    pub deductions: Vec<clearing::Deduction>,
    /// 罚款.
    pub fines: Vec<Fine>,
    /// 信用事件.
    pub credit: Vec<CreditEvent>,
    /// 抽样.
    pub sample: Option<Sample>,
    /// 文书与证据材料, each with the number of its step.
    pub documents: Vec<(i64, Document)>,
}

impl CaseFile {
    /// What the funds have back now.
    #[must_use]
    pub fn recovered(&self) -> Fen {
        self.recoveries.iter().map(|recovery| recovery.amount).sum()
    }
}

/// 案卷 of a case.
///
/// # Errors
/// [`crate::Own::CaseUnknown`]; [`JourneyError::Broken`] when its procedure is gone.
pub fn case_file(tx: &mut dyn Tx, book: &Casebook, case_id: &str) -> Result<CaseFile, JourneyError> {
    let held = read(tx, &book.procedures, case_id)?;
    Ok(CaseFile {
        case: held.case,
        procedure: held.procedure,
        facts: inquiry::case(tx, case_id)?,
        clues: inquiry::clues(tx, case_id)?,
        lines: inquiry::lines(tx, case_id)?,
        opinions: inquiry::opinions(tx, case_id)?,
        appeals: inquiry::appeals(tx, case_id)?,
        recoveries: inquiry::recoveries(tx, case_id)?,
        deductions: clearing::deductions_of_case(tx, case_id)?,
        fines: inquiry::fines(tx, case_id)?,
        credit: inquiry::credit_of_case(tx, case_id)?,
        sample: inquiry::sample(tx, case_id)?,
        documents: casework::documents(tx, case_id)?,
    })
}

/// A case that waits for somebody.
#[derive(Debug, Clone)]
pub struct Queued {
    /// The case, without its steps.
    pub case: Case,
    /// The procedure to which it is bound.
    pub procedure: Arc<Procedure>,
    /// What it is about.
    pub facts: CaseFacts,
    /// The clock that runs out first.
    pub clock: Option<Clock>,
}

impl Queued {
    /// By which the queue is ranked: what may come back times how often such clues were right.
    /// Of a clue of which that is unknown, one half.
    #[must_use]
    pub fn rank(&self) -> i128 {
        i128::from(self.facts.recoverable.0) * i128::from(self.facts.confidence.unwrap_or(5_000))
    }
}

/// 待办: the open inquiries, the most rewarding first.
///
/// # Errors
/// [`JourneyError::Broken`] when a procedure is gone.
pub fn queue(tx: &mut dyn Tx, book: &Casebook) -> Result<Vec<Queued>, JourneyError> {
    let mut queue = Vec::new();
    for case in casework::open_cases(tx)? {
        let Some(facts) = inquiry::case(tx, &case.case_id)? else { continue };
        let procedure = bound(&book.procedures, &case)?;
        let clock = case.running().min_by_key(|clock| clock.due).cloned();
        queue.push(Queued { case, procedure, facts, clock });
    }
    queue.sort_by(|a, b| b.rank().cmp(&a.rank()).then_with(|| a.case.case_id.cmp(&b.case.case_id)));
    Ok(queue)
}

/// The inquiries of an institution, or of all when empty, open or closed: the latest first, at most
/// so many, each with its steps.
///
/// # Errors
/// As [`queue`].
pub fn inquiries(
    tx: &mut dyn Tx,
    book: &Casebook,
    institution: &str,
    at_most: i64,
) -> Result<Vec<Queued>, JourneyError> {
    let mut found = Vec::new();
    for facts in inquiry::cases(tx, institution, at_most)? {
        let held = read(tx, &book.procedures, &facts.case_id)?;
        let clock = held.case.running().min_by_key(|clock| clock.due).cloned();
        found.push(Queued { case: held.case, procedure: held.procedure, facts, clock });
    }
    Ok(found)
}
