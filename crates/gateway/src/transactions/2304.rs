//! 2304 住院结算: as 2207.

pub use super::t2207::handle;
