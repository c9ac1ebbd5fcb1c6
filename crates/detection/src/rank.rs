//! 排序: which suspicions are worth an auditor's day, learned from cases that ended. An additive
//! score-card (logistic regression with a ridge), because its contributions are exact sums that
//! a panel can read; it knows nothing until enough cases were confirmed and enough refuted.

use crate::facts::Suspicion;
use crate::numbers::shown;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// 结论 of a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Outcome {
    /// 查实.
    Confirmed,
    /// 排除.
    Refuted,
}

/// Why there is no score-card yet.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RankError {
    /// Too few cases ended one of the two ways.
    #[error(
        "{confirmed} confirmed and {refuted} refuted cases; at least {least} of each are needed before they can teach anything"
    )]
    TooFew {
        /// 查实.
        confirmed: usize,
        /// 排除.
        refuted: usize,
        /// Of each.
        least: usize,
    },
}

/// One reason of a ranking.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Reason {
    /// `model/part`.
    pub feature: String,
    /// The part's strength, 0 to 1.
    pub value: f64,
    /// In hundredths of log odds.
    pub contribution: i64,
}

/// 评分卡.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Ranker {
    base: f64,
    weights: BTreeMap<String, f64>,
    /// Cases it was learned from: confirmed, refuted.
    pub learned_from: (usize, usize),
}

/// What the score-card looks at: how strong each part was, and which model spoke.
#[must_use]
pub fn features(suspicion: &Suspicion) -> BTreeMap<String, f64> {
    let parts = suspicion.parts.iter().filter(|part| part.contribution != 0 && part.weight > 0);
    let part = |weight: i64, contribution: i64| crate::numbers::signed(contribution) / crate::numbers::signed(weight);
    let mut features: BTreeMap<String, f64> =
        parts.map(|p| (format!("{}/{}", suspicion.model, p.id), shown(part(p.weight, p.contribution)))).collect();
    features.insert(suspicion.model.clone(), 1.0);
    features
}

/// The ridge, and how often every weight is set again: enough to stand still.
const RIDGE: f64 = 1.0;
const PASSES: usize = 200;

impl Ranker {
    /// Learns from cases that ended; needs `least` of each outcome.
    ///
    /// # Errors
    /// [`RankError::TooFew`].
    pub fn learn(cases: &[(Suspicion, Outcome)], least: usize) -> Result<Ranker, RankError> {
        let confirmed = cases.iter().filter(|(_, outcome)| *outcome == Outcome::Confirmed).count();
        let refuted = cases.len() - confirmed;
        if confirmed < least || refuted < least {
            return Err(RankError::TooFew { confirmed, refuted, least });
        }
        let mut rows: Vec<(BTreeMap<String, f64>, f64)> = cases
            .iter()
            .map(|(suspicion, outcome)| (features(suspicion), f64::from(u8::from(*outcome == Outcome::Confirmed))))
            .collect();
        // One order, whatever the order of the cases, so that the sums come out the same.
        rows.sort_by(|a, b| a.1.total_cmp(&b.1).then_with(|| format!("{:?}", a.0).cmp(&format!("{:?}", b.0))));
        let names: BTreeSet<&String> = rows.iter().flat_map(|(row, _)| row.keys()).collect();
        let names: Vec<String> = names.into_iter().cloned().collect();
        let dense: Vec<Vec<f64>> = rows
            .iter()
            .map(|(row, _)| names.iter().map(|name| row.get(name).copied().unwrap_or(0.0)).collect())
            .collect();
        let wanted: Vec<f64> = rows.iter().map(|(_, wanted)| *wanted).collect();
        let (base, weights) = fit(&dense, &wanted, names.len());
        let weights = names.into_iter().zip(weights).map(|(name, weight)| (name, shown(weight))).collect();
        Ok(Ranker { base: shown(base), weights, learned_from: (confirmed, refuted) })
    }

