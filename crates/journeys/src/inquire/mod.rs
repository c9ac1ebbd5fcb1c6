//! 稽核: what the bureau does with a suspicion, from the clue to the money and back. A case
//! follows a procedure of its region; each step of it goes through [`Centre::move_case`], and the
//! step's `effect` says which of the journeys here it carries out:
//!
//! | effect | what it does |
//! |---|---|
//! | `review` | an opinion on every line in dispute |
//! | `vote` | the same, of one member of a panel; it counts when the votes are told |
//! | `tally` | the opinion of the panel: the middle vote of each line |
//! | `appeal` | the institution's grounds and evidence, line by line |
//! | `decide` | what is upheld of each line; credit events; a sample extended to its frame |
//! | `penalise` | the same, with a fine |
//! | `drop` | nothing is upheld; the lines are free again |
//! | `deduct`, `refund` | the money comes back, with the next statement or paid in |
//! | `overturn` | all or some of it is undone, to the last fen, credit included |
//!
//! A case holds its lines: a settlement with a line in a case is not reversed, and no line is in
//! two cases. Every step is one transaction: case, register, ledger, clearing, leaf and feed.

mod appeal;
mod bulk;
mod credit;
mod decide;
mod desk;
mod execute;
mod expire;
mod open;
mod outcome;
mod overturn;
mod review;
mod sample;
mod suspicion;
mod view;

pub use bulk::BulkCase;
pub use credit::{credit_of_institution, credit_of_practitioner};
pub use desk::{PossibleStep, VisitBehind, finding_of, possible_steps, suspicion_of, told_party, visits_behind};
pub use expire::overdue_cases;
pub use open::NewCase;
pub use sample::FrameAsked;
pub use suspicion::SuspicionTold;
pub use view::{CaseFile, Queued, case_file, inquiries, queue};

use casework::{Actor, Asked, Calendar, Decision, Document, Problem, Procedure, Procedures, Staff};
use db::Tx;
use inquiry::rules::opinion::Says;
use inquiry::{Amount, DisputedLine, Law};
use operation::Operation;
use serde_json::Value;
use terms::{PersonId, VisitId};

use crate::cases::{Filing, Held, hold};
use crate::{Centre, JourneyError, Own};

/// 办案依据 of a region: procedures, working days, people, and the law of an inquiry.
#[derive(Debug, Clone, Default)]
pub struct Casebook {
    /// 办案程序.
    pub procedures: Procedures,
    /// 工作日历.
    pub calendar: Calendar,
    /// 办案人员.
    pub staff: Staff,
    /// 罚款幅度, 记分表, 抽样规则.
    pub law: Law,
}

/// The effects that a step of a procedure may name.
pub const EFFECTS: &[&str] =
    &["review", "vote", "tally", "appeal", "decide", "penalise", "drop", "deduct", "refund", "overturn"];

/// What a procedure names that no journey carries out.
#[must_use]
pub fn unknown_effects(file: &str, procedure: &Procedure) -> Vec<Problem> {
    let known = [EFFECTS, crate::serve::SERVICE_EFFECTS].concat();
    let unknown = |effect: &&String| !known.contains(&effect.as_str());
    let steps =
        procedure.steps.iter().filter_map(|step| step.effect.as_ref().filter(unknown).map(|effect| (step, effect)));
    steps
        .map(|(step, effect)| {
            let line = procedure.text.lines().position(|line| line.contains(effect.as_str())).map_or(1, |at| at + 1);
            let message = format!("step “{}” has the effect “{effect}”; known are {}", step.id, known.join(", "));
            Problem { file: file.to_owned(), line, message }
        })
        .collect()
}

/// A step of a case, with what its effect needs.
#[derive(Debug, Clone)]
pub struct Move {
    /// 案件编号.
    pub case_id: String,
    /// Which step of the procedure.
    pub step: String,
    /// Who.
    pub by: Actor,
    /// Why.
    pub why: String,
    /// To whom the case is assigned.
    pub assign_to: Option<Actor>,
    /// What the step brings.
    pub documents: Vec<Document>,
    /// `review`, `vote`: opinions. `decide`, `penalise`: other than the last ones, if any.
    pub says: Says,
    /// `appeal`.
    pub objections: Vec<Objection>,
    /// `overturn`: which lines; all that was upheld when empty.
    pub lines: Vec<i64>,
    /// `penalise`.
    pub fine: Option<FineAsked>,
    /// `decide`, `penalise`: who answers for it.
    pub responsible: Vec<Responsible>,
    /// `decide`, `penalise`: extends the sample to its frame.
    pub extrapolate: bool,
}

impl Move {
    /// A step that brings nothing.
    #[must_use]
    pub fn new(case_id: &str, step: &str, by: Actor, why: &str) -> Move {
        Move {
            case_id: case_id.to_owned(),
            step: step.to_owned(),
            by,
            why: why.to_owned(),
            assign_to: None,
            documents: Vec::new(),
            says: Says::default(),
            objections: Vec::new(),
            lines: Vec::new(),
            fine: None,
            responsible: Vec::new(),
            extrapolate: false,
        }
    }
}

