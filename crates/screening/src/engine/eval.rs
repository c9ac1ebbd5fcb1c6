//! Evaluates formulas over one person's records, with three values.

use super::person::{Person, VisitKind};
use super::world::{AT, NAN, NEVER, World};
use crate::codes::{NONE, Sym};
use crate::day::{DAY, civil, of_seconds};
use crate::expr::{Among, Call, Derived, Expr, LARGEST, Miss, ONE, Of, Op, Over, Set, Tri, V, whole};
use crate::knowledge::{Cell, Row};
use crate::library::Doctor;

/// Where a formula stands.
#[derive(Clone, Copy)]
pub(crate) struct Ctx<'c> {
    pub of: Of,
    pub rec: u32,
    pub row: Option<&'c Row>,
    pub other: Option<(Of, u32)>,
    pub given: &'c [V],
}

impl<'c> Ctx<'c> {
    pub fn new(of: Of, rec: u32, row: Option<&'c Row>) -> Ctx<'c> {
        Ctx { of, rec, row, other: None, given: &[] }
    }
}

/// A person in the world.
#[derive(Clone, Copy)]
pub(crate) struct Eval<'e, 'a> {
    pub world: &'e World<'a>,
    pub person: &'e Person,
}

impl Eval<'_, '_> {
    /// A guard; an absent one holds.
    pub fn guard(&self, expr: Option<&Expr>, ctx: &Ctx) -> Tri {
        expr.map_or(Tri::True, |expr| self.truth(expr, ctx))
    }

    pub fn truth(&self, expr: &Expr, ctx: &Ctx) -> Tri {
        match expr {
            Expr::Not(inner) => self.truth(inner, ctx).not(),
            Expr::Binary(Op::And, a, b) => self.truth(a, ctx).and(|| self.truth(b, ctx)),
            Expr::Binary(Op::Or, a, b) => self.truth(a, ctx).or(|| self.truth(b, ctx)),
            expr => match self.value(expr, ctx) {
                V::Flag(yes) => yes.into(),
                V::Unknown(miss) => Tri::Unknown(miss),
                _ => Tri::False,
            },
        }
    }

    /// A number, or the fact that is missing.
    pub fn number(&self, expr: &Expr, ctx: &Ctx) -> Result<i128, Miss> {
        match self.value(expr, ctx) {
            V::Num(number) => Ok(number),
            V::Unknown(miss) => Err(miss),
            _ => Ok(0),
        }
    }

    pub fn value(&self, expr: &Expr, ctx: &Ctx) -> V {
        match expr {
            Expr::Const(value) => *value,
            Expr::Field(of, field, miss) => self.field(*of, *field, ctx).unwrap_or(V::Unknown(*miss)),
            Expr::Institution(field, miss) => self.institution(*field, ctx).unwrap_or(V::Unknown(*miss)),
            Expr::Doctor(..) | Expr::Derived(Derived::DoctorListed, _) if self.doctor_code(ctx) == NONE => {
                let facts = &self.world.library().engine;
                V::Unknown(if ctx.of == Of::Procedure { facts.surgeon } else { facts.doctor })
            }
            Expr::Doctor(field, miss) => {
                self.doctor(ctx).and_then(|doctor| doctor.fields[usize::from(*field)]).unwrap_or(V::Unknown(*miss))
            }
            Expr::Row(column, miss) => match ctx.row.and_then(|row| row.cells.get(usize::from(*column))) {
                Some(Cell::Num(number)) => V::Num(*number),
                Some(Cell::Sym(sym)) => V::Sym(*sym),
                Some(Cell::Flag(yes)) => V::Flag(*yes),
                Some(Cell::Day(day)) => V::Day(*day),
                _ => V::Unknown(*miss),
            },
            Expr::Derived(derived, miss) => self.derived(*derived, ctx).unwrap_or(V::Unknown(*miss)),
            Expr::Given(place, miss) => ctx.given.get(usize::from(*place)).copied().unwrap_or(V::Unknown(*miss)),
            Expr::Other(inner) => match ctx.other {
                Some((of, rec)) => self.value(inner, &Ctx { of, rec, other: Some((ctx.of, ctx.rec)), ..*ctx }),
                None => V::Unknown(0),
            },
            Expr::Not(_) | Expr::Binary(Op::And | Op::Or, ..) => flag(self.truth(expr, ctx)),
            Expr::Minus(inner) => match self.value(inner, ctx) {
                V::Num(number) => V::Num(-number),
                other => other,
            },
            Expr::Binary(op, a, b) => binary(*op, self.value(a, ctx), self.value(b, ctx)),
            Expr::In(inner, list) => self.one_of(inner, list, ctx),
            Expr::If(condition, a, b) => match self.truth(condition, ctx) {
                Tri::True => self.value(a, ctx),
                Tri::False => self.value(b, ctx),
                Tri::Unknown(miss) => {
                    // Known all the same if both ways lead to one value.
                    let (a, b) = (self.value(a, ctx), self.value(b, ctx));
                    if a == b { a } else { V::Unknown(miss) }
                }
            },
            Expr::Call(call, list) => self.call(*call, list, ctx),
            Expr::StartsWith(inner, prefix) => match self.value(inner, ctx) {
                V::Sym(sym) => V::Flag(self.world.names.text(sym).starts_with(&**prefix)),
                other => other,
            },
            Expr::Join(list) => self.join(list, ctx),
            Expr::Listed(inner, sets) => match self.value(inner, ctx) {
                V::Sym(sym) => flag(self.listed(sym, sets, ctx)),
                other => other,
            },
            Expr::Lookup { code, table, column, miss } => self.lookup(code, *table, *column, *miss, ctx),
            Expr::Has { of, field, code, miss } => self.has(*of, *field, code, *miss, ctx),
            Expr::Among(among, sets, miss) => flag(self.among(*among, sets, *miss, ctx)),
            Expr::Over(over, number, condition, miss) => self.over(*over, number.as_deref(), condition, *miss, ctx),
        }
    }

