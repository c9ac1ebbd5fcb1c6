//! What is sealed: a deed's facts as canonical bytes, a salt, and the leaf they make.

use crate::merkle::Hash;
use serde_json::Value;
use sm3::{Digest, Sm3};

/// 盐: random bytes that keep a leaf from telling what it seals. Drawn before the deed,
/// kept beside the settlement, shown only in the receipt.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Salt(pub [u8; 16]);

impl Salt {
    /// A fresh salt from the operating system.
    ///
    /// # Panics
    /// If the operating system has no randomness: nothing may be sealed without it.
    #[must_use]
    pub fn draw() -> Salt {
        let mut bytes = [0; 16];
        getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
        Salt(bytes)
    }

    /// The `n`th salt of a deed that seals several leaves: from the one salt that was drawn
    /// before the deed. Whoever sees some of them learns nothing about the others.
    #[must_use]
    pub fn nth(&self, n: u64) -> Salt {
        let digest = Sm3::new().chain_update(self.0).chain_update(n.to_be_bytes()).finalize();
        Salt(digest[..16].try_into().expect("a digest has more than 16 bytes"))
    }
}

impl std::fmt::Debug for Salt {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Salt(…)")
    }
}

/// 存证事实: what a deed did, as the receipt will show it.
#[derive(Debug, Clone, PartialEq)]
pub struct Facts {
    /// The leaf's id, drawn before the deed and never used twice.
    pub id: String,
    /// What kind of deed: `settlement`, `reversal` …
    pub kind: String,
    /// What it is about: a settlement's id. Never a person.
    pub subject: String,
    /// The hash of the policy version that decided, as text.
    pub policy: String,
    /// Heads, lines, trace: whatever the citizen must be able to hold on to. Amounts are
    /// integers of 分; a number with a fraction is written as text.
    pub body: Value,
}

impl Facts {
    /// The bytes that are sealed: RFC 8785 (JSON canonicalization) restricted to whole
    /// numbers, so that no two writers can differ on a number.
    ///
    /// # Errors
    /// [`NotCanonical`] names the place of a number that is not whole.
    pub fn canonical(&self) -> Result<Vec<u8>, NotCanonical> {
        let mut out = br#"{"body":"#.to_vec();
        write(&self.body, &mut "/body".to_owned(), &mut out)?;
        let texts = [("id", &self.id), ("kind", &self.kind), ("policy", &self.policy), ("subject", &self.subject)];
        for (key, text) in texts {
            out.push(b',');
            write_text(key, &mut out);
            out.push(b':');
            write_text(text, &mut out);
        }
        out.push(b'}');
        Ok(out)
    }

    /// 封存: the leaf of these facts under `salt`.
    ///
    /// # Errors
    /// [`NotCanonical`] names the place of a number that is not whole.
    pub fn seal(&self, salt: Salt) -> Result<Leaf, NotCanonical> {
        Ok(Leaf {
            id: self.id.clone(),
            kind: self.kind.clone(),
            subject: self.subject.clone(),
            salt,
            content: salted(salt, &self.canonical()?),
        })
    }
}

/// `SM3(salt ‖ canonical bytes)`. The salt has one length, so the border is never in doubt.
#[must_use]
pub fn salted(salt: Salt, canonical: &[u8]) -> Hash {
    Sm3::new().chain_update(salt.0).chain_update(canonical).finalize().into()
}

/// 存证叶: one unnumbered entry of the log. Everything here but the salt may be public.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leaf {
    /// The leaf's id.
    pub id: String,
    /// Kind of deed.
    pub kind: String,
    /// What it is about.
    pub subject: String,
    /// The salt, so that the receipt can open the leaf.
    pub salt: Salt,
    /// The salted hash: the content of the log's entry.
    pub content: Hash,
}

/// A number in the facts is not a whole number that every JSON reader keeps exactly.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{at} is {number}: write amounts as whole 分 (at most 2^53 − 1) and ratios as text")]
pub struct NotCanonical {
    /// Where, as a JSON pointer.
    pub at: String,
    /// The number as written.
    pub number: String,
}

const LARGEST_EXACT: u64 = (1 << 53) - 1;

/// The canonical bytes of a value.
///
/// # Errors
/// [`NotCanonical`] names the place of a number that is not whole.
pub fn canonical(value: &Value) -> Result<Vec<u8>, NotCanonical> {
    let mut out = Vec::new();
    write(value, &mut String::new(), &mut out)?;
    Ok(out)
}

