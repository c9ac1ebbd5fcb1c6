//! Differences of code sets, complications and exclusion tables.

use std::collections::{BTreeMap, BTreeSet};

use grouping::{Auxiliary, CodeSet, Scheme};

use super::{Changes, Subject};

/// So many codes are written out; more are counted.
const SHOWN: usize = 12;

/// Sets that came, went, or hold other codes.
pub(super) fn sets(before: &Scheme, after: &Scheme, changes: &mut Changes) {
    let by_name = |scheme: &Scheme| -> BTreeMap<String, CodeSet> {
        scheme.sets.iter().map(|set| (set.name.clone(), set.clone())).collect()
    };
    let (old, new) = (by_name(before), by_name(after));
    for (name, set) in old.iter().filter(|(name, _)| !new.contains_key(*name)) {
        let n = set.members.len();
        changes.add(Subject::Set, name, format!("集合取消（{n} 个编码）"), format!("set removed ({n} codes)"));
    }
    for (name, set) in new.iter().filter(|(name, _)| !old.contains_key(*name)) {
        let n = set.members.len();
        changes.add(Subject::Set, name, format!("新增集合（{n} 个编码）"), format!("set added ({n} codes)"));
    }
    for (name, set) in &old {
        let Some(other) = new.get(name) else { continue };
        let kind = |set: &CodeSet| format!("{:?}, tags {:?}", set.kind, set.tags);
        changes.value(Subject::Set, name, ("类型", "kind"), &kind(set), &kind(other));
        codes(Subject::Set, name, &members(set), &members(other), changes);
    }
}

/// Procedures that count together.
pub(super) fn combinations(before: &Scheme, after: &Scheme, changes: &mut Changes) {
    let by_code = |scheme: &Scheme| -> BTreeMap<String, String> {
        let parts = |parts: &[Vec<String>]| parts.iter().map(|any| any.join("/")).collect::<Vec<_>>().join("+");
        let all = scheme.combinations.iter();
        let text = |one: &grouping::Combination| format!("{} {}", parts(&one.parts), one.hidden_below.join(" "));
        all.map(|one| (one.code.clone(), text(one).trim_end().to_owned())).collect()
    };
    let (old, new) = (by_code(before), by_code(after));
    for code in old.keys().chain(new.keys()).collect::<BTreeSet<_>>() {
        let text = |all: &BTreeMap<String, String>| all.get(code).cloned().unwrap_or_default();
        changes.value(Subject::Set, code, ("组合操作", "combination"), &text(&old), &text(&new));
    }
}

/// The members as texts that hold all that matters of each.
fn members(set: &CodeSet) -> BTreeSet<String> {
    let text = |member: &grouping::Member| {
        let shape = match member.shape {
            grouping::Shape::Code => "",
            grouping::Shape::Prefix => "*",
            grouping::Shape::Range => " (range)",
        };
        let tag = member.tag.as_ref().map_or(String::new(), |tag| format!("#{tag}"));
        format!("{}{shape}{tag}", member.code)
    };
    set.members.iter().map(text).collect()
}

/// Complications that came, went, changed their class or their exclusion table.
pub(super) fn severity(before: &Scheme, after: &Scheme, changes: &mut Changes) {
    let by_code = |scheme: &Scheme| -> BTreeMap<String, BTreeSet<(String, String, String)>> {
        let mut out: BTreeMap<String, BTreeSet<_>> = BTreeMap::new();
        for code in &scheme.severity_codes {
            let only_if = code.only_if.as_ref().map_or(String::new(), ToString::to_string);
            let row = (code.class.clone(), code.exclusion.clone().unwrap_or_default(), only_if);
            out.entry(code.code.clone()).or_default().insert(row);
        }
        out
    };
    let (old, new) = (by_code(before), by_code(after));
    let classes = |rows: &BTreeSet<(String, String, String)>| -> String {
        rows.iter().map(|(class, ..)| class.as_str()).collect::<BTreeSet<_>>().into_iter().collect::<Vec<_>>().join("+")
    };
    let mut moves: BTreeMap<(String, String), BTreeSet<String>> = BTreeMap::new();
    let mut tables = BTreeSet::new();
    for code in old.keys().chain(new.keys()).collect::<BTreeSet<_>>() {
        let (was, is) = (old.get(code), new.get(code));
        let (from, to) = (was.map(classes).unwrap_or_default(), is.map(classes).unwrap_or_default());
        if from != to {
            moves.entry((from, to)).or_default().insert(code.clone());
        } else if was != is {
            tables.insert(code.clone());
        }
    }
    for ((from, to), moved) in moves {
        let list = shown(&moved);
        let n = moved.len();
        let (chinese, english) = match (from.as_str(), to.as_str()) {
            ("", to) => (format!("新列为 {to} {n} 个：{list}"), format!("{n} become {to}: {list}")),
            (from, "") => (format!("不再是 {from} {n} 个：{list}"), format!("{n} are no longer {from}: {list}")),
            (from, to) => {
                (format!("由 {from} 改为 {to} {n} 个：{list}"), format!("{n} go from {from} to {to}: {list}"))
            }
        };
        changes.add(Subject::Severity, "MCC/CC", chinese, english);
    }
    if !tables.is_empty() {
        let (n, list) = (tables.len(), shown(&tables));
        let chinese = format!("排除表或条件改变 {n} 个：{list}");
        changes.add(
            Subject::Severity,
            "MCC/CC",
            chinese,
            format!("{n} have another exclusion table or condition: {list}"),
        );
    }
}

