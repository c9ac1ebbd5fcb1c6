//! 清算年月.

use std::fmt;
use std::str::FromStr;

use terms::Date;

/// 清算年月 `setlym`: a month of a year, written `2026-03`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month(Date);

/// A text that is not a month.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("“{0}” is not a month: write it as 2026-03 or 202603")]
pub struct NotAMonth(pub String);

impl Month {
    /// The month of a day.
    #[must_use]
    pub fn of(day: Date) -> Month {
        Month(day.first_of_month())
    }

    /// Its first day.
    #[must_use]
    pub fn first(self) -> Date {
        self.0
    }

    /// Its last day.
    #[must_use]
    pub fn last(self) -> Date {
        self.0.last_of_month()
    }

    /// Its year.
    #[must_use]
    pub fn year(self) -> i16 {
        self.0.year()
    }

    /// The month before.
    #[must_use]
    pub fn before(self) -> Month {
        let day = self.0.yesterday().expect("no clearing happens before the year -9999");
        Month::of(day)
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.0.year(), self.0.month())
    }
}

impl FromStr for Month {
    type Err = NotAMonth;

    fn from_str(text: &str) -> Result<Month, NotAMonth> {
        let bad = || NotAMonth(text.to_owned());
        let digits: String = text.chars().filter(|c| *c != '-').collect();
        let dashed = text.len() == 7 && text.as_bytes()[4] == b'-';
        if digits.len() != 6 || !(dashed || text.len() == 6) || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(bad());
        }
        let (year, month) = digits.split_at(4);
        let (year, month) = (year.parse().map_err(|_| bad())?, month.parse().map_err(|_| bad())?);
        Date::new(year, month, 1).map(Month).map_err(|_| bad())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_is_read_in_both_spellings_and_written_in_one() {
        for text in ["2026-02", "202602"] {
            let month: Month = text.parse().unwrap();
            assert_eq!((month.to_string().as_str(), month.last().day()), ("2026-02", 28));
        }
        assert_eq!("2026-01".parse::<Month>().unwrap().before().to_string(), "2025-12");
        for wrong in ["2026-13", "2026-1", "20-2601", "2026年3月", "2026-03-01", ""] {
            assert_eq!(wrong.parse::<Month>(), Err(NotAMonth(wrong.to_owned())));
        }
    }
}
