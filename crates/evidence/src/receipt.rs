//! 凭证: the file a citizen takes away, and its verification without any database.
//!
//! `docs/design/evidence.md` describes the file. Whatever a receipt shows is sealed; a
//! field that nothing seals is refused.

use crate::checkpoint::Note;
use crate::facts::{Facts, Salt};
use crate::keys::{KeyId, TrustedKey};
use crate::merkle::{Hash, leaf_hash, verify_inclusion};
use crate::policy::Policy;
use crate::unique::Unique;
use base64::{Engine, engine::general_purpose::STANDARD};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sm3::Sm3;

const FORMAT: &str = "heng-receipt/1";

/// 凭证: a deed's facts, the salt that opens its leaf, and the proof once there is one.
#[derive(Debug, Clone, PartialEq)]
pub struct Receipt {
    /// What the deed did.
    pub facts: Facts,
    /// The salt.
    pub salt: Salt,
    /// The proof; `None` while pending.
    pub sealed: Option<Sealed>,
}

/// The proof that a receipt carries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed {
    /// The leaf's number, from 0.
    pub index: u64,
    /// Siblings from the leaf to the root.
    pub path: Vec<Hash>,
    /// The signed checkpoint.
    pub checkpoint: Note,
    /// The public key that signed it, as a line: for comparison only, never for trust.
    pub key: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    format: String,
    status: Status,
    id: String,
    kind: String,
    subject: String,
    policy: String,
    facts: Value,
    salt: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    proof: Option<FileProof>,
}

#[derive(Serialize, Deserialize, PartialEq)]
#[serde(rename_all = "lowercase")]
enum Status {
    Pending,
    Sealed,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct FileProof {
    index: u64,
    path: Vec<String>,
    checkpoint: String,
    key: String,
}

/// 核验结果: what a verified receipt says.
#[derive(Debug, Clone, PartialEq)]
pub struct Verified {
    /// The facts that were sealed; the caller checks their money.
    pub facts: Facts,
    /// The leaf's number, from 0.
    pub index: u64,
    /// Leaves under the checkpoint.
    pub size: u64,
    /// The log.
    pub origin: String,
    /// When the checkpoint was signed, by the signer's clock.
    pub time: Timestamp,
    /// The trusted keys whose signatures it carries: the log's, then witnesses'.
    pub signed_by: Vec<(String, KeyId)>,
}

/// 不能核验的原因: which check failed, and what that means.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Why {
    /// Not a receipt file.
    #[error("this file is not a receipt: {0}")]
    NotAReceipt(String),
    /// Another version of the format.
    #[error("this receipt is written as {0:?}; this program reads {FORMAT:?}: use a newer program")]
    OtherFormat(String),
    /// Nothing is proved yet.
    #[error(
        "this receipt is pending: when it was issued, no signed checkpoint covered the deed yet, so nothing proves what it says. Ask for it again; it takes about a second"
    )]
    Pending,
    /// The facts cannot have been sealed as they stand.
    #[error("the receipt's content cannot have been sealed as it stands: {0}")]
    NotCanonical(String),
    /// The checkpoint cannot be read.
    #[error("the receipt's checkpoint cannot be read: {0}")]
    Checkpoint(String),
    /// The leaf's number lies outside the tree.
    #[error("the receipt claims entry {index} of a log that had only {size} entries when it was signed")]
    OutsideTheLog {
        /// The number claimed.
        index: u64,
        /// Leaves under the checkpoint.
        size: u64,
    },
    /// The content does not lead to the signed root.
    #[error(
        "the content of this receipt is not entry {index} of the signed log: something in it (facts, policy, salt or proof) was changed after the log was signed, or belongs to another receipt"
    )]
    NotInTheLog {
        /// The number claimed.
        index: u64,
    },
    /// No signature by a key that is trusted for this log.
    #[error(
        "the checkpoint of the log {origin} carries no signature of a key you trust for it (it names: {named}): get the log's public key from the centre itself, never from the receipt"
    )]
    UnknownKey {
        /// The log.
        origin: String,
        /// Who signed, by their own word.
        named: String,
    },
    /// Fewer witnesses than the reader wants.
    #[error(
        "{found} of the {wanted} witnesses you want have co-signed this checkpoint: without them the centre could show you a tree of your own. Ask the centre for the file again; witnesses follow in a few seconds"
    )]
    FewWitnesses {
        /// How many are wanted.
        wanted: usize,
        /// How many signed.
        found: usize,
    },
    /// The reader has seen a newer checkpoint of the same log.
    #[error(
        "the checkpoint is over {size} entries, but you hold one of the same log over {seen}: this is an older state. Ask for the file again"
    )]
    Older {
        /// Entries under the checkpoint.
        size: u64,
        /// Entries under the one that was seen.
        seen: u64,
    },
    /// The reader has seen another tree of the same size.
    #[error(
        "two checkpoints of {size} entries with different roots are signed by the log: its history was forked. Keep both files; together they are the proof"
    )]
    Fork {
        /// Entries under both.
        size: u64,
    },
    /// A trusted key is named, but did not sign this.
    #[error(
        "the signature of {name} ({id}) is not over this checkpoint: the checkpoint was changed after signing, or the signature was made up"
    )]
    WrongSignature {
        /// The key's name.
        name: String,
        /// Its id.
        id: KeyId,
    },
}

