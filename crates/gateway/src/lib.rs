//! # gateway 接口网关
//!
//! The national medical-insurance interface for institutions (医保定点医药机构接口), as far
//! as form goes: it reads what hospitals' systems really send ([`tolerance`]), checks it
//! against the catalogue of fields ([`Catalogue`]), proves who speaks ([`transport`]), hands
//! a checked [`Message`] to one [`Transaction`] adapter, and writes the answer strictly
//! ([`Reply`]). HTTP is the outermost shell ([`serve`]).
//!
//! Called by: the binary (wiring), the conformance suite and the synthetic city (as clients
//! over HTTP). Adapters are one file a transaction, registered in one list.
//!
//! Never: a rule of the law, a table, arithmetic on money. Whatever the law can refuse is
//! refused by the law's own code; the refusals here ([`Form`]) are about form only.
//! Logs never carry a person's data, a secret or a body.

mod catalogue;
mod check;
mod deed;
mod desk;
mod dispatch;
mod envelope;
mod figures;
mod json;
mod message;
mod metrics;
mod readings;
mod recorder;
mod refusal;
mod reply;
mod server;
mod start;
pub mod tolerance;
mod transactions;
pub mod transport;
mod writer;

pub use catalogue::{Catalogue, CatalogueError, Dictionary, Field, Interface, Kind, Node, Rows};
pub use desk::Desk;
pub use dispatch::{
    Answer, Answered, Body, Config, Declined, Gateway, Limits, Post, Request, SignInRule, SignIns, Transaction,
};
pub use envelope::Envelope;
pub use json::{Json, Malformed};
pub use message::{Message, Row};
pub use refusal::{Form, Refused};
pub use reply::{Reply, ReplyRow};
pub use server::{Server, serve, serve_behind};
pub use start::{Opening, StartError, open};
pub use transport::{Caller, Credential, KeyRing, Keys, SpeaksFor};
pub use writer::Responder;
