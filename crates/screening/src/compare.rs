//! 比对: what one library finds that another does not, before it is put in force.

use crate::Severity;
use crate::finding::Finding;
use crate::reconcile::{Identity, identity};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use terms::Fen;

/// 变化: the same lines under the same rule, another amount or severity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Changed {
    /// In force.
    pub before: Finding,
    /// In the shadow.
    pub after: Finding,
}

/// 一条规则的变化.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleChange {
    /// Found by both alike.
    pub same: u64,
    /// 新增.
    pub new: u64,
    /// 新增金额.
    pub new_amount: Fen,
    /// 消失.
    pub gone: u64,
    /// 消失金额.
    pub gone_amount: Fen,
    /// 变化.
    pub changed: u64,
    /// What the changed ones come to more, or less.
    pub changed_amount: Fen,
    /// Findings that became 明确违规, new ones included: what would block from now on.
    pub blocking_more: u64,
}

/// 比对结果, each list by rule and key.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Comparison {
    /// Only the shadow finds them.
    pub new: Vec<Finding>,
    /// Only what is in force finds them.
    pub gone: Vec<Finding>,
    /// Both do, differently.
    pub changed: Vec<Changed>,
    /// Every rule that found anything, by id.
    pub rules: BTreeMap<String, RuleChange>,
}

/// Compares what a shadow library found with what the one in force found on the same claims.
#[must_use]
pub fn compare(in_force: impl IntoIterator<Item = Finding>, shadow: impl IntoIterator<Item = Finding>) -> Comparison {
    let mut before: BTreeMap<Identity, Finding> = BTreeMap::new();
    for finding in in_force {
        keep(&mut before, finding);
    }
    let mut after: BTreeMap<Identity, Finding> = BTreeMap::new();
    for finding in shadow {
        keep(&mut after, finding);
    }
    let mut comparison = Comparison::default();
    for (identity, finding) in after {
        let rule = comparison.rules.entry(finding.rule.to_string()).or_default();
        match before.remove(&identity) {
            None => {
                rule.new += 1;
                rule.new_amount += finding.amount;
                rule.blocking_more += u64::from(finding.severity == Severity(1));
                comparison.new.push(finding);
            }
            Some(old) if old.amount == finding.amount && old.severity == finding.severity => rule.same += 1,
            Some(old) => {
                rule.changed += 1;
                rule.changed_amount += finding.amount - old.amount;
                rule.blocking_more += u64::from(finding.severity == Severity(1) && old.severity != Severity(1));
                comparison.changed.push(Changed { before: old, after: finding });
            }
        }
    }
    for finding in before.into_values() {
        let rule = comparison.rules.entry(finding.rule.to_string()).or_default();
        rule.gone += 1;
        rule.gone_amount += finding.amount;
        comparison.gone.push(finding);
    }
    comparison
}

/// Of two findings of one identity (two versions of a rule in one library) the dearer stands.
fn keep(known: &mut BTreeMap<Identity, Finding>, finding: Finding) {
    let identity = identity(&finding);
    match known.get(&identity) {
        Some(other) if (other.amount, &other.key) >= (finding.amount, &finding.key) => {}
        _ => {
            known.insert(identity, finding);
        }
    }
}
