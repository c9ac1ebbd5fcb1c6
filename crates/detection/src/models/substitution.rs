//! 串换: one thing goes over the counter, another is billed.

use super::Model;
use crate::book::{Book, Purpose, Sort};
use crate::facts::{Members, Suspicion};
use crate::numbers::{median, overlap, share, signed, whole};
use crate::score::Score;
use crate::settings::Parameters;
use foldhash::{HashMap, HashSet};
use std::collections::{BTreeMap, BTreeSet};

pub(super) const MODEL: Model = Model {
    id: "substitution",
    numbers: &["least_swaps", "alike", "least_places", "dear", "margin_days", "excess_all"],
    lists: &[],
    parts: &["swaps", "names", "price", "excess", "unsold", "focus"],
    run,
};

/// What a place bills of an article: (visit, line).
type Billed = BTreeMap<(usize, usize), Vec<(usize, usize)>>;

/// A line that bills another thing than was sold: the stock book says so, or its own name, or a
/// price that the article has nowhere else.
struct Swap {
    visit: usize,
    line: usize,
    billed: usize,
    /// By name, where one is known.
    sold: Option<String>,
    /// The price as a multiple of the usual one, where it is dear.
    times: Option<f64>,
}

fn run(book: &Book<'_>, parameters: &Parameters) -> Vec<Suspicion> {
    let sold = sold(book);
    let (kept, names, prices) = (kept(book), names(book), prices(book));
    let mut billed = Billed::new();
    let mut by_article: BTreeMap<(usize, usize), Vec<Swap>> = BTreeMap::new();
    for (at, visit) in book.visits.iter().enumerate().filter(|(_, visit)| visit.sort != Sort::Stay) {
        let Some(place) = visit.place else { continue };
        let mut found = sold.get(visit.id).map_or_else(Vec::new, |sold| swaps(book, at, sold, &kept, place));
        for (number, line) in visit.lines.iter().enumerate() {
            let Some(item) = item_of(book, line.med_list_codg.as_deref()) else { continue };
            // Goods only: a service costs what the place's level may charge.
            if matches!(book.purpose(line), Some(Purpose::Bed | Purpose::Round | Purpose::Test | Purpose::Treatment)) {
                continue;
            }
            billed.entry((place, item)).or_default().push((at, number));
            let strange = |name: &&str| foreign(book, parameters, &names, item, name, place);
            let name = line.med_list_name.as_deref().filter(strange).map(str::to_owned);
            let times = dearer(&prices, item, place, line.pric).filter(|times| *times >= parameters.number("dear"));
            if name.is_some() || times.is_some() {
                found.push(Swap { visit: at, line: number, billed: item, sold: name, times });
            }
        }
        for swap in found {
            by_article.entry((place, swap.billed)).or_default().push(swap);
        }
    }
    let sizes = sizes(book, &billed);
    let unsold = unsold(book, &billed);
    let enough = by_article.into_iter().filter(|(_, swaps)| swaps.len() >= parameters.count("least_swaps"));
    let judged = enough.filter_map(|((place, item), swaps)| {
        let expected = expected(&billed, &sizes, place, item);
        judge(book, parameters, place, &swaps, &billed[&(place, item)], expected, unsold.get(&place).copied())
    });
    judged.collect()
}

fn item_of(book: &Book<'_>, code: Option<&str>) -> Option<usize> {
    code.and_then(|code| book.items.binary_search(&code).ok())
}

/// What the stock book says was sold in each visit.
fn sold<'b>(book: &Book<'b>) -> HashMap<&'b str, BTreeMap<usize, i64>> {
    let mut sold: HashMap<&str, BTreeMap<usize, i64>> = HashMap::default();
    for moved in book.stock.iter().filter(|moved| moved.move_kind.as_deref() == Some("sold")) {
        let item = item_of(book, moved.med_list_codg.as_deref());
        if let (Some(visit), Some(item), Some(count)) = (moved.mdtrt_id.as_deref(), item, moved.cnt) {
            *sold.entry(visit).or_default().entry(item).or_default() += count.to_scaled(4);
        }
    }
    sold
}

