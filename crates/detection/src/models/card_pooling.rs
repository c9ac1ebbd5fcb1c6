//! 集中持卡: people who do not live together and yet are always at one counter within minutes of
//! each other: somebody holds their cards. A graph of persons; an edge is what their common
//! occasions exceed chance by; groups are found by Leiden.

use super::Model;
use super::pharmacy_burst::{households, round, runs};
use crate::book::{Book, Sort};
use crate::facts::Suspicion;
use crate::graph::leiden::communities;
use crate::numbers::{median, share, whole};
use crate::score::Score;
use crate::settings::Parameters;
use foldhash::{HashMap, HashSet};
use std::collections::BTreeMap;

pub(super) const MODEL: Model = Model {
    id: "card_pooling",
    numbers: &[
        "minutes",
        "least_occasions",
        "least_excess",
        "most_excess",
        "resolution",
        "least_households",
        "run_minutes",
        "run_households",
        "run_round",
        "crowd_households",
        "round_fen",
        "seed",
    ],
    lists: &[],
    parts: &["households", "excess", "density", "joint", "place"],
    run,
};

/// Days and places at which two were seen together.
type Occasions = BTreeMap<(usize, usize), HashSet<(usize, i64)>>;

fn run(book: &Book<'_>, parameters: &Parameters) -> Vec<Suspicion> {
    let occasions = occasions(book, parameters);
    let chance = Chance::of(book, parameters);
    let mut edges = Vec::new();
    for ((one, other), seen) in &occasions {
        if seen.len() < parameters.count("least_occasions") {
            continue;
        }
        let places: std::collections::BTreeSet<usize> = seen.iter().map(|(place, _)| *place).collect();
        let expected: f64 = places.iter().map(|place| chance.expected(*one, *other, *place)).sum();
        let excess = whole(seen.len()) - expected;
        if excess >= parameters.number("least_excess") {
            edges.push((*one, *other, excess.min(parameters.number("most_excess"))));
        }
    }
    let mut persons: Vec<usize> = edges.iter().flat_map(|(one, other, _)| [*one, *other]).collect();
    persons.sort_unstable();
    persons.dedup();
    let number = |person: usize| persons.binary_search(&person).unwrap_or(0);
    let numbered: Vec<_> = edges.iter().map(|(one, other, weight)| (number(*one), number(*other), *weight)).collect();
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let seed = parameters.number("seed") as u64;
    let of = communities(persons.len(), &numbered, parameters.number("resolution"), seed);
    let mut groups: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (at, community) in of.iter().enumerate() {
        groups.entry(*community).or_default().push(persons[at]);
    }
    groups.into_values().filter_map(|group| judge(book, parameters, &group, &edges, &occasions)).collect()
}

/// Visits at a counter: not stays, not registrations, nothing that brings a cohort together.
fn counted(book: &Book<'_>, at: usize) -> bool {
    let visit = &book.visits[at];
    matches!(visit.sort, Sort::Pharmacy | Sort::Clinic) && !visit.by_plan() && visit.begin.is_some()
}

fn occasions(book: &Book<'_>, parameters: &Parameters) -> Occasions {
    let minutes = parameters.whole("minutes");
    let mut occasions = Occasions::new();
    for (place, visits) in book.of_place.iter().enumerate() {
        let visits: Vec<usize> = visits.iter().copied().filter(|at| counted(book, *at)).collect();
        let visits = without_runs(book, &visits, parameters);
        for (i, one) in visits.iter().enumerate() {
            let a = &book.visits[*one];
            let near = visits[i + 1..]
                .iter()
                .map(|other| &book.visits[*other])
                .take_while(|b| b.begin.zip(a.begin).is_some_and(|(b, a)| b - a <= minutes));
            for b in near.filter(|b| book.strangers(a.person, b.person) && b.day() == a.day()) {
                let pair = (a.person.min(b.person), a.person.max(b.person));
                occasions.entry(pair).or_default().insert((place, a.day().unwrap_or(0)));
            }
        }
    }
    occasions
}

/// Leaves out what is explained otherwise: a long run of cards with round sums (that is a burst,
/// told by its own model), and crowds.
fn without_runs(book: &Book<'_>, visits: &[usize], parameters: &Parameters) -> Vec<usize> {
    let explained = |run: &Vec<usize>| {
        let households = households(book, run);
        let made_up = round(book, run, parameters.whole("round_fen"))
            .is_some_and(|share| share >= parameters.number("run_round"));
        households >= parameters.count("crowd_households")
            || households >= parameters.count("run_households") && made_up
    };
    let kept = runs(book, visits, parameters.whole("run_minutes")).into_iter().filter(|run| !explained(run));
    let mut kept: Vec<usize> = kept.flatten().collect();
    kept.sort_unstable();
    kept
}

