//! The functions of formulas.

use std::sync::LazyLock;

use policy::Function;
use terms::{Date, DateTime, Exact, round_half_away};

use crate::PolicyError;
use crate::value::V;

/// Applies a function of one or two plain values.
pub(crate) fn apply<'a>(function: Function, first: V<'a>, second: Option<V<'a>>) -> Result<V<'a>, PolicyError> {
    use Function as F;
    let missing = || PolicyError::new(format!("the function {function:?} needs a fact that is missing"));
    Ok(match (function, first, second) {
        (F::Round, V::Number(amount), _) => V::money(round_half_away(amount)),
        (F::RoundTo, V::Number(number), Some(V::Number(places))) => {
            let places = places.as_whole().and_then(|places| u32::try_from(places).ok()).ok_or_else(missing)?;
            V::Number(number.rounded(places))
        }
        (F::Floor, V::Number(number), _) => V::Number(number.floor()),
        (F::Year, V::Date(date), _) => year(date),
        (F::Quarter, V::Date(date), _) => V::owned(format!("{:04}Q{}", date.year(), (date.month() - 1) / 3 + 1)),
        (F::Month, V::Date(date), _) => V::owned(format!("{:04}-{:02}", date.year(), date.month())),
        (F::DateOf, V::Time(time), _) => V::Date(time.date()),
        (F::DateOf, V::Missing, _) => V::Missing,
        (F::DaysBetween, V::Date(from), Some(V::Date(to))) => V::Number(Exact::whole(days_between(from, to))),
        (F::MonthsBetween, V::Date(from), Some(V::Date(to))) => V::Number(Exact::whole(months_between(from, to))),
        (F::HoursBetween, V::Time(from), Some(V::Time(to))) => {
            V::Number(Exact::whole(seconds_between(from, to)).over(Exact::whole(3600)).ok_or_else(missing)?)
        }
        (F::Age, V::Date(birth), Some(V::Date(on))) => {
            V::Number(Exact::whole(months_between(birth, on).div_euclid(12)))
        }
        (F::AddDays, V::Date(date), Some(V::Number(days))) => {
            let days = days.as_whole().ok_or_else(missing)?;
            V::Date(date.checked_add(jiff::Span::new().try_days(days).map_err(|_| missing())?).map_err(|_| missing())?)
        }
        (F::AddMonths, V::Date(date), Some(V::Number(months))) => {
            let months = months.as_whole().ok_or_else(missing)?;
            V::Date(
                date.checked_add(jiff::Span::new().try_months(months).map_err(|_| missing())?)
                    .map_err(|_| missing())?,
            )
        }
        (F::StartsWith, V::Text(text), Some(V::Text(begin))) => V::Flag(text.starts_with(begin.as_ref())),
        (F::StartsWith, _, _) => V::Flag(false),
        (F::NumberOf, V::Text(text), _) => {
            text.parse::<terms::UnitPrice>().map_or(V::Missing, |number| V::Number(Exact::from(number)))
        }
        (F::DateFrom, V::Text(text), _) => V::date(terms::parse_date(&text)),
        (F::IsNewYear, V::Date(date), _) => V::Flag(date.month() == 1 && date.day() == 1),
        _ => return Err(missing()),
    })
}

/// The year as text. Every settlement asks for it many times, so the usual years are kept.
fn year<'a>(date: Date) -> V<'a> {
    static YEARS: LazyLock<Vec<String>> = LazyLock::new(|| (1900..2200).map(|year| year.to_string()).collect());
    let kept = usize::try_from(date.year() - 1900).ok().and_then(|n| YEARS.get(n));
    kept.map_or_else(|| V::owned(format!("{:04}", date.year())), |year| V::text(year))
}

/// Days from one date to another; negative when the second is earlier.
pub(crate) fn days_between(from: Date, to: Date) -> i64 {
    from.until(to).map_or(0, |span| i64::from(span.get_days()))
}

fn seconds_between(from: DateTime, to: DateTime) -> i64 {
    let day_seconds = days_between(from.date(), to.date()) * 86_400;
    let of_day =
        |time: DateTime| i64::from(time.hour()) * 3600 + i64::from(time.minute()) * 60 + i64::from(time.second());
    day_seconds + of_day(to) - of_day(from)
}

/// Whole months completed.
fn months_between(from: Date, to: Date) -> i64 {
    let months = i64::from(to.year() - from.year()) * 12 + i64::from(to.month() - from.month());
    if to.day() < from.day() { months - 1 } else { months }
}
