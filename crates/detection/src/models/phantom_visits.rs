//! 虚假就诊: a visit of someone who was dead, or lay in another bed.

use super::Model;
use crate::book::{Book, Purpose, Sort, day_of};
use crate::facts::Suspicion;
use crate::numbers::{share, shrunk, whole};
use crate::score::Score;
use crate::settings::Parameters;
use std::collections::BTreeMap;

pub(super) const MODEL: Model = Model {
    id: "phantom_visits",
    numbers: &["shrink_visits", "least_usual"],
    lists: &[],
    parts: &["dead", "two_beds", "in_bed", "again", "in_person", "place"],
    run,
};

/// What makes a visit impossible, or nearly.
#[derive(Default, Clone)]
struct Signs {
    /// Days after death.
    dead: Option<i64>,
    /// Full days that it shares with a stay elsewhere.
    two_beds: i64,
    /// A stay elsewhere on a full day of which it happened.
    in_bed: Option<usize>,
}

fn run(book: &Book<'_>, parameters: &Parameters) -> Vec<Suspicion> {
    let mut signs: BTreeMap<usize, Signs> = BTreeMap::new();
    for person in 0..book.persons.len() {
        look(book, person, &mut signs);
    }
    let mut odd = vec![0_usize; book.places.len()];
    for place in signs.keys().filter_map(|at| book.visits[*at].place) {
        odd[place] += 1;
    }
    let all: usize = book.of_place.iter().map(Vec::len).sum();
    let usual = share(whole(odd.iter().sum()), whole(all)).unwrap_or(0.0).max(parameters.number("least_usual"));
    let excess = |place: usize| {
        shrunk(whole(odd[place]), whole(book.of_place[place].len()), usual, parameters.number("shrink_visits")) / usual
    };
    let mut during: BTreeMap<(usize, Option<usize>), usize> = BTreeMap::new();
    for (at, sign) in &signs {
        if let Some(stay) = sign.in_bed {
            *during.entry((stay, book.visits[*at].place)).or_default() += 1;
        }
    }
    let judged = signs.iter().filter_map(|(at, sign)| {
        let visit = &book.visits[*at];
        let dead = book.person_facts[visit.person].and_then(|facts| facts.death_date);
        let in_person = visit.share(&[Purpose::Test, Purpose::Treatment]);
        let bed = sign.in_bed.and_then(|stay| book.visits[stay].place).map(|place| book.place_name(place));
        let again = sign.in_bed.map_or(0, |stay| during.get(&(stay, visit.place)).copied().unwrap_or(0));
        let mut score = Score::new(parameters);
        score
            .part(
                "dead",
                Some(crate::numbers::signed(sign.dead.unwrap_or(0))),
                dead.map_or("无死亡记录".to_owned(), |day| format!("死亡日期 {day}")),
            )
            .part("two_beds", Some(crate::numbers::signed(sign.two_beds)), "与另一机构住院重叠的整日数")
            .part(
                "in_bed",
                Some(f64::from(u8::from(sign.in_bed.is_some()))),
                bed.map_or("当日未在别处住院".to_owned(), |bed| format!("当日正住在 {bed}")),
            )
            .part("again", Some(whole(again)), "同一次住院期间在该机构就诊的次数")
            .part("in_person", in_person, "必须本人到场的检查治疗占费用")
            .part("place", visit.place.map(excess), "该机构此类就诊率相对全体的倍数");
        let why = format!("{} 的就诊 {} 时本人不可能在场", book.persons[visit.person], visit.id);
        score.suspicion(visit.id.to_owned(), book.members(&[*at]), book.stake(&[*at]), why)
    });
    judged.collect()
}

fn look(book: &Book<'_>, person: usize, signs: &mut BTreeMap<usize, Signs>) {
    let visits = &book.of_person[person];
    let died = book.person_facts[person].and_then(|facts| facts.death_date);
    let died = died.map(|day| day_of(crate::book::minute_of(day.at(0, 0, 0, 0))));
    let stays: Vec<usize> = visits.iter().copied().filter(|at| book.visits[*at].sort == Sort::Stay).collect();
    for at in visits {
        let visit = &book.visits[*at];
        let Some(day) = visit.day() else { continue };
        if died.is_some_and(|died| day > died) {
            signs.entry(*at).or_default().dead = died.map(|died| day - died);
        }
        for stay in stays.iter().filter(|stay| *stay != at) {
            let other = &book.visits[*stay];
            let (Some(begin), Some(end)) = (other.begin.map(day_of), other.end.map(day_of)) else { continue };
            let elsewhere = visit.place.is_some() && other.place.is_some() && visit.place != other.place;
            if visit.sort == Sort::Stay {
                let until = visit.end.map_or(day, day_of).min(end);
                let shared = until - day.max(begin);
                if elsewhere && shared > 0 {
                    let sign = signs.entry(*at).or_default();
                    sign.two_beds = sign.two_beds.max(shared);
                }
            } else if elsewhere && day > begin && day < end {
                signs.entry(*at).or_default().in_bed = Some(*stay);
            }
        }
    }
}
