//! ECOD, the safety net (Li, Zhao and others 2022): who stands in the tails of many indicators at
//! once, without a word said beforehand about what fraud looks like. Each indicator's tail is read
//! off the empirical distribution; the parts are the indicators, so the sum shows where it comes
//! from.

use super::Model;
use super::indicators::{INDICATORS, Unit, measure};
use crate::book::Book;
use crate::facts::Suspicion;
use crate::numbers::whole;
use crate::score::Score;
use crate::settings::Parameters;

pub(super) const MODEL: Model =
    Model { id: "ecod", numbers: &["least_visits", "least_units"], lists: &[], parts: INDICATORS, run };

fn run(book: &Book<'_>, parameters: &Parameters) -> Vec<Suspicion> {
    let measured = measure(book, parameters.count("least_visits"));
    let doctors: Vec<_> = measured.iter().filter(|(unit, _)| matches!(unit, Unit::Doctor(_))).collect();
    if doctors.len() < parameters.count("least_units") {
        return Vec::new();
    }
    let columns: Vec<Vec<Option<f64>>> = (0..INDICATORS.len())
        .map(|at| tails(&doctors.iter().map(|(_, measured)| measured.values[at]).collect::<Vec<_>>()))
        .collect();
    let judged = doctors.iter().enumerate().filter_map(|(row, (unit, measured))| {
        let mut score = Score::new(parameters);
        for (at, indicator) in INDICATORS.iter().enumerate() {
            let facts = measured.values[at].map_or("未知".to_owned(), |value| format!("本单位 {value:.3}"));
            score.part(indicator, columns[at][row], facts);
        }
        let name = super::peers::name(book, **unit);
        let why = format!("{name} 同时处在多项指标的尾部");
        score.suspicion(name, book.members(&measured.visits), book.stake(&measured.visits), why)
    });
    judged.collect()
}

/// −log₁₀ of each value's tail, on the side to which the values are skewed; unknown stays unknown.
fn tails(values: &[Option<f64>]) -> Vec<Option<f64>> {
    let mut known: Vec<f64> = values.iter().flatten().copied().collect();
    known.sort_by(f64::total_cmp);
    let count = whole(known.len());
    let mean = known.iter().sum::<f64>() / count.max(1.0);
    let skewed: f64 = known.iter().map(|value| (value - mean).powi(3)).sum();
    let tail = |value: f64| {
        let below = known.partition_point(|other| *other <= value);
        let above = known.len() - known.partition_point(|other| *other < value);
        let rank = if skewed < 0.0 { below } else { above };
        -(whole(rank) / count).log10()
    };
    values.iter().map(|value| value.map(tail)).collect()
}

#[cfg(test)]
mod tests {
    use super::tails;

    #[test]
    fn a_tail_is_read_on_the_side_of_the_skew() {
        let right = tails(&[Some(1.0), Some(1.0), Some(2.0), Some(50.0), None]);
        assert_eq!(right[4], None);
        assert!((right[3].unwrap() - 4.0_f64.log10()).abs() < 1e-12);
        assert!(right[0].unwrap().abs() < 1e-12, "everybody is at least as high as the lowest");
        let left = tails(&[Some(-50.0), Some(1.0), Some(1.0), Some(2.0)]);
        assert!(left[0] > left[3]);
    }
}
