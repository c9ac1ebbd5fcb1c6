//! 见证签名: a witness's signature over a checkpoint, in the shape of C2SP tlog-cosignature
//! with SM2 for Ed25519. What is signed is not the bare checkpoint but
//!
//! ```text
//! heng-cosignature/1
//! time 1795000000
//! heng.example/999900
//! …
//! ```
//!
//! that is: "at this time, this tree continued every tree of this log that I have seen".
//! The signature line carries 8 bytes of time (seconds since 1970) before the 64 of SM2.

use crate::checkpoint::{Checkpoint, SignatureLine};
use crate::keys::{KeyError, Role, Signer, Verifier};
use jiff::Timestamp;

const HEADER: &str = "heng-cosignature/1";

/// Co-signs a checkpoint at a time. The caller has made sure that it may, and has written
/// down durably that it did ([`crate::witness::Witness`]).
///
/// # Errors
/// [`KeyError`] when the key is no witness's or does not sign.
pub fn cosign(signer: &dyn Signer, checkpoint: &Checkpoint, at: Timestamp) -> Result<SignatureLine, KeyError> {
    let key = signer.public();
    if key.role() != Role::Witness {
        let detail = "it is a log's key, not a witness's".to_owned();
        return Err(KeyError::Refused { name: key.name().to_owned(), detail });
    }
    let seconds = u64::try_from(at.as_second()).unwrap_or(0);
    let rest = signer.sign(&message(seconds, checkpoint.text().as_bytes()))?;
    let signature = [&seconds.to_be_bytes()[..], &rest].concat();
    Ok(SignatureLine { name: key.name().to_owned(), id: key.id(), signature })
}

/// When a witness co-signed, by its own clock.
#[must_use]
pub fn time_of(line: &SignatureLine) -> Option<Timestamp> {
    let (seconds, _) = line.signature.split_first_chunk::<8>()?;
    Timestamp::from_second(i64::try_from(u64::from_be_bytes(*seconds)).ok()?).ok()
}

/// What a co-signature signs, and its part that is SM2's.
pub(crate) fn cosigned<'a>(text: &[u8], signature: &'a [u8]) -> Option<(Vec<u8>, &'a [u8])> {
    let (seconds, rest) = signature.split_first_chunk::<8>()?;
    Some((message(u64::from_be_bytes(*seconds), text), rest))
}

fn message(seconds: u64, text: &[u8]) -> Vec<u8> {
    [format!("{HEADER}\ntime {seconds}\n").as_bytes(), text].concat()
}
