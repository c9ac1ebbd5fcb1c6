//! One person's records in their order: what was delivered twice counts once, what was refunded
//! is netted.

use super::world::{AT, NAN, NEVER, World};
use crate::codes::{NONE, Sym};
use crate::day::of_seconds;
use crate::expr::Of;
use std::collections::HashMap;
use std::ops::Range;

/// 就诊种类.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum VisitKind {
    Unknown,
    Inpatient,
    Outpatient,
    Emergency,
    Pharmacy,
    Home,
    /// Another word of the region's own table.
    Named(Sym),
}

/// A visit.
#[derive(Debug, Clone)]
pub(crate) struct Visit {
    pub row: u32,
    pub begin: i64,
    pub end: i64,
    pub kind: VisitKind,
    /// Places in `Person::by_visit`.
    pub lines: Range<u32>,
    pub diags: Range<u32>,
    pub procs: Range<u32>,
}

/// A fee line, netted. Money in 分; [`NAN`] and `None` are unknown.
#[derive(Debug, Clone)]
pub(crate) struct Line {
    pub row: u32,
    pub visit: u32,
    pub code: Sym,
    pub time: i64,
    pub cnt: i128,
    pub fee: Option<i64>,
    /// What a fund could have paid, as the line says it.
    pub stated_scope: Option<i64>,
    /// The same, else fee without what is wholly self-paid, else the fee.
    pub scope: i64,
}

#[derive(Debug, Clone)]
pub(crate) struct Diag {
    pub row: u32,
    pub visit: u32,
    pub code: Sym,
    /// Place among the visit's diagnoses, from 1.
    pub rank: u32,
    pub main: bool,
}

#[derive(Debug, Clone)]
pub(crate) struct Proc {
    pub row: u32,
    pub visit: u32,
    pub code: Sym,
    pub begin: i64,
    pub end: i64,
}

/// A person's records.
#[derive(Debug, Default)]
pub(crate) struct Person {
    pub row: u32,
    pub visits: Vec<Visit>,
    pub lines: Vec<Line>,
    pub diags: Vec<Diag>,
    pub procs: Vec<Proc>,
    /// Lines by visit, in their order.
    pub by_visit: Vec<u32>,
    /// The history is complete from this day.
    pub known_since: Option<i32>,
}

/// Rows of one person in each sheet.
#[derive(Debug, Clone)]
pub(crate) struct Rows {
    pub person: u32,
    pub visits: Range<u32>,
    pub diags: Range<u32>,
    pub procs: Range<u32>,
    pub lines: Range<u32>,
}

/// Parents of the records.
pub(crate) struct Parents<'a> {
    pub diags: &'a [u32],
    pub procs: &'a [u32],
    pub lines: &'a [u32],
}

impl Person {
    /// Lays a person's records out, reusing what is allocated. Records after `as_of` are not seen.
    pub fn fill(&mut self, world: &World, rows: &Rows, parents: &Parents, as_of: i64) {
        self.row = rows.person;
        self.visits.clear();
        self.lines.clear();
        self.diags.clear();
        self.procs.clear();
        self.by_visit.clear();
        let place_of = self.fill_visits(world, rows, as_of);
        let visit_of = |row: u32| {
            place_of.get((row.wrapping_sub(rows.visits.start)) as usize).copied().filter(|place| *place != NONE)
        };
        self.fill_lines(world, rows.lines.clone(), parents.lines, &visit_of, as_of);
        self.fill_diags(world, rows.diags.clone(), parents.diags, &visit_of);
        self.fill_procs(world, rows.procs.clone(), parents.procs, &visit_of, as_of);
        self.index();
    }

