//! What real clients bend and we accept. Each tolerance is one function with its test;
//! `docs/design/gateway.md` lists them with the clients that need them.

use crate::catalogue::Dictionary;
use crate::json::{self, Json, Malformed};
use terms::{Date, DateTime};

/// A byte-order mark before the body.
#[must_use]
pub fn without_byte_order_mark(body: &[u8]) -> &[u8] {
    body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body)
}

/// Envelope names in any letter case, and the two spellings of the place of care.
#[must_use]
pub fn envelope_name(name: &str) -> String {
    let name = name.trim().to_ascii_lowercase();
    if name == "mdtrtarea_admdvs" { "mdtrtarea_admvs".to_owned() } else { name }
}

/// Names of nodes and fields in any letter case.
#[must_use]
pub fn same_name(sent: &str, known: &str) -> bool {
    sent.trim().eq_ignore_ascii_case(known)
}

/// The words `null` and `NULL`, blanks, and JSON null are empty.
#[must_use]
pub fn not_the_word_null(text: &str) -> &str {
    match text.trim() {
        "null" | "NULL" => "",
        text => text,
    }
}

/// A string, number or truth value as its text without blanks at the ends; `true` is `1`.
/// `None` when it is an object or array.
#[must_use]
pub fn scalar_text(json: &Json) -> Option<String> {
    match json {
        Json::Null => Some(String::new()),
        Json::Flag(flag) => Some(if *flag { "1" } else { "0" }.to_owned()),
        Json::Number(text) | Json::Text(text) => Some(not_the_word_null(text).to_owned()),
        Json::List(_) | Json::Object(_) => None,
    }
}

/// An object that arrives as a JSON *string* holding the object (湖北 `input`; `exp_content`).
///
/// # Errors
/// [`Malformed`] when a string that begins like an object is not one.
pub fn object_in_text(json: Json) -> Result<Json, Malformed> {
    match json {
        Json::Text(text) if text.trim_start().starts_with('{') => json::read(text.trim()),
        json => Ok(json),
    }
}

/// Rows as an object, or as an array of objects; an empty value is no row.
/// `None` when it is something else.
#[must_use]
pub fn rows(json: Json) -> Option<Vec<Vec<(String, Json)>>> {
    match json {
        Json::Object(members) => Some(vec![members]),
        Json::List(items) => items
            .into_iter()
            .map(|item| match item {
                Json::Object(members) => Some(members),
                _ => None,
            })
            .collect(),
        Json::Null => Some(Vec::new()),
        Json::Text(text) if not_the_word_null(&text).is_empty() => Some(Vec::new()),
        _ => None,
    }
}

/// An empty number is 0; a number may carry a plus sign.
#[must_use]
pub fn number_text(text: &str) -> &str {
    match text {
        "" => "0",
        text => text.strip_prefix('+').unwrap_or(text),
    }
}

/// A date, or the date of a date and time.
#[must_use]
pub fn date_in(text: &str) -> Option<Date> {
    terms::parse_time(text).map(|time| time.date())
}

/// A date and time; a date alone is its midnight; `T` may stand for the blank.
#[must_use]
pub fn time_in(text: &str) -> Option<DateTime> {
    terms::parse_time(text)
}

/// The code of a dictionary that `text` is: a listed code, or one that a province extended
/// by appending digits (2101 under 21); where the dictionary says so, without leading zeros.
#[must_use]
pub fn code_of(dictionary: &Dictionary, text: &str) -> Option<String> {
    let plain = if dictionary.leading_zero { text.trim_start_matches('0') } else { text };
    let begins = |(code, _): &&(String, String)| {
        plain.strip_prefix(code.as_str()).is_some_and(|more| more.bytes().all(|byte| byte.is_ascii_digit()))
    };
    dictionary.codes.iter().find(begins).map(|_| plain.to_owned())
}

/// `exp_content`, which some clients spell `expContent`.
#[must_use]
pub fn is_extension_field(name: &str) -> bool {
    name.eq_ignore_ascii_case("exp_content") || name.eq_ignore_ascii_case("expcontent")
}

/// Keys of `exp_content` are upper case; clients that write them in lower case are understood.
#[must_use]
pub fn extension_key(key: &str) -> String {
    key.trim().to_ascii_uppercase()
}

/// A list of values inside `exp_content`: an array, or one text with commas.
#[must_use]
pub fn listed(json: &Json) -> Option<Vec<String>> {
    let texts = match json {
        Json::List(items) => items.iter().map(scalar_text).collect::<Option<Vec<_>>>()?,
        other => scalar_text(other)?.split([',', '，']).map(|part| part.trim().to_owned()).collect(),
    };
    Some(texts.into_iter().filter(|text| !text.is_empty()).collect())
}

