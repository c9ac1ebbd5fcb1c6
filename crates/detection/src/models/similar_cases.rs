//! 病例雷同: bills of strangers with one disease at one place that are copies of each other.

use super::Model;
use crate::book::{Book, Sort, head};
use crate::facts::Suspicion;
use crate::graph::minhash::candidates;
use crate::numbers::{median, overlap, share, surprise, whole};
use crate::score::Score;
use crate::settings::Parameters;
use foldhash::{HashMap, HashSet};
use std::collections::BTreeMap;

pub(super) const MODEL: Model = Model {
    id: "similar_cases",
    numbers: &["alike", "least_items", "least_households", "prior_visits", "seed"],
    lists: &[],
    parts: &["surprise", "alike", "households", "items", "amounts"],
    run,
};

/// Two visits and how alike they are.
type Likeness = (usize, usize, f64);

fn run(book: &Book<'_>, parameters: &Parameters) -> Vec<Suspicion> {
    let mut classes: BTreeMap<(bool, &str), Vec<usize>> = BTreeMap::new();
    for (at, visit) in book.visits.iter().enumerate() {
        let rich = visit.items.len() >= parameters.count("least_items");
        if let (Some(_), Some(main), true) = (visit.place, visit.main, rich && !visit.by_plan()) {
            classes.entry((visit.sort == Sort::Stay, head(main))).or_default().push(at);
        }
    }
    classes.values().flat_map(|visits| class(book, visits, parameters)).collect()
}

/// Bills for one disease: copies at one place, held against how often other places have the like.
fn class(book: &Book<'_>, visits: &[usize], parameters: &Parameters) -> Vec<Suspicion> {
    let pairs = copies(book, visits, parameters);
    let mut sizes: HashMap<usize, usize> = HashMap::default();
    for at in visits {
        *sizes.entry(book.visits[*at].place.unwrap_or(0)).or_default() += 1;
    }
    let here = |pair: &&Likeness| book.visits[pair.0].place == book.visits[pair.1].place;
    let own: Vec<Likeness> = pairs.iter().filter(here).copied().collect();
    let judged = clusters(&own).into_iter().filter_map(|cluster| {
        let place = book.visits[cluster[0].0].place?;
        let members: HashSet<usize> = cluster.iter().flat_map(|(one, other, _)| [*one, *other]).collect();
        let elsewhere: HashSet<usize> = pairs
            .iter()
            .filter(|pair| !here(pair))
            .filter(|(one, other, _)| members.contains(one) || members.contains(other))
            .flat_map(|(one, other, _)| [*one, *other])
            .filter(|at| book.visits[*at].place != Some(place))
            .collect();
        let others = whole(visits.len() - sizes[&place]) + parameters.number("prior_visits");
        let mean = (whole(elsewhere.len()) + 0.5) / others * whole(sizes[&place]);
        judge(book, parameters, place, &cluster, mean)
    });
    judged.collect()
}

/// Pairs of strangers' visits that are alike enough.
fn copies(book: &Book<'_>, visits: &[usize], parameters: &Parameters) -> Vec<Likeness> {
    let sets: Vec<Vec<u64>> = visits.iter().map(|at| tokens(&book.visits[*at].items)).collect();
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let seed = parameters.number("seed") as u64;
    let pairs = candidates(&sets, seed).into_iter();
    let strange =
        |(i, j): &(usize, usize)| book.strangers(book.visits[visits[*i]].person, book.visits[visits[*j]].person);
    let pairs = pairs.filter(strange).map(|(i, j)| (visits[i], visits[j], overlap(&sets[i], &sets[j])));
    pairs.filter(|(_, _, alike)| *alike >= parameters.number("alike")).collect()
}

/// One number for an item with its quantity, in order.
fn tokens(items: &[(usize, i64)]) -> Vec<u64> {
    let number = |item: usize, count: i64| {
        crate::numbers::mix(u64::try_from(item).unwrap_or(0)) ^ crate::numbers::mix(count.unsigned_abs() ^ 0x5bd1)
    };
    let mut tokens: Vec<u64> = items.iter().map(|(item, count)| number(*item, *count)).collect();
    tokens.sort_unstable();
    tokens
}

/// Visits tied together by likeness, with their pairs.
fn clusters(pairs: &[Likeness]) -> Vec<Vec<Likeness>> {
    let mut of: HashMap<usize, usize> = HashMap::default();
    fn root(of: &mut HashMap<usize, usize>, mut at: usize) -> usize {
        while of.get(&at).is_some_and(|up| *up != at) {
            at = of[&at];
        }
        of.entry(at).or_insert(at);
        at
    }
    for (one, other, _) in pairs {
        let (a, b) = (root(&mut of, *one), root(&mut of, *other));
        of.insert(a.max(b), a.min(b));
    }
    let mut clusters: BTreeMap<usize, Vec<Likeness>> = BTreeMap::new();
    for pair in pairs {
        clusters.entry(root(&mut of, pair.0)).or_default().push(*pair);
    }
    clusters.into_values().collect()
}

fn judge(book: &Book<'_>, parameters: &Parameters, place: usize, pairs: &[Likeness], mean: f64) -> Option<Suspicion> {
    let mut visits: Vec<usize> = pairs.iter().flat_map(|(one, other, _)| [*one, *other]).collect();
    visits.sort_unstable();
    visits.dedup();
    let households = book.households_among(visits.iter().map(|at| book.visits[*at].person));
    if households < parameters.count("least_households") {
        return None;
    }
    let alike = median(&pairs.iter().map(|(_, _, alike)| *alike).collect::<Vec<_>>());
    let items = median(&visits.iter().map(|at| whole(book.visits[*at].items.len())).collect::<Vec<_>>());
    let mut fees: HashMap<terms::Fen, usize> = HashMap::default();
    for fee in visits.iter().filter_map(|at| book.visits[*at].fee) {
        *fees.entry(fee).or_default() += 1;
    }
    let known: usize = fees.values().sum();
    let amounts = share(whole(fees.values().max().copied().unwrap_or(0)), whole(known));
    let main = book.visits[visits[0]].head().unwrap_or_default();
    let mut score = Score::new(parameters);
    score
        .part(
            "surprise",
            Some(surprise(households, mean)),
            format!("{households} 户账单雷同，按其他机构应有 {mean:.2} 户"),
        )
        .part("alike", alike, "账单两两重合（项目与数量，中位数）")
        .part("households", Some(whole(households)), format!("{} 次就诊分属 {households} 户", visits.len()))
        .part("items", items, "每张账单的项目数（中位数）")
        .part("amounts", amounts, "总金额完全相同的占比");
    let why = format!("{} 诊断 {main} 的 {households} 户账单几乎一字不差", book.place_name(place));
    let group = format!("{}/{main}/{}", book.places[place], book.visits[visits[0]].id);
    score.suspicion(group, book.members(&visits), book.stake(&visits), why)
}
