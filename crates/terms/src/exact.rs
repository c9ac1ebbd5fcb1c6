//! Exact numbers: unit prices, quantities, ratios, and the intermediate number that
//! formulas work with, plus the one place where anything is rounded to 分.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

use crate::Fen;

/// A text that is not the decimal number it should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("“{text}” is not {what}: digits, at most {places} decimals")]
pub struct NumberError {
    /// What was written.
    pub text: String,
    /// What was expected, in the field's words.
    pub what: &'static str,
    /// Decimals allowed.
    pub places: u32,
}

/// A product or quotient that ten decimals cannot hold exactly, or that overflows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the exact result needs more than ten decimals or is too large")]
pub struct Inexact;

/// Reads a decimal text as an integer of `10^-places`; more decimals only if zero.
pub(crate) fn parse_scaled(text: &str, places: u32, what: &'static str) -> Result<i64, NumberError> {
    let bad = || NumberError { text: text.to_owned(), what, places };
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (whole, decimals) = digits.split_once('.').unwrap_or((digits, ""));
    if whole.is_empty() && decimals.is_empty() {
        return Err(bad());
    }
    let mut value: i64 = 0;
    let mut push = |digit: u8| -> Result<(), NumberError> {
        if !digit.is_ascii_digit() {
            return Err(bad());
        }
        value = value.checked_mul(10).and_then(|v| v.checked_add(i64::from(digit - b'0'))).ok_or_else(bad)?;
        Ok(())
    };
    for digit in whole.bytes() {
        push(digit)?;
    }
    let kept = decimals.len().min(places as usize);
    for digit in decimals.bytes().take(kept) {
        push(digit)?;
    }
    for _ in kept..places as usize {
        push(b'0')?;
    }
    if decimals.bytes().skip(kept).any(|digit| digit != b'0') {
        return Err(bad());
    }
    Ok(if negative { -value } else { value })
}

fn show_scaled(value: i64, places: u32, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let unit = 10_u64.pow(places);
    let size = value.unsigned_abs();
    let sign = if value < 0 { "-" } else { "" };
    let decimals = format!("{:0width$}", size % unit, width = places as usize);
    let decimals = decimals.trim_end_matches('0');
    if decimals.is_empty() { write!(f, "{sign}{}", size / unit) } else { write!(f, "{sign}{}.{decimals}", size / unit) }
}

macro_rules! scaled {
    ($(#[$doc:meta])* $name:ident, $places:literal, $what:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub i64);

        impl FromStr for $name {
            type Err = NumberError;
            fn from_str(text: &str) -> Result<Self, NumberError> {
                parse_scaled(text, $places, $what).map(Self)
            }
        }

        impl fmt::Display for $name {
            /// The shortest decimal text of the number.
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                show_scaled(self.0, $places, f)
            }
        }

        impl From<$name> for Exact {
            fn from(number: $name) -> Exact {
                Exact::from_scaled(number.0, $places)
            }
        }
    };
}

scaled!(
    /// 单价. A unit price in 元 with six decimals, held as an integer of 0.000001 元.
    UnitPrice, 6, "单价 (16,6)"
);
scaled!(
    /// 数量. A quantity with four decimals, held as an integer of 0.0001; negative for a refund.
    Quantity, 4, "数量 (16,4)"
);
scaled!(
    /// 比例. A ratio held as an integer of 0.0001 (万分位): 8500 is 85%.
    Ratio, 4, "比例 (5,4)"
);

/// An exact intermediate number with ten decimals. For money the unit is 分.
///
/// Sums and differences are exact; a product that would need an eleventh decimal is
/// an [`Inexact`] error and never a silent truncation.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Exact(i128);

const ONE: i128 = 10_000_000_000;

impl Exact {
    /// Nothing.
    pub const ZERO: Exact = Exact(0);
    /// One.
    pub const ONE: Exact = Exact(ONE);

    /// A whole number.
    #[must_use]
    pub fn whole(value: i64) -> Exact {
        Exact(i128::from(value) * ONE)
    }

