//! Where something stands in a policy file, and what is wrong with it, in words for a clerk.

use std::fmt;

/// One file of a policy folder.
#[derive(Debug, Clone)]
pub struct SourceFile {
    /// Its name as people know it, for messages (`policy/020-stays.toml`).
    pub name: String,
    /// Its text.
    pub text: String,
}

impl SourceFile {
    /// Line and column (from 1) of a byte offset.
    #[must_use]
    pub fn position(&self, offset: usize) -> (usize, usize) {
        let before = self.text.get(..offset.min(self.text.len())).unwrap_or("");
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
        (line, column)
    }
}

/// How bad a problem is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The policy cannot be used.
    Error,
    /// The policy can be used, and somebody should look.
    Warning,
}

/// Something wrong in a policy file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// How bad.
    pub severity: Severity,
    /// File.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// Column, from 1.
    pub column: usize,
    /// What is wrong and what to do about it.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        write!(f, "{}:{}:{}: {kind}: {}", self.file, self.line, self.column, self.message)
    }
}

/// All problems found in a folder.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Problems(pub Vec<Problem>);

impl Problems {
    /// Whether any of them keeps the policy from being used.
    #[must_use]
    pub fn any_error(&self) -> bool {
        self.0.iter().any(|problem| problem.severity == Severity::Error)
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, problem) in self.0.iter().enumerate() {
            if i > 0 {
                writeln!(f)?;
            }
            write!(f, "{problem}")?;
        }
        Ok(())
    }
}

/// A place in one of the files: which file, and the byte offset in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    pub file: usize,
    pub offset: usize,
}

/// Collects problems while compiling.
pub(crate) struct Reporter<'a> {
    files: &'a [SourceFile],
    pub problems: Vec<Problem>,
}

impl<'a> Reporter<'a> {
    pub fn new(files: &'a [SourceFile]) -> Reporter<'a> {
        Reporter { files, problems: Vec::new() }
    }

    pub fn error(&mut self, place: Place, message: impl Into<String>) {
        self.report(Severity::Error, place, message.into());
    }

    pub fn warn(&mut self, place: Place, message: impl Into<String>) {
        self.report(Severity::Warning, place, message.into());
    }

    fn report(&mut self, severity: Severity, place: Place, message: String) {
        let file = &self.files[place.file];
        let (line, column) = file.position(place.offset);
        self.problems.push(Problem { severity, file: file.name.clone(), line, column, message });
    }
}
