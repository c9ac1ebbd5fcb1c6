//! Shapes that need more than one person: what each person adds, and what the whole shows.

use super::eval::{Ctx, divide};
use super::kernel::{Kernel, Sel};
use super::person::VisitKind;
use super::tell::{key, row_used, shape_word};
use super::world::{AT, NAN, NEVER};
use crate::codes::NONE;
use crate::day::{civil, of_seconds, show_day};
use crate::expr::{Expr, ONE, Of, Tri, V, whole};
use crate::finding::{Evidence, Finding, FoundLine, ItemType, Subject};
use crate::library::{Screener, show_cell};
use crate::rule::{How, Piece, Rule, Shape, Tail, Tolerance};
use crate::span::Window;
use encounter::Stock;
use std::collections::{BTreeMap, HashMap};
use terms::Fen;

/// A use of a thing: a bed's nights, a surgeon's hours, a trace code.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Held {
    from: i64,
    to: i64,
    person: String,
    visit: String,
    line: Option<FoundLine>,
    row: u32,
}

/// What was sold, as bills say: quantity times 10^10 and in-scope 分.
#[derive(Debug, Clone, Copy, Default)]
struct Sold {
    quantity: i128,
    money: i64,
    row: u32,
}

/// A month of an institution, and which others it is like.
#[derive(Debug, Clone, Default)]
struct Ratio {
    numerator: i128,
    denominator: i128,
    alike: String,
}

impl Ratio {
    fn add(&mut self, other: Ratio) {
        self.numerator += other.numerator;
        self.denominator += other.denominator;
        // Bills that disagree about the institution are settled the same way in every order.
        self.alike = std::mem::take(&mut self.alike).max(other.alike);
    }
}

/// An institution with numerator and denominator.
type Share<'s> = (&'s str, i128, i128);

/// What all persons add up to, by rule.
#[derive(Debug, Default)]
pub(crate) struct Gathered {
    held: HashMap<(usize, String), Vec<Held>>,
    sold: BTreeMap<(usize, String, String, i64), Sold>,
    ratios: BTreeMap<(usize, String, i64), Ratio>,
}

impl Gathered {
    pub fn merge(&mut self, other: Gathered) {
        for (thing, held) in other.held {
            self.held.entry(thing).or_default().extend(held);
        }
        for (place, sold) in other.sold {
            let mine = self.sold.entry(place).or_default();
            (mine.quantity, mine.money, mine.row) = (mine.quantity + sold.quantity, mine.money + sold.money, sold.row);
        }
        for (place, ratio) in other.ratios {
            self.ratios.entry(place).or_default().add(ratio);
        }
    }
}

