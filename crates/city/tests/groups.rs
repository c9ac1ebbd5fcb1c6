//! The city's stays through the fictional region's own schemes: enough of them, and of enough
//! kinds, that a month can be grouped, priced and cleared.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use city::{City, CityOptions, Mistake, RegionFiles, Visit};
use grouping::{Case, Grouper, Scratch, Sex, Status};
use terms::Quantity;

fn region() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../regions/999900")
}

fn grouper(scheme: &str) -> Grouper {
    let settings = schemes::workbook::Settings::default();
    let loaded = schemes::load(&region().join("grouping").join(scheme), &settings).unwrap();
    Grouper::compile(&loaded.scheme).unwrap()
}

fn years(visit: &Visit) -> u32 {
    let age = visit.person.birth.until((jiff::Unit::Year, visit.begin.date())).unwrap();
    u32::try_from(age.get_years()).unwrap()
}

fn case(visit: &Visit) -> Case {
    let chart = visit.chart.as_ref().unwrap();
    let hours = chart.icu.iter().map(|stay| stay.left.duration_since(stay.entered).as_hours()).sum::<i64>();
    Case {
        id: visit.label.clone(),
        diagnoses: visit.coded.iter().map(|row| row.code.clone()).collect(),
        procedures: visit.procedures.iter().map(|row| row.code.clone()).collect(),
        sex: Some(if visit.person.male { Sex::Male } else { Sex::Female }),
        age: Some(years(visit)),
        age_days: chart.age_days,
        weight: chart.newborn.map(|newborn| newborn.admission_weight),
        days: Some(chart.days),
        leaving_type: Some(visit.discharge_way.to_owned()),
        department: Some(visit.department.caty.clone()),
        icu_hours: Some(Quantity(hours * 10_000)),
        fee: Some(visit.total()),
        ..Case::default()
    }
}

fn stays() -> Vec<Visit> {
    let region = RegionFiles::read(&region()).unwrap();
    let options = CityOptions { people: 20_000, days: 92, ..CityOptions::default() };
    City::new(options, &region).unwrap().stays().collect()
}

#[test]
fn three_months_of_a_small_city_reach_more_than_eighty_groups_of_its_own_drg_scheme() {
    let grouper = grouper("hengzhou-drg");
    let mut scratch = Scratch::new();
    let mut by_group: BTreeMap<String, usize> = BTreeMap::new();
    let mut by_status: BTreeMap<String, usize> = BTreeMap::new();
    let mut mdcs = BTreeSet::new();
    let stays = stays();
    for visit in &stays {
        let answer = grouper.group(&case(visit), &mut scratch);
        *by_status.entry(format!("{:?}", answer.status)).or_default() += 1;
        let groups = grouper.groups(&answer);
        if answer.status == Status::Grouped {
            *by_group.entry(format!("{} {}", groups.group, groups.name)).or_default() += 1;
            mdcs.insert(groups.mdc.to_owned());
        } else {
            println!("{:?} {} {:?}", answer.status, groups.group, case(visit));
        }
    }
    println!("{} stays, {} groups, MDCs {mdcs:?}, {by_status:?}", stays.len(), by_group.len());
    for (group, count) in &by_group {
        println!("{count:>4} {group}");
    }
    assert!(by_group.len() >= 80, "{} groups", by_group.len());
    assert!(by_status["Grouped"] * 100 >= stays.len() * 92, "{by_status:?}");
}

#[test]
fn planted_mistakes_stand_on_about_three_lists_in_a_hundred() {
    let stays = stays();
    let mistakes: Vec<Mistake> = stays.iter().filter_map(|visit| visit.chart.as_ref().unwrap().mistake).collect();
    let kinds: BTreeSet<Mistake> = mistakes.iter().copied().collect();
    println!("{} of {}: {kinds:?}", mistakes.len(), stays.len());
    assert!((10..70).contains(&(mistakes.len() * 1000 / stays.len())), "{} of {}", mistakes.len(), stays.len());
    assert!(kinds.len() >= 4, "{kinds:?}");
    for visit in stays.iter().filter(|visit| visit.chart.as_ref().unwrap().mistake.is_none()) {
        assert_eq!(visit.coded, visit.diagnoses, "a list without a planted mistake says what the chart says");
    }
}
