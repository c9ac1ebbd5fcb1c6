//! 案卷 of an application, the queue, and what whoever applied is told.

use std::sync::Arc;

use casework::{Application, Case, Clock, Document, Listed, Procedure, StepRule, Wanted, application, applications};
use db::Tx;
use terms::{DateTime, PersonId};

use super::Counter;
use super::handle::item_of;
use super::item::Item;
use crate::cases::read;
use crate::{JourneyError, Own};

/// 申请案卷: everything known of it.
#[derive(Debug, Clone)]
pub struct ServiceFile {
    /// The case: its state, steps and clocks.
    pub case: Case,
    /// The procedure to which it is bound.
    pub procedure: Arc<Procedure>,
    /// What was applied for.
    pub application: Application,
    /// The item, in the version of the application.
    pub item: Arc<Item>,
    /// 材料与文书, each with the number of its step.
    pub documents: Vec<(i64, Document)>,
}

impl ServiceFile {
    /// The steps that lead on from here, time's own and the rule's own left out.
    #[must_use]
    pub fn possible(&self) -> Vec<&StepRule> {
        let own = |rule: &&StepRule| {
            !rule.roles.iter().all(|role| [casework::CLOCK, casework::AUTOMATIC].contains(&role.as_str()))
        };
        self.procedure.steps_from(&self.case.state).filter(own).collect()
    }

    /// The clock that runs out first.
    #[must_use]
    pub fn clock(&self) -> Option<&Clock> {
        self.case.running().min_by_key(|clock| clock.due)
    }
}

/// 案卷 of an application.
///
/// # Errors
/// [`Own::CaseUnknown`]; [`JourneyError::Broken`] when its procedure or item is gone.
pub fn service_file(tx: &mut dyn Tx, counter: &Counter, case_id: &str) -> Result<ServiceFile, JourneyError> {
    let held = read(tx, &counter.book.procedures, case_id)?;
    let unknown = || JourneyError::from(Own::CaseUnknown { case_id: case_id.to_owned() });
    let application = application(tx, case_id)?.ok_or_else(unknown)?;
    let item = item_of(counter, &application)?;
    let documents = casework::documents(tx, case_id)?;
    Ok(ServiceFile { case: held.case, procedure: held.procedure, application, item, documents })
}

/// The item and the state's name of a listed application.
#[must_use]
pub fn service_of<'a>(counter: &'a Counter, listed: &'a Listed) -> (Option<&'a Arc<Item>>, &'a str) {
    let Application { item, version, .. } = &listed.application;
    let procedure = counter.book.procedures.version(&listed.procedure, &listed.procedure_version);
    let state = procedure.map_or(listed.state.as_str(), |procedure| procedure.state_name(&listed.state));
    (counter.services.version(item, version), state)
}

/// 消息: what happened to an application of a person's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// 案件编号.
    pub case_id: String,
    /// 事项名称.
    pub item: String,
    /// English name.
    pub english: String,
    /// What was done.
    pub step: String,
    /// Where it stands since.
    pub state: String,
    /// Why, as whoever did it says.
    pub why: String,
    /// When.
    pub at: DateTime,
    /// Whether something is asked of the person now.
    pub asks: bool,
}

/// 消息 of a person, from the records of their latest applications; the latest first.
///
/// # Errors
/// [`JourneyError::Db`], [`JourneyError::Broken`] when a procedure or item is gone.
pub fn messages_of(
    tx: &mut dyn Tx,
    counter: &Counter,
    psn_no: &PersonId,
    limit: i64,
) -> Result<Vec<Message>, JourneyError> {
    let wanted = Wanted { party: psn_no.0.clone(), limit, ..Wanted::default() };
    let mut messages = Vec::new();
    for listed in applications(tx, &wanted)? {
        let file = service_file(tx, counter, &listed.application.case_id)?;
        let last = file.case.steps.len();
        // The person's own steps are no news to them.
        for (nth, taken) in (1..).zip(&file.case.steps).filter(|(_, taken)| taken.role != casework::PARTY) {
            let own = |rule: &&StepRule| {
                rule.roles.iter().any(|role| role == casework::PARTY) && rule.effect.as_deref() == Some("amend")
            };
            messages.push(Message {
                case_id: file.case.case_id.clone(),
                item: file.item.name.clone(),
                english: file.item.english.clone(),
                step: if taken.step == casework::OPEN {
                    "窗口受理申请".to_owned()
                } else {
                    file.procedure.step_name(&taken.step).to_owned()
                },
                state: file.procedure.state_name(&taken.to).to_owned(),
                why: taken.why.clone(),
                at: taken.at,
                asks: nth == last
                    && !file.case.closed
                    && file.procedure.steps_from(&file.case.state).any(|rule| own(&rule)),
            });
        }
    }
    messages.sort_by_key(|message| std::cmp::Reverse(message.at));
    Ok(messages)
}
