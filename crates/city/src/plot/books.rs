//! 货与账的安排: more billed than bought, other goods for the drug that is billed, a package sold
//! twice; and the honest books that look so.

use super::stage::{Scene, Stage};
use super::{Script, Short, Shortage, Wares};
use crate::person::Person;
use crate::plan::Kind;

const SHOP: (Kind, i64) = (Kind::Pharmacy, 0);

fn grown(person: &Person) -> bool {
    person.age >= 20
}

fn code(stage: &Stage<'_>, place: usize) -> String {
    stage.city.region.institutions[place].code.clone()
}

/// 进销存不符: some articles are billed far beyond what was bought.
pub(super) fn stock_gap(stage: &mut Stage<'_>) {
    let place = if stage.dice.chance(500) { stage.pharmacy() } else { stage.hospital(&["2", "3"]) };
    let Some(place) = place else {
        return;
    };
    stage.guilty(place);
    let percent = u8::try_from(stage.dice.range(30, 68)).unwrap_or(50);
    let count = usize::try_from(stage.dice.range(3, 6)).unwrap_or(4);
    books(stage, place, count, Shortage::Percent(percent));
}

fn honest(stage: &mut Stage<'_>, how: Shortage) {
    let place = if stage.dice.chance(400) { stage.pharmacy() } else { stage.hospital(&["2", "3"]) };
    let Some(place) = place else {
        return;
    };
    let count = usize::try_from(stage.dice.range(2, 4)).unwrap_or(3);
    books(stage, place, count, how);
}

fn books(stage: &mut Stage<'_>, place: usize, count: usize, how: Shortage) {
    let (plot, institution) = (stage.plot(), code(stage, place));
    stage.short(Short { plot, institution, article: None, count, how });
}

/// 期初库存: the storeroom was full when the year began.
pub(super) fn opening_stock(stage: &mut Stage<'_>) {
    honest(stage, Shortage::OpeningStock);
}

/// 票据滞后: the goods come first, the invoice is booked weeks later.
pub(super) fn late_booking(stage: &mut Stage<'_>) {
    honest(stage, Shortage::LateBooking);
}

/// 寄售: the goods belong to the maker until they are used.
pub(super) fn consignment(stage: &mut Stage<'_>) {
    honest(stage, Shortage::Consignment);
}

/// 串换: rice and oil for the drug that is billed, which is dearer here than elsewhere, sometimes
/// under its own name, and never bought.
pub(super) fn substitution(stage: &mut Stage<'_>) {
    let (count, weeks) = (stage.dice.range(24, 55), stage.dice.range(50, 150));
    let (Some(start), Some(place), Some(item)) = (stage.start(weeks), stage.pharmacy(), stage.drug(25, 130)) else {
        return;
    };
    stage.guilty(place);
    // Which signs this pharmacy leaves: the price, the name, or both.
    let (dear, told) = stage.dice.pick(&[(true, true), (true, false), (false, true)]).copied().unwrap_or((true, true));
    for person in stage.persons(count, grown) {
        let dearer = if dear { u8::try_from(stage.dice.range(40, 110)).unwrap_or(60) } else { 0 };
        let named = if told && stage.dice.chance(550) { u8::try_from(stage.dice.range(1, 10)).unwrap_or(1) } else { 0 };
        let (day, minute) = (start + stage.dice.range(0, weeks - 1), stage.dice.range(490, 1220));
        let script = Script::Swapped { item, dearer, named };
        stage.act(&person, Scene::at(day, minute, place), SHOP, script);
    }
    let (plot, institution) = (stage.plot(), code(stage, place));
    let how = Shortage::Percent(u8::try_from(stage.dice.range(0, 15)).unwrap_or(5));
    let article = Some(stage.city.region.items[item].code.clone());
    stage.short(Short { plot, institution: institution.clone(), article, count: 1, how });
    stage.wares(Wares { institution, per_mille: 700 });
}

/// 回流药: packages that were sold before are sold again.
pub(super) fn trace_reuse(stage: &mut Stage<'_>) {
    let (packages, weeks) = (stage.dice.range(4, 11), stage.dice.range(50, 150));
    let (Some(start), Some(place)) = (stage.start(weeks), stage.pharmacy()) else {
        return;
    };
    stage.guilty(place);
    // Half of them go through a second shop.
    let other = if stage.dice.chance(500) { stage.pharmacy() } else { None };
    if let Some(other) = other {
        stage.guilty(other);
    }
    for number in 0..packages {
        let Some(item) = stage.drug(20, 200) else {
            return;
        };
        let package = u64::from(stage.plot()) * 1_000 + number.unsigned_abs() + 1;
        let sales = stage.dice.range(2, 4);
        for person in stage.persons(sales, grown) {
            let shop = if stage.dice.chance(400) { other.unwrap_or(place) } else { place };
            let (day, minute) = (start + stage.dice.range(0, weeks - 1), stage.dice.range(490, 1220));
            stage.act(&person, Scene::at(day, minute, shop), SHOP, Script::Package { item, package });
        }
    }
}

/// 退货再售: given back unopened, on record, and sold to the next customer.
pub(super) fn returned(stage: &mut Stage<'_>) {
    let (Some(start), Some(place), Some(item)) = (stage.start(30), stage.anywhere(true), stage.drug(20, 200)) else {
        return;
    };
    let package = u64::from(stage.plot()) * 1_000;
    let persons = stage.persons(2, grown);
    let [first, second] = &persons[..] else {
        return;
    };
    let minute = stage.dice.range(490, 1200);
    stage.act(first, Scene::at(start, minute, place), SHOP, Script::Returned { item, package });
    let day = start + stage.dice.range(1, 25);
    stage.act(second, Scene::at(day, minute, place), SHOP, Script::Package { item, package });
}
