//! 求值: true, false, or unknown with what was missing.

use super::parser::{Comparison, From, Function, Node, Over, Prefixes};
use crate::codes::{CodeTable, odd_characters};
use crate::facts::SettlementList;
use crate::field::{Part, Place};
use crate::identity;
use crate::value::{Moment, Value};
use serde::Serialize;
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use terms::Exact;

/// 知识表. The named tables (code → name) that rules may ask: `diagnoses`, `procedures`
/// of the insurance edition, `grey-diagnoses`, and whatever a region's rules name.
#[derive(Debug, Clone, Default)]
pub struct Knowledge<'a>(BTreeMap<String, &'a CodeTable>);

impl<'a> Knowledge<'a> {
    /// No tables: rules that ask one are not checked.
    #[must_use]
    pub fn none() -> Knowledge<'a> {
        Knowledge::default()
    }

    /// With one more table.
    #[must_use]
    pub fn with(mut self, name: &str, table: &'a CodeTable) -> Knowledge<'a> {
        self.0.insert(name.to_owned(), table);
        self
    }

    fn table(&self, name: &str) -> Option<&'a CodeTable> {
        self.0.get(name).copied()
    }
}

/// 所缺. What a rule would have needed. Shown as text only when somebody looks.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Missing {
    /// A field of the list.
    Field(Place),
    /// A field of a row, counted from 1.
    FieldOf(Place, usize),
    /// All rows of a part: the source cannot hold them, or the first is needed and there is none.
    Rows(Part),
    /// A table of that name.
    Table(String),
    /// A time of day where only the day is known.
    TimeOfDay,
    /// Values that say nothing to the question, as the birth date of a passport number.
    Sense,
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Missing::Field(place) => write!(f, "{place} {}", place.entry().chinese),
            Missing::FieldOf(place, row) => write!(f, "{place}[{row}] {}", place.entry().chinese),
            Missing::Rows(part) => write!(f, "{} {}", part.name(), part.chinese()),
            Missing::Table(name) => write!(f, "目录 table `{name}`"),
            Missing::TimeOfDay => f.write_str("时刻（只有日期） the time of day"),
            Missing::Sense => f.write_str("数值无法比较 the values cannot be compared"),
        }
    }
}

impl Serialize for Missing {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// One evaluation over one list.
pub(super) struct Evaluation<'a> {
    pub(super) list: &'a SettlementList,
    pub(super) knowledge: &'a Knowledge<'a>,
    /// The row of the rule's `each`.
    pub(super) this: usize,
    /// The rows of the quantifiers around, outermost first.
    rows: Vec<usize>,
    /// What would have been needed.
    pub(super) missing: BTreeSet<Missing>,
}

