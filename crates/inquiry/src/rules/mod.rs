//! 规则: values in, values out.

pub mod credit;
pub mod opinion;
pub mod penalty;
pub mod sample;
pub mod share;