    /// Visits in order; gives for each row the place of its visit (of a visit delivered twice,
    /// the first one's).
    fn fill_visits(&mut self, world: &World, rows: &Rows, as_of: i64) -> Vec<u32> {
        let at = &*AT;
        let mut order: Vec<(i64, &str, u32)> = rows
            .visits
            .clone()
            .map(|row| (world.time(Of::Visit, at.begntime, row), world.text(Of::Visit, at.mdtrt_id, row), row))
            .filter(|(begin, _, _)| *begin <= as_of)
            .collect();
        // An unknown beginning stands last.
        let later = |begin: i64| if begin == NEVER { i64::MAX } else { begin };
        order.sort_unstable_by(|a, b| {
            (later(a.0), numbered(a.1)).cmp(&(later(b.0), numbered(b.1))).then_with(|| tie(world, Of::Visit, a.2, b.2))
        });
        let mut place_of = vec![NONE; rows.visits.len()];
        let mut seen: HashMap<&str, u32, foldhash::fast::RandomState> = HashMap::default();
        for (begin, id, row) in order {
            let local = (row - rows.visits.start) as usize;
            if let Some(place) = seen.get(id).filter(|_| !id.is_empty()) {
                place_of[local] = *place;
                continue;
            }
            let place = count(self.visits.len());
            seen.insert(id, place);
            place_of[local] = place;
            let end = world.time(Of::Visit, at.endtime, row);
            let end = if end > as_of { NEVER } else { end };
            let kind = visit_kind(world, row);
            self.visits.push(Visit { row, begin, end, kind, lines: 0..0, diags: 0..0, procs: 0..0 });
        }
        place_of
    }

    fn fill_lines(
        &mut self,
        world: &World,
        rows: Range<u32>,
        parents: &[u32],
        visit_of: &dyn Fn(u32) -> Option<u32>,
        as_of: i64,
    ) {
        let at = &*AT;
        let mut negative = false;
        for row in rows {
            let Some(visit) = visit_of(parents[row as usize]) else { continue };
            let time = world.time(Of::Line, at.time, row);
            if time > as_of {
                continue;
            }
            let cnt = world.number(Of::Line, at.cnt, row);
            let fee = world.fen(Of::Line, at.fee, row);
            let stated_scope = world.fen(Of::Line, at.scope, row);
            let scope = stated_scope.unwrap_or_else(|| {
                let selfpay = world.fen(Of::Line, at.selfpay, row).unwrap_or(0);
                fee.map_or(0, |fee| fee - selfpay)
            });
            negative |= (cnt < 0 && cnt != NAN) || fee.is_some_and(|fee| fee < 0);
            self.lines.push(Line {
                row,
                visit,
                code: world.sym(Of::Line, at.code, row),
                time,
                cnt,
                fee,
                stated_scope,
                scope,
            });
        }
        let later = |time: i64| if time == NEVER { i64::MAX } else { time };
        let sn = |line: &Line| world.text(Of::Line, at.feedetl_sn, line.row);
        self.lines.sort_unstable_by(|a, b| {
            (later(a.time), a.visit)
                .cmp(&(later(b.time), b.visit))
                .then_with(|| numbered(sn(a)).cmp(&numbered(sn(b))))
                .then_with(|| world.text(Of::Line, at.code, a.row).cmp(world.text(Of::Line, at.code, b.row)))
                .then_with(|| (a.cnt, a.fee, a.stated_scope).cmp(&(b.cnt, b.fee, b.stated_scope)))
                .then_with(|| tie(world, Of::Line, a.row, b.row))
        });
        self.drop_repeated(world);
        if negative {
            self.net(world);
        }
    }

    /// The same line number twice in one visit is one line.
    fn drop_repeated(&mut self, world: &World) {
        let at = &*AT;
        let mut seen: std::collections::HashSet<(u32, &str), foldhash::fast::RandomState> =
            std::collections::HashSet::default();
        seen.reserve(self.lines.len());
        self.lines.retain(|line| {
            let sn = world.text(Of::Line, at.feedetl_sn, line.row);
            sn.is_empty() || seen.insert((line.visit, sn))
        });
    }

