//! 规则文件: one rule, read from its TOML text, with its cases.

use super::evaluate::{Evaluation, Knowledge, Missing};
use super::parser::{self, Node};
use super::{Finding, Severity, Unchecked};
use crate::codes::CodeTable;
use crate::facts::SettlementList;
use crate::field::{Part, Place, by_path};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

/// 质控规则. One thing that must hold of a list, or of each of its rows of one kind.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    /// 规则编号, the name of its file without `.toml`.
    pub id: String,
    /// 名称, Chinese.
    pub name: String,
    /// Name, English.
    pub english: String,
    /// How much it matters.
    pub severity: Severity,
    /// Who says so.
    pub source: String,
    /// The rows it looks at, one after the other; `None` looks at the list once.
    pub each: Option<Part>,
    when: Option<Node>,
    demands: Demands,
    /// 用例, at least one that flags and one that does not.
    pub cases: Vec<Case>,
}

/// What must be.
#[derive(Debug, Clone, PartialEq)]
enum Demands {
    /// One thing must hold; a finding points at `field` and speaks in the rule's own words.
    Holds { must: Node, field: Place, message: Message, english: Message },
    /// Each of these fields must be filled in.
    Filled(Vec<Place>),
}

/// What a case expects of its rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Expect {
    /// The rule must flag.
    Flag,
    /// The rule must be satisfied, or not concerned.
    Pass,
    /// Something is missing, so the rule can say neither.
    Unchecked,
}

