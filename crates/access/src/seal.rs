//! 密封: what is secret, on its way to the disk or through a browser: AES-256-GCM under a key of
//! the data folder.

use std::fmt;

use aes_gcm::aead::{Aead, Payload};
use aes_gcm::{Aes256Gcm, KeyInit};

const NONCE: usize = 12;

/// The key that seals secrets of accounts: 32 bytes. Never printed, not even by `{:?}`.
#[derive(Clone)]
pub struct SealKey([u8; 32]);

impl SealKey {
    /// A key from 32 bytes.
    #[must_use]
    pub fn new(bytes: [u8; 32]) -> SealKey {
        SealKey(bytes)
    }

    /// A key from 64 hexadecimal digits.
    #[must_use]
    pub fn from_hex(text: &str) -> Option<SealKey> {
        let bytes = unhex(text.trim())?;
        Some(SealKey(bytes.try_into().ok()?))
    }

    /// Seals a secret for one use: `about` says which (an account's name, say), and it opens for
    /// no other. The nonce must be drawn anew each time.
    ///
    /// # Panics
    /// Never for secrets below 64 GB.
    #[must_use]
    pub fn seal(&self, about: &str, secret: &[u8], nonce: [u8; NONCE]) -> String {
        let payload = Payload { msg: secret, aad: about.as_bytes() };
        let sealed = Aes256Gcm::new(&self.0.into()).encrypt(&nonce.into(), payload).expect("a secret is short");
        [nonce.as_slice(), sealed.as_slice()].concat().iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// The secret again; `None` when it was sealed with another key, for another use, or changed.
    #[must_use]
    pub fn open(&self, about: &str, sealed: &str) -> Option<Vec<u8>> {
        let bytes = unhex(sealed)?;
        let (nonce, sealed) = bytes.split_at_checked(NONCE)?;
        let nonce: [u8; NONCE] = nonce.try_into().ok()?;
        let payload = Payload { msg: sealed, aad: about.as_bytes() };
        Aes256Gcm::new(&self.0.into()).decrypt(&nonce.into(), payload).ok()
    }
}

impl fmt::Debug for SealKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SealKey(…)")
    }
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let hexadecimal = text.len().is_multiple_of(2) && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    hexadecimal.then(|| {
        text.as_bytes()
            .chunks(2)
            .filter_map(|two| u8::from_str_radix(std::str::from_utf8(two).ok()?, 16).ok())
            .collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_opens_with_its_key_for_its_use_and_unchanged_only() {
        let key = SealKey::new([7; 32]);
        let sealed = key.seal("totp op1", b"secret", [9; 12]);
        assert_eq!(key.open("totp op1", &sealed), Some(b"secret".to_vec()));
        assert_eq!(key.open("totp op2", &sealed), None);
        assert_eq!(SealKey::new([8; 32]).open("totp op1", &sealed), None);
        assert_eq!(key.open("totp op1", &sealed.replace(&sealed[30..31], "x")), None);
        assert_eq!(key.open("totp op1", &sealed[..sealed.len() - 2]), None);
        assert_eq!(key.open("totp op1", ""), None);
        assert!(!format!("{key:?}").contains('7'));
    }
}
