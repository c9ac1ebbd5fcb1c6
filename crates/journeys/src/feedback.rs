//! 3103 提醒反馈: what the doctor did with each reminder, and what that says of its rule. A rule
//! whose measured precision falls below its floor loses force at once, with a record.

use std::collections::BTreeSet;

use db::Tx;
use monitoring::{Feedback, ForceChange, Handling, Outcome, Set, Source};
use operation::Operation;
use screening::{Force, Severity, demotion};
use serde_json::json;
use terms::{InstitutionId, Ratio};

use crate::{Centre, JourneyError, Own};

/// One answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReminderAnswer {
    /// 违规标识.
    pub jr_id: String,
    /// 处理方式.
    pub handling: Handling,
    /// 处理原因; the form asks for it where the doctor goes on.
    pub reason: String,
}

impl Centre {
    /// 3103: records the doctor's answers. Change confirms the rule, going on speaks against it.
    ///
    /// # Errors
    /// [`Own::ReminderUnknown`] naming the first number that this institution was never told.
    pub fn answer_reminders(
        &self,
        tx: &mut dyn Tx,
        operation: &Operation,
        warn_type: &str,
        answers: &[ReminderAnswer],
    ) -> Result<Vec<ForceChange>, JourneyError> {
        let mut known = Vec::new();
        for answer in answers {
            let reminder = monitoring::reminder(tx, &answer.jr_id)?;
            let own = reminder.filter(|reminder| reminder.fixmedins_code == operation.institution);
            known.push(own.ok_or_else(|| Own::ReminderUnknown { jr_id: answer.jr_id.clone() })?);
        }
        let mut rules = BTreeSet::new();
        for (answer, reminder) in answers.iter().zip(known) {
            let feedback = Feedback {
                jr_id: answer.jr_id.clone(),
                msgid: operation.msgid.clone(),
                warn_type: warn_type.to_owned(),
                handling: answer.handling,
                reason: answer.reason.clone(),
                at: operation.received_at,
                by: operation.operator.clone(),
            };
            monitoring::answer(tx, &feedback)?;
            let outcome = Outcome {
                subject: answer.jr_id.clone(),
                source: Source::Doctor,
                rule_id: reminder.rule_id.clone(),
                rule_version: reminder.rule_version.clone(),
                fixmedins_code: reminder.fixmedins_code,
                confirmed: answer.handling == Handling::Change,
                at: operation.received_at,
                by: operation.operator.clone(),
                why: answer.reason.clone(),
            };
            monitoring::tell_outcome(tx, &outcome)?;
            rules.insert((reminder.rule_id, reminder.rule_version, reminder.severity));
        }
        let mut changes = Vec::new();
        for (rule_id, rule_version, severity) in rules {
            changes.extend(self.assess_rule(tx, operation, &rule_id, &rule_version, severity_of(severity))?);
        }
        Ok(changes)
    }

    /// What a decided case says of a finding or reminder; stands over the doctor's word, and an
    /// overturned decision is told again the other way round. `false` when nobody knows the subject.
    ///
    /// # Errors
    /// [`JourneyError::Db`].
    pub fn tell_outcome(
        &self,
        tx: &mut dyn Tx,
        operation: &Operation,
        subject: &str,
        confirmed: bool,
        why: &str,
    ) -> Result<bool, JourneyError> {
        let found = monitoring::finding(tx, Set::Active, subject)?
            .map(|row| (row.rule_id, row.rule_version, row.severity, row.fixmedins_code));
        let reminded = |tx: &mut dyn Tx| -> Result<Option<(String, String, i64, InstitutionId)>, JourneyError> {
            let row = monitoring::reminder(tx, subject)?;
            Ok(row.map(|row| (row.rule_id, row.rule_version, row.severity, row.fixmedins_code)))
        };
        let known = match found {
            Some(found) => Some(found),
            None => reminded(tx)?,
        };
        let Some((rule_id, rule_version, severity, fixmedins_code)) = known else { return Ok(false) };
        let outcome = Outcome {
            subject: subject.to_owned(),
            source: Source::Case,
            rule_id: rule_id.clone(),
            rule_version: rule_version.clone(),
            fixmedins_code,
            confirmed,
            at: operation.received_at,
            by: operation.operator.clone(),
            why: why.to_owned(),
        };
        monitoring::tell_outcome(tx, &outcome)?;
        self.assess_rule(tx, operation, &rule_id, &rule_version, severity_of(severity))?;
        Ok(true)
    }

    /// Looks whether a rule's version has to lose force, and takes one step down if so.
    fn assess_rule(
        &self,
        tx: &mut dyn Tx,
        operation: &Operation,
        rule_id: &str,
        rule_version: &str,
        own: Severity,
    ) -> Result<Option<ForceChange>, JourneyError> {
        let Some(supervision) = &self.supervision else { return Ok(None) };
        let standings = monitoring::standings(tx)?;
        let standing = standings.iter().find(|row| row.rule_id == rule_id && row.rule_version == rule_version);
        let (force, generation) = standing.map_or((Force::of(own), 0), |row| (row.force, row.generation));
        let outcomes = monitoring::outcomes(tx, rule_id, rule_version, generation)?;
        let Some(lost) = demotion(force, outcomes, &supervision.settings.floors) else { return Ok(None) };
        let change = ForceChange {
            rule_id: rule_id.to_owned(),
            rule_version: rule_version.to_owned(),
            generation: generation + 1,
            from: lost.from,
            to: lost.to,
            at: operation.received_at,
            by: AUTOMATIC.to_owned(),
            why: lost.why(),
            outcomes,
            lower: lost.precision.lower,
            floor: lost.floor,
        };
        self.record_force(tx, operation, &change)?;
        Ok(Some(change))
    }

    /// Sets a rule's force by hand, up or down; its outcomes count anew from here.
    ///
    /// # Errors
    /// [`JourneyError::Db`].
    pub fn set_force(
        &self,
        tx: &mut dyn Tx,
        operation: &Operation,
        (rule_id, rule_version): (&str, &str),
        from: Force,
        to: Force,
        why: &str,
    ) -> Result<ForceChange, JourneyError> {
        let standings = monitoring::standings(tx)?;
        let standing = standings.iter().find(|row| row.rule_id == rule_id && row.rule_version == rule_version);
        let (from, generation) = standing.map_or((from, 0), |row| (row.force, row.generation));
        let outcomes = monitoring::outcomes(tx, rule_id, rule_version, generation)?;
        let change = ForceChange {
            rule_id: rule_id.to_owned(),
            rule_version: rule_version.to_owned(),
            generation: generation + 1,
            from,
            to,
            at: operation.received_at,
            by: operation.operator.clone(),
            why: why.to_owned(),
            outcomes,
            lower: outcomes.precision().map_or(Ratio(0), |precision| precision.lower),
            floor: Ratio(0),
        };
        self.record_force(tx, operation, &change)?;
        Ok(change)
    }

    fn record_force(&self, tx: &mut dyn Tx, operation: &Operation, change: &ForceChange) -> Result<(), JourneyError> {
        monitoring::change_force(tx, change)?;
        let subject = format!("{}/{}/{}", change.rule_id, change.rule_version, change.generation);
        let told = json!({
            "rule_id": change.rule_id, "rule_version": change.rule_version, "from": change.from.word(),
            "to": change.to.word(), "by": change.by, "why": change.why,
        });
        self.seal(tx, operation, "rule_force", &subject, told)
    }
}

/// Who decides when nobody does.
const AUTOMATIC: &str = "自动 / automatic";

fn severity_of(stored: i64) -> Severity {
    Severity(u8::try_from(stored).unwrap_or(3))
}
