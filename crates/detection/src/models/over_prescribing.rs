//! 超量开药: one person was given more of a drug than anyone could take in the time.

use super::Model;
use crate::book::{Book, Purpose};
use crate::facts::{Members, Suspicion};
use crate::numbers::{median, signed, whole};
use crate::score::Score;
use crate::settings::Parameters;
use encounter::Line;
use foldhash::{HashMap, HashSet};
use std::collections::{BTreeMap, BTreeSet};

pub(super) const MODEL: Model = Model {
    id: "over_prescribing",
    numbers: &["least_users", "least_purchases", "least_span_days", "held_limit_days", "dense_days"],
    lists: &[],
    parts: &["held", "ratio", "times", "same"],
    run,
};

/// One line of a drug, out of hospital.
#[derive(Clone, Copy)]
struct Purchase {
    visit: usize,
    line: usize,
    day: i64,
    /// Packages.
    count: f64,
    /// Days it lasts, where line or label say so.
    days: Option<f64>,
}

fn run(book: &Book<'_>, parameters: &Parameters) -> Vec<Suspicion> {
    let purchases = purchases(book);
    let usual = usual_use(&purchases, parameters);
    let mut persons: BTreeMap<usize, Vec<(usize, Course)>> = BTreeMap::new();
    for ((person, item), bought) in &purchases {
        if let Some(course) = Course::of(bought, usual.get(item).copied(), parameters) {
            persons.entry(*person).or_default().push((*item, course));
        }
    }
    persons.iter().filter_map(|(person, courses)| judge(book, parameters, *person, courses)).collect()
}

fn purchases(book: &Book<'_>) -> BTreeMap<(usize, usize), Vec<Purchase>> {
    let mut purchases: BTreeMap<(usize, usize), Vec<Purchase>> = BTreeMap::new();
    for (at, visit) in book.visits.iter().enumerate() {
        if visit.sort == crate::book::Sort::Stay || visit.by_plan() {
            continue;
        }
        let Some(day) = visit.day() else { continue };
        for (number, line) in visit.lines.iter().enumerate() {
            if book.purpose(line) != Some(Purpose::Drug) {
                continue;
            }
            let item = line.med_list_codg.as_deref().and_then(|code| book.items.binary_search(&code).ok());
            let Some((item, count)) = item.zip(line.cnt) else { continue };
            let count = signed(count.to_scaled(4)) / 10_000.0;
            let purchase = Purchase { visit: at, line: number, day, count, days: lasts(line, count) };
            purchases.entry((visit.person, item)).or_default().push(purchase);
        }
    }
    purchases
}

/// Days that a line lasts: as prescribed, or packages × dose ÷ daily dose.
fn lasts(line: &Line, count: f64) -> Option<f64> {
    let number = |value: Option<terms::Exact>| value.map(|value| signed(value.to_scaled(4)) / 10_000.0);
    let sign = if count < 0.0 { -1.0 } else { 1.0 };
    if let Some(days) = number(line.prd_days).filter(|days| *days > 0.0) {
        return Some(days * sign);
    }
    let daily = number(line.sin_dos)? * number(line.used_frqu)?;
    (daily > 0.0).then_some(count * number(line.spec_dose)? / daily)
}

/// Packages a day that people who take a drug for long usually use; only where enough do.
fn usual_use(purchases: &BTreeMap<(usize, usize), Vec<Purchase>>, parameters: &Parameters) -> HashMap<usize, f64> {
    let mut rates: BTreeMap<usize, Vec<f64>> = BTreeMap::new();
    for ((_, item), bought) in purchases {
        let span = bought.last().zip(bought.first()).map_or(0, |(last, first)| last.day - first.day);
        let days: BTreeSet<i64> = bought.iter().map(|purchase| purchase.day).collect();
        if days.len() >= parameters.count("least_purchases") && signed(span) >= parameters.number("least_span_days") {
            let last = bought.last().map_or(0, |last| last.day);
            let used: f64 = bought.iter().filter(|purchase| purchase.day < last).map(|purchase| purchase.count).sum();
            rates.entry(*item).or_default().push(used / signed(span));
        }
    }
    let enough = rates.into_iter().filter(|(_, rates)| rates.len() >= parameters.count("least_users"));
    enough.filter_map(|(item, rates)| Some((item, median(&rates).filter(|rate| *rate > 0.0)?))).collect()
}

