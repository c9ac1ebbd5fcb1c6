//! 框架: what every route of the console stands on: the world behind it, who asks and within
//! which scope, masking, problems, lists and their export.

mod asked;
mod console;
mod describe;
mod entry;
mod export;
mod grant;
mod identify;
mod limits;
mod listing;
mod masking;
mod oidc;
mod problem;

pub use asked::{Body, Query, readable};
pub(crate) use console::drawn;
pub use console::{Console, World};
pub(crate) use describe::describe;
pub use entry::Entry;
pub use export::{Column, Exported, Unit};
pub(crate) use grant::read_id;
pub use grant::{Caller, Granted, MaybeCaller};
pub use identify::{COOKIE, CSRF, identify};
pub use limits::{Limits, Pace, Paces, slow};
pub use listing::{Cursor, Listed, Listing, Order, Paging};
pub use masking::{Masked, masked_name, masked_number};
pub(crate) use oidc::Begun;
pub use oidc::{OidcError, OidcSettings, Provider};
pub use problem::{Fault, Problem, ProblemBody, speak};
