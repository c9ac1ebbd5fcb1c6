//! Whether a test holds for a loaded case.

use crate::case::Case;
use crate::condition::Measure;
use crate::grouper::{Grouper, NeedField, SeverityEntry};
use crate::scratch::Scratch;
use crate::test::{Lists, Resolved, Test};

/// Tags of one case counted without allocating; more distinct tags than this are not told apart.
const TAGS_MAX: usize = 64;

/// Categories of one set whose highest weights are added.
pub(crate) const CATEGORIES_MAX: usize = 64;

impl Grouper {
    pub(crate) fn holds(&self, test: &Test, case: &Case, scratch: &mut Scratch) -> bool {
        match test {
            Test::Always(holds) => *holds,
            Test::All(parts) => parts.iter().all(|part| self.holds(part, case, scratch)),
            Test::Any(parts) => parts.iter().any(|part| self.holds(part, case, scratch)),
            Test::Not(inner) => !self.holds(inner, case, scratch),
            Test::In { lists, sets } => sets.iter().any(|set| match set {
                Resolved::Set(set) => self.any_in(*lists, *set, scratch),
                Resolved::Severity(class) => self.severity_of(case, scratch) >> class & 1 == 1,
            }),
            Test::InExcept { lists, sets, except } => sets.iter().any(|set| match set {
                Resolved::Set(set) => self.any_in_except(*lists, *set, except, scratch),
                Resolved::Severity(class) => self.complication_except(*class, except, case, scratch),
            }),
            Test::Measured { measure, set, lists, comparison, value } => {
                comparison.holds(self.measured(*measure, *set, *lists, case, scratch), *value)
            }
            Test::Compare { slot, comparison, value } => {
                scratch.number(*slot).is_some_and(|number| comparison.holds(number, *value))
            }
            Test::Is { field, values } => {
                case.code(field).is_some_and(|code| values.iter().any(|value| **value == *code))
            }
            Test::KnownNumber(slot) => scratch.number(*slot).is_some(),
            Test::KnownCode(field) => case.code(field).is_some(),
            Test::Procedures(parts) => {
                let any = Lists { procedures: true, first: true, others: true };
                parts.iter().all(|part| self.any_in(any, *part, scratch))
            }
        }
    }

    fn any_in(&self, lists: Lists, set: u32, scratch: &Scratch) -> bool {
        let set = self.numbers_of(set);
        let entered = scratch.entered(lists.procedures);
        let (first, others) = scratch.listed(lists);
        if lists.procedures && scratch.hides() {
            let inside = |code: usize| entered.of(code..code + 1).iter().any(|number| set.contains(*number));
            return first.chain(others).any(|code| !scratch.is_hidden(code) && inside(code));
        }
        let within = |codes| entered.of(codes).iter().any(|number| set.contains(*number));
        within(first) || within(others)
    }

    fn any_in_except(&self, lists: Lists, set: u32, except: &[u32], scratch: &Scratch) -> bool {
        let entered = scratch.entered(lists.procedures);
        let (first, others) = scratch.listed(lists);
        let inside = |set: u32, code: usize| {
            entered.of(code..code + 1).iter().any(|number| self.numbers_of(set).contains(*number))
        };
        first.chain(others).any(|code| {
            !(lists.procedures && scratch.is_hidden(code))
                && inside(set, code)
                && !except.iter().any(|set| inside(*set, code))
        })
    }

    /// Whether some other diagnosis outside the exceptions counts as a complication of the class.
    fn complication_except(&self, class: u8, except: &[u32], case: &Case, scratch: &mut Scratch) -> bool {
        if self.severity_of(case, scratch) >> class & 1 == 0 {
            return false;
        }
        let principal = scratch.principal();
        (1..scratch.diagnoses.len()).any(|code| {
            let numbers = scratch.diagnoses.of(code..code + 1);
            let within = |set: &u32| numbers.iter().any(|number| self.numbers_of(*set).contains(*number));
            if except.iter().any(within) {
                return false;
            }
            let entries = self.severity.entries.of(scratch.diagnoses.own(code));
            entries.iter().any(|entry| entry.class == class && self.counts(*entry, principal, case, scratch))
        })
    }

