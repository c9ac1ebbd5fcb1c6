//! 最大余数法: money shared by weights so that the parts sum to the whole, to the fen.

use terms::Fen;

use crate::number::{Fraction, Mode};

/// Shares `total` (≥ 0) by `weights` (each ≥ 0, their sum above zero). Each part is its
/// exact share rounded down; the fen left over go one each to the largest remainders, of
/// equal ones to the earlier place. Give the weights in an order that does not depend on
/// how they were found (by id). `None` if there is nothing to share by.
pub fn by_largest_remainder(total: Fen, weights: &[Fraction]) -> Option<Vec<Fen>> {
    let sum = weights.iter().fold(Fraction::zero(), |sum, weight| sum + weight.clone());
    if weights.iter().any(Fraction::is_negative) || total < Fen::ZERO {
        return None;
    }
    if sum.is_zero() {
        return total.is_zero().then(|| vec![Fen::ZERO; weights.len()]);
    }
    let whole = Fraction::from(total);
    let mut parts = Vec::with_capacity(weights.len());
    let mut rests = Vec::with_capacity(weights.len());
    for (at, weight) in weights.iter().enumerate() {
        let exact = (whole.clone() * weight.clone()).over(&sum)?;
        let part = exact.rounded(0, Mode::Down);
        rests.push((exact - part.clone(), at));
        parts.push(part.to_fen()?);
    }
    let left = (total - parts.iter().copied().sum::<Fen>()).0;
    rests.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
    for (_, at) in rests.iter().take(usize::try_from(left).ok()?) {
        parts[*at] += Fen(1);
    }
    Some(parts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_last_fen_goes_to_the_largest_remainder_and_then_to_the_first() {
        let weights = |list: &[i64]| list.iter().map(|w| Fraction::whole(*w)).collect::<Vec<_>>();
        assert_eq!(by_largest_remainder(Fen(100), &weights(&[1, 1, 1])), Some(vec![Fen(34), Fen(33), Fen(33)]));
        assert_eq!(by_largest_remainder(Fen(10), &weights(&[0, 1, 2])), Some(vec![Fen(0), Fen(3), Fen(7)]));
        assert_eq!(by_largest_remainder(Fen(10), &weights(&[0, 0])), None);
        assert_eq!(by_largest_remainder(Fen(10), &weights(&[-1, 2])), None);
    }

    proptest! {
        #[test]
        fn the_parts_are_the_whole_and_each_is_within_a_fen(
            total in 0_i64..1_000_000_000_000,
            weights in proptest::collection::vec(0_i64..1_000_000_000, 1..40),
        ) {
            prop_assume!(weights.iter().sum::<i64>() > 0);
            let fractions: Vec<Fraction> = weights.iter().map(|w| Fraction::whole(*w)).collect();
            let parts = by_largest_remainder(Fen(total), &fractions).unwrap();
            prop_assert_eq!(parts.iter().copied().sum::<Fen>(), Fen(total));
            let sum: i128 = weights.iter().map(|w| i128::from(*w)).sum();
            for (part, weight) in parts.iter().zip(&weights) {
                let off = i128::from(part.0) * sum - i128::from(total) * i128::from(*weight);
                prop_assert!(off.abs() < sum);
            }
        }
    }
}
