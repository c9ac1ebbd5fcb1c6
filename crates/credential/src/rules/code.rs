//! 二维码: what stands in it, and the centre's signature over it. It names no person: whoever reads
//! it without the centre learns a number, a purpose and a time.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use evidence::{KeyError, Signer, Verifier};
use terms::{DateTime, parse_time, show_time};

use crate::{Code, Purpose};

/// Begins every code.
const KIND: &str = "HEC1";
/// Begins what is signed, so that the signature is good for nothing else.
const SIGNED: &str = "heng electronic credential code\n";

/// What a code says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claims {
    /// 码编号.
    pub code_id: String,
    /// 用码目的.
    pub purpose: Purpose,
    /// 有效期止.
    pub expires_at: DateTime,
}

/// The text of the QR code: kind, number, purpose, end, and the centre's signature.
///
/// # Errors
/// [`KeyError`] when the key does not sign.
pub fn sign_code(code: &Code, signer: &dyn Signer) -> Result<String, KeyError> {
    let end = compact(code.expires_at);
    let body = format!("{KIND}.{}.{}.{end}", code.code_id, code.purpose.number());
    let signature = signer.sign(format!("{SIGNED}{body}").as_bytes())?;
    Ok(format!("{body}.{}", URL_SAFE_NO_PAD.encode(signature)))
}

/// What a code says, if the centre signed it.
#[must_use]
pub fn read_code(text: &str, key: &impl Verifier) -> Option<Claims> {
    let (body, signature) = text.trim().rsplit_once('.')?;
    let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
    if !key.verify(format!("{SIGNED}{body}").as_bytes(), &signature) {
        return None;
    }
    let mut parts = body.split('.');
    let (kind, code_id, purpose, end) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let purpose = Purpose::of_number(purpose.parse().ok()?)?;
    let whole = kind == KIND && parts.next().is_none();
    Some(Claims { code_id: code_id.to_owned(), purpose, expires_at: spread(end)? }).filter(|_| whole)
}

fn compact(time: DateTime) -> String {
    show_time(time).chars().filter(char::is_ascii_digit).collect()
}

fn spread(digits: &str) -> Option<DateTime> {
    if digits.len() != 14 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let part = |from: usize, to: usize| &digits[from..to];
    let day = format!("{}-{}-{}", part(0, 4), part(4, 6), part(6, 8));
    parse_time(&format!("{day} {}:{}:{}", part(8, 10), part(10, 12), part(12, 14)))
}
