//! The same facts in another order give the same answer; a score is the sum of its parts; no
//! visit's money counts twice; less knowledge never makes a new suspicion out of nothing.
#![allow(clippy::unwrap_used)]

mod common;

use city::{City, CityOptions, Claims, RegionFiles};
use detection::{Book, Suspicion, detect};
use std::path::Path;
use std::sync::OnceLock;

fn claims() -> &'static Claims {
    static CLAIMS: OnceLock<Claims> = OnceLock::new();
    CLAIMS.get_or_init(|| {
        let region = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../regions/999900");
        let options = CityOptions { seed: 77, people: 1500, days: 120, fraud: 300, ..CityOptions::default() };
        City::new(options, &RegionFiles::read(&region).unwrap()).unwrap().claims()
    })
}

fn found(claims: &Claims) -> Vec<Suspicion> {
    let settings = common::settings();
    let book = Book::new(&claims.histories, &claims.surroundings, &claims.stock, &settings);
    detect(&book, &settings, &[])
}

fn shuffle<T>(list: &mut [T], seed: &mut u64) {
    for at in (1..list.len()).rev() {
        *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        list.swap(at, usize::try_from(*seed >> 33).unwrap() % (at + 1));
    }
}

#[test]
fn the_order_of_the_facts_changes_nothing() {
    let first = serde_json::to_string(&found(claims())).unwrap();
    for mut seed in [1_u64, 2, 3] {
        let mut turned = claims().clone();
        shuffle(&mut turned.histories, &mut seed);
        shuffle(&mut turned.stock, &mut seed);
        shuffle(&mut turned.surroundings.institutions, &mut seed);
        for history in &mut turned.histories {
            shuffle(&mut history.encounters, &mut seed);
            for visit in &mut history.encounters {
                shuffle(&mut visit.lines, &mut seed);
                shuffle(&mut visit.diagnoses, &mut seed);
                shuffle(&mut visit.procedures, &mut seed);
            }
        }
        assert!(serde_json::to_string(&found(&turned)).unwrap() == first, "another order, another answer");
    }
}

#[test]
fn doubles_of_a_visit_count_once() {
    let first = found(claims());
    let mut twice = claims().clone();
    for history in twice.histories.iter_mut().step_by(3) {
        let copies = history.encounters.clone();
        history.encounters.extend(copies);
    }
    assert_eq!(serde_json::to_string(&found(&twice)).unwrap(), serde_json::to_string(&first).unwrap());
}

#[test]
fn every_score_is_the_sum_of_its_parts_and_no_money_counts_twice() {
    let settings = common::settings();
    let total: i64 =
        claims().histories.iter().flat_map(|h| &h.encounters).filter_map(|v| v.medfee_sumamt).map(|f| f.0).sum();
    let all = found(claims());
    assert!(!all.is_empty());
    for one in all {
        assert_eq!(one.score, one.parts.iter().map(|part| part.contribution).sum::<i64>());
        assert!(one.score >= settings.of(&one.model).threshold && one.score <= 1000);
        assert!(one.parts.iter().all(|part| part.value.is_some() || part.contribution == 0));
        assert!(one.stake.fee.0 <= total && one.stake.by_fund.values().all(|fund| fund.0 <= total));
        assert!(!one.why.is_empty() && one.parts.iter().all(|part| !part.name.is_empty()));
    }
}

#[test]
fn visits_of_which_nothing_but_the_number_is_known_raise_no_suspicion() {
    let mut bare = claims().clone();
    bare.stock.clear();
    bare.surroundings.institutions.clear();
    for history in &mut bare.histories {
        history.person = encounter::Person { psn_no: history.person.psn_no.take(), ..encounter::Person::default() };
        for visit in &mut history.encounters {
            *visit = encounter::Encounter { mdtrt_id: visit.mdtrt_id.take(), ..encounter::Encounter::default() };
        }
    }
    assert_eq!(found(&bare), Vec::new());
}
