//! 测算: weights, scores, auxiliary and institution factors from past cases.
//!
//! Defined exactly, so that two people get the same figure:
//!
//! - **Trimming** (裁剪), group by group, if it has enough cases: with n fees in rising
//!   order, the ⌊low × n⌋ lowest and ⌊(1 − high) × n⌋ highest mark two limits; every case
//!   with a fee within the limits (both included) stays. Equal fees stay or go together,
//!   so the order of the cases does not matter.
//! - **Mean of the years**: Σ yᵢ × meanᵢ / Σ yᵢ over the years in which the group has
//!   cases (1:2:7, oldest first). The mean of all cases is formed in the same way.
//! - **Weight**: mean of the group / mean of all × scale, rounded once.
//! - **CV** is compared as CV² of the cases that stay, all years together: variance over
//!   squared mean, a fraction; the root is taken only to print it.
//! - **Median**: the middle fee, of an even number the mean of the two, to 分.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::Arc;

use num_bigint::BigInt;
use terms::{Fen, InstitutionId};

use crate::number::{Fraction, Mode};

/// 方差口径.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deviation {
    /// 总体方差, over n.
    Population,
    /// 样本方差, over n − 1.
    Sample,
}

/// When an auxiliary dimension is split off: both must hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuxiliaryTrigger {
    /// The group's CV is at least this.
    pub from_cv: Fraction,
    /// The CV within the dimension's classes is lower by at least this share.
    pub fall: Fraction,
    /// A row needs at least so many cases.
    pub from_cases: u64,
}

/// When a group is 基层病种: both must hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GrassrootsTrigger {
    /// 基层机构级别.
    pub level: String,
    /// Share of its cases at that level, at least.
    pub share: Fraction,
    /// CV at most.
    pub cv: Fraction,
}

/// 测算规则, from the plan's `[calculation]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calculation {
    /// Article.
    pub article: Arc<str>,
    /// Weights of the years, oldest first.
    pub year_weights: Vec<u32>,
    /// Lower quantile.
    pub trim_low: Fraction,
    /// Upper quantile.
    pub trim_high: Fraction,
    /// Groups with fewer cases are not trimmed.
    pub trim_from_cases: u64,
    /// At most this share of all cases may be trimmed away.
    pub trim_at_most: Fraction,
    /// 方差口径.
    pub deviation: Deviation,
    /// Fewer cases than this: unstable.
    pub unstable_below_cases: u64,
    /// A higher CV than this: unstable.
    pub unstable_above_cv: Fraction,
    /// The weight of a case of mean cost.
    pub scale: Fraction,
    /// Decimals of a weight.
    pub weight_places: u32,
    /// Decimals of a factor.
    pub factor_places: u32,
    /// Auxiliary dimensions, if the plan has them.
    pub auxiliary: Option<AuxiliaryTrigger>,
    /// Bounds of the institution factor.
    pub institution_bounds: Option<(Fraction, Fraction)>,
    /// 基层病种.
    pub grassroots: Option<GrassrootsTrigger>,
}

/// A past case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PastCase<'a> {
    /// Group.
    pub group: &'a str,
    /// Year.
    pub year: i16,
    /// 医疗机构级别.
    pub level: &'a str,
    /// Institution.
    pub institution: &'a str,
    /// Fee without what is excluded.
    pub charge: Fen,
    /// Days.
    pub days: u32,
    /// Auxiliary rows that it meets, `dimension:level` (`age:66+`); at most one of a
    /// dimension counts, the first by name.
    pub auxiliary: &'a [String],
}

/// Why no weights come out.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HistoryError {
    /// No case in the years asked for.
    #[error("there is no past case in the years {0:?}")]
    Empty(Vec<i16>),
    /// The number of years and of their weights differ.
    #[error("{years} years are given, the plan weighs {weights} (year_weights)")]
    Years {
        /// Years given.
        years: usize,
        /// Weights of the plan.
        weights: usize,
    },
    /// Trimming takes too many cases.
    #[error("trimming takes {trimmed} of {cases} cases, more than trim_at_most allows; widen trim_low and trim_high")]
    Trimmed {
        /// Trimmed.
        trimmed: u64,
        /// All.
        cases: u64,
    },
    /// The mean of all fees is nothing.
    #[error("the mean fee of all past cases is not above zero")]
    NoFee,
}

#[derive(Debug, Clone, Copy)]
struct Row {
    charge: i64,
    days: u32,
    year: i16,
    level: u32,
    institution: u32,
    auxiliary: u32,
}

