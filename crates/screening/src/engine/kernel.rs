//! One person against all rules: which records touch which rule, and what they must pass before a
//! rule's shape looks at them.

use super::eval::{Ctx, Eval};
use super::person::{Person, VisitKind};
use super::world::{AT, World};
use crate::codes::{NONE, Touch};
use crate::day::of_seconds;
use crate::expr::{Miss, Of, Tri, V};
use crate::finding::{Coverage, Finding, Skipped};
use crate::header::{Level, Scenario};
use crate::knowledge::Row;
use crate::options::Options;
use crate::rule::{Codes, Rule, Selector, Shape};
use std::sync::Arc;

/// What a run gives.
#[derive(Debug, Default)]
pub(crate) struct Out {
    pub findings: Vec<Finding>,
    pub coverage: Vec<Coverage>,
}

/// A selected record and the row that selected it ([`NONE`]: no row).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Sel {
    pub row: u32,
    pub rec: u32,
}

/// How much of a line is flagged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Share {
    All,
    /// Parts of its whole.
    Part(i128, i128),
}

/// What a shape found in one window, before excuses are heard.
#[derive(Debug, Default)]
pub(crate) struct Draft {
    pub row: u32,
    pub hits: Vec<(u32, Share)>,
    /// 涉及项.
    pub involved: Vec<(Of, u32)>,
    pub other: Option<(Of, u32)>,
    pub given: Vec<V>,
    pub says: Option<Arc<str>>,
}

/// Which rules run, and those that do not, with the reason.
pub(crate) struct Active {
    on: Vec<bool>,
    skipped: Vec<Option<Skipped>>,
    /// The facts the engine itself may miss.
    pub facts: Engine,
}

/// Names of facts the engine asks by itself.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Engine {
    pub time: Miss,
    pub begin: Miss,
    pub end: Miss,
    pub kind: Miss,
    pub level: Miss,
    pub types: Miss,
    pub insurance: Miss,
    pub internet: Miss,
    pub elsewhere: Miss,
    pub diagnosis: Miss,
    pub prescription: Miss,
    pub group: Miss,
    pub lines: Miss,
    pub history: Miss,
    pub price: Miss,
    pub fee: Miss,
    pub code: Miss,
    pub row: Miss,
    pub institution: Miss,
    pub doctor: Miss,
    pub surgeon: Miss,
    pub operation: Miss,
}

impl Engine {
    /// The fact that a record without a code lacks.
    pub fn code_of(&self, of: Of) -> Miss {
        match of {
            Of::Diagnosis => self.diagnosis,
            Of::Procedure => self.operation,
            _ => self.code,
        }
    }
}

impl Active {
    pub fn new(world: &World, options: &Options, population: bool) -> Active {
        let library = world.library();
        let reason = |rule: &Rule| {
            if options.stage.is_some_and(|stage| !rule.stages.contains(&stage)) {
                Some(Skipped::Stage)
            } else if options.without.iter().any(|id| **id == *rule.id)
                || options.only.as_ref().is_some_and(|only| !only.iter().any(|id| **id == *rule.id))
            {
                Some(Skipped::LeftOut)
            } else if rule.has_rows && rule.rows.is_empty() {
                Some(Skipped::NoKnowledge)
            } else if rule.shape.population() != population {
                population_reason(population)
            } else {
                None
            }
        };
        let skipped: Vec<Option<Skipped>> = library.rules.iter().map(reason).collect();
        let on = skipped
            .iter()
            .zip(&library.rules)
            .map(|(skipped, rule)| skipped.is_none() && rule.shape.population() == population)
            .collect();
        Active { on, skipped, facts: library.engine }
    }

    /// What is covered before anything was looked at.
    pub fn coverage(&self) -> Vec<Coverage> {
        self.skipped.iter().map(|skipped| Coverage { skipped: *skipped, ..Coverage::default() }).collect()
    }

    pub fn is_on(&self, rule: usize) -> bool {
        self.on[rule]
    }
}

fn population_reason(population: bool) -> Option<Skipped> {
    (!population).then_some(Skipped::NeedsPopulation)
}

/// A person against the rules.
pub(crate) struct Kernel<'k, 'a> {
    pub world: &'k World<'a>,
    pub person: &'k Person,
    pub active: &'k Active,
    pub options: &'k Options,
    pub out: &'k mut Out,
    /// The rule at work.
    pub number: usize,
}

/// A touch and its record, to be sorted: rule, side, row, record.
fn pack(touch: Touch, rec: u32) -> u64 {
    let row = u64::from(touch.row) & 0x7F_FFFF;
    u64::from(touch.rule) << 48 | u64::from(touch.side) << 47 | row << 24 | u64::from(rec) & 0xFF_FFFF
}

fn unpack(hit: u64) -> Sel {
    let row = (hit >> 24) & 0x7F_FFFF;
    let row = if row == 0x7F_FFFF { NONE } else { row as u32 };
    Sel { row, rec: (hit & 0xFF_FFFF) as u32 }
}

impl<'k, 'a> Kernel<'k, 'a> {
    pub fn eval(&self) -> Eval<'k, 'a> {
        Eval { world: self.world, person: self.person }
    }

