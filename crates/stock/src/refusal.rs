//! Refusals: what cannot be recorded, in order of precedence. Each names row, field and value.

use crate::MoveKind;
use terms::{Date, DateTime, Quantity};

/// 拒绝 of a row.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// HC801 目录编码不存在.
    #[error(
        "第 {row} 行 med_list_codg 医疗目录编码 {code} 不在目录内：请核对编码 / row {row}: the catalogue has no {code}; check the code"
    )]
    UnknownArticle {
        /// Row, from 1.
        row: usize,
        /// The code.
        code: String,
    },
    /// HC802 数量.
    #[error(
        "第 {row} 行 {field} 为 {cnt}：{kind}数量应为{wanted}；退货请用退货交易 / row {row}: {field} is {cnt}; it must be {english}; returns have transactions of their own"
    )]
    Count {
        /// Row, from 1.
        row: usize,
        /// National name of the field.
        field: &'static str,
        /// The number.
        cnt: Quantity,
        /// The kind's term.
        kind: &'static str,
        /// What it must be.
        wanted: &'static str,
        /// The same in English.
        english: &'static str,
    },
    /// HC803 未来时间.
    #[error(
        "第 {row} 行 {field} 为 {at}，晚于收到报文的时间 {now} / row {row}: {field} lies after the message was received"
    )]
    Future {
        /// Row, from 1.
        row: usize,
        /// National name of the field.
        field: &'static str,
        /// The time.
        at: DateTime,
        /// When the message came.
        now: DateTime,
    },
    /// HC804 有效期.
    #[error(
        "第 {row} 行 expy_end 有效期止 {expires} 早于生产日期 {made} / row {row}: it expires before it was made; check both dates"
    )]
    Dates {
        /// Row, from 1.
        row: usize,
        /// 生产日期.
        made: Date,
        /// 有效期止.
        expires: Date,
    },
    /// HC805 变更类型.
    #[error(
        "第 {row} 行 inv_chg_type 库存变更类型 {code} 不在 101 至 111 之内 / row {row}: there is no such type of change; use 101 to 111"
    )]
    ChangeType {
        /// Row, from 1.
        row: usize,
        /// The code.
        code: String,
    },
    /// HC806 追溯码在一行内重复.
    #[error(
        "第 {row} 行的追溯码 {code} 出现两次：每盒一码，请核对 / row {row}: the trace code stands twice; each pack has its own"
    )]
    TraceTwice {
        /// Row, from 1.
        row: usize,
        /// The code.
        code: String,
    },
    /// HC807 批次流水号已用.
    #[error(
        "第 {row} 行 fixmedins_bchno 批次流水号 {batch} 的{kind}已有内容不同的记录：更正请先用 3507 删除 / row {row}: batch {batch} has another record of this kind; delete it with 3507 first"
    )]
    Different {
        /// Row, from 1.
        row: usize,
        /// The batch number.
        batch: String,
        /// The kind's term.
        kind: &'static str,
    },
    /// HC808 无此记录.
    #[error(
        "第 {row} 行：没有批次流水号 {batch} 的{data_type}记录，或已删除 / row {row}: there is no such record of batch {batch}, or it was deleted"
    )]
    Unknown {
        /// Row, from 1.
        row: usize,
        /// The batch number.
        batch: String,
        /// The kinds' terms.
        data_type: String,
    },
    /// HC809 数据类型.
    #[error(
        "第 {row} 行 inv_data_type 进销存数据类型 {code} 应为 1 盘存、2 库存变更、3 采购、4 销售 / row {row}: inv_data_type must be 1, 2, 3 or 4"
    )]
    DataType {
        /// Row, from 1.
        row: usize,
        /// The code.
        code: String,
    },
}

impl Refusal {
    /// The code, in order of precedence.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Refusal::UnknownArticle { .. } => "HC801",
            Refusal::Count { .. } => "HC802",
            Refusal::Future { .. } => "HC803",
            Refusal::Dates { .. } => "HC804",
            Refusal::ChangeType { .. } => "HC805",
            Refusal::TraceTwice { .. } => "HC806",
            Refusal::Different { .. } => "HC807",
            Refusal::Unknown { .. } => "HC808",
            Refusal::DataType { .. } => "HC809",
        }
    }
}

impl MoveKind {
    /// The national name of the field that has the quantity.
    #[must_use]
    pub fn count_field(self) -> &'static str {
        match self {
            MoveKind::Counted => "inv_cnt",
            MoveKind::Changed => "cnt",
            MoveKind::Bought | MoveKind::BoughtBack => "purc_retn_cnt",
            MoveKind::Sold | MoveKind::SoldBack => "sel_retn_cnt",
        }
    }

    /// The national name of the field that has the time.
    #[must_use]
    pub fn time_field(self) -> &'static str {
        match self {
            MoveKind::Counted => "invdate",
            MoveKind::Changed => "inv_chg_time",
            MoveKind::Bought | MoveKind::BoughtBack => "purc_retn_stoin_time",
            MoveKind::Sold | MoveKind::SoldBack => "sel_retn_time",
        }
    }
}
