//! 计分: a score is put together part by part; there is no other way to one.

use crate::facts::{Members, Stake, SubScore, Suspicion};
use crate::numbers::{ramp, shown, signed};
use crate::settings::Parameters;

/// A score in the making.
pub(crate) struct Score<'p> {
    parameters: &'p Parameters,
    parts: Vec<SubScore>,
}

impl<'p> Score<'p> {
    pub(crate) fn new(parameters: &'p Parameters) -> Score<'p> {
        Score { parameters, parts: Vec::with_capacity(parameters.parts.len()) }
    }

    /// One part: what was measured, in words. Nothing measured gives nothing.
    pub(crate) fn part(&mut self, id: &str, value: Option<f64>, facts: impl Into<String>) -> &mut Self {
        let part = self.parameters.part(id);
        let value = value.filter(|value| value.is_finite()).map(shown);
        let strength = value.map_or(0.0, |value| ramp(value, part.from, part.to));
        self.parts.push(SubScore {
            id: part.id.clone(),
            name: part.name.clone(),
            value,
            unit: part.unit.clone(),
            weight: part.weight,
            contribution: points(signed(part.weight) * strength),
            facts: facts.into(),
        });
        self
    }

    /// The points so far.
    pub(crate) fn points(&self) -> i64 {
        self.parts.iter().map(|part| part.contribution).sum()
    }

    /// The suspicion, if the parts reach the model's threshold.
    pub(crate) fn suspicion(self, group: String, members: Members, stake: Stake, why: String) -> Option<Suspicion> {
        debug_assert_eq!(
            self.parts.len(),
            self.parameters.parts.len(),
            "every part is told: {}",
            self.parameters.model
        );
        let score = self.points();
        if score < self.parameters.threshold {
            return None;
        }
        let missing = self.parts.iter().filter(|part| part.value.is_none()).map(|part| part.name.clone()).collect();
        Some(Suspicion {
            model: self.parameters.model.clone(),
            name: self.parameters.name.clone(),
            version: self.parameters.version,
            group,
            score,
            parts: self.parts,
            members,
            stake,
            why,
            missing,
        })
    }
}

#[allow(clippy::cast_possible_truncation)]
fn points(value: f64) -> i64 {
    value.round() as i64
}