/// How often two customers of a place meet by chance: each comes so often, the place has its
/// hours, and a meeting is a span of minutes.
struct Chance {
    visits: HashMap<(usize, usize), f64>,
    meeting: Vec<f64>,
}

impl Chance {
    fn of(book: &Book<'_>, parameters: &Parameters) -> Chance {
        let mut visits: HashMap<(usize, usize), f64> = HashMap::default();
        let mut meeting = Vec::with_capacity(book.places.len());
        for (place, all) in book.of_place.iter().enumerate() {
            let (mut hours, mut days): ([f64; 24], HashMap<i64, f64>) = ([0.0; 24], HashMap::default());
            let mut count = 0.0;
            for at in all.iter().filter(|at| counted(book, **at)) {
                let visit = &book.visits[*at];
                *visits.entry((visit.person, place)).or_default() += 1.0;
                hours[usize::try_from(visit.begin.unwrap_or(0).rem_euclid(1440) / 60).unwrap_or(0)] += 1.0;
                *days.entry(visit.day().unwrap_or(0)).or_default() += 1.0;
                count += 1.0;
            }
            let same = |parts: &mut dyn Iterator<Item = f64>| {
                parts.map(|n: f64| (n / f64::max(count, 1.0)).powi(2)).sum::<f64>()
            };
            // Summed in order, so that the same facts give the same fraction.
            let mut by_day: Vec<(i64, f64)> = days.into_iter().collect();
            by_day.sort_by_key(|(day, _)| *day);
            let same_day = same(&mut by_day.into_iter().map(|(_, n)| n));
            let near = same(&mut hours.into_iter()) * (2.0 * parameters.number("minutes") + 1.0) / 60.0;
            meeting.push(same_day * near.min(1.0));
        }
        Chance { visits, meeting }
    }

    fn expected(&self, one: usize, other: usize, place: usize) -> f64 {
        let count = |person: usize| self.visits.get(&(person, place)).copied().unwrap_or(0.0);
        count(one) * count(other) * self.meeting[place]
    }
}

fn judge(
    book: &Book<'_>,
    parameters: &Parameters,
    group: &[usize],
    edges: &[(usize, usize, f64)],
    occasions: &Occasions,
) -> Option<Suspicion> {
    let inside: HashSet<usize> = group.iter().copied().collect();
    let households = book.households_among(group.iter().copied());
    if households < parameters.count("least_households") {
        return None;
    }
    let inner: Vec<f64> = edges
        .iter()
        .filter(|(one, other, _)| inside.contains(one) && inside.contains(other))
        .map(|(_, _, w)| *w)
        .collect();
    let pairs = group.iter().enumerate().flat_map(|(i, one)| group[i + 1..].iter().map(move |two| (*one, *two)));
    let strange = pairs.filter(|(one, other)| book.strangers(*one, *other)).count();
    // Days and places at which members met; a visit there on that day is a joint one.
    let mut met: HashMap<(usize, i64), HashSet<usize>> = HashMap::default();
    for ((one, other), seen) in occasions.iter().filter(|((a, b), _)| inside.contains(a) && inside.contains(b)) {
        for occasion in seen {
            met.entry(*occasion).or_default().extend([*one, *other]);
        }
    }
    let (mut joint, mut all) = (Vec::new(), 0_usize);
    let mut places: BTreeMap<usize, usize> = BTreeMap::new();
    for at in group.iter().flat_map(|person| &book.of_person[*person]).filter(|at| counted(book, **at)) {
        let visit = &book.visits[*at];
        let (Some(place), Some(day)) = (visit.place, visit.day()) else { continue };
        all += 1;
        if met.get(&(place, day)).is_some_and(|who| who.contains(&visit.person)) {
            joint.push(*at);
            *places.entry(place).or_default() += 1;
        }
    }
    let (place, most) = places.iter().max_by_key(|(place, count)| (**count, std::cmp::Reverse(**place)))?;
    let mut score = Score::new(parameters);
    score
        .part("households", Some(whole(households)), format!("{} 人分属 {households} 户", group.len()))
        .part("excess", median(&inner), "两人共同出现的次数超出偶然的部分（中位数）")
        .part("density", share(whole(inner.len()), whole(strange)), "彼此共同出现的组合占全部组合")
        .part("joint", share(whole(joint.len()), whole(all)), "共同出现的就诊占全部门诊购药")
        .part("place", share(whole(*most), whole(joint.len())), "集中在一个机构的占比");
    let why = format!("{households} 户的卡反复在几分钟内先后出现，多在 {}", book.place_name(*place));
    score.suspicion(book.persons[group[0]].to_owned(), book.members(&joint), book.stake(&joint), why)
}
