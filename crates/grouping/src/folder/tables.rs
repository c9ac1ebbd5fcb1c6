//! `sets.csv`, `severity.csv`, `exclusions.csv`, `combinations.csv`, `auxiliary.csv`.

use std::collections::HashMap;

use super::Reading;
use super::rows::{Change, Row, Rows};
use crate::condition::{Condition, Shape};
use crate::scheme::{Auxiliary, CodeSet, Combination, Exclusion, Kind, Member, Scheme, SeverityCode, TagPolicy};

pub(super) const SET_COLUMNS: [(&str, bool); 7] = [
    ("change", false),
    ("set", true),
    ("kind", false),
    ("code", true),
    ("match", false),
    ("tag", false),
    ("tags", false),
];
pub(super) const SEVERITY_COLUMNS: [(&str, bool); 5] =
    [("change", false), ("code", true), ("class", true), ("exclusion", false), ("only_if", false)];
pub(super) const EXCLUSION_COLUMNS: [(&str, bool); 3] = [("change", false), ("table", true), ("code", true)];
pub(super) const COMBINATION_COLUMNS: [(&str, bool); 5] =
    [("change", false), ("code", true), ("part", true), ("member", true), ("hidden_below", false)];

pub(super) const AUXILIARY_COLUMNS: [(&str, bool); 5] =
    [("change", false), ("id", true), ("name", false), ("rule", true), ("groups", false)];

pub(super) fn read_sets(file: &str, text: &str, scheme: &mut Scheme, reading: &mut Reading) {
    let Some(rows) = Rows::read(file, text, &SET_COLUMNS, reading) else { return };
    let mut known: HashMap<String, usize> =
        scheme.sets.iter().enumerate().map(|(index, set)| (set.name.clone(), index)).collect();
    for row in &rows.rows {
        let allowed = [Change::Add, Change::Remove, Change::Clear];
        let Some(change) = rows.change(row, 0, &allowed, reading) else { continue };
        let name = rows.cell(row, 1);
        if name.is_empty() {
            reading.error(file, row.line, "the column 'set' is blank");
            continue;
        }
        let index = known.get(name).copied().or_else(|| {
            let set = new_set(name, &rows, row, change, reading)?;
            scheme.sets.push(set);
            reading.places.note(format!("set {name}"), file, row.line);
            known.insert(name.to_owned(), scheme.sets.len() - 1);
            Some(scheme.sets.len() - 1)
        });
        if let Some(index) = index {
            put_member(&mut scheme.sets[index], change, &rows, row, reading);
        }
    }
}

fn new_set(name: &str, rows: &Rows<'_>, row: &Row, change: Change, reading: &mut Reading) -> Option<CodeSet> {
    let kind = match (rows.cell(row, 2), change) {
        (_, Change::Remove | Change::Clear) => Err(format!("there is no set '{name}' to change")),
        ("DI", _) => Ok(Kind::Diagnosis),
        ("OP", _) => Ok(Kind::Procedure),
        ("", _) => Err(format!("the first row of the set '{name}' must say its kind: DI or OP")),
        (other, _) => Err(format!("'{other}' is not a kind of code; write DI or OP")),
    };
    let tags = match rows.cell(row, 6) {
        "" | "all" => Ok(TagPolicy::All),
        "first" => Ok(TagPolicy::First),
        "last" => Ok(TagPolicy::Last),
        other => Err(format!("'{other}' says not which tag counts; write all, first or last")),
    };
    match (kind, tags) {
        (Ok(kind), Ok(tags)) => Some(CodeSet { name: name.to_owned(), kind, tags, members: Vec::new() }),
        (Err(message), _) | (_, Err(message)) => {
            reading.error(rows.file, row.line, message);
            None
        }
    }
}

