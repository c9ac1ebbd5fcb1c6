//! 表: one opening file, and where the rows of each person stand in it. A file of many
//! gigabytes is never held: 24 bytes a row are, so that rows may come in any order.

use std::collections::HashMap;
use std::fs::File;
use std::path::Path;

use catalogue::RowError;
use csv::{ByteRecord, Position, ReaderBuilder, StringRecord, Trim};
use terms::{Date, Fen, Period, parse_date};

use crate::commands::Problem;

/// The opening files in their order, with the columns that must be there.
pub const FILES: [(&str, &[&str]); 7] = [
    ("persons.csv", &["psn_no", "psn_cert_type", "certno", "psn_name", "gend", "brdy"]),
    (
        "coverage.csv",
        &["psn_no", "insutype", "psn_type", "cvlserv_flag", "psn_insu_stas", "begndate", "enddate", "insuplc_admdvs"],
    ),
    ("identities.csv", &["psn_no", "psn_idet_type", "begndate", "enddate"]),
    ("filings.csv", &["psn_no", "trt_dcla_detl_sn", "kind", "begndate", "enddate"]),
    ("accounts.csv", &["psn_no", "balc"]),
    ("mutual_aid.csv", &["psn_no", "giver_psn_no", "begndate", "enddate"]),
    ("totals.csv", &["psn_no", "key", "amount"]),
];

/// 人员编号 to the person's place in persons.csv.
pub type Places = HashMap<Box<str>, u32>;

/// Where a row stands.
struct Spot {
    person: u32,
    line: u64,
    byte: u64,
}

/// One opening file.
pub struct Sheet {
    /// The file's name.
    pub name: &'static str,
    /// Rows after the header.
    pub rows: u64,
    columns: Vec<String>,
    reader: csv::Reader<File>,
    spots: Vec<Spot>,
    next: usize,
}

/// A row that cannot be used, whomever it is of.
pub struct Stray {
    /// Whose it is, if that can be read.
    pub person: Option<u32>,
    /// What is wrong.
    pub error: RowError,
}

impl Sheet {
    /// Opens a file of the folder; `None` when it is missing.
    pub fn open(folder: &Path, (name, must): (&'static str, &[&str])) -> Result<Option<Sheet>, Problem> {
        let path = folder.join(name);
        if !path.exists() {
            return Ok(None);
        }
        let cannot = |error: csv::Error| format!("{}: cannot be read: {error}", path.display());
        let mut reader = ReaderBuilder::new()
            .flexible(true)
            .trim(Trim::All)
            .buffer_capacity(1 << 16)
            .from_path(&path)
            .map_err(cannot)?;
        let columns: Vec<String> = reader.headers().map_err(cannot)?.iter().map(str::to_owned).collect();
        if let Some(missing) = must.iter().find(|column| !columns.iter().any(|name| name == *column)) {
            return Err(
                format!("{}:1: the column {missing} is missing; add it to the first line", path.display()).into()
            );
        }
        Ok(Some(Sheet { name, rows: 0, columns, reader, spots: Vec::new(), next: 0 }))
    }

    /// Reads the file once and remembers whose each row is. Rows that nobody can use are
    /// handed to `stray`; `place` finds (or, for persons.csv, gives) a person's place.
    pub fn index(
        &mut self,
        mut place: impl FnMut(&str) -> Result<u32, (Option<u32>, &'static str, &'static str)>,
        mut stray: impl FnMut(Stray) -> Result<(), Problem>,
    ) -> Result<(), Problem> {
        let mut record = ByteRecord::new();
        let at = self.columns.iter().position(|name| name == "psn_no").unwrap_or_default();
        while self.reader.read_byte_record(&mut record).map_err(|error| format!("{}: {error}", self.name))? {
            self.rows += 1;
            let (line, byte) = record.position().map_or((0, 0), |position| (position.line(), position.byte()));
            let number = record.get(at).and_then(|cell| std::str::from_utf8(cell).ok()).unwrap_or_default();
            let error = |column: &str, value: &str, problem: String, remedy: &str| RowError {
                file: self.name.into(),
                line,
                column: column.to_owned(),
                value: value.to_owned(),
                problem,
                remedy: remedy.to_owned(),
            };
            let person = match place(number) {
                Ok(person) => person,
                Err((person, problem, remedy)) => {
                    stray(Stray { person, error: error("psn_no", number, problem.to_owned(), remedy) })?;
                    continue;
                }
            };
            let person_of_stray = Some(person);
            if record.len() != self.columns.len() {
                let problem = format!("{} cells under {} columns", record.len(), self.columns.len());
                let error = error("", "", problem, "put text that holds a comma in quotes");
                stray(Stray { person: person_of_stray, error })?;
            } else if record.iter().any(|cell| std::str::from_utf8(cell).is_err()) {
                let error = error("", "", "the line is not UTF-8".to_owned(), "save the file as CSV in UTF-8");
                stray(Stray { person: person_of_stray, error })?;
            } else {
                self.spots.push(Spot { person, line, byte });
            }
        }
        self.spots.sort_by_key(|spot| spot.person);
        self.spots.shrink_to_fit();
        Ok(())
    }

    /// The rows of the next person; persons are asked for in the order of their places.
    pub fn rows_of(&mut self, person: u32) -> Result<Vec<(u64, StringRecord)>, Problem> {
        let mut rows = Vec::new();
        while let Some(spot) = self.spots.get(self.next).filter(|spot| spot.person == person) {
            let mut position = Position::new();
            position.set_byte(spot.byte).set_line(spot.line);
            self.reader.seek(position).map_err(|error| format!("{}: {error}", self.name))?;
            let mut record = StringRecord::new();
            let changed = || format!("{}:{}: the file changed while it was read; start again", self.name, spot.line);
            match self.reader.read_record(&mut record) {
                Ok(true) => rows.push((spot.line, record)),
                _ => return Err(changed().into()),
            }
            self.next += 1;
        }
        Ok(rows)
    }

    /// A row under the header.
    pub fn row<'a>(&'a self, (line, record): &'a (u64, StringRecord)) -> Row<'a> {
        Row { file: self.name, columns: &self.columns, line: *line, record }
    }
}

/// One row under its header; each reading says what is wrong with the cell.
#[derive(Clone, Copy)]
pub struct Row<'a> {
    file: &'static str,
    columns: &'a [String],
    line: u64,
    record: &'a StringRecord,
}

