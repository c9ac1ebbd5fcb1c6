//! 集中入院: people of one village or one employer admitted to one hospital on the same days, for
//! the same thing, as nobody expects it of strangers.

use super::Model;
use crate::book::{Book, Sort};
use crate::facts::Suspicion;
use crate::numbers::{overlap, signed, surprise, whole};
use crate::score::Score;
use crate::settings::Parameters;
use foldhash::HashMap;

pub(super) const MODEL: Model = Model {
    id: "admission_cluster",
    numbers: &["window_days", "least_households", "length_days"],
    lists: &[],
    parts: &["surprise", "diagnosis", "length", "bills", "route"],
    run,
};

fn run(book: &Book<'_>, parameters: &Parameters) -> Vec<Suspicion> {
    // What people of one origin have in common: (kind, its code), held against one place.
    let mut groups: HashMap<(usize, &str, &str), Vec<usize>> = HashMap::default();
    let mut everywhere: HashMap<(&str, &str), usize> = HashMap::default();
    let mut stays = vec![0_usize; book.places.len()];
    for (at, visit) in book.visits.iter().enumerate() {
        let Some(place) = visit.place.filter(|_| visit.sort == Sort::Stay && !visit.by_plan() && visit.begin.is_some())
        else {
            continue;
        };
        stays[place] += 1;
        let facts = book.person_facts[visit.person];
        let origins = [
            ("居住村（社区）", facts.and_then(|p| p.resd_vil.as_deref())),
            ("单位", facts.and_then(|p| p.emp_no.as_deref())),
        ];
        for (kind, code) in origins.into_iter().filter_map(|(kind, code)| Some((kind, code?))) {
            groups.entry((place, kind, code)).or_default().push(at);
            *everywhere.entry((kind, code)).or_default() += 1;
        }
    }
    let mut groups: Vec<_> = groups.into_iter().collect();
    groups.sort();
    let mut found = Vec::new();
    for ((place, kind, code), visits) in groups {
        let all: usize = stays.iter().sum();
        // Were place and origin strangers, so many of this origin would come here a day; people
        // who live nearby come more often, and their own count says how often.
        let by_chance = whole(everywhere[&(kind, code)]) * whole(stays[place]) / whole(all.max(1));
        for cluster in windows(book, &visits, parameters) {
            let outside = whole(visits.len() - cluster.len());
            let mean = by_chance.max(outside) / book.span() * parameters.number("window_days");
            found.extend(judge(book, parameters, &cluster, mean, &format!("{kind} {code}")));
        }
    }
    found
}

/// The runs of admissions that a window holds, the fullest first, without overlap.
fn windows(book: &Book<'_>, visits: &[usize], parameters: &Parameters) -> Vec<Vec<usize>> {
    let (days, least) = (parameters.whole("window_days"), parameters.count("least_households"));
    let day = |at: &usize| book.visits[*at].day().unwrap_or(0);
    let mut left = visits.to_vec();
    let mut found = Vec::new();
    loop {
        let run = |from: usize| -> Vec<usize> {
            left[from..].iter().take_while(|at| day(at) < day(&left[from]) + days).copied().collect()
        };
        let households = |run: &[usize]| book.households_among(run.iter().map(|at| book.visits[*at].person));
        let best =
            (0..left.len()).map(run).max_by_key(|run| (households(run), std::cmp::Reverse(run.first().copied())));
        let Some(best) = best.filter(|run| households(run) >= least) else { return found };
        left.retain(|at| !best.contains(at));
        found.push(best);
    }
}

fn judge(book: &Book<'_>, parameters: &Parameters, cluster: &[usize], mean: f64, origin: &str) -> Option<Suspicion> {
    let households = book.households_among(cluster.iter().map(|at| book.visits[*at].person));
    let visits = || cluster.iter().map(|at| &book.visits[*at]);
    let mut heads: HashMap<&str, usize> = HashMap::default();
    for head in visits().filter_map(|visit| visit.main.map(crate::book::head)) {
        *heads.entry(head).or_default() += 1;
    }
    let known: usize = heads.values().sum();
    let same = crate::numbers::share(whole(heads.values().max().copied().unwrap_or(0)), whole(known));
    let nights: Vec<f64> = visits().filter_map(|visit| visit.nights().map(signed)).collect();
    let middle = crate::numbers::median(&nights);
    let near =
        middle.map(|middle| nights.iter().filter(|n| (**n - middle).abs() <= parameters.number("length_days")).count());
    let near = near.and_then(|near| crate::numbers::share(whole(near), whole(nights.len())));
    let sets: Vec<Vec<usize>> =
        visits().filter(|visit| !visit.items.is_empty()).map(|visit| visit.item_set()).collect();
    let pairs = sets.iter().enumerate().flat_map(|(i, one)| sets[i + 1..].iter().map(move |two| overlap(one, two)));
    let bills = crate::numbers::median(&pairs.collect::<Vec<_>>());
    let calm = crate::numbers::share(whole(visits().filter(|visit| !visit.urgent).count()), whole(cluster.len()));
    let first = visits().next()?;
    let mut score = Score::new(parameters);
    score
        .part("surprise", Some(surprise(households, mean)), format!("{households} 户同期入院，按平常应有 {mean:.2} 户"))
        .part("diagnosis", same, "同一病种的占比")
        .part("length", near, "住院天数相近的占比")
        .part("bills", bills, "两两之间收费项目重合的中位数")
        .part("route", calm, "非急诊入院的占比");
    let place = first.place.map_or_else(String::new, |place| book.place_name(place));
    let day = crate::book::date_of(first.day()?);
    let why = format!("{origin} 的 {households} 户自 {day} 起集中住进 {place}");
    score.suspicion(format!("{origin}/{}", first.id), book.members(cluster), book.stake(cluster), why)
}
