//! 4101A 结算清单A: as 4101, without the settlement's own figures.

pub use super::t4101::handle;