    /// `value × 10^-places`, with `places` at most ten.
    #[must_use]
    pub fn from_scaled(value: i64, places: u32) -> Exact {
        Exact(i128::from(value) * (ONE / 10_i128.pow(places)))
    }

    /// `value × 10^-10`: what [`Exact::ten_decimals`] gave.
    #[must_use]
    pub fn of_ten_decimals(value: i128) -> Exact {
        Exact(value)
    }

    /// The number times 10^10, nothing lost: for columns of decimals.
    #[must_use]
    pub fn ten_decimals(self) -> i128 {
        self.0
    }

    /// The number as a whole one, if it is.
    #[must_use]
    pub fn as_whole(self) -> Option<i64> {
        if self.0 % ONE == 0 { i64::try_from(self.0 / ONE).ok() } else { None }
    }

    /// The exact product.
    ///
    /// # Errors
    /// [`Inexact`] when ten decimals cannot hold it.
    pub fn times(self, other: Exact) -> Result<Exact, Inexact> {
        let product = self.0.checked_mul(other.0).ok_or(Inexact)?;
        if product % ONE == 0 { Ok(Exact(product / ONE)) } else { Err(Inexact) }
    }

    /// The quotient to ten decimals, half away from zero; `None` when dividing by zero.
    #[must_use]
    pub fn over(self, other: Exact) -> Option<Exact> {
        if other.0 == 0 {
            return None;
        }
        Some(Exact(divide_half_away(self.0.checked_mul(ONE)?, other.0)))
    }

    /// Rounded to `places` decimals, half away from zero.
    #[must_use]
    pub fn rounded(self, places: u32) -> Exact {
        let unit = 10_i128.pow(10 - places.min(10));
        Exact(divide_half_away(self.0, unit) * unit)
    }

    /// The whole part towards minus infinity.
    #[must_use]
    pub fn floor(self) -> Exact {
        Exact(self.0.div_euclid(ONE) * ONE)
    }

    /// The number times `10^places` as an integer, rounded half away from zero.
    #[must_use]
    pub fn to_scaled(self, places: u32) -> i64 {
        i64::try_from(divide_half_away(self.0, ONE / 10_i128.pow(places))).unwrap_or(i64::MAX)
    }
}

impl Serialize for Exact {
    /// The decimal text.
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Exact {
    /// Reads what [`fmt::Display`] writes.
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Exact, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl FromStr for Exact {
    type Err = NumberError;

    /// Reads a decimal text with at most ten decimals.
    fn from_str(text: &str) -> Result<Exact, NumberError> {
        let bad = || NumberError { text: text.to_owned(), what: "a number", places: 10 };
        let (sign, digits) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
        let (whole, decimals) = digits.split_once('.').unwrap_or((digits, ""));
        let only_digits = whole.bytes().chain(decimals.bytes()).all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || decimals.len() > 10 || !only_digits {
            return Err(bad());
        }
        let whole: i128 = whole.parse().map_err(|_| bad())?;
        let decimals: i128 = format!("{decimals:0<10}").parse().map_err(|_| bad())?;
        whole
            .checked_mul(ONE)
            .and_then(|whole| whole.checked_add(decimals))
            .map(|size| Exact(sign * size))
            .ok_or_else(bad)
    }
}

impl std::ops::Add for Exact {
    type Output = Exact;
    fn add(self, other: Exact) -> Exact {
        Exact(self.0 + other.0)
    }
}

impl std::ops::Sub for Exact {
    type Output = Exact;
    fn sub(self, other: Exact) -> Exact {
        Exact(self.0 - other.0)
    }
}

impl std::ops::Neg for Exact {
    type Output = Exact;
    fn neg(self) -> Exact {
        Exact(-self.0)
    }
}

impl From<Fen> for Exact {
    /// An amount of money, in 分.
    fn from(amount: Fen) -> Exact {
        Exact::whole(amount.0)
    }
}

impl fmt::Display for Exact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let size = self.0.unsigned_abs();
        let sign = if self.0 < 0 { "-" } else { "" };
        let unit = ONE.unsigned_abs();
        let decimals = format!("{:010}", size % unit);
        let decimals = decimals.trim_end_matches('0');
        if decimals.is_empty() {
            write!(f, "{sign}{}", size / unit)
        } else {
            write!(f, "{sign}{}.{decimals}", size / unit)
        }
    }
}