    fn field(&self, of: Of, field: u8, ctx: &Ctx) -> Option<V> {
        let at = &*AT;
        match of {
            Of::Line if ctx.of == Of::Line => {
                let line = &self.person.lines[ctx.rec as usize];
                if field == at.code {
                    return (line.code != NONE).then_some(V::Sym(line.code));
                } else if field == at.time {
                    return (line.time != NEVER).then_some(V::Time(line.time));
                } else if field == at.cnt {
                    return (line.cnt != NAN).then_some(V::Num(line.cnt));
                } else if field == at.fee {
                    return line.fee.map(yuan);
                } else if field == at.scope {
                    return line.stated_scope.map(yuan);
                }
                self.world.cell(of, field, line.row)
            }
            Of::Person => self.world.cell(of, field, self.person.row),
            Of::Visit => {
                let visit = self.person.visits.get(self.person.visit_of(ctx.of, ctx.rec) as usize)?;
                if field == at.endtime {
                    return (visit.end != NEVER).then_some(V::Time(visit.end));
                }
                self.world.cell(of, field, visit.row)
            }
            _ if of == ctx.of => self.world.cell(of, field, self.person.row_of(of, ctx.rec)),
            _ => None,
        }
    }

    fn visit_sym(&self, field: u8, ctx: &Ctx) -> Sym {
        match self.person.visits.get(self.person.visit_of(ctx.of, ctx.rec) as usize) {
            Some(visit) => self.world.sym(Of::Visit, field, visit.row),
            None => NONE,
        }
    }

    fn institution(&self, field: u8, ctx: &Ctx) -> Option<V> {
        let code = self.visit_sym(AT.fixmedins_code, ctx);
        self.world.screener.institutions.get(&code)?[usize::from(field)]
    }

    fn doctor_code(&self, ctx: &Ctx) -> Sym {
        let at = &*AT;
        match ctx.of {
            Of::Line => {
                let own = self.world.sym(Of::Line, at.bilg_dr_codg, self.person.row_of(Of::Line, ctx.rec));
                if own == NONE { self.visit_sym(at.dr_codg, ctx) } else { own }
            }
            Of::Procedure => self.world.sym(Of::Procedure, at.oper_dr_code, self.person.row_of(Of::Procedure, ctx.rec)),
            _ => self.visit_sym(at.dr_codg, ctx),
        }
    }

