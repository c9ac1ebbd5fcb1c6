//! 事实: clues, lines in dispute, opinions, recoveries, fines, credit events, samples.

use serde::{Deserialize, Serialize};
use terms::{Date, DateTime, Fen, InstitutionId, ItemCode, LineNo, PersonId, SettlementId, VisitId};

macro_rules! worded {
    ($($(#[$doc:meta])* $name:ident { $($(#[$case_doc:meta])* $case:ident = $word:literal,)* })*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum $name { $($(#[$case_doc])* #[serde(rename = $word)] $case,)* }

        impl $name {
            /// The word, as stored.
            #[must_use]
            pub fn word(self) -> &'static str {
                match self { $($name::$case => $word,)* }
            }

            /// What a word means.
            #[must_use]
            pub fn from_word(word: &str) -> Option<$name> {
                [$($name::$case,)*].into_iter().find(|known| known.word() == word)
            }
        }
    )*};
}

worded! {
    /// 线索来源.
    Source {
        /// 审核规则的疑点 of `screening`.
        Finding = "finding",
        /// 可疑模型的线索 of `detection`.
        Suspicion = "suspicion",
        /// 举报.
        TipOff = "tip-off",
        /// 人工.
        Hand = "hand",
    }

    /// 争议明细的状态.
    LineState {
        /// 在办.
        Open = "open",
        /// 认定, wholly or in part.
        Upheld = "upheld",
        /// 不认定.
        Dropped = "dropped",
        /// 认定后撤销.
        Overturned = "overturned",
    }

    /// 追回方式, or its undoing.
    Way {
        /// 扣减拨付.
        Deduction = "deduction",
        /// 机构退回.
        Refund = "refund",
        /// 撤销扣减: what was deducted is given back with the next statement.
        DeductionUndone = "deduction-undone",
        /// 撤销退回: what was paid in is paid back.
        RefundUndone = "refund-undone",
    }

    /// 信用主体.
    Holder {
        /// 定点医药机构.
        Institution = "institution",
        /// 医务人员.
        Practitioner = "practitioner",
    }
}

/// 线索: what makes somebody look. Typed ids only; no word about a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clue {
    /// 线索编号.
    pub clue_id: String,
    /// Where it comes from.
    pub source: Source,
    /// Its number there (a finding's key, a suspicion's number); with the source unique.
    pub reference: String,
    /// 规则 or model.
    pub rule: String,
    /// Version of it.
    pub version: String,
    /// 机构编号.
    pub fixmedins_code: InstitutionId,
    /// 可追回金额, as estimated.
    pub amount: Fen,
    /// 置信度 in hundredths of a percent, if known: of 10000 such clues so many were right.
    pub confidence: Option<i64>,
    /// In a line, for people.
    pub summary: String,
    /// When it was found.
    pub found_at: DateTime,
    /// The case that took it up.
    pub case_id: Option<String>,
    /// What it points at.
    pub lines: Vec<ClueLine>,
}

/// What a clue points at: a line, or a whole visit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClueLine {
    /// 人员编号.
    pub psn_no: PersonId,
    /// 就诊ID.
    pub mdtrt_id: VisitId,
    /// 费用明细流水号; `None` is every line of the visit.
    pub feedetl_sn: Option<LineNo>,
    /// 违规金额; `None` is the line's whole in-scope amount.
    pub amount: Option<Fen>,
}

/// 可疑线索的全文: what a model said. Its clues, one an institution, point at the visits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suspicion {
    /// 疑点编号.
    pub suspicion_id: String,
    /// The model.
    pub model: String,
    /// 模型名称.
    pub name: String,
    /// Version of its parameters.
    pub version: String,
    /// What binds the members; with model and version unique.
    pub group: String,
    /// 得分, 0 to 1000.
    pub score: i64,
    /// 可追回金额.
    pub recoverable: Fen,
    /// 可追回金额 × 得分: by which suspicions are ranked.
    pub weighted: Fen,
    /// 机构编号 of all concerned.
    pub institutions: Vec<String>,
    /// How many persons.
    pub persons: i64,
    /// How many visits.
    pub visits: i64,
    /// Why, in words.
    pub why: String,
    /// When it was found first.
    pub found_at: DateTime,
    /// Parts, members and money as JSON, compressed by the caller; empty in lists.
    pub body: Vec<u8>,
}

/// 案件事实, beside the case of `casework` with the same number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseFacts {
    /// 案件编号.
    pub case_id: String,
    /// 机构编号.
    pub fixmedins_code: InstitutionId,
    /// 规则 or model that gave rise to it; empty when there are several.
    pub rule: String,
    /// Version of it.
    pub rule_version: String,
    /// 争议金额 of all lines.
    pub disputed: Fen,
    /// What the funds would get back if all of it were upheld.
    pub recoverable: Fen,
    /// 置信度 in hundredths of a percent; of several clues the highest.
    pub confidence: Option<i64>,
    /// When it was opened.
    pub opened_at: DateTime,
}

/// 一行在其结算中的位置: what the funds paid is laid over the in-scope money of the
/// settlement, line after line, so that every fen belongs to one line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// In-scope money of the lines before this one.
    pub before: Fen,
    /// In-scope money of the line, refunds taken off.
    pub own: Fen,
    /// In-scope money of the settlement.
    pub total: Fen,
    /// What each fund paid for the settlement.
    pub funds: Vec<(String, Fen)>,
}

