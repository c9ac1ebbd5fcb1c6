//! 勘误: dated corrections to a publication, kept apart from it.
//!
//! An amendment file is a table (`.tsv` or `.csv`) with the columns `set`, `code` and, if you
//! like, `sheet` (排除表 unless the row says 集合 or CC), `name`, `type` (of sheet 集合: DI or
//! OP; of sheet CC: MCC or CC), `evidence`, `date`. A row is put in only where the book lacks it,
//! so that the same file does no harm to a later, corrected book.

use std::path::Path;

use grouping::{Exclusion, Kind, Member, Scheme, SeverityCode};

use super::CLASSES;
use crate::files::{self, Row, Table};
use crate::report::{Findings, SchemesError, Trap};

/// Puts the rows of one file in.
pub(super) fn apply(path: &Path, scheme: &mut Scheme, findings: &mut Findings) -> Result<(), SchemesError> {
    let text = files::text(path)?;
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let tabbed = name.trim_end_matches(".gz").ends_with(".tsv");
    let read = if tabbed { Table::tabbed } else { Table::comma };
    let table = read(&name, &text, findings);
    table.require(&["set", "code"], findings);
    for row in table.rows() {
        let code = row.get("code");
        let outcome = match row.get("sheet") {
            "" | "排除表" => exclusion(row, scheme),
            "集合" => member(row, scheme),
            "CC" => complication(row, scheme),
            other => Err(format!("sheet “{other}” is none of 排除表, 集合, CC")),
        };
        let evidence = [row.get("date"), row.get("evidence")].join(" ");
        match outcome {
            Ok(None) => {
                let done = format!("added to {} ({})", row.get("set"), evidence.trim());
                findings.note(Trap::AmendmentMade, row.place(code), done);
            }
            Ok(Some(already)) => findings.note(Trap::AmendmentNotNeeded, row.place(code), already),
            Err(message) => findings.problem(row.place(code), message),
        }
    }
    Ok(())
}

/// Why an amendment is not needed, or nothing when it was made.
type Outcome = Result<Option<String>, String>;

fn exclusion(row: Row, scheme: &mut Scheme) -> Outcome {
    let (table, code) = (row.get("set").to_uppercase(), row.get("code").to_owned());
    if !scheme.exclusions.iter().any(|known| known.table == table) {
        return Err(format!("the exclusion table {table} is not in the book"));
    }
    if let Some(known) = scheme.exclusions.iter().find(|known| known.code == code) {
        return Ok(Some(format!("the book has it in {}", known.table)));
    }
    scheme.exclusions.push(Exclusion { table, code });
    Ok(None)
}

fn member(row: Row, scheme: &mut Scheme) -> Outcome {
    let (name, code) = (row.get("set").to_uppercase(), row.get("code").to_owned());
    let kind = match row.get("type") {
        "DI" => Some(Kind::Diagnosis),
        "OP" => Some(Kind::Procedure),
        "" => None,
        other => return Err(format!("type “{other}” is neither DI nor OP")),
    };
    let Some(set) = scheme.sets.iter_mut().find(|set| set.name == name) else {
        return Err(format!("the set {name} is not in the book"));
    };
    if kind.is_some_and(|kind| kind != set.kind) {
        return Err(format!("the set {name} is of the other type"));
    }
    if set.members.iter().any(|known| known.code == code) {
        return Ok(Some(format!("the book has it in {name}")));
    }
    set.members.push(Member { code, ..Member::default() });
    Ok(None)
}

fn complication(row: Row, scheme: &mut Scheme) -> Outcome {
    let (class, code) = (row.get("type").to_uppercase(), row.get("code").to_owned());
    if !CLASSES.iter().any(|(known, _)| *known == class) {
        return Err(format!("type “{class}” is neither MCC nor CC"));
    }
    if let Some(known) = scheme.severity_codes.iter().find(|known| known.code == code) {
        return Ok(Some(format!("the book has it as {}", known.class)));
    }
    let exclusion = Some(row.get("set").to_uppercase()).filter(|table| !table.is_empty());
    scheme.severity_codes.push(SeverityCode { code, class, exclusion, only_if: None });
    Ok(None)
}
