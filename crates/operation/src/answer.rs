//! 应答: the answer's bytes on their way to the disk, compressed, then encrypted.

use crate::Operation;
use crate::operation::keyed;
use aes_gcm::aead::Aead;
use aes_gcm::{Aes256Gcm, KeyInit};
use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;
use std::fmt;
use std::io::{Read, Write};
use terms::{InstitutionId, MessageId};

const NONCE_BYTES: usize = 12;

/// A key that answers are encrypted with: 32 bytes. Never printed, not even by `{:?}`.
#[derive(Clone)]
pub struct AnswerKey([u8; 32]);

impl AnswerKey {
    /// A key from 64 hexadecimal digits.
    ///
    /// # Errors
    /// [`KeyError`] when the text is anything else; the error does not show the text.
    pub fn from_hex(text: &str) -> Result<AnswerKey, KeyError> {
        let text = text.trim();
        if text.len() != 64 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(KeyError { length: text.len() });
        }
        let mut key = [0; 32];
        for (at, byte) in key.iter_mut().enumerate() {
            *byte = u8::from_str_radix(&text[at * 2..at * 2 + 2], 16).map_err(|_| KeyError { length: 64 })?;
        }
        Ok(AnswerKey(key))
    }

    /// A key from 32 bytes.
    #[must_use]
    pub fn new(bytes: [u8; 32]) -> AnswerKey {
        AnswerKey(bytes)
    }
}

impl fmt::Debug for AnswerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AnswerKey(…)")
    }
}

/// A key that cannot be read.
#[derive(Debug, thiserror::Error)]
#[error(
    "the key for answers must be 64 hexadecimal digits, not {length} characters; make one with `openssl rand -hex 32`"
)]
pub struct KeyError {
    /// How long the text was.
    length: usize,
}

/// The current key, and earlier ones that may still open what they sealed.
#[derive(Debug, Clone)]
pub struct AnswerKeys {
    current: AnswerKey,
    earlier: Vec<AnswerKey>,
}

impl AnswerKeys {
    /// `current` seals; `earlier` only opens, until what it sealed has been forgotten.
    #[must_use]
    pub fn new(current: AnswerKey, earlier: Vec<AnswerKey>) -> AnswerKeys {
        AnswerKeys { current, earlier }
    }

    /// Compresses and encrypts an answer. Each message has its own key, derived from ours
    /// and the message's, so one row's bytes mean nothing in another's place.
    pub(crate) fn seal(&self, operation: &Operation, answer: &[u8]) -> Vec<u8> {
        let mut compressed = DeflateEncoder::new(Vec::with_capacity(answer.len() / 2), Compression::fast());
        compressed.write_all(answer).expect("writing to memory succeeds");
        let compressed = compressed.finish().expect("writing to memory succeeds");
        let drawn = operation.draw("operation: nonce of the answer");
        let mut nonce = [0; NONCE_BYTES];
        nonce.copy_from_slice(&drawn[..NONCE_BYTES]);
        let sealed = cipher(&self.current, &operation.institution, &operation.msgid)
            .encrypt(&nonce.into(), compressed.as_slice())
            .expect("an answer is far shorter than the cipher's limit of 64 GB");
        [nonce.as_slice(), sealed.as_slice()].concat()
    }

    /// The answer's bytes again; `None` when no key opens them.
    pub(crate) fn open(&self, institution: &InstitutionId, msgid: &MessageId, sealed: &[u8]) -> Option<Vec<u8>> {
        let (nonce, sealed) = sealed.split_at_checked(NONCE_BYTES)?;
        let nonce: [u8; NONCE_BYTES] = nonce.try_into().ok()?;
        let compressed = std::iter::once(&self.current)
            .chain(&self.earlier)
            .find_map(|key| cipher(key, institution, msgid).decrypt(&nonce.into(), sealed).ok())?;
        let mut answer = Vec::new();
        DeflateDecoder::new(compressed.as_slice()).read_to_end(&mut answer).ok()?;
        Some(answer)
    }
}

fn cipher(key: &AnswerKey, institution: &InstitutionId, msgid: &MessageId) -> Aes256Gcm {
    let own = keyed(&key.0, &[b"answer", institution.as_str().as_bytes(), msgid.as_str().as_bytes()]);
    Aes256Gcm::new(&own.into())
}
