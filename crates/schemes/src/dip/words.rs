//! Headings and words of DIP directories, as data (`profiles/dip.toml`).

use std::collections::BTreeMap;

use intake::Row;
use serde::Deserialize;

use super::row::GroupKind;
use crate::workbook::cell::heading;

const SHIPPED: &str = include_str!("../../profiles/dip.toml");

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Words {
    columns: BTreeMap<String, Vec<String>>,
    kinds: Kinds,
    treatments: BTreeMap<String, Vec<String>>,
    /// Rules of auxiliary levels, by auxiliary directory and level.
    levels: BTreeMap<String, BTreeMap<String, String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Kinds {
    core: Vec<String>,
    comprehensive: Vec<String>,
    grassroots: Vec<String>,
}

/// Where each column stands.
pub(super) struct Columns {
    at: BTreeMap<String, usize>,
    /// Headings that mean nothing here.
    pub(super) unknown: Vec<String>,
}

/// Why a row is no row of headings.
pub(super) struct NoHeadings {
    /// So many of its cells are headings all the same.
    pub(super) known: usize,
    pub(super) text: String,
}

impl Words {
    pub(super) fn shipped() -> Words {
        toml::from_str(SHIPPED).expect("the words shipped with this crate are sound")
    }

    /// Finds the columns among headings.
    pub(super) fn columns(&self, headings: &[String], required: &[&str]) -> Result<Columns, NoHeadings> {
        let mut columns = Columns { at: BTreeMap::new(), unknown: Vec::new() };
        let mut wrong = Vec::new();
        for (index, text) in headings.iter().enumerate().filter(|(_, text)| !text.trim().is_empty()) {
            let means = |names: &Vec<String>| names.iter().any(|name| heading(name) == heading(text));
            match self.columns.iter().find(|(_, names)| means(names)) {
                None => columns.unknown.push(text.clone()),
                Some((field, _)) => {
                    if let Some(first) = columns.at.insert(field.clone(), index) {
                        wrong.push(format!("“{}” and “{text}” both claim to be the {field}", headings[first]));
                    }
                }
            }
        }
        for field in required.iter().filter(|field| !columns.at.contains_key(**field)) {
            let names = self.columns.get(*field).map(|names| names.join(", ")).unwrap_or_default();
            wrong.push(format!("no column is headed as the {field} ({names})"));
        }
        let known = columns.at.len();
        if wrong.is_empty() { Ok(columns) } else { Err(NoHeadings { known, text: wrong.join("; ") }) }
    }

    pub(super) fn kind(&self, text: &str) -> Option<GroupKind> {
        let is = |names: &[String]| names.iter().any(|name| heading(name) == heading(text));
        match () {
            () if is(&self.kinds.core) => Some(GroupKind::Core),
            () if is(&self.kinds.comprehensive) => Some(GroupKind::Comprehensive),
            () if is(&self.kinds.grassroots) => Some(GroupKind::Grassroots),
            () => None,
        }
    }

    pub(super) fn treatment(&self, text: &str) -> Option<u8> {
        let means = |names: &[String]| names.iter().any(|name| heading(name) == heading(text));
        self.treatments.iter().find(|(_, names)| means(names)).and_then(|(class, _)| class.parse().ok())
    }

    /// The rule of an auxiliary level that means the same everywhere.
    pub(super) fn level(&self, auxiliary: &str, level: &str) -> Option<&str> {
        let (_, levels) = self.levels.iter().find(|(name, _)| heading(name) == heading(auxiliary))?;
        levels.iter().find(|(name, _)| heading(name) == heading(level)).map(|(_, rule)| rule.as_str())
    }

    /// All names of treatment classes, for messages.
    pub(super) fn treatments(&self) -> String {
        self.treatments.values().flatten().map(String::as_str).collect::<Vec<_>>().join(", ")
    }
}

impl Columns {
    /// A cell; empty where there is no such column.
    pub(super) fn cell<'r>(&self, row: &'r Row, field: &str) -> &'r str {
        self.at.get(field).map_or("", |at| row.cell(*at)).trim()
    }

    /// Whether the file holds the cell as a number.
    pub(super) fn is_number(&self, row: &Row, field: &str) -> bool {
        self.at.get(field).is_some_and(|at| row.is_number(*at))
    }
}
