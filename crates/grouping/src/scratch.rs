//! A case in numbers. One scratch serves any number of cases one after another, so that
//! grouping a case allocates nothing.

use std::ops::Range;

use crate::case::{Case, Sex};
use crate::codes::{Codes, UNKNOWN};
use crate::grouper::Grouper;
use crate::test::{CodeSlot, Lists, slot};

/// Working memory of [`Grouper::group`]. Keep one a thread and hand it in again and again.
#[derive(Debug, Clone, Default)]
pub struct Scratch {
    pub(crate) diagnoses: Entered,
    pub(crate) procedures: Entered,
    /// The main procedure, as an index into `procedures`.
    pub(crate) main: Option<usize>,
    /// The other procedures.
    pub(crate) others: Range<usize>,
    numbers: Vec<i64>,
    /// Combinations that the case's procedures may make: (combination, part).
    parts: Vec<(u32, u32)>,
    /// Of each procedure: the scopes in which a combination hides it. Empty: nothing is hidden.
    hidden: Vec<u64>,
    /// The scope of the node that is being asked.
    pub(crate) scope: u64,
    /// Severity classes after exclusion, once they have been asked for.
    pub(crate) severity: Option<u32>,
    pub(crate) surgical: bool,
    /// Some node of the first level held.
    pub(crate) was_inside: bool,
    /// Stretches of the index that are being walked, innermost last.
    pub(crate) cursors: Vec<(u32, u32)>,
    /// Siblings that hold and are being compared, innermost last.
    pub(crate) rivals: Vec<Rival>,
}

/// A sibling that holds, under `best`. Smaller is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Rival {
    pub(crate) last: u8,
    pub(crate) parts: std::cmp::Reverse<u32>,
    pub(crate) procedures: std::cmp::Reverse<u32>,
    /// Distance of the fee, in 分; the greatest number when either is unknown.
    pub(crate) distance: u64,
    pub(crate) node: u32,
}

/// The codes of a case, as numbers.
#[derive(Debug, Clone, Default)]
pub(crate) struct Entered {
    /// The numbers of all codes: of each its own first, then its beginnings'.
    numbers: Vec<u32>,
    /// Where each code's numbers end; only kept when there are beginnings.
    ends: Vec<u32>,
    /// Index of each code in the case.
    pub(crate) origin: Vec<u32>,
    one_each: bool,
    /// Codes that combinations made; they stand last.
    made: usize,
}

/// What stands for an unknown number.
const NO_NUMBER: i64 = i64::MIN;
/// Quantities have four decimals.
const ONE: i64 = 10_000;
/// 分 in the unit of a quantity of 元.
const FEN: i64 = 100;

impl Entered {
    fn begin(&mut self, codes: &Codes) {
        self.numbers.clear();
        self.ends.clear();
        self.origin.clear();
        self.made = 0;
        self.one_each = !codes.has_beginnings();
    }

    fn push(&mut self, codes: &Codes, text: &str, origin: usize) {
        if self.one_each {
            self.numbers.push(codes.exact(text));
        } else {
            codes.look_up(text, &mut self.numbers);
            self.ends.push(self.numbers.len() as u32);
        }
        self.origin.push(origin as u32);
    }

    fn pop(&mut self) {
        self.ends.pop();
        self.origin.pop();
        let end = self.ends.last().map_or(0, |end| *end as usize);
        self.numbers.truncate(if self.one_each { self.origin.len() } else { end });
    }

    /// How many codes.
    pub(crate) fn len(&self) -> usize {
        self.origin.len()
    }

    /// How many codes the case itself has.
    pub(crate) fn own_count(&self) -> usize {
        self.origin.len() - self.made
    }

    /// Adds a code that was not entered but made.
    fn make(&mut self, number: u32, origin: usize) {
        self.numbers.push(number);
        if !self.one_each {
            self.ends.push(self.numbers.len() as u32);
        }
        self.origin.push(origin as u32);
        self.made += 1;
    }

    /// All numbers of the codes in a stretch.
    pub(crate) fn of(&self, codes: Range<usize>) -> &[u32] {
        if self.one_each {
            return &self.numbers[codes];
        }
        let end = |index: usize| if index == 0 { 0 } else { self.ends[index - 1] as usize };
        &self.numbers[end(codes.start)..end(codes.end)]
    }

    /// A code's own number.
    pub(crate) fn own(&self, code: usize) -> u32 {
        self.of(code..code + 1).first().copied().unwrap_or(UNKNOWN)
    }
}

impl Scratch {
    /// An empty one.
    #[must_use]
    pub fn new() -> Scratch {
        Scratch::default()
    }

    pub(crate) fn load(&mut self, grouper: &Grouper, case: &Case) {
        self.diagnoses.begin(&grouper.diagnoses);
        for (index, code) in case.diagnoses.iter().enumerate() {
            self.diagnoses.push(&grouper.diagnoses, code, index);
        }
        self.procedures.begin(&grouper.procedures);
        for (index, code) in case.procedures.iter().enumerate() {
            self.procedures.push(&grouper.procedures, code, index);
            if let Some(ignored) = grouper.ignored_procedures {
                let last = self.procedures.len() - 1;
                let ignored = grouper.numbers_of(ignored);
                if self.procedures.of(last..last + 1).iter().any(|number| ignored.contains(*number)) {
                    self.procedures.pop();
                }
            }
        }
        self.hidden.clear();
        self.scope = 0;
        if !grouper.combinations.is_empty() {
            self.combine(grouper, case);
        }
        self.load_numbers(grouper, case);
        self.severity = None;
        self.cursors.clear();
        self.rivals.clear();
        self.take_all_procedures(grouper);
    }