impl<'a> Evaluation<'a> {
    pub(super) fn new(list: &'a SettlementList, knowledge: &'a Knowledge<'a>, this: usize) -> Evaluation<'a> {
        Evaluation { list, knowledge, this, rows: Vec::new(), missing: BTreeSet::new() }
    }

    /// The truth of an expression that the parser found to be one.
    pub(super) fn truth(&mut self, node: &'a Node) -> Option<bool> {
        match node {
            Node::Truth(truth) => Some(*truth),
            Node::Not(inner) => self.truth(inner).map(|truth| !truth),
            Node::And(left, right) => match self.truth(left) {
                Some(false) => Some(false),
                left => match (left, self.truth(right)) {
                    (_, Some(false)) => Some(false),
                    (Some(true), Some(true)) => Some(true),
                    _ => None,
                },
            },
            Node::Or(left, right) => match self.truth(left) {
                Some(true) => Some(true),
                left => match (left, self.truth(right)) {
                    (_, Some(true)) => Some(true),
                    (Some(false), Some(false)) => Some(false),
                    _ => None,
                },
            },
            Node::Compare(comparison, left, right) => {
                let (left, right) = (self.value(left), self.value(right));
                self.compare(*comparison, left?, right?)
            }
            Node::In(inner, members) => {
                let found = self.value(inner)?;
                Some(members.iter().any(|member| match (member, found) {
                    (Node::Text(member), Value::Text(found)) => member == found,
                    (Node::Number(member), Value::Number(found)) => *member == found,
                    _ => false,
                }))
            }
            Node::Like(inner, prefixes) => {
                let text = self.text(inner)?;
                Some(prefixes.iter().any(|prefixes| prefixes.cover(text)))
            }
            Node::Present(place, from) => self.present(*place, *from),
            Node::Rows(over @ (Over::Any | Over::All), part, inner) => self.quantify(*over, *part, inner),
            other => match self.value(other) {
                Some(Value::Truth(truth)) => Some(truth),
                _ => None,
            },
        }
    }

    /// The value of any expression.
    pub(super) fn value(&mut self, node: &'a Node) -> Option<Value<'a>> {
        match node {
            Node::Text(text) => Some(Value::Text(text)),
            Node::Number(number) => Some(Value::Number(*number)),
            Node::Field(place, from) => {
                let value = self.list.get(*place, self.row(*from));
                if value.is_none() {
                    self.lacks(*place, *from);
                }
                value
            }
            Node::RowNumber(from) => {
                i64::try_from(self.row(*from) + 1).ok().map(|row| Value::Number(Exact::whole(row)))
            }
            Node::Plus(left, right) => {
                let (left, right) = (self.number(left), self.number(right));
                Some(Value::Number(left? + right?))
            }
            Node::Minus(left, right) => {
                let (left, right) = (self.number(left), self.number(right));
                Some(Value::Number(left? - right?))
            }
            Node::Times(left, right) => {
                let (left, right) = (self.number(left), self.number(right));
                left?.times(right?).ok().map(Value::Number)
            }
            Node::Call(function, arguments) => self.call(*function, arguments),
            Node::Rows(Over::Count, part, inner) => self.count(*part, inner),
            Node::Rows(Over::Sum, part, inner) => self.sum(*part, inner),
            Node::Rows(Over::First, part, inner) => self.first(*part, inner),
            truth => self.truth(truth).map(Value::Truth),
        }
    }

    fn number(&mut self, node: &'a Node) -> Option<Exact> {
        match self.value(node) {
            Some(Value::Number(number)) => Some(number),
            _ => None,
        }
    }

    fn text(&mut self, node: &'a Node) -> Option<&'a str> {
        match self.value(node) {
            Some(Value::Text(text)) => Some(text),
            _ => None,
        }
    }

    fn moment(&mut self, node: &'a Node) -> Option<Moment> {
        match self.value(node) {
            Some(Value::Moment(moment)) => Some(moment),
            _ => None,
        }
    }

    fn row(&self, from: From) -> usize {
        match from {
            From::List => 0,
            From::This => self.this,
            From::Row(depth) => self.rows[depth],
        }
    }

    fn lacks(&mut self, place: Place, from: From) {
        let missing =
            if from == From::List { Missing::Field(place) } else { Missing::FieldOf(place, self.row(from) + 1) };
        self.missing.insert(missing);
    }

    fn present(&mut self, place: Place, from: From) -> Option<bool> {
        if self.list.get(place, self.row(from)).is_some() {
            return Some(true);
        }
        if self.list.scope.holds(place) {
            return Some(false);
        }
        self.lacks(place, from);
        None
    }

    fn compare(&mut self, comparison: Comparison, left: Value<'a>, right: Value<'a>) -> Option<bool> {
        let order = match (left, right) {
            (Value::Text(left), Value::Text(right)) => left.cmp(right),
            (Value::Number(left), Value::Number(right)) => left.cmp(&right),
            (Value::Moment(left), Value::Moment(right)) => match left.order(right) {
                Some(order) => order,
                None => {
                    self.missing.insert(Missing::TimeOfDay);
                    return None;
                }
            },
            _ => return None,
        };
        Some(match comparison {
            Comparison::Equal => order == Ordering::Equal,
            Comparison::Unequal => order != Ordering::Equal,
            Comparison::Less => order == Ordering::Less,
            Comparison::LessOrEqual => order != Ordering::Greater,
            Comparison::More => order == Ordering::Greater,
            Comparison::MoreOrEqual => order != Ordering::Less,
        })
    }

    /// How many rows there are, if the source can say.
    fn rows_known(&mut self, part: Part) -> Option<usize> {
        let rows = self.list.rows(part);
        if rows == 0 && !self.list.scope.holds_part(part) {
            self.missing.insert(Missing::Rows(part));
            return None;
        }
        Some(rows)
    }

    fn quantify(&mut self, over: Over, part: Part, inner: &'a Node) -> Option<bool> {
        let decisive = over == Over::Any;
        let mut answer = Some(!decisive);
        for row in 0..self.rows_known(part)? {
            self.rows.push(row);
            let truth = self.truth(inner);
            self.rows.pop();
            match truth {
                Some(truth) if truth == decisive => return Some(decisive),
                Some(_) => {}
                None => answer = None,
            }
        }
        answer
    }

    fn count(&mut self, part: Part, inner: &'a Node) -> Option<Value<'a>> {
        let mut count = 0;
        let mut known = true;
        for row in 0..self.rows_known(part)? {
            self.rows.push(row);
            match self.truth(inner) {
                Some(truth) => count += i64::from(truth),
                None => known = false,
            }
            self.rows.pop();
        }
        known.then(|| Value::Number(Exact::whole(count)))
    }

    fn sum(&mut self, part: Part, inner: &'a Node) -> Option<Value<'a>> {
        let mut sum = Some(Exact::ZERO);
        for row in 0..self.rows_known(part)? {
            self.rows.push(row);
            sum = match (sum, self.number(inner)) {
                (Some(sum), Some(number)) => Some(sum + number),
                _ => None,
            };
            self.rows.pop();
        }
        sum.map(Value::Number)
    }

    /// The principal diagnosis, or the first row of another part.
    fn first(&mut self, part: Part, inner: &'a Node) -> Option<Value<'a>> {
        let row = if part == Part::Diagnoses { self.list.principal_row().unwrap_or(0) } else { 0 };
        if row >= self.list.rows(part) {
            self.missing.insert(Missing::Rows(part));
            return None;
        }
        self.rows.push(row);
        let value = self.value(inner);
        self.rows.pop();
        value
    }

    fn call(&mut self, function: Function, arguments: &'a [Node]) -> Option<Value<'a>> {
        match (function, arguments) {
            (Function::Days, [from, to]) => {
                let (from, to) = (self.moment(from), self.moment(to));
                Some(Value::Number(Exact::whole(from?.days_until(to?))))
            }
            (Function::Minutes, [from, to]) => {
                let (from, to) = (self.moment(from), self.moment(to));
                let minutes = from?.minutes_until(to?);
                if minutes.is_none() {
                    self.missing.insert(Missing::TimeOfDay);
                }
                minutes.map(|minutes| Value::Number(Exact::whole(minutes)))
            }
            (Function::Years, [from, to]) => {
                let (from, to) = (self.moment(from), self.moment(to));
                Some(Value::Number(Exact::whole(full_years(from?, to?))))
            }
            (Function::Day, [moment]) => self.moment(moment).map(|moment| Value::Moment(Moment::day(moment.date))),
            (Function::Length, [text]) => {
                let length = self.text(text)?.chars().count();
                i64::try_from(length).ok().map(|length| Value::Number(Exact::whole(length)))
            }
            (Function::Least, [left, right]) => {
                let (left, right) = (self.number(left), self.number(right));
                Some(Value::Number(left?.min(right?)))
            }
            (Function::Most, [left, right]) => {
                let (left, right) = (self.number(left), self.number(right));
                Some(Value::Number(left?.max(right?)))
            }
            (Function::Contains, [text, part]) => {
                let (text, part) = (self.text(text), self.text(part));
                Some(Value::Truth(text?.contains(part?)))
            }
            (Function::Plain, [text]) => self.text(text).map(|text| Value::Truth(odd_characters(text).is_empty())),
            (Function::Listed, [Node::Text(name), code]) => {
                let code = self.text(code)?;
                self.table(name).map(|table| Value::Truth(table.has(code)))
            }
            (Function::Official, [Node::Text(name), code]) => {
                let code = self.text(code)?;
                self.table(name)?.name(code).map(Value::Text)
            }
            (Function::IdNumber, [text]) => {
                let text = self.text(text)?;
                Some(Value::Truth(identity::read(text).is_some_and(|identity| identity.checksum_right)))
            }
            (Function::IdBirth, [text]) => {
                let identity = identity::read(self.text(text)?)?;
                Some(Value::Moment(Moment::day(identity.birth)))
            }
            (Function::IdSex, [text]) => {
                let identity = identity::read(self.text(text)?)?;
                Some(Value::Text(if identity.male { "1" } else { "2" }))
            }
            _ => None,
        }
    }

    fn table(&mut self, name: &str) -> Option<&'a CodeTable> {
        let table = self.knowledge.table(name);
        if table.is_none() {
            self.missing.insert(Missing::Table(name.to_owned()));
        }
        table
    }
}

fn full_years(from: Moment, to: Moment) -> i64 {
    let (from, to) = (from.date, to.date);
    let years = i64::from(to.year()) - i64::from(from.year());
    years - i64::from((to.month(), to.day()) < (from.month(), from.day()))
}

impl Prefixes {
    fn cover(&self, text: &str) -> bool {
        text.get(..self.0.len()).is_some_and(|head| *self.0 <= *head && *head <= *self.1)
    }
}
