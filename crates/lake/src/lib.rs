//! # lake 数据湖
//!
//! Claims as monthly Parquet, and the work that is done over whole files of them: fed from the
//! centre's change feed or from anybody's own files, read back person by person with bounded
//! memory, and held against the same rules as at the doctor's desk.
//!
//! Called by the binary `heng`. Never: a rule, an amount that it worked out itself, SQL of the
//! centre's database.

#[cfg(feature = "sort")]
mod arrange;
mod behind;
mod chunk;
mod error;
mod headings;
mod layout;
mod problems;
mod read;
mod refresh;
mod report;
mod rows;
mod screen;
mod stage;
mod tables;
mod tidy;
mod work;
mod write;

#[cfg(feature = "sort")]
pub use arrange::{Engine, arrange};
pub use behind::{Seen, SeenLine, SeenVisit};
pub use chunk::Chunk;
pub use error::LakeError;
pub use headings::{Detected, FieldMap, MapError, Understood};
pub use layout::{Lake, Month, part_of};
pub use problems::Problems;
pub use read::{PartReader, TableReader, Wanted, read_records};
pub use refresh::{Changed, Refreshed, refresh};
pub use report::Report;
pub use rows::{Rows, TableBuilder, Typed, day_number, second_number};
pub use screen::{Found, Screening, look_behind, screen};
pub use stage::{InputFile, Inputs, Staged, stage};
pub use tables::LakeTable;
pub use work::{Room, Told, Watch, Work};
pub use write::{MonthWriter, PersonWriter, TableFile, write_records};
