//! 参数: every threshold, weight and window is data, one TOML file a model, each figure with its
//! reason. Read from text; who opens the file is not our concern.

use serde::Deserialize;
use std::collections::BTreeMap;

use crate::models::MODELS;

/// Name of the file that is not a model's: kinds of visit and fee, and who is spared.
pub const COMMON: &str = "common";

/// What every model needs to know of the codes.
pub const COMMON_LISTS: &[&str] = &[
    "stay_types",
    "pharmacy_types",
    "registration_types",
    "urgent_types",
    "bed_fees",
    "round_fees",
    "test_fees",
    "treatment_fees",
    "drug_fees",
    "planned_diagnoses",
    "cohort_diagnoses",
    "examination_diagnoses",
    "birth_diagnoses",
    "cohort_diseases",
    "planned_items",
    "examination_items",
];

/// A file that cannot be used. Each message names the file, the thing and the way out.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}: {problem}")]
pub struct SettingsError {
    /// The file.
    pub file: String,
    /// What is wrong and what to do.
    pub problem: String,
}

/// 分项参数.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Part {
    /// Identifier.
    pub id: String,
    /// 名称.
    pub name: String,
    /// 单位 of what is measured.
    #[serde(default)]
    pub unit: String,
    /// Points at most.
    pub weight: i64,
    /// The value that gives nothing.
    pub from: f64,
    /// The value that gives all; below `from` when less is worse.
    pub to: f64,
    /// Why these figures.
    pub why: String,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Number {
    value: f64,
    #[serde(default)]
    #[allow(dead_code)]
    unit: String,
    why: String,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct List {
    value: Vec<String>,
    why: String,
}

/// 模型参数: one file.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parameters {
    /// The model's identifier.
    pub model: String,
    /// 名称.
    pub name: String,
    /// Raised whenever a figure changes.
    pub version: u32,
    /// Suspicions below are not told, in points of 1,000.
    #[serde(default)]
    pub threshold: i64,
    /// 依据: rule or law.
    pub basis: String,
    #[serde(default)]
    numbers: BTreeMap<String, Number>,
    #[serde(default)]
    lists: BTreeMap<String, List>,
    /// The parts of the score.
    #[serde(default)]
    pub parts: Vec<Part>,
}

impl Parameters {
    /// A figure of the model. The names were checked when the file was read.
    pub(crate) fn number(&self, name: &str) -> f64 {
        self.numbers.get(name).unwrap_or_else(|| panic!("{} reads the undeclared figure {name}", self.model)).value
    }

    /// A figure that counts things.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    pub(crate) fn count(&self, name: &str) -> usize {
        self.number(name).max(0.0) as usize
    }

    /// A figure in whole minutes from one in minutes, or in days by 1,440.
    #[allow(clippy::cast_possible_truncation)]
    pub(crate) fn whole(&self, name: &str) -> i64 {
        self.number(name) as i64
    }

    pub(crate) fn list(&self, name: &str) -> &[String] {
        &self.lists.get(name).unwrap_or_else(|| panic!("{} reads the undeclared list {name}", self.model)).value
    }

    pub(crate) fn part(&self, id: &str) -> &Part {
        let found = self.parts.iter().find(|part| part.id == id);
        found.unwrap_or_else(|| panic!("{} reads the undeclared part {id}", self.model))
    }
}

/// 参数集: the files of a region, checked.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    files: BTreeMap<String, Parameters>,
}

impl Settings {
    /// Reads the files, each a name and its text. Every model needs its own, and the common one
    /// must be there.
    ///
    /// # Errors
    /// All that is wrong, file by file.
    pub fn read(texts: &[(String, String)]) -> Result<Settings, Vec<SettingsError>> {
        let mut files = BTreeMap::new();
        let mut errors = Vec::new();
        for (file, text) in texts {
            let wrong = |problem: String| SettingsError { file: file.clone(), problem };
            match toml::from_str::<Parameters>(text) {
                Err(error) => errors.push(wrong(error.to_string().trim().to_owned())),
                Ok(read) => {
                    errors.extend(faults(&read).into_iter().map(wrong));
                    if files.contains_key(&read.model) {
                        errors.push(wrong(format!("a second file for the model `{}`; keep one", read.model)));
                    }
                    files.insert(read.model.clone(), read);
                }
            }
        }
        let wanted = MODELS.iter().map(|model| model.id).chain([COMMON]);
        for id in wanted.filter(|id| !files.contains_key(*id)) {
            let problem = format!("no parameters for the model `{id}`; add the file {id}.toml");
            errors.push(SettingsError { file: format!("{id}.toml"), problem });
        }
        if errors.is_empty() { Ok(Settings { files }) } else { Err(errors) }
    }

    /// The parameters of a model.
    #[must_use]
    pub fn of(&self, model: &str) -> &Parameters {
        self.files.get(model).unwrap_or_else(|| panic!("no parameters for {model}: they are checked when read"))
    }
}

/// What is wrong with one file beyond its form.
fn faults(read: &Parameters) -> Vec<String> {
    let (numbers, lists, parts): (&[&str], &[&str], &[&str]) = if read.model == COMMON {
        (&[], COMMON_LISTS, &[])
    } else {
        match MODELS.iter().find(|model| model.id == read.model) {
            Some(model) => (model.numbers, model.lists, model.parts),
            None => return vec![format!("there is no model called `{}`", read.model)],
        }
    };
    let mut faults = Vec::new();
    let mut compare = |what: &str, wanted: &[&str], given: Vec<&str>| {
        for name in wanted.iter().filter(|name| !given.contains(name)) {
            faults.push(format!("the {what} `{name}` is missing"));
        }
        for name in given.iter().filter(|name| !wanted.contains(name)) {
            faults.push(format!("the {what} `{name}` is not one of this model; it has: {}", wanted.join(", ")));
        }
    };
    compare("figure", numbers, read.numbers.keys().map(String::as_str).collect());
    compare("list", lists, read.lists.keys().map(String::as_str).collect());
    compare("part", parts, read.parts.iter().map(|part| part.id.as_str()).collect());
    let ids: std::collections::BTreeSet<&str> = read.parts.iter().map(|part| part.id.as_str()).collect();
    if ids.len() != read.parts.len() {
        faults.push("a part stands twice".to_owned());
    }
    let sum: i64 = read.parts.iter().map(|part| part.weight).sum();
    if !read.parts.is_empty() && sum != 1000 {
        faults.push(format!("the weights of the parts are {sum} together; they must be 1000"));
    }
    for part in &read.parts {
        if part.weight < 0 || !part.from.is_finite() || !part.to.is_finite() || part.from == part.to {
            faults.push(format!("part `{}`: weight must not be negative, and from and to must differ", part.id));
        }
    }
    let reasons = read.parts.iter().map(|part| (&part.id, &part.why));
    let reasons = reasons.chain(read.numbers.iter().map(|(name, number)| (name, &number.why)));
    let reasons = reasons.chain(read.lists.iter().map(|(name, list)| (name, &list.why)));
    for (name, _) in reasons.filter(|(_, why)| why.trim().is_empty()) {
        faults.push(format!("`{name}` has no reason; say why"));
    }
    faults
}
