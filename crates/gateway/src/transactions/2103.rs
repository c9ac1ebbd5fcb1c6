//! 2103 药店结算撤销: as 2208.

pub use super::t2208::handle;
