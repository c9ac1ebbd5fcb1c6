//! 设备: what a device signs, whether it did, and whether its clock is right. The key is ECDSA over
//! P-256 with SHA-256, which browsers make and keep without ever showing its private half.

use p256::ecdsa::signature::Verifier as _;
use p256::ecdsa::{Signature, VerifyingKey};
use sm3::{Digest, Sm3};
use terms::DateTime;

use crate::{Device, Refusal};

/// The words that a device signs: a first line that nothing else begins with, then one line each.
#[must_use]
pub fn words_of(deed: &str, parts: &[&str]) -> String {
    let mut words = format!("heng credential v1\n{deed}");
    for part in parts {
        words.push('\n');
        words.push_str(part);
    }
    words
}

/// The device's public key, if it is one.
///
/// # Errors
/// [`Refusal::WrongKey`].
pub fn public_key(bytes: &[u8]) -> Result<Vec<u8>, Refusal> {
    let uncompressed = bytes.len() == 65 && bytes[0] == 4;
    let key = VerifyingKey::from_sec1_bytes(bytes).ok().filter(|_| uncompressed);
    key.map(|_| bytes.to_vec()).ok_or(Refusal::WrongKey)
}

/// That `signature` (64 bytes `r ‖ s`) over `words` is by the key.
///
/// # Errors
/// [`Refusal::WrongSignature`].
pub fn signed_by_device(public_key: &[u8], words: &str, signature: &[u8]) -> Result<(), Refusal> {
    let key = VerifyingKey::from_sec1_bytes(public_key).map_err(|_| Refusal::WrongSignature)?;
    let signature = Signature::from_slice(signature).map_err(|_| Refusal::WrongSignature)?;
    key.verify(words.as_bytes(), &signature).map_err(|_| Refusal::WrongSignature)
}

/// That a device's clock is within `seconds` of the centre's.
///
/// # Errors
/// [`Refusal::Stale`].
pub fn fresh(made_at: DateTime, now: DateTime, seconds: i64) -> Result<(), Refusal> {
    if now.duration_since(made_at).as_secs().abs() <= seconds { Ok(()) } else { Err(Refusal::Stale { made_at, now }) }
}

/// The hash under which a short secret is kept, bound to what it opens.
#[must_use]
pub fn digest(purpose: &str, of: &str, secret: &str) -> [u8; 32] {
    let typed: String = secret.chars().filter(char::is_ascii_alphanumeric).collect();
    Sm3::digest(format!("{purpose}\n{of}\n{}", typed.to_ascii_uppercase())).into()
}

impl Device {
    /// That the device may act and signed `words`.
    ///
    /// # Errors
    /// [`Refusal::DeviceUnknown`], [`Refusal::WrongSignature`].
    pub fn require(&self, words: &str, signature: &[u8]) -> Result<(), Refusal> {
        if self.state != crate::State::Active {
            return Err(Refusal::DeviceUnknown);
        }
        signed_by_device(&self.public_key, words, signature)
    }
}
