//! 进销存: what a place could have sold of an article, beside what it billed. Shared by the models
//! of stock and of substitution.

use crate::book::{Book, minute_of};
use foldhash::HashMap;
use std::collections::BTreeMap;

/// One article at one place; quantities in ten-thousandths.
#[derive(Debug, Default, Clone)]
pub(super) struct Supply {
    /// 期初: the first count, and when; what happened before it is not looked at.
    pub(super) opening: Option<(i64, i64)>,
    /// 期末: the last count, if there were two.
    pub(super) closing: Option<i64>,
    /// Bought less what went back, and changes.
    pub(super) received: i64,
    /// Sold less what came back, by the stock book.
    pub(super) sold: i64,
    /// By the bills.
    pub(super) billed: i64,
    /// Lines that bill it, as (visit, line).
    pub(super) lines: Vec<(usize, usize)>,
}

impl Supply {
    /// What there was to sell; unknown without a first count.
    pub(super) fn available(&self) -> Option<i64> {
        let (_, opening) = self.opening?;
        Some(opening + self.received - self.closing.unwrap_or(0).max(0))
    }
}

/// By place and article, for articles that the place keeps a stock book of.
pub(super) fn supplies(book: &Book<'_>) -> BTreeMap<(usize, usize), Supply> {
    let mut supplies: BTreeMap<(usize, usize), Supply> = BTreeMap::new();
    let mut last: HashMap<(usize, usize), i64> = HashMap::default();
    for moved in &book.stock {
        let place = moved.fixmedins_code.as_deref().and_then(|code| book.places.binary_search(&code).ok());
        let item = moved.med_list_codg.as_deref().and_then(|code| book.items.binary_search(&code).ok());
        let (Some(place), Some(item), Some(count)) = (place, item, moved.cnt) else { continue };
        let (count, at) = (count.to_scaled(4), moved.moved_at.map(minute_of));
        let supply = supplies.entry((place, item)).or_default();
        match moved.move_kind.as_deref() {
            Some("counted") => match (supply.opening, at) {
                (None, Some(at)) => supply.opening = Some((at, count)),
                (Some(_), _) => {
                    last.insert((place, item), count);
                }
                (None, None) => {}
            },
            Some("bought" | "changed") => supply.received += count,
            Some("bought_back") => supply.received -= count.abs(),
            Some("sold") => supply.sold += count,
            Some("sold_back") => supply.sold -= count.abs(),
            _ => {}
        }
    }
    for (key, count) in last {
        if let Some(supply) = supplies.get_mut(&key) {
            supply.closing = Some(count);
        }
    }
    bill(book, &mut supplies);
    supplies
}

fn bill(book: &Book<'_>, supplies: &mut BTreeMap<(usize, usize), Supply>) {
    for (at, visit) in book.visits.iter().enumerate() {
        let Some(place) = visit.place else { continue };
        for (number, line) in visit.lines.iter().enumerate() {
            let item = line.med_list_codg.as_deref().and_then(|code| book.items.binary_search(&code).ok());
            let Some((item, count)) = item.zip(line.cnt) else { continue };
            let Some(supply) = supplies.get_mut(&(place, item)) else { continue };
            let minute = line.fee_ocur_time.map(minute_of).or(visit.begin);
            if supply.opening.is_some_and(|(from, _)| minute.is_some_and(|minute| minute < from)) {
                continue;
            }
            supply.billed += count.to_scaled(4);
            supply.lines.push((at, number));
        }
    }
}