impl<'a> Row<'a> {
    /// The cell of a column, empty if the file has no such column.
    pub fn cell(&self, column: &str) -> &'a str {
        self.columns.iter().position(|name| name == column).and_then(|at| self.record.get(at)).unwrap_or("")
    }

    /// What is wrong with a cell.
    pub fn error(&self, column: &str, problem: impl Into<String>, remedy: impl Into<String>) -> RowError {
        RowError {
            file: self.file.into(),
            line: self.line,
            column: column.to_owned(),
            value: self.cell(column).to_owned(),
            problem: problem.into(),
            remedy: remedy.into(),
        }
    }

    /// A text of at most `most` characters, which may be empty.
    pub fn at_most(&self, column: &str, most: usize) -> Result<&'a str, RowError> {
        let cell = self.cell(column);
        let length = cell.chars().count();
        if length > most {
            let problem = format!("{length} characters, more than {most}");
            return Err(self.error(column, problem, "shorten it"));
        }
        Ok(cell)
    }

    /// A text that must be there.
    pub fn text(&self, column: &str, most: usize) -> Result<&'a str, RowError> {
        match self.at_most(column, most)? {
            "" => Err(self.error(column, "the cell is empty", "fill it in")),
            text => Ok(text),
        }
    }

    /// One of some codes.
    pub fn one_of(&self, column: &str, codes: &[&str]) -> Result<&'a str, RowError> {
        let cell = self.cell(column);
        if codes.contains(&cell) {
            return Ok(cell);
        }
        Err(self.error(column, "not in the code list", format!("use {}", codes.join(", "))))
    }

    /// A code of digits.
    pub fn digits(&self, column: &str, lengths: std::ops::RangeInclusive<usize>) -> Result<&'a str, RowError> {
        let cell = self.cell(column);
        if lengths.contains(&cell.len()) && cell.bytes().all(|byte| byte.is_ascii_digit()) {
            return Ok(cell);
        }
        let (least, most) = lengths.into_inner();
        let wanted = if least == most { format!("{least} digits") } else { format!("{least} to {most} digits") };
        Err(self.error(column, "not such a code", format!("write its {wanted}")))
    }

    /// 金额 in yuan, not negative.
    pub fn money(&self, column: &str) -> Result<Fen, RowError> {
        let fen: Fen = self.cell(column).parse().map_err(|_| {
            self.error(column, "not an amount of money", "write yuan with at most two decimals, such as 1036.50")
        })?;
        if fen < Fen::ZERO {
            return Err(self.error(column, "an amount below zero", "write what is there; nothing can be owed here"));
        }
        Ok(fen)
    }

    /// A day.
    pub fn date(&self, column: &str) -> Result<Date, RowError> {
        parse_date(self.cell(column)).ok_or_else(|| self.error(column, "not a date", "write it as 2026-07-01"))
    }

    /// 起止日期; an empty end is open.
    pub fn period(&self) -> Result<Period, RowError> {
        let begin = self.date("begndate")?;
        let end = if self.cell("enddate").is_empty() { None } else { Some(self.date("enddate")?) };
        if end.is_some_and(|end| end < begin) {
            return Err(self.error("enddate", format!("ends before it begins ({begin})"), "correct one of the dates"));
        }
        Ok(Period { begin, end })
    }

    /// Where the row stands.
    pub fn line(&self) -> u64 {
        self.line
    }
}
