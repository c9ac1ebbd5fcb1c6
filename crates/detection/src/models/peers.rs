//! 同侪比较: institutions, departments and doctors whose indicators stand far from their peers'.

use super::Model;
use super::indicators::{INDICATORS, Unit, against_peers, measure};
use crate::book::Book;
use crate::facts::Suspicion;
use crate::score::Score;
use crate::settings::Parameters;

pub(super) const MODEL: Model = Model {
    id: "peers",
    numbers: &["least_visits", "least_peers", "least_spread", "shrink_visits"],
    lists: &[],
    parts: INDICATORS,
    run,
};

fn run(book: &Book<'_>, parameters: &Parameters) -> Vec<Suspicion> {
    let measured = measure(book, parameters.count("least_visits"));
    let standing = against_peers(book, &measured, parameters);
    let judged = standing.iter().filter_map(|(unit, z)| {
        let mut score = Score::new(parameters);
        for (at, indicator) in INDICATORS.iter().enumerate() {
            let value = measured[unit].values[at];
            let facts = value.map_or("未知".to_owned(), |value| format!("本单位 {value:.3}"));
            score.part(indicator, z[at], facts);
        }
        let visits = &measured[unit].visits;
        let name = name(book, *unit);
        let why = format!("{name} 的指标明显偏离同级同类");
        score.suspicion(name, book.members(visits), book.stake(visits), why)
    });
    judged.collect()
}

/// A unit in words.
pub(super) fn name(book: &Book<'_>, unit: Unit<'_>) -> String {
    match unit {
        Unit::Institution(place) => book.place_name(place),
        Unit::Department(place, code) => format!("{} 科室 {code}", book.place_name(place)),
        Unit::Doctor(doctor) => format!("医师 {}", book.doctors[doctor]),
    }
}
