//! 方案比较: what differs between two schemes, in words; and which cases move.

mod impact;
mod lists;

use std::collections::{BTreeMap, BTreeSet};

use grouping::{NewbornWeight, Node, NodeStatus, Scheme, WhenNoChild};

pub use impact::{Comparison, Impact, ImpactError, Move, Moved, Weights};

/// What a [`Change`] is about, in the order in which changes are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// Id, version, title, dates, code systems.
    Head,
    /// Options, required fields, codes of cases without a group.
    Conduct,
    /// A group.
    Group,
    /// A code set.
    Set,
    /// 并发症与排除表.
    Severity,
    /// 辅助目录.
    Auxiliary,
}

/// One thing that differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// What it is about.
    pub subject: Subject,
    /// Where: a group's path, a set's name.
    pub place: String,
    /// 中文.
    pub chinese: String,
    /// English.
    pub english: String,
}

/// Everything that differs between `before` and `after`.
#[must_use]
pub fn differences(before: &Scheme, after: &Scheme) -> Vec<Change> {
    let mut changes = Changes::default();
    head(before, after, &mut changes);
    conduct(before, after, &mut changes);
    groups(before, after, &mut changes);
    lists::sets(before, after, &mut changes);
    lists::combinations(before, after, &mut changes);
    lists::severity(before, after, &mut changes);
    lists::exclusions(before, after, &mut changes);
    lists::auxiliary(before, after, &mut changes);
    changes.0
}

#[derive(Default)]
struct Changes(Vec<Change>);

impl Changes {
    fn add(&mut self, subject: Subject, place: &str, chinese: String, english: String) {
        self.0.push(Change { subject, place: place.to_owned(), chinese, english });
    }

    /// Tells of a value that is no longer the same.
    fn value(&mut self, subject: Subject, place: &str, what: (&str, &str), before: &str, after: &str) {
        if before != after {
            let chinese = format!("{}：由“{before}”改为“{after}”", what.0);
            let english = format!("{}: was “{before}”, is “{after}”", what.1);
            self.add(subject, place, chinese, english);
        }
    }
}

fn head(before: &Scheme, after: &Scheme, changes: &mut Changes) {
    let date = |date: &Option<terms::Date>| date.map_or(String::new(), |date| date.to_string());
    let texts = [
        (("方案", "id"), before.id.clone(), after.id.clone()),
        (("版本", "version"), before.version.clone(), after.version.clone()),
        (("名称", "title"), before.title.clone(), after.title.clone()),
        (("来源", "source"), before.source.clone(), after.source.clone()),
        (("启用日期", "valid from"), date(&before.valid_from), date(&after.valid_from)),
        (("停用日期", "valid until"), date(&before.valid_until), date(&after.valid_until)),
        (
            ("诊断编码版本", "code system of diagnoses"),
            before.code_systems.diagnoses.clone(),
            after.code_systems.diagnoses.clone(),
        ),
        (
            ("手术编码版本", "code system of procedures"),
            before.code_systems.procedures.clone(),
            after.code_systems.procedures.clone(),
        ),
    ];
    for (what, before, after) in texts {
        changes.value(Subject::Head, "", what, &before, &after);
    }
}

