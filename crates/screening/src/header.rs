//! 规则属性: what the official sheet says of a rule, apart from its logic.

use serde::{Deserialize, Serialize};
use terms::Date;

macro_rules! words {
    ($(#[$doc:meta])* $Name:ident { $($(#[$more:meta])* $Variant:ident = $word:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum $Name {
            $($(#[$more])* #[serde(rename = $word)] $Variant,)*
        }

        impl $Name {
            /// Every one, in order.
            pub const ALL: &'static [$Name] = &[$($Name::$Variant,)*];

            /// The word of the official sheet.
            #[must_use]
            pub fn word(self) -> &'static str {
                match self {
                    $($Name::$Variant => $word,)*
                }
            }
        }

        impl std::fmt::Display for $Name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.word())
            }
        }
    };
}

words! {
    /// 规则大类 (tier 1).
    Class {
        /// Limits of payment policy.
        Policy = "政策类",
        /// Management.
        Management = "管理类",
        /// Rational use.
        Medical = "医疗类",
    }
}

words! {
    /// 结果类型: what a hit means.
    Outcome {
        /// May be refused without hearing.
        Violation = "明确违规",
        /// The institution is heard first.
        Suspected = "高度可疑",
        /// A hint.
        Hint = "轻度可疑",
        /// A statistic beyond its peers.
        Indicator = "指标",
        /// The data are wrong or incomplete.
        DataQuality = "数据质量",
    }
}

words! {
    /// 违规行为类型 (`vola_bhvr_type`).
    Behaviour {
        /// 1: the visit.
        Visit = "就诊类",
        /// 2: an item.
        Item = "项目类",
    }
}

words! {
    /// 监管环节.
    Stage {
        /// Before the deed: 3101.
        Before = "事前",
        /// Before settlement: 3102.
        During = "事中",
        /// After settlement.
        After = "事后",
    }
}

words! {
    /// 适用场景.
    Scenario {
        /// Stays.
        Inpatient = "住院",
        /// Outpatient and emergency visits.
        Outpatient = "门急诊",
        /// Pharmacies.
        Pharmacy = "购药",
        /// Visits over the internet.
        Internet = "互联网诊疗",
        /// Settled away from the person's region.
        Elsewhere = "异地就医",
    }
}

words! {
    /// 医疗机构级别.
    Level {
        /// 3.
        Third = "三级",
        /// 2.
        Second = "二级",
        /// 1 and below.
        First = "一级",
    }
}

impl Behaviour {
    /// `vola_bhvr_type`.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Behaviour::Visit => "1",
            Behaviour::Item => "2",
        }
    }
}

impl Outcome {
    /// The severity a hit has unless the rule says otherwise.
    #[must_use]
    pub fn severity(self) -> Severity {
        match self {
            Outcome::Violation => Severity(1),
            Outcome::Suspected => Severity(2),
            Outcome::Hint | Outcome::Indicator | Outcome::DataQuality => Severity(3),
        }
    }
}

/// 严重程度 (`sev_deg`): 1 明确违规, 2 高度可疑, 3 轻度可疑. Smaller is graver.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Severity(pub u8);

/// 规则之间的关系: ids of other rules.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Relations {
    /// 互斥: both on one line, the other is dropped.
    #[serde(default)]
    pub excludes: Vec<String>,
    /// 包含: the other becomes a supporting view.
    #[serde(default)]
    pub subsumes: Vec<String>,
    /// 优先: this one is the principal.
    #[serde(default)]
    pub overrides: Vec<String>,
}

/// 国家规则编号.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct National {
    /// 序号 in the list of 2025 (1–88).
    pub number: u32,
    /// GZ… or ZB… of framework 1.0; the nine new ones have none.
    #[serde(default)]
    pub code: Option<String>,
}

/// 规则属性表.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Header {
    /// 规则标识; versions share it.
    pub id: String,
    /// 规则名称.
    pub name: String,
    /// 国家规则编号.
    pub national: Option<National>,
    /// 版本.
    pub version: String,
    /// 依据.
    pub basis: Vec<String>,
    /// 大类.
    pub class: Class,
    /// 二级分类.
    pub family: String,
    /// 结果类型.
    pub result: Outcome,
    /// 行为类型.
    pub behaviour: Behaviour,
    /// 环节.
    pub stages: Vec<Stage>,
    /// 场景; empty: all.
    pub scenarios: Vec<Scenario>,
    /// 机构级别; empty: all.
    pub levels: Vec<Level>,
    /// 机构类别; empty: all.
    pub institution_types: Vec<String>,
    /// 险种; empty: all.
    pub insurance: Vec<String>,
    /// 生效日期.
    pub begndate: Date,
    /// 失效日期 (last day).
    pub enddate: Option<Date>,
    /// Relations to other rules.
    pub relations: Relations,
    /// 提示医师.
    pub doctor: String,
    /// 提示审核员.
    pub auditor: String,
    /// File, for people.
    pub file: String,
    /// Whether it needs more than one person's history.
    pub population: bool,
    /// The severity of a hit unless a tier of the rule says otherwise.
    pub severity: Severity,
}
