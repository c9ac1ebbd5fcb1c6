//! 个人的安排: people who hoard drugs or go from doctor to doctor, cards that outlive their owners;
//! and those on a course of treatment, on dialysis, with a long prescription, with a twin.

use jiff::ToSpan as _;

use super::Script;
use super::stage::{Scene, Stage, chronic};
use crate::disease::Disease;
use crate::person::Person;
use crate::plan::{DIALYSIS_VISITS, Kind};

const NO_BED: (Kind, i64) = (Kind::Outpatient, 0);
const SHOP: (Kind, i64) = (Kind::Pharmacy, 0);
const REFILL: (Kind, i64) = (Kind::Chronic, 0);

/// A drug in packages for what the person has on file.
fn drug_of(stage: &mut Stage<'_>, person: &Person) -> Option<usize> {
    let own = person.chronic.get(usize::from(chronic(person)?))?;
    let codes = &stage.city.region.chronic[own.disease].diagnoses;
    let about = |disease: &&Disease| codes.iter().any(|code| disease.is_about(code.get(..3).unwrap_or(code)));
    let disease = stage.city.shelves.diseases.iter().find(about)?;
    let (begin, end) = (stage.date(0), stage.date(stage.days()));
    let fits = |at: &usize| {
        let item = &stage.city.region.items[*at];
        item.pack.is_some() && item.period.covers(begin) && item.period.covers(end) && !item.name.contains("注射")
    };
    let drugs: Vec<usize> = disease.drugs.iter().copied().filter(fits).collect();
    stage.dice.pick(&drugs).copied()
}

fn chronic_patient(stage: &mut Stage<'_>) -> Option<Person> {
    stage.persons(1, |person| person.age >= 45 && chronic(person).is_some()).pop()
}

/// 超量开药: weeks of the same drug, from several hospitals, every few days.
pub(super) fn over_prescribing(stage: &mut Stage<'_>) {
    let lasts = stage.dice.range(80, 170);
    let (Some(start), Some(person)) = (stage.start(lasts), chronic_patient(stage)) else {
        return;
    };
    let Some(item) = drug_of(stage, &person) else {
        return;
    };
    let places: Vec<usize> = (0..stage.dice.range(2, 4)).filter_map(|_| stage.hospital(&["1", "2", "3"])).collect();
    let mut day = start;
    while day < start + lasts {
        let Some(place) = stage.dice.pick(&places).copied() else {
            return;
        };
        let days = stage.dice.pick(&[28, 30, 30, 56]).copied().unwrap_or(28);
        let minute = stage.dice.range(480, 1000);
        stage.act(&person, Scene::at(day, minute, place), REFILL, Script::Supply { item, days });
        day += stage.dice.range(5, 12);
    }
}

/// 长期处方: twelve weeks at once, every twelve weeks.
pub(super) fn long_supply(stage: &mut Stage<'_>) {
    let times = stage.dice.range(2, 4).min(stage.days() / 86);
    let (Some(start), Some(person)) = (stage.start(times * 84), chronic_patient(stage)) else {
        return;
    };
    let (Some(item), Some(place)) = (drug_of(stage, &person), stage.hospital(&["1", "2"])) else {
        return;
    };
    for time in 0..times {
        let day = start + time * 84 - stage.dice.range(0, 3).min(start);
        let minute = stage.dice.range(480, 1000);
        stage.act(&person, Scene::at(day, minute, place), REFILL, Script::Supply { item, days: 84 });
    }
}

/// 频繁就诊: from doctor to doctor and shop to shop for months.
pub(super) fn frequent_person(stage: &mut Stage<'_>) {
    let lasts = stage.dice.range(60, 130);
    let (Some(start), Some(person)) = (stage.start(lasts), stage.persons(1, |p| (30..75).contains(&p.age)).pop())
    else {
        return;
    };
    let about = stage.dice.pick(&["F51.000", "M54.500", "F41.900", "R51.x00"]).copied().unwrap_or("M54.500");
    let hospitals: Vec<usize> = (0..stage.dice.range(4, 8)).filter_map(|_| stage.anywhere(false)).collect();
    for day in start..start + lasts {
        if !stage.dice.chance(520) {
            continue;
        }
        let mut minute = stage.dice.range(480, 620);
        for _ in 0..stage.dice.range(1, 3) {
            if stage.dice.chance(250) {
                let Some(shop) = stage.anywhere(true) else {
                    return;
                };
                stage.act(&person, Scene::at(day, minute, shop), SHOP, Script::Usual);
            } else if let Some(place) = stage.dice.pick(&hospitals).copied() {
                stage.act(&person, Scene::at(day, minute, place).about(about), NO_BED, Script::Usual);
            }
            minute += stage.dice.range(70, 180);
        }
    }
}

/// 康复疗程: the same hospital on every working day of some weeks.
pub(super) fn rehab(stage: &mut Stage<'_>) {
    let sessions = stage.dice.range(15, 28);
    let (Some(start), Some(place)) = (stage.start(sessions * 7 / 5 + 3), stage.hospital(&["2", "3"])) else {
        return;
    };
    let kinds = ["运动疗法", "偏瘫肢体综合训练", "推拿治疗(腰椎间盘突出)", "普通针刺"];
    let name = stage.dice.pick(&kinds).copied().unwrap_or("运动疗法");
    let (Some(item), Some(person)) = (stage.named(name), stage.persons(1, |p| p.age >= 35).pop()) else {
        return;
    };
    let minute = stage.dice.range(490, 980);
    let working = (start..).filter(|day| day % 7 < 5).take(usize::try_from(sessions).unwrap_or(0));
    for day in working {
        let scene = Scene::at(day, minute + stage.dice.range(0, 12), place).about("I69.300");
        stage.act(&person, scene, NO_BED, Script::Course(item));
    }
}

