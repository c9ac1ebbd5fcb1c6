//! The doors: one history, columns of many persons, a whole population.

use crate::columns::{Columns, ColumnsError};
use crate::day;
use crate::engine::{Active, Conclude, Gathered, Kernel, Out, Parents, Person, Rows, World, by_article};
use crate::finding::Screened;
use crate::layout::Layout;
use crate::library::Screener;
use crate::options::Options;
use encounter::{History, Stock, Table};
use std::ops::Range;
use std::sync::Arc;

impl Screener {
    /// 单人审核: one person's history. Rules that need more than one person come out as skipped.
    #[must_use]
    pub fn screen(&self, history: &History, options: &Options) -> Screened {
        self.screen_within(history, options, &mut || true)
    }

    /// The same within a budget: `go_on` is asked before each rule (the caller reads the clock);
    /// once it says no, the rules left come out as skipped, out of time.
    #[must_use]
    pub fn screen_within(&self, history: &History, options: &Options, go_on: &mut dyn FnMut() -> bool) -> Screened {
        let histories = [history];
        let layout = Layout::new(&histories, &self.library.inner().facts);
        // What we lay out ourselves fits.
        self.run(&layout.columns(), options, go_on).unwrap_or_default()
    }

    /// 批量审核: many persons as columns; the union of what each alone would give. The caller
    /// divides work by person, for threads and for memory.
    ///
    /// # Errors
    /// [`ColumnsError`] when the columns do not fit together.
    pub fn screen_columns(&self, columns: &Columns, options: &Options) -> Result<Screened, ColumnsError> {
        self.run(columns, options, &mut || true)
    }

    fn run(
        &self,
        columns: &Columns,
        options: &Options,
        go_on: &mut dyn FnMut() -> bool,
    ) -> Result<Screened, ColumnsError> {
        let world = World::new(self, columns)?;
        let active = Active::new(&world, options, false);
        let mut out = Out { findings: Vec::new(), coverage: active.coverage() };
        let (mut person, mut hits) = (new_person(options), Vec::new());
        each_person(columns, &mut |rows, parents| {
            person.fill(&world, rows, parents, until(options));
            let begin = out.findings.len();
            let mut kernel =
                Kernel { world: &world, person: &person, active: &active, options, out: &mut out, number: 0 };
            kernel.run(&mut hits, go_on);
            // Two rows that say the same of the same lines are one finding.
            out.findings[begin..].sort_by(|a, b| {
                (&a.rule, &a.version, &a.key, &a.row.as_ref().map(|row| row.line)).cmp(&(
                    &b.rule,
                    &b.version,
                    &b.key,
                    &b.row.as_ref().map(|row| row.line),
                ))
            });
            let tail: Vec<_> = out.findings.drain(begin..).collect();
            for finding in tail {
                let repeats =
                    out.findings.len() > begin && out.findings.last().is_some_and(|last| last.key == finding.key);
                if !repeats {
                    out.findings.push(finding);
                }
            }
        })?;
        let mut screened = Screened { findings: out.findings, coverage: out.coverage };
        screened.sort();
        Ok(screened)
    }

    /// Begins to gather what rules over many persons need.
    #[must_use]
    pub fn tally(&self, options: &Options) -> Tally {
        Tally { screener: self.clone(), options: options.clone(), gathered: Gathered::default(), covered: None }
    }
}

fn new_person(options: &Options) -> Person {
    Person { known_since: options.known_since.map(day::of_date), ..Person::default() }
}

fn until(options: &Options) -> i64 {
    options.as_of.map_or(i64::MAX, day::of_time)
}

/// 总体审核: gathers, part by part, what `collision`, `balance` and `peer_stat` need, and concludes.
#[derive(Debug)]
pub struct Tally {
    screener: Screener,
    options: Options,
    gathered: Gathered,
    covered: Option<Screened>,
}

impl Tally {
    /// Adds a person.
    pub fn add(&mut self, history: &History) {
        let histories = [history];
        let screener = self.screener.clone();
        let layout = Layout::new(&histories, &screener.library.inner().facts);
        let _fits = self.add_columns(&layout.columns());
    }

