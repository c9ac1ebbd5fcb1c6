//! 疑点: what a model says, with everything that made it say so.

use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use terms::{Exact, Fen, round_half_away};

/// 分项: one named part of a score.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SubScore {
    /// Identifier of the part in the model's parameter file.
    pub id: String,
    /// 分项名称.
    pub name: String,
    /// What was measured, to four decimals; `None` when the facts for it are missing.
    pub value: Option<f64>,
    /// 单位 of the value.
    pub unit: String,
    /// The most that this part can give, in points; all parts of a model give 1,000 together.
    pub weight: i64,
    /// What it gave, in points; a missing fact gives nothing.
    pub contribution: i64,
    /// The facts in words.
    pub facts: String,
}

/// 涉及对象.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Members {
    /// 人员 `psn_no`.
    pub persons: BTreeSet<String>,
    /// 就诊 `mdtrt_id`: the drill-down.
    pub visits: BTreeSet<String>,
    /// 明细, as `mdtrt_id/feedetl_sn`.
    pub lines: BTreeSet<String>,
    /// 机构 `fixmedins_code`.
    pub institutions: BTreeSet<String>,
    /// 医师 `dr_codg`.
    pub doctors: BTreeSet<String>,
    /// 机构的品种, as `fixmedins_code|med_list_codg`.
    pub articles: BTreeSet<String>,
}

/// 涉及金额: each visit counted once. Where single lines are in question only they count, and a
/// fund's part in proportion.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Stake {
    /// 费用总额 of what is in question.
    #[serde(serialize_with = "yuan")]
    pub fee: Fen,
    /// 基金支付 by fund code; `fund_pay_sumamt` where only the sum is known.
    #[serde(serialize_with = "yuan_by_fund")]
    pub by_fund: BTreeMap<String, Fen>,
    /// Visits whose payment by funds is not known; their fee is in `fee` only.
    pub without_fund: usize,
    /// Visits whose fee is not known.
    pub without_fee: usize,
}

impl Stake {
    /// What could be recovered: what funds paid, or, where no visit says so, the fee.
    #[must_use]
    pub fn recoverable(&self) -> Fen {
        if self.by_fund.is_empty() { self.fee } else { self.by_fund.values().copied().sum() }
    }
}

/// 疑点: a suspicion. It is a lead for people, never a decision.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Suspicion {
    /// The model's identifier.
    pub model: String,
    /// 模型名称.
    pub name: String,
    /// Version of the model's parameters.
    pub version: u32,
    /// What binds the members: stable for the same facts.
    pub group: String,
    /// 得分 in points, 0 to 1,000: the sum of the parts' contributions exactly as they stand.
    pub score: i64,
    /// The parts.
    pub parts: Vec<SubScore>,
    /// Who and what is concerned.
    pub members: Members,
    /// How much money.
    pub stake: Stake,
    /// Why, in words.
    pub why: String,
    /// Names of the parts that could not be looked at.
    pub missing: Vec<String>,
}

impl Suspicion {
    /// 排序金额: recoverable amount × score: what is looked at first.
    #[must_use]
    pub fn weighted(&self) -> Fen {
        let product = Exact::from(self.stake.recoverable()).times(Exact::from_scaled(self.score, 3));
        product.map_or(Fen::ZERO, round_half_away)
    }
}

fn yuan<S: serde::Serializer>(amount: &Fen, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(amount)
}

fn yuan_by_fund<S: serde::Serializer>(funds: &BTreeMap<String, Fen>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(funds.iter().map(|(fund, amount)| (fund, amount.to_string())))
}
