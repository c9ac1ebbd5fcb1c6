//! # listing 医疗保障基金结算清单
//!
//! What a hospital declares of one stay: the settlement list ([`SettlementList`]) as plain
//! typed data, one table of its fields that all readers share ([`fields`]), quality control
//! before grouping whose rules are files ([`quality`]), and the check that the codes are of
//! the code system they are said to be of ([`codes`]).
//!
//! Called by `intake` (files), the gateway's adapters (4101), `journeys` and the command line.
//! Never: files, a clock, randomness, a guess about a code system, a rule in code. Text of
//! rules and catalogues is handed in.

pub mod codes;
pub mod facts;
mod field;
pub mod identity;
pub mod quality;
mod value;

pub use codes::CodeTable;
pub use facts::{
    Basic, Charges, Chronic, ChronicItem, Diagnosis, FeeItem, FundPayment, HomePage, IcuStay, Operation,
    SettlementList, Stay, Transfusion,
};
pub use field::{Entry, Part, Place, Scope, by_national, by_path, fields};
pub use value::{Cell, Kind, Minutes, Moment, ReadError, Value};
