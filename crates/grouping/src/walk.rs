//! The walk through the tree. Grouping and explaining are the same walk: an explanation is a
//! walk with a [`Watch`] that writes down what it sees, and that asks every sibling instead of
//! only those that the index announces.

use std::cmp::Reverse;

use crate::answer::{Answer, FieldSet, SeveritySet, Status};
use crate::case::Case;
use crate::grouper::{Children, Grouper, Posting};
use crate::scheme::{NodeStatus, Outcome, Retry, Select};
use crate::scratch::{Rival, Scratch};
use crate::test::{Lists, Test};

/// Siblings that an explanation asks one by one; among more of them it asks only those that the
/// index announces, as grouping does.
const ASKED_MAX: usize = 1000;

/// Who looks on while a case is grouped. Every method does nothing unless it is needed.
pub(crate) trait Watch {
    /// Ask every sibling, not only the announced ones.
    const ASKS_ALL: bool;
    /// A requirement is not met.
    fn required(&mut self, _requirement: usize, _fields: FieldSet) {}
    /// The principal diagnosis may not be one.
    fn not_principal(&mut self) {}
    /// A try with one procedure alone begins.
    fn retried(&mut self, _scratch: &Scratch) {}
    /// A node was asked.
    fn asked(&mut self, _node: u32, _held: bool, _case: &Case, _scratch: &mut Scratch) {}
    /// A node was passed over because the case is surgical.
    fn passed_over(&mut self, _node: u32) {}
    /// Siblings that held were put in order.
    fn compared(&mut self, _rivals: &[Rival]) {}
    /// Nothing below a node led to an answer, and the next sibling is asked.
    fn came_back(&mut self, _node: u32) {}
}

/// Nobody.
pub(crate) struct Unwatched;

impl Watch for Unwatched {
    const ASKS_ALL: bool = false;
}

/// Where the walk ended.
#[derive(Clone, Copy)]
struct Found {
    node: u32,
    group: u32,
}

impl Grouper {
    /// Groups a case. The same case always gets the same answer.
    pub fn group(&self, case: &Case, scratch: &mut Scratch) -> Answer {
        self.group_watched(case, scratch, &mut Unwatched)
    }

    pub(crate) fn group_watched<W: Watch>(&self, case: &Case, scratch: &mut Scratch, watch: &mut W) -> Answer {
        scratch.load(self, case);
        if let Some(refused) = self.required(case, scratch, watch) {
            return refused;
        }
        let severity = |grouper: &Grouper, scratch: &mut Scratch| SeveritySet(grouper.severity_of(case, scratch));
        if let Some(set) = self.not_principal {
            let set = self.numbers_of(set);
            if scratch.principal_numbers().iter().any(|number| set.contains(*number)) {
                watch.not_principal();
                let answer = self.without_group(Status::Ungroupable, false, FieldSet::default());
                return Answer { severity: severity(self, scratch), ..answer };
            }
        }
        let mut answer = self.run(case, scratch, watch);
        if answer.status == Status::Ungroupable && self.scheme.options.retry == Some(Retry::EachOtherProcedure) {
            for index in 1..scratch.procedures.own_count() {
                scratch.take_one_procedure(self, index);
                watch.retried(scratch);
                let again = self.run(case, scratch, watch);
                if again.status != Status::Ungroupable {
                    answer = again;
                    break;
                }
            }
        }
        Answer { severity: severity(self, scratch), ..answer }
    }