/// 用药余量: a person's supply of one drug as time goes by.
struct Course {
    held: f64,
    ratio: Option<f64>,
    above: Vec<Purchase>,
    supplied: f64,
    span: i64,
}

impl Course {
    fn of(bought: &[Purchase], usual: Option<f64>, parameters: &Parameters) -> Option<Course> {
        let limit = parameters.number("held_limit_days");
        let (mut held, mut most, mut supplied, mut above) = (0.0_f64, 0.0_f64, 0.0, Vec::new());
        let mut last = bought.first()?.day;
        for purchase in bought {
            let days = purchase.days.or_else(|| usual.map(|usual| purchase.count / usual))?;
            held = (held - signed(purchase.day - last)).max(0.0) + days;
            last = purchase.day;
            supplied += days;
            if held > limit && days > 0.0 {
                above.push(*purchase);
            }
            most = most.max(held);
        }
        let span = last - bought[0].day;
        // Over a long time supply should last as long as the time, and one purchase more.
        let ratio = (bought.len() > 1).then(|| supplied / (signed(span) + limit));
        Some(Course { held: most, ratio, above, supplied, span })
    }
}

fn judge(book: &Book<'_>, parameters: &Parameters, person: usize, courses: &[(usize, Course)]) -> Option<Suspicion> {
    let best = courses.iter().filter(|(_, course)| !course.above.is_empty());
    let (item, worst) = best.max_by(|a, b| a.1.held.total_cmp(&b.1.held).then(b.0.cmp(&a.0)))?;
    let mut places: BTreeMap<usize, usize> = BTreeMap::new();
    for place in worst.above.iter().filter_map(|purchase| book.visits[purchase.visit].place) {
        *places.entry(place).or_default() += 1;
    }
    let knowing = places.values().max().copied().unwrap_or(0);
    let dense_days = parameters.whole("dense_days");
    let since =
        |from: usize| worst.above[from..].iter().take_while(|p| p.day < worst.above[from].day + dense_days).count();
    let dense = (0..worst.above.len()).map(since).max().unwrap_or(0);
    let mut score = Score::new(parameters);
    score
        .part("held", Some(worst.held), format!("{} 手中最多可用 {:.0} 天", book.item_name(*item), worst.held))
        .part("ratio", worst.ratio, format!("{} 天内开出 {:.0} 天的用量", worst.span, worst.supplied))
        .part("times", Some(whole(dense)), format!("任一 {dense_days} 天内，手中已超限仍继续开药的次数（最多）"))
        .part("same", Some(whole(knowing)), format!("同一机构明知超限仍开的次数（共 {} 家）", places.len()));
    let above: Vec<Purchase> = courses.iter().flat_map(|(_, course)| course.above.iter().copied()).collect();
    let visits: Vec<usize> = above.iter().map(|purchase| purchase.visit).collect();
    let lines: HashSet<(usize, usize)> = above.iter().map(|purchase| (purchase.visit, purchase.line)).collect();
    let number = |purchase: &Purchase| {
        let visit = &book.visits[purchase.visit];
        format!("{}/{}", visit.id, visit.lines[purchase.line].feedetl_sn.as_deref().unwrap_or("?"))
    };
    let members = Members { lines: above.iter().map(number).collect(), ..book.members(&visits) };
    let why = format!("{} 手中的 {} 够用 {:.0} 天还在开药", book.persons[person], book.item_name(*item), worst.held);
    score.suspicion(book.persons[person].to_owned(), members, book.stake_of_lines(&visits, Some(&lines)), why)
}