/// Texts kept once.
#[derive(Debug, Clone, Default)]
struct Words(BTreeMap<String, u32>, Vec<String>);

impl Words {
    fn of(&mut self, text: &str) -> u32 {
        if let Some(number) = self.0.get(text) {
            return *number;
        }
        let number = u32::try_from(self.1.len()).unwrap_or(u32::MAX);
        self.0.insert(text.to_owned(), number);
        self.1.push(text.to_owned());
        number
    }

    fn text(&self, number: u32) -> &str {
        &self.1[number as usize]
    }
}

/// 历史病例: past cases, taken one at a time in any order and kept small (32 bytes each).
#[derive(Debug, Clone, Default)]
pub struct History {
    groups: BTreeMap<String, Vec<Row>>,
    levels: Words,
    institutions: Words,
    auxiliaries: Words,
}

/// Sums by year: cases and fees.
#[derive(Debug, Clone, Default)]
struct YearSums(BTreeMap<i16, (u64, i128)>);

impl YearSums {
    fn add(&mut self, row: &Row) {
        let sums = self.0.entry(row.year).or_default();
        sums.0 += 1;
        sums.1 += i128::from(row.charge);
    }

    /// Σ weight × mean / Σ weight, over the years that have cases; in 分.
    fn mean(&self, years: &[i16], weights: &[u32]) -> Option<Fraction> {
        let mut all = Fraction::zero();
        let mut sum = Fraction::zero();
        for (year, weight) in years.iter().zip(weights) {
            if let Some((cases, fees)) = self.0.get(year) {
                let mean = Fraction::of(BigInt::from(*fees), *cases)?;
                sum = sum + Fraction::whole(*weight) * mean;
                all = all + Fraction::whole(*weight);
            }
        }
        sum.over(&all)
    }
}

/// Cases, fees and squared fees.
#[derive(Debug, Clone, Default)]
struct Moments {
    n: u64,
    sum: i128,
    squares: BigInt,
}

impl Moments {
    fn add(&mut self, charge: i64) {
        self.n += 1;
        self.sum += i128::from(charge);
        self.squares += BigInt::from(charge) * charge;
    }

    /// Σ (x − mean)² as `(n Σx² − (Σx)²) / n`.
    fn deviations(&self) -> Fraction {
        let sum = BigInt::from(self.sum);
        Fraction::of(BigInt::from(self.n) * &self.squares - &sum * &sum, self.n).unwrap_or_default()
    }

    /// CV²; `None` where it has no meaning.
    fn cv_squared(&self, deviation: Deviation) -> Option<Fraction> {
        let over = match deviation {
            Deviation::Population => self.n,
            Deviation::Sample => self.n.checked_sub(1)?,
        };
        let variance = self.deviations().over(&Fraction::whole(over))?;
        let mean = Fraction::of(BigInt::from(self.sum), self.n)?;
        variance.over(&(mean.clone() * mean))
    }
}

/// 测算结果 of a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupMeasure {
    /// Group.
    pub group: String,
    /// Weight, points or score.
    pub weight: Fraction,
    /// Cases that stayed.
    pub cases: u64,
    /// Cases trimmed away.
    pub trimmed: u64,
    /// Mean of the years, to 分.
    pub mean_fee: Fen,
    /// The same for each level, to 分.
    pub mean_fee_by_level: BTreeMap<String, Fen>,
    /// Median, to 分.
    pub median_fee: Fen,
    /// CV², exact; `None` for a single case or fees of nothing.
    pub cv_squared: Option<Fraction>,
    /// Mean days, to two decimals.
    pub mean_days: Fraction,
    /// 不稳定病组.
    pub unstable: bool,
    /// 基层病种.
    pub grassroots: bool,
}

/// 辅助目录系数 of a group's row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuxiliaryMeasure {
    /// Group.
    pub group: String,
    /// Row, `dimension:level`.
    pub auxiliary: String,
    /// k_ij = m_ij / m_i.
    pub factor: Fraction,
    /// Cases.
    pub cases: u64,
    /// m_ij, to 分.
    pub mean_fee: Fen,
}

/// 机构系数.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstitutionMeasure {
    /// Institution.
    pub institution: InstitutionId,
    /// Cases.
    pub cases: u64,
    /// Mean over its cases of its fee against the group's mean, exact.
    pub exact: Fraction,
    /// Rounded and kept within the bounds.
    pub factor: Fraction,
}