/// 用例. A list in a few lines and what the rule says of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Case {
    /// What it shows.
    pub name: String,
    /// What is expected.
    pub expect: Expect,
    /// Which rows must be flagged, counted from 1; empty asks nothing.
    pub rows: Vec<usize>,
    /// The list.
    pub list: SettlementList,
    /// Tables that the rule may ask in this case.
    pub tables: BTreeMap<String, CodeTable>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CaseText {
    name: String,
    expect: Expect,
    #[serde(default)]
    rows: Vec<usize>,
    #[serde(default)]
    lacks: Vec<String>,
    #[serde(default)]
    list: toml::Table,
    #[serde(default)]
    tables: BTreeMap<String, BTreeMap<String, String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RuleText {
    pub(super) id: String,
    #[serde(default)]
    pub(super) off: bool,
    #[serde(default)]
    pub(super) why: String,
    pub(super) severity: Option<Severity>,
    #[serde(default)]
    name: String,
    #[serde(default)]
    english: String,
    #[serde(default)]
    source: String,
    each: Option<String>,
    #[serde(default)]
    field: String,
    when: Option<String>,
    #[serde(default)]
    pub(super) must: String,
    #[serde(default)]
    pub(super) require: Vec<String>,
    #[serde(default)]
    message: String,
    #[serde(default)]
    message_en: String,
    #[serde(default, rename = "case")]
    cases: Vec<CaseText>,
}

impl RuleText {
    /// Makes the rule; every problem is one sentence.
    pub(super) fn rule(self) -> Result<Rule, Vec<String>> {
        let mut problems = self.missing_keys();
        let each = self.each.as_deref().map(|name| {
            let part = Part::named(name).filter(|part| part.has_rows());
            part.ok_or_else(|| format!("each = \"{name}\": no part with rows is called so"))
        });
        let each = noted(each.transpose(), &mut problems).flatten();
        if !problems.is_empty() {
            return Err(problems);
        }
        let when = self.when.as_deref().map(|text| labelled("when", parser::truth(text, each))).transpose();
        let when = noted(when, &mut problems);
        let demands = self.demands(each, &mut problems);
        let mut cases = Vec::new();
        for text in self.cases {
            let name = text.name.clone();
            cases.extend(noted(text.case().map_err(|problem| format!("case “{name}”: {problem}")), &mut problems));
        }
        let RuleText { id, name, english, source, severity, .. } = RuleText { cases: Vec::new(), ..self };
        match (when, demands, severity) {
            (Some(when), Some(demands), Some(severity)) if problems.is_empty() => {
                Ok(Rule { id, name, english, severity, source, each, when, demands, cases })
            }
            _ => Err(problems),
        }
    }

    fn missing_keys(&self) -> Vec<String> {
        let mut problems = Vec::new();
        let mut keys = vec![("name", &self.name), ("english", &self.english), ("source", &self.source)];
        let own_words = [
            ("field", &self.field),
            ("must", &self.must),
            ("message", &self.message),
            ("message_en", &self.message_en),
        ];
        if self.require.is_empty() {
            keys.extend(own_words);
        } else if let Some((key, _)) = own_words.iter().find(|(_, text)| !text.is_empty()) {
            problems.push(format!("a rule has `require` or `{key}`, not both"));
        }
        let empty = keys.iter().filter(|(_, text)| text.trim().is_empty());
        problems.extend(empty.map(|(key, _)| format!("`{key}` is missing or empty")));
        if self.severity.is_none() {
            problems.push("`severity` is missing: error or warning".to_owned());
        }
        problems
    }

    fn demands(&self, each: Option<Part>, problems: &mut Vec<String>) -> Option<Demands> {
        if !self.require.is_empty() {
            let places: Vec<Place> =
                self.require.iter().filter_map(|path| noted(field_of(path, each), problems)).collect();
            if places.iter().any(|place| place.part.has_rows() && Some(place.part) != each) {
                problems.push("require: a field of rows needs `each`".to_owned());
            }
            return Some(Demands::Filled(places));
        }
        let field = noted(field_of(&self.field, each), problems);
        let must = noted(labelled("must", parser::truth(&self.must, each)), problems);
        let message = noted(labelled("message", Message::read(&self.message, each)), problems);
        let english = noted(labelled("message_en", Message::read(&self.message_en, each)), problems);
        Some(Demands::Holds { must: must?, field: field?, message: message?, english: english? })
    }
}

fn noted<T>(result: Result<T, String>, problems: &mut Vec<String>) -> Option<T> {
    result.map_err(|problem| problems.push(problem)).ok()
}

fn labelled<T>(key: &str, result: Result<T, String>) -> Result<T, String> {
    result.map_err(|problem| format!("{key}: {problem}"))
}

/// Where findings point: a field of the list, or of the rule's rows.
fn field_of(path: &str, each: Option<Part>) -> Result<Place, String> {
    let full = match (path.contains('.'), each) {
        (false, Some(part)) => format!("{}.{path}", part.name()),
        _ => path.to_owned(),
    };
    by_path(&full).ok_or_else(|| format!("field = \"{path}\": there is no such field"))
}

impl CaseText {
    fn case(self) -> Result<Case, String> {
        let mut list = SettlementList::default();
        for name in &self.lacks {
            let mut found = false;
            for (place, _) in crate::field::fields() {
                if place.part.name() == name || place.to_string() == *name {
                    list.scope.remove(place);
                    found = true;
                }
            }
            if !found {
                return Err(format!("lacks: there is no field or part `{name}`"));
            }
            if let Some(part) = Part::named(name) {
                list.scope.remove_part(part);
            }
        }
        for (part, value) in &self.list {
            fill(&mut list, part, value)?;
        }
        let tables = self.tables.into_iter().map(|(name, pairs)| (name, CodeTable::of(pairs))).collect();
        Ok(Case { name: self.name, expect: self.expect, rows: self.rows, list, tables })
    }
}

/// Reads a part of a case's list: a table, or an array of tables where there are rows.
fn fill(list: &mut SettlementList, name: &str, value: &toml::Value) -> Result<(), String> {
    let part = Part::named(name).ok_or_else(|| format!("`{name}` is no part of a list"))?;
    let rows: Vec<&toml::Table> = match value {
        toml::Value::Table(table) if !part.has_rows() => vec![table],
        toml::Value::Array(rows) if part.has_rows() => rows.iter().filter_map(toml::Value::as_table).collect(),
        _ if part.has_rows() => return Err(format!("`{name}` needs rows: [{{ … }}, {{ … }}]")),
        _ => return Err(format!("`{name}` needs fields: {{ … }}")),
    };
    for (row, table) in rows.iter().enumerate() {
        for (field, value) in *table {
            let place =
                by_path(&format!("{name}.{field}")).ok_or_else(|| format!("`{name}` has no field `{field}`"))?;
            let text = match value {
                toml::Value::String(text) => text.clone(),
                toml::Value::Integer(number) => number.to_string(),
                other => return Err(format!("{name}.{field} = {other}: write texts in quotes, money too")),
            };
            list.set(place, row, &text).map_err(|error| format!("{name}.{field}: {error}"))?;
        }
    }
    Ok(())
}

/// 提示语. A sentence with places for values: `住院 {stay.days} 天`.
#[derive(Debug, Clone, PartialEq)]
struct Message(Vec<Piece>);

#[derive(Debug, Clone, PartialEq)]
enum Piece {
    Words(String),
    Value(Node),
}

impl Message {
    fn read(text: &str, each: Option<Part>) -> Result<Message, String> {
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            let (inside, behind) = after.split_once('}').ok_or("a { has no }")?;
            pieces.push(Piece::Words(before.to_owned()));
            pieces.push(Piece::Value(parser::any(inside, each)?.0));
            rest = behind;
        }
        pieces.push(Piece::Words(rest.to_owned()));
        Ok(Message(pieces))
    }

    fn say(&self, list: &SettlementList, knowledge: &Knowledge<'_>, row: usize) -> String {
        let show = |node| {
            let value = Evaluation::new(list, knowledge, row).value(node);
            value.map_or("—".to_owned(), |value| value.to_string())
        };
        self.0
            .iter()
            .map(|piece| match piece {
                Piece::Words(words) => words.clone(),
                Piece::Value(node) => show(node),
            })
            .collect()
    }
}

/// What a rule says of one list.
#[derive(Debug, Default)]
pub(super) struct Answer {
    pub(super) findings: Vec<Finding>,
    pub(super) unchecked: Option<Unchecked>,
}

