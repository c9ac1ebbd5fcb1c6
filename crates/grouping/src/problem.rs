//! What is wrong with a scheme, in words for whoever keeps it.

use std::fmt;

/// How bad a problem is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Gravity {
    /// The scheme cannot be used.
    Error,
    /// The scheme can be used, and somebody should look.
    Warning,
}

/// Something wrong in a scheme.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// How bad.
    pub gravity: Gravity,
    /// Where in the scheme: a group's path (`MDCB/BB1/BB11`), `set DI_B00`, `severity I10.x00`.
    pub place: String,
    /// The file, when the scheme was read from a folder and the place has a row of its own.
    pub file: Option<String>,
    /// The line in that file, from 1.
    pub line: Option<u64>,
    /// What is wrong and what to do about it.
    pub message: String,
}

impl Problem {
    /// The scheme cannot be used.
    #[must_use]
    pub fn error(place: impl Into<String>, message: impl Into<String>) -> Problem {
        Problem { gravity: Gravity::Error, place: place.into(), file: None, line: None, message: message.into() }
    }

    /// Somebody should look.
    #[must_use]
    pub fn warning(place: impl Into<String>, message: impl Into<String>) -> Problem {
        Problem { gravity: Gravity::Warning, ..Problem::error(place, message) }
    }

    /// The same, with its file and line.
    #[must_use]
    pub fn at(mut self, file: impl Into<String>, line: u64) -> Problem {
        self.file = Some(file.into());
        self.line = Some(line);
        self
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(file) = &self.file {
            write!(f, "{file}:")?;
            if let Some(line) = self.line {
                write!(f, "{line}:")?;
            }
            f.write_str(" ")?;
        }
        let gravity = match self.gravity {
            Gravity::Error => "error",
            Gravity::Warning => "warning",
        };
        write!(f, "{gravity}: ")?;
        if !self.place.is_empty() {
            write!(f, "{}: ", self.place)?;
        }
        f.write_str(&self.message)
    }
}