/// 测算结果.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Measured {
    /// All cases in the years.
    pub cases: u64,
    /// Trimmed away.
    pub trimmed: u64,
    /// Mean of all, exact, in 分.
    pub mean: Fraction,
    /// Groups, by code.
    pub groups: Vec<GroupMeasure>,
    /// Auxiliary rows that are worth splitting off.
    pub auxiliary: Vec<AuxiliaryMeasure>,
    /// Institutions, by id.
    pub institutions: Vec<InstitutionMeasure>,
}

/// The cases of a group that stayed.
struct Kept<'a> {
    group: &'a str,
    rows: Vec<Row>,
    trimmed: u64,
    mean: Fraction,
    moments: Moments,
}

impl History {
    /// Nothing yet.
    #[must_use]
    pub fn new() -> History {
        History::default()
    }

    /// Takes one case.
    pub fn add(&mut self, case: &PastCase<'_>) {
        let mut names: Vec<&str> = case.auxiliary.iter().map(String::as_str).collect();
        names.sort_unstable();
        names.dedup_by_key(|name| dimension(name));
        let row = Row {
            charge: case.charge.0,
            days: case.days,
            year: case.year,
            level: self.levels.of(case.level),
            institution: self.institutions.of(case.institution),
            auxiliary: self.auxiliaries.of(&names.join("\u{1f}")),
        };
        match self.groups.get_mut(case.group) {
            Some(rows) => rows.push(row),
            None => {
                self.groups.insert(case.group.to_owned(), vec![row]);
            }
        }
    }

    /// Works everything out. `years` stand oldest first, as the plan's weights do.
    ///
    /// # Errors
    /// [`HistoryError`].
    pub fn measure(&self, rule: &Calculation, years: &[i16]) -> Result<Measured, HistoryError> {
        if years.len() != rule.year_weights.len() {
            return Err(HistoryError::Years { years: years.len(), weights: rule.year_weights.len() });
        }
        let mut all = YearSums::default();
        let mut kept = Vec::new();
        for (group, rows) in &self.groups {
            if let Some(found) = keep(group, rows, rule, years) {
                found.rows.iter().for_each(|row| all.add(row));
                kept.push(found);
            }
        }
        let trimmed: u64 = kept.iter().map(|group| group.trimmed).sum();
        let stayed: u64 = kept.iter().map(|group| group.moments.n).sum();
        let cases = trimmed + stayed;
        if cases == 0 {
            return Err(HistoryError::Empty(years.to_vec()));
        }
        if Fraction::whole(trimmed) > rule.trim_at_most.clone() * Fraction::whole(cases) {
            return Err(HistoryError::Trimmed { trimmed, cases });
        }
        let mean = all.mean(years, &rule.year_weights).unwrap_or_default();
        if mean.is_zero() || mean.is_negative() {
            return Err(HistoryError::NoFee);
        }
        Ok(Measured {
            cases,
            trimmed,
            groups: kept.iter().map(|group| self.group(group, rule, years, &mean)).collect(),
            auxiliary: kept.iter().flat_map(|group| self.auxiliary(group, rule, years)).collect(),
            institutions: self.institutions(&kept, rule),
            mean,
        })
    }

    fn group(&self, kept: &Kept<'_>, rule: &Calculation, years: &[i16], all: &Fraction) -> GroupMeasure {
        let mut by_level: BTreeMap<&str, YearSums> = BTreeMap::new();
        let mut days: u64 = 0;
        for row in &kept.rows {
            by_level.entry(self.levels.text(row.level)).or_default().add(row);
            days += u64::from(row.days);
        }
        let n = kept.moments.n;
        let weight = kept.mean.over(all).unwrap_or_default() * rule.scale.clone();
        let cv_squared = kept.moments.cv_squared(rule.deviation);
        let above = |limit: &Fraction| cv_squared.as_ref().is_some_and(|cv| *cv > limit.clone() * limit.clone());
        let grassroots = rule.grassroots.as_ref().is_some_and(|trigger| {
            let there = kept.rows.iter().filter(|row| self.levels.text(row.level) == trigger.level).count() as u64;
            Fraction::whole(there) >= trigger.share.clone() * Fraction::whole(n) && !above(&trigger.cv)
        });
        GroupMeasure {
            group: kept.group.to_owned(),
            weight: weight.rounded(rule.weight_places, Mode::HalfUp),
            cases: n,
            trimmed: kept.trimmed,
            mean_fee: kept.mean.to_fen().unwrap_or_default(),
            mean_fee_by_level: by_level
                .into_iter()
                .filter_map(|(level, sums)| Some((level.to_owned(), sums.mean(years, &rule.year_weights)?.to_fen()?)))
                .collect(),
            median_fee: median(&kept.rows),
            unstable: n < rule.unstable_below_cases || above(&rule.unstable_above_cv),
            grassroots,
            cv_squared,
            mean_days: Fraction::of(days, n).unwrap_or_default().rounded(2, Mode::HalfUp),
        }
    }

