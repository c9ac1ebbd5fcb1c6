//! 2301 住院费用明细上传: as 2204.

pub use super::t2204::handle;
