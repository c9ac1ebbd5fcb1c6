//! `[calculation]`: the rules by which weights are worked out from history.

use toml::Spanned;

use super::Compiler;
use crate::format::{CalculationFile, PlanFile};
use crate::history::{AuxiliaryTrigger, Calculation, Deviation, GrassrootsTrigger};
use crate::number::Fraction;
use crate::source::Unit;

impl Compiler<'_> {
    pub(super) fn calculation(&mut self, written: &Spanned<CalculationFile>, plan: &PlanFile) -> Option<Calculation> {
        let (at, file) = (written.span().start, written.get_ref());
        let scale = self.reporter.number(&plan.weights.get_ref().scale)?;
        let deviation = match file.deviation.as_ref().as_str() {
            "population" => Deviation::Population,
            "sample" => Deviation::Sample,
            _ => {
                self.reporter.error(file.deviation.span().start, "deviation is population or sample");
                return None;
            }
        };
        let mut percent = |number: &crate::format::Num| self.reporter.in_unit(number, Unit::Percent);
        let (low, high) = (percent(&file.trim_low)?, percent(&file.trim_high)?);
        let at_most = percent(&file.trim_at_most)?;
        let fall = file.auxiliary_fall.as_ref().and_then(&mut percent);
        let share = file.grassroots_share.as_ref().and_then(&mut percent);
        if low.is_negative() || low >= high || high > Fraction::one() {
            self.reporter.error(at, "trim_low and trim_high are percentages with 0 ≤ low < high ≤ 100");
        }
        if file.year_weights.is_empty() || file.year_weights.iter().all(|weight| *weight == 0) {
            self.reporter.error(at, "year_weights sum to nothing");
        }
        if file.weight_places > 10 || file.factor_places.unwrap_or(0) > 10 {
            self.reporter.error(at, "at most ten decimals");
        }
        let mut number = |number: &crate::format::Num| self.reporter.number(number);
        let from_cv = file.auxiliary_from_cv.as_ref().and_then(&mut number);
        let auxiliary = match (from_cv, fall, file.auxiliary_from_cases) {
            (Some(from_cv), Some(fall), Some(from_cases)) => Some(AuxiliaryTrigger { from_cv, fall, from_cases }),
            (None, None, None) => None,
            _ => {
                self.reporter.error(at, "auxiliary_from_cv, auxiliary_fall and auxiliary_from_cases go together");
                return None;
            }
        };
        let mut number = |number: &crate::format::Num| self.reporter.number(number);
        let bounds = match (&file.institution_min, &file.institution_max) {
            (Some(low), Some(high)) => Some((number(low)?, number(high)?)),
            _ => None,
        };
        let cv = file.grassroots_cv.as_ref().and_then(&mut number);
        let unstable_above_cv = number(&file.unstable_above_cv)?;
        if bounds.as_ref().is_some_and(|(low, high)| low > high) {
            self.reporter.error(at, "institution_min is above institution_max");
            return None;
        }
        let grassroots = match (&file.grassroots_level, share, cv) {
            (Some(level), Some(share), Some(cv)) => Some(GrassrootsTrigger { level: level.clone(), share, cv }),
            _ => None,
        };
        Some(Calculation {
            article: file.article.as_str().into(),
            year_weights: file.year_weights.clone(),
            trim_low: low,
            trim_high: high,
            trim_from_cases: file.trim_from_cases,
            trim_at_most: at_most,
            deviation,
            unstable_below_cases: file.unstable_below_cases,
            unstable_above_cv,
            scale,
            weight_places: file.weight_places,
            factor_places: file.factor_places.unwrap_or(4),
            auxiliary,
            institution_bounds: bounds,
            grassroots,
        })
    }
}
