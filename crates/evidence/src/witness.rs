//! 见证方: remembers the largest tree of one log that it has seen, and co-signs only what
//! continues it. It talks to nobody: the caller fetches notes and proofs and carries the
//! co-signatures away.
//!
//! What it has seen is on the disk before a co-signature leaves, so that a witness that is
//! killed and started again has forgotten nothing. A log that signs two histories is refused
//! for ever, and both signed notes are kept as the proof ([`Misbehaviour`]).

use crate::checkpoint::{Note, SignatureLine, Signed};
use crate::cosign::cosign;
use crate::high_water::replace_file;
use crate::keys::{KeyError, Role, Signer, TrustedKey, Verifier};
use crate::merkle::{Hash, verify_consistency};
use base64::{Engine, engine::general_purpose::STANDARD};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sm3::Sm3;
use std::fs::File;
use std::path::{Path, PathBuf};

const MEMORY: &str = "heng-witness/1";
const MISBEHAVIOUR: &str = "heng-misbehaviour/1";

/// 延续证明: what a log says to prove that a tree continues an older one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Continuation {
    /// The root over the older tree's leaves, by the log's own word: if the way from it leads
    /// to the signed root and it is another than was signed before, the log convicts itself.
    pub old_root: Hash,
    /// The consistency proof.
    pub path: Vec<Hash>,
}

impl Continuation {
    /// As text: a line for the root, one for each hash of the path.
    #[must_use]
    pub fn text(&self) -> String {
        let hashes = std::iter::once(&self.old_root).chain(&self.path);
        hashes.map(|hash| STANDARD.encode(hash) + "\n").collect()
    }

    /// Reads the text; `None` when it is none.
    #[must_use]
    pub fn parse(text: &str) -> Option<Continuation> {
        let hashes: Option<Vec<Hash>> = text.lines().map(hash).collect();
        let mut hashes = hashes?;
        (!hashes.is_empty()).then(|| Continuation { old_root: hashes.remove(0), path: hashes })
    }
}

fn hash(text: &str) -> Option<Hash> {
    STANDARD.decode(text).ok()?.try_into().ok()
}

/// 失信证据: two notes that one log signed and that cannot both be true. It convinces anyone
/// who has the log's key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Misbehaviour {
    /// What the witness had co-signed before.
    pub seen: Note,
    /// What the log signed later.
    pub found: Note,
    /// For a larger tree: that its beginning is another than what was seen.
    pub continuation: Option<Continuation>,
}

/// What a log is convicted of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Offence {
    /// 分叉: two trees of one size.
    SameSize,
    /// 分叉: the later tree begins with other leaves than were signed.
    OtherBeginning,
    /// 回退: a smaller tree was signed later.
    WentBack,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct MisbehaviourFile {
    format: String,
    seen: String,
    found: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    continuation: Option<String>,
}

impl Misbehaviour {
    /// What it proves to a reader who holds the log's key; `None` when it proves nothing.
    #[must_use]
    pub fn proves(&self, log: &TrustedKey) -> Option<Offence> {
        let signed = |note: &Note| {
            log.role() == Role::Log && note.checkpoint.origin == log.name() && note.signed_by(log) == Signed::Yes
        };
        let (seen, found) = (&self.seen.checkpoint, &self.found.checkpoint);
        if !signed(&self.seen) || !signed(&self.found) {
            return None;
        }
        if found.size == seen.size {
            return (found.root != seen.root).then_some(Offence::SameSize);
        }
        if found.size < seen.size {
            return (found.time > seen.time).then_some(Offence::WentBack);
        }
        let Continuation { old_root, path } = self.continuation.as_ref()?;
        let leads = verify_consistency::<Sm3>(seen.size, old_root, found.size, &found.root, path);
        (leads && *old_root != seen.root).then_some(Offence::OtherBeginning)
    }

    /// As a file.
    #[must_use]
    pub fn to_json(&self) -> String {
        let file = MisbehaviourFile {
            format: MISBEHAVIOUR.to_owned(),
            seen: self.seen.text(),
            found: self.found.text(),
            continuation: self.continuation.as_ref().map(Continuation::text),
        };
        serde_json::to_string_pretty(&file).expect("a proof is plain JSON") + "\n"
    }