impl Why {
    /// 中文说明: the same for a citizen who reads Chinese.
    #[must_use]
    pub fn chinese(&self) -> String {
        match self {
            Why::NotAReceipt(detail) => format!("这不是一份凭证文件：{detail}"),
            Why::OtherFormat(found) => format!("凭证格式为 {found}，本程序只认 {FORMAT}，请使用新版程序"),
            Why::Pending => {
                "凭证待存证：出具时尚无已签名的检查点覆盖本次业务，其内容尚未得到证明。请约一秒后重新下载".into()
            }
            Why::NotCanonical(detail) => format!("凭证内容不可能以现有形式存证：{detail}"),
            Why::Checkpoint(detail) => format!("凭证中的检查点无法读取：{detail}"),
            Why::OutsideTheLog { index, size } => format!("凭证自称第 {index} 条，但签名时日志只有 {size} 条"),
            Why::NotInTheLog { index } => format!(
                "凭证内容与已签名日志的第 {index} 条不符：事实、政策版本、盐值或证明在签名后被改动，或属于另一份凭证"
            ),
            Why::UnknownKey { origin, named } => format!(
                "日志 {origin} 的检查点上没有您所信任的公钥的签名（署名为：{named}）。请向经办机构本身索取公钥，切勿采用凭证自带的公钥"
            ),
            Why::FewWitnesses { wanted, found } => format!(
                "您要求 {wanted} 个见证方，检查点上只有 {found} 个的联署：缺少见证，中心有可能只向您出示另一棵树。请重新索取，见证方数秒内即会联署"
            ),
            Why::Older { size, seen } => {
                format!("检查点只覆盖 {size} 条，而您持有同一日志 {seen} 条的检查点：这是较早的状态，请重新索取")
            }
            Why::Fork { size } => {
                format!(
                    "同一日志签署了两个 {size} 条而树根不同的检查点：其历史已被分叉。请保留两份文件，合起来即为证据"
                )
            }
            Why::WrongSignature { name, id } => {
                format!("{name}（{id}）的签名与检查点不符：检查点在签名后被改动，或签名系伪造")
            }
        }
    }
}

impl Receipt {
    /// The receipt as a file.
    #[must_use]
    pub fn to_json(&self) -> String {
        let proof = self.sealed.as_ref().map(|sealed| FileProof {
            index: sealed.index,
            path: sealed.path.iter().map(|hash| STANDARD.encode(hash)).collect(),
            checkpoint: sealed.checkpoint.text(),
            key: sealed.key.clone(),
        });
        let file = File {
            format: FORMAT.to_owned(),
            status: if proof.is_some() { Status::Sealed } else { Status::Pending },
            id: self.facts.id.clone(),
            kind: self.facts.kind.clone(),
            subject: self.facts.subject.clone(),
            policy: self.facts.policy.clone(),
            facts: self.facts.body.clone(),
            salt: STANDARD.encode(self.salt.0),
            proof,
        };
        let mut text = serde_json::to_string_pretty(&file).expect("a receipt is plain JSON");
        text.push('\n');
        text
    }

