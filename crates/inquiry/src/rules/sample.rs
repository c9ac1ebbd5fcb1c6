//! 抽样与推断: a stratified sample that anybody can draw again, a ratio estimate, and its lower
//! confidence bound. Exact fractions throughout; the one root is rounded against the fund.

use std::collections::BTreeMap;

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{One, Signed, ToPrimitive, Zero};
use serde::{Deserialize, Serialize};
use sm3::{Digest, Sm3};
use terms::{Exact, Fen};

use crate::law::SamplingRule;
use crate::{Refusal, SampleUnit};

/// 推断结果.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Estimate {
    /// Units in the frame.
    pub units: usize,
    /// Units drawn.
    pub drawn: usize,
    /// What the funds paid for the frame.
    pub paid: Fen,
    /// What was wrong in the sample.
    pub found: Fen,
    /// 比率估计 of the whole.
    pub point: Fen,
    /// 置信下限 of the whole, not below what was found.
    pub lower: Fen,
    /// 单侧置信度.
    pub confidence: String,
    /// Each stratum.
    pub strata: Vec<Stratum>,
}

/// 层.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stratum {
    /// Its name.
    pub name: String,
    /// Units.
    pub units: usize,
    /// Of them drawn.
    pub drawn: usize,
    /// What the funds paid for the units.
    pub paid: Fen,
    /// What was wrong in the sample.
    pub found: Fen,
}

/// 抽样: marks the units that are drawn. Each stratum gives its share of `size` by number, and at
/// least the rule's least; within a stratum every unit has the same chance. The order of the
/// units does not matter, and the same seed draws the same.
///
/// # Errors
/// [`Refusal::NoSample`] when there is nothing to draw from, or more is asked than there is.
pub fn draw(units: &[SampleUnit], seed: &str, size: usize, rule: &SamplingRule) -> Result<Vec<SampleUnit>, Refusal> {
    if units.is_empty() || size == 0 || seed.trim().is_empty() {
        return Err(no_sample("没有总体、样本量或种子 / a sample needs a frame, a size and a seed"));
    }
    let mut strata: BTreeMap<&str, Vec<&SampleUnit>> = BTreeMap::new();
    for unit in units {
        strata.entry(&unit.stratum).or_default().push(unit);
    }
    let mut out = Vec::with_capacity(units.len());
    for of_stratum in strata.values_mut() {
        // The share, rounded up, so that rounding never leaves a stratum short.
        let share = (size * of_stratum.len()).div_ceil(units.len());
        let take = share.max(rule.least_in_stratum).min(of_stratum.len());
        of_stratum.sort_by_cached_key(|unit| (lot(seed, unit), unit.psn_no.clone(), unit.mdtrt_id.clone()));
        let twice = of_stratum
            .windows(2)
            .any(|pair| (&pair[0].psn_no, &pair[0].mdtrt_id) == (&pair[1].psn_no, &pair[1].mdtrt_id));
        if twice {
            return Err(no_sample("总体中有重复的就诊 / a visit is in the frame twice"));
        }
        out.extend(of_stratum.iter().enumerate().map(|(n, unit)| SampleUnit { drawn: n < take, ..(*unit).clone() }));
    }
    out.sort_by(|a, b| (&a.stratum, &a.psn_no, &a.mdtrt_id).cmp(&(&b.stratum, &b.psn_no, &b.mdtrt_id)));
    Ok(out)
}

