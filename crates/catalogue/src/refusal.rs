//! Why a row of a file is not taken.

use std::fmt;
use std::sync::Arc;

/// A row that was not taken: where it stands, what is wrong, the way out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowError {
    /// The file's name.
    pub file: Arc<str>,
    /// Line in the file, from 1; the header is line 1.
    pub line: u64,
    /// The column's name; empty when the whole line is meant.
    pub column: String,
    /// What was written.
    pub value: String,
    /// What is wrong.
    pub problem: String,
    /// The way out.
    pub remedy: String,
}

impl fmt::Display for RowError {
    /// `drugs.csv:12 chrgitm_lv “04”: not a level; write 01, 02 or 03`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)?;
        if !self.column.is_empty() {
            write!(f, " {} “{}”", self.column, self.value)?;
        }
        write!(f, ": {}; {}", self.problem, self.remedy)
    }
}
