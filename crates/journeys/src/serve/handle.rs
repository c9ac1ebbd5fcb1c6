//! 办理: a step of an application's procedure is taken, by staff, by whoever applied, or by time.

use std::sync::Arc;

use casework::form::Answers;
use casework::{
    Actor, Application, Asked as StepAsked, Decision, Document, amend_application, application, release_slots,
    set_result,
};
use db::Tx;
use operation::Operation;
use serde_json::{Value as Json, json};
use terms::{Date, Fen, PersonId};

use super::Counter;
use super::apply::{form_document, take_slots};
use super::effects::{For, Told};
use super::facts::{Facts, Surroundings};
use super::item::Item;
use super::refusal::Refusal;
use super::view::{ServiceFile, service_file};
use crate::cases::{Filing, Held, hold};
use crate::{Centre, JourneyError, Own};

/// A step of an application about to be taken.
#[derive(Debug, Clone)]
pub struct ServiceStep {
    /// 案件编号.
    pub case_id: String,
    /// Which step of the procedure.
    pub step: String,
    /// The same key again is the same step.
    pub key: String,
    /// Who.
    pub by: Actor,
    /// Why.
    pub why: String,
    /// To whom the case is assigned, if the step assigns.
    pub assign_to: Option<Actor>,
    /// What the step brings.
    pub documents: Vec<Document>,
    /// 补正: the form as it should read, where the step corrects it.
    pub answers: Option<Answers>,
}

/// What every effect has at hand.
pub(super) struct Doing<'a> {
    pub counter: &'a Counter,
    pub item: &'a Item,
    pub held: &'a Held,
    pub decision: &'a Decision,
    pub application: &'a Application,
    pub answers: Option<&'a Answers>,
}

impl Doing<'_> {
    fn case_id(&self) -> &str {
        &self.application.case_id
    }

    fn psn_no(&self) -> PersonId {
        self.held.case.party.as_str().into()
    }

    fn result(&self) -> Result<&Json, JourneyError> {
        self.application.result.as_ref().ok_or_else(|| {
            JourneyError::Broken(format!("case {} has nothing that was carried out", self.application.case_id))
        })
    }

    /// The day on which it was applied for, by which its rules are read.
    fn applied_on(&self) -> Date {
        self.held.case.opened_at.date()
    }
}

/// The item of an application, which must say what it said then.
pub(super) fn item_of(counter: &Counter, application: &Application) -> Result<Arc<Item>, JourneyError> {
    let Application { item, version, hash, case_id, .. } = application;
    let known = counter.services.version(item, version).filter(|known| known.hash == *hash);
    known.cloned().ok_or_else(|| {
        JourneyError::Broken(format!(
            "case {case_id} was opened for item {item} {version}, which the region's folder no longer holds as it was; put its file back"
        ))
    })
}

impl Centre {
    /// Takes a step of an application's case. The same key again changes nothing.
    ///
    /// # Errors
    /// [`Own::CaseUnknown`], [`Own::StepDiffers`], [`Own::Step`], [`Own::Service`]; then the law's.
    pub fn serve_step(
        &self,
        tx: &mut dyn Tx,
        operation: &Operation,
        counter: &Counter,
        asked: &ServiceStep,
    ) -> Result<ServiceFile, JourneyError> {
        let held = hold(tx, &counter.book.procedures, &asked.case_id)?;
        let unknown = || JourneyError::from(Own::CaseUnknown { case_id: asked.case_id.clone() });
        let application = application(tx, &asked.case_id)?.ok_or_else(unknown)?;
        let item = item_of(counter, &application)?;
        let step = StepAsked {
            key: asked.key.clone(),
            step: asked.step.clone(),
            at: operation.received_at,
            by: asked.by.clone(),
            why: asked.why.clone(),
            assign_to: asked.assign_to.clone(),
            documents: asked.documents.clone(),
        };
        if !held.repeats(&step)? {
            let decision = casework::next(&held.procedure, &counter.book.calendar, &held.case, &step)?;
            let answers = asked.answers.as_ref();
            let doing =
                Doing { counter, item: &item, held: &held, decision: &decision, application: &application, answers };
            let more = self.serve_effect(tx, operation, &doing)?;
            let mut documents = step.documents.clone();
            if decision.effect.as_deref() == Some("amend")
                && let Some(amended) = casework::application(tx, &asked.case_id)?
            {
                documents.insert(0, form_document(&amended.form));
            }
            let filing = Filing { asked: &step, decision: &decision, documents: &documents, more };
            self.step_filed(tx, operation, &held, filing)?;
        }
        service_file(tx, counter, &asked.case_id)
    }

    /// 逾期: takes the step that silence means, if the time of an application's case is over.
    ///
    /// # Errors
    /// As [`Centre::serve_step`].
    pub fn expire_service(
        &self,
        tx: &mut dyn Tx,
        operation: &Operation,
        counter: &Counter,
        case_id: &str,
    ) -> Result<Option<ServiceFile>, JourneyError> {
        let held = hold(tx, &counter.book.procedures, case_id)?;
        let Some((rule, clock)) = casework::expired(&held.procedure, &held.case, operation.received_at) else {
            return Ok(None);
        };
        let Some(step) = &rule.silence else { return Ok(None) };
        let asked = ServiceStep {
            case_id: case_id.to_owned(),
            step: step.clone(),
            key: format!("clock/{}/{}", clock.id, terms::show_time(clock.started_at)),
            by: Actor::clock(),
            why: format!("{}于 {} 到期，逾期未办（{}）", rule.name, clock.due, rule.article),
            assign_to: None,
            documents: Vec::new(),
            answers: None,
        };
        self.serve_step(tx, operation, counter, &asked).map(Some)
    }