impl<'a> Kernel<'_, 'a> {
    /// Adds what one person contributes.
    pub fn contribute(&mut self, gathered: &mut Gathered) {
        for (number, rule) in self.world.library().rules.iter().enumerate() {
            if !self.active.is_on(number) {
                continue;
            }
            self.number = number;
            for sel in self.by_code(rule) {
                let of = rule.first.of;
                let excused = |kernel: &Self| {
                    let ctx = kernel.ctx(of, sel);
                    rule.unless.as_ref().map_or(Tri::False, |unless| kernel.eval().truth(unless, &ctx))
                };
                match self.admit(&rule.first, sel, true).and(|| excused(self).not()) {
                    Tri::False => {}
                    Tri::Unknown(miss) => self.missed(of, sel.rec, miss),
                    Tri::True => {
                        self.checked();
                        self.contribution(rule, sel, gathered);
                    }
                }
            }
        }
    }

    fn by_code(&self, rule: &Rule) -> Vec<Sel> {
        let of = rule.first.of;
        if matches!(rule.first.codes, crate::rule::Codes::All) {
            return (0..self.person.len(of)).map(|rec| Sel { row: NONE, rec }).collect();
        }
        let mut found: Vec<Sel> = Vec::new();
        for rec in 0..self.person.len(of) {
            let touches = self.world.touches(of, self.person.code_of(self.world, of, rec));
            let mine = touches.iter().filter(|touch| usize::from(touch.rule) == self.number && touch.side == 0);
            found.extend(mine.take(1).map(|touch| Sel { row: touch.row, rec }));
        }
        found
    }

    fn contribution(&mut self, rule: &'a Rule, sel: Sel, gathered: &mut Gathered) {
        let of = rule.first.of;
        match &rule.shape {
            Shape::Collision { key, how, .. } => {
                for (thing, held) in self.held(rule, key, *how, sel) {
                    gathered.held.entry((self.number, thing)).or_default().push(held);
                }
            }
            Shape::Balance { window, factor, .. } => {
                let ctx: Ctx = self.ctx(of, sel);
                let (institution, line) = (self.institution_code(of, sel.rec), &self.person.lines[sel.rec as usize]);
                let factor = factor.as_ref().map_or(Ok(ONE), |factor| self.eval().number(factor, &ctx));
                let placed = self.window_of(*window, sel.row).and_then(|window| self.place(window, of, sel.rec));
                match (factor, placed) {
                    (Err(miss), _) | (_, Err(miss)) => self.missed(of, sel.rec, miss),
                    (Ok(factor), Ok(Some(window))) if line.cnt != NAN && !institution.is_empty() => {
                        let code = self.world.names.text(line.code).to_owned();
                        let sold = gathered.sold.entry((self.number, institution, code, window)).or_default();
                        sold.quantity += line.cnt.checked_mul(factor).map_or(0, |product| divide(product, ONE));
                        sold.money += line.scope.max(0);
                        sold.row = sel.row;
                    }
                    _ => self.missed(of, sel.rec, self.active.facts.institution),
                }
            }
            Shape::Peer { numerator, denominator, peers, .. } => {
                let ctx: Ctx = self.ctx(of, sel);
                let institution = self.institution_code(of, sel.rec);
                let month = self.place(Window::Month, of, sel.rec).ok().flatten();
                let mut alike = String::new();
                for peer in peers {
                    match self.eval().value(peer, &ctx) {
                        V::Unknown(miss) => return self.missed(of, sel.rec, miss),
                        value => alike = format!("{alike}{}|", super::tell::show(self.world, value)),
                    }
                }
                match (self.eval().number(numerator, &ctx), self.eval().number(denominator, &ctx), month) {
                    (Ok(numerator), Ok(denominator), Some(month)) if !institution.is_empty() => {
                        gathered.ratios.entry((self.number, institution, month)).or_default().add(Ratio {
                            numerator,
                            denominator,
                            alike,
                        });
                    }
                    (Err(miss), ..) | (_, Err(miss), _) => self.missed(of, sel.rec, miss),
                    _ => self.missed(of, sel.rec, self.active.facts.institution),
                }
            }
            _ => {}
        }
    }

    fn institution_code(&self, of: Of, rec: u32) -> String {
        let visit = self.person.visit_of(of, rec);
        self.person
            .visits
            .get(visit as usize)
            .map_or("", |visit| self.world.text(Of::Visit, AT.fixmedins_code, visit.row))
            .to_owned()
    }

    /// Which things a record holds, and for how long.
    fn held(&mut self, rule: &Rule, fields: &[(u8, crate::expr::Miss)], how: How, sel: Sel) -> Vec<(String, Held)> {
        let of = rule.first.of;
        let facts = self.active.facts;
        let person = self.world.text(Of::Person, AT.psn_no, self.person.row).to_owned();
        let visit = &self.person.visits[self.person.visit_of(of, sel.rec) as usize];
        let visit_id = self.world.text(Of::Visit, AT.mdtrt_id, visit.row).to_owned();
        let row = self.person.row_of(of, sel.rec);
        let (from, to) = match (how, of) {
            (How::Night, _) => {
                if visit.kind != VisitKind::Inpatient {
                    return Vec::new();
                }
                if visit.end == NEVER {
                    self.missed(of, sel.rec, facts.end);
                    return Vec::new();
                }
                (i64::from(of_seconds(visit.begin)), i64::from(of_seconds(visit.end)))
            }
            (How::Overlap, Of::Procedure) => {
                let proc = &self.person.procs[sel.rec as usize];
                (proc.begin, proc.end)
            }
            (How::Overlap, _) => (visit.begin, visit.end),
            (How::Repeat, _) => {
                let time = self.person.time_of(of, sel.rec);
                (time, time)
            }
        };
        if from == NEVER || to == NEVER {
            self.missed(of, sel.rec, if from == NEVER { facts.begin } else { facts.end });
            return Vec::new();
        }
        let line = (of == Of::Line).then(|| {
            let line = &self.person.lines[sel.rec as usize];
            FoundLine {
                mdtrt_id: visit_id.clone(),
                feedetl_sn: self.world.text(of, AT.feedetl_sn, row).to_owned(),
                med_list_codg: self.world.text(of, AT.code, row).to_owned(),
                item: ItemType::Violating,
                amount: Fen(line.scope.max(0)),
            }
        });
        let held = |line: Option<FoundLine>| Held {
            from,
            to,
            person: person.clone(),
            visit: visit_id.clone(),
            line,
            row: sel.row,
        };
        // A list (trace codes): each of it is a thing of its own.
        if let [(field, _)] = fields
            && let Some(list) = self.world.list(of, *field, row)
        {
            let many = i64::try_from(list.len()).unwrap_or(1).max(1);
            return list
                .iter()
                .filter(|text| !text.is_empty())
                .map(|text| {
                    let share = line.clone().map(|line| FoundLine { amount: Fen(line.amount.0 / many), ..line });
                    ((*text).to_owned(), held(share))
                })
                .collect();
        }
        let texts: Vec<&str> = fields.iter().map(|(field, _)| self.world.text(of, *field, row)).collect();
        if let Some((_, (_, miss))) = texts.iter().zip(fields).find(|(text, _)| text.is_empty()) {
            self.missed(of, sel.rec, *miss);
            return Vec::new();
        }
        vec![(texts.join("|"), held(line))]
    }
}

