//! # catalogue 目录
//!
//! The register of the 医保目录: drugs, services and consumables with their level,
//! self-pay ratios, price ceilings and quotas ([`Item`]), and the code lists of
//! diagnoses, procedures and chronic diseases ([`Term`]). Every fact is a dated row;
//! a code may have several rows whose periods never share a day.
//!
//! How it is used: a CSV file is read into rows and row errors ([`Content::read`]),
//! the good rows are recorded ([`import`]), and a settlement looks codes up in an
//! in-memory [`Index`] that is loaded once and refreshed when the register's version
//! has moved ([`Shelf`]).
//!
//! Called by `journeys` (settlement, downloads), `region` (checks of a region folder)
//! and `city` (plausible bills). Never: a rule about money, a file or socket, another
//! register, a query per fee line.

mod facts;
mod index;
mod read;
mod refusal;
mod rows;
mod store;

pub use facts::{Item, Level, Per, Quota, Term, TermKind};
pub use index::{Index, Lookup, Shelf};
pub use read::{Content, Source, Tally};
pub use refusal::RowError;
pub use store::{MIGRATIONS, STATEMENTS, import, items_page, load, replace, terms_page, version};
