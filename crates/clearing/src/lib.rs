//! # clearing 清算
//!
//! What institutions declare for being paid and what they are owed: settlement lists with
//! every version and state, clearing applications, the cleared cases of a month (a reversal
//! after its month is a negative row of a later one), special cases put forward and decided,
//! monthly statements, what cases deduct with them, and the year's end.
//!
//! Called by `journeys`. Never: groups, prices, or decides what is owed (calculators do, and
//! the journeys hand the result in); posts money (the `ledger` does); reads another register.
//! A list version's content, a cleared case and a closed year are never changed; a statement's
//! figures change until it is posted.

mod facts;
mod month;
mod operations;
mod queries;
mod rows;
mod store;

pub use facts::*;
pub use month::{Month, NotAMonth};
pub use operations::*;
pub use queries::*;
pub use store::{MIGRATIONS, STATEMENTS};