    /// The rows of each dimension that is worth a split. A case without a row of the
    /// dimension is a class of its own and gets no factor.
    fn auxiliary(&self, kept: &Kept<'_>, rule: &Calculation, years: &[i16]) -> Vec<AuxiliaryMeasure> {
        let Some(trigger) = &rule.auxiliary else { return Vec::new() };
        let limit = trigger.from_cv.clone() * trigger.from_cv.clone();
        if kept.moments.cv_squared(rule.deviation).is_none_or(|cv| cv < limit) {
            return Vec::new();
        }
        let names = |row: &Row| self.auxiliaries.text(row.auxiliary).split('\u{1f}').filter(|name| !name.is_empty());
        let dimensions: BTreeSet<&str> = kept.rows.iter().flat_map(&names).map(dimension).collect();
        let total = kept.moments.deviations();
        let still = Fraction::one() - trigger.fall.clone();
        let mut found = Vec::new();
        for dim in dimensions {
            let mut classes: BTreeMap<&str, (Moments, YearSums)> = BTreeMap::new();
            for row in &kept.rows {
                let class = names(row).find(|name| dimension(name) == dim).unwrap_or("");
                let (moments, sums) = classes.entry(class).or_default();
                moments.add(row.charge);
                sums.add(row);
            }
            let within = classes.values().fold(Fraction::zero(), |sum, (moments, _)| sum + moments.deviations());
            // CV within ≤ still × CV, both over the same n and mean: compare squares.
            if within > still.clone() * still.clone() * total.clone() {
                continue;
            }
            for (name, (moments, sums)) in classes {
                let mean = sums.mean(years, &rule.year_weights);
                let (false, true, Some(mean)) = (name.is_empty(), moments.n >= trigger.from_cases, mean) else {
                    continue;
                };
                found.push(AuxiliaryMeasure {
                    group: kept.group.to_owned(),
                    auxiliary: name.to_owned(),
                    factor: mean.over(&kept.mean).unwrap_or_default().rounded(rule.factor_places, Mode::HalfUp),
                    cases: moments.n,
                    mean_fee: mean.to_fen().unwrap_or_default(),
                });
            }
        }
        found
    }

    fn institutions(&self, kept: &[Kept<'_>], rule: &Calculation) -> Vec<InstitutionMeasure> {
        let mut sums: BTreeMap<&str, (u64, Fraction)> = BTreeMap::new();
        for group in kept {
            let mut of_group: BTreeMap<u32, (u64, i128)> = BTreeMap::new();
            for row in &group.rows {
                let sum = of_group.entry(row.institution).or_default();
                sum.0 += 1;
                sum.1 += i128::from(row.charge);
            }
            for (institution, (n, fees)) in of_group {
                let (cases, sum) = sums.entry(self.institutions.text(institution)).or_default();
                *cases += n;
                let part = Fraction::whole(BigInt::from(fees)).over(&group.mean).unwrap_or_default();
                *sum = std::mem::take(sum) + part;
            }
        }
        sums.into_iter()
            .map(|(institution, (cases, sum))| {
                let exact = sum.over(&Fraction::whole(cases)).unwrap_or_default();
                let factor = exact.rounded(rule.factor_places, Mode::HalfUp);
                let factor = match &rule.institution_bounds {
                    Some((low, high)) => factor.clamp(low.clone(), high.clone()),
                    None => factor,
                };
                InstitutionMeasure { institution: institution.into(), cases, exact, factor }
            })
            .collect()
    }
}

/// `age` of `age:66+`.
fn dimension(name: &str) -> &str {
    name.split_once(':').map_or(name, |(dimension, _)| dimension)
}

fn keep<'a>(group: &'a str, rows: &[Row], rule: &Calculation, years: &[i16]) -> Option<Kept<'a>> {
    let mut rows: Vec<Row> = rows.iter().filter(|row| years.contains(&row.year)).copied().collect();
    let n = rows.len() as u64;
    rows.sort_unstable_by_key(|row| row.charge);
    let mut trimmed = 0;
    if n >= rule.trim_from_cases && n > 0 {
        let cut = |share: Fraction| {
            let cut = (share * Fraction::whole(n)).floor().to_fen().map_or(0, |count| count.0);
            usize::try_from(cut).unwrap_or(0).min(rows.len() - 1)
        };
        let low = cut(rule.trim_low.clone());
        let high = rows.len() - 1 - cut(Fraction::one() - rule.trim_high.clone());
        let (low, high) = (rows[low.min(high)].charge, rows[high.max(low)].charge);
        rows.retain(|row| low <= row.charge && row.charge <= high);
        trimmed = n - rows.len() as u64;
    }
    let (mut sums, mut moments) = (YearSums::default(), Moments::default());
    for row in &rows {
        sums.add(row);
        moments.add(row.charge);
    }
    let mean = sums.mean(years, &rule.year_weights)?;
    Some(Kept { group, rows, trimmed, mean, moments })
}

