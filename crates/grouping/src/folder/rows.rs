//! Rows of a table by the names of their columns.

use super::Reading;

/// A table's rows.
pub(super) struct Rows<'a> {
    pub(super) file: &'a str,
    columns: Vec<Option<usize>>,
    pub(super) rows: Vec<Row>,
}

/// One row.
pub(super) struct Row {
    pub(super) line: u64,
    cells: Vec<String>,
}

impl<'a> Rows<'a> {
    /// Reads a table with (column, required) names; cells are found with their index in `names`.
    pub(super) fn read(file: &'a str, text: &str, names: &[(&str, bool)], reading: &mut Reading) -> Option<Rows<'a>> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).flexible(true).from_reader(text.as_bytes());
        let header: Vec<String> = match reader.headers() {
            Ok(header) => header.iter().map(str::to_owned).collect(),
            Err(error) => {
                reading.error(file, 1, format!("the header cannot be read: {error}"));
                return None;
            }
        };
        let all = || names.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ");
        for unknown in header.iter().filter(|own| !names.iter().any(|(name, _)| own == name)) {
            reading.error(file, 1, format!("the column '{unknown}' is not known; columns are {}", all()));
        }
        let columns: Vec<Option<usize>> =
            names.iter().map(|(name, _)| header.iter().position(|own| own == name)).collect();
        let missing = names.iter().zip(&columns).find(|((_, required), column)| *required && column.is_none());
        if let Some(((name, _), _)) = missing {
            reading.error(file, 1, format!("the column '{name}' is missing; columns are {}", all()));
            return None;
        }
        let mut rows = Vec::new();
        for record in reader.records() {
            match record {
                Err(error) => {
                    let line = error.position().map_or(1, csv::Position::line);
                    reading.error(file, line, format!("the row cannot be read: {error}"));
                }
                Ok(record) => {
                    let line = record.position().map_or(1, csv::Position::line);
                    if record.len() > header.len() {
                        let message = format!(
                            "the row has {} cells, the header {}; quote cells with commas",
                            record.len(),
                            header.len()
                        );
                        reading.error(file, line, message);
                        continue;
                    }
                    rows.push(Row { line, cells: record.iter().map(str::to_owned).collect() });
                }
            }
        }
        Some(Rows { file, columns, rows })
    }

    /// The cell of the column with this index in `names`; blank when there is no such column.
    pub(super) fn cell<'r>(&self, row: &'r Row, column: usize) -> &'r str {
        self.columns[column].and_then(|index| row.cells.get(index)).map_or("", String::as_str)
    }

    /// A code: refused when blank or with spaces inside.
    pub(super) fn code<'r>(&self, row: &'r Row, column: usize, name: &str, reading: &mut Reading) -> Option<&'r str> {
        let code = self.cell(row, column);
        let message = if code.is_empty() {
            format!("the column '{name}' is blank")
        } else if code.chars().any(|letter| letter.is_whitespace() || letter == '\u{200b}') {
            format!("the code '{code}' in the column '{name}' has a space inside; take it out")
        } else {
            return Some(code);
        };
        reading.error(self.file, row.line, message);
        None
    }
}

/// What a row does to what the base says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Change {
    Add,
    Replace,
    Remove,
    Clear,
}

impl Rows<'_> {
    pub(super) fn change(&self, row: &Row, column: usize, allowed: &[Change], reading: &mut Reading) -> Option<Change> {
        let change = match self.cell(row, column) {
            "" | "add" => Change::Add,
            "replace" => Change::Replace,
            "remove" => Change::Remove,
            "clear" => Change::Clear,
            other => {
                reading.error(
                    self.file,
                    row.line,
                    format!("'{other}' is not a change; write add, replace, remove or clear"),
                );
                return None;
            }
        };
        if allowed.contains(&change) {
            return Some(change);
        }
        reading.error(self.file, row.line, format!("'{}' does not apply to this table", self.cell(row, column)));
        None
    }
}
