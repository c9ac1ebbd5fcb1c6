//! The shape of a policy file, as TOML. Unknown keys are errors, so a slip of the pen is
//! found and not ignored.

use serde::Deserialize;
use std::collections::BTreeMap;
use toml::{Spanned, Value};

type Text = Spanned<String>;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PolicyFile {
    #[serde(default)]
    pub law: Option<LawHead>,
    #[serde(default)]
    pub attribute: Vec<AttributeFile>,
    #[serde(default)]
    pub table: Vec<TableFile>,
    #[serde(default)]
    pub value: Vec<ValueFile>,
    #[serde(default)]
    pub find: Vec<FindFile>,
    #[serde(default)]
    pub segments: Option<Spanned<SegmentsFile>>,
    #[serde(default)]
    pub line_split: Option<Spanned<LineSplitFile>>,
    #[serde(default)]
    pub line_sum: Vec<LineSumFile>,
    #[serde(default)]
    pub layer: Vec<LayerFile>,
    #[serde(default)]
    pub pipeline: Option<Spanned<PipelineFile>>,
    #[serde(default)]
    pub output: Option<Spanned<OutputFile>>,
    #[serde(default)]
    pub hospital_share: Option<Spanned<HospitalShareFile>>,
    #[serde(default)]
    pub accumulator: Vec<AccumulatorFile>,
    #[serde(default)]
    pub keep: Vec<KeepFile>,
    #[serde(default)]
    pub refusal: Vec<RefusalFile>,
    #[serde(default)]
    pub example: Vec<Spanned<ExampleFile>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LawHead {
    pub title: String,
    #[serde(default)]
    pub english: String,
    #[serde(default)]
    #[allow(dead_code, reason = "read by people; kept so that the key is allowed")]
    pub source: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AttributeFile {
    pub of: Text,
    pub id: Text,
    #[allow(dead_code, reason = "read by people")]
    pub name: String,
    #[serde(rename = "type")]
    pub kind: Text,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TableFile {
    pub id: Text,
    pub name: String,
    #[serde(default)]
    pub english: String,
    #[serde(default)]
    pub article: String,
    pub unit: Text,
    #[serde(default)]
    pub dated_by: Option<Text>,
    #[serde(default)]
    pub keys: Vec<Text>,
    #[serde(default)]
    pub otherwise: Option<Spanned<Value>>,
    #[serde(default)]
    pub version: Vec<Spanned<VersionFile>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct VersionFile {
    pub from: Spanned<Value>,
    #[serde(default)]
    pub until: Option<Spanned<Value>>,
    #[serde(default)]
    pub article: String,
    #[serde(default)]
    #[allow(dead_code, reason = "read by people")]
    pub source: String,
    #[serde(default)]
    pub across: Vec<String>,
    #[serde(default)]
    pub value: Option<Spanned<Value>>,
    #[serde(default)]
    pub rows: Vec<Spanned<RowFile>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RowFile {
    #[serde(default, rename = "for")]
    pub keys: Vec<KeyFile>,
    #[serde(default)]
    pub value: Option<Spanned<Value>>,
    #[serde(default)]
    pub values: Vec<Spanned<Value>>,
    #[serde(default)]
    pub upto: Vec<Spanned<Value>>,
}

/// A key of a row: one text, a whole number, or a list of texts any of which fits.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(crate) enum KeyFile {
    One(String),
    Number(i64),
    Any(Vec<String>),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CaseFile {
    #[serde(default)]
    pub when: Option<Text>,
    pub then: Text,
    #[serde(default)]
    pub article: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ValueFile {
    pub id: Text,
    pub name: String,
    #[serde(default)]
    pub english: String,
    #[serde(default)]
    pub article: String,
    #[serde(default)]
    pub formula: Option<Text>,
    #[serde(default)]
    pub cases: Vec<CaseFile>,
    #[serde(default)]
    pub quiet: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FindFile {
    pub id: Text,
    pub name: String,
    #[serde(default)]
    pub article: String,
    #[serde(rename = "in")]
    pub source: Text,
    #[serde(rename = "where")]
    pub condition: Text,
    #[serde(default)]
    pub first_by: Vec<Text>,
    #[serde(default)]
    pub last_by: Vec<Text>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SegmentsFile {
    pub schemes: Vec<String>,
    pub status: Vec<String>,
    pub on: Text,
    #[serde(default)]
    #[allow(dead_code, reason = "read by people")]
    pub article: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LineSplitFile {
    #[serde(default)]
    pub article: String,
    pub catalogue_date: Text,
    pub level_without_row: String,
    pub wholly_self_paid: Text,
    pub ceiling_key: Text,
    pub self_pay_ratio: Text,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LineSumFile {
    pub id: Text,
    pub name: String,
    #[serde(default)]
    pub article: String,
    pub part: Text,
    #[serde(rename = "where")]
    pub condition: Text,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LimitFile {
    pub name: String,
    #[serde(default)]
    pub article: String,
    #[serde(default)]
    pub when: Option<Text>,
    pub remaining: Text,
    #[serde(default)]
    pub on: Option<Text>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LayerFile {
    pub id: Text,
    pub name: String,
    #[serde(default)]
    pub english: String,
    #[serde(default)]
    pub article: String,
    #[serde(default)]
    pub pays: Option<Text>,
    #[serde(default)]
    pub account: Option<Text>,
    pub fund: Text,
    #[serde(default)]
    pub when: Option<Text>,
    pub input: Text,
    #[serde(default)]
    pub from: Option<Text>,
    #[serde(default)]
    pub threshold: Option<Text>,
    #[serde(default)]
    pub bands_from: Option<Text>,
    #[serde(default)]
    pub bands: Option<Text>,
    #[serde(default)]
    pub ratio: Option<Text>,
    #[serde(default)]
    pub limits: Vec<LimitFile>,
    #[serde(default)]
    pub rounding: Option<Text>,
    #[serde(default)]
    pub on: Option<Text>,
    #[serde(default)]
    pub giver_total: Option<Text>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PipelineFile {
    pub order: Vec<Text>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OutputFile {
    pub act_pay_dedc: Text,
    pub pool_prop_selfpay: Text,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct HospitalShareFile {
    pub name: String,
    #[serde(default)]
    pub article: String,
    pub amount: Text,
    pub fund: Text,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AccumulatorFile {
    pub id: Text,
    pub name: String,
    #[serde(default)]
    pub article: String,
    pub unit: Text,
    #[serde(default)]
    pub key: Vec<Text>,
    #[serde(default)]
    pub when: Option<Text>,
    #[serde(default)]
    pub add: Option<Text>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct KeepFile {
    pub id: Text,
    #[allow(dead_code, reason = "read by people")]
    pub name: String,
    #[serde(default)]
    #[allow(dead_code, reason = "read by people")]
    pub article: String,
    pub at: Text,
    #[serde(default)]
    pub unit: Option<Text>,
    #[serde(default)]
    pub when: Option<Text>,
    pub value: Text,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RefusalFile {
    pub code: Text,
    pub at: Text,
    pub when: Text,
    pub says: Text,
    #[serde(default)]
    pub article: String,
}

/// 示例: a worked example inside a policy file. Amounts are yuan as text or number.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExampleFile {
    /// Its name, unique in the folder.
    pub id: String,
    /// What it shows.
    #[serde(default)]
    pub title: String,
    /// Where it comes from.
    #[serde(default)]
    pub source: String,
    /// The person: `insutype`, `psn_type`, `brdy`, `idents`, `since`, `account`, and fields.
    #[serde(default)]
    pub person: BTreeMap<String, Value>,
    /// Running totals before the first step, by key, in yuan (or counts).
    #[serde(default)]
    pub before: BTreeMap<String, Value>,
    /// Filings before the first step.
    #[serde(default)]
    pub filing: Vec<BTreeMap<String, Value>>,
    /// What happens, in order.
    #[serde(default)]
    pub step: Vec<BTreeMap<String, Value>>,
}
