//! 编码表: a catalogue (code → name) and a translation (code → code), read from text.

use std::collections::HashMap;

/// A line of a table that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TableError {
    /// The heading lacks a column.
    #[error("the heading “{heading}” has no column `{column}`: name the columns {expected}")]
    Heading {
        /// The heading as written.
        heading: String,
        /// What is missing.
        column: String,
        /// All that is expected.
        expected: &'static str,
    },
    /// A line has too few cells.
    #[error("line {line}: “{text}” has fewer cells than the heading")]
    Short {
        /// Counted from 1, the heading included.
        line: usize,
        /// The line.
        text: String,
    },
    /// A code stands twice with different answers.
    #[error("line {line}: `{code}` stands twice, as “{first}” and as “{second}”: keep one")]
    Twice {
        /// Counted from 1.
        line: usize,
        /// The code.
        code: String,
        /// What came first.
        first: String,
        /// What came then.
        second: String,
    },
}

/// Rows of two named columns of a tab or comma separated text without quotes inside.
fn two_columns(
    text: &str,
    wanted: [&str; 2],
    expected: &'static str,
) -> Result<Vec<(usize, String, String)>, TableError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut lines = text.lines().enumerate();
    let heading = lines.next().map_or("", |(_, line)| line);
    let separator = if heading.contains('\t') { '\t' } else { ',' };
    let names: Vec<&str> = heading.split(separator).map(str::trim).collect();
    let mut at = [0; 2];
    for (slot, column) in at.iter_mut().zip(wanted) {
        *slot = names.iter().position(|name| *name == column).ok_or_else(|| TableError::Heading {
            heading: heading.to_owned(),
            column: column.to_owned(),
            expected,
        })?;
    }
    let mut rows = Vec::new();
    for (number, line) in lines.filter(|(_, line)| !line.trim().is_empty()) {
        let cells: Vec<&str> = line.split(separator).map(|cell| cell.trim().trim_matches('"')).collect();
        let (Some(first), Some(second)) = (cells.get(at[0]), cells.get(at[1])) else {
            return Err(TableError::Short { line: number + 1, text: line.to_owned() });
        };
        rows.push((number + 1, (*first).to_owned(), (*second).to_owned()));
    }
    Ok(rows)
}

/// 编码目录: code → name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CodeTable(HashMap<String, String>);

impl CodeTable {
    /// Reads a text with the columns `code` and `name` (tab or comma between; further
    /// columns are passed over; a code may stand more than once with the same name, as in
    /// dated catalogues).
    ///
    /// # Errors
    /// [`TableError`].
    pub fn read(text: &str) -> Result<CodeTable, TableError> {
        let mut table: HashMap<String, String> = HashMap::new();
        for (line, code, name) in two_columns(text, ["code", "name"], "`code` and `name`")? {
            match table.get(&code) {
                Some(first) if *first != name => {
                    return Err(TableError::Twice { line, code, first: first.clone(), second: name });
                }
                _ => table.insert(code, name),
            };
        }
        Ok(CodeTable(table))
    }

    /// A table from pairs.
    #[must_use]
    pub fn of<I, C, N>(pairs: I) -> CodeTable
    where
        I: IntoIterator<Item = (C, N)>,
        C: Into<String>,
        N: Into<String>,
    {
        CodeTable(pairs.into_iter().map(|(code, name)| (code.into(), name.into())).collect())
    }

    /// The name of a code.
    #[must_use]
    pub fn name(&self, code: &str) -> Option<&str> {
        self.0.get(code).map(String::as_str)
    }

    /// Whether the code is there.
    #[must_use]
    pub fn has(&self, code: &str) -> bool {
        self.0.contains_key(code)
    }

    /// How many codes.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The codes, in no order.
    pub fn codes(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
}

/// 映射表: from the clinical edition to the insurance edition; `None` is `-`, drop the code.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Translation(HashMap<String, Option<String>>);

impl Translation {
    /// Reads a text with the columns `from_code` and `to_code`, where `-` means drop.
    ///
    /// # Errors
    /// [`TableError`].
    pub fn read(text: &str) -> Result<Translation, TableError> {
        let mut map: HashMap<String, Option<String>> = HashMap::new();
        let rows = two_columns(text, ["from_code", "to_code"], "`from_code` and `to_code`")?;
        for (line, from, to) in rows {
            let to = (to != "-").then_some(to);
            match map.get(&from) {
                Some(first) if *first != to => {
                    let show = |to: &Option<String>| to.clone().unwrap_or_else(|| "-".to_owned());
                    return Err(TableError::Twice { line, code: from, first: show(first), second: show(&to) });
                }
                _ => map.insert(from, to),
            };
        }
        Ok(Translation(map))
    }

    /// What a code becomes: `None` it is not in the map, `Some(None)` it is dropped.
    #[must_use]
    pub fn of(&self, code: &str) -> Option<Option<&str>> {
        self.0.get(code).map(Option::as_deref)
    }

    /// How many codes.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The pairs, in no order.
    pub fn pairs(&self) -> impl Iterator<Item = (&str, Option<&str>)> {
        self.0.iter().map(|(from, to)| (from.as_str(), to.as_deref()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_read_by_the_names_of_their_columns() {
        let table = CodeTable::read("name\tcode\n霍乱\tA00.900\n\n霍乱\tA00.900\n").expect("read");
        assert_eq!((table.name("A00.900"), table.len()), (Some("霍乱"), 1));
        let map = Translation::read("from_code,to_code\r\nA,B\r\nC,-\r\n").expect("read");
        assert_eq!((map.of("A"), map.of("C"), map.of("D")), (Some(Some("B")), Some(None), None));
    }

    #[test]
    fn a_table_that_contradicts_itself_is_refused_by_line() {
        let refused = CodeTable::read("code\tname\nA\t甲\nA\t乙\n").expect_err("twice").to_string();
        assert!(refused.contains("line 3") && refused.contains('甲') && refused.contains('乙'), "{refused}");
        let refused = CodeTable::read("编码,名称\nA,甲\n").expect_err("no heading").to_string();
        assert!(refused.contains("`code`"), "{refused}");
        let refused = Translation::read("from_code\tto_code\nA\n").expect_err("short").to_string();
        assert!(refused.contains("line 2"), "{refused}");
    }
}
