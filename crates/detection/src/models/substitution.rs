//! 串换: one thing goes over the counter, another is billed.

use super::Model;
use crate::book::Book;
use crate::facts::{Members, Suspicion};
use crate::numbers::{median, overlap, share, signed, whole};
use crate::score::Score;
use crate::settings::Parameters;
use foldhash::{HashMap, HashSet};
use std::collections::{BTreeMap, BTreeSet};

pub(super) const MODEL: Model = Model {
    id: "substitution",
    numbers: &["least_swaps"],
    lists: &[],
    parts: &["swaps", "rate", "names", "price", "focus"],
    run,
};

/// A visit where the stock book and the bill name different things.
struct Swap {
    visit: usize,
    line: usize,
    billed: usize,
    sold: usize,
}

fn run(book: &Book<'_>, parameters: &Parameters) -> Vec<Suspicion> {
    let mut sold: HashMap<&str, BTreeMap<usize, i64>> = HashMap::default();
    for moved in book.stock.iter().filter(|moved| moved.move_kind.as_deref() == Some("sold")) {
        let item = moved.med_list_codg.as_deref().and_then(|code| book.items.binary_search(&code).ok());
        if let (Some(visit), Some(item), Some(count)) = (moved.mdtrt_id.as_deref(), item, moved.cnt) {
            *sold.entry(visit).or_default().entry(item).or_default() += count.to_scaled(4);
        }
    }
    let prices = prices(book);
    let mut by_place: BTreeMap<usize, Vec<Swap>> = BTreeMap::new();
    let mut recorded = vec![0_usize; book.places.len()];
    // An article of which a place keeps no stock book at all cannot be missed in it.
    let kept = kept(book);
    for (at, visit) in book.visits.iter().enumerate() {
        let (Some(place), Some(sold)) = (visit.place, sold.get(visit.id)) else { continue };
        recorded[place] += 1;
        by_place.entry(place).or_default().extend(swaps(book, at, sold, &kept, place));
    }
    let all: usize = by_place.values().map(Vec::len).sum();
    let seen: usize = recorded.iter().sum();
    let mut found = Vec::new();
    for (place, swaps) in &by_place {
        let usual = share(whole(all - swaps.len()), whole(seen - recorded[*place])).unwrap_or(0.0);
        if swaps.len() >= parameters.count("least_swaps") {
            found.extend(judge(book, parameters, *place, swaps, whole(recorded[*place]), usual, &prices));
        }
    }
    found
}

fn kept(book: &Book<'_>) -> HashSet<(usize, usize)> {
    let known = book.stock.iter().filter_map(|moved| {
        let place = book.places.binary_search(&moved.fixmedins_code.as_deref()?).ok()?;
        Some((place, book.items.binary_search(&moved.med_list_codg.as_deref()?).ok()?))
    });
    known.collect()
}

/// What was billed and not sold, beside what was sold and not billed.
fn swaps(
    book: &Book<'_>,
    at: usize,
    sold: &BTreeMap<usize, i64>,
    kept: &HashSet<(usize, usize)>,
    place: usize,
) -> Vec<Swap> {
    let visit = &book.visits[at];
    let billed: BTreeSet<usize> = visit.items.iter().map(|(item, _)| *item).collect();
    let mut unbilled = sold.keys().copied().filter(|item| !billed.contains(item));
    let mut swaps = Vec::new();
    for (number, line) in visit.lines.iter().enumerate() {
        let item = line.med_list_codg.as_deref().and_then(|code| book.items.binary_search(&code).ok());
        let Some(item) = item.filter(|item| !sold.contains_key(item) && kept.contains(&(place, *item))) else {
            continue;
        };
        let Some(other) = unbilled.next() else { break };
        swaps.push(Swap { visit: at, line: number, billed: item, sold: other });
    }
    swaps
}

/// The usual price of an article, in 元, over all bills.
fn prices(book: &Book<'_>) -> HashMap<usize, f64> {
    let mut all: HashMap<usize, Vec<f64>> = HashMap::default();
    for line in book.visits.iter().flat_map(|visit| &visit.lines) {
        let item = line.med_list_codg.as_deref().and_then(|code| book.items.binary_search(&code).ok());
        if let Some((item, price)) = item.zip(line.pric) {
            all.entry(item).or_default().push(signed(price.to_scaled(4)) / 10_000.0);
        }
    }
    all.into_iter().filter_map(|(item, prices)| Some((item, median(&prices)?))).collect()
}

/// How alike two names are: common pairs of characters.
fn names_alike(one: &str, other: &str) -> f64 {
    let pairs = |name: &str| -> Vec<(char, char)> {
        let letters: Vec<char> = name.chars().collect();
        let mut pairs: Vec<_> = letters.windows(2).map(|two| (two[0], two[1])).collect();
        pairs.sort_unstable();
        pairs.dedup();
        pairs
    };
    overlap(&pairs(one), &pairs(other))
}

fn judge(
    book: &Book<'_>,
    parameters: &Parameters,
    place: usize,
    swaps: &[Swap],
    recorded: f64,
    usual: f64,
    prices: &HashMap<usize, f64>,
) -> Option<Suspicion> {
    let names: Vec<f64> = swaps
        .iter()
        .filter_map(|swap| Some(names_alike(book.item_names[swap.billed]?, book.item_names[swap.sold]?)))
        .collect();
    let gaps: Vec<f64> = swaps
        .iter()
        .filter_map(|swap| Some((prices.get(&swap.billed)? / prices.get(&swap.sold)?.max(0.01)).ln()))
        .collect();
    let mut pairs: BTreeMap<usize, usize> = BTreeMap::new();
    for swap in swaps {
        *pairs.entry(swap.billed).or_default() += 1;
    }
    let (favourite, most) = pairs.iter().max_by_key(|(item, count)| (**count, std::cmp::Reverse(**item)))?;
    let rate = share(whole(swaps.len()), recorded).map(|rate| rate - usual);
    let mut score = Score::new(parameters);
    score
        .part("swaps", Some(whole(swaps.len())), "收费与销售登记品名不同的明细数")
        .part("rate", rate, "占有销售登记的就诊，高于其他机构的部分")
        .part("names", median(&names), "所收与所售名称的相似度（中位数）")
        .part("price", median(&gaps).map(f64::exp), "所收单价是所售单价的几倍（中位数）")
        .part(
            "focus",
            share(whole(*most), whole(swaps.len())),
            format!("最常冒用的品名：{}", book.item_name(*favourite)),
        );
    let visits: Vec<usize> = swaps.iter().map(|swap| swap.visit).collect();
    let lines: HashSet<(usize, usize)> = swaps.iter().map(|swap| (swap.visit, swap.line)).collect();
    let number = |swap: &Swap| {
        let visit = &book.visits[swap.visit];
        format!("{}/{}", visit.id, visit.lines[swap.line].feedetl_sn.as_deref().unwrap_or("?"))
    };
    let members = Members { lines: swaps.iter().map(number).collect(), ..book.members(&visits) };
    let told: BTreeSet<String> = swaps
        .iter()
        .take(200)
        .map(|swap| format!("售出 {}，按 {} 收费", book.item_name(swap.sold), book.item_name(swap.billed)))
        .collect();
    let told: Vec<String> = told.into_iter().take(3).collect();
    let why = format!("{}：{}", book.place_name(place), told.join("；"));
    score.suspicion(book.places[place].to_owned(), members, book.stake_of_lines(&visits, Some(&lines)), why)
}
