//! 分组用例: the fast path for neutral case files (`id, kind, sex, age, age_days, weight, dept,
//! los, leaving_type, icu_hours, dx, proc`), which lend each row without copying a cell.
//!
//! Columns are found by name, in any order; `dx` and `proc` hold codes with `|` between, the
//! principal one first. Further columns (expected answers, say) are read by [`Case::cell`].

use crate::error::{CellError, IntakeError, RowError};
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};
use terms::Quantity;

const NAMES: [&str; 12] =
    ["id", "kind", "sex", "age", "age_days", "weight", "dept", "los", "leaving_type", "icu_hours", "dx", "proc"];
/// Without these nothing can be grouped.
const REQUIRED: [&str; 5] = ["id", "sex", "age", "dx", "proc"];

/// 一例. One case, lent by its file until the next is read. Empty cells are unknown.
#[derive(Debug, Clone, Copy)]
pub struct Case<'r> {
    /// The line in the file.
    pub row: u64,
    /// 编号.
    pub id: &'r str,
    /// Kind of the case, if the file says.
    pub kind: &'r str,
    /// 性别, as written: what is not 1 or 2 is for the grouper to say.
    pub sex: &'r str,
    /// 年龄 in years.
    pub age: Option<u32>,
    /// 日龄 in days.
    pub age_days: Option<u32>,
    /// 体重 in grams.
    pub weight: Option<Quantity>,
    /// 科室.
    pub dept: &'r str,
    /// 住院天数.
    pub los: Option<u32>,
    /// 离院方式.
    pub leaving_type: &'r str,
    /// 重症监护小时.
    pub icu_hours: Option<Quantity>,
    dx: &'r str,
    proc: &'r str,
    record: &'r csv::StringRecord,
}

impl<'r> Case<'r> {
    /// Diagnosis codes, the principal one first.
    pub fn dx(&self) -> impl Iterator<Item = &'r str> + use<'r> {
        codes(self.dx)
    }

    /// Procedure codes, the main one first.
    pub fn proc(&self) -> impl Iterator<Item = &'r str> + use<'r> {
        codes(self.proc)
    }

    /// A cell by the number that [`CaseFile::column`] gave.
    #[must_use]
    pub fn cell(&self, column: usize) -> &'r str {
        self.record.get(column).unwrap_or_default()
    }
}

fn codes(text: &str) -> impl Iterator<Item = &str> {
    let text = text.trim();
    text.split('|').filter(move |_| !text.is_empty())
}

/// 用例文件. A CSV file of cases, plain or gzipped.
pub struct CaseFile {
    path: PathBuf,
    file: String,
    reader: csv::Reader<Box<dyn Read + Send>>,
    record: csv::StringRecord,
    headings: csv::StringRecord,
    columns: [Option<usize>; 12],
}

