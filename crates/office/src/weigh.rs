//! 测算: weights or scores, auxiliary and institution factors out of past stays.

use grouping::Scratch;
use journeys::{StayDefaults, case_of, grouped_as};
use payment::{Calculation, Grouped, History, PastCase};

use crate::Problem;
use crate::codes::Codes;
use crate::run::Progress;
use crate::shelf::Installed;
use crate::source::Inputs;

/// What was read of the past.
#[derive(Debug, Default)]
pub struct Past {
    /// The stays that count.
    pub history: History,
    /// The years seen, oldest first.
    pub years: Vec<i16>,
    /// Stays without a group: they have no part in the weights.
    pub without_group: u64,
    /// Stays whose fee, days, level, institution or day of discharge is unknown.
    pub left_out: u64,
    /// Rows that could not be read.
    pub errors: u64,
}

/// Reads past stays, groups them and gathers what the calculation needs. A stay belongs to the
/// year of its discharge.
///
/// # Errors
/// A file cannot be read.
pub fn past(
    inputs: &Inputs,
    installed: &Installed,
    defaults: &StayDefaults,
    codes: &mut Option<Codes>,
    progress: &Progress,
) -> Result<Past, Problem> {
    let grouper = &installed.grouper;
    let mut past = Past::default();
    let mut scratch = Scratch::default();
    inputs.each_list(&["diagnoses.code", "charges.total", "stay.discharged"], codes, |_, list| {
        progress(1);
        let Ok(list) = list else {
            past.errors += 1;
            return Ok(());
        };
        let case = case_of(list, grouper.scheme());
        let either = |stated: &'_ Option<String>, otherwise: &'_ Option<String>| stated.clone().or(otherwise.clone());
        let level = either(&list.basic.settlement_level, &defaults.level);
        let institution = either(&list.basic.institution, &defaults.institution);
        let known = (case.fee, case.days, level, institution, list.stay.discharged);
        let (Some(charge), Some(days), Some(level), Some(institution), Some(discharged)) = known else {
            past.left_out += 1;
            return Ok(());
        };
        let answer = grouper.group(&case, &mut scratch);
        if grouped_as(answer.status) != Grouped::Grouped {
            past.without_group += 1;
            return Ok(());
        }
        let year = discharged.date.year();
        if let Err(at) = past.years.binary_search(&year) {
            past.years.insert(at, year);
        }
        let group = grouper.groups(&answer).group;
        let met = grouper.auxiliary(&case, &mut scratch, &answer);
        let auxiliary: Vec<String> = met.into_iter().map(|row| row.id.clone()).collect();
        past.history.add(&PastCase {
            group,
            year,
            level: &level,
            institution: &institution,
            charge,
            days,
            auxiliary: &auxiliary,
        });
        Ok(())
    })?;
    Ok(past)
}

impl Past {
    /// Works the tables out, with the rule of a plan.
    ///
    /// # Errors
    /// Too few years, or nothing to weigh.
    pub fn measure(&self, rule: &Calculation) -> Result<payment::Measured, Problem> {
        let wanted = rule.year_weights.len();
        let years = self.years.get(self.years.len().saturating_sub(wanted)..).unwrap_or_default();
        Ok(self.history.measure(rule, years)?)
    }
}
