//! 账单: the lines of a visit, drawn from the catalogue as far as they fit the disease, the
//! institution and the days. Mistakes that hospitals make are part of it: refunds, lines
//! keyed in twice, prices above a ceiling, restricted drugs without approval.

mod scripted;

use jiff::ToSpan as _;
use terms::{DateTime, Fen, Quantity, UnitPrice, line_amount};

use crate::city::{City, Usual};
use crate::disease::Disease;
use crate::person::Person;
use crate::plan::Kind;
use crate::plot::Script;
use crate::random::Dice;
use crate::region::Item;
use crate::visit::{Line, Visit};

/// 收费项目类别 as indexes of the shelves.
const EXAM: usize = 3;
const LAB: usize = 4;
const TREATMENT: usize = 5;
const MATERIAL: usize = 8;
const DRUG: usize = 9;
const PIECES: usize = 10;
const PATENT: usize = 11;
const REGISTRATION: usize = 13;

/// Whether something of that name can be meant for this person.
fn suits(name: &str, person: &Person) -> bool {
    let any = |words: &[&str]| words.iter().any(|word| name.contains(word));
    let small = any(&["新生儿", "小儿", "儿童", "婴", "蓝光"]);
    let women = any(&["子宫", "妇科", "卵巢", "阴道", "宫颈", "宫内", "胎", "产", "白带", "会阴", "输卵管", "乳腺"]);
    let men = any(&["前列腺", "睾丸", "包皮", "阴茎"]);
    !(small && person.age > 14 || women && (person.male || person.age < 14) || men && !person.male)
}

struct Desk<'a> {
    city: &'a City,
    visit: &'a Visit,
    disease: &'a Disease,
    dice: &'a mut Dice,
    lines: Vec<Line>,
}

/// The lines of a visit, in the order in which they are keyed in; their sum is above zero.
pub(crate) fn bill(city: &City, visit: &Visit, disease: &Disease, script: Script, dice: &mut Dice) -> Vec<Line> {
    if let Script::Clone { template, loose } = script {
        let mut same = Dice::keyed(city.options.seed, &[TEMPLATE, template]);
        let mut desk = Desk { city, visit, disease, dice: &mut same, lines: Vec::new() };
        desk.ordinary();
        desk.loosen(dice, loose);
        if loose > 100 {
            desk.dice = dice;
            let more = 1 + desk.dice.below(4);
            desk.tests(more, visit.begin.saturating_add(30.minutes()));
        }
        desk.in_order();
        if loose < 100 {
            desk.lines.iter_mut().for_each(|line| line.planted = true);
        }
        return desk.lines;
    }
    let mut desk = Desk { city, visit, disease, dice, lines: Vec::new() };
    if desk.scripted(script) {
        if desk.lines.is_empty() {
            desk.charge_any(DRUG, visit.begin.saturating_add(3.minutes()), 1);
        }
        return desk.lines;
    }
    desk.ordinary();
    desk.mistakes();
    desk.lines
}

const TEMPLATE: u64 = 81;

