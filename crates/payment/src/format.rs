//! The shape of a plan file, as TOML. Unknown keys are errors, so a slip of the pen is
//! found and not ignored. Numbers stay as they are written until they are read exactly.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::{Spanned, Value};

pub(crate) type Text = Spanned<String>;
pub(crate) type Num = Spanned<Value>;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PlanFile {
    pub plan: Spanned<HeadFile>,
    #[serde(default)]
    pub applies: Option<AppliesFile>,
    #[serde(default)]
    pub pool: Vec<PoolFile>,
    #[serde(default)]
    pub fact: Vec<FactFile>,
    pub weights: Spanned<WeightsFile>,
    #[serde(default)]
    pub auxiliary: Option<Spanned<AuxiliaryFile>>,
    #[serde(default)]
    pub param: Vec<ParamFile>,
    #[serde(default)]
    pub value: Vec<ValueFile>,
    #[serde(default)]
    pub bands: Vec<Spanned<BandsFile>>,
    #[serde(default)]
    pub per_day: Vec<Spanned<PerDayFile>>,
    #[serde(default)]
    pub route: Vec<RouteFile>,
    pub price: Spanned<PriceFile>,
    #[serde(default)]
    pub cap: Vec<CapFile>,
    #[serde(default)]
    pub month: Option<Spanned<MonthFile>>,
    #[serde(default)]
    pub year: Option<Spanned<YearFile>>,
    #[serde(default)]
    pub budget: Vec<Spanned<BudgetFile>>,
    #[serde(default)]
    pub estimate: Option<EstimateFile>,
    #[serde(default)]
    pub calculation: Option<Spanned<CalculationFile>>,
    #[serde(default)]
    pub example: Vec<Spanned<ExampleFile>>,
    #[serde(default)]
    pub year_example: Vec<Spanned<YearExampleFile>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct HeadFile {
    pub id: Text,
    pub title: String,
    #[serde(default)]
    pub english: String,
    pub source: String,
    pub method: Text,
    pub scheme: String,
    pub scheme_version: String,
    pub from: Num,
    #[serde(default)]
    pub until: Option<Num>,
    pub dated_by: Text,
    pub basis: Text,
    #[serde(default)]
    pub article: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AppliesFile {
    #[serde(default)]
    pub levels: Vec<String>,
    #[serde(default)]
    pub institutions: Vec<String>,
    #[serde(default)]
    pub except: Vec<String>,
    #[serde(default)]
    pub med_types: Vec<String>,
    #[serde(default)]
    #[allow(dead_code, reason = "read by people")]
    pub article: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PoolFile {
    pub id: Text,
    pub name: String,
    pub insurance: Vec<Text>,
    pub fund: String,
    #[serde(default)]
    #[allow(dead_code, reason = "read by people")]
    pub article: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FactFile {
    pub id: Text,
    pub name: String,
    #[serde(rename = "type")]
    pub kind: Text,
    #[serde(default)]
    pub otherwise: Option<Num>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WeightsFile {
    #[serde(default)]
    pub file: Option<Text>,
    #[serde(default)]
    pub text: Option<Text>,
    pub name: String,
    pub scale: Num,
    #[serde(default)]
    pub tolerance: Option<Num>,
    #[serde(default)]
    pub missing_level: Option<Text>,
    #[serde(default)]
    pub flags: Vec<String>,
    pub article: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AuxiliaryFile {
    #[serde(default)]
    pub file: Option<Text>,
    #[serde(default)]
    pub text: Option<Text>,
    pub article: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ParamFile {
    pub id: Text,
    pub name: String,
    #[serde(default)]
    pub article: String,
    pub unit: Text,
    #[serde(default)]
    pub keys: Vec<Text>,
    #[serde(default)]
    pub otherwise: Option<Num>,
    #[serde(default)]
    pub file: Option<Text>,
    #[serde(default)]
    pub version: Vec<Spanned<VersionFile>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct VersionFile {
    pub from: Num,
    #[serde(default)]
    pub until: Option<Num>,
    #[serde(default)]
    pub article: String,
    #[serde(default)]
    pub value: Option<Num>,
    #[serde(default)]
    pub rows: Vec<Spanned<RowFile>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RowFile {
    #[serde(rename = "for")]
    pub keys: Vec<String>,
    pub value: Num,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ValueFile {
    pub id: Text,
    pub name: String,
    #[serde(default)]
    pub article: String,
    pub formula: Text,
    #[serde(default)]
    pub round: Option<Spanned<RoundFile>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RoundFile {
    pub places: u32,
    #[serde(default)]
    pub mode: crate::number::Mode,
    #[serde(default)]
    pub article: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct BandsFile {
    pub id: Text,
    pub name: String,
    pub article: String,
    pub on: Text,
    pub from: Num,
    pub tier: Vec<Spanned<TierFile>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TierFile {
    pub name: String,
    #[serde(default)]
    pub when: Option<Text>,
    pub rows: Vec<Spanned<BandFile>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct BandFile {
    pub band: String,
    pub name: String,
    #[serde(default)]
    pub from: Option<Num>,
    #[serde(default)]
    pub from_included: Option<bool>,
    #[serde(default)]
    pub to: Option<Num>,
    #[serde(default)]
    pub to_included: Option<bool>,
    #[serde(default)]
    pub points: Option<Text>,
    #[serde(default)]
    pub amount: Option<Text>,
    #[serde(default)]
    pub article: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PerDayFile {
    pub class: Text,
    pub name: String,
    pub article: String,
    pub from: Num,
    #[serde(default)]
    pub keys: Vec<Text>,
    pub rows: Vec<Spanned<DayRowFile>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DayRowFile {
    #[serde(default, rename = "for")]
    pub keys: Vec<String>,
    #[serde(default)]
    pub upto: Option<u32>,
    pub rate: Num,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RouteFile {
    pub id: Text,
    pub name: String,
    #[serde(default)]
    pub article: String,
    pub when: Text,
    #[serde(default)]
    pub bands: Option<Text>,
    #[serde(default)]
    pub points: Option<Text>,
    #[serde(default)]
    pub amount: Option<Text>,
    #[serde(default)]
    pub outside: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PriceFile {
    pub point_value: Text,
    #[serde(default)]
    pub standard: Option<Text>,
    pub payment: Text,
    pub points: Text,
    pub round: RoundsFile,
    #[serde(default)]
    pub article: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RoundsFile {
    pub points: RoundFile,
    pub payment: RoundFile,
    pub point_value: RoundFile,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CapFile {
    pub id: Text,
    pub name: String,
    pub article: String,
    #[serde(default)]
    pub band: Option<Text>,
    #[serde(default)]
    pub route: Option<Text>,
    pub share: Text,
    #[serde(default)]
    pub instead: Option<Text>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct MonthFile {
    pub prepay: Text,
    pub deposit: Text,
    pub article: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct YearFile {
    pub share: Text,
    #[serde(default)]
    pub assessment: Option<Text>,
    #[serde(default)]
    pub ladder: Option<Text>,
    #[serde(default)]
    pub overspend_from: Vec<Text>,
    #[serde(default)]
    pub reserve: Option<Text>,
    pub last_fen: Text,
    pub article: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct BudgetFile {
    pub pool: Text,
    pub year: i16,
    pub total: Num,
    pub article: String,
    #[serde(default)]
    pub parts: Vec<PartFile>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PartFile {
    #[allow(dead_code, reason = "read by people")]
    pub name: String,
    pub amount: Num,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct EstimateFile {
    pub drop_lowest: usize,
    pub drop_highest: usize,
    #[serde(default)]
    #[allow(dead_code, reason = "read by people")]
    pub article: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CalculationFile {
    pub article: String,
    pub year_weights: Vec<u32>,
    pub trim_low: Num,
    pub trim_high: Num,
    pub trim_from_cases: u64,
    pub trim_at_most: Num,
    pub deviation: Text,
    pub unstable_below_cases: u64,
    pub unstable_above_cv: Num,
    pub weight_places: u32,
    #[serde(default)]
    pub auxiliary_from_cv: Option<Num>,
    #[serde(default)]
    pub auxiliary_fall: Option<Num>,
    #[serde(default)]
    pub auxiliary_from_cases: Option<u64>,
    #[serde(default)]
    pub factor_places: Option<u32>,
    #[serde(default)]
    pub institution_min: Option<Num>,
    #[serde(default)]
    pub institution_max: Option<Num>,
    #[serde(default)]
    pub grassroots_level: Option<String>,
    #[serde(default)]
    pub grassroots_share: Option<Num>,
    #[serde(default)]
    pub grassroots_cv: Option<Num>,
}

/// 示例: a worked example inside a plan; amounts in 元.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ExampleFile {
    pub id: String,
    #[serde(default)]
    #[allow(dead_code, reason = "read by people")]
    pub title: String,
    #[serde(default)]
    #[allow(dead_code, reason = "read by people")]
    pub source: String,
    pub case: BTreeMap<String, Value>,
    /// A row of the weights table to price the example by, instead of the table's own.
    #[serde(default)]
    pub group: Option<BTreeMap<String, Value>>,
    #[serde(default)]
    pub point_value: Option<Value>,
    #[serde(default)]
    pub expect: BTreeMap<String, Spanned<Value>>,
    #[serde(default)]
    pub refused: Option<Text>,
}

/// 年终示例: institutions of one pool and what their year comes to; amounts in 元.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct YearExampleFile {
    pub id: String,
    #[serde(default)]
    #[allow(dead_code, reason = "read by people")]
    pub title: String,
    #[serde(default)]
    #[allow(dead_code, reason = "read by people")]
    pub source: String,
    pub pool: String,
    pub year: i16,
    pub institution: Vec<BTreeMap<String, Value>>,
    #[serde(default)]
    pub expect: BTreeMap<String, Spanned<Value>>,
}
