//! 知识表: dated rows, as `screening/knowledge/*.csv` holds them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use terms::{Date, parse_date};

use crate::RegionError;

/// A table of `screening/knowledge/`.
#[derive(Debug, Clone, Default)]
pub struct KnowledgeTable {
    columns: Vec<String>,
    pub(super) rows: Vec<KnowledgeRow>,
    /// The days on which something was published of an item, rows or not.
    pub(super) days: BTreeMap<String, BTreeSet<Date>>,
}

/// A dated row.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct KnowledgeRow {
    pub cells: Vec<(String, String)>,
    pub begndate: Option<Date>,
    pub enddate: Option<Date>,
    /// 项目/药品名称.
    pub name: String,
    /// For people.
    pub note: String,
}

impl KnowledgeRow {
    fn cell(&self, column: &str) -> &str {
        self.cells.iter().find(|(name, _)| name == column).map_or("", |(_, value)| value)
    }
}

impl KnowledgeTable {
    pub(super) fn new(columns: &[&str]) -> KnowledgeTable {
        KnowledgeTable {
            columns: columns.iter().map(|&column| column.to_owned()).collect(),
            ..KnowledgeTable::default()
        }
    }

    /// How many rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// A later publication of an item takes the place of the earlier ones: they end the day
    /// before, also where the later one could not be read. Equal rows are one.
    pub(super) fn supersede(&mut self) {
        let mut days = self.days.clone();
        for row in &self.rows {
            days.entry(row.name.clone()).or_default().extend(row.begndate);
        }
        for row in self.rows.iter_mut().filter(|row| !row.name.is_empty()) {
            let Some(begins) = row.begndate else { continue };
            let next = days[&row.name].iter().filter(|day| **day > begins).min();
            let ends = next.and_then(|day| day.yesterday().ok());
            row.enddate = match (row.enddate, ends) {
                (Some(known), Some(new)) => Some(known.min(new)),
                (known, new) => known.or(new),
            };
        }
        self.rows.sort();
        self.rows.dedup();
    }

    fn read(path: &Path, text: &str) -> Result<KnowledgeTable, RegionError> {
        let wrong = |error: csv::Error| RegionError::Written(format!("{}: {error}", path.display()));
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let columns: Vec<String> = reader.headers().map_err(wrong)?.iter().map(str::to_owned).collect();
        let mut table = KnowledgeTable::default();
        const FOR_PEOPLE: [&str; 4] = ["begndate", "enddate", "name", "note"];
        table.columns = columns.iter().filter(|column| !FOR_PEOPLE.contains(&column.as_str())).cloned().collect();
        for record in reader.records() {
            let record = record.map_err(wrong)?;
            let cell = |name: &str| {
                columns.iter().position(|column| column == name).and_then(|place| record.get(place)).unwrap_or("")
            };
            table.rows.push(KnowledgeRow {
                cells: table
                    .columns
                    .iter()
                    .filter(|column| !cell(column).is_empty())
                    .map(|column| (column.clone(), cell(column).to_owned()))
                    .collect(),
                begndate: parse_date(cell("begndate")),
                enddate: parse_date(cell("enddate")),
                name: cell("name").to_owned(),
                note: cell("note").to_owned(),
            });
        }
        Ok(table)
    }

    fn text(&self) -> Result<Vec<u8>, csv::Error> {
        let mut writer = csv::Writer::from_writer(Vec::new());
        let headings = self.columns.iter().map(String::as_str).chain(["name", "begndate", "enddate", "note"]);
        writer.write_record(headings)?;
        let day = |day: Option<Date>| day.map_or_else(String::new, |day| day.to_string());
        for row in &self.rows {
            let (begins, ends) = (day(row.begndate), day(row.enddate));
            let people = [row.name.as_str(), begins.as_str(), ends.as_str(), row.note.as_str()];
            writer.write_record(self.columns.iter().map(|column| row.cell(column)).chain(people))?;
        }
        writer.into_inner().map_err(|error| error.into_error().into())
    }
}

/// Writes tables into a folder. A table that is there already keeps its rows: new ones are
/// added, and end the older ones of the same item.
///
/// # Errors
/// A file that cannot be read or written.
pub fn write_tables(folder: &Path, tables: &BTreeMap<String, KnowledgeTable>) -> Result<(), RegionError> {
    let fail = |path: &Path| {
        let file = path.display().to_string();
        move |source| RegionError::File { file, source }
    };
    fs::create_dir_all(folder).map_err(fail(folder))?;
    for (name, table) in tables {
        let path = folder.join(format!("{name}.csv"));
        let mut whole = table.clone();
        if path.exists() {
            let text = fs::read_to_string(&path).map_err(fail(&path))?;
            let old = KnowledgeTable::read(&path, &text)?;
            let more = old.columns.into_iter().filter(|column| !whole.columns.contains(column)).collect::<Vec<_>>();
            whole.columns.extend(more);
            whole.rows.extend(old.rows);
            whole.supersede();
        }
        let text = whole.text().map_err(|error| RegionError::Written(format!("{}: {error}", path.display())))?;
        fs::write(&path, text).map_err(fail(&path))?;
    }
    Ok(())
}
