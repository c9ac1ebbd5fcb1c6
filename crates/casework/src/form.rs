//! 表单: the typed fields of an item, and whether answers fit them. Values in, values out.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use terms::{Fen, UnitPrice, parse_date};

/// 填报内容: answers by field; amounts are whole 分, dates `2026-01-31`, decimals and codes texts,
/// rows a list of the same.
pub type Answers = BTreeMap<String, Value>;

/// 字段类型.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FieldKind {
    /// A line of text.
    Text,
    /// Several lines of text.
    Paragraph,
    /// A day.
    Date,
    /// An amount, in 分.
    Money,
    /// A decimal number.
    Number,
    /// Yes or no.
    Flag,
    /// A code of a list of the catalogue.
    Code,
    /// One of the options that stand with the field.
    Choice,
    /// Another person, by the number of their certificate.
    Person,
    /// An institution, by its number.
    Institution,
    /// An employer, by its number.
    Employer,
    /// A list of rows.
    Rows,
}

/// 选项.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    /// As recorded.
    pub code: String,
    /// 名称.
    pub name: String,
    /// English name.
    #[serde(default)]
    pub english: String,
}

/// 字段.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// Its name in answers and formulas.
    pub id: String,
    /// 名称, for people.
    pub name: String,
    /// English name.
    #[serde(default)]
    pub english: String,
    /// What it holds.
    pub kind: FieldKind,
    /// Must be given; of rows, at least one.
    #[serde(default)]
    pub required: bool,
    /// 填写说明.
    #[serde(default)]
    pub help: String,
    /// The same in English.
    #[serde(default)]
    pub english_help: String,
    /// `code`: which list (`chronic`, `diagnosis`, `procedure`). `text`: what is suggested while it
    /// is written (`items`, the items of the catalogue).
    #[serde(default)]
    pub list: String,
    /// `choice`: what may be chosen.
    #[serde(default, rename = "option")]
    pub options: Vec<Choice>,
    /// The least: of a number itself, of an amount in 元, of a text its letters, of rows their count.
    #[serde(default)]
    pub min: Option<i64>,
    /// The most, as [`Field::min`].
    #[serde(default)]
    pub max: Option<i64>,
    /// 脱敏: shown with its middle left out (an account number).
    #[serde(default)]
    pub masked: bool,
    /// 唯一: a value that another case holds is refused (an invoice's number).
    #[serde(default)]
    pub unique: bool,
    /// `rows`: the columns.
    #[serde(default, rename = "column")]
    pub columns: Vec<Field>,
}

/// 填报有误 in a field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Slip {
    /// Which field; of rows, the column.
    pub field: String,
    /// Which row, from 1.
    pub row: Option<usize>,
    /// What is wrong and the way out.
    pub message: String,
}

/// What is known of codes that a form may name.
pub trait Known {
    /// Whether a list has a code.
    fn has_code(&self, list: &str, code: &str) -> bool;
}

/// Checks answers against the fields: unknown names and empty answers are left out or told.
///
/// # Errors
/// Every slip.
pub fn check(fields: &[Field], answers: &Answers, known: &dyn Known) -> Result<Answers, Vec<Slip>> {
    let mut slips = Vec::new();
    let checked = check_row(fields, answers, known, None, &mut slips);
    if slips.is_empty() { Ok(checked) } else { Err(slips) }
}

fn check_row(
    fields: &[Field],
    answers: &Answers,
    known: &dyn Known,
    row: Option<usize>,
    slips: &mut Vec<Slip>,
) -> Answers {
    for name in answers.keys().filter(|name| !fields.iter().any(|field| field.id == **name)) {
        slips.push(Slip {
            field: name.clone(),
            row,
            message: format!("表单没有字段 {name} / the form has no such field"),
        });
    }
    let mut checked = Answers::new();
    for field in fields {
        let given = answers.get(&field.id).filter(|value| !is_empty(value));
        let Some(given) = given else {
            if field.required {
                let message = format!("请填写{} / {} is required", field.name, field.words());
                slips.push(Slip { field: field.id.clone(), row, message });
            }
            continue;
        };
        if field.kind == FieldKind::Rows {
            checked.insert(field.id.clone(), check_rows(field, given, known, slips));
            continue;
        }
        match field.read(given, known) {
            Ok(value) => {
                checked.insert(field.id.clone(), value);
            }
            Err(message) => slips.push(Slip { field: field.id.clone(), row, message }),
        }
    }
    checked
}

