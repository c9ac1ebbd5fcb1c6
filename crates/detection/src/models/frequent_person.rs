//! 高频就诊购药: one person goes from counter to counter, often for the same drugs.

use super::Model;
use crate::book::{Book, Purpose, Sort};
use crate::facts::Suspicion;
use crate::numbers::{centre_and_spread, whole};
use crate::score::Score;
use crate::settings::Parameters;
use foldhash::{HashMap, HashSet};
use std::collections::{BTreeMap, BTreeSet};

pub(super) const MODEL: Model = Model {
    id: "frequent_person",
    numbers: &["window_days", "least_visits", "repeat_days", "least_spread", "age_band_years"],
    lists: &[],
    parts: &["visits", "places", "repeats", "same_day"],
    run,
};

fn run(book: &Book<'_>, parameters: &Parameters) -> Vec<Suspicion> {
    let windows: Vec<Vec<usize>> = (0..book.persons.len()).map(|person| busiest(book, parameters, person)).collect();
    // Peers: people of like age; one with a disease on file is held against others with one.
    let mut peers: BTreeMap<(Option<i64>, bool), Vec<f64>> = BTreeMap::new();
    for (person, window) in windows.iter().enumerate() {
        peers.entry(peer(book, parameters, person)).or_default().push(whole(window.len()));
    }
    let usual: BTreeMap<_, _> = peers
        .iter()
        .filter_map(|(peer, counts)| Some((*peer, centre_and_spread(counts, parameters.number("least_spread"))?)))
        .collect();
    let judge = |person: usize| {
        let window = &windows[person];
        if window.len() < parameters.count("least_visits") {
            return None;
        }
        let (centre, spread) = usual.get(&peer(book, parameters, person))?;
        judge(book, parameters, person, window, (*centre, *spread))
    };
    (0..book.persons.len()).filter_map(judge).collect()
}

fn peer(book: &Book<'_>, parameters: &Parameters, person: usize) -> (Option<i64>, bool) {
    let born = book.person_facts[person].and_then(|facts| facts.brdy);
    let age = born.map(|born| i64::from(crate::book::date_of(book.days.1).year()) - i64::from(born.year()));
    let chronic = book.of_person[person].iter().any(|at| book.visits[*at].facts.dise_codg.is_some());
    (age.map(|age| age / parameters.whole("age_band_years").max(1)), chronic)
}

/// The visits of the window that holds most; nothing that is repeated by plan.
fn busiest(book: &Book<'_>, parameters: &Parameters, person: usize) -> Vec<usize> {
    let counted = |at: &&usize| {
        let visit = &book.visits[**at];
        matches!(visit.sort, Sort::Pharmacy | Sort::Clinic) && !visit.by_plan() && visit.begin.is_some()
    };
    let visits: Vec<usize> = book.of_person[person].iter().filter(counted).copied().collect();
    let day = |at: &usize| book.visits[*at].day().unwrap_or(0);
    let days = parameters.whole("window_days");
    let run = |from: usize| {
        visits[from..].iter().take_while(|at| day(at) < day(&visits[from]) + days).copied().collect::<Vec<_>>()
    };
    (0..visits.len())
        .map(run)
        .max_by_key(|run| (run.len(), std::cmp::Reverse(run.first().copied())))
        .unwrap_or_default()
}

fn judge(
    book: &Book<'_>,
    parameters: &Parameters,
    person: usize,
    window: &[usize],
    (centre, spread): (f64, f64),
) -> Option<Suspicion> {
    let visits = || window.iter().map(|at| &book.visits[*at]);
    let places: BTreeSet<usize> = visits().filter_map(|visit| visit.place).collect();
    let days: HashSet<i64> = visits().filter_map(|visit| visit.day()).collect();
    let repeats = repeats(book, window, parameters.whole("repeat_days"));
    let mut score = Score::new(parameters);
    let days_words = parameters.number("window_days");
    score
        .part(
            "visits",
            Some((whole(window.len()) - centre) / spread),
            format!("{days_words} 天内 {} 次，同龄人通常 {centre} 次", window.len()),
        )
        .part("places", Some(whole(places.len())), "不同机构数")
        .part("repeats", Some(whole(repeats)), "在另一机构又开同一种药的次数")
        .part("same_day", Some(whole(window.len() - days.len().min(window.len()))), "同日多次就诊购药的次数");
    let first = crate::book::date_of(book.visits[window[0]].day()?);
    let why = format!(
        "{} 自 {first} 起 {days_words} 天内在 {} 家机构就诊购药 {} 次",
        book.persons[person],
        places.len(),
        window.len()
    );
    score.suspicion(book.persons[person].to_owned(), book.members(window), book.stake(window), why)
}

/// Times a drug was given again by another place within so many days.
fn repeats(book: &Book<'_>, window: &[usize], days: i64) -> usize {
    let mut last: HashMap<usize, (usize, i64)> = HashMap::default();
    let mut repeats = 0;
    for at in window {
        let visit = &book.visits[*at];
        let (Some(place), Some(day)) = (visit.place, visit.day()) else { continue };
        for line in visit.lines.iter().filter(|line| book.purpose(line) == Some(Purpose::Drug)) {
            let Some(item) = line.med_list_codg.as_deref().and_then(|code| book.items.binary_search(&code).ok()) else {
                continue;
            };
            if last.get(&item).is_some_and(|(other, before)| *other != place && day - before <= days) {
                repeats += 1;
            }
            last.insert(item, (place, day));
        }
    }
    repeats
}
