//! 动态口令: time-based one-time passwords (RFC 6238, SHA-1, six digits, 30 seconds), which every
//! authenticator reads.

use std::fmt::Write as _;

use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;

/// Seconds that a code is shown for.
const STEP_SECONDS: i64 = 30;
/// Bytes of a secret, as RFC 4226 recommends.
pub const TOTP_SECRET: usize = 20;

fn code_at(secret: &[u8], step: i64) -> u32 {
    let mut mac = Hmac::<Sha1>::new_from_slice(secret).expect("HMAC takes a key of any length");
    mac.update(&step.to_be_bytes());
    let digest = mac.finalize().into_bytes();
    let at = usize::from(digest[19] & 0x0f);
    let four = [digest[at] & 0x7f, digest[at + 1], digest[at + 2], digest[at + 3]];
    u32::from_be_bytes(four) % 1_000_000
}

/// The step of a code: that of now, the one before or the one after, so that clocks may differ
/// by half a minute. `None` when the code is of none of them.
#[must_use]
pub fn totp_step(secret: &[u8], code: &str, unix_seconds: i64) -> Option<i64> {
    let six = code.len() == 6 && code.bytes().all(|byte| byte.is_ascii_digit());
    let code: u32 = code.parse().ok().filter(|_| six)?;
    let now = unix_seconds.div_euclid(STEP_SECONDS);
    [now, now - 1, now + 1].into_iter().find(|step| code_at(secret, *step) == code)
}

/// The code that an authenticator shows at a time.
#[must_use]
pub fn totp_code(secret: &[u8], unix_seconds: i64) -> String {
    format!("{:06}", code_at(secret, unix_seconds.div_euclid(STEP_SECONDS)))
}

/// What an authenticator reads from a QR code: an `otpauth` address.
#[must_use]
pub fn totp_link(issuer: &str, account: &str, secret: &[u8]) -> String {
    let (issuer, account, secret) = (percent(issuer), percent(account), base32(secret));
    format!("otpauth://totp/{issuer}:{account}?secret={secret}&issuer={issuer}&algorithm=SHA1&digits=6&period=30")
}

/// Base 32 of RFC 4648 without padding, for typing a secret by hand.
#[must_use]
pub fn base32(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let bits =
        |chunk: &[u8]| chunk.iter().fold(0_u64, |sum, byte| (sum << 8) | u64::from(*byte)) << (8 * (5 - chunk.len()));
    let mut text = String::new();
    for chunk in bytes.chunks(5) {
        for nth in 0..(chunk.len() * 8).div_ceil(5) {
            text.push(char::from(LETTERS[(bits(chunk) >> (35 - 5 * nth)) as usize & 31]));
        }
    }
    text
}

fn percent(text: &str) -> String {
    text.bytes().fold(String::new(), |mut told, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            told.push(char::from(byte));
        } else {
            let _ = write!(told, "%{byte:02X}");
        }
        told
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &[u8] = b"12345678901234567890";

    /// RFC 6238, appendix B: the last six of its eight digits.
    #[test]
    fn codes_are_those_of_the_standard() {
        for (seconds, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(totp_code(SECRET, seconds), code);
            assert_eq!(totp_step(SECRET, code, seconds), Some(seconds / 30), "{code} at {seconds}");
        }
    }

    #[test]
    fn a_code_fits_half_a_minute_around_its_time_and_no_more() {
        assert_eq!(totp_step(SECRET, "287082", 59 + 30), Some(1));
        assert_eq!(totp_step(SECRET, "287082", 59 - 30), Some(1));
        assert_eq!(totp_step(SECRET, "287082", 59 + 60), None);
        for wrong in ["", "28708", "0287082", "+28708", "28708２"] {
            assert_eq!(totp_step(SECRET, wrong, 59), None, "{wrong}");
        }
    }

    /// RFC 4648, section 10, without the padding.
    #[test]
    fn base_32_is_that_of_the_standard() {
        for (plain, told) in [
            ("", ""),
            ("f", "MY"),
            ("fo", "MZXQ"),
            ("foo", "MZXW6"),
            ("foob", "MZXW6YQ"),
            ("fooba", "MZXW6YTB"),
            ("foobar", "MZXW6YTBOI"),
        ] {
            assert_eq!(base32(plain.as_bytes()), told);
        }
        let link = totp_link("衡 Heng", "op 1", SECRET);
        assert!(
            link.starts_with("otpauth://totp/%E8%A1%A1%20Heng:op%201?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&"),
            "{link}"
        );
    }
}
