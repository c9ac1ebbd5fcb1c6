//! 编码核对: the system that the caller states, held against the catalogues; a clinical file is
//! translated, and every code that is not simply kept is told.

use std::io::Read;
use std::path::Path;

use listing::SettlementList;
use listing::codes::{
    CodeCheck as Says, CodeKind, CodeSystem, CodeTable, Outcome, Survey, Tables, Translation, TranslationReport,
    translate_list,
};

use crate::Problem;

/// A code that keeps a row from being used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeTrouble {
    /// The field.
    pub field: String,
    /// The code.
    pub code: String,
    /// What is wrong.
    pub problem: String,
    /// What to do.
    pub way_out: &'static str,
}

/// 编码目录 of both kinds, and the system that a file is stated to be of.
#[derive(Debug)]
pub struct Codes {
    /// As stated; `None` refuses every file, with counts.
    pub stated: Option<CodeSystem>,
    diagnoses: Tables,
    procedures: Tables,
    /// What became of translated codes so far.
    pub report: TranslationReport,
}

impl Codes {
    /// Reads the tables of a folder: `diagnoses` and `procedures` (columns `code`, `name`), and for
    /// clinical files `diagnoses-from-clinical` and `procedures-from-clinical` (`from_code`,
    /// `to_code`, where `-` drops a code); each `.csv` or `.tsv`, plain or `.gz`.
    ///
    /// # Errors
    /// A file cannot be read, the insurance tables are missing, or the maps are, where needed.
    pub fn read(folder: &Path, stated: Option<CodeSystem>) -> Result<Codes, Problem> {
        let tables = |name: &str| -> Result<Tables, Problem> {
            let insurance = text_of(folder, name)?
                .ok_or_else(|| format!("{}: there is no {name}.csv or {name}.tsv (code, name)", folder.display()))?;
            let map_name = format!("{name}-from-clinical");
            let map = text_of(folder, &map_name)?;
            if map.is_none() && stated == Some(CodeSystem::Clinical) {
                return Err(format!(
                    "{}: a clinical file needs {map_name}.csv or .tsv (from_code, to_code)",
                    folder.display()
                )
                .into());
            }
            let translation = map.map(|text| Translation::read(&text)).transpose()?.unwrap_or_default();
            Ok(Tables { insurance: CodeTable::read(&insurance)?, translation })
        };
        Ok(Codes {
            stated,
            diagnoses: tables("diagnoses")?,
            procedures: tables("procedures")?,
            report: TranslationReport::default(),
        })
    }

    /// Nothing counted yet.
    #[must_use]
    pub fn surveys(&self) -> [Survey; 2] {
        [Survey::new(CodeKind::Diagnosis), Survey::new(CodeKind::Procedure)]
    }

    /// Counts the codes of a list.
    pub fn see(&self, list: &SettlementList, [diagnoses, procedures]: &mut [Survey; 2]) {
        for code in list.diagnoses.iter().filter(western).filter_map(|row| row.code.as_deref()) {
            diagnoses.see(code, &self.diagnoses);
        }
        for code in list.operations.iter().filter_map(|row| row.code.as_deref()) {
            procedures.see(code, &self.procedures);
        }
    }

    /// Whether the statement can be true of the file.
    ///
    /// # Errors
    /// Nothing was stated, or it is contradicted; with the counts.
    pub fn judge(&self, surveys: &[Survey; 2]) -> Result<(), Problem> {
        for survey in surveys.iter().filter(|survey| survey.total() > 0) {
            survey.verdict(self.stated)?;
        }
        Ok(())
    }

    /// Holds a list's codes against the stated system, and makes a clinical list one of the
    /// insurance edition.
    ///
    /// # Errors
    /// Every code that contradicts, is unknown, or has no translation.
    pub fn check(&mut self, list: &mut SettlementList) -> Result<(), Vec<CodeTrouble>> {
        let mut troubles = Vec::new();
        let Some(stated) = self.stated else { return Ok(()) };
        let rows = list.diagnoses.iter().enumerate().filter(|(_, row)| western(row));
        for (at, code) in rows.filter_map(|(at, row)| Some((at, row.code.as_deref()?))) {
            troubles.extend(trouble(&self.diagnoses, stated, code, || format!("diagnoses.code {}", at + 1)));
        }
        for (at, code) in list.operations.iter().enumerate().filter_map(|(at, row)| Some((at, row.code.as_deref()?))) {
            troubles.extend(trouble(&self.procedures, stated, code, || format!("operations.code {}", at + 1)));
        }
        if !troubles.is_empty() {
            return Err(troubles);
        }
        if stated == CodeSystem::Clinical {
            let notes = translate_list(list, &self.diagnoses, &self.procedures, &mut self.report);
            let lost = |note: &&listing::codes::Note| {
                note.kind == CodeKind::Diagnosis && note.row == 1 && note.outcome == Outcome::Dropped
            };
            troubles.extend(notes.iter().find(lost).map(|note| CodeTrouble {
                field: "diagnoses.code 1".to_owned(),
                code: note.code.clone(),
                problem: note.to_string(),
                way_out: "主要诊断没有对应的医保编码，请更换 choose a principal diagnosis that the insurance edition has",
            }));
        }
        if troubles.is_empty() { Ok(()) } else { Err(troubles) }
    }
}

fn western(row: &&listing::Diagnosis) -> bool {
    !matches!(row.kind.as_deref(), Some("2" | "3"))
}

fn trouble(tables: &Tables, stated: CodeSystem, code: &str, field: impl Fn() -> String) -> Option<CodeTrouble> {
    let (problem, way_out) = match tables.check(code, stated) {
        Says::Fits | Says::FitsButDiffers => return None,
        Says::OfTheOther(other) => {
            let problem = format!("属 {other}，而文件说明为 {stated} it is of the other system");
            (problem, "核对来源，或改用所说明版本的编码 check the source, or use a code of the stated system")
        }
        Says::Unknown => {
            let problem = "两个版本中都没有这个编码 neither system has this code".to_owned();
            (problem, "更正编码，或补全目录 correct the code, or complete the catalogue")
        }
    };
    Some(CodeTrouble { field: field(), code: code.to_owned(), problem, way_out })
}

/// The text of `name.csv`, `name.tsv` or either with `.gz`; nothing if none is there.
fn text_of(folder: &Path, name: &str) -> Result<Option<String>, Problem> {
    for ending in ["csv", "tsv", "csv.gz", "tsv.gz"] {
        let path = folder.join(format!("{name}.{ending}"));
        if path.is_file() {
            let bytes = std::fs::read(&path)?;
            let mut text = String::new();
            let read = match ending.ends_with("gz") {
                true => flate2::read::MultiGzDecoder::new(bytes.as_slice()).read_to_string(&mut text),
                false => bytes.as_slice().read_to_string(&mut text),
            };
            read.map_err(|error| format!("{}: {error}", path.display()))?;
            return Ok(Some(text));
        }
    }
    Ok(None)
}
