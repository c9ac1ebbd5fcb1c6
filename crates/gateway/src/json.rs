//! JSON as it was sent: numbers keep their text, so that `12.50` stays `12.50` and no
//! amount ever passes through a float; a name given twice is an error, not a guess.

use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::fmt::{self, Write as _};

/// How deep a message may nest; the interface itself needs six levels.
pub const DEPTH_MAX: usize = 16;

/// A JSON value with the text of its numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Json {
    /// `null`.
    Null,
    /// `true` or `false`.
    Flag(bool),
    /// A number, as it was written.
    Number(String),
    /// A string.
    Text(String),
    /// An array.
    List(Vec<Json>),
    /// An object, in the order it was written.
    Object(Vec<(String, Json)>),
}

/// Why a text is not JSON that we read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// Not JSON.
    #[error("第 {line} 行第 {column} 列起不是合法的 JSON")]
    NotJson {
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
    },
    /// More than [`DEPTH_MAX`] levels.
    #[error("嵌套超过 {DEPTH_MAX} 层")]
    TooDeep,
    /// One object gives a name twice.
    #[error("名称“{0}”在同一对象中出现两次")]
    Repeated(String),
}

impl From<serde_json::Error> for Malformed {
    fn from(error: serde_json::Error) -> Malformed {
        Malformed::NotJson { line: error.line(), column: error.column() }
    }
}

/// Reads one JSON value and nothing after it.
///
/// # Errors
/// [`Malformed`] when it is not JSON, nests too deep or repeats a name.
pub fn read(text: &str) -> Result<Json, Malformed> {
    if depth(text) > DEPTH_MAX {
        return Err(Malformed::TooDeep);
    }
    value(serde_json::from_str(text)?)
}

/// The members of an object, each still as text.
///
/// # Errors
/// [`Malformed`] when the text is not one JSON object with unique names.
pub fn members(text: &str) -> Result<Vec<(String, &RawValue)>, Malformed> {
    let Members(members) = serde_json::from_str(text)?;
    for (at, (name, _)) in members.iter().enumerate() {
        if members[..at].iter().any(|(earlier, _)| earlier == name) {
            return Err(Malformed::Repeated(name.clone()));
        }
    }
    Ok(members)
}

/// The deepest bracket level of a text, brackets inside strings left out.
pub fn depth(text: &str) -> usize {
    let (mut level, mut deepest, mut quoted, mut escaped) = (0_usize, 0, false, false);
    for byte in text.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'{' | b'[' if !quoted => {
                level += 1;
                deepest = deepest.max(level);
            }
            b'}' | b']' if !quoted => level = level.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

/// A raw value (already known to be JSON, of bounded depth) as a tree.
pub fn value(raw: &RawValue) -> Result<Json, Malformed> {
    let text = raw.get();
    Ok(match text.as_bytes().first() {
        Some(b'{') => {
            let members = members(text)?;
            Json::Object(
                members.into_iter().map(|(name, raw)| Ok((name, value(raw)?))).collect::<Result<_, Malformed>>()?,
            )
        }
        Some(b'[') => {
            let items: Vec<&RawValue> = serde_json::from_str(text)?;
            Json::List(items.into_iter().map(value).collect::<Result<_, _>>()?)
        }
        Some(b'"') => Json::Text(serde_json::from_str(text)?),
        Some(b't') => Json::Flag(true),
        Some(b'f') => Json::Flag(false),
        Some(b'n') => Json::Null,
        _ => Json::Number(text.to_owned()),
    })
}

struct Members<'a>(Vec<(String, &'a RawValue)>);

impl<'de> serde::Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Collect;
        impl<'de> Visitor<'de> for Collect {
            type Value = Members<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry::<String, &'de RawValue>()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Collect)
    }
}

/// Appends a text as a JSON string.
pub fn write_text(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if u32::from(c) < 0x20 => write!(out, "\\u{:04x}", u32::from(c)).expect("a string takes any text"),
            c => out.push(c),
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_keeps_its_text() {
        let read = read(r#"{"pric": 12.50, "cnt": [1e2, -0.0001]}"#).unwrap();
        let number = |text: &str| Json::Number(text.to_owned());
        let expected = vec![
            ("pric".to_owned(), number("12.50")),
            ("cnt".to_owned(), Json::List(vec![number("1e2"), number("-0.0001")])),
        ];
        assert_eq!(read, Json::Object(expected));
    }

    #[test]
    fn a_repeated_name_too_much_depth_and_broken_text_are_refused() {
        assert_eq!(read(r#"{"a":1,"a":2}"#), Err(Malformed::Repeated("a".to_owned())));
        assert_eq!(read(&"[".repeat(40_000)), Err(Malformed::TooDeep));
        assert!(matches!(read("{\"a\":\n 1,,}"), Err(Malformed::NotJson { line: 2, .. })));
        assert!(matches!(read("{} {}"), Err(Malformed::NotJson { .. })));
        assert_eq!(depth(r#"{"a":"[[[[\"[["}"#), 1);
    }

    #[test]
    fn written_text_reads_back() {
        let text = "引号\" 反斜\\ 换行\n\u{1}";
        let mut out = String::new();
        write_text(&mut out, text);
        assert_eq!(read(&out), Ok(Json::Text(text.to_owned())));
    }
}
