//! 日历: days as numbers since 1970-01-01 and local times as seconds, so that ten million lines
//! need no calendar object. Proleptic Gregorian.

use terms::{Date, DateTime};

/// Seconds of a day.
pub(crate) const DAY: i64 = 86_400;

/// A day's number.
pub(crate) fn of_civil(year: i64, month: i64, day: i64) -> i32 {
    // March is month 0, so that the leap day is a year's last.
    let shifted = (month + 9) % 12;
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * shifted + 2) / 5 + day - 1;
    let days = era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468;
    i32::try_from(days).unwrap_or(i32::MAX)
}

/// Year, month and day of a day's number.
pub(crate) fn civil(day: i32) -> (i64, i64, i64) {
    let shifted = i64::from(day) + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let calendar = if month < 10 { month + 3 } else { month - 9 };
    (year + era * 400 + i64::from(calendar <= 2), calendar, day)
}

/// A date's number.
pub(crate) fn of_date(date: Date) -> i32 {
    of_civil(i64::from(date.year()), i64::from(date.month()), i64::from(date.day()))
}

/// A local time in seconds.
pub(crate) fn of_time(time: DateTime) -> i64 {
    i64::from(of_date(time.date())) * DAY
        + i64::from(time.hour()) * 3600
        + i64::from(time.minute()) * 60
        + i64::from(time.second())
}

/// The day of a local time.
#[inline]
pub(crate) fn of_seconds(seconds: i64) -> i32 {
    i32::try_from(seconds.div_euclid(DAY)).unwrap_or(i32::MAX)
}

/// The same day of the month so many months on; the month's last day if it has none.
pub(crate) fn add_months(day: i32, months: i64) -> i32 {
    let (year, month, of_month) = civil(day);
    let all = year * 12 + month - 1 + months;
    let (year, month) = (all.div_euclid(12), all.rem_euclid(12) + 1);
    let next = if month == 12 { of_civil(year + 1, 1, 1) } else { of_civil(year, month + 1, 1) };
    of_civil(year, month, of_month).min(next - 1)
}

/// As a file holds it.
pub(crate) fn show_day(day: i32) -> String {
    let (year, month, day) = civil(day);
    format!("{year:04}-{month:02}-{day:02}")
}

/// As a file holds it.
pub(crate) fn show_seconds(seconds: i64) -> String {
    let of_day = seconds.rem_euclid(DAY);
    let (hour, minute, second) = (of_day / 3600, of_day / 60 % 60, of_day % 60);
    format!("{} {hour:02}:{minute:02}:{second:02}", show_day(of_seconds(seconds)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_agree_with_the_calendar_of_the_house() {
        let mut date = terms::parse_date("1899-12-25").expect("a date");
        let mut number = of_date(date);
        while number < 65_000 {
            assert_eq!(of_date(date), number);
            assert_eq!(show_day(number), date.to_string());
            date = date.tomorrow().expect("a day");
            number += 1;
        }
    }

    #[test]
    fn a_month_later_is_the_same_day_or_the_months_last() {
        let day = |text: &str| of_date(terms::parse_date(text).expect("a date"));
        assert_eq!(add_months(day("2024-01-31"), 1), day("2024-02-29"));
        assert_eq!(add_months(day("2024-02-29"), 12), day("2025-02-28"));
        assert_eq!(add_months(day("2026-03-15"), -14), day("2025-01-15"));
    }
}
