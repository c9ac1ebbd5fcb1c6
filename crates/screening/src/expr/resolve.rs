//! Gives the names of a formula their meaning, and checks that the types fit.

use super::{Among, Call, Derived, Expr, ONE, Of, Op, Over, Set, V};
use crate::codes::{CodeSet, Symbols};
use crate::day;
use crate::facts::{Facts, Parameter};
use crate::knowledge::{ColumnType, Tables};
use crate::span::Span;
use encounter::{Kind, Table};
use policy::Binary;
use policy::formula::{self, Kind as Node};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What a formula yields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Type {
    Number,
    Flag,
    Text,
    Date,
    Time,
}

impl Type {
    pub fn words(self) -> &'static str {
        match self {
            Type::Number => "a number",
            Type::Flag => "yes/no",
            Type::Text => "a text",
            Type::Date => "a date",
            Type::Time => "a time",
        }
    }
}

/// What is wrong with a formula, and where in its text.
#[derive(Debug)]
pub(crate) struct Mistake {
    pub at: usize,
    pub message: String,
}

type Resolved = Result<(Expr, Type), Mistake>;

/// What names may mean where a formula stands.
pub(crate) struct Resolver<'a> {
    pub symbols: &'a mut Symbols,
    pub facts: &'a mut Facts,
    pub tables: &'a mut Tables,
    pub parameters: &'a BTreeMap<String, Parameter>,
    pub columns: &'a [(String, ColumnType)],
    /// Names the shape gives.
    pub gives: &'static [&'static str],
    /// The record the formula is asked of.
    pub of: Of,
    /// The second record, in pair shapes.
    pub other: Option<Of>,
}

fn mistake<T>(at: usize, message: impl Into<String>) -> Result<T, Mistake> {
    Err(Mistake { at, message: message.into() })
}