    /// The registration on the record's day, best at the visit's own institution.
    fn doctor(&self, ctx: &Ctx) -> Option<&Doctor> {
        let rows = self.world.screener.doctors.get(&self.doctor_code(ctx))?;
        let day = self.person.day_of(ctx.of, ctx.rec)?;
        let here = self.visit_sym(AT.fixmedins_code, ctx);
        let valid = || rows.iter().filter(|doctor| (doctor.from..=doctor.to).contains(&day));
        valid().find(|doctor| doctor.institution == here).or_else(|| valid().next())
    }

    fn derived(&self, derived: Derived, ctx: &Ctx) -> Option<V> {
        let visit = || self.person.visits.get(self.person.visit_of(ctx.of, ctx.rec) as usize);
        let birth = || match self.world.cell(Of::Person, AT.brdy, self.person.row) {
            Some(V::Day(day)) => Some(day),
            _ => None,
        };
        let day = || self.person.day_of(ctx.of, ctx.rec);
        match derived {
            Derived::Kind => match visit()?.kind {
                VisitKind::Named(sym) => Some(V::Sym(sym)),
                kind => self.kind_sym(kind).map(V::Sym),
            },
            Derived::Age => {
                let ((year, month, of_month), (born, birth_month, birth_day)) = (civil(day()?), civil(birth()?));
                Some(whole(year - born - i64::from((month, of_month) < (birth_month, birth_day))))
            }
            Derived::AgeDays => Some(whole(i64::from(day()?) - i64::from(birth()?))),
            Derived::Level => self.level(ctx).map(whole),
            Derived::StayDays => {
                let visit = visit()?;
                let known = visit.begin != NEVER && visit.end != NEVER;
                known.then(|| whole(i64::from(of_seconds(visit.end)) - i64::from(of_seconds(visit.begin))))
            }
            Derived::InScope => Some(yuan(self.scope_of(ctx.of, ctx.rec)?)),
            Derived::Day => day().map(V::Day),
            Derived::Rank => Some(whole(i64::from(self.person.diags[ctx.rec as usize].rank))),
            Derived::DoctorListed => {
                let code = self.doctor_code(ctx);
                let known = code != NONE && !self.world.screener.doctors.is_empty();
                known.then(|| V::Flag(self.world.screener.doctors.contains_key(&code)))
            }
        }
    }

    pub fn kind_sym(&self, kind: VisitKind) -> Option<Sym> {
        self.world.names.find(kind.word()?)
    }

    /// 3, 2, 1 of 医疗机构等级, from the visit, else the institution.
    pub fn level(&self, ctx: &Ctx) -> Option<i64> {
        let own = self.visit_sym(AT.medins_lv, ctx);
        let sym = if own != NONE {
            own
        } else {
            let place = encounter::Institution::FIELDS.iter().position(|field| field.name == "medins_lv")?;
            match self.institution(u8::try_from(place).ok()?, ctx)? {
                V::Sym(sym) => sym,
                _ => return None,
            }
        };
        level_of(self.world.names.text(sym))
    }

    /// In-scope money of a line or of a visit's lines, in 分.
    pub fn scope_of(&self, of: Of, rec: u32) -> Option<i64> {
        match of {
            Of::Line => Some(self.person.lines[rec as usize].scope),
            Of::Visit => {
                let lines = self.person.visit_lines(rec);
                if lines.is_empty() {
                    return self.world.fen(Of::Visit, AT.visit_scope, self.person.visits[rec as usize].row);
                }
                Some(lines.iter().map(|line| self.person.lines[*line as usize].scope).sum())
            }
            _ => None,
        }
    }

    fn one_of(&self, inner: &Expr, list: &[Expr], ctx: &Ctx) -> V {
        let value = self.value(inner, ctx);
        if let V::Unknown(_) = value {
            return value;
        }
        let mut unknown = None;
        for item in list {
            match self.value(item, ctx) {
                V::Unknown(miss) => unknown = unknown.or(Some(miss)),
                item if item == value => return V::Flag(true),
                _ => {}
            }
        }
        unknown.map_or(V::Flag(false), V::Unknown)
    }

    /// Whether a code is in any of the sets. A blank cell is unknown.
    pub fn listed(&self, sym: Sym, sets: &[Set], ctx: &Ctx) -> Tri {
        let mut found = Tri::False;
        for set in sets {
            found = found.or(|| self.in_set(sym, set, ctx));
            if found == Tri::True {
                return found;
            }
        }
        found
    }