fn divide_half_away(value: i128, by: i128) -> i128 {
    let quotient = value / by;
    let rest = value % by;
    if rest.unsigned_abs() * 2 >= by.unsigned_abs() {
        quotient + if (value < 0) == (by < 0) { 1 } else { -1 }
    } else {
        quotient
    }
}

/// 四舍五入到分: the one rounding of the house, half away from zero, to whole 分.
#[must_use]
pub fn round_half_away(amount_in_fen: Exact) -> Fen {
    Fen(amount_in_fen.to_scaled(0))
}

/// R(单价 × 数量): the amount of a line in 分.
///
/// # Errors
/// [`Inexact`] when the product overflows.
pub fn line_amount(price: UnitPrice, quantity: Quantity) -> Result<Fen, Inexact> {
    let product = i128::from(price.0) * i128::from(quantity.0);
    i64::try_from(divide_half_away(product, 100_000_000)).map(Fen).map_err(|_| Inexact)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn half_a_fen_goes_away_from_zero() {
        let half = Exact::from_scaled(5, 1);
        assert_eq!(round_half_away(half), Fen(1));
        assert_eq!(round_half_away(-half), Fen(-1));
        assert_eq!(round_half_away(Exact::from_scaled(49_999, 5)), Fen(0));
    }

    #[test]
    fn a_line_amount_is_rounded_once() {
        let amount = |p: &str, q: &str| line_amount(p.parse().unwrap(), q.parse().unwrap()).unwrap();
        assert_eq!(amount("31.604803", "2.25"), Fen(7111));
        assert_eq!(amount("0.005", "1"), Fen(1));
        assert_eq!(amount("201.576798", "-0.5000"), Fen(-10079));
    }

    #[test]
    fn a_product_that_ten_decimals_cannot_hold_is_an_error() {
        let small = Exact::from_scaled(1, 6);
        assert_eq!(small.times(small), Err(Inexact));
        assert_eq!(Exact::whole(1001).times(Exact::from_scaled(8500, 4)).map(round_half_away), Ok(Fen(851)));
    }

    #[test]
    fn a_number_goes_through_a_column_of_ten_decimals_unchanged() {
        let number: Exact = "-12.0000000001".parse().expect("a number");
        assert_eq!(number.ten_decimals(), -120_000_000_001);
        assert_eq!(Exact::of_ten_decimals(number.ten_decimals()), number);
    }

    #[test]
    fn numbers_print_as_people_write_them() {
        assert_eq!("12.50".parse::<UnitPrice>().unwrap().to_string(), "12.5");
        assert_eq!(Quantity(-5000).to_string(), "-0.5");
        assert_eq!(Exact::from_scaled(8500, 4).to_string(), "0.85");
        for text in ["0.85", "-12.0000000001", "30000", "-0.5"] {
            assert_eq!(text.parse::<Exact>().map(|number| number.to_string()).as_deref(), Ok(text));
        }
        assert!(
            "1.00000000001".parse::<Exact>().is_err()
                && "".parse::<Exact>().is_err()
                && "1e3".parse::<Exact>().is_err()
        );
    }

    proptest! {
        #[test]
        fn the_text_of_a_quantity_reads_back(value in -1_000_000_000_000_i64..1_000_000_000_000) {
            prop_assert_eq!(Quantity(value).to_string().parse(), Ok(Quantity(value)));
        }

        #[test]
        fn rounding_moves_by_at_most_half_a_fen(value in -1_000_000_000_i64..1_000_000_000) {
            let number = Exact::from_scaled(value, 4);
            let fen = round_half_away(number);
            let off = Exact::from(fen) - number;
            prop_assert!(off <= Exact::from_scaled(5, 1) && -off <= Exact::from_scaled(5, 1));
        }
    }
}
