//! # access 权限
//!
//! Who may see and do what: accounts with their roles and their data scope, sessions, the
//! region's role policy (`access.toml`), and the record of who read or unmasked whose data
//! and why. **The one place where an access is decided** is [`decide`].
//!
//! Called by `console-api`, which asks [`decide`] before every handler, and by the binary,
//! which opens accounts. Never: HTTP, a cookie, a clock or randomness (callers bring them),
//! what the data is about.

mod decide;
mod facts;
mod password;
mod policy;
mod queries;
mod seal;
mod store;
mod totp;

pub mod operations;
pub mod permission;

pub use decide::{Denied, decide};
pub use facts::{Account, Read, Scope, Session, Subject, token_hash};
pub use password::{PasswordError, hash_password, password_fits};
pub use permission::{Permission, PermissionInfo};
pub use policy::{Kind, PolicyError, Purpose, Role, RolePolicy};
pub use queries::*;
pub use seal::SealKey;
pub use store::{MIGRATIONS, STATEMENTS};
pub use totp::{TOTP_SECRET, base32, totp_code, totp_link, totp_step};
