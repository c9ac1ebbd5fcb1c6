//! # terms 词汇
//!
//! The words that every room shares: money in 分 ([`Fen`]), exact unit prices and
//! quantities ([`UnitPrice`], [`Quantity`]), exact intermediate numbers ([`Exact`]),
//! the one rounding function ([`round_half_away`]), periods of dates ([`Period`])
//! and typed identifiers.
//!
//! Called by every room. Never: I/O, a clock, randomness, a rule, a region's number.

mod exact;
mod id;
mod money;
mod period;

pub use exact::{Exact, Inexact, NumberError, Quantity, Ratio, UnitPrice, line_amount, round_half_away};
pub use id::*;
pub use jiff::civil::{Date, DateTime};
pub use money::Fen;
pub use period::{Period, parse_date, parse_time, show_time};
