//! 报告: what a run came to.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use serde::Serialize;
use terms::Fen;

/// 时延: a histogram of microseconds, sixteen steps an octave, so that a figure is exact to
/// about six per cent however many were counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Latency {
    counts: Vec<u64>,
    count: u64,
    sum_micros: u64,
}

const STEPS: u64 = 16;

impl Default for Latency {
    fn default() -> Latency {
        Latency { counts: vec![0; 64 * 16], count: 0, sum_micros: 0 }
    }
}

impl Latency {
    /// Counts one.
    pub fn record(&mut self, latency: Duration) {
        let micros = u64::try_from(latency.as_micros()).unwrap_or(u64::MAX).max(1);
        if let Some(step) = self.counts.get_mut(step(micros)) {
            *step += 1;
        }
        self.count += 1;
        self.sum_micros = self.sum_micros.saturating_add(micros);
    }

    fn add(&mut self, other: &Latency) {
        for (own, more) in self.counts.iter_mut().zip(&other.counts) {
            *own += more;
        }
        self.count += other.count;
        self.sum_micros += other.sum_micros;
    }

    /// How many were counted.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.count
    }

    /// The mean; zero of nothing.
    #[must_use]
    pub fn mean(&self) -> Duration {
        Duration::from_micros(self.sum_micros.checked_div(self.count).unwrap_or(0))
    }

    /// The latency that `per_mille` of a thousand did not exceed, to the step.
    #[must_use]
    pub fn quantile(&self, per_mille: u64) -> Duration {
        let wanted = (self.count * per_mille).div_ceil(1000);
        let mut seen = 0;
        let at = self.counts.iter().position(|count| {
            seen += count;
            seen >= wanted && wanted > 0
        });
        Duration::from_micros(at.map_or(0, upper_end))
    }
}

/// The step of a number of microseconds: its octave, then sixteenths of it.
fn step(micros: u64) -> usize {
    let octave = u64::from(micros.ilog2());
    let inside = if octave >= 4 { (micros >> (octave - 4)) & (STEPS - 1) } else { 0 };
    usize::try_from(octave * STEPS + inside).unwrap_or(0)
}

fn upper_end(step: usize) -> u64 {
    let step = u64::try_from(step).unwrap_or(0);
    let (octave, inside) = (step / STEPS, step % STEPS);
    if octave >= 4 { (STEPS + inside + 1) << (octave - 4) } else { 2 << octave }
}

impl Serialize for Latency {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeStruct as _;
        let micros = |duration: Duration| u64::try_from(duration.as_micros()).unwrap_or(u64::MAX);
        let mut all = serializer.serialize_struct("Latency", 4)?;
        all.serialize_field("count", &self.count)?;
        all.serialize_field("mean_us", &micros(self.mean()))?;
        all.serialize_field("p50_us", &micros(self.quantile(500)))?;
        all.serialize_field("p99_us", &micros(self.quantile(990)))?;
        all.end()
    }
}

/// 运行报告.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Report {
    /// 人口.
    pub people: u64,
    /// 就诊 begun.
    pub visits: u64,
    /// Messages sent, repeats included.
    pub messages: u64,
    /// 结算 made (2207, 2304, 2102), those reversed later included.
    pub settlements: u64,
    /// By 医疗类别.
    pub settlements_by_type: BTreeMap<String, u64>,
    /// 撤销 (2208, 2305, 2103).
    pub reversals: u64,
    /// 冲正 (2601).
    pub undone: u64,
    /// Messages sent twice, and answered with the same bytes unless a difference says otherwise.
    pub repeated: u64,
    /// Times a busy or failed centre asked for the same message again.
    pub turned_away: u64,
    /// 结算清单 taken by the centre and submitted (4101 or 4101A, then 4102).
    pub lists: u64,
    /// Lists that the centre refused.
    pub lists_refused: u64,
    /// Of these, corrected and taken.
    pub lists_corrected: u64,
    /// 填报差错 planted on lists, by label.
    pub list_mistakes: BTreeMap<String, u64>,
    /// 电子凭证码 that telephones drew.
    pub codes_drawn: u64,
    /// Of these, decoded at a window (1162).
    pub codes_decoded: u64,
    /// Of these, by kind of place.
    pub codes_by_place: BTreeMap<String, u64>,
    /// Of these, a child's, shown by an adult of the household.
    pub codes_for_children: u64,
    /// 拒绝 by code.
    pub refusals: BTreeMap<String, u64>,
    /// 医疗费总额 net of reversals.
    pub total: Fen,
    /// Money by 基金支付类型, net of reversals.
    pub funds: BTreeMap<String, Fen>,
    /// 个人现金 net of reversals.
    pub cash: Fen,
    /// 对总账 (3201): statements sent.
    pub statements: u64,
    /// Of these, equal.
    pub statements_equal: u64,
    /// 对明细账 (3202): files compared.
    pub statement_files: u64,
    /// Whatever did not add up: there must be none.
    pub differences: u64,
    /// The first of them, in words.
    pub first_differences: Vec<String>,
    /// Latency of all messages.
    pub latency: Latency,
    /// Latency of settlements alone.
    pub settlement_latency: Latency,
    /// Wall time.
    pub wall: Duration,
}

/// Differences that are told in words; the others are counted.
const TOLD: usize = 50;

impl Report {
    pub(crate) fn difference(&mut self, words: String) {
        self.differences += 1;
        if self.first_differences.len() < TOLD {
            self.first_differences.push(words);
        }
    }