    /// Takes refunds off what they refund.
    fn net(&mut self, world: &World) {
        let at = &*AT;
        // A line of nothing was a line of nothing before: a matter for checks, not a refunded one.
        let nothing: Vec<u32> = self.lines.iter().filter(|line| line.cnt == 0).map(|line| line.row).collect();
        let is_refund = |line: &Line| (line.cnt < 0 && line.cnt != NAN) || line.fee.is_some_and(|fee| fee < 0);
        let refunds: Vec<Line> = self.lines.iter().filter(|line| is_refund(line)).cloned().collect();
        self.lines.retain(|line| !is_refund(line));
        let (linked, loose): (Vec<&Line>, Vec<&Line>) =
            refunds.iter().partition(|refund| !world.text(Of::Line, at.init_sn, refund.row).is_empty());
        for refund in linked.into_iter().chain(loose) {
            let init = world.text(Of::Line, at.init_sn, refund.row);
            let mut rest = refund.clone();
            loop {
                let found = self.lines.iter_mut().rev().find(|line| {
                    let left = line.cnt > 0 || line.fee.is_some_and(|fee| fee > 0);
                    left && if init.is_empty() {
                        line.visit == rest.visit
                            && line.code == rest.code
                            && (rest.time == NEVER || line.time <= rest.time)
                    } else {
                        line.visit == rest.visit && world.text(Of::Line, at.feedetl_sn, line.row) == init
                    }
                });
                let Some(line) = found else { break };
                let before = (line.cnt, line.fee, line.scope);
                let some_left = take_off(line, &mut rest);
                let nothing_taken = before == (line.cnt, line.fee, line.scope);
                if !some_left || nothing_taken || !init.is_empty() {
                    break;
                }
            }
        }
        self.lines.retain(|line| line.cnt != 0 || line.fee.is_some_and(|fee| fee > 0) || nothing.contains(&line.row));
    }

    fn fill_diags(&mut self, world: &World, rows: Range<u32>, parents: &[u32], visit_of: &dyn Fn(u32) -> Option<u32>) {
        let at = &*AT;
        let mut found: Vec<(i128, Diag)> = rows
            .filter_map(|row| {
                let visit = visit_of(parents[row as usize])?;
                let main = world.flag(Of::Diagnosis, at.maindiag_flag, row) == Some(true);
                let order = world.number(Of::Diagnosis, at.diag_srt_no, row);
                let order = if order == NAN { i128::MAX } else { order };
                Some((order, Diag { row, visit, code: world.sym(Of::Diagnosis, at.diag_code, row), rank: 0, main }))
            })
            .collect();
        let code = |diag: &Diag| world.text(Of::Diagnosis, at.diag_code, diag.row);
        // Sorted by number; without numbers, as the principal's flag and then the codes say.
        found.sort_by(|a, b| {
            (a.1.visit, !a.1.main, a.0).cmp(&(b.1.visit, !b.1.main, b.0)).then_with(|| code(&a.1).cmp(code(&b.1)))
        });
        let (mut visit, mut rank) = (NONE, 0);
        let mut last = NONE;
        for (_, mut diag) in found {
            if diag.visit != visit {
                (visit, rank, last) = (diag.visit, 0, NONE);
            }
            if diag.code != NONE && diag.code == last {
                continue;
            }
            last = diag.code;
            rank += 1;
            diag.rank = rank;
            self.diags.push(diag);
        }
    }

    fn fill_procs(
        &mut self,
        world: &World,
        rows: Range<u32>,
        parents: &[u32],
        visit_of: &dyn Fn(u32) -> Option<u32>,
        as_of: i64,
    ) {
        let at = &*AT;
        for row in rows {
            let Some(visit) = visit_of(parents[row as usize]) else { continue };
            let begin = world.time(Of::Procedure, at.oprn_begin, row);
            if begin > as_of {
                continue;
            }
            let end = world.time(Of::Procedure, at.oprn_end, row);
            self.procs.push(Proc { row, visit, code: world.sym(Of::Procedure, at.oprn_code, row), begin, end });
        }
        let code = |proc: &Proc| world.text(Of::Procedure, at.oprn_code, proc.row);
        self.procs.sort_unstable_by(|a, b| {
            (a.visit, a.begin, a.end)
                .cmp(&(b.visit, b.begin, b.end))
                .then_with(|| code(a).cmp(code(b)))
                .then_with(|| tie(world, Of::Procedure, a.row, b.row))
        });
    }

