//! 精确数: a fraction of whole numbers of any size. Formulas, shares and statistics stay
//! exact until a named rounding; nothing is ever a floating point number.

use std::cmp::Ordering;
use std::fmt;
use std::ops::{Add, Mul, Neg, Sub};

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{Signed, ToPrimitive, Zero};
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
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Fraction(Repr);

/// In lowest terms with the denominator above zero; small whenever both parts fit, so
/// that equal numbers are equal parts.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Repr {
    /// Nearly always: prices and shares of a case.
    Small(i128, i128),
    /// Sums of many different denominators.
    Big(BigRational),
}

fn gcd(a: u128, b: u128) -> u128 {
    let (mut a, mut b) = (a, b);
    while b != 0 {
        if let (Ok(x), Ok(y)) = (u64::try_from(a), u64::try_from(b)) {
            let (mut x, mut y) = (x, y);
            while y != 0 {
                (x, y) = (y, x % y);
            }
            return u128::from(x);
        }
        (a, b) = (b, a % b);
    }
    a
}

impl Default for Fraction {
    fn default() -> Fraction {
        Fraction::zero()
    }
}

impl Fraction {
    /// 0.
    #[must_use]
    pub fn zero() -> Fraction {
        Fraction(Repr::Small(0, 1))
    }

    /// 1.
    #[must_use]
    pub fn one() -> Fraction {
        Fraction(Repr::Small(1, 1))
    }

    /// A whole number.
    #[must_use]
    pub fn whole(value: impl Into<BigInt>) -> Fraction {
        Fraction::big(BigRational::from_integer(value.into()))
    }

    /// `numerator / denominator`; `None` when the denominator is nothing.
    #[must_use]
    pub fn of(numerator: impl Into<BigInt>, denominator: impl Into<BigInt>) -> Option<Fraction> {
        let denominator = denominator.into();
        (!denominator.is_zero()).then(|| Fraction::big(BigRational::new(numerator.into(), denominator)))
    }

    /// Lowest terms of small parts; the denominator is not zero. `None` if they do not stay small.
    fn small(numerator: i128, denominator: i128) -> Option<Fraction> {
        let divisor = i128::try_from(gcd(numerator.unsigned_abs(), denominator.unsigned_abs())).ok()?;
        let sign = if denominator < 0 { -1 } else { 1 };
        let numerator = (numerator / divisor).checked_mul(sign)?;
        let denominator = (denominator / divisor).checked_mul(sign)?;
        Some(Fraction(Repr::Small(numerator, denominator)))
    }

    fn big(number: BigRational) -> Fraction {
        match (number.numer().to_i128(), number.denom().to_i128()) {
            (Some(numerator), Some(denominator)) => Fraction(Repr::Small(numerator, denominator)),
            _ => Fraction(Repr::Big(number)),
        }
    }

    fn to_big(&self) -> BigRational {
        match &self.0 {
            Repr::Small(numerator, denominator) => BigRational::new_raw((*numerator).into(), (*denominator).into()),
            Repr::Big(number) => number.clone(),
        }
    }

    /// The quotient; `None` when dividing by nothing.
    #[must_use]
    pub fn over(&self, other: &Fraction) -> Option<Fraction> {
        if other.is_zero() {
            return None;
        }
        if let (Repr::Small(a, b), Repr::Small(c, d)) = (&self.0, &other.0)
            && let (Some(numerator), Some(denominator)) = (a.checked_mul(*d), b.checked_mul(*c))
            && let Some(small) = Fraction::small(numerator, denominator)
        {
            return Some(small);
        }
        Some(Fraction::big(self.to_big() / other.to_big()))
    }

    /// Whether it is exactly nothing.
    #[must_use]
    pub fn is_zero(&self) -> bool {
        self.0 == Repr::Small(0, 1)
    }

    /// Whether it is below nothing.
    #[must_use]
    pub fn is_negative(&self) -> bool {
        match &self.0 {
            Repr::Small(numerator, _) => *numerator < 0,
            Repr::Big(number) => number.is_negative(),
        }
    }

