//! Values while formulas are evaluated.

use std::borrow::Cow;
use std::cmp::Ordering;

use terms::{Date, DateTime, Exact, Fen, round_half_away, show_time};

use crate::trace::Shown;
use policy::Type;

/// A value. Money is a number of 分.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum V<'a> {
    Number(Exact),
    Flag(bool),
    Text(Cow<'a, str>),
    Date(Date),
    Time(DateTime),
    Missing,
}

impl<'a> V<'a> {
    pub fn text(text: &'a str) -> V<'a> {
        V::Text(Cow::Borrowed(text))
    }

    pub fn owned(text: String) -> V<'a> {
        V::Text(Cow::Owned(text))
    }

    pub fn money(amount: Fen) -> V<'a> {
        V::Number(Exact::from(amount))
    }

    pub fn date(date: Option<Date>) -> V<'a> {
        date.map_or(V::Missing, V::Date)
    }

    pub fn time(time: Option<DateTime>) -> V<'a> {
        time.map_or(V::Missing, V::Time)
    }

    /// The order of two values of one kind; none with a missing one.
    pub fn order(&self, other: &V) -> Option<Ordering> {
        match (self, other) {
            (V::Number(a), V::Number(b)) => Some(a.cmp(b)),
            (V::Flag(a), V::Flag(b)) => Some(a.cmp(b)),
            (V::Text(a), V::Text(b)) => Some(a.cmp(b)),
            (V::Date(a), V::Date(b)) => Some(a.cmp(b)),
            (V::Time(a), V::Time(b)) => Some(a.cmp(b)),
            _ => None,
        }
    }

    /// As a key of a table or an accumulator, and in the words of a refusal.
    pub fn key(&self) -> Cow<'a, str> {
        match self {
            V::Text(text) => text.clone(),
            V::Number(number) => Cow::Owned(number.to_string()),
            V::Flag(flag) => Cow::Borrowed(if *flag { "1" } else { "0" }),
            V::Date(date) => Cow::Owned(date.to_string()),
            V::Time(time) => Cow::Owned(show_time(*time)),
            V::Missing => Cow::Borrowed(""),
        }
    }

    /// For the trace, knowing the type of the formula.
    pub fn shown(&self, kind: Type) -> Shown {
        match (self, kind) {
            (V::Number(number), Type::Money) => Shown::Money(round_half_away(*number)),
            (V::Number(number), _) => Shown::Number(*number),
            (other, _) => Shown::Text(other.key().into_owned()),
        }
    }

    /// For people, in the words of a refusal: money in 元.
    pub fn words(&self, kind: Type) -> String {
        match (self, kind) {
            (V::Number(number), Type::Money) => round_half_away(*number).to_string(),
            (other, _) => other.key().into_owned(),
        }
    }
}
