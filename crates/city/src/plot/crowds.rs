//! 成群的安排: many people at one pharmacy or clinic: cards swiped together, amounts alike, bills
//! cloned, doctors who see more than a day holds; and families, classes, homes and rushes.

use super::Script;
use super::stage::{Scene, Stage, chronic};
use crate::claims::Member;
use crate::person::Person;
use crate::plan::Kind;

const NO_BED: (Kind, i64) = (Kind::Outpatient, 0);
const SHOP: (Kind, i64) = (Kind::Pharmacy, 0);

fn grown(person: &Person) -> bool {
    person.age >= 20
}

/// 集中刷卡: a pharmacy swipes card after card within half an hour, on some evenings.
pub(super) fn pharmacy_burst(stage: &mut Stage<'_>) {
    let (times, weeks) = (stage.dice.range(4, 9), stage.dice.range(30, 120));
    let (Some(start), Some(place)) = (stage.start(weeks), stage.pharmacy()) else {
        return;
    };
    stage.guilty(place);
    let count = stage.dice.range(35, 70);
    let cards = stage.persons(count, grown);
    for _ in 0..times {
        let (day, mut minute) = (start + stage.dice.range(0, weeks - 1), stage.dice.range(1080, 1230));
        let swipes = stage.dice.range(12, 24).min(i64::try_from(cards.len()).unwrap_or(0));
        let first = stage.dice.below(u64::try_from(cards.len()).unwrap_or(1));
        for turn in 0..swipes {
            let at = usize::try_from(first + turn.unsigned_abs()).unwrap_or(0) % cards.len();
            let script = match stage.dice.chance(350) {
                true => Script::Amount(stage.dice.range(9, 32) * 1_000),
                false => Script::Usual,
            };
            stage.act(&cards[at], Scene::at(day, minute, place), SHOP, script);
            minute += stage.dice.range(1, 3);
        }
    }
}

/// 月末集中购药: many customers, but over the whole day and each with a need of their own.
pub(super) fn month_end(stage: &mut Stage<'_>) {
    let (Some(start), Some(place)) = (stage.start(70), stage.pharmacy()) else {
        return;
    };
    for month in 0..2 {
        let count = stage.dice.range(35, 60);
        for person in stage.persons(count, grown) {
            let day = start + month * 30 + stage.dice.range(0, 1);
            let minute = stage.dice.range(480, 1230);
            stage.act(&person, Scene::at(day, minute, place), SHOP, Script::Usual);
        }
    }
}

/// 医院旁的药店: first the doctor, then the pharmacy next door, all day long.
pub(super) fn beside_hospital(stage: &mut Stage<'_>) {
    let weeks = 30;
    let (Some(start), Some(shop)) = (stage.start(weeks), stage.pharmacy()) else {
        return;
    };
    let Some(hospital) = stage.anywhere(false) else {
        return;
    };
    let count = stage.dice.range(90, 140);
    for person in stage.persons(count, |_| true) {
        let (day, minute) = (start + stage.dice.range(0, weeks - 1), stage.dice.range(480, 1000));
        stage.act(&person, Scene::at(day, minute, hospital), NO_BED, Script::Usual);
        let after = minute + stage.dice.range(45, 120);
        stage.act(&person, Scene::at(day, after, shop), SHOP, Script::Usual);
    }
}

/// 等额结算: purchases that come to the same round sum for weeks.
pub(super) fn identical_amounts(stage: &mut Stage<'_>) {
    let (count, weeks) = (stage.dice.range(18, 40), stage.dice.range(20, 75));
    let (Some(start), Some(place)) = (stage.start(weeks), stage.pharmacy()) else {
        return;
    };
    stage.guilty(place);
    let usual = stage.dice.pick(&[19_800, 26_000, 30_000, 18_880, 36_800, 29_900]).copied().unwrap_or(19_800);
    for person in stage.persons(count, grown) {
        let amount = if stage.dice.chance(120) { usual + stage.dice.range(-40, 40) * 50 } else { usual };
        let (day, minute) = (start + stage.dice.range(0, weeks - 1), stage.dice.range(490, 1230));
        stage.act(&person, Scene::at(day, minute, place), SHOP, Script::Amount(amount));
    }
}

