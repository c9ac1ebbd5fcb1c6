//! # region 地区
//!
//! A region is a folder of data. This room reads the folder ([`Region::open`]), checks it
//! whole with messages for a clerk ([`check`]), says in words how two folders or two dates
//! differ ([`diff`]), and runs worked examples and claims through its law ([`World`],
//! [`claims::adjudicate`]).
//!
//! Called by the command line, the centre when it starts, `conform` and tests. Never: a rule
//! about money (that is the folder's and `adjudication`'s), a database, a server.

mod access;
mod casebook;
mod centre;
mod check;
pub mod claims;
mod credential;
pub mod detection;
mod diff;
mod example;
mod folder;
mod grouping;
pub mod knowledge;
pub mod outline;
mod screening;
mod services;
pub mod simulate;
mod supervision;
mod value;
mod world;

pub use casebook::casebook;
pub use check::{Report, check};
pub use diff::{diff, diff_dates, who_gains};
pub use example::{ExampleRun, run_example};
pub use folder::{Fund, Manifest, Region, Scheme, read_policy};
pub use grouping::check_grouping;
pub use screening::{Screening, diff_screening, read_screening};
pub use supervision::surroundings;
pub use world::{Ground, Outcome, World};

/// What kept a folder or a claim from being used.
#[derive(Debug, thiserror::Error)]
pub enum RegionError {
    /// A file that cannot be read.
    #[error("{file}: cannot be read: {source}")]
    File {
        /// The file.
        file: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// `region.toml` is not as it should be.
    #[error("{0}")]
    Manifest(policy::Problem),
    /// The policy does not compile.
    #[error("{0}")]
    Policy(policy::Problems),
    /// An example or claim that cannot be run as it is written.
    #[error("{0}")]
    Written(String),
}
