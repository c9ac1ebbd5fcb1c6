//! 知识表: dated rows with columns that rules give their types.

use crate::codes::{CodeSet, NONE, Sym, Symbols, Word};
use crate::day;
use crate::facts::number_text;
use crate::span::{Span, Window};
use policy::{Problem, Severity};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

/// 列的类型.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ColumnType {
    Items,
    Diagnoses,
    Procedures,
    Texts,
    Text,
    Number,
    Yuan,
    Span,
    Window,
    Flag,
    Date,
}

impl ColumnType {
    pub const WORDS: &'static str = "items, diagnoses, procedures, texts, text, number, yuan, span, window, flag, date";

    pub fn read(word: &str) -> Option<ColumnType> {
        Some(match word {
            "items" => ColumnType::Items,
            "diagnoses" => ColumnType::Diagnoses,
            "procedures" => ColumnType::Procedures,
            "texts" => ColumnType::Texts,
            "text" => ColumnType::Text,
            "number" => ColumnType::Number,
            "yuan" => ColumnType::Yuan,
            "span" => ColumnType::Span,
            "window" => ColumnType::Window,
            "flag" => ColumnType::Flag,
            "date" => ColumnType::Date,
            _ => return None,
        })
    }
}

/// What a cell holds.
#[derive(Debug, Clone)]
pub(crate) enum Cell {
    Blank,
    Num(i128),
    Sym(Sym),
    Codes(Arc<CodeSet>, Arc<str>),
    Span(Span),
    Window(Window),
    Flag(bool),
    Day(i32),
}

/// A row of knowledge.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    /// Valid from this day …
    pub from: i32,
    /// … to this one.
    pub to: i32,
    pub cells: Box<[Cell]>,
    /// Line in the file; of a case's own row its number.
    pub line: u32,
    pub note: Arc<str>,
}

/// 已知编码: what the region's catalogue knows; a kind that is `None` is not checked.
#[derive(Debug, Clone, Default)]
pub struct KnownCodes {
    /// 目录编码.
    pub items: Option<HashSet<String>>,
    /// 诊断.
    pub diagnoses: Option<HashSet<String>>,
    /// 手术操作.
    pub procedures: Option<HashSet<String>>,
}

/// A table as its file holds it.
#[derive(Debug, Clone, Default)]
pub(crate) struct TableText {
    pub file: String,
    pub headings: Vec<String>,
    pub records: Vec<(u32, Vec<String>)>,
}

impl TableText {
    /// Reads a CSV text; broken records are told and left out.
    pub fn read(file: &str, text: &str, problems: &mut Vec<Problem>) -> TableText {
        let mut reader =
            csv::ReaderBuilder::new().flexible(true).from_reader(text.trim_start_matches('\u{feff}').as_bytes());
        let headings: Vec<String> = match reader.headers() {
            Ok(row) => row.iter().map(|cell| cell.trim().to_owned()).collect(),
            Err(error) => {
                problems.push(problem(file, 1, 1, format!("the heading cannot be read: {error}")));
                return TableText { file: file.to_owned(), ..TableText::default() };
            }
        };
        let mut records = Vec::new();
        for record in reader.records() {
            match record {
                Ok(row) => {
                    let line = row.position().map_or(0, csv::Position::line);
                    let line = u32::try_from(line).unwrap_or(u32::MAX);
                    if row.len() > headings.len() {
                        problems.push(problem(
                            file,
                            line,
                            headings.len() + 1,
                            format!(
                                "the row has {} cells, the heading {}; the row is left out",
                                row.len(),
                                headings.len()
                            ),
                        ));
                        continue;
                    }
                    records.push((line, row.iter().map(|cell| cell.trim().to_owned()).collect()));
                }
                Err(error) => {
                    let line = error.position().map_or(0, csv::Position::line);
                    problems.push(problem(
                        file,
                        u32::try_from(line).unwrap_or(0),
                        1,
                        format!("the row cannot be read: {error}"),
                    ));
                }
            }
        }
        TableText { file: file.to_owned(), headings, records }
    }

    /// Adds the rows of a later file of the same name; its columns are found by their headings.
    pub fn append(&mut self, other: TableText, problems: &mut Vec<Problem>) {
        for heading in &other.headings {
            if !self.headings.contains(heading) {
                self.headings.push(heading.clone());
            }
        }
        let places: Vec<Option<usize>> = self.headings.iter().map(|name| other.heading(name)).collect();
        for (line, record) in &other.records {
            let cells = places.iter().map(|place| other.cell(record, *place).to_owned()).collect();
            self.records.push((*line, cells));
        }
        if self.records.is_empty() {
            problems.push(warning(&other.file, 1, 1, "the table has no rows".to_owned()));
        }
        self.file = other.file;
    }

