//! Each model on a town made by hand: what it must see, and the near-miss that it must spare.
#![allow(clippy::unwrap_used)]

mod common;

use common::{Town, line};
use terms::{Exact, Fen, parse_date};

/// Stays of other people, so that there is something usual.
fn ordinary(town: &mut Town, place: &str, count: usize) {
    for n in 0..count {
        let person = format!("O{place}{n}");
        town.person(&person, &person);
        let (month, day) = (1 + n % 9, 1 + (n * 7) % 20);
        let begin = format!("2026-{month:02}-{day:02} 09:00");
        let end = format!("2026-{month:02}-{:02} 10:00", day + 6);
        let lines = (0..6).map(|d| {
            let mut one = line(&format!("D{}", (n + d) % 5), "09", 1, 5000);
            one.fee_ocur_time = terms::parse_time(&format!("2026-{month:02}-{:02} 08:00:00", day + d));
            one
        });
        let lines = lines.chain([line("T1", "04", 1, 4000), line("B1", "01", 6, 18000)]).collect();
        town.visit(&person, place, "21", (&begin, &end), ["J18.900", "K29.500", "I63.900"][n % 3], lines);
    }
}

fn two_stays(town: &mut Town, person: &str, diagnosis: &str, again: &str) {
    let lines = || vec![line("D1", "09", 3, 30000), line("T1", "04", 1, 4000), line("B1", "01", 7, 21000)];
    town.person(person, person);
    town.visit(person, "H1", "21", ("2026-03-01 09:00", "2026-03-08 10:00"), diagnosis, lines());
    town.visit(person, "H1", "21", (&format!("{again} 09:00"), "2026-04-18 10:00"), diagnosis, lines());
}

#[test]
fn a_stay_split_in_two_is_told_and_chemotherapy_or_a_later_return_is_not() {
    let mut town = Town::default();
    ordinary(&mut town, "H1", 30);
    two_stays(&mut town, "P1", "I63.900", "2026-03-10");
    two_stays(&mut town, "P2", "Z51.103", "2026-03-10");
    two_stays(&mut town, "P3", "I63.900", "2026-04-10");
    let told = town.told("split_stay");
    let persons: Vec<_> = told.iter().flat_map(|one| one.members.persons.clone()).collect();
    assert_eq!(persons, ["P1"]);
    assert_eq!(told[0].members.visits.len(), 2);
    assert_eq!(told[0].stake.fee, Fen(110_000));
    assert_eq!(told[0].score, told[0].parts.iter().map(|part| part.contribution).sum::<i64>());
}

#[test]
fn a_bed_without_a_patient_is_told_and_one_errand_of_a_relative_is_not() {
    let mut town = Town::default();
    ordinary(&mut town, "H1", 30);
    for (person, busy) in [("P1", false), ("P2", true)] {
        town.person(person, person);
        let lines = if busy {
            let day = |d: u8| {
                let mut one = line("D1", "09", 1, 5000);
                one.fee_ocur_time = terms::parse_time(&format!("2026-05-{:02} 08:00:00", 1 + d));
                one
            };
            (0..8).map(day).chain([line("B1", "01", 8, 24000)]).collect()
        } else {
            vec![line("B1", "01", 8, 24000), line("N1", "07", 8, 12000), line("D1", "09", 1, 3000)]
        };
        let stay = town.visit(person, "H1", "21", ("2026-05-01 09:00", "2026-05-09 10:00"), "J18.900", lines);
        stay.vitals_days = Some(Exact::whole(if busy { 8 } else { 1 }));
        town.visit(
            person,
            "S1",
            "41",
            ("2026-05-04 15:00", "2026-05-04 15:05"),
            "I10.x00",
            vec![line("D9", "09", 1, 2000)],
        );
    }
    let told = town.told("paper_stay");
    let persons: Vec<_> = told.iter().flat_map(|one| one.members.persons.clone()).collect();
    assert_eq!(persons, ["P1"], "{told:#?}");
}

