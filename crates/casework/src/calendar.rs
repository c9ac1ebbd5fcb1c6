//! 工作日历: which days people work, and when a number of working days is over.

use std::collections::BTreeSet;

use serde::Deserialize;
use terms::{Date, parse_date};

use crate::procedure::Unit;
use crate::read::{Problem, line_of};

/// 工作日历. Mondays to Fridays are worked, but for holidays; other days are not, but for
/// those that are worked in exchange (调休). A year that the file does not name has weekends
/// only ([`Calendar::knows`]).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Calendar {
    years: BTreeSet<i16>,
    holidays: BTreeSet<Date>,
    worked: BTreeSet<Date>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CalendarFile {
    #[serde(default)]
    year: Vec<YearFile>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct YearFile {
    year: i16,
    #[allow(dead_code)]
    article: String,
    holidays: Vec<toml::value::Datetime>,
    #[serde(default)]
    worked: Vec<toml::value::Datetime>,
}

impl Calendar {
    /// A calendar of these holidays and days worked in exchange.
    #[must_use]
    pub fn new(years: &[i16], holidays: &[Date], worked: &[Date]) -> Calendar {
        let set = |days: &[Date]| days.iter().copied().collect();
        Calendar { years: years.iter().copied().collect(), holidays: set(holidays), worked: set(worked) }
    }

    /// Reads a calendar file.
    ///
    /// # Errors
    /// Every slip, with its line.
    pub fn parse(file: &str, text: &str) -> Result<Calendar, Vec<Problem>> {
        let read: CalendarFile = toml::from_str(text).map_err(|error| vec![Problem::of_toml(file, text, &error)])?;
        let mut calendar = Calendar::default();
        let mut problems = Vec::new();
        for year in read.year {
            let days = |list: &[toml::value::Datetime], problems: &mut Vec<Problem>| {
                let mut set = BTreeSet::new();
                for written in list {
                    let words = written.to_string();
                    match parse_date(&words) {
                        Some(day) if day.year() == year.year => drop(set.insert(day)),
                        _ => problems.push(Problem::at(
                            file,
                            line_of(text, &words),
                            format!("{words} is not a day of {}; move it to its own year", year.year),
                        )),
                    }
                }
                set
            };
            let (holidays, worked) = (days(&year.holidays, &mut problems), days(&year.worked, &mut problems));
            for day in holidays.intersection(&worked) {
                let line = line_of(text, &day.to_string());
                problems.push(Problem::at(file, line, format!("{day} is both a holiday and worked; keep one")));
            }
            if !calendar.years.insert(year.year) {
                problems.push(Problem::at(file, 1, format!("{} is there twice; join the two", year.year)));
            }
            calendar.holidays.extend(holidays);
            calendar.worked.extend(worked);
        }
        if problems.is_empty() { Ok(calendar) } else { Err(problems) }
    }

    /// Whether the holidays of a year are known.
    #[must_use]
    pub fn knows(&self, year: i16) -> bool {
        self.years.contains(&year)
    }

    /// 是否工作日.
    #[must_use]
    pub fn is_worked(&self, day: Date) -> bool {
        if self.worked.contains(&day) {
            return true;
        }
        day.weekday().to_monday_zero_offset() < 5 && !self.holidays.contains(&day)
    }

    /// 到期日: the last day of a time of `days` that begins on the day after `start`. Of working
    /// days it is one; of calendar days it moves to the next one that is worked. A deed on that
    /// day is in time.
    ///
    /// # Panics
    /// Past the year 9999, a bug of the caller.
    #[must_use]
    pub fn due(&self, start: Date, days: u32, unit: Unit) -> Date {
        let tomorrow = |day: Date| day.tomorrow().expect("no case runs into the year 10000");
        let mut day = start;
        let mut left = days;
        while left > 0 {
            day = tomorrow(day);
            if unit == Unit::Calendar || self.is_worked(day) {
                left -= 1;
            }
        }
        while !self.is_worked(day) {
            day = tomorrow(day);
        }
        day
    }

    /// Working days after `from` up to and with `to`; 0 when `to` is not after it.
    #[must_use]
    pub fn working_days(&self, from: Date, to: Date) -> u32 {
        let mut count = 0;
        let mut day = from;
        while day < to {
            day = day.tomorrow().expect("before `to`");
            count += u32::from(self.is_worked(day));
        }
        count
    }
}
