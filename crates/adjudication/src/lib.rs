//! # adjudication 待遇计算
//!
//! The one evaluator: the same code decides at the doctor's desk, at settlement and over
//! ten years of history. Given a compiled law and plain facts it accepts or refuses,
//! splits lines, settles and reverses, and says why each fen.
//!
//! Called by `journeys`, `region` (examples), `conform` and the command line. Never:
//! storage, a clock, randomness, a region's number.

pub mod facts;
pub mod trace;
