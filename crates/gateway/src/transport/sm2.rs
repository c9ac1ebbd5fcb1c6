//! SM2 in the envelope (湖北): `cainfo` is the signature over `k=v&…` of every envelope field
//! except `cainfo` and `input`, keys in ASCII order, user id 1234567812345678, as hexadecimal.

use super::{Caller, KeyRing, SpeaksFor, unhex, wrong_signature};
use crate::{Envelope, Refused};
use sm2::dsa::{Signature, VerifyingKey, signature::Verifier as _};

/// The user id of GB/T 35276.
pub const USER_ID: &str = "1234567812345678";

/// The caller that the envelope's signature proves; none when it carries no SM2 signature or
/// the institution has no registered SM2 key (`cainfo` also carries other things in the field).
pub fn verify(envelope: &Envelope, keys: &dyn KeyRing) -> Result<Option<Caller>, Refused> {
    let Some((signature, kind)) = &envelope.signature else { return Ok(None) };
    if !kind.eq_ignore_ascii_case("SM2") {
        return Ok(None);
    }
    let Some(point) = keys.sm2(&envelope.institution) else { return Ok(None) };
    let wrong = || wrong_signature("cainfo 数字签名信息");
    let bytes = unhex(signature).ok_or_else(wrong)?;
    let signature = Signature::from_slice(&bytes).map_err(|_| wrong())?;
    let key = VerifyingKey::from_sec1_bytes(USER_ID, &point).map_err(|_| wrong())?;
    key.verify(signed_text(envelope).as_bytes(), &signature).map_err(|_| wrong())?;
    Ok(Some(Caller { channel: "sm2", speaks_for: SpeaksFor::Institution(envelope.institution.clone()) }))
}

/// What is signed.
pub fn signed_text(envelope: &Envelope) -> String {
    let pairs: Vec<String> = envelope.signed.iter().map(|(name, value)| format!("{name}={value}")).collect();
    pairs.join("&")
}
