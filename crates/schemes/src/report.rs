//! 导入报告. What an import met on its way, and what kept it from succeeding.

use std::fmt;
use std::io;
use std::path::PathBuf;

use thiserror::Error;

/// Where something stands in a publication.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Place {
    /// The sheet or file.
    pub sheet: String,
    /// The row as a spreadsheet counts it, from 1; nothing when it is about the whole sheet.
    pub row: Option<usize>,
    /// The code in that row (group, set, diagnosis), if it has one.
    pub code: String,
}

impl Place {
    pub(crate) fn of(sheet: &str, row: usize, code: &str) -> Place {
        Place { sheet: sheet.to_owned(), row: Some(row), code: code.to_owned() }
    }

    pub(crate) fn sheet(sheet: &str) -> Place {
        Place { sheet: sheet.to_owned(), row: None, code: String::new() }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.sheet)?;
        if let Some(row) = self.row {
            write!(f, " row {row}")?;
        }
        if !self.code.is_empty() {
            write!(f, " ({})", self.code)?;
        }
        Ok(())
    }
}

/// 问题. Something that was not understood; the import fails.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Where.
    pub place: Place,
    /// What, and the way out.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.message)
    }
}

/// What kind of trap a [`Note`] is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Trap {
    /// The headings do not stand in the first row.
    HeadingsLower,
    /// A column stands elsewhere than in the published layout.
    ColumnMoved,
    /// A column that means nothing to us.
    ColumnUnknown,
    /// A sheet that means nothing to us.
    SheetUnknown,
    /// A cell held line ends, odd spaces or their escapes.
    CellCleaned,
    /// A code that is always written in capitals was not.
    CodeCapitalised,
    /// A code is a number in the book, and what it was is known all the same.
    NumberAsCode,
    /// A letter or sign in a code is not ASCII, and which ASCII one was meant is known.
    LookAlikeMended,
    /// A letter or sign in a code is not ASCII, and what was meant is not known.
    LookAlikeKept,
    /// A row repeats another one.
    RepeatDropped,
    /// Several rows are one group.
    RowsJoined,
    /// 排序 is not a number.
    OrderNotNumber,
    /// 排序 is given twice in one scope.
    OrderTwice,
    /// A rest row stands before named groups; it is asked last all the same.
    RestRowMovedLast,
    /// A row that is not a rest row has no rule.
    EmptyRule,
    /// A rule is a bare number.
    NumberAsRule,
    /// A group's code does not begin like the group it belongs to.
    PrefixDiffers,
    /// A row belongs nowhere that a case could reach it through.
    NoChildren,
    /// A set that no rule names.
    SetUnused,
    /// A set's name and its kind disagree.
    KindDiffers,
    /// A complication names an exclusion table that has no members.
    TableEmpty,
    /// A diagnosis has two exclusion tables, or two classes.
    TwoTables,
    /// A code that is shorter than a full one.
    ShortCode,
    /// An amendment was put in.
    AmendmentMade,
    /// An amendment was not needed: the publication has it.
    AmendmentNotNeeded,
    /// Something was added that the files do not say.
    ProfileApplied,
}

impl Trap {
    /// Its name in reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Trap::HeadingsLower => "headings lower",
            Trap::ColumnMoved => "column moved",
            Trap::ColumnUnknown => "column unknown",
            Trap::SheetUnknown => "sheet unknown",
            Trap::CellCleaned => "cell cleaned",
            Trap::CodeCapitalised => "code capitalised",
            Trap::NumberAsCode => "number as code",
            Trap::LookAlikeMended => "look-alike mended",
            Trap::LookAlikeKept => "look-alike kept",
            Trap::RepeatDropped => "repeat dropped",
            Trap::RowsJoined => "rows joined",
            Trap::OrderNotNumber => "order not a number",
            Trap::OrderTwice => "order twice",
            Trap::RestRowMovedLast => "rest row moved last",
            Trap::EmptyRule => "empty rule",
            Trap::NumberAsRule => "number as rule",
            Trap::PrefixDiffers => "prefix differs",
            Trap::NoChildren => "no children",
            Trap::SetUnused => "set unused",
            Trap::KindDiffers => "kind differs",
            Trap::TableEmpty => "table empty",
            Trap::TwoTables => "two tables",
            Trap::ShortCode => "short code",
            Trap::AmendmentMade => "amendment made",
            Trap::AmendmentNotNeeded => "amendment not needed",
            Trap::ProfileApplied => "profile applied",
        }
    }
}

/// 陷阱. Something odd that was dealt with: where, what, and what was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// Its kind.
    pub trap: Trap,
    /// Where.
    pub place: Place,
    /// What was met and what was done about it.
    pub done: String,
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}: {}", self.trap.name(), self.place, self.done)
    }
}

/// Gathers notes and problems while a publication is read, so that all are told at once.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    pub(crate) notes: Vec<Note>,
    pub(crate) problems: Vec<Problem>,
}

impl Findings {
    pub(crate) fn note(&mut self, trap: Trap, place: Place, done: impl Into<String>) {
        self.notes.push(Note { trap, place, done: done.into() });
    }

    pub(crate) fn problem(&mut self, place: Place, message: impl Into<String>) {
        self.problems.push(Problem { place, message: message.into() });
    }

    /// The notes; or, when there are problems, the refusal that tells them all.
    pub(crate) fn finish(self, path: PathBuf) -> Result<Vec<Note>, SchemesError> {
        if self.problems.is_empty() {
            Ok(self.notes)
        } else {
            Err(SchemesError::Problems { path, problems: self.problems })
        }
    }
}

/// What keeps a scheme from being read or written.
#[derive(Debug, Error)]
pub enum SchemesError {
    /// A file cannot be read or written.
    #[error("{}: {source}", path.display())]
    File {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A folder or file that is none of the forms a scheme comes in.
    #[error("{}: {message}", path.display())]
    NotAScheme {
        /// The path given.
        path: PathBuf,
        /// What was looked for.
        message: String,
    },
    /// A scheme folder with something wrong in it.
    #[error("{}: {} wrong\n{}", path.display(), count(problems.len()), list(problems))]
    Scheme {
        /// The folder.
        path: PathBuf,
        /// Each of them, with file and line.
        problems: Vec<grouping::Problem>,
    },
    /// A publication with something in it that was not understood. All of it is told.
    #[error("{}: {} not understood\n{}", path.display(), count(problems.len()), list(problems))]
    Problems {
        /// The publication.
        path: PathBuf,
        /// Each of them, in the order of the publication.
        problems: Vec<Problem>,
    },
}

fn count(n: usize) -> String {
    if n == 1 { "1 thing was".to_owned() } else { format!("{n} things were") }
}

fn list<P: fmt::Display>(problems: &[P]) -> String {
    let mut out = String::new();
    for problem in problems {
        out.push_str("  ");
        out.push_str(&problem.to_string());
        out.push('\n');
    }
    out.pop();
    out
}

pub(crate) fn file_error(path: &std::path::Path) -> impl FnOnce(io::Error) -> SchemesError {
    let path = path.to_owned();
    move |source| SchemesError::File { path, source }
}
