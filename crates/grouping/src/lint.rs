//! 方案检查. Looks through a scheme for what is allowed but probably wrong.
//!
//! What is decided: sets that are empty, unused, or list a code twice; codes that are not plain
//! text or not in a catalogue; exclusion tables without principal diagnoses; groups that can never
//! be reached because their rule is constantly false, asks for a diagnosis that the group above
//! does not let in, or implies the rule of an earlier group that keeps every case it gets;
//! groups with a code that does not begin like the group above.
//!
//! What is not decided: whether several earlier groups *together* take every case of a later one,
//! and whether an earlier group on a higher level does. Such groups are not named, though no case
//! may ever reach them. Cycles cannot occur in a tree; folders that rest on each other in a
//! circle are refused by whoever opens them.

mod codes;
mod contents;
mod groups;
mod imply;

use std::collections::HashSet;

use contents::Contents;
use imply::Hidden;

use crate::condition::{Condition, SetRef};
use crate::problem::Problem;
use crate::scheme::{Auxiliary, Node, Scheme};

/// 编码目录. The codes that exist, for checking a scheme against them.
#[derive(Debug, Clone, Default)]
pub struct Catalogue {
    /// Diagnoses; empty: they are not checked.
    pub diagnoses: HashSet<String>,
    /// Procedures; empty: they are not checked.
    pub procedures: HashSet<String>,
}

impl Scheme {
    /// Looks for what is probably wrong. Everything found is a warning; what keeps a scheme from
    /// being used is found by [`crate::Grouper::compile`].
    #[must_use]
    pub fn lint(&self, catalogue: &Catalogue) -> Vec<Problem> {
        let mut problems = Vec::new();
        let lists = named_lists(self);
        let used = used_sets(self, &lists);
        for set in &self.sets {
            codes::check_set(set, used.contains(set.name.as_str()), catalogue, &mut problems);
        }
        codes::check_severity(self, catalogue, &mut problems);
        let contents = Contents::new(&self.sets, &lists);
        let scopes = crate::combine::scopes(self);
        groups::Groups { scheme: self, contents: &contents, scopes, problems: &mut problems }.check();
        check_auxiliary(self, &contents, &mut problems);
        problems
    }
}

/// Auxiliary rows that no case meets, that every case meets, or that hold with another level of
/// their dimension.
fn check_auxiliary(scheme: &Scheme, contents: &Contents<'_>, problems: &mut Vec<Problem>) {
    let shared = |one: &Auxiliary, other: &Auxiliary| {
        one.groups.is_empty() || other.groups.is_empty() || one.groups.iter().any(|group| other.groups.contains(group))
    };
    // Once a case has its group, nothing is hidden from it any more.
    let implies = |one: &Condition, other: &Condition| imply::implies(one, other, Hidden::Nothing, contents);
    for (index, row) in scheme.auxiliary.iter().enumerate() {
        let mut warn = |message| problems.push(Problem::warning(format!("auxiliary {}", row.id), message));
        if imply::never(&row.condition, contents) {
            warn(format!("is never met: its rule never holds ({})", row.condition));
            continue;
        }
        if implies(&Condition::Always(true), &row.condition) {
            warn("is met by every case; a factor of all cases belongs into the group's own score".to_owned());
            continue;
        }
        let alike = scheme.auxiliary.iter().enumerate().find(|(at, other)| {
            *at != index
                && other.dimension() == row.dimension()
                && shared(row, other)
                && !imply::never(&other.condition, contents)
                && implies(&row.condition, &other.condition)
        });
        if let Some((_, other)) = alike {
            warn(format!(
                "whoever meets it also meets {} of the same dimension; a price takes the larger factor, a calculation counts one",
                other.id
            ));
        }
    }
}

/// The lists of sets that conditions name, as they stand there.
fn named_lists(scheme: &Scheme) -> Vec<&[SetRef]> {
    fn of_condition<'a>(condition: &'a Condition, lists: &mut Vec<&'a [SetRef]>) {
        match condition {
            Condition::All(parts) | Condition::Any(parts) => parts.iter().for_each(|part| of_condition(part, lists)),
            Condition::Not(inner) => of_condition(inner, lists),
            Condition::In { sets, .. } => lists.push(sets),
            Condition::InExcept { sets, except, .. } => lists.extend([&sets[..], except]),
            Condition::Measured { set: Some(set), .. } => lists.push(std::slice::from_ref(set)),
            _ => {}
        }
    }
    fn of_nodes<'a>(nodes: &'a [Node], lists: &mut Vec<&'a [SetRef]>) {
        for node in nodes {
            of_condition(&node.condition, lists);
            of_nodes(&node.children, lists);
        }
    }
    let mut lists = Vec::new();
    of_nodes(&scheme.nodes, &mut lists);
    let rows = scheme.auxiliary.iter().map(|row| &row.condition);
    let required = scheme.requirements.iter().flat_map(|requirement| [&requirement.when, &requirement.check]);
    let severity = scheme.severity_codes.iter().filter_map(|code| code.only_if.as_ref());
    rows.chain(required).chain(severity).for_each(|condition| of_condition(condition, &mut lists));
    lists
}

/// Names of sets that some condition or option names.
fn used_sets<'a>(scheme: &'a Scheme, lists: &[&'a [SetRef]]) -> HashSet<&'a str> {
    let name = |set: &'a SetRef| match set {
        SetRef::Named { name, .. } => Some(name.as_str()),
        SetRef::Here { .. } => None,
    };
    let mut used: HashSet<&str> = lists.iter().flat_map(|list| *list).filter_map(name).collect();
    let options = &scheme.options;
    used.extend(options.not_principal.as_deref());
    used.extend(options.ignored_procedures.as_deref());
    used.extend(options.surgical_skips_medical.as_ref().map(|skip| skip.set.as_str()));
    used
}
