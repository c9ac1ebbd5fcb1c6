//! 语法: reads a rule's expression, finds its fields and checks its types, so that
//! evaluation can only ever answer true, false or unknown.

use super::lexer::{Token, tokens};
use crate::field::{Part, Place, by_path};
use crate::value::Kind;
use terms::Exact;

/// What an expression is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Type {
    Text,
    Number,
    Moment,
    Truth,
}

impl Type {
    fn show(self) -> &'static str {
        match self {
            Type::Text => "a text",
            Type::Number => "a number",
            Type::Moment => "a time",
            Type::Truth => "a truth",
        }
    }
}

/// Which row a field is read from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum From {
    /// The part stands once.
    List,
    /// The row that the rule looks at (`each`).
    This,
    /// The row of the innermost `any`, `all`, `count`, `sum`, `first`; depth counted from outside.
    Row(usize),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Comparison {
    Equal,
    Unequal,
    Less,
    LessOrEqual,
    More,
    MoreOrEqual,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Over {
    Any,
    All,
    Count,
    Sum,
    First,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Function {
    Days,
    Minutes,
    Years,
    Day,
    Length,
    Least,
    Most,
    Contains,
    Listed,
    Official,
    Plain,
    IdNumber,
    IdBirth,
    IdSex,
}

/// Every function: its name, its arguments, its worth.
const FUNCTIONS: &[(&str, Function, &[Type], Type)] = &[
    ("days", Function::Days, &[Type::Moment, Type::Moment], Type::Number),
    ("minutes", Function::Minutes, &[Type::Moment, Type::Moment], Type::Number),
    ("years", Function::Years, &[Type::Moment, Type::Moment], Type::Number),
    ("day", Function::Day, &[Type::Moment], Type::Moment),
    ("length", Function::Length, &[Type::Text], Type::Number),
    ("min", Function::Least, &[Type::Number, Type::Number], Type::Number),
    ("max", Function::Most, &[Type::Number, Type::Number], Type::Number),
    ("contains", Function::Contains, &[Type::Text, Type::Text], Type::Truth),
    ("listed", Function::Listed, &[Type::Text, Type::Text], Type::Truth),
    ("official", Function::Official, &[Type::Text, Type::Text], Type::Text),
    ("plain", Function::Plain, &[Type::Text], Type::Truth),
    ("id_number", Function::IdNumber, &[Type::Text], Type::Truth),
    ("id_birth", Function::IdBirth, &[Type::Text], Type::Moment),
    ("id_sex", Function::IdSex, &[Type::Text], Type::Text),
];

/// A prefix, or all prefixes from one to another of the same length.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Prefixes(pub(super) String, pub(super) String);

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Node {
    Text(String),
    Number(Exact),
    Truth(bool),
    Field(Place, From),
    RowNumber(From),
    Present(Place, From),
    Not(Box<Node>),
    And(Box<Node>, Box<Node>),
    Or(Box<Node>, Box<Node>),
    Compare(Comparison, Box<Node>, Box<Node>),
    In(Box<Node>, Vec<Node>),
    Like(Box<Node>, Vec<Prefixes>),
    Plus(Box<Node>, Box<Node>),
    Minus(Box<Node>, Box<Node>),
    Times(Box<Node>, Box<Node>),
    Call(Function, Vec<Node>),
    Rows(Over, Part, Box<Node>),
}

/// Reads an expression that must be a truth.
pub(super) fn truth(text: &str, each: Option<Part>) -> Result<Node, String> {
    match any(text, each)? {
        (node, Type::Truth) => Ok(node),
        (_, other) => Err(format!("`{text}` is {}, not something that can hold or not", other.show())),
    }
}

/// Reads an expression of any worth.
pub(super) fn any(text: &str, each: Option<Part>) -> Result<(Node, Type), String> {
    let mut parser = Parser { tokens: tokens(text)?, at: 0, each, rows: Vec::new() };
    let node = parser.or()?;
    match parser.peek() {
        None => Ok(node),
        Some(token) => Err(format!("`{}` was not expected in `{text}`", token.show())),
    }
}

struct Parser {
    tokens: Vec<Token>,
    at: usize,
    each: Option<Part>,
    rows: Vec<Part>,
}

type Typed = (Node, Type);

fn need((node, found): Typed, wanted: Type, place: &str) -> Result<Box<Node>, String> {
    if found == wanted {
        Ok(Box::new(node))
    } else {
        Err(format!("{place} needs {}, not {}", wanted.show(), found.show()))
    }
}

impl Parser {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    fn eat(&mut self, mark: &str) -> bool {
        let hit = matches!(self.peek(), Some(Token::Mark(found)) if *found == mark)
            || matches!(self.peek(), Some(Token::Name(found)) if found == mark);
        self.at += usize::from(hit);
        hit
    }

    fn expect(&mut self, mark: &str) -> Result<(), String> {
        if self.eat(mark) {
            return Ok(());
        }
        let found = self.peek().map_or("the end".to_owned(), |token| format!("`{}`", token.show()));
        Err(format!("`{mark}` is expected before {found}"))
    }

    fn or(&mut self) -> Result<Typed, String> {
        let mut left = self.and()?;
        while self.eat("or") {
            let right = need(self.and()?, Type::Truth, "`or`")?;
            left = (Node::Or(need(left, Type::Truth, "`or`")?, right), Type::Truth);
        }
        Ok(left)
    }

    fn and(&mut self) -> Result<Typed, String> {
        let mut left = self.not()?;
        while self.eat("and") {
            let right = need(self.not()?, Type::Truth, "`and`")?;
            left = (Node::And(need(left, Type::Truth, "`and`")?, right), Type::Truth);
        }
        Ok(left)
    }

    fn not(&mut self) -> Result<Typed, String> {
        if self.eat("not") {
            return Ok((Node::Not(need(self.not()?, Type::Truth, "`not`")?), Type::Truth));
        }
        self.comparison()
    }

    fn comparison(&mut self) -> Result<Typed, String> {
        let left = self.sum()?;
        for (mark, comparison) in [
            ("==", Comparison::Equal),
            ("!=", Comparison::Unequal),
            ("<=", Comparison::LessOrEqual),
            (">=", Comparison::MoreOrEqual),
            ("<", Comparison::Less),
            (">", Comparison::More),
        ] {
            if self.eat(mark) {
                let right = self.sum()?;
                if left.1 != right.1 || left.1 == Type::Truth {
                    return Err(format!("`{mark}` compares {} with {}", left.1.show(), right.1.show()));
                }
                return Ok((Node::Compare(comparison, Box::new(left.0), Box::new(right.0)), Type::Truth));
            }
        }
        if self.eat("in") {
            let (members, kind) = self.members()?;
            return Ok((Node::In(need(left, kind, "`in`")?, members), Type::Truth));
        }
        if self.eat("like") {
            let prefixes = self.prefixes()?;
            return Ok((Node::Like(need(left, Type::Text, "`like`")?, prefixes), Type::Truth));
        }
        Ok(left)
    }

    fn members(&mut self) -> Result<(Vec<Node>, Type), String> {
        self.expect("[")?;
        let mut members = Vec::new();
        let mut kind = None;
        loop {
            let (node, found) = self.literal().ok_or("`in` needs texts or numbers between [ and ]")?;
            if *kind.get_or_insert(found) != found {
                return Err("`in` mixes texts and numbers".to_owned());
            }
            members.push(node);
            if !self.eat(",") {
                break;
            }
        }
        self.expect("]")?;
        Ok((members, kind.unwrap_or(Type::Text)))
    }

    fn prefixes(&mut self) -> Result<Vec<Prefixes>, String> {
        self.expect("[")?;
        let mut prefixes = Vec::new();
        loop {
            let Some((Node::Text(text), _)) = self.literal() else {
                return Err("`like` needs prefixes in single quotes between [ and ]".to_owned());
            };
            prefixes.push(match text.split_once('-') {
                Some((from, to)) if from.len() == to.len() && from <= to && text.is_ascii() => {
                    Prefixes(from.to_owned(), to.to_owned())
                }
                Some(_) => return Err(format!("'{text}' is not a range: both ends need the same length, in order")),
                None => Prefixes(text.clone(), text),
            });
            if !self.eat(",") {
                break;
            }
        }
        self.expect("]")?;
        Ok(prefixes)
    }

    fn literal(&mut self) -> Option<Typed> {
        let found = match self.peek()? {
            Token::Text(text) => (Node::Text(text.clone()), Type::Text),
            Token::Number(number) => (Node::Number(*number), Type::Number),
            _ => return None,
        };
        self.at += 1;
        Some(found)
    }

    fn sum(&mut self) -> Result<Typed, String> {
        let mut left = self.product()?;
        loop {
            let make = if self.eat("+") {
                Node::Plus
            } else if self.eat("-") {
                Node::Minus
            } else {
                return Ok(left);
            };
            let right = need(self.product()?, Type::Number, "a sum")?;
            left = (make(need(left, Type::Number, "a sum")?, right), Type::Number);
        }
    }

    fn product(&mut self) -> Result<Typed, String> {
        let mut left = self.factor()?;
        while self.eat("*") {
            let right = need(self.factor()?, Type::Number, "a product")?;
            left = (Node::Times(need(left, Type::Number, "a product")?, right), Type::Number);
        }
        Ok(left)
    }

    fn factor(&mut self) -> Result<Typed, String> {
        if self.eat("(") {
            let inside = self.or()?;
            self.expect(")")?;
            return Ok(inside);
        }
        if self.eat("-") {
            let number = need(self.factor()?, Type::Number, "`-`")?;
            return Ok((Node::Minus(Box::new(Node::Number(Exact::ZERO)), number), Type::Number));
        }
        if let Some(literal) = self.literal() {
            return Ok(literal);
        }
        let Some(Token::Name(name)) = self.peek().cloned() else {
            let found = self.peek().map_or("the end".to_owned(), |token| format!("`{}`", token.show()));
            return Err(format!("a value is expected before {found}"));
        };
        self.at += 1;
        match name.as_str() {
            "true" | "false" => Ok((Node::Truth(name == "true"), Type::Truth)),
            "row" => Ok((Node::RowNumber(self.innermost("row")?), Type::Number)),
            "present" => self.present(),
            "any" => self.rows_of(Over::Any),
            "all" => self.rows_of(Over::All),
            "count" => self.rows_of(Over::Count),
            "sum" => self.rows_of(Over::Sum),
            "first" => self.rows_of(Over::First),
            _ if self.eat("(") => self.call(&name),
            "this.row" if self.each.is_some() => Ok((Node::RowNumber(From::This), Type::Number)),
            _ => {
                let (place, from) = self.field(&name)?;
                Ok((Node::Field(place, from), type_of(place)))
            }
        }
    }

    fn innermost(&self, name: &str) -> Result<From, String> {
        match (self.rows.len(), self.each) {
            (0, Some(_)) => Ok(From::This),
            (0, None) => Err(format!("`{name}` needs rows: the rule has no `each` and it stands in no any, all, …")),
            (depth, _) => Ok(From::Row(depth - 1)),
        }
    }

    /// `stay.admitted`, `this.code`, or a field of the innermost row.
    fn field(&self, name: &str) -> Result<(Place, From), String> {
        let in_part = |part: Part, field: &str, from: From| {
            let index = part.entries().iter().position(|entry| entry.name == field);
            index
                .map(|index| (Place { part, index }, from))
                .ok_or_else(|| format!("`{}` has no field `{field}`; it has {}", part.name(), names(part)))
        };
        match name.split_once('.') {
            Some(("this", field)) => match self.each {
                Some(part) => in_part(part, field, From::This),
                None => Err(format!("`{name}`: the rule has no `each`")),
            },
            Some((part, field)) => match Part::named(part) {
                Some(found) if found.has_rows() => {
                    Err(format!("`{name}`: there are rows of it; write first({part}, {field}) or any({part}, …)"))
                }
                Some(_) => by_path(name).map_or_else(
                    || in_part(Part::named(part).unwrap_or(Part::Basic), field, From::List),
                    |place| Ok((place, From::List)),
                ),
                None => {
                    Err(format!("`{part}` is no part of a list; parts are {}", Part::ALL.map(Part::name).join(", ")))
                }
            },
            None => {
                let from = self.innermost(name)?;
                let part = match from {
                    From::Row(depth) => self.rows[depth],
                    _ => self.each.unwrap_or(Part::Diagnoses),
                };
                in_part(part, name, from)
            }
        }
    }

    fn present(&mut self) -> Result<Typed, String> {
        self.expect("(")?;
        let Some(Token::Name(name)) = self.peek().cloned() else {
            return Err("present( ) needs a field".to_owned());
        };
        self.at += 1;
        let (place, from) = self.field(&name)?;
        self.expect(")")?;
        Ok((Node::Present(place, from), Type::Truth))
    }

    /// `any(diagnoses, code like ['S06'])` and its kin; `count(diagnoses)` counts all rows.
    fn rows_of(&mut self, over: Over) -> Result<Typed, String> {
        self.expect("(")?;
        let name = self.peek().map(Token::show).unwrap_or_default();
        let part = Part::named(&name).filter(|part| part.has_rows()).ok_or_else(|| {
            let rows: Vec<_> = Part::ALL.into_iter().filter(|part| part.has_rows()).map(Part::name).collect();
            format!("`{name}` has no rows; rows are {}", rows.join(", "))
        })?;
        self.at += 1;
        if over == Over::Count && self.eat(")") {
            return Ok((Node::Rows(over, part, Box::new(Node::Truth(true))), Type::Number));
        }
        self.expect(",")?;
        self.rows.push(part);
        let inside = self.or();
        self.rows.pop();
        let inside = inside?;
        self.expect(")")?;
        let (wanted, worth) = match over {
            Over::Any | Over::All => (Type::Truth, Type::Truth),
            Over::Count => (Type::Truth, Type::Number),
            Over::Sum => (Type::Number, Type::Number),
            Over::First => (inside.1, inside.1),
        };
        Ok((Node::Rows(over, part, need(inside, wanted, "the rows")?), worth))
    }

    fn call(&mut self, name: &str) -> Result<Typed, String> {
        let Some((_, function, wanted, worth)) = FUNCTIONS.iter().find(|(known, ..)| *known == name) else {
            let known: Vec<_> = FUNCTIONS.iter().map(|(known, ..)| *known).collect();
            return Err(format!(
                "there is no function `{name}`; there are {}, present, any, all, count, sum, first",
                known.join(", ")
            ));
        };
        let mut arguments = Vec::new();
        for (number, kind) in wanted.iter().enumerate() {
            if number > 0 {
                self.expect(",")?;
            }
            arguments.push(*need(self.or()?, *kind, &format!("{name}()"))?);
        }
        self.expect(")")?;
        if matches!(function, Function::Listed | Function::Official) && !matches!(arguments[0], Node::Text(_)) {
            return Err(format!("{name}() needs the name of a table in quotes first"));
        }
        Ok((Node::Call(*function, arguments), *worth))
    }
}

fn type_of(place: Place) -> Type {
    match place.entry().kind {
        Kind::Text => Type::Text,
        Kind::Whole | Kind::Decimal | Kind::Money | Kind::Minutes => Type::Number,
        Kind::Date | Kind::Moment => Type::Moment,
    }
}

fn names(part: Part) -> String {
    part.entries().iter().map(|entry| entry.name).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_that_make_no_sense_are_refused_with_the_way_out() {
        for (text, expected) in [
            ("stay.admited == 'x'", "has no field `admited`; it has kind, way_in"),
            ("diagnoses.code == 'x'", "first(diagnoses, code)"),
            ("code == 'x'", "needs rows"),
            ("this.code == 'x'", "no `each`"),
            ("stay.days == '3'", "compares a number with a text"),
            ("stay.days", "not something that can hold"),
            ("any(stay, true)", "has no rows"),
            ("hours(stay.admitted, stay.discharged) > 1", "no function `hours`"),
            ("stay.way_out in ['1', 2]", "mixes"),
            ("stay.way_out like ['C51-C5']", "not a range"),
            ("stay.way_out == 'x", "closing quote"),
            ("stay.days > 1 stay.days", "was not expected"),
            ("stay.days > ", "a value is expected before the end"),
            ("not stay.days", "`not` needs a truth"),
            ("elsewhere.days > 1", "no part of a list"),
            ("listed(stay.kind, stay.kind)", "name of a table"),
        ] {
            let error = truth(text, None).expect_err(text);
            assert!(error.contains(expected), "{text}: {error}");
        }
    }
}