    pub fn in_set(&self, sym: Sym, set: &Set, ctx: &Ctx) -> Tri {
        match set {
            Set::Const(codes) => codes.has(sym, &self.world.names).into(),
            Set::Row(column, miss) => match ctx.row.and_then(|row| row.cells.get(usize::from(*column))) {
                Some(Cell::Codes(codes, _)) => codes.has(sym, &self.world.names).into(),
                _ => Tri::Unknown(*miss),
            },
            Set::Table(table) => {
                let day = self.person.day_of(ctx.of, ctx.rec).unwrap_or(i32::MAX);
                self.world.library().lookups[usize::from(*table)].holds(sym, day, &self.world.names).into()
            }
        }
    }

    /// A text no table and no formula names is equal to nothing.
    fn join(&self, list: &[Expr], ctx: &Ctx) -> V {
        let mut text = String::new();
        for item in list {
            match self.value(item, ctx) {
                V::Sym(sym) => {
                    if !text.is_empty() {
                        text.push('/');
                    }
                    text.push_str(self.world.names.text(sym));
                }
                other => return other,
            }
        }
        V::Sym(self.world.names.find(&text).unwrap_or(crate::codes::UNNAMED))
    }

    fn lookup(&self, code: &Expr, table: u16, column: u16, miss: Miss, ctx: &Ctx) -> V {
        let sym = match self.value(code, ctx) {
            V::Sym(sym) => sym,
            other => return other,
        };
        let day = self.person.day_of(ctx.of, ctx.rec).unwrap_or(i32::MAX);
        match self.world.library().lookups[usize::from(table)].cell(sym, day, column, &self.world.names) {
            Some(Cell::Num(number)) => V::Num(*number),
            Some(Cell::Sym(sym)) => V::Sym(*sym),
            _ => V::Unknown(miss),
        }
    }

    fn has(&self, of: Of, field: u8, code: &Expr, miss: Miss, ctx: &Ctx) -> V {
        let sym = match self.value(code, ctx) {
            V::Sym(sym) => sym,
            other => return other,
        };
        let row = if of == ctx.of {
            self.person.row_of(of, ctx.rec)
        } else {
            match self.person.visits.get(self.person.visit_of(ctx.of, ctx.rec) as usize) {
                Some(visit) => visit.row,
                None => return V::Unknown(miss),
            }
        };
        match self.world.list(of, field, row) {
            Some(texts) => V::Flag(texts.contains(&self.world.names.text(sym))),
            None => V::Unknown(miss),
        }
    }

    fn among(&self, among: Among, sets: &[Set], miss: Miss, ctx: &Ctx) -> Tri {
        let visit = self.person.visit_of(ctx.of, ctx.rec);
        if self.person.visits.get(visit as usize).is_none() {
            return Tri::Unknown(miss);
        }
        let mut found = Tri::False;
        let mut see = |code: Sym| {
            let here = if code == NONE { Tri::Unknown(miss) } else { self.listed(code, sets, ctx) };
            found = found.or(|| here);
        };
        match among {
            Among::AnyDiag | Among::MainDiag => {
                let diags = self.person.visit_diags(visit);
                if diags.is_empty() {
                    return Tri::Unknown(miss);
                }
                diags.iter().filter(|diag| among == Among::AnyDiag || diag.rank == 1).for_each(|diag| see(diag.code));
            }
            Among::AnyProc => {
                let procs = &self.person.visits[visit as usize].procs;
                self.person.procs[procs.start as usize..procs.end as usize].iter().for_each(|proc| see(proc.code));
            }
            Among::AnyItem => {
                self.person.visit_lines(visit).iter().for_each(|line| see(self.person.lines[*line as usize].code));
            }
        }
        found
    }