#[test]
fn unknown_vital_signs_add_nothing_and_are_told_as_missing() {
    let mut town = Town::default();
    ordinary(&mut town, "H1", 30);
    town.person("P1", "P1");
    town.visit("P1", "H1", "21", ("2026-05-01 09:00", "2026-05-09 10:00"), "J18.900", vec![line("B1", "01", 8, 24000)]);
    town.visit("P1", "S1", "11", ("2026-05-04 15:00", "2026-05-04 15:05"), "I10.x00", vec![line("D9", "09", 1, 2000)]);
    let told = town.told("paper_stay");
    assert_eq!(told.len(), 1);
    let vitals = told[0].parts.iter().find(|part| part.id == "vitals").unwrap();
    assert_eq!((vitals.value, vitals.contribution), (None, 0));
    assert!(told[0].missing.contains(&vitals.name));
}

#[test]
fn a_busload_admitted_together_is_told_and_scattered_neighbours_are_not() {
    let mut town = Town::default();
    ordinary(&mut town, "H1", 60);
    for n in 0..8 {
        let (one, other) = (format!("P{n}"), format!("Q{n}"));
        town.person(&one, &one).resd_vil = Some("V1".to_owned());
        town.person(&other, &other).resd_vil = Some("V2".to_owned());
        let lines = || vec![line("D1", "09", 2, 20000), line("T1", "04", 1, 4000)];
        town.visit(&one, "H1", "21", ("2026-06-10 09:00", "2026-06-15 10:00"), "M54.500", lines());
        let (begin, end) = (format!("2026-{:02}-10 09:00", n + 1), format!("2026-{:02}-16 09:00", n + 1));
        town.visit(&other, "H1", "21", (&begin, &end), "M54.500", lines());
    }
    let told = town.told("admission_cluster");
    assert_eq!(told.len(), 1);
    assert!(told[0].group.contains("V1") && told[0].members.persons.len() == 8);
}

/// People at one counter within minutes of each other, on these days.
fn together(town: &mut Town, persons: &[(&str, &str)], days: &[&str], diagnosis: &str) {
    for (n, (person, household)) in persons.iter().enumerate() {
        town.person(person, household);
        for day in days {
            let begin = format!("{day} 15:{:02}", 2 * n);
            // Every third bill is made up: a round sum.
            let fen = if n % 3 == 0 { 10_000 } else { 9_813 + 17 * i64::try_from(n).unwrap() };
            let lines = vec![line(&format!("D{n}"), "09", 1, fen)];
            town.visit(person, "S1", "41", (&begin, &begin), diagnosis, lines);
        }
    }
}

const DAYS: [&str; 5] = ["2026-03-03", "2026-03-17", "2026-04-08", "2026-05-06", "2026-06-11"];

#[test]
fn cards_kept_by_a_shop_are_told_and_a_family_at_one_shop_is_not() {
    let mut town = Town::default();
    together(&mut town, &[("P1", "F1"), ("P2", "F2"), ("P3", "F3"), ("P4", "F4"), ("P5", "F5")], &DAYS, "I10.x00");
    let told = town.told("card_pooling");
    assert_eq!(told.len(), 1);
    assert_eq!((told[0].members.persons.len(), told[0].members.visits.len()), (5, 25));
    let mut town = Town::default();
    together(&mut town, &[("P1", "F"), ("P2", "F"), ("P3", "F"), ("P4", "F"), ("P5", "F")], &DAYS, "I10.x00");
    assert!(town.told("card_pooling").is_empty());
}

#[test]
fn a_dialysis_shift_is_no_pool_of_cards() {
    let mut town = Town::default();
    together(&mut town, &[("P1", "F1"), ("P2", "F2"), ("P3", "F3"), ("P4", "F4"), ("P5", "F5")], &DAYS, "N18.500");
    assert!(town.told("card_pooling").is_empty());
}