/// Movements by institution and article.
type Moves<'c> = HashMap<(&'c str, &'c str), Vec<&'c Stock>>;

/// Puts movements with their institution and article; those that do not name both explain nothing.
pub(crate) fn by_article(stock: &[Stock]) -> Moves<'_> {
    let mut moves: Moves = HashMap::new();
    for one in stock {
        if let (Some(institution), Some(code)) = (&one.fixmedins_code, &one.med_list_codg) {
            moves.entry((institution, code)).or_default().push(one);
        }
    }
    moves
}

/// What the whole shows.
pub(crate) struct Conclude<'c> {
    pub screener: &'c Screener,
    /// Movements of each article of each institution.
    pub moves: Moves<'c>,
    pub findings: Vec<Finding>,
    /// Windows that could not be concluded, by rule and fact.
    pub missed: Vec<(usize, &'static str)>,
}

impl Conclude<'_> {
    pub fn all(&mut self, gathered: &Gathered) {
        let mut things: Vec<_> = gathered.held.iter().collect();
        things.sort_unstable_by(|a, b| a.0.cmp(b.0));
        for ((number, thing), held) in things {
            self.collision(*number, thing, held);
        }
        for ((number, institution, code, window), sold) in &gathered.sold {
            self.balance(gathered, *number, (institution, code, *window), *sold);
        }
        let mut months: BTreeMap<(usize, i64, &str), Vec<Share<'_>>> = BTreeMap::new();
        for ((number, institution, month), ratio) in &gathered.ratios {
            months.entry((*number, *month, &ratio.alike)).or_default().push((
                institution,
                ratio.numerator,
                ratio.denominator,
            ));
        }
        for ((number, month, _), institutions) in months {
            self.peers(number, month, &institutions);
        }
    }

    fn rule(&self, number: usize) -> &Rule {
        &self.screener.library.inner().rules[number]
    }

    fn collision(&mut self, number: usize, thing: &str, held: &[Held]) {
        let Shape::Collision { how, max, .. } = self.rule(number).shape else { return };
        let mut held: Vec<&Held> = held.iter().collect();
        held.sort_unstable();
        held.dedup();
        for (place, later) in held.iter().enumerate() {
            let at_once = |earlier: &&&Held| match how {
                How::Night => earlier.person != later.person && earlier.to > later.from && later.to > earlier.from,
                How::Overlap => earlier.visit != later.visit && earlier.to > later.from && later.to > later.from,
                How::Repeat => true,
            };
            let others: Vec<&Held> = held[..place].iter().filter(at_once).copied().collect();
            let count = i128::try_from(others.len() + 1).unwrap_or(0) * ONE;
            if others.is_empty() || count <= max {
                continue;
            }
            let mut lines: Vec<FoundLine> = later.line.iter().cloned().collect();
            lines.extend(others.iter().filter_map(|other| other.line.clone()).map(|line| FoundLine {
                item: ItemType::Involved,
                amount: Fen::ZERO,
                ..line
            }));
            let both = || others.iter().copied().chain([*later]);
            let persons = sorted(both().map(|held| held.person.clone()));
            let encounters = sorted(both().map(|held| held.visit.clone()));
            let names: Vec<String> = later
                .line
                .iter()
                .map(|line| format!("{}|{}", line.mdtrt_id, line.feedetl_sn))
                .chain([later.visit.clone()])
                .collect();
            let given = [V::Num(count)];
            self.write(number, later.row, Subject::Thing(thing.to_owned()), &names, &given, |finding| {
                finding.amount = later.line.as_ref().map_or(Fen::ZERO, |line| line.amount);
                (finding.persons, finding.encounters, finding.lines) = (persons, encounters, lines);
                finding.lines.sort();
            });
        }
    }

    fn balance(&mut self, gathered: &Gathered, number: usize, place: (&str, &str, i64), sold: Sold) {
        let (institution, code, window) = place;
        let Shape::Balance { window: kind, tolerance, .. } = self.rule(number).shape else { return };
        let crate::rule::WindowKey::Const(kind) = kind else { return };
        let moves: &[&Stock] = self.moves.get(&(institution, code)).map_or(&[], Vec::as_slice);
        let known: Option<Vec<(i64, &str, i128)>> = moves
            .iter()
            .map(|stock| {
                Some((crate::day::of_time(stock.moved_at?), stock.move_kind.as_deref()?, stock.cnt?.ten_decimals()))
            })
            .collect();
        let Some(mut known) = known.filter(|known| !known.is_empty()) else {
            return self.missed.push((number, "stock"));
        };
        known.sort_unstable();
        let in_window = |time: i64| number_of(kind, time).cmp(&window);
        let counted = known
            .iter()
            .rev()
            .find(|(time, kind, _)| *kind == "counted" && in_window(*time).is_lt())
            .or_else(|| known.iter().find(|(time, kind, _)| *kind == "counted" && in_window(*time).is_eq()));
        let since = counted.map_or(i64::MIN, |(time, _, _)| *time);
        let moved = |quantity: i128, kind: &str| match kind {
            "bought" | "changed" => quantity,
            "bought_back" => -quantity,
            _ => 0,
        };
        let flows = known
            .iter()
            .filter(|(time, _, _)| *time > since || counted.is_none())
            .filter(|(time, _, _)| in_window(*time).is_le());
        // Bought in the window before the count still explains what the window sold.
        let early: i128 = known
            .iter()
            .filter(|(time, _, _)| *time <= since && in_window(*time).is_eq())
            .map(|(_, kind, quantity)| moved(*quantity, kind))
            .sum();
        let mut explained = counted.map_or(0, |(_, _, quantity)| *quantity)
            + flows.map(|(_, kind, quantity)| moved(*quantity, kind)).sum::<i128>();
        if counted.is_some_and(|(time, _, _)| in_window(*time).is_eq()) {
            explained += early.min(0);
        }
        // What windows between the count and this one sold is gone.
        let from = if since == i64::MIN { i64::MIN } else { number_of(kind, since) + 1 };
        let at = |window: i64| (number, institution.to_owned(), code.to_owned(), window);
        let before = gathered.sold.range(at(from.min(window))..at(window));
        explained -= before.map(|(_, sold)| sold.quantity).sum::<i128>();
        let declared: i128 = known
            .iter()
            .filter(|(time, _, _)| in_window(*time).is_eq())
            .map(|(_, kind, quantity)| match *kind {
                "sold" => *quantity,
                "sold_back" => -quantity,
                _ => 0,
            })
            .sum();
        let total = sold.quantity.max(declared);
        let excess = total - explained;
        let allowed = match tolerance {
            Tolerance::Quantity(quantity) => quantity,
            Tolerance::Share(share) => divide(explained.max(0).saturating_mul(share), ONE),
        };
        if excess <= allowed {
            return;
        }
        let billed = excess.min(sold.quantity);
        let amount = if sold.quantity > 0 {
            divide(i128::from(sold.money) * (billed / 10_000), sold.quantity / 10_000)
        } else {
            0
        };
        let names = [code.to_owned()];
        let given = [V::Num(total), V::Num(explained), V::Num(excess)];
        let subject = Subject::Institution(institution.to_owned(), window_word(kind, window));
        let code = code.to_owned();
        self.write(number, sold.row, subject, &names, &given, |finding| {
            finding.amount = Fen(i64::try_from(amount).unwrap_or(0));
            finding.evidence.push(Evidence { fact: "med_list_codg".to_owned(), value: code });
        });
    }

    /// One month of institutions that are alike.
    fn peers(&mut self, number: usize, month: i64, institutions: &[(&str, i128, i128)]) {
        let Shape::Peer { tail, min_peers, min_base, .. } = self.rule(number).shape else { return };
        let group: Vec<(&str, i128)> = institutions
            .iter()
            .filter(|(_, _, denominator)| *denominator > 0 && *denominator >= min_base)
            .map(|(institution, numerator, denominator)| {
                (*institution, divide(numerator.saturating_mul(ONE), *denominator))
            })
            .collect();
        if group.len() < min_peers.max(1) {
            self.missed.extend(group.iter().map(|_| (number, "peers")));
            return;
        }
        let mut ratios: Vec<i128> = group.iter().map(|(_, ratio)| *ratio).collect();
        ratios.sort_unstable();
        let (limit, beyond): (i128, fn(i128, i128) -> bool) = match tail {
            Tail::Above(percent) => (percentile(&ratios, percent), |ratio, limit| ratio > limit),
            Tail::Below(percent) => (percentile(&ratios, percent), |ratio, limit| ratio < limit),
        };
        for (institution, ratio) in group.iter().filter(|(_, ratio)| beyond(*ratio, limit)) {
            let subject = Subject::Institution((*institution).to_owned(), window_word(Window::Month, month));
            let given = [V::Num(*ratio), V::Num(limit), whole(i64::try_from(group.len()).unwrap_or(0))];
            self.write(number, NONE, subject, &[], &given, |_| {});
        }
    }

    fn write(
        &mut self,
        number: usize,
        row: u32,
        subject: Subject,
        names: &[String],
        given: &[V],
        fill: impl FnOnce(&mut Finding),
    ) {
        let rule = self.rule(number);
        let row = rule.rows.get(row as usize);
        let symbols = &self.screener.symbols;
        let shown = |value: V| match value {
            V::Num(number) => terms::Exact::of_ten_decimals(number).rounded(4).to_string(),
            _ => "不详".to_owned(),
        };
        let words = |pieces: &[Piece]| -> String {
            pieces
                .iter()
                .map(|piece| match piece {
                    Piece::Text(text) => text.clone(),
                    Piece::Expr(Expr::Given(place, _)) => {
                        given.get(usize::from(*place)).map_or_else(|| "不详".to_owned(), |value| shown(*value))
                    }
                    Piece::Expr(_) => match &subject {
                        Subject::Institution(code, _) => code.clone(),
                        Subject::Person(text) | Subject::Thing(text) => text.clone(),
                    },
                    Piece::Raw(column) => row
                        .and_then(|row| row.cells.get(usize::from(*column)))
                        .map_or_else(|| "不详".to_owned(), |cell| show_cell(cell, &|sym| symbols.text(sym).to_owned())),
                    Piece::Says => String::new(),
                })
                .collect()
        };
        let evidence = Shape::gives(shape_word(&rule.shape))
            .iter()
            .zip(given)
            .map(|(name, value)| Evidence { fact: (*name).to_owned(), value: shown(*value) })
            .collect();
        let mut finding = Finding {
            key: key(rule, &subject, names),
            rule: rule.id.clone(),
            version: rule.version.clone(),
            name: rule.name.clone(),
            result: rule.header.result,
            severity: rule.header.severity,
            behaviour: rule.header.behaviour,
            persons: Vec::new(),
            encounters: Vec::new(),
            lines: Vec::new(),
            amount: Fen::ZERO,
            row: row.map(|row| row_used(rule, row)),
            evidence,
            doctor: words(&rule.doctor),
            auditor: words(&rule.auditor),
            subject,
        };
        fill(&mut finding);
        self.findings.push(finding);
    }
}