fn check_rows(field: &Field, given: &Value, known: &dyn Known, slips: &mut Vec<Slip>) -> Value {
    let Some(rows) = given.as_array() else {
        let message = format!("{}须为多行 / {} must be a list of rows", field.name, field.words());
        slips.push(Slip { field: field.id.clone(), row: None, message });
        return Value::Null;
    };
    if let Err(message) = field.bounded(rows.len() as i64, 1, "行 rows") {
        slips.push(Slip { field: field.id.clone(), row: None, message });
    }
    let mut checked = Vec::with_capacity(rows.len());
    for (nth, row) in (1..).zip(rows) {
        let Some(cells) = row.as_object() else {
            let message = format!("{}第 {nth} 行无法读取 / row {nth} is not an object", field.name);
            slips.push(Slip { field: field.id.clone(), row: Some(nth), message });
            continue;
        };
        let cells: Answers = cells.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
        let cells = check_row(&field.columns, &cells, known, Some(nth), slips);
        checked.push(Value::Object(cells.into_iter().collect()));
    }
    Value::Array(checked)
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.trim().is_empty(),
        Value::Array(rows) => rows.is_empty(),
        _ => false,
    }
}

impl Field {
    /// For people who read English.
    #[must_use]
    pub fn words(&self) -> &str {
        if self.english.is_empty() { &self.name } else { &self.english }
    }

    fn read(&self, given: &Value, known: &dyn Known) -> Result<Value, String> {
        let wrong = |what: &str| format!("{}“{}”{what}", self.name, plain(given));
        match self.kind {
            FieldKind::Date => match given.as_str().and_then(parse_date) {
                Some(date) => Ok(Value::from(date.to_string())),
                None => Err(wrong("不是日期，请按 2026-01-31 填写 / write a day as 2026-01-31")),
            },
            FieldKind::Money => {
                let fen = given.as_i64().ok_or_else(|| wrong("不是金额（整数分） / give whole 分"))?;
                self.bounded(fen, 100, "元 yuan")?;
                Ok(Value::from(Fen(fen).0))
            }
            FieldKind::Number => {
                let text = plain(given);
                let number: UnitPrice = text.parse().map_err(|_| wrong("不是数 / is not a number"))?;
                self.bounded(terms::Exact::from(number).floor().as_whole().unwrap_or(i64::MAX), 1, "")?;
                Ok(Value::from(text))
            }
            FieldKind::Flag => given.as_bool().map(Value::from).ok_or_else(|| wrong("须为是或否 / give true or false")),
            _ => {
                let text = given.as_str().ok_or_else(|| wrong("须为文字 / give a text"))?.trim();
                self.bounded(text.chars().count() as i64, 1, "字 letters")?;
                if self.kind == FieldKind::Choice && !self.options.iter().any(|option| option.code == text) {
                    return Err(wrong("不在选项内，请从列表选择 / choose from the list"));
                }
                if self.kind == FieldKind::Code && !known.has_code(&self.list, text) {
                    return Err(wrong("不在目录内，请从目录选择 / choose from the list"));
                }
                Ok(Value::from(text))
            }
        }
    }

    fn bounded(&self, number: i64, unit: i64, words: &str) -> Result<(), String> {
        let name = &self.name;
        if let Some(min) = self.min.filter(|min| number < min.saturating_mul(unit)) {
            return Err(format!("{name}不得少于 {min} {words} / {} must be at least {min}", self.words()));
        }
        if let Some(max) = self.max.filter(|max| number > max.saturating_mul(unit)) {
            return Err(format!("{name}不得超过 {max} {words} / {} must be at most {max}", self.words()));
        }
        Ok(())
    }

