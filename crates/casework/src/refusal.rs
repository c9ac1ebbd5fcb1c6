//! 拒绝: why a step may not be taken, in order of precedence.

use terms::Date;

/// Why a step is refused. Nothing was recorded.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// CW101 无此步骤.
    #[error("程序 {procedure} 没有步骤 {step}；可办：{possible} / there is no such step; from here: {possible}")]
    UnknownStep {
        /// The procedure.
        procedure: String,
        /// The step asked for.
        step: String,
        /// What may be done.
        possible: String,
    },
    /// CW102 状态不符.
    #[error(
        "案件处于“{state}”，不能“{step}”；可办：{possible} / the case is in state {state}, from which {step} does not lead; from here: {possible}"
    )]
    WrongState {
        /// The case's state.
        state: String,
        /// The step asked for.
        step: String,
        /// What may be done.
        possible: String,
    },
    /// CW103 时间倒流.
    #[error("办理时间 {at} 早于上一步 {last} / the step is dated {at}, before the last one at {last}")]
    Backwards {
        /// The step's time.
        at: String,
        /// The last step's.
        last: String,
    },
    /// CW104 非当事人.
    #[error("{by} 不代表当事人 {party} / {by} does not act for the party {party} of this case")]
    NotTheParty {
        /// Who asked.
        by: String,
        /// The case's party.
        party: String,
    },
    /// CW105 无此权限.
    #[error("{by} 没有“{step}”所需的角色（{roles}） / {by} has none of the roles that may take {step}: {roles}")]
    NoRole {
        /// Who asked.
        by: String,
        /// The step.
        step: String,
        /// The roles that may.
        roles: String,
    },
    /// CW106 应当回避：有利害关系.
    #[error("{who} 与当事人 {party} 有利害关系，应当回避 / {who} has an interest in {party} and must stand aside")]
    Interested {
        /// Who.
        who: String,
        /// The party.
        party: String,
    },
    /// CW107 非承办人.
    #[error("承办人是 {assignee}，不是 {by} / the case is assigned to {assignee}, not to {by}")]
    NotAssignee {
        /// Who asked.
        by: String,
        /// To whom it is assigned, or that it is to nobody.
        assignee: String,
    },
    /// CW108 应当回避：已办过前一环节.
    #[error("{who} 已办理“{earlier}”，不能再办“{step}” / {who} has taken {earlier} and may not take {step} too")]
    SamePerson {
        /// Who.
        who: String,
        /// What they did before.
        earlier: String,
        /// The step asked for.
        step: String,
    },
    /// CW109 已办过.
    #[error("{by} 本轮已办过“{step}” / {by} has taken {step} already in this round")]
    Already {
        /// Who asked.
        by: String,
        /// The step.
        step: String,
    },
    /// CW110 次数已满.
    #[error("“{step}”最多 {at_most} 次 / {step} may be taken {at_most} times at most")]
    TooOften {
        /// The step.
        step: String,
        /// How often.
        at_most: u32,
    },
    /// CW111 已逾期.
    #[error("“{clock}”已于 {due} 到期，逾期按“{silence}”处理 / {clock} was over on {due}; silence means {silence}")]
    TimeOver {
        /// The clock.
        clock: String,
        /// The last day in time.
        due: Date,
        /// What silence means.
        silence: String,
    },
    /// CW112 尚未到期.
    #[error("没有逾期的期限使“{step}”成立 / no time is over that would make {step} happen")]
    NotOver {
        /// The step.
        step: String,
    },
    /// CW113 人数不足.
    #[error(
        "“{step}”之前须有 {needed} 人办理“{other}”，现有 {have} 人 / {step} needs {other} by {needed} people; {have} have"
    )]
    Needs {
        /// The step asked for.
        step: String,
        /// What must come before.
        other: String,
        /// By how many.
        needed: u32,
        /// By how many it was.
        have: u32,
    },
    /// CW114 未写理由.
    #[error("“{step}”未写理由 / {step} needs a reason: say why")]
    NoReason {
        /// The step.
        step: String,
    },
    /// CW115 缺文书.
    #[error("“{step}”须附“{kind}” / {step} must bring a document of kind {kind}")]
    NoDocument {
        /// The step.
        step: String,
        /// Which document.
        kind: String,
    },
    /// CW116 未指定承办人.
    #[error("“{step}”须指定一名{role} / {step} must name somebody of role {role}")]
    NobodyNamed {
        /// The step.
        step: String,
        /// The role.
        role: String,
    },
    /// CW117 延期的期限未在走.
    #[error("期限“{clock}”没有在走，无可延期 / {clock} does not run, so it cannot be extended")]
    NotRunning {
        /// The clock.
        clock: String,
    },
}

impl Refusal {
    /// The code, in order of precedence.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Refusal::UnknownStep { .. } => "CW101",
            Refusal::WrongState { .. } => "CW102",
            Refusal::Backwards { .. } => "CW103",
            Refusal::NotTheParty { .. } => "CW104",
            Refusal::NoRole { .. } => "CW105",
            Refusal::Interested { .. } => "CW106",
            Refusal::NotAssignee { .. } => "CW107",
            Refusal::SamePerson { .. } => "CW108",
            Refusal::Already { .. } => "CW109",
            Refusal::TooOften { .. } => "CW110",
            Refusal::TimeOver { .. } => "CW111",
            Refusal::NotOver { .. } => "CW112",
            Refusal::Needs { .. } => "CW113",
            Refusal::NoReason { .. } => "CW114",
            Refusal::NoDocument { .. } => "CW115",
            Refusal::NobodyNamed { .. } => "CW116",
            Refusal::NotRunning { .. } => "CW117",
        }
    }
}