impl Resolver<'_> {
    /// A formula of the type wanted.
    pub fn formula(&mut self, text: &str, wanted: Type) -> Result<Expr, Mistake> {
        let (expr, found) = self.any(text)?;
        if found == wanted {
            return Ok(expr);
        }
        mistake(0, format!("“{text}” is {}; {} is wanted here", found.words(), wanted.words()))
    }

    /// A formula of any type.
    pub fn any(&mut self, text: &str) -> Resolved {
        let node = formula::parse(text).map_err(|slip| Mistake { at: slip.at, message: slip.message })?;
        self.node(&node)
    }

    fn node(&mut self, node: &formula::Node) -> Resolved {
        let at = node.at;
        match &node.kind {
            Node::Number(number) => Ok((Expr::Const(V::Num(number.ten_decimals())), Type::Number)),
            Node::Text(text) => Ok((Expr::Const(V::Sym(self.symbols.intern(text))), Type::Text)),
            Node::Name(name) => self.name(at, name),
            Node::Call(name, arguments) => self.call(at, name, arguments),
            Node::List(_) => mistake(at, "a list stands here; write x in […] or listed(x, …)"),
            Node::Not(inner) => Ok((Expr::Not(Box::new(self.typed(inner, Type::Flag)?)), Type::Flag)),
            Node::Minus(inner) => Ok((Expr::Minus(Box::new(self.typed(inner, Type::Number)?)), Type::Number)),
            Node::Binary(operator, a, b) => self.binary(at, *operator, a, b),
            Node::OneOf(inner, list) => {
                let (inner, kind) = self.node(inner)?;
                let list = list.iter().map(|item| self.typed(item, kind)).collect::<Result<_, _>>()?;
                Ok((Expr::In(Box::new(inner), list), Type::Flag))
            }
            Node::If(condition, a, b) => {
                let condition = self.typed(condition, Type::Flag)?;
                let (a, kind) = self.node(a)?;
                let b = self.typed(b, kind)?;
                Ok((Expr::If(Box::new(condition), Box::new(a), Box::new(b)), kind))
            }
        }
    }

    fn typed(&mut self, node: &formula::Node, wanted: Type) -> Result<Expr, Mistake> {
        let (expr, found) = self.node(node)?;
        if found == wanted {
            return Ok(expr);
        }
        mistake(node.at, format!("this is {}; {} is wanted here", found.words(), wanted.words()))
    }

    fn binary(&mut self, at: usize, operator: Binary, a: &formula::Node, b: &formula::Node) -> Resolved {
        let op = match operator {
            Binary::And => Op::And,
            Binary::Or => Op::Or,
            Binary::Equal => Op::Equal,
            Binary::Unequal => Op::Unequal,
            Binary::Less => Op::Less,
            Binary::AtMost => Op::AtMost,
            Binary::More => Op::More,
            Binary::AtLeast => Op::AtLeast,
            Binary::Add => Op::Add,
            Binary::Subtract => Op::Subtract,
            Binary::Multiply => Op::Multiply,
            Binary::Divide => Op::Divide,
        };
        let (a, kind) = match op {
            Op::And | Op::Or => (self.typed(a, Type::Flag)?, Type::Flag),
            Op::Add | Op::Subtract | Op::Multiply | Op::Divide => (self.typed(a, Type::Number)?, Type::Number),
            _ => self.node(a)?,
        };
        let (b, other) = self.node(b)?;
        if kind != other {
            return mistake(
                at,
                format!("{} and {} cannot be compared or joined{}", kind.words(), other.words(), hint(kind, other)),
            );
        }
        let compares = matches!(op, Op::Less | Op::AtMost | Op::More | Op::AtLeast);
        if compares && matches!(kind, Type::Text | Type::Flag) {
            return mistake(at, format!("{} has no order: compare it with == or in […]", kind.words()));
        }
        let yields =
            if matches!(op, Op::Add | Op::Subtract | Op::Multiply | Op::Divide) { Type::Number } else { Type::Flag };
        Ok((Expr::Binary(op, Box::new(a), Box::new(b)), yields))
    }

    fn name(&mut self, at: usize, name: &str) -> Resolved {
        match name {
            "true" | "false" => return Ok((Expr::truth(name == "true"), Type::Flag)),
            _ => {}
        }
        if let Some((prefix, rest)) = name.split_once('.') {
            return self.prefixed(at, prefix, rest);
        }
        if let Some(place) = self.gives.iter().position(|given| *given == name) {
            let miss = self.facts.number(name);
            return Ok((Expr::Given(place_u8(place), miss), Type::Number));
        }
        if let Some(found) = self.derived(name) {
            return Ok(found);
        }
        match self.bare(name) {
            Some(found) => found.ok_or_else(|| Mistake { at, message: list_field(name) }),
            None => mistake(at, self.unknown(name)),
        }
    }

    fn derived(&mut self, name: &str) -> Option<(Expr, Type)> {
        let (derived, fact, kind) = match name {
            "kind" => (Derived::Kind, "med_type", Type::Text),
            "age" => (Derived::Age, "brdy", Type::Number),
            "age_days" => (Derived::AgeDays, "brdy", Type::Number),
            "level" => (Derived::Level, "medins_lv", Type::Number),
            "stay_days" => (Derived::StayDays, "endtime", Type::Number),
            "in_scope" => (Derived::InScope, "inscp_scp_amt", Type::Number),
            "day" => (Derived::Day, if self.of == Of::Line { "fee_ocur_time" } else { "begntime" }, Type::Date),
            "rank" => (Derived::Rank, "diag_srt_no", Type::Number),
            "doctor_listed" => (Derived::DoctorListed, "practitioners", Type::Flag),
            _ => return None,
        };
        if derived == Derived::InScope && !matches!(self.of, Of::Line | Of::Visit)
            || derived == Derived::Rank && self.of != Of::Diagnosis
        {
            return None;
        }
        Some((Expr::Derived(derived, self.facts.number(fact)), kind))
    }

    /// A field by its bare name, from the record outwards. `Some(None)`: a list, which only
    /// has() can ask.
    fn bare(&mut self, name: &str) -> Option<Option<(Expr, Type)>> {
        let outward: &[Of] = match self.of {
            Of::Line => &[Of::Line, Of::Visit, Of::Person],
            Of::Diagnosis => &[Of::Diagnosis, Of::Visit, Of::Person],
            Of::Procedure => &[Of::Procedure, Of::Visit, Of::Person],
            Of::Visit => &[Of::Visit, Of::Person],
            Of::Person => &[Of::Person],
        };
        let mut found: Vec<Expr> = Vec::new();
        let mut kind = None;
        for of in outward {
            let Some((place, field)) = place_of(of.table(), name) else { continue };
            let Some(here) = type_of(field) else { return Some(None) };
            let reaches_out = matches!(field, Kind::Text | Kind::Flag | Kind::Date);
            if kind.is_some_and(|known| known != here || !reaches_out) {
                break;
            }
            kind = Some(here);
            let miss = self.facts.number(name);
            self.facts.uses(*of, place);
            found.push(Expr::Field(*of, place, miss));
            if !reaches_out {
                break;
            }
        }
        if matches!(name, "medins_lv" | "medins_type")
            && self.of != Of::Person
            && let Some((place, _)) = place_of(Table::Institution, name)
        {
            let miss = self.facts.number(name);
            found.push(Expr::Institution(place, miss));
        }
        let kind = kind?;
        let expr = if found.len() == 1 { found.pop()? } else { Expr::Call(Call::Coalesce, found) };
        Some(Some((expr, kind)))
    }

    fn prefixed(&mut self, at: usize, prefix: &str, rest: &str) -> Resolved {
        let of = match prefix {
            "param" => return self.parameter(at, rest),
            "row" => return self.row(at, rest),
            "other" => {
                let Some(other) = self.other else {
                    return mistake(
                        at,
                        "there is no second record here; “other.” is for pair_same_window and stay_gap",
                    );
                };
                let mine = std::mem::replace(&mut self.of, other);
                let found = self.name(at, rest);
                self.of = mine;
                return found.map(|(expr, kind)| (Expr::Other(Box::new(expr)), kind));
            }
            "institution" => return self.around(at, Table::Institution, rest),
            "doctor" => return self.around(at, Table::Practitioner, rest),
            "line" => Of::Line,
            "diag" => Of::Diagnosis,
            "proc" => Of::Procedure,
            "visit" => Of::Visit,
            "person" => Of::Person,
            _ => {
                return mistake(
                    at,
                    format!(
                        "“{prefix}.” is not known; there are line. visit. person. diag. proc. institution. doctor. row. param. other."
                    ),
                );
            }
        };
        let reachable = of == self.of || of == Of::Person || (of == Of::Visit && self.of != Of::Person);
        if !reachable {
            return mistake(at, format!("a formula over one {:?} has no “{prefix}.”", self.of));
        }
        if matches!((of, rest), (Of::Visit, "in_scope")) && self.of == Of::Visit {
            return self.name(at, rest);
        }
        let Some((place, field)) = place_of(of.table(), rest) else {
            return mistake(at, format!("{prefix} has no field “{rest}”"));
        };
        let Some(kind) = type_of(field) else { return mistake(at, list_field(rest)) };
        let miss = self.facts.number(rest);
        self.facts.uses(of, place);
        Ok((Expr::Field(of, place, miss), kind))
    }

    fn around(&mut self, at: usize, table: Table, rest: &str) -> Resolved {
        let Some((place, field)) = place_of(table, rest) else {
            return mistake(at, format!("{table:?} has no field “{rest}”"));
        };
        let Some(kind) = type_of(field) else { return mistake(at, list_field(rest)) };
        if table == Table::Institution {
            let miss = self.facts.number(&format!("institution.{rest}"));
            return Ok((Expr::Institution(place, miss), kind));
        }
        if !matches!(self.of, Of::Line | Of::Procedure | Of::Visit) {
            return mistake(at, "only a line, a procedure or a visit has a doctor");
        }
        let miss = self.facts.number(&format!("doctor.{rest}"));
        Ok((Expr::Doctor(place, miss), kind))
    }

    fn parameter(&mut self, at: usize, name: &str) -> Resolved {
        match self.parameters.get(name) {
            Some(Parameter::Number(number)) => Ok((Expr::Const(V::Num(*number)), Type::Number)),
            Some(Parameter::Text(text)) => Ok((Expr::Const(V::Sym(self.symbols.intern(text))), Type::Text)),
            Some(Parameter::Flag(yes)) => Ok((Expr::truth(*yes), Type::Flag)),
            Some(Parameter::Day(day)) => Ok((Expr::Const(V::Day(*day)), Type::Date)),
            Some(Parameter::List(_)) => mistake(at, format!("param.{name} is a list: ask listed(x, param.{name})")),
            None => mistake(at, format!("there is no “{name}” in [parameters]")),
        }
    }

    fn row(&mut self, at: usize, name: &str) -> Resolved {
        let Some(place) = self.columns.iter().position(|(column, _)| column == name) else {
            return mistake(at, format!("“{name}” is not among the columns of [knowledge]"));
        };
        let kind = match self.columns[place].1 {
            ColumnType::Number | ColumnType::Yuan => Type::Number,
            ColumnType::Text => Type::Text,
            ColumnType::Flag => Type::Flag,
            ColumnType::Date => Type::Date,
            ColumnType::Items | ColumnType::Diagnoses | ColumnType::Procedures | ColumnType::Texts => {
                return mistake(
                    at,
                    format!("row.{name} holds codes: ask listed(x, row.{name}) or any_diag(row.{name})"),
                );
            }
            ColumnType::Span | ColumnType::Window => {
                return mistake(at, format!("row.{name} is a length of time: only a shape's keys can use it"));
            }
        };
        let miss = self.facts.number(&format!("row.{name}"));
        Ok((Expr::Row(place_u16(place), miss), kind))
    }

    fn unknown(&self, name: &str) -> String {
        let near = Table::ALL
            .iter()
            .flat_map(|table| table.fields())
            .find(|field| field.name.replace('_', "") == name.replace('_', "").to_lowercase());
        let near = near.map(|field| format!("; did you mean “{}”?", field.name)).unwrap_or_default();
        format!("“{name}” is no field of a {:?}, nor of what it stands in{near}", self.of)
    }
}