/// File data as Base64 text, or as an array of bytes, signed (Java) or not.
#[must_use]
pub fn file_bytes(json: &Json) -> Option<Vec<u8>> {
    use base64::Engine as _;
    match json {
        Json::Text(text) => {
            let text: String = text.chars().filter(|c| !c.is_ascii_whitespace()).collect();
            base64::engine::general_purpose::STANDARD.decode(text).ok()
        }
        Json::List(items) => items
            .iter()
            .map(|item| match item {
                Json::Number(text) => text.parse::<i16>().ok().filter(|byte| (-128..=255).contains(byte)),
                _ => None,
            })
            .map(|byte| byte.map(|byte| byte.to_le_bytes()[0]))
            .collect(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(text: &str) -> Json {
        json::read(text).unwrap()
    }

    #[test]
    fn names_are_understood_in_any_letter_case() {
        assert!(same_name("PATIENT_DTOS", "patient_dtos") && same_name("Patient_Dtos ", "patient_dtos"));
        assert!(!same_name("patient_dto", "patient_dtos"));
    }

    #[test]
    fn a_byte_order_mark_is_skipped() {
        assert_eq!(without_byte_order_mark(b"\xEF\xBB\xBF{}"), b"{}");
        assert_eq!(without_byte_order_mark(b"{}"), b"{}");
    }

    #[test]
    fn envelope_names_are_read_in_any_case() {
        assert_eq!(envelope_name("InfNo"), "infno");
        assert_eq!(envelope_name("mdtrtarea_admdvs"), "mdtrtarea_admvs");
    }

    #[test]
    fn the_word_null_is_empty() {
        for text in ["null", "NULL", " null ", "", "   "] {
            assert_eq!(not_the_word_null(text), "");
        }
        assert_eq!(not_the_word_null("nullable "), "nullable");
    }

    #[test]
    fn numbers_may_be_strings_and_strings_numbers() {
        for (sent, text) in [("310", "310"), ("\" 310 \"", "310"), ("12.50", "12.50"), ("true", "1"), ("null", "")] {
            assert_eq!(scalar_text(&json(sent)).as_deref(), Some(text), "{sent}");
        }
        assert_eq!(scalar_text(&json("[1]")), None);
    }

    #[test]
    fn an_object_may_arrive_as_a_json_string() {
        assert_eq!(object_in_text(json(r#""{\"data\":{}}""#)), Ok(json(r#"{"data":{}}"#)));
        assert_eq!(object_in_text(json(r#""手术时间""#)), Ok(Json::Text("手术时间".to_owned())));
        assert!(object_in_text(json(r#""{broken""#)).is_err());
    }

    #[test]
    fn one_row_may_be_an_object_or_an_array() {
        assert_eq!(rows(json(r#"{"a":1}"#)), rows(json(r#"[{"a":1}]"#)));
        assert_eq!(rows(json("null")), Some(vec![]));
        assert_eq!(rows(json("\"\"")), Some(vec![]));
        assert_eq!(rows(json("[1]")), None);
        assert_eq!(rows(json("\"x\"")), None);
    }

    #[test]
    fn an_empty_number_is_nought() {
        assert_eq!((number_text(""), number_text("+5"), number_text("-5.0")), ("0", "5", "-5.0"));
    }

    #[test]
    fn a_date_may_carry_a_time_and_a_time_may_lack_one() {
        assert_eq!(date_in("2026-03-09 16:00:05"), terms::parse_date("2026-03-09"));
        assert_eq!(time_in("2026-03-09"), terms::parse_time("2026-03-09 00:00:00"));
        assert_eq!(time_in("2026-03-09T16:00:05"), terms::parse_time("2026-03-09 16:00:05"));
        assert_eq!(date_in("20260309"), None);
    }

    #[test]
    fn a_province_extends_a_code_by_digits() {
        let codes = |codes: &[&str], leading_zero| Dictionary {
            name: "test".to_owned(),
            checked: true,
            leading_zero,
            codes: codes.iter().map(|code| ((*code).to_owned(), String::new())).collect(),
        };
        let med_type = codes(&["11", "21"], false);
        assert_eq!(code_of(&med_type, "2101").as_deref(), Some("2101"));
        assert_eq!(code_of(&med_type, "2"), None);
        assert_eq!(code_of(&med_type, "21x"), None);
        assert_eq!(code_of(&codes(&["1"], true), "01").as_deref(), Some("1"));
        assert_eq!(code_of(&codes(&["1"], false), "01"), None);
    }

    #[test]
    fn extensions_are_found_under_both_spellings_and_any_case() {
        assert!(is_extension_field("exp_content") && is_extension_field("expContent") && !is_extension_field("exp"));
        assert_eq!(extension_key("trum_flag "), "TRUM_FLAG");
    }

    #[test]
    fn a_list_may_be_an_array_or_a_text_with_commas() {
        assert_eq!(listed(&json(r#"["1", 2]"#)), Some(vec!["1".to_owned(), "2".to_owned()]));
        assert_eq!(listed(&json(r#""1, 2，3""#)).map(|list| list.len()), Some(3));
        assert_eq!(listed(&json("[[1]]")), None);
    }

    #[test]
    fn file_data_is_base64_or_an_array_of_bytes() {
        assert_eq!(file_bytes(&json("\"UEs=\"")), Some(b"PK".to_vec()));
        assert_eq!(file_bytes(&json("[80, 75, -1, 255]")), Some(vec![80, 75, 255, 255]));
        assert_eq!(file_bytes(&json("[256]")), None);
    }
}