    /// Numerator and denominator in lowest terms.
    #[must_use]
    pub fn parts(&self) -> (BigInt, BigInt) {
        self.to_big().into()
    }

    /// The greatest whole number not above it.
    #[must_use]
    pub fn floor(&self) -> Fraction {
        match &self.0 {
            Repr::Small(numerator, denominator) => Fraction(Repr::Small(numerator.div_euclid(*denominator), 1)),
            Repr::Big(number) => Fraction::big(number.floor()),
        }
    }

    /// Rounded to `places` decimals.
    #[must_use]
    pub fn rounded(&self, places: u32, mode: Mode) -> Fraction {
        if let (Some(scaled), Some(unit)) = (self.small_scaled(places, mode), 10_i128.checked_pow(places))
            && let Some(small) = Fraction::small(scaled, unit)
        {
            return small;
        }
        let unit = BigInt::from(10).pow(places);
        Fraction::big(BigRational::new(self.scaled(places, mode), unit))
    }

    /// `self × 10^places` as a whole number, rounded.
    fn scaled(&self, places: u32, mode: Mode) -> BigInt {
        if let Some(small) = self.small_scaled(places, mode) {
            return small.into();
        }
        let scaled = self.to_big() * BigRational::from_integer(BigInt::from(10).pow(places));
        match mode {
            Mode::HalfUp => scaled.round().to_integer(),
            Mode::Down => scaled.trunc().to_integer(),
            Mode::Up if scaled.is_negative() => scaled.floor().to_integer(),
            Mode::Up => scaled.ceil().to_integer(),
        }
    }

    /// The same with small parts, where they suffice.
    fn small_scaled(&self, places: u32, mode: Mode) -> Option<i128> {
        let Repr::Small(numerator, denominator) = &self.0 else { return None };
        let scaled = numerator.checked_mul(10_i128.checked_pow(places)?)?;
        let (quotient, rest) = (scaled / denominator, scaled % denominator);
        let away = match mode {
            Mode::HalfUp => rest.unsigned_abs() >= denominator.unsigned_abs() - rest.unsigned_abs(),
            Mode::Down => false,
            Mode::Up => rest != 0,
        };
        Some(if away { quotient + scaled.signum() } else { quotient })
    }

    /// To ten decimals, half away from zero; `None` if too large.
    #[must_use]
    pub fn to_exact(&self) -> Option<Exact> {
        if let Some(small) = self.small_scaled(10, Mode::HalfUp).and_then(|scaled| i64::try_from(scaled).ok()) {
            return Some(Exact::from_scaled(small, 10));
        }
        if let Repr::Small(whole, 1) = &self.0
            && let Ok(whole) = i64::try_from(*whole)
        {
            return Some(Exact::whole(whole));
        }
        decimal(&self.scaled(10, Mode::HalfUp)).parse().ok()
    }

    /// To whole 分 (the number is in 分), half away from zero; `None` if too large.
    #[must_use]
    pub fn to_fen(&self) -> Option<Fen> {
        match self.small_scaled(0, Mode::HalfUp) {
            Some(small) => i64::try_from(small).ok().map(Fen),
            None => self.scaled(0, Mode::HalfUp).to_i64().map(Fen),
        }
    }
}

