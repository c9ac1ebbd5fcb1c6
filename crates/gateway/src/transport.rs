//! 传输: who is speaking. Three ways to sign a message (x-tif, CSB, SM2 in `cainfo`), and
//! plain, which is served to this machine only.

mod csb;
mod keys;
mod sm2;
mod tif;

pub use keys::{KeyError, Keys};

use crate::{Envelope, Form, Post, Refused};
use sha2::{Digest, Sha256};
use std::collections::{HashSet, VecDeque};
use std::fmt;
use std::sync::Mutex;
use terms::InstitutionId;

/// 身份: whom a key may speak for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SpeaksFor {
    /// One institution; the body must name it.
    Institution(InstitutionId),
    /// Any institution: a client such as the conformance suite, configured explicitly.
    Any,
}

/// 密钥: a shared secret and whom it speaks for. Never printed.
#[derive(Clone)]
pub struct Credential {
    /// The shared secret.
    pub secret: String,
    /// Whom it may speak for.
    pub speaks_for: SpeaksFor,
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Credential {{ speaks_for: {:?}, .. }}", self.speaks_for)
    }
}

/// 密钥库: where registered keys are found.
pub trait KeyRing: Send + Sync {
    /// The key of an x-tif `paasid`.
    fn tif(&self, paasid: &str) -> Option<Credential>;

    /// The key of a CSB access key.
    fn csb(&self, access_key: &str) -> Option<Credential>;

    /// An institution's SM2 public key as an uncompressed point (`04…`, 65 bytes).
    fn sm2(&self, institution: &InstitutionId) -> Option<Vec<u8>>;
}

/// 来者: who a message was proven to come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The channel: `plain`, `x-tif`, `csb` or `sm2`.
    pub channel: &'static str,
    /// Whom it may speak for.
    pub speaks_for: SpeaksFor,
}

impl Caller {
    /// Whether this caller may speak for the institution of the body.
    #[must_use]
    pub fn may_speak_for(&self, institution: &InstitutionId) -> bool {
        match &self.speaks_for {
            SpeaksFor::Any => true,
            SpeaksFor::Institution(own) => own == institution,
        }
    }
}

/// Seconds that a signature's time may differ from the centre's clock.
#[derive(Debug, Clone, Copy)]
pub struct Windows {
    /// x-tif, in seconds.
    pub tif_seconds: i64,
    /// CSB, in seconds (the gateway it copies allows half an hour).
    pub csb_seconds: i64,
}

impl Default for Windows {
    fn default() -> Windows {
        Windows { tif_seconds: 300, csb_seconds: 1800 }
    }
}

/// What the channel proved before the body was read.
pub(crate) enum Opened {
    /// A signed channel.
    Known(Caller),
    /// No signed channel: the envelope's own signature, or loopback, must do.
    Open,
}

/// Verifies the signature in the headers, if there is one.
pub(crate) fn open(
    post: &Post<'_>,
    keys: &dyn KeyRing,
    used: &UsedNonces,
    windows: Windows,
) -> Result<Opened, Refused> {
    let known = if post.header("x-tif-signature").is_some() {
        tif::verify(post, keys, used, windows.tif_seconds)?
    } else if post.header("_api_signature").is_some() {
        csb::verify(post, keys, used, windows.csb_seconds)?
    } else {
        return Ok(Opened::Open);
    };
    Ok(Opened::Known(known))
}

/// Who speaks, once the envelope is known: the channel, the envelope's SM2 signature, or a
/// plain peer on this machine.
pub(crate) fn close(
    opened: Opened,
    post: &Post<'_>,
    envelope: &Envelope,
    keys: &dyn KeyRing,
) -> Result<Caller, Refused> {
    let signed = sm2::verify(envelope, keys)?;
    match (opened, signed) {
        (Opened::Known(caller), _) => Ok(caller),
        (Opened::Open, Some(caller)) => Ok(caller),
        (Opened::Open, None) if post.peer.is_loopback() => Ok(Caller { channel: "plain", speaks_for: SpeaksFor::Any }),
        (Opened::Open, None) => {
            Err(Refused::form(Form::Unsigned, "", "没有签名的报文只接受本机发送；请用 x-tif、CSB 或 cainfo（SM2）签名"))
        }
    }
}

/// Signatures already used, remembered as long as their time is inside the window, bounded.
pub struct UsedNonces {
    most: usize,
    seen: Mutex<Seen>,
}

