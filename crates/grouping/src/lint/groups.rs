//! Groups: those no case can reach, those whose codes do not fit where they stand.

use std::collections::HashSet;

use super::contents::Contents;
use super::imply::{Hidden, implies, never};
use crate::compile::names_procedures;
use crate::condition::{CodeList, Condition, SetRef};
use crate::problem::Problem;
use crate::scheme::{Node, NodeStatus, Scheme, Select, WhenNoChild};

/// So many codes are named in a message; the rest is counted.
const NAMED_MAX: usize = 5;

pub(super) struct Groups<'a> {
    pub(super) scheme: &'a Scheme,
    pub(super) contents: &'a Contents<'a>,
    /// Codes of nodes below which combinations hide procedures, sorted.
    pub(super) scopes: Vec<&'a str>,
    pub(super) problems: &'a mut Vec<Problem>,
}

/// What is above a row of siblings.
#[derive(Clone, Copy)]
struct Above<'a> {
    place: &'a str,
    parent: Option<&'a Node>,
    level: usize,
    scope: Scope<'a>,
}

/// The nearest node above below which combinations hide procedures.
type Scope<'a> = Option<&'a str>;

impl<'a> Groups<'a> {
    pub(super) fn check(&mut self) {
        let scheme = self.scheme;
        self.siblings(&scheme.nodes, Above { place: "", parent: None, level: 0, scope: None });
    }

    fn warn(&mut self, place: &str, message: String) {
        self.problems.push(Problem::warning(place, message));
    }

    fn siblings(&mut self, nodes: &'a [Node], above: Above<'_>) {
        let Above { parent, level, scope, .. } = above;
        let select = self.scheme.levels.get(level).map_or(Select::First, |level| level.select);
        let mut ordered: Vec<&Node> = nodes.iter().collect();
        ordered.sort_by_key(|node| {
            let rank = if select == Select::First { None } else { Some(node.rank.unwrap_or(i64::MAX)) };
            (node.status.is_last(), rank, node.order)
        });
        let last_level = level + 1 == self.scheme.levels.len();
        let mut codes = HashSet::new();
        for (index, node) in ordered.iter().enumerate() {
            let place =
                if above.place.is_empty() { node.code.clone() } else { format!("{}/{}", above.place, node.code) };
            if !codes.insert(&node.code) && last_level {
                self.warn(&place, "stands twice below the same group".to_owned());
            }
            if !last_level && node.children.is_empty() && node.status == NodeStatus::Grouped {
                self.warn(&place, "has no groups below it and is itself the answer".to_owned());
            }
            if let Some(parent) = parent {
                self.check_prefix(nodes, node, parent, level, &place);
                self.check_diagnoses(node, parent, &place);
            }
            if never(&node.condition, self.contents) {
                self.warn(&place, format!("can never be reached: its rule never holds ({})", node.condition));
            } else if select != Select::Best
                && let Some(earlier) = ordered[..index].iter().find(|earlier| self.shadows(earlier, node, above))
            {
                self.warn(
                    &place,
                    format!("can never be reached: {} stands before it and takes all of its cases", earlier.code),
                );
            }
            let scope = self.below(node, scope);
            self.siblings(&node.children, Above { place: &place, parent: Some(node), level: level + 1, scope });
        }
    }

    /// Whether the earlier node takes every case of the later one and lets none go on.
    fn shadows(&self, earlier: &Node, later: &Node, above: Above<'_>) -> bool {
        let skipped = self.scheme.options.surgical_skips_medical.is_some() && !names_procedures(earlier);
        let hidden = if above.scope.is_none() { Hidden::Nothing } else { Hidden::Alike };
        !skipped
            && implies(&later.condition, &earlier.condition, hidden, self.contents)
            && self.keeps(earlier, above.level, above.scope)
    }

    /// Whether every case that enters the node, which stands on this level, gets its answer there.
    fn keeps(&self, node: &Node, level: usize, scope: Scope<'_>) -> bool {
        let below = self.below(node, scope);
        let hidden = match (scope, below) {
            (None, None) => Hidden::Nothing,
            (scope, below) if scope == below => Hidden::Alike,
            _ => Hidden::Apart,
        };
        let takes = |child: &Node| {
            !self.is_medical(child, level + 1) && implies(&node.condition, &child.condition, hidden, self.contents)
        };
        node.children.is_empty()
            || node.when_no_child != WhenNoChild::Continue
            || node.children.iter().any(|child| takes(child) && self.keeps(child, level + 1, below))
    }

    /// Whether surgical cases pass over the node.
    fn is_medical(&self, node: &Node, level: usize) -> bool {
        let skip = self.scheme.options.surgical_skips_medical.as_ref();
        let skipped = skip.zip(self.scheme.levels.get(level)).is_some_and(|(skip, own)| own.name == skip.level);
        skipped && !names_procedures(node)
    }

    /// The scope of the nodes below a node that itself stands in `scope`.
    fn below<'s>(&self, node: &'s Node, scope: Scope<'s>) -> Scope<'s> {
        if self.scopes.binary_search(&node.code.as_str()).is_ok() { Some(&node.code) } else { scope }
    }

    /// `BB11` belongs below `BB1`, and `BB1` below `MDCB`. Schemes whose codes are not made like
    /// that are left alone: some sibling must fit before another is called odd.
    fn check_prefix(&mut self, siblings: &[Node], node: &Node, parent: &Node, level: usize, place: &str) {
        let letter = parent.code.chars().last().filter(|letter| level == 1 && letter.is_alphabetic());
        let fits = |node: &Node| {
            node.code.len() > parent.code.len() && node.code.starts_with(&parent.code)
                || letter.is_some() && letter == node.code.chars().next()
        };
        let ordinary = node.status == NodeStatus::Grouped && parent.status == NodeStatus::Grouped;
        if ordinary && !fits(node) && siblings.iter().any(fits) {
            self.warn(place, format!("does not begin like {}, below which it stands", parent.code));
        }
    }

    /// Principal diagnoses that the group asks for but the group above does not let in.
    fn check_diagnoses(&mut self, node: &Node, parent: &Node, place: &str) {
        let (Some(own), Some(gate)) = (principal(&node.condition), principal(&parent.condition)) else { return };
        let (own, gate) = (self.contents.of(own), self.contents.of(gate));
        if own.is_empty() || own.has_ranges() || gate.has_ranges() {
            return;
        }
        let outside = own.apart_from(gate);
        if outside.is_empty() {
            return;
        }
        let named = outside.iter().take(NAMED_MAX).copied().collect::<Vec<_>>().join(", ");
        let more = if outside.len() > NAMED_MAX { ", …" } else { "" };
        let message = if outside.len() == own.len() {
            format!(
                "can never be reached: none of its {} principal diagnoses is let in by {} ({named}{more})",
                own.len(),
                parent.code
            )
        } else {
            format!(
                "{} of its {} principal diagnoses are not let in by {}: {named}{more}",
                outside.len(),
                own.len(),
                parent.code
            )
        };
        self.warn(place, message);
    }
}

/// The sets one of which must hold the principal diagnosis, if the condition says so.
fn principal(condition: &Condition) -> Option<&[SetRef]> {
    match condition {
        Condition::In { lists, sets } if *lists == [CodeList::PrincipalDiagnosis] => Some(sets),
        Condition::All(parts) => parts.iter().find_map(principal),
        _ => None,
    }
}
