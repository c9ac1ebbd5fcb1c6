//! 准确率: how often a rule was right, how sure that is, and whether the rule loses force.
//!
//! Exact whole numbers throughout; every bound is rounded away from the observed share, so that it
//! never says more than was seen.

use crate::Severity;
use serde::{Deserialize, Serialize};
use terms::Ratio;

/// 核实结果 of one rule: findings that turned out right, and wrong.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcomes {
    /// 属实.
    pub confirmed: u64,
    /// 不属实.
    pub refuted: u64,
    /// Institutions that the refuted ones come from: one alone cannot vote a rule down.
    pub institutions: u64,
}

/// 准确率 with its 95 % Wilson interval.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Precision {
    /// How many outcomes it rests on.
    pub outcomes: u64,
    /// The share that was right, rounded down.
    pub share: Ratio,
    /// The lower bound, rounded down.
    pub lower: Ratio,
    /// The upper bound, rounded up.
    pub upper: Ratio,
}

/// 1 in ten-thousandths.
const WHOLE: i128 = 10_000;
/// Decimals kept while working: 10^12.
const SCALE: i128 = 1_000_000_000_000;
/// z = 1.96: 95 %, both sides. z² = 3.8416.
const Z_SCALED: i128 = 1_960_000_000_000;
const Z2_SCALED: i128 = 3_841_600_000_000;
/// More outcomes than this are counted as this many: the bound has long stopped moving, and the
/// arithmetic below stays within its whole numbers.
const MOST: u64 = 10_000_000;

impl Outcomes {
    /// All of them.
    #[must_use]
    pub fn total(self) -> u64 {
        self.confirmed.saturating_add(self.refuted)
    }

    /// 准确率; `None` without any outcome: nothing is known, which is neither good nor bad.
    #[must_use]
    pub fn precision(self) -> Option<Precision> {
        let total = self.total();
        if total == 0 {
            return None;
        }
        let (right, n) = if total <= MOST {
            (i128::from(self.confirmed), i128::from(total))
        } else {
            (i128::from(self.confirmed) * i128::from(MOST) / i128::from(total), i128::from(MOST))
        };
        // (2k + z² ± z·√(z² + 4k(n−k)/n)) / 2(n + z²)
        let inside = Z2_SCALED + 4 * right * (n - right) * SCALE / n;
        let root = root_up(inside * SCALE);
        let spread = Z_SCALED * root / SCALE + 1;
        let middle = 2 * right * SCALE + Z2_SCALED;
        let under = 2 * (n * SCALE + Z2_SCALED);
        let ratio = |value: i128| Ratio(i64::try_from(value.clamp(0, WHOLE)).expect("at most 10000"));
        Some(Precision {
            outcomes: total,
            share: ratio(right * WHOLE / n),
            lower: ratio((middle - spread) * WHOLE / under),
            upper: ratio(((middle + spread) * WHOLE + under - 1) / under),
        })
    }
}

/// The square root of a number that is not negative, rounded up.
fn root_up(value: i128) -> i128 {
    let root = value.isqrt();
    if root * root == value { root } else { root + 1 }
}

/// 效力: how far a rule may go. Demotion takes one step down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Force {
    /// 明确违规: may block.
    Violation,
    /// 可疑: asks, never blocks.
    Suspected,
    /// 提示: tells.
    Hint,
    /// 停用: says nothing.
    Off,
}

impl Force {
    /// Every one, strongest first.
    pub const ALL: [Force; 4] = [Force::Violation, Force::Suspected, Force::Hint, Force::Off];

    /// The word people read.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Force::Violation => "明确违规",
            Force::Suspected => "可疑",
            Force::Hint => "提示",
            Force::Off => "停用",
        }
    }

    /// The force of a severity.
    #[must_use]
    pub fn of(severity: Severity) -> Force {
        match severity.0 {
            0 | 1 => Force::Violation,
            2 => Force::Suspected,
            _ => Force::Hint,
        }
    }

    /// The severity that a finding keeps under this force; `None` when the rule is off.
    #[must_use]
    pub fn severity(self, own: Severity) -> Option<Severity> {
        match self {
            Force::Violation => Some(own),
            Force::Suspected => Some(own.max(Severity(2))),
            Force::Hint => Some(own.max(Severity(3))),
            Force::Off => None,
        }
    }

    /// One step down; `None` below 停用.
    #[must_use]
    pub fn weaker(self) -> Option<Force> {
        Force::ALL.into_iter().find(|force| *force > self)
    }
}

/// 降级标准, the region's data: when a rule has to lose force.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Floors {
    /// No demotion on fewer outcomes than this.
    pub least_outcomes: u64,
    /// No demotion on the word of fewer institutions than this.
    pub least_institutions: u64,
    /// Lower bound below which 明确违规 becomes 可疑.
    pub violation: Ratio,
    /// Lower bound below which 可疑 becomes 提示.
    pub suspected: Ratio,
    /// Lower bound below which 提示 is switched off.
    pub hint: Ratio,
}

impl Floors {
    /// The floor of a force; 停用 has none.
    #[must_use]
    pub fn of(&self, force: Force) -> Option<Ratio> {
        match force {
            Force::Violation => Some(self.violation),
            Force::Suspected => Some(self.suspected),
            Force::Hint => Some(self.hint),
            Force::Off => None,
        }
    }
}