#[test]
fn a_run_of_cards_in_a_quiet_hour_is_told_and_a_family_is_not() {
    let mut town = Town::default();
    let many: Vec<(String, String)> = (0..14).map(|n| (format!("P{n}"), format!("F{n}"))).collect();
    let many: Vec<(&str, &str)> = many.iter().map(|(p, f)| (p.as_str(), f.as_str())).collect();
    together(&mut town, &many, &["2026-03-03"], "I10.x00");
    ordinary_customers(&mut town);
    assert_eq!(town.told("pharmacy_burst").len(), 1);
    let mut town = Town::default();
    together(&mut town, &many.iter().map(|(p, _)| (*p, "F")).collect::<Vec<_>>(), &["2026-03-03"], "I10.x00");
    ordinary_customers(&mut town);
    assert!(town.told("pharmacy_burst").is_empty());
}

fn ordinary_customers(town: &mut Town) {
    for n in 0..90 {
        let person = format!("C{n}");
        town.person(&person, &person);
        let begin = format!("2026-{:02}-{:02} {:02}:{:02}", 1 + n % 9, 1 + n % 27, 9 + n % 9, (n * 7) % 60);
        town.visit(
            &person,
            "S1",
            "41",
            (&begin, &begin),
            "J06.900",
            vec![line(&format!("D{}", n % 7), "09", 1, 2000 + 13 * i64::from(n))],
        );
    }
}

#[test]
fn different_baskets_at_one_price_are_told_and_a_school_check_up_is_not() {
    let mut town = Town::default();
    ordinary_customers(&mut town);
    for n in 0..10_i64 {
        let person = format!("P{n}");
        town.person(&person, &person);
        let begin = format!("2026-03-03 {:02}:15", 8 + n);
        let (one, other) = (format!("D{}", n % 5), format!("E{n}"));
        let lines = vec![line(&one, "09", 1, 5000 + 10 * n), line(&other, "09", 1, 5000 - 10 * n)];
        town.visit(&person, "S1", "41", (&begin, &begin), "I10.x00", lines);
        let child = format!("K{n}");
        town.person(&child, &child);
        let begin = format!("2026-03-03 09:{:02}", 2 * n);
        town.visit(&child, "H2", "11", (&begin, &begin), "Z00.100", vec![line("T1", "04", 1, 10000)]);
    }
    let told = town.told("identical_amounts");
    assert_eq!(told.len(), 1, "{told:#?}");
    assert_eq!(told[0].members.visits.len(), 10);
    assert!(told[0].members.institutions.contains("S1"));
}

#[test]
fn copied_bills_are_told_and_twins_are_not() {
    let mut town = Town::default();
    let bill = || (0..9).map(|n| line(&format!("X{n}"), "09", 1 + n, 1000 * (n + 1))).collect::<Vec<_>>();
    for n in 0..5 {
        let (copy, twin) = (format!("P{n}"), format!("T{n}"));
        town.person(&copy, &copy);
        town.person(&twin, "one family");
        let begin = format!("2026-03-{:02} 09:00", 3 + n);
        town.visit(&copy, "H1", "11", (&begin, &begin), "M54.500", bill());
        town.visit(&twin, "H2", "11", (&begin, &begin), "J18.900", bill());
    }
    let told = town.told("similar_cases");
    assert_eq!(told.len(), 1);
    assert!(told[0].members.institutions.contains("H1"));
}

#[test]
fn rice_billed_as_medicine_is_told_and_a_shop_that_sells_what_it_bills_is_not() {
    let mut town = Town::default();
    ordinary_customers(&mut town);
    for n in 0..90 {
        let (visit, article) = (format!("C{n}-0"), format!("D{}", n % 7));
        town.moved("S1", &article, "sold", "2026-03-01 10:00", 1, Some(&visit));
    }
    assert!(town.told("substitution").is_empty());
    for moved in town.stock.iter_mut().filter(|moved| moved.med_list_codg.as_deref() == Some("D0")).skip(1) {
        moved.med_list_codg = Some("RICE".to_owned());
        moved.med_list_name = Some("五常大米".to_owned());
    }
    for goods in ["OIL", "SOAP", "CUP"] {
        town.moved("S1", goods, "bought", "2026-02-01 10:00", 20, None);
    }
    let told = town.told("substitution");
    assert_eq!(told.len(), 1);
    assert_eq!((told[0].members.visits.len(), told[0].members.lines.len()), (12, 12));
    assert!(told[0].why.contains("五常大米"));
}

