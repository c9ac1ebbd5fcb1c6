//! 金额雷同: many people's bills of one place come to the same amount, and the baskets do not
//! explain it.

use super::Model;
use crate::book::{Book, Sort, day_of};
use crate::facts::Suspicion;
use crate::numbers::{share, signed, surprise, whole};
use crate::score::Score;
use crate::settings::Parameters;
use foldhash::{HashMap, HashSet};
use terms::Fen;

pub(super) const MODEL: Model = Model {
    id: "identical_amounts",
    numbers: &["least_households", "least_amount_fen", "peer_visits", "window_days", "one_basket_households"],
    lists: &[],
    parts: &["surprise", "baskets", "packed", "round", "place"],
    run,
};

/// A bill as it was keyed in: item, quantity.
type Basket<'b> = &'b [(usize, i64)];

fn run(book: &Book<'_>, parameters: &Parameters) -> Vec<Suspicion> {
    let sorts = [Sort::Pharmacy, Sort::Clinic, Sort::Stay];
    sorts.into_iter().flat_map(|sort| among(book, parameters, sort)).collect()
}

fn among(book: &Book<'_>, parameters: &Parameters, sort: Sort) -> Vec<Suspicion> {
    let mut groups: HashMap<(usize, Fen), Vec<usize>> = HashMap::default();
    let mut everywhere: HashMap<Fen, usize> = HashMap::default();
    let mut baskets: HashMap<(Fen, Basket<'_>), HashSet<usize>> = HashMap::default();
    let mut sizes = vec![0_usize; book.places.len()];
    for (at, visit) in book.visits.iter().enumerate().filter(|(_, visit)| visit.sort == sort && !visit.by_plan()) {
        let (Some(place), Some(fee), Some(_)) = (visit.place, visit.fee, visit.begin) else { continue };
        if signed(fee.0) < parameters.number("least_amount_fen") {
            continue;
        }
        sizes[place] += 1;
        groups.entry((place, fee)).or_default().push(at);
        *everywhere.entry(fee).or_default() += 1;
        baskets.entry((fee, visit.items.as_slice())).or_default().insert(place);
    }
    let all: usize = sizes.iter().sum();
    let mut groups: Vec<_> = groups.into_iter().collect();
    groups.sort();
    let mut found = Vec::new();
    for ((place, fee), visits) in groups {
        // A basket that other places sell too has a price of its own; it explains its amount.
        let own: Vec<usize> =
            visits.iter().copied().filter(|at| baskets[&(fee, book.visits[*at].items.as_slice())].len() == 1).collect();
        let elsewhere = everywhere[&fee] - visits.len();
        let others = (all - sizes[place]).max(1);
        let rate = (whole(elsewhere) + 0.5) / (whole(others) + parameters.number("peer_visits"));
        if let Some(run) = densest(book, &own, parameters) {
            let mean = rate * whole(sizes[place]);
            found.extend(judge(book, parameters, place, fee, &run, mean, visits.len()));
        }
    }
    found
}

/// The visits of the window that holds most households, if there are enough.
fn densest(book: &Book<'_>, visits: &[usize], parameters: &Parameters) -> Option<Vec<usize>> {
    let days = parameters.whole("window_days");
    let day = |at: &usize| book.visits[*at].day().unwrap_or(0);
    let run = |from: usize| -> Vec<usize> {
        visits[from..].iter().take_while(|at| day(at) < day(&visits[from]) + days).copied().collect()
    };
    let households = |run: &[usize]| book.households_among(run.iter().map(|at| book.visits[*at].person));
    let best =
        (0..visits.len()).map(run).max_by_key(|run| (households(run), std::cmp::Reverse(run.first().copied())))?;
    let least = if different(book, &best) > 1 { "least_households" } else { "one_basket_households" };
    (households(&best) >= parameters.count(least)).then_some(best)
}

fn different(book: &Book<'_>, visits: &[usize]) -> usize {
    let baskets: HashSet<Basket<'_>> = visits.iter().map(|at| book.visits[*at].items.as_slice()).collect();
    baskets.len()
}

fn judge(
    book: &Book<'_>,
    parameters: &Parameters,
    place: usize,
    fee: Fen,
    visits: &[usize],
    mean: f64,
    here: usize,
) -> Option<Suspicion> {
    let households = book.households_among(visits.iter().map(|at| book.visits[*at].person));
    let baskets = different(book, visits);
    let days: HashSet<i64> = visits.iter().filter_map(|at| book.visits[*at].begin.map(day_of)).collect();
    let packed = share(whole(visits.len()), whole(days.len()));
    let round = if fee.0 % 10_000 == 0 {
        1.0
    } else if fee.0 % 1000 == 0 {
        0.6
    } else {
        f64::from(u8::from(fee.0 % 100 == 0)) * 0.3
    };
    let mut score = Score::new(parameters);
    score
        .part(
            "surprise",
            Some(surprise(households, mean)),
            format!("{households} 户同为 {fee} 元，按别处应有 {mean:.2} 户"),
        )
        .part("baskets", share(whole(baskets), whole(visits.len())), format!("{baskets} 种不同的购物篮凑成同一金额"))
        .part("packed", packed, format!("集中在 {} 天", days.len()))
        .part("round", Some(round), "整数金额")
        .part("place", share(whole(visits.len()), whole(here)), "该机构同金额就诊中无法由常见组合解释的占比");
    let why = format!("{} 有 {households} 户的账单恰好都是 {fee} 元", book.place_name(place));
    let group = format!("{}/{fee}/{}", book.places[place], book.visits[visits[0]].id);
    score.suspicion(group, book.members(visits), book.stake(visits), why)
}
