//! 事实: libraries, runs, findings, reminders, answers and standings, as recorded.

use screening::{Force, Outcomes, Suppression};
use terms::{Date, DateTime, Fen, InstitutionId, MessageId, PersonId, Ratio, VisitId};

macro_rules! worded {
    ($($(#[$doc:meta])* $name:ident { $($(#[$case_doc:meta])* $case:ident = $word:literal,)* })*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$case_doc])* $case,)* }

        impl $name {
            /// As stored.
            #[must_use]
            pub fn code(self) -> &'static str {
                match self { $($name::$case => $word,)* }
            }

            /// What a stored word means.
            #[must_use]
            pub fn from_code(code: &str) -> Option<$name> {
                [$($name::$case,)*].into_iter().find(|known| known.code() == code)
            }
        }
    )*};
}

worded! {
    /// Which findings: those of the library in force, or a trial's.
    Set {
        /// 生效.
        Active = "active",
        /// 影子: tried, tells nobody.
        Shadow = "shadow",
    }

    /// How a library came to stand where it stands.
    Deed {
        /// 首次启用.
        First = "first",
        /// 启用.
        Activate = "activate",
        /// 回退 to the one before.
        RollBack = "roll_back",
    }

    /// Whether a finding's money counts.
    Place {
        /// 主疑点.
        Principal = "principal",
        /// 佐证.
        Supporting = "supporting",
        /// 互斥.
        Excluded = "excluded",
        /// 豁免.
        Suppressed = "suppressed",
    }

    /// 环节 of a reminder.
    Stage {
        /// 事前 (3101).
        Before = "before",
        /// 事中 (3102).
        During = "during",
    }

    /// 处理方式 `dspo_way`.
    Handling {
        /// 1 继续执行, with a reason.
        GoOn = "1",
        /// 2 返回修改.
        Change = "2",
    }

    /// Whose word an outcome is.
    Source {
        /// The doctor's answer to a reminder.
        Doctor = "doctor",
        /// A decided case; stands over the doctor's word.
        Case = "case",
    }
}

/// 规则库版本.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Library {
    /// The hash of rules and knowledge.
    pub version: String,
    /// How many rules.
    pub rules: i64,
    /// When it was brought in.
    pub brought_at: DateTime,
    /// By whom.
    pub brought_by: String,
    /// The texts it is compiled from, compressed by the caller.
    pub sources: Vec<u8>,
}

/// 生效记录.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placing {
    /// Where it stands.
    pub set: Set,
    /// Counts the placings of the set from 1.
    pub seq: i64,
    /// The library.
    pub version: String,
    /// How it came there.
    pub deed: Deed,
    /// When.
    pub at: DateTime,
    /// By whom.
    pub by: String,
    /// Why.
    pub why: String,
    /// The back-test that was looked at before; blank for the first and for a step back.
    pub run_id: String,
}

/// 运行.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// 任务ID.
    pub run_id: String,
    /// Where its findings go.
    pub set: Set,
    /// The library it is pinned to.
    pub version: String,
    /// What it could see: records after this moment were not.
    pub as_of: DateTime,
    /// What it went over, in words.
    pub scope: String,
    /// When it began.
    pub began_at: DateTime,
    /// When it ended; `None` while it runs, or after it was cut off.
    pub ended_at: Option<DateTime>,
    /// Persons looked at.
    pub persons: i64,
    /// Findings made.
    pub findings: i64,
    /// 计入金额 of all principals.
    pub amount: Fen,
    /// Coverage rule by rule, as JSON.
    pub coverage: String,
}

/// 疑点 as recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Whose.
    pub set: Set,
    /// 疑点标识.
    pub key: String,
    /// 规则标识.
    pub rule_id: String,
    /// 规则版本.
    pub rule_version: String,
    /// 规则库版本.
    pub library: String,
    /// 严重程度: 1, 2, 3.
    pub severity: i64,
    /// 人员编号; blank of a finding about no single person.
    pub psn_no: PersonId,
    /// 机构编号; blank when it is not known.
    pub fixmedins_code: InstitutionId,
    /// 就诊ID of the (last) visit; blank without one.
    pub mdtrt_id: VisitId,
    /// The day that visit began.
    pub visit_day: Option<Date>,
    /// Whether its money counts.
    pub place: Place,
    /// Key of the principal or of the excluding finding, or the suppression's number; blank for a
    /// principal.
    pub under: String,
    /// 违规金额, as its rule says.
    pub amount: Fen,
    /// 计入金额: what counts after reconciliation.
    pub counted: Fen,
    /// The run that found it first.
    pub first_run: String,
    /// The run that found it last.
    pub last_run: String,
    /// When it was found first.
    pub found_at: DateTime,
    /// The finding with all it rests on, compressed by the caller.
    pub body: Vec<u8>,
}

/// 提醒调用: one 3101 or 3102 about one visit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// 任务ID.
    pub task_id: String,
    /// 环节.
    pub stage: Stage,
    /// 机构编号.
    pub fixmedins_code: InstitutionId,
    /// 人员编号.
    pub psn_no: PersonId,
    /// 就诊ID, as the institution calls it.
    pub mdtrt_id: VisitId,
    /// 触发场景.
    pub trig_scen: String,
    /// 规则库版本.
    pub library: String,
    /// When it was asked.
    pub asked_at: DateTime,
    /// 分析时长 in microseconds.
    pub micros: i64,
    /// Rules that ran.
    pub rules_run: i64,
    /// Rules of this stage that could not be checked, wholly or in part.
    pub rules_not_checked: i64,
    /// Reminders told.
    pub reminders: i64,
    /// Of them 明确违规.
    pub blocking: i64,
    /// What was not checked and why, rule by rule, as JSON.
    pub not_checked: String,
}

