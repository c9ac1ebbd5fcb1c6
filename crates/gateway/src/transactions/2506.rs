//! 2506 人员定点备案撤销.

pub use super::filing::cancel as handle;
