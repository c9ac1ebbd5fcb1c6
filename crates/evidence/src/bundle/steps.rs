//! 步骤与文书: what a case files, and the facts that are sealed of it.

use crate::facts::Facts;
use crate::merkle::Hash;
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Map, Value, json};
use sm3::{Digest, Sm3};

pub(super) const STEP: &str = "case-step";
pub(super) const STATE: &str = "case-state";
pub(super) const DOCUMENT: &str = "case-document";

/// 步骤: who did what in a case, when and why.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// 案件: the case's id. Never a person's.
    pub case: String,
    /// 步骤号: from 1, without gaps.
    pub number: u64,
    /// 程序版本: the procedure and its version, as text.
    pub procedure: String,
    /// 步骤名称.
    pub name: String,
    /// 经办人: who took it.
    pub by: String,
    /// 时间: when, as text.
    pub at: String,
    /// 理由: why.
    pub why: String,
    /// 原状态: the state before; empty before the first step.
    pub from: String,
    /// 现状态: the state after.
    pub to: String,
    /// Whatever else is to be sealed with the step: amounts in 分, articles, findings.
    pub more: Value,
}

/// 文书: what is filed with a step.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    /// Its name, once in a case: `lines`, `rule-53`, `appeal-2-scan`.
    pub name: String,
    /// 文书种类: `case`, `lines`, `rule`, `knowledge`, `explanation`, `attachment` …
    pub kind: String,
    /// 标题.
    pub title: String,
    /// The version of what it comes from (a rule library's hash); empty when it has none.
    pub version: String,
    /// 内容.
    pub content: Content,
}

/// 内容 of a document.
#[derive(Debug, Clone, PartialEq)]
pub enum Content {
    /// Data or text, sealed as it stands. Amounts are whole 分.
    Plain(Value),
    /// 附件: a file; its hash is sealed, its bytes travel beside it.
    File {
        /// The file's name.
        name: String,
        /// Its media type.
        media: String,
        /// Its length in bytes.
        size: u64,
        /// SM3 of its bytes.
        sm3: Hash,
    },
}

impl Content {
    /// A file from its bytes.
    #[must_use]
    pub fn file(name: &str, media: &str, bytes: &[u8]) -> Content {
        Content::File {
            name: name.to_owned(),
            media: media.to_owned(),
            size: bytes.len() as u64,
            sm3: file_hash(bytes),
        }
    }
}

/// SM3 of a file's bytes.
#[must_use]
pub fn file_hash(bytes: &[u8]) -> Hash {
    Sm3::digest(bytes).into()
}

/// The id of a step's leaf.
#[must_use]
pub fn step_id(case: &str, number: u64) -> String {
    format!("{case}/step/{number}")
}

/// The id of the state's leaf beside a step.
#[must_use]
pub fn state_id(case: &str, steps: u64) -> String {
    format!("{case}/state/{steps}")
}

/// The id of a document's leaf.
#[must_use]
pub fn document_id(case: &str, name: &str) -> String {
    format!("{case}/document/{name}")
}

pub(super) fn base64(hash: &Hash) -> String {
    STANDARD.encode(hash)
}

impl Step {
    /// The facts that are sealed: the step, the leaf of the step before it, and the leaves
    /// of the documents filed with it.
    pub(super) fn facts(&self, previous: Option<&Hash>, documents: &[(String, Hash)]) -> Facts {
        let documents: Vec<Value> =
            documents.iter().map(|(id, content)| json!({"id": id, "content": base64(content)})).collect();
        let body = json!({
            "number": self.number, "name": self.name, "by": self.by, "at": self.at, "why": self.why,
            "from": self.from, "to": self.to, "previous": previous.map(base64), "documents": documents,
            "more": self.more,
        });
        Facts {
            id: step_id(&self.case, self.number),
            kind: STEP.to_owned(),
            subject: self.case.clone(),
            policy: self.procedure.clone(),
            body,
        }
    }

    /// The facts of the state beside this step.
    pub(super) fn state(&self, head: &Hash) -> Facts {
        Facts {
            id: state_id(&self.case, self.number),
            kind: STATE.to_owned(),
            subject: self.case.clone(),
            policy: self.procedure.clone(),
            body: json!({"steps": self.number, "head": base64(head), "state": self.to, "at": self.at}),
        }
    }
}

impl Document {
    pub(super) fn facts(&self, case: &str) -> Facts {
        let content = match &self.content {
            Content::Plain(value) => json!({"plain": value}),
            Content::File { name, media, size, sm3 } => {
                json!({"file": {"name": name, "media": media, "size": size, "sm3": base64(sm3)}})
            }
        };
        let mut body = Map::new();
        for (key, text) in [("name", &self.name), ("kind", &self.kind), ("title", &self.title)] {
            body.insert(key.to_owned(), text.clone().into());
        }
        body.insert("content".to_owned(), content);
        Facts {
            id: document_id(case, &self.name),
            kind: DOCUMENT.to_owned(),
            subject: case.to_owned(),
            policy: self.version.clone(),
            body: Value::Object(body),
        }
    }
}
