//! # encounter 就诊与费用明细
//!
//! What supervision looks at, as plain data: a person with the visits, diagnoses, operations and
//! fee lines of some time, and the institution, the practitioners, the stock around them. Each
//! field has one name everywhere, the national one: in these structs, in an audit rule, in a
//! file's heading, in the lake's columns ([`Table::fields`]). Every fact may be unknown (`None`),
//! and unknown is never a value.
//!
//! Called by screening, detection and the rim that reads files, the register or the lake.
//! Never: a rule, I/O, a clock.

mod facts;
mod table;
mod value;

pub use facts::*;
pub use table::{Field, Record, Table};
pub use value::{FieldError, Kind, Value, ValueRef};