fn put_member(set: &mut CodeSet, change: Change, rows: &Rows<'_>, row: &Row, reading: &mut Reading) {
    if change == Change::Clear {
        set.members.clear();
        return;
    }
    let kind = rows.cell(row, 2);
    if !kind.is_empty() && kind != set.kind.code() {
        let message = format!("the set '{}' holds {} but this row says {kind}", set.name, set.kind.code());
        return reading.error(rows.file, row.line, message);
    }
    if rows.cell(row, 3).is_empty() && change == Change::Add {
        return; // Declares the set, which may stay empty.
    }
    let Some(code) = rows.code(row, 3, "code", reading) else { return };
    let shape = match rows.cell(row, 4) {
        "" | "code" => Shape::Code,
        "prefix" => Shape::Prefix,
        "range" => Shape::Range,
        other => {
            return reading.error(
                rows.file,
                row.line,
                format!("'{other}' is not a match; write code, prefix or range"),
            );
        }
    };
    let tag = Some(rows.cell(row, 5)).filter(|tag| !tag.is_empty());
    if change == Change::Add {
        reading.places.note(format!("set {} {code}", set.name), rows.file, row.line);
        set.members.push(Member { code: code.to_owned(), shape, tag: tag.map(str::to_owned) });
        return;
    }
    let before = set.members.len();
    let same = |member: &Member| {
        member.code == code && member.shape == shape && (tag.is_none() || member.tag.as_deref() == tag)
    };
    set.members.retain(|member| !same(member));
    if set.members.len() == before {
        reading.error(rows.file, row.line, format!("the set '{}' has no '{code}' to remove", set.name));
    }
}

impl Kind {
    /// 类型编号: `DI` or `OP`.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Kind::Diagnosis => "DI",
            Kind::Procedure => "OP",
        }
    }
}

pub(super) fn read_severity(file: &str, text: &str, scheme: &mut Scheme, reading: &mut Reading) {
    let Some(rows) = Rows::read(file, text, &SEVERITY_COLUMNS, reading) else { return };
    for row in &rows.rows {
        let Some(change) = rows.change(row, 0, &[Change::Add, Change::Remove], reading) else { continue };
        let Some(code) = rows.code(row, 1, "code", reading) else { continue };
        let class = rows.cell(row, 2);
        if change == Change::Remove {
            let before = scheme.severity_codes.len();
            scheme.severity_codes.retain(|own| own.code != code || !class.is_empty() && own.class != class);
            if scheme.severity_codes.len() == before {
                reading.error(file, row.line, format!("'{code}' is not in the severity table '{class}'"));
            }
            continue;
        }
        let only_if = match rows.cell(row, 4) {
            "" => Ok(None),
            rule => Condition::parse(rule).map(Some),
        };
        match only_if {
            Err(error) => reading.error(file, row.line, format!("only_if of {code}, {error}")),
            Ok(only_if) => {
                reading.places.note(format!("severity {code}"), file, row.line);
                let exclusion = Some(rows.cell(row, 3)).filter(|table| !table.is_empty()).map(str::to_owned);
                let (code, class) = (code.to_owned(), class.to_owned());
                scheme.severity_codes.push(SeverityCode { code, class, exclusion, only_if });
            }
        }
    }
}

pub(super) fn read_exclusions(file: &str, text: &str, scheme: &mut Scheme, reading: &mut Reading) {
    let Some(rows) = Rows::read(file, text, &EXCLUSION_COLUMNS, reading) else { return };
    for row in &rows.rows {
        let Some(change) = rows.change(row, 0, &[Change::Add, Change::Remove], reading) else { continue };
        let Some(table) = rows.code(row, 1, "table", reading) else { continue };
        let Some(code) = rows.code(row, 2, "code", reading) else { continue };
        let own = Exclusion { table: table.to_owned(), code: code.to_owned() };
        if change == Change::Add {
            reading.places.note(format!("exclusion {table} {code}"), file, row.line);
            scheme.exclusions.push(own);
            continue;
        }
        let before = scheme.exclusions.len();
        scheme.exclusions.retain(|row| *row != own);
        if scheme.exclusions.len() == before {
            reading.error(file, row.line, format!("the exclusion table '{table}' has no '{code}' to remove"));
        }
    }
}