impl Desk<'_> {
    fn ordinary(&mut self) {
        let visit = self.visit;
        match visit.kind {
            Kind::Registration => self.registration(),
            Kind::Pharmacy => self.purchase(),
            Kind::Chronic => self.chronic(),
            Kind::Outpatient | Kind::Prenatal => self.consultation(),
            Kind::Emergency => self.emergency(visit.begin.saturating_add(4.minutes())),
            _ => self.stay(),
        }
        if self.lines.is_empty() {
            self.charge_any(DRUG, visit.begin.saturating_add(3.minutes()), 1);
        }
    }

    fn registration(&mut self) {
        let time = self.visit.begin.saturating_add(1.minutes());
        if !self.charge_any(REGISTRATION, time, 1) {
            self.charge_usual(Usual::Clinic, time);
        }
    }

    fn consultation(&mut self) {
        let time = self.visit.begin.saturating_add(5.minutes());
        let small = self.visit.institution.level == "1" && self.dice.chance(700);
        self.charge_usual(if small { Usual::General } else { Usual::Clinic }, time);
        let tests = self.dice.below(if self.visit.kind == Kind::Prenatal { 5 } else { 3 });
        self.tests(tests, time);
        if self.visit.kind == Kind::Prenatal {
            return;
        }
        if self.visit.institution.name.contains("中医") && self.dice.chance(450) {
            self.herbs(time);
            return;
        }
        let (drugs, days) = (1 + self.dice.below(4), self.some_days(3, 7));
        self.drugs(drugs, time, days);
        if self.dice.chance(180) {
            self.treat(time);
        }
    }

    fn emergency(&mut self, time: DateTime) {
        self.charge_usual(Usual::Urgent, time);
        let tests = 1 + self.dice.below(4);
        self.tests(tests, time);
        let (drugs, days) = (1 + self.dice.below(3), self.some_days(1, 3));
        self.drugs(drugs, time, days);
        if self.dice.chance(500) {
            self.treat(time);
            self.material(time);
        }
    }

    fn chronic(&mut self) {
        let time = self.visit.begin.saturating_add(4.minutes());
        if self.disease.is_about("N18") && !self.visit.institution.pharmacy {
            // 透析: the treatment itself, something it uses up, some medicine.
            let kinds = &self.city.shelves.usual[Usual::Dialysis as usize];
            let usual = kinds.first().copied().filter(|_| self.dice.chance(880));
            if let Some(at) = usual.or_else(|| self.in_force(kinds, time)) {
                self.charge(at, time, Quantity(10_000));
            }
            self.material(time);
            if self.dice.chance(250) {
                self.drugs(1, time, 7);
            }
            return;
        }
        if !self.visit.institution.pharmacy && self.dice.chance(300) {
            self.charge_usual(Usual::Clinic, time);
            let tests = self.dice.below(3);
            self.tests(tests, time);
        }
        let days = self.dice.pick(&[28, 28, 28, 30, 56, 60]).copied().unwrap_or(28);
        self.refill(time, days);
    }

    fn purchase(&mut self) {
        let time = self.visit.begin;
        let (kinds, days) = (1 + self.dice.below(3), self.some_days(3, 7));
        self.drugs(kinds, time, days);
        if self.dice.chance(80) {
            self.material(time);
        }
    }

    fn some_days(&mut self, from: i64, to: i64) -> u16 {
        u16::try_from(self.dice.range(from, to)).unwrap_or(3)
    }

    fn herbs(&mut self, time: DateTime) {
        let doses = self.dice.range(3, 7);
        for _ in 0..self.dice.range(8, 13) {
            let grams = self.dice.range(3, 20);
            if self.charge_any(PIECES, time, grams * doses)
                && let Some(line) = self.lines.last_mut()
            {
                line.days = u16::try_from(doses).unwrap_or(0);
            }
        }
    }

    fn stay(&mut self) {
        let visit = self.visit;
        let nights = visit.begin.date().until(visit.end.date()).map_or(1, |span| i64::from(span.get_days())).max(1);
        if visit.kind == Kind::Urgent {
            let before = self.dice.range(60, 360).minutes();
            self.emergency(visit.begin.saturating_sub(before));
        }
        let bed = if visit.kind == Kind::Delivery { Usual::MotherBed } else { Usual::Bed };
        let bed = self.in_force(&self.city.shelves.usual[bed as usize], visit.begin);
        let nursing = self.in_force(&self.city.shelves.usual[Usual::Nursing as usize], visit.begin);
        let icu = [Usual::IcuBed, Usual::IcuNursing]
            .map(|usual| self.in_force(&self.city.shelves.usual[usual as usize], visit.begin));
        let others = u64::try_from(visit.diagnoses.len()).unwrap_or(1) - 1;
        let medicines = 2 + self.dice.below(4) + others.min(4) / 2;
        for day in 0..=nights {
            let morning = visit.begin.date().saturating_add(day.days()).at(8, 30, 0, 0);
            let time = morning.saturating_add(self.dice.range(0, 50).minutes()).max(visit.begin).min(visit.end);
            if day < nights {
                let date = morning.date();
                let watched = visit.chart.iter().flat_map(|chart| &chart.icu);
                let in_icu = watched.into_iter().any(|icu| (icu.entered.date()..icu.left.date()).contains(&date));
                let places = if in_icu { icu } else { [bed, nursing] };
                if in_icu {
                    self.drugs(3, time, 0);
                    self.tests(4, time);
                }
                for at in places.into_iter().flatten() {
                    self.charge(at, time, Quantity(10_000));
                }
                self.charge_usual(Usual::Round, time);
                self.treat(time);
            }
            let tests = match day {
                0 => 4 + self.dice.below(6),
                _ if day % 3 == 0 => 1 + self.dice.below(3),
                _ => 0,
            };
            self.tests(tests, time);
            if day < nights || self.dice.chance(600) {
                self.drugs(medicines, time, 0);
            }
        }
        self.evidence();
        for procedure in &visit.procedures {
            self.operate(&procedure.code, procedure.time.min(visit.end).max(visit.begin));
        }
        self.in_order();
    }

    /// What a grave diagnosis asks for, twice in the stay.
    fn evidence(&mut self) {
        let visit = self.visit;
        let middle = visit.begin.date().saturating_add(1.days()).at(9, 40, 0, 0).clamp(visit.begin, visit.end);
        for (head, items) in &self.city.shelves.evidence {
            if visit.diagnoses.iter().any(|row| row.code.starts_with(head)) {
                for (at, time) in
                    items.iter().flat_map(|at| [(*at, visit.begin.saturating_add(25.minutes())), (*at, middle)])
                {
                    if self.is_new(at, time) {
                        self.charge(at, time.min(visit.end), Quantity(10_000));
                    }
                }
            }
        }
    }

    /// 手术: its fees, the anaesthesia, and what is used up or left inside.
    fn operate(&mut self, code: &str, time: DateTime) {
        let city = self.city;
        let Some(operation) = city.shelves.stays.operations.get(code) else {
            self.treat(time);
            return;
        };
        for (items, times) in operation.fees.iter().chain(&operation.materials) {
            if let Some(at) = self.in_force(items, time) {
                self.charge(at, time, Quantity(times * 10_000));
            }
        }
        if operation.anaesthesia.is_empty() {
            return;
        }
        match self.in_force(&operation.narcosis, time) {
            Some(at) if self.is_new(at, time) => self.charge(at, time, Quantity(10_000)),
            Some(_) => {}
            None => self.charge_usual(Usual::Anaesthesia, time),
        }
        let small = u64::try_from(operation.minutes / 60).unwrap_or(0).min(4);
        for _ in 0..=small {
            self.material(time);
        }
    }

    /// Tests of the disease, or those that everyone gets; none twice at the same time.
    fn tests(&mut self, count: u64, time: DateTime) {
        for _ in 0..count {
            let fitting = self.dice.chance(650).then_some(&self.disease.tests[..]);
            let basics = &self.city.shelves.usual[Usual::Test as usize];
            let chosen = fitting.and_then(|shelf| self.in_force(shelf, time)).or_else(|| {
                let other = if self.dice.chance(300) { EXAM } else { LAB };
                if self.dice.chance(750) { self.in_force(basics, time) } else { self.cheapest(other, time) }
            });
            if let Some(at) = chosen.filter(|at| self.is_new(*at, time)) {
                self.charge(at, time, Quantity(10_000));
            }
        }
    }

    fn is_new(&self, at: usize, time: DateTime) -> bool {
        let code = &self.city.region.items[at].code;
        self.lines.iter().all(|line| line.time != time || line.code != *code)
    }

    /// Drugs of the disease, sometimes another, for so many days at home.
    fn drugs(&mut self, count: u64, time: DateTime, days: u16) {
        for _ in 0..count {
            let fitting = self.dice.chance(900).then_some(&self.disease.drugs[..]);
            let other = if self.dice.chance(700) { DRUG } else { PATENT };
            let chosen = fitting.and_then(|shelf| self.in_force(shelf, time)).or_else(|| self.cheapest(other, time));
            if let Some(at) = chosen.filter(|at| self.is_new(*at, time)) {
                self.prescribe(at, time, days);
            }
        }
    }

    /// 长期处方: what this patient always takes, now and then something else.
    fn refill(&mut self, time: DateTime, days: u16) {
        let person = &self.visit.person;
        let keys = [31, u64::from(person.household), u64::from(person.member)];
        let mut own = Dice::keyed(self.city.options.seed, &keys);
        for _ in 0..1 + own.below(3) {
            let usual = own.pick(&self.disease.drugs).copied();
            let usual = usual.filter(|at| {
                let item = &self.city.region.items[*at];
                suits(&item.name, person) && item.period.covers(time.date()) && !item.name.contains("注射")
            });
            match usual.filter(|_| !self.dice.chance(80)) {
                Some(at) if self.is_new(at, time) => self.prescribe(at, time, days),
                Some(_) => {}
                None => self.drugs(1, time, days),
            }
        }
    }

    /// As much of a drug as the days need, whole packages; in a bed, the day's dose.
    fn prescribe(&mut self, at: usize, time: DateTime, days: u16) {
        let item = &self.city.region.items[at];
        if self.visit.is_stay() {
            let by_the_piece = item.typical_price < UnitPrice(2_000_000);
            let half = item.name.contains("注射") && self.dice.chance(60);
            let count = match (by_the_piece, half) {
                (true, _) => Quantity(self.dice.range(1, 4) * 10_000),
                (false, true) => Quantity(5_000),
                (false, false) => Quantity(10_000),
            };
            self.charge(at, time, count);
            return;
        }
        let count = match &item.pack {
            Some(pack) => (i64::from(days) * item.daily() + pack.units - 1) / pack.units,
            None if item.name.contains("注射") && item.typical_price < UnitPrice(2_000_000) => i64::from(days.min(7)),
            None => 1 + i64::from(days > 28),
        };
        self.charge(at, time, Quantity(count.clamp(1, 24) * 10_000));
        if let Some(line) = self.lines.last_mut() {
            line.days = days;
        }
    }

    fn fitting(&self, shelf: usize) -> Vec<usize> {
        let of_shelf = |at: &usize| self.city.region.items[*at].charge_type.parse() == Ok(shelf);
        self.disease.treatments.iter().copied().filter(of_shelf).collect()
    }

    /// 治疗: what fits the disease, and the drip, the dressing or the monitor that is always there.
    fn treat(&mut self, time: DateTime) {
        let fitting = self.fitting(TREATMENT);
        let chosen = if self.dice.chance(600) { self.in_force(&fitting, time) } else { None };
        if let Some(at) = chosen.filter(|at| self.is_new(*at, time)) {
            self.charge(at, time, Quantity(10_000));
        }
        self.charge_usual(Usual::Care, time);
    }

    fn material(&mut self, time: DateTime) {
        if let Some(at) = self.cheapest(MATERIAL, time) {
            let count = self.dice.range(1, 2);
            self.charge(at, time, Quantity(count * 10_000));
        }
    }

    fn charge_usual(&mut self, usual: Usual, time: DateTime) {
        let at = self.in_force(&self.city.shelves.usual[usual as usize], time);
        if let Some(at) = at.filter(|at| self.is_new(*at, time)) {
            self.charge(at, time, Quantity(10_000));
        }
    }

    /// One of the items of a shelf; false when the shelf has none that fits.
    fn charge_any(&mut self, shelf: usize, time: DateTime, count: i64) -> bool {
        let at = self.in_force(&self.city.shelves.by_charge[shelf], time);
        if let Some(at) = at {
            self.charge(at, time, Quantity(count * 10_000));
        }
        at.is_some()
    }

    /// The cheapest of four draws: dear things are rarer than their share of the catalogue.
    fn cheapest(&mut self, shelf: usize, time: DateTime) -> Option<usize> {
        let draws: Vec<usize> =
            (0..4).filter_map(|_| self.in_force(&self.city.shelves.by_charge[shelf], time)).collect();
        draws.into_iter().min_by_key(|at| self.city.region.items[*at].typical_price)
    }

    /// Draws an item that suits the patient and is in force that day. After four misses the
    /// last draw that suits stands, as a hospital's own list is not always up to date.
    fn in_force(&mut self, shelf: &[usize], time: DateTime) -> Option<usize> {
        let mut last = None;
        for _ in 0..4 {
            let at = *self.dice.pick(shelf)?;
            let item = &self.city.region.items[at];
            if !suits(&item.name, &self.visit.person) {
                continue;
            }
            last = Some(at);
            if item.period.covers(time.date()) {
                break;
            }
        }
        last
    }

    fn charge(&mut self, at: usize, time: DateTime, count: Quantity) {
        let item = &self.city.region.items[at];
        let price = self.price(item, at);
        let Ok(amount) = line_amount(price, count) else {
            return;
        };
        let approval = match (item.restricted, self.dice.below(1000)) {
            (true, 0..820) => "1",
            (true, 820..950) => "0",
            (true, _) => "2",
            (false, 0..4) => "2",
            (false, _) => "0",
        };
        self.push(item.code.clone(), self.own_name(item), time, (count, price, amount), approval, None);
        let dear = item.ceilings.get(&self.visit.institution.level).is_some_and(|ceiling| price > *ceiling);
        if let Some(line) = self.lines.last_mut().filter(|_| dear) {
            line.breaks = "14";
        }
    }

    fn push(
        &mut self,
        code: String,
        name: String,
        time: DateTime,
        (count, price, amount): (Quantity, UnitPrice, Fen),
        approval: &'static str,
        refund_of: Option<u32>,
    ) {
        let number = u32::try_from(self.lines.len()).unwrap_or(0) + 1;
        self.lines.push(Line {
            number,
            code,
            name,
            time,
            count,
            price,
            amount,
            approval,
            refund_of,
            withdrawn: false,
            days: 0,
            package: 0,
            breaks: "",
            planted: false,
        });
    }

    /// 机构目录名称: one shop in four, one hospital in four writes the package or a mark of its own beside the name.
    fn own_name(&self, item: &Item) -> String {
        let code: u64 = self.visit.institution.code.bytes().fold(5, |sum, byte| sum * 31 % 1_000_003 + u64::from(byte));
        match (code % 4, item.list_type.as_str()) {
            (1, "101") => format!("{}（{}）", item.name, item.spec),
            (2, "101") if self.visit.institution.pharmacy => format!("衡康牌{}", item.name),
            _ => item.name.clone(),
        }
    }

    /// An institution has its own price for an item: near the usual one, seldom above the ceiling.
    fn price(&self, item: &Item, at: usize) -> UnitPrice {
        let code: u64 = self.visit.institution.code.bytes().fold(7, |sum, byte| sum * 31 % 1_000_003 + u64::from(byte));
        let mut dice = Dice::keyed(self.city.options.seed, &[30, code, u64::try_from(at).unwrap_or(0)]);
        let ceiling = item.ceilings.get(&self.visit.institution.level);
        // Shops compete: some articles are cheap, a few are dear.
        let percent = match (self.visit.institution.pharmacy, dice.chance(25)) {
            (true, true) => dice.range(125, 150),
            (true, false) => dice.range(90, 114),
            (false, _) => dice.range(97, 103),
        };
        let near = UnitPrice(item.typical_price.0 * percent / 100);
        let price = match ceiling {
            Some(ceiling) if dice.chance(5) => UnitPrice(ceiling.0 * dice.range(104, 116) / 100),
            Some(ceiling) => near.min(*ceiling),
            None => near,
        };
        // Two decimals from 1 元 on, four below.
        let step = if price.0 >= 1_000_000 { 10_000 } else { 100 };
        UnitPrice((price.0 / step * step).max(step))
    }

    /// 退费 and 误录: some lines come back, some are withdrawn and keyed in again.
    fn mistakes(&mut self) {
        let chance = if self.visit.is_stay() { 90 } else { 25 };
        let last = if self.visit.is_stay() { self.visit.end } else { self.visit.begin.saturating_add(6.minutes()) };
        if self.lines.len() >= 3 && self.dice.chance(chance) {
            let at = usize::try_from(self.dice.below(u64::try_from(self.lines.len()).unwrap_or(0))).unwrap_or(0);
            let line = self.lines[at].clone();
            let all = line.count <= Quantity(10_000) || self.dice.chance(300);
            let count = if all { Quantity(-line.count.0) } else { Quantity(-10_000) };
            let amount = if all { Ok(Fen(-line.amount.0)) } else { line_amount(line.price, count) };
            if let Ok(amount) = amount {
                let numbers = (count, line.price, amount);
                self.push(line.code, line.name, last.max(line.time), numbers, line.approval, Some(line.number));
            }
        }
        if self.dice.chance(chance / 2) {
            let at = usize::try_from(self.dice.below(u64::try_from(self.lines.len()).unwrap_or(0))).unwrap_or(0);
            let wrong = self.lines[at].clone();
            let refunded = self.lines.iter().any(|line| line.refund_of == Some(wrong.number));
            if wrong.refund_of.is_none() && !refunded {
                self.lines[at].withdrawn = true;
                self.push(
                    wrong.code,
                    wrong.name,
                    wrong.time,
                    (wrong.count, wrong.price, wrong.amount),
                    wrong.approval,
                    None,
                );
            }
        }
    }
}
