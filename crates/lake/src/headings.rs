//! 表头: which column of a user's file is which field. A heading is understood when it is the
//! field's national name, its Chinese name, or a name of the mapping (the user's own first);
//! nothing is guessed by position.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use serde::Deserialize;

use crate::LakeTable;

/// Words in place of codes.
pub type Words = Arc<BTreeMap<String, String>>;

/// 列名映射.
#[derive(Debug, Clone)]
pub struct FieldMap {
    names: HashMap<(LakeTable, String), Known>,
}

#[derive(Debug, Clone)]
struct Known {
    field: usize,
    words: Words,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MapFile {
    #[serde(default)]
    column: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    table: String,
    field: String,
    names: Vec<String>,
    #[serde(default)]
    values: BTreeMap<String, String>,
}

/// A column that was understood.
#[derive(Debug, Clone)]
pub struct Understood {
    /// Counted from 0.
    pub column: usize,
    /// The table that it fills.
    pub table: LakeTable,
    /// The place of the field in [`LakeTable::fields`].
    pub field: usize,
    /// Words in place of codes.
    pub words: Words,
}

/// What a file's columns mean.
#[derive(Debug, Clone)]
pub struct Detected {
    /// The headings as written.
    pub headings: Vec<String>,
    /// Columns that fill fields; one may fill several tables.
    pub columns: Vec<Understood>,
    /// Headings that mean nothing here.
    pub unknown: Vec<String>,
}

/// A mapping file that cannot be used, or headings that contradict each other.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MapError {
    /// The file is no mapping.
    #[error("{path}: {problem}")]
    File {
        /// The file.
        path: String,
        /// What is wrong.
        problem: String,
    },
    /// Two columns for one field.
    #[error("第 {} 列“{first}”和第 {} 列“{second}” both mean {field} of {table}: rename one, or name it otherwise in a mapping file", .at.0 + 1, .at.1 + 1)]
    Twice {
        /// The table.
        table: LakeTable,
        /// The field.
        field: &'static str,
        /// The headings.
        first: String,
        /// The other.
        second: String,
        /// Their columns from 0.
        at: (usize, usize),
    },
    /// What every row must say has no column.
    #[error(
        "no column for {missing} of {table}（{label}）; headings not understood: {unknown}; name one of them in a mapping file (--columns)"
    )]
    Missing {
        /// The table.
        table: LakeTable,
        /// Its Chinese name.
        label: &'static str,
        /// The field.
        missing: String,
        /// What was not understood.
        unknown: String,
    },
}

/// The tables that one wide row may fill, the one that gets a name which several have first.
const WIDE: [LakeTable; 5] =
    [LakeTable::Lines, LakeTable::Encounters, LakeTable::Persons, LakeTable::Diagnoses, LakeTable::Procedures];

impl FieldMap {
    /// The mapping that is built in.
    #[must_use]
    pub fn builtin() -> FieldMap {
        let mut names = HashMap::new();
        for table in LakeTable::ALL {
            for (field, known) in table.fields().iter().enumerate() {
                for name in [known.name, known.label] {
                    names.entry((table, plain(name))).or_insert(Known { field, words: Words::default() });
                }
            }
        }
        let map = FieldMap { names };
        map.with("columns.toml", include_str!("../columns.toml")).expect("the shipped mapping, tested")
    }

