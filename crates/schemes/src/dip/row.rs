//! One row of a DIP directory.

use std::collections::BTreeMap;

use grouping::{CodeList, Condition, ProcedureCell, SetRef, Shape};
use intake::Row;
use terms::{Exact, Fen};

use super::highest;
use super::words::{Columns, Words};
use crate::workbook::cell::{clean, code, narrow};

/// A full procedure code has two digits, a point and four more characters.
const FULL_PROCEDURE: usize = 7;
/// A full diagnosis has a letter, two digits, a point and three more characters.
const FULL_DIAGNOSIS: usize = 7;

/// 类型.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum GroupKind {
    /// 核心病种.
    Core,
    /// 基层病种.
    Grassroots,
    /// 综合病种.
    Comprehensive,
}

/// The order in which a case is tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Reach {
    CoreWithProcedures,
    CoreConservative,
    Category,
    TwoCharacters,
    OneCharacter,
    Chapter,
}

impl Reach {
    pub(super) fn code(self) -> &'static str {
        match self {
            Reach::CoreWithProcedures => "HX1",
            Reach::CoreConservative => "HX0",
            Reach::Category => "ZH3",
            Reach::TwoCharacters => "ZH2",
            Reach::OneCharacter => "ZH1",
            Reach::Chapter => "ZH0",
        }
    }

    pub(super) fn title(self) -> &'static str {
        match self {
            Reach::CoreWithProcedures => "核心病种（有手术操作）",
            Reach::CoreConservative => "核心病种（保守治疗）",
            Reach::Category => "综合病种（类目）",
            Reach::TwoCharacters => "综合病种（前两位）",
            Reach::OneCharacter => "综合病种（首字母）",
            Reach::Chapter => "综合病种（类目范围）",
        }
    }
}

/// A row that was understood.
pub(super) struct Entry {
    pub(super) code: String,
    pub(super) name: String,
    pub(super) kind: GroupKind,
    diagnosis: String,
    shape: Shape,
    procedures: Option<ProcedureCell>,
    /// 治疗方式 of the group; of its procedures where the row does not say.
    treatment: Option<u8>,
    pub(super) score: String,
    pub(super) mean_fee: Option<Fen>,
    pub(super) cv: String,
    pub(super) cases: String,
    pub(super) mean_days: String,
}

impl Entry {
    /// Reads a row.
    ///
    /// # Errors
    /// The code of the row as far as it is known, and what is wrong with it.
    pub(super) fn read(
        columns: &Columns,
        row: &Row,
        words: &Words,
        classes: Option<&BTreeMap<String, u8>>,
    ) -> Result<Entry, (String, String)> {
        let cell = |field: &str| columns.cell(row, field);
        let diagnosis: String = code(cell("diagnosis")).chars().map(narrow).collect();
        let wrong = |message: String| (diagnosis.clone(), message);
        let shape = shape(&diagnosis).map_err(wrong)?;
        let kind = words.kind(cell("kind"));
        let kind = kind.ok_or_else(|| wrong(format!("类型 “{}” is none of 核心, 综合, 基层", cell("kind"))))?;
        if columns.is_number(row, "procedures") {
            return Err(wrong(
                "the procedure is a number in the file, so zeros at its ends are lost; make the cell a text".to_owned(),
            ));
        }
        let text: String = code(cell("procedures")).chars().map(narrow).collect();
        let procedures = procedures(&text).map_err(wrong)?;
        let treatment = match cell("treatment") {
            "" => procedures.as_ref().map_or(Some(0), |cell| class_of(cell, classes)),
            text => {
                let class = words.treatment(text);
                Some(class.ok_or_else(|| {
                    wrong(format!("治疗方式 “{text}” is not known; known are {}", words.treatments()))
                })?)
            }
        };
        if kind == GroupKind::Comprehensive && cell("treatment").is_empty() {
            return Err(wrong("a comprehensive group needs its 治疗方式".to_owned()));
        }
        let number = |field: &str, what: &str| -> Result<String, (String, String)> {
            let text = cell(field).replace(',', "");
            match text.parse::<Exact>() {
                Ok(number) => Ok(number.to_string()),
                Err(_) if text.is_empty() => Ok(text),
                Err(_) => Err(wrong(format!("{what} “{text}” is not a number"))),
            }
        };
        let (score, weight) = (number("score", "分值")?, number("relative_weight", "RW")?);
        let mean_fee = match cell("mean_fee").replace(',', "") {
            empty if empty.is_empty() => None,
            fee => Some(
                fee.parse()
                    .map_err(|_| wrong(format!("均费 “{fee}” is not an amount in 元 with at most two decimals")))?,
            ),
        };
        let own = match code(cell("code")) {
            own if own.is_empty() => built_code(&diagnosis, kind, &text, treatment),
            own => own,
        };
        let names: Vec<String> = ["diagnosis_name", "procedures_name"]
            .into_iter()
            .map(|field| clean(cell(field)))
            .filter(|name| !name.is_empty())
            .collect();
        Ok(Entry {
            code: own,
            name: names.join(" / "),
            kind,
            shape,
            procedures,
            treatment,
            score: if score.is_empty() { weight } else { score },
            mean_fee,
            cv: number("cv", "CV")?,
            cases: number("cases", "病例数")?,
            mean_days: number("mean_days", "平均住院日")?,
            diagnosis,
        })
    }

