//! 数据项的值: the kinds of values a list holds, how their text is read, and how rules see them.

use jiff::civil::{Date, Time};
use serde::{Deserialize, Serialize};
use std::fmt;
use terms::{Exact, Fen, Quantity};

/// 数据类型. What kind of value a field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Any text, codes included.
    Text,
    /// A whole number.
    Whole,
    /// A number with at most four decimals.
    Decimal,
    /// An amount in 元 with at most two decimals, held in 分.
    Money,
    /// A calendar day.
    Date,
    /// A day, with a time of day where the source knows it.
    Moment,
    /// A length of time, `days/hours/minutes`.
    Minutes,
}

impl Kind {
    /// What a person should write, for messages.
    #[must_use]
    pub fn hint(self) -> &'static str {
        match self {
            Kind::Text => "文本 text",
            Kind::Whole => "整数 a whole number, as 12",
            Kind::Decimal => "数字，至多四位小数 a number with at most four decimals, as 1.5",
            Kind::Money => "金额（元），至多两位小数 yuan with at most two decimals, as 1234.50",
            Kind::Date => "日期 a date, as 2026-03-09",
            Kind::Moment => "时间 a time, as 2026-03-09 16:00:05 (or the date alone)",
            Kind::Minutes => "时长 天/小时/分钟 a length of time as days/hours/minutes, as 1/13/24",
        }
    }
}

/// A cell's text that is not what its field holds.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("“{text}” 不是{}", .kind.hint())]
pub struct ReadError {
    /// What was written.
    pub text: String,
    /// What the field holds.
    pub kind: Kind,
}

/// A value as rules see it: money in 元, lengths of time in minutes, both exact.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Value<'a> {
    /// Text or a code.
    Text(&'a str),
    /// Any number.
    Number(Exact),
    /// A day or a point in time.
    Moment(Moment),
    /// A truth, which only expressions make.
    Truth(bool),
}

impl fmt::Display for Value<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Text(text) => f.write_str(text),
            Value::Number(number) => write!(f, "{number}"),
            Value::Moment(moment) => write!(f, "{moment}"),
            Value::Truth(truth) => f.write_str(if *truth { "是" } else { "否" }),
        }
    }
}

/// What can stand in a field.
pub trait Cell: Sized {
    /// The kind.
    const KIND: Kind;
    /// Reads a trimmed text that is not empty.
    fn read(text: &str) -> Option<Self>;
    /// The value for rules.
    fn value(&self) -> Value<'_>;
}

impl Cell for String {
    const KIND: Kind = Kind::Text;
    fn read(text: &str) -> Option<String> {
        Some(text.to_owned())
    }
    fn value(&self) -> Value<'_> {
        Value::Text(self)
    }
}

impl Cell for i64 {
    const KIND: Kind = Kind::Whole;
    /// A spreadsheet's `12.0` is twelve.
    fn read(text: &str) -> Option<i64> {
        let whole = text.split_once('.').map_or(Some(text), |(whole, decimals)| {
            (!decimals.is_empty() && decimals.bytes().all(|b| b == b'0')).then_some(whole)
        })?;
        whole.parse().ok()
    }
    fn value(&self) -> Value<'_> {
        Value::Number(Exact::whole(*self))
    }
}

impl Cell for Quantity {
    const KIND: Kind = Kind::Decimal;
    fn read(text: &str) -> Option<Quantity> {
        text.parse().ok()
    }
    fn value(&self) -> Value<'_> {
        Value::Number(Exact::from(*self))
    }
}

impl Cell for Fen {
    const KIND: Kind = Kind::Money;
    fn read(text: &str) -> Option<Fen> {
        text.parse().ok()
    }
    fn value(&self) -> Value<'_> {
        Value::Number(Exact::from_scaled(self.0, 2))
    }
}