/// Which names a code goes by, and at which places.
fn names<'b>(book: &Book<'b>) -> HashMap<(usize, &'b str), BTreeSet<usize>> {
    let mut names: HashMap<(usize, &str), BTreeSet<usize>> = HashMap::default();
    for visit in &book.visits {
        for line in &visit.lines {
            let item = item_of(book, line.med_list_codg.as_deref());
            if let (Some(item), Some(name), Some(place)) = (item, line.med_list_name.as_deref(), visit.place) {
                names.entry((item, name)).or_default().insert(place);
            }
        }
    }
    names
}

/// Whether a line's name is another thing's: not like the article's, and no name that several
/// places have for it (a brand).
fn foreign(
    book: &Book<'_>,
    parameters: &Parameters,
    names: &HashMap<(usize, &str), BTreeSet<usize>>,
    item: usize,
    name: &str,
    place: usize,
) -> bool {
    let usual = book.item_names[item].unwrap_or(name);
    if usual == name {
        return false;
    }
    let elsewhere = names.get(&(item, name)).map_or(0, |places| places.iter().filter(|other| **other != place).count());
    elsewhere < parameters.count("least_places") && names_alike(usual, name) <= parameters.number("alike")
}

/// What each article costs at each place: the median, in 元.
fn prices(book: &Book<'_>) -> BTreeMap<usize, BTreeMap<usize, f64>> {
    let mut all: BTreeMap<(usize, usize), Vec<f64>> = BTreeMap::new();
    for visit in &book.visits {
        for line in &visit.lines {
            let item = item_of(book, line.med_list_codg.as_deref());
            if let (Some(item), Some(place), Some(price)) = (item, visit.place, line.pric) {
                all.entry((item, place)).or_default().push(yuan(price));
            }
        }
    }
    let mut prices: BTreeMap<usize, BTreeMap<usize, f64>> = BTreeMap::new();
    for ((item, place), known) in all {
        if let Some(middle) = median(&known) {
            prices.entry(item).or_default().insert(place, middle);
        }
    }
    prices
}

fn yuan(price: terms::Exact) -> f64 {
    signed(price.to_scaled(4)) / 10_000.0
}

/// A price as a multiple of the other places' middle one, where at least two others have it.
fn dearer(
    prices: &BTreeMap<usize, BTreeMap<usize, f64>>,
    item: usize,
    place: usize,
    price: Option<terms::Exact>,
) -> Option<f64> {
    let others = prices.get(&item)?.iter().filter(|(other, _)| **other != place);
    let others: Vec<f64> = others.map(|(_, price)| *price).collect();
    let usual = median(&others).filter(|_| others.len() > 1)?;
    share(yuan(price?), usual)
}

/// Lines of each place, and of each article.
fn sizes(book: &Book<'_>, billed: &Billed) -> (Vec<usize>, Vec<usize>) {
    let (mut places, mut items) = (vec![0; book.places.len()], vec![0; book.items.len()]);
    for ((place, item), lines) in billed {
        places[*place] += lines.len();
        items[*item] += lines.len();
    }
    (places, items)
}

/// How often a place would bill an article if it did as the other places that bill it.
fn expected(billed: &Billed, (places, items): &(Vec<usize>, Vec<usize>), place: usize, item: usize) -> f64 {
    let others = (0..places.len()).filter(|other| *other != place && billed.contains_key(&(*other, item)));
    let peers: usize = others.map(|other| places[other]).sum();
    let elsewhere = items[item] - billed.get(&(place, item)).map_or(0, Vec::len);
    (whole(elsewhere) + 0.5) / (whole(peers) + 1.0) * whole(places[place])
}

