//! 高套编码: a stay is coded heavier than what was done and given supports.

use super::Model;
use crate::book::{Book, Sort};
use crate::facts::Suspicion;
use crate::numbers::{median, share, shrunk, signed, whole};
use crate::score::Score;
use crate::settings::Parameters;
use foldhash::{HashMap, HashSet};
use std::collections::BTreeMap;

pub(super) const MODEL: Model = Model {
    id: "upcoding",
    numbers: &["least_stays", "support_share", "support_lift", "least_places", "covered", "shrink_stays"],
    lists: &["heavy_diagnoses"],
    parts: &["weight", "unsupported", "cheap", "place"],
    run,
};

fn run(book: &Book<'_>, parameters: &Parameters) -> Vec<Suspicion> {
    let stays: Vec<usize> = (0..book.visits.len())
        .filter(|at| book.visits[*at].sort == Sort::Stay && book.visits[*at].place.is_some())
        .collect();
    let support = Support::of(book, &stays, parameters);
    let costs = costs(book, &stays, parameters);
    let bare: HashMap<usize, Vec<&str>> = stays.iter().map(|at| (*at, support.lacking(book, *at))).collect();
    let mut by_place: BTreeMap<usize, (usize, usize)> = BTreeMap::new();
    for at in &stays {
        let (bad, all) = by_place.entry(book.visits[*at].place.unwrap_or(0)).or_default();
        *bad += usize::from(!bare[at].is_empty());
        *all += 1;
    }
    let usual = share(whole(by_place.values().map(|(bad, _)| bad).sum()), whole(stays.len())).unwrap_or(0.0);
    stays
        .iter()
        .filter_map(|at| {
            let visit = &book.visits[*at];
            let (bad, all) = by_place[&visit.place?];
            let rate = shrunk(whole(bad), whole(all), usual, parameters.number("shrink_stays"));
            let heavier = heavier(book, *at);
            let cheap =
                costs.get(&book_key(book, *at)?).copied().zip(visit.fee).map(|(usual, fee)| signed(fee.0) / usual);
            let lacking = &bare[at];
            let known = !visit.items.is_empty() && support.knows(book, *at);
            let mut score = Score::new(parameters);
            score
                .part("weight", heavier, "编码权重比有依据编码的权重高出的比例")
                .part(
                    "unsupported",
                    known.then_some(whole(lacking.len())),
                    format!("无任何相应检查治疗用药的诊断：{}", or_none(lacking)),
                )
                .part("cheap", cheap, "费用相对同诊断住院的倍数")
                .part("place", share(rate, usual), "该机构无依据诊断率相对全体的倍数");
            let why = format!("{} 的编码缺少依据：{}", visit.id, or_none(lacking));
            score.suspicion(visit.id.to_owned(), book.members(&[*at]), book.stake(&[*at]), why)
        })
        .collect()
}

fn or_none(codes: &[&str]) -> String {
    if codes.is_empty() { "无".to_owned() } else { codes.join("、") }
}

fn heavier(book: &Book<'_>, at: usize) -> Option<f64> {
    let facts = book.visits[at].facts;
    let coded = signed(facts.group_weight?.to_scaled(4));
    let supported = signed(facts.supported_weight?.to_scaled(4));
    share(coded - supported, supported)
}

/// Stays that should cost alike: the same main diagnosis, operated or not.
fn book_key<'b>(book: &Book<'b>, at: usize) -> Option<(&'b str, bool)> {
    let visit = &book.visits[at];
    Some((crate::book::head(visit.main?), !visit.facts.procedures.is_empty()))
}

fn costs<'b>(book: &Book<'b>, stays: &[usize], parameters: &Parameters) -> HashMap<(&'b str, bool), f64> {
    let mut fees: HashMap<(&str, bool), Vec<f64>> = HashMap::default();
    for at in stays {
        if let (Some(key), Some(fee)) = (book_key(book, *at), book.visits[*at].fee) {
            fees.entry(key).or_default().push(signed(fee.0));
        }
    }
    let enough = fees.into_iter().filter(|(_, all)| all.len() >= parameters.count("least_stays"));
    enough.filter_map(|(key, all)| Some((key, median(&all)?))).collect()
}

