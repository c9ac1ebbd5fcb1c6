//! Names of facts, numbered, so that “missing” costs a number; and a rule's parameters.

use crate::expr::{LARGEST, Miss, Of};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use toml::Value;

/// The names that may turn out missing.
#[derive(Debug, Default)]
pub(crate) struct Facts {
    names: Vec<Arc<str>>,
    numbers: HashMap<Arc<str>, Miss>,
    /// Fields that formulas read, a bit a field, by table.
    used: [u128; 5],
}

impl Facts {
    /// Number 0 is what a division by nothing lacks.
    pub fn new() -> Facts {
        let mut facts = Facts::default();
        facts.number("divisor");
        facts
    }

    pub fn number(&mut self, name: &str) -> Miss {
        if let Some(number) = self.numbers.get(name) {
            return *number;
        }
        let number = Miss::try_from(self.names.len()).unwrap_or(Miss::MAX);
        let name: Arc<str> = name.into();
        self.names.push(name.clone());
        self.numbers.insert(name, number);
        number
    }

    /// Notes that a formula reads a field.
    pub fn uses(&mut self, of: Of, field: u8) {
        self.used[of.place()] |= 1 << field;
    }

    /// Whether any formula reads it.
    pub fn is_used(&self, of: Of, field: usize) -> bool {
        self.used[of.place()] >> field & 1 == 1
    }

    pub fn name(&self, number: Miss) -> Arc<str> {
        self.names.get(usize::from(number)).cloned().unwrap_or_else(|| "?".into())
    }
}

/// 参数.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Parameter {
    Number(i128),
    Text(String),
    List(Vec<String>),
    Flag(bool),
    Day(i32),
}

impl Parameter {
    /// `None` when a parameter cannot hold it.
    pub fn read(value: &Value) -> Option<Parameter> {
        Some(match value {
            Value::String(text) => Parameter::Text(text.clone()),
            Value::Integer(_) | Value::Float(_) => Parameter::Number(number(value)?),
            Value::Boolean(yes) => Parameter::Flag(*yes),
            Value::Datetime(_) => {
                let text = value.to_string();
                Parameter::Day(crate::day::of_date(terms::parse_date(text.trim_matches('"'))?))
            }
            Value::Array(items) => Parameter::List(items.iter().map(crate::file::cell_text).collect::<Option<_>>()?),
            Value::Table(_) => return None,
        })
    }
}

/// A TOML number times 10^10; what is written counts, not the nearest float.
pub(crate) fn number(value: &Value) -> Option<i128> {
    match value {
        Value::Integer(_) | Value::Float(_) => number_text(&crate::file::cell_text(value)?),
        _ => None,
    }
}

/// A decimal text times 10^10.
pub(crate) fn number_text(text: &str) -> Option<i128> {
    let text = text.trim();
    let (digits, percent) = text.strip_suffix('%').map_or((text, false), |rest| (rest, true));
    let exact: terms::Exact = digits.trim().parse().ok()?;
    let scaled = exact.ten_decimals();
    let scaled = if percent { scaled / 100 } else { scaled };
    (scaled.abs() <= LARGEST).then_some(scaled)
}

/// Parameters by name.
pub(crate) type Parameters = BTreeMap<String, Parameter>;
