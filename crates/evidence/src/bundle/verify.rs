//! 核验卷宗: what a bundle proves, what it does not, and everything that is wrong with it.

use super::steps::{self, DOCUMENT, STATE, STEP};
use super::{Bundle, Entry, NotABundle, file_hash};
use crate::checkpoint::{Checkpoint, Signed};
use crate::keys::{Role, TrustedKey};
use crate::merkle::{Hash, leaf_hash, verify_inclusion};
use crate::policy::Policy;
use crate::receipt::Why;
use serde::Deserialize;
use serde_json::Value;
use sm3::Sm3;
use std::collections::BTreeSet;

/// 不符之处: one thing that is wrong with a bundle.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// It is no bundle, or not written as one.
    #[error(transparent)]
    File(#[from] NotABundle),
    /// The checkpoint is not what the reader believes.
    #[error("{0}")]
    Checkpoint(Why),
    /// The public keys named in the file are not those of the signatures.
    #[error(
        "the public key {at} in the file does not belong to a signature on the checkpoint: it was put in or replaced"
    )]
    Key {
        /// Its place, from 1.
        at: usize,
    },
    /// The content is not what its leaf says.
    #[error("{id} was changed: its content and salt do not make the leaf that the file states")]
    Content {
        /// The entry.
        id: String,
    },
    /// The leaf is not in the signed tree at its place.
    #[error(
        "{id} is not entry {index} of the signed log: it, its place or its proof was changed, or it belongs to another log"
    )]
    NotInTheLog {
        /// The entry.
        id: String,
        /// The number claimed.
        index: u64,
    },
    /// An entry of another case, or of another kind than its place says.
    #[error("{id} does not belong here: it was sealed as {kind:?} of the case {subject:?}")]
    Stranger {
        /// The entry.
        id: String,
        /// As what it was sealed.
        kind: String,
        /// For which case.
        subject: String,
    },
    /// Two entries are one leaf.
    #[error("{id} stands twice in the file")]
    Twice {
        /// The entry.
        id: String,
    },
    /// The facts of a step, state or document lack what they must have.
    #[error("{id} is not written as its kind must be: {detail}")]
    Body {
        /// The entry.
        id: String,
        /// What is wrong.
        detail: String,
    },
    /// A step is missing or stands at the wrong place.
    #[error("step {wanted} is missing: step {found} stands in its place. Steps were taken out or put in another order")]
    Order {
        /// The number that should stand here.
        wanted: u64,
        /// The number that stands here.
        found: u64,
    },
    /// A step does not name the one before it.
    #[error("step {number} does not follow the step before it in this file: it names another")]
    Chain {
        /// The step.
        number: u64,
    },
    /// The state says that there are other steps than those shown.
    #[error(
        "the case has {stated} steps, this file shows {shown}: steps were cut off, or the state is of another time"
    )]
    Count {
        /// How many the sealed state says.
        stated: u64,
        /// How many are shown.
        shown: u64,
    },
    /// The state was sealed beside another step.
    #[error("the sealed state is not the one beside the last step")]
    Head,
    /// A step names a document that is not here, or not as it was filed.
    #[error("step {number} was filed with {id}, which is missing here or stands at another place")]
    DocumentMissing {
        /// The step.
        number: u64,
        /// The document.
        id: String,
    },
    /// A document that no step names.
    #[error("{id} was filed with no step of this case that is shown")]
    DocumentUnnamed {
        /// The document.
        id: String,
    },
    /// A document's file is not the one that was sealed.
    #[error("the file {name} of {id} is missing or is not the one that was filed")]
    Attachment {
        /// The document.
        id: String,
        /// The file's name.
        name: String,
    },
    /// A file that no document names.
    #[error("attachment {at} of the file was filed with no document")]
    FileUnnamed {
        /// Its place, from 1.
        at: usize,
    },
}

