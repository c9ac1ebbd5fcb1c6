//! 编码转换: a list from the clinical to the insurance edition, with a note for every code
//! that is not simply kept.

use super::CodeKind;
use super::table::{CodeTable, Translation};
use crate::facts::SettlementList;
use serde::Serialize;
use std::fmt;

/// What became of a code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It became another code.
    Mapped(String),
    /// The map says `-`: the row was dropped.
    Dropped,
    /// It became another code although the insurance edition has this code too, with
    /// another meaning: right only if the file really is clinical.
    Ambiguous(String),
    /// The map does not hold it: it was left, and is an error.
    NotInMap,
}

/// One code that was not simply kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Note {
    /// Diagnosis or procedure.
    pub kind: CodeKind,
    /// Its row in the list before translation, counted from 1; 1 is the principal one.
    pub row: usize,
    /// The code before.
    pub code: String,
    /// What became of it.
    pub outcome: Outcome,
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Note { kind, row, code, outcome } = self;
        write!(f, "{kind} 第 {row} 行 {code}：")?;
        match outcome {
            Outcome::Mapped(to) => write!(f, "转换为 {to} mapped"),
            Outcome::Dropped => f.write_str("映射表规定不保留，已删去 dropped as the map says"),
            Outcome::Ambiguous(to) => {
                write!(f, "转换为 {to}；医保版同码异义，请确认来源确为国临版 same code, other meaning")
            }
            Outcome::NotInMap => f.write_str("映射表中没有，未转换 not in the map: correct the code or extend the map"),
        }
    }
}

/// 转换报告. Counts over a file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct TranslationReport {
    /// Kept as they were.
    pub kept: u64,
    /// Mapped to another code, ambiguous ones not counted.
    pub mapped: u64,
    /// Dropped.
    pub dropped: u64,
    /// Mapped although the code has another meaning in the insurance edition.
    pub ambiguous: u64,
    /// Not in the map.
    pub not_in_map: u64,
    /// Lists whose principal diagnosis was dropped or not in the map: they cannot be grouped.
    pub without_principal: u64,
}

impl fmt::Display for TranslationReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "未变 {}，转换 {}，删去 {}，同码异义 {}，映射表中没有 {}；主要诊断因此失去的清单 {} 份",
            self.kept, self.mapped, self.dropped, self.ambiguous, self.not_in_map, self.without_principal
        )
    }
}

/// The tables of both kinds for a translation.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Maps<'a> {
    map: &'a Translation,
    insurance: &'a CodeTable,
}

impl Maps<'_> {
    fn outcome(&self, code: &str) -> Option<Outcome> {
        match self.map.of(code) {
            None => Some(Outcome::NotInMap),
            Some(None) => Some(Outcome::Dropped),
            Some(Some(to)) if to == code => None,
            Some(Some(to)) if self.insurance.has(code) => Some(Outcome::Ambiguous(to.to_owned())),
            Some(Some(to)) => Some(Outcome::Mapped(to.to_owned())),
        }
    }
}

/// Translates diagnoses and operations of a list that is stated to be clinical. Names are
/// taken from the insurance catalogue for codes that changed. TCM diagnoses (kinds 2 and 3)
/// have codes of their own and are left alone.
pub fn translate_list(
    list: &mut SettlementList,
    diagnoses: &super::Tables,
    procedures: &super::Tables,
    report: &mut TranslationReport,
) -> Vec<Note> {
    let mut notes = Vec::new();
    let maps = Maps { map: &diagnoses.translation, insurance: &diagnoses.insurance };
    let mut row = 0;
    list.diagnoses.retain_mut(|diagnosis| {
        row += 1;
        let chinese_medicine = matches!(diagnosis.kind.as_deref(), Some("2" | "3"));
        chinese_medicine
            || keep(CodeKind::Diagnosis, row, (&mut diagnosis.code, &mut diagnosis.name), maps, report, &mut notes)
    });
    let lost = |note: &Note| note.row == 1 && matches!(note.outcome, Outcome::Dropped | Outcome::NotInMap);
    report.without_principal += u64::from(notes.iter().any(lost));
    let maps = Maps { map: &procedures.translation, insurance: &procedures.insurance };
    let mut row = 0;
    list.operations.retain_mut(|operation| {
        row += 1;
        keep(CodeKind::Procedure, row, (&mut operation.code, &mut operation.name), maps, report, &mut notes)
    });
    notes
}