/// One member of one part a row; what hides the members may stand in any row of a combination.
pub(super) fn read_combinations(file: &str, text: &str, scheme: &mut Scheme, reading: &mut Reading) {
    let Some(rows) = Rows::read(file, text, &COMBINATION_COLUMNS, reading) else { return };
    let mut known: HashMap<String, usize> =
        scheme.combinations.iter().enumerate().map(|(index, one)| (one.code.clone(), index)).collect();
    let mut removed = Vec::new();
    for row in &rows.rows {
        let Some(change) = rows.change(row, 0, &[Change::Add, Change::Remove], reading) else { continue };
        let Some(code) = rows.code(row, 1, "code", reading) else { continue };
        if change == Change::Remove {
            match known.get(code) {
                Some(index) => removed.push(*index),
                None => reading.error(file, row.line, format!("there is no combination '{code}' to remove")),
            }
            continue;
        }
        let index = *known.entry(code.to_owned()).or_insert_with(|| {
            reading.places.note(format!("combination {code}"), file, row.line);
            scheme.combinations.push(Combination { code: code.to_owned(), ..Combination::default() });
            scheme.combinations.len() - 1
        });
        let own = &mut scheme.combinations[index];
        let part = rows.cell(row, 2);
        let Some(part) = part.parse::<usize>().ok().filter(|part| (1..=own.parts.len() + 1).contains(part)) else {
            let message = format!("the part '{part}' of {code}; number the parts 1, 2, 3 in this order");
            reading.error(file, row.line, message);
            continue;
        };
        if part > own.parts.len() {
            own.parts.push(Vec::new());
        }
        let Some(member) = rows.code(row, 3, "member", reading) else { continue };
        own.parts[part - 1].push(member.to_owned());
        for below in rows.cell(row, 4).split_whitespace() {
            if !own.hidden_below.iter().any(|known| known == below) {
                own.hidden_below.push(below.to_owned());
            }
        }
    }
    let mut index = 0;
    scheme.combinations.retain(|_| {
        index += 1;
        !removed.contains(&(index - 1))
    });
}

/// One row a level; codes of groups are parted by spaces.
pub(super) fn read_auxiliary(file: &str, text: &str, scheme: &mut Scheme, reading: &mut Reading) {
    let Some(rows) = Rows::read(file, text, &AUXILIARY_COLUMNS, reading) else { return };
    for row in &rows.rows {
        let allowed = [Change::Add, Change::Replace, Change::Remove];
        let Some(change) = rows.change(row, 0, &allowed, reading) else { continue };
        let Some(id) = rows.code(row, 1, "id", reading) else { continue };
        let known = scheme.auxiliary.iter().position(|own| own.id == id);
        let index = match (change, known) {
            (Change::Remove, Some(index)) => {
                scheme.auxiliary.remove(index);
                continue;
            }
            (Change::Add, None) => {
                let (id, name) = (id.to_owned(), String::new());
                let condition = Condition::Always(true);
                scheme.auxiliary.push(Auxiliary { id, name, condition, groups: Vec::new() });
                scheme.auxiliary.len() - 1
            }
            (Change::Add, Some(_)) => {
                let message = format!("there is already an auxiliary row '{id}'; rename this one, or write 'replace'");
                reading.error(file, row.line, message);
                continue;
            }
            (_, Some(index)) => index,
            (_, None) => {
                reading.error(file, row.line, format!("there is no auxiliary row '{id}' in the base to change"));
                continue;
            }
        };
        let own = &mut scheme.auxiliary[index];
        let (name, rule, groups) = (rows.cell(row, 2), rows.cell(row, 3), rows.cell(row, 4));
        if !name.is_empty() {
            name.clone_into(&mut own.name);
        }
        if !groups.is_empty() {
            own.groups = groups.split_whitespace().map(str::to_owned).collect();
        }
        if rule.is_empty() && change == Change::Add {
            reading.error(file, row.line, format!("{id} has no rule, so every case would meet it; write one, or 1"));
        } else if !rule.is_empty() {
            match Condition::parse(rule) {
                Ok(condition) => own.condition = condition,
                Err(error) => reading.error(file, row.line, format!("rule of {id}, {error}: {rule}")),
            }
        }
        reading.places.note(format!("auxiliary {id}"), file, row.line);
    }
}