/// 三伏贴: one treatment at one price for everyone, on the days of the season.
pub(super) fn seasonal_patch(stage: &mut Stage<'_>) {
    let (Some(start), Some(place)) = (stage.start(24), stage.hospital(&["1", "2"])) else {
        return;
    };
    let Some(item) = stage.named("冬病夏治穴位贴敷") else {
        return;
    };
    let count = stage.dice.range(25, 45);
    for person in stage.persons(count, |person| person.age >= 30) {
        for round in 0..3 {
            let (day, minute) = (start + round * 10, stage.dice.range(480, 690));
            stage.act(&person, Scene::at(day, minute, place).about("J45.900"), NO_BED, Script::Course(item));
        }
    }
}

/// 集中持卡: someone keeps many cards and swipes some of them together, again and again.
pub(super) fn card_pooling(stage: &mut Stage<'_>) {
    let (count, times) = (stage.dice.range(12, 26), stage.dice.range(7, 14));
    let weeks = stage.dice.range(50, 140);
    let (Some(start), Some(place)) = (stage.start(weeks), stage.pharmacy()) else {
        return;
    };
    stage.guilty(place);
    let cards = stage.persons(count, |person| person.age >= 25);
    for _ in 0..times {
        let (day, mut minute) = (start + stage.dice.range(0, weeks - 1), stage.dice.range(500, 1190));
        for card in &cards {
            if !stage.dice.chance(380) {
                continue;
            }
            stage.act(card, Scene::at(day, minute, place), SHOP, Script::Usual);
            minute += stage.dice.range(1, 3);
        }
    }
}

/// 一家人: parents, children and a grandmother shop together, once a month.
pub(super) fn family(stage: &mut Stage<'_>) {
    let times = stage.dice.range(4, 9);
    let (Some(start), Some(place)) = (stage.start(times * 16), stage.anywhere(true)) else {
        return;
    };
    let Some(members) = stage.family(3, |_| true) else {
        return;
    };
    for time in 0..times {
        let (day, mut minute) = (start + time * 15 + stage.dice.range(0, 6), stage.dice.range(520, 1180));
        for person in &members {
            if stage.dice.chance(720) {
                stage.act(person, Scene::at(day, minute, place), SHOP, Script::Usual);
                minute += stage.dice.range(1, 4);
            }
        }
    }
}

/// 结伴: two friends who go together.
pub(super) fn friends(stage: &mut Stage<'_>) {
    let times = stage.dice.range(4, 8);
    let (Some(start), Some(place)) = (stage.start(times * 15), stage.anywhere(true)) else {
        return;
    };
    let pair = stage.neighbours(2, |person| person.age >= 55);
    for time in 0..times {
        let (day, minute) = (start + time * 14 + stage.dice.range(0, 8), stage.dice.range(480, 1080));
        for (turn, person) in (0..).zip(&pair) {
            stage.act(person, Scene::at(day, minute + turn * 3, place), SHOP, Script::Usual);
        }
    }
}

/// 养老院: a carer fetches the month's drugs for everyone at the community clinic. They live together.
pub(super) fn care_home(stage: &mut Stage<'_>) {
    let months = stage.dice.range(4, 9);
    let (Some(start), Some(place)) = (stage.start(months * 30 + 3), stage.hospital(&["1"])) else {
        return;
    };
    let (count, home) = (stage.dice.range(8, 14), format!("H{:08}", stage.plot()));
    let persons = stage.persons(count, |person| person.age >= 66 && chronic(person).is_some());
    for person in &persons {
        stage.lives_at(person, &home);
    }
    for month in 0..months {
        let (day, mut minute) = (start + month * 29 + stage.dice.range(0, 3), stage.dice.range(490, 620));
        for person in &persons {
            if stage.dice.chance(900) {
                stage.act(person, Scene::at(day, minute, place), (Kind::Chronic, 0), Script::Usual);
                minute += stage.dice.range(2, 5);
            }
        }
    }
}

