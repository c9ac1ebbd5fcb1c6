//! From what a shape found to a finding that explains itself: excuses, money, severity, words.

use super::eval::{Ctx, divide};
use super::kernel::{Draft, Kernel, Share};
use super::world::{AT, World};
use crate::expr::{Expr, ONE, Of, Tri, V};
use crate::finding::{Evidence, Finding, FoundLine, ItemType, RowUsed, Subject};
use crate::knowledge::Row;
use crate::library::show_cell;
use crate::rule::{AmountOf, Piece, Rule, Shape};
use std::fmt::Write;
use std::sync::Arc;
use terms::Fen;

/// Evidence is shown of at most so many facts.
const EVIDENCE_MAX: usize = 24;

impl<'a> Kernel<'_, 'a> {
    /// Hears the excuses and, if records are left, writes the finding.
    pub fn tell(&mut self, rule: &'a Rule, mut draft: Draft) {
        let of = rule.flagged();
        let hits = std::mem::take(&mut draft.hits);
        for (rec, share) in hits {
            let ctx = Ctx { of, rec, row: self.row(draft.row), other: draft.other, given: &draft.given };
            match rule.unless.as_ref().map_or(Tri::False, |unless| self.eval().truth(unless, &ctx)) {
                Tri::False => draft.hits.push((rec, share)),
                Tri::True => draft.involved.push((of, rec)),
                Tri::Unknown(miss) => self.missed(of, rec, miss),
            }
        }
        if draft.hits.is_empty() {
            return;
        }
        let finding = self.finding(rule, of, &draft);
        if self.in_focus(&finding, of, &draft) {
            self.out.findings.push(finding);
        }
    }

    fn finding(&self, rule: &'a Rule, of: Of, draft: &Draft) -> Finding {
        let first = Ctx { of, rec: draft.hits[0].0, row: self.row(draft.row), other: draft.other, given: &draft.given };
        let mut lines: Vec<FoundLine> = Vec::new();
        let mut amount = Fen::ZERO;
        if of == Of::Line {
            for (rec, share) in &draft.hits {
                let money = self.money(rule, *rec, *share, draft);
                amount = Fen(amount.0 + money.0);
                lines.push(self.line(*rec, ItemType::Violating, money));
            }
        } else {
            amount = self.money_of_visits(rule, of, draft, &mut lines);
        }
        for (of, rec) in &draft.involved {
            if *of == Of::Line && !draft.hits.iter().any(|(hit, _)| rule.flagged() == Of::Line && hit == rec) {
                lines.push(self.line(*rec, ItemType::Involved, Fen::ZERO));
            }
        }
        lines.sort();
        let mut encounters: Vec<String> = draft.hits.iter().map(|(rec, _)| self.visit_id(of, *rec)).collect();
        encounters.sort_unstable();
        encounters.dedup();
        let psn_no = self.world.text(Of::Person, AT.psn_no, self.person.row).to_owned();
        let eval = self.eval();
        let severity = rule
            .tiers
            .iter()
            .find(|(when, _)| eval.guard(when.as_ref(), &first) == Tri::True)
            .map_or(rule.header.severity, |(_, severity)| *severity);
        let subject = Subject::Person(psn_no.clone());
        let named = self.names_of_hits(of, draft);
        Finding {
            key: key(rule, &subject, &named),
            rule: rule.id.clone(),
            version: rule.version.clone(),
            name: rule.name.clone(),
            result: rule.header.result,
            severity,
            behaviour: rule.header.behaviour,
            subject,
            persons: vec![psn_no],
            encounters,
            amount,
            row: self.row(draft.row).map(|row| row_used(rule, row)),
            evidence: self.evidence(rule, &first),
            doctor: self.words(&rule.doctor, &first, draft.says.as_ref()),
            auditor: self.words(&rule.auditor, &first, draft.says.as_ref()),
            lines,
        }
    }

    fn visit_id(&self, of: Of, rec: u32) -> String {
        let visit = self.person.visit_of(of, rec);
        let visit = self.person.visits.get(visit as usize);
        visit.map_or_else(String::new, |visit| self.world.text(Of::Visit, AT.mdtrt_id, visit.row).to_owned())
    }

    fn line(&self, rec: u32, item: ItemType, amount: Fen) -> FoundLine {
        let line = &self.person.lines[rec as usize];
        FoundLine {
            mdtrt_id: self.visit_id(Of::Line, rec),
            feedetl_sn: self.world.text(Of::Line, AT.feedetl_sn, line.row).to_owned(),
            med_list_codg: self.world.text(Of::Line, AT.code, line.row).to_owned(),
            item,
            amount,
        }
    }

    /// What is flagged, by names that are the same whenever it is flagged again.
    fn names_of_hits(&self, of: Of, draft: &Draft) -> Vec<String> {
        let name = |rec: u32| {
            let visit = self.visit_id(of, rec);
            let row = self.person.row_of(of, rec);
            match of {
                Of::Line => {
                    let sn = self.world.text(of, AT.feedetl_sn, row);
                    if sn.is_empty() {
                        let line = &self.person.lines[rec as usize];
                        format!(
                            "{visit}|?{}|{}|{}|{:?}",
                            self.world.text(of, AT.code, row),
                            line.time,
                            line.cnt,
                            line.fee
                        )
                    } else {
                        format!("{visit}|{sn}")
                    }
                }
                Of::Diagnosis => format!("{visit}|D{}", self.world.text(of, AT.diag_code, row)),
                Of::Procedure => format!(
                    "{visit}|P{}|{}",
                    self.world.text(of, AT.oprn_code, row),
                    self.person.procs[rec as usize].begin
                ),
                Of::Visit | Of::Person => visit,
            }
        };
        let mut names: Vec<String> = draft.hits.iter().map(|(rec, _)| name(*rec)).collect();
        names.extend(draft.says.iter().map(|says| format!("!{says}")));
        names.sort_unstable();
        names
    }

    /// A line's whole money.
    fn whole(&self, rule: &Rule, rec: u32) -> i64 {
        let line = &self.person.lines[rec as usize];
        match rule.amount_of {
            AmountOf::InScope => line.scope.max(0),
            AmountOf::Fee => line.fee.unwrap_or(line.scope).max(0),
            AmountOf::Nothing => 0,
        }
    }

    /// The flagged part of a line's money: exact, rounded once, never more than the line.
    fn money(&self, rule: &Rule, rec: u32, share: Share, draft: &Draft) -> Fen {
        let whole = self.whole(rule, rec);
        if let Some(expr) = &rule.amount {
            let ctx = Ctx { of: Of::Line, rec, row: self.row(draft.row), other: draft.other, given: &draft.given };
            return match self.eval().number(expr, &ctx) {
                Ok(yuan) => Fen(to_fen(yuan).clamp(0, whole)),
                Err(_) => Fen::ZERO,
            };
        }
        match share {
            Share::All => Fen(whole),
            Share::Part(part, of) => Fen(part_of(whole, part, of).clamp(0, whole)),
        }
    }

    /// Money of findings about visits: what the rule's amount says, laid on the visits' lines.
    fn money_of_visits(&self, rule: &Rule, of: Of, draft: &Draft, lines: &mut Vec<FoundLine>) -> Fen {
        let Some(expr) = &rule.amount else { return Fen::ZERO };
        let mut sum = 0;
        for (rec, _) in &draft.hits {
            let ctx = Ctx { of, rec: *rec, row: self.row(draft.row), other: draft.other, given: &draft.given };
            let money = self.eval().number(expr, &ctx).map_or(0, to_fen).max(0);
            let visit = self.person.visit_of(of, *rec);
            if self.person.visits.get(visit as usize).is_none() {
                continue;
            }
            sum += self.lay_on_lines(rule, visit, money, lines);
        }
        Fen(sum)
    }

    /// Lays an amount on a visit's lines by their money; the last fen go to the largest remainders.
    /// No line bears more than its own money: what is beyond (a visit without lines) stays with the
    /// finding alone.
    fn lay_on_lines(&self, rule: &Rule, visit: u32, money: i64, lines: &mut Vec<FoundLine>) -> i64 {
        let records: Vec<(u32, i64)> = self
            .person
            .visit_lines(visit)
            .iter()
            .map(|rec| (*rec, self.whole(rule, *rec)))
            .filter(|(_, whole)| *whole > 0)
            .collect();
        let total: i64 = records.iter().map(|(_, whole)| whole).sum();
        if total == 0 || money == 0 {
            return money;
        }
        let (stated, money) = (money, money.min(total));
        let mut parts: Vec<(u32, i64, i128)> = records
            .iter()
            .map(|(rec, whole)| {
                let exact = i128::from(*whole) * i128::from(money);
                (*rec, i64::try_from(exact / i128::from(total)).unwrap_or(0), exact % i128::from(total))
            })
            .collect();
        let mut left = money - parts.iter().map(|(_, part, _)| part).sum::<i64>();
        let mut order: Vec<usize> = (0..parts.len()).collect();
        order.sort_by_key(|place| (std::cmp::Reverse(parts[*place].2), parts[*place].0));
        for place in order {
            if left > 0 {
                parts[place].1 += 1;
                left -= 1;
            }
        }
        lines.extend(
            parts
                .into_iter()
                .filter(|(_, part, _)| *part > 0)
                .map(|(rec, part, _)| self.line(rec, ItemType::Violating, Fen(part))),
        );
        stated
    }

    /// Before and during settlement only what touches the visit at hand is told.
    fn in_focus(&self, finding: &Finding, of: Of, draft: &Draft) -> bool {
        let Some(focus) = &self.options.focus else { return true };
        if of != Of::Line {
            return finding.encounters.contains(focus);
        }
        draft.hits.iter().any(|(rec, _)| {
            let line = &self.person.lines[*rec as usize];
            let visit = &self.person.visits[line.visit as usize];
            self.world.text(Of::Visit, AT.mdtrt_id, visit.row) == focus
                && self.world.flag(Of::Line, AT.current, line.row) != Some(false)
        })
    }

    fn evidence(&self, rule: &Rule, ctx: &Ctx) -> Vec<Evidence> {
        let mut evidence = Vec::new();
        let kind = shape_word(&rule.shape);
        for (name, value) in Shape::gives(kind).iter().zip(ctx.given) {
            evidence.push(Evidence { fact: (*name).to_owned(), value: show(self.world, *value) });
        }
        if ctx.of == Of::Line {
            for (name, field) in [("med_list_codg", AT.code), ("fee_ocur_time", AT.time), ("cnt", AT.cnt)] {
                let value = self.eval().value(&Expr::Field(Of::Line, field, 0), ctx);
                if !matches!(value, V::Unknown(_)) {
                    evidence.push(Evidence { fact: name.to_owned(), value: show(self.world, value) });
                }
            }
        }
        for (name, piece) in &rule.evidence {
            if evidence.iter().any(|known: &Evidence| *known.fact == **name) || evidence.len() >= EVIDENCE_MAX {
                continue;
            }
            let value = match piece {
                Piece::Expr(expr) => match self.eval().value(expr, ctx) {
                    V::Unknown(_) => continue,
                    value => show(self.world, value),
                },
                Piece::Raw(column) => match ctx.row.and_then(|row| row.cells.get(usize::from(*column))) {
                    None | Some(crate::knowledge::Cell::Blank) => continue,
                    Some(cell) => show_cell(cell, &|sym| self.world.names.text(sym).to_owned()),
                },
                _ => continue,
            };
            evidence.push(Evidence { fact: name.to_string(), value });
        }
        evidence
    }

    fn words(&self, pieces: &[Piece], ctx: &Ctx, says: Option<&Arc<str>>) -> String {
        let mut text = String::new();
        for piece in pieces {
            match piece {
                Piece::Text(words) => text.push_str(words),
                Piece::Expr(expr) => text.push_str(&show(self.world, self.eval().value(expr, ctx))),
                Piece::Raw(column) => {
                    let cell = ctx.row.and_then(|row| row.cells.get(usize::from(*column)));
                    text.push_str(&cell.map_or_else(
                        || "不详".to_owned(),
                        |cell| show_cell(cell, &|sym| self.world.names.text(sym).to_owned()),
                    ));
                }
                Piece::Says => text.push_str(says.map_or("", |says| says)),
            }
        }
        text
    }
}

