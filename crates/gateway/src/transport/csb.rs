//! CSB (阿里云): Base64 of HMAC-SHA1 over the four `_api_` headers in key order, the time in
//! milliseconds.

use super::{Caller, KeyRing, UsedNonces, needed, same, time_header, unknown_key, within, wrong_signature};
use crate::{Post, Refused};
use base64::Engine as _;
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;

const SIGNED: [&str; 4] = ["_api_access_key", "_api_name", "_api_timestamp", "_api_version"];

pub fn verify(post: &Post<'_>, keys: &dyn KeyRing, used: &UsedNonces, window: i64) -> Result<Caller, Refused> {
    let access_key = needed(post, "_api_access_key")?;
    let time = time_header(post, "_api_timestamp")? / 1000;
    let key = keys.csb(access_key).ok_or_else(|| unknown_key("_api_access_key"))?;
    let now = post.received.timestamp().as_second();
    within(window, now.saturating_sub(time), "_api_timestamp")?;
    let mut pairs = Vec::new();
    for name in SIGNED {
        pairs.push((name, needed(post, name)?));
    }
    let signature = needed(post, "_api_signature")?;
    if !same(sign(&pairs, &key.secret).as_bytes(), signature.as_bytes()) {
        return Err(wrong_signature("_api_signature"));
    }
    // There is no nonce: two messages of one millisecond and body share a signature, so the
    // message's own number is part of what may be used once.
    let body: [u8; 32] =
        sha2::Digest::finalize(sha2::Digest::chain_update(<sha2::Sha256 as sha2::Digest>::new(), post.body)).into();
    used.use_up(&format!("{signature}\n{}", super::hex(&body)), now, now.max(time) + window)?;
    Ok(Caller { channel: "csb", speaks_for: key.speaks_for })
}

/// The signature of headers that are sorted by name.
pub fn sign(pairs: &[(&str, &str)], secret: &str) -> String {
    let text: Vec<String> = pairs.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let mut mac = Hmac::<Sha1>::new_from_slice(secret.as_bytes()).expect("HMAC takes a key of any length");
    mac.update(text.join("&").as_bytes());
    base64::engine::general_purpose::STANDARD.encode(mac.finalize().into_bytes())
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_signature_is_base64_of_hmac_sha1_over_sorted_headers() {
        let pairs = [
            ("_api_access_key", "AK"),
            ("_api_name", "2207"),
            ("_api_timestamp", "1700000000000"),
            ("_api_version", "1.0.0"),
        ];
        assert_eq!(super::sign(&pairs, "SK"), "qMJzw+cidxZsQyTMuUw6yHjozxE=");
    }
}
