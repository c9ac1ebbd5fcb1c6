//! Shapes that count in windows.

use super::eval::{Ctx, hours_present, yuan};
use super::kernel::{Draft, Kernel, Sel, Share};
use super::world::{AT, NAN, NEVER};
use crate::codes::NONE;
use crate::day::{DAY, civil, of_seconds};
use crate::expr::{Expr, Miss, ONE, Of, V, whole};
use crate::knowledge::Cell;
use crate::rule::{Gather, Hours, Measure, Per, Rule, Shape, WindowKey};
use crate::span::{Span, Window};

/// What records of one window have in common: rows, codes or groups; the window; equal fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key {
    per: u64,
    window: i64,
    same: [u64; 3],
}

impl Key {
    pub fn window(self) -> i64 {
        self.window
    }
}

/// A record in its window.
pub(crate) type Placed = (Key, Sel);

/// 涉及项 are shown up to this many.
const INVOLVED_MAX: usize = 50;

/// A value as a number that is equal only for equal values.
fn identity(value: V) -> u64 {
    match value {
        V::Unknown(_) => u64::MAX,
        V::Flag(yes) => u64::from(yes),
        V::Sym(sym) => u64::from(sym) | 1 << 40,
        V::Day(day) => u64::from(day.cast_unsigned()) | 2 << 40,
        V::Time(time) => time.cast_unsigned() | 3 << 56,
        V::Num(number) => (number & i128::from(u64::MAX >> 8)) as u64 | 4 << 56,
    }
}

