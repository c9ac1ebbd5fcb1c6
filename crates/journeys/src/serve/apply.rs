//! 申请: an item is applied for, by the person or for them; where its rule is complete, it is
//! decided at once.

use std::sync::Arc;

use casework::form::{Answers, Field};
use casework::{Actor, Application, Asked as StepAsked, Document, Opening, add_application, slot_of, take_slot};
use db::Tx;
use operation::Operation;
use serde_json::json;
use terms::{Date, PersonId};

use super::Counter;
use super::assess::{Asked, Assessment};
use super::facts::Surroundings;
use super::handle::Doing;
use super::item::Item;
use super::refusal::Refusal;
use super::view::{ServiceFile, service_file};
use crate::cases::{Filing, hold};
use crate::dossier::gather;
use crate::{Centre, JourneyError, Own};

/// 申请 as asked for.
#[derive(Debug, Clone)]
pub struct Applying {
    /// 事项.
    pub item: String,
    /// For whom; `None` of a work order.
    pub psn_no: Option<PersonId>,
    /// Drawn by whoever sends it: the same key again is the same application.
    pub key: String,
    /// 填报内容.
    pub answers: Answers,
    /// 材料; the kind of each is the material's id.
    pub documents: Vec<Document>,
    /// Who applies.
    pub by: Actor,
    /// Why, for the record; empty is the item's name.
    pub why: String,
}

/// 申请 as made.
#[derive(Debug, Clone)]
pub struct Applied {
    /// The case as it stands now.
    pub file: ServiceFile,
    /// Whether it was decided at once.
    pub automatic: bool,
    /// Whether it had been made before under the same key.
    pub again: bool,
}

impl Applying {
    fn party(&self) -> String {
        match (&self.psn_no, &self.by.party) {
            (Some(psn_no), _) => psn_no.0.clone(),
            (None, Some(party)) => party.clone(),
            (None, None) => String::new(),
        }
    }

    fn citizen(&self) -> bool {
        self.psn_no.is_some() && self.by.party.is_some()
    }

    fn kinds(&self) -> Vec<String> {
        self.documents.iter().map(|document| document.kind.clone()).collect()
    }
}

/// Whether somebody may apply for an item, and for whom.
fn may_apply(item: &Item, asked: &Applying) -> Result<(), JourneyError> {
    let (kind, who) = match (&asked.by.party, &asked.psn_no) {
        (None, _) => ("staff", "经办人员"),
        (Some(_), Some(_)) => ("citizen", "参保人"),
        (Some(_), None) => ("institution", "机构"),
    };
    let for_oneself = asked.by.party.is_none() || asked.by.party.as_deref() == Some(asked.party().as_str());
    let about = item.of_person() == asked.psn_no.is_some();
    if item.who.iter().any(|known| known == kind) && for_oneself && about {
        return Ok(());
    }
    Err(Refusal::NotForYou { item: item.name.clone(), who: who.to_owned() }.into())
}