    /// Reads a file; `None` when it is none.
    #[must_use]
    pub fn read(bytes: &[u8]) -> Option<Misbehaviour> {
        let file: MisbehaviourFile =
            serde_json::from_slice(bytes).ok().filter(|file: &MisbehaviourFile| file.format == MISBEHAVIOUR)?;
        let continuation = match file.continuation {
            Some(text) => Some(Continuation::parse(&text)?),
            None => None,
        };
        Some(Misbehaviour { seen: Note::parse(&file.seen).ok()?, found: Note::parse(&file.found).ok()?, continuation })
    }
}

/// Why a witness does not co-sign.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// The log was convicted, now or before.
    #[error(
        "the log {log} signed two histories ({offence:?}): it is refused for ever. The proof is in {proof}; publish it. `heng verify` reads it", proof = proof.display()
    )]
    Misbehaved {
        /// The log.
        log: String,
        /// Of what.
        offence: Offence,
        /// Where the proof is.
        proof: PathBuf,
    },
    /// The note is not the log's.
    #[error(
        "the checkpoint is not signed by the key of the log {log}: somebody else answers in its place, or it has a new key; a witness serves one key"
    )]
    NotTheLog {
        /// The log.
        log: String,
    },
    /// An older note, shown again.
    #[error("the checkpoint is over {size} entries, older than the {seen} that were seen: it is not co-signed again")]
    Stale {
        /// Entries under it.
        size: u64,
        /// Entries under what was seen.
        seen: u64,
    },
    /// Nothing proves that the tree continues what was seen, nor that it does not.
    #[error("nothing proves that the checkpoint of {size} entries continues the {seen} that were seen: it is not co-signed. Both notes are kept in {kept}", kept = kept.display())]
    NotProved {
        /// Entries under it.
        size: u64,
        /// Entries under what was seen.
        seen: u64,
        /// Where both notes are.
        kept: PathBuf,
    },
    /// The witness cannot remember, so it may not sign.
    #[error("{path}: {detail}", path = path.display())]
    Memory {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        detail: String,
    },
    /// The key failed.
    #[error(transparent)]
    Key(#[from] KeyError),
}

/// Holds a folder for one process.
fn lock(folder: &Path) -> Result<File, Refusal> {
    let path = folder.join("lock");
    let failed = |detail: String| Refusal::Memory { path: path.clone(), detail };
    let file = File::create(&path).map_err(|error| failed(error.to_string()))?;
    file.try_lock().map_err(|error| failed(format!("{error}: another witness uses this folder")))?;
    Ok(file)
}

/// 见证方 of one log.
pub struct Witness {
    folder: PathBuf,
    log: TrustedKey,
    seen: Option<Note>,
    /// Two processes with one memory could each be shown another tree.
    _lock: File,
}

impl Witness {
    /// Whether the folder holds a witness's memory.
    #[must_use]
    pub fn has_memory(folder: &Path) -> bool {
        folder.join("memory").exists()
    }

    /// Begins to watch a log of which nothing was seen yet.
    ///
    /// # Errors
    /// [`Refusal::Memory`] when the folder holds a memory already, or cannot be written.
    pub fn begin(folder: &Path, log: TrustedKey) -> Result<Witness, Refusal> {
        if Witness::has_memory(folder) {
            let detail = "there is a memory already; it is never begun anew".to_owned();
            return Err(Refusal::Memory { path: folder.join("memory"), detail });
        }
        let witness = Witness { folder: folder.to_owned(), log, seen: None, _lock: lock(folder)? };
        witness.remember(None)?;
        Ok(witness)
    }

    /// Goes on from what was seen.
    ///
    /// # Errors
    /// [`Refusal::Memory`] when the memory is missing, damaged or of another log;
    /// [`Refusal::Misbehaved`] when the log was convicted before.
    pub fn open(folder: &Path, log: TrustedKey) -> Result<Witness, Refusal> {
        let lock = lock(folder)?;
        let path = folder.join("memory");
        let bad = |detail: String| Refusal::Memory { path: path.clone(), detail };
        let text = std::fs::read_to_string(&path).map_err(|error| {
            bad(format!(
                "{error}; without it a fork could go unnoticed: put it back, or begin with a new key and a new name"
            ))
        })?;
        let rest = text.strip_prefix(MEMORY).and_then(|rest| rest.strip_prefix("\nlog "));
        let (line, note) = rest
            .and_then(|rest| rest.split_once("\n\n"))
            .ok_or_else(|| bad("it is no memory of a witness".to_owned()))?;
        if line != log.to_string() {
            return Err(bad(format!("it is of the log key {line}: give each log a folder of its own")));
        }
        let seen = match note {
            "" => None,
            note => Some(Note::parse(note).map_err(|error| bad(error.to_string()))?),
        };
        let witness = Witness { folder: folder.to_owned(), log, seen, _lock: lock };
        witness.refuse_convicted()?;
        Ok(witness)
    }

