//! 审核: what the item's rules say of an application: slips of the form, materials that are missing,
//! conditions that are not met, what the law itself would refuse, and whether the rule alone is
//! enough. Nothing is recorded.

use std::collections::BTreeMap;

use casework::form::{self, Answers, Slip};
use terms::{Date, Fen};

use super::Counter;
use super::effects::{Told, trial};
use super::facts::{Facts, Surroundings};
use super::formula::{Formula, Names, Val};
use super::item::Item;
use super::refusal::{Reason, Refusal};
use crate::dossier::Gathered;
use crate::{Centre, JourneyError, Settled};

/// What the rules say.
#[derive(Debug, Clone, Default)]
pub struct Assessment {
    /// The answers as they would be recorded.
    pub answers: Answers,
    /// Slips of the form.
    pub slips: Vec<Slip>,
    /// Materials that are missing.
    pub missing: Vec<String>,
    /// Conditions that are not met, and what the law itself would refuse.
    pub reasons: Vec<Reason>,
    /// Whether the rule alone is enough.
    pub automatic: bool,
    /// The money that is at stake.
    pub amount: Fen,
    /// What the case is called.
    pub subject: String,
    /// What may be applied for only once at a time.
    pub once: Option<String>,
    /// What the effect would be told, for people.
    pub effect: BTreeMap<String, String>,
    /// 试算: what a claim would be settled at now.
    pub settled: Option<Box<Settled>>,
}

impl Assessment {
    /// Whether the application may be made.
    ///
    /// # Errors
    /// The first kind of refusal that applies, with all of its reasons.
    pub fn require(&self) -> Result<(), Refusal> {
        if !self.slips.is_empty() {
            return Err(Refusal::Form { slips: self.slips.clone() });
        }
        if !self.missing.is_empty() {
            return Err(Refusal::Materials { missing: self.missing.clone() });
        }
        if !self.reasons.is_empty() {
            return Err(Refusal::NotEligible { reasons: self.reasons.clone() });
        }
        Ok(())
    }
}

/// What is to be assessed.
pub(crate) struct Asked<'a> {
    pub item: &'a Item,
    pub answers: &'a Answers,
    /// Kinds of the documents that are brought.
    pub materials: &'a [String],
    pub day: Date,
    pub citizen: bool,
}

impl Centre {
    /// Values in, values out: what the rules say, given what is known.
    pub(crate) fn assess(
        &self,
        counter: &Counter,
        asked: &Asked<'_>,
        around: &Surroundings,
        gathered: Option<&Gathered>,
    ) -> Result<Assessment, JourneyError> {
        let Asked { item, day, .. } = *asked;
        let answers = match form::check(&item.fields, asked.answers, &counter.services.on_day(day)) {
            Ok(answers) => answers,
            Err(slips) => return Ok(Assessment { slips, ..Assessment::default() }),
        };
        let facts = Facts { centre: self, item, around, answers: &answers, today: day, citizen: asked.citizen };
        let broken =
            |error: String| JourneyError::Broken(format!("service item {} {}: {error}", item.id, item.version));
        let mut found = Assessment::default();
        for material in &item.materials {
            let wanted = material.when.as_ref().map_or(Ok(true), |when| when.is_true(&facts)).map_err(broken)?;
            if wanted && !asked.materials.contains(&material.id) {
                found.missing.push(material.name.clone());
            }
        }
        for condition in &item.conditions {
            if !condition.must.is_true(&facts).map_err(broken)? {
                found.reasons.push(Reason {
                    id: condition.id.clone(),
                    says: filled(&condition.says, &facts),
                    english: filled(&condition.english, &facts),
                    article: condition.article.clone(),
                });
            }
        }
        let optional =
            |formula: &Option<Formula>| formula.as_ref().map(|one| one.eval(&facts)).transpose().map_err(broken);
        found.amount = match optional(&item.amount)? {
            Some(Val::Number(yuan)) => Fen(yuan.to_scaled(2)),
            _ => Fen::ZERO,
        };
        found.subject = optional(&item.subject)?.map_or_else(|| item.name.clone(), |subject| subject.words());
        found.once = optional(&item.once)?.map(|once| once.words());
        found.automatic = item.automatic.as_ref().map_or(Ok(false), |when| when.is_true(&facts)).map_err(broken)?;
        if found.reasons.is_empty()
            && let (Some(rule), Some(gathered)) = (&item.effect, gathered)
        {
            let told = Told::of(rule, &facts).map_err(broken)?;
            found.effect = told.words();
            match trial(self, &told, gathered, &answers, day) {
                Ok(settled) => found.settled = settled.map(Box::new),
                Err(JourneyError::Refused(refusal)) => found.reasons.push(Reason {
                    id: refusal.code.clone(),
                    says: refusal.message.clone(),
                    english: String::new(),
                    article: refusal.article.clone(),
                }),
                Err(JourneyError::Own(own)) => found.reasons.push(Reason {
                    id: own.code().to_owned(),
                    says: own.to_string(),
                    english: String::new(),
                    article: String::new(),
                }),
                Err(other) => return Err(other),
            }
        }
        found.answers = answers;
        Ok(found)
    }
}

/// A sentence with what its braces name.
fn filled(says: &str, facts: &Facts<'_>) -> String {
    let mut parts = says.split('{');
    let mut filled = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        match part.split_once('}') {
            Some((name, rest)) => {
                filled += &facts.value(name).map_or_else(|_| name.to_owned(), |value| value.words());
                filled += rest;
            }
            None => filled += part,
        }
    }
    filled
}
