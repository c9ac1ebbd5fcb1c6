//! Facts: what a movement of goods is, and what is worked out from many.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use terms::{Date, DateTime, InstitutionId, Quantity, UnitPrice};

/// 变动种类.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum MoveKind {
    /// 盘存 (3501): how many there are.
    Counted,
    /// 库存变更 (3502).
    Changed,
    /// 采购 (3503).
    Bought,
    /// 采购退货 (3504).
    BoughtBack,
    /// 销售 (3505).
    Sold,
    /// 销售退货 (3506).
    SoldBack,
}

impl MoveKind {
    /// Every kind, in the order of the transactions.
    pub const ALL: [MoveKind; 6] = [
        MoveKind::Counted,
        MoveKind::Changed,
        MoveKind::Bought,
        MoveKind::BoughtBack,
        MoveKind::Sold,
        MoveKind::SoldBack,
    ];

    /// The word that supervision uses for it (`move_kind`).
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            MoveKind::Counted => "counted",
            MoveKind::Changed => "changed",
            MoveKind::Bought => "bought",
            MoveKind::BoughtBack => "bought_back",
            MoveKind::Sold => "sold",
            MoveKind::SoldBack => "sold_back",
        }
    }

    /// The term.
    #[must_use]
    pub fn term(self) -> &'static str {
        match self {
            MoveKind::Counted => "盘存",
            MoveKind::Changed => "库存变更",
            MoveKind::Bought => "采购",
            MoveKind::BoughtBack => "采购退货",
            MoveKind::Sold => "销售",
            MoveKind::SoldBack => "销售退货",
        }
    }

    /// 进销存数据类型 (3507) to the kinds that it takes back: 1 盘存, 2 库存变更, 3 采购 and its
    /// returns, 4 销售 and its returns.
    #[must_use]
    pub fn of_data_type(inv_data_type: &str) -> Option<&'static [MoveKind]> {
        match inv_data_type {
            "1" => Some(&[MoveKind::Counted]),
            "2" => Some(&[MoveKind::Changed]),
            "3" => Some(&[MoveKind::Bought, MoveKind::BoughtBack]),
            "4" => Some(&[MoveKind::Sold, MoveKind::SoldBack]),
            _ => None,
        }
    }

    pub(crate) fn number(self) -> i64 {
        1 + MoveKind::ALL.iter().position(|kind| *kind == self).expect("every kind is listed") as i64
    }

    pub(crate) fn of_number(number: i64) -> Option<MoveKind> {
        MoveKind::ALL.get(usize::try_from(number - 1).ok()?).copied()
    }
}

/// 库存变更类型 to its direction: `Some(true)` comes in (调拨入库, 盘盈, 其他入库, 采购入库, 赠药入库),
/// `Some(false)` goes out (调拨出库, 盘损, 销毁, 其他出库, 退货出库, 赠药退回出库); `None` for a code that the
/// national list lacks.
#[must_use]
pub fn comes_in(inv_chg_type: &str) -> Option<bool> {
    match inv_chg_type {
        "101" | "103" | "106" | "108" | "110" => Some(true),
        "102" | "104" | "105" | "107" | "109" | "111" => Some(false),
        _ => None,
    }
}

/// 进销存记录: one movement as an institution reported it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Movement {
    /// 定点医药机构编号.
    pub institution: InstitutionId,
    /// 定点医药机构批次流水号.
    pub batch: String,
    /// 变动种类.
    pub kind: MoveKind,
    /// 医疗目录编码.
    pub med_list_codg: String,
    /// 定点医药机构目录编号.
    pub hilist_id: String,
    /// 定点医药机构目录名称.
    pub hilist_name: String,
    /// When. A count has only a day: when it was reported, if on that day, else its last second.
    pub at: DateTime,
    /// 数量 in the smallest priced pack, never negative: the kind has the direction.
    pub cnt: Quantity,
    /// 库存变更类型 of a change; else empty.
    pub change_type: String,
    /// 单价 in 元.
    pub price: Option<UnitPrice>,
    /// 人员编号 of the buyer; empty when unknown.
    pub psn_no: String,
    /// 结算ID of a sale.
    pub setl_id: String,
    /// 就医流水号 of a sale.
    pub mdtrt_sn: String,
    /// 拆零: part of a pack; one trace code may then be sold several times.
    pub split: bool,
    /// 药品追溯码.
    pub traces: Vec<String>,
    /// What only people read (supplier, lot, invoice …), under national names; without names and
    /// certificates of persons.
    pub particulars: BTreeMap<String, String>,
}

impl Movement {
    /// What it does to the stock, in 0.0001; `None` of a count, which says what the stock is.
    #[must_use]
    pub fn effect(&self) -> Option<i64> {
        effect(self.kind, &self.change_type, self.cnt.0)
    }
}

pub(crate) fn effect(kind: MoveKind, change_type: &str, cnt: i64) -> Option<i64> {
    match kind {
        MoveKind::Counted => None,
        MoveKind::Bought | MoveKind::SoldBack => Some(cnt),
        MoveKind::BoughtBack | MoveKind::Sold => Some(-cnt),
        MoveKind::Changed => Some(if comes_in(change_type)? { cnt } else { -cnt }),
    }
}

/// 库存: what should be there at a moment.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Known {
    /// How many; negative when more went out than is known to have come in.
    pub cnt: Quantity,
    /// The day of the count that it rests on; `None` when nothing was ever counted, so that what
    /// was there at the beginning is unknown.
    pub counted_on: Option<Date>,
}

/// 盘点差异: a count held against what should have been there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CountDifference {
    /// 盘存日期.
    pub day: Date,
    /// What was counted.
    pub counted: Quantity,
    /// What should have been there; `None` when nothing was counted before.
    pub expected: Option<Quantity>,
}

/// 进销存平衡 of one article of one institution over a period.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Balance {
    /// 期初.
    pub opening: Known,
    /// 采购.
    pub bought: Quantity,
    /// 采购退货.
    pub bought_back: Quantity,
    /// 变更入库, without what a purchase of the same batch number already says.
    pub changed_in: Quantity,
    /// 变更出库, without what a return of the same batch number already says.
    pub changed_out: Quantity,
    /// 销售.
    pub sold: Quantity,
    /// Of these sold by part of a pack (拆零): the unit may be another.
    pub sold_split: Quantity,
    /// 销售退货.
    pub sold_back: Quantity,
    /// Counts within the period.
    pub counts: Vec<CountDifference>,
    /// 期末.
    pub closing: Known,
}

/// 追溯码重复: a code that was sold more often than it came back, pack by pack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reuse {
    /// 药品追溯码.
    pub code: String,
    /// Its sales and returns, oldest first.
    pub moves: Vec<Movement>,
}
