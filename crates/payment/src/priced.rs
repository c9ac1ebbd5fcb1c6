//! 结果与轨迹: a priced case and why.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use terms::{Date, Exact, Fen, InstitutionId};

/// A value in a trace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shown {
    /// An amount in 分, to ten decimals where it is not yet rounded.
    Money(Exact),
    /// A number, ratio, weight or points, to ten decimals.
    Number(Exact),
    /// A text.
    Text(String),
    /// Yes or no.
    Flag(bool),
}

impl fmt::Display for Shown {
    /// Money in 元.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Shown::Money(fen) => {
                let yuan = fen.over(Exact::whole(100)).unwrap_or_default();
                match fen.as_whole() {
                    Some(whole) => write!(f, "{} 元", Fen(whole)),
                    None => write!(f, "{yuan} 元"),
                }
            }
            Shown::Number(number) => write!(f, "{number}"),
            Shown::Text(text) => f.write_str(text),
            Shown::Flag(flag) => f.write_str(if *flag { "是" } else { "否" }),
        }
    }
}

/// What a name in a formula stood for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Operand {
    /// The name as the formula writes it.
    pub id: Arc<str>,
    /// 中文名.
    pub name: Arc<str>,
    /// The article that set it, if it is a parameter.
    #[serde(default, skip_serializing_if = "str_is_empty")]
    pub article: Arc<str>,
    /// Its value.
    pub value: Shown,
}

fn str_is_empty(text: &Arc<str>) -> bool {
    text.is_empty()
}

/// One step of a price: a rule of the plan, what went in and what came out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// The rule's id in the plan: a value, a band, a route, a month or year rule.
    pub rule: Arc<str>,
    /// 中文名.
    pub name: Arc<str>,
    /// The article cited.
    #[serde(default, skip_serializing_if = "str_is_empty")]
    pub article: Arc<str>,
    /// The formula as the plan writes it, or the condition that chose a band.
    pub formula: Arc<str>,
    /// What went in: amounts, ratios, limits.
    pub operands: Vec<Operand>,
    /// What came out.
    pub result: Shown,
    /// Decimals to which the result was rounded, with the mode: `2 位小数，四舍五入`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rounded: Option<Arc<str>>,
}

impl fmt::Display for Step {
    /// One line for people: `倍率 r = 2.6（charge / mean_fee：…）［第9条］`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} = {}（{}", self.name, self.rule, self.result, self.formula)?;
        for (i, operand) in self.operands.iter().enumerate() {
            let lead = if i == 0 { "；" } else { "，" };
            let label = if operand.name.is_empty() { &operand.id } else { &operand.name };
            write!(f, "{lead}{label} {}", operand.value)?;
        }
        f.write_str("）")?;
        if let Some(rounded) = &self.rounded {
            write!(f, "［{rounded}］")?;
        }
        if !self.article.is_empty() {
            write!(f, "［{}］", self.article)?;
        }
        Ok(())
    }
}

/// 病例定价: what one case is worth and who pays it.
///
/// Always: `payment + excluded = fund + patient + other_funds`, and
/// `payment + excluded = fee + balance`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Priced {
    /// The case.
    pub case: String,
    /// Its institution.
    pub institution: InstitutionId,
    /// The date that governed the price.
    pub date: Date,
    /// 冲销: the negative of a price that an earlier month already cleared.
    #[serde(default)]
    pub reversal: bool,
    /// The plan that priced it.
    pub plan: String,
    /// SHA-256 of the plan's files.
    pub plan_hash: Arc<str>,
    /// The pool it belongs to.
    pub pool: String,
    /// The route taken (`grouped`, `per_day`, `special` …).
    pub route: String,
    /// The deviation band, if the route has bands.
    pub band: Option<String>,
    /// 权重, 基准点数 or 分值 of the group, before any factor.
    pub weight: Option<Exact>,
    /// 结算点数: what the case brings into the sum of points (费率法: adjusted weight).
    pub points: Exact,
    /// 倍率, to ten decimals.
    pub r: Option<Exact>,
    /// 支付标准, in 分, if the plan has one.
    pub standard: Option<Exact>,
    /// 点值 or 费率 used, in 分 per point.
    pub point_value: Exact,
    /// Whether the case is paid outside of the sharing of the budget by points.
    pub outside: bool,
    /// 医疗总费用.
    pub fee: Fen,
    /// 除外支付, paid on top of `payment`.
    pub excluded: Fen,
    /// 病组支付总额, without what is excluded: from the fund, the patient and others.
    pub payment: Fen,
    /// 个人支付.
    pub patient: Fen,
    /// 其他基金支付.
    pub other_funds: Fen,
    /// 统筹基金应付. Negative where the others already paid more than the price.
    pub fund: Fen,
    /// 按项目记账.
    pub item_fund: Fen,
    /// 与按项目之差: `fund − item_fund`.
    pub difference: Fen,
    /// 结余或亏损: `payment + excluded − fee`.
    pub balance: Fen,
    /// Why.
    pub steps: Vec<Step>,
}

impl Priced {
    /// 冲销: the same price with every amount negated, to stand in a later month. Its
    /// steps are those of the price that it takes back.
    #[must_use]
    pub fn reversed(&self) -> Priced {
        Priced {
            reversal: !self.reversal,
            points: -self.points,
            fee: -self.fee,
            excluded: -self.excluded,
            payment: -self.payment,
            patient: -self.patient,
            other_funds: -self.other_funds,
            fund: -self.fund,
            item_fund: -self.item_fund,
            difference: -self.difference,
            balance: -self.balance,
            ..self.clone()
        }
    }
}