    /// What the step does besides; what is sealed with it.
    pub(super) fn serve_effect(
        &self,
        tx: &mut dyn Tx,
        operation: &Operation,
        doing: &Doing<'_>,
    ) -> Result<Json, JourneyError> {
        match doing.decision.effect.as_deref() {
            None => Ok(Json::Null),
            Some("carry_out") => self.carry_out_item(tx, operation, doing),
            Some("amend") => self.amend(tx, operation, doing),
            Some("release") => {
                release_slots(tx, doing.case_id(), "")?;
                Ok(Json::Null)
            }
            Some("pay") => self.pay_claim(tx, operation, doing, 1),
            Some("repay") => self.pay_claim(tx, operation, doing, -1),
            Some("undo") => self.undo_item(tx, operation, doing),
            Some(other) => Err(JourneyError::Broken(format!(
                "procedure {} has a step with the effect “{other}”, which is not one of an application; known are {}",
                doing.held.procedure.id,
                super::SERVICE_EFFECTS.join(", ")
            ))),
        }
    }

    fn carry_out_item(&self, tx: &mut dyn Tx, operation: &Operation, doing: &Doing<'_>) -> Result<Json, JourneyError> {
        if doing.application.result.is_some() {
            return Err(JourneyError::Broken(format!("case {} was carried out before", doing.case_id())));
        }
        let mut result = json!({});
        if let Some(rule) = &doing.item.effect {
            let (psn_no, answers) = (doing.psn_no(), &doing.application.form);
            let today = doing.applied_on();
            let around = Surroundings::gather(tx, doing.item, Some(&psn_no), answers, today)?;
            let facts = Facts { centre: self, item: doing.item, around: &around, answers, today, citizen: false };
            let told = Told::of(rule, &facts).map_err(|error| {
                JourneyError::Broken(format!("service item {} {}: {error}", doing.item.id, doing.item.version))
            })?;
            let case = For { case_id: doing.case_id(), psn_no: &psn_no, answers, at: operation.received_at };
            result = self.carry_out_word(tx, operation, &case, &told)?;
        }
        set_result(tx, doing.case_id(), Some(&result))?;
        release_slots(tx, doing.case_id(), "open/")?;
        Ok(result)
    }

    fn amend(&self, tx: &mut dyn Tx, operation: &Operation, doing: &Doing<'_>) -> Result<Json, JourneyError> {
        let answers = doing.answers.ok_or(Refusal::NothingCorrected)?;
        let psn_no = doing.item.of_person().then(|| doing.psn_no());
        if let Some(psn_no) = &psn_no {
            operation::lock_persons(tx, std::slice::from_ref(psn_no))?;
        }
        // What was brought with the first step and since is still there.
        let brought = casework::documents(tx, doing.case_id())?;
        let materials: Vec<String> = brought.into_iter().map(|(_, document)| document.kind).collect();
        let citizen = doing.held.case.steps.first().is_some_and(|first| first.role == casework::PARTY);
        let day = doing.applied_on().max(operation.received_at.date());
        let assessed =
            self.assess_for(tx, doing.counter, doing.item, psn_no.as_ref(), answers, &materials, day, citizen)?;
        assessed.require()?;
        release_slots(tx, doing.case_id(), "open/")?;
        release_slots(tx, doing.case_id(), "unique/")?;
        take_slots(tx, doing.item, doing.case_id(), &doing.held.case.party, &assessed)?;
        amend_application(tx, doing.case_id(), &assessed.answers, assessed.amount)?;
        Ok(json!({ "amount": assessed.amount }))
    }

    /// Pays what the claim's settlement owes the person, or takes it back after a reversal.
    fn pay_claim(
        &self,
        tx: &mut dyn Tx,
        operation: &Operation,
        doing: &Doing<'_>,
        sign: i64,
    ) -> Result<Json, JourneyError> {
        let owed = doing.result()?.get("owed").cloned().unwrap_or_default();
        let owed: Fen = serde_json::from_value(owed)
            .map_err(|error| JourneyError::Broken(format!("case {} owes nobody: {error}", doing.case_id())))?;
        let amount = Fen(owed.0 * sign);
        let reference = format!("claim/{}/{}", doing.case_id(), doing.decision.seq);
        self.pay_person(tx, operation, &doing.psn_no(), &reference, amount)?;
        Ok(json!({ "amount": amount, "transfer": reference }))
    }

    fn undo_item(&self, tx: &mut dyn Tx, operation: &Operation, doing: &Doing<'_>) -> Result<Json, JourneyError> {
        let psn_no = doing.psn_no();
        let case = For {
            case_id: doing.case_id(),
            psn_no: &psn_no,
            answers: &doing.application.form,
            at: operation.received_at,
        };
        let result = doing.result()?;
        let word = doing.item.effect_word();
        let undone = self.undo_effect(tx, operation, &case, word, result)?;
        let undone = undone.ok_or_else(|| Refusal::NotRevocable { item: doing.item.name.clone() })?;
        release_slots(tx, doing.case_id(), "")?;
        let mut kept = result.clone();
        kept["undone"] = undone.clone();
        set_result(tx, doing.case_id(), Some(&kept))?;
        Ok(undone)
    }
}