    /// The mapping with a user's own names over it.
    ///
    /// # Errors
    /// The file is no mapping, or names a table or field that is not known.
    pub fn with(mut self, path: &str, text: &str) -> Result<FieldMap, MapError> {
        let wrong = |problem: String| MapError::File { path: path.to_owned(), problem };
        let file: MapFile = toml::from_str(text).map_err(|error| wrong(error.to_string()))?;
        for entry in file.column {
            let table = LakeTable::ALL.into_iter().find(|table| table.name() == entry.table).ok_or_else(|| {
                let known: Vec<_> = LakeTable::ALL.iter().map(|table| table.name()).collect();
                wrong(format!("there is no table “{}”; there are {}", entry.table, known.join(", ")))
            })?;
            let field = table.fields().iter().position(|field| field.name == entry.field);
            let field = field.ok_or_else(|| wrong(format!("{table} has no field “{}”", entry.field)))?;
            let words = Words::new(entry.values);
            // The words hold for the field however its column is called.
            for known in self.names.iter_mut().filter(|((of, _), known)| *of == table && known.field == field) {
                known.1.words = words.clone();
            }
            for name in entry.names {
                self.names.insert((table, plain(&name)), Known { field, words: words.clone() });
            }
        }
        Ok(self)
    }

    /// What the headings of a table's file mean.
    ///
    /// # Errors
    /// [`MapError::Twice`].
    pub fn of_table(&self, table: LakeTable, headings: &[String]) -> Result<Detected, MapError> {
        self.detect(headings, |plain| {
            self.names.get(&(table, plain.to_owned())).map(|known| (table, known)).into_iter().collect()
        })
    }

    /// What the headings of a file mean whose rows tell of a line, its visit and its person.
    ///
    /// # Errors
    /// [`MapError::Twice`].
    pub fn of_wide(&self, headings: &[String]) -> Result<Detected, MapError> {
        let has_lines = ["feedetl_sn", "med_list_codg"].iter().any(|name| {
            let field = LakeTable::Lines.fields().iter().position(|field| field.name == *name);
            headings.iter().any(|heading| {
                self.names.get(&(LakeTable::Lines, plain(heading))).is_some_and(|known| Some(known.field) == field)
            })
        });
        self.detect(headings, |heading| {
            let bare = heading.trim_end_matches(|digit: char| digit.is_ascii_digit());
            let mut found = Vec::new();
            for table in WIDE {
                let repeats = matches!(table, LakeTable::Diagnoses | LakeTable::Procedures);
                let name = if repeats { bare } else { heading };
                let Some(known) = self.names.get(&(table, name.to_owned())) else { continue };
                let field = table.fields()[known.field].name;
                let key = matches!(field, "mdtrt_id" | "psn_no");
                if (table != LakeTable::Lines || has_lines) && (found.is_empty() || key) {
                    found.push((table, known));
                }
            }
            found
        })
    }

    fn detect<'a>(
        &'a self,
        headings: &[String],
        of: impl Fn(&str) -> Vec<(LakeTable, &'a Known)>,
    ) -> Result<Detected, MapError> {
        let (mut columns, mut unknown) = (Vec::<Understood>::new(), Vec::new());
        for (column, heading) in headings.iter().enumerate() {
            let found = of(&plain(heading));
            if found.is_empty() && !heading.is_empty() {
                unknown.push(heading.clone());
            }
            for (table, known) in found {
                let repeats = matches!(table, LakeTable::Diagnoses | LakeTable::Procedures);
                let same = |other: &&Understood| other.table == table && other.field == known.field;
                if let Some(other) = columns.iter().find(same).filter(|_| !repeats) {
                    return Err(MapError::Twice {
                        table,
                        field: table.fields()[known.field].name,
                        first: headings[other.column].clone(),
                        second: heading.clone(),
                        at: (other.column, column),
                    });
                }
                columns.push(Understood { column, table, field: known.field, words: known.words.clone() });
            }
        }
        Ok(Detected { headings: headings.to_vec(), columns, unknown })
    }
}

impl Detected {
    /// Whether a column fills that field.
    #[must_use]
    pub fn has(&self, table: LakeTable, field: &str) -> bool {
        self.columns.iter().any(|one| one.table == table && table.fields()[one.field].name == field)
    }

