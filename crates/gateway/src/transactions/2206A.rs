//! 2206A 门诊预结算A: 2206 with a few fields of single regions.

pub use super::t2206::handle;
