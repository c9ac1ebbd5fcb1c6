//! 邻组: where else a stay could have gone, by which change, and what it would be paid there. It is
//! shown to explain a group and to find slips of coding, never to choose a code by its price.

use std::collections::BTreeMap;

use grouping::{Answer, Case, Condition, Node, Scratch, Status};
use payment::{PaymentFile, Priced};

use crate::http::{Asked, GroupedAs};
use crate::shelf::Installed;

/// What would have to be otherwise.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Change {
    /// Another diagnosis as the principal one.
    Principal(String),
    /// Without a diagnosis.
    WithoutDiagnosis(String),
    /// Another procedure as the main one.
    MainProcedure(String),
    /// Without a procedure.
    WithoutProcedure(String),
}

/// 邻组.
#[derive(Debug, Clone)]
pub struct Neighbour {
    /// 分组状态 that leads there.
    pub status: Status,
    /// 组号.
    pub group: String,
    /// 组名.
    pub name: String,
    /// The group's own rule, as the scheme writes it.
    pub rule: String,
    /// Changes of this case any one of which leads there; none for a sibling in the tree that no
    /// single change reaches.
    pub by: Vec<Change>,
    /// Its price there, or why there is none; nothing without a plan.
    pub price: Option<Result<Priced, (String, String)>>,
}

/// How a stay was grouped and priced.
#[derive(Debug, Clone)]
pub struct Standing {
    /// 分组结果.
    pub answer: Answer,
    /// 辅助目录 that the case meets.
    pub auxiliary: Vec<String>,
    /// Its price, or why there is none (code and words); nothing without a plan.
    pub price: Option<Result<Priced, (String, String)>>,
}

/// Groups a stay and prices it.
#[must_use]
pub fn stand(installed: &Installed, plan: Option<&PaymentFile>, asked: &Asked, scratch: &mut Scratch) -> Standing {
    let grouper = &installed.grouper;
    let answer = grouper.group(&asked.case, scratch);
    let auxiliary: Vec<String> =
        grouper.auxiliary(&asked.case, scratch, &answer).into_iter().map(|row| row.id.clone()).collect();
    let group = grouper.groups(&answer).group;
    let facts = GroupedAs { installed, status: answer.status, group, auxiliary: &auxiliary };
    Standing { price: plan.map(|plan| price(asked, &facts, plan)), answer, auxiliary }
}

/// Prices a stay as if it had been grouped so.
fn price(asked: &Asked, facts: &GroupedAs<'_>, plan: &PaymentFile) -> Result<Priced, (String, String)> {
    let case = asked.to_price(facts, plan).map_err(|missing| ("missing_fact".to_owned(), missing))?;
    plan.price(&case).map_err(|refusal| (refusal.code().to_owned(), refusal.to_string()))
}

/// The groups around a stay: those that one change of its codes leads to, in order of the changes,
/// then the groups beside its own in the tree.
#[must_use]
pub fn around(installed: &Installed, plan: Option<&PaymentFile>, asked: &Asked, standing: &Standing) -> Vec<Neighbour> {
    let grouper = &installed.grouper;
    let own = grouper.groups(&standing.answer).group.to_owned();
    let mut scratch = Scratch::default();
    let mut found: Vec<(Answer, Vec<Change>)> = Vec::new();
    let mut at: BTreeMap<String, usize> = BTreeMap::new();
    for (change, case) in changes(&asked.case) {
        let answer = grouper.group(&case, &mut scratch);
        let group = grouper.groups(&answer).group;
        if group == own {
            continue;
        }
        match at.get(group) {
            Some(place) => found[*place].1.push(change),
            None => {
                at.insert(group.to_owned(), found.len());
                found.push((answer, vec![change]));
            }
        }
    }
    let neighbour = |status: Status, group: &str, name: &str, rule: String, by: Vec<Change>| {
        let facts = GroupedAs { installed, status, group, auxiliary: &standing.auxiliary };
        let price = plan.map(|plan| price(asked, &facts, plan));
        Neighbour { status, group: group.to_owned(), name: name.to_owned(), rule, by, price }
    };
    let mut around: Vec<Neighbour> = found
        .into_iter()
        .map(|(answer, by)| {
            let groups = grouper.groups(&answer);
            let rule = node_at(grouper, &answer).map_or_else(String::new, |(_, node)| rule_of(node));
            neighbour(answer.status, groups.group, groups.name, rule, by)
        })
        .collect();
    let siblings = node_at(grouper, &standing.answer).map_or(&[][..], |(siblings, _)| siblings);
    for node in
        siblings.iter().filter(|node| node.children.is_empty() && node.code != own && !at.contains_key(&node.code))
    {
        around.push(neighbour(Status::Grouped, &node.code, &node.name, rule_of(node), Vec::new()));
    }
    around
}

/// A node's rule as the scheme writes it; empty where every case that comes there may enter.
fn rule_of(node: &Node) -> String {
    if node.condition == Condition::Always(true) { String::new() } else { node.condition.to_string() }
}

/// Every change of one code, with the case changed so.
fn changes(case: &Case) -> Vec<(Change, Case)> {
    let mut found = Vec::new();
    for (nth, code) in case.diagnoses.iter().enumerate().skip(1) {
        let mut diagnoses = case.diagnoses.clone();
        diagnoses[..=nth].rotate_right(1);
        found.push((Change::Principal(code.clone()), Case { diagnoses, ..case.clone() }));
    }
    for (nth, code) in case.diagnoses.iter().enumerate().skip(1) {
        let mut diagnoses = case.diagnoses.clone();
        diagnoses.remove(nth);
        found.push((Change::WithoutDiagnosis(code.clone()), Case { diagnoses, ..case.clone() }));
    }
    for (nth, code) in case.procedures.iter().enumerate().skip(1) {
        let mut procedures = case.procedures.clone();
        procedures[..=nth].rotate_right(1);
        found.push((Change::MainProcedure(code.clone()), Case { procedures, ..case.clone() }));
    }
    for (nth, code) in case.procedures.iter().enumerate() {
        let mut procedures = case.procedures.clone();
        procedures.remove(nth);
        found.push((Change::WithoutProcedure(code.clone()), Case { procedures, ..case.clone() }));
    }
    found
}

/// The node at which an answer ended, and the nodes among which it stands.
fn node_at<'a>(grouper: &'a grouping::Grouper, answer: &Answer) -> Option<(&'a [Node], &'a Node)> {
    let mut level = grouper.scheme().nodes.as_slice();
    let mut found = None;
    for (_, code, _) in grouper.path(answer) {
        let node = level.iter().find(|node| node.code == code)?;
        found = Some((level, node));
        level = &node.children;
    }
    found
}
