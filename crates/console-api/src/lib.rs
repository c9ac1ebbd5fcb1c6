//! # console-api 页面
//!
//! The pages that the centre's own binary serves: what the funds paid, the latest
//! settlements, why each fen of one of them, its receipt (verified here and taken away as a
//! file), and the state of the evidence log. Plain HTML, Chinese first with English beside
//! it; no script.
//!
//! Called by the binary ([`Page::open`], [`router`]). Lists and sums come from a projection
//! of the change feed ([`Daybook`]); one settlement is put together from the rooms that own
//! its parts, by id. Never: a rule, a sum of the law, SQL, a change of a register (it only
//! gives the feed its numbers). **It asks nobody who they are**: the binary binds it to
//! loopback.

mod api;
mod coded;
mod daybook;
mod embed;
pub mod frame;
mod html;
mod log_http;
mod pages;
mod receipt;
mod routes;
mod server;
mod words;

pub use api::{PREFIX, api, openapi};
pub use daybook::{Daybook, DaybookError, Following, Sums};
pub use embed::console;
pub use log_http::{LogWindow, log_router};
pub use receipt::{Check, CheckState, check_receipt};
pub use server::router;

use std::collections::BTreeMap;
use std::sync::Arc;

use db::Database;
use evidence::TrustedKey;
use journeys::Centre;

/// 基金名称 in both languages.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Named {
    /// 中文名.
    pub name: String,
    /// English name, or empty.
    pub english: String,
}

/// What the demo, or whatever fills the database, is doing now; `None` when nothing is
/// under way. Pages that show it reload themselves while there is something to say.
pub type Progress = Arc<dyn Fn() -> Option<String> + Send + Sync>;

/// What the pages are made from. Cheap to clone.
#[derive(Clone)]
pub struct Page {
    /// Where everything is remembered; its tables must exist.
    pub database: Database,
    /// The centre: its law tells what steps are called, its catalogue and institutions give
    /// names.
    pub centre: Centre,
    /// 地区.
    pub region: Named,
    /// 基金支付类型 to name.
    pub funds: BTreeMap<String, Named>,
    /// 险种 to name.
    pub schemes: BTreeMap<String, Named>,
    /// The public key of the evidence log.
    pub trusted: TrustedKey,
    /// What is being done now.
    pub progress: Progress,
    /// The sums by day; [`Daybook::follow`] keeps them up to date.
    pub daybook: Arc<Daybook>,
}