/// 争议明细.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DisputedLine {
    /// 案件编号.
    pub case_id: String,
    /// From 1 in the case.
    pub no: i64,
    /// 人员编号; empty for what a sample was extrapolated to.
    pub psn_no: PersonId,
    /// 就诊ID; empty as well.
    pub mdtrt_id: VisitId,
    /// 结算ID; empty as well.
    pub setl_id: SettlementId,
    /// 险种类型, by which it is cleared.
    pub insutype: String,
    /// 清算类别.
    pub clr_type: String,
    /// 费用明细流水号; [`EXTRAPOLATED`] for what a sample was extrapolated to.
    pub feedetl_sn: LineNo,
    /// 目录编码.
    pub med_list_codg: ItemCode,
    /// 医师; empty when nobody is named.
    pub practitioner: String,
    /// 规则 or model.
    pub rule: String,
    /// Version of it.
    pub rule_version: String,
    /// Where it stands in its settlement.
    pub place: Place,
    /// 争议金额, in-scope money.
    pub disputed: Fen,
    /// 状态.
    pub state: LineState,
    /// 认定金额.
    pub decided: Fen,
    /// 应追回 by fund.
    pub by_fund: Vec<(String, Fen)>,
    /// 依据 of the decision.
    pub article: String,
    /// Why so.
    pub reason: String,
}

/// 费用明细流水号 of what a sample was extrapolated to.
pub const EXTRAPOLATED: &str = "抽样推断";

impl DisputedLine {
    /// What is to come back for the line.
    #[must_use]
    pub fn recoverable(&self) -> Fen {
        self.by_fund.iter().map(|(_, amount)| *amount).sum()
    }
}

/// 意见: what somebody finds of a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opinion {
    /// The line's number in the case.
    pub no: i64,
    /// 认定金额; nothing is not upheld.
    pub amount: Fen,
    /// 依据.
    pub article: String,
    /// 理由.
    pub reason: String,
}

/// 意见 as recorded with the step that gave it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Given {
    /// The step's number in the case.
    pub seq: i64,
    /// Which step.
    pub stage: String,
    /// Who.
    pub by: String,
    /// What they found.
    pub opinion: Opinion,
}

/// 申诉 against a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Appeal {
    /// The step's number in the case.
    pub seq: i64,
    /// The line's number in the case.
    pub no: i64,
    /// 申诉理由.
    pub grounds: String,
    /// 证据: slot (`病程记录`, `医嘱` …) and the digest of the document that fills it.
    pub evidence: Vec<(String, String)>,
}

/// 追回, or its undoing: one posting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recovery {
    /// 案件编号.
    pub case_id: String,
    /// The step's number in the case.
    pub seq: i64,
    /// How.
    pub way: Way,
    /// In all; negative when something is undone.
    pub amount: Fen,
    /// By fund; negative when something is undone.
    pub by_fund: Vec<(String, Fen)>,
    /// The lines that it is for.
    pub lines: Vec<i64>,
    /// The transfer in the ledger.
    pub transfer_id: String,
    /// When.
    pub at: DateTime,
}

/// 罚款. It goes to the treasury, never to the fund.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fine {
    /// 案件编号.
    pub case_id: String,
    /// The step's number in the case.
    pub seq: i64,
    /// Article, by its id in the region's data.
    pub article: String,
    /// 损失.
    pub loss: Fen,
    /// 倍数, as text; empty when the article names a sum.
    pub times: String,
    /// 罚款金额.
    pub amount: Fen,
    /// When.
    pub at: DateTime,
    /// Whether the decision was overturned.
    pub revoked: bool,
}

/// 信用事件, from an executed decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreditEvent {
    /// Its number.
    pub event_id: String,
    /// Whose.
    pub holder: Holder,
    /// 机构编号 or 医师代码.
    pub code: String,
    /// Which event of the score-card.
    pub event: String,
    /// 分值.
    pub points: i64,
    /// When it counts from.
    pub on: Date,
    /// The case.
    pub case_id: String,
    /// 依据.
    pub article: String,
    /// Why it no longer counts; empty while it does.
    pub revoked: String,
}

/// 抽样 of a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sample {
    /// 案件编号.
    pub case_id: String,
    /// What was drawn with; anybody can draw the same again.
    pub seed: String,
    /// When.
    pub at: DateTime,
    /// What each fund paid for the frame.
    pub funds: Vec<(String, Fen)>,
    /// 险种类型 of the frame.
    pub insutype: String,
    /// 清算类别 of the frame.
    pub clr_type: String,
    /// The units of the frame.
    pub units: Vec<SampleUnit>,
    /// The estimate as JSON, once the sample is evaluated.
    pub estimate: Option<String>,
}

/// 抽样单元: a settled visit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SampleUnit {
    /// 人员编号.
    pub psn_no: PersonId,
    /// 就诊ID.
    pub mdtrt_id: VisitId,
    /// 层.
    pub stratum: String,
    /// What the funds paid.
    pub paid: Fen,
    /// Whether it was drawn.
    pub drawn: bool,
}
