//! The shape of a rule file, as TOML. Unknown keys are errors, so a slip of the pen is found and
//! not ignored. A rule may lie over another one (`base`): whatever it does not say is looked up
//! below.

use crate::header::{Behaviour, Class, Level, National, Outcome, Relations, Scenario, Stage};
use serde::Deserialize;
use std::collections::BTreeMap;
use toml::{Spanned, Value};

pub(crate) type Text = Spanned<String>;
pub(crate) type Keys = BTreeMap<String, Spanned<Value>>;

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RuleFile {
    pub id: Option<Text>,
    pub base: Option<Text>,
    #[serde(default)]
    pub off: bool,
    pub name: Option<Text>,
    pub national: Option<Spanned<National>>,
    pub version: Option<Text>,
    pub basis: Option<Spanned<Vec<String>>>,
    pub class: Option<Spanned<Class>>,
    pub family: Option<Text>,
    pub result: Option<Spanned<Outcome>>,
    pub behaviour: Option<Spanned<Behaviour>>,
    pub stages: Option<Spanned<Vec<Stage>>>,
    pub scenarios: Option<Spanned<Vec<Scenario>>>,
    pub levels: Option<Spanned<Vec<Level>>>,
    pub institution_types: Option<Spanned<Vec<String>>>,
    pub insurance: Option<Spanned<Vec<String>>>,
    pub begndate: Option<Spanned<Value>>,
    pub enddate: Option<Spanned<Value>>,
    pub self_paid: Option<Text>,
    pub amount_of: Option<Text>,
    pub when: Option<Text>,
    pub unless: Option<Text>,
    pub amount: Option<Text>,
    pub severity: Option<Spanned<Value>>,
    #[serde(default)]
    pub parameters: Keys,
    pub knowledge: Option<Spanned<KnowledgeFile>>,
    pub shape: Option<Spanned<Keys>>,
    pub relations: Option<Spanned<Relations>>,
    pub messages: Option<Spanned<MessagesFile>>,
    #[serde(default)]
    pub case: Vec<Spanned<CaseFile>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct KnowledgeFile {
    pub table: Text,
    #[serde(default)]
    pub columns: BTreeMap<String, Text>,
    /// `admission`: rows valid on the visit's first day.
    pub at: Option<Text>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct MessagesFile {
    pub doctor: Option<Text>,
    pub auditor: Option<Text>,
}

/// 样例: a worked case inside a rule file.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CaseFile {
    pub name: String,
    #[serde(default)]
    pub person: BTreeMap<String, Value>,
    #[serde(default)]
    pub persons: Vec<BTreeMap<String, Value>>,
    pub visit: Option<BTreeMap<String, Value>>,
    #[serde(default)]
    pub visits: Vec<BTreeMap<String, Value>>,
    #[serde(default)]
    pub diagnoses: Vec<Value>,
    #[serde(default)]
    pub procedures: Vec<Value>,
    #[serde(default)]
    pub lines: Vec<BTreeMap<String, Value>>,
    #[serde(default)]
    pub institutions: Vec<BTreeMap<String, Value>>,
    #[serde(default)]
    pub practitioners: Vec<BTreeMap<String, Value>>,
    #[serde(default)]
    pub stock: Vec<BTreeMap<String, Value>>,
    pub rows: Option<Vec<BTreeMap<String, Value>>>,
    #[serde(default)]
    pub tables: BTreeMap<String, Vec<BTreeMap<String, Value>>>,
    #[serde(default)]
    pub parameters: BTreeMap<String, Value>,
    pub known_since: Option<Value>,
    pub stage: Option<Stage>,
    pub focus: Option<String>,
    pub flags: Option<Vec<String>>,
    pub amount: Option<Value>,
    pub severity: Option<u8>,
    #[serde(default)]
    pub passes: bool,
    pub not_checked: Option<String>,
}

/// A rule and what lies below it, own file first; with each the number of its file.
#[derive(Debug, Clone)]
pub(crate) struct Layers<'f>(pub Vec<(usize, &'f RuleFile)>);

impl<'f> Layers<'f> {
    /// The nearest layer that says it.
    pub fn pick<T>(&self, get: impl Fn(&'f RuleFile) -> Option<&'f T>) -> Option<(usize, &'f T)> {
        self.0.iter().find_map(|(file, rule)| get(rule).map(|found| (*file, found)))
    }

    /// The parameters of all layers, the nearest first where several name one.
    pub fn parameters(&self) -> BTreeMap<&'f str, (usize, &'f Spanned<Value>)> {
        let mut all = BTreeMap::new();
        for (file, rule) in self.0.iter().rev() {
            all.extend(rule.parameters.iter().map(|(name, value)| (name.as_str(), (*file, value))));
        }
        all
    }

    /// The cases of all layers; a nearer one replaces one of the same name.
    pub fn cases(&self) -> Vec<(usize, &'f Spanned<CaseFile>)> {
        let mut all: Vec<(usize, &Spanned<CaseFile>)> = Vec::new();
        for (file, rule) in self.0.iter().rev() {
            for case in &rule.case {
                all.retain(|(other, known)| other == file || known.get_ref().name != case.get_ref().name);
                all.push((*file, case));
            }
        }
        all
    }

    /// The file that says whatever is not said elsewhere.
    pub fn own(&self) -> (usize, &'f RuleFile) {
        self.0[0]
    }
}

/// A TOML value as a file's cell would hold it; `None` of what no cell can hold.
pub(crate) fn cell_text(value: &Value) -> Option<String> {
    Some(match value {
        Value::String(text) => text.clone(),
        Value::Integer(number) => number.to_string(),
        Value::Float(number) => number.to_string(),
        Value::Boolean(yes) => if *yes { "1" } else { "0" }.to_owned(),
        Value::Datetime(time) => time.to_string().replace('T', " "),
        Value::Array(items) => items.iter().map(cell_text).collect::<Option<Vec<_>>>()?.join("|"),
        Value::Table(_) => return None,
    })
}
