//! The bundle as a file: JSON, written in one way only, so that no byte of it can be changed
//! without changing what it says, and no two readers can read two things from it.

use super::{Bundle, Entry};
use crate::checkpoint::Note;
use crate::facts::{Facts, Salt};
use crate::merkle::Hash;
use base64::{Engine, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

const FORMAT: &str = "heng-bundle/1";

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    format: String,
    case: String,
    state: FileEntry,
    steps: Vec<FileEntry>,
    documents: Vec<FileEntry>,
    files: Vec<String>,
    checkpoint: String,
    keys: Vec<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct FileEntry {
    id: String,
    kind: String,
    subject: String,
    policy: String,
    body: Value,
    salt: String,
    leaf: String,
    index: u64,
    path: Vec<String>,
}

/// 不是卷宗文件, or one that was written by other means.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotABundle {
    /// Not JSON of this shape.
    #[error("this file is not a case bundle: {0}")]
    Shape(String),
    /// Another version of the format.
    #[error("this bundle is written as {0:?}; this program reads {FORMAT:?}: use a newer program")]
    OtherFormat(String),
    /// A text in it is not what it should be.
    #[error("{at} of the bundle is not {wanted}")]
    Text {
        /// Where.
        at: String,
        /// What it should be.
        wanted: &'static str,
    },
    /// It says the same, but not as a bundle is written: a key twice, other blanks or order.
    #[error(
        "the file is not written in the one way a bundle is written (first difference at byte {at}): it was edited, or damaged on its way. Ask for it again"
    )]
    Rewritten {
        /// The first byte that differs, from 0.
        at: usize,
    },
}

impl NotABundle {
    /// 中文说明.
    #[must_use]
    pub fn chinese(&self) -> String {
        match self {
            NotABundle::Shape(detail) => format!("这不是一份案件卷宗文件：{detail}"),
            NotABundle::OtherFormat(found) => format!("卷宗格式为 {found}，本程序只认 {FORMAT}，请使用新版程序"),
            NotABundle::Text { at, wanted } => format!("卷宗的 {at} 无法读取，应为 {wanted}"),
            NotABundle::Rewritten { at } => {
                format!("文件不是卷宗的唯一写法（自第 {at} 字节起不同）：被编辑过，或在传递中损坏，请重新索取")
            }
        }
    }
}

impl Bundle {
    /// The bundle as a file.
    #[must_use]
    pub fn to_json(&self) -> String {
        let entries = |entries: &[Entry]| entries.iter().map(written).collect::<Vec<_>>();
        let file = File {
            format: FORMAT.to_owned(),
            case: self.case.clone(),
            state: written(&self.state),
            steps: entries(&self.steps),
            documents: entries(&self.documents),
            files: self.files.iter().map(|bytes| STANDARD.encode(bytes)).collect(),
            checkpoint: self.checkpoint.text(),
            keys: self.keys.clone(),
        };
        let mut text = serde_json::to_string_pretty(&file).expect("a bundle is plain JSON");
        text.push('\n');
        text
    }

    /// Whether a file says that it is a bundle, were it never so damaged.
    #[must_use]
    pub fn is_one(bytes: &[u8]) -> bool {
        let beginning = &bytes[..bytes.len().min(64)];
        beginning.windows(11).any(|part| part == b"heng-bundle")
    }

    /// Reads a bundle **without verifying it**, and only if it is written as
    /// [`Bundle::to_json`] writes it, byte for byte.
    ///
    /// # Errors
    /// [`NotABundle`] says what is wrong.
    pub fn read(bytes: &[u8]) -> Result<Bundle, NotABundle> {
        let shape = |error: serde_json::Error| NotABundle::Shape(error.to_string());
        let any: Value = serde_json::from_slice(bytes).map_err(shape)?;
        match any.get("format").and_then(Value::as_str) {
            Some(FORMAT) => {}
            Some(other) => return Err(NotABundle::OtherFormat(other.to_owned())),
            None => return Err(NotABundle::Shape("it has no `format`".to_owned())),
        }
        drop(any);
        let file: File = serde_json::from_slice(bytes).map_err(shape)?;
        let entries = |entries: Vec<FileEntry>| entries.into_iter().map(read).collect::<Result<Vec<_>, _>>();
        let files = file.files.iter().enumerate().map(|(n, text)| {
            STANDARD.decode(text).map_err(|_| NotABundle::Text { at: format!("files/{n}"), wanted: "base64" })
        });
        let checkpoint = Note::parse(&file.checkpoint)
            .map_err(|_| NotABundle::Text { at: "checkpoint".to_owned(), wanted: "a signed checkpoint" })?;
        let bundle = Bundle {
            case: file.case,
            state: read(file.state)?,
            steps: entries(file.steps)?,
            documents: entries(file.documents)?,
            files: files.collect::<Result<_, _>>()?,
            checkpoint,
            keys: file.keys,
        };
        let text = bundle.to_json();
        if text.as_bytes() == bytes {
            return Ok(bundle);
        }
        let at = text.bytes().zip(bytes).position(|(ours, theirs)| ours != *theirs);
        Err(NotABundle::Rewritten { at: at.unwrap_or(text.len().min(bytes.len())) })
    }
}

fn written(entry: &Entry) -> FileEntry {
    let Facts { id, kind, subject, policy, body } = entry.facts.clone();
    FileEntry {
        id,
        kind,
        subject,
        policy,
        body: sorted(body),
        salt: STANDARD.encode(entry.salt.0),
        leaf: STANDARD.encode(entry.leaf),
        index: entry.index,
        path: entry.path.iter().map(|hash| STANDARD.encode(hash)).collect(),
    }
}

fn read(entry: FileEntry) -> Result<Entry, NotABundle> {
    let text = |field: &str, wanted| NotABundle::Text { at: format!("{}/{field}", entry.id), wanted };
    let salt = decode(&entry.salt).ok_or_else(|| text("salt", "16 bytes in base64"))?;
    let leaf = decode(&entry.leaf).ok_or_else(|| text("leaf", "a hash of 32 bytes in base64"))?;
    let path: Option<Vec<Hash>> = entry.path.iter().map(|hash| decode(hash)).collect();
    let path = path.ok_or_else(|| text("path", "hashes of 32 bytes in base64"))?;
    let FileEntry { id, kind, subject, policy, body, index, .. } = entry;
    Ok(Entry { facts: Facts { id, kind, subject, policy, body }, salt: Salt(salt), leaf, index, path })
}

fn decode<const N: usize>(text: &str) -> Option<[u8; N]> {
    STANDARD.decode(text).ok()?.try_into().ok()
}

/// Keys in the order in which they are sealed.
fn sorted(value: Value) -> Value {
    match value {
        Value::Array(items) => Value::Array(items.into_iter().map(sorted).collect()),
        Value::Object(map) => {
            let mut entries: Vec<(String, Value)> = map.into_iter().collect();
            entries.sort_by(|(a, _), (b, _)| a.encode_utf16().cmp(b.encode_utf16()));
            Value::Object(entries.into_iter().map(|(key, item)| (key, sorted(item))).collect::<Map<_, _>>())
        }
        other => other,
    }
}
