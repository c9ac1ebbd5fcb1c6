//! 公式: the policy language over a form and a person's standing. Dates, texts, numbers (amounts in
//! 元), yes and no. What is not known is missing: a comparison with it is false.

use std::cmp::Ordering;

use policy::Binary;
use policy::formula::{Kind, Node, parse};
use terms::{Date, Exact};

/// A value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Val {
    Number(Exact),
    Text(String),
    Date(Date),
    Flag(bool),
    Missing,
}

impl Val {
    pub fn date(date: Option<Date>) -> Val {
        date.map_or(Val::Missing, Val::Date)
    }

    pub fn text(text: &str) -> Val {
        if text.is_empty() { Val::Missing } else { Val::Text(text.to_owned()) }
    }

    pub fn is_true(&self) -> bool {
        *self == Val::Flag(true)
    }

    /// For people.
    pub fn words(&self) -> String {
        match self {
            Val::Number(number) => number.to_string(),
            Val::Text(text) => text.clone(),
            Val::Date(date) => date.to_string(),
            Val::Flag(flag) => if *flag { "是" } else { "否" }.to_owned(),
            Val::Missing => "（无）".to_owned(),
        }
    }
}

/// A formula as read.
#[derive(Debug, Clone)]
pub(crate) struct Formula {
    node: Node,
    pub text: String,
}

/// What names stand for.
pub(crate) trait Names {
    /// The value of a name.
    fn value(&self, name: &str) -> Result<Val, String>;
    /// The value of a function that belongs to a name (`it.covers(day)`).
    fn call(&self, name: &str, arguments: &[Val]) -> Result<Val, String>;
}

const FUNCTIONS: &[(&str, usize)] = &[
    ("missing", 1),
    ("age", 2),
    ("days_between", 2),
    ("months_between", 2),
    ("add_days", 2),
    ("add_months", 2),
    ("year", 1),
    ("year_end", 1),
    ("starts_with", 2),
    ("min", 2),
    ("max", 2),
];

impl Formula {
    /// Reads a formula and looks at every name and function in it.
    pub fn read(text: &str, known: &dyn Fn(&str) -> bool) -> Result<Formula, String> {
        let node = parse(text).map_err(|mistake| format!("“{text}”: {}", mistake.message))?;
        let mut unknown = Vec::new();
        look(&node, known, &mut unknown);
        match unknown.into_iter().next() {
            None => Ok(Formula { node, text: text.to_owned() }),
            Some(slip) => Err(format!("“{text}”: {slip}")),
        }
    }

    /// Works it out.
    pub fn eval(&self, names: &dyn Names) -> Result<Val, String> {
        eval(&self.node, names).map_err(|error| format!("“{}”: {error}", self.text))
    }

    pub fn is_true(&self, names: &dyn Names) -> Result<bool, String> {
        Ok(self.eval(names)?.is_true())
    }
}

fn look(node: &Node, known: &dyn Fn(&str) -> bool, unknown: &mut Vec<String>) {
    match &node.kind {
        Kind::Number(_) | Kind::Text(_) => {}
        Kind::Name(name) => {
            if !["true", "false"].contains(&name.as_str()) && !known(name) {
                unknown.push(format!("“{name}” is not known here"));
            }
        }
        Kind::Call(name, arguments) => {
            let plain = FUNCTIONS.iter().find(|(function, _)| function == name);
            match (plain, name.strip_suffix(".covers")) {
                (Some((_, count)), _) if *count == arguments.len() => {}
                (Some((_, count)), _) => unknown.push(format!("the function {name} takes {count} argument(s)")),
                (None, Some(owner)) if arguments.len() == 1 && known(&format!("{owner}.covers")) => {}
                _ => {
                    let names: Vec<&str> = FUNCTIONS.iter().map(|(name, _)| *name).collect();
                    unknown.push(format!("there is no function {name}; known are {}", names.join(", ")));
                }
            }
            arguments.iter().for_each(|argument| look(argument, known, unknown));
        }
        Kind::List(list) => list.iter().for_each(|item| look(item, known, unknown)),
        Kind::Not(a) | Kind::Minus(a) => look(a, known, unknown),
        Kind::Binary(_, a, b) => [a, b].into_iter().for_each(|part| look(part, known, unknown)),
        Kind::OneOf(a, list) => {
            look(a, known, unknown);
            list.iter().for_each(|item| look(item, known, unknown));
        }
        Kind::If(a, b, c) => [a, b, c].into_iter().for_each(|part| look(part, known, unknown)),
    }
}

