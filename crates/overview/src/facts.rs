//! Facts: the plain data of this room.

use std::ops::AddAssign;

use serde::{Deserialize, Serialize};
use terms::{Date, DateTime, Fen, InstitutionId, PersonId, SettlementId, VisitId};

/// 金额 of a settlement, or a sum of such; a reversal's are negative.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Amounts {
    /// T 医疗费总额.
    #[serde(rename = "medfee_sumamt")]
    pub total: Fen,
    /// A 全自费金额.
    #[serde(rename = "fulamt_ownpay_amt")]
    pub full_self_pay: Fen,
    /// B 超限价自费费用.
    #[serde(rename = "overlmt_selfpay")]
    pub over_limit: Fen,
    /// C 先行自付金额.
    #[serde(rename = "preselfpay_amt")]
    pub pre_self_pay: Fen,
    /// I 符合政策范围金额.
    #[serde(rename = "inscp_scp_amt")]
    pub in_scope: Fen,
    /// F 基金支付总额.
    #[serde(rename = "fund_pay_sumamt")]
    pub funds: Fen,
    /// P 个人负担总金额.
    #[serde(rename = "psn_part_amt")]
    pub person: Fen,
    /// W 个人账户支出.
    #[serde(rename = "acct_pay")]
    pub account: Fen,
    /// X 个人现金支出.
    #[serde(rename = "psn_cash_pay")]
    pub cash: Fen,
    /// Hp 医院负担金额.
    #[serde(rename = "hosp_part_amt")]
    pub hospital: Fen,
}

impl Amounts {
    /// In the order of the columns.
    #[must_use]
    pub fn all(&self) -> [Fen; 10] {
        let Amounts { total, full_self_pay, over_limit, pre_self_pay, in_scope, .. } = *self;
        let Amounts { funds, person, account, cash, hospital, .. } = *self;
        [total, full_self_pay, over_limit, pre_self_pay, in_scope, funds, person, account, cash, hospital]
    }

    pub(crate) fn of(all: [Fen; 10]) -> Amounts {
        let [total, full_self_pay, over_limit, pre_self_pay, in_scope, funds, person, account, cash, hospital] = all;
        Amounts { total, full_self_pay, over_limit, pre_self_pay, in_scope, funds, person, account, cash, hospital }
    }
}

impl AddAssign for Amounts {
    fn add_assign(&mut self, other: Amounts) {
        let (mut all, others) = (self.all(), other.all());
        all.iter_mut().zip(others).for_each(|(one, other)| *one += other);
        *self = Amounts::of(all);
    }
}

/// 合计 of some settlements and reversals.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sums {
    /// 结算笔数, reversals not counted.
    pub settlements: i64,
    /// 撤销笔数.
    pub reversals: i64,
    /// The amounts; what was reversed and its reversal add up to nothing.
    pub amounts: Amounts,
}

impl AddAssign for Sums {
    fn add_assign(&mut self, other: Sums) {
        self.settlements += other.settlements;
        self.reversals += other.reversals;
        self.amounts += other.amounts;
    }
}

impl Sums {
    /// 行数: settlements and reversals.
    #[must_use]
    pub fn rows(&self) -> i64 {
        self.settlements + self.reversals
    }
}

/// How a row of the list stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// 有效: a settlement that stands.
    Valid,
    /// 已撤销: a settlement that was reversed.
    Reversed,
    /// 撤销: the row that takes a settlement back.
    Reversal,
}

impl Standing {
    /// As it is stored and asked for.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Standing::Valid => "valid",
            Standing::Reversed => "reversed",
            Standing::Reversal => "reversal",
        }
    }

    /// The standing of a code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Standing> {
        [Standing::Valid, Standing::Reversed, Standing::Reversal].into_iter().find(|one| one.code() == code)
    }
}

/// 年龄段, for sums over persons. The bands are a habit of statistics, not of the law.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct AgeBand(pub &'static str);

impl AgeBand {
    /// Every band, by its first year.
    pub const ALL: [(i64, AgeBand); 6] = [
        (0, AgeBand("0-6")),
        (7, AgeBand("7-17")),
        (18, AgeBand("18-44")),
        (45, AgeBand("45-59")),
        (60, AgeBand("60-74")),
        (75, AgeBand("75+")),
    ];

    /// The band of an age in whole years; empty when the age is not known.
    #[must_use]
    pub fn of(age: Option<i64>) -> AgeBand {
        let Some(age) = age else { return AgeBand("") };
        let band = AgeBand::ALL.into_iter().rev().find(|(from, _)| *from <= age);
        band.map_or(AgeBand(""), |(_, band)| band)
    }
}