/// 克隆账单: one bill, written again for patient after patient.
pub(super) fn similar_cases(stage: &mut Stage<'_>) {
    let (count, weeks) = (stage.dice.range(14, 30), stage.dice.range(20, 70));
    let stays = stage.dice.chance(350);
    let levels: &[&str] = if stays { &["1", "2"] } else { &["1"] };
    let (Some(start), Some(place)) = (stage.start(weeks + 8), stage.hospital(levels)) else {
        return;
    };
    stage.guilty(place);
    let (template, male) = (u64::from(stage.plot()), stage.dice.chance(500));
    let about = stage.dice.pick(&["M54.500", "J06.900", "K29.500", "I10.x00"]).copied().unwrap_or("M54.500");
    let visit = if stays { (Kind::Stay, stage.dice.range(4, 7)) } else { NO_BED };
    for person in stage.persons(count, |person| person.male == male && (20..80).contains(&person.age)) {
        let (day, minute) = (start + stage.dice.range(0, weeks - 1), stage.dice.range(485, 690));
        let loose = if stage.dice.chance(300) { 90 } else { 0 };
        stage.act(&person, Scene::at(day, minute, place).about(about), visit, Script::Clone { template, loose });
    }
}

/// 学校体检: a class on one morning, the same tests for each.
pub(super) fn school(stage: &mut Stage<'_>) {
    let (Some(day), Some(place)) = (stage.start(1), stage.hospital(&["1", "2"])) else {
        return;
    };
    let (count, mut minute) = (stage.dice.range(24, 38), 485);
    for person in stage.persons(count, |person| (7..15).contains(&person.age)) {
        stage.act(&person, Scene::at(day, minute, place).about("Z00.000"), NO_BED, Script::Class);
        minute += stage.dice.range(2, 5);
    }
}

/// 流感: a wave of coughing children at one clinic.
pub(super) fn flu(stage: &mut Stage<'_>) {
    let (Some(start), Some(place)) = (stage.start(15), stage.hospital(&["1", "2", "3"])) else {
        return;
    };
    let count = stage.dice.range(30, 55);
    for person in stage.persons(count, |person| person.age < 16) {
        let (day, minute) = (start + stage.dice.range(0, 7) + stage.dice.range(0, 7), stage.dice.range(480, 1010));
        stage.act(&person, Scene::at(day, minute, place).about("J11.100"), NO_BED, Script::Usual);
    }
}

/// 虚假就诊: a doctor who sees a hundred patients a day, a few minutes each, all day.
pub(super) fn phantom_load(stage: &mut Stage<'_>) {
    let (days, weeks) = (stage.dice.range(3, 7), stage.dice.range(20, 60));
    let (Some(start), Some(place)) = (stage.start(weeks), stage.hospital(&["1"])) else {
        return;
    };
    stage.guilty(place);
    let Some(doctor) = doctor(stage, place, true) else {
        return;
    };
    let count = stage.dice.range(70, 110);
    let persons = stage.persons(count, grown);
    for _ in 0..days {
        let (day, mut minute) = (start + stage.dice.range(0, weeks - 1), stage.dice.range(450, 490));
        for person in &persons {
            if !stage.dice.chance(880) {
                continue;
            }
            let scene = Scene { doctor: Some(doctor), ..Scene::at(day, minute, place) };
            stage.act(person, scene, NO_BED, Script::Usual);
            minute += stage.dice.range(2, 6);
        }
    }
}

/// 繁忙门诊: as many patients as a long day holds.
pub(super) fn busy_clinic(stage: &mut Stage<'_>) {
    let (Some(start), Some(place)) = (stage.start(20), stage.hospital(&["1"])) else {
        return;
    };
    let Some(doctor) = doctor(stage, place, false) else {
        return;
    };
    for round in 0..3 {
        let (day, mut minute) = (start + round * 6, stage.dice.range(475, 490));
        let count = stage.dice.range(34, 44);
        for person in stage.persons(count, |_| true) {
            let scene = Scene { doctor: Some(doctor), ..Scene::at(day, minute, place) };
            stage.act(&person, scene, NO_BED, Script::Usual);
            minute += stage.dice.range(8, 14);
        }
    }
}

fn doctor(stage: &mut Stage<'_>, place: usize, guilty: bool) -> Option<usize> {
    let doctors = stage.city.region.institutions[place].doctors.clone();
    let which = usize::try_from(stage.dice.below(u64::try_from(doctors.len()).unwrap_or(0))).ok()?;
    let one = doctors.get(which)?;
    if guilty {
        stage.member(Member::Doctor, one.code.clone());
    }
    Some(which)
}
