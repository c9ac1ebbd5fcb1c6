//! 事实: what the caller says about a case. Everything is plain data; money is in 分.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use terms::{Date, Exact, Fen, InstitutionId};

/// 分组结果: how the grouper answered, in the words that a plan's formulas use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Grouped {
    /// 入组: the case has a group.
    Grouped,
    /// 歧义组 QY: the case fell into a QY group.
    Ambiguous,
    /// 未入组 0000: no group takes the case.
    Ungroupable,
    /// 信息不足: the grouper lacks data or refused the record.
    Invalid,
}

impl Grouped {
    /// The word that formulas compare with.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Grouped::Grouped => "grouped",
            Grouped::Ambiguous => "ambiguous",
            Grouped::Ungroupable => "ungroupable",
            Grouped::Invalid => "invalid",
        }
    }
}

/// 特例单议的决定: what the experts agreed for one case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// 议定金额, in 分: the whole payment for the case, without what is excluded.
    Amount(Fen),
    /// 议定点数 or 分值.
    Points(Exact),
    /// 不同意: the case is priced as any other.
    Refused,
}

/// 病例: one settled stay, grouped, as the price needs it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Case {
    /// 结算ID or another id, unique in what is priced together.
    pub id: String,
    /// 分组方案: id of the scheme that grouped it.
    pub scheme: String,
    /// 方案版本.
    pub scheme_version: String,
    /// 定点医药机构编号.
    pub institution: InstitutionId,
    /// 医疗机构级别 `hi_setl_lv`: `1`, `2`, `3`.
    pub level: String,
    /// 险种 `insutype`: `310`, `390`; chooses the pool.
    pub insurance: String,
    /// 出院日期.
    pub discharged: Date,
    /// 结算日期.
    pub settled: Date,
    /// 分组结果.
    pub grouped: Grouped,
    /// 组号: DRG or DIP group code; empty if there is none.
    pub group: String,
    /// 辅助目录: rows of the auxiliary table that the case meets; the plan takes the
    /// largest factor. Empty for none.
    #[serde(default)]
    pub auxiliary: Vec<String>,
    /// 住院天数.
    pub days: u32,
    /// 医疗总费用.
    pub fee: Fen,
    /// 除外支付: new drugs and devices paid apart, part of `fee`.
    #[serde(default)]
    pub excluded: Fen,
    /// 个人支付: cash and accounts, of the whole fee.
    pub patient: Fen,
    /// 其他基金支付: funds other than the pool (serious illness, aid, civil servants).
    pub other_funds: Fen,
    /// 按项目记账: what the pool paid or booked item by item for the same stay.
    pub item_fund: Fen,
    /// 床日类别: `psychiatric`, `rehabilitation` … as the plan's per-day tables name
    /// them; empty for an ordinary stay.
    #[serde(default)]
    pub day_class: String,
    /// 特例单议, if the case was put forward and decided.
    #[serde(default)]
    pub decision: Option<Decision>,
    /// Further numbers that the plan declares with `[[fact]]`.
    #[serde(default)]
    pub numbers: BTreeMap<String, Exact>,
    /// Further texts that the plan declares with `[[fact]]`.
    #[serde(default)]
    pub texts: BTreeMap<String, String>,
}
