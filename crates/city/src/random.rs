//! 骰子: a keyed stream of numbers (splitmix64). What is drawn depends on the seed and the
//! keys alone, so any person or visit can be made again on its own, in any order.

/// One stream of numbers.
pub(crate) struct Dice(u64);

const STEP: u64 = 0x9E37_79B9_7F4A_7C15;

fn mix(value: u64) -> u64 {
    let value = (value ^ (value >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    value ^ (value >> 31)
}

impl Dice {
    /// The stream of a seed and some keys.
    pub(crate) fn keyed(seed: u64, keys: &[u64]) -> Dice {
        Dice(keys.iter().fold(mix(seed.wrapping_add(STEP)), |state, key| mix(state ^ mix(key.wrapping_add(STEP)))))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(STEP);
        mix(self.0)
    }

    /// A number in `0..limit`; 0 when the limit is 0.
    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        let wide = u128::from(self.next()) * u128::from(limit);
        u64::try_from(wide >> 64).unwrap_or(0)
    }

    /// A number in `from..=to`.
    pub(crate) fn range(&mut self, from: i64, to: i64) -> i64 {
        let width = u64::try_from(to - from + 1).unwrap_or(0);
        from + i64::try_from(self.below(width)).unwrap_or(0)
    }

    /// Whether something of `per_mille` happens.
    pub(crate) fn chance(&mut self, per_mille: u64) -> bool {
        self.below(1000) < per_mille
    }

    /// One of the things.
    pub(crate) fn pick<'a, T>(&mut self, things: &'a [T]) -> Option<&'a T> {
        let count = u64::try_from(things.len()).unwrap_or(0);
        things.get(usize::try_from(self.below(count)).unwrap_or(0))
    }

    /// The index of one of the weights, by weight; `None` when all are zero.
    pub(crate) fn weighted(&mut self, weights: impl Iterator<Item = u64> + Clone) -> Option<usize> {
        let total: u64 = weights.clone().sum();
        if total == 0 {
            return None;
        }
        let mut left = self.below(total);
        weights.into_iter().position(|weight| {
            let here = left < weight;
            left = left.saturating_sub(weight);
            here
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_keys_give_the_same_numbers_and_others_do_not() {
        let draw = |keys: &[u64]| {
            let mut dice = Dice::keyed(7, keys);
            (0..8).map(|_| dice.below(1_000_000)).collect::<Vec<_>>()
        };
        assert_eq!(draw(&[1, 2]), draw(&[1, 2]));
        assert_ne!(draw(&[1, 2]), draw(&[2, 1]));
    }

    #[test]
    fn numbers_spread_evenly_over_their_range() {
        let mut dice = Dice::keyed(1, &[]);
        let mut seen = [0_u32; 10];
        for _ in 0..10_000 {
            seen[usize::try_from(dice.range(0, 9)).unwrap()] += 1;
        }
        assert!(seen.iter().all(|count| (900..1100).contains(count)), "{seen:?}");
    }

    #[test]
    fn a_weight_of_zero_is_never_drawn() {
        let mut dice = Dice::keyed(1, &[]);
        assert!((0..1000).all(|_| dice.weighted([0, 5, 0, 1].into_iter()).is_some_and(|i| i == 1 || i == 3)));
        assert_eq!(dice.weighted([0, 0].into_iter()), None);
    }
}
