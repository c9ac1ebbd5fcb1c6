//! 拒绝: what the rules of an inquiry refuse, in order of precedence.

use terms::Fen;

/// Why something is refused. Nothing was recorded.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// IQ101 无争议明细.
    #[error("案件没有可争议的费用明细 / there is no line to dispute; name a visit, a finding or a suspicion")]
    NothingInDispute,
    /// IQ102 明细已在他案.
    #[error(
        "就诊 {mdtrt_id} 的明细 {feedetl_sn} 已在案件 {case_id} / line {feedetl_sn} of visit {mdtrt_id} is in case {case_id}; its money counts once"
    )]
    InAnotherCase {
        /// 就诊ID.
        mdtrt_id: String,
        /// 费用明细流水号.
        feedetl_sn: String,
        /// The other case.
        case_id: String,
    },
    /// IQ103 金额超出.
    #[error(
        "明细 {feedetl_sn} 的争议金额 {asked} 超出符合政策范围金额 {most}，或不为正 / the disputed {asked} of line {feedetl_sn} is not between 0.01 and its in-scope {most}"
    )]
    TooMuch {
        /// 费用明细流水号.
        feedetl_sn: String,
        /// What was asked.
        asked: Fen,
        /// What there is.
        most: Fen,
    },
    /// IQ104 明细不存在.
    #[error("案件没有第 {no} 行 / the case has no line {no}")]
    NoSuchLine {
        /// The line's number.
        no: i64,
    },
    /// IQ105 未表态.
    #[error("第 {no} 行没有意见：请逐行给出，或给出总意见 / line {no} has no opinion; give one for it or one for all")]
    NoOpinion {
        /// The line's number.
        no: i64,
    },
    /// IQ106 认定金额超出.
    #[error("第 {no} 行认定 {amount}，超出争议金额 {disputed} / line {no}: {amount} is not between 0 and {disputed}")]
    OpinionTooMuch {
        /// The line's number.
        no: i64,
        /// What was found.
        amount: Fen,
        /// What is in dispute.
        disputed: Fen,
    },
    /// IQ107 未写依据.
    #[error("第 {no} 行认定违规而未写依据 / line {no} is upheld without an article; name it")]
    NoArticle {
        /// The line's number.
        no: i64,
    },
    /// IQ108 申诉无内容.
    #[error("申诉没有指明明细和理由 / the appeal names no line with its grounds")]
    EmptyAppeal,
    /// IQ109 证据无文件.
    #[error("第 {no} 行的证据“{slot}”没有对应的文件 / evidence “{slot}” of line {no} names no document of this step")]
    NoEvidence {
        /// The line's number.
        no: i64,
        /// The slot.
        slot: String,
    },
    /// IQ110 明细不在认定状态.
    #[error("第 {no} 行的状态为 {state}，不能撤销 / line {no} is {state}; only what was upheld can be overturned")]
    NotUpheld {
        /// The line's number.
        no: i64,
        /// Its state.
        state: &'static str,
    },
    /// IQ111 条款未收录.
    #[error("条款 {article} 没有罚款幅度，或当日未施行 / article {article} has no range of fines in force on that day")]
    NoSuchPenalty {
        /// The article.
        article: String,
    },
    /// IQ112 罚款超出幅度.
    #[error("罚款 {asked} 不在 {article} 的幅度 {range} 之内 / {asked} is outside the range {range} of {article}")]
    OutOfRange {
        /// The article.
        article: String,
        /// What was asked.
        asked: String,
        /// The range.
        range: String,
    },
    /// IQ113 无此信用事件.
    #[error("记分项目 {event} 不适用于{holder} / the score-card has no event {event} of a {holder}")]
    NoSuchEvent {
        /// The event.
        event: String,
        /// Whose.
        holder: &'static str,
    },
    /// IQ114 抽样无从进行.
    #[error("不能抽样或推断：{why}")]
    NoSample {
        /// Why, in Chinese and English.
        why: String,
    },
    /// IQ115 就诊在他案的抽样总体之内.
    #[error(
        "就诊 {mdtrt_id} 在案件 {case_id} 的抽样总体之内 / visit {mdtrt_id} is in the frame that case {case_id} samples"
    )]
    InAFrame {
        /// 就诊ID.
        mdtrt_id: String,
        /// The other case.
        case_id: String,
    },
    /// IQ116 须全部撤销.
    #[error(
        "“{step}”撤销全部认定：请不指定行，或改用部分撤销 / {step} overturns everything that was upheld; name no lines, or take the step for a part"
    )]
    NotAll {
        /// The step.
        step: String,
    },
    /// IQ117 未指明行.
    #[error("“{step}”须指明撤销哪几行 / {step} must name the lines that it overturns")]
    WhichLines {
        /// The step.
        step: String,
    },
    /// IQ118 样本与推断须一并撤销.
    #[error(
        "第 {no} 行由样本推断而来：撤销样本的明细须一并撤销它 / line {no} was extrapolated from the sample; overturn it together with lines of the sample"
    )]
    RestsOnSample {
        /// The extrapolated line.
        no: i64,
    },
}

impl Refusal {
    /// The code, in order of precedence.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Refusal::NothingInDispute => "IQ101",
            Refusal::InAnotherCase { .. } => "IQ102",
            Refusal::TooMuch { .. } => "IQ103",
            Refusal::NoSuchLine { .. } => "IQ104",
            Refusal::NoOpinion { .. } => "IQ105",
            Refusal::OpinionTooMuch { .. } => "IQ106",
            Refusal::NoArticle { .. } => "IQ107",
            Refusal::EmptyAppeal => "IQ108",
            Refusal::NoEvidence { .. } => "IQ109",
            Refusal::NotUpheld { .. } => "IQ110",
            Refusal::NoSuchPenalty { .. } => "IQ111",
            Refusal::OutOfRange { .. } => "IQ112",
            Refusal::NoSuchEvent { .. } => "IQ113",
            Refusal::NoSample { .. } => "IQ114",
            Refusal::InAFrame { .. } => "IQ115",
            Refusal::NotAll { .. } => "IQ116",
            Refusal::WhichLines { .. } => "IQ117",
            Refusal::RestsOnSample { .. } => "IQ118",
        }
    }
}
