//! # overview 总览
//!
//! 投影: what the change feed tells of settlements, kept as flat rows and as sums of days, so
//! that lists of hundreds of thousands of rows are filtered, sorted and paged in the database,
//! and charts are made from sums. [`follow`] reads the feed by its numbers and writes what it
//! read in the transaction that moves its cursor, so each change counts once, whoever reads it
//! twice; [`forget`] lets it all be made again from the feed.
//!
//! Called by the console (lists, sums, series) and by the binary (following). Never: a word
//! that is not in the feed, a decision, another register's tables; what a settlement *is* stays
//! with `claim`.

mod error;
mod facts;
mod follow;
mod project;
mod queries;
mod store;

pub use error::OverviewError;
pub use facts::{
    AgeBand, Amounts, Bucket, Burden, Cursor, Dimension, Filter, FundSum, Key, Page, Row, Sort, SortBy, Standing, Sums,
    Sundry,
};
pub use follow::{Following, Trouble, catch_up, follow};
pub use project::{forget, project};
pub use queries::{Reach, burden, by_funds, find, newest_day, page, reach, series, sums};
pub use store::{MIGRATIONS, STATEMENTS};
