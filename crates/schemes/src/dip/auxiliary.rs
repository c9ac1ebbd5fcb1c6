//! 辅助目录: levels within a group that change its score. Each becomes a node below its group,
//! so that the trace says why a case met it; the largest factor is asked first.

use std::collections::{BTreeSet, HashMap};
use std::path::Path;

use grouping::{Condition, FieldKind, Node, NumberField, OtherField};
use terms::Exact;

use super::words::Words;
use super::{STEP, each_row, name};
use crate::report::{Findings, Place, SchemesError};
use crate::workbook::cell::{code, narrow};

/// A level of a group.
pub(super) struct Level {
    /// 年龄-66岁以上.
    name: String,
    pub(super) factor: Exact,
    condition: Condition,
}

/// The levels by group; under `*` those of every group.
#[derive(Default)]
pub(super) struct Levels(HashMap<String, Vec<Level>>);

impl Levels {
    /// Reads the auxiliary table.
    pub(super) fn read(path: &Path, words: &Words, findings: &mut Findings) -> Result<Levels, SchemesError> {
        let mut levels = Levels::default();
        let file = name(path);
        let required = ["code", "auxiliary", "level", "factor"];
        each_row(path, None, words, &required, findings, |columns, row, findings| {
            let text = |field: &str| -> String { code(columns.cell(row, field)).chars().map(narrow).collect() };
            let (group, auxiliary, level) = (text("code"), text("auxiliary"), text("level"));
            let mut wrong = |message: String| {
                findings
                    .problem(Place::of(&file, usize::try_from(row.number()).unwrap_or(usize::MAX), &group), message);
            };
            let own = columns.cell(row, "rule");
            let rule = if own.is_empty() { words.level(&auxiliary, &level).unwrap_or("") } else { own };
            if rule.is_empty() {
                wrong(format!("{auxiliary} {level} has no rule and none is known for it; write one under 规则"));
                return;
            }
            match (Condition::parse(rule), columns.cell(row, "factor").parse::<Exact>()) {
                (Ok(condition), Ok(factor)) => {
                    let level = Level { name: format!("{auxiliary}-{level}"), factor, condition };
                    levels.0.entry(group).or_default().push(level);
                }
                (Err(error), _) => wrong(format!("规则 “{rule}”: {error}")),
                (_, Err(_)) => wrong(format!("系数 “{}” is not a number", columns.cell(row, "factor"))),
            }
        })?;
        Ok(levels)
    }

    /// The levels of a group, the largest factor first.
    pub(super) fn of(&self, group: &str) -> Vec<(String, &Level)> {
        let mut own: Vec<&Level> = ["*", group].iter().filter_map(|key| self.0.get(*key)).flatten().collect();
        own.sort_by_key(|level| std::cmp::Reverse(level.factor));
        own.into_iter().map(|level| (format!("{group}@{}", level.name), level)).collect()
    }

    /// The nodes below a group.
    pub(super) fn nodes(&self, group: &str) -> Vec<Node> {
        let node = |(at, (code, level)): (usize, (String, &Level))| {
            let order = i64::try_from(at + 1).unwrap_or(i64::MAX / STEP) * STEP;
            Node { order, ..Node::new(code, &level.name, level.condition.clone()) }
        };
        self.of(group).into_iter().enumerate().map(node).collect()
    }

    /// Numbers that rules name and cases do not have by themselves (`CCI`): the scheme declares them.
    pub(super) fn fields(&self) -> Vec<OtherField> {
        let mut names = BTreeSet::new();
        self.0.values().flatten().for_each(|level| other_numbers(&level.condition, &mut names));
        let field = |name: String| OtherField { title: name.clone(), name, kind: FieldKind::Number };
        names.into_iter().map(field).collect()
    }

    /// Groups that the directory does not have.
    pub(super) fn strays<'a>(&'a self, known: &'a dyn Fn(&str) -> bool) -> impl Iterator<Item = &'a str> {
        self.0.keys().map(String::as_str).filter(move |group| *group != "*" && !known(group))
    }
}

fn other_numbers(condition: &Condition, names: &mut BTreeSet<String>) {
    match condition {
        Condition::All(parts) | Condition::Any(parts) => parts.iter().for_each(|part| other_numbers(part, names)),
        Condition::Not(inner) => other_numbers(inner, names),
        Condition::Compare { field: NumberField::Other(name), .. } => {
            names.insert(name.clone());
        }
        _ => {}
    }
}
