//! 分解住院: one illness, discharged and admitted again within days at the same place.

use super::Model;
use crate::book::{Book, Sort, day_of};
use crate::facts::Suspicion;
use crate::numbers::{overlap, shrunk, signed, whole};
use crate::score::Score;
use crate::settings::Parameters;

pub(super) const MODEL: Model = Model {
    id: "split_stay",
    numbers: &["window_days", "shrink_stays"],
    lists: &[],
    parts: &["gap", "diagnosis", "bill", "route", "place"],
    run,
};

/// A stay and the next one.
struct Pair {
    one: usize,
    next: usize,
    gap: i64,
}

fn run(book: &Book<'_>, parameters: &Parameters) -> Vec<Suspicion> {
    let window = parameters.whole("window_days");
    let pairs: Vec<Vec<Pair>> = (0..book.persons.len()).map(|person| pairs(book, person, window)).collect();
    let mut returns = vec![0_usize; book.places.len()];
    for place in pairs.iter().flatten().filter_map(|pair| book.visits[pair.one].place) {
        returns[place] += 1;
    }
    let stays: Vec<usize> = book
        .of_place
        .iter()
        .map(|visits| visits.iter().filter(|at| book.visits[**at].sort == Sort::Stay).count())
        .collect();
    let usual = whole(returns.iter().sum()) / whole(stays.iter().sum::<usize>().max(1));
    let excess = |place: usize| {
        let rate = shrunk(whole(returns[place]), whole(stays[place]), usual, parameters.number("shrink_stays"));
        if usual > 0.0 { Some(rate / usual) } else { None }
    };
    pairs.iter().flat_map(|pairs| chains(pairs)).filter_map(|chain| judge(book, parameters, &chain, &excess)).collect()
}

/// Stays of a person that follow one another too soon, by nothing that is done by plan.
fn pairs(book: &Book<'_>, person: usize, window: i64) -> Vec<Pair> {
    let stays: Vec<usize> =
        book.of_person[person].iter().copied().filter(|at| book.visits[*at].sort == Sort::Stay).collect();
    let mut pairs = Vec::new();
    for two in stays.windows(2) {
        let (a, b) = (&book.visits[two[0]], &book.visits[two[1]]);
        let (Some(end), Some(begin)) = (a.end, b.begin) else { continue };
        let gap = day_of(begin) - day_of(end);
        let same = a.place.is_some() && a.place == b.place;
        if same && (0..=window).contains(&gap) && begin >= end && !a.by_plan() && !b.by_plan() {
            pairs.push(Pair { one: two[0], next: two[1], gap });
        }
    }
    pairs
}

/// Pairs that share a stay belong together.
fn chains(pairs: &[Pair]) -> Vec<Vec<&Pair>> {
    let mut chains: Vec<Vec<&Pair>> = Vec::new();
    for pair in pairs {
        match chains.last_mut() {
            Some(chain) if chain.last().is_some_and(|last| last.next == pair.one) => chain.push(pair),
            _ => chains.push(vec![pair]),
        }
    }
    chains
}

fn judge(
    book: &Book<'_>,
    parameters: &Parameters,
    chain: &[&Pair],
    excess: &dyn Fn(usize) -> Option<f64>,
) -> Option<Suspicion> {
    chain
        .iter()
        .map(|pair| (pair, scored(book, parameters, pair, excess)))
        .max_by_key(|(pair, score)| (score.points(), pair.one))
        .and_then(|(pair, score)| {
            let visits: Vec<usize> = chain.iter().flat_map(|pair| [pair.one, pair.next]).collect();
            let first = &book.visits[chain[0].one];
            let why = format!(
                "{} 在同一机构相隔 {} 天再次住院，共 {} 次，看似把一次住院拆开",
                book.persons[first.person],
                pair.gap,
                chain.len() + 1
            );
            score.suspicion(first.id.to_owned(), book.members(&visits), book.stake(&visits), why)
        })
}

fn scored<'p>(
    book: &Book<'_>,
    parameters: &'p Parameters,
    pair: &Pair,
    excess: &dyn Fn(usize) -> Option<f64>,
) -> Score<'p> {
    let (a, b) = (&book.visits[pair.one], &book.visits[pair.next]);
    let same = match (a.main, b.main) {
        (Some(one), Some(other)) if one == other => Some(1.0),
        (Some(one), Some(other)) if crate::book::head(one) == crate::book::head(other) => Some(0.8),
        (Some(_), Some(other)) if a.facts.diagnoses.iter().any(|d| d.diag_code.as_deref() == Some(other)) => Some(0.5),
        (Some(_), Some(_)) => Some(0.0),
        _ => None,
    };
    let alike = (!a.items.is_empty() && !b.items.is_empty()).then(|| overlap(&a.item_set(), &b.item_set()));
    let unhurried = b.facts.adm_way.is_some() || b.facts.med_type.is_some();
    let excess = a.place.and_then(excess);
    let mut score = Score::new(parameters);
    score
        .part("gap", Some(signed(pair.gap)), format!("出院后 {} 天再入院", pair.gap))
        .part("diagnosis", same, format!("主诊断 {} → {}", a.main.unwrap_or("未知"), b.main.unwrap_or("未知")))
        .part("bill", alike, "两次住院收费项目的重合")
        .part(
            "route",
            unhurried.then_some(f64::from(u8::from(!b.urgent))),
            if b.urgent { "急诊入院" } else { "非急诊入院" },
        )
        .part(
            "place",
            excess,
            format!("{} 短间隔再住院率相对全体的倍数", a.place.map_or_else(String::new, |p| book.place_name(p))),
        );
    score
}
