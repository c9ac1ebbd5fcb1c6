//! 规则集: the rules in force: the common ones, and what a region adds, replaces, softens or
//! switches off.

use super::rule::{Rule, RuleText};
use std::collections::BTreeMap;

/// The text of one rule file, as the caller read it.
#[derive(Debug, Clone, Copy)]
pub struct RuleFile<'a> {
    /// Its path, for messages; the last part without `.toml` must be the rule's id.
    pub path: &'a str,
    /// Its text.
    pub text: &'a str,
}

/// What keeps a rule file from loading.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{path}: {problem}")]
pub struct BookError {
    /// The file.
    pub path: String,
    /// What is wrong, with the way out.
    pub problem: String,
}

/// 规则集. Rules by id.
#[derive(Debug, Clone, Default)]
pub struct RuleBook {
    rules: BTreeMap<String, Rule>,
    off: BTreeMap<String, String>,
}

impl RuleBook {
    /// Loads the common rules and lays the region's files over them. Every rule's cases are
    /// run; a rule whose cases fail, or that has none, does not load.
    ///
    /// A region's file with a new id adds a rule; with a known id and `must` it replaces that
    /// rule; with a known id, `why` and `off = true` it switches it off; with a known id,
    /// `why` and `severity` alone it changes how much it matters.
    ///
    /// # Errors
    /// Every file that does not load, each problem on its own.
    pub fn load(common: &[RuleFile<'_>], region: &[RuleFile<'_>]) -> Result<RuleBook, Vec<BookError>> {
        let mut book = RuleBook::default();
        let mut errors = Vec::new();
        for (files, may_change) in [(common, false), (region, true)] {
            let mut seen = BTreeMap::new();
            for file in files {
                let problems = book.lay(file, may_change, &mut seen);
                let path = || file.path.to_owned();
                errors.extend(problems.into_iter().map(|problem| BookError { path: path(), problem }));
            }
        }
        if errors.is_empty() { Ok(book) } else { Err(errors) }
    }

    fn lay<'a>(&mut self, file: &RuleFile<'a>, may_change: bool, seen: &mut BTreeMap<String, &'a str>) -> Vec<String> {
        let text: RuleText = match toml::from_str(file.text) {
            Ok(text) => text,
            Err(error) => return vec![error.to_string()],
        };
        let name = file.path.rsplit(['/', '\\']).next().unwrap_or(file.path);
        if name.strip_suffix(".toml") != Some(text.id.as_str()) {
            return vec![format!("id = \"{}\", but the file's name says `{name}`: let both agree", text.id)];
        }
        if let Some(other) = seen.insert(text.id.clone(), file.path) {
            return vec![format!("`{}` stands in {other} too", text.id)];
        }
        if text.must.is_empty() && text.require.is_empty() && (text.off || !text.why.is_empty()) {
            return self.change(text, may_change);
        }
        match text.rule() {
            Err(problems) => problems,
            Ok(rule) => {
                let problems = rule.run_cases();
                self.rules.insert(rule.id.clone(), rule);
                problems
            }
        }
    }

    fn change(&mut self, text: RuleText, may_change: bool) -> Vec<String> {
        if !may_change {
            return vec!["only a region's folder switches rules off or softens them".to_owned()];
        }
        if text.why.trim().is_empty() {
            return vec!["`why` is missing: say why this region departs from the common rule".to_owned()];
        }
        let Some(rule) = self.rules.get_mut(&text.id) else {
            return vec![format!("there is no common rule `{}` to change", text.id)];
        };
        match (text.off, text.severity) {
            (true, _) => {
                self.rules.remove(&text.id);
                self.off.insert(text.id, text.why);
                Vec::new()
            }
            (false, Some(severity)) => {
                rule.severity = severity;
                Vec::new()
            }
            (false, None) => vec!["write `off = true`, a `severity`, or a whole rule".to_owned()],
        }
    }

    /// The rules in force, by id.
    pub fn rules(&self) -> impl Iterator<Item = &Rule> {
        self.rules.values()
    }

    /// The rule of that id.
    #[must_use]
    pub fn rule(&self, id: &str) -> Option<&Rule> {
        self.rules.get(id)
    }

    /// What the region switched off, with its reason.
    pub fn switched_off(&self) -> impl Iterator<Item = (&str, &str)> {
        self.off.iter().map(|(id, why)| (id.as_str(), why.as_str()))
    }
}