fn conduct(before: &Scheme, after: &Scheme, changes: &mut Changes) {
    let skip =
        |scheme: &Scheme| scheme.options.surgical_skips_medical.as_ref().map_or(String::new(), |skip| skip.set.clone());
    let name = |name: &Option<String>| name.clone().unwrap_or_default();
    let yes = |on: bool| if on { "yes" } else { "no" }.to_owned();
    let weight = |weight: NewbornWeight| match weight {
        NewbornWeight::Admission => "admission".to_owned(),
        NewbornWeight::Birth => "birth".to_owned(),
    };
    let (old, new) = (&before.options, &after.options);
    let values = [
        (("手术病例不入内科组", "surgical cases pass over medical groups"), skip(before), skip(after)),
        (
            ("不得作为主要诊断", "diagnoses that cannot be principal"),
            name(&old.not_principal),
            name(&new.not_principal),
        ),
        (
            ("不参与分组的手术操作", "procedures that are dropped"),
            name(&old.ignored_procedures),
            name(&new.ignored_procedures),
        ),
        (
            ("以其他手术重新分组", "a second try with each other procedure"),
            yes(old.retry.is_some()),
            yes(new.retry.is_some()),
        ),
        (
            ("一岁以上不看天龄", "age in days only under one year"),
            yes(old.age_days_only_under_one),
            yes(new.age_days_only_under_one),
        ),
        (("新生儿体重", "weight of a newborn"), weight(old.newborn_weight), weight(new.newborn_weight)),
        (
            ("未入组编码", "codes of a case without a group"),
            before.ungroupable.codes.join(" "),
            after.ungroupable.codes.join(" "),
        ),
    ];
    for (what, before, after) in values {
        changes.value(Subject::Conduct, "", what, &before, &after);
    }
    let rules = |scheme: &Scheme| -> BTreeSet<String> {
        let rules = scheme.requirements.iter();
        rules.map(|rule| format!("{} if {}: {}", rule.fields.join(" "), rule.when, rule.check)).collect()
    };
    let (old, new) = (rules(before), rules(after));
    for gone in old.difference(&new) {
        changes.add(Subject::Conduct, "", format!("不再必填：{gone}"), format!("no longer required: {gone}"));
    }
    for come in new.difference(&old) {
        changes.add(Subject::Conduct, "", format!("新增必填：{come}"), format!("newly required: {come}"));
    }
}

/// A node with where it stands.
struct Standing<'a> {
    node: &'a Node,
    level: usize,
    parent: String,
}

fn outline(scheme: &Scheme) -> BTreeMap<String, Standing<'_>> {
    fn walk<'a>(nodes: &'a [Node], level: usize, parent: &str, into: &mut BTreeMap<String, Standing<'a>>) {
        for node in nodes {
            let path = if parent.is_empty() { node.code.clone() } else { format!("{parent}/{}", node.code) };
            walk(&node.children, level + 1, &path, into);
            into.insert(path, Standing { node, level, parent: parent.to_owned() });
        }
    }
    let mut out = BTreeMap::new();
    walk(&scheme.nodes, 0, "", &mut out);
    out
}

fn groups(before: &Scheme, after: &Scheme, changes: &mut Changes) {
    let (old, new) = (outline(before), outline(after));
    let only = |one: &BTreeMap<String, Standing>, other: &BTreeMap<String, Standing>| -> Vec<String> {
        // Below a group that is only in one there is nothing to tell on its own.
        let mine = |path: &str| one.contains_key(path) && !other.contains_key(path);
        one.iter().filter(|(path, at)| mine(path) && !mine(&at.parent)).map(|(path, _)| path.clone()).collect()
    };
    let (gone, mut come) = (only(&old, &new), only(&new, &old));
    for path in gone {
        let at = &old[&path];
        let same = |other: &String| new[other].level == at.level && new[other].node.code == at.node.code;
        if let Some(index) = come.iter().position(same) {
            let there = come.remove(index);
            changes.add(Subject::Group, &path, format!("移到 {there}"), format!("moved to {there}"));
            compare(&path, at.node, new[&there].node, changes);
        } else {
            let below = leaves(at.node);
            let (name, rule) = (&at.node.name, &at.node.condition);
            changes.add(
                Subject::Group,
                &path,
                format!("取消（{name}；规则 {rule}；其下 {below} 个病组）"),
                format!("removed ({name}; rule {rule}; {below} groups)"),
            );
        }
    }
    for path in come {
        let at = &new[&path];
        let below = leaves(at.node);
        let (name, rule) = (&at.node.name, &at.node.condition);
        changes.add(
            Subject::Group,
            &path,
            format!("新增（{name}；规则 {rule}；其下 {below} 个病组）"),
            format!("added ({name}; rule {rule}; {below} groups)"),
        );
    }
    for (path, at) in &old {
        if let Some(there) = new.get(path) {
            compare(path, at.node, there.node, changes);
            reordered(path, &at.node.children, &there.node.children, changes);
        }
    }
    reordered("", &before.nodes, &after.nodes, changes);
}