    fn over(&self, over: Over, number: Option<&Expr>, condition: &Expr, miss: Miss, ctx: &Ctx) -> V {
        let visit = self.person.visit_of(ctx.of, ctx.rec);
        if self.person.visits.get(visit as usize).is_none() {
            return V::Unknown(miss);
        }
        let inner = |of: Of, rec: u32| Ctx { of, rec, other: Some((ctx.of, ctx.rec)), ..*ctx };
        match over {
            Over::CountLines | Over::SumLines | Over::AnyLine => {
                let lines = self.person.visit_lines(visit).iter().map(|line| inner(Of::Line, *line));
                self.fold(over, number, condition, lines)
            }
            Over::CountProcs => {
                let procs = self.person.visits[visit as usize].procs.clone();
                self.fold(over, number, condition, procs.map(|proc| inner(Of::Procedure, proc)))
            }
            Over::Visits => {
                let this = &self.person.visits[visit as usize];
                if this.begin == NEVER || this.end == NEVER {
                    return V::Unknown(miss);
                }
                let (first, last) = (of_seconds(this.begin), of_seconds(this.end));
                let inside = self.others(visit).filter(|(_, begin)| {
                    let day = of_seconds(*begin);
                    first < day && day < last
                });
                self.fold(over, number, condition, inside.map(|(rec, _)| inner(Of::Visit, rec)))
            }
            Over::VisitsBefore(span) => {
                let begin = self.person.visits[visit as usize].begin;
                if begin == NEVER {
                    return V::Unknown(miss);
                }
                let since = span.before(begin);
                if self.person.known_since.is_some_and(|known| known > of_seconds(since)) {
                    return V::Unknown(miss);
                }
                let before = self.others(visit).filter(|(_, other)| (since..begin).contains(other));
                self.fold(over, number, condition, before.map(|(rec, _)| inner(Of::Visit, rec)))
            }
        }
    }

    /// Other visits with a known beginning.
    fn others(&self, visit: u32) -> impl Iterator<Item = (u32, i64)> {
        let visits = self.person.visits.iter().enumerate();
        visits.filter_map(move |(place, other)| {
            let place = u32::try_from(place).ok()?;
            (place != visit && other.begin != NEVER).then_some((place, other.begin))
        })
    }

    fn fold<'c>(
        &self,
        over: Over,
        number: Option<&Expr>,
        condition: &Expr,
        records: impl Iterator<Item = Ctx<'c>>,
    ) -> V {
        let mut sum = 0_i128;
        let mut unknown = None;
        for ctx in records {
            match self.truth(condition, &ctx) {
                Tri::False => {}
                Tri::Unknown(miss) => unknown = unknown.or(Some(miss)),
                Tri::True if over == Over::AnyLine => return V::Flag(true),
                Tri::True => match number.map_or(Ok(ONE), |number| self.number(number, &ctx)) {
                    Ok(number) => sum += number,
                    Err(miss) => unknown = unknown.or(Some(miss)),
                },
            }
        }
        match unknown {
            Some(miss) => V::Unknown(miss),
            None if over == Over::AnyLine => V::Flag(false),
            None => bounded(sum),
        }
    }

    fn call(&self, call: Call, list: &[Expr], ctx: &Ctx) -> V {
        match call {
            Call::Missing => return V::Flag(matches!(self.value(&list[0], ctx), V::Unknown(_))),
            Call::Coalesce => {
                let mut first = None;
                for item in list {
                    match self.value(item, ctx) {
                        V::Unknown(miss) => first = first.or(Some(miss)),
                        known => return known,
                    }
                }
                return V::Unknown(first.unwrap_or(0));
            }
            _ => {}
        }
        let mut values = [V::Num(0); 2];
        for (place, item) in list.iter().enumerate() {
            let value = self.value(item, ctx);
            if let V::Unknown(_) = value {
                return value;
            }
            values[place.min(1)] = match (place, call, values[1], value) {
                (2.., Call::Min, V::Num(a), V::Num(b)) => V::Num(a.min(b)),
                (2.., Call::Max, V::Num(a), V::Num(b)) => V::Num(a.max(b)),
                _ => value,
            };
        }
        if list.len() == 1 && matches!(call, Call::Min | Call::Max) {
            return values[0];
        }
        match (call, values[0], values[1]) {
            (Call::Min, V::Num(a), V::Num(b)) => V::Num(a.min(b)),
            (Call::Max, V::Num(a), V::Num(b)) => V::Num(a.max(b)),
            (Call::Round, V::Num(a), _) => V::Num(divide(a, ONE) * ONE),
            (Call::Floor, V::Num(a), _) => V::Num(a.div_euclid(ONE) * ONE),
            (Call::Abs, V::Num(a), _) => V::Num(a.abs()),
            (Call::DayOf, V::Time(time), _) => V::Day(of_seconds(time)),
            (Call::DaysBetween, V::Day(a), V::Day(b)) => whole(i64::from(b) - i64::from(a)),
            (Call::HoursBetween, V::Time(a), V::Time(b)) => V::Num(divide(i128::from(b - a) * ONE, 3600)),
            (Call::Month, V::Day(day), _) => whole(civil(day).1),
            (Call::Year, V::Day(day), _) => whole(civil(day).0),
            _ => V::Num(0),
        }
    }
}

