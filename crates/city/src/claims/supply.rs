//! 进销存: what the institutions bought, sold and counted, made to fit what they billed, except
//! where a plot says otherwise.

use std::collections::BTreeMap;

use encounter::{Encounter, Stock};
use jiff::ToSpan as _;
use terms::{DateTime, Exact, Quantity};

use super::{line, some};
use crate::city::City;
use crate::plot::{Shortage, Wares};
use crate::random::Dice;
use crate::visit::Visit;

const SUPPLY: u64 = 71;
/// Days for which an institution buys at once.
const BLOCK: usize = 30;

/// What one institution billed of one article: quantity in ten-thousandths by block of days.
struct Demand {
    name: String,
    list_type: String,
    blocks: Vec<i64>,
    worth: i64,
}

/// Collects what was billed, and the sales that pharmacies report one by one.
pub(super) struct Supply<'a> {
    city: &'a City,
    demand: BTreeMap<(String, String), Demand>,
    rows: Vec<Stock>,
}

impl<'a> Supply<'a> {
    pub(super) fn new(city: &'a City) -> Supply<'a> {
        Supply { city, demand: BTreeMap::new(), rows: Vec::new() }
    }

    pub(super) fn see(&mut self, visit: &Visit, told: &Encounter) {
        let from = self.city.options.from;
        let blocks = usize::from(self.city.options.days) / BLOCK + 1;
        for (row, line) in told.lines.iter().zip(visit.lines.iter().filter(|line| !line.withdrawn)) {
            let list_type = row.list_type.as_deref().unwrap_or("");
            if !matches!(list_type, "101" | "102" | "301") {
                continue;
            }
            let day = from.until(line.time.date()).map_or(0, |span| span.get_days()).max(0);
            let block = (usize::try_from(day).unwrap_or(0) / BLOCK).min(blocks - 1);
            let key = (visit.institution.code.clone(), line.code.clone());
            let demand = self.demand.entry(key).or_insert_with(|| Demand {
                name: self.city.item(&line.code, line.time.date()).map_or(line.name.clone(), |item| item.name.clone()),
                list_type: list_type.to_owned(),
                blocks: vec![0; blocks],
                worth: 0,
            });
            demand.blocks[block] += line.count.0;
            demand.worth += line.amount.0;
            if visit.institution.pharmacy {
                self.sold(visit, line, row);
            }
        }
    }

    /// 3505 and 3506.
    fn sold(&mut self, visit: &Visit, line: &crate::Line, row: &encounter::Line) {
        let back = line.count < Quantity(0);
        self.rows.push(Stock {
            fixmedins_code: some(&visit.institution.code),
            fixmedins_bchno: Some(format!("{}{}", if back { "B" } else { "S" }, line::number(visit, line.number))),
            med_list_codg: some(&line.code),
            med_list_name: some(&line.name),
            list_type: row.list_type.clone(),
            move_kind: Some(if back { "sold_back" } else { "sold" }.to_owned()),
            moved_at: Some(line.time),
            cnt: Some(Exact::from(Quantity(line.count.0.abs()))),
            psn_no: some(&visit.person.number),
            mdtrt_id: some(&visit.label),
            drug_trac_codg: row.drug_trac_codg.clone(),
        });
    }

    /// Every movement, by institution, article and time, and the articles of the plots.
    pub(super) fn rows(mut self) -> (Vec<Stock>, Vec<(u32, String)>) {
        let mut articles = Vec::new();
        let chosen = self.short_articles(&mut articles);
        let mut rows = std::mem::take(&mut self.rows);
        for ((place, code), demand) in &self.demand {
            let mut dice = Dice::keyed(self.city.options.seed, &[SUPPLY, line::hash(place), line::hash(code)]);
            let shortage = chosen.get(&(place.clone(), code.clone())).copied().unwrap_or(Shortage::None);
            self.trade(place, code, demand, shortage, &mut dice, &mut rows);
        }
        for wares in self.city.plots.wares() {
            self.daily_goods(wares, &mut rows);
        }
        rows.sort_by(|a, b| {
            let key = |row: &Stock| (row.fixmedins_code.clone(), row.med_list_codg.clone(), row.moved_at);
            key(a).cmp(&key(b)).then_with(|| a.fixmedins_bchno.cmp(&b.fixmedins_bchno))
        });
        (rows, articles)
    }

    /// Which articles the plots let run short: those named, or some of the best sold.
    fn short_articles(&self, articles: &mut Vec<(u32, String)>) -> BTreeMap<(String, String), Shortage> {
        let mut chosen = BTreeMap::new();
        for short in self.city.plots.shorts() {
            let here = self.demand.iter().filter(|((place, _), _)| *place == short.institution);
            let mut best: Vec<_> = here
                .filter(|((_, code), row)| match &short.article {
                    Some(only) => only == code,
                    // Sold in every block, and dear or much: what is worth to be billed without being there.
                    None => {
                        row.list_type != "102"
                            && row.blocks.iter().filter(|sold| **sold >= 20_000).count() * 3 >= row.blocks.len() * 2
                    }
                })
                .collect();
            best.sort_by_key(|(_, row)| std::cmp::Reverse(row.worth));
            let mut dice = Dice::keyed(self.city.options.seed, &[SUPPLY, 1, u64::from(short.plot)]);
            best.truncate(short.count * 4);
            for _ in 0..short.count {
                if best.is_empty() {
                    break;
                }
                let at = usize::try_from(dice.below(u64::try_from(best.len()).unwrap_or(0))).unwrap_or(0);
                let (key, _) = best.swap_remove(at);
                if !chosen.contains_key(key) {
                    chosen.insert(key.clone(), short.how);
                    articles.push((short.plot, format!("{}|{}", key.0, key.1)));
                }
            }
        }
        chosen
    }

    fn trade(&self, place: &str, code: &str, demand: &Demand, how: Shortage, dice: &mut Dice, rows: &mut Vec<Stock>) {
        let whole = |count: i64| (count.max(0) + 9_999) / 10_000;
        let ten = |count: i64| (count + 9) / 10 * 10;
        let start = self.city.options.from.at(5, 0, 0, 0);
        let total: i64 = demand.blocks.iter().map(|sold| whole(*sold)).sum();
        let mut held = match how {
            Shortage::OpeningStock => total + ten(total / 5 + 1),
            _ => whole(demand.blocks[0]) * dice.range(30, 80) / 100,
        };
        let mut number = 0;
        let mut push = |kind: &str, at: DateTime, count: i64, rows: &mut Vec<Stock>| {
            number += 1;
            let batch = format!("K{}{:04}", &line::hash(&format!("{place}{code}")).to_string(), number);
            rows.push(Stock {
                fixmedins_code: some(place),
                fixmedins_bchno: Some(batch),
                med_list_codg: some(code),
                med_list_name: some(&demand.name),
                list_type: some(&demand.list_type),
                move_kind: Some(kind.to_owned()),
                moved_at: Some(at),
                cnt: Some(Exact::whole(count)),
                ..Stock::default()
            });
        };
        push("counted", start, held, rows);
        for (block, sold) in demand.blocks.iter().enumerate() {
            let need = whole(*sold);
            let first = start.saturating_add(i64::try_from(block * BLOCK).unwrap_or(0).days());
            if held < need && how != Shortage::OpeningStock {
                let wanted = ten(need * dice.range(102, 125) / 100 + 1 - held);
                let at = first.saturating_add(dice.range(10, 120).minutes());
                let (kind, at, booked) = match how {
                    Shortage::Percent(percent) => ("bought", at, wanted * i64::from(percent) / 100),
                    Shortage::LateBooking => ("bought", at.saturating_add(dice.range(8, 24).days()), wanted),
                    Shortage::Consignment => ("changed", at, wanted),
                    _ => ("bought", at, wanted),
                };
                if booked > 0 {
                    push(kind, at, booked, rows);
                }
                held += wanted;
            }
            held -= need;
        }
        // What is really there is counted; a shortage is not told by who made it.
        let days = i64::from(self.city.options.days);
        let end = start.saturating_add(days.days()).saturating_sub(6.hours());
        push("counted", end, held.max(0), rows);
    }

    /// 日用品 that a pharmacy buys beside its drugs.
    fn daily_goods(&self, wares: &Wares, rows: &mut Vec<Stock>) {
        let mut dice = Dice::keyed(self.city.options.seed, &[SUPPLY, 2, line::hash(&wares.institution)]);
        for day in (0..i64::from(self.city.options.days)).step_by(BLOCK) {
            for (number, name) in GOODS.iter().enumerate() {
                if !dice.chance(wares.per_mille) {
                    continue;
                }
                let at = self.city.options.from.at(6, 0, 0, 0).saturating_add((day + dice.range(0, 20)).days());
                rows.push(Stock {
                    fixmedins_code: some(&wares.institution),
                    fixmedins_bchno: Some(format!("G{day:04}{number:03}")),
                    med_list_codg: Some(format!("RYP{number:03}")),
                    med_list_name: some(name),
                    list_type: Some("999".to_owned()),
                    move_kind: Some("bought".to_owned()),
                    moved_at: Some(at),
                    cnt: Some(Exact::whole(dice.range(2, 12) * 10)),
                    ..Stock::default()
                });
            }
        }
    }
}

/// 日用品.
pub(crate) const GOODS: [&str; 10] = [
    "五常大米5kg",
    "大豆油5L",
    "洗衣液3kg",
    "抽纸整箱",
    "保温杯",
    "蜂蜜礼盒",
    "电热水壶",
    "护肤套装",
    "牛奶整箱",
    "毛巾礼盒",
];
