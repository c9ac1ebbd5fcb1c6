//! Finds, for each node, the codes that announce its children: a child whose condition cannot
//! hold unless the principal diagnosis (the main procedure, some procedure) is in a set is only
//! asked about cases that have such a code.

use std::collections::BTreeMap;

use crate::condition::{Comparison, Measure};
use crate::grouper::{Children, Grouper, Index, Posting, Spread};
use crate::test::{Lists, Resolved, Test};

/// Fewer children than this are simply asked one after another.
const CHILDREN_MIN: u32 = 4;

/// Which code list announces.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum By {
    Principal,
    Main,
    AnyProcedure,
}

/// Codes without one of which a condition cannot hold.
type Anchor = Vec<(By, u32)>;

pub(super) fn build(grouper: &mut Grouper) {
    let mut index = Index::default();
    let mut postings: [Vec<(u32, Posting)>; 3] = Default::default();
    let mut all: Vec<Children> =
        std::iter::once(grouper.roots.clone()).chain(grouper.nodes.iter().map(|node| node.children.clone())).collect();
    for (parent, children) in all.iter_mut().enumerate() {
        if children.range.len() as u32 >= CHILDREN_MIN {
            let parent = parent as u32;
            let before = postings.each_ref().map(Vec::len);
            children.always = announce(grouper, children, parent, &mut index.positions, &mut postings);
            children.announced_by = std::array::from_fn(|by| postings[by].len() > before[by]);
            children.indexed = Some(parent);
        }
    }
    let [principal, main, any] = postings;
    index.principal = Spread::new(principal, grouper.diagnoses.count());
    index.main = Spread::new(main, grouper.procedures.count());
    index.any_procedure = Spread::new(any, grouper.procedures.count());
    grouper.index = index;
    let mut all = all.into_iter();
    grouper.roots = all.next().unwrap_or_default();
    for (node, children) in grouper.nodes.iter_mut().zip(all) {
        node.children = children;
    }
}

/// Writes the postings of one parent's children; answers the stretch of those always asked.
fn announce(
    grouper: &Grouper,
    children: &Children,
    parent: u32,
    positions: &mut Vec<u32>,
    postings: &mut [Vec<(u32, Posting)>; 3],
) -> std::ops::Range<u32> {
    let mut always = Vec::new();
    let mut by_code: BTreeMap<(By, u32), Vec<u32>> = BTreeMap::new();
    for child in children.range.clone() {
        match anchor(&grouper.nodes[child as usize].test, grouper) {
            None => always.push(child),
            Some(anchor) => {
                for key in anchor {
                    let list = by_code.entry(key).or_default();
                    if list.last() != Some(&child) {
                        list.push(child);
                    }
                }
            }
        }
    }
    for ((by, code), list) in by_code {
        let from = positions.len() as u32;
        positions.extend(list);
        let posting = Posting { parent, from, to: positions.len() as u32 };
        postings[by as usize].push((code, posting));
    }
    let from = positions.len() as u32;
    positions.extend(always);
    from..positions.len() as u32
}

fn anchor(test: &Test, grouper: &Grouper) -> Option<Anchor> {
    match test {
        Test::Always(false) => Some(Vec::new()),
        Test::All(parts) => parts.iter().filter_map(|part| anchor(part, grouper)).min_by_key(cost),
        Test::Any(parts) => {
            let anchors: Option<Vec<Anchor>> = parts.iter().map(|part| anchor(part, grouper)).collect();
            anchors.map(|anchors| anchors.concat())
        }
        Test::In { lists, sets } | Test::InExcept { lists, sets, .. } => {
            let mut codes = Anchor::new();
            for set in sets {
                let Resolved::Set(set) = set else { return None };
                codes.extend(of_set(*lists, *set, grouper)?);
            }
            Some(codes)
        }
        Test::Measured { measure, set: Some(set), lists, comparison, value } => {
            let some = match comparison {
                Comparison::GreaterOrEqual | Comparison::Equal => *value >= 1,
                Comparison::Greater => true,
                _ => false,
            };
            if some && *measure != Measure::Outside { of_set(*lists, *set, grouper) } else { None }
        }
        Test::Procedures(parts) => {
            let any = Lists { procedures: true, first: true, others: true };
            parts.iter().filter_map(|part| of_set(any, *part, grouper)).min_by_key(cost)
        }
        _ => None,
    }
}

fn of_set(lists: Lists, set: u32, grouper: &Grouper) -> Option<Anchor> {
    let by = match (lists.procedures, lists.others) {
        (false, false) => By::Principal,
        (false, true) => return None,
        (true, false) => By::Main,
        (true, true) => By::AnyProcedure,
    };
    Some(grouper.numbers_of(set).as_slice().iter().map(|code| (by, *code)).collect())
}

/// A short list is better; a list looked up once a case is better than one for each procedure.
#[allow(clippy::ptr_arg, reason = "passed as a function of &Anchor")]
fn cost(anchor: &Anchor) -> (bool, usize) {
    (anchor.iter().any(|(by, _)| *by == By::AnyProcedure), anchor.len())
}
