//! The canonical form of a message's input, and its hash.

use serde_json::Value;
use sm3::{Digest, Sm3};

/// SM3 of the transaction number and the canonical input: object keys sorted, numbers
/// normalised (`1.50` is `1.5`, `2e1` is `20`), strings as they are. The time of sending and
/// the sign-in number are no part of it: a client that repeats a message renews both.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InputHash(pub [u8; 32]);

impl InputHash {
    /// The hash of transaction `infno` with the message's `input` node.
    #[must_use]
    pub fn of(infno: &str, input: &Value) -> InputHash {
        let mut text = String::with_capacity(1024);
        write(&mut text, input);
        let mut hash = Sm3::new();
        hash.update(infno.as_bytes());
        hash.update([0]);
        hash.update(text.as_bytes());
        InputHash(hash.finalize().into())
    }
}

fn write(out: &mut String, value: &Value) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(truth) => out.push_str(if *truth { "true" } else { "false" }),
        Value::Number(number) => out.push_str(&normal(&number.to_string())),
        Value::String(text) => write_text(out, text),
        Value::Array(items) => {
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                write(out, item);
            }
            out.push(']');
        }
        Value::Object(members) => {
            let mut members: Vec<_> = members.iter().collect();
            members.sort_by_key(|(name, _)| *name);
            out.push('{');
            for (at, (name, member)) in members.into_iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                write_text(out, name);
                out.push(':');
                write(out, member);
            }
            out.push('}');
        }
    }
}

/// A string in quotes, with the two escapes that keep it unambiguous.
fn write_text(out: &mut String, text: &str) {
    out.push('"');
    for character in text.chars() {
        if matches!(character, '"' | '\\') {
            out.push('\\');
        }
        out.push(character);
    }
    out.push('"');
}

/// A JSON number as `digits e exponent` without idle zeros, so that equal numbers have one
/// form. Works on the text: no floating point.
fn normal(number: &str) -> String {
    let (sign, number) = number.strip_prefix('-').map_or(("", number), |rest| ("-", rest));
    let (mantissa, exponent) = number.split_once(['e', 'E']).unwrap_or((number, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{fraction}");
    let significant = digits.trim_start_matches('0').trim_end_matches('0');
    if significant.is_empty() {
        return "0".to_owned();
    }
    let idle = digits.len() - digits.trim_end_matches('0').len();
    let Ok(exponent) = exponent.parse::<i64>() else {
        return format!("{sign}{number}");
    };
    let exponent = exponent.saturating_sub(fraction.len() as i64).saturating_add(idle as i64);
    if exponent == 0 { format!("{sign}{significant}") } else { format!("{sign}{significant}e{exponent}") }
}

#[cfg(test)]
mod tests {
    use super::{InputHash, normal};
    use serde_json::json;

    #[test]
    fn equal_numbers_have_one_form_and_different_ones_differ() {
        for same in [&["0", "-0", "0.00", "0e9"][..], &["1.5", "1.50", "15e-1", "0.15E+1"], &["20", "2e1", "20.0"]] {
            assert!(same.iter().all(|text| normal(text) == normal(same[0])), "{same:?}");
        }
        assert_ne!(normal("15"), normal("1.5"));
        assert_ne!(normal("-15"), normal("15"));
        assert_ne!(normal("10"), normal("1"));
    }

    #[test]
    fn the_order_of_keys_and_idle_zeros_do_not_matter_but_all_else_does() {
        let hash = |infno, text| InputHash::of(infno, &serde_json::from_str(text).unwrap());
        let first = hash("2207", r#"{"data":{"a":1.0,"b":["x","y"]}}"#);
        assert_eq!(first, hash("2207", r#"{"data":{"b":["x","y"],"a":1}}"#));
        for other in [
            r#"{"data":{"a":"1","b":["x","y"]}}"#,
            r#"{"data":{"a":1,"b":["y","x"]}}"#,
            r#"{"data":{"a":1,"b":["x\",\"y"]}}"#,
        ] {
            assert_ne!(first, hash("2207", other), "{other}");
        }
        assert_ne!(first, InputHash::of("2304", &json!({"data": {"a": 1, "b": ["x", "y"]}})));
    }
}