    /// What a count comes to.
    pub(crate) fn measured(
        &self,
        measure: Measure,
        set: Option<u32>,
        lists: Lists,
        case: &Case,
        scratch: &Scratch,
    ) -> u32 {
        let (first, others) = scratch.listed(lists);
        match (measure, set) {
            (_, None) => {
                let own = scratch.entered(lists.procedures).own_count();
                (first.len() + others.end.min(own).saturating_sub(others.start)) as u32
            }
            (Measure::Entered | Measure::Outside, Some(set)) => {
                let set = self.numbers_of(set);
                let entered = scratch.entered(lists.procedures);
                let inside = |code: usize| entered.of(code..code + 1).iter().any(|number| set.contains(*number));
                let counted = |code: &usize| match measure {
                    Measure::Entered => inside(*code),
                    _ => *code < entered.own_count() && !inside(*code),
                };
                first.chain(others).filter(counted).count() as u32
            }
            (Measure::SumOfTags, Some(set)) => {
                let mut sum = 0_u32;
                self.each_tag(set, lists, scratch, |tag| {
                    sum = sum.saturating_add(self.tags[tag as usize].value.unwrap_or(0));
                });
                sum
            }
            (Measure::SumOfHighest, Some(set)) => {
                let mut highest = [(0_u16, 0_u32); CATEGORIES_MAX];
                let mut count = 0;
                self.each_tag(set, lists, scratch, |tag| {
                    let Some((category, weight)) = self.tags[tag as usize].weighed else { return };
                    match highest[..count].iter_mut().find(|(known, _)| *known == category) {
                        Some((_, known)) => *known = weight.max(*known),
                        None => {
                            highest[count] = (category, weight);
                            count += 1;
                        }
                    }
                });
                highest[..count].iter().fold(0, |sum, (_, weight)| sum.saturating_add(*weight))
            }
            (Measure::Codes, Some(set)) => self.distinct_codes(set, lists, case, scratch),
            (Measure::Tags, Some(set)) => {
                let mut seen = [0_u16; TAGS_MAX];
                let mut count = 0;
                self.each_tag(set, lists, scratch, |tag| {
                    if !seen[..count].contains(&tag) && count < TAGS_MAX {
                        seen[count] = tag;
                        count += 1;
                    }
                });
                count as u32
            }
            (Measure::HighestTag, Some(set)) => {
                let mut highest = 0;
                self.each_tag(set, lists, scratch, |tag| {
                    highest = highest.max(self.tags[tag as usize].value.unwrap_or(0));
                });
                highest
            }
        }
    }

    fn each_tag(&self, set: u32, lists: Lists, scratch: &Scratch, mut tell: impl FnMut(u16)) {
        let set = &self.sets[set as usize];
        let (first, others) = scratch.listed(lists);
        let entered = scratch.entered(lists.procedures);
        for number in entered.of(first).iter().chain(entered.of(others)) {
            set.tags_of(*number).for_each(&mut tell);
        }
    }

    /// A code of the case, or one that a combination made.
    pub(crate) fn code_text<'t>(&'t self, texts: &'t [String], origin: u32) -> &'t str {
        let origin = origin as usize;
        texts.get(origin).map_or_else(|| self.combinations.code(origin - texts.len()), String::as_str)
    }

    fn distinct_codes(&self, set: u32, lists: Lists, case: &Case, scratch: &Scratch) -> u32 {
        let set = self.numbers_of(set);
        let entered = scratch.entered(lists.procedures);
        let texts = if lists.procedures { &case.procedures } else { &case.diagnoses };
        let text = |code: usize| self.code_text(texts, entered.origin[code]);
        let (first, others) = scratch.listed(lists);
        let inside = |code: &usize| entered.of(*code..*code + 1).iter().any(|number| set.contains(*number));
        let codes = || first.clone().chain(others.clone()).filter(inside);
        codes()
            .filter(|code| !codes().take_while(|earlier| earlier < code).any(|earlier| text(earlier) == text(*code)))
            .count() as u32
    }

    /// Severity classes among the other diagnoses, after exclusion; worked out once a case.
    pub(crate) fn severity_of(&self, case: &Case, scratch: &mut Scratch) -> u32 {
        if let Some(known) = scratch.severity {
            return known;
        }
        let mut classes = 0;
        if !self.scheme.severity_codes.is_empty() {
            let principal = scratch.principal();
            for code in 1..scratch.diagnoses.len() {
                for entry in self.severity.entries.of(scratch.diagnoses.own(code)) {
                    if classes >> entry.class & 1 == 0 && self.counts(*entry, principal, case, scratch) {
                        classes |= 1 << entry.class;
                    }
                }
            }
        }
        scratch.severity = Some(classes);
        classes
    }

    fn counts(&self, entry: SeverityEntry, principal: u32, case: &Case, scratch: &mut Scratch) -> bool {
        if self.excludes(entry, principal) {
            return false;
        }
        let Some(condition) = entry.condition else { return true };
        let scope = std::mem::take(&mut scratch.scope);
        let holds = self.holds(&self.severity.conditions[condition as usize], case, scratch);
        scratch.scope = scope;
        holds
    }

    /// Whether the principal diagnosis takes the complication away.
    pub(crate) fn excludes(&self, entry: SeverityEntry, principal: u32) -> bool {
        entry.table.is_some_and(|table| self.severity.tables.of(principal).binary_search(&table).is_ok())
    }

    pub(crate) fn is_known(&self, field: &NeedField, case: &Case, scratch: &Scratch) -> bool {
        let first = |codes: &[String]| codes.first().is_some_and(|code| !code.trim().is_empty());
        match field {
            NeedField::Number(slot) => scratch.number(*slot).is_some(),
            NeedField::Code(field) => case.code(field).is_some(),
            NeedField::FirstDiagnosis => first(&case.diagnoses),
            NeedField::FirstProcedure => first(&case.procedures),
        }
    }
}