    /// Adds many persons.
    ///
    /// # Errors
    /// [`ColumnsError`] when the columns do not fit together.
    pub fn add_columns(&mut self, columns: &Columns) -> Result<(), ColumnsError> {
        let screener = self.screener.clone();
        let world = World::new(&screener, columns)?;
        let active = Active::new(&world, &self.options, true);
        let mut out = Out { findings: Vec::new(), coverage: active.coverage() };
        let mut person = new_person(&self.options);
        let (options, gathered) = (&self.options, &mut self.gathered);
        each_person(columns, &mut |rows, parents| {
            person.fill(&world, rows, parents, until(options));
            let mut kernel =
                Kernel { world: &world, person: &person, active: &active, options, out: &mut out, number: 0 };
            kernel.contribute(gathered);
        })?;
        let part = Screened { findings: Vec::new(), coverage: out.coverage };
        match &mut self.covered {
            Some(covered) => covered.merge(part),
            None => self.covered = Some(part),
        }
        Ok(())
    }

    /// Joins what another thread gathered.
    pub fn merge(&mut self, other: Tally) {
        self.gathered.merge(other.gathered);
        match (&mut self.covered, other.covered) {
            (Some(covered), Some(part)) => covered.merge(part),
            (mine @ None, part) => *mine = part,
            (Some(_), None) => {}
        }
    }

    /// What the whole shows. Coverage is of the population rules; the others stand as they do for a
    /// run that left them out.
    #[must_use]
    pub fn finish(self, stock: &[Stock]) -> Screened {
        let mut conclude =
            Conclude { screener: &self.screener, moves: by_article(stock), findings: Vec::new(), missed: Vec::new() };
        conclude.all(&self.gathered);
        let (findings, missed) = (conclude.findings, conclude.missed);
        let mut screened = self.covered.unwrap_or_default();
        for (number, fact) in missed {
            if let Some(coverage) = screened.coverage.get_mut(number) {
                coverage.missed(&Arc::from(fact), "");
            }
        }
        screened.findings = findings;
        screened.sort();
        screened
    }
}

/// Walks the persons with their rows in every sheet.
fn each_person(columns: &Columns, see: &mut dyn FnMut(&Rows, &Parents)) -> Result<(), ColumnsError> {
    let parents =
        Parents { diags: columns.diagnoses.parents, procs: columns.procedures.parents, lines: columns.lines.parents };
    let persons = columns.persons.rows;
    let visits = columns.visits.parents;
    let order = |table: Table, row: usize, parent: u32| ColumnsError::Order { table, row, parent };
    let mut next = [0_usize; 4];
    for person in 0..u32::try_from(persons).unwrap_or(u32::MAX) {
        let begin = next[0];
        while next[0] < visits.len() && visits[next[0]] == person {
            next[0] += 1;
        }
        let mine = index(begin)..index(next[0]);
        let mut take = |at: usize, table: Table, of: &[u32]| -> Result<Range<u32>, ColumnsError> {
            let begin = next[at];
            while let Some(parent) = of.get(next[at]) {
                if !mine.contains(parent) {
                    if (*parent as usize) >= visits.len() || *parent < mine.end {
                        return Err(order(table, next[at], *parent));
                    }
                    break;
                }
                next[at] += 1;
            }
            Ok(index(begin)..index(next[at]))
        };
        let diags = take(1, Table::Diagnosis, parents.diags)?;
        let procs = take(2, Table::Procedure, parents.procs)?;
        let lines = take(3, Table::Line, parents.lines)?;
        see(&Rows { person, visits: mine, diags, procs, lines }, &parents);
    }
    let ends = [
        (Table::Encounter, visits),
        (Table::Diagnosis, parents.diags),
        (Table::Procedure, parents.procs),
        (Table::Line, parents.lines),
    ];
    for ((table, of), done) in ends.into_iter().zip(next) {
        if let Some(parent) = of.get(done) {
            return Err(order(table, done, *parent));
        }
    }
    Ok(())
}

fn index(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX)
}
