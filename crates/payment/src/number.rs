//! 精确数: a fraction of whole numbers of any size. Formulas, shares and statistics stay
//! exact until a named rounding; nothing is ever a floating point number.

use std::fmt;
use std::ops::{Add, Mul, Neg, Sub};

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{One, Signed, ToPrimitive, Zero};
use serde::{Deserialize, Serialize};
use terms::{Exact, Fen};

/// 进位方式: how a last place is decided.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// 四舍五入, half away from zero.
    #[default]
    HalfUp,
    /// 截断, towards zero.
    Down,
    /// 进一, away from zero.
    Up,
}

impl Mode {
    /// In words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Mode::HalfUp => "四舍五入",
            Mode::Down => "截断",
            Mode::Up => "进一",
        }
    }
}

/// An exact fraction. Prints as a decimal with at most ten places.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fraction(BigRational);

impl Default for Fraction {
    fn default() -> Fraction {
        Fraction::zero()
    }
}

impl Fraction {
    /// 0.
    #[must_use]
    pub fn zero() -> Fraction {
        Fraction(BigRational::zero())
    }

    /// 1.
    #[must_use]
    pub fn one() -> Fraction {
        Fraction(BigRational::one())
    }

    /// A whole number.
    #[must_use]
    pub fn whole(value: impl Into<BigInt>) -> Fraction {
        Fraction(BigRational::from_integer(value.into()))
    }

    /// `numerator / denominator`; `None` when the denominator is nothing.
    #[must_use]
    pub fn of(numerator: impl Into<BigInt>, denominator: impl Into<BigInt>) -> Option<Fraction> {
        let denominator = denominator.into();
        (!denominator.is_zero()).then(|| Fraction(BigRational::new(numerator.into(), denominator)))
    }

    /// The quotient; `None` when dividing by nothing.
    #[must_use]
    pub fn over(&self, other: &Fraction) -> Option<Fraction> {
        (!other.0.is_zero()).then(|| Fraction(&self.0 / &other.0))
    }

    /// Whether it is exactly nothing.
    #[must_use]
    pub fn is_zero(&self) -> bool {
        self.0.is_zero()
    }

    /// Whether it is below nothing.
    #[must_use]
    pub fn is_negative(&self) -> bool {
        self.0.is_negative()
    }

    /// Numerator and denominator in lowest terms.
    #[must_use]
    pub fn parts(&self) -> (&BigInt, &BigInt) {
        (self.0.numer(), self.0.denom())
    }

    /// The greatest whole number not above it.
    #[must_use]
    pub fn floor(&self) -> Fraction {
        Fraction(self.0.floor())
    }

    /// Rounded to `places` decimals.
    #[must_use]
    pub fn rounded(&self, places: u32, mode: Mode) -> Fraction {
        let unit = BigInt::from(10).pow(places);
        Fraction(BigRational::new(self.scaled(places, mode), unit))
    }

    /// `self × 10^places` as a whole number, rounded.
    fn scaled(&self, places: u32, mode: Mode) -> BigInt {
        let scaled = &self.0 * BigRational::from_integer(BigInt::from(10).pow(places));
        match mode {
            Mode::HalfUp => scaled.round().to_integer(),
            Mode::Down => scaled.trunc().to_integer(),
            Mode::Up if scaled.is_negative() => scaled.floor().to_integer(),
            Mode::Up => scaled.ceil().to_integer(),
        }
    }

    /// To ten decimals, half away from zero; `None` if too large.
    #[must_use]
    pub fn to_exact(&self) -> Option<Exact> {
        let scaled = self.scaled(10, Mode::HalfUp);
        match scaled.to_i64() {
            Some(small) => Some(Exact::from_scaled(small, 10)),
            None => decimal(&scaled).parse().ok(),
        }
    }

    /// To whole 分 (the number is in 分), half away from zero; `None` if too large.
    #[must_use]
    pub fn to_fen(&self) -> Option<Fen> {
        self.scaled(0, Mode::HalfUp).to_i64().map(Fen)
    }
}

/// The decimal text of a whole number of 10^-10.
fn decimal(scaled: &BigInt) -> String {
    let sign = if scaled.is_negative() { "-" } else { "" };
    let digits = format!("{:0>11}", scaled.abs());
    let (whole, rest) = digits.split_at(digits.len() - 10);
    let rest = rest.trim_end_matches('0');
    if rest.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{rest}") }
}

impl fmt::Display for Fraction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&decimal(&self.scaled(10, Mode::HalfUp)))
    }
}

impl From<Fen> for Fraction {
    /// In 分.
    fn from(amount: Fen) -> Fraction {
        Fraction::whole(amount.0)
    }
}

impl From<Exact> for Fraction {
    fn from(number: Exact) -> Fraction {
        if let Some(whole) = number.as_whole() {
            return Fraction::whole(whole);
        }
        // The text of an Exact is digits with at most one point: that is how its
        // hundred and twenty-eight bits come out.
        let text = number.to_string();
        let (whole, decimals) = text.split_once('.').unwrap_or((&text, ""));
        let digits: BigInt = format!("{whole}{decimals}").parse().unwrap_or_default();
        let places = u32::try_from(decimals.len()).unwrap_or(0);
        Fraction(BigRational::new(digits, BigInt::from(10).pow(places)))
    }
}

impl Add for Fraction {
    type Output = Fraction;
    fn add(self, other: Fraction) -> Fraction {
        Fraction(self.0 + other.0)
    }
}

impl Sub for Fraction {
    type Output = Fraction;
    fn sub(self, other: Fraction) -> Fraction {
        Fraction(self.0 - other.0)
    }
}

impl Mul for Fraction {
    type Output = Fraction;
    fn mul(self, other: Fraction) -> Fraction {
        Fraction(self.0 * other.0)
    }
}

impl Neg for Fraction {
    type Output = Fraction;
    fn neg(self) -> Fraction {
        Fraction(-self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn exact(text: &str) -> Exact {
        text.parse().unwrap()
    }

    #[test]
    fn a_third_stays_a_third_until_it_is_rounded() {
        let third = Fraction::of(1, 3).unwrap();
        assert_eq!(third.clone() * Fraction::whole(3), Fraction::one());
        assert_eq!(third.to_string(), "0.3333333333");
        assert_eq!(third.rounded(2, Mode::Up).to_string(), "0.34");
        assert_eq!((-third).rounded(2, Mode::Up).to_string(), "-0.34");
        assert_eq!(Fraction::of(5, 2).unwrap().to_fen(), Some(Fen(3)));
        assert_eq!(Fraction::of(-5, 2).unwrap().to_fen(), Some(Fen(-3)));
        assert_eq!(Fraction::of(-5, 2).unwrap().rounded(0, Mode::Down), Fraction::whole(-2));
        assert_eq!(Fraction::of(1, 0), None);
    }

    #[test]
    fn large_amounts_keep_their_last_place() {
        let large = exact("123456789012345.0000000001");
        assert_eq!(Fraction::from(large).to_exact(), Some(large));
    }

    proptest! {
        #[test]
        fn an_exact_number_comes_back_as_it_was(value in any::<i64>(), places in 0_u32..11) {
            let number = Exact::from_scaled(value / 1000, places);
            prop_assert_eq!(Fraction::from(number).to_exact(), Some(number));
            prop_assert_eq!(Fraction::from(number).to_string(), number.to_string());
        }
    }
}
