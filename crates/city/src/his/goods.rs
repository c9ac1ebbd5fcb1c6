//! 进销存: what an institution reports of its goods: counts, changes and purchases in the morning,
//! and each sale of a pharmacy once it is settled.

use std::collections::{BTreeMap, HashMap};

use encounter::Stock;
use jiff::ToSpan as _;
use terms::{Date, DateTime, Exact, UnitPrice};

use super::body::{self, Node};
use super::clerk::Clerk;
use super::money::Settled;
use crate::plan::Kind;
use crate::random::Dice;
use crate::region::Item;
use crate::visit::{Line, Visit};
use crate::{City, CityError};

/// What is reported in the morning, by institution and day.
pub(super) type Mornings = HashMap<(String, Date), Vec<Stock>>;

/// Hospitals report what costs so much; pharmacies report everything. In 元 with six decimals.
const DEAR: UnitPrice = UnitPrice(100_000_000);

/// The movements of the city's plan that are not sales.
pub(super) fn mornings(city: &City) -> Mornings {
    let told = city.each_history(|_| Ok::<(), std::convert::Infallible>(()));
    let Ok(beside) = told;
    let mut mornings = Mornings::new();
    for row in beside.stock {
        let (Some(place), Some(at), Some(code)) = (&row.fixmedins_code, row.moved_at, &row.med_list_codg) else {
            continue;
        };
        let pharmacy = city.institutions().iter().any(|one| one.code == *place && one.pharmacy);
        let item = city.item(code, at.date());
        let dear = item.is_some_and(|item| item.typical_price >= DEAR);
        let sale = matches!(row.move_kind.as_deref(), Some("sold" | "sold_back"));
        // Other wares are none of the centre's business.
        if !sale && item.is_some() && (pharmacy || dear) {
            mornings.entry((place.clone(), at.date())).or_default().push(row);
        }
    }
    mornings
}

impl Clerk<'_> {
    /// 3501, 3502 and 3503 of an institution's day.
    pub(super) fn goods(&mut self, place: usize, date: Date) -> Result<(), CityError> {
        let city = self.shared.city;
        let code = city.institutions()[place].code.clone();
        let Some(rows) = self.shared.mornings.get(&(code, date)) else {
            return Ok(());
        };
        let day = u64::try_from(date.day_of_year()).unwrap_or(0);
        self.dice = Dice::keyed(city.options().seed, &[51, u64::try_from(place).unwrap_or(0), day]);
        for (infno, told, input) in messages(city, rows, date) {
            self.clock = told;
            let id = self.shared.message_id(place, self.clock);
            self.say_as(place, infno, &id, &input)?;
        }
        Ok(())
    }

    /// 3505, and 3506 for what was given back, of a settled purchase.
    pub(super) fn sales(&mut self, visit: &Visit, settled: &Settled) -> Result<(), CityError> {
        if !self.shared.options.goods || !visit.institution.pharmacy || visit.kind != Kind::Pharmacy {
            return Ok(());
        }
        for (infno, back) in [("3505", false), ("3506", true)] {
            if let Some(input) = sales(self.shared.city, visit, settled, back) {
                self.say(visit, infno, &input)?;
            }
        }
        Ok(())
    }
}

/// A message holds so many rows at most.
const ROWS: usize = 50;

/// The day's movements, many of a kind in one message, told when the last of them has happened. A
/// count is of the moment when it is told, so those of the morning and of the evening stay apart.
fn messages(city: &City, rows: &[Stock], date: Date) -> Vec<(&'static str, DateTime, String)> {
    let mut of_kind: BTreeMap<(&str, bool), Vec<(DateTime, Movement)>> = BTreeMap::new();
    for row in rows {
        let (Some(at), Some(code)) = (row.moved_at, row.med_list_codg.as_deref()) else { continue };
        let Some(movement) = city.item(code, date).and_then(|item| movement(row, item, date)) else { continue };
        let evening = movement.infno == "3501" && at.hour() >= 12;
        of_kind.entry((movement.infno, evening)).or_default().push((at, movement));
    }
    let mut messages = Vec::new();
    for rows in of_kind.into_values() {
        let mut rows = rows.into_iter().peekable();
        while let Some((_, Movement { infno, node, .. })) = rows.peek() {
            let (infno, node) = (*infno, *node);
            let part: Vec<(DateTime, Movement)> = rows.by_ref().take(ROWS).collect();
            let told = part.iter().map(|(at, _)| *at).max().expect("a part has a row");
            let list = body::list(part.into_iter().map(|(_, movement)| movement.row.done()));
            messages.push((infno, told, Node::new().raw(node, &list).done()));
        }
    }
    messages
}

/// A row of 3501, 3502 or 3503.
struct Movement {
    infno: &'static str,
    node: &'static str,
    row: Node,
}

fn article(item: &Item, name: &str, batch: &str) -> Node {
    let node = Node::new().text("med_list_codg", &item.code).text("fixmedins_hilist_id", &item.code);
    let node = node.text("fixmedins_hilist_name", name).text("fixmedins_bchno", batch);
    node.text("rx_flag", if item.list_type == "101" { "1" } else { "0" })
}

