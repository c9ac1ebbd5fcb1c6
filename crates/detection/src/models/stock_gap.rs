//! 进销存不符: more was billed than was ever there to sell.

use super::Model;
use super::supply::{Supply, supplies};
use crate::book::Book;
use crate::facts::Suspicion;
use crate::numbers::{median, share, signed, whole};
use crate::score::Score;
use crate::settings::Parameters;
use foldhash::HashSet;
use std::collections::BTreeMap;

pub(super) const MODEL: Model = Model {
    id: "stock_gap",
    numbers: &["least_share", "least_units"],
    lists: &[],
    parts: &["share", "money", "book", "unit", "articles"],
    run,
};

struct Gap<'s> {
    item: usize,
    supply: &'s Supply,
    missing: i64,
    share: f64,
}

fn run(book: &Book<'_>, parameters: &Parameters) -> Vec<Suspicion> {
    let supplies = supplies(book);
    let mut gaps: BTreeMap<usize, Vec<Gap<'_>>> = BTreeMap::new();
    let mut kept: BTreeMap<usize, usize> = BTreeMap::new();
    for ((place, item), supply) in &supplies {
        let Some(available) = supply.available() else { continue };
        *kept.entry(*place).or_default() += 1;
        let missing = supply.billed - available;
        let share = share(signed(missing), signed(supply.billed)).unwrap_or(0.0);
        let units = signed(missing) / 10_000.0;
        if share >= parameters.number("least_share") && units >= parameters.number("least_units") {
            gaps.entry(*place).or_default().push(Gap { item: *item, supply, missing, share });
        }
    }
    let rates: Vec<f64> =
        kept.iter().map(|(place, count)| whole(gaps.get(place).map_or(0, Vec::len)) / whole(*count)).collect();
    let usual = median(&rates).unwrap_or(0.0);
    let mut found = Vec::new();
    for (place, gaps) in &gaps {
        let excess = whole(gaps.len()) / whole(kept[place]) - usual;
        found.extend(judge(book, parameters, *place, gaps, excess));
    }
    found
}

/// One suspicion a place; the parts speak of its worst article.
fn judge(book: &Book<'_>, parameters: &Parameters, place: usize, gaps: &[Gap<'_>], excess: f64) -> Option<Suspicion> {
    let worst = gaps.iter().max_by(|a, b| money(book, a).total_cmp(&money(book, b)).then(b.item.cmp(&a.item)))?;
    let supply = worst.supply;
    let times = share(signed(supply.billed), signed(supply.billed - worst.missing));
    let converted = times.map(|times| (times - times.round()).abs() < 0.02 && times.round() >= 5.0);
    let total: f64 = gaps.iter().map(|gap| money(book, gap)).sum();
    let mut score = Score::new(parameters);
    score
        .part("share", Some(worst.share), told(book, worst))
        .part("money", Some(total / 100.0), "缺口按所收单价折算的金额")
        .part("book", share(signed(supply.billed - supply.sold), signed(supply.billed)), "收费数量超出销售登记的比例")
        .part("unit", converted.map(|converted| f64::from(u8::from(!converted))), "缺口不像包装单位换算")
        .part("articles", Some(excess), format!("{} 个品种有缺口，占比高于同行的部分", gaps.len()));
    let mut visits: Vec<usize> = Vec::new();
    let mut lines = HashSet::default();
    let mut members = crate::facts::Members::default();
    members.institutions.insert(book.places[place].to_owned());
    for gap in gaps {
        members.articles.insert(format!("{}|{}", book.places[place], book.items[gap.item]));
    }
    for (visit, line) in gaps.iter().flat_map(|gap| &gap.supply.lines) {
        visits.push(*visit);
        lines.insert((*visit, *line));
        let number = book.visits[*visit].lines[*line].feedetl_sn.as_deref().unwrap_or("?");
        members.lines.insert(format!("{}/{number}", book.visits[*visit].id));
        members.visits.insert(book.visits[*visit].id.to_owned());
    }
    let told: Vec<String> = gaps.iter().take(5).map(|gap| told(book, gap)).collect();
    let why = format!("{} 收费多于进货：{}", book.place_name(place), told.join("；"));
    score.suspicion(book.places[place].to_owned(), members, book.stake_of_lines(&visits, Some(&lines)), why)
}

fn told(book: &Book<'_>, gap: &Gap<'_>) -> String {
    let units = |count: i64| signed(count) / 10_000.0;
    format!(
        "{} 收费 {}，可供 {}，缺 {}",
        book.item_name(gap.item),
        units(gap.supply.billed),
        units(gap.supply.billed - gap.missing),
        units(gap.missing)
    )
}

/// The gap at the mean price billed, in 分; for a score only.
fn money(book: &Book<'_>, gap: &Gap<'_>) -> f64 {
    let billed: i64 = gap
        .supply
        .lines
        .iter()
        .filter_map(|(visit, line)| book.visits[*visit].lines[*line].det_item_fee_sumamt)
        .map(|amount| amount.0)
        .sum();
    share(signed(billed) * signed(gap.missing), signed(gap.supply.billed)).unwrap_or(0.0)
}
