//! 时长与窗口: lengths of time and the windows that rules count in.

use crate::day::{DAY, add_months, of_seconds};

/// 时长.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Span {
    /// `36h`.
    Hours(i64),
    /// `28d`; weeks are seven days.
    Days(i64),
    /// `6m`; years are twelve months.
    Months(i64),
}

impl Span {
    /// Reads `36h`, `28d`, `2w`, `6m`, `3y`, also 小时 天 周 月 岁 年; a bare number is days.
    pub fn read(text: &str) -> Option<Span> {
        let text = text.trim();
        let (sign, rest) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
        let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        let number = sign * rest[..digits].parse::<i64>().ok().filter(|n| *n < 1_000_000)?;
        match rest[digits..].trim() {
            "h" | "小时" => Some(Span::Hours(number)),
            "d" | "天" | "日" | "" => Some(Span::Days(number)),
            "w" | "周" => Some(Span::Days(number * 7)),
            "m" | "月" | "个月" => Some(Span::Months(number)),
            "y" | "岁" | "年" => Some(Span::Months(number * 12)),
            _ => None,
        }
    }

    /// The day so long after a day; hours make no difference to days.
    pub fn after_day(self, day: i32) -> i32 {
        match self {
            Span::Hours(hours) => shift(day, hours.div_euclid(24)),
            Span::Days(days) => shift(day, days),
            Span::Months(months) => add_months(day, months),
        }
    }

    /// The moment so long after a moment.
    pub fn after(self, seconds: i64) -> i64 {
        match self {
            Span::Hours(hours) => seconds + hours * 3600,
            Span::Days(days) => seconds + days * DAY,
            Span::Months(months) => i64::from(add_months(of_seconds(seconds), months)) * DAY + seconds.rem_euclid(DAY),
        }
    }

    /// The moment so long before a moment.
    pub fn before(self, seconds: i64) -> i64 {
        self.negated().after(seconds)
    }

    /// The day so long before a day.
    pub fn before_day(self, day: i32) -> i32 {
        self.negated().after_day(day)
    }

    fn negated(self) -> Span {
        match self {
            Span::Hours(n) => Span::Hours(-n),
            Span::Days(n) => Span::Days(-n),
            Span::Months(n) => Span::Months(-n),
        }
    }

    /// Whether an age within this many completed units: born `birth`, on `day`. `12y` holds up to
    /// the day before the thirteenth birthday.
    pub fn completed_at_most(self, birth: i32, day: i32) -> bool {
        let next = match self {
            Span::Hours(n) => Span::Days(n.div_euclid(24) + 1),
            Span::Days(n) => Span::Days(n + 1),
            // Whole years are completed at birthdays, months at days of the month.
            Span::Months(n) if n % 12 == 0 => Span::Months(n + 12),
            Span::Months(n) => Span::Months(n + 1),
        };
        day < next.after_day(birth)
    }

    /// Whether at least so old.
    pub fn at_least(self, birth: i32, day: i32) -> bool {
        day >= self.after_day(birth)
    }

    /// As written.
    pub fn show(self) -> String {
        match self {
            Span::Hours(n) => format!("{n}h"),
            Span::Days(n) => format!("{n}d"),
            Span::Months(n) if n % 12 == 0 && n != 0 => format!("{}y", n / 12),
            Span::Months(n) => format!("{n}m"),
        }
    }
}

fn shift(day: i32, by: i64) -> i32 {
    i32::try_from(i64::from(day) + by).unwrap_or(if by < 0 { i32::MIN } else { i32::MAX })
}

