//! 年终清算: final point value, retained surplus, shared overspend, pool by pool, to the fen.

use serde::{Deserialize, Serialize};
use terms::{Exact, Fen, InstitutionId};

use crate::priced::Step;

/// What the year's clearing needs of a priced case; made from a [`crate::Priced`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct YearCase {
    /// Institution.
    pub institution: InstitutionId,
    /// Pool.
    pub pool: String,
    /// 结算点数.
    pub points: Exact,
    /// Paid outside of the sharing by points.
    pub outside: bool,
    /// 病组支付总额 at the estimate.
    pub payment: Fen,
    /// 医疗总费用.
    pub fee: Fen,
    /// 除外支付.
    pub excluded: Fen,
    /// 个人支付.
    pub patient: Fen,
    /// 其他基金支付.
    pub other_funds: Fen,
    /// 统筹基金应付 at the estimate.
    pub fund: Fen,
    /// 按项目记账.
    pub item_fund: Fen,
}

/// 机构年终清算.
///
/// Always: `entitled = shared − withheld`; `payable = entitled + outside − returned +
/// overspend_shared`; `balance_due = payable − prepaid − deposit_kept`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InstitutionYear {
    /// Institution.
    pub institution: InstitutionId,
    /// How many cases.
    pub cases: u64,
    /// Σ points inside the sharing.
    pub points: Exact,
    /// Σ 医疗总费用.
    pub fee: Fen,
    /// Σ 个人支付 and 其他基金支付 of the cases inside the sharing.
    pub paid_by_others: Fen,
    /// Fund money that its points bring at the final point value.
    pub shared: Fen,
    /// 考核扣减: kept by the fund for the assessment.
    pub withheld: Fen,
    /// 应得: `shared − withheld`.
    pub entitled: Fen,
    /// 记账: Σ item-booked fund money of the same cases.
    pub booked: Fen,
    /// `booked / entitled`, to ten decimals; `None` if nothing was entitled.
    pub ratio: Option<Exact>,
    /// Rung of the ladder.
    pub band: Option<String>,
    /// 结余留用: kept surplus, part of `entitled`.
    pub retained: Fen,
    /// 结余收回: surplus that goes back to the fund.
    pub returned: Fen,
    /// 超支分担: overspend that the fund bears.
    pub overspend_shared: Fen,
    /// 超支自负: overspend that the institution bears.
    pub overspend_borne: Fen,
    /// Fund money of the cases outside the sharing, and of what is excluded.
    pub outside: Fen,
    /// 全年应拨付.
    pub payable: Fen,
    /// 已预付 in the months.
    pub prepaid: Fen,
    /// 清算应付: `payable − prepaid`; negative is to be paid back. Includes the deposit.
    pub balance_due: Fen,
    /// Why.
    pub steps: Vec<Step>,
}

/// 统筹池年终清算.
///
/// Always, to the fen: `budget = Σ payable − drawn + left`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PoolYear {
    /// Pool.
    pub pool: String,
    /// Year.
    pub year: i16,
    /// 可分配基金 before anything: the budget.
    pub budget: Fen,
    /// Fund money paid outside of the sharing.
    pub outside: Fen,
    /// 参与分配: fund money shared by points (fee basis: with what others paid).
    pub distributable: Fen,
    /// Σ points.
    pub points: Exact,
    /// 最终点值, in 分 per point, as published (rounded by the plan).
    pub point_value: Exact,
    /// Each institution, by id.
    pub institutions: Vec<InstitutionYear>,
    /// 动用风险金 or other reserve, beyond the budget.
    pub drawn: Fen,
    /// 留存基金: budget that nobody was paid.
    pub left: Fen,
    /// Why.
    pub steps: Vec<Step>,
}