    /// Where in the order of tries it stands.
    pub(super) fn reach(&self) -> Reach {
        match (self.kind, &self.procedures, self.shape) {
            (GroupKind::Comprehensive, _, Shape::Range) => Reach::Chapter,
            (GroupKind::Comprehensive, ..) => match self.diagnosis.len() {
                1 => Reach::OneCharacter,
                2 => Reach::TwoCharacters,
                _ => Reach::Category,
            },
            (_, Some(_), _) => Reach::CoreWithProcedures,
            (_, None, _) => Reach::CoreConservative,
        }
    }

    /// 类型顺序: smaller wins when all else is equal.
    pub(super) fn rank(&self) -> i64 {
        // 3 手术, 2 治疗, 1 诊断, 0 保守; unknown procedures are taken for operations.
        let class = i64::from(self.treatment.unwrap_or(3));
        match (self.kind, class) {
            (GroupKind::Core, 0) => 10,
            (GroupKind::Grassroots, 0) => 11,
            (GroupKind::Comprehensive, 0) => 12,
            (GroupKind::Core, class) => 7 - 2 * class,
            (GroupKind::Grassroots, class) => 8 - 2 * class,
            (GroupKind::Comprehensive, class) => 10 - class,
        }
    }

    /// When a case may come here.
    pub(super) fn condition(&self, classed: bool) -> Condition {
        let codes = match self.shape {
            Shape::Range => self.diagnosis.split('-').map(str::to_owned).collect(),
            _ => vec![self.diagnosis.clone()],
        };
        let sets = vec![SetRef::Here { shape: self.shape, codes }];
        let diagnosis = Condition::In { lists: vec![CodeList::PrincipalDiagnosis], sets };
        let second = match (self.kind, &self.procedures, self.treatment) {
            (GroupKind::Comprehensive, _, Some(class)) if classed => highest(class),
            (_, Some(cell), _) => Condition::Procedures(cell.clone()),
            _ => return diagnosis,
        };
        Condition::All(vec![diagnosis, second])
    }

    /// Its procedures that are no full codes.
    pub(super) fn beginnings(&self) -> impl Iterator<Item = String> {
        let parts = self.procedures.iter().flat_map(|cell| cell.parts.iter().flatten());
        parts.filter(|term| term.prefix).map(|term| term.code.clone())
    }
}

fn shape(diagnosis: &str) -> Result<Shape, String> {
    let category = |text: &str| {
        text.len() == 3
            && text.starts_with(|c: char| c.is_ascii_uppercase())
            && text[1..].bytes().all(|b| b.is_ascii_digit())
    };
    if diagnosis.is_empty() {
        return Err("the diagnosis is blank".to_owned());
    }
    if !diagnosis.is_ascii() {
        return Err(format!("{diagnosis} is not a diagnosis code: it holds letters that are not ASCII"));
    }
    match diagnosis.split_once('-') {
        Some((from, to)) if category(from) && category(to) && from <= to => Ok(Shape::Range),
        Some(_) => Err(format!("{diagnosis} is not a range of categories such as A00-B99")),
        None if !diagnosis.starts_with(|c: char| c.is_ascii_uppercase()) => {
            Err(format!("{diagnosis} is not a diagnosis code: it does not begin with a capital letter"))
        }
        None if diagnosis.len() >= FULL_DIAGNOSIS => Ok(Shape::Code),
        None => Ok(Shape::Prefix),
    }
}

/// The procedure cell; nothing when it is blank.
fn procedures(text: &str) -> Result<Option<ProcedureCell>, String> {
    if matches!(text, "" | "-" | "无") {
        return Ok(None);
    }
    let mut cell = ProcedureCell::parse(text)?;
    for term in cell.parts.iter_mut().flatten() {
        let digits = term.code.bytes().take(2).filter(u8::is_ascii_digit).count();
        if digits < 2 || !term.code.is_ascii() || term.code.as_bytes().get(2).is_some_and(|byte| *byte != b'.') {
            return Err(format!(
                "{} in the procedure cell “{text}” is not a procedure code such as 47.0100",
                term.code
            ));
        }
        term.prefix |= term.code.len() < FULL_PROCEDURE;
    }
    Ok(Some(cell))
}

/// The highest class among the procedures of a cell, as far as the table knows them.
fn class_of(cell: &ProcedureCell, classes: Option<&BTreeMap<String, u8>>) -> Option<u8> {
    let classes = classes?;
    cell.parts.iter().flatten().filter_map(|term| classes.get(&term.code).copied()).max()
}

/// A code for a row that has none: `K35.3:47.0100+54.2100`, `K35.3`, `K35#3`.
fn built_code(diagnosis: &str, kind: GroupKind, procedures: &str, treatment: Option<u8>) -> String {
    match (kind, treatment) {
        (GroupKind::Comprehensive, Some(class)) => format!("{diagnosis}#{class}"),
        _ if procedures.is_empty() => diagnosis.to_owned(),
        // A slash parts the levels of a group's path.
        _ => format!("{diagnosis}:{}", procedures.replace('/', "|")),
    }
}
