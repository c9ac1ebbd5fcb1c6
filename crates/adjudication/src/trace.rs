//! 轨迹: why each fen. A settlement carries its steps as data; the citizen's explanation,
//! the hospital's answer and the auditor's evidence are printed from it.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use terms::{Exact, Fen};

/// The steps of a decision, in order.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Trace(pub Vec<Step>);

fn is_empty(text: &Arc<str>) -> bool {
    text.is_empty()
}

/// A value as it stands in the trace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Shown {
    /// An amount in 分.
    Money(Fen),
    /// A number or ratio.
    Number(Exact),
    /// Text, a date, yes or no.
    Text(String),
}

/// What a name in a formula stood for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Operand {
    /// The name as the policy's formula writes it.
    pub id: Arc<str>,
    /// 中文名, or empty for a fact.
    #[serde(default, skip_serializing_if = "is_empty")]
    pub name: Arc<str>,
    /// English name, or empty.
    #[serde(default, skip_serializing_if = "is_empty")]
    pub english: Arc<str>,
    /// Its value.
    pub value: Shown,
}

/// One band of a layer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BandStep {
    /// 分: how much fell into the band.
    pub fee: Fen,
    /// The ratio.
    pub ratio: Exact,
    /// What the band gave, in 分, exact, before rounding.
    pub product: Exact,
}

/// A limit that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LimitStep {
    /// 中文名.
    pub name: Arc<str>,
    /// Article.
    #[serde(default, skip_serializing_if = "is_empty")]
    pub article: Arc<str>,
    /// 分: what was left.
    pub remaining: Fen,
}

/// What kind of step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", tag = "kind")]
pub enum StepKind {
    /// The sums of the lines.
    Lines {
        /// T.
        total: Fen,
        /// A.
        full_self_pay: Fen,
        /// B.
        over_limit: Fen,
        /// C.
        pre_self_pay: Fen,
        /// I.
        in_scope: Fen,
    },
    /// A named formula.
    Value {
        /// As the policy writes it.
        formula: Arc<str>,
        /// What its names stood for.
        operands: Vec<Operand>,
        /// What it gave.
        result: Shown,
    },
    /// A layer that paid, or could have.
    Layer {
        /// 基金支付类型.
        fund: String,
        /// 分: what it took.
        input: Fen,
        /// 分: where on the running total it began.
        from: Fen,
        /// 分: its threshold, if it has one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        threshold: Option<Fen>,
        /// Its bands.
        bands: Vec<BandStep>,
        /// Its limits.
        limits: Vec<LimitStep>,
        /// 分: without limits.
        uncapped: Fen,
        /// 分: paid.
        paid: Fen,
    },
    /// An account that paid.
    Account {
        /// 基金支付类型.
        fund: String,
        /// 分: what could be paid from accounts.
        input: Fen,
        /// 分: paid.
        paid: Fen,
    },
    /// What is left.
    Person {
        /// F.
        fund_total: Fen,
        /// Hp.
        hospital: Fen,
        /// P.
        person: Fen,
        /// W.
        account: Fen,
        /// X.
        cash: Fen,
    },
}

/// One step of a decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// The rule's name in the policy.
    pub rule: Arc<str>,
    /// 中文名.
    pub name: Arc<str>,
    /// English name, or empty.
    #[serde(default, skip_serializing_if = "is_empty")]
    pub english: Arc<str>,
    /// The article cited.
    #[serde(default, skip_serializing_if = "is_empty")]
    pub article: Arc<str>,
    /// What happened.
    #[serde(flatten)]
    pub kind: StepKind,
}
