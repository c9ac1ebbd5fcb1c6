//! Where something stands in a file of a plan, and reading its numbers exactly.

use policy::{Problem, Problems, Severity, SourceFile};
use terms::{Date, Exact};
use toml::{Spanned, Value};

use crate::number::Fraction;

/// Collects problems while one file is read.
pub(crate) struct Reporter<'a> {
    pub file: &'a SourceFile,
    pub problems: Vec<Problem>,
}

impl<'a> Reporter<'a> {
    pub fn new(file: &'a SourceFile) -> Reporter<'a> {
        Reporter { file, problems: Vec::new() }
    }

    pub fn error(&mut self, offset: usize, message: impl Into<String>) {
        self.report(Severity::Error, offset, message.into());
    }

    pub fn warn(&mut self, offset: usize, message: impl Into<String>) {
        self.report(Severity::Warning, offset, message.into());
    }

    fn report(&mut self, severity: Severity, offset: usize, message: String) {
        let (line, column) = self.file.position(offset);
        self.problems.push(Problem { severity, file: self.file.name.clone(), line, column, message });
    }

    pub fn line(&mut self, file: &str, line: usize, severity: Severity, message: impl Into<String>) {
        self.problems.push(Problem { severity, file: file.to_owned(), line, column: 1, message: message.into() });
    }

    pub fn any_error(&self) -> bool {
        self.problems.iter().any(|problem| problem.severity == Severity::Error)
    }

    /// The number as it stands in the text, never through a floating point number.
    pub fn number(&mut self, written: &Spanned<Value>) -> Option<Fraction> {
        let text = match written.get_ref() {
            Value::String(text) => text.clone(),
            _ => self.file.text.get(written.span()).unwrap_or("").replace('_', ""),
        };
        match text.trim().parse::<Exact>() {
            Ok(number) => Some(number.into()),
            Err(_) => {
                self.error(
                    written.span().start,
                    format!("“{}” is not a number with at most ten decimals", text.trim()),
                );
                None
            }
        }
    }

    /// A date.
    pub fn date(&mut self, written: &Spanned<Value>) -> Option<Date> {
        let text = written.get_ref().to_string();
        let date = terms::parse_date(text.trim_matches('"'));
        if date.is_none() {
            self.error(written.span().start, format!("{text} is not a date; write 2026-01-31"));
        }
        date
    }

    /// A number in the unit of the file (元, 百分数, number), as the formulas work with it.
    pub fn in_unit(&mut self, written: &Spanned<Value>, unit: Unit) -> Option<Fraction> {
        self.number(written).map(|number| unit.read(number))
    }
}

/// In what a number is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unit {
    /// 元, held as 分.
    Yuan,
    /// 百分数, held as a ratio.
    Percent,
    /// As it is.
    Number,
}

impl Unit {
    pub fn of(word: &str) -> Option<Unit> {
        match word {
            "yuan" => Some(Unit::Yuan),
            "percent" => Some(Unit::Percent),
            "number" | "days" | "count" => Some(Unit::Number),
            _ => None,
        }
    }

    pub fn read(self, number: Fraction) -> Fraction {
        let hundred = Fraction::whole(100);
        match self {
            Unit::Yuan => number * hundred,
            Unit::Percent => number.over(&hundred).unwrap_or_default(),
            Unit::Number => number,
        }
    }

    pub fn kind(self) -> crate::expr::Kind {
        match self {
            Unit::Yuan => crate::expr::Kind::Money,
            Unit::Percent | Unit::Number => crate::expr::Kind::Number,
        }
    }
}

/// The whole of one file refused.
pub(crate) fn refuse(problems: Vec<Problem>) -> Problems {
    Problems(problems)
}