/// 申诉 against a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Objection {
    /// The line; `None` is every line in dispute.
    pub no: Option<i64>,
    /// 理由.
    pub grounds: String,
    /// 证据: slot (`病程记录` …) and the name of the document of this step that fills it.
    pub evidence: Vec<(String, String)>,
}

/// 罚款 as asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FineAsked {
    /// Article, by its id in the region's data.
    pub article: String,
    /// How much.
    pub amount: Amount,
}

/// 相关责任人员.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Responsible {
    /// 医师代码.
    pub practitioner: String,
    /// Which event of the score-card.
    pub event: String,
}

/// What a step did besides moving the case: for the seal.
#[derive(Debug, Default)]
struct Effect {
    more: Value,
    documents: Vec<Document>,
}

/// What every effect has at hand.
struct Doing<'a> {
    book: &'a Casebook,
    operation: &'a Operation,
    held: &'a Held,
    decision: &'a Decision,
    lines: &'a [DisputedLine],
    asked: &'a Move,
}

impl Doing<'_> {
    fn case_id(&self) -> &str {
        &self.held.case.case_id
    }

    /// The step's name for people.
    fn step_name(&self) -> String {
        self.held.procedure.step_name(&self.asked.step).to_owned()
    }
}

impl Centre {
    /// Takes a step of a case. The same message again changes nothing.
    ///
    /// # Errors
    /// [`Own::CaseUnknown`], [`Own::StepDiffers`], [`Own::Step`], [`Own::Inquiry`].
    pub fn move_case(
        &self,
        tx: &mut dyn Tx,
        operation: &Operation,
        book: &Casebook,
        asked: &Move,
    ) -> Result<CaseFile, JourneyError> {
        let held = hold(tx, &book.procedures, &asked.case_id)?;
        // A case that was opened for a service item is handled at the counter.
        if casework::application(tx, &asked.case_id)?.is_some() {
            return Err(Own::CaseUnknown { case_id: asked.case_id.clone() }.into());
        }
        self.move_held(tx, operation, book, &held, asked, operation.msgid.as_str())
    }

    fn move_held(
        &self,
        tx: &mut dyn Tx,
        operation: &Operation,
        book: &Casebook,
        held: &Held,
        asked: &Move,
        key: &str,
    ) -> Result<CaseFile, JourneyError> {
        let step = Asked {
            key: key.to_owned(),
            step: asked.step.clone(),
            at: operation.received_at,
            by: asked.by.clone(),
            why: asked.why.clone(),
            assign_to: asked.assign_to.clone(),
            documents: asked.documents.clone(),
        };
        if !held.repeats(&step)? {
            let decision = casework::next(&held.procedure, &book.calendar, &held.case, &step)?;
            let lines = inquiry::lines(tx, &asked.case_id)?;
            let doing = Doing { book, operation, held, decision: &decision, lines: &lines, asked };
            let effect = self.carry_out_effect(tx, &doing)?;
            let documents = [step.documents.clone(), effect.documents].concat();
            let filing = Filing { asked: &step, decision: &decision, documents: &documents, more: effect.more };
            self.step_filed(tx, operation, held, filing)?;
        }
        case_file(tx, book, &asked.case_id)
    }

    fn carry_out_effect(&self, tx: &mut dyn Tx, doing: &Doing<'_>) -> Result<Effect, JourneyError> {
        let effect = match doing.decision.effect.as_deref() {
            None => Ok(Effect::default()),
            Some("review" | "vote") => review::give(tx, doing),
            Some("tally") => review::tally(tx, doing),
            Some("appeal") => appeal::appeal(tx, doing),
            Some("decide" | "penalise") => decide::decide(tx, doing),
            Some("drop") => decide::drop_all(tx, doing),
            Some("deduct") => self.recover(tx, doing, inquiry::Way::Deduction),
            Some("refund") => self.recover(tx, doing, inquiry::Way::Refund),
            Some("overturn") => self.overturn(tx, doing),
            Some(other) => Err(JourneyError::Broken(format!(
                "procedure {} has a step with the effect “{other}”; known are {}",
                doing.held.procedure.id,
                EFFECTS.join(", ")
            ))),
        }?;
        if doing.decision.effect.as_deref().is_some_and(|word| outcome::SETTLES.contains(&word)) {
            self.tell_rules(tx, doing)?;
        }
        Ok(effect)
    }
}

/// That no case speaks for a visit of a person whom the deed holds.
pub(crate) fn require_free(tx: &mut dyn Tx, psn_no: &PersonId, mdtrt_id: &VisitId) -> Result<(), JourneyError> {
    let held = inquiry::held(tx, psn_no)?;
    let of_line = held.iter().find(|((visit, _), _)| *visit == mdtrt_id.0).map(|(_, case_id)| case_id.clone());
    let case_id = match of_line {
        Some(case_id) => Some(case_id),
        None => inquiry::framed(tx, psn_no)?.remove(mdtrt_id.as_str()),
    };
    match case_id {
        None => Ok(()),
        Some(case_id) => Err(Own::UnderInquiry { mdtrt_id: mdtrt_id.to_string(), case_id }.into()),
    }
}
