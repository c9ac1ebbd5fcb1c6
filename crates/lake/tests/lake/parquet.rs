//! What goes in by rows comes out equal.

use std::collections::BTreeMap;
use std::path::Path;

use encounter::{Encounter, History};
use lake::{Lake, Month, MonthWriter, PartReader, PersonWriter};
use proptest::prelude::*;

use crate::claims::Dice;

/// Writes histories, each into its part and its visits into their months.
pub fn write(folder: &Path, parts: u32, histories: &[History]) -> Lake {
    let lake = Lake::create(folder, parts).expect("a lake");
    for part in 0..parts {
        let mut persons = PersonWriter::new(&lake, part);
        let mut months: BTreeMap<Month, MonthWriter> = BTreeMap::new();
        for history in histories {
            let psn_no = history.person.psn_no.as_deref().expect("a number");
            if lake.part_of(psn_no) != part {
                continue;
            }
            persons.add(&history.person).expect("written");
            let mut own: BTreeMap<Month, Vec<Encounter>> = BTreeMap::new();
            for visit in &history.encounters {
                own.entry(Month::of_visit(visit)).or_default().push(visit.clone());
            }
            for (month, visits) in own {
                let writer = months.entry(month).or_insert_with(|| MonthWriter::new(&lake, month, part));
                writer.add(psn_no, &visits).expect("written");
            }
        }
        persons.finish().expect("written");
        months.into_values().for_each(|writer| writer.finish().expect("written"));
    }
    lake
}

/// Everything in a lake, in order of person.
pub fn read(lake: &Lake) -> Vec<History> {
    let months = lake.months().expect("months");
    let mut histories = Vec::new();
    for part in 0..lake.parts() {
        let mut reader = PartReader::open(lake, part, &months, &|_| None).expect("opened");
        while let Some(history) = reader.next_history().expect("read") {
            histories.push(history);
        }
    }
    histories.sort_by(|one, other| one.person.psn_no.cmp(&other.person.psn_no));
    histories
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn whatever_goes_into_the_lake_by_rows_comes_out_equal(seed in any::<u64>(), persons in 1..40_u64, parts in 1..4_u32) {
        let histories = Dice(seed).histories(persons);
        let folder = tempfile::tempdir().expect("a folder");
        let lake = write(&folder.path().join("lake"), parts, &histories);
        prop_assert_eq!(read(&lake), histories);
    }
}

#[test]
fn writing_a_month_again_replaces_it_and_an_empty_month_goes_away() {
    let histories = Dice(7).histories(5);
    let folder = tempfile::tempdir().expect("a folder");
    let lake = write(&folder.path().join("lake"), 1, &histories);
    let month = lake.months().expect("months")[0];
    MonthWriter::new(&lake, month, 0).finish().expect("emptied");
    let left = read(&lake);
    assert!(left.iter().flat_map(|history| &history.encounters).all(|visit| Month::of_visit(visit) != month));
    let before: usize = histories.iter().map(|history| history.encounters.len()).sum();
    let after: usize = left.iter().map(|history| history.encounters.len()).sum();
    assert!(after < before, "{after} of {before}");
}

#[test]
fn a_visit_without_a_number_is_refused_by_name() {
    let folder = tempfile::tempdir().expect("a folder");
    let lake = Lake::create(&folder.path().join("lake"), 1).expect("a lake");
    let mut writer = MonthWriter::new(&lake, Month(202601), 0);
    let visit = Encounter { psn_no: Some("P1".into()), ..Encounter::default() };
    let error = writer.add("P1", &[visit]).expect_err("no number").to_string();
    assert!(error.contains("P1") && error.contains("mdtrt_id"), "{error}");
}