impl PartialOrd for Fraction {
    fn partial_cmp(&self, other: &Fraction) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Fraction {
    fn cmp(&self, other: &Fraction) -> Ordering {
        if let (Repr::Small(a, b), Repr::Small(c, d)) = (&self.0, &other.0)
            && let (Some(left), Some(right)) = (a.checked_mul(*d), c.checked_mul(*b))
        {
            return left.cmp(&right);
        }
        self.to_big().cmp(&other.to_big())
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
        Fraction(Repr::Small(amount.0.into(), 1))
    }
}

impl From<Exact> for Fraction {
    fn from(number: Exact) -> Fraction {
        if let Some(whole) = number.as_whole() {
            return Fraction(Repr::Small(whole.into(), 1));
        }
        // The text of an Exact is digits with at most one point: that is how its
        // hundred and twenty-eight bits come out.
        let text = number.to_string();
        let (whole, decimals) = text.split_once('.').unwrap_or((&text, ""));
        let digits: BigInt = format!("{whole}{decimals}").parse().unwrap_or_default();
        let places = u32::try_from(decimals.len()).unwrap_or(0);
        Fraction::big(BigRational::new(digits, BigInt::from(10).pow(places)))
    }
}

impl Add for Fraction {
    type Output = Fraction;
    fn add(self, other: Fraction) -> Fraction {
        if let (Repr::Small(a, b), Repr::Small(c, d)) = (&self.0, &other.0) {
            let sum = if b == d {
                a.checked_add(*c).map(|sum| (sum, *b))
            } else {
                let (left, right) = (a.checked_mul(*d), c.checked_mul(*b));
                let sum = left.zip(right).and_then(|(left, right)| left.checked_add(right));
                sum.zip(b.checked_mul(*d))
            };
            if let Some(small) = sum.and_then(|(numerator, denominator)| Fraction::small(numerator, denominator)) {
                return small;
            }
        }
        Fraction::big(self.to_big() + other.to_big())
    }
}

impl Sub for Fraction {
    type Output = Fraction;
    fn sub(self, other: Fraction) -> Fraction {
        self + -other
    }
}

impl Mul for Fraction {
    type Output = Fraction;
    fn mul(self, other: Fraction) -> Fraction {
        if let (Repr::Small(a, b), Repr::Small(c, d)) = (&self.0, &other.0)
            && let (Some(numerator), Some(denominator)) = (a.checked_mul(*c), b.checked_mul(*d))
            && let Some(small) = Fraction::small(numerator, denominator)
        {
            return small;
        }
        Fraction::big(self.to_big() * other.to_big())
    }
}

impl Neg for Fraction {
    type Output = Fraction;
    fn neg(self) -> Fraction {
        match self.0 {
            Repr::Small(numerator, denominator) if numerator != i128::MIN => {
                Fraction(Repr::Small(-numerator, denominator))
            }
            _ => Fraction::big(-self.to_big()),
        }
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

    /// Numbers of all sizes, so that small and big parts meet.
    fn any_fraction() -> impl Strategy<Value = Fraction> {
        let part = (any::<i128>(), 0_u32..127).prop_map(|(value, shift)| value >> shift);
        (part.clone(), part).prop_filter_map("a denominator", |(a, b)| Fraction::of(a, b))
    }

    proptest! {
        #[test]
        fn small_parts_give_what_big_ones_do(a in any_fraction(), b in any_fraction(), places in 0_u32..11) {
            let (x, y) = (a.to_big(), b.to_big());
            prop_assert_eq!(a.clone() + b.clone(), Fraction::big(&x + &y));
            prop_assert_eq!(a.clone() - b.clone(), Fraction::big(&x - &y));
            prop_assert_eq!(a.clone() * b.clone(), Fraction::big(&x * &y));
            prop_assert_eq!(a.cmp(&b), x.cmp(&y));
            prop_assert_eq!(a.over(&b), (!y.is_zero()).then(|| Fraction::big(&x / &y)));
            prop_assert_eq!(a.floor(), Fraction::big(x.floor()));
            let unit = BigRational::from_integer(BigInt::from(10).pow(places));
            let scaled = &x * &unit;
            prop_assert_eq!(a.rounded(places, Mode::HalfUp), Fraction::big(scaled.round() / &unit));
            prop_assert_eq!(a.rounded(places, Mode::Down), Fraction::big(scaled.trunc() / &unit));
            let up = if scaled.is_negative() { scaled.floor() } else { scaled.ceil() };
            prop_assert_eq!(a.rounded(places, Mode::Up), Fraction::big(up / &unit));
        }

        #[test]
        fn an_exact_number_comes_back_as_it_was(value in any::<i64>(), places in 0_u32..11) {
            let number = Exact::from_scaled(value / 1000, places);
            prop_assert_eq!(Fraction::from(number).to_exact(), Some(number));
            prop_assert_eq!(Fraction::from(number).to_string(), number.to_string());
        }
    }
}