    /// The reasons and their sum, in hundredths of log odds: above 0, more likely confirmed than not.
    #[must_use]
    pub fn rank(&self, suspicion: &Suspicion) -> (i64, Vec<Reason>) {
        let known = features(suspicion);
        let base = Reason { feature: "base".to_owned(), value: 1.0, contribution: hundredths(self.base) };
        let learned = known.into_iter().filter_map(|(feature, value)| {
            let contribution = hundredths(self.weights.get(&feature)? * value);
            Some(Reason { feature, value, contribution })
        });
        let reasons: Vec<Reason> = std::iter::once(base).chain(learned).collect();
        (reasons.iter().map(|reason| reason.contribution).sum(), reasons)
    }
}

#[allow(clippy::cast_possible_truncation)]
fn hundredths(value: f64) -> i64 {
    (value * 100.0).round() as i64
}

/// Newton's step for one weight after the other. The base is not held back by the ridge.
fn fit(rows: &[Vec<f64>], wanted: &[f64], features: usize) -> (f64, Vec<f64>) {
    let (mut base, mut weights) = (0.0_f64, vec![0.0_f64; features]);
    let mut logits = vec![0.0_f64; rows.len()];
    for _ in 0..PASSES {
        let step = |values: &dyn Fn(usize) -> f64, weight: f64, ridge: f64, logits: &mut [f64]| {
            let (mut slope, mut bend) = (-ridge * weight, ridge + 1e-9);
            for (row, logit) in logits.iter().enumerate() {
                let chance = 1.0 / (1.0 + (-logit).exp());
                let value = values(row);
                slope += value * (wanted[row] - chance);
                bend += value * value * (chance * (1.0 - chance)).max(0.05);
            }
            let step = (slope / bend).clamp(-1.0, 1.0);
            for (row, logit) in logits.iter_mut().enumerate() {
                *logit += step * values(row);
            }
            step
        };
        base += step(&|_| 1.0, base, 0.0, &mut logits);
        for (feature, weight) in weights.iter_mut().enumerate() {
            *weight += step(&|row| rows[row][feature], *weight, RIDGE, &mut logits);
        }
    }
    (base, weights)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::{Members, Stake, SubScore};

    fn suspicion(strong: i64, loud: i64) -> Suspicion {
        let part = |id: &str, contribution| SubScore {
            id: id.to_owned(),
            name: id.to_owned(),
            value: Some(0.5),
            unit: String::new(),
            weight: 500,
            contribution,
            facts: String::new(),
        };
        Suspicion {
            model: "m".to_owned(),
            name: "模型".to_owned(),
            version: 1,
            group: "g".to_owned(),
            score: strong + loud,
            parts: vec![part("strong", strong), part("loud", loud)],
            members: Members::default(),
            stake: Stake::default(),
            why: String::new(),
            missing: Vec::new(),
        }
    }

    fn cases() -> Vec<(Suspicion, Outcome)> {
        let outcome = |yes| if yes { Outcome::Confirmed } else { Outcome::Refuted };
        // What is strong is confirmed; loudness has nothing to do with it.
        (0..60).map(|n| (suspicion(if n % 2 == 0 { 450 } else { 50 }, (n * 37) % 500), outcome(n % 2 == 0))).collect()
    }

    #[test]
    fn nothing_is_learned_from_too_few_outcomes() {
        let said = Ranker::learn(&cases()[..20], 30).expect_err("too few").to_string();
        assert!(said.starts_with("10 confirmed and 10 refuted"), "{said}");
    }

    #[test]
    fn what_was_confirmed_ranks_higher_and_the_reasons_add_up() {
        let ranker = Ranker::learn(&cases(), 30).expect("enough");
        let (high, reasons) = ranker.rank(&suspicion(450, 10));
        let (low, _) = ranker.rank(&suspicion(50, 490));
        assert!(high > 0 && low < 0, "{high} {low}");
        assert_eq!(high, reasons.iter().map(|reason| reason.contribution).sum::<i64>());
        let strongest = reasons.iter().max_by_key(|reason| reason.contribution).expect("some");
        assert_eq!(strongest.feature, "m/strong");
    }

    #[test]
    fn the_order_of_the_cases_does_not_matter() {
        let mut turned = cases();
        turned.reverse();
        assert_eq!(Ranker::learn(&turned, 30), Ranker::learn(&cases(), 30));
    }
}
