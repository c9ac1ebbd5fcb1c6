//! Shapes about two records: what must not stand together, what must, and stays too close.

use super::kernel::{Draft, Kernel, Sel, Share};
use super::person::VisitKind;
use super::windows::Key;
use super::world::{AT, NEVER};
use crate::codes::{NONE, Sym};
use crate::day::{DAY, of_seconds};
use crate::expr::{Expr, Miss, Of, Tri, V, whole};
use crate::rule::{Codes, Flagged, Gather, Per, Rule, SameDiagnosis, Selector, Shape, SpanKey, WindowKey};
use crate::span::{Span, Window};
use std::collections::BTreeMap;

/// What a pair shape asks.
struct Pairing<'r> {
    window: Window,
    tolerance: i64,
    from: Option<SpanKey>,
    to: Option<SpanKey>,
    same: &'r [Expr],
}

/// A use of something: consecutive days of one code in one visit.
struct Use {
    from: i32,
    to: i32,
    code: Sym,
    records: Vec<Sel>,
}

impl<'a> Kernel<'_, 'a> {
    pub fn pairs(&mut self, rule: &'a Rule, first: &[u64], second: &[u64]) {
        match &rule.shape {
            Shape::Pair { second: Some(side), .. } => self.two_sided(rule, side, first, second),
            Shape::Pair { group: Some(group), .. } => self.within_group(rule, *group, first),
            Shape::Companion { needs, .. } => self.companion(rule, needs, first, second),
            Shape::StayGap { .. } => self.stay_gap(rule),
            _ => {}
        }
    }

    /// The other side's records that take part under the row of the first.
    fn partners(&mut self, side: &Selector, hits: &[u64], row: u32, tell: bool) -> (Vec<Sel>, Vec<(Sel, Miss)>) {
        let mut chosen: Vec<Sel> = self.chosen(side, hits);
        if matches!(side.codes, Codes::Rows(_)) {
            chosen.retain(|sel| sel.row == row);
        } else {
            chosen.sort_unstable_by_key(|sel| sel.rec);
            chosen.dedup_by_key(|sel| sel.rec);
            chosen.iter_mut().for_each(|sel| sel.row = row);
        }
        let mut unknown = Vec::new();
        chosen.retain(|sel| match self.admit(side, *sel, false) {
            Tri::True => true,
            Tri::False => false,
            Tri::Unknown(miss) => {
                unknown.push((*sel, miss));
                false
            }
        });
        if tell {
            for (sel, miss) in &unknown {
                self.missed(side.of, sel.rec, *miss);
            }
        }
        (chosen, unknown)
    }

    fn two_sided(&mut self, rule: &'a Rule, side: &'a Selector, first: &[u64], second: &[u64]) {
        let Shape::Pair { window, flagged, tolerance, from, to, same, .. } = &rule.shape else { return };
        let mine = self.admitted(&rule.first, first);
        for rows in mine.chunk_by(|a, b| a.row == b.row) {
            let row = rows[0].row;
            let (theirs, _) = self.partners(side, second, row, true);
            if theirs.is_empty() {
                self.checked();
                continue;
            }
            let window = match self.window_of(*window, row) {
                Ok(window) => window,
                Err(miss) => {
                    self.missed(rule.first.of, rows[0].rec, miss);
                    continue;
                }
            };
            let pairing = Pairing { window, tolerance: *tolerance, from: *from, to: *to, same };
            let found = self.matches(&rule.first, side, rows, &theirs, &pairing);
            self.checked();
            self.tell_pairs(rule, side.of, row, *flagged, &found);
        }
    }

    /// Pairs that stand together, by the second record.
    fn matches(
        &mut self,
        first: &Selector,
        side: &Selector,
        rows: &[Sel],
        theirs: &[Sel],
        pairing: &Pairing,
    ) -> BTreeMap<(i64, u32), Vec<u32>> {
        let mut found: BTreeMap<(i64, u32), Vec<u32>> = BTreeMap::new();
        match pairing.window {
            Window::Overlap | Window::During | Window::Offset => {
                for b in theirs {
                    for a in rows {
                        let itself = first.of == side.of && a.rec == b.rec;
                        if itself || !self.equal(pairing.same, first.of, *a, side.of, *b) {
                            continue;
                        }
                        match self.together(pairing, first.of, *a, side.of, *b) {
                            Tri::True => found.entry((0, b.rec)).or_default().push(a.rec),
                            Tri::False => {}
                            Tri::Unknown(miss) => self.missed(side.of, b.rec, miss),
                        }
                    }
                }
            }
            window => {
                let gather = Gather { window: WindowKey::Const(window), per: Per::All, same: pairing.same.to_vec() };
                let mine = self.gather(&gather, first.of, rows);
                let theirs = self.gather(&gather, side.of, theirs);
                for (key, b) in theirs {
                    let from = mine.partition_point(|(other, _)| *other < key);
                    let partners = mine[from..].iter().take_while(|(other, _)| *other == key).map(|(_, a)| a.rec);
                    let partners: Vec<u32> = partners.filter(|a| first.of != side.of || *a != b.rec).collect();
                    if !partners.is_empty() {
                        found.insert((window_number(key), b.rec), partners);
                    }
                }
            }
        }
        found
    }

    fn equal(&self, same: &[Expr], of_a: Of, a: Sel, of_b: Of, b: Sel) -> bool {
        same.is_empty() || matches!((self.same(same, of_a, a), self.same(same, of_b, b)), (Ok(a), Ok(b)) if a == b)
    }

    /// Whether two records stand together in time.
    fn together(&self, pairing: &Pairing, of_a: Of, a: Sel, of_b: Of, b: Sel) -> Tri {
        let facts = &self.active.facts;
        match pairing.window {
            Window::During => {
                let visit = &self.person.visits[self.person.visit_of(of_a, a.rec) as usize];
                let time = self.person.time_of(of_b, b.rec);
                if visit.begin == NEVER || time == NEVER {
                    return Tri::Unknown(facts.begin);
                }
                let (day, begin) = (of_seconds(time), of_seconds(visit.begin));
                if day <= begin {
                    return Tri::False;
                }
                if visit.end == NEVER {
                    return Tri::Unknown(facts.end);
                }
                (day < of_seconds(visit.end)).into()
            }
            Window::Overlap => {
                let (Some(a), Some(b)) = (self.days_of(of_a, a.rec), self.days_of(of_b, b.rec)) else {
                    return Tri::Unknown(facts.time);
                };
                (overlap(a, b) > pairing.tolerance).into()
            }
            _ => {
                let later = self.person.time_of(of_b, b.rec);
                let begin = self.person.time_of(of_a, a.rec);
                if later == NEVER || begin == NEVER {
                    return Tri::Unknown(facts.time);
                }
                // After an operation is after its end.
                let end = match of_a {
                    Of::Procedure => match self.person.procs[a.rec as usize].end {
                        NEVER => begin,
                        end => end,
                    },
                    _ => begin,
                };
                let bound = |key: Option<SpanKey>, row: u32| key.map(|key| self.span(key, self.row(row)));
                let base = |span: Span| {
                    if matches!(span, Span::Hours(n) | Span::Days(n) | Span::Months(n) if n < 0) { begin } else { end }
                };
                match (bound(pairing.from, a.row), bound(pairing.to, a.row)) {
                    (Some(Err(miss)), _) | (_, Some(Err(miss))) => Tri::Unknown(miss),
                    (from, to) => {
                        let after = from.and_then(Result::ok).is_none_or(|span| later > span.after(base(span)));
                        let before = to.and_then(Result::ok).is_none_or(|span| later <= span.after(base(span)));
                        (after && before).into()
                    }
                }
            }
        }
    }

    /// First and last day of a record: an order's, a line's days of use, a visit's stay.
    fn days_of(&self, of: Of, rec: u32) -> Option<(i32, i32)> {
        let at = &*AT;
        if of == Of::Line {
            let row = self.person.lines[rec as usize].row;
            let (begin, stop) = (self.world.time(of, at.order_begin, row), self.world.time(of, at.order_stop, row));
            if begin != NEVER && stop != NEVER && stop >= begin {
                return Some((of_seconds(begin), of_seconds(stop)));
            }
            let day = self.person.day_of(of, rec)?;
            let days = self.world.number(of, at.prd_days, row);
            let days = if days <= 0 { 1 } else { days / crate::expr::ONE };
            return Some((day, day + i32::try_from(days).unwrap_or(1).clamp(1, 3660) - 1));
        }
        let day = self.person.day_of(of, rec)?;
        if of != Of::Visit {
            return Some((day, day));
        }
        let end = self.person.visits[rec as usize].end;
        Some((day, if end == NEVER { day } else { of_seconds(end) }))
    }

    fn tell_pairs(
        &mut self,
        rule: &'a Rule,
        of_b: Of,
        row: u32,
        flagged: Flagged,
        found: &BTreeMap<(i64, u32), Vec<u32>>,
    ) {
        let of_a = rule.first.of;
        let mut windows: BTreeMap<(i64, u32), (Vec<u32>, Vec<u32>)> = BTreeMap::new();
        for ((window, b), partners) in found {
            let (mine, theirs) = windows.entry((*window, self.person.visit_of(of_b, *b))).or_default();
            mine.extend(partners);
            theirs.push(*b);
        }
        for (_, (mut mine, mut theirs)) in windows {
            mine.sort_unstable();
            mine.dedup();
            theirs.sort_unstable();
            let flag_first = match flagged {
                Flagged::First => true,
                Flagged::Second | Flagged::Both => false,
                Flagged::Cheaper => self.fees(of_a, &mine) < self.fees(of_b, &theirs),
            };
            if flag_first {
                std::mem::swap(&mut mine, &mut theirs);
            }
            let of_other = if flag_first { of_b } else { of_a };
            let other = mine.first().map(|rec| (of_other, *rec));
            let mut hits: Vec<(u32, Share)> = theirs.iter().map(|rec| (*rec, Share::All)).collect();
            let mut involved = Vec::new();
            if flagged == Flagged::Both {
                hits.extend(mine.iter().map(|rec| (*rec, Share::All)));
                hits.sort_unstable_by_key(|hit| hit.0);
                hits.dedup_by_key(|hit| hit.0);
            } else {
                involved = mine.iter().map(|rec| (of_other, *rec)).collect();
            }
            self.tell(rule, Draft { row, hits, involved, other, ..Draft::default() });
        }
    }

    fn fees(&self, of: Of, records: &[u32]) -> i64 {
        records
            .iter()
            .map(|rec| if of == Of::Line { self.person.lines[*rec as usize].fee.unwrap_or(0) } else { 0 })
            .sum()
    }

    /// Two different codes of one group.
    fn within_group(&mut self, rule: &'a Rule, group: u16, first: &[u64]) {
        let Shape::Pair { window, flagged, tolerance, same, .. } = &rule.shape else { return };
        let of = rule.first.of;
        let chosen = self.admitted(&rule.first, first);
        let Some(sel) = chosen.first() else { return };
        let window = self.window_of(*window, sel.row).unwrap_or(Window::Visit);
        let counted = if window == Window::Overlap { Window::Ever } else { window };
        let gather = Gather { window: WindowKey::Const(counted), per: Per::Column(group), same: same.clone() };
        let placed = self.gather(&gather, of, &chosen);
        for records in placed.chunk_by(|a, b| a.0 == b.0) {
            let records: Vec<Sel> = records.iter().map(|(_, sel)| *sel).collect();
            self.checked();
            if window == Window::Overlap {
                self.overlapping_uses(rule, of, &records, *tolerance);
            } else {
                self.several_codes(rule, of, &records, *flagged);
            }
        }
    }

    fn several_codes(&mut self, rule: &'a Rule, of: Of, records: &[Sel], flagged: Flagged) {
        let code = |sel: &Sel| self.person.code_of(self.world, of, sel.rec);
        let kept = match flagged {
            Flagged::Cheaper => {
                records.iter().max_by_key(|sel| (self.fees(of, &[sel.rec]), std::cmp::Reverse(sel.rec)))
            }
            _ => records.first(),
        };
        let Some(kept) = kept.copied() else { return };
        let (others, mine): (Vec<Sel>, Vec<Sel>) = records.iter().partition(|sel| code(sel) != code(&kept));
        if others.is_empty() {
            return;
        }
        let mut hits: Vec<(u32, Share)> = others.iter().map(|sel| (sel.rec, Share::All)).collect();
        let mut involved = Vec::new();
        if flagged == Flagged::Both {
            hits.extend(mine.iter().map(|sel| (sel.rec, Share::All)));
            hits.sort_unstable_by_key(|hit| hit.0);
        } else {
            involved = mine.iter().map(|sel| (of, sel.rec)).collect();
        }
        self.tell(rule, Draft { row: others[0].row, hits, involved, other: Some((of, kept.rec)), ..Draft::default() });
    }

    /// Lines of one code on consecutive days of a visit are one use; two uses of different codes
    /// that overlap for longer than allowed are told, on the later one's lines of those days.
    fn overlapping_uses(&mut self, rule: &'a Rule, of: Of, records: &[Sel], tolerance: i64) {
        let mut uses: Vec<Use> = Vec::new();
        for sel in records {
            let Some((from, to)) = self.days_of(of, sel.rec) else {
                self.missed(of, sel.rec, self.active.facts.time);
                continue;
            };
            let code = self.person.code_of(self.world, of, sel.rec);
            let visit = self.person.visit_of(of, sel.rec);
            let going_on = uses.iter_mut().rev().find(|known| {
                known.code == code
                    && self.person.visit_of(of, known.records[0].rec) == visit
                    && from <= known.to.saturating_add(1)
                    && from >= known.from
            });
            match going_on {
                Some(known) => {
                    known.to = known.to.max(to);
                    known.records.push(*sel);
                }
                None => uses.push(Use { from, to, code, records: vec![*sel] }),
            }
        }
        uses.sort_by_key(|one| (one.from, one.records[0].rec));
        for (place, later) in uses.iter().enumerate() {
            for earlier in &uses[..place] {
                let days = overlap((earlier.from, earlier.to), (later.from, later.to));
                if earlier.code == later.code || days <= tolerance {
                    continue;
                }
                let shared = |sel: &&Sel| {
                    self.days_of(of, sel.rec)
                        .is_some_and(|(from, to)| overlap((from, to), (earlier.from, earlier.to)) > 0)
                };
                let hits: Vec<(u32, Share)> =
                    later.records.iter().filter(shared).map(|sel| (sel.rec, Share::All)).collect();
                let involved: Vec<(Of, u32)> = earlier.records.iter().map(|sel| (of, sel.rec)).collect();
                let other = involved.first().copied();
                self.tell(rule, Draft { row: later.records[0].row, hits, involved, other, ..Draft::default() });
                break;
            }
        }
    }

    fn companion(&mut self, rule: &'a Rule, needs: &'a Selector, first: &[u64], second: &[u64]) {
        let Shape::Companion { gather, lookback, instead, absent, .. } = &rule.shape else { return };
        let of = rule.first.of;
        let mine = self.admitted(&rule.first, first);
        let mut flagged: Vec<Sel> = Vec::new();
        for rows in mine.chunk_by(|a, b| a.row == b.row) {
            let row = rows[0].row;
            // A blank cell asks for nothing.
            if let (Codes::Rows(column), Some(cells)) = (&needs.codes, self.row(row))
                && matches!(cells.cells.get(usize::from(*column)), None | Some(crate::knowledge::Cell::Blank))
            {
                continue;
            }
            let (there, maybe) = self.partners(needs, second, row, false);
            for sel in rows {
                let by_code = !matches!(needs.codes, Codes::All);
                let found =
                    self.present(gather, *lookback, instead.as_ref(), of, *sel, needs.of, by_code, &there, &maybe);
                let hit = if *absent { found } else { found.not() };
                match hit {
                    Tri::True => {
                        self.checked();
                        flagged.push(*sel);
                    }
                    Tri::False => self.checked(),
                    Tri::Unknown(miss) => self.missed(of, sel.rec, miss),
                }
            }
        }
        let person = self.person;
        let place = |sel: &Sel| (sel.row, person.visit_of(of, sel.rec));
        flagged.sort_by_key(|sel| (place(sel), sel.rec));
        for group in flagged.chunk_by(|a, b| place(a) == place(b)) {
            let hits = group.iter().map(|sel| (sel.rec, Share::All)).collect();
            self.tell(rule, Draft { row: group[0].row, hits, ..Draft::default() });
        }
    }

    /// Whether a companion is there.
    #[allow(clippy::too_many_arguments, reason = "the keys of one shape")]
    fn present(
        &self,
        gather: &Gather,
        lookback: Option<SpanKey>,
        instead: Option<&Expr>,
        of: Of,
        sel: Sel,
        of_other: Of,
        by_code: bool,
        there: &[Sel],
        maybe: &[(Sel, Miss)],
    ) -> Tri {
        let answer = instead.map(|instead| self.eval().truth(instead, &self.ctx(of, sel)));
        if let Some(known @ (Tri::True | Tri::False)) = answer {
            return known;
        }
        let key = match self.key(gather, of, sel) {
            Ok(Some(key)) => key,
            Ok(None) => return Tri::True,
            Err(miss) => return Tri::Unknown(miss),
        };
        let since = match lookback.map(|key| self.span(key, self.row(sel.row))) {
            None => None,
            Some(Err(miss)) => return Tri::Unknown(miss),
            Some(Ok(span)) => match self.person.time_of(of, sel.rec) {
                NEVER => return Tri::Unknown(self.active.facts.time),
                time => Some((i64::from(span.before_day(of_seconds(time))) * DAY, time)),
            },
        };
        let near = |other: Sel| -> Tri {
            if of == of_other && other.rec == sel.rec {
                return Tri::False;
            }
            let within = match self.key(gather, of_other, Sel { row: sel.row, rec: other.rec }) {
                Ok(found) => (found == Some(key)).into(),
                Err(miss) => Tri::Unknown(miss),
            };
            within.or(|| match (since, self.person.time_of(of_other, other.rec)) {
                (None, _) => Tri::False,
                (Some(_), NEVER) => Tri::Unknown(self.active.facts.time),
                (Some((since, until)), time) => (since <= time && time <= until).into(),
            })
        };
        let mut found = Tri::False;
        for other in there {
            found = found.or(|| near(*other));
            if found == Tri::True {
                return found;
            }
        }
        for (other, miss) in maybe {
            found = found.or(|| near(*other).and(|| Tri::Unknown(*miss)));
        }
        let visit = self.person.visit_of(of, sel.rec);
        let facts = &self.active.facts;
        // What has no code may be what is looked for.
        for rec in (0..self.person.len(of_other)).filter(|_| by_code) {
            if self.person.code_of(self.world, of_other, rec) == NONE {
                found = found.or(|| near(Sel { row: sel.row, rec }).and(|| Tri::Unknown(facts.code_of(of_other))));
            }
        }
        if of_other == Of::Diagnosis && self.person.visit_diags(visit).is_empty() {
            found = found.or(|| Tri::Unknown(facts.diagnosis));
        }
        if of_other == Of::Line && self.person.visit_lines(visit).is_empty() {
            found = found.or(|| Tri::Unknown(facts.lines));
        }
        if let Some((since, _)) = since
            && self.person.known_since.is_some_and(|known| i64::from(known) * DAY > since)
        {
            found = found.or(|| Tri::Unknown(facts.history));
        }
        found
    }

    fn stay_gap(&mut self, rule: &'a Rule) {
        let Shape::StayGap { max_days, diagnosis, same } = &rule.shape else { return };
        let mut stays: Vec<([u64; 3], Sel)> = Vec::new();
        for sel in self.chosen(&rule.first, &[]) {
            let admit = match self.person.visits[sel.rec as usize].kind {
                VisitKind::Inpatient => self.admit(&rule.first, sel, true),
                VisitKind::Unknown => Tri::Unknown(self.active.facts.kind).and(|| self.admit(&rule.first, sel, true)),
                _ => Tri::False,
            };
            match admit.and(|| {
                if self.person.visits[sel.rec as usize].begin == NEVER {
                    Tri::Unknown(self.active.facts.begin)
                } else {
                    Tri::True
                }
            }) {
                Tri::False => {}
                Tri::Unknown(miss) => self.missed(Of::Visit, sel.rec, miss),
                Tri::True => match self.same(same, Of::Visit, sel) {
                    Ok(same) => stays.push((same, sel)),
                    Err(miss) => self.missed(Of::Visit, sel.rec, miss),
                },
            }
        }
        stays.sort_unstable_by_key(|(same, sel)| (*same, sel.rec));
        for group in stays.chunk_by(|a, b| a.0 == b.0) {
            for (place, (_, stay)) in group.iter().enumerate() {
                self.gap(rule, *stay, &group[..place], max_days, *diagnosis);
            }
        }
    }

    /// A stay against the one that ended last before it began.
    fn gap(
        &mut self,
        rule: &'a Rule,
        stay: Sel,
        earlier: &[([u64; 3], Sel)],
        max_days: &Expr,
        diagnosis: SameDiagnosis,
    ) {
        let visits = &self.person.visits;
        let begin = visits[stay.rec as usize].begin;
        if let Some((_, open)) = earlier.iter().find(|(_, sel)| visits[sel.rec as usize].end == NEVER) {
            return self.missed(Of::Visit, open.rec, self.active.facts.end);
        }
        let before = earlier.iter().filter(|(_, sel)| visits[sel.rec as usize].end <= begin);
        let Some((_, last)) = before.max_by_key(|(_, sel)| (visits[sel.rec as usize].end, sel.rec)) else {
            return self.first_stay(stay, of_seconds(begin), max_days);
        };
        let gap = i64::from(of_seconds(begin)) - i64::from(of_seconds(visits[last.rec as usize].end));
        let limit = match self.eval().number(max_days, &self.ctx(Of::Visit, stay)) {
            Ok(limit) => limit,
            Err(miss) => return self.missed(Of::Visit, stay.rec, miss),
        };
        let V::Num(days) = whole(gap) else { return };
        let close: Tri = (days <= limit).into();
        match close.and(|| self.same_diagnosis(diagnosis, stay.rec, last.rec)) {
            Tri::Unknown(miss) => self.missed(Of::Visit, stay.rec, miss),
            Tri::False => self.checked(),
            Tri::True => {
                self.checked();
                let involved = vec![(Of::Visit, last.rec)];
                let draft = Draft {
                    row: stay.row,
                    hits: vec![(stay.rec, Share::All)],
                    involved,
                    other: Some((Of::Visit, last.rec)),
                    given: vec![whole(gap)],
                    ..Draft::default()
                };
                self.tell(rule, draft);
            }
        }
    }

    /// A stay before which none is known: clean only if the days before it are.
    fn first_stay(&mut self, stay: Sel, begin: i32, max_days: &Expr) {
        let days = self
            .eval()
            .number(max_days, &self.ctx(Of::Visit, stay))
            .map_or(0, |days| i64::try_from(days / crate::expr::ONE).unwrap_or(0));
        let since = Span::Days(days).before_day(begin);
        if self.person.known_since.is_some_and(|known| since < known) {
            self.missed(Of::Visit, stay.rec, self.active.facts.history);
        } else {
            self.checked();
        }
    }

    fn same_diagnosis(&self, how: SameDiagnosis, a: u32, b: u32) -> Tri {
        if how == SameDiagnosis::None {
            return Tri::True;
        }
        let main = |visit: u32| {
            self.person.visit_diags(visit).iter().find(|diag| diag.rank == 1).map_or(NONE, |diag| diag.code)
        };
        let (a, b) = (main(a), main(b));
        if a == NONE || b == NONE {
            return Tri::Unknown(self.active.facts.diagnosis);
        }
        let head = |sym: Sym| {
            let text = self.world.names.text(sym);
            if how == SameDiagnosis::Category { text.get(..3).unwrap_or(text) } else { text }
        };
        (head(a) == head(b)).into()
    }
}

/// Days two spans of days share.
fn overlap(a: (i32, i32), b: (i32, i32)) -> i64 {
    (i64::from(a.1.min(b.1)) - i64::from(a.0.max(b.0)) + 1).max(0)
}

fn window_number(key: Key) -> i64 {
    key.window()
}