    /// Adds the codes of combinations whose every part was done, and hides their members.
    fn combine(&mut self, grouper: &Grouper, case: &Case) {
        let combinations = &grouper.combinations;
        let Scratch { parts, hidden, procedures, .. } = self;
        let own = procedures.len();
        parts.clear();
        for code in 0..own {
            parts.extend_from_slice(combinations.parts_with(procedures.own(code)));
        }
        parts.sort_unstable();
        parts.dedup();
        combinations.keep_complete(parts);
        for one in parts.chunk_by(|one, next| one.0 == next.0) {
            let combination = one[0].0;
            procedures.make(combinations.number(combination), case.procedures.len() + combination as usize);
        }
        if parts.is_empty() {
            return;
        }
        for code in 0..own {
            let done = combinations.parts_with(procedures.own(code)).iter();
            let done = done.filter(|member| parts.binary_search(member).is_ok());
            hidden.push(done.fold(0, |scopes, (combination, _)| scopes | combinations.hides(*combination)));
        }
    }

    /// Whether some procedure is hidden where the walk stands.
    pub(crate) fn hides(&self) -> bool {
        self.scope != 0 && !self.hidden.is_empty()
    }

    /// Whether a procedure is hidden where the walk stands.
    pub(crate) fn is_hidden(&self, code: usize) -> bool {
        self.hidden.get(code).is_some_and(|scopes| scopes & self.scope != 0)
    }

    /// The number of the principal diagnosis.
    pub(crate) fn principal(&self) -> u32 {
        if self.diagnoses.len() > 0 { self.diagnoses.own(0) } else { UNKNOWN }
    }

    fn load_numbers(&mut self, grouper: &Grouper, case: &Case) {
        let whole = |value: Option<u32>| value.map_or(NO_NUMBER, |value| i64::from(value) * ONE);
        let sex = case.sex.map(|sex| if sex == Sex::Male { 1 } else { 2 });
        let grown = grouper.scheme.options.age_days_only_under_one && case.age.is_some_and(|age| age >= 1);
        self.numbers.clear();
        self.numbers.extend([
            whole(case.age),
            whole(sex),
            whole(if grown { None } else { case.age_days }),
            whole(case.weight.filter(|weight| *weight > 0)),
            whole(case.days),
            case.icu_hours.map_or(NO_NUMBER, |hours| hours.0),
            case.fee.map_or(NO_NUMBER, |fee| fee.0.saturating_mul(FEN)),
        ]);
        for name in &grouper.number_fields {
            let found = case.other_numbers.iter().find(|(own, _)| own == name);
            self.numbers.push(found.map_or(NO_NUMBER, |(_, number)| number.0));
        }
    }

    /// The ordinary view: the first procedure is the main one.
    pub(crate) fn take_all_procedures(&mut self, grouper: &Grouper) {
        let count = self.procedures.len();
        self.main = if count > 0 { Some(0) } else { None };
        self.others = count.min(1)..count;
        self.begin_run(grouper);
    }

    /// One procedure alone, as the main one.
    pub(crate) fn take_one_procedure(&mut self, grouper: &Grouper, index: usize) {
        self.main = Some(index);
        self.others = 0..0;
        self.begin_run(grouper);
    }

    fn begin_run(&mut self, grouper: &Grouper) {
        self.was_inside = false;
        self.surgical = grouper.surgical.is_some_and(|set| {
            let set = grouper.numbers_of(set);
            self.main_numbers().iter().any(|number| set.contains(*number))
        });
    }

    pub(crate) fn main_numbers(&self) -> &[u32] {
        self.main.map_or(&[], |main| self.procedures.of(main..main + 1))
    }

    pub(crate) fn principal_numbers(&self) -> &[u32] {
        self.diagnoses.of(0..self.diagnoses.len().min(1))
    }

    /// The codes of some lists: those of the first, those of the others.
    pub(crate) fn listed(&self, lists: Lists) -> (Range<usize>, Range<usize>) {
        let (first, others) = if lists.procedures {
            (self.main.map_or(0..0, |main| main..main + 1), self.others.clone())
        } else {
            let count = self.diagnoses.len();
            (0..count.min(1), count.min(1)..count)
        };
        (if lists.first { first } else { 0..0 }, if lists.others { others } else { 0..0 })
    }

    pub(crate) fn entered(&self, procedures: bool) -> &Entered {
        if procedures { &self.procedures } else { &self.diagnoses }
    }

    pub(crate) fn number(&self, slot: u8) -> Option<i64> {
        self.numbers.get(slot as usize).copied().filter(|number| *number != NO_NUMBER)
    }

    /// The case's fee in 分.
    pub(crate) fn fee(&self) -> Option<i64> {
        self.number(slot::FEE).map(|fee| fee / FEN)
    }
}

impl Case {
    /// A coded field; blank is unknown.
    pub(crate) fn code(&self, field: &CodeSlot) -> Option<&str> {
        let code = match field {
            CodeSlot::LeavingType => self.leaving_type.as_deref(),
            CodeSlot::Department => self.department.as_deref(),
            CodeSlot::Other(name) => {
                self.other_codes.iter().find(|(own, _)| **own == **name).map(|(_, code)| code.as_str())
            }
        };
        code.filter(|code| !code.trim().is_empty())
    }
}
