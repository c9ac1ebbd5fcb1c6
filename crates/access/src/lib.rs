//! # access
//!
//! What it remembers, and whose word it is. Called by: name the journeys.
//! Never: another register's tables, a driver, a protocol.

pub mod facts;
pub mod operations;
pub mod refusal;
pub mod rules;
pub mod store;

pub use store::MIGRATIONS;
