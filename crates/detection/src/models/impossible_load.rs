//! 医师超常工作量: more patients than one doctor can see, or in two places at once.

use super::Model;
use crate::book::{Book, Sort};
use crate::facts::Suspicion;
use crate::numbers::{centre_and_spread, whole};
use crate::score::Score;
use crate::settings::Parameters;
use std::collections::{BTreeMap, BTreeSet};

pub(super) const MODEL: Model = Model {
    id: "impossible_load",
    numbers: &["hour_minutes", "least_visits", "least_spread", "apart_minutes"],
    lists: &[],
    parts: &["hour", "day", "places", "night"],
    run,
};

fn run(book: &Book<'_>, parameters: &Parameters) -> Vec<Suspicion> {
    let mut days: Vec<BTreeMap<i64, Vec<usize>>> = vec![BTreeMap::new(); book.doctors.len()];
    for (doctor, visits) in book.of_doctor.iter().enumerate() {
        for at in visits.iter().filter(|at| book.visits[**at].sort == Sort::Clinic) {
            if let Some(day) = book.visits[*at].day() {
                days[doctor].entry(day).or_default().push(*at);
            }
        }
    }
    let loads: Vec<f64> = days.iter().flat_map(BTreeMap::values).map(|visits| whole(visits.len())).collect();
    let Some(usual) = centre_and_spread(&loads, parameters.number("least_spread")) else { return Vec::new() };
    let mut found = Vec::new();
    for (doctor, days) in days.iter().enumerate() {
        for (day, visits) in days.iter().filter(|(_, visits)| visits.len() >= parameters.count("least_visits")) {
            found.extend(judge(book, parameters, doctor, *day, visits, usual));
        }
    }
    found
}

fn judge(
    book: &Book<'_>,
    parameters: &Parameters,
    doctor: usize,
    day: i64,
    visits: &[usize],
    (centre, spread): (f64, f64),
) -> Option<Suspicion> {
    let minutes: Vec<i64> = visits.iter().filter_map(|at| book.visits[*at].begin).collect();
    let hour = parameters.whole("hour_minutes");
    let pace = (0..minutes.len()).map(|i| minutes[i..].iter().take_while(|m| **m < minutes[i] + hour).count()).max()?;
    let places: BTreeSet<usize> = visits.iter().filter_map(|at| book.visits[*at].place).collect();
    let apart = parameters.whole("apart_minutes");
    let jumps = visits.windows(2).filter(|two| {
        let (a, b) = (&book.visits[two[0]], &book.visits[two[1]]);
        a.place != b.place && a.begin.zip(b.begin).is_some_and(|(a, b)| b - a < apart)
    });
    let jumps = jumps.count();
    let night = minutes.iter().filter(|minute| !(360..1320).contains(&minute.rem_euclid(1440))).count();
    let mut score = Score::new(parameters);
    score
        .part("hour", Some(whole(pace)), format!("最忙 {hour} 分钟内 {pace} 人次"))
        .part(
            "day",
            Some((whole(visits.len()) - centre) / spread),
            format!("当日 {} 人次，医师日通常 {centre} 人次", visits.len()),
        )
        .part("places", Some(whole(jumps)), format!("当日出现在 {} 家机构，来不及往返的次数", places.len()))
        .part("night", Some(whole(night)), "夜间（22 时至 6 时）人次");
    let date = crate::book::date_of(day);
    let why = format!("医师 {} 在 {date} 接诊 {} 人次，超出一人所能", book.doctors[doctor], visits.len());
    score.suspicion(format!("{}/{date}", book.doctors[doctor]), book.members(visits), book.stake(visits), why)
}
