//! 各页, one file each.

mod home;
mod listed;
mod log;
mod other;
mod settlement;
mod steps;

pub(crate) use home::home;
pub(crate) use listed::settlements;
pub(crate) use log::log;
pub(crate) use other::{nothing_here, trouble};
pub(crate) use settlement::{receipt_file, settlement};