    fn required<W: Watch>(&self, case: &Case, scratch: &mut Scratch, watch: &mut W) -> Option<Answer> {
        let mut fields = FieldSet::default();
        let mut status = None;
        for (index, requirement) in self.requirements.iter().enumerate() {
            if !self.holds(&requirement.when, case, scratch) {
                continue;
            }
            let bits = |wanted: &dyn Fn(&crate::grouper::NeedField) -> bool| {
                requirement.fields.iter().filter(|(field, _)| wanted(field)).fold(0, |bits, (_, bit)| bits | 1 << bit)
            };
            let mut blamed = FieldSet(bits(&|field| !self.is_known(field, case, scratch)));
            if blamed.is_empty() && !self.holds(&requirement.check, case, scratch) {
                blamed = FieldSet(bits(&|_| true));
            }
            if blamed.is_empty() {
                continue;
            }
            watch.required(index, blamed);
            fields.0 |= blamed.0;
            let own = if requirement.outcome == Outcome::Invalid { Status::Invalid } else { Status::NeedsData };
            status = status.max(Some(own));
        }
        status.map(|status| self.without_group(status, false, fields))
    }

    fn run<W: Watch>(&self, case: &Case, scratch: &mut Scratch, watch: &mut W) -> Answer {
        let Some(found) = self.choose(&self.roots, case, scratch, watch) else {
            return self.without_group(Status::Ungroupable, scratch.was_inside, FieldSet::default());
        };
        let status = match self.status_of(found.node) {
            NodeStatus::Grouped => Status::Grouped,
            NodeStatus::Ambiguous => Status::Ambiguous,
            NodeStatus::Fallback => Status::Fallback,
            NodeStatus::Ungroupable => Status::Ungroupable,
        };
        let fields = FieldSet::default();
        Answer { status, fields, severity: SeveritySet::default(), node: Some(found.node), group: found.group }
    }

    /// The deepest status that is not ordinary decides.
    fn status_of(&self, node: u32) -> NodeStatus {
        let mut next = Some(node);
        while let Some(number) = next {
            let node = &self.nodes[number as usize];
            if node.status != NodeStatus::Grouped {
                return node.status;
            }
            next = node.parent;
        }
        NodeStatus::Grouped
    }

    fn choose<W: Watch>(&self, from: &Children, case: &Case, scratch: &mut Scratch, watch: &mut W) -> Option<Found> {
        if from.select == Select::Best {
            return self.choose_best(from, case, scratch, watch);
        }
        match from.indexed {
            Some(parent) if !W::ASKS_ALL || from.range.len() > ASKED_MAX => {
                let base = self.announced(from, parent, scratch);
                let mut found = None;
                while let Some(node) = next_announced(&self.index.positions, base, scratch) {
                    if self.asked(node, case, scratch, watch) {
                        found = self.enter(node, case, scratch, watch);
                    }
                    if found.is_some() {
                        break;
                    }
                }
                scratch.cursors.truncate(base);
                found
            }
            _ => from.range.clone().find_map(|node| {
                if self.asked(node, case, scratch, watch) { self.enter(node, case, scratch, watch) } else { None }
            }),
        }
    }

    fn asked<W: Watch>(&self, number: u32, case: &Case, scratch: &mut Scratch, watch: &mut W) -> bool {
        let node = &self.nodes[number as usize];
        if node.medical && scratch.surgical {
            watch.passed_over(number);
            return false;
        }
        scratch.scope = node.scope;
        let held = self.holds(&node.test, case, scratch);
        watch.asked(number, held, case, scratch);
        scratch.was_inside |= held && node.parent.is_none();
        held
    }

    fn enter<W: Watch>(&self, number: u32, case: &Case, scratch: &mut Scratch, watch: &mut W) -> Option<Found> {
        let node = &self.nodes[number as usize];
        if !node.children.range.is_empty()
            && let Some(found) = self.choose(&node.children, case, scratch, watch)
        {
            return Some(found);
        }
        match node.otherwise {
            Some(group) => Some(Found { node: number, group }),
            None => {
                watch.came_back(number);
                None
            }
        }
    }

