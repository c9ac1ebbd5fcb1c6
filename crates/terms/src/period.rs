//! 期间: periods of civil dates, and the two texts in which the interface writes time.

use jiff::civil::{Date, DateTime};
use serde::{Deserialize, Serialize};

/// 起止日期. Both ends belong to the period; no end means 长期.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Period {
    /// 开始日期, inclusive.
    #[serde(rename = "begndate")]
    pub begin: Date,
    /// 结束日期, inclusive; `None` is open.
    #[serde(rename = "enddate")]
    pub end: Option<Date>,
}

impl Period {
    /// A period from `begin` without an end.
    #[must_use]
    pub fn since(begin: Date) -> Period {
        Period { begin, end: None }
    }

    /// Whether `day` lies in the period.
    #[must_use]
    pub fn covers(&self, day: Date) -> bool {
        self.begin <= day && self.end.is_none_or(|end| day <= end)
    }

    /// Whether the two periods share a day.
    #[must_use]
    pub fn overlaps(&self, other: &Period) -> bool {
        self.end.is_none_or(|end| other.begin <= end) && other.end.is_none_or(|end| self.begin <= end)
    }
}

/// Reads `yyyy-MM-dd`.
#[must_use]
pub fn parse_date(text: &str) -> Option<Date> {
    let bytes = text.as_bytes();
    if bytes.len() != 10 || bytes[4] != b'-' || bytes[7] != b'-' {
        return None;
    }
    Date::new(text[0..4].parse().ok()?, text.get(5..7)?.parse().ok()?, text.get(8..10)?.parse().ok()?).ok()
}

/// Reads `yyyy-MM-dd HH:mm:ss`, or a date alone as its midnight.
#[must_use]
pub fn parse_time(text: &str) -> Option<DateTime> {
    if !text.is_ascii() {
        return None;
    }
    let date = parse_date(text.get(0..10)?)?;
    if text.len() == 10 {
        return Some(date.to_datetime(jiff::civil::Time::midnight()));
    }
    let bytes = text.as_bytes();
    if bytes.len() != 19 || !matches!(bytes[10], b' ' | b'T') || bytes[13] != b':' || bytes[16] != b':' {
        return None;
    }
    let part = |range: std::ops::Range<usize>| text.get(range)?.parse::<i8>().ok();
    let time = jiff::civil::Time::new(part(11..13)?, part(14..16)?, part(17..19)?, 0).ok()?;
    Some(date.to_datetime(time))
}

/// Writes `yyyy-MM-dd HH:mm:ss`.
#[must_use]
pub fn show_time(time: DateTime) -> String {
    format!(
        "{:04}-{:02}-{:02} {:02}:{:02}:{:02}",
        time.year(),
        time.month(),
        time.day(),
        time.hour(),
        time.minute(),
        time.second()
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn both_ends_of_a_period_belong_to_it() {
        let period = Period { begin: date(2026, 1, 1), end: Some(date(2026, 6, 30)) };
        assert!(period.covers(date(2026, 1, 1)) && period.covers(date(2026, 6, 30)));
        assert!(!period.covers(date(2026, 7, 1)) && !period.covers(date(2025, 12, 31)));
        assert!(Period::since(date(2026, 6, 30)).overlaps(&period));
        assert!(!Period::since(date(2026, 7, 1)).overlaps(&period));
    }

    #[test]
    fn times_read_and_write_as_the_interface_does() {
        let text = "2026-03-09 16:00:05";
        assert_eq!(parse_time(text).map(show_time).as_deref(), Some(text));
        assert_eq!(parse_time("2026-03-09").map(show_time).as_deref(), Some("2026-03-09 00:00:00"));
        for bad in ["", "2026-3-9", "2026-02-30", "2026-03-09 25:00:00", "20260309", "２０２６-03-09"] {
            assert_eq!(parse_time(bad), None, "{bad}");
        }
    }
}