pub(crate) fn shape_word(shape: &Shape) -> &'static str {
    match shape {
        Shape::Complete { .. } => "set_complete",
        Shape::Quantity { .. } => "qty_per_window",
        Shape::Days { .. } => "days_per_window",
        Shape::Interval { .. } => "min_interval",
        Shape::StayGap { .. } => "stay_gap",
        Shape::Price { .. } => "price_cap",
        Shape::Discount { .. } => "discount",
        Shape::Collision { .. } => "collision",
        Shape::Balance { .. } => "balance",
        Shape::Peer { .. } => "peer_stat",
        Shape::InSet { .. }
        | Shape::Attribute { .. }
        | Shape::Diagnoses { .. }
        | Shape::Pair { .. }
        | Shape::Companion { .. }
        | Shape::Check { .. } => "",
    }
}

/// The row a finding rests on.
pub(crate) fn row_used(rule: &Rule, row: &Row) -> RowUsed {
    RowUsed { table: rule.table.to_string(), line: row.line, note: row.note.to_string() }
}

/// A value for people.
pub(crate) fn show(world: &World, value: V) -> String {
    match value {
        V::Unknown(_) => "不详".to_owned(),
        V::Flag(yes) => if yes { "是" } else { "否" }.to_owned(),
        V::Num(number) => terms::Exact::of_ten_decimals(number).rounded(4).to_string(),
        V::Sym(sym) => world.names.text(sym).to_owned(),
        V::Day(day) => crate::day::show_day(day),
        V::Time(time) => crate::day::show_seconds(time),
    }
}