    pub fn rule(&self) -> &'a Rule {
        &self.world.library().rules[self.number]
    }

    pub fn row(&self, row: u32) -> Option<&'a Row> {
        self.rule().rows.get(row as usize)
    }

    pub fn ctx(&self, of: Of, sel: Sel) -> Ctx<'a> {
        Ctx::new(of, sel.rec, self.row(sel.row))
    }

    /// Runs every rule; `hits` is room to work in. `go_on` is asked before each rule.
    pub fn run(&mut self, hits: &mut Vec<u64>, go_on: &mut dyn FnMut() -> bool) {
        self.touch(hits);
        let library = self.world.library();
        let mut at = 0;
        for (number, rule) in library.rules.iter().enumerate() {
            let begin = at;
            while at < hits.len() && (hits[at] >> 48) as usize == number {
                at += 1;
            }
            let mine = &hits[begin..at];
            let everywhere =
                matches!(rule.first.codes, Codes::All) || matches!(rule.shape, Shape::InSet { outside: true });
            if !self.active.is_on(number) || (mine.is_empty() && !everywhere) {
                continue;
            }
            if !go_on() {
                self.out.coverage[number].skipped = Some(Skipped::OutOfTime);
                continue;
            }
            self.number = number;
            let split = mine.partition_point(|hit| hit >> 47 & 1 == 0);
            self.shape(rule, &mine[..split], &mine[split..]);
        }
    }

    /// One pass over the records finds which rules they touch.
    fn touch(&self, hits: &mut Vec<u64>) {
        hits.clear();
        for of in [Of::Line, Of::Diagnosis, Of::Procedure, Of::Visit] {
            for rec in 0..self.person.len(of) {
                let touches = self.world.touches(of, self.person.code_of(self.world, of, rec));
                for touch in touches {
                    if self.active.is_on(usize::from(touch.rule)) {
                        hits.push(pack(*touch, rec));
                    }
                }
            }
        }
        hits.sort_unstable();
    }

    fn shape(&mut self, rule: &'a Rule, first: &[u64], second: &[u64]) {
        match &rule.shape {
            Shape::InSet { .. }
            | Shape::Attribute { .. }
            | Shape::Diagnoses { .. }
            | Shape::Price { .. }
            | Shape::Check { .. } => self.records(rule, first),
            Shape::Quantity { .. }
            | Shape::Days { .. }
            | Shape::Interval { .. }
            | Shape::Complete { .. }
            | Shape::Discount { .. } => self.windows(rule, first),
            Shape::Pair { .. } | Shape::Companion { .. } | Shape::StayGap { .. } => self.pairs(rule, first, second),
            Shape::Collision { .. } | Shape::Balance { .. } | Shape::Peer { .. } => {}
        }
    }

    /// The records a selector chose: by code, or every one, with each row.
    pub fn chosen(&self, selector: &Selector, hits: &[u64]) -> Vec<Sel> {
        if !matches!(selector.codes, Codes::All) {
            return hits.iter().map(|hit| unpack(*hit)).collect();
        }
        let rows: Vec<u32> = if self.rule().has_rows {
            (0..u32::try_from(self.rule().rows.len()).unwrap_or(NONE)).collect()
        } else {
            vec![NONE]
        };
        let records = 0..self.person.len(selector.of);
        rows.iter().flat_map(|row| records.clone().map(|rec| Sel { row: *row, rec })).collect()
    }

    /// The records of the first side that take part; those of which it is not known are told.
    pub fn admitted(&mut self, selector: &Selector, hits: &[u64]) -> Vec<Sel> {
        let mut chosen = self.chosen(selector, hits);
        chosen.retain(|sel| match self.admit(selector, *sel, true) {
            Tri::True => true,
            Tri::False => false,
            Tri::Unknown(miss) => {
                self.missed(selector.of, sel.rec, miss);
                false
            }
        });
        chosen
    }

    /// Whether a record takes part: rule's dates and scenes, row's dates, self-paid, guards.
    pub fn admit(&self, selector: &Selector, sel: Sel, first: bool) -> Tri {
        let rule = self.rule();
        let of = selector.of;
        if !rule.keep_self_paid && of == Of::Line {
            let line = &self.person.lines[sel.rec as usize];
            if line.scope <= 0 && (line.stated_scope.is_some() || line.fee.is_some()) {
                return Tri::False;
            }
        }
        let ctx = self.ctx(of, sel);
        self.dated(of, sel)
            .and(|| self.scene(of, sel.rec))
            .and(|| if first { self.matching(&ctx) } else { Tri::True })
            .and(|| self.eval().guard(selector.when.as_ref(), &ctx))
            .and(|| if first { self.eval().guard(rule.when.as_ref(), &ctx) } else { Tri::True })
    }

    fn dated(&self, of: Of, sel: Sel) -> Tri {
        let rule = self.rule();
        let Some(day) = self.person.day_of(of, sel.rec) else {
            return Tri::Unknown(if of == Of::Line { self.active.facts.time } else { self.active.facts.begin });
        };
        if day < rule.from || day > rule.to {
            return Tri::False;
        }
        let Some(row) = self.row(sel.row) else { return Tri::True };
        let day = if rule.at_admission {
            match self.person.visits[self.person.visit_of(of, sel.rec) as usize].begin {
                super::world::NEVER => return Tri::Unknown(self.active.facts.begin),
                begin => of_seconds(begin),
            }
        } else {
            day
        };
        (row.from <= day && day <= row.to).into()
    }

    /// Scenario, level, type of institution, insurance.
    fn scene(&self, of: Of, rec: u32) -> Tri {
        let rule = self.rule();
        if rule.scenarios.is_empty() && rule.levels.is_empty() && rule.types.is_none() && rule.insurance.is_none() {
            return Tri::True;
        }
        let visit = self.person.visit_of(of, rec);
        if self.person.visits.get(visit as usize).is_none() {
            return Tri::True;
        }
        let ctx = Ctx::new(Of::Visit, visit, None);
        let facts = &self.active.facts;
        let world = self.world;
        let row = self.person.visits[visit as usize].row;
        let symbol = |field: u8, person: Option<u8>| {
            let own = world.sym(Of::Visit, field, row);
            if own == NONE { person.map_or(NONE, |field| world.sym(Of::Person, field, self.person.row)) } else { own }
        };
        let within = |set: &Option<crate::codes::CodeSet>, sym: u32, miss: Miss| match (set, sym) {
            (None, _) => Tri::True,
            (Some(_), NONE) => Tri::Unknown(miss),
            (Some(set), sym) => set.has(sym, &world.names).into(),
        };
        let level = || match (rule.levels.is_empty(), self.eval().level(&ctx)) {
            (true, _) => Tri::True,
            (_, None) => Tri::Unknown(facts.level),
            (_, Some(level)) => rule
                .levels
                .contains(&[Level::First, Level::Second, Level::Third][usize::try_from(level - 1).unwrap_or(0)])
                .into(),
        };
        let scenario = rule
            .scenarios
            .iter()
            .fold(if rule.scenarios.is_empty() { Tri::True } else { Tri::False }, |found, scenario| {
                found.or(|| self.in_scenario(*scenario, visit))
            });
        scenario
            .and(level)
            .and(|| within(&rule.types, symbol(AT.medins_type, None), facts.types))
            .and(|| within(&rule.insurance, symbol(AT.insutype, Some(AT.person_insutype)), facts.insurance))
    }

    fn in_scenario(&self, scenario: Scenario, visit: u32) -> Tri {
        let visit = &self.person.visits[visit as usize];
        let facts = &self.active.facts;
        let flag =
            |field: u8, miss: Miss| self.world.flag(Of::Visit, field, visit.row).map_or(Tri::Unknown(miss), Tri::from);
        let kind = |kinds: &[VisitKind]| {
            if visit.kind == VisitKind::Unknown { Tri::Unknown(facts.kind) } else { kinds.contains(&visit.kind).into() }
        };
        match scenario {
            Scenario::Inpatient => kind(&[VisitKind::Inpatient]),
            Scenario::Outpatient => kind(&[VisitKind::Outpatient, VisitKind::Emergency]),
            Scenario::Pharmacy => kind(&[VisitKind::Pharmacy]),
            Scenario::Internet => flag(AT.internet_flag, facts.internet),
            Scenario::Elsewhere => flag(AT.out_setl_flag, facts.elsewhere),
        }
    }

    /// Whether the row is one for this record; a blank cell fits everything.
    fn matching(&self, ctx: &Ctx) -> Tri {
        let Some(row) = ctx.row else { return Tri::True };
        self.rule().matches.iter().fold(Tri::True, |found, (column, expr)| {
            found.and(|| {
                let value = self.eval().value(expr, ctx);
                use crate::knowledge::Cell;
                match (&row.cells[usize::from(*column)], value) {
                    (Cell::Blank, _) => Tri::True,
                    (_, V::Unknown(miss)) => Tri::Unknown(miss),
                    (Cell::Sym(cell), V::Sym(sym)) => (*cell == sym).into(),
                    (Cell::Codes(set, _), V::Sym(sym)) => set.has(sym, &self.world.names).into(),
                    (Cell::Num(cell), V::Num(number)) => (*cell == number).into(),
                    (Cell::Flag(cell), V::Flag(yes)) => (*cell == yes).into(),
                    (Cell::Day(cell), V::Day(day)) => (*cell == day).into(),
                    _ => Tri::False,
                }
            })
        })
    }

    /// Notes a record that could not be checked.
    pub fn missed(&mut self, of: Of, rec: u32, miss: Miss) {
        let fact = self.world.library().facts.name(miss);
        let visit = self.person.visit_of(of, rec);
        let id = self
            .person
            .visits
            .get(visit as usize)
            .map_or("", |visit| self.world.text(Of::Visit, AT.mdtrt_id, visit.row));
        self.out.coverage[self.number].missed(&fact, id);
    }

    pub fn checked(&mut self) {
        self.out.coverage[self.number].checked += 1;
    }
}
