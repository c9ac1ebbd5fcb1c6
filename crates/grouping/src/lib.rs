//! # grouping 分组
//!
//! One engine for every grouping scheme: CHS-DRG in all its versions, city variants, DIP,
//! MS-DRG. A scheme is plain data ([`Scheme`]): named code sets, conditions in the national
//! workbook's own rule language, an ordered tree of groups, severity tables with their
//! exclusions, rules on required fields. It is compiled once ([`Grouper::compile`]) and then
//! groups cases ([`Grouper::group`]), says why ([`Grouper::explain`]), and shows what each
//! other diagnosis would have led to as principal ([`Grouper::what_if`]).
//!
//! Called by `schemes` (reads scheme folders, imports publications), `journeys`, and the
//! command line. Never: files, a clock, randomness, a scheme's code or name, prices.

mod answer;
mod auxiliary;
mod case;
mod codes;
mod combine;
mod compile;
mod condition;
mod explain;
mod folder;
mod grouper;
mod hold;
mod lint;
mod problem;
mod render;
mod scheme;
mod scratch;
mod sets;
mod test;
mod trace;
mod walk;

pub use answer::{Answer, FieldSet, Groups, SeveritySet, Status};
pub use case::{Case, Sex};
pub use condition::{
    CodeField, CodeList, Comparison, Condition, Measure, NumberField, ProcedureCell, ProcedureTerm, RuleError, SetRef,
    Shape,
};
pub use folder::{Files, Places, ReadScheme};
pub use grouper::Grouper;
pub use lint::Catalogue;
pub use problem::{Gravity, Problem};
pub use scheme::{
    Auxiliary, CodeSet, CodeSystems, Combination, Exclusion, FieldKind, Kind, Level, Member, NewbornWeight, Node,
    NodeStatus, Options, OtherField, Outcome, Requirement, Retry, Scheme, Select, SeverityClass, SeverityCode,
    SkipMedical, TagPolicy, Ungroupable, WhenNoChild,
};
pub use scratch::Scratch;
pub use trace::{Compared, Explained, Fact, Finding, Place, Standing, Step, Trace, WhatIf};