    pub(crate) fn add(&mut self, other: Report) {
        self.messages += other.messages;
        self.settlements += other.settlements;
        self.reversals += other.reversals;
        self.undone += other.undone;
        self.repeated += other.repeated;
        self.turned_away += other.turned_away;
        self.total += other.total;
        self.cash += other.cash;
        self.statements += other.statements;
        self.statements_equal += other.statements_equal;
        self.statement_files += other.statement_files;
        self.differences += other.differences;
        self.codes_drawn += other.codes_drawn;
        self.codes_decoded += other.codes_decoded;
        self.codes_for_children += other.codes_for_children;
        for (place, count) in other.codes_by_place {
            *self.codes_by_place.entry(place).or_default() += count;
        }
        self.lists += other.lists;
        self.lists_refused += other.lists_refused;
        self.lists_corrected += other.lists_corrected;
        for (label, count) in other.list_mistakes {
            *self.list_mistakes.entry(label).or_default() += count;
        }
        for (code, count) in other.refusals {
            *self.refusals.entry(code).or_default() += count;
        }
        for (kind, count) in other.settlements_by_type {
            *self.settlements_by_type.entry(kind).or_default() += count;
        }
        for (fund, amount) in other.funds {
            *self.funds.entry(fund).or_default() += amount;
        }
        self.first_differences.extend(other.first_differences);
        self.first_differences.truncate(TOLD);
        self.latency.add(&other.latency);
        self.settlement_latency.add(&other.settlement_latency);
    }

    /// Settlements in a second of wall time.
    #[must_use]
    pub fn settlements_a_second(&self) -> u64 {
        let millis = u64::try_from(self.wall.as_millis()).unwrap_or(u64::MAX).max(1);
        self.settlements * 1000 / millis
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.wall.as_secs();
        writeln!(f, "people               {:>14}", self.people)?;
        writeln!(f, "visits               {:>14}", self.visits)?;
        writeln!(
            f,
            "messages             {:>14}   repeated {}, turned away {}",
            self.messages, self.repeated, self.turned_away
        )?;
        writeln!(f, "settlements          {:>14}   {} a second", self.settlements, self.settlements_a_second())?;
        for (kind, count) in &self.settlements_by_type {
            writeln!(f, "  med_type {kind:<10} {count:>14}")?;
        }
        writeln!(f, "reversals            {:>14}   2601: {}", self.reversals, self.undone)?;
        let (refused, corrected) = (self.lists_refused, self.lists_corrected);
        writeln!(f, "settlement lists     {:>14}   refused {refused}, corrected {corrected}", self.lists)?;
        for (label, count) in &self.list_mistakes {
            writeln!(f, "  planted {label:<19} {count:>6}")?;
        }
        if self.codes_drawn > 0 {
            let (decoded, children) = (self.codes_decoded, self.codes_for_children);
            writeln!(f, "credential codes     {:>14}   decoded {decoded}, of children {children}", self.codes_drawn)?;
            for (place, count) in &self.codes_by_place {
                writeln!(f, "  at a {place:<14} {count:>14}")?;
            }
        }
        writeln!(f, "total fees           {:>14}", self.total)?;
        for (fund, amount) in &self.funds {
            writeln!(f, "  fund {fund:<14} {amount:>14}")?;
        }
        writeln!(f, "cash                 {:>14}", self.cash)?;
        for (code, count) in &self.refusals {
            writeln!(f, "  refused {code:<11} {count:>14}")?;
        }
        let equal = self.statements_equal;
        writeln!(
            f,
            "3201 statements      {:>14}   equal {equal}   3202 files {}",
            self.statements, self.statement_files
        )?;
        for (name, latency) in [("messages", &self.latency), ("settlements", &self.settlement_latency)] {
            let (mean, p50, p99) = (latency.mean(), latency.quantile(500), latency.quantile(990));
            writeln!(f, "latency, {name:<11}  mean {mean:.1?}  p50 {p50:.1?}  p99 {p99:.1?}")?;
        }
        writeln!(f, "wall time            {:>13}s", seconds)?;
        writeln!(f, "differences          {:>14}", self.differences)?;
        self.first_differences.iter().try_for_each(|words| writeln!(f, "  {words}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_exact_to_a_step() {
        let mut latency = Latency::default();
        for micros in 1..=10_000 {
            latency.record(Duration::from_micros(micros));
        }
        assert_eq!(latency.mean(), Duration::from_micros(5000));
        for (per_mille, exact) in [(500, 5_000_u64), (990, 9_900), (1000, 10_000)] {
            let told = u64::try_from(latency.quantile(per_mille).as_micros()).unwrap();
            assert!((exact..=exact * 107 / 100).contains(&told), "{per_mille}‰: {told}");
        }
        assert_eq!(Latency::default().quantile(990), Duration::ZERO);
    }

    #[test]
    fn a_report_prints_what_it_holds_and_serialises() {
        let mut report = Report { settlements: 3, wall: Duration::from_millis(1500), ..Report::default() };
        report.funds.insert("310100".to_owned(), Fen(12_345));
        report.difference("Σ lines 1.00 ≠ 2.00".to_owned());
        let text = report.to_string();
        assert!(text.contains("123.45") && text.contains("2 a second") && text.contains("Σ lines"), "{text}");
        assert!(serde_json::to_string(&report).unwrap().contains("\"p99_us\""));
    }
}
