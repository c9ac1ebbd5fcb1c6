//! 2504 人员慢特病备案撤销.

pub use super::filing::cancel as handle;
