//! # stock 进销存
//!
//! What institutions report of their goods: counts (3501), changes (3502), purchases and their
//! returns (3503, 3504), sales and their returns (3505, 3506) with trace codes (药品追溯码), and
//! what they took back (3507). It knows a record by institution, the institution's own batch
//! number (`fixmedins_bchno`) and kind, and answers what should be on the shelf ([`balance`]) and
//! which trace codes were sold more than once ([`reused`]).
//!
//! Called by `journeys` (the transactions; the rows for supervision). Never: refuses a sale
//! because the shelf should be empty (it is told, [`Told`]: reports come late and out of order),
//! judges an institution, keeps names or certificates of persons, reads another register.

mod facts;
mod operations;
mod queries;
mod refusal;
mod rules;
mod store;

pub use facts::*;
pub use operations::{Deletion, Told, TraceSeen, Verdict, delete, record};
pub use queries::{balance, deleted, find, known_stock, movements, reused};
pub use refusal::Refusal;
pub use rules::check;
pub use store::{MIGRATIONS, STATEMENTS};