fn sorted(texts: impl Iterator<Item = String>) -> Vec<String> {
    let mut texts: Vec<String> = texts.collect();
    texts.sort_unstable();
    texts.dedup();
    texts
}

/// Between the two values nearest the percentile, by their distance.
fn percentile(sorted: &[i128], percent: u32) -> i128 {
    let place = (sorted.len() - 1) * percent as usize;
    let (low, part) = (place / 100, place % 100);
    let next = sorted[(low + 1).min(sorted.len() - 1)];
    sorted[low] + (next - sorted[low]) * i128::try_from(part).unwrap_or(0) / 100
}

/// The number of the window a moment falls into, as `Kernel::place` numbers them.
fn number_of(window: Window, time: i64) -> i64 {
    let (year, month, _) = civil(of_seconds(time));
    match window {
        Window::Day => i64::from(of_seconds(time)),
        Window::Quarter => year * 4 + (month - 1) / 3,
        Window::Year | Window::PolicyYear => year,
        _ => year * 12 + month,
    }
}

fn window_word(window: Window, number: i64) -> String {
    match window {
        Window::Day => show_day(i32::try_from(number).unwrap_or(0)),
        Window::Quarter => format!("{}Q{}", number.div_euclid(4), number.rem_euclid(4) + 1),
        Window::Year | Window::PolicyYear => number.to_string(),
        _ => format!("{}-{:02}", (number - 1).div_euclid(12), (number - 1).rem_euclid(12) + 1),
    }
}