/// 降级: what was decided and on which figures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Demotion {
    /// Before.
    pub from: Force,
    /// After.
    pub to: Force,
    /// The figures.
    pub outcomes: Outcomes,
    /// What they come to.
    pub precision: Precision,
    /// The floor that was missed.
    pub floor: Ratio,
}

impl Demotion {
    /// Why, in a sentence for people.
    #[must_use]
    pub fn why(&self) -> String {
        format!(
            "{} 件核实结果中 {} 件属实，准确率 95% 置信下限 {} 低于 {} 的底线 {}，降为{}",
            self.precision.outcomes,
            self.outcomes.confirmed,
            self.precision.lower,
            self.from.word(),
            self.floor,
            self.to.word()
        )
    }
}

/// Whether a rule that stands at `force` has to lose it: one step, on the outcomes that came while
/// it stood there.
#[must_use]
pub fn demotion(force: Force, outcomes: Outcomes, floors: &Floors) -> Option<Demotion> {
    let (floor, to) = (floors.of(force)?, force.weaker()?);
    if outcomes.total() < floors.least_outcomes || outcomes.institutions < floors.least_institutions {
        return None;
    }
    let precision = outcomes.precision()?;
    (precision.lower < floor).then_some(Demotion { from: force, to, outcomes, precision, floor })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn outcomes(confirmed: u64, refuted: u64) -> Outcomes {
        Outcomes { confirmed, refuted, institutions: 5 }
    }

    const FLOORS: Floors = Floors {
        least_outcomes: 30,
        least_institutions: 2,
        violation: Ratio(8_000),
        suspected: Ratio(5_000),
        hint: Ratio(2_000),
    };

    #[test]
    fn the_bounds_are_those_of_the_textbook() {
        // Figures worked out with 40 digits in another language; z = 1.96.
        for (right, wrong, lower, upper) in [
            (0, 10, 0, 2_776),
            (1, 0, 2_065, 10_000),
            (8, 2, 4_901, 9_434),
            (15, 15, 3_315, 6_685),
            (81, 19, 7_222, 8_749),
            (950, 50, 9_346, 9_619),
        ] {
            let precision = outcomes(right, wrong).precision().expect("some outcomes");
            assert_eq!((precision.lower.0, precision.upper.0), (lower, upper), "{right} of {}", right + wrong);
        }
        assert_eq!(outcomes(0, 0).precision(), None, "nothing known is not nothing right");
    }

    #[test]
    fn a_rule_loses_one_step_when_its_bound_is_below_the_floor_and_enough_was_seen() {
        let lost = demotion(Force::Violation, outcomes(25, 15), &FLOORS).expect("demoted");
        assert_eq!((lost.from, lost.to, lost.floor), (Force::Violation, Force::Suspected, Ratio(8_000)));
        assert!(lost.why().contains("40 件核实结果中 25 件属实"), "{}", lost.why());
        assert_eq!(demotion(Force::Violation, outcomes(2, 27), &FLOORS), None, "29 are too few");
        assert_eq!(demotion(Force::Violation, outcomes(95, 5), &FLOORS), None, "good enough");
        let alone = Outcomes { institutions: 1, ..outcomes(0, 400) };
        assert_eq!(demotion(Force::Violation, alone, &FLOORS), None, "one institution cannot vote a rule down");
        assert_eq!(demotion(Force::Suspected, outcomes(25, 15), &FLOORS).map(|lost| lost.to), Some(Force::Hint));
        assert_eq!(demotion(Force::Hint, outcomes(0, 40), &FLOORS).map(|lost| lost.to), Some(Force::Off));
        assert_eq!(demotion(Force::Off, outcomes(0, 40), &FLOORS), None);
    }

    #[test]
    fn a_weaker_force_only_ever_softens_a_finding() {
        assert_eq!(Force::Suspected.severity(Severity(1)), Some(Severity(2)));
        assert_eq!(Force::Suspected.severity(Severity(3)), Some(Severity(3)));
        assert_eq!(Force::Violation.severity(Severity(1)), Some(Severity(1)));
        assert_eq!(Force::Off.severity(Severity(1)), None);
    }

    proptest! {
        #[test]
        fn the_interval_holds_the_share_and_narrows_with_more_of_the_same(right in 0u64..3_000, wrong in 0u64..3_000) {
            prop_assume!(right + wrong > 0);
            let once = outcomes(right, wrong).precision().expect("some");
            let tenfold = outcomes(right * 10, wrong * 10).precision().expect("some");
            prop_assert!(once.lower <= once.share && once.share <= once.upper);
            prop_assert!(once.lower <= tenfold.lower && tenfold.upper <= once.upper);
        }

        #[test]
        fn one_more_right_never_lowers_the_bound_and_one_more_wrong_never_raises_it(right in 0u64..3_000, wrong in 0u64..3_000) {
            prop_assume!(right + wrong > 0);
            let lower = |right, wrong| outcomes(right, wrong).precision().expect("some").lower;
            prop_assert!(lower(right + 1, wrong) >= lower(right, wrong));
            prop_assert!(lower(right, wrong + 1) <= lower(right, wrong));
        }

        #[test]
        fn no_number_of_outcomes_is_too_large(right: u64, wrong: u64) {
            if let Some(precision) = outcomes(right, wrong).precision() {
                prop_assert!(precision.lower <= precision.upper);
            }
        }
    }
}
