//! 核验策略: whom a reader believes. It belongs to the reader, never to what is verified.
//!
//! As a file (the shape is sigsum's):
//!
//! ```text
//! # whom this court believes
//! log     heng/999900+1a2b3c4d+…
//! witness audit-office.example+5e6f7a8b+…
//! witness university.example+9c0d1e2f+…
//! quorum  2
//! ```

use crate::checkpoint::{Note, Signed};
use crate::keys::{KeyError, KeyId, Role, TrustedKey, Verifier};
use crate::receipt::Why;

/// 核验策略: the keys of logs and witnesses that are believed, how many witnesses must have
/// co-signed, and checkpoints that the reader has seen before.
#[derive(Debug, Clone, Default)]
pub struct Policy {
    /// Keys that are believed, each in its role.
    pub keys: Vec<TrustedKey>,
    /// How many different witnesses must have co-signed the checkpoint.
    pub quorum: usize,
    /// Checkpoints that the reader got elsewhere: what is verified may not be older, nor
    /// contradict them.
    pub seen: Vec<Note>,
}

/// The policy's text cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum PolicyError {
    /// A line says nothing that is known.
    #[error("policy line {line} is {text:?}: write `log KEY`, `witness KEY`, `quorum N` or a comment with #")]
    Line {
        /// The line, from 1.
        line: usize,
        /// The line.
        text: String,
    },
    /// A line's key is none, or of the other role.
    #[error("policy line {line}: {detail}")]
    Key {
        /// The line, from 1.
        line: usize,
        /// What is wrong.
        detail: String,
    },
    /// More witnesses are wanted than are known.
    #[error("the policy wants {quorum} witnesses and names {named}: name more, or want fewer")]
    Quorum {
        /// How many are wanted.
        quorum: usize,
        /// How many are named.
        named: usize,
    },
}

impl Policy {
    /// Believes these keys and wants no witness.
    #[must_use]
    pub fn of(keys: &[TrustedKey]) -> Policy {
        Policy { keys: keys.to_vec(), ..Policy::default() }
    }

    /// Reads a policy file.
    ///
    /// # Errors
    /// [`PolicyError`] names the line.
    pub fn parse(text: &str) -> Result<Policy, PolicyError> {
        let mut policy = Policy::default();
        let lines = text.lines().enumerate().map(|(n, line)| (n + 1, line.trim()));
        for (line, text) in lines.filter(|(_, text)| !text.is_empty() && !text.starts_with('#')) {
            let unknown = || PolicyError::Line { line, text: text.to_owned() };
            let (word, value) = text.split_once(char::is_whitespace).ok_or_else(unknown)?;
            let value = value.trim();
            match word {
                "log" => policy.keys.push(key(line, value, Role::Log)?),
                "witness" => policy.keys.push(key(line, value, Role::Witness)?),
                "quorum" => policy.quorum = value.parse().map_err(|_| unknown())?,
                _ => return Err(unknown()),
            }
        }
        let named = policy.witnesses().count();
        if policy.quorum > named {
            return Err(PolicyError::Quorum { quorum: policy.quorum, named });
        }
        Ok(policy)
    }

    /// Keeps a checkpoint that the reader got elsewhere. It must be signed by a believed key
    /// of its log: anybody could write a larger number.
    ///
    /// # Errors
    /// [`Why`] when it is not.
    pub fn keep_seen(&mut self, note: Note) -> Result<(), Why> {
        Policy::of(&self.keys).signers(&note)?;
        self.seen.push(note);
        Ok(())
    }

    /// The witnesses that are believed, each key once; a log is no witness of itself.
    pub fn witnesses(&self) -> impl Iterator<Item = &TrustedKey> {
        let others =
            |at: usize| self.keys.iter().enumerate().filter(move |(n, key)| *n < at || key.role() == Role::Log);
        let is_one = move |at: usize, key: &TrustedKey| {
            key.role() == Role::Witness && !others(at).any(|(_, other)| other.same_point(key))
        };
        self.keys.iter().enumerate().filter(move |(at, key)| is_one(*at, key)).map(|(_, key)| key)
    }

    /// The believed keys that signed the note, the log's own first: a key of the log must
    /// be among them, enough witnesses, and none may be named falsely.
    pub(crate) fn signers(&self, note: &Note) -> Result<Vec<(String, KeyId)>, Why> {
        let mut signers = Vec::new();
        for key in &self.keys {
            match note.signed_by(key) {
                Signed::Yes => signers.push(key),
                Signed::Wrong => return Err(Why::WrongSignature { name: key.name().to_owned(), id: key.id() }),
                Signed::Absent => {}
            }
        }
        let origin = &note.checkpoint.origin;
        let by_log = |key: &TrustedKey| key.name() == origin && key.role() == Role::Log;
        if !signers.iter().any(|key| by_log(key)) {
            let named: Vec<String> = note.signatures.iter().map(|line| format!("{} {}", line.name, line.id)).collect();
            return Err(Why::UnknownKey { origin: origin.clone(), named: named.join(", ") });
        }
        let witnesses = self.witnesses().filter(|key| note.signed_by(*key) == Signed::Yes).count();
        if witnesses < self.quorum {
            return Err(Why::FewWitnesses { wanted: self.quorum, found: witnesses });
        }
        self.against_seen(note)?;
        signers.sort_by_key(|key| !by_log(key));
        Ok(signers.into_iter().map(|key| (key.name().to_owned(), key.id())).collect())
    }

    /// What the reader has seen of the same log must not be newer, nor another tree.
    fn against_seen(&self, note: &Note) -> Result<(), Why> {
        let now = &note.checkpoint;
        for seen in self.seen.iter().map(|note| &note.checkpoint).filter(|seen| seen.origin == now.origin) {
            if seen.size > now.size {
                return Err(Why::Older { size: now.size, seen: seen.size });
            }
            if seen.size == now.size && seen.root != now.root {
                return Err(Why::Fork { size: now.size });
            }
        }
        Ok(())
    }
}

fn key(line: usize, text: &str, role: Role) -> Result<TrustedKey, PolicyError> {
    let key =
        TrustedKey::parse(text).map_err(|error: KeyError| PolicyError::Key { line, detail: error.to_string() })?;
    if key.role() == role {
        return Ok(key);
    }
    let (is, word) = if role == Role::Log { ("a witness's", "witness") } else { ("a log's", "log") };
    Err(PolicyError::Key { line, detail: format!("{} is {is} key: write `{word}` before it", key.name()) })
}
