//! # intake 数据接入
//!
//! Reads the files that hospitals and bureaus have (CSV in UTF-8 or GB18030, XLSX, Parquet),
//! row by row, finds out from the headings what each column is, and hands on settlement
//! lists; writes tables of results as CSV, XLSX, Parquet or JSON lines.
//!
//! Called by the command line, `region` and batch journeys. Never: a rule, a guess by
//! position, a row dropped in silence. A row that cannot be read is an error that names
//! file, row, column, value and the way out, and the rest of the file goes on.

pub mod cases;
mod columns;
mod error;
mod lists;
mod source;
mod write;

pub use columns::{ColumnMap, ColumnRefusal, Columns, MapError, Understood};
pub use error::{CellError, IntakeError, RowError, RowErrors};
pub use lists::{Cleaned, ListError, ListOptions, Lists};
pub use source::{Encoding, Headings, Row, Source, SourceOptions, Table};
pub use write::{Cell, Column, ColumnKind, Format, TableWriter};
