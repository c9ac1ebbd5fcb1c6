//! # policy 政策
//!
//! The format in which a region writes its benefit law, and the compiler that turns a
//! folder of such files into a [`Law`]: dated tables, named formulas, look-ups into a
//! person's record, fund layers, accumulators, refusals. Every number, fund, layer,
//! accumulator and refusal code is in the files; this crate only knows the shapes.
//!
//! Called by `region` (which reads the folder), `adjudication` (which evaluates) and
//! `payment` (whose plans use the formula language and the way of telling problems).
//! Never: files, a clock, a region's number or name. The format is told to clerks in
//! `docs/guides/writing-policy.md` and its decisions in `docs/design/policy-format.md`.

mod compile;
mod expr;
mod format;
mod hash;
mod law;
mod lint;
pub mod names;
mod parse;
mod source;
mod table;

pub use compile::compile;
pub use expr::{Binary, Expr, Function, ItField, LayerPart, Type};
pub use format::ExampleFile;
pub use hash::of as hash;
/// The formula language as a tree, for other calculators whose files use it.
pub mod formula {
    pub use crate::parse::{Kind, Mistake, Node, parse};
}
pub use law::{
    AccountKind, Accumulator, Band, Case, Find, FindSource, Formula, HospitalShare, Keep, Law, Layer, Limit, LimitOn,
    LineSplit, LineSum, Operand, Piece, Refusal, Rounding, Says, Segments, Stage, Value,
};
pub use names::Fact;
pub use source::{Problem, Problems, Severity, SourceFile};
pub use table::{Cell, Entry, KEYS_MAX, Table, Unit};