fn eval(node: &Node, names: &dyn Names) -> Result<Val, String> {
    Ok(match &node.kind {
        Kind::Number(number) => Val::Number(*number),
        Kind::Text(text) => Val::Text(text.clone()),
        Kind::Name(name) if name == "true" => Val::Flag(true),
        Kind::Name(name) if name == "false" => Val::Flag(false),
        Kind::Name(name) => names.value(name)?,
        Kind::Call(name, arguments) => {
            let arguments = arguments.iter().map(|node| eval(node, names)).collect::<Result<Vec<_>, _>>()?;
            if FUNCTIONS.iter().any(|(function, _)| function == name) {
                apply(name, &arguments)?
            } else {
                names.call(name, &arguments)?
            }
        }
        Kind::List(_) => return Err("a list stands only after “in”".to_owned()),
        Kind::Not(inner) => Val::Flag(!eval(inner, names)?.is_true()),
        Kind::Minus(inner) => match eval(inner, names)? {
            Val::Number(number) => Val::Number(-number),
            _ => return Err("minus needs a number".to_owned()),
        },
        Kind::Binary(operator @ (Binary::And | Binary::Or), left, right) => {
            let left = eval(left, names)?.is_true();
            let settled = left == (*operator == Binary::Or);
            Val::Flag(if settled { left } else { eval(right, names)?.is_true() })
        }
        Kind::Binary(operator, left, right) => binary(*operator, &eval(left, names)?, &eval(right, names)?)?,
        Kind::OneOf(left, list) => {
            let left = eval(left, names)?;
            let mut found = false;
            for item in list {
                found = found || eval(item, names)? == left;
            }
            Val::Flag(found && left != Val::Missing)
        }
        Kind::If(condition, then, other) => eval(if eval(condition, names)?.is_true() { then } else { other }, names)?,
    })
}

fn order(left: &Val, right: &Val) -> Option<Ordering> {
    match (left, right) {
        (Val::Number(a), Val::Number(b)) => Some(a.cmp(b)),
        (Val::Text(a), Val::Text(b)) => Some(a.cmp(b)),
        (Val::Date(a), Val::Date(b)) => Some(a.cmp(b)),
        (Val::Flag(a), Val::Flag(b)) => Some(a.cmp(b)),
        _ => None,
    }
}

fn binary(operator: Binary, left: &Val, right: &Val) -> Result<Val, String> {
    let order = order(left, right);
    Ok(Val::Flag(match operator {
        Binary::Equal => order == Some(Ordering::Equal),
        Binary::Unequal => order != Some(Ordering::Equal),
        Binary::Less => order == Some(Ordering::Less),
        Binary::AtMost => matches!(order, Some(Ordering::Less | Ordering::Equal)),
        Binary::More => order == Some(Ordering::Greater),
        Binary::AtLeast => matches!(order, Some(Ordering::Greater | Ordering::Equal)),
        _ => {
            let (Val::Number(left), Val::Number(right)) = (left, right) else {
                return Err("a sum or product needs two numbers, and one is missing".to_owned());
            };
            let number = match operator {
                Binary::Add => *left + *right,
                Binary::Subtract => *left - *right,
                Binary::Multiply => left.times(*right).map_err(|error| error.to_string())?,
                _ => left.over(*right).ok_or("division by zero")?,
            };
            return Ok(Val::Number(number));
        }
    }))
}

fn months_between(from: Date, to: Date) -> i64 {
    let months = i64::from(to.year() - from.year()) * 12 + i64::from(to.month() - from.month());
    if to.day() < from.day() { months - 1 } else { months }
}

fn apply(function: &str, arguments: &[Val]) -> Result<Val, String> {
    let first = arguments.first().unwrap_or(&Val::Missing);
    let second = arguments.get(1).unwrap_or(&Val::Missing);
    let needs = || format!("the function {function} needs a fact that is missing");
    let later = |date: &Date, span: Result<jiff::Span, jiff::Error>| {
        span.and_then(|span| date.checked_add(span)).map(Val::Date).map_err(|error| error.to_string())
    };
    Ok(match (function, first, second) {
        ("missing", value, _) => Val::Flag(*value == Val::Missing),
        (_, Val::Missing, _) => Val::Missing,
        ("age", Val::Date(birth), Val::Date(on)) => {
            Val::Number(Exact::whole(months_between(*birth, *on).div_euclid(12)))
        }
        ("days_between", Val::Date(from), Val::Date(to)) => {
            Val::Number(Exact::whole(from.until(*to).map_or(0, |span| i64::from(span.get_days()))))
        }
        ("months_between", Val::Date(from), Val::Date(to)) => Val::Number(Exact::whole(months_between(*from, *to))),
        ("add_days", Val::Date(date), Val::Number(days)) => {
            later(date, jiff::Span::new().try_days(days.as_whole().ok_or_else(needs)?))?
        }
        ("add_months", Val::Date(date), Val::Number(months)) => {
            later(date, jiff::Span::new().try_months(months.as_whole().ok_or_else(needs)?))?
        }
        ("year", Val::Date(date), _) => Val::Number(Exact::whole(i64::from(date.year()))),
        ("year_end", Val::Date(date), _) => Val::date(Date::new(date.year(), 12, 31).ok()),
        ("starts_with", Val::Text(text), Val::Text(begin)) => Val::Flag(text.starts_with(begin.as_str())),
        ("min", a, b) => if order(a, b).ok_or_else(needs)? == Ordering::Greater { b } else { a }.clone(),
        ("max", a, b) => if order(a, b).ok_or_else(needs)? == Ordering::Less { b } else { a }.clone(),
        _ => return Err(needs()),
    })
}
