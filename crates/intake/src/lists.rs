//! 清单读取: rows of any table to settlement lists, one at a time.

use crate::columns::{ColumnMap, Columns, Manner, Target};
use crate::error::{CellError, IntakeError, RowError};
use crate::source::{Row, Table};
use listing::codes::{cleaned, odd_characters};
use listing::{Kind, Minutes, Part, Place, Scope, SettlementList, by_path};

/// What the caller asks of the reading.
#[derive(Debug, Clone, Default)]
pub struct ListOptions {
    /// Fields without which the file is refused, as [`by_path`] finds them.
    pub required: Vec<Place>,
    /// Whether odd characters in codes (full-width forms, spaces, look-alikes) are replaced
    /// where their meaning is clear. Otherwise the row is an error. Each replacement is kept.
    pub clean_codes: bool,
}

impl ListOptions {
    /// Requires the fields of these paths.
    ///
    /// # Panics
    /// A path is not a field: a mistake of the program, not of the file.
    #[must_use]
    pub fn requiring(paths: &[&str]) -> ListOptions {
        let places = paths.iter().map(|path| by_path(path).unwrap_or_else(|| panic!("no field `{path}`")));
        ListOptions { required: places.collect(), clean_codes: false }
    }
}

/// 清洗记录. A code that was cleaned because the caller asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cleaned {
    /// The row.
    pub row: u64,
    /// The heading.
    pub heading: String,
    /// The code before.
    pub before: String,
    /// The code after.
    pub after: String,
}

/// 清单流. Settlement lists of a table, in the order of its rows.
pub struct Lists<'a> {
    table: Table<'a>,
    columns: Columns,
    scope: Scope,
    file: String,
    row: Row,
    clean_codes: bool,
    cleaned: Vec<Cleaned>,
    ended: bool,
}

impl<'a> Lists<'a> {
    /// Finds out the columns of a table.
    ///
    /// # Errors
    /// A required column is missing, or two columns claim one field.
    pub fn of(table: Table<'a>, map: &ColumnMap, options: &ListOptions) -> Result<Lists<'a>, IntakeError> {
        let refused = |source| IntakeError::Columns { path: table.path().to_owned(), source };
        let columns = map.detect(&table.headings().names).map_err(refused)?;
        columns.require(&options.required).map_err(refused)?;
        let file = table.path().file_name().map_or(String::new(), |name| name.to_string_lossy().into_owned());
        let scope = columns.scope();
        let clean_codes = options.clean_codes;
        Ok(Lists { table, columns, scope, file, row: Row::new(), clean_codes, cleaned: Vec::new(), ended: false })
    }

    /// Which column was read as what.
    #[must_use]
    pub fn columns(&self) -> &Columns {
        &self.columns
    }

    /// How the table was read: encoding, delimiter or sheet.
    #[must_use]
    pub fn how(&self) -> &str {
        &self.table.headings().how
    }

    /// Codes cleaned since the last call.
    pub fn take_cleaned(&mut self) -> Vec<Cleaned> {
        std::mem::take(&mut self.cleaned)
    }

    fn list(&mut self) -> Result<SettlementList, RowError> {
        let mut list = SettlementList { scope: self.scope, ..SettlementList::default() };
        let mut wrong = Vec::new();
        wrong.extend(self.row_length());
        if wrong.is_empty() {
            for (index, target) in &self.columns.targets {
                let raw = self.row.cell(*index);
                if is_empty(raw) {
                    continue;
                }
                let set = Setting {
                    target,
                    number: self.row.is_number(*index),
                    clean: self.clean_codes,
                    heading: &self.columns.headings[*index],
                    row: self.row.number(),
                };
                match set.put(raw, &mut list, &mut self.cleaned) {
                    Ok(()) => {}
                    Err((problem, way_out)) => wrong.push(CellError {
                        column: index + 1,
                        heading: self.columns.headings[*index].clone(),
                        value: raw.to_owned(),
                        problem,
                        way_out,
                    }),
                }
            }
            wrong.extend(self.without_principal(&list));
        }
        if wrong.is_empty() {
            list.drop_empty_rows();
            return Ok(list);
        }
        Err(RowError { file: self.file.clone(), row: self.row.number(), cells: wrong })
    }

    /// A row must have as many cells as there are headings; empty cells behind them do no harm.
    fn row_length(&self) -> Option<CellError> {
        let (headings, cells) = (self.columns.headings.len(), self.row.len());
        let beyond = (headings..cells).find(|index| !self.row.cell(*index).trim().is_empty());
        let short = self.table.is_ragged() && cells < headings;
        if beyond.is_none() && !short {
            return None;
        }
        Some(CellError {
            column: 0,
            heading: String::new(),
            value: String::new(),
            problem: format!("本行 {cells} 格，表头 {headings} 格，列已错位 the columns are shifted"),
            way_out: "检查分隔符与引号 look for a delimiter or a quote inside a cell".to_owned(),
        })
    }

    /// The first row of diagnoses and operations may not be empty while others are not: the
    /// next would slip into its place.
    fn without_principal(&self, list: &SettlementList) -> Option<CellError> {
        for (part, path) in [(Part::Diagnoses, "diagnoses.code"), (Part::Operations, "operations.code")] {
            let code = by_path(path)?;
            let rows = list.rows(part);
            if !self.columns.holds_part(part) || rows < 2 || list.get(code, 0).is_some() {
                continue;
            }
            if (1..rows).any(|row| list.get(code, row).is_some()) {
                return Some(CellError {
                    column: 0,
                    heading: String::new(),
                    value: String::new(),
                    problem: format!(
                        "{}的第一行为空而其后有编码 the first row is empty and others are not",
                        part.chinese()
                    ),
                    way_out: "补上主要诊断或主要手术；不以其后者代替 fill it in: the next one is not taken for it"
                        .to_owned(),
                });
            }
        }
        None
    }
}

/// Why there is no list.
#[derive(Debug, thiserror::Error)]
pub enum ListError {
    /// One row cannot be read; the rest goes on.
    #[error(transparent)]
    Row(Box<RowError>),
    /// The file cannot be read on; nothing comes after it.
    #[error(transparent)]
    File(#[from] IntakeError),
}

impl Iterator for Lists<'_> {
    type Item = Result<(u64, SettlementList), ListError>;

