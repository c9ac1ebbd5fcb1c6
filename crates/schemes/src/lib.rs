//! # schemes 方案文件
//!
//! Brings grouping schemes in and out: the folder of a region (`regions/<code>/grouping/<scheme>`),
//! the neutral tables, the national DRG workbook as it is published, DIP directories as cities
//! publish them. It also says in words what differs between two schemes, and which cases move.
//!
//! Called by the command line, by `region` and by tests. Never: a grouping rule of its own; what
//! a scheme means is decided in `grouping`, what a publication says stands in its files.

mod files;
mod report;
pub mod tables;
pub mod workbook;

use grouping::Scheme;

pub use report::{Note, Place, Problem, SchemesError, Trap};

/// 方案. A scheme together with what was met on the way in.
#[derive(Debug)]
pub struct Loaded {
    /// The scheme.
    pub scheme: Scheme,
    /// What was odd, and what was done about it.
    pub notes: Vec<Note>,
    /// What it was read from.
    pub origin: Origin,
}

/// The form in which a scheme came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// A scheme folder.
    Folder,
    /// A folder of neutral tables.
    Tables,
    /// The national workbook.
    Workbook,
}
