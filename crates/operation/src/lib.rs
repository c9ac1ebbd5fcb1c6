//! # operation 经办
//!
//! What every deed that changes state shares: who sent which message and when
//! ([`Operation`], with everything random drawn beforehand), the memory that makes a repeat
//! harmless ([`perform`]), the lock on the persons a deed touches ([`lock_persons`]) and the
//! append-only change feed ([`feed`]).
//!
//! Called by the journeys inside a deed, by the rim that draws an [`Operation`], and by the
//! keepers that number the feed and forget old answers. Never: a clock, randomness, a rule,
//! a check of a message's form (a malformed message never gets here).

mod answer;
mod input;
mod message;
mod operation;
mod person;
mod refusal;

pub mod feed;

pub use answer::{AnswerKey, AnswerKeys, KeyError};
pub use input::InputHash;
pub use message::{Answer, Performed, PreEmption, Remembered, Replay, Standing, find, forget, perform, pre_empt};
pub use operation::Operation;
pub use person::lock_persons;
pub use refusal::{Reason, Refusal, RefusalsAsked, refusal_reasons, refusals};

use db::{Migration, Sql};

/// The room's tables.
pub const MIGRATIONS: &[Migration] = &[
    Migration { id: "operation/0001_messages", text: include_str!("../migrations/0001_messages.sql") },
    Migration { id: "operation/0002_person_lock", text: include_str!("../migrations/0002_person_lock.sql") },
    Migration { id: "operation/0003_change_feed", text: include_str!("../migrations/0003_change_feed.sql") },
    Migration { id: "operation/0004_refusals", text: include_str!("../migrations/0004_refusals.sql") },
];

/// Every statement of the room, for the prepare-all test.
pub const STATEMENTS: &[&Sql] = &[
    &message::FIND,
    &message::REMEMBER,
    &message::REMEMBER_NEW,
    &message::FORGET,
    &person::LOCK,
    &refusal::NOTE,
    &refusal::LIST,
    &refusal::REASONS,
    &feed::APPEND,
    &feed::HOLD,
    &feed::NUMBER,
    &feed::ADVANCE,
    &feed::READ,
    &feed::READ_BACK,
    &feed::FIND,
    &feed::WAITING,
    &feed::HEAD,
];
