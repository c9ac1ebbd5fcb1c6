//! 值: the kinds of fact there are, and how each is read from text.

use serde::{Deserialize, Serialize};
use std::fmt;
use terms::{Date, DateTime, Exact, Fen, parse_date, parse_time, show_time};

/// 类型: what a field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// 文本 or code.
    Text,
    /// 文本集: several texts, in a file separated by `|`.
    Texts,
    /// 日期.
    Date,
    /// 时刻.
    Time,
    /// 金额, in a file yuan with two decimals.
    Money,
    /// 数: quantity, price, count, weight.
    Number,
    /// 标志: 1 yes, 0 no.
    Flag,
}

/// A fact's value; unknown is no value.
#[derive(Debug, Clone, PartialEq, PartialOrd)]
pub enum Value {
    /// Text or code.
    Text(String),
    /// Several texts.
    Texts(Vec<String>),
    /// A day.
    Date(Date),
    /// A moment, local time of the region.
    Time(DateTime),
    /// Money in 分.
    Money(Fen),
    /// An exact number.
    Number(Exact),
    /// Yes or no.
    Flag(bool),
}

/// A fact's value, looked at and not taken.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum ValueRef<'a> {
    /// Text or code.
    Text(&'a str),
    /// Several texts.
    Texts(&'a [String]),
    /// A day.
    Date(Date),
    /// A moment, local time of the region.
    Time(DateTime),
    /// Money in 分.
    Money(Fen),
    /// An exact number.
    Number(Exact),
    /// Yes or no.
    Flag(bool),
}

impl fmt::Display for Value {
    /// As a file would hold it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Text(text) => f.write_str(text),
            Value::Texts(texts) => f.write_str(&texts.join("|")),
            Value::Date(day) => write!(f, "{day}"),
            Value::Time(time) => f.write_str(&show_time(*time)),
            Value::Money(amount) => write!(f, "{amount}"),
            Value::Number(number) => write!(f, "{number}"),
            Value::Flag(yes) => f.write_str(if *yes { "1" } else { "0" }),
        }
    }
}

/// A text that a field cannot hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FieldError {
    /// The field is not known.
    #[error("{table} has no field “{name}”{}", nearest.map(|n| format!("; did you mean “{n}”?")).unwrap_or_default())]
    Unknown {
        /// The table's name.
        table: &'static str,
        /// What was written.
        name: String,
        /// The known field most like it.
        nearest: Option<&'static str>,
    },
    /// The text is not of the field's kind.
    #[error("{field}: “{text}” is not {wanted}")]
    Value {
        /// The field.
        field: &'static str,
        /// What was written.
        text: String,
        /// What the field holds.
        wanted: &'static str,
    },
}

/// What a fact's type knows about itself. Private: the kinds are closed.
pub(crate) trait Fact: Sized {
    const KIND: Kind;
    const WANTED: &'static str;
    fn read(text: &str) -> Option<Self>;
    fn value(&self) -> Value;
    fn look(&self) -> ValueRef<'_>;
    /// `None` when the value is of another kind.
    fn of(value: Value) -> Option<Self>;
}

macro_rules! facts {
    ($($Type:ty, $Kind:ident, $wanted:literal, $read:expr, $look:expr;)*) => {$(
        impl Fact for $Type {
            const KIND: Kind = Kind::$Kind;
            const WANTED: &'static str = $wanted;
            fn read(text: &str) -> Option<Self> {
                let read: fn(&str) -> Option<Self> = $read;
                read(text)
            }
            fn value(&self) -> Value {
                Value::$Kind(self.clone())
            }
            fn look(&self) -> ValueRef<'_> {
                let look: fn(&Self) -> ValueRef<'_> = $look;
                look(self)
            }
            fn of(value: Value) -> Option<Self> {
                if let Value::$Kind(value) = value { Some(value) } else { None }
            }
        }
    )*};
}

facts! {
    String, Text, "a text", |text| Some(text.to_owned()), |text| ValueRef::Text(text);
    Vec<String>, Texts, "texts separated by |", |text| Some(text.split('|').map(|part| part.trim().to_owned()).collect()), |texts| ValueRef::Texts(texts);
    Date, Date, "a date, such as 2026-07-01", parse_date, |day| ValueRef::Date(*day);
    DateTime, Time, "a time, such as 2026-07-01 08:30:00", moment, |time| ValueRef::Time(*time);
    Fen, Money, "an amount in yuan with at most two decimals", |text| text.parse().ok(), |amount| ValueRef::Money(*amount);
    Exact, Number, "a number", |text| text.parse().ok(), |number| ValueRef::Number(*number);
    bool, Flag, "1 (yes) or 0 (no)", flag, |yes| ValueRef::Flag(*yes);
}

/// A time; a bare date is its midnight.
fn moment(text: &str) -> Option<DateTime> {
    parse_time(text).or_else(|| parse_date(text).map(|day| day.at(0, 0, 0, 0)))
}

fn flag(text: &str) -> Option<bool> {
    match text {
        "1" => Some(true),
        "0" => Some(false),
        _ => None,
    }
}
