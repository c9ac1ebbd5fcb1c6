//! 影响测算: which cases of a file another scheme sends elsewhere, and what weight that means.

use std::collections::{BTreeMap, HashMap};

use grouping::{Answer, Case, Grouper, Scratch, Status};
use terms::Exact;

use crate::files::Table;
use crate::report::Findings;

/// 权重表. Weight (or score) by group.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Weights(HashMap<String, Exact>);

/// A weight table that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ImpactError(String);

impl Weights {
    /// Reads a weight table: CSV with the columns `group` and `weight`. Of a group with several
    /// rows (by date) the last one counts.
    ///
    /// # Errors
    /// A missing column, or a weight that is not a number.
    pub fn parse(name: &str, text: &str) -> Result<Weights, ImpactError> {
        let mut findings = Findings::default();
        let table = Table::comma(name, text, &mut findings);
        table.require(&["group", "weight"], &mut findings);
        let mut weights = HashMap::new();
        for row in table.rows() {
            let (group, weight) = (row.get("group"), row.get("weight"));
            match weight.parse() {
                Ok(weight) => {
                    weights.insert(group.to_owned(), weight);
                }
                Err(_) => findings.problem(row.place(group), format!("the weight “{weight}” is not a number")),
            }
        }
        match findings.problems.first() {
            None => Ok(Weights(weights)),
            Some(first) => Err(ImpactError(first.to_string())),
        }
    }

    /// A group's weight.
    #[must_use]
    pub fn of(&self, group: &str) -> Option<Exact> {
        self.0.get(group).copied()
    }
}

/// Where one case went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moved {
    /// Status and group before.
    pub from: (Status, String),
    /// Status and group after.
    pub to: (Status, String),
    /// Its weight before, if the group has one.
    pub weight_before: Option<Exact>,
    /// Its weight after, if the group has one.
    pub weight_after: Option<Exact>,
}

/// All cases that went from one group to one other.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Move {
    /// How many.
    pub cases: u64,
    /// Weight gained (lost, when negative), over the cases that have a weight on both sides.
    pub gain: Exact,
    /// Cases without a weight on one side or both.
    pub unweighed: u64,
}

/// The sum over a case file.
#[derive(Debug, Clone, Default)]
pub struct Impact {
    /// Cases grouped.
    pub cases: u64,
    /// Cases whose status or group differ.
    pub moved: u64,
    /// Cases with a weight on both sides, moved or not.
    pub weighed: u64,
    /// Their weight before.
    pub weight_before: Exact,
    /// Their weight after.
    pub weight_after: Exact,
    /// What moved, by (group before, group after).
    pub moves: BTreeMap<(String, String), Move>,
}

/// Two groupers with their weights, case after case.
pub struct Comparison<'a> {
    before: (&'a Grouper, &'a Weights),
    after: (&'a Grouper, &'a Weights),
    scratch: (Scratch, Scratch),
    /// What was found so far.
    pub impact: Impact,
}

impl<'a> Comparison<'a> {
    /// Nothing compared yet.
    #[must_use]
    pub fn new(before: (&'a Grouper, &'a Weights), after: (&'a Grouper, &'a Weights)) -> Comparison<'a> {
        Comparison { before, after, scratch: (Scratch::default(), Scratch::default()), impact: Impact::default() }
    }

    /// Groups a case by both; where it went, if it moved or its weight changed.
    pub fn add(&mut self, case: &Case) -> Option<Moved> {
        let from = landed(self.before.0, &self.before.0.group(case, &mut self.scratch.0));
        let to = landed(self.after.0, &self.after.0.group(case, &mut self.scratch.1));
        let (weight_before, weight_after) = (self.before.1.of(&from.1), self.after.1.of(&to.1));
        let impact = &mut self.impact;
        impact.cases += 1;
        if let (Some(before), Some(after)) = (weight_before, weight_after) {
            impact.weighed += 1;
            impact.weight_before = impact.weight_before + before;
            impact.weight_after = impact.weight_after + after;
        }
        if from == to && weight_before == weight_after {
            return None;
        }
        if from != to {
            impact.moved += 1;
            let total = impact.moves.entry((from.1.clone(), to.1.clone())).or_default();
            total.cases += 1;
            match (weight_before, weight_after) {
                (Some(before), Some(after)) => total.gain = total.gain + after - before,
                _ => total.unweighed += 1,
            }
        }
        Some(Moved { from, to, weight_before, weight_after })
    }
}

fn landed(grouper: &Grouper, answer: &Answer) -> (Status, String) {
    (answer.status, grouper.groups(answer).group.to_owned())
}
