//! # screening
//!
//! What it decides, from what it is given. Called by: name the journeys.
//! Never: I/O, a clock, randomness, async, a table.

pub mod facts;
pub mod refusal;
pub mod rules;