impl Fault {
    /// 中文说明.
    #[must_use]
    pub fn chinese(&self) -> String {
        match self {
            Fault::File(not) => not.chinese(),
            Fault::Checkpoint(why) => why.chinese(),
            Fault::Key { at } => format!("文件中的第 {at} 个公钥与检查点上的签名不对应：系添加或替换"),
            Fault::Content { id } => format!("{id} 被改动：其内容与盐值得不出文件所载的叶"),
            Fault::NotInTheLog { id, index } => {
                format!("{id} 不是已签名日志的第 {index} 条：其内容、位置或证明被改动，或属于另一日志")
            }
            Fault::Stranger { id, kind, subject } => format!("{id} 不属于此处：存证时是案件 {subject} 的 {kind}"),
            Fault::Twice { id } => format!("{id} 在文件中出现两次"),
            Fault::Body { id, detail } => format!("{id} 的写法不合其种类：{detail}"),
            Fault::Order { wanted, found } => {
                format!("缺少第 {wanted} 步，其位置上是第 {found} 步：步骤被抽去或调换了次序")
            }
            Fault::Chain { number } => format!("第 {number} 步所指的前一步不是本文件中的前一步"),
            Fault::Count { stated, shown } => {
                format!("案件共 {stated} 步，本文件只有 {shown} 步：末尾的步骤被截去，或状态属于另一时点")
            }
            Fault::Head => "所载案件状态不是最后一步的状态".to_owned(),
            Fault::DocumentMissing { number, id } => format!("第 {number} 步归档的 {id} 不在文件中，或不在其位置"),
            Fault::DocumentUnnamed { id } => format!("{id} 没有归档于本案所示的任何一步"),
            Fault::Attachment { id, name } => format!("{id} 的附件 {name} 缺失，或不是归档时的那一份"),
            Fault::FileUnnamed { at } => format!("第 {at} 个附件不属于任何文书"),
        }
    }
}

/// A sentence in both languages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// 中文.
    pub chinese: String,
    /// English.
    pub english: String,
}

fn said(chinese: impl Into<String>, english: impl Into<String>) -> Said {
    Said { chinese: chinese.into(), english: english.into() }
}

/// 核验报告: what was found. Nothing is believed of a bundle with a fault.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// The bundle, if the file is one; its content is worth what the rest says.
    pub bundle: Option<Bundle>,
    /// 已证明: what holds.
    pub proved: Vec<Said>,
    /// 不符: what is wrong.
    pub faults: Vec<Fault>,
    /// 未证明: what no such file can prove, or this one does not.
    pub unproved: Vec<Said>,
}

impl Report {
    /// 核验通过: nothing is wrong.
    #[must_use]
    pub fn is_good(&self) -> bool {
        self.faults.is_empty()
    }

    /// One part of the checks: its faults, or else what it proves.
    fn part(&mut self, faults: Vec<Fault>, holds: Said) {
        if faults.is_empty() {
            self.proved.push(holds);
        }
        self.faults.extend(faults);
    }
}

/// 核验卷宗文件, with nothing but the reader's own policy.
#[must_use]
pub fn verify_bundle(bytes: &[u8], policy: &Policy) -> Report {
    match Bundle::read(bytes) {
        Ok(bundle) => {
            let report = verify(&bundle, policy);
            Report { bundle: Some(bundle), ..report }
        }
        Err(not) => Report { bundle: None, proved: Vec::new(), faults: vec![not.into()], unproved: Vec::new() },
    }
}

/// 核验卷宗. Everything that is wrong is told, not the first thing only.
#[must_use]
pub fn verify(bundle: &Bundle, policy: &Policy) -> Report {
    let mut report = Report { bundle: None, proved: Vec::new(), faults: Vec::new(), unproved: Vec::new() };
    signatures(bundle, policy, &mut report);
    report.part(leaves(bundle), told_leaves(bundle));
    let (found, steps) = chain(bundle);
    report.part(found, told_chain(bundle));
    report.part(documents(bundle, &steps), told_documents(bundle));
    report.part(files(bundle), told_files(bundle));
    report.unproved.extend(never_proved(bundle));
    report
}

/// Who signed the checkpoint, and whether the keys named beside it are theirs.
fn signatures(bundle: &Bundle, policy: &Policy, report: &mut Report) {
    let note = &bundle.checkpoint;
    let Checkpoint { origin, size, time, .. } = &note.checkpoint;
    match policy.signers(note) {
        Ok(signers) => {
            let names: Vec<String> = signers.iter().map(|(name, id)| format!("{name} ({id})")).collect();
            let names = names.join(", ");
            report.proved.push(said(
                format!("日志 {origin} 共 {size} 条的检查点签于 {time}，签名可信：{names}"),
                format!("the checkpoint of the log {origin} over {size} entries was signed at {time} by keys you trust: {names}"),
            ));
            let witnesses = policy.witnesses().filter(|key| note.signed_by(*key) == Signed::Yes).count();
            if witnesses == 0 {
                report.unproved.push(said(
                    "没有您信任的见证方联署：不能排除中心向他人出示另一棵树",
                    "no witness you trust has co-signed: it is not excluded that the centre shows others another tree",
                ));
            } else {
                report.proved.push(said(
                    format!("{witnesses} 个见证方联署：它们只见过这一段历史"),
                    format!("{witnesses} witnesses you trust have co-signed: they have seen this history and no other"),
                ));
            }
        }
        Err(why) => report.faults.push(Fault::Checkpoint(why)),
    }
    // Each signature has its key beside it, in the same order, and is that key's.
    let alone = |at: usize| {
        let line = &note.signatures[at];
        let mut one = note.clone();
        one.signatures = vec![line.clone()];
        let key =
            bundle.keys.get(at).and_then(|text| TrustedKey::parse(text).ok().filter(|key| key.to_string() == *text));
        let role = if line.name == *origin { Role::Log } else { Role::Witness };
        key.is_some_and(|key| key.role() == role && one.signed_by(&key) == Signed::Yes)
    };
    let places = note.signatures.len().max(bundle.keys.len());
    let wrong = (0..places).filter(|at| *at >= note.signatures.len() || !alone(*at));
    report.faults.extend(wrong.map(|at| Fault::Key { at: at + 1 }));
}

