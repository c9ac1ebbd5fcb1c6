//! Shapes that look at one record at a time.

use super::eval::{Ctx, divide};
use super::kernel::{Draft, Kernel, Sel, Share};
use super::world::NEVER;
use crate::codes::NONE;
use crate::day::of_seconds;
use crate::expr::{ONE, Of, Set, Tri, V};
use crate::knowledge::Cell;
use crate::rule::{Attribute, Bound, Codes, Rule, Shape, SpanKey};
use crate::span::Span;
use std::sync::Arc;

/// A record's verdict under one row.
struct Verdict {
    flagged: Tri,
    share: Share,
    given: Vec<V>,
}

impl Verdict {
    fn plain(flagged: Tri) -> Verdict {
        Verdict { flagged, share: Share::All, given: Vec::new() }
    }
}

impl<'a> Kernel<'_, 'a> {
    pub fn records(&mut self, rule: &'a Rule, hits: &[u64]) {
        if let Shape::InSet { outside: true } = rule.shape {
            return self.outside(rule);
        }
        let mut chosen = self.chosen(&rule.first, hits);
        chosen.sort_unstable_by_key(|sel| (sel.rec, sel.row));
        if let Shape::Check { checks, .. } = &rule.shape {
            for check in checks {
                let says = (!check.says.is_empty()).then(|| check.says.clone());
                self.verdicts(rule, &chosen, says, &|kernel, sel| kernel.violates(rule, &check.violates, sel));
            }
            return;
        }
        self.verdicts(rule, &chosen, None, &|kernel, sel| kernel.verdict(rule, sel));
    }

    /// Judges each record under its rows and writes down what is flagged, a draft a row and visit.
    fn verdicts(
        &mut self,
        rule: &'a Rule,
        chosen: &[Sel],
        says: Option<Arc<str>>,
        judge: &dyn Fn(&Kernel<'_, 'a>, Sel) -> Verdict,
    ) {
        let of = rule.first.of;
        // One fitting row is enough where rows say what is allowed; every row counts where they forbid.
        let alternatives = matches!(rule.shape, Shape::Attribute { .. } | Shape::Diagnoses { needs: true, .. });
        let mut flagged: Vec<(Sel, Share, Vec<V>)> = Vec::new();
        for rows in chosen.chunk_by(|a, b| a.rec == b.rec) {
            let mut all = Tri::True;
            let mut any = Tri::False;
            let mut found: Vec<(Sel, Share, Vec<V>)> = Vec::new();
            for sel in rows {
                let admit = self.admit(&rule.first, *sel, true);
                if admit == Tri::False {
                    continue;
                }
                let verdict = judge(self, *sel);
                let hit = admit.and(|| verdict.flagged);
                if alternatives {
                    all = all.and(|| admit.not().or(|| verdict.flagged));
                    any = any.or(|| hit);
                    if hit == Tri::True {
                        found.push((*sel, verdict.share, verdict.given));
                    }
                    continue;
                }
                match hit {
                    Tri::True => {
                        self.checked();
                        flagged.push((*sel, verdict.share, verdict.given));
                    }
                    Tri::False => self.checked(),
                    Tri::Unknown(miss) => self.missed(of, sel.rec, miss),
                }
            }
            if alternatives {
                match all.and(|| any) {
                    Tri::True => {
                        self.checked();
                        flagged.extend(found.into_iter().take(1));
                    }
                    Tri::False => self.checked(),
                    Tri::Unknown(miss) => self.missed(of, rows[0].rec, miss),
                }
            }
        }
        self.draft_by_visit(rule, flagged, says);
    }

    fn draft_by_visit(&mut self, rule: &'a Rule, mut flagged: Vec<(Sel, Share, Vec<V>)>, says: Option<Arc<str>>) {
        let of = rule.first.of;
        let person = self.person;
        let place = |sel: &Sel| (sel.row, person.visit_of(of, sel.rec));
        flagged.sort_by_key(|(sel, _, _)| (place(sel), sel.rec));
        for group in flagged.chunk_by(|a, b| place(&a.0) == place(&b.0)) {
            let (first, _, given) = &group[0];
            let hits = group.iter().map(|(sel, share, _)| (sel.rec, *share)).collect();
            self.tell(
                rule,
                Draft { row: first.row, hits, given: given.clone(), says: says.clone(), ..Draft::default() },
            );
        }
    }

    fn verdict(&self, rule: &Rule, sel: Sel) -> Verdict {
        let ctx = self.ctx(rule.first.of, sel);
        match &rule.shape {
            Shape::Attribute { attribute, allowed, forbidden, min, max } => {
                Verdict::plain(self.misfits(attribute, [allowed, forbidden], [min, max], &ctx))
            }
            Shape::Diagnoses { needs, set, main, lookback } => {
                Verdict::plain(self.gated(*needs, set, *main, *lookback, &ctx))
            }
            Shape::Price { max } => {
                let eval = self.eval();
                let place = self.person.lines[sel.rec as usize].row;
                let price = self.world.number(Of::Line, super::world::AT.pric, place);
                let line = &self.person.lines[sel.rec as usize];
                if price == super::world::NAN {
                    return Verdict::plain(Tri::Unknown(self.active.facts.price));
                }
                match eval.number(max, &ctx) {
                    Err(miss) => Verdict::plain(Tri::Unknown(miss)),
                    Ok(limit) => {
                        let cnt = if line.cnt == super::world::NAN { ONE } else { line.cnt };
                        let excess = (price - limit).checked_mul(cnt).map_or(0, |excess| divide(excess, ONE));
                        let fee = line.fee.map_or_else(
                            || price.checked_mul(cnt).map_or(0, |fee| divide(fee, ONE)),
                            |fee| i128::from(fee) * (ONE / 100),
                        );
                        Verdict {
                            flagged: (price > limit).into(),
                            share: Share::Part(excess, fee),
                            given: vec![V::Num(limit), V::Num(excess)],
                        }
                    }
                }
            }
            _ => Verdict::plain(Tri::True),
        }
    }

    fn violates(&self, rule: &Rule, expr: &crate::expr::Expr, sel: Sel) -> Verdict {
        let ctx = self.ctx(rule.first.of, sel);
        let flagged = self.eval().truth(expr, &ctx);
        let share = match &rule.shape {
            Shape::Check { excess: Some(excess), .. } if flagged == Tri::True => match self.eval().number(excess, &ctx)
            {
                Ok(share) => Share::Part(share.clamp(0, ONE), ONE),
                Err(miss) => return Verdict::plain(Tri::Unknown(miss)),
            },
            _ => Share::All,
        };
        Verdict { flagged, share, given: Vec::new() }
    }

    /// Whether an attribute does not fit. A blank cell is no bound; only blanks are unknown.
    fn misfits(&self, attribute: &Attribute, sets: [&Option<Set>; 2], bounds: [&Option<Bound>; 2], ctx: &Ctx) -> Tri {
        let blank_set = |set: &&Set| matches!(set, Set::Row(column, _) if self.blank(*column, ctx));
        let [allowed, forbidden] = sets.map(|set| set.as_ref().filter(|set| !blank_set(set)));
        let blank_bound = |bound: &&Bound| match bound {
            Bound::Row(column, None) => self.blank(*column, ctx),
            Bound::Number(crate::expr::Expr::Row(column, _)) => self.blank(*column, ctx),
            _ => false,
        };
        let [min, max] = bounds.map(|bound| bound.as_ref().filter(|bound| !blank_bound(bound)));
        if allowed.is_none() && forbidden.is_none() && min.is_none() && max.is_none() {
            return Tri::Unknown(self.active.facts.row);
        }
        let eval = self.eval();
        match attribute {
            Attribute::Age(miss) => {
                let birth = self.world.cell(Of::Person, super::world::AT.brdy, self.person.row);
                let (Some(V::Day(birth)), Some(day)) = (birth, self.person.day_of(ctx.of, ctx.rec)) else {
                    return Tri::Unknown(*miss);
                };
                if birth > day {
                    return Tri::Unknown(*miss);
                }
                let too_young =
                    min.is_some_and(|min| self.age_bound(min, ctx).is_some_and(|span| !span.at_least(birth, day)));
                let too_old = max.is_some_and(|max| {
                    self.age_bound(max, ctx).is_some_and(|span| !span.completed_at_most(birth, day))
                });
                (too_young || too_old).into()
            }
            Attribute::Of(expr) => match eval.value(expr, ctx) {
                V::Unknown(miss) => Tri::Unknown(miss),
                V::Sym(sym) => {
                    let outside = allowed.map_or(Tri::False, |set| eval.in_set(sym, set, ctx).not());
                    outside.or(|| forbidden.map_or(Tri::False, |set| eval.in_set(sym, set, ctx)))
                }
                V::Num(number) => {
                    let bound = |bound: Option<&Bound>| match bound {
                        Some(Bound::Number(expr)) => eval.number(expr, ctx).map(Some),
                        _ => Ok(None),
                    };
                    match (bound(min), bound(max)) {
                        (Err(miss), _) | (_, Err(miss)) => Tri::Unknown(miss),
                        (Ok(min), Ok(max)) => {
                            (min.is_some_and(|min| number < min) || max.is_some_and(|max| number > max)).into()
                        }
                    }
                }
                _ => Tri::False,
            },
        }
    }

    fn blank(&self, column: u16, ctx: &Ctx) -> bool {
        ctx.row.is_none_or(|row| matches!(row.cells.get(usize::from(column)), None | Some(Cell::Blank)))
    }

    fn age_bound(&self, bound: &Bound, ctx: &Ctx) -> Option<Span> {
        match bound {
            Bound::Span(span) => Some(*span),
            Bound::Row(column, otherwise) => match ctx.row.and_then(|row| row.cells.get(usize::from(*column))) {
                Some(Cell::Span(span)) => Some(*span),
                Some(Cell::Num(years)) => Some(Span::Months(i64::try_from(years / ONE).ok()? * 12)),
                _ => *otherwise,
            },
            Bound::Number(_) => None,
        }
    }

    /// A length of time, perhaps from the row; a blank one is none.
    pub fn span(&self, key: SpanKey, row: Option<&crate::knowledge::Row>) -> Result<Span, crate::expr::Miss> {
        match key {
            SpanKey::Const(span) => Ok(span),
            SpanKey::Row(column, miss) => match row.and_then(|row| row.cells.get(usize::from(column))) {
                Some(Cell::Span(span)) => Ok(*span),
                _ => Err(miss),
            },
        }
    }

    fn gated(&self, needs: bool, set: &Set, main: bool, lookback: Option<SpanKey>, ctx: &Ctx) -> Tri {
        // A blank cell sets no condition.
        if matches!(set, Set::Row(column, _) if self.blank(*column, ctx)) {
            return Tri::False;
        }
        let visit = self.person.visit_of(ctx.of, ctx.rec);
        let miss = self.active.facts.diagnosis;
        let eval = self.eval();
        let of_visit = |visit: u32| {
            let diags = self.person.visit_diags(visit);
            diags.iter().filter(|diag| !main || diag.rank == 1).fold(Tri::False, |found, diag| {
                found.or(|| if diag.code == NONE { Tri::Unknown(miss) } else { eval.in_set(diag.code, set, ctx) })
            })
        };
        let mut found = if self.person.visit_diags(visit).is_empty() { Tri::Unknown(miss) } else { of_visit(visit) };
        if let Some(lookback) = lookback {
            let span = match self.span(lookback, ctx.row) {
                Ok(span) => span,
                Err(_) => Span::Days(0),
            };
            let begin = self.person.visits[visit as usize].begin;
            if begin == NEVER {
                return Tri::Unknown(self.active.facts.begin);
            }
            let since = span.before(begin);
            for (place, other) in self.person.visits.iter().enumerate() {
                if other.begin != NEVER && (since..begin).contains(&other.begin) {
                    found = found.or(|| of_visit(u32::try_from(place).unwrap_or(NONE)));
                }
            }
            if needs && self.person.known_since.is_some_and(|known| known > of_seconds(since)) {
                found = found.or(|| Tri::Unknown(self.active.facts.history));
            }
        }
        if needs { found.not() } else { found }
    }

    /// Records whose code is in none of the lists that are theirs.
    fn outside(&mut self, rule: &'a Rule) {
        let Codes::Rows(column) = rule.first.codes else { return };
        let of = rule.first.of;
        let mut flagged = Vec::new();
        for rec in 0..self.person.len(of) {
            let code = self.person.code_of(self.world, of, rec);
            // A guard that is false whatever the row spares asking all rows.
            if self.eval().guard(rule.when.as_ref(), &Ctx::new(of, rec, None)) == Tri::False {
                continue;
            }
            let mut theirs = Tri::False;
            let mut listed = Tri::False;
            let mut first_row = NONE;
            for row in 0..u32::try_from(rule.rows.len()).unwrap_or(NONE) {
                let sel = Sel { row, rec };
                let admit = self.admit(&rule.first, sel, true);
                if admit == Tri::False {
                    continue;
                }
                if admit == Tri::True && first_row == NONE {
                    first_row = row;
                }
                theirs = theirs.or(|| admit);
                let holds = match rule.rows[row as usize].cells.get(usize::from(column)) {
                    Some(Cell::Codes(set, _)) => set.has(code, &self.world.names),
                    _ => false,
                };
                listed = listed.or(|| admit.and(|| holds.into()));
            }
            if theirs == Tri::False {
                continue;
            }
            let known = if code == NONE { Tri::Unknown(self.active.facts.code) } else { Tri::True };
            match theirs.and(|| known).and(|| listed.not()) {
                Tri::True => {
                    self.checked();
                    flagged.push((Sel { row: first_row, rec }, Share::All, Vec::new()));
                }
                Tri::False => self.checked(),
                Tri::Unknown(miss) => self.missed(of, rec, miss),
            }
        }
        self.draft_by_visit(rule, flagged, None);
    }
}