#[test]
fn more_billed_than_bought_is_told_and_an_unknown_opening_is_not() {
    let mut town = Town::default();
    for n in 0..40 {
        let person = format!("C{n}");
        town.person(&person, &person);
        for (place, at) in [("S1", "2026-03-03 10:00"), ("S2", "2026-03-04 10:00")] {
            town.visit(&person, place, "41", (at, at), "I10.x00", vec![line("D1", "09", 2, 9000)]);
        }
    }
    town.moved("S1", "D1", "counted", "2026-01-01 08:00", 10, None);
    town.moved("S1", "D1", "bought", "2026-02-01 08:00", 30, None);
    town.moved("S2", "D1", "bought", "2026-02-01 08:00", 30, None);
    let told = town.told("stock_gap");
    assert_eq!(told.len(), 1, "{told:#?}");
    assert!(told[0].members.articles.contains("S1|D1"));
}

#[test]
fn a_package_sold_twice_is_told_and_one_that_came_back_is_not() {
    let mut town = Town::default();
    for (person, place) in [("P1", "S1"), ("P2", "S1"), ("P3", "S2"), ("P4", "S2")] {
        town.person(person, person);
        let at = format!("2026-03-1{} 10:00", &person[1..]);
        let mut drug = line("D1", "09", 1, 4000);
        drug.drug_trac_codg = Some(vec![format!("CODE-{place}")]);
        town.visit(person, place, "41", (&at, &at), "I10.x00", vec![drug]);
    }
    town.moved("S2", "D1", "sold_back", "2026-03-13 12:00", 1, None);
    town.stock[0].drug_trac_codg = Some(vec!["CODE-S2".to_owned()]);
    let told = town.told("trace_reuse");
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].stake.fee, Fen(4000), "the first sale was honest");
    assert!(told[0].members.institutions.contains("S1"));
}

#[test]
fn a_dead_patient_is_told_and_an_errand_during_a_stay_is_not() {
    let mut town = Town::default();
    town.person("P1", "P1").death_date = parse_date("2026-03-01");
    town.visit("P1", "H2", "11", ("2026-03-05 09:00", "2026-03-05 09:10"), "I10.x00", vec![line("T1", "04", 1, 4000)]);
    town.person("P2", "P2");
    town.visit("P2", "H1", "21", ("2026-03-01 09:00", "2026-03-10 09:00"), "J18.900", vec![line("D1", "09", 1, 4000)]);
    town.visit("P2", "S1", "41", ("2026-03-05 09:00", "2026-03-05 09:10"), "I10.x00", vec![line("D1", "09", 1, 4000)]);
    let told = town.told("phantom_visits");
    let persons: Vec<_> = told.iter().flat_map(|one| one.members.persons.clone()).collect();
    assert_eq!(persons, ["P1"]);
}

#[test]
fn supplies_for_a_year_in_a_month_are_told_and_monthly_refills_are_not() {
    let mut town = Town::default();
    for (person, step) in [("P1", 3), ("P2", 30)] {
        town.person(person, person);
        for n in 0..12 {
            let day = parse_date("2026-01-05").unwrap().saturating_add(jiff::Span::new().days(n * step));
            let mut drug = line("D1", "09", 1, 4000);
            drug.prd_days = Some(Exact::whole(30));
            let at = format!("{day} 10:00");
            town.visit(
                person,
                ["S1", "S2", "H1"][usize::try_from(n % 3).unwrap()],
                "41",
                (&at, &at),
                "I10.x00",
                vec![drug],
            );
        }
    }
    let told = town.told("over_prescribing");
    let persons: Vec<_> = told.iter().flat_map(|one| one.members.persons.clone()).collect();
    assert_eq!(persons, ["P1"]);
}
