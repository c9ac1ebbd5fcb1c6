//! 框架: what every route of the console stands on: the world behind it, who asks and within
//! which scope, masking, problems, lists and their export.

mod asked;
mod console;
mod export;
mod grant;
mod identify;
mod listing;
mod masking;
mod problem;

pub use asked::{Body, Query};
pub(crate) use console::drawn;
pub use console::{Console, World};
pub use export::{Column, Exported, Unit};
pub(crate) use grant::read_id;
pub use grant::{Caller, Granted, MaybeCaller};
pub use identify::{COOKIE, CSRF, identify};
pub use listing::{Cursor, Listed, Listing, Order, Paging};
pub use masking::{Masked, masked_name, masked_number};
pub use problem::{Fault, Problem, ProblemBody, speak};
