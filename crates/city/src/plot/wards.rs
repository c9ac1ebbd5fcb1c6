//! 住院的安排: stays that were split, that nobody lay in, that only tested, that were fetched from a
//! village, that were coded up; and the honest stays that look so.

use super::Script;
use super::stage::{Scene, Stage};
use crate::plan::Kind;
use crate::random::Dice;

const FORENOON: (i64, i64) = (480, 690);

fn forenoon(dice: &mut Dice) -> i64 {
    dice.range(FORENOON.0, FORENOON.1)
}

fn one_of(dice: &mut Dice, things: &[&'static str]) -> &'static str {
    dice.pick(things).copied().unwrap_or("")
}

/// 分解住院: one long treatment as two to four stays in a row.
pub(super) fn split_stay(stage: &mut Stage<'_>) {
    let about = one_of(&mut stage.dice, &["I69.300", "J44.900", "M51.200", "I25.100", "E11.900", "I63.900", "M17.900"]);
    let parts = stage.dice.range(2, 4);
    let nights: Vec<i64> = (0..parts).map(|_| stage.dice.range(6, 13)).collect();
    let gaps: Vec<i64> = (0..parts)
        .map(|_| if stage.dice.chance(850) { stage.dice.range(0, 4) } else { stage.dice.range(5, 9) })
        .collect();
    let (Some(start), Some(place)) = (stage.start(nights.iter().chain(&gaps).sum()), stage.hospital(&["2", "3"]))
    else {
        return;
    };
    let Some(person) = stage.persons(1, |person| person.age >= 52).pop() else {
        return;
    };
    stage.guilty(place);
    let mut day = start;
    for (nights, gap) in nights.into_iter().zip(gaps) {
        let minute = forenoon(&mut stage.dice).max(740);
        stage.act(&person, Scene::at(day, minute, place).about(about), (Kind::Stay, nights), Script::Usual);
        day += nights + gap;
    }
}

/// 化疗: planned cycles, two or three weeks apart.
pub(super) fn chemotherapy(stage: &mut Stage<'_>) {
    let (cycles, every) = (stage.dice.range(4, 8), stage.dice.pick(&[14, 21, 21]).copied().unwrap_or(21));
    let nights = stage.dice.range(1, 3);
    let (Some(start), Some(place)) = (stage.start(cycles * every + 4), stage.hospital(&["3", "2"])) else {
        return;
    };
    let Some(person) = stage.persons(1, |person| (42..82).contains(&person.age)).pop() else {
        return;
    };
    for cycle in 0..cycles {
        let day = start + cycle * every + stage.dice.range(0, 2);
        let scene = Scene::at(day, forenoon(&mut stage.dice), place).about("Z51.100");
        stage.act(&person, scene, (Kind::Stay, nights), Script::Cycle);
    }
}

/// 复发再入院: home for some days, then back through the emergency room, ill indeed.
pub(super) fn relapse(stage: &mut Stage<'_>) {
    let about = one_of(&mut stage.dice, &["J44.100", "I50.900", "K92.200", "I50.000"]);
    let (first, gap, second) = (stage.dice.range(5, 11), stage.dice.range(3, 13), stage.dice.range(5, 12));
    let (Some(start), Some(place)) = (stage.start(first + gap + second), stage.hospital(&["2", "3"])) else {
        return;
    };
    let Some(person) = stage.persons(1, |person| person.age >= 62).pop() else {
        return;
    };
    let minute = forenoon(&mut stage.dice);
    stage.act(&person, Scene::at(start, minute, place).about(about), (Kind::Urgent, first), Script::Relapse);
    let minute = stage.dice.range(20, 1380);
    let scene = Scene::at(start + first + gap, minute, place).about(about);
    stage.act(&person, scene, (Kind::Urgent, second), Script::Relapse);
}

/// 挂床住院: beds billed for weeks whose patients sleep at home, and shop while they are ill.
pub(super) fn paper_stay(stage: &mut Stage<'_>) {
    let count = stage.dice.range(6, 13);
    let weeks = stage.dice.range(30, 80);
    let (Some(start), Some(place)) = (stage.start(weeks + 14), stage.hospital(&["1", "2"])) else {
        return;
    };
    stage.guilty(place);
    for person in stage.persons(count, |person| person.age >= 45) {
        let about = one_of(&mut stage.dice, &["M54.500", "I10.x00", "I69.300", "M47.800", "E11.900", "J40.x00"]);
        let (day, nights) = (start + stage.dice.range(0, weeks), stage.dice.range(7, 13));
        // One in six has its signs copied, so that only the rest of the picture tells.
        let signs = if stage.dice.chance(160) { nights + 1 } else { stage.dice.range(0, 2) };
        let script = Script::Paper { signs: u16::try_from(signs).unwrap_or(0) };
        let minute = forenoon(&mut stage.dice);
        stage.act(&person, Scene::at(day, minute, place).about(about), (Kind::Stay, nights), script);
        for _ in 0..stage.dice.pick(&[0, 0, 1, 1, 2]).copied().unwrap_or(0) {
            let shop = stage.anywhere(true);
            let (day, minute) = (day + stage.dice.range(2, nights - 2), stage.dice.range(500, 1200));
            let scene = Scene { day, minute, place: shop, about: "", doctor: None };
            stage.extra(&person, scene, (Kind::Pharmacy, 0), Script::Usual);
        }
    }
}

/// 批准外出: some days at home on leave, which are not billed.
pub(super) fn leave(stage: &mut Stage<'_>) {
    let (nights, days) = (stage.dice.range(9, 18), stage.dice.range(2, 4));
    let (Some(start), Some(place)) = (stage.start(nights), stage.hospital(&["2", "3"])) else {
        return;
    };
    let Some(person) = stage.persons(1, |person| person.age >= 40).pop() else {
        return;
    };
    let scene = Scene::at(start, forenoon(&mut stage.dice), place).about("I69.300");
    stage.act(&person, scene, (Kind::Stay, nights), Script::Leave { days: u16::try_from(days).unwrap_or(2) });
}

/// 体检式住院: two or three nights of tests for people who feel a little dizzy.
pub(super) fn checkup_stay(stage: &mut Stage<'_>) {
    let (count, weeks) = (stage.dice.range(8, 17), stage.dice.range(25, 90));
    let (Some(start), Some(place)) = (stage.start(weeks + 5), stage.hospital(&["2", "3"])) else {
        return;
    };
    stage.guilty(place);
    for person in stage.persons(count, |person| (30..80).contains(&person.age)) {
        let about = one_of(&mut stage.dice, &["R42.x00", "R51.x00", "I10.x00", "R07.400", "K29.500", "E78.500"]);
        let scene = Scene::at(start + stage.dice.range(0, weeks), forenoon(&mut stage.dice), place).about(about);
        let nights = stage.dice.range(2, 4);
        stage.act(&person, scene, (Kind::Stay, nights), Script::Tests);
    }
}

/// 急诊诊断: as many tests in as few days, but for someone who is ill, and is treated.
pub(super) fn workup(stage: &mut Stage<'_>) {
    let about = one_of(&mut stage.dice, &["R07.400", "R55.x00", "R10.400", "I20.900", "G45.900"]);
    let nights = stage.dice.range(2, 4);
    let (Some(start), Some(place)) = (stage.start(nights), stage.hospital(&["2", "3"])) else {
        return;
    };
    let Some(person) = stage.persons(1, |person| person.age >= 35).pop() else {
        return;
    };
    let minute = stage.dice.range(30, 1390);
    stage.act(&person, Scene::at(start, minute, place).about(about), (Kind::Urgent, nights), Script::Workup);
}

/// 组团住院: a village is fetched by bus, admitted on a day or two and sent home together.
pub(super) fn admission_cluster(stage: &mut Stage<'_>) {
    let (count, nights) = (stage.dice.range(8, 17), stage.dice.range(5, 8));
    let (Some(start), Some(place)) = (stage.start(nights + 2), stage.hospital(&["1", "2"])) else {
        return;
    };
    stage.guilty(place);
    let about = ["M54.500", "M47.800", "I10.x00", "K29.500", "J40.x00"];
    for person in stage.neighbours(count, |person| person.age >= 50) {
        let late = i64::from(stage.dice.chance(200));
        let about = one_of(&mut stage.dice, &about);
        let scene = Scene::at(start + late, stage.dice.range(540, 660), place).about(about);
        stage.act(&person, scene, (Kind::Stay, nights - late), Script::Usual);
    }
}

/// 食物中毒: a village eats together and is admitted together, ill indeed, and leaves one by one.
pub(super) fn food_poisoning(stage: &mut Stage<'_>) {
    let count = stage.dice.range(7, 14);
    let (Some(start), Some(place)) = (stage.start(6), stage.hospital(&["2", "3"])) else {
        return;
    };
    for person in stage.neighbours(count, |person| person.age >= 4) {
        let about = one_of(&mut stage.dice, &["A04.900", "A02.000", "A09.000"]);
        let minute = stage.dice.range(1080, 1425);
        let nights = stage.dice.range(1, 4);
        stage.act(&person, Scene::at(start, minute, place).about(about), (Kind::Urgent, nights), Script::Relapse);
    }
}

const MILD: [&str; 6] = ["J18.900", "J44.900", "K29.500", "I25.100", "N39.000", "E11.900"];

/// 高套编码: ordinary stays whose lists name grave diseases that nobody treated.
pub(super) fn upcoding(stage: &mut Stage<'_>) {
    let (count, weeks) = (stage.dice.range(14, 26), stage.dice.range(50, 110));
    let (Some(start), Some(place)) = (stage.start(weeks + 12), stage.hospital(&["2", "3"])) else {
        return;
    };
    stage.guilty(place);
    for person in stage.persons(count, |person| person.age >= 40) {
        let (about, nights) = (one_of(&mut stage.dice, &MILD), stage.dice.range(5, 10));
        let scene = Scene::at(start + stage.dice.range(0, weeks), forenoon(&mut stage.dice), place).about(about);
        let diagnoses = u8::try_from(stage.dice.range(1, 3)).unwrap_or(2);
        stage.act(&person, scene, (Kind::Stay, nights), Script::Heavier { diagnoses });
    }
}

/// 危重患者: a hospital that treats the gravely ill: as many grave diagnoses, and what they need.
pub(super) fn grave(stage: &mut Stage<'_>) {
    let (count, weeks) = (stage.dice.range(10, 18), stage.dice.range(50, 110));
    let (Some(start), Some(place)) = (stage.start(weeks + 16), stage.hospital(&["3"])) else {
        return;
    };
    for person in stage.persons(count, |person| person.age >= 55) {
        let (about, nights) = (one_of(&mut stage.dice, &MILD), stage.dice.range(7, 15));
        let scene = Scene::at(start + stage.dice.range(0, weeks), stage.dice.range(30, 1400), place).about(about);
        stage.act(&person, scene, (Kind::Urgent, nights), Script::Grave);
    }
}

/// 临床路径: day surgery by a pathway: bills alike, but for what each patient needs.
pub(super) fn pathway(stage: &mut Stage<'_>) {
    let (count, weeks) = (stage.dice.range(12, 24), stage.dice.range(40, 120));
    let (Some(start), Some(place)) = (stage.start(weeks + 2), stage.hospital(&["3", "2"])) else {
        return;
    };
    let template = u64::from(stage.plot());
    for person in stage.persons(count, |person| person.age >= 58) {
        let scene = Scene::at(start + stage.dice.range(0, weeks), forenoon(&mut stage.dice), place).about("H25.900");
        stage.act(&person, scene, (Kind::DaySurgery, 1), Script::Clone { template, loose: 380 });
    }
}