/// Every entry is what its leaf says, and stands in the signed tree.
fn leaves(bundle: &Bundle) -> Vec<Fault> {
    let Checkpoint { size, root, .. } = &bundle.checkpoint.checkpoint;
    let mut faults = Vec::new();
    let (mut ids, mut places) = (BTreeSet::new(), BTreeSet::new());
    for entry in all(bundle) {
        let id = || entry.facts.id.clone();
        let leaf = content(entry).map(|content| leaf_hash::<Sm3>(&content));
        if leaf != Some(entry.leaf) {
            faults.push(Fault::Content { id: id() });
        }
        if !verify_inclusion::<Sm3>(&entry.leaf, entry.index, *size, &entry.path, root) {
            faults.push(Fault::NotInTheLog { id: id(), index: entry.index });
        }
        if !ids.insert(&entry.facts.id) | !places.insert(entry.index) {
            faults.push(Fault::Twice { id: id() });
        }
    }
    let here = |kind: &'static str, entries: &[Entry]| {
        let strange = |entry: &&Entry| entry.facts.kind != kind || entry.facts.subject != bundle.case;
        let fault = |Entry { facts, .. }: &Entry| Fault::Stranger {
            id: facts.id.clone(),
            kind: facts.kind.clone(),
            subject: facts.subject.clone(),
        };
        entries.iter().filter(strange).map(fault).collect::<Vec<_>>()
    };
    faults.extend(here(STEP, &bundle.steps));
    faults.extend(here(STATE, std::slice::from_ref(&bundle.state)));
    faults.extend(here(DOCUMENT, &bundle.documents));
    faults
}

fn all(bundle: &Bundle) -> impl Iterator<Item = &Entry> {
    bundle.steps.iter().chain([&bundle.state]).chain(&bundle.documents)
}

/// The salted hash of what the entry says; `None` when it cannot have been sealed.
fn content(entry: &Entry) -> Option<Hash> {
    entry.facts.seal(entry.salt).ok().map(|leaf| leaf.content)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "the fields say what a step must have; not all are checked against others")]
struct StepBody {
    number: u64,
    name: String,
    by: String,
    at: String,
    why: String,
    from: String,
    to: String,
    previous: Option<String>,
    documents: Vec<Named>,
    more: Value,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Named {
    id: String,
    content: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "`at` is for the reader")]
struct StateBody {
    steps: u64,
    head: String,
    state: String,
    at: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "name, kind and title are for the reader")]
struct DocumentBody {
    name: String,
    kind: String,
    title: String,
    content: Inside,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "lowercase")]
enum Inside {
    Plain(#[expect(dead_code, reason = "any content will do")] Value),
    File(FileBody),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "the media type is for the reader")]
struct FileBody {
    name: String,
    media: String,
    size: u64,
    sm3: String,
}

fn body<'a, T: Deserialize<'a>>(entry: &'a Entry) -> Result<T, Fault> {
    let bad = |error: serde_json::Error| Fault::Body { id: entry.facts.id.clone(), detail: error.to_string() };
    T::deserialize(&entry.facts.body).map_err(bad)
}