    fn cell<'t>(&self, record: &'t [String], heading: Option<usize>) -> &'t str {
        heading.and_then(|place| record.get(place)).map_or("", String::as_str)
    }

    fn heading(&self, name: &str) -> Option<usize> {
        self.headings.iter().position(|heading| heading == name)
    }

    /// The rows, with columns of these types. Missing columns are problems of the caller's file.
    pub fn rows(
        &self,
        columns: &[(String, ColumnType)],
        known: Option<&KnownCodes>,
        symbols: &mut Symbols,
        problems: &mut Vec<Problem>,
    ) -> Result<Vec<Row>, String> {
        let places: Vec<usize> = columns
            .iter()
            .map(|(name, _)| {
                self.heading(name)
                    .ok_or_else(|| format!("{} has no column “{name}”; it has {}", self.file, self.headings.join(", ")))
            })
            .collect::<Result<_, _>>()?;
        let note = self.heading("name").or_else(|| self.heading("note"));
        let mut rows = Vec::with_capacity(self.records.len());
        for (line, record) in &self.records {
            let Some((from, to)) = self.dates(*line, record, problems) else { continue };
            let mut cells = Vec::with_capacity(columns.len());
            for ((name, kind), place) in columns.iter().zip(&places) {
                let text = record.get(*place).map_or("", String::as_str);
                match read_cell(text, *kind, known, symbols) {
                    Ok((cell, unknown)) => {
                        for code in unknown {
                            problems.push(warning(
                                &self.file,
                                *line,
                                place + 1,
                                format!("{name}: the code “{code}” is not known here; it is passed over"),
                            ));
                        }
                        cells.push(cell);
                    }
                    Err(wanted) => {
                        problems.push(problem(
                            &self.file,
                            *line,
                            place + 1,
                            format!("{name}: “{text}” is not {wanted}; the row is left out"),
                        ));
                        break;
                    }
                }
            }
            if cells.len() == columns.len() {
                let note = self.cell(record, note).into();
                rows.push(Row { from, to, cells: cells.into(), line: *line, note });
            }
        }
        Ok(rows)
    }

    fn dates(&self, line: u32, record: &[String], problems: &mut Vec<Problem>) -> Option<(i32, i32)> {
        let mut ends = [i32::MIN, i32::MAX];
        for (end, name) in ends.iter_mut().zip(["begndate", "enddate"]) {
            let place = self.heading(name);
            let text = self.cell(record, place);
            if text.is_empty() {
                continue;
            }
            let Some(date) = terms::parse_date(text) else {
                problems.push(problem(
                    &self.file,
                    line,
                    place.unwrap_or(0) + 1,
                    format!("{name}: “{text}” is not a date, such as 2026-07-01; the row is left out"),
                ));
                return None;
            };
            *end = day::of_date(date);
        }
        if ends[0] > ends[1] {
            problems.push(problem(&self.file, line, 1, "the row ends before it begins; it is left out".to_owned()));
            return None;
        }
        Some((ends[0], ends[1]))
    }
}

/// A cell and the codes in it that the region does not know.
fn read_cell(
    text: &str,
    kind: ColumnType,
    known: Option<&KnownCodes>,
    symbols: &mut Symbols,
) -> Result<(Cell, Vec<String>), &'static str> {
    let text = text.trim();
    if text.is_empty() {
        return Ok((Cell::Blank, Vec::new()));
    }
    let cell = match kind {
        ColumnType::Items | ColumnType::Diagnoses | ColumnType::Procedures | ColumnType::Texts => {
            let known = match kind {
                ColumnType::Items => known.and_then(|known| known.items.as_ref()),
                ColumnType::Diagnoses => known.and_then(|known| known.diagnoses.as_ref()),
                ColumnType::Procedures => known.and_then(|known| known.procedures.as_ref()),
                _ => None,
            };
            let (words, unknown): (Vec<&str>, Vec<&str>) = text.split('|').map(str::trim).filter(|word| !word.is_empty()).partition(|word| {
                !matches!((known, Word::read(word)), (Some(known), Word::Exact(code)) if !known.contains(&code))
            });
            let set = CodeSet::read(words, symbols);
            return Ok((Cell::Codes(Arc::new(set), text.into()), unknown.into_iter().map(str::to_owned).collect()));
        }
        ColumnType::Text => Cell::Sym(symbols.intern(text)),
        ColumnType::Number => Cell::Num(number_text(text).ok_or("a number")?),
        ColumnType::Yuan => Cell::Num(number_text(text).ok_or("an amount in yuan")?),
        ColumnType::Span => Cell::Span(Span::read(text).ok_or("a length of time, such as 14d, 6m, 3y")?),
        ColumnType::Window => Cell::Window(Window::read(text).ok_or("a window, such as day, month, rolling 30d")?),
        ColumnType::Flag => match text {
            "1" => Cell::Flag(true),
            "0" => Cell::Flag(false),
            _ => return Err("1 (yes) or 0 (no)"),
        },
        ColumnType::Date => Cell::Day(day::of_date(terms::parse_date(text).ok_or("a date, such as 2026-07-01")?)),
    };
    Ok((cell, Vec::new()))
}

