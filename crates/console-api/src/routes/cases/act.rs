//! 办理所需: what opening a case and taking a step bring.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use casework::{Actor, Document};
use inquiry::Amount;
use inquiry::rules::opinion::{Say, Says};
use journeys::{FineAsked, Move, Objection, Responsible};
use serde::Deserialize;
use terms::{Exact, Fen};
use utoipa::ToSchema;

use crate::frame::{Console, Problem};

/// Bytes of all documents of a step, at most.
const DOCUMENTS: usize = 10 << 20;
/// Clues and findings that one case takes up, at most.
const TAKEN: usize = 500;

/// 立案.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::routes) struct OpenCase {
    /// Which procedure of the region: `audit`.
    pub procedure: String,
    /// 线索编号.
    #[serde(default)]
    pub clues: Vec<String>,
    /// 疑点标识; each becomes a clue.
    #[serde(default)]
    pub findings: Vec<String>,
    /// What it is about, in a line.
    pub subject: String,
    /// Why.
    pub why: String,
}

impl OpenCase {
    pub(super) fn check(&self) -> Result<(), Problem> {
        if self.subject.trim().is_empty() {
            return Err(Problem::invalid("subject", ["请用一句话写明案由", "say in a line what the case is about"]));
        }
        let taken = self.clues.len() + self.findings.len();
        if taken == 0 || taken > TAKEN {
            let told = [format!("请选 1 至 {TAKEN} 条线索或疑点"), format!("choose 1 to {TAKEN} clues or findings")];
            return Err(Problem::invalid("clues", told));
        }
        Ok(())
    }
}

/// 文书或证据材料 that a step brings.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::routes) struct BroughtDocument {
    /// What it is, in the procedure's words: `决定书`, `病程记录` …
    kind: String,
    /// Name of the file.
    name: String,
    /// Media type: `application/pdf`.
    media: String,
    /// The content in base64; all documents of a step together at most 10 MB.
    content: String,
}

/// 意见 on one line, or on all.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::routes) struct OpinionGiven {
    /// The line's number; on every line that is not named without one.
    #[serde(default)]
    line: Option<i64>,
    /// 认定金额 in 分; all that is in dispute without one.
    #[serde(default)]
    amount: Option<i64>,
    /// 依据.
    article: String,
    /// 理由.
    reason: String,
}

/// 申诉 against a line, or against all.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::routes) struct ObjectionMade {
    /// The line's number; every line without one.
    #[serde(default)]
    line: Option<i64>,
    /// 理由.
    grounds: String,
    /// 证据: which slot, and the name of the document of this step that fills it.
    #[serde(default)]
    evidence: Vec<EvidenceNamed>,
}

/// 证据 in its slot.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::routes) struct EvidenceNamed {
    /// `病程记录`, `医嘱` …
    slot: String,
    /// Name of a document of this step.
    document: String,
}

/// 罚款: a sum, or times the loss.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::routes) struct FineGiven {
    /// Article, by its id in the region's data.
    article: String,
    /// In 分.
    #[serde(default)]
    amount: Option<i64>,
    /// Times the loss: `1.5`.
    #[serde(default)]
    times: Option<String>,
}

/// 责任人员.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::routes) struct ResponsibleNamed {
    /// 医师代码.
    practitioner: String,
    /// Which event of the score-card.
    event: String,
}

/// 办理一步.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::routes) struct TakeStep {
    /// Which step of the procedure.
    step: String,
    /// Why.
    why: String,
    /// To whom the case is assigned, by their number.
    #[serde(default)]
    assign_to: Option<String>,
    /// What it brings.
    #[serde(default)]
    documents: Vec<BroughtDocument>,
    /// Of a review, a vote or a decision.
    #[serde(default)]
    opinions: Vec<OpinionGiven>,
    /// Of an appeal.
    #[serde(default)]
    objections: Vec<ObjectionMade>,
    /// Which lines an overturning is about; all when empty.
    #[serde(default)]
    lines: Vec<i64>,
    /// Of a penalty.
    #[serde(default)]
    fine: Option<FineGiven>,
    /// Of a decision.
    #[serde(default)]
    responsible: Vec<ResponsibleNamed>,
    /// Whether a decision on a sample is extended to its frame.
    #[serde(default)]
    extrapolate: bool,
}