impl Cell for Date {
    const KIND: Kind = Kind::Date;
    /// A time of day in the text is refused unless it is midnight.
    fn read(text: &str) -> Option<Date> {
        let moment = Moment::read(text)?;
        moment.time.is_none_or(|time| time == Time::midnight()).then_some(moment.date)
    }
    fn value(&self) -> Value<'_> {
        Value::Moment(Moment { date: *self, time: None })
    }
}

/// 时刻. A day and, where the source knows it, a time of day. Two moments of one day of
/// which one has no time cannot be put in order, and rules then say so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Moment {
    /// The day.
    pub date: Date,
    /// The time of day, if known.
    pub time: Option<Time>,
}

impl Moment {
    /// The day alone.
    #[must_use]
    pub fn day(date: Date) -> Moment {
        Moment { date, time: None }
    }

    /// Order, where it can be known.
    #[must_use]
    pub fn order(self, other: Moment) -> Option<std::cmp::Ordering> {
        match self.date.cmp(&other.date) {
            std::cmp::Ordering::Equal => match (self.time, other.time) {
                (Some(left), Some(right)) => Some(left.cmp(&right)),
                (None, None) => Some(std::cmp::Ordering::Equal),
                _ => None,
            },
            order => Some(order),
        }
    }

    /// Whole days from this day to the other's.
    #[must_use]
    pub fn days_until(self, other: Moment) -> i64 {
        self.date.until(other.date).map_or(0, |span| i64::from(span.get_days()))
    }

    /// Minutes from this moment to the other, if both times are known.
    #[must_use]
    pub fn minutes_until(self, other: Moment) -> Option<i64> {
        let minutes = |time: Time| i64::from(time.hour()) * 60 + i64::from(time.minute());
        Some(self.days_until(other) * 1440 + minutes(other.time?) - minutes(self.time?))
    }
}

impl Cell for Moment {
    const KIND: Kind = Kind::Moment;
    /// `2026-03-09`, `2026/3/9`, `20260309`, `2026年3月9日`, each with or without ` 16:00`, ` 16:00:05`.
    fn read(text: &str) -> Option<Moment> {
        let (date, time) = match text.find([' ', 'T']) {
            Some(at) => (&text[..at], Some(text[at + 1..].trim())),
            None if text.len() == 14 && text.bytes().all(|b| b.is_ascii_digit()) => (&text[..8], Some(&text[8..])),
            None => (text, None),
        };
        let time = match time {
            Some(time) => Some(read_time(time)?),
            None => None,
        };
        Some(Moment { date: read_date(date)?, time })
    }
    fn value(&self) -> Value<'_> {
        Value::Moment(*self)
    }
}

fn read_date(text: &str) -> Option<Date> {
    if text.len() == 8 && text.bytes().all(|b| b.is_ascii_digit()) {
        return Date::new(text[..4].parse().ok()?, text[4..6].parse().ok()?, text[6..].parse().ok()?).ok();
    }
    let text = text.trim_end_matches('日');
    let parts: Vec<&str> = text.split(['-', '/', '年', '月']).collect();
    let [year, month, day] = parts[..] else { return None };
    let digits = |part: &str, longest: usize| part.bytes().all(|b| b.is_ascii_digit()) && part.len() <= longest;
    if year.len() != 4 || !digits(year, 4) || !digits(month, 2) || !digits(day, 2) {
        return None;
    }
    Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()
}

fn read_time(text: &str) -> Option<Time> {
    let text = text.split_once('.').map_or(text, |(seconds, _)| seconds);
    let parts: Vec<&str> = if text.len() == 6 && text.bytes().all(|b| b.is_ascii_digit()) {
        vec![&text[..2], &text[2..4], &text[4..]]
    } else {
        text.split(':').collect()
    };
    let number = |part: &str| if part.len() <= 2 { part.parse::<i8>().ok() } else { None };
    match parts[..] {
        [hour, minute] => Time::new(number(hour)?, number(minute)?, 0, 0).ok(),
        [hour, minute, second] => Time::new(number(hour)?, number(minute)?, number(second)?, 0).ok(),
        _ => None,
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.date)?;
        match self.time {
            Some(time) => write!(f, " {:02}:{:02}:{:02}", time.hour(), time.minute(), time.second()),
            None => Ok(()),
        }
    }
}

