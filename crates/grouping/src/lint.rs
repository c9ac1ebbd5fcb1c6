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
mod groups;
mod imply;

use std::collections::{HashMap, HashSet};

use crate::condition::{Condition, SetRef};
use crate::problem::Problem;
use crate::scheme::{Auxiliary, CodeSet, Node, Scheme};

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
        let used = used_sets(self);
        for set in &self.sets {
            codes::check_set(set, used.contains(set.name.as_str()), catalogue, &mut problems);
        }
        codes::check_severity(self, catalogue, &mut problems);
        let sets: HashMap<&str, &CodeSet> = self.sets.iter().map(|set| (set.name.as_str(), set)).collect();
        groups::Groups { scheme: self, sets: &sets, problems: &mut problems }.check();
        check_auxiliary(self, &sets, &mut problems);
        problems
    }
}

/// Auxiliary rows that no case meets, that every case meets, or that hold with another level of
/// their dimension.
fn check_auxiliary(scheme: &Scheme, sets: &HashMap<&str, &CodeSet>, problems: &mut Vec<Problem>) {
    let shared = |one: &Auxiliary, other: &Auxiliary| {
        one.groups.is_empty() || other.groups.is_empty() || one.groups.iter().any(|group| other.groups.contains(group))
    };
    for (index, row) in scheme.auxiliary.iter().enumerate() {
        let mut warn = |message| problems.push(Problem::warning(format!("auxiliary {}", row.id), message));
        if imply::never(&row.condition, sets) {
            warn(format!("is never met: its rule never holds ({})", row.condition));
            continue;
        }
        if imply::implies(&Condition::Always(true), &row.condition, sets) {
            warn("is met by every case; a factor of all cases belongs into the group's own score".to_owned());
            continue;
        }
        let alike = scheme.auxiliary.iter().enumerate().find(|(at, other)| {
            *at != index
                && other.dimension() == row.dimension()
                && shared(row, other)
                && !imply::never(&other.condition, sets)
                && imply::implies(&row.condition, &other.condition, sets)
        });
        if let Some((_, other)) = alike {
            warn(format!(
                "whoever meets it also meets {} of the same dimension; a price takes the larger factor, a calculation counts one",
                other.id
            ));
        }
    }
}

/// Names of sets that some condition or option names.
fn used_sets(scheme: &Scheme) -> HashSet<&str> {
    fn of_condition<'a>(condition: &'a Condition, used: &mut HashSet<&'a str>) {
        let mut note = |set: &'a SetRef| {
            if let SetRef::Named { name, .. } = set {
                used.insert(name);
            }
        };
        match condition {
            Condition::All(parts) | Condition::Any(parts) => parts.iter().for_each(|part| of_condition(part, used)),
            Condition::Not(inner) => of_condition(inner, used),
            Condition::In { sets, .. } => sets.iter().for_each(note),
            Condition::InExcept { sets, except, .. } => sets.iter().chain(except).for_each(note),
            Condition::Measured { set: Some(set), .. } => note(set),
            _ => {}
        }
    }
    fn of_nodes<'a>(nodes: &'a [Node], used: &mut HashSet<&'a str>) {
        for node in nodes {
            of_condition(&node.condition, used);
            of_nodes(&node.children, used);
        }
    }
    let mut used = HashSet::new();
    of_nodes(&scheme.nodes, &mut used);
    for row in &scheme.auxiliary {
        of_condition(&row.condition, &mut used);
    }
    for requirement in &scheme.requirements {
        of_condition(&requirement.when, &mut used);
        of_condition(&requirement.check, &mut used);
    }
    for condition in scheme.severity_codes.iter().filter_map(|code| code.only_if.as_ref()) {
        of_condition(condition, &mut used);
    }
    let options = &scheme.options;
    used.extend(options.not_principal.as_deref());
    used.extend(options.ignored_procedures.as_deref());
    used.extend(options.surgical_skips_medical.as_ref().map(|skip| skip.set.as_str()));
    used
}