/// Codes and families.
impl Resolver<'_> {
    /// Sets given as arguments.
    fn sets(&mut self, at: usize, arguments: &[formula::Node]) -> Result<Vec<Set>, Mistake> {
        let mut words: Vec<String> = Vec::new();
        let mut sets = Vec::new();
        for argument in arguments {
            match &argument.kind {
                Node::Text(text) => words.push(text.clone()),
                Node::List(items) => {
                    for item in items {
                        let Node::Text(text) = &item.kind else {
                            return mistake(item.at, "a code in quotes is wanted here");
                        };
                        words.push(text.clone());
                    }
                }
                Node::Name(name) => sets.push(self.set_name(argument.at, name)?),
                Node::Call(name, inner) if name == "table" => {
                    let table = self.table_name(argument.at, inner.first())?;
                    sets.push(Set::Table(table));
                }
                _ => {
                    return mistake(
                        argument.at,
                        "codes are wanted here: 'I21*', row.column, param.name or table('name')",
                    );
                }
            }
        }
        if !words.is_empty() {
            let set = CodeSet::read(words.iter().map(String::as_str), self.symbols);
            sets.push(Set::Const(Arc::new(set)));
        }
        if sets.is_empty() {
            return mistake(at, "codes are wanted here: 'I21*', row.column, param.name or table('name')");
        }
        Ok(sets)
    }

    /// `row.column` or `param.name` as codes.
    pub fn set_name(&mut self, at: usize, name: &str) -> Result<Set, Mistake> {
        if let Some(column) = name.strip_prefix("row.") {
            let Some(place) = self.columns.iter().position(|(known, _)| known == column) else {
                return mistake(at, format!("“{column}” is not among the columns of [knowledge]"));
            };
            let codes = matches!(
                self.columns[place].1,
                ColumnType::Items | ColumnType::Diagnoses | ColumnType::Procedures | ColumnType::Texts
            );
            if !codes {
                return mistake(
                    at,
                    format!("row.{column} holds no codes; declare it as items, diagnoses, procedures or texts"),
                );
            }
            let miss = self.facts.number(name);
            return Ok(Set::Row(place_u16(place), miss));
        }
        if let Some(parameter) = name.strip_prefix("param.") {
            let words: Vec<&str> = match self.parameters.get(parameter) {
                Some(Parameter::List(list)) => list.iter().map(String::as_str).collect(),
                Some(Parameter::Text(text)) => vec![text],
                Some(_) => return mistake(at, format!("param.{parameter} holds no codes")),
                None => return mistake(at, format!("there is no “{parameter}” in [parameters]")),
            };
            return Ok(Set::Const(Arc::new(CodeSet::read(words, self.symbols))));
        }
        mistake(at, format!("“{name}” holds no codes; write row.column, param.name, table('name') or codes in quotes"))
    }

    fn table_name(&mut self, at: usize, argument: Option<&formula::Node>) -> Result<u16, Mistake> {
        match argument.map(|node| &node.kind) {
            Some(Node::Text(name)) => match self.tables.number(name, self.symbols) {
                Some(number) => Ok(number),
                None => mistake(at, format!("there is no knowledge table “{name}”")),
            },
            _ => mistake(at, "the name of a knowledge table in quotes is wanted here"),
        }
    }
}