/// Exclusion tables that hold other principal diagnoses.
pub(super) fn exclusions(before: &Scheme, after: &Scheme, changes: &mut Changes) {
    let by_table = |scheme: &Scheme| -> BTreeMap<String, BTreeSet<String>> {
        let mut out: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for row in &scheme.exclusions {
            out.entry(row.table.clone()).or_default().insert(row.code.clone());
        }
        out
    };
    let (old, new) = (by_table(before), by_table(after));
    let none = BTreeSet::new();
    for table in old.keys().chain(new.keys()).collect::<BTreeSet<_>>() {
        let (was, is) = (old.get(table).unwrap_or(&none), new.get(table).unwrap_or(&none));
        codes(Subject::Severity, &format!("排除表 {table}"), was, is, changes);
    }
}

/// Auxiliary levels that came, went, or mean something else.
pub(super) fn auxiliary(before: &Scheme, after: &Scheme, changes: &mut Changes) {
    let by_id = |scheme: &Scheme| -> BTreeMap<String, Auxiliary> {
        scheme.auxiliary.iter().map(|row| (row.id.clone(), row.clone())).collect()
    };
    let (old, new) = (by_id(before), by_id(after));
    for (id, row) in old.iter().filter(|(id, _)| !new.contains_key(*id)) {
        let rule = &row.condition;
        changes.add(Subject::Auxiliary, id, format!("取消（{rule}）"), format!("removed ({rule})"));
    }
    for (id, row) in &new {
        let rule = row.condition.to_string();
        let Some(was) = old.get(id) else {
            changes.add(Subject::Auxiliary, id, format!("新增（{rule}）"), format!("added ({rule})"));
            continue;
        };
        changes.value(Subject::Auxiliary, id, ("名称", "name"), &was.name, &row.name);
        changes.value(Subject::Auxiliary, id, ("条件", "rule"), &was.condition.to_string(), &rule);
        let groups = |row: &Auxiliary| row.groups.iter().cloned().collect::<BTreeSet<_>>();
        let all = ("适用病种", "groups");
        match (was.groups.is_empty(), row.groups.is_empty()) {
            (false, false) => codes(Subject::Auxiliary, id, &groups(was), &groups(row), changes),
            (true, false) => changes.value(Subject::Auxiliary, id, all, "*", &row.groups.join(" ")),
            (false, true) => changes.value(Subject::Auxiliary, id, all, &was.groups.join(" "), "*"),
            (true, true) => {}
        }
    }
}

fn codes(subject: Subject, place: &str, before: &BTreeSet<String>, after: &BTreeSet<String>, changes: &mut Changes) {
    let gone: BTreeSet<String> = before.difference(after).cloned().collect();
    let come: BTreeSet<String> = after.difference(before).cloned().collect();
    if !come.is_empty() {
        let (n, list) = (come.len(), shown(&come));
        changes.add(subject, place, format!("增加 {n} 个编码：{list}"), format!("{n} codes added: {list}"));
    }
    if !gone.is_empty() {
        let (n, list) = (gone.len(), shown(&gone));
        changes.add(subject, place, format!("减少 {n} 个编码：{list}"), format!("{n} codes removed: {list}"));
    }
}

fn shown(codes: &BTreeSet<String>) -> String {
    let mut out = codes.iter().take(SHOWN).map(String::as_str).collect::<Vec<_>>().join(" ");
    if codes.len() > SHOWN {
        out.push_str(" …");
    }
    out
}
