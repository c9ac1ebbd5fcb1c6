//! 集合、CC、排除表: the code lists of the workbook.

use std::collections::{BTreeMap, HashMap, HashSet};

use grouping::{CodeSet, Exclusion, Kind, Member, SeverityCode, TagPolicy};

use super::CLASSES;
use super::cell::look_alike;
use super::sheet::{Sheet, SheetRow};
use crate::report::{Findings, Trap};

/// Reads sheet 集合.
pub(super) fn sets(sheet: &Sheet, findings: &mut Findings) -> Vec<CodeSet> {
    let mut sets: Vec<CodeSet> = Vec::new();
    let mut at: HashMap<String, usize> = HashMap::new();
    let mut seen: HashSet<(usize, String)> = HashSet::new();
    for row in &sheet.rows {
        let name = sheet.capitals(row, "set", findings);
        let code = icd(sheet, row, findings);
        let kind = match sheet.capitals(row, "kind", findings).as_str() {
            "DI" => Kind::Diagnosis,
            "OP" => Kind::Procedure,
            other => {
                findings.problem(sheet.place(row, &name), format!("类型 “{other}” is neither DI nor OP"));
                continue;
            }
        };
        if name.is_empty() || code.is_empty() {
            findings.problem(sheet.place(row, &name), "the set's number or the code is blank");
            continue;
        }
        let index = *at.entry(name.clone()).or_insert_with(|| {
            let prefix = if kind == Kind::Diagnosis { "DI" } else { "OP" };
            if !name.starts_with(prefix) {
                let done = format!("its kind is {prefix}, its name says otherwise; the kind was believed");
                findings.note(Trap::KindDiffers, sheet.place(row, &name), done);
            }
            sets.push(CodeSet { name: name.clone(), kind, tags: TagPolicy::All, members: Vec::new() });
            sets.len() - 1
        });
        if sets[index].kind != kind {
            findings.problem(sheet.place(row, &name), format!("{code}: a set cannot hold both DI and OP"));
        } else if seen.insert((index, code.clone())) {
            sets[index].members.push(Member { code, ..Member::default() });
        } else {
            findings.note(Trap::RepeatDropped, sheet.place(row, &name), format!("{code} is in the set already"));
        }
    }
    sets
}

/// Reads sheet CC.
pub(super) fn severity(sheet: &Sheet, findings: &mut Findings) -> Vec<SeverityCode> {
    let mut out: Vec<SeverityCode> = Vec::new();
    let mut at: HashMap<String, usize> = HashMap::new();
    for row in &sheet.rows {
        let code = icd(sheet, row, findings);
        let class = sheet.capitals(row, "kind", findings);
        let table = sheet.capitals(row, "table", findings);
        if code.is_empty() {
            findings.problem(sheet.place(row, ""), "the diagnosis is blank");
        } else if !CLASSES.iter().any(|(known, _)| *known == class) {
            findings.problem(sheet.place(row, &code), format!("类型 “{class}” is neither MCC nor CC"));
        } else if let Some(first) = at.get(&code).map(|at| &out[*at]) {
            let same = first.class == class && first.exclusion.as_deref().unwrap_or("") == table;
            let trap = if same { Trap::RepeatDropped } else { Trap::TwoTables };
            let table = first.exclusion.as_deref().unwrap_or("no table");
            findings.note(
                trap,
                sheet.place(row, &code),
                format!("listed before as {} with {table}; the first row stands", first.class),
            );
        } else {
            at.insert(code.clone(), out.len());
            let exclusion = Some(table).filter(|table| !table.is_empty());
            out.push(SeverityCode { code, class, exclusion, only_if: None });
        }
    }
    out
}

/// Reads sheet 排除表.
pub(super) fn exclusions(sheet: &Sheet, findings: &mut Findings) -> Vec<Exclusion> {
    let mut out = Vec::new();
    let mut tables: HashMap<String, String> = HashMap::new();
    for row in &sheet.rows {
        let table = sheet.capitals(row, "set", findings);
        let code = icd(sheet, row, findings);
        if table.is_empty() || code.is_empty() {
            findings.problem(sheet.place(row, &code), "the table's number or the code is blank");
            continue;
        }
        match tables.get(&code) {
            Some(first) if *first == table => {
                findings.note(Trap::RepeatDropped, sheet.place(row, &code), format!("is in {table} already"));
            }
            Some(first) => {
                let done =
                    format!("is in {first} and in {table}; a principal diagnosis has one table, the first row stands");
                findings.note(Trap::TwoTables, sheet.place(row, &code), done);
            }
            None => {
                tables.insert(code.clone(), table.clone());
                out.push(Exclusion { table, code });
            }
        }
    }
    out
}

/// Notes complications whose exclusion table has no members.
pub(super) fn check_tables(
    sheet: &Sheet,
    severity: &[SeverityCode],
    exclusions: &[Exclusion],
    findings: &mut Findings,
) {
    let known: HashSet<&str> = exclusions.iter().map(|exclusion| exclusion.table.as_str()).collect();
    let mut missing: BTreeMap<&str, usize> = BTreeMap::new();
    for table in severity.iter().filter_map(|code| code.exclusion.as_deref()) {
        if !known.contains(table) {
            *missing.entry(table).or_default() += 1;
        }
    }
    for (table, count) in missing {
        let done = format!("has no rows in sheet 排除表; {count} complications that name it are never excluded");
        findings.note(
            Trap::TableEmpty,
            crate::report::Place { code: table.to_owned(), ..crate::report::Place::sheet(sheet.name) },
            done,
        );
    }
}

/// A diagnosis or procedure. Its case is kept; letters that only look like ASCII are mended.
fn icd(sheet: &Sheet, row: &SheetRow, findings: &mut Findings) -> String {
    let code = sheet.code(row, "code", findings);
    if code.is_ascii() {
        return code;
    }
    let mended: String = code.chars().map(|c| look_alike(c).unwrap_or(c)).collect();
    let strange: String = code.chars().filter(|c| !c.is_ascii()).collect();
    if mended.is_ascii() {
        let done = format!("“{strange}” in {code} is not ASCII; read as {mended}");
        findings.note(Trap::LookAlikeMended, sheet.place(row, &mended), done);
    } else {
        let done = format!("“{strange}” in it is not ASCII and nothing is known that it looks like; kept as it is");
        findings.note(Trap::LookAlikeKept, sheet.place(row, &code), done);
    }
    mended
}
