//! Suspicion models on five cities whose seeds nobody tuned on: how many schemes reach their goal.

use super::{Bench, Row};

pub(super) fn run(bench: &Bench) -> Result<Vec<Row>, String> {
    let figures = bench.heng(&["detection", "--seeds", "5", "--from-seed", "101"])?;
    let word = |key: &str| figures.0.get(key).cloned().unwrap_or_default();
    let conditions = format!(
        "5 cities of 20,000 over a year; {} of {} schemes reached; least recall {}, least precision {}; near-misses hit {} of {}",
        word("reached"),
        word("schemes"),
        word("least_recall"),
        word("least_precision"),
        word("near_misses_hit"),
        word("near_misses")
    );
    let goal = "recall ≥ 0.9 at precision ≥ 0.8".to_owned();
    Ok(vec![Row { what: "visits searched for suspicions".to_owned(), conditions, figures, goal }])
}