/// The middle of rows in rising order.
fn median(rows: &[Row]) -> Fen {
    let (a, b) = (rows[(rows.len() - 1) / 2].charge, rows[rows.len() / 2].charge);
    Fraction::of(i128::from(a) + i128::from(b), 2).and_then(|middle| middle.to_fen()).unwrap_or_default()
}

/// The root of a fraction to `places` decimals, half up.
pub(crate) fn root(square: &Fraction, places: u32) -> Option<Fraction> {
    if square.is_negative() {
        return None;
    }
    let (numerator, denominator) = square.parts();
    let scale = BigInt::from(10).pow(places);
    // ⌊√(4 × x × 10^2p)⌋ counts halves of the last place; one more half rounds up.
    let halves = (BigInt::from(4) * numerator * &scale * &scale / denominator).sqrt();
    Fraction::of((halves + 1_u32) / 2_u32, scale)
}

impl Measured {
    /// 权重表 as the plan reads it, with a heading row. `name` gives each group's name.
    #[must_use]
    pub fn weights_csv(&self, name: impl Fn(&str) -> String) -> String {
        let levels: BTreeSet<&String> = self.groups.iter().flat_map(|group| group.mean_fee_by_level.keys()).collect();
        let mut text = String::from("group,name,weight,cases,mean_fee");
        for level in &levels {
            let _ = write!(text, ",mean_fee_{level}");
        }
        text.push_str(",median_fee,cv,mean_days,flags\n");
        for group in &self.groups {
            let label = name(&group.group);
            let _ =
                write!(text, "{},{},{},{},{}", group.group, quoted(&label), group.weight, group.cases, group.mean_fee);
            for level in &levels {
                text.push(',');
                if let Some(mean) = group.mean_fee_by_level.get(*level) {
                    let _ = write!(text, "{mean}");
                }
            }
            let cv = group.cv_squared.as_ref().and_then(|square| root(square, 4));
            let cv = cv.map(|cv| cv.to_string()).unwrap_or_default();
            let flags: Vec<&str> = [(group.grassroots, "grassroots"), (group.unstable, "unstable")]
                .into_iter()
                .filter_map(|(set, flag)| set.then_some(flag))
                .collect();
            let _ = writeln!(text, ",{},{cv},{},{}", group.median_fee, group.mean_days, flags.join("|"));
        }
        text
    }

    /// 辅助目录 as the plan reads it.
    #[must_use]
    pub fn auxiliary_csv(&self) -> String {
        let mut text = String::from("group,auxiliary,factor,cases,mean_fee\n");
        for row in &self.auxiliary {
            let (group, auxiliary) = (&row.group, quoted(&row.auxiliary));
            let _ = writeln!(text, "{group},{auxiliary},{},{},{}", row.factor, row.cases, row.mean_fee);
        }
        text
    }

    /// 机构系数 as a parameter's table: `institution,value,from`.
    #[must_use]
    pub fn institutions_csv(&self, from: terms::Date) -> String {
        let mut text = String::from("institution,value,from\n");
        for row in &self.institutions {
            let _ = writeln!(text, "{},{},{from}", row.institution, row.factor);
        }
        text
    }
}

fn quoted(text: &str) -> String {
    if text.contains([',', '"', '\n']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text.to_owned() }
}
