//! 服务: what people apply for and the centre's own work orders. An [`Item`] is a file of the region:
//! form, conditions, materials, procedure, and an effect. To apply opens a case; where the item's
//! rule is complete it is decided at once, otherwise staff take the steps of its procedure. What a
//! step does besides is one of [`SERVICE_EFFECTS`]; `carry_out` does what the item itself says:
//!
//! | item's effect | what it does |
//! |---|---|
//! | `file`, `cancel_filing` | a filing, as 2501, 2503 and 2505 make and take it back |
//! | `bind`, `unbind` | another person may use this person's account, or no longer |
//! | `change_person`, `change_employer` | what is registered of the person |
//! | `settle` | 零星报销: the settlement journey, with what the funds pay owed to the person |
//!
//! Every step is one transaction: case, register, leaf and feed. A case holds what only one may
//! have (an invoice's number, one application of a kind); its effect is carried out once.

mod apply;
mod assess;
mod effects;
pub mod example;
mod facts;
mod formula;
mod handle;
mod item;
mod refusal;
mod view;

pub use apply::{Applied, Applying};
pub use assess::Assessment;
pub(crate) use effects::Told;
pub use example::CaseFailure;
pub use facts::Surroundings;
pub use handle::ServiceStep;
pub use item::{Item, ListedCode, Material, Services, option_name};
pub use refusal::{Reason, Refusal};
pub use view::{Message, ServiceFile, messages_of, service_file, service_of};

use std::sync::Arc;

use crate::Casebook;

/// 经办窗口 of a region: how cases are handled, and the items that people apply for. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Counter {
    /// 程序, 工作日历, 人员.
    pub book: Arc<Casebook>,
    /// 服务事项.
    pub services: Arc<Services>,
}

/// The effects that a step of a service procedure may name: `carry_out` does what the item says,
/// `amend` takes a corrected form, `release` lets go of what the case holds, `pay` and `repay` move a
/// claim's money to the person and back, `undo` revokes what was carried out.
pub const SERVICE_EFFECTS: &[&str] = &["carry_out", "amend", "release", "pay", "repay", "undo"];
