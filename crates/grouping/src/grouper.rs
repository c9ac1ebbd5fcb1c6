//! 分组器. A compiled scheme, and how to read its answers.

use std::ops::Range;

use crate::answer::{Answer, FieldSet, Groups, SeveritySet, Status};
use crate::auxiliary::Auxiliaries;
use crate::codes::Codes;
use crate::combine::Combinations;
use crate::condition::Condition;
use crate::scheme::{NodeStatus, Outcome, Scheme, Select};
use crate::sets::{Numbers, Set, Tag};
use crate::test::{CodeSlot, Test};

/// A compiled scheme: groups any number of cases, from any number of threads.
#[derive(Debug, Clone)]
pub struct Grouper {
    pub(crate) scheme: Scheme,
    pub(crate) diagnoses: Codes,
    pub(crate) procedures: Codes,
    pub(crate) sets: Vec<Set>,
    /// Tags by number.
    pub(crate) tags: Vec<Tag>,
    pub(crate) severity: Severity,
    pub(crate) combinations: Combinations,
    pub(crate) auxiliaries: Auxiliaries,
    /// The conditions of [`Severity::conditions`], for explanations.
    pub(crate) severity_rules: Vec<Condition>,
    pub(crate) requirements: Vec<NeedTest>,
    pub(crate) field_names: Vec<String>,
    pub(crate) number_fields: Vec<String>,
    pub(crate) not_principal: Option<u32>,
    pub(crate) ignored_procedures: Option<u32>,
    pub(crate) surgical: Option<u32>,
    /// Siblings stand together, in the order in which they are asked; the first level first.
    pub(crate) nodes: Vec<GroupNode>,
    /// The rule of each node, for explanations.
    pub(crate) rules: Vec<Condition>,
    pub(crate) roots: Children,
    pub(crate) index: Index,
    pub(crate) texts: Vec<String>,
    /// Text number of the ungroupable group's code: not entered, entered.
    pub(crate) no_group: [u32; 2],
}

/// What the severity tables say, by diagnosis number.
#[derive(Debug, Clone, Default)]
pub(crate) struct Severity {
    pub(crate) entries: Spread<SeverityEntry>,
    /// Exclusion tables of a principal diagnosis, sorted.
    pub(crate) tables: Spread<u32>,
    pub(crate) table_names: Vec<String>,
    pub(crate) conditions: Vec<Test>,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct SeverityEntry {
    pub(crate) class: u8,
    pub(crate) table: Option<u32>,
    pub(crate) condition: Option<u32>,
}

/// Lists by number, one after another in one piece of memory.
#[derive(Debug, Clone)]
pub(crate) struct Spread<T> {
    starts: Box<[u32]>,
    items: Box<[T]>,
}

impl<T> Default for Spread<T> {
    fn default() -> Self {
        Spread { starts: Box::default(), items: Box::default() }
    }
}

impl<T> Spread<T> {
    /// From (number, item) pairs; items of one number keep their order.
    pub(crate) fn new(mut pairs: Vec<(u32, T)>, numbers: u32) -> Spread<T> {
        pairs.sort_by_key(|(number, _)| *number);
        let mut starts = Vec::with_capacity(numbers as usize + 1);
        let mut items = Vec::with_capacity(pairs.len());
        for (number, item) in pairs {
            while starts.len() <= number as usize {
                starts.push(items.len() as u32);
            }
            items.push(item);
        }
        while starts.len() <= numbers as usize {
            starts.push(items.len() as u32);
        }
        Spread { starts: starts.into(), items: items.into() }
    }