/// 时间窗口.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Window {
    /// 行.
    Line,
    /// 处方.
    Prescription,
    /// 当次就诊.
    Visit,
    /// 住院.
    Stay,
    /// 手术.
    Session,
    /// 自然日.
    Day,
    /// 周, from Monday.
    Week,
    /// 自然月.
    Month,
    /// 季度.
    Quarter,
    /// 自然年.
    Year,
    /// 医保年度.
    PolicyYear,
    /// So long up to the record.
    Rolling(Span),
    /// A chain with gaps of at most so much.
    Episode(Span),
    /// All there is.
    Ever,
    /// Pairs: the times overlap.
    Overlap,
    /// Pairs: on a day strictly inside the first visit.
    During,
    /// Pairs: second's time minus first's.
    Offset,
}

impl Window {
    /// Reads a window's words, English or Chinese.
    pub fn read(text: &str) -> Option<Window> {
        let text = text.trim();
        Some(match text {
            "line" | "行" => Window::Line,
            "prescription" | "处方" => Window::Prescription,
            "visit" | "当次就诊" => Window::Visit,
            "stay" | "住院" => Window::Stay,
            "session" | "手术" => Window::Session,
            "day" | "自然日" | "日" | "单日" => Window::Day,
            "week" | "周" => Window::Week,
            "month" | "自然月" | "单月" => Window::Month,
            "quarter" | "季度" => Window::Quarter,
            "year" | "自然年" => Window::Year,
            "policy_year" | "医保年度" => Window::PolicyYear,
            "ever" | "历史" => Window::Ever,
            "overlap" | "重叠" => Window::Overlap,
            "during" | "期间" => Window::During,
            "offset" | "间隔" => Window::Offset,
            _ => {
                let (word, span) = text.split_once(' ').or_else(|| {
                    ["滚动", "疗程"].iter().find_map(|word| text.strip_prefix(word).map(|rest| (*word, rest)))
                })?;
                let span = Span::read(span)?;
                match word {
                    "rolling" | "滚动" => Window::Rolling(span),
                    "episode" | "疗程" => Window::Episode(span),
                    _ => return None,
                }
            }
        })
    }

    /// As people say it.
    pub fn show(self) -> String {
        let word = match self {
            Window::Line => "行",
            Window::Prescription => "处方",
            Window::Visit => "当次就诊",
            Window::Stay => "住院",
            Window::Session => "手术",
            Window::Day => "自然日",
            Window::Week => "周",
            Window::Month => "自然月",
            Window::Quarter => "季度",
            Window::Year => "自然年",
            Window::PolicyYear => "医保年度",
            Window::Rolling(span) => return format!("滚动{}", span.show()),
            Window::Episode(span) => return format!("疗程{}", span.show()),
            Window::Ever => "历史",
            Window::Overlap => "重叠",
            Window::During => "期间",
            Window::Offset => "间隔",
        };
        word.to_owned()
    }

    /// What may be written.
    pub const WORDS: &'static str = "line, prescription, visit, stay, session, day, week, month, quarter, year, policy_year, rolling 30d, episode 30d, ever";
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> i32 {
        crate::day::of_date(terms::parse_date(text).expect("a date"))
    }

    #[test]
    fn twelve_years_hold_until_the_day_before_the_thirteenth_birthday() {
        let span = Span::read("12y").expect("a span");
        assert!(span.completed_at_most(day("2013-05-01"), day("2026-04-30")));
        assert!(!span.completed_at_most(day("2013-05-01"), day("2026-05-01")));
        assert!(Span::read("28d").expect("a span").completed_at_most(day("2026-03-01"), day("2026-03-29")));
        assert!(!Span::read("28d").expect("a span").completed_at_most(day("2026-03-01"), day("2026-03-30")));
        assert!(Span::read("3岁").expect("a span").at_least(day("2023-03-01"), day("2026-03-01")));
    }

    #[test]
    fn windows_read_in_both_languages() {
        assert_eq!(Window::read("rolling 14d"), Some(Window::Rolling(Span::Days(14))));
        assert_eq!(Window::read("疗程30天"), Some(Window::Episode(Span::Days(30))));
        assert_eq!(Window::read("自然日"), Some(Window::Day));
        assert_eq!(Window::read("someday"), None);
    }
}
