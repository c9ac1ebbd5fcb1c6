//! 中立结算文件夹: the claims as CSV tables whose headings are the names of the facts, and the
//! labels in a folder of their own.

use std::fs::File;
use std::io::BufWriter;
use std::path::Path;

use encounter::{Encounter, Field, History, Table};

use super::Beside;
use crate::CityError;
use crate::city::City;
use crate::claims::Truth;

/// How many rows each table has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct FolderCounts {
    /// 人员.
    pub persons: u64,
    /// 就诊.
    pub encounters: u64,
    /// 诊断.
    pub diagnoses: u64,
    /// 手术操作.
    pub procedures: u64,
    /// 费用明细.
    pub lines: u64,
    /// 进销存.
    pub stock: u64,
    /// Labels, broken rules included.
    pub labels: u64,
}

/// Writes the claim folder (`persons`, `encounters`, `diagnoses`, `procedures`, `lines`, `funds`,
/// `institutions`, `practitioners`, `stock`, each `.csv`) and, in another folder, `labels.csv` and
/// `breaches.csv`. `tell` hears after each person how many are written.
///
/// # Errors
/// [`CityError`] when a file cannot be written.
pub fn write_claims(
    city: &City,
    folder: &Path,
    labels: &Path,
    mut tell: impl FnMut(u64),
) -> Result<FolderCounts, CityError> {
    for folder in [folder, labels] {
        std::fs::create_dir_all(folder).map_err(|cause| CityError::File { path: folder.to_owned(), cause })?;
    }
    let mut tables = Tables::open(folder)?;
    let beside = city.each_history(|history| {
        tables.history(&history)?;
        tell(tables.counts.persons);
        Ok::<(), CityError>(())
    })?;
    tables.finish(&beside)?;
    let mut counts = tables.counts;
    counts.labels = write_labels(&beside, labels)?;
    Ok(counts)
}

/// An open table.
struct Sheet {
    fields: &'static [Field],
    file: csv::Writer<BufWriter<File>>,
    path: std::path::PathBuf,
    row: Vec<String>,
}

impl Sheet {
    fn open(folder: &Path, name: &str, fields: &'static [Field]) -> Result<Sheet, CityError> {
        let mut sheet = Sheet::bare(folder, name)?;
        sheet.fields = fields;
        let heads: Vec<&str> = fields.iter().map(|field| field.name).collect();
        sheet.write(&heads)?;
        Ok(sheet)
    }

    fn bare(folder: &Path, name: &str) -> Result<Sheet, CityError> {
        let path = folder.join(format!("{name}.csv"));
        let file = File::create(&path).map_err(|cause| CityError::File { path: path.clone(), cause })?;
        Ok(Sheet { fields: &[], file: csv::Writer::from_writer(BufWriter::new(file)), path, row: Vec::new() })
    }

    fn write(&mut self, cells: &[&str]) -> Result<(), CityError> {
        self.file.write_record(cells).map_err(|cause| CityError::Csv { path: self.path.clone(), cause })
    }

    fn record(&mut self, value: impl Fn(&str) -> Option<encounter::Value>) -> Result<(), CityError> {
        self.row.clear();
        self.row.extend(self.fields.iter().map(|f| value(f.name).map_or(String::new(), |value| value.to_string())));
        self.file.write_record(&self.row).map_err(|cause| CityError::Csv { path: self.path.clone(), cause })
    }

    fn close(&mut self) -> Result<(), CityError> {
        self.file.flush().map_err(|cause| CityError::File { path: self.path.clone(), cause })
    }
}

struct Tables {
    persons: Sheet,
    encounters: Sheet,
    diagnoses: Sheet,
    procedures: Sheet,
    lines: Sheet,
    funds: Sheet,
    institutions: Sheet,
    practitioners: Sheet,
    stock: Sheet,
    counts: FolderCounts,
}

