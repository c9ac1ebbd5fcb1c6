//! # console-api 控制台接口
//!
//! The desks of a bureau, its institutions and its people: routes under `/api/console/v1`
//! ([`api`], described by [`openapi`]), and the built console's pages in front of everything
//! else ([`console`]). [`frame`] is what every route stands on; `routes` has one file a topic.
//!
//! Called by the binary. A handler extracts a grant ([`frame::Granted`]), asks a register or does
//! a journey, and shapes the answer. Never: a rule, a sum of the law, SQL; an access that is not
//! decided by `access::decide`; a personal datum that is not masked.

mod api;
mod coded;
mod embed;
pub mod frame;
mod log_http;
mod receipt;
mod routes;
mod words;

pub use api::{PREFIX, api, openapi};
pub use embed::console;
pub use log_http::{LogWindow, log_router};
pub use receipt::{Check, CheckState, check_receipt};

use std::sync::Arc;

/// 名称 in both languages.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Named {
    /// 中文名.
    pub name: String,
    /// English name, or empty.
    pub english: String,
}

/// What the demo, or whatever fills the database, is doing now; `None` when nothing is under way.
pub type Progress = Arc<dyn Fn() -> Option<String> + Send + Sync>;