    fn index(&mut self) {
        self.by_visit.extend(0..count(self.lines.len()));
        let lines = &self.lines;
        self.by_visit.sort_by_key(|line| lines[*line as usize].visit);
        let range = |of: &dyn Fn(usize) -> u32, length: usize, visit: u32, from: &mut usize| {
            while *from < length && of(*from) < visit {
                *from += 1;
            }
            let begin = *from;
            while *from < length && of(*from) == visit {
                *from += 1;
            }
            count(begin)..count(*from)
        };
        let (mut l, mut d, mut p) = (0, 0, 0);
        let (by_visit, diags, procs) = (&self.by_visit, &self.diags, &self.procs);
        for (place, visit) in self.visits.iter_mut().enumerate() {
            let place = count(place);
            visit.lines = range(&|at| lines[by_visit[at] as usize].visit, by_visit.len(), place, &mut l);
            visit.diags = range(&|at| diags[at].visit, diags.len(), place, &mut d);
            visit.procs = range(&|at| procs[at].visit, procs.len(), place, &mut p);
        }
    }

    /// Which visit a record is of; a person's is the last.
    pub fn visit_of(&self, of: Of, rec: u32) -> u32 {
        match of {
            Of::Line => self.lines[rec as usize].visit,
            Of::Diagnosis => self.diags[rec as usize].visit,
            Of::Procedure => self.procs[rec as usize].visit,
            Of::Visit => rec,
            Of::Person => count(self.visits.len()).wrapping_sub(1),
        }
    }

    /// When a record is: a line's time, an operation's beginning, else the visit's.
    pub fn time_of(&self, of: Of, rec: u32) -> i64 {
        let visit = |visit: u32| self.visits.get(visit as usize).map_or(NEVER, |visit| visit.begin);
        match of {
            Of::Line => self.lines[rec as usize].time,
            Of::Procedure => match self.procs[rec as usize] {
                Proc { begin: NEVER, visit: of, .. } => visit(of),
                Proc { begin, .. } => begin,
            },
            of => visit(self.visit_of(of, rec)),
        }
    }

    pub fn day_of(&self, of: Of, rec: u32) -> Option<i32> {
        match self.time_of(of, rec) {
            NEVER => None,
            time => Some(of_seconds(time)),
        }
    }

    /// A record's row in its sheet.
    pub fn row_of(&self, of: Of, rec: u32) -> u32 {
        match of {
            Of::Line => self.lines[rec as usize].row,
            Of::Diagnosis => self.diags[rec as usize].row,
            Of::Procedure => self.procs[rec as usize].row,
            Of::Visit => self.visits[rec as usize].row,
            Of::Person => self.row,
        }
    }

    pub fn code_of(&self, world: &World, of: Of, rec: u32) -> Sym {
        match of {
            Of::Line => self.lines[rec as usize].code,
            Of::Diagnosis => self.diags[rec as usize].code,
            Of::Procedure => self.procs[rec as usize].code,
            Of::Visit => world.sym(Of::Visit, AT.dise_codg, self.visits[rec as usize].row),
            Of::Person => NONE,
        }
    }

    /// How many records of a kind.
    pub fn len(&self, of: Of) -> u32 {
        match of {
            Of::Line => count(self.lines.len()),
            Of::Diagnosis => count(self.diags.len()),
            Of::Procedure => count(self.procs.len()),
            Of::Visit => count(self.visits.len()),
            Of::Person => 1,
        }
    }

    pub fn visit_lines(&self, visit: u32) -> &[u32] {
        let range = &self.visits[visit as usize].lines;
        &self.by_visit[range.start as usize..range.end as usize]
    }

    pub fn visit_diags(&self, visit: u32) -> &[Diag] {
        let range = &self.visits[visit as usize].diags;
        &self.diags[range.start as usize..range.end as usize]
    }
}

/// Serial numbers in their order: 9 before 10.
fn numbered(serial: &str) -> (usize, &str) {
    (serial.len(), serial)
}

fn count(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(NONE)
}

