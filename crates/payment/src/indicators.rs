//! 指标: what a hospital, department or doctor did, as exact fractions.

use std::collections::BTreeMap;

use terms::Fen;

use crate::facts::Grouped;
use crate::number::Fraction;
use crate::weights::GroupRow;

/// One stay, as the indicators need it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stay<'a> {
    /// 分组结果.
    pub grouped: Grouped,
    /// The row of its group, if it has one.
    pub row: Option<&'a GroupRow>,
    /// 医疗总费用.
    pub fee: Fen,
    /// 住院天数.
    pub days: u32,
    /// 死亡.
    pub died: bool,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct OfGroup {
    cases: u64,
    fee: i128,
    days: u64,
    deaths: u64,
    weight: Fraction,
    mean_fee: Option<Fen>,
    mean_days: Option<Fraction>,
    low_risk: bool,
}

/// Running sums; stays may come in any order, and two sums may be joined.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Indicators {
    cases: u64,
    ambiguous: u64,
    fee: i128,
    days: u64,
    groups: BTreeMap<String, OfGroup>,
}

/// 指标. `None` where there is nothing to divide by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Figures {
    /// 病例数.
    pub cases: u64,
    /// 入组病例数.
    pub grouped: u64,
    /// 歧义病例数 (QY).
    pub ambiguous: u64,
    /// 病组数.
    pub groups: u64,
    /// 总权重 Σ RW.
    pub weight: Fraction,
    /// 病例组合指数 CMI: Σ RW / grouped cases.
    pub cmi: Option<Fraction>,
    /// 费用消耗指数: mean over the cases of fee / mean fee of the group; cases of a group
    /// without a mean are left out.
    pub fee_index: Option<Fraction>,
    /// 时间消耗指数: the same with days.
    pub days_index: Option<Fraction>,
    /// 低风险组病例数: cases in groups with the flag `low_risk`.
    pub low_risk: u64,
    /// 低风险死亡率: deaths among them.
    pub low_risk_mortality: Option<Fraction>,
    /// 入组率.
    pub grouping_rate: Option<Fraction>,
    /// 次均费用, exact, in 分.
    pub mean_fee: Option<Fraction>,
    /// 平均住院日.
    pub mean_days: Option<Fraction>,
}

impl Indicators {
    /// Nothing yet.
    #[must_use]
    pub fn new() -> Indicators {
        Indicators::default()
    }

    /// Takes one stay.
    pub fn add(&mut self, stay: &Stay<'_>) {
        self.cases += 1;
        self.fee += i128::from(stay.fee.0);
        self.days += u64::from(stay.days);
        self.ambiguous += u64::from(stay.grouped == Grouped::Ambiguous);
        let (Grouped::Grouped, Some(row)) = (stay.grouped, stay.row) else { return };
        let group = self.groups.entry(row.group.clone()).or_insert_with(|| OfGroup {
            weight: row.weight.clone(),
            mean_fee: row.mean_fee,
            mean_days: row.mean_days.clone(),
            low_risk: row.flags.contains("low_risk"),
            ..OfGroup::default()
        });
        group.cases += 1;
        group.fee += i128::from(stay.fee.0);
        group.days += u64::from(stay.days);
        group.deaths += u64::from(stay.died);
    }

    /// Adds what another sum has seen, with the same weights table.
    pub fn join(&mut self, other: &Indicators) {
        self.cases += other.cases;
        self.ambiguous += other.ambiguous;
        self.fee += other.fee;
        self.days += other.days;
        for (id, more) in &other.groups {
            match self.groups.get_mut(id) {
                Some(group) => {
                    group.cases += more.cases;
                    group.fee += more.fee;
                    group.days += more.days;
                    group.deaths += more.deaths;
                }
                None => {
                    self.groups.insert(id.clone(), more.clone());
                }
            }
        }
    }

    /// The figures so far.
    #[must_use]
    pub fn figures(&self) -> Figures {
        let grouped: u64 = self.groups.values().map(|group| group.cases).sum();
        let weight = self
            .groups
            .values()
            .fold(Fraction::zero(), |sum, group| sum + group.weight.clone() * Fraction::whole(group.cases));
        let (mut fees, mut fee_cases) = (Fraction::zero(), 0_u64);
        let (mut days, mut day_cases) = (Fraction::zero(), 0_u64);
        let (mut low_risk, mut deaths) = (0, 0);
        for group in self.groups.values() {
            let mean = group.mean_fee.map(Fraction::from);
            if let Some(part) = mean.and_then(|mean| Fraction::whole(group.fee).over(&mean)) {
                fees = fees + part;
                fee_cases += group.cases;
            }
            let mean = group.mean_days.as_ref();
            if let Some(part) = mean.and_then(|mean| Fraction::whole(group.days).over(mean)) {
                days = days + part;
                day_cases += group.cases;
            }
            if group.low_risk {
                low_risk += group.cases;
                deaths += group.deaths;
            }
        }
        Figures {
            cases: self.cases,
            grouped,
            ambiguous: self.ambiguous,
            groups: self.groups.len() as u64,
            cmi: weight.over(&Fraction::whole(grouped)),
            weight,
            fee_index: fees.over(&Fraction::whole(fee_cases)),
            days_index: days.over(&Fraction::whole(day_cases)),
            low_risk,
            low_risk_mortality: Fraction::of(deaths, low_risk),
            grouping_rate: Fraction::of(grouped, self.cases),
            mean_fee: Fraction::of(self.fee, self.cases),
            mean_days: Fraction::of(self.days, self.cases),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(group: &str, weight: i64, mean: i64, days: i64, flags: &[&str]) -> GroupRow {
        GroupRow {
            group: group.to_owned(),
            weight: Fraction::whole(weight),
            mean_fee: Some(Fen(mean)),
            mean_days: Some(Fraction::whole(days)),
            flags: flags.iter().map(|flag| (*flag).to_owned()).collect(),
            ..GroupRow::default()
        }
    }

    #[test]
    fn figures_are_exact_and_do_not_depend_on_the_order_or_the_split() {
        let (a, b) = (row("A", 1, 300, 3, &["low_risk"]), row("B", 2, 700, 7, &[]));
        let stay = |row, fee, days, died| Stay { grouped: Grouped::Grouped, row: Some(row), fee: Fen(fee), days, died };
        let lost = Stay { grouped: Grouped::Ungroupable, row: None, fee: Fen(50), days: 1, died: true };
        let stays = [stay(&a, 100, 1, false), stay(&a, 300, 6, true), stay(&b, 1400, 7, false), lost];
        let mut all = Indicators::new();
        stays.iter().for_each(|stay| all.add(stay));
        let (mut left, mut right) = (Indicators::new(), Indicators::new());
        stays[2..].iter().rev().for_each(|stay| left.add(stay));
        stays[..2].iter().rev().for_each(|stay| right.add(stay));
        left.join(&right);
        assert_eq!(all, left);
        let figures = all.figures();
        assert_eq!(figures.cmi, Fraction::of(4, 3));
        // (100/300 + 300/300 + 1400/700) / 3
        assert_eq!(figures.fee_index, Fraction::of(10, 9));
        assert_eq!(figures.days_index, Fraction::of(10, 9));
        assert_eq!(figures.low_risk_mortality, Fraction::of(1, 2));
        assert_eq!(figures.grouping_rate, Fraction::of(3, 4));
        assert_eq!(Indicators::new().figures().cmi, None);
    }
}
