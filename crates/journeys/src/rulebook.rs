//! 规则库的文本: the rules and knowledge of a library as people wrote them, and a library tried on the
//! near past.

use db::{Database, Tx};
use operation::Operation;
use terms::{DateTime, PersonId};

use crate::record::Sealed;
use crate::supervision::Sources;
use crate::{Centre, JourneyError, Own, TrialReport};

/// 规则 as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleText {
    /// The file.
    pub file: String,
    /// Its text.
    pub text: String,
    /// Its cases: name, and the case as it was written.
    pub cases: Vec<(String, String)>,
}

/// 知识 as it was written: a row of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnowledgeRow {
    /// The file.
    pub file: String,
    /// Heading and cell.
    pub cells: Vec<(String, String)>,
}

/// The texts of a library that was brought in.
///
/// # Errors
/// [`Own::LibraryUnknown`]; [`JourneyError::Broken`] when its texts cannot be read.
pub fn library_sources(tx: &mut dyn Tx, version: &str) -> Result<Sources, JourneyError> {
    let row = monitoring::library(tx, version)?;
    let row = row.ok_or_else(|| Own::LibraryUnknown { version: version.to_owned() })?;
    let broken = |why: String| JourneyError::Broken(format!("library {version} cannot be read: {why}"));
    let sources = Sealed::expand(&row.sources).map_err(broken)?;
    serde_json::from_value(sources).map_err(|error| broken(error.to_string()))
}

impl Sources {
    /// Every file that speaks of a rule: the common one first, the region's own last.
    #[must_use]
    pub fn rule(&self, id: &str) -> Vec<RuleText> {
        let of_rule = self.rules.iter().filter_map(|(file, text)| {
            let read: toml::Table = text.parse().ok()?;
            let named = |key: &str| read.get(key).and_then(toml::Value::as_str) == Some(id);
            (named("id") || named("base")).then(|| RuleText {
                file: file.clone(),
                text: text.clone(),
                cases: cases(&read),
            })
        });
        of_rule.collect()
    }

    /// A row of a table of knowledge by its line in the file, the heading being line 1.
    #[must_use]
    pub fn knowledge(&self, table: &str, line: u32) -> Option<KnowledgeRow> {
        let named = |file: &str| {
            let name = file.rsplit('/').next().unwrap_or(file);
            name.strip_suffix(".csv").unwrap_or(name) == table
        };
        let (file, text) = self.tables.iter().rev().find(|(file, _)| named(file))?;
        let mut lines = text.lines();
        let heading = lines.next()?.trim_start_matches('\u{feff}');
        let row = text.lines().nth(usize::try_from(line.checked_sub(1)?).ok()?)?;
        let cells = cells(heading).into_iter().zip(cells(row)).collect();
        Some(KnowledgeRow { file: file.clone(), cells })
    }
}

fn cases(read: &toml::Table) -> Vec<(String, String)> {
    let listed = read.get("case").and_then(toml::Value::as_array).into_iter().flatten();
    listed
        .map(|case| {
            let name = case.get("name").and_then(toml::Value::as_str).unwrap_or_default();
            (name.to_owned(), toml::to_string(case).unwrap_or_default())
        })
        .collect()
}

/// The cells of a line of CSV; quotation marks hold commas together.
fn cells(line: &str) -> Vec<String> {
    let mut cells = vec![String::new()];
    let mut quoted = false;
    let mut characters = line.trim_end_matches('\r').chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '"' if quoted && characters.peek() == Some(&'"') => {
                characters.next();
                cells.last_mut().expect("never empty").push('"');
            }
            '"' => quoted = !quoted,
            ',' if !quoted => cells.push(String::new()),
            other => cells.last_mut().expect("never empty").push(other),
        }
    }
    cells
}

/// Persons read at once.
const A_BATCH: i64 = 100;

impl Centre {
    /// 试运行: a library, or the one in force, over the persons with a settlement in some time, at
    /// most so many of them; whether there were more is told. Its findings go into the shadow.
    ///
    /// # Errors
    /// As [`Centre::begin_trial`].
    pub fn try_library(
        &self,
        database: &Database,
        operation: &Operation,
        version: &str,
        period: (DateTime, DateTime),
        at_most: i64,
    ) -> Result<(TrialReport, bool), JourneyError> {
        let (centre, begun, tried) = (self.clone(), operation.clone(), version.to_owned());
        let mut trial = database.read(move |tx| centre.begin_trial(tx, &begun, &tried, period, begun.received_at))?;
        let (mut after, mut left) = (PersonId(String::new()), at_most);
        let capped = loop {
            let (centre, last) = (self.clone(), after.clone());
            let batch = left.clamp(1, A_BATCH);
            let histories = database.read(move |tx| centre.next_histories(tx, period, &last, batch))?;
            let Some(last) = histories.last().and_then(|history| history.person.psn_no.clone()) else { break false };
            if left <= 0 {
                break true;
            }
            histories.iter().for_each(|history| trial.add(history));
            left -= i64::try_from(histories.len()).unwrap_or(left);
            after = PersonId(last);
        };
        let at = operation.received_at;
        let report = database.deed(move |tx| trial.conclude(tx, at))?;
        Ok((report, capped))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sources() -> Sources {
        Sources {
            rules: vec![
                ("common/a.toml".to_owned(), "id = \"a\"\n[[case]]\nname = \"one\"\npasses = true\n".to_owned()),
                ("own/a.toml".to_owned(), "base = \"a\"\n".to_owned()),
                ("own/b.toml".to_owned(), "id = \"b\"\n".to_owned()),
            ],
            tables: vec![("own/caps.csv".to_owned(), "code,name\nA1,\"甲, 乙\"\nA2,\"say \"\"no\"\"\"\n".to_owned())],
        }
    }

    #[test]
    fn a_rule_is_told_with_every_file_that_speaks_of_it_and_its_cases() {
        let told = sources().rule("a");
        assert_eq!(told.iter().map(|one| one.file.as_str()).collect::<Vec<_>>(), ["common/a.toml", "own/a.toml"]);
        assert_eq!(told[0].cases[0].0, "one");
        assert!(told[0].cases[0].1.contains("passes = true"));
    }

    #[test]
    fn a_row_of_knowledge_is_found_by_its_line() {
        let row = |line| sources().knowledge("caps", line).map(|row| row.cells[1].1.clone());
        assert_eq!(row(2).as_deref(), Some("甲, 乙"));
        assert_eq!(row(3).as_deref(), Some("say \"no\""));
        assert_eq!((row(0), row(9), sources().knowledge("none", 2)), (None, None, None));
    }
}