    /// The next list with the number of its row.
    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        match self.table.next(&mut self.row) {
            Ok(false) => None,
            Ok(true) => {
                let number = self.row.number();
                Some(self.list().map(|list| (number, list)).map_err(|error| ListError::Row(Box::new(error))))
            }
            Err(error) => {
                self.ended = true;
                Some(Err(error.into()))
            }
        }
    }
}

/// What exports write where there is nothing.
fn is_empty(text: &str) -> bool {
    matches!(text.trim(), "" | "-" | "--" | "—" | "/" | "\\N" | "NULL" | "null" | "NaN")
}

/// One cell on its way into a field.
struct Setting<'a> {
    target: &'a Target,
    number: bool,
    clean: bool,
    heading: &'a str,
    row: u64,
}

type Wrong = (String, String);

impl Setting<'_> {
    fn put(&self, raw: &str, list: &mut SettlementList, notes: &mut Vec<Cleaned>) -> Result<(), Wrong> {
        if raw.contains('\u{fffd}') {
            return Err((
                "含无法解码的字节 holds bytes that cannot be decoded".to_owned(),
                "用 --encoding 说明编码，或另存为 UTF-8 say the encoding, or save as UTF-8".to_owned(),
            ));
        }
        match self.target.manner {
            Manner::Whole => self.put_one(raw, self.target.row, list, notes),
            Manner::Joined(separator) => {
                for (row, piece) in raw.split(separator).enumerate() {
                    self.put_one(piece, row, list, notes)?;
                }
                Ok(())
            }
            Manner::TimesMinutes(minutes) => self.add_minutes(raw.trim(), minutes, list),
        }
    }

    fn put_one(&self, raw: &str, row: usize, list: &mut SettlementList, notes: &mut Vec<Cleaned>) -> Result<(), Wrong> {
        let place = self.target.place;
        let trimmed = raw.trim();
        let text = match self.target.values.get(trimmed) {
            Some(code) => code.clone(),
            None if is_code(place) => self.code(raw, notes)?,
            None => trimmed.to_owned(),
        };
        if self.number && place.entry().kind == Kind::Text && text.bytes().filter(u8::is_ascii_digit).count() > 15 {
            return Err((
                "电子表格只保留 15 位数字，号码已失真 a spreadsheet keeps only 15 digits of a number".to_owned(),
                "把该列设为文本格式后重新导出 format the column as text and export again".to_owned(),
            ));
        }
        list.set(place, row, &text).map_err(|error| {
            let kind = error.kind.hint();
            (
                format!("不是{kind}"),
                format!(
                    "改正后重试，或在映射文件中更正列 “{}” correct it, or its column in a mapping file",
                    self.heading
                ),
            )
        })
    }

    /// A code as written, or cleaned where that was asked.
    fn code(&self, raw: &str, notes: &mut Vec<Cleaned>) -> Result<String, Wrong> {
        if self.number {
            return Err((
                "编码存成了数字，前后的零可能已丢失 a code stored as a number may have lost its zeros".to_owned(),
                "把该列设为文本格式后重新导出 format the column as text and export again".to_owned(),
            ));
        }
        let odd = odd_characters(raw);
        if odd.is_empty() {
            return Ok(raw.to_owned());
        }
        let after = cleaned(raw);
        if self.clean && odd_characters(&after).is_empty() {
            notes.push(Cleaned {
                row: self.row,
                heading: self.heading.to_owned(),
                before: raw.to_owned(),
                after: after.clone(),
            });
            return Ok(after);
        }
        let what: Vec<String> = odd.iter().map(ToString::to_string).collect();
        Err((what.join("；"), format!("改为 “{after}”，或用 --clean-codes correct it, or ask for cleaning")))
    }

    fn add_minutes(&self, text: &str, minutes: i64, list: &mut SettlementList) -> Result<(), Wrong> {
        let wrong = || ("不是整数 not a whole number".to_owned(), "写整数 write a whole number".to_owned());
        let number: i64 = text.strip_suffix(".0").unwrap_or(text).parse().map_err(|_| wrong())?;
        let slot = match self.target.place {
            place if Some(place) == by_path("stay.coma_before") => &mut list.stay.coma_before,
            place if Some(place) == by_path("stay.coma_after") => &mut list.stay.coma_after,
            place if Some(place) == by_path("stay.ventilator") => &mut list.stay.ventilator,
            place => {
                return Err((
                    format!("{place} 不是时长 is no length of time"),
                    "更正映射文件 correct the mapping file".to_owned(),
                ));
            }
        };
        let sum = number.checked_mul(minutes).filter(|minutes| (0..=10_000_000).contains(minutes)).ok_or_else(wrong)?;
        *slot = Some(Minutes(slot.map_or(0, |before| before.0) + sum));
        Ok(())
    }
}

/// Whether the field holds a code of ICD-10 or ICD-9-CM-3.
fn is_code(place: Place) -> bool {
    let part = matches!(place.part, Part::Diagnoses | Part::Operations) && place.entry().name == "code";
    part || place.entry().name.ends_with("_code") && matches!(place.part, Part::HomePage | Part::ChronicItems)
}