fn write(value: &Value, at: &mut String, out: &mut Vec<u8>) -> Result<(), NotCanonical> {
    match value {
        Value::Number(number) => {
            let whole = number.as_u64().or_else(|| number.as_i64().map(i64::unsigned_abs));
            if whole.is_none_or(|size| size > LARGEST_EXACT) {
                return Err(NotCanonical { at: at.clone(), number: number.to_string() });
            }
            out.extend_from_slice(number.to_string().as_bytes());
        }
        Value::Array(items) => {
            out.push(b'[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(b',');
                }
                inside(at, &index.to_string(), |at| write(item, at, out))?;
            }
            out.push(b']');
        }
        Value::Object(map) => {
            let mut entries: Vec<_> = map.iter().collect();
            entries.sort_by(|(a, _), (b, _)| a.encode_utf16().cmp(b.encode_utf16()));
            out.push(b'{');
            for (index, (key, item)) in entries.into_iter().enumerate() {
                if index > 0 {
                    out.push(b',');
                }
                write_text(key, out);
                out.push(b':');
                inside(at, key, |at| write(item, at, out))?;
            }
            out.push(b'}');
        }
        Value::String(text) => write_text(text, out),
        Value::Bool(true) => out.extend_from_slice(b"true"),
        Value::Bool(false) => out.extend_from_slice(b"false"),
        Value::Null => out.extend_from_slice(b"null"),
    }
    Ok(())
}

fn inside<T>(at: &mut String, step: &str, work: impl FnOnce(&mut String) -> T) -> T {
    let before = at.len();
    at.push('/');
    at.push_str(step);
    let outcome = work(at);
    at.truncate(before);
    outcome
}

/// A JSON string escapes only what it must, as RFC 8785 section 3.2.2.2 says.
fn write_text(text: &str, out: &mut Vec<u8>) {
    serde_json::to_writer(out, text).expect("writing text to memory cannot fail");
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn text(value: &Value) -> String {
        String::from_utf8(canonical(value).unwrap()).unwrap()
    }

    #[test]
    fn keys_are_sorted_by_utf16_as_rfc_8785_says() {
        // The order of section 3.2.3: U+1F600 (a surrogate pair) sorts before U+FB33.
        let value = json!({"\u{fb33}": 7, "\u{1f600}": 6, "\u{20ac}": 5, "\u{f6}": 4, "\u{80}": 3, "1": 2, "\r": 1});
        let digits: String = text(&value).chars().filter(char::is_ascii_digit).collect();
        assert_eq!(digits, "11234567", "the key \"1\" adds a digit of its own");
    }

    #[test]
    fn text_is_escaped_as_rfc_8785_says() {
        let value = json!("\u{20ac}$\u{f}\nA'B\"\\\\\"/");
        assert_eq!(text(&value), "\"\u{20ac}$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"");
    }

    #[test]
    fn order_and_blanks_of_the_writing_do_not_matter() {
        let one: Value = serde_json::from_str(r#"{"b":[1,-2],"a":{"d":null,"c":true}}"#).unwrap();
        let two: Value = serde_json::from_str("{ \"a\": {\"c\":true, \"d\":null},\n \"b\":[ 1, -2 ]}").unwrap();
        assert_eq!(text(&one), text(&two));
        assert_eq!(text(&one), r#"{"a":{"c":true,"d":null},"b":[1,-2]}"#);
    }

    #[test]
    fn a_number_that_is_not_whole_is_refused_with_its_place() {
        let refused = canonical(&json!({"lines": [{"amount": 1}, {"amount": 12.5}]})).unwrap_err();
        assert_eq!((refused.at.as_str(), refused.number.as_str()), ("/lines/1/amount", "12.5"));
        assert!(canonical(&json!(9_007_199_254_740_991_i64)).is_ok());
        assert!(canonical(&json!(9_007_199_254_740_992_i64)).is_err());
        assert!(canonical(&json!(-9_007_199_254_740_992_i64)).is_err());
    }

    #[test]
    fn every_field_and_the_salt_change_the_leaf() {
        let facts = Facts {
            id: "L1".into(),
            kind: "settlement".into(),
            subject: "S1".into(),
            policy: "ab".into(),
            body: json!({"total": 100}),
        };
        let envelope = json!({
            "subject": "S1", "policy": "ab", "kind": "settlement", "id": "L1", "body": {"total": 100},
        });
        assert_eq!(facts.canonical(), canonical(&envelope));
        let salt = Salt([7; 16]);
        let leaf = facts.seal(salt).unwrap().content;
        let changed = [
            Facts { id: "L2".into(), ..facts.clone() },
            Facts { kind: "reversal".into(), ..facts.clone() },
            Facts { subject: "S2".into(), ..facts.clone() },
            Facts { policy: "ac".into(), ..facts.clone() },
            Facts { body: json!({"total": 101}), ..facts.clone() },
        ];
        for other in changed {
            assert_ne!(other.seal(salt).unwrap().content, leaf, "{other:?}");
        }
        assert_ne!(facts.seal(Salt([8; 16])).unwrap().content, leaf);
        assert_eq!(facts.seal(salt).unwrap().content, leaf);
    }
}