/// A table that formulas ask by code.
#[derive(Debug, Default)]
pub(crate) struct Lookup {
    pub name: String,
    rows: Vec<(i32, i32)>,
    exact: HashMap<Sym, Vec<u32>, foldhash::fast::RandomState>,
    families: Vec<(CodeSet, u32)>,
    columns: Vec<(String, bool, Vec<Cell>)>,
}

impl Lookup {
    /// The rows that hold a code on a day, first in the file first.
    fn rows_of(&self, sym: Sym, day: i32, names: &crate::codes::Names) -> Option<u32> {
        let valid = |row: &&u32| self.rows.get(**row as usize).is_some_and(|(from, to)| (*from..=*to).contains(&day));
        let exact = self.exact.get(&sym).and_then(|rows| rows.iter().find(valid)).copied();
        let family = self.families.iter().find(|(set, row)| valid(&row) && set.has(sym, names)).map(|(_, row)| *row);
        match (exact, family) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        }
    }

    pub fn holds(&self, sym: Sym, day: i32, names: &crate::codes::Names) -> bool {
        sym != NONE && self.rows_of(sym, day, names).is_some()
    }

    pub fn cell(&self, sym: Sym, day: i32, column: u16, names: &crate::codes::Names) -> Option<&Cell> {
        let row = self.rows_of(sym, day, names)?;
        self.columns.get(usize::from(column))?.2.get(row as usize)
    }
}

/// All tables, by name; those that formulas ask are laid out when the first formula does.
#[derive(Debug, Default)]
pub(crate) struct Tables {
    pub texts: BTreeMap<String, TableText>,
    pub lookups: Vec<Lookup>,
    pub problems: Vec<Problem>,
}

impl Tables {
    /// The number of a table that formulas ask by `code`.
    pub fn number(&mut self, name: &str, symbols: &mut Symbols) -> Option<u16> {
        if let Some(place) = self.lookups.iter().position(|lookup| lookup.name == name) {
            return u16::try_from(place).ok();
        }
        let text = self.texts.get(name)?;
        let code = [("code".to_owned(), ColumnType::Texts)];
        let mut lookup = Lookup { name: name.to_owned(), ..Lookup::default() };
        match text.rows(&code, None, symbols, &mut self.problems) {
            Ok(rows) => {
                for row in rows {
                    let number = u32::try_from(lookup.rows.len()).unwrap_or(NONE);
                    lookup.rows.push((row.from, row.to));
                    if let Cell::Codes(set, _) = &row.cells[0] {
                        for sym in &set.exact {
                            lookup.exact.entry(*sym).or_default().push(number);
                        }
                        let family = CodeSet { exact: Vec::new(), ..(**set).clone() };
                        if !(family.prefixes.is_empty() && family.ranges.is_empty()) {
                            lookup.families.push((family, number));
                        }
                    }
                }
            }
            Err(message) => self.problems.push(problem(&text.file, 1, 1, message)),
        }
        self.lookups.push(lookup);
        u16::try_from(self.lookups.len() - 1).ok()
    }

    /// The number of a column of such a table.
    pub fn column(&mut self, table: u16, name: &str, is_text: bool, symbols: &mut Symbols) -> Option<u16> {
        let lookup = self.lookups.get(usize::from(table))?;
        if let Some(place) = lookup.columns.iter().position(|(known, kind, _)| known == name && *kind == is_text) {
            return u16::try_from(place).ok();
        }
        let text = self.texts.get(&lookup.name)?;
        let kind = if is_text { ColumnType::Text } else { ColumnType::Number };
        let columns = [("code".to_owned(), ColumnType::Texts), (name.to_owned(), kind)];
        text.heading(name)?;
        // A row with a bad cell keeps its place, so that rows stay numbered as in `number`.
        let place = text.heading(name);
        let mut cells = Vec::new();
        for (line, record) in &text.records {
            let mut ignored = Vec::new();
            if text.dates(*line, record, &mut ignored).is_none() {
                continue;
            }
            let cell = text.cell(record, place);
            cells.push(match read_cell(cell, columns[1].1, None, symbols) {
                Ok((cell, _)) => cell,
                Err(wanted) => {
                    self.problems.push(problem(
                        &text.file,
                        *line,
                        place.unwrap_or(0) + 1,
                        format!("{name}: “{cell}” is not {wanted}; it counts as blank"),
                    ));
                    Cell::Blank
                }
            });
        }
        let lookup = self.lookups.get_mut(usize::from(table))?;
        lookup.columns.push((name.to_owned(), is_text, cells));
        u16::try_from(lookup.columns.len() - 1).ok()
    }

    pub fn name(&self, number: u16) -> &str {
        self.lookups.get(usize::from(number)).map_or("", |lookup| &lookup.name)
    }
}

/// What is wrong in a file.
pub(crate) fn problem(file: &str, line: u32, column: usize, message: String) -> Problem {
    Problem { severity: Severity::Error, file: file.to_owned(), line: line as usize, column, message }
}

fn warning(file: &str, line: u32, column: usize, message: String) -> Problem {
    Problem { severity: Severity::Warning, ..problem(file, line, column, message) }
}