/// Translates one row; `false` drops it.
fn keep(
    kind: CodeKind,
    row: usize,
    (code, name): (&mut Option<String>, &mut Option<String>),
    maps: Maps<'_>,
    report: &mut TranslationReport,
    notes: &mut Vec<Note>,
) -> bool {
    let Some(before) = code.clone() else { return true };
    let Some(outcome) = maps.outcome(&before) else {
        report.kept += 1;
        return true;
    };
    let stays = outcome != Outcome::Dropped;
    match &outcome {
        Outcome::Mapped(to) | Outcome::Ambiguous(to) => {
            if let Some(official) = maps.insurance.name(to) {
                *name = Some(official.to_owned());
            }
            *code = Some(to.clone());
        }
        Outcome::Dropped | Outcome::NotInMap => {}
    }
    let count = match outcome {
        Outcome::Mapped(_) => &mut report.mapped,
        Outcome::Ambiguous(_) => &mut report.ambiguous,
        Outcome::Dropped => &mut report.dropped,
        Outcome::NotInMap => &mut report.not_in_map,
    };
    *count += 1;
    notes.push(Note { kind, row, code: before, outcome });
    stays
}

#[cfg(test)]
mod tests {
    use super::super::Tables;
    use super::*;
    use crate::facts::{Diagnosis, Operation};

    fn diagnosis(code: &str) -> Diagnosis {
        Diagnosis { code: Some(code.to_owned()), name: Some("旧名".to_owned()), ..Diagnosis::default() }
    }

    #[test]
    fn every_code_that_is_not_kept_has_its_note() {
        let diagnoses = Tables {
            insurance: CodeTable::of([("A", "甲"), ("B", "乙"), ("C", "丙")]),
            translation: Translation::read("from_code\tto_code\nA\tA\nB\tC\nX\tB\nY\t-\n").expect("read"),
        };
        let procedures = Tables {
            insurance: CodeTable::of([("00.01", "操作")]),
            translation: Translation::read("from_code\tto_code\n99.99\t-\n").expect("read"),
        };
        let mut list = SettlementList {
            diagnoses: ["Y", "A", "B", "X", "Q"].map(diagnosis).into(),
            operations: vec![Operation { code: Some("99.99".to_owned()), ..Operation::default() }],
            ..SettlementList::default()
        };
        list.diagnoses.push(Diagnosis { kind: Some("2".to_owned()), ..diagnosis("BNX") });
        let mut report = TranslationReport::default();
        let notes = translate_list(&mut list, &diagnoses, &procedures, &mut report);
        let codes: Vec<_> = list.diagnoses.iter().filter_map(|row| row.code.as_deref()).collect();
        assert_eq!(codes, ["A", "C", "B", "Q", "BNX"]);
        assert_eq!(list.diagnoses[1].name.as_deref(), Some("丙"));
        assert_eq!(list.diagnoses[0].name.as_deref(), Some("旧名"));
        assert!(list.operations.is_empty());
        let expected =
            TranslationReport { kept: 1, mapped: 1, dropped: 2, ambiguous: 1, not_in_map: 1, without_principal: 1 };
        assert_eq!(report, expected);
        let shown: Vec<_> = notes.iter().map(|note| (note.row, note.code.as_str())).collect();
        assert_eq!(shown, [(1, "Y"), (3, "B"), (4, "X"), (5, "Q"), (1, "99.99")]);
    }
}
