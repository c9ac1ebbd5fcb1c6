//! x-tif (腾讯 TIF / rio): lower-hex SHA-256 of timestamp + secret + nonce + timestamp, the
//! time in seconds. The body is not signed, so the channel must be private (TLS).

use super::{Caller, KeyRing, UsedNonces, hex, needed, same, time_header, unknown_key, within, wrong_signature};
use crate::{Post, Refused};
use sha2::{Digest, Sha256};

pub fn verify(post: &Post<'_>, keys: &dyn KeyRing, used: &UsedNonces, window: i64) -> Result<Caller, Refused> {
    let paasid = needed(post, "x-tif-paasid")?;
    let time = time_header(post, "x-tif-timestamp")?;
    let nonce = needed(post, "x-tif-nonce")?;
    let key = keys.tif(paasid).ok_or_else(|| unknown_key("x-tif-paasid"))?;
    let now = post.received.timestamp().as_second();
    within(window, now.saturating_sub(time), "x-tif-timestamp")?;
    let expected = sign(needed(post, "x-tif-timestamp")?, &key.secret, nonce);
    if !same(expected.as_bytes(), needed(post, "x-tif-signature")?.as_bytes()) {
        return Err(wrong_signature("x-tif-signature"));
    }
    used.use_up(&format!("{paasid}\n{nonce}"), now, now.max(time) + window)?;
    Ok(Caller { channel: "x-tif", speaks_for: key.speaks_for })
}

/// The signature of a time, secret and nonce.
pub fn sign(timestamp: &str, secret: &str, nonce: &str) -> String {
    let mut hash = Sha256::new();
    for part in [timestamp, secret, nonce, timestamp] {
        hash.update(part.as_bytes());
    }
    hex(&hash.finalize())
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_signature_is_sha256_of_time_secret_nonce_time() {
        // printf 1700000000secretnonce1700000000 | sha256sum
        let expected = "79b5fa2ac51a4476d25251a32c9766e6f5bb966021ef6df3778a72fb07039ee4";
        assert_eq!(super::sign("1700000000", "secret", "nonce"), expected);
    }
}
