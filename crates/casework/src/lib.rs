//! # casework 办案
//!
//! A case of any kind: it follows a [`Procedure`], which is a file of its region (states,
//! steps, who may take them, clocks in working days, what silence means, which documents a
//! step brings, who may not be the same person). [`next`] decides whether a step may be
//! taken and what it does; the store remembers cases, steps, clocks and documents.
//!
//! A case may have been opened for an item of the region's folder (服务事项, 工单): then it has an
//! [`Application`] with a [`form`] of typed fields, and slots that no other case may hold.
//!
//! Called by `journeys`, which holds the case, asks [`next`], records the step and seals it.
//! Never: what a case is about (a step's `effect` is a word for the caller), a clock or
//! randomness, a file, another room.

mod application;
mod calendar;
mod decide;
mod facts;
mod procedure;
mod queries;
mod read;
mod refusal;
mod rows;
mod store;

pub mod form;
pub mod operations;

pub use application::{
    Application, Listed, Wanted, add_application, amend_application, application, applications, count_applications,
    release_slots, set_result, slot_of, take_slot,
};
pub use calendar::Calendar;
pub use decide::{Decision, expired, next, open};
pub use facts::{AUTOMATIC, Actor, Asked, CLOCK, Case, Clock, Document, OPEN, Opening, PARTY, Taken};
pub use procedure::{ClockRule, Extension, Procedure, Procedures, State, StepRule, Unit};
pub use queries::*;
pub use read::{Problem, Staff, line_at, line_of};
pub use refusal::Refusal;
pub use store::{MIGRATIONS, STATEMENTS};
