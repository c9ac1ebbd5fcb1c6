//! 2502 转院备案撤销.

pub use super::filing::cancel as handle;