fn leaves(node: &Node) -> usize {
    if node.children.is_empty() { 1 } else { node.children.iter().map(leaves).sum() }
}

fn compare(path: &str, before: &Node, after: &Node, changes: &mut Changes) {
    let shown = |number: Option<i64>| number.map_or(String::new(), |number| number.to_string());
    let fee = |node: &Node| node.mean_fee.map_or(String::new(), |fee| fee.to_string());
    let values = [
        (("名称", "name"), before.name.clone(), after.name.clone()),
        (("规则", "rule"), before.condition.to_string(), after.condition.to_string()),
        (("优先级", "rank"), shown(before.rank), shown(after.rank)),
        (("次均费用", "mean fee"), fee(before), fee(after)),
        (("性质", "nature"), status(before.status).to_owned(), status(after.status).to_owned()),
        (("无下级符合时", "when no group below fits"), otherwise(before), otherwise(after)),
    ];
    for (what, before, after) in values {
        changes.value(Subject::Group, path, what, &before, &after);
    }
}

fn status(status: NodeStatus) -> &'static str {
    match status {
        NodeStatus::Grouped => "grouped",
        NodeStatus::Ambiguous => "ambiguous",
        NodeStatus::Fallback => "fallback",
        NodeStatus::Ungroupable => "ungroupable",
    }
}

fn otherwise(node: &Node) -> String {
    match &node.when_no_child {
        _ if node.children.is_empty() => String::new(),
        WhenNoChild::Continue => "continue".to_owned(),
        WhenNoChild::Itself => node.code.clone(),
        WhenNoChild::Code(code) => code.clone(),
    }
}

/// Tells which of the siblings that are in both are asked later or earlier than before.
fn reordered(parent: &str, before: &[Node], after: &[Node], changes: &mut Changes) {
    let asked = |nodes: &[Node], other: &[Node]| -> Vec<String> {
        let mut common: Vec<&Node> = nodes.iter().filter(|n| other.iter().any(|o| o.code == n.code)).collect();
        common.sort_by_key(|node| (matches!(node.status, NodeStatus::Fallback | NodeStatus::Ungroupable), node.order));
        common.into_iter().map(|node| node.code.clone()).collect()
    };
    let (old, new) = (asked(before, after), asked(after, before));
    if old == new {
        return;
    }
    let place: BTreeMap<&str, usize> = new.iter().enumerate().map(|(at, code)| (code.as_str(), at)).collect();
    let kept = longest_rise(&old.iter().map(|code| place[code.as_str()]).collect::<Vec<_>>());
    for (at, code) in old.iter().enumerate().filter(|(at, _)| !kept.contains(at)) {
        let was = at.checked_sub(1).map_or("", |at| old[at].as_str());
        let is = place[code.as_str()].checked_sub(1).map_or("", |at| new[at].as_str());
        let path = if parent.is_empty() { code.clone() } else { format!("{parent}/{code}") };
        let zh = |after: &str| if after.is_empty() { "最先".to_owned() } else { format!("{after} 之后") };
        let en = |after: &str| if after.is_empty() { "first".to_owned() } else { format!("after {after}") };
        let chinese = format!("顺序：由{}改为{}", zh(was), zh(is));
        changes.add(Subject::Group, &path, chinese, format!("order: was asked {}, is asked {}", en(was), en(is)));
    }
}

/// The indices of a longest rising run of `values` (not necessarily side by side).
fn longest_rise(values: &[usize]) -> BTreeSet<usize> {
    let mut best: Vec<(usize, Option<usize>)> = Vec::with_capacity(values.len());
    for (at, value) in values.iter().enumerate() {
        let before = (0..at).filter(|before| values[*before] < *value).max_by_key(|before| best[*before].0);
        best.push((before.map_or(1, |before| best[before].0 + 1), before));
    }
    let mut next = (0..values.len()).max_by_key(|at| best[*at].0);
    let mut kept = BTreeSet::new();
    while let Some(at) = next {
        kept.insert(at);
        next = best[at].1;
    }
    kept
}
