//! Values as clerks write them in TOML (or JSON, or CSV): yuan, percent, dates, texts.

use std::collections::BTreeMap;

use terms::{Date, DateTime, Fen, UnitPrice};
use toml::Value;

use crate::RegionError;

/// A map of named values, as an example or a claim writes them.
pub(crate) type Fields = BTreeMap<String, Value>;

pub(crate) fn wrong<T>(message: impl Into<String>) -> Result<T, RegionError> {
    Err(RegionError::Written(message.into()))
}

/// Any plain value as text: numbers as written, yes as `1`, no as `0`.
pub(crate) fn text(name: &str, value: &Value) -> Result<String, RegionError> {
    Ok(match value {
        Value::String(text) => text.clone(),
        Value::Integer(number) => number.to_string(),
        Value::Float(number) => number.to_string(),
        Value::Boolean(yes) => if *yes { "1" } else { "0" }.to_owned(),
        Value::Datetime(time) => time.to_string(),
        _ => return wrong(format!("“{name}” must be one text or number")),
    })
}

pub(crate) fn yuan(name: &str, value: &Value) -> Result<Fen, RegionError> {
    let text = text(name, value)?;
    text.trim().parse().or_else(|_| wrong(format!("“{name}” is “{text}”, which is not an amount in yuan like 1234.50")))
}

/// A percentage as a ratio in 万分位.
pub(crate) fn percent(name: &str, value: &Value) -> Result<i64, RegionError> {
    let text = text(name, value)?;
    let parsed: Result<UnitPrice, _> = text.trim().parse();
    match parsed {
        Ok(percent) if percent.0 % 10_000 == 0 => Ok(percent.0 / 10_000),
        _ => wrong(format!("“{name}” is “{text}”, which is not a percentage with at most two decimals like 62.5")),
    }
}

pub(crate) fn date(name: &str, value: &Value) -> Result<Date, RegionError> {
    let text = text(name, value)?;
    terms::parse_date(text.trim())
        .map_or_else(|| wrong(format!("“{name}” is “{text}”, which is not a date like 2026-01-31")), Ok)
}

/// A time; a date alone is its midnight, and seconds may be left out.
pub(crate) fn time(name: &str, value: &Value) -> Result<DateTime, RegionError> {
    let text = text(name, value)?;
    let mut full = text.trim().to_owned();
    if full.len() == 16 {
        full.push_str(":00");
    }
    terms::parse_time(&full).map_or_else(
        || wrong(format!("“{name}” is “{text}”, which is not a time like 2026-01-31 or 2026-01-31 09:30:00")),
        Ok,
    )
}

/// Takes `name` out of the map as text.
pub(crate) fn take_text(fields: &mut Fields, name: &str) -> Result<Option<String>, RegionError> {
    fields.remove(name).map(|value| text(name, &value)).transpose()
}

/// Takes `name` out of the map as an amount.
pub(crate) fn take_yuan(fields: &mut Fields, name: &str) -> Result<Option<Fen>, RegionError> {
    fields.remove(name).map(|value| yuan(name, &value)).transpose()
}

/// Takes `name` out of the map as a date.
pub(crate) fn take_date(fields: &mut Fields, name: &str) -> Result<Option<Date>, RegionError> {
    fields.remove(name).map(|value| date(name, &value)).transpose()
}

/// Takes `name` out of the map as a time.
pub(crate) fn take_time(fields: &mut Fields, name: &str) -> Result<Option<DateTime>, RegionError> {
    fields.remove(name).map(|value| time(name, &value)).transpose()
}

/// A value that must itself be a map.
pub(crate) fn map(name: &str, value: Value) -> Result<Fields, RegionError> {
    match value {
        Value::Table(table) => Ok(table.into_iter().collect()),
        _ => wrong(format!("“{name}” is written as {{ key = value, … }}")),
    }
}

/// A value that must be a list.
pub(crate) fn list(name: &str, value: Value) -> Result<Vec<Value>, RegionError> {
    match value {
        Value::Array(list) => Ok(list),
        _ => wrong(format!("“{name}” is a list in [ ]")),
    }
}
