//! 统计: the few statistics that the models share. Scores may be fractions; money never is.
//! Every function sorts what it gets or does not depend on its order.

/// The middle of the values; `None` of nothing.
pub(crate) fn median(values: &[f64]) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    match sorted.len() {
        0 => None,
        n if n % 2 == 1 => Some(sorted[middle]),
        _ => Some((sorted[middle - 1] + sorted[middle]) / 2.0),
    }
}

/// Median and spread: the median distance from the median, scaled to a standard deviation. The
/// spread is never less than `least`, so that equal peers do not make a hair's breadth a wonder.
pub(crate) fn centre_and_spread(values: &[f64], least: f64) -> Option<(f64, f64)> {
    let centre = median(values)?;
    let apart: Vec<f64> = values.iter().map(|value| (value - centre).abs()).collect();
    Some((centre, (1.4826 * median(&apart)?).max(least)))
}

/// A rate drawn towards that of the peers: as if `weight` more cases had gone the peers' way.
pub(crate) fn shrunk(hits: f64, of: f64, peers: f64, weight: f64) -> f64 {
    if of + weight > 0.0 { (hits + weight * peers) / (of + weight) } else { peers }
}

/// How far from nothing (0) to all (1): `from` and below is 0, `to` and beyond is 1; it falls
/// when `to` is less than `from`.
pub(crate) fn ramp(value: f64, from: f64, to: f64) -> f64 {
    ((value - from) / (to - from)).clamp(0.0, 1.0)
}

/// −log₁₀ of the chance that a Poisson count with this mean is `count` or more.
pub(crate) fn surprise(count: usize, mean: f64) -> f64 {
    if count == 0 {
        return 0.0;
    }
    let mean = mean.max(1e-9);
    // ln of the first term of the tail; the others are summed relative to it.
    let first = whole(count) * mean.ln() - mean - ln_factorial(count);
    let (mut term, mut sum) = (1.0_f64, 1.0_f64);
    for next in count + 1..count + 400 {
        term *= mean / whole(next);
        sum += term;
        if term < 1e-12 * sum {
            break;
        }
    }
    if mean > whole(count) {
        return 0.0; // fewer than expected is no surprise
    }
    (-(first + sum.ln()) / std::f64::consts::LN_10).max(0.0)
}

fn ln_factorial(count: usize) -> f64 {
    if count < 256 {
        return (2..=count).map(|n| whole(n).ln()).sum();
    }
    let n = whole(count);
    n * n.ln() - n + 0.5 * (std::f64::consts::TAU * n).ln() + 1.0 / (12.0 * n)
}

/// A count as a number for a score.
#[allow(clippy::cast_precision_loss)]
pub(crate) fn whole(count: usize) -> f64 {
    count as f64
}

/// A signed count as a number for a score.
#[allow(clippy::cast_precision_loss)]
pub(crate) fn signed(count: i64) -> f64 {
    count as f64
}

/// `part` of `all`; `None` of nothing.
pub(crate) fn share(part: f64, all: f64) -> Option<f64> {
    (all > 0.0).then(|| part / all)
}

/// To four decimals: what is shown is what was counted with.
pub(crate) fn shown(value: f64) -> f64 {
    (value * 10_000.0).round() / 10_000.0
}

/// Common over all of two sorted lists without doubles.
pub(crate) fn overlap<T: Ord>(one: &[T], other: &[T]) -> f64 {
    let (mut i, mut j, mut common) = (0, 0, 0);
    while i < one.len() && j < other.len() {
        match one[i].cmp(&other[j]) {
            std::cmp::Ordering::Less => i += 1,
            std::cmp::Ordering::Greater => j += 1,
            std::cmp::Ordering::Equal => {
                common += 1;
                i += 1;
                j += 1;
            }
        }
    }
    share(whole(common), whole(one.len() + other.len() - common)).unwrap_or(0.0)
}

/// A small deterministic mixer (SplitMix64): the same seed, the same numbers, on every machine.
pub(crate) fn mix(seed: u64) -> u64 {
    let mut z = seed.wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_surprise_of_a_count_is_the_poisson_tail() {
        // P(X ≥ 1 | 1) = 1 − e⁻¹; P(X ≥ 3 | 0.5) = 1 − e^−0.5 (1 + 0.5 + 0.125).
        assert!((surprise(1, 1.0) - 0.199_19).abs() < 1e-4);
        assert!((surprise(3, 0.5) - 1.841_98).abs() < 1e-4);
        assert_eq!(surprise(0, 3.0), 0.0);
        assert_eq!(surprise(2, 30.0), 0.0);
        let (near, far) = (ln_factorial(255), ln_factorial(256));
        assert!((far - near - 256.0_f64.ln()).abs() < 1e-6, "both ways of the factorial meet");
    }

    #[test]
    fn a_single_outlier_moves_neither_centre_nor_spread_much() {
        let (centre, spread) = centre_and_spread(&[1.0, 2.0, 3.0, 4.0, 1000.0], 0.0).unwrap();
        assert_eq!(centre, 3.0);
        assert!((spread - 1.4826).abs() < 1e-9);
        assert_eq!(centre_and_spread(&[], 1.0), None);
    }

    #[test]
    fn a_ramp_rises_or_falls_and_stays_within_bounds() {
        assert_eq!(ramp(5.0, 0.0, 10.0), 0.5);
        assert_eq!(ramp(5.0, 10.0, 0.0), 0.5);
        assert_eq!(ramp(-1.0, 0.0, 10.0), 0.0);
        assert_eq!(ramp(11.0, 10.0, 0.0), 0.0);
    }
}