impl Rule {
    /// Holds the rule against a list.
    pub(super) fn ask(&self, list: &SettlementList, knowledge: &Knowledge<'_>) -> Answer {
        let mut answer = Answer::default();
        let rows = self.each.map_or(1, |part| list.rows(part));
        if let Some(part) = self.each.filter(|part| rows == 0 && !list.scope.holds_part(*part)) {
            let missing = vec![Missing::Rows(part)];
            answer.unchecked = Some(Unchecked { rule: self.id.clone(), missing });
            return answer;
        }
        let mut missing = BTreeSet::new();
        for row in 0..rows {
            let mut evaluation = Evaluation::new(list, knowledge, row);
            match self.when.as_ref().map_or(Some(true), |when| evaluation.truth(when)) {
                Some(false) => {}
                concerned => match &self.demands {
                    Demands::Holds { must, field, message, english } => match (concerned, evaluation.truth(must)) {
                        (_, Some(true)) => {}
                        (Some(true), Some(false)) => {
                            let words = (message.say(list, knowledge, row), english.say(list, knowledge, row));
                            answer.findings.push(self.finding(list, *field, row, words));
                        }
                        _ => note_missing(&mut missing, evaluation),
                    },
                    Demands::Filled(places) => {
                        let empty = places.iter().filter(|place| list.get(**place, row).is_none());
                        for place in empty {
                            let entry = place.entry();
                            if concerned.is_none() {
                                missing.append(&mut evaluation.missing);
                            } else if list.scope.holds(*place) {
                                let words =
                                    (format!("{}未填写", entry.chinese), format!("{} is missing", entry.english));
                                answer.findings.push(self.finding(list, *place, row, words));
                            } else {
                                missing.insert(if self.each.is_some() {
                                    Missing::FieldOf(*place, row + 1)
                                } else {
                                    Missing::Field(*place)
                                });
                            }
                        }
                    }
                },
            }
        }
        if !missing.is_empty() {
            answer.unchecked = Some(Unchecked { rule: self.id.clone(), missing: missing.into_iter().collect() });
        }
        answer
    }

    fn finding(&self, list: &SettlementList, field: Place, row: usize, words: (String, String)) -> Finding {
        let in_rows = field.part.has_rows();
        let at = match self.each {
            Some(part) if part == field.part => row,
            _ if field.part == Part::Diagnoses => list.principal_row().unwrap_or(0),
            _ => 0,
        };
        Finding {
            rule: self.id.clone(),
            severity: self.severity,
            field,
            row: in_rows.then_some(at + 1),
            value: list.get(field, at).map(|value| value.to_string()),
            message: words.0,
            english: words.1,
        }
    }

    /// Runs the rule's own cases and holds them against what they expect.
    pub(super) fn run_cases(&self) -> Vec<String> {
        let mut problems = Vec::new();
        let has = |expect| self.cases.iter().any(|case| case.expect == expect);
        if !has(Expect::Flag) || !has(Expect::Pass) {
            problems.push("a rule needs a case that flags and a near miss that passes".to_owned());
        }
        if !has(Expect::Unchecked) && self.can_be_unchecked() {
            problems.push("data may be missing here: a case with expect = \"unchecked\" is needed".to_owned());
        }
        for case in &self.cases {
            let mut knowledge = Knowledge::none();
            for (name, table) in &case.tables {
                knowledge = knowledge.with(name, table);
            }
            let answer = self.ask(&case.list, &knowledge);
            let found = match (answer.findings.is_empty(), &answer.unchecked) {
                (false, _) => Expect::Flag,
                (true, Some(_)) => Expect::Unchecked,
                (true, None) => Expect::Pass,
            };
            if found != case.expect {
                let missing = answer.unchecked.map_or(String::new(), |unchecked| {
                    unchecked.missing.iter().map(|missing| format!("{missing}; ")).collect()
                });
                let wanted = case.expect;
                problems.push(format!("case “{}” expects {wanted:?} and gets {found:?} {missing}", case.name));
                continue;
            }
            let rows: Vec<usize> = answer.findings.iter().filter_map(|finding| finding.row).collect();
            if !case.rows.is_empty() && case.rows != rows {
                problems.push(format!("case “{}” expects rows {:?} and gets {rows:?}", case.name, case.rows));
            }
        }
        problems
    }

    /// Whether a list (or a row) in which nothing stands leaves the rule without an answer.
    fn can_be_unchecked(&self) -> bool {
        let nothing = SettlementList::default();
        let knowledge = Knowledge::none();
        let mut evaluation = Evaluation::new(&nothing, &knowledge, 0);
        let concerned = self.when.as_ref().map_or(Some(true), |when| evaluation.truth(when));
        match &self.demands {
            _ if concerned == Some(false) => false,
            Demands::Holds { must, .. } => evaluation.truth(must).is_none() || concerned.is_none(),
            Demands::Filled(_) => concerned.is_none(),
        }
    }
}

fn note_missing(missing: &mut BTreeSet<Missing>, mut evaluation: Evaluation<'_>) {
    if evaluation.missing.is_empty() {
        missing.insert(Missing::Sense);
    }
    missing.append(&mut evaluation.missing);
}