    /// Reads a receipt **without verifying it**.
    ///
    /// # Errors
    /// [`Why`] when it is none.
    pub fn read(bytes: &[u8]) -> Result<Receipt, Why> {
        let format: Value = serde_json::from_slice(bytes).map_err(|e| Why::NotAReceipt(e.to_string()))?;
        match format.get("format").and_then(Value::as_str) {
            Some(FORMAT) => {}
            Some(other) => return Err(Why::OtherFormat(other.to_owned())),
            None => return Err(Why::NotAReceipt("it has no `format`".to_owned())),
        }
        let not = |e: serde_json::Error| Why::NotAReceipt(e.to_string());
        serde_json::from_slice::<Unique>(bytes).map_err(not)?;
        let file: File = serde_json::from_slice(bytes).map_err(not)?;
        let salt = decode(&file.salt).ok_or_else(|| Why::NotAReceipt("`salt` is not 16 bytes in base64".to_owned()))?;
        if (file.status == Status::Sealed) != file.proof.is_some() {
            return Err(Why::NotAReceipt("`status` is `sealed` exactly when there is a `proof`".to_owned()));
        }
        let facts =
            Facts { id: file.id, kind: file.kind, subject: file.subject, policy: file.policy, body: file.facts };
        let sealed = file.proof.map(sealed).transpose()?;
        Ok(Receipt { facts, salt: Salt(salt), sealed })
    }
}

fn sealed(proof: FileProof) -> Result<Sealed, Why> {
    let path: Option<Vec<Hash>> = proof.path.iter().map(|text| decode(text)).collect();
    Ok(Sealed {
        index: proof.index,
        path: path.ok_or_else(|| Why::NotAReceipt("`path` is not hashes of 32 bytes in base64".to_owned()))?,
        checkpoint: Note::parse(&proof.checkpoint).map_err(|e| Why::Checkpoint(e.to_string()))?,
        key: proof.key,
    })
}

fn decode<const N: usize>(text: &str) -> Option<[u8; N]> {
    STANDARD.decode(text).ok()?.try_into().ok()
}

/// 核验凭证: recomputes the leaf from the receipt's own content, walks to the root, and
/// checks who signed it, with nothing but the keys the reader trusts.
///
/// # Errors
/// [`Why`] names the first check that failed; a pending receipt is one of them.
pub fn verify_receipt(bytes: &[u8], trusted: &[TrustedKey]) -> Result<Verified, Why> {
    verify_receipt_by(bytes, &Policy::of(trusted))
}

/// 核验凭证 by the reader's policy: with the witnesses it wants.
///
/// # Errors
/// As [`verify_receipt`].
pub fn verify_receipt_by(bytes: &[u8], policy: &Policy) -> Result<Verified, Why> {
    let receipt = Receipt::read(bytes)?;
    let leaf = receipt.facts.seal(receipt.salt).map_err(|e| Why::NotCanonical(e.to_string()))?;
    let Some(Sealed { index, path, checkpoint: note, .. }) = receipt.sealed else { return Err(Why::Pending) };
    let signed_by = policy.signers(&note)?;
    let checkpoint = note.checkpoint;
    let size = checkpoint.size;
    if index >= size {
        return Err(Why::OutsideTheLog { index, size });
    }
    if !verify_inclusion::<Sm3>(&leaf_hash::<Sm3>(&leaf.content), index, size, &path, &checkpoint.root) {
        return Err(Why::NotInTheLog { index });
    }
    Ok(Verified { facts: receipt.facts, index, size, origin: checkpoint.origin, time: checkpoint.time, signed_by })
}