impl Tables {
    fn open(folder: &Path) -> Result<Tables, CityError> {
        let open = |name: &str, table: Table| Sheet::open(folder, name, table.fields());
        let mut funds = Sheet::bare(folder, "funds")?;
        funds.write(&["mdtrt_id", "fund_pay_type", "fund_payamt"])?;
        Ok(Tables {
            persons: open("persons", Table::Person)?,
            encounters: open("encounters", Table::Encounter)?,
            diagnoses: open("diagnoses", Table::Diagnosis)?,
            procedures: open("procedures", Table::Procedure)?,
            lines: open("lines", Table::Line)?,
            funds,
            institutions: open("institutions", Table::Institution)?,
            practitioners: open("practitioners", Table::Practitioner)?,
            stock: open("stock", Table::Stock)?,
            counts: FolderCounts::default(),
        })
    }

    fn history(&mut self, history: &History) -> Result<(), CityError> {
        self.persons.record(|name| history.person.value(name))?;
        self.counts.persons += 1;
        history.encounters.iter().try_for_each(|visit| self.encounter(visit))
    }

    fn encounter(&mut self, visit: &Encounter) -> Result<(), CityError> {
        self.encounters.record(|name| visit.value(name))?;
        visit.diagnoses.iter().try_for_each(|row| self.diagnoses.record(|name| row.value(name)))?;
        visit.procedures.iter().try_for_each(|row| self.procedures.record(|name| row.value(name)))?;
        visit.lines.iter().try_for_each(|row| self.lines.record(|name| row.value(name)))?;
        for (fund, paid) in &visit.funds {
            self.funds.write(&[visit.mdtrt_id.as_deref().unwrap_or(""), fund, &paid.to_string()])?;
        }
        let count = |rows: usize| u64::try_from(rows).unwrap_or(u64::MAX);
        self.counts.encounters += 1;
        self.counts.diagnoses += count(visit.diagnoses.len());
        self.counts.procedures += count(visit.procedures.len());
        self.counts.lines += count(visit.lines.len());
        Ok(())
    }

    fn finish(&mut self, beside: &Beside) -> Result<(), CityError> {
        let around = &beside.surroundings;
        around.institutions.iter().try_for_each(|row| self.institutions.record(|name| row.value(name)))?;
        around.practitioners.iter().try_for_each(|row| self.practitioners.record(|name| row.value(name)))?;
        beside.stock.iter().try_for_each(|row| self.stock.record(|name| row.value(name)))?;
        self.counts.stock = u64::try_from(beside.stock.len()).unwrap_or(u64::MAX);
        let sheets = [&mut self.persons, &mut self.encounters, &mut self.diagnoses, &mut self.procedures];
        sheets.into_iter().try_for_each(Sheet::close)?;
        let sheets =
            [&mut self.lines, &mut self.funds, &mut self.institutions, &mut self.practitioners, &mut self.stock];
        sheets.into_iter().try_for_each(Sheet::close)
    }
}

fn write_labels(beside: &Beside, folder: &Path) -> Result<u64, CityError> {
    let mut members = Sheet::bare(folder, "labels")?;
    members.write(&["scheme", "case_id", "member_kind", "member_id", "innocent", "near_miss"])?;
    for label in &beside.labels.members {
        let (innocent, kind) = match label.truth {
            Truth::Fraud => ("0", ""),
            Truth::Innocent(kind) => ("1", kind),
        };
        members.write(&[label.scheme, &label.case.to_string(), label.member.word(), &label.id, innocent, kind])?;
    }
    members.close()?;
    let mut breaches = Sheet::bare(folder, "breaches")?;
    breaches.write(&["rule", "mdtrt_id", "feedetl_sn"])?;
    for breach in &beside.labels.breaches {
        breaches.write(&[breach.rule, &breach.visit, &breach.line])?;
    }
    breaches.close()?;
    let all = beside.labels.members.len() + beside.labels.breaches.len();
    Ok(u64::try_from(all).unwrap_or(u64::MAX))
}
