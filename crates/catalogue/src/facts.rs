//! The facts of the register, in full words; the national field name stands in each doc.

use std::collections::BTreeMap;

use terms::{ItemCode, Period, Quantity, Ratio, UnitPrice};

/// 收费项目等级 `chrgitm_lv`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Level {
    /// 甲类 01: nothing is paid first.
    First,
    /// 乙类 02: a ratio is paid first.
    Second,
    /// 丙类 03: wholly self-paid.
    Third,
}

impl Level {
    /// The national code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Level::First => "01",
            Level::Second => "02",
            Level::Third => "03",
        }
    }

    /// The level of a national code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Level> {
        [Level::First, Level::Second, Level::Third].into_iter().find(|level| level.code() == code)
    }
}

/// 限量周期 `qty_lmt.per`: what a quota counts over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Per {
    /// 按日: one code, one visit, one day.
    Day,
    /// 按次就诊: one code, one visit.
    Visit,
}

impl Per {
    /// `day` or `visit`.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Per::Day => "day",
            Per::Visit => "visit",
        }
    }

    /// The period named `code`.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Per> {
        [Per::Day, Per::Visit].into_iter().find(|per| per.code() == code)
    }
}

/// 限量 `qty_lmt`: the quantity that a fund recognises.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quota {
    /// 周期.
    pub per: Per,
    /// 数量 in the item's own unit.
    pub count: Quantity,
}

/// 目录行: one item of the catalogue as it stands during one period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// 医疗目录编码 `med_list_codg`.
    pub code: ItemCode,
    /// 名称.
    pub name: String,
    /// 目录类别 `list_type`: 101 western and patent drugs, 102 pieces, 201 services, 301 consumables …
    pub list_type: String,
    /// 医疗收费项目类别 `med_chrgitm_type`: 01 bed … 14 other.
    pub charge_type: String,
    /// 收费项目等级 `chrgitm_lv`.
    pub level: Level,
    /// 先行自付比例 `selfpay_prop_<key>`: by the key the region's policy asks for.
    pub self_pay: BTreeMap<String, Ratio>,
    /// 限价 `pric_uplmt_<level>` in 元 by 机构级别, as written: answers repeat the text.
    /// A level without an entry has no ceiling.
    pub ceilings: BTreeMap<String, String>,
    /// 限制使用标志 `lmt_used_flag`: needs the hospital's approval to be paid.
    pub restricted: bool,
    /// 限量 `qty_lmt`.
    pub quota: Option<Quota>,
    /// 个人账户可付 `acct_pay_flag`.
    pub account_payable: bool,
    /// 剂型 `dosform`, empty where it means nothing.
    pub dosage_form: String,
    /// 规格 `spec`.
    pub specification: String,
    /// 单位 `unit`.
    pub unit: String,
    /// 常见单价 `typ_pric` in 元: what a bill usually says. Used by the synthetic city, by no rule.
    pub typical_price: Option<UnitPrice>,
    /// 起止日期 `begndate`–`enddate`.
    pub period: Period,
}

impl Item {
    /// 限价 at an institution level, exact; `None` is 无限价.
    #[must_use]
    pub fn ceiling(&self, level: &str) -> Option<UnitPrice> {
        self.ceilings.get(level).and_then(|text| text.parse().ok())
    }
}

/// Which code list a [`Term`] belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum TermKind {
    /// 疾病诊断 (ICD-10).
    Diagnosis,
    /// 手术操作 (ICD-9-CM-3).
    Procedure,
    /// 门诊慢特病病种.
    Chronic,
}

impl TermKind {
    /// The word kept in the table.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            TermKind::Diagnosis => "diagnosis",
            TermKind::Procedure => "procedure",
            TermKind::Chronic => "chronic",
        }
    }

    /// The kind that `code` names.
    #[must_use]
    pub fn from_code(code: &str) -> Option<TermKind> {
        [TermKind::Diagnosis, TermKind::Procedure, TermKind::Chronic].into_iter().find(|kind| kind.code() == code)
    }
}

/// 诊断、手术操作或慢特病病种: one dated row of a code list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Term {
    /// Which list.
    pub kind: TermKind,
    /// 编码.
    pub code: String,
    /// 名称.
    pub name: String,
    /// What it is filed under: a diagnosis's chapter (章), a procedure's category
    /// (诊断性操作, 治疗性操作, 手术, 介入治疗), a chronic disease's diagnosis codes, joined by `|`.
    pub group: String,
    /// 起止日期.
    pub period: Period,
}