impl CaseFile {
    /// Opens a file.
    ///
    /// # Errors
    /// It cannot be read, or lacks `id`, `sex`, `age`, `dx` or `proc`.
    pub fn open(path: &Path) -> Result<CaseFile, IntakeError> {
        let file = File::open(path).map_err(|source| IntakeError::file(path, source))?;
        let zipped = path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("gz"));
        let bytes: Box<dyn Read + Send> =
            if zipped { Box::new(flate2::read::MultiGzDecoder::new(BufReader::new(file))) } else { Box::new(file) };
        CaseFile::read(path, bytes)
    }

    /// Reads cases from bytes; `path` is for messages.
    ///
    /// # Errors
    /// As [`CaseFile::open`].
    pub fn read(path: &Path, bytes: Box<dyn Read + Send>) -> Result<CaseFile, IntakeError> {
        let mut reader = csv::ReaderBuilder::new().flexible(true).buffer_capacity(256 * 1024).from_reader(bytes);
        let headings = reader.headers().map_err(|error| IntakeError::content(path, error))?.clone();
        let at = |name: &str| headings.iter().position(|heading| heading.trim_start_matches('\u{feff}').trim() == name);
        let missing: Vec<&str> = REQUIRED.into_iter().filter(|name| at(name).is_none()).collect();
        if !missing.is_empty() {
            let found: Vec<&str> = headings.iter().collect();
            let problem =
                format!("the case file lacks the columns {}; it has {}", missing.join(", "), found.join(", "));
            return Err(IntakeError::content(path, problem));
        }
        let columns = NAMES.map(at);
        let file = path.file_name().map_or(String::new(), |name| name.to_string_lossy().into_owned());
        Ok(CaseFile { path: path.to_owned(), file, reader, record: csv::StringRecord::new(), headings, columns })
    }

    /// The number of a further column.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<usize> {
        self.headings.iter().position(|heading| heading.trim() == name)
    }

    /// The headings as written.
    pub fn headings(&self) -> impl Iterator<Item = &str> {
        self.headings.iter()
    }

    /// Reads the next case; `None` at the end. The inner error is of one row and the rest
    /// goes on, the outer one ends the file.
    ///
    /// # Errors
    /// The file cannot be read on.
    pub fn next_case(&mut self) -> Result<Option<Result<Case<'_>, Box<RowError>>>, IntakeError> {
        match self.reader.read_record(&mut self.record) {
            Ok(true) => Ok(Some(self.case())),
            Ok(false) => Ok(None),
            Err(error) => match error.kind() {
                csv::ErrorKind::Utf8 { pos, .. } => {
                    let row = pos.as_ref().map_or(0, csv::Position::line);
                    Ok(Some(Err(self.wrong(row, None, "", "not UTF-8", "save the file as UTF-8"))))
                }
                _ => Err(IntakeError::content(&self.path, error)),
            },
        }
    }

    fn case(&self) -> Result<Case<'_>, Box<RowError>> {
        let row = self.record.position().map_or(0, csv::Position::line);
        if self.record.len() != self.headings.len() {
            let problem =
                format!("{} cells under {} headings: the columns are shifted", self.record.len(), self.headings.len());
            return Err(self.wrong(row, None, "", &problem, "look for a comma or a quote inside a cell"));
        }
        let text = |column: usize| self.columns[column].and_then(|at| self.record.get(at)).unwrap_or_default();
        Ok(Case {
            row,
            id: text(0),
            kind: text(1),
            sex: text(2),
            age: self.number(row, 3)?,
            age_days: self.number(row, 4)?,
            weight: self.number(row, 5)?,
            dept: text(6),
            los: self.number(row, 7)?,
            leaving_type: text(8),
            icu_hours: self.number(row, 9)?,
            dx: text(10),
            proc: text(11),
            record: &self.record,
        })
    }

    fn number<T: std::str::FromStr>(&self, row: u64, column: usize) -> Result<Option<T>, Box<RowError>> {
        let Some(at) = self.columns[column] else { return Ok(None) };
        match self.record.get(at) {
            None | Some("") => Ok(None),
            Some(text) => match text.trim().parse() {
                Ok(number) => Ok(Some(number)),
                Err(_) => {
                    Err(self.wrong(row, Some(at), text, "not a number", "write digits, or nothing where it is unknown"))
                }
            },
        }
    }

    #[cold]
    fn wrong(&self, row: u64, at: Option<usize>, value: &str, problem: &str, way_out: &str) -> Box<RowError> {
        let heading = at.and_then(|at| self.headings.get(at)).unwrap_or_default().to_owned();
        let cell = CellError {
            column: at.map_or(0, |at| at + 1),
            heading,
            value: value.to_owned(),
            problem: problem.to_owned(),
            way_out: way_out.to_owned(),
        };
        Box::new(RowError { file: self.file.clone(), row, cells: vec![cell] })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(text: &'static str) -> Result<CaseFile, IntakeError> {
        CaseFile::read(Path::new("cases.csv"), Box::new(text.as_bytes()))
    }

    #[test]
    fn cases_are_lent_with_their_codes_in_order() {
        let text = "\u{feff}proc,dx,id,sex,age,weight,status\n,I10.x00|E11.900,c1,1,61,,ok\n36.0600|88.5500,I25.100,c2,9,0,1499.5,ok\n";
        let mut cases = file(text).expect("opens");
        let status = cases.column("status").expect("there");
        let case = cases.next_case().expect("reads").expect("a case").expect("good");
        assert_eq!((case.id, case.sex, case.age, case.weight), ("c1", "1", Some(61), None));
        assert_eq!(case.dx().collect::<Vec<_>>(), ["I10.x00", "E11.900"]);
        assert_eq!(case.proc().count(), 0);
        assert_eq!((case.cell(status), case.dept, case.los), ("ok", "", None));
        let case = cases.next_case().expect("reads").expect("a case").expect("good");
        assert_eq!((case.row, case.sex, case.weight), (3, "9", Some(Quantity(14_995_000))));
        assert_eq!(case.proc().collect::<Vec<_>>(), ["36.0600", "88.5500"]);
        assert!(cases.next_case().expect("reads").is_none());
    }

    #[test]
    fn a_bad_row_is_named_and_the_rest_goes_on() {
        let mut cases = file("id,sex,age,dx,proc\nc1,1,sixty,A,\nc2,1\nc3,1,60,A,\n").expect("opens");
        let error = cases.next_case().expect("reads").expect("a row").expect_err("sixty");
        assert_eq!((error.row, error.cells[0].column, error.cells[0].value.as_str()), (2, 3, "sixty"));
        let error = cases.next_case().expect("reads").expect("a row").expect_err("short");
        assert!(error.to_string().contains("shifted"), "{error}");
        assert_eq!(cases.next_case().expect("reads").expect("a row").expect("good").id, "c3");
    }

    #[test]
    fn a_file_without_the_columns_is_refused() {
        let error = file("id,sex,age,diagnoses\n").err().expect("refused").to_string();
        assert!(error.contains("dx, proc") && error.contains("diagnoses"), "{error}");
    }
}