    pub(crate) fn of(&self, number: u32) -> &[T] {
        match self.starts.get(number as usize..number as usize + 2) {
            Some(&[from, to]) => &self.items[from as usize..to as usize],
            _ => &[],
        }
    }
}

/// A compiled requirement.
#[derive(Debug, Clone)]
pub(crate) struct NeedTest {
    pub(crate) when: Test,
    /// (field, its bit)
    pub(crate) fields: Vec<(NeedField, u32)>,
    pub(crate) check: Test,
    pub(crate) outcome: Outcome,
    pub(crate) says: String,
}

#[derive(Debug, Clone)]
pub(crate) enum NeedField {
    Number(u8),
    Code(CodeSlot),
    FirstDiagnosis,
    FirstProcedure,
}

/// A node of the compiled tree.
#[derive(Debug, Clone)]
pub(crate) struct GroupNode {
    pub(crate) test: Test,
    pub(crate) code: u32,
    pub(crate) name: u32,
    pub(crate) level: u8,
    pub(crate) parent: Option<u32>,
    pub(crate) status: NodeStatus,
    pub(crate) mean_fee: Option<i64>,
    /// The bit of the scope whose hidden procedures its condition passes over; 0: none.
    pub(crate) scope: u64,
    /// Passed over by surgical cases.
    pub(crate) medical: bool,
    /// The group's code when it holds and no child leads to an answer; also for leaves.
    pub(crate) otherwise: Option<u32>,
    pub(crate) children: Children,
}

/// The children of a node and how to find the likely ones.
#[derive(Debug, Clone, Default)]
pub(crate) struct Children {
    pub(crate) range: Range<u32>,
    pub(crate) select: Select,
    /// The node's number in the index; `None`: every child is asked.
    pub(crate) indexed: Option<u32>,
    /// Whether principal diagnoses, main procedures, any procedures announce some child.
    pub(crate) announced_by: [bool; 3],
    /// Stretch of [`Index::positions`] with the children that no code announces.
    pub(crate) always: Range<u32>,
}

/// Which children can hold at all, by code.
#[derive(Debug, Clone, Default)]
pub(crate) struct Index {
    pub(crate) positions: Vec<u32>,
    pub(crate) principal: Spread<Posting>,
    pub(crate) main: Spread<Posting>,
    pub(crate) any_procedure: Spread<Posting>,
}

/// Children of one parent, in ascending order, that a code announces.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Posting {
    pub(crate) parent: u32,
    pub(crate) from: u32,
    pub(crate) to: u32,
}

impl Grouper {
    /// The scheme it was compiled from.
    #[must_use]
    pub fn scheme(&self) -> &Scheme {
        &self.scheme
    }

    /// An answer's codes and name.
    #[must_use]
    pub fn groups(&self, answer: &Answer) -> Groups<'_> {
        let Some(node) = answer.node else {
            let codes = match &self.scheme.ungroupable {
                own if answer.group == self.no_group[1] && !own.entered.is_empty() => &own.entered,
                own => &own.codes,
            };
            let at = |level: usize| codes.get(level).map_or("", String::as_str);
            return Groups { mdc: at(0), adrg: at(1), group: self.text(answer.group), name: "" };
        };
        let deepest = &self.nodes[node as usize];
        let group = self.text(answer.group);
        let name = if answer.group == deepest.code { self.text(deepest.name) } else { "" };
        Groups { mdc: self.code_on(node, 0), adrg: self.code_on(node, 1), group, name }
    }

    /// The nodes from the first level down to where the answer ended: (level, code, name).
    #[must_use]
    pub fn path(&self, answer: &Answer) -> Vec<(&str, &str, &str)> {
        let mut path = Vec::new();
        let mut next = answer.node;
        while let Some(number) = next {
            let node = &self.nodes[number as usize];
            let level = &self.scheme.levels[node.level as usize].name;
            path.push((level.as_str(), self.text(node.code), self.text(node.name)));
            next = node.parent;
        }
        path.reverse();
        path
    }

    /// Names of the fields that an answer complains of, as in conditions.
    #[must_use]
    pub fn field_names(&self, fields: FieldSet) -> Vec<&str> {
        (0..64).filter(|bit| fields.0 >> bit & 1 == 1).map(|bit| self.field_names[bit].as_str()).collect()
    }

    /// Names of the severity classes of an answer.
    #[must_use]
    pub fn severity_names(&self, severity: SeveritySet) -> Vec<&str> {
        let classes = self.scheme.severity_classes.iter().enumerate();
        classes.filter(|(bit, _)| severity.0 >> bit & 1 == 1).map(|(_, class)| class.name.as_str()).collect()
    }

    pub(crate) fn text(&self, number: u32) -> &str {
        &self.texts[number as usize]
    }

    fn code_on(&self, node: u32, level: u8) -> &str {
        let mut next = Some(node);
        while let Some(number) = next {
            let node = &self.nodes[number as usize];
            if node.level == level {
                return self.text(node.code);
            }
            next = node.parent;
        }
        ""
    }

    pub(crate) fn numbers_of(&self, set: u32) -> &Numbers {
        &self.sets[set as usize].numbers
    }

    pub(crate) fn without_group(&self, status: Status, entered: bool, fields: FieldSet) -> Answer {
        let group = self.no_group[usize::from(entered)];
        Answer { status, fields, severity: SeveritySet::default(), node: None, group }
    }
}