impl Serialize for Moment {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Moment, D::Error> {
        let text = String::deserialize(deserializer)?;
        Moment::read(&text).ok_or_else(|| serde::de::Error::custom(ReadError { text, kind: Kind::Moment }))
    }
}

/// 时长, in minutes; written `days/hours/minutes` as the national interface does (`1/13/24`).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Minutes(pub i64);

impl Cell for Minutes {
    const KIND: Kind = Kind::Minutes;
    fn read(text: &str) -> Option<Minutes> {
        let number = |part: &str| part.trim().parse::<u32>().ok().map(i64::from);
        let parts: Vec<&str> = text.split('/').collect();
        let [days, hours, minutes] = parts[..] else { return None };
        let (days, hours, minutes) = (number(days)?, number(hours)?, number(minutes)?);
        (hours < 24 && minutes < 60).then_some(Minutes(days * 1440 + hours * 60 + minutes))
    }
    fn value(&self) -> Value<'_> {
        Value::Number(Exact::whole(self.0))
    }
}

impl fmt::Display for Minutes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.0 / 1440, self.0 / 60 % 24, self.0 % 60)
    }
}

impl Serialize for Minutes {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Minutes {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Minutes, D::Error> {
        let text = String::deserialize(deserializer)?;
        Minutes::read(&text).ok_or_else(|| serde::de::Error::custom(ReadError { text, kind: Kind::Minutes }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn times_are_read_in_the_forms_that_exports_write() {
        for text in ["2026-03-09 16:00:05", "2026/3/9 16:00:05", "20260309160005", "2026-03-09T16:00:05.000"] {
            assert_eq!(Moment::read(text).map(|m| m.to_string()).as_deref(), Some("2026-03-09 16:00:05"), "{text}");
        }
        for text in ["2026-03-09", "2026/3/9", "20260309", "2026年3月9日"] {
            assert_eq!(Moment::read(text), Some(Moment::day(date(2026, 3, 9))), "{text}");
        }
        for text in
            ["", "2026-02-30", "2026-03", "9/3/2026", "2026-03-09 25:00", "２０２６-03-09", "1.5", "2026-03-09 16"]
        {
            assert_eq!(Moment::read(text), None, "{text}");
        }
    }

    #[test]
    fn moments_of_one_day_are_in_order_only_if_both_times_are_known() {
        let read = |text| Moment::read(text).expect("a moment");
        assert_eq!(read("2026-03-09").order(read("2026-03-09 08:00")), None);
        assert_eq!(read("2026-03-08 23:59").order(read("2026-03-09")), Some(std::cmp::Ordering::Less));
        assert_eq!(read("2026-03-08 23:00").minutes_until(read("2026-03-09 01:30")), Some(150));
        assert_eq!(read("2026-03-08").minutes_until(read("2026-03-09 01:30")), None);
        assert_eq!(read("2024-02-28").days_until(read("2024-03-01")), 2);
    }

    #[test]
    fn lengths_of_time_are_days_hours_minutes() {
        assert_eq!(Minutes::read("1/13/24"), Some(Minutes(2244)));
        assert_eq!(Minutes(2244).to_string(), "1/13/24");
        for bad in ["1/24/0", "1/0/60", "1/2", "37", "-1/0/0", ""] {
            assert_eq!(Minutes::read(bad), None, "{bad}");
        }
    }

    #[test]
    fn whole_numbers_may_come_as_a_spreadsheet_writes_them() {
        assert_eq!(i64::read("12.0"), Some(12));
        assert_eq!(i64::read("12.5"), None);
        assert_eq!(i64::read("12."), None);
        assert_eq!(<Date as Cell>::read("2026-03-09 00:00:00"), Some(date(2026, 3, 9)));
        assert_eq!(<Date as Cell>::read("2026-03-09 10:00:00"), None);
    }
}