    /// 唯一值 that answers hold: the field's name and each value.
    #[must_use]
    pub fn unique_values(fields: &[Field], answers: &Answers) -> Vec<(String, String)> {
        let mut found = Vec::new();
        for field in fields {
            match (field.kind, answers.get(&field.id)) {
                (FieldKind::Rows, Some(Value::Array(rows))) => {
                    for row in rows.iter().filter_map(Value::as_object) {
                        let cells: Answers = row.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
                        found.extend(Field::unique_values(&field.columns, &cells));
                    }
                }
                (_, Some(value)) if field.unique => found.push((field.id.clone(), plain(value))),
                _ => {}
            }
        }
        found
    }

    /// Answers as they are shown: masked values with their middle left out.
    #[must_use]
    pub fn shown(fields: &[Field], answers: &Answers) -> Answers {
        let mut shown = answers.clone();
        for field in fields {
            match shown.get_mut(&field.id) {
                Some(Value::Array(rows)) => {
                    for row in rows.iter_mut().filter_map(Value::as_object_mut) {
                        let cells: Answers = row.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
                        *row = Field::shown(&field.columns, &cells).into_iter().collect();
                    }
                }
                Some(value) if field.masked => *value = Value::from(mask(&plain(value))),
                _ => {}
            }
        }
        shown
    }
}

/// The first letter of a name; the last four of an account; of what is neither, none.
fn mask(text: &str) -> String {
    let letters: Vec<char> = text.chars().collect();
    if let [first, ..] = letters.as_slice()
        && letters.len() <= 4
    {
        return format!("{first}**");
    }
    let kept = if letters.len() > 8 { 4 } else { 0 };
    let (hidden, shown) = letters.split_at(letters.len() - kept);
    format!("{}{}", "*".repeat(hidden.len()), shown.iter().collect::<String>())
}

/// A value as a text.
#[must_use]
pub fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    struct Lists;
    impl Known for Lists {
        fn has_code(&self, list: &str, code: &str) -> bool {
            (list, code) == ("chronic", "M1")
        }
    }

    fn fields() -> Vec<Field> {
        #[derive(Deserialize)]
        struct File {
            field: Vec<Field>,
        }
        let text = r#"
            field = [
              { id = "day", name = "日期", kind = "date", required = true },
              { id = "disease", name = "病种", kind = "code", list = "chronic" },
              { id = "account", name = "账号", kind = "text", masked = true },
              { id = "way", name = "方式", kind = "choice", option = [{ code = "1", name = "一" }] },
              { id = "lines", name = "明细", kind = "rows", max = 2, column = [
                { id = "invoice", name = "发票号", kind = "text", required = true, unique = true },
                { id = "amount", name = "金额", kind = "money", min = 0, max = 100 },
              ] },
            ]"#;
        toml::from_str::<File>(text).expect("fields").field
    }

    fn of(value: Value) -> Answers {
        serde_json::from_value(value).expect("answers")
    }

    #[test]
    fn every_slip_is_told_with_its_field_and_row() {
        let answers = of(json!({
            "disease": "M2", "way": "3", "other": 1,
            "lines": [{ "invoice": "A", "amount": 10001 }, { "amount": 5 }, { "invoice": "B", "amount": 1.5 }],
        }));
        let slips = check(&fields(), &answers, &Lists).expect_err("slips");
        let told: Vec<(&str, Option<usize>)> = slips.iter().map(|slip| (slip.field.as_str(), slip.row)).collect();
        let expected = vec![
            ("other", None),
            ("day", None),
            ("disease", None),
            ("way", None),
            ("lines", None),
            ("amount", Some(1)),
            ("invoice", Some(2)),
            ("amount", Some(3)),
        ];
        assert_eq!(told, expected);
    }

    #[test]
    fn answers_that_fit_are_kept_and_shown_masked() {
        let answers = of(json!({
            "day": "2026-03-01", "disease": "M1", "account": "6222020200012345", "way": "1",
            "lines": [{ "invoice": " A ", "amount": 10000 }],
        }));
        let checked = check(&fields(), &answers, &Lists).expect("fits");
        assert_eq!(checked["lines"][0]["invoice"], "A");
        assert_eq!(Field::unique_values(&fields(), &checked), [("invoice".to_owned(), "A".to_owned())]);
        assert_eq!(Field::shown(&fields(), &checked)["account"], "************2345");
        assert_eq!([mask("张三"), mask("E12345"), mask("")], ["张**", "******", ""]);
    }
}
