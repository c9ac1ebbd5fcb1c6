//! 月预结算: a month's priced cases of an institution, summed to what is paid now, what is
//! kept as deposit and what is held back until the year is cleared.

use serde::{Deserialize, Serialize};
use terms::{Exact, Fen, InstitutionId};

use crate::priced::Step;

/// How an institution stands with the fund before a month.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// 以前月份多付: what earlier months left to be set off (negative months), in 分.
    pub to_set_off: Fen,
}

/// 月预结算: one institution, one pool, one month.
///
/// Always: `due = prepaid + deposit + held`, and `payable = prepaid − set_off` with
/// `payable ≥ 0`; what could not be set off is `carried`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MonthStatement {
    /// Institution.
    pub institution: InstitutionId,
    /// Pool.
    pub pool: String,
    /// How many cases.
    pub cases: u64,
    /// Σ points.
    pub points: Exact,
    /// Σ 医疗总费用.
    pub fee: Fen,
    /// Σ 病组支付总额.
    pub payment: Fen,
    /// Σ 除外支付.
    pub excluded: Fen,
    /// Σ 个人支付.
    pub patient: Fen,
    /// Σ 其他基金支付.
    pub other_funds: Fen,
    /// Σ 统筹基金应付.
    pub due: Fen,
    /// Σ 按项目记账.
    pub item_fund: Fen,
    /// 预付: the share paid now.
    pub prepaid: Fen,
    /// 质量保证金: withheld as deposit.
    pub deposit: Fen,
    /// 待年终清算: held back, neither paid nor deposit.
    pub held: Fen,
    /// Set off against earlier months.
    pub set_off: Fen,
    /// 本月应拨付.
    pub payable: Fen,
    /// Still to be set off in the next month.
    pub carried: Fen,
    /// Why.
    pub steps: Vec<Step>,
}
