//! 追溯码重复: one package's trace code was billed twice and never came back in between.

use super::Model;
use crate::book::Book;
use crate::facts::Suspicion;
use crate::numbers::{share, signed, whole};
use crate::score::Score;
use crate::settings::Parameters;
use foldhash::{HashMap, HashSet};
use std::collections::BTreeMap;

pub(super) const MODEL: Model =
    Model { id: "trace_reuse", numbers: &[], lists: &[], parts: &["repeats", "strangers", "apart", "share"], run };

/// A line, as (visit, line).
type At = (usize, usize);

fn run(book: &Book<'_>, parameters: &Parameters) -> Vec<Suspicion> {
    let mut uses: HashMap<&str, Vec<At>> = HashMap::default();
    let mut traced = vec![0_usize; book.places.len()];
    for (at, visit) in book.visits.iter().enumerate() {
        let returned: HashSet<&str> = visit.lines.iter().filter_map(|line| line.init_feedetl_sn.as_deref()).collect();
        for (number, line) in visit.lines.iter().enumerate() {
            let back = line.init_feedetl_sn.is_some() || line.cnt.is_some_and(|count| count.to_scaled(4) <= 0);
            let given_back = line.feedetl_sn.as_deref().is_some_and(|own| returned.contains(own));
            let codes = line.drug_trac_codg.iter().flatten().filter(|code| !code.trim().is_empty());
            for code in codes.filter(|_| !back && !given_back) {
                uses.entry(code.trim()).or_default().push((at, number));
                if let Some(place) = visit.place {
                    traced[place] += 1;
                }
            }
        }
    }
    let returned = returned_to_stock(book);
    // The place of the later use answers; visits are numbered in order of time.
    let mut by_place: BTreeMap<usize, BTreeMap<&str, Vec<At>>> = BTreeMap::new();
    for (code, mut at) in uses.into_iter().filter(|(code, at)| at.len() > 1 && !returned.contains(code)) {
        at.sort_unstable();
        at.dedup();
        if let Some(place) = at.last().filter(|_| at.len() > 1).and_then(|(visit, _)| book.visits[*visit].place) {
            by_place.entry(place).or_default().insert(code, at);
        }
    }
    by_place.iter().filter_map(|(place, codes)| judge(book, parameters, *place, codes, traced[*place])).collect()
}

/// Codes that the stock book says came back.
fn returned_to_stock<'b>(book: &'b Book<'_>) -> HashSet<&'b str> {
    let back = book.stock.iter().filter(|moved| moved.move_kind.as_deref() == Some("sold_back"));
    back.flat_map(|moved| moved.drug_trac_codg.iter().flatten()).map(|code| code.trim()).collect()
}

fn judge(
    book: &Book<'_>,
    parameters: &Parameters,
    place: usize,
    codes: &BTreeMap<&str, Vec<At>>,
    traced: usize,
) -> Option<Suspicion> {
    let repeats: usize = codes.values().map(|at| at.len() - 1).sum();
    let strange = codes.values().filter(|at| {
        let persons: Vec<usize> = at.iter().map(|(visit, _)| book.visits[*visit].person).collect();
        persons.iter().any(|person| book.strangers(*person, persons[0]))
    });
    let strange = share(whole(strange.count()), whole(codes.len()));
    let apart = codes.values().filter_map(|at| {
        let day = |at: &At| book.visits[at.0].day();
        Some(day(at.last()?)? - day(at.first()?)?)
    });
    let apart = apart.max().map(signed);
    let mut score = Score::new(parameters);
    score
        .part("repeats", Some(whole(repeats)), format!("{} 个追溯码重复结算 {repeats} 次", codes.len()))
        .part("strangers", strange, "卖给不同家庭的占比")
        .part("apart", apart, "重复使用相隔的天数（最长）")
        .part("share", share(whole(repeats), whole(traced)), "占该机构全部追溯码的比例");
    let at: Vec<At> = codes.values().flatten().copied().collect();
    let visits: Vec<usize> = at.iter().map(|(visit, _)| *visit).collect();
    // The first sale was honest; what is in question is what came after it.
    let later: HashSet<At> = codes.values().flat_map(|at| at[1..].iter().copied()).collect();
    let mut members = book.members(&visits);
    members.lines = at
        .iter()
        .map(|(visit, line)| {
            let number = book.visits[*visit].lines[*line].feedetl_sn.as_deref().unwrap_or("?");
            format!("{}/{number}", book.visits[*visit].id)
        })
        .collect();
    let why = format!("{} 结算的药品追溯码此前已经卖出过", book.place_name(place));
    score.suspicion(book.places[place].to_owned(), members, book.stake_of_lines(&visits, Some(&later)), why)
}