#[derive(Default)]
struct Seen {
    known: HashSet<Fingerprint>,
    by_time: VecDeque<(i64, Fingerprint)>,
}

/// Half of a nonce's SHA-256: enough to tell nonces apart, and a long one costs no more than a short one.
type Fingerprint = [u8; 16];

fn fingerprint(nonce: &str) -> Fingerprint {
    let digest = Sha256::digest(nonce);
    std::array::from_fn(|at| digest[at])
}

impl UsedNonces {
    /// Remembers at most so many.
    #[must_use]
    pub fn at_most(most: usize) -> UsedNonces {
        UsedNonces { most, seen: Mutex::default() }
    }

    /// Marks a nonce used until `expires`; an error when it already was, or when the memory is
    /// full of unexpired ones (forgetting one would let it be replayed).
    pub(crate) fn use_up(&self, nonce: &str, now: i64, expires: i64) -> Result<(), Refused> {
        let nonce = fingerprint(nonce);
        let mut seen = self.seen.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        while seen.by_time.front().is_some_and(|(expires, _)| *expires < now) {
            if let Some((_, old)) = seen.by_time.pop_front() {
                seen.known.remove(&old);
            }
        }
        if seen.known.contains(&nonce) {
            let words = "此签名已用过；请换新的随机数与时间戳重新签名";
            return Err(Refused::form(Form::ReplayedSignature, "", words));
        }
        if seen.known.len() >= self.most {
            return Err(Refused::form(Form::Busy, "", "签名记录已满，请稍后重发"));
        }
        seen.known.insert(nonce);
        seen.by_time.push_back((expires, nonce));
        Ok(())
    }
}

/// A header that must be there.
fn needed<'a>(post: &'a Post<'_>, name: &str) -> Result<&'a str, Refused> {
    post.header(name)
        .filter(|text| !text.is_empty())
        .ok_or_else(|| Refused::form(Form::SignatureHeader, name, "缺少此签名头，请补齐后重发"))
}

/// A time header as a whole number.
fn time_header(post: &Post<'_>, name: &str) -> Result<i64, Refused> {
    let text = needed(post, name)?;
    text.parse().map_err(|_| Refused::form(Form::SignatureHeader, name, "应为整数的时间戳"))
}

/// Refuses a signature whose time is outside the window.
fn within(window_seconds: i64, off_seconds: i64, name: &str) -> Result<(), Refused> {
    if off_seconds.abs() <= window_seconds {
        return Ok(());
    }
    let words = format!("与中心时钟相差 {} 秒，超过 {window_seconds} 秒；请校准时钟后重新签名", off_seconds.abs());
    Err(Refused::form(Form::StaleSignature, name, words))
}

fn unknown_key(name: &str) -> Refused {
    Refused::form(Form::UnknownKey, name, "未登记的密钥；请向经办机构登记后再用")
}

fn wrong_signature(name: &str) -> Refused {
    Refused::form(Form::WrongSignature, name, "签名不符；请核对密钥与签名算法")
}

/// Lower-case hexadecimal.
fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The bytes of a hexadecimal text of either case.
fn unhex(text: &str) -> Option<Vec<u8>> {
    if !text.is_ascii() || !text.len().is_multiple_of(2) {
        return None;
    }
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).ok()).collect()
}

/// Compares without telling by its time where two texts differ.
fn same(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len() && a.iter().zip(b).fold(0, |differs, (a, b)| differs | (a ^ b)) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nonce_is_used_once_until_its_time_is_over() {
        let used = UsedNonces::at_most(2);
        assert!(used.use_up("a", 100, 200).is_ok());
        assert_eq!(used.use_up("a", 150, 250).unwrap_err().code, "F106");
        assert!(used.use_up("b", 150, 250).is_ok());
        assert_eq!(used.use_up("c", 150, 250).unwrap_err().code, "F901");
        assert!(used.use_up("a", 201, 301).is_ok());
    }

    #[test]
    fn a_credential_never_prints_its_secret() {
        let credential = Credential { secret: "hunter2".to_owned(), speaks_for: SpeaksFor::Any };
        assert!(!format!("{credential:?}").contains("hunter2"));
    }

    #[test]
    fn hexadecimal_reads_back() {
        assert_eq!(unhex("00fFa0"), Some(vec![0, 255, 160]));
        assert_eq!((unhex("0"), unhex("zz"), unhex("ａ")), (None, None, None));
        assert_eq!(hex(&[0, 255]), "00ff");
    }
}