/// Steps are numbered from 1 without gaps, each names the one before, and the state beside
/// the last says that it is the last.
fn chain(bundle: &Bundle) -> (Vec<Fault>, Vec<StepBody>) {
    let mut faults = Vec::new();
    let mut steps: Vec<StepBody> = Vec::new();
    let mut previous: Option<Hash> = None;
    for (wanted, entry) in (1..).zip(&bundle.steps) {
        match body::<StepBody>(entry) {
            Ok(step) => {
                if step.number != wanted {
                    faults.push(Fault::Order { wanted, found: step.number });
                } else if step.previous != previous.as_ref().map(steps::base64)
                    || steps.last().is_some_and(|before| before.to != step.from)
                {
                    faults.push(Fault::Chain { number: step.number });
                }
                steps.push(step);
            }
            Err(fault) => faults.push(fault),
        }
        previous = content(entry);
    }
    let shown = bundle.steps.len() as u64;
    match body::<StateBody>(&bundle.state) {
        Ok(state) if state.steps != shown => faults.push(Fault::Count { stated: state.steps, shown }),
        Ok(state) => {
            let head = previous.as_ref().map(steps::base64);
            if Some(state.head) != head || steps.last().is_none_or(|last| last.to != state.state) {
                faults.push(Fault::Head);
            }
        }
        Err(fault) => faults.push(fault),
    }
    (faults, steps)
}

/// The documents are those that the steps name, in that order, and no others.
fn documents(bundle: &Bundle, steps: &[StepBody]) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut held = bundle.documents.iter().peekable();
    for step in steps {
        for named in &step.documents {
            let is_it = |entry: &&Entry| {
                entry.facts.id == named.id
                    && content(entry).as_ref().map(steps::base64).as_deref() == Some(&*named.content)
            };
            if held.next_if(is_it).is_none() {
                faults.push(Fault::DocumentMissing { number: step.number, id: named.id.clone() });
            }
        }
    }
    faults.extend(held.map(|entry| Fault::DocumentUnnamed { id: entry.facts.id.clone() }));
    faults
}

/// The attachments are those that the documents name, each once, in that order.
fn files(bundle: &Bundle) -> Vec<Fault> {
    let mut faults = Vec::new();
    let hashes: Vec<(String, u64)> =
        bundle.files.iter().map(|bytes| (steps::base64(&file_hash(bytes)), bytes.len() as u64)).collect();
    let mut used = Vec::new();
    for entry in &bundle.documents {
        let file = match body::<DocumentBody>(entry) {
            Ok(DocumentBody { content: Inside::File(file), .. }) => file,
            Ok(_) => continue,
            Err(fault) => {
                faults.push(fault);
                continue;
            }
        };
        match hashes.iter().position(|(sm3, size)| *sm3 == file.sm3 && *size == file.size) {
            Some(at) if used.contains(&at) => {}
            Some(at) if at == used.len() => used.push(at),
            _ => faults.push(Fault::Attachment { id: entry.facts.id.clone(), name: file.name }),
        }
    }
    faults.extend((0..hashes.len()).filter(|at| !used.contains(at)).map(|at| Fault::FileUnnamed { at: at + 1 }));
    faults
}

fn told_leaves(bundle: &Bundle) -> Said {
    let count = all(bundle).count();
    said(
        format!("{count} 项内容与签名前存证的一字不差，都属于案件 {}", bundle.case),
        format!(
            "all {count} entries are word for word what was sealed before the signature, for the case {}",
            bundle.case
        ),
    )
}

fn told_chain(bundle: &Bundle) -> Said {
    let count = bundle.steps.len();
    said(
        format!("{count} 个步骤一个不少，次序未动，末步即存证状态所记的末步"),
        format!("the {count} steps are complete and in order, and the last is the last that the sealed state knows"),
    )
}

fn told_files(bundle: &Bundle) -> Said {
    let count = bundle.files.len();
    said(
        format!("{count} 个附件与归档时逐字节相同"),
        format!("the {count} attachments are those that were filed, byte for byte"),
    )
}

fn told_documents(bundle: &Bundle) -> Said {
    let count = bundle.documents.len();
    said(
        format!("{count} 份文书一份不少，各属其步骤"),
        format!("the {count} documents are complete, each filed with its step"),
    )
}

/// What stays open even when all is well.
fn never_proved(bundle: &Bundle) -> Vec<Said> {
    let index = bundle.state.index.saturating_add(1);
    vec![
        said(
            format!("日志第 {index} 条之后是否又有新的步骤：须向中心索取更新的卷宗"),
            format!("whether steps were taken after entry {index} of the log: ask for a newer bundle"),
        ),
        said(
            "决定是否正确：规则、样本与理由在卷宗内，可逐项复核",
            "that the decision was right: rule, samples and reasons are in the bundle, to be checked",
        ),
        said(
            "步骤所载时间、人员是否属实：只证明检查点签署之前即如此记载",
            "that the times and names in the steps are true: only that they were so recorded before the checkpoint",
        ),
    ]
}
