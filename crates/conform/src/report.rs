//! What a run found.

use std::fmt;

/// The first event of a case whose answer differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The case.
    pub case: String,
    /// Which event, from 1; 0 when the case could not begin.
    pub event: usize,
    /// What differs.
    pub difference: String,
}

/// The result of a suite.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// Cases that agreed in every answer.
    pub passed: usize,
    /// Events answered as expected or not compared, over all cases.
    pub events: usize,
    /// The first difference of each failed case.
    pub failures: Vec<Failure>,
}

impl Report {
    /// Whether every case agreed (and there was one).
    #[must_use]
    pub fn conforms(&self) -> bool {
        self.failures.is_empty() && self.passed > 0
    }

    pub(crate) fn add(&mut self, case: &str, events: usize, outcome: Option<(usize, String)>) {
        self.events += events;
        match outcome {
            None => self.passed += 1,
            Some((event, difference)) => self.failures.push(Failure { case: case.to_owned(), event, difference }),
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for failure in &self.failures {
            writeln!(f, "{} event {}: {}", failure.case, failure.event, failure.difference)?;
        }
        write!(f, "{} passed, {} failed ({} events)", self.passed, self.failures.len(), self.events)
    }
}