impl Centre {
    fn item_on<'c>(&self, counter: &'c Counter, id: &str, day: Date) -> Result<&'c Arc<Item>, JourneyError> {
        let unknown = || Refusal::ItemUnknown { item: id.to_owned(), day: day.to_string() }.into();
        counter.services.on(id, day).ok_or_else(unknown)
    }

    /// 预审: what the rules say of an application, with a claim's settlement as it would be now.
    /// Takes no lock, records nothing; run it on the read pool.
    ///
    /// # Errors
    /// [`Refusal::ItemUnknown`], [`Refusal::NotForYou`], [`Own::PersonUnknown`].
    pub fn assess_service(
        &self,
        tx: &mut dyn Tx,
        counter: &Counter,
        asked: &Applying,
        day: Date,
    ) -> Result<Assessment, JourneyError> {
        let item = self.item_on(counter, &asked.item, day)?;
        may_apply(item, asked)?;
        self.assess_now(tx, counter, item, asked, &asked.answers, &asked.kinds(), day)
    }

    #[allow(clippy::too_many_arguments, reason = "an application and where it stands")]
    fn assess_now(
        &self,
        tx: &mut dyn Tx,
        counter: &Counter,
        item: &Item,
        asked: &Applying,
        answers: &Answers,
        materials: &[String],
        day: Date,
    ) -> Result<Assessment, JourneyError> {
        self.assess_for(tx, counter, item, asked.psn_no.as_ref(), answers, materials, day, asked.citizen())
    }

    #[allow(clippy::too_many_arguments, reason = "an application and where it stands")]
    pub(super) fn assess_for(
        &self,
        tx: &mut dyn Tx,
        counter: &Counter,
        item: &Item,
        psn_no: Option<&PersonId>,
        answers: &Answers,
        materials: &[String],
        day: Date,
        citizen: bool,
    ) -> Result<Assessment, JourneyError> {
        let around = Surroundings::gather(tx, item, psn_no, answers, day)?;
        let gathered = psn_no.map(|psn_no| gather(tx, psn_no)).transpose()?;
        self.assess(counter, &Asked { item, answers, materials, day, citizen }, &around, gathered.as_ref())
    }

    /// 申请. The same key of the same applicant again gives the case as it stands.
    ///
    /// # Errors
    /// [`Own::Service`] with every reason, [`Own::StepDiffers`], [`Own::PersonUnknown`],
    /// [`Own::ProcedureUnknown`], [`Own::Step`].
    pub fn apply_service(
        &self,
        tx: &mut dyn Tx,
        operation: &Operation,
        counter: &Counter,
        asked: &Applying,
    ) -> Result<Applied, JourneyError> {
        let day = operation.received_at.date();
        let key = format!("key/{}/{}", asked.by.id, asked.key);
        if let Some(case_id) = slot_of(tx, &key)? {
            return self.applied_before(tx, counter, asked, &case_id);
        }
        let item = Arc::clone(self.item_on(counter, &asked.item, day)?);
        may_apply(&item, asked)?;
        if let Some(psn_no) = &asked.psn_no {
            operation::lock_persons(tx, std::slice::from_ref(psn_no))?;
        }
        let assessed = self.assess_now(tx, counter, &item, asked, &asked.answers, &asked.kinds(), day)?;
        assessed.require()?;
        let procedure = counter
            .book
            .procedures
            .on(&item.procedure, day)
            .ok_or_else(|| Own::ProcedureUnknown { procedure: item.procedure.clone(), day: day.to_string() })?;
        let case_id = operation.new_id("case");
        if let Err(other) = take_slot(tx, &key, &case_id)? {
            return self.applied_before(tx, counter, asked, &other);
        }
        take_slots(tx, &item, &case_id, &asked.party(), &assessed)?;
        let opening = Opening {
            case_id: case_id.clone(),
            key: asked.key.clone(),
            subject: assessed.subject.clone(),
            party: asked.party(),
            at: operation.received_at,
            by: asked.by.clone(),
            why: if asked.why.trim().is_empty() { item.name.clone() } else { asked.why.clone() },
        };
        let documents = [first_documents(&item, &assessed.answers), asked.documents.clone()].concat();
        let more = json!({ "item": item.id, "version": item.version, "hash": item.hash, "amount": assessed.amount });
        self.open_filed(tx, operation, (procedure, &counter.book.calendar), &opening, &documents, more)?;
        let application = Application {
            case_id: case_id.clone(),
            desk: item.desk.clone(),
            item: item.id.clone(),
            version: item.version.clone(),
            hash: item.hash.clone(),
            applicant: asked.by.id.clone(),
            form: assessed.answers.clone(),
            amount: assessed.amount,
            result: None,
        };
        add_application(tx, &application)?;
        let automatic = assessed.automatic && self.decide_at_once(tx, operation, counter, &item, &application)?;
        Ok(Applied { file: service_file(tx, counter, &case_id)?, automatic, again: false })
    }

    fn applied_before(
        &self,
        tx: &mut dyn Tx,
        counter: &Counter,
        asked: &Applying,
        case_id: &str,
    ) -> Result<Applied, JourneyError> {
        let file = service_file(tx, counter, case_id)?;
        if file.application.item != asked.item || file.case.party != asked.party() {
            return Err(Own::StepDiffers { case_id: case_id.to_owned(), key: asked.key.clone() }.into());
        }
        let automatic = file.case.steps.iter().any(|taken| taken.by == casework::AUTOMATIC);
        Ok(Applied { file, automatic, again: true })
    }

    /// 自动办理: takes the step of the procedure that the rule alone may take, if it has one.
    fn decide_at_once(
        &self,
        tx: &mut dyn Tx,
        operation: &Operation,
        counter: &Counter,
        item: &Item,
        application: &Application,
    ) -> Result<bool, JourneyError> {
        let held = hold(tx, &counter.book.procedures, &application.case_id)?;
        let own = |rule: &&casework::StepRule| rule.roles.iter().any(|role| role == casework::AUTOMATIC);
        let Some(rule) = held.procedure.steps_from(&held.case.state).find(own) else { return Ok(false) };
        let step = StepAsked {
            key: "automatic".to_owned(),
            step: rule.id.clone(),
            at: operation.received_at,
            by: Actor::automatic(),
            why: format!("符合自动办理规则（{}）", item.article),
            assign_to: None,
            documents: Vec::new(),
        };
        let decision = casework::next(&held.procedure, &counter.book.calendar, &held.case, &step)?;
        let doing = Doing { counter, item, held: &held, decision: &decision, application, answers: None };
        let more = self.serve_effect(tx, operation, &doing)?;
        let filing = Filing { asked: &step, decision: &decision, documents: &[], more };
        self.step_filed(tx, operation, &held, filing)?;
        Ok(true)
    }
}

/// What only one case may have: one application of a kind at a time, and unique values for good.
pub(super) fn take_slots(
    tx: &mut dyn Tx,
    item: &Item,
    case_id: &str,
    party: &str,
    assessed: &Assessment,
) -> Result<(), JourneyError> {
    if let Some(once) = &assessed.once
        && let Err(other) = take_slot(tx, &format!("open/{}/{party}/{once}", item.id), case_id)?
    {
        return Err(Refusal::UnderWay { item: item.name.clone(), case_id: other }.into());
    }
    for (field, value) in Field::unique_values(&item.fields, &assessed.answers) {
        if let Err(other) = take_slot(tx, &format!("unique/{}/{field}/{value}", item.id), case_id)? {
            let columns = item.fields.iter().flat_map(|one| std::iter::once(one).chain(&one.columns));
            let name = columns.into_iter().find(|one| one.id == field).map_or(field.as_str(), |one| &one.name);
            return Err(Refusal::Used { field: name.to_owned(), value, case_id: other }.into());
        }
    }
    Ok(())
}

/// What is filed with the first step: the item's own text and the form.
pub(super) fn first_documents(item: &Item, answers: &Answers) -> Vec<Document> {
    vec![Document::plain("item", &item.name, &item.hash, &json!(item.text).to_string()), form_document(answers)]
}

/// 填报内容 as filed.
pub(super) fn form_document(answers: &Answers) -> Document {
    Document::plain("form", "申请表", "", &json!(answers).to_string())
}