impl<'a> Kernel<'_, 'a> {
    pub fn window_of(&self, key: WindowKey, row: u32) -> Result<Window, Miss> {
        match key {
            WindowKey::Const(window) => Ok(window),
            WindowKey::Row(column, miss) => match self.row(row).and_then(|row| row.cells.get(usize::from(column))) {
                Some(Cell::Window(window)) => Ok(*window),
                _ => Err(miss),
            },
        }
    }

    /// The window a record falls into; `None`: into none.
    pub fn place(&self, window: Window, of: Of, rec: u32) -> Result<Option<i64>, Miss> {
        let facts = &self.active.facts;
        let time = || match self.person.time_of(of, rec) {
            NEVER => Err(if of == Of::Line { facts.time } else { facts.begin }),
            time => Ok(time),
        };
        let day = || time().map(of_seconds);
        let visit = self.person.visit_of(of, rec);
        Ok(Some(match window {
            Window::Line => i64::from(rec),
            Window::Visit => i64::from(visit),
            Window::Stay => {
                use super::person::VisitKind;
                match self.person.visits[visit as usize].kind {
                    VisitKind::Inpatient => i64::from(visit),
                    VisitKind::Unknown => return Err(facts.kind),
                    _ => return Ok(None),
                }
            }
            Window::Prescription => {
                if of != Of::Line {
                    return Ok(Some(i64::from(visit)));
                }
                match self.world.sym(Of::Line, AT.rxno, self.person.row_of(of, rec)) {
                    NONE => return Err(facts.prescription),
                    sym => i64::from(visit) << 32 | i64::from(sym),
                }
            }
            Window::Session => i64::from(visit) << 32 | i64::from(day()?) & 0xFFFF_FFFF,
            Window::Day => i64::from(day()?),
            Window::Week | Window::Month | Window::Quarter | Window::Year | Window::PolicyYear => {
                self.numbered(window, day()?)
            }
            Window::Rolling(_) | Window::Episode(_) => {
                time()?;
                0
            }
            Window::Ever | Window::Overlap | Window::During | Window::Offset => 0,
        }))
    }

    /// Which week, month, quarter or year a day falls into.
    fn numbered(&self, window: Window, day: i32) -> i64 {
        let (year, month, of_month) = civil(day);
        match window {
            // 1970-01-05 was a Monday.
            Window::Week => (i64::from(day) - 4).div_euclid(7),
            Window::Month => year * 12 + month,
            Window::Quarter => year * 4 + (month - 1) / 3,
            Window::PolicyYear => year - i64::from((month, of_month) < self.rule().policy_year),
            _ => year,
        }
    }

    pub fn key(&self, gather: &Gather, of: Of, sel: Sel) -> Result<Option<Key>, Miss> {
        let window = self.window_of(gather.window, sel.row)?;
        let Some(window) = self.place(window, of, sel.rec)? else { return Ok(None) };
        let per = match gather.per {
            Per::Row => u64::from(sel.row),
            Per::Code => u64::from(self.person.code_of(self.world, of, sel.rec)),
            Per::All => 0,
            Per::Column(column) => match self.row(sel.row).and_then(|row| row.cells.get(usize::from(column))) {
                Some(Cell::Sym(sym)) => u64::from(*sym),
                Some(Cell::Num(number)) => identity(V::Num(*number)),
                Some(Cell::Codes(set, _)) => set.exact.first().map_or(u64::MAX, |sym| u64::from(*sym)),
                _ => return Err(self.active.facts.group),
            },
        };
        Ok(Some(Key { per, window, same: self.same(&gather.same, of, sel)? }))
    }

    pub fn same(&self, fields: &[Expr], of: Of, sel: Sel) -> Result<[u64; 3], Miss> {
        let mut same = [0; 3];
        let ctx = self.ctx(of, sel);
        for (place, field) in same.iter_mut().zip(fields) {
            *place = match self.eval().value(field, &ctx) {
                V::Unknown(miss) => return Err(miss),
                value => identity(value),
            };
        }
        Ok(same)
    }

    /// Records by window, in order of time; those that fall into none by missing facts are told.
    pub fn gather(&mut self, gather: &Gather, of: Of, chosen: &[Sel]) -> Vec<Placed> {
        let mut placed = Vec::with_capacity(chosen.len());
        for sel in chosen {
            match self.key(gather, of, *sel) {
                Ok(Some(key)) => placed.push((key, *sel)),
                Ok(None) => {}
                Err(miss) => self.missed(of, sel.rec, miss),
            }
        }
        placed.sort_unstable_by_key(|(key, sel)| (*key, sel.rec, sel.row));
        // A code in two rows of one group is one record of the group.
        placed.dedup_by_key(|(key, sel)| (*key, sel.rec));
        placed
    }

    pub fn windows(&mut self, rule: &'a Rule, hits: &[u64]) {
        let of = rule.first.of;
        let chosen = self.admitted(&rule.first, hits);
        if chosen.is_empty() {
            return;
        }
        let gather = match &rule.shape {
            Shape::Quantity { gather, .. }
            | Shape::Days { gather, .. }
            | Shape::Interval { gather, .. }
            | Shape::Complete { gather, .. }
            | Shape::Discount { gather, .. } => gather,
            _ => return,
        };
        let placed = self.gather(gather, of, &chosen);
        for group in placed.chunk_by(|a, b| a.0 == b.0) {
            let group: Vec<Sel> = group.iter().map(|(_, sel)| *sel).collect();
            let window = match self.window_of(gather.window, group[0].row) {
                Ok(window) => window,
                Err(_) => continue,
            };
            let told = self.out.findings.len();
            match window {
                Window::Episode(span) => {
                    for chain in self.chains(of, &group, span) {
                        self.count(rule, of, window, &chain);
                    }
                }
                _ => self.count(rule, of, window, &group),
            }
            if self.out.findings.len() == told && !matches!(rule.shape, Shape::Interval { .. }) {
                self.begins_unknown(of, window, &group);
            }
        }
    }

    /// A window that passes while it begins before the history does is not checked: what was before
    /// might fill it. Asked of the last record that the caller looks at.
    fn begins_unknown(&mut self, of: Of, window: Window, group: &[Sel]) {
        let Some(known) = self.person.known_since else { return };
        let Some(sel) = group.iter().rev().find(|sel| self.looked_at(of, sel.rec)) else { return };
        let time = self.person.time_of(of, sel.rec);
        if time == NEVER {
            return;
        }
        let day = of_seconds(time);
        let begins_before = match window {
            Window::Rolling(span) => of_seconds(span.before(time)) < known,
            Window::Episode(span) => {
                let chains = self.chains(of, group, span);
                let chain = chains.iter().find(|chain| chain.iter().any(|own| own.rec == sel.rec));
                let begun = chain.and_then(|chain| self.person.day_of(of, chain[0].rec)).unwrap_or(day);
                span.before_day(begun) < known
            }
            Window::Ever => true,
            // The day before the history begins still has the window's number.
            Window::Week | Window::Month | Window::Quarter | Window::Year | Window::PolicyYear => {
                self.numbered(window, known - 1) == self.numbered(window, day)
            }
            _ => false,
        };
        if begins_before {
            self.missed(of, sel.rec, self.active.facts.history);
        }
    }

    /// Whether the caller asked about this record: every one, or those of the visit in focus.
    fn looked_at(&self, of: Of, rec: u32) -> bool {
        let Some(focus) = &self.options.focus else { return true };
        let visit = self.person.visit_of(of, rec);
        let current =
            of != Of::Line || self.world.flag(Of::Line, AT.current, self.person.row_of(of, rec)) != Some(false);
        current
            && self
                .person
                .visits
                .get(visit as usize)
                .is_some_and(|visit| self.world.text(Of::Visit, AT.mdtrt_id, visit.row) == focus)
    }

    /// Chains of days with gaps of at most so much.
    fn chains(&self, of: Of, group: &[Sel], span: Span) -> Vec<Vec<Sel>> {
        let day = |sel: &Sel| self.person.day_of(of, sel.rec).unwrap_or(0);
        let mut sorted = group.to_vec();
        sorted.sort_by_key(|sel| (day(sel), sel.rec));
        sorted.chunk_by(|a, b| day(b) <= span.after_day(day(a))).map(<[Sel]>::to_vec).collect()
    }

    fn count(&mut self, rule: &'a Rule, of: Of, window: Window, group: &[Sel]) {
        match &rule.shape {
            Shape::Quantity { max, measure, hours, merge_minutes, merge_same, .. } => {
                let Some(items) = self.measured(of, group, measure, *merge_minutes, merge_same) else { return };
                self.quantity(rule, of, window, &items, max, *hours, measure);
            }
            Shape::Days { max, .. } => self.days(rule, of, window, group, max),
            Shape::Interval { min, .. } => self.interval(rule, of, group, *min),
            Shape::Complete { members, price, .. } => self.complete(rule, group, *members, price.as_ref()),
            Shape::Discount { rate, full, .. } => self.discount(rule, group, rate, full),
            _ => {}
        }
    }

    /// Each record with its quantity.
    fn measured(
        &mut self,
        of: Of,
        group: &[Sel],
        measure: &Measure,
        merge_minutes: i64,
        merge_same: &[Expr],
    ) -> Option<Vec<(Sel, i128)>> {
        let mut items = Vec::with_capacity(group.len());
        let mut before: Option<(i64, [u64; 3])> = None;
        let mut codes = Vec::new();
        for sel in group {
            let ctx = self.ctx(of, *sel);
            let quantity = match measure {
                Measure::Of(expr) => match self.eval().number(expr, &ctx) {
                    Ok(quantity) => quantity.max(0),
                    Err(miss) => {
                        self.missed(of, sel.rec, miss);
                        continue;
                    }
                },
                Measure::Money => match self.eval().scope_of(of, sel.rec).map(yuan) {
                    Some(V::Num(money)) => money.max(0),
                    _ => {
                        self.missed(of, sel.rec, self.active.facts.fee);
                        continue;
                    }
                },
                Measure::Distinct => {
                    let code = self.person.code_of(self.world, of, sel.rec);
                    if codes.contains(&code) {
                        0
                    } else {
                        codes.push(code);
                        ONE
                    }
                }
                Measure::Count => {
                    let time = self.person.time_of(of, sel.rec);
                    let here = (time, self.same(merge_same, of, *sel).unwrap_or([u64::MAX; 3]));
                    let merged = merge_minutes > 0
                        && before.is_some_and(|(earlier, same)| {
                            earlier != NEVER && time - earlier <= merge_minutes * 60 && same == here.1
                        });
                    before = Some(here);
                    if merged { 0 } else { ONE }
                }
            };
            items.push((*sel, quantity));
        }
        (!items.is_empty()).then_some(items)
    }

    fn limit(&mut self, of: Of, sel: Sel, max: &Expr, hours: Option<Hours>) -> Option<i128> {
        let ctx = self.ctx(of, sel);
        let limit = match self.eval().number(max, &ctx) {
            Ok(limit) => limit,
            Err(miss) => {
                self.missed(of, sel.rec, miss);
                return None;
            }
        };
        let bound = match hours {
            None => false,
            Some(Hours::Always) => true,
            Some(Hours::Row(column)) => {
                matches!(self.row(sel.row).and_then(|row| row.cells.get(usize::from(column))), Some(Cell::Flag(true)))
            }
        };
        if !bound {
            return Some(limit);
        }
        let visit = &self.person.visits[self.person.visit_of(of, sel.rec) as usize];
        let time = self.person.time_of(of, sel.rec);
        if time == NEVER {
            return Some(limit);
        }
        let day = time.div_euclid(DAY);
        // A line outside its visit's days is another rule's matter.
        let outside = (visit.begin != NEVER && day < visit.begin.div_euclid(DAY))
            || (visit.end != NEVER && day > visit.end.div_euclid(DAY));
        if outside { Some(limit) } else { Some(limit.min(hours_present(visit.begin, visit.end, day))) }
    }

    #[allow(clippy::too_many_arguments, reason = "the keys of one shape")]
    fn quantity(
        &mut self,
        rule: &'a Rule,
        of: Of,
        window: Window,
        items: &[(Sel, i128)],
        max: &Expr,
        hours: Option<Hours>,
        measure: &Measure,
    ) {
        self.checked();
        if let Window::Rolling(span) = window {
            return self.rolling(rule, of, items, max, span);
        }
        let Some(limit) = self.limit(of, items[0].0, max, hours) else { return };
        let total: i128 = items.iter().map(|(_, quantity)| quantity).sum();
        if total <= limit {
            return;
        }
        let mut excess = total - limit;
        let given = vec![V::Num(total), V::Num(limit), V::Num(excess)];
        let mut hits = Vec::new();
        let mut involved = Vec::new();
        if matches!(measure, Measure::Distinct) {
            return self.surplus_codes(rule, of, items, limit, given);
        }
        for (sel, quantity) in items.iter().rev() {
            let taken = excess.min(*quantity);
            if taken > 0 {
                excess -= taken;
                hits.push((sel.rec, if taken == *quantity { Share::All } else { Share::Part(taken, *quantity) }));
            } else {
                involved.push((of, sel.rec));
            }
        }
        involved.truncate(INVOLVED_MAX);
        self.tell(rule, Draft { row: items[0].0.row, hits, involved, given, ..Draft::default() });
    }

    /// Codes beyond the number allowed, in the order they came: all their records.
    fn surplus_codes(&mut self, rule: &'a Rule, of: Of, items: &[(Sel, i128)], limit: i128, given: Vec<V>) {
        let mut kept = Vec::new();
        let (mut hits, mut involved) = (Vec::new(), Vec::new());
        for (sel, _) in items {
            let code = self.person.code_of(self.world, of, sel.rec);
            if kept.contains(&code) {
                involved.push((of, sel.rec));
            } else if i128::try_from(kept.len() + 1).unwrap_or(0) * ONE <= limit {
                kept.push(code);
                involved.push((of, sel.rec));
            } else {
                hits.push((sel.rec, Share::All));
            }
        }
        involved.truncate(INVOLVED_MAX);
        self.tell(rule, Draft { row: items[0].0.row, hits, involved, given, ..Draft::default() });
    }

    /// What exceeds within the time before a record; what was not accepted uses up nothing.
    fn rolling(&mut self, rule: &'a Rule, of: Of, items: &[(Sel, i128)], max: &Expr, span: Span) {
        let mut accepted: Vec<(i64, i128, u32)> = Vec::new();
        let mut from = 0;
        for (sel, quantity) in items {
            let time = self.person.time_of(of, sel.rec);
            let Some(limit) = self.limit(of, *sel, max, None) else { continue };
            while from < accepted.len() && !within(span, accepted[from].0, time) {
                from += 1;
            }
            let used: i128 = accepted[from..].iter().map(|(_, quantity, _)| quantity).sum();
            let allowed = (limit - used).clamp(0, *quantity);
            let excess = quantity - allowed;
            if excess > 0 {
                let share = if allowed == 0 { Share::All } else { Share::Part(excess, *quantity) };
                let mut involved: Vec<(Of, u32)> = accepted[from..].iter().map(|(_, _, rec)| (of, *rec)).collect();
                involved.truncate(INVOLVED_MAX);
                let given = vec![V::Num(used + quantity), V::Num(limit), V::Num(excess)];
                self.tell(
                    rule,
                    Draft { row: sel.row, hits: vec![(sel.rec, share)], involved, given, ..Draft::default() },
                );
            }
            if allowed > 0 {
                accepted.push((time, allowed, sel.rec));
            }
        }
    }

    fn days(&mut self, rule: &'a Rule, of: Of, window: Window, group: &[Sel], max: &Expr) {
        self.checked();
        let day = |kernel: &Self, sel: &Sel| kernel.person.day_of(of, sel.rec);
        let mut dated: Vec<(i32, Sel)> = Vec::new();
        for sel in group {
            match day(self, sel) {
                Some(day) => dated.push((day, *sel)),
                None => self.missed(of, sel.rec, self.active.facts.time),
            }
        }
        let Some((_, first)) = dated.first().copied() else { return };
        let Some(limit) = self.limit(of, first, max, None) else { return };
        let mut accepted: Vec<i32> = Vec::new();
        let (mut hits, mut involved) = (Vec::new(), Vec::new());
        let mut all: Vec<i32> = dated.iter().map(|(day, _)| *day).collect();
        all.dedup();
        for (day, sel) in &dated {
            if accepted.last() != Some(day) {
                let used = match window {
                    Window::Rolling(span) => accepted.iter().filter(|earlier| span.after_day(**earlier) > *day).count(),
                    _ => accepted.len(),
                };
                if i128::try_from(used + 1).unwrap_or(i128::MAX / ONE) * ONE > limit {
                    hits.push((sel.rec, Share::All));
                    continue;
                }
                accepted.push(*day);
            }
            involved.push((of, sel.rec));
        }
        if hits.is_empty() {
            return;
        }
        involved.reverse();
        involved.truncate(INVOLVED_MAX);
        let given = vec![whole(i64::try_from(all.len()).unwrap_or(i64::MAX)), V::Num(limit)];
        self.tell(rule, Draft { row: first.row, hits, involved, given, ..Draft::default() });
    }

    fn interval(&mut self, rule: &'a Rule, of: Of, group: &[Sel], min: crate::rule::SpanKey) {
        self.checked();
        let mut last: Option<(i64, u32)> = None;
        for sel in group {
            let time = self.person.time_of(of, sel.rec);
            if time == NEVER {
                self.missed(of, sel.rec, self.active.facts.time);
                continue;
            }
            let span = match self.span(min, self.row(sel.row)) {
                Ok(span) => span,
                Err(miss) => {
                    self.missed(of, sel.rec, miss);
                    continue;
                }
            };
            match last {
                Some((before, _)) if of_seconds(before) == of_seconds(time) && !matches!(span, Span::Hours(_)) => {}
                Some((before, rec)) if within(span, before, time) => {
                    let gap = i64::from(of_seconds(time)) - i64::from(of_seconds(before));
                    let draft = Draft {
                        row: sel.row,
                        hits: vec![(sel.rec, Share::All)],
                        involved: vec![(of, rec)],
                        given: vec![whole(gap)],
                        ..Draft::default()
                    };
                    self.tell(rule, draft);
                }
                before => {
                    let known = self.person.known_since.map(|known| i64::from(known) * DAY);
                    if before.is_none()
                        && known.is_some_and(|known| span.before(time) < known)
                        && self.looked_at(of, sel.rec)
                    {
                        self.missed(of, sel.rec, self.active.facts.history);
                    }
                    last = Some((time, sel.rec));
                }
            }
        }
    }

    fn complete(&mut self, rule: &'a Rule, group: &[Sel], members: u16, price: Option<&Expr>) {
        let first = group[0];
        let Some(Cell::Codes(set, _)) =
            self.row(first.row).and_then(|row| row.cells.get(usize::from(members))).cloned()
        else {
            return;
        };
        self.checked();
        let code = |sel: &Sel| self.person.lines[sel.rec as usize].code;
        let names = &self.world.names;
        let there = set.exact.iter().all(|member| group.iter().any(|sel| code(sel) == *member))
            && set.prefixes.iter().all(|prefix| group.iter().any(|sel| names.text(code(sel)).starts_with(&**prefix)));
        if !there {
            return;
        }
        let Some(total) = group.iter().map(|sel| self.person.lines[sel.rec as usize].fee).sum::<Option<i64>>() else {
            return self.missed(Of::Line, first.rec, self.active.facts.fee);
        };
        let V::Num(total) = yuan(total) else { return };
        let mut share = Share::All;
        let mut given = vec![V::Num(total)];
        if let Some(price) = price {
            match self.eval().number(price, &self.ctx(Of::Line, first)) {
                Err(miss) => return self.missed(Of::Line, first.rec, miss),
                Ok(price) if total <= price => return,
                Ok(price) => {
                    share = Share::Part(total - price, total);
                    given.push(V::Num(price));
                }
            }
        }
        let hits = group.iter().map(|sel| (sel.rec, share)).collect();
        self.tell(rule, Draft { row: first.row, hits, given, ..Draft::default() });
    }

    /// The dearest at its full price, the others at the reduced rate.
    fn discount(&mut self, rule: &'a Rule, group: &[Sel], rate: &Expr, full: &Expr) {
        self.checked();
        let mut priced = Vec::new();
        for sel in group {
            let ctx: Ctx = self.ctx(Of::Line, *sel);
            let line = &self.person.lines[sel.rec as usize];
            match (self.eval().number(full, &ctx), line.fee) {
                (Ok(full), Some(fee)) => priced.push((full, fee, *sel)),
                (Err(miss), _) => self.missed(Of::Line, sel.rec, miss),
                (_, None) => self.missed(Of::Line, sel.rec, self.active.facts.fee),
            }
        }
        if priced.len() < 2 {
            return;
        }
        priced.sort_by_key(|(full, fee, sel)| (std::cmp::Reverse(*full), std::cmp::Reverse(*fee), sel.rec));
        let (mut hits, mut involved) = (Vec::new(), vec![(Of::Line, priced[0].2.rec)]);
        let mut given = Vec::new();
        for (full, fee, sel) in &priced[1..] {
            let rate = match self.eval().number(rate, &self.ctx(Of::Line, *sel)) {
                Ok(rate) => rate,
                Err(miss) => {
                    self.missed(Of::Line, sel.rec, miss);
                    continue;
                }
            };
            let cnt = self.person.lines[sel.rec as usize].cnt;
            // Half an operation is how some bill the reduced rate: it counts as one.
            let times = if cnt == NAN { 1 } else { cnt.div_euclid(ONE) + i128::from(cnt.rem_euclid(ONE) > 0) };
            let allowed = super::eval::divide(full.saturating_mul(rate), ONE).saturating_mul(times.max(1));
            let charged = i128::from(*fee) * (ONE / 100);
            if charged > allowed {
                hits.push((sel.rec, Share::Part(charged - allowed, charged)));
                given = vec![V::Num(allowed)];
            } else {
                involved.push((Of::Line, sel.rec));
            }
        }
        if !hits.is_empty() {
            self.tell(rule, Draft { row: priced[1].2.row, hits, involved, given, ..Draft::default() });
        }
    }
}

/// Whether a moment lies less than a span after another; whole days count by days.
pub(crate) fn within(span: Span, earlier: i64, later: i64) -> bool {
    match span {
        Span::Hours(_) => span.after(earlier) > later,
        _ => span.after_day(of_seconds(earlier)) > of_seconds(later),
    }
}
