//! # xtask 管家
//!
//! The house-keeper: every chore of this repository is a subcommand here, so that nobody
//! needs to know a script. Called by people and by `.ci/run` as `cargo xtask …`.
//! Never: a part of the product, a dependency of a room, a third-party crate.

pub mod bench;
pub mod check;
pub mod console;
pub mod contract;
pub mod demo;
pub mod files;
pub mod oracle;
pub mod postgres;
pub mod room;
pub mod shell;
pub mod test;
pub mod tools;