    fn choose_best<W: Watch>(
        &self,
        from: &Children,
        case: &Case,
        scratch: &mut Scratch,
        watch: &mut W,
    ) -> Option<Found> {
        let base = scratch.rivals.len();
        match from.indexed {
            Some(parent) if !W::ASKS_ALL || from.range.len() > ASKED_MAX => {
                let cursors = self.announced(from, parent, scratch);
                while let Some(node) = next_announced(&self.index.positions, cursors, scratch) {
                    self.ask_rival(node, case, scratch, watch);
                }
                scratch.cursors.truncate(cursors);
            }
            _ => from.range.clone().for_each(|node| self.ask_rival(node, case, scratch, watch)),
        }
        scratch.rivals[base..].sort_unstable();
        watch.compared(&scratch.rivals[base..]);
        let mut found = None;
        for index in base..scratch.rivals.len() {
            found = self.enter(scratch.rivals[index].node, case, scratch, watch);
            if found.is_some() {
                break;
            }
        }
        scratch.rivals.truncate(base);
        found
    }

    fn ask_rival<W: Watch>(&self, number: u32, case: &Case, scratch: &mut Scratch, watch: &mut W) {
        if !self.asked(number, case, scratch, watch) {
            return;
        }
        let node = &self.nodes[number as usize];
        let (parts, procedures) = self.fit(&node.test, scratch);
        let distance = match (scratch.fee(), node.mean_fee) {
            (Some(fee), Some(mean)) => fee.abs_diff(mean),
            _ => u64::MAX,
        };
        let last = node.status.is_last();
        let rival = Rival { last, parts: Reverse(parts), procedures: Reverse(procedures), distance, node: number };
        scratch.rivals.push(rival);
    }

    /// All-of parts of a node's procedure cells, and how many of the case's procedures they name.
    pub(crate) fn fit(&self, test: &Test, scratch: &Scratch) -> (u32, u32) {
        match test {
            Test::All(parts) => {
                parts.iter().map(|part| self.fit(part, scratch)).fold((0, 0), |sum, own| (sum.0 + own.0, sum.1 + own.1))
            }
            Test::Procedures(parts) => {
                let (main, others) = scratch.listed(Lists { procedures: true, first: true, others: true });
                let named = |code: &usize| {
                    let numbers = scratch.procedures.of(*code..*code + 1);
                    parts.iter().any(|part| numbers.iter().any(|number| self.numbers_of(*part).contains(*number)))
                };
                (parts.len() as u32, main.chain(others).filter(named).count() as u32)
            }
            _ => (0, 0),
        }
    }

    /// Lays the stretches of the index that the case's codes announce on the stack of cursors;
    /// answers where they begin.
    fn announced(&self, from: &Children, parent: u32, scratch: &mut Scratch) -> usize {
        let Scratch { cursors, diagnoses, procedures, main, others, .. } = scratch;
        let base = cursors.len();
        if !from.always.is_empty() {
            cursors.push((from.always.start, from.always.end));
        }
        let mut lay = |postings: &[Posting]| {
            if let Some(posting) = postings.iter().find(|posting| posting.parent == parent) {
                cursors.push((posting.from, posting.to));
            }
        };
        let [by_principal, by_main, by_any] = from.announced_by;
        if by_principal {
            diagnoses.of(0..diagnoses.len().min(1)).iter().for_each(|number| lay(self.index.principal.of(*number)));
        }
        let main = main.map_or(0..0, |main| main..main + 1);
        if by_main {
            procedures.of(main.clone()).iter().for_each(|number| lay(self.index.main.of(*number)));
        }
        if by_any {
            procedures.of(main).iter().for_each(|number| lay(self.index.any_procedure.of(*number)));
            procedures.of(others.clone()).iter().for_each(|number| lay(self.index.any_procedure.of(*number)));
        }
        base
    }
}

/// The next node in ascending order among the cursors from `base` on, each node once.
fn next_announced(positions: &[u32], base: usize, scratch: &mut Scratch) -> Option<u32> {
    let cursors = &mut scratch.cursors[base..];
    let mut least = u32::MAX;
    for (at, end) in cursors.iter() {
        if at < end {
            least = least.min(positions[*at as usize]);
        }
    }
    if least == u32::MAX {
        return None;
    }
    for (at, end) in cursors.iter_mut() {
        if *at < *end && positions[*at as usize] == least {
            *at += 1;
        }
    }
    Some(least)
}
