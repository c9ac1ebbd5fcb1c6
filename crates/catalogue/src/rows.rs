//! Reading a CSV text line by line: every cell that is wrong becomes a [`RowError`] with
//! its line, column and value, and the next line is read all the same.

use terms::{Period, parse_date};

use crate::RowError;

/// A file's header and its lines.
pub(crate) struct Rows<'a> {
    file: &'a str,
    header: Vec<String>,
    reader: csv::Reader<&'a [u8]>,
}

impl<'a> Rows<'a> {
    /// Opens a CSV text and asks that its header has every column of `required`.
    pub(crate) fn open(file: &'a str, text: &'a str, required: &[&str]) -> Result<Rows<'a>, RowError> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut reader = csv::ReaderBuilder::new().flexible(true).trim(csv::Trim::All).from_reader(text.as_bytes());
        let error = |column: &str, problem: String| RowError {
            file: file.into(),
            line: 1,
            column: column.to_owned(),
            value: String::new(),
            problem,
            remedy: "add it to the first line".to_owned(),
        };
        let header = reader.headers().map_err(|cause| error("", format!("the header cannot be read ({cause})")))?;
        let header: Vec<String> = header.iter().map(str::to_owned).collect();
        match required.iter().find(|name| !header.iter().any(|column| column == **name)) {
            Some(name) => Err(error(name, "the column is missing".to_owned())),
            None => Ok(Rows { file, header, reader }),
        }
    }

    /// Reads every line with `read`; a refused line does not stop the next.
    pub(crate) fn each<T>(mut self, read: impl Fn(&Line<'_>) -> Result<T, RowError>) -> (Vec<(u64, T)>, Vec<RowError>) {
        let (mut good, mut bad) = (Vec::new(), Vec::new());
        let mut record = csv::StringRecord::new();
        loop {
            match self.reader.read_record(&mut record) {
                Ok(false) => return (good, bad),
                Ok(true) => {
                    let number = record.position().map_or(0, csv::Position::line);
                    let line = Line { file: self.file, header: &self.header, number, record: &record };
                    match line.whole().and_then(|()| read(&line)) {
                        Ok(row) => good.push((number, row)),
                        Err(error) => bad.push(error),
                    }
                }
                Err(cause) => bad.push(RowError {
                    file: self.file.into(),
                    line: cause.position().map_or(0, csv::Position::line),
                    column: String::new(),
                    value: String::new(),
                    problem: cause.to_string(),
                    remedy: "save the file as CSV in UTF-8".to_owned(),
                }),
            }
        }
    }
}

/// One line under its header.
pub(crate) struct Line<'a> {
    file: &'a str,
    header: &'a [String],
    number: u64,
    record: &'a csv::StringRecord,
}

impl<'a> Line<'a> {
    fn whole(&self) -> Result<(), RowError> {
        if self.record.len() == self.header.len() {
            return Ok(());
        }
        let problem = format!("{} cells under {} columns", self.record.len(), self.header.len());
        Err(RowError { column: String::new(), ..self.error("", problem, "put text that holds a comma in quotes") })
    }

    /// The cell of a column, empty if the file has no such column.
    pub(crate) fn cell(&self, column: &str) -> &'a str {
        self.header.iter().position(|name| name == column).and_then(|at| self.record.get(at)).unwrap_or("")
    }

    /// The cells of all columns that begin with `prefix`, by the rest of their names.
    pub(crate) fn family(&self, prefix: &str) -> Vec<(&'a str, &'a str)> {
        let named = self.header.iter().zip(self.record.iter());
        named.filter_map(|(name, cell)| name.strip_prefix(prefix).map(|key| (key, cell))).collect()
    }

    /// A row error at a column of this line.
    pub(crate) fn error(&self, column: &str, problem: impl Into<String>, remedy: impl Into<String>) -> RowError {
        RowError {
            file: self.file.into(),
            line: self.number,
            column: column.to_owned(),
            value: self.cell(column).to_owned(),
            problem: problem.into(),
            remedy: remedy.into(),
        }
    }

    /// A cell that must not be empty.
    pub(crate) fn text(&self, column: &str) -> Result<String, RowError> {
        match self.cell(column) {
            "" => Err(self.error(column, "the cell is empty", "fill it in")),
            text => Ok(text.to_owned()),
        }
    }

    /// A cell that must be one of `allowed`.
    pub(crate) fn one_of(&self, column: &str, allowed: &[&'static str]) -> Result<&'static str, RowError> {
        let cell = self.cell(column);
        let found = allowed.iter().find(|code| **code == cell);
        found.copied().ok_or_else(|| self.error(column, "not in the code list", format!("use {}", allowed.join(", "))))
    }

    /// A cell read as `T` (a number).
    pub(crate) fn number<T: std::str::FromStr<Err: std::fmt::Display>>(
        &self,
        column: &str,
        remedy: &str,
    ) -> Result<T, RowError> {
        self.cell(column).parse().map_err(|_| self.error(column, "not such a number", remedy))
    }

    /// 起止日期 `begndate`, `enddate`: both ends inclusive, an empty end is open.
    pub(crate) fn period(&self) -> Result<Period, RowError> {
        let date = |column: &str| {
            parse_date(self.cell(column))
                .ok_or_else(|| self.error(column, "not a date", "write it as 2026-07-01; only enddate may be empty"))
        };
        let begin = date("begndate")?;
        let end = if self.cell("enddate").is_empty() { None } else { Some(date("enddate")?) };
        if end.is_some_and(|end| end < begin) {
            return Err(self.error("enddate", format!("ends before it begins ({begin})"), "correct one of the dates"));
        }
        Ok(Period { begin, end })
    }
}
