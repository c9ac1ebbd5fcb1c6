//! # provider 定点医药机构
//!
//! The register of who may treat insured persons: institutions and pharmacies
//! ([`Institution`]), their departments and practitioners, and their agreements
//! ([`Agreement`]): when an institution is designated, and when it is suspended.
//!
//! How it is used: CSV files are read into rows and row errors ([`Content::read`]), the
//! good rows are recorded ([`replace`]), and journeys ask the in-memory [`Index`] for an
//! institution's [`Standing`] on a day, or for a department or practitioner.
//!
//! Called by `journeys` (acceptance of visits), `gateway` (who signs in), `region` and
//! `city`. Never: keys and certificates (configuration), a rule about money, another
//! register.

mod facts;
mod index;
mod read;
mod refusal;
mod rows;
mod store;

pub use facts::{Agreement, AgreementStatus, Department, Institution, InstitutionKind, Practitioner};
pub use index::{Index, Shelf, Standing};
pub use read::{Content, Source, Tally};
pub use refusal::RowError;
pub use store::{MIGRATIONS, STATEMENTS, add_agreement, load, replace, version};
