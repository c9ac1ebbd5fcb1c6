//! 剧本账单: the lines of visits that follow a script of the city's plots.

use jiff::ToSpan as _;
use terms::{DateTime, Fen, Quantity, UnitPrice, line_amount};

use super::{DRUG, Desk, EXAM, LAB, PATENT, suits};
use crate::city::Usual;
use crate::claims::GOODS;
use crate::plot::Script;
use crate::random::Dice;

impl Desk<'_> {
    /// The lines of a script; false where they are those of an ordinary visit.
    pub(super) fn scripted(&mut self, script: Script) -> bool {
        let time = self.visit.begin.saturating_add(4.minutes());
        match script {
            Script::Paper { .. } => self.paper(),
            Script::Tests => self.only_tests(),
            Script::Workup => {
                self.stay();
                self.many_tests(6, self.visit.begin.saturating_add(30.minutes()));
                self.in_order();
            }
            Script::Leave { days } => {
                self.stay();
                self.away(i64::from(days));
            }
            Script::Class => self.class(time),
            Script::Course(item) => {
                self.charge_usual(Usual::General, time);
                self.charge(item, time, Quantity(10_000));
            }
            Script::Supply { item, days } => {
                if self.dice.chance(300) {
                    self.charge_usual(Usual::Clinic, time);
                }
                self.prescribe(item, time, days);
                self.plant_last();
            }
            Script::Amount(amount) => self.amount(Fen(amount)),
            Script::Swapped { item, dearer, named } => self.swapped(item, i64::from(dearer), usize::from(named)),
            Script::Package { item, package } => self.package(item, package, false),
            Script::Returned { item, package } => self.package(item, package, true),
            Script::Usual
            | Script::Cycle
            | Script::Relapse
            | Script::Heavier { .. }
            | Script::Grave
            | Script::Clone { .. } => {
                return false;
            }
        }
        true
    }

    fn plant_last(&mut self) {
        if let Some(line) = self.lines.last_mut() {
            line.planted = true;
        }
    }

    /// Lines by time, numbered anew.
    pub(super) fn in_order(&mut self) {
        self.lines.sort_by_key(|line| line.time);
        for (number, line) in (1..).zip(&mut self.lines) {
            line.number = number;
        }
    }

    fn nights(&self) -> i64 {
        self.visit.begin.date().until(self.visit.end.date()).map_or(1, |span| i64::from(span.get_days())).max(1)
    }

    fn morning(&mut self, day: i64) -> DateTime {
        let at = self.visit.begin.date().saturating_add(day.days()).at(8, 30, 0, 0);
        at.saturating_add(self.dice.range(0, 50).minutes()).clamp(self.visit.begin, self.visit.end)
    }

    fn bed_and_care(&mut self, time: DateTime) {
        for usual in [Usual::Bed, Usual::Nursing] {
            self.charge_usual(usual, time);
        }
        self.charge_usual(Usual::Round, time);
    }

    /// 挂床: bed, nursing, round; some tests on the first day and a cheap drug now and then.
    fn paper(&mut self) {
        for day in 0..self.nights() {
            let time = self.morning(day);
            self.bed_and_care(time);
            if day == 0 {
                let tests = 1 + self.dice.below(3);
                self.tests(tests, time);
            }
            if self.dice.chance(380) {
                self.drugs(1, time, 0);
            }
        }
    }

    /// 体检式: tests on the first two days, then a night or two until the results are there.
    fn only_tests(&mut self) {
        for day in 0..self.nights() {
            let time = self.morning(day);
            self.bed_and_care(time);
            if day < 2 {
                let tests = 5 + self.dice.below(5);
                self.many_tests(tests, time);
            }
            if self.dice.chance(180) {
                self.drugs(1, time, 0);
            }
        }
    }

    /// Examinations and laboratory tests, dear ones among them.
    fn many_tests(&mut self, count: u64, time: DateTime) {
        for _ in 0..count {
            let shelf = if self.dice.chance(480) { EXAM } else { LAB };
            let at = self.in_force(&self.city.shelves.by_charge[shelf], time);
            let sound = |at: &usize| {
                let item = &self.city.region.items[*at];
                item.level != "03"
                    && item.typical_price < UnitPrice(700_000_000)
                    && suits(&item.name, &self.visit.person)
            };
            if let Some(at) = at.filter(sound).filter(|at| self.is_new(*at, time)) {
                self.charge(at, time, Quantity(10_000));
            }
        }
    }

    /// 外出: what falls on the days away is not billed.
    fn away(&mut self, days: i64) {
        let first = self.visit.begin.date().saturating_add((self.nights() / 2).days());
        let last = first.saturating_add((days - 1).days());
        self.lines.retain(|line| !(first..=last).contains(&line.time.date()));
        self.in_order();
    }

    fn class(&mut self, time: DateTime) {
        for name in ["血细胞分析(五分类)", "尿常规分析", "常规心电图", "裂隙灯检查"] {
            if let Some(at) = self.city.region.items.iter().position(|item| item.name == name) {
                self.charge(at, time, Quantity(10_000));
            }
        }
    }

    /// Some drugs, and a last one at whatever price the sum wants.
    fn amount(&mut self, amount: Fen) {
        let time = self.visit.begin;
        let kinds = self.dice.below(3);
        self.drugs(kinds, time, 5);
        while self.sum() + 800 > amount.0 && self.lines.pop().is_some() {}
        let Some(at) = self.in_force(&self.city.shelves.by_charge[PATENT], time).filter(|at| self.is_new(*at, time))
        else {
            return;
        };
        self.charge(at, time, Quantity(10_000));
        let rest = amount.0 - self.sum() + self.lines.last().map_or(0, |line| line.amount.0);
        if let Some(line) = self.lines.last_mut() {
            (line.price, line.amount, line.days) = (UnitPrice(rest * 10_000), Fen(rest), 7);
        }
        self.lines.iter_mut().for_each(|line| line.planted = true);
    }

    fn sum(&self) -> i64 {
        self.lines.iter().map(|line| line.amount.0).sum()
    }

    /// 串换.
    fn swapped(&mut self, item: usize, dearer: i64, named: usize) {
        let time = self.visit.begin;
        if self.dice.chance(450) {
            self.drugs(1, time, 5);
        }
        let count = self.dice.range(1, 3);
        self.charge(item, time, Quantity(count * 10_000));
        if let Some(line) = self.lines.last_mut() {
            let price = UnitPrice(line.price.0 * (100 + dearer) / 100 / 10_000 * 10_000);
            if let Ok(amount) = line_amount(price, line.count) {
                (line.price, line.amount) = (price, amount);
            }
            if let Some(goods) = named.checked_sub(1).and_then(|at| GOODS.get(at)) {
                line.name = (*goods).to_owned();
            }
            line.days = 7;
        }
        self.plant_last();
    }

    fn package(&mut self, item: usize, package: u64, given_back: bool) {
        let time = self.visit.begin;
        if given_back || self.dice.chance(400) {
            self.drugs(1, time, 5);
        }
        if given_back && self.lines.is_empty() {
            self.charge_any(DRUG, time, 1);
        }
        self.charge(item, time, Quantity(10_000));
        let Some(line) = self.lines.last_mut() else {
            return;
        };
        (line.package, line.planted, line.days) = (package, true, 7);
        if given_back {
            let sold = line.clone();
            let numbers = (Quantity(-10_000), sold.price, Fen(-sold.amount.0));
            let back = time.saturating_add(6.minutes());
            self.push(sold.code, sold.name, back, numbers, sold.approval, Some(sold.number));
            if let Some(line) = self.lines.last_mut() {
                (line.package, line.planted) = (package, true);
            }
        }
    }

    /// 克隆: the template's lines, with what differs for this patient.
    pub(super) fn loosen(&mut self, own: &mut Dice, loose: u16) {
        let mut at = 0;
        while at < self.lines.len() {
            if !own.chance(u64::from(loose)) {
                at += 1;
            } else if own.chance(500) && self.lines.len() > 3 {
                self.lines.remove(at);
            } else {
                let line = &mut self.lines[at];
                let count = Quantity(line.count.0 + 10_000);
                if let (Ok(amount), true) = (line_amount(line.price, count), line.days > 0) {
                    (line.count, line.amount) = (count, amount);
                }
                at += 1;
            }
        }
    }
}