impl TakeStep {
    pub(super) fn to_move(&self, console: &Console, case: &str, by: Actor) -> Result<Move, Problem> {
        let assign_to = self.assign_to.as_deref().map(|id| {
            let known = console.casebook.staff.find(id).cloned();
            let told = [format!("办案人员名册里没有 {id}"), format!("nobody of the staff has the number {id}")];
            known.ok_or_else(|| Problem::invalid("assign_to", told))
        });
        let objection = |made: &ObjectionMade| Objection {
            no: made.line,
            grounds: made.grounds.clone(),
            evidence: made.evidence.iter().map(|named| (named.slot.clone(), named.document.clone())).collect(),
        };
        let responsible = |named: &ResponsibleNamed| Responsible {
            practitioner: named.practitioner.clone(),
            event: named.event.clone(),
        };
        Ok(Move {
            assign_to: assign_to.transpose()?,
            documents: self.documents()?,
            says: self.says()?,
            objections: self.objections.iter().map(objection).collect(),
            lines: self.lines.clone(),
            fine: self.fine.as_ref().map(FineGiven::asked).transpose()?,
            responsible: self.responsible.iter().map(responsible).collect(),
            extrapolate: self.extrapolate,
            ..Move::new(case, &self.step, by, &self.why)
        })
    }

    fn documents(&self) -> Result<Vec<Document>, Problem> {
        let mut left = DOCUMENTS;
        let read = |brought: &BroughtDocument| {
            let broken = |zh: &str, en: &str| {
                Problem::invalid("documents", [format!("“{}”{zh}", brought.name), format!("{}: {en}", brought.name)])
            };
            let content = STANDARD
                .decode(&brought.content)
                .map_err(|_| broken("的内容不是 base64", "its content is no base64"))?;
            left = left.checked_sub(content.len()).ok_or_else(|| {
                broken("之后超过 10 MB；请分步提交或压缩", "more than 10 MB in all; bring less in one step")
            })?;
            // Data of the record itself is the centre's to write.
            if brought.media == Document::PLAIN || brought.name.trim().is_empty() || brought.kind.trim().is_empty() {
                return Err(broken("须有名称、种类和文件格式", "needs a name, a kind and a media type of its own"));
            }
            Ok(Document::of(&brought.kind, &brought.name, &brought.media, content))
        };
        self.documents.iter().map(read).collect()
    }

    fn says(&self) -> Result<Says, Problem> {
        let mut says = Says { all: None, lines: BTreeMap::new() };
        for given in &self.opinions {
            let say =
                Say { amount: given.amount.map(Fen), article: given.article.clone(), reason: given.reason.clone() };
            let before = match given.line {
                None => says.all.replace(say),
                Some(line) => says.lines.insert(line, say),
            };
            if before.is_some() {
                let told = ["同一行有两个意见；请只留一个", "a line has two opinions; leave one"];
                return Err(Problem::invalid("opinions", told));
            }
        }
        Ok(says)
    }
}

impl FineGiven {
    fn asked(&self) -> Result<FineAsked, Problem> {
        let times = self.times.as_deref().map(str::parse::<Exact>).transpose();
        let amount = match (self.amount, times) {
            (Some(amount), Ok(None)) => Amount::Sum(Fen(amount)),
            (None, Ok(Some(times))) => Amount::Times(times),
            _ => {
                let told = [
                    "请写金额或倍数，两者取一，倍数写成 1.5",
                    "give an amount or times the loss, one of the two; write times as 1.5",
                ];
                return Err(Problem::invalid("fine", told));
            }
        };
        Ok(FineAsked { article: self.article.clone(), amount })
    }
}
