//! 检查点: the signed head of the tree, a note in the shape of C2SP tlog-checkpoint:
//!
//! ```text
//! heng.example/999900
//! 70000
//! dPV2F5u0Y1dGh5bZ6zvK3vO1Z0kqvJ8eF5q0l0y5n2E=
//! time 2026-11-21T03:50:00.123Z
//!
//! — heng.example/999900 <base64 of key id ‖ signature>
//! ```
//!
//! Signatures cover the text up to the blank line. There may be several: the log's own
//! and those of witnesses ([`crate::cosign`]). Lines of unknown keys are passed over.

use crate::keys::{KeyError, KeyId, Role, Signer, Verifier};
use crate::merkle::Hash;
use base64::{Engine, engine::general_purpose::STANDARD};
use jiff::Timestamp;
use std::fmt;

/// 检查点: what is signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// The log's name, which is also its key's name.
    pub origin: String,
    /// Leaves in the tree.
    pub size: u64,
    /// The root over them.
    pub root: Hash,
    /// When it was signed, to the millisecond, by the signer's clock.
    pub time: Timestamp,
}

/// A signature line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignatureLine {
    /// The key's name.
    pub name: String,
    /// The key's id.
    pub id: KeyId,
    /// The signature.
    pub signature: Vec<u8>,
}

/// A checkpoint with its signatures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// What is signed.
    pub checkpoint: Checkpoint,
    /// Who signed it.
    pub signatures: Vec<SignatureLine>,
}

/// The text is not a checkpoint.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the checkpoint's {line} is not {wanted}")]
pub struct NotACheckpoint {
    /// Which line.
    pub line: String,
    /// What it should be.
    pub wanted: &'static str,
}

/// What a note's signatures say about one key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signed {
    /// The key signed this text.
    Yes,
    /// A line claims so, but the signature is not over this text.
    Wrong,
    /// No line is by this key.
    Absent,
}

impl fmt::Display for SignatureLine {
    /// The line as a note carries it, without its end.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = [&self.id.0[..], &self.signature].concat();
        write!(f, "— {} {}", self.name, STANDARD.encode(bytes))
    }
}

impl SignatureLine {
    /// Reads a line `— name base64`.
    #[must_use]
    pub fn parse(line: &str) -> Option<SignatureLine> {
        let (name, bytes) = line.strip_prefix("— ")?.split_once(' ')?;
        let bytes = decode(bytes)?;
        let (id, signature) = bytes.split_first_chunk()?;
        Some(SignatureLine { name: name.to_owned(), id: KeyId(*id), signature: signature.to_vec() })
    }
}

impl Checkpoint {
    /// The text that is signed.
    #[must_use]
    pub fn text(&self) -> String {
        let time = format!("{:.3}", Timestamp::from_millisecond(self.time.as_millisecond()).unwrap_or(self.time));
        format!("{}\n{}\n{}\ntime {time}\n", self.origin, self.size, STANDARD.encode(self.root))
    }

    /// Signs it.
    ///
    /// # Errors
    /// [`KeyError`] when the key does not sign, or is not named as the log.
    pub fn sign(self, signer: &dyn Signer) -> Result<Note, KeyError> {
        let key = signer.public();
        if key.name() != self.origin || key.role() != Role::Log {
            let detail = format!("it may not sign for the log {}: the log's key carries the log's name", self.origin);
            return Err(KeyError::Refused { name: key.name().to_owned(), detail });
        }
        let signature = signer.sign(self.text().as_bytes())?;
        let line = SignatureLine { name: key.name().to_owned(), id: key.id(), signature };
        Ok(Note { checkpoint: self, signatures: vec![line] })
    }
}

impl Note {
    /// The whole note as text.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = self.checkpoint.text();
        text.push('\n');
        for line in &self.signatures {
            text.push_str(&format!("{line}\n"));
        }
        text
    }

    /// Reads a note. Its text must be exactly as [`Note::text`] writes it.
    ///
    /// # Errors
    /// [`NotACheckpoint`] names the line.
    pub fn parse(text: &str) -> Result<Note, NotACheckpoint> {
        let bad = |line: &str, wanted| NotACheckpoint { line: line.to_owned(), wanted };
        let (body, signatures) =
            text.split_once("\n\n").ok_or_else(|| bad("text", "a body, an empty line and signatures"))?;
        let lines: Vec<&str> = body.split('\n').collect();
        let [origin, size, root, time] = lines[..] else {
            return Err(bad("text", "four lines: origin, size, root, time"));
        };
        let checkpoint = Checkpoint {
            origin: origin.to_owned(),
            size: size.parse().map_err(|_| bad("size", "a whole number"))?,
            root: decode(root).and_then(|b| b.try_into().ok()).ok_or_else(|| bad("root", "32 bytes in base64"))?,
            time: time
                .strip_prefix("time ")
                .and_then(|time| time.parse().ok())
                .ok_or_else(|| bad("time", "`time ` and a UTC time"))?,
        };
        let signatures = signatures
            .lines()
            .map(|line| SignatureLine::parse(line).ok_or_else(|| bad("signature", "`— name base64`")))
            .collect::<Result<Vec<_>, _>>()?;
        let note = Note { checkpoint, signatures };
        if note.text() == text { Ok(note) } else { Err(bad("text", "written in the one way it may be written")) }
    }

    /// Whether `key` signed this note.
    #[must_use]
    pub fn signed_by(&self, key: &dyn Verifier) -> Signed {
        let text = self.checkpoint.text();
        let mut claimed = false;
        for line in self.signatures.iter().filter(|line| line.name == key.name() && line.id == key.id()) {
            if key.verify(text.as_bytes(), &line.signature) {
                return Signed::Yes;
            }
            claimed = true;
        }
        if claimed { Signed::Wrong } else { Signed::Absent }
    }
}

fn decode(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).ok()
}