/// Functions.
impl Resolver<'_> {
    fn call(&mut self, at: usize, name: &str, arguments: &[formula::Node]) -> Resolved {
        let simple = match name {
            "min" => Some((Call::Min, Type::Number)),
            "max" => Some((Call::Max, Type::Number)),
            _ => None,
        };
        if let Some((call, kind)) = simple {
            if arguments.is_empty() {
                return mistake(at, format!("{name}() needs at least one number"));
            }
            let list = arguments.iter().map(|item| self.typed(item, kind)).collect::<Result<_, _>>()?;
            return Ok((Expr::Call(call, list), kind));
        }
        if let Some((call, wanted, kind)) = plain(name) {
            let list = self.exactly(at, name, arguments, wanted)?;
            return Ok((Expr::Call(call, list), kind));
        }
        match name {
            "coalesce" => {
                let Some(first) = arguments.first() else { return mistake(at, "coalesce() needs values") };
                let (_, kind) = self.node(first)?;
                let list = arguments.iter().map(|item| self.typed(item, kind)).collect::<Result<_, _>>()?;
                Ok((Expr::Call(Call::Coalesce, list), kind))
            }
            "missing" | "known" => {
                let [argument] = arguments else { return mistake(at, format!("{name}() asks one fact")) };
                let (inner, _) = self.node(argument)?;
                let missing = Expr::Call(Call::Missing, vec![inner]);
                Ok((if name == "known" { Expr::Not(Box::new(missing)) } else { missing }, Type::Flag))
            }
            "day" => {
                let [argument] = arguments else { return mistake(at, "day() asks one time") };
                match self.node(argument)? {
                    (inner, Type::Time) => Ok((Expr::Call(Call::DayOf, vec![inner]), Type::Date)),
                    found @ (_, Type::Date) => Ok(found),
                    (_, other) => mistake(at, format!("day() asks a time, this is {}", other.words())),
                }
            }
            "date" => match arguments {
                [formula::Node { kind: Node::Text(text), .. }] => match terms::parse_date(text) {
                    Some(date) => Ok((Expr::Const(V::Day(day::of_date(date))), Type::Date)),
                    None => mistake(at, format!("“{text}” is not a date such as '2026-01-01'")),
                },
                _ => mistake(at, "date() asks a text such as '2026-01-01'"),
            },
            "starts_with" => match arguments {
                [inner, formula::Node { kind: Node::Text(text), .. }] => {
                    let inner = self.typed(inner, Type::Text)?;
                    Ok((Expr::StartsWith(Box::new(inner), text.as_str().into()), Type::Flag))
                }
                _ => mistake(at, "starts_with() asks a code and a text in quotes"),
            },
            "join" => {
                let list = arguments.iter().map(|item| self.typed(item, Type::Text)).collect::<Result<_, _>>()?;
                Ok((Expr::Join(list), Type::Text))
            }
            "listed" | "in_table" => self.listed(at, name, arguments),
            "lookup" | "lookup_text" => self.lookup(at, name, arguments),
            "has" => self.has(at, arguments),
            "any_diag" | "main_diag" | "any_proc" | "any_item" => self.among(at, name, arguments),
            _ => self.over(at, name, arguments),
        }
    }

    fn exactly(
        &mut self,
        at: usize,
        name: &str,
        arguments: &[formula::Node],
        wanted: &[Type],
    ) -> Result<Vec<Expr>, Mistake> {
        if arguments.len() != wanted.len() {
            return mistake(at, format!("{name}() takes {} values, here are {}", wanted.len(), arguments.len()));
        }
        arguments
            .iter()
            .zip(wanted)
            .map(|(argument, kind)| {
                let (expr, found) = self.node(argument)?;
                match (found, *kind) {
                    (found, wanted) if found == wanted => Ok(expr),
                    (Type::Time, Type::Date) => Ok(Expr::Call(Call::DayOf, vec![expr])),
                    (found, wanted) => mistake(
                        argument.at,
                        format!("{name}() wants {} here, this is {}", wanted.words(), found.words()),
                    ),
                }
            })
            .collect()
    }

    fn listed(&mut self, at: usize, name: &str, arguments: &[formula::Node]) -> Resolved {
        let Some((code, rest)) = arguments.split_first() else {
            return mistake(at, format!("{name}() asks a code and where"));
        };
        let code = self.typed(code, Type::Text)?;
        let sets = if name == "in_table" {
            vec![Set::Table(self.table_name(at, rest.first())?)]
        } else {
            self.sets(at, rest)?
        };
        Ok((Expr::Listed(Box::new(code), sets), Type::Flag))
    }

    fn lookup(&mut self, at: usize, name: &str, arguments: &[formula::Node]) -> Resolved {
        let [code, table, formula::Node { kind: Node::Text(column), .. }] = arguments else {
            return mistake(
                at,
                format!("{name}() asks a code, a table and a column: {name}(med_list_codg, 'table', 'column')"),
            );
        };
        let code = Box::new(self.typed(code, Type::Text)?);
        let number = self.table_name(at, Some(table))?;
        let text = name == "lookup_text";
        let Some(place) = self.tables.column(number, column, text, self.symbols) else {
            return mistake(at, format!("the table has no column “{column}”"));
        };
        let miss = self.facts.number(&format!("{}.{column}", self.tables.name(number)));
        Ok((Expr::Lookup { code, table: number, column: place, miss }, if text { Type::Text } else { Type::Number }))
    }

    fn has(&mut self, at: usize, arguments: &[formula::Node]) -> Resolved {
        let [formula::Node { kind: Node::Name(field), .. }, code] = arguments else {
            return mistake(at, "has() asks a list field and a code: has(test_results, med_list_codg)");
        };
        let code = Box::new(self.typed(code, Type::Text)?);
        let bare = field.rsplit('.').next().unwrap_or(field);
        for of in [self.of, Of::Visit] {
            if let Some((place, Kind::Texts)) = place_of(of.table(), bare) {
                let miss = self.facts.number(bare);
                self.facts.uses(of, place);
                return Ok((Expr::Has { of, field: place, code, miss }, Type::Flag));
            }
        }
        mistake(at, format!("“{field}” is no list of codes"))
    }

    fn among(&mut self, at: usize, name: &str, arguments: &[formula::Node]) -> Resolved {
        if self.of == Of::Person {
            return mistake(at, format!("{name}() asks the records of a visit, and a person has many"));
        }
        let (among, fact) = match name {
            "any_diag" => (Among::AnyDiag, "diag_code"),
            "main_diag" => (Among::MainDiag, "diag_code"),
            "any_proc" => (Among::AnyProc, "oprn_oprt_code"),
            _ => (Among::AnyItem, "med_list_codg"),
        };
        let sets = self.sets(at, arguments)?;
        Ok((Expr::Among(among, sets, self.facts.number(fact)), Type::Flag))
    }

    fn over(&mut self, at: usize, name: &str, arguments: &[formula::Node]) -> Resolved {
        let (over, inside) = match (name, arguments.first().map(|node| &node.kind)) {
            ("count_lines", _) => (Over::CountLines, Of::Line),
            ("sum_lines", _) => (Over::SumLines, Of::Line),
            ("any_line", _) => (Over::AnyLine, Of::Line),
            ("count_procs", _) => (Over::CountProcs, Of::Procedure),
            ("visits", _) => (Over::Visits, Of::Visit),
            ("visits_before", Some(Node::Text(text))) => match Span::read(text) {
                Some(span) => (Over::VisitsBefore(span), Of::Visit),
                None => return mistake(at, format!("“{text}” is not a length of time such as '15d'")),
            },
            ("visits_before", _) => {
                return mistake(at, "visits_before() asks a length of time first: visits_before('15d', …)");
            }
            _ => return mistake(at, format!("there is no function “{name}”")),
        };
        if self.of == Of::Person {
            return mistake(at, format!("{name}() asks the records of a visit, and a person has many"));
        }
        let mine = std::mem::replace(&mut self.of, inside);
        let found = self.over_arguments(over, arguments);
        self.of = mine;
        let (number, condition) = found?;
        let fact = if matches!(over, Over::VisitsBefore(_) | Over::Visits) { "history" } else { "line" };
        let kind = if over == Over::AnyLine { Type::Flag } else { Type::Number };
        Ok((Expr::Over(over, number.map(Box::new), Box::new(condition), self.facts.number(fact)), kind))
    }

    fn over_arguments(&mut self, over: Over, arguments: &[formula::Node]) -> Result<(Option<Expr>, Expr), Mistake> {
        let rest = if matches!(over, Over::VisitsBefore(_)) { &arguments[1..] } else { arguments };
        let (number, condition) = match (over, rest) {
            (Over::SumLines, [number]) => (Some(self.typed(number, Type::Number)?), None),
            (Over::SumLines, [number, condition]) => (Some(self.typed(number, Type::Number)?), Some(condition)),
            (Over::SumLines, _) => return mistake(0, "sum_lines() asks a number and a condition"),
            (_, []) => (None, None),
            (_, [condition]) => (None, Some(condition)),
            _ => return mistake(rest[1].at, "there is one condition too many"),
        };
        let condition = condition.map_or(Ok(Expr::truth(true)), |condition| self.typed(condition, Type::Flag))?;
        Ok((number, condition))
    }
}