fn flag(tri: Tri) -> V {
    match tri {
        Tri::True => V::Flag(true),
        Tri::False => V::Flag(false),
        Tri::Unknown(miss) => V::Unknown(miss),
    }
}

/// 分 as yuan times 10^10.
pub(crate) fn yuan(fen: i64) -> V {
    V::Num(i128::from(fen) * (ONE / 100))
}

/// The quotient, half away from zero.
pub(crate) fn divide(value: i128, by: i128) -> i128 {
    let quotient = value / by;
    if (value % by).unsigned_abs() * 2 >= by.unsigned_abs() {
        quotient + if (value < 0) == (by < 0) { 1 } else { -1 }
    } else {
        quotient
    }
}

/// Numbers beyond all reason are kept at the bound.
fn bounded(number: i128) -> V {
    V::Num(number.clamp(-LARGEST, LARGEST))
}

fn binary(op: Op, a: V, b: V) -> V {
    if let V::Unknown(_) = a {
        return a;
    }
    if let V::Unknown(_) = b {
        return b;
    }
    let order = || match (a, b) {
        (V::Num(a), V::Num(b)) => a.cmp(&b),
        (V::Day(a), V::Day(b)) => a.cmp(&b),
        (V::Time(a), V::Time(b)) => a.cmp(&b),
        _ => std::cmp::Ordering::Equal,
    };
    let arithmetic = |work: fn(i128, i128) -> Option<i128>| match (a, b) {
        (V::Num(a), V::Num(b)) => work(a, b),
        _ => None,
    };
    let number = |found: Option<i128>| found.map_or(V::Num(LARGEST), bounded);
    match op {
        Op::Equal => V::Flag(a == b),
        Op::Unequal => V::Flag(a != b),
        Op::Less => V::Flag(order().is_lt()),
        Op::AtMost => V::Flag(order().is_le()),
        Op::More => V::Flag(order().is_gt()),
        Op::AtLeast => V::Flag(order().is_ge()),
        Op::Add => number(arithmetic(i128::checked_add)),
        Op::Subtract => number(arithmetic(i128::checked_sub)),
        Op::Multiply => number(arithmetic(|a, b| a.checked_mul(b).map(|product| divide(product, ONE)))),
        // A share of nothing is not known.
        Op::Divide => match (a, b) {
            (V::Num(_), V::Num(0)) => V::Unknown(0),
            _ => number(arithmetic(|a, b| a.checked_mul(ONE).map(|a| divide(a, b)))),
        },
        Op::And | Op::Or => V::Flag(false),
    }
}

/// 3, 2, 1 of a national level code: one digit itself, two digits the finer dictionary
/// (01–04, 12 third; 05–07, 13 second; 08–10, 14, 11 first or none).
pub(crate) fn level_of(code: &str) -> Option<i64> {
    match code {
        "3" | "01" | "02" | "03" | "04" | "12" => Some(3),
        "2" | "05" | "06" | "07" | "13" => Some(2),
        "1" | "08" | "09" | "10" | "11" | "14" => Some(1),
        _ => None,
    }
}

/// Hours of a day within a stay, begun hours counting whole; unknown ends are the day's.
pub(crate) fn hours_present(begin: i64, end: i64, day: i64) -> i128 {
    let (from, to) = (day * DAY, (day + 1) * DAY);
    let begin = if begin == NEVER { from } else { begin.clamp(from, to) };
    let end = if end == NEVER { to } else { end.clamp(from, to) };
    i128::from((end - begin).max(0).div_euclid(3600) + i64::from((end - begin).max(0) % 3600 > 0)) * ONE
}
