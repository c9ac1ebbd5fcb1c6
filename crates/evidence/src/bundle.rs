//! 证据卷宗: one file that holds a whole case, verified without the centre.
//!
//! Each step of a case, and each document filed with it, is a leaf of the log, written in
//! the step's own transaction ([`file_step`]). A step names the step before it and the
//! documents filed with it, by their leaves; a **state** leaf beside it says how many steps
//! there are. So nothing can be changed, left out, put in another order, taken from another
//! case or cut off at the end without being found ([`verify_bundle`]).
//!
//! `docs/design/evidence.md` describes the file; `docs/guides/verifying.md` is for readers.

mod build;
mod file;
mod steps;
mod verify;

pub use build::{Filed, build, file_step};
pub use file::NotABundle;
pub use steps::{Content, Document, Step, document_id, file_hash, state_id, step_id};
pub use verify::{Fault, Report, Said, verify, verify_bundle};

use crate::checkpoint::Note;
use crate::facts::{Facts, Salt};
use crate::merkle::Hash;

/// 卷宗一项: a leaf that is opened: what was sealed, its salt, and the way to the root.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// What was sealed.
    pub facts: Facts,
    /// The salt.
    pub salt: Salt,
    /// The leaf that they make, as the file states it: to be looked up in the log's tiles.
    pub leaf: Hash,
    /// The leaf's number, from 0.
    pub index: u64,
    /// Siblings from the leaf to the root.
    pub path: Vec<Hash>,
}

/// 证据卷宗: a case as its file holds it.
#[derive(Debug, Clone, PartialEq)]
pub struct Bundle {
    /// The case.
    pub case: String,
    /// 步骤, in their order.
    pub steps: Vec<Entry>,
    /// 案件状态: the leaf beside the last step.
    pub state: Entry,
    /// 文书, in the order in which the steps name them.
    pub documents: Vec<Entry>,
    /// 附件: the bytes of documents that are files, each once, in the same order.
    pub files: Vec<Vec<u8>>,
    /// The checkpoint over all of them, with its co-signatures.
    pub checkpoint: Note,
    /// The public key of each signature on the checkpoint, as lines in the same order: to
    /// find whom to ask, never for trust.
    pub keys: Vec<String>,
}

impl Bundle {
    /// 附件: the name and bytes of a document that is a file; `None` when it is none. Worth what the
    /// bundle's verification says.
    #[must_use]
    pub fn attachment<'a>(&'a self, document: &'a Entry) -> Option<(&'a str, &'a [u8])> {
        let file = &document.facts.body["content"]["file"];
        let (name, sm3) = (file["name"].as_str()?, file["sm3"].as_str()?);
        let bytes = self.files.iter().find(|bytes| steps::base64(&file_hash(bytes)) == sm3)?;
        Some((name, bytes))
    }
}