/// Functions of a fixed number of values.
fn plain(name: &str) -> Option<(Call, &'static [Type], Type)> {
    Some(match name {
        "round" => (Call::Round, &[Type::Number], Type::Number),
        "floor" => (Call::Floor, &[Type::Number], Type::Number),
        "abs" => (Call::Abs, &[Type::Number], Type::Number),
        "days_between" => (Call::DaysBetween, &[Type::Date, Type::Date], Type::Number),
        "hours_between" => (Call::HoursBetween, &[Type::Time, Type::Time], Type::Number),
        "month" => (Call::Month, &[Type::Date], Type::Number),
        "year" => (Call::Year, &[Type::Date], Type::Number),
        _ => return None,
    })
}

fn hint(a: Type, b: Type) -> &'static str {
    match (a, b) {
        (Type::Date, Type::Time) | (Type::Time, Type::Date) => "; write day(…) around the time",
        (Type::Flag, Type::Number | Type::Text) | (Type::Number | Type::Text, Type::Flag) => {
            "; a flag stands by itself: matn_fee_flag, not matn_fee_flag == 1"
        }
        (Type::Text, Type::Number) | (Type::Number, Type::Text) => "; codes stand in quotes: '310'",
        _ => "",
    }
}

fn list_field(name: &str) -> String {
    format!("{name} is a list: ask has({name}, code)")
}

/// Place of a field in its table.
pub(crate) fn place_of(table: Table, name: &str) -> Option<(u8, Kind)> {
    let place = table.fields().iter().position(|field| field.name == name)?;
    Some((place_u8(place), table.fields()[place].kind))
}

fn type_of(kind: Kind) -> Option<Type> {
    Some(match kind {
        Kind::Text => Type::Text,
        Kind::Texts => return None,
        Kind::Date => Type::Date,
        Kind::Time => Type::Time,
        Kind::Money | Kind::Number => Type::Number,
        Kind::Flag => Type::Flag,
    })
}

fn place_u8(place: usize) -> u8 {
    u8::try_from(place).unwrap_or(u8::MAX)
}

fn place_u16(place: usize) -> u16 {
    u16::try_from(place).unwrap_or(u16::MAX)
}

/// The literal of a whole number.
pub(crate) fn whole(number: i64) -> V {
    V::Num(i128::from(number) * ONE)
}
