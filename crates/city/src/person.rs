//! 参保人: the facts of a person, as an opening file and a hospital's window see them.

use std::sync::Arc;

use terms::{Date, Fen, Period};

/// 参保记录.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Coverage {
    /// 险种 `insutype`: 310, 390 or 510.
    pub scheme: &'static str,
    /// 人员类别 `psn_type`.
    pub person_type: &'static str,
    /// 公务员标志 `cvlserv_flag`.
    pub civil_servant: bool,
    /// 参保状态 `psn_insu_stas`: 1 normal, 2 paused.
    pub status: &'static str,
    /// 起止.
    pub period: Period,
    /// 单位编号 and 单位名称, for employees.
    pub employer: Option<(String, String)>,
}

/// 人员身份.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// 身份类别 `psn_idet_type`: 2302, 2303, 2304 or 2104.
    pub kind: &'static str,
    /// 起止.
    pub period: Period,
}

/// 备案种类.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum FilingKind {
    /// 门慢特 opsp.
    Chronic,
    /// 长期异地居住 resid.
    Residence,
    /// 外伤 trum.
    Trauma,
    /// 生育 matn.
    Maternity,
}

impl FilingKind {
    /// The word of the case format.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            FilingKind::Chronic => "opsp",
            FilingKind::Residence => "resid",
            FilingKind::Trauma => "trum",
            FilingKind::Maternity => "matn",
        }
    }
}

/// 备案.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filing {
    /// 备案号 `trt_dcla_detl_sn`.
    pub number: String,
    /// 种类.
    pub kind: FilingKind,
    /// 险种.
    pub scheme: &'static str,
    /// 病种 `dise_codg`, for chronic diseases.
    pub disease: String,
    /// 就医地 `admdvs`, for residence.
    pub area: String,
    /// 起止.
    pub period: Period,
}

/// 慢性病: a disease of this life, filed or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chronic {
    /// Index of the disease in the region's list.
    pub disease: usize,
    /// Whether it is on file (门慢特备案).
    pub filed: bool,
    /// How often it brings the person to a window, once filed.
    pub visits_a_year: u64,
}

/// 怀孕: dates, and how it will end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pregnancy {
    /// Last period: week 0.
    pub begin: Date,
    /// The day of delivery or loss.
    pub end: Date,
    /// 生育类别 `matn_type`: 1, 2, 3, 5 or 6.
    pub outcome: &'static str,
    /// 伴有并发症.
    pub complicated: bool,
}

/// 家庭共济授权, on the receiver's side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MutualAid {
    /// 授权人 `psn_no`.
    pub giver: String,
    /// 起止.
    pub period: Period,
    /// 年度限额; `None` is 不限.
    pub year_limit: Option<Fen>,
}

/// 年内累计: what the year had already accumulated when the city opens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Total {
    /// The accumulator and its keys, joined by `/`.
    pub key: String,
    /// The amount; a count for `adm`.
    pub amount: TotalAmount,
}

/// Money or a count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TotalAmount {
    /// 分.
    Money(Fen),
    /// 次.
    Count(u32),
}

/// 死亡: when, and after how many nights in hospital.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Death {
    /// The day.
    pub day: Date,
    /// Nights of the last stay; `None` for who dies at home.
    pub nights: Option<u8>,
}

/// 参保人.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// 人员编号.
    pub number: String,
    /// 家庭, counted from 0.
    pub household: u32,
    /// The member of the household, counted from 0.
    pub member: u8,
    /// 姓名.
    pub name: String,
    /// 证件号码.
    pub certificate: String,
    /// 性别: male, else female.
    pub male: bool,
    /// 出生日期.
    pub birth: Date,
    /// Whole years on the city's first day.
    pub age: u8,
    /// 参保记录, in order of registration.
    pub coverage: Vec<Coverage>,
    /// 身份.
    pub identities: Vec<Identity>,
    /// 备案; accidents of the span included, each from its own day.
    pub filings: Vec<Filing>,
    /// 个人账户余额; `None` without an account.
    pub account: Option<Fen>,
    /// 共济授权 received, in order of use.
    pub mutual_aid: Vec<MutualAid>,
    /// 慢性病.
    pub chronic: Vec<Chronic>,
    /// 怀孕.
    pub pregnancy: Option<Pregnancy>,
    /// 死亡, if it falls into the years that a city may last.
    pub death: Option<Death>,
    /// 长期居住地, if elsewhere.
    pub lives_in: Option<Arc<str>>,
    /// 年内累计.
    pub totals: Vec<Total>,
}

impl Person {
    /// 险种 and 人员类别 under which ordinary care is reported: the first registered that is
    /// not 510; `None` for those who are in no scheme.
    #[must_use]
    pub fn scheme(&self) -> Option<(&'static str, &'static str)> {
        let rows = || self.coverage.iter().filter(|row| row.scheme != "510");
        let last = rows().max_by_key(|row| row.period.begin)?;
        Some((last.scheme, last.person_type))
    }

    /// 险种 for maternity: 510 if insured there, else 390.
    #[must_use]
    pub fn maternity_scheme(&self) -> Option<(&'static str, &'static str)> {
        let find = |scheme| self.coverage.iter().find(|row| row.scheme == scheme);
        find("510").or_else(|| find("390")).map(|row| (row.scheme, row.person_type))
    }

    pub(crate) fn band(&self) -> usize {
        band(self.age)
    }
}

/// Age bands of the rate tables: 0–5, 6–17, 18–44, 45–59, 60–74, 75 and over.
pub(crate) fn band(age: u8) -> usize {
    [6, 18, 45, 60, 75].iter().filter(|limit| age >= **limit).count()
}
