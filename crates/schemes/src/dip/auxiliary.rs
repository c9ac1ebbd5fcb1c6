//! 辅助目录: a city's table of levels within groups becomes the scheme's auxiliary levels and the
//! table of their factors that payment plans read.

use std::collections::BTreeSet;
use std::path::Path;

use grouping::{Auxiliary, Condition, FieldKind, NumberField, OtherField};
use terms::Exact;

use super::words::Words;
use super::{each_row, name};
use crate::report::{Findings, Place, SchemesError};
use crate::workbook::cell::{code, narrow};

/// Every group.
const ALL: &str = "*";

/// A row of the table.
struct Row {
    /// 病种编码, or [`ALL`].
    group: String,
    /// 年龄:66岁以上.
    id: String,
    factor: Exact,
    condition: Condition,
}

/// The rows of the table, in its order.
#[derive(Default)]
pub(super) struct Levels(Vec<Row>);

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
            if auxiliary.is_empty() || level.is_empty() {
                return wrong("the row needs both, 辅助目录 and 级别".to_owned());
            }
            let own = columns.cell(row, "rule");
            let rule = if own.is_empty() { words.level(&auxiliary, &level).unwrap_or("") } else { own };
            if rule.is_empty() {
                return wrong(format!(
                    "{auxiliary} {level} has no rule and none is known for it; write one under 规则"
                ));
            }
            let factor = columns.cell(row, "factor");
            match (Condition::parse(rule), factor.parse::<Exact>()) {
                (Ok(condition), Ok(factor)) if factor > Exact::ZERO => {
                    levels.put(group.clone(), format!("{auxiliary}:{level}"), factor, condition, &mut wrong);
                }
                (Err(error), _) => wrong(format!("规则 “{rule}”: {error}")),
                (_, Ok(_)) => wrong(format!("系数 “{factor}” is not above 0")),
                (_, Err(_)) => wrong(format!("系数 “{factor}” is not a number")),
            }
        })?;
        Ok(levels)
    }

    /// A level with another rule in one group than elsewhere has an id of its own there.
    fn put(&mut self, group: String, id: String, factor: Exact, condition: Condition, wrong: &mut dyn FnMut(String)) {
        let otherwise = self.0.iter().any(|row| row.id == id && row.condition != condition);
        let id = if otherwise { format!("{id}@{group}") } else { id };
        if self.0.iter().any(|row| row.group == group && row.id == id) {
            return wrong(format!("{id} stands there twice for this group; one of the rows must go"));
        }
        self.0.push(Row { group, id, factor, condition });
    }

    /// The levels as the scheme declares them, each once with the groups that it is for.
    pub(super) fn declared(&self) -> Vec<Auxiliary> {
        let mut declared: Vec<Auxiliary> = Vec::new();
        for row in &self.0 {
            match declared.iter_mut().find(|own| own.id == row.id) {
                Some(own) if own.groups.is_empty() || row.group == ALL => own.groups.truncate(0),
                Some(own) => own.groups.push(row.group.clone()),
                None => declared.push(Auxiliary {
                    id: row.id.clone(),
                    name: row.id.replace(':', " "),
                    condition: row.condition.clone(),
                    groups: if row.group == ALL { Vec::new() } else { vec![row.group.clone()] },
                }),
            }
        }
        declared
    }

    /// The table of factors that payment plans read.
    pub(super) fn factors(&self) -> String {
        let mut writer = csv::Writer::from_writer(Vec::new());
        let mut write = |cells: [&str; 4]| writer.write_record(cells).expect("writing to memory");
        write(["group", "auxiliary", "name", "factor"]);
        for row in &self.0 {
            write([&row.group, &row.id, &row.id.replace(':', " "), &row.factor.to_string()]);
        }
        String::from_utf8(writer.into_inner().expect("writing to memory")).expect("texts are UTF-8")
    }

    /// Numbers that rules name and cases do not have by themselves: the scheme declares them.
    pub(super) fn fields(&self) -> Vec<OtherField> {
        let mut names = BTreeSet::new();
        self.0.iter().for_each(|row| other_numbers(&row.condition, &mut names));
        let field = |name: String| OtherField { title: name.clone(), name, kind: FieldKind::Number };
        names.into_iter().map(field).collect()
    }

    /// Groups that the directory does not have.
    pub(super) fn strays<'a>(&'a self, known: &'a dyn Fn(&str) -> bool) -> impl Iterator<Item = &'a str> {
        let named: BTreeSet<&str> = self.0.iter().map(|row| row.group.as_str()).collect();
        named.into_iter().filter(move |group| *group != ALL && !known(group))
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