/// Articles that a place buys and never sells or bills, where it has a stock book.
fn unsold(book: &Book<'_>, billed: &Billed) -> HashMap<usize, usize> {
    let mut moves: BTreeMap<(usize, usize), (bool, bool)> = BTreeMap::new();
    for moved in &book.stock {
        let place = moved.fixmedins_code.as_deref().and_then(|code| book.places.binary_search(&code).ok());
        let Some(key) = place.zip(item_of(book, moved.med_list_codg.as_deref())) else { continue };
        let (bought, sold) = moves.entry(key).or_default();
        *bought |= moved.move_kind.as_deref() == Some("bought");
        *sold |= moved.move_kind.as_deref() == Some("sold");
    }
    let mut unsold: HashMap<usize, usize> = HashMap::default();
    for ((place, item), (bought, sold)) in moves {
        *unsold.entry(place).or_default() += usize::from(bought && !sold && !billed.contains_key(&(place, item)));
    }
    unsold
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
        let name = book.item_names[other].unwrap_or(book.items[other]).to_owned();
        swaps.push(Swap { visit: at, line: number, billed: item, sold: Some(name), times: None });
    }
    swaps
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
    billed: &[(usize, usize)],
    expected: f64,
    unsold: Option<usize>,
) -> Option<Suspicion> {
    let item = swaps[0].billed;
    let names = swaps.iter().filter_map(|swap| Some(names_alike(book.item_names[swap.billed]?, swap.sold.as_deref()?)));
    let names: Vec<f64> = names.collect();
    let times: Vec<f64> = swaps.iter().filter_map(|swap| swap.times).collect();
    let excess = whole(billed.len()) / expected.max(0.5);
    let focus = share(whole(swaps.len()), whole(billed.len()));
    let article = book.item_name(item);
    let mut score = Score::new(parameters);
    score
        .part("swaps", Some(whole(swaps.len())), format!("{article} 的收费名称、销售登记或单价对不上的明细数"))
        .part("names", median(&names), "所售与所收名称的相似度（中位数）")
        .part("price", median(&times), "单价是其他机构的几倍（中位数）")
        .part("excess", Some(excess), format!("该品种收费 {} 条，按其他机构应有 {expected:.1} 条", billed.len()))
        .part("unsold", unsold.map(whole), "进了货却从不销售、从不收费的品种数")
        .part("focus", focus, "该品种收费中名不副实的占比");
    let lines = in_question(book, parameters, swaps, billed, excess);
    let visits: Vec<usize> = lines.iter().map(|(visit, _)| *visit).collect();
    let number = |(visit, line): &(usize, usize)| {
        let visit = &book.visits[*visit];
        format!("{}/{}", visit.id, visit.lines[*line].feedetl_sn.as_deref().unwrap_or("?"))
    };
    let members = Members { lines: lines.iter().map(number).collect(), ..book.members(&visits) };
    let told: BTreeSet<&str> = swaps.iter().filter_map(|swap| swap.sold.as_deref()).collect();
    let mut told: Vec<&str> = told.into_iter().take(5).collect();
    if told.is_empty() {
        told.push("价格不一的别种商品");
    }
    let why = format!("{} 把 {} 按 {article} 收费", book.place_name(place), told.join("、"));
    let group = format!("{}|{}", book.places[place], book.items[item]);
    score.suspicion(group, members, book.stake_of_lines(&visits, Some(&lines)), why)
}

/// The lines with a wrong name, and, where the article is billed far beyond what others bill, all
/// of its lines of that time: many such lines carry the right name.
fn in_question(
    book: &Book<'_>,
    parameters: &Parameters,
    swaps: &[Swap],
    billed: &[(usize, usize)],
    excess: f64,
) -> HashSet<(usize, usize)> {
    let day = |at: usize| book.visits[at].day().unwrap_or(0);
    let mut lines: HashSet<(usize, usize)> = swaps.iter().map(|swap| (swap.visit, swap.line)).collect();
    let days = swaps.iter().map(|swap| day(swap.visit));
    if let (Some(first), Some(last)) = (days.clone().min(), days.max())
        && excess >= parameters.number("excess_all")
    {
        let margin = parameters.whole("margin_days");
        lines.extend(billed.iter().filter(|(visit, _)| (first - margin..=last + margin).contains(&day(*visit))));
    }
    lines
}