/// 提醒.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reminder {
    /// 违规标识.
    pub jr_id: String,
    /// 任务ID of the message that told it first.
    pub task_id: String,
    /// 环节.
    pub stage: Stage,
    /// 规则标识.
    pub rule_id: String,
    /// 规则版本.
    pub rule_version: String,
    /// 规则库版本.
    pub library: String,
    /// What the rule itself says: 1, 2, 3.
    pub severity: i64,
    /// What was told (`sev_deg`); lower than the rule's own after a demotion.
    pub level: i64,
    /// 机构编号.
    pub fixmedins_code: InstitutionId,
    /// 人员编号.
    pub psn_no: PersonId,
    /// 就诊ID, as the institution calls it.
    pub mdtrt_id: VisitId,
    /// 开单科室; blank when unknown.
    pub dept: String,
    /// 开单医师; blank when unknown.
    pub doctor: String,
    /// 违规金额.
    pub amount: Fen,
    /// When it was told first.
    pub first_at: DateTime,
    /// When it was told last.
    pub last_at: DateTime,
    /// How often it was told.
    pub times: i64,
    /// The finding with all it rests on, compressed by the caller.
    pub body: Vec<u8>,
    /// The doctor's last answer.
    pub handling: Option<Handling>,
    /// 处理原因.
    pub reason: String,
    /// When it was answered last.
    pub answered_at: Option<DateTime>,
}

/// 反馈 (3103).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Feedback {
    /// 违规标识.
    pub jr_id: String,
    /// 报文ID.
    pub msgid: MessageId,
    /// 反馈类型: 1 before, 2 during.
    pub warn_type: String,
    /// 处理方式.
    pub handling: Handling,
    /// 处理原因.
    pub reason: String,
    /// When.
    pub at: DateTime,
    /// 经办人.
    pub by: String,
}

/// 核实结果: whether a finding was right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// 疑点标识 or 违规标识.
    pub subject: String,
    /// Whose word it is.
    pub source: Source,
    /// 规则标识.
    pub rule_id: String,
    /// 规则版本.
    pub rule_version: String,
    /// 机构编号.
    pub fixmedins_code: InstitutionId,
    /// 属实.
    pub confirmed: bool,
    /// When.
    pub at: DateTime,
    /// Who says so.
    pub by: String,
    /// Why.
    pub why: String,
}

/// 规则效力 of one version of a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// 规则标识.
    pub rule_id: String,
    /// 规则版本.
    pub rule_version: String,
    /// How far it may go.
    pub force: Force,
    /// Counts its standings from 1; 0 is its own force.
    pub generation: i64,
    /// Since when.
    pub since: DateTime,
}

/// 升降级记录.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForceChange {
    /// 规则标识.
    pub rule_id: String,
    /// 规则版本.
    pub rule_version: String,
    /// Counts the changes from 1.
    pub generation: i64,
    /// Before.
    pub from: Force,
    /// After.
    pub to: Force,
    /// When.
    pub at: DateTime,
    /// By whom; the centre itself when it was automatic.
    pub by: String,
    /// Why.
    pub why: String,
    /// The outcomes it rests on.
    pub outcomes: Outcomes,
    /// 95 % lower bound of the precision.
    pub lower: Ratio,
    /// The floor that was missed.
    pub floor: Ratio,
}

/// 豁免 as recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suppressing {
    /// What is left alone, for how long, who said so and why.
    pub suppression: Suppression,
    /// When it was made.
    pub made_at: DateTime,
    /// When it was ended before its time.
    pub ended: Option<Ended>,
}

/// An early end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ended {
    /// When.
    pub at: DateTime,
    /// By whom.
    pub by: String,
    /// Why.
    pub why: String,
}

/// 规则表现: what is known of one version of a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// 规则标识.
    pub rule_id: String,
    /// 规则版本.
    pub rule_version: String,
    /// Every outcome, of all its standings.
    pub outcomes: Outcomes,
}

/// 提醒用时 over a period: what a city's warehouse asks for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CheckSums {
    /// Messages.
    pub checks: i64,
    /// 分析时长 together, in microseconds.
    pub micros: i64,
    /// The longest, in microseconds.
    pub slowest: i64,
    /// Messages with something not checked.
    pub incomplete: i64,
    /// Reminders told.
    pub reminders: i64,
    /// Of them 明确违规.
    pub blocking: i64,
}

/// 筛选 of findings; what is empty does not narrow.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FindingsAsked {
    /// 机构编号.
    pub institution: String,
    /// 规则标识.
    pub rule_id: String,
    /// Whether its money counts.
    pub place: Option<Place>,
    /// The number of a person, a visit or a finding, in full.
    pub search: String,
    /// Where the page begins: counted amount and key of the last row of the page before.
    pub after: Option<(Fen, String)>,
}

/// 规则的疑点 in force that count: how many, and their money.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleSums {
    /// 规则标识.
    pub rule_id: String,
    /// How many.
    pub findings: i64,
    /// 计入金额.
    pub counted: Fen,
}
