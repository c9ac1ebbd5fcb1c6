//! `scheme.toml`.

use serde::{Deserialize, Serialize};

use super::{Files, Places, Reading};
use crate::condition::Condition;
use crate::problem::Problem;
use crate::scheme::{
    FieldKind, Level, NewbornWeight, OtherField, Outcome, Requirement, Retry, Scheme, Select, SeverityClass,
    SkipMedical,
};

pub(super) const FILE: &str = "scheme.toml";

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Head {
    pub(super) id: String,
    pub(super) version: String,
    pub(super) title: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) base: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) source: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) valid_from: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) valid_until: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) diagnoses: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) procedures: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) ungroupable: Option<Vec<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) ungroupable_inside: Option<Vec<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) options: Option<OptionsHead>,
    #[serde(default, rename = "level", skip_serializing_if = "Option::is_none")]
    pub(super) levels: Option<Vec<LevelHead>>,
    #[serde(default, rename = "field", skip_serializing_if = "Option::is_none")]
    pub(super) fields: Option<Vec<FieldHead>>,
    #[serde(default, rename = "severity", skip_serializing_if = "Option::is_none")]
    pub(super) severity: Option<Vec<SeverityHead>>,
    #[serde(default, rename = "require", skip_serializing_if = "Option::is_none")]
    pub(super) requirements: Option<Vec<RequireHead>>,
}

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OptionsHead {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) surgical_skips_medical: Option<SkipHead>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) not_principal: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) ignored_procedures: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) retry: Option<RetryHead>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) age_days_only_under_one: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) newborn_weight: Option<NewbornWeight>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SkipHead {
    pub(super) set: String,
    pub(super) level: String,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum RetryHead {
    EachOtherProcedure,
    /// Takes back what the base says.
    None,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LevelHead {
    pub(super) name: String,
    #[serde(default)]
    pub(super) select: SelectHead,
}

#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum SelectHead {
    #[default]
    First,
    MinRank,
    Best,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FieldHead {
    pub(super) name: String,
    pub(super) title: String,
    pub(super) kind: FieldKindHead,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum FieldKindHead {
    Number,
    Code,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SeverityHead {
    pub(super) name: String,
    #[serde(default)]
    pub(super) title: String,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RequireHead {
    #[serde(default)]
    pub(super) when: String,
    pub(super) fields: Vec<String>,
    #[serde(default)]
    pub(super) check: String,
    pub(super) outcome: OutcomeHead,
    #[serde(default)]
    pub(super) says: String,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum OutcomeHead {
    NeedsData,
    Invalid,
}

/// Notes the lines of the parts of `scheme.toml` that problems name.
pub(super) fn note_places(text: &str, places: &mut Places) {
    let mut requirements = 0;
    for (line, text) in (1..).zip(text.lines()) {
        let place = match text.trim() {
            "[options]" => "options".to_owned(),
            "[[level]]" => "levels".to_owned(),
            "[[require]]" => {
                requirements += 1;
                format!("requirement {requirements}")
            }
            _ => continue,
        };
        places.note(place, FILE, line);
    }
}

impl Head {
    pub(super) fn read(files: &Files) -> Result<Head, Vec<Problem>> {
        let Some(text) = files.get(FILE) else {
            let message = format!("{FILE} is missing; it names the scheme, its version and its levels");
            return Err(vec![Problem::error("", message)]);
        };
        toml::from_str(text).map_err(|error| {
            let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or("");
            let line = before.matches('\n').count() as u64 + 1;
            vec![Problem::error("", error.message().to_owned()).at(FILE, line)]
        })
    }

    pub(super) fn work_into(self, scheme: &mut Scheme, reading: &mut Reading) {
        scheme.id = self.id;
        scheme.version = self.version;
        scheme.title = self.title;
        put(&mut scheme.source, self.source);
        let mut date = |name: &str, text: Option<String>, own: &mut Option<jiff::civil::Date>| {
            let Some(text) = text else { return };
            *own = terms::parse_date(&text);
            if own.is_none() {
                reading.error(FILE, 1, format!("{name} '{text}' is not a date; write it like 2027-01-01"));
            }
        };
        date("valid_from", self.valid_from, &mut scheme.valid_from);
        date("valid_until", self.valid_until, &mut scheme.valid_until);
        put(&mut scheme.code_systems.diagnoses, self.diagnoses);
        put(&mut scheme.code_systems.procedures, self.procedures);
        put(&mut scheme.ungroupable.codes, self.ungroupable);
        put(&mut scheme.ungroupable.entered, self.ungroupable_inside);
        if let Some(options) = self.options {
            options.work_into(scheme);
        }
        put(&mut scheme.levels, self.levels.map(|levels| levels.into_iter().map(LevelHead::into_level).collect()));
        put(&mut scheme.fields, self.fields.map(|fields| fields.into_iter().map(FieldHead::into_field).collect()));
        let class = |head: SeverityHead| SeverityClass { name: head.name, title: head.title };
        put(&mut scheme.severity_classes, self.severity.map(|classes| classes.into_iter().map(class).collect()));
        if let Some(requirements) = self.requirements {
            let read = requirements.into_iter().enumerate();
            scheme.requirements = read.filter_map(|(index, head)| head.into_requirement(index, reading)).collect();
        }
    }
}

fn put<T>(own: &mut T, told: Option<T>) {
    if let Some(told) = told {
        *own = told;
    }
}

impl OptionsHead {
    fn work_into(self, scheme: &mut Scheme) {
        let own = &mut scheme.options;
        if let Some(skip) = self.surgical_skips_medical {
            own.surgical_skips_medical = Some(SkipMedical { set: skip.set, level: skip.level });
        }
        if self.not_principal.is_some() {
            own.not_principal = self.not_principal;
        }
        if self.ignored_procedures.is_some() {
            own.ignored_procedures = self.ignored_procedures;
        }
        match self.retry {
            Some(RetryHead::EachOtherProcedure) => own.retry = Some(Retry::EachOtherProcedure),
            Some(RetryHead::None) => own.retry = None,
            None => {}
        }
        put(&mut own.age_days_only_under_one, self.age_days_only_under_one);
        put(&mut own.newborn_weight, self.newborn_weight);
    }
}

impl LevelHead {
    fn into_level(self) -> Level {
        let select = match self.select {
            SelectHead::First => Select::First,
            SelectHead::MinRank => Select::MinRank,
            SelectHead::Best => Select::Best,
        };
        Level { name: self.name, select }
    }
}

impl FieldHead {
    fn into_field(self) -> OtherField {
        let kind = match self.kind {
            FieldKindHead::Number => FieldKind::Number,
            FieldKindHead::Code => FieldKind::Code,
        };
        OtherField { name: self.name, title: self.title, kind }
    }
}

impl RequireHead {
    fn into_requirement(self, index: usize, reading: &mut Reading) -> Option<Requirement> {
        let mut rule = |name: &str, text: &str| {
            let wrong = |error| {
                let place = format!("requirement {}", index + 1);
                reading.problems.push(Problem::error(place, format!("{name} '{text}', {error}")));
            };
            Condition::parse(text).map_err(wrong).ok()
        };
        let outcome = match self.outcome {
            OutcomeHead::NeedsData => Outcome::NeedsData,
            OutcomeHead::Invalid => Outcome::Invalid,
        };
        let (when, check) = (rule("when", &self.when), rule("check", &self.check));
        Some(Requirement { when: when?, fields: self.fields, check: check?, outcome, says: self.says })
    }
}
