//! What a caller wants to know.

use crate::header::Stage;
use terms::{Date, DateTime};

/// How to screen.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Options {
    /// 环节: only rules of this stage; `None`: all.
    pub stage: Option<Stage>,
    /// 截至: records after this moment are not seen. `None`: everything.
    pub as_of: Option<DateTime>,
    /// The history is complete from this day on; `None`: as far back as any rule looks.
    pub known_since: Option<Date>,
    /// 就诊ID of the visit in focus: only findings that touch one of its current lines (or, of
    /// findings without lines, the visit) are told.
    pub focus: Option<String>,
    /// Only these rules, by id; `None`: all.
    pub only: Option<Vec<String>>,
    /// Rules to leave out, by id (a shadow run, a time budget).
    pub without: Vec<String>,
}
