//! 2303 住院预结算: as 2206.

pub use super::t2206::handle;