/// Takes a refund off a line; whether some of the refund is left.
fn take_off(line: &mut Line, rest: &mut Line) -> bool {
    if line.cnt != NAN && rest.cnt != NAN {
        let taken = line.cnt.min(-rest.cnt).max(0);
        line.cnt -= taken;
        rest.cnt += taken;
    }
    let less = |mine: &mut Option<i64>, theirs: &mut Option<i64>| {
        if let (Some(mine), Some(theirs)) = (mine, theirs) {
            let taken = (*mine).min(-*theirs).max(0);
            *mine -= taken;
            *theirs += taken;
        }
    };
    less(&mut line.fee, &mut rest.fee);
    less(&mut line.stated_scope, &mut rest.stated_scope);
    let taken = line.scope.min(-rest.scope).max(0);
    line.scope -= taken;
    rest.scope += taken;
    if line.cnt == 0 {
        (line.fee, line.scope) = (line.fee.map(|_| 0), 0);
    }
    (rest.cnt != NAN && rest.cnt < 0) || (rest.cnt == NAN && rest.fee.is_some_and(|fee| fee < 0))
}

/// Two records that agree in all that orders them, by what else they say.
fn tie(world: &World, of: Of, a: u32, b: u32) -> std::cmp::Ordering {
    if a == b {
        return std::cmp::Ordering::Equal;
    }
    for (place, field) in of.table().fields().iter().enumerate() {
        let place = u8::try_from(place).unwrap_or(u8::MAX);
        let order = match field.kind {
            encounter::Kind::Text => world.text(of, place, a).cmp(world.text(of, place, b)),
            encounter::Kind::Texts => world.list(of, place, a).cmp(&world.list(of, place, b)),
            encounter::Kind::Time => world.time(of, place, a).cmp(&world.time(of, place, b)),
            encounter::Kind::Money | encounter::Kind::Number => {
                world.number(of, place, a).cmp(&world.number(of, place, b))
            }
            encounter::Kind::Flag => world.flag(of, place, a).cmp(&world.flag(of, place, b)),
            encounter::Kind::Date => std::cmp::Ordering::Equal,
        };
        if order.is_ne() {
            return order;
        }
    }
    std::cmp::Ordering::Equal
}

/// By the region's own table, else by med_type, else by med_mdtrt_type.
fn visit_kind(world: &World, row: u32) -> VisitKind {
    let at = &*AT;
    let sym = world.sym(Of::Visit, at.med_type, row);
    if sym != NONE
        && let Some(kind) = world.screener.kinds.get(&sym)
    {
        return *kind;
    }
    let text = world.text(Of::Visit, at.med_type, row);
    if text.is_empty() {
        return match world.text(Of::Visit, at.med_mdtrt_type, row) {
            "1" => VisitKind::Outpatient,
            "2" => VisitKind::Inpatient,
            "3" => VisitKind::Pharmacy,
            _ => VisitKind::Unknown,
        };
    }
    national_kind(text)
}

/// 医疗类别 of the national dictionary.
fn national_kind(med_type: &str) -> VisitKind {
    match med_type {
        "41" | "18" | "9904" => VisitKind::Pharmacy,
        "71" => VisitKind::Home,
        _ if med_type.starts_with("13") => VisitKind::Emergency,
        _ if med_type.starts_with('2') || med_type.starts_with("52") => VisitKind::Inpatient,
        _ if med_type.starts_with('1') || med_type.starts_with("51") || med_type.starts_with("99") => {
            VisitKind::Outpatient
        }
        _ => VisitKind::Unknown,
    }
}

impl VisitKind {
    /// The word of formulas.
    pub fn word(self) -> Option<&'static str> {
        Some(match self {
            VisitKind::Inpatient => "住院",
            VisitKind::Outpatient => "门诊",
            VisitKind::Emergency => "急诊",
            VisitKind::Pharmacy => "购药",
            VisitKind::Home => "家庭病床",
            VisitKind::Unknown | VisitKind::Named(_) => return None,
        })
    }

    pub fn read(word: &str) -> Option<VisitKind> {
        [VisitKind::Inpatient, VisitKind::Outpatient, VisitKind::Emergency, VisitKind::Pharmacy, VisitKind::Home]
            .into_iter()
            .find(|kind| kind.word() == Some(word))
    }
}