/// 结算: one settlement or reversal, flat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// 结算ID.
    pub setl_id: SettlementId,
    /// 就诊ID.
    pub mdtrt_id: VisitId,
    /// 人员编号.
    pub psn_no: PersonId,
    /// 机构编号.
    pub fixmedins_code: InstitutionId,
    /// What else is known of it.
    pub sundry: Sundry,
    /// 结算时间.
    pub setl_time: DateTime,
    /// The settlement that this reversal takes back.
    pub reverses: Option<SettlementId>,
    /// The reversal that took this settlement back.
    pub reversed_by: Option<SettlementId>,
    /// How it stands.
    pub standing: Standing,
    /// The amounts.
    pub amounts: Amounts,
}

/// What a row says besides whose it is, when and how much.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sundry {
    /// 科室编码; empty when the institution did not say.
    pub department: String,
    /// 险种类型.
    pub insutype: String,
    /// 清算类别: the stream of money it belongs to.
    pub clr_type: String,
    /// 医疗类别.
    pub med_type: String,
    /// 开始时间, `yyyy-MM-dd HH:mm:ss`.
    pub begntime: String,
    /// 结束时间 of a stay.
    pub endtime: Option<String>,
    /// 人员类别; empty when not known.
    pub person_group: String,
    /// 年龄 in whole years when the visit began.
    pub age: Option<i64>,
    /// 参保地; empty when not known.
    pub insured_area: String,
    /// 就医地; empty when not known.
    pub visit_area: String,
}

impl Sundry {
    /// 异地就医.
    #[must_use]
    pub fn out_of_area(&self) -> bool {
        self.insured_area != self.visit_area
    }
}

/// 筛选: every field that is given narrows the answer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// First day of settling.
    pub from: Option<Date>,
    /// Last day of settling, included.
    pub to: Option<Date>,
    /// 机构编号.
    pub institution: Option<String>,
    /// 科室编码.
    pub department: Option<String>,
    /// 人员编号.
    pub person: Option<String>,
    /// 险种类型.
    pub scheme: Option<String>,
    /// 清算类别.
    pub stream: Option<String>,
    /// 医疗类别.
    pub med_type: Option<String>,
    /// 人员类别; empty for those whose group is not known.
    pub person_group: Option<String>,
    /// 年龄段, as [`AgeBand`] writes it; empty for those whose age is not known.
    pub age_band: Option<String>,
    /// 异地 or not.
    pub out_of_area: Option<bool>,
    /// 医疗费总额 at least.
    pub total_from: Option<Fen>,
    /// 医疗费总额 at most.
    pub total_to: Option<Fen>,
    /// How the row stands.
    pub standing: Option<Standing>,
    /// The number of a settlement, a visit or a person, in full.
    pub search: Option<String>,
}

impl Filter {
    /// Whether sums of days can answer it.
    pub(crate) fn is_of_days(&self) -> bool {
        let Filter { department, person, person_group, age_band, search, .. } = self;
        let of_persons = [department, person, person_group, age_band, search].into_iter().any(Option::is_some);
        let of_rows = self.total_from.is_some() || self.total_to.is_some() || self.standing.is_some();
        !of_persons && !of_rows
    }
}

/// What a list is sorted by.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum SortBy {
    /// 结算时间.
    #[default]
    Time,
    /// 医疗费总额.
    Total,
    /// 基金支付总额.
    Funds,
}

/// The order of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sort {
    /// By what.
    pub by: SortBy,
    /// The greatest or latest first.
    pub descending: bool,
}

impl Default for Sort {
    fn default() -> Sort {
        Sort { by: SortBy::Time, descending: true }
    }
}

/// The sorted value of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Key {
    /// A time, as it is stored.
    Time(String),
    /// An amount.
    Amount(i64),
}

/// 翻页: where a page ended; the next begins after it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor {
    /// The sorted value of the last row.
    pub key: Key,
    /// Its 结算ID.
    pub setl_id: String,
}

/// A page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// The rows, in order.
    pub rows: Vec<Row>,
    /// Where the next page begins; `None` at the end.
    pub next: Option<Cursor>,
}

/// How wide the steps of a series are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bucket {
    /// One step over all.
    Whole,
    /// By month: `2026-01`.
    Month,
    /// By day: `2026-01-31`.
    Day,
}

/// What the parts of a step are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dimension {
    /// No parts.
    None,
    /// 险种.
    Scheme,
    /// 清算类别.
    Stream,
    /// 医疗类别.
    MedType,
    /// 机构.
    Institution,
    /// 就医地.
    Area,
}

/// 负担 of one group of persons.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Burden {
    /// 人员类别.
    pub person_group: String,
    /// 年龄段.
    pub age_band: String,
    /// The sums.
    pub sums: Sums,
}

/// 基金支付 of one step, scheme, stream and fund.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FundSum {
    /// The step, as [`Bucket`] writes it.
    pub step: String,
    /// 机构编号, where it was asked for.
    pub institution: String,
    /// 险种类型.
    pub insutype: String,
    /// 清算类别.
    pub clr_type: String,
    /// 医疗类别.
    pub med_type: String,
    /// 基金支付类型, as in `setldetail`.
    pub fund: String,
    /// The amount.
    pub amount: Fen,
}
