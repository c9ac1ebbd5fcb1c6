//! MinHash and LSH: which sets are nearly the same, without comparing all with all.

use crate::numbers::mix;
use foldhash::HashMap;

/// Hashes a set keeps, cut into bands of rows: two sets meet when a whole band agrees. With 24
/// bands of 3 sets alike to 0.8 meet with a chance of 1 − (1 − 0.8³)²⁴ > 0.9999999.
const BANDS: usize = 24;
const ROWS: usize = 3;
const CROWD: usize = 32;

/// Pairs of sets (by index, lower first, in order) that may be alike; `tokens` need no order. An
/// empty set meets nobody.
pub(crate) fn candidates(sets: &[Vec<u64>], seed: u64) -> Vec<(usize, usize)> {
    let mut pairs = Vec::new();
    let mut signatures = Vec::with_capacity(sets.len());
    for set in sets {
        signatures.push((!set.is_empty()).then(|| signature(set, seed)));
    }
    for band in 0..BANDS {
        let mut buckets: HashMap<[u64; ROWS], Vec<usize>> = HashMap::default();
        for (at, signature) in signatures.iter().enumerate() {
            let Some(signature) = signature else { continue };
            let key = std::array::from_fn(|row| signature[band * ROWS + row]);
            buckets.entry(key).or_default().push(at);
        }
        for bucket in buckets.values().filter(|bucket| bucket.len() > 1) {
            for (i, one) in bucket.iter().enumerate() {
                // In a crowd each meets the next ones only: enough to chain the crowd together.
                let to = bucket.len().min(i + 1 + CROWD);
                pairs.extend(bucket[i + 1..to].iter().map(|other| (*one, *other)));
            }
        }
    }
    pairs.sort_unstable();
    pairs.dedup();
    pairs
}

fn signature(set: &[u64], seed: u64) -> [u64; BANDS * ROWS] {
    let mut least = [u64::MAX; BANDS * ROWS];
    for token in set {
        let mut hash = mix(seed ^ *token);
        for slot in &mut least {
            hash = mix(hash);
            *slot = (*slot).min(hash);
        }
    }
    least
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_that_are_nearly_the_same_meet_and_strangers_do_not() {
        let one: Vec<u64> = (0..20).collect();
        let near: Vec<u64> = (1..21).rev().collect();
        let far: Vec<u64> = (100..120).collect();
        let found = candidates(&[one, near, far, Vec::new()], 7);
        assert_eq!(found, vec![(0, 1)]);
    }
}