/// The lot of a unit: nobody can choose a seed's outcome without trying it out, and the seed is
/// part of the sealed step.
fn lot(seed: &str, unit: &SampleUnit) -> [u8; 32] {
    let mut hash = Sm3::new();
    for part in [seed, unit.psn_no.as_str(), unit.mdtrt_id.as_str()] {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hash.finalize().into()
}

/// 推断: what was wrong in the sample, by visit, extended to the frame.
///
/// # Errors
/// [`Refusal::NoSample`] when nothing was drawn or paid, or one unit stands for several.
pub fn estimate(units: &[SampleUnit], wrong: &BTreeMap<String, Fen>, rule: &SamplingRule) -> Result<Estimate, Refusal> {
    let mut strata: BTreeMap<&str, Vec<&SampleUnit>> = BTreeMap::new();
    for unit in units {
        strata.entry(&unit.stratum).or_default().push(unit);
    }
    let wrong_of = |unit: &SampleUnit| wrong.get(unit.mdtrt_id.as_str()).copied().unwrap_or_default();
    let (mut x_hat, mut y_hat) = (BigRational::zero(), BigRational::zero());
    let mut told = Vec::new();
    for (name, all) in &strata {
        let drawn: Vec<&&SampleUnit> = all.iter().filter(|unit| unit.drawn).collect();
        if drawn.is_empty() || (drawn.len() == 1 && all.len() > 1) {
            return Err(no_sample(&format!("“{name}”层抽取不足两份 / stratum {name} has fewer than two units drawn")));
        }
        let weight = ratio(all.len(), drawn.len());
        let paid: Fen = drawn.iter().map(|unit| unit.paid).sum();
        let found: Fen = drawn.iter().map(|unit| wrong_of(unit)).sum();
        x_hat += &weight * fen(paid);
        y_hat += &weight * fen(found);
        let whole = all.iter().map(|unit| unit.paid).sum();
        told.push(Stratum { name: (*name).to_owned(), units: all.len(), drawn: drawn.len(), paid: whole, found });
    }
    if !x_hat.is_positive() {
        return Err(no_sample("样本中没有基金支付 / the funds paid nothing in the sample"));
    }
    let r = &y_hat / &x_hat;
    let paid: Fen = told.iter().map(|stratum| stratum.paid).sum();
    let point = &r * fen(paid);
    let mut variance = BigRational::zero();
    for all in strata.values() {
        let drawn: Vec<&&SampleUnit> = all.iter().filter(|unit| unit.drawn).collect();
        if drawn.len() < all.len() {
            let rest: Vec<BigRational> = drawn.iter().map(|unit| fen(wrong_of(unit)) - &r * fen(unit.paid)).collect();
            variance += of_stratum(all.len(), &rest);
        }
    }
    let bound = &point - exact(rule.normal) * root_above(&variance);
    let found: Fen = told.iter().map(|stratum| stratum.found).sum();
    let lower = down(&bound).max(found).min(paid);
    Ok(Estimate {
        units: units.len(),
        drawn: units.iter().filter(|unit| unit.drawn).count(),
        paid,
        found,
        point: down(&point).max(found).min(paid),
        lower,
        confidence: rule.confidence.clone(),
        strata: told,
    })
}

/// N²(1 − n/N)s²/n of the residuals of a stratum.
fn of_stratum(units: usize, rest: &[BigRational]) -> BigRational {
    let drawn = rest.len();
    let mean = rest.iter().sum::<BigRational>() / ratio(drawn, 1);
    let squares: BigRational = rest.iter().map(|value| (value - &mean) * (value - &mean)).sum();
    let spread = squares / ratio(drawn - 1, 1);
    ratio(units, 1) * ratio(units, 1) * (BigRational::one() - ratio(drawn, units)) * spread / ratio(drawn, 1)
}

/// The square root, to a thousandth of a 分, never below the true one.
fn root_above(variance: &BigRational) -> BigRational {
    let scaled = (variance * ratio(1_000_000, 1)).ceil().to_integer();
    let root = scaled.sqrt();
    let root = if &root * &root == scaled { root } else { root + 1 };
    BigRational::new(root, BigInt::from(1000))
}

fn ratio(above: usize, below: usize) -> BigRational {
    BigRational::new(BigInt::from(above), BigInt::from(below))
}

fn fen(amount: Fen) -> BigRational {
    BigRational::from_integer(BigInt::from(amount.0))
}

fn exact(value: Exact) -> BigRational {
    BigRational::new(BigInt::from(value.to_scaled(10)), BigInt::from(10_000_000_000_i64))
}

fn down(amount: &BigRational) -> Fen {
    Fen(amount.floor().to_integer().to_i64().unwrap_or(0))
}

fn no_sample(why: &str) -> Refusal {
    Refusal::NoSample { why: why.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn rule() -> SamplingRule {
        SamplingRule {
            confidence: "90%".into(),
            normal: "1.282".parse().expect("a number"),
            least_in_stratum: 2,
            article: String::new(),
        }
    }

    fn frame(paid: &[(i64, bool)]) -> Vec<SampleUnit> {
        (0..)
            .zip(paid)
            .map(|(n, (paid, stay)): (i32, _)| SampleUnit {
                psn_no: "P".into(),
                mdtrt_id: format!("V{n:04}").as_str().into(),
                stratum: if *stay { "住院".into() } else { "门诊".into() },
                paid: Fen(*paid),
                drawn: false,
            })
            .collect()
    }

    /// Worked by hand, in yuan: ten units of 100, four drawn, of which two are wrong by 50. The
    /// ratio is 1/4, the point 250. The residuals are ±25, so s² = 4·625/3, the variance
    /// 10²·0.6·s²/4 = 12 500, its root 111.80, and the bound 250 − 1.282·111.80 = 106.66 and some.
    #[test]
    fn a_small_sample_worked_by_hand() {
        let mut units = frame(&[(10_000, true); 10]);
        units.iter_mut().take(4).for_each(|unit| unit.drawn = true);
        let wrong = BTreeMap::from([("V0000".to_owned(), Fen(5_000)), ("V0001".to_owned(), Fen(5_000))]);
        let estimate = estimate(&units, &wrong, &rule()).expect("estimated");
        assert_eq!((estimate.point, estimate.found), (Fen(25_000), Fen(10_000)));
        assert_eq!(estimate.lower, Fen(10_666));
    }

    #[test]
    fn a_census_is_what_was_found() {
        let mut units = frame(&[(10_000, true), (20_000, false), (30_000, false)]);
        units.iter_mut().for_each(|unit| unit.drawn = true);
        let wrong = BTreeMap::from([("V0001".to_owned(), Fen(7_777))]);
        let estimate = estimate(&units, &wrong, &rule()).expect("estimated");
        assert_eq!((estimate.point, estimate.lower), (Fen(7_777), Fen(7_777)));
    }

    #[test]
    fn one_unit_cannot_stand_for_several() {
        let mut units = frame(&[(10_000, true), (20_000, true)]);
        units[0].drawn = true;
        assert_eq!(estimate(&units, &BTreeMap::new(), &rule()).expect_err("too few").code(), "IQ114");
    }

    proptest! {
        #[test]
        fn the_same_seed_draws_the_same_whatever_the_order(
            paid in prop::collection::vec((1..1_000_000_i64, any::<bool>()), 1..60),
            size in 1..40_usize,
            seed in "[a-z]{1,8}",
        ) {
            let units = frame(&paid);
            let forward = draw(&units, &seed, size, &rule()).expect("drawn");
            let backward = draw(&units.iter().rev().cloned().collect::<Vec<_>>(), &seed, size, &rule()).expect("drawn");
            prop_assert_eq!(&forward, &backward);
            prop_assert_eq!(forward.len(), units.len());
            for stratum in ["住院", "门诊"] {
                let of = |drawn: bool| forward.iter().filter(|unit| unit.stratum == stratum && unit.drawn == drawn).count();
                let all = of(true) + of(false);
                prop_assert!(of(true) >= all.min(2) && of(true) * units.len() + units.len() > size.min(units.len()) * all);
            }
        }

        #[test]
        fn the_bound_lies_between_what_was_found_and_the_point(
            paid in prop::collection::vec((1..1_000_000_i64, any::<bool>()), 4..60),
            wrong in prop::collection::vec(0..=100_i64, 60),
            size in 2..40_usize,
        ) {
            let units = draw(&frame(&paid), "seed", size, &rule()).expect("drawn");
            let wrong: BTreeMap<String, Fen> = units.iter().filter(|unit| unit.drawn).zip(&wrong)
                .map(|(unit, part)| (unit.mdtrt_id.0.clone(), Fen(unit.paid.0 * part / 100))).collect();
            let estimate = estimate(&units, &wrong, &rule()).expect("estimated");
            prop_assert!(estimate.found <= estimate.lower && estimate.lower <= estimate.point.max(estimate.found));
            prop_assert!(estimate.point <= estimate.paid);
        }
    }
}
