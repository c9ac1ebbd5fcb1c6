//! 金额: money as integer 分.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign, Neg, Sub, SubAssign};
use std::str::FromStr;

use crate::NumberError;

/// 金额. An amount of money in 分 (1 元 = 100 分); negative for a refund or reversal.
///
/// There is no multiplication: a ratio of an amount is an [`crate::Exact`] number
/// until [`crate::round_half_away`] makes it 分 again.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Fen(pub i64);

impl Fen {
    /// 零元.
    pub const ZERO: Fen = Fen(0);

    /// The smaller of two amounts.
    #[must_use]
    pub fn min(self, other: Fen) -> Fen {
        Fen(self.0.min(other.0))
    }

    /// The larger of two amounts.
    #[must_use]
    pub fn max(self, other: Fen) -> Fen {
        Fen(self.0.max(other.0))
    }

    /// Whether the amount is exactly nothing.
    #[must_use]
    pub fn is_zero(self) -> bool {
        self.0 == 0
    }
}

impl fmt::Display for Fen {
    /// Yuan with two decimals, as the national interface writes money: `-12.30`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let fen = self.0.unsigned_abs();
        write!(f, "{sign}{}.{:02}", fen / 100, fen % 100)
    }
}

impl FromStr for Fen {
    type Err = NumberError;

    /// Reads yuan with at most two decimals (more only if they are zeros).
    fn from_str(text: &str) -> Result<Fen, NumberError> {
        crate::exact::parse_scaled(text, 2, "金额 (16,2)").map(Fen)
    }
}

impl Add for Fen {
    type Output = Fen;
    fn add(self, other: Fen) -> Fen {
        Fen(self.0 + other.0)
    }
}

impl Sub for Fen {
    type Output = Fen;
    fn sub(self, other: Fen) -> Fen {
        Fen(self.0 - other.0)
    }
}

impl Neg for Fen {
    type Output = Fen;
    fn neg(self) -> Fen {
        Fen(-self.0)
    }
}

impl AddAssign for Fen {
    fn add_assign(&mut self, other: Fen) {
        self.0 += other.0;
    }
}

impl SubAssign for Fen {
    fn sub_assign(&mut self, other: Fen) {
        self.0 -= other.0;
    }
}

impl Sum for Fen {
    fn sum<I: Iterator<Item = Fen>>(amounts: I) -> Fen {
        amounts.fold(Fen::ZERO, Add::add)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_is_written_in_yuan_and_read_back() {
        for (fen, yuan) in [(0, "0.00"), (1, "0.01"), (-1, "-0.01"), (123_456, "1234.56"), (-98_000, "-980.00")] {
            assert_eq!(Fen(fen).to_string(), yuan);
            assert_eq!(yuan.parse(), Ok(Fen(fen)));
        }
        assert_eq!("12.5".parse(), Ok(Fen(1250)));
        assert_eq!("12.500".parse(), Ok(Fen(1250)));
        assert!("12.505".parse::<Fen>().is_err());
        assert!("".parse::<Fen>().is_err());
        assert!("1,000".parse::<Fen>().is_err());
    }
}