    /// The largest tree that was co-signed.
    #[must_use]
    pub fn seen(&self) -> Option<&Note> {
        self.seen.as_ref()
    }

    /// 见证: co-signs a note that the log signed, if it continues what was seen.
    /// `continuation` is the log's proof from the size that was seen to the note's; it is not
    /// looked at when nothing was seen, or the same size.
    ///
    /// # Errors
    /// [`Refusal`] says why not.
    pub fn consider(
        &mut self,
        note: &Note,
        continuation: Option<&Continuation>,
        signer: &dyn Signer,
        now: Timestamp,
    ) -> Result<SignatureLine, Refusal> {
        self.refuse_convicted()?;
        let own = note.signed_by(&self.log) == Signed::Yes && note.checkpoint.origin == self.log.name();
        if !own || self.log.role() != Role::Log {
            return Err(Refusal::NotTheLog { log: self.log.name().to_owned() });
        }
        let mut bare = note.clone();
        bare.signatures.retain(|line| line.name == self.log.name() && line.id == self.log.id());
        if let Some(seen) = self.seen.clone() {
            self.compare(&seen, &bare, continuation)?;
        }
        if self.seen.as_ref().is_none_or(|seen| seen.checkpoint.size < bare.checkpoint.size) {
            self.remember(Some(&bare))?;
            self.seen = Some(bare.clone());
        }
        Ok(cosign(signer, &bare.checkpoint, now)?)
    }

    fn compare(&self, seen: &Note, note: &Note, continuation: Option<&Continuation>) -> Result<(), Refusal> {
        let (old, new) = (&seen.checkpoint, &note.checkpoint);
        if old.size == new.size && old.root == new.root {
            return Ok(());
        }
        let continues =
            |proof: &&Continuation| verify_consistency::<Sm3>(old.size, &old.root, new.size, &new.root, &proof.path);
        if old.size < new.size && continuation.filter(continues).is_some() {
            return Ok(());
        }
        let case = Misbehaviour { seen: seen.clone(), found: note.clone(), continuation: continuation.cloned() };
        let (size, seen) = (new.size, old.size);
        if let Some(offence) = case.proves(&self.log) {
            let proof = self.keep("misbehaviour.json", &case)?;
            return Err(Refusal::Misbehaved { log: self.log.name().to_owned(), offence, proof });
        }
        if size < seen {
            return Err(Refusal::Stale { size, seen });
        }
        let kept = self.keep("not-proved.json", &case)?;
        Err(Refusal::NotProved { size, seen, kept })
    }

    fn refuse_convicted(&self) -> Result<(), Refusal> {
        let proof = self.folder.join("misbehaviour.json");
        let bytes = match std::fs::read(&proof) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(Refusal::Memory { path: proof, detail: error.to_string() }),
        };
        match Misbehaviour::read(&bytes).and_then(|case| case.proves(&self.log)) {
            Some(offence) => Err(Refusal::Misbehaved { log: self.log.name().to_owned(), offence, proof }),
            None => {
                let detail = "it should hold the proof of a fork and does not: find out who changed it".to_owned();
                Err(Refusal::Memory { path: proof, detail })
            }
        }
    }

    fn keep(&self, name: &str, case: &Misbehaviour) -> Result<PathBuf, Refusal> {
        let path = self.folder.join(name);
        self.write(&path, case.to_json().as_bytes())?;
        Ok(path)
    }

    fn remember(&self, seen: Option<&Note>) -> Result<(), Refusal> {
        let text = format!("{MEMORY}\nlog {}\n\n{}", self.log, seen.map(Note::text).unwrap_or_default());
        self.write(&self.folder.join("memory"), text.as_bytes())
    }

    fn write(&self, path: &Path, bytes: &[u8]) -> Result<(), Refusal> {
        replace_file(path, bytes).map_err(|error| Refusal::Memory { path: path.to_owned(), detail: error.to_string() })
    }
}
