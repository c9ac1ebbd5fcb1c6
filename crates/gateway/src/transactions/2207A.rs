//! 2207A 门诊结算A: 2207 with a few fields of single regions.

pub use super::t2207::handle;