/// 换药: every other day until the wound is closed.
pub(super) fn dressing(stage: &mut Stage<'_>) {
    let times = stage.dice.range(8, 14);
    let (Some(start), Some(place)) = (stage.start(times * 2), stage.hospital(&["1", "2"])) else {
        return;
    };
    let (Some(item), Some(person)) = (stage.named("换药(中)"), stage.persons(1, |p| p.age >= 20).pop()) else {
        return;
    };
    for time in 0..times {
        let scene = Scene::at(start + time * 2, stage.dice.range(485, 690), place).about("Z48.000");
        stage.act(&person, scene, NO_BED, Script::Course(item));
    }
}

/// 透析: someone of the city's own dialysis patients is named; the visits are ordinary life.
pub(super) fn dialysis(stage: &mut Stage<'_>) {
    let end = stage.date(stage.days());
    let wanted = |person: &Person| {
        let filed = person.chronic.iter().any(|own| own.filed && own.visits_a_year >= DIALYSIS_VISITS);
        filed && person.death.is_none_or(|death| death.day >= end)
    };
    let Some(person) = stage.any_persons(1, wanted).pop() else {
        return;
    };
    // A visit for the fistula, so that the case has a visit of its own.
    let (Some(day), Some(place)) = (stage.start(1), stage.hospital(&["2", "3"])) else {
        return;
    };
    let minute = stage.dice.range(1150, 1200);
    stage.act(&person, Scene::at(day, minute, place).about("N18.500"), NO_BED, Script::Usual);
}

/// 冒用死者: cards that go on buying after a funeral.
pub(super) fn phantom_dead(stage: &mut Stage<'_>) {
    let lasts = stage.dice.range(30, 110);
    let (begin, last) = (stage.date(0), stage.date((stage.days() - lasts).max(0)));
    let count = usize::try_from(stage.dice.range(2, 4)).unwrap_or(2);
    let dead =
        |person: &Person| person.age >= 50 && person.death.is_some_and(|death| begin < death.day && death.day < last);
    let persons = stage.any_persons(count, dead);
    let Some(place) = stage.pharmacy().filter(|_| !persons.is_empty()) else {
        return;
    };
    stage.guilty(place);
    for person in &persons {
        let Some(death) = person.death else {
            continue;
        };
        let first = begin.until(death.day).map_or(0, |span| i64::from(span.get_days()));
        debug_assert!(begin.saturating_add(first.days()) == death.day);
        for _ in 0..stage.dice.range(3, 8) {
            let (day, minute) = (first + stage.dice.range(3, lasts), stage.dice.range(490, 1200));
            stage.act(person, Scene::at(day, minute, place), SHOP, Script::Usual);
        }
    }
}

/// 住院期间冒名: a clinic bills people who lie in a hospital.
pub(super) fn phantom_elsewhere(stage: &mut Stage<'_>) {
    let (count, weeks) = (stage.dice.range(6, 11), stage.dice.range(30, 90));
    let (Some(start), Some(place)) = (stage.start(weeks + 14), stage.hospital(&["1"])) else {
        return;
    };
    stage.guilty(place);
    for person in stage.persons(count, |person| person.age >= 50) {
        let (day, nights) = (start + stage.dice.range(0, weeks), stage.dice.range(7, 12));
        let Some(hospital) = stage.hospital(&["2", "3"]) else {
            return;
        };
        let scene = Scene::at(day, stage.dice.range(485, 690), hospital);
        stage.extra(&person, scene, (Kind::Stay, nights), Script::Usual);
        for _ in 0..stage.dice.range(2, 4) {
            let scene = Scene::at(day + stage.dice.range(1, nights - 1), stage.dice.range(485, 1000), place);
            stage.act(&person, scene, NO_BED, Script::Usual);
        }
    }
}

/// 双胞胎: brother and sister cough together and get the same.
pub(super) fn twins(stage: &mut Stage<'_>) {
    let pair = |members: &[Person]| twins_of(members).is_some();
    let (Some(members), Some(place)) = (stage.family(2, pair), stage.hospital(&["1", "2"])) else {
        return;
    };
    let Some((one, other)) = twins_of(&members) else {
        return;
    };
    for time in 0..stage.dice.range(4, 8) {
        let Some(day) = stage.start(1) else {
            return;
        };
        let (minute, template) = (stage.dice.range(480, 1000), u64::from(stage.plot()) * 64 + time.unsigned_abs());
        for (turn, person) in (0..).zip([one, other]) {
            let scene = Scene::at(day, minute + turn * 4, place).about("J06.900");
            stage.act(person, scene, NO_BED, Script::Clone { template, loose: 40 });
        }
    }
}

fn twins_of(members: &[Person]) -> Option<(&Person, &Person)> {
    let child = |at: usize| members.get(at).filter(|person| person.age < 18);
    (0..members.len()).find_map(|at| Some((child(at)?, child(at + 1)?)).filter(|(one, other)| one.birth == other.birth))
}