/// 疑点键: the same finding has it on every run.
pub(crate) fn key(rule: &Rule, subject: &Subject, names: &[String]) -> String {
    use sha2::{Digest, Sha256};
    let mut hasher = Sha256::new();
    let mut part = |text: &str| {
        hasher.update((text.len() as u64).to_be_bytes());
        hasher.update(text.as_bytes());
    };
    part(&rule.id);
    part(&rule.version);
    match subject {
        Subject::Person(psn_no) => part(psn_no),
        Subject::Institution(code, window) => {
            part(code);
            part(window);
        }
        Subject::Thing(thing) => part(thing),
    }
    names.iter().for_each(|name| part(name));
    hasher.finalize().iter().take(16).fold(String::with_capacity(32), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Yuan times 10^10 in 分, half away from zero.
fn to_fen(yuan: i128) -> i64 {
    i64::try_from(divide(yuan * 100, ONE)).unwrap_or(i64::MAX)
}

/// The part of an amount, rounded once; all of it when the whole is nothing.
fn part_of(whole: i64, part: i128, of: i128) -> i64 {
    if of <= 0 || part >= of {
        return whole;
    }
    match i128::from(whole).checked_mul(part) {
        Some(product) => i64::try_from(divide(product, of)).unwrap_or(whole),
        None => i64::try_from(divide(i128::from(whole) * (part / ONE), (of / ONE).max(1))).unwrap_or(whole),
    }
}