    /// Refuses when a field that every row must say has no column.
    ///
    /// # Errors
    /// [`MapError::Missing`].
    pub fn require(&self, table: LakeTable, fields: &[&str]) -> Result<(), MapError> {
        let missing: Vec<String> = fields
            .iter()
            .filter(|field| !self.has(table, field))
            .map(|name| {
                let label = table.fields().iter().find(|field| field.name == *name).map_or("", |field| field.label);
                format!("{name} {label}")
            })
            .collect();
        if missing.is_empty() {
            return Ok(());
        }
        let (missing, unknown) = (missing.join(", "), self.unknown.join(", "));
        Err(MapError::Missing { table, label: table.label(), missing, unknown })
    }
}

/// A heading without what does not matter: case, width, spaces, underscores, what stands in brackets.
fn plain(heading: &str) -> String {
    let mut text = String::new();
    let mut depth = 0_u32;
    for letter in heading.trim_start_matches('\u{feff}').chars() {
        let letter = match letter {
            '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(letter) - 0xfee0).unwrap_or(letter),
            _ => letter,
        };
        match letter {
            '(' | '[' | '【' => depth += 1,
            ')' | ']' | '】' => depth = depth.saturating_sub(1),
            _ if depth > 0 || letter.is_whitespace() || letter == '_' => {}
            _ => text.extend(letter.to_lowercase()),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(headings: &[&str]) -> Vec<String> {
        headings.iter().map(|heading| (*heading).to_owned()).collect()
    }

    #[test]
    fn a_field_is_found_by_its_national_and_chinese_name_and_what_exports_call_it() {
        let map = FieldMap::builtin();
        let found =
            map.of_table(LakeTable::Lines, &words(&["就诊ID", "项目编码", "CNT", "单价(元)", "怪列"])).expect("clear");
        let names: Vec<_> = found.columns.iter().map(|one| LakeTable::Lines.fields()[one.field].name).collect();
        assert_eq!(names, ["mdtrt_id", "med_list_codg", "cnt", "pric"]);
        assert_eq!(found.unknown, ["怪列"]);
    }

    #[test]
    fn two_columns_for_one_field_and_a_missing_key_are_refused() {
        let map = FieldMap::builtin();
        let error = map.of_table(LakeTable::Lines, &words(&["数量", "cnt"])).expect_err("two").to_string();
        assert!(error.contains("第 1 列“数量”和第 2 列“cnt”"), "{error}");
        let found = map.of_table(LakeTable::Lines, &words(&["数量", "ZYH"])).expect("clear");
        let error = found.require(LakeTable::Lines, &["mdtrt_id"]).expect_err("no key").to_string();
        assert!(error.contains("mdtrt_id 就诊ID") && error.contains("ZYH"), "{error}");
    }

    #[test]
    fn a_wide_row_fills_person_visit_and_line_and_repeats_diagnoses() {
        let map = FieldMap::builtin();
        let headings = words(&[
            "住院号",
            "患者ID",
            "性别",
            "入院时间",
            "主要诊断编码",
            "其他诊断编码1",
            "其他诊断编码2",
            "项目编码",
            "数量",
        ]);
        let found = map.of_wide(&headings).expect("clear");
        let fills = |table| found.columns.iter().filter(|one| one.table == table).count();
        assert_eq!(LakeTable::ALL.map(fills), [2, 3, 4, 1, 3, 0, 0, 0, 0]);
    }

    #[test]
    fn a_users_mapping_comes_first_and_its_mistakes_are_named() {
        let own = "[[column]]\ntable = \"lines\"\nfield = \"cnt\"\nnames = [\"SL\"]\n";
        let map = FieldMap::builtin().with("mine.toml", own).expect("a mapping");
        assert!(map.of_table(LakeTable::Lines, &words(&["sl"])).expect("clear").has(LakeTable::Lines, "cnt"));
        let wrong = own.replace("cnt", "count");
        let error = FieldMap::builtin().with("mine.toml", &wrong).expect_err("no field").to_string();
        assert!(error.contains("mine.toml") && error.contains("count"), "{error}");
    }
}
