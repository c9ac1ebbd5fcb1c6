//! 轨迹

use serde::{Deserialize, Serialize};

/// 轨迹: why each fen, in order.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trace(pub Vec<Step>);

/// One step of a decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {}