/// Lot and dates of manufacture.
fn lot(node: Node, item: &Item, date: Date) -> Node {
    let made = date.saturating_sub((90 + item.daily() * 40).days());
    let node = node.text("manu_lotnum", made.strftime("%Y%m%d").to_string()).text("manu_date", made.to_string());
    node.text("expy_end", made.saturating_add(730.days()).to_string())
}

fn movement(row: &Stock, item: &Item, date: Date) -> Option<Movement> {
    let batch = row.fixmedins_bchno.as_deref()?;
    let (name, count, at) = (row.med_list_name.as_deref()?, row.cnt?, row.moved_at?);
    let node = article(item, name, batch);
    let (infno, place, row) = match row.move_kind.as_deref()? {
        "counted" => {
            let node = lot(node, item, date).text("invdate", date.to_string());
            ("3501", "invinfo", node.number("inv_cnt", count))
        }
        "changed" => {
            // 其他入库 and 其他出库.
            let kind = if count < Exact::ZERO { "107" } else { "106" };
            let count = if count < Exact::ZERO { Exact::ZERO - count } else { count };
            let node = node.text("inv_chg_type", kind).number("pric", item.typical_price).number("cnt", count);
            let node = node.time("inv_chg_time", at).text("trdn_flag", "0").text("memo", "寄售");
            ("3502", "invinfo", node)
        }
        "bought" => {
            let node = lot(node, item, date).text("spler_name", "衡州医药配送中心").text("prodentp_name", "衡州制药");
            let node = node.text("aprvno", format!("HZ{}", &item.code)).number("finl_trns_pric", item.typical_price);
            let node = node.number("purc_retn_cnt", count).time("purc_retn_stoin_time", at);
            ("3503", "purcinfo", node.text("purc_retn_opter_name", "库管员").text("prod_geay_flag", "0"))
        }
        _ => return None,
    };
    Some(Movement { infno, node: place, row })
}

/// What was sold, or brought back, on one receipt; `None` when nothing was.
fn sales(city: &City, visit: &Visit, settled: &Settled, back: bool) -> Option<String> {
    let mut rows = Vec::new();
    for line in visit.lines.iter().filter(|line| !line.withdrawn && line.refund_of.is_some() == back) {
        let item = city.item(&line.code, line.time.date());
        let Some(item) = item.filter(|item| matches!(item.list_type.as_str(), "101" | "102" | "301")) else {
            continue;
        };
        rows.push(sale(visit, settled, line, item, &crate::claims::packages(city, visit, line)).done());
    }
    (!rows.is_empty()).then(|| Node::new().raw("selinfo", &body::list(rows.into_iter())).done())
}

fn sale(visit: &Visit, settled: &Settled, line: &Line, item: &Item, codes: &[String]) -> Node {
    let back = line.refund_of.is_some();
    let batch = format!("{}{}{:04}", if back { "B" } else { "S" }, visit.label, line.number);
    let node = lot(article(item, &line.name, &batch), item, line.time.date());
    let node = node.text("setl_id", &settled.id).text("mdtrt_sn", &visit.label).text("psn_no", &visit.person.number);
    let node = node.text("psn_cert_type", "01").text("certno", &visit.person.certificate);
    let node = node.text("psn_name", &visit.person.name).text("trdn_flag", "0");
    let node = node
        .number("finl_trns_pric", line.price)
        .number("sel_retn_cnt", Exact::from(terms::Quantity(line.count.0.abs())));
    let node = node.time("sel_retn_time", line.time).text("sel_retn_opter_name", "店员");
    let node = if back {
        node
    } else {
        let node = node.text("prsc_dr_name", &visit.doctor.name).text("phar_name", &visit.doctor.name);
        let node = node.text("phar_prac_cert_no", &visit.doctor.code).text("rtal_docno", &visit.label);
        node.text("rxno", "").text("hi_feesetl_type", "1")
    };
    let traces = body::list(codes.iter().map(|code| Node::new().text("drug_trac_codg", code).done()));
    node.raw("drugtracinfo", &traces)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::body::tests::{check, settled};
    use super::*;
    use crate::{CityOptions, RegionFiles};

    #[test]
    fn every_report_of_goods_has_what_the_interface_requires() {
        let region = RegionFiles::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../regions/999900")).unwrap();
        let options = CityOptions { people: 3_000, days: 31, fraud: 400, ..CityOptions::default() };
        let city = City::new(options, &region).unwrap();
        let mornings = mornings(&city);
        let mut kinds = std::collections::BTreeSet::new();
        for ((_, date), rows) in &mornings {
            let told = messages(&city, rows, *date);
            assert!(!told.is_empty());
            for (infno, at, input) in told {
                kinds.insert(infno);
                assert_eq!(at.date(), *date);
                check(infno, &input);
            }
        }
        let settled = settled();
        for visit in city.visits().filter(|visit| visit.kind == Kind::Pharmacy).take(400) {
            for (infno, back) in [("3505", false), ("3506", true)] {
                if let Some(input) = sales(&city, &visit, &settled, back) {
                    kinds.insert(infno);
                    check(infno, &input);
                }
            }
        }
        assert!(["3501", "3503", "3505"].iter().all(|infno| kinds.contains(infno)), "{kinds:?}");
    }
}