/// What usually goes with a diagnosis: the items that its stays have far more often than others.
struct Support<'a> {
    parameters: &'a Parameters,
    items: HashMap<&'a str, HashSet<usize>>,
}

impl<'a> Support<'a> {
    fn of(book: &Book<'a>, stays: &[usize], parameters: &'a Parameters) -> Support<'a> {
        let mut with_item = vec![0_usize; book.items.len()];
        let mut with_both: HashMap<&str, HashMap<usize, usize>> = HashMap::default();
        let mut with_code: HashMap<&str, usize> = HashMap::default();
        for at in stays {
            let visit = &book.visits[*at];
            for (item, _) in &visit.items {
                with_item[*item] += 1;
            }
            for code in codes(book, *at, parameters) {
                *with_code.entry(code).or_default() += 1;
                let both = with_both.entry(code).or_default();
                for (item, _) in &visit.items {
                    *both.entry(*item).or_default() += 1;
                }
            }
        }
        let all = whole(stays.len());
        let common = |code: &str, item: usize, both: usize| {
            let here = whole(both) / whole(with_code[code]);
            here >= parameters.number("support_share")
                && here >= parameters.number("support_lift") * whole(with_item[item]) / all
        };
        let enough = with_both.into_iter().filter(|(code, _)| with_code[code] >= parameters.count("least_stays"));
        let items = enough.map(|(code, both)| {
            let set = both.into_iter().filter(|(item, both)| common(code, *item, *both)).map(|(item, _)| item);
            (code, set.collect::<HashSet<_>>())
        });
        let mut support = Support { parameters, items: items.filter(|(_, set)| !set.is_empty()).collect() };
        support.keep_what_holds(book, stays, parameters);
        support
    }

    /// Keeps the diagnoses that at nearly every place go with one of their items: the median of the
    /// places decides, so that a few places that code without them cannot hide it.
    fn keep_what_holds(&mut self, book: &Book<'a>, stays: &[usize], parameters: &Parameters) {
        let mut places: HashMap<&str, BTreeMap<usize, (usize, usize)>> = HashMap::default();
        for at in stays {
            let lacking = self.lacking(book, *at);
            for code in codes(book, *at, parameters) {
                let place = book.visits[*at].place.unwrap_or(0);
                let (held, all) = places.entry(code).or_default().entry(place).or_default();
                *held += usize::from(!lacking.contains(&code));
                *all += 1;
            }
        }
        let holds = |code: &str| {
            let shares: Vec<f64> = places[code].values().map(|(held, all)| whole(*held) / whole(*all)).collect();
            shares.len() >= parameters.count("least_places")
                && median(&shares).is_some_and(|middle| middle >= parameters.number("covered"))
        };
        self.items.retain(|code, _| holds(code));
    }

    fn knows(&self, book: &Book<'a>, at: usize) -> bool {
        codes(book, at, self.parameters).iter().any(|code| self.items.contains_key(code))
    }

    /// The diagnoses of a stay for which not one of the usual items was billed.
    fn lacking(&self, book: &Book<'a>, at: usize) -> Vec<&'a str> {
        let billed: HashSet<usize> = book.visits[at].items.iter().map(|(item, _)| *item).collect();
        let bare =
            |code: &&str| self.items.get(code).is_some_and(|items| !billed.is_empty() && items.is_disjoint(&billed));
        codes(book, at, self.parameters).into_iter().filter(bare).collect()
    }
}

/// The heavy secondary diagnoses of a stay, each once: what makes a group heavier.
fn codes<'a>(book: &Book<'a>, at: usize, parameters: &Parameters) -> Vec<&'a str> {
    let visit = &book.visits[at];
    let heavy = |code: &&str| parameters.list("heavy_diagnoses").iter().any(|head| code.starts_with(head.as_str()));
    let mut codes: Vec<&str> = visit
        .facts
        .diagnoses
        .iter()
        .filter_map(|row| row.diag_code.as_deref())
        .filter(|code| Some(*code) != visit.main)
        .filter(heavy)
        .collect();
    codes.sort_unstable();
    codes.dedup();
    codes
}
