//! Reads the text of a formula into a tree; names are resolved later, by whoever knows
//! what may be named: the law here, and `payment`, whose plans use the same language.

use terms::Exact;

use crate::expr::Binary;

/// A piece of a formula and where it begins in the text.
#[derive(Debug, Clone)]
pub struct Node {
    /// Byte offset in the formula's text.
    pub at: usize,
    /// What it is.
    pub kind: Kind,
}

/// What a piece of a formula is.
#[derive(Debug, Clone)]
pub enum Kind {
    /// A number; `85%` is 0.85.
    Number(Exact),
    /// A text in quotes.
    Text(String),
    /// A name, dots included.
    Name(String),
    /// A function and its arguments.
    Call(String, Vec<Node>),
    /// A list in brackets.
    List(Vec<Node>),
    /// `not a`.
    Not(Box<Node>),
    /// `-a`.
    Minus(Box<Node>),
    /// Two operands.
    Binary(Binary, Box<Node>, Box<Node>),
    /// `a in [b, c]`.
    OneOf(Box<Node>, Vec<Node>),
    /// `if a then b else c`.
    If(Box<Node>, Box<Node>, Box<Node>),
}

impl Node {
    /// The first number other than 0 and 1 that is a parameter rather than part of a
    /// mechanism (a number of decimals, a place in a list).
    #[must_use]
    pub fn number_of_the_law(&self) -> Option<Exact> {
        match &self.kind {
            Kind::Number(number) => (*number != Exact::ZERO && *number != Exact::ONE).then_some(*number),
            Kind::Text(_) | Kind::Name(_) => None,
            Kind::Call(name, list) if name == "round_to" => list.first().and_then(Node::number_of_the_law),
            Kind::Call(_, list) | Kind::List(list) => list.iter().find_map(Node::number_of_the_law),
            Kind::Not(a) | Kind::Minus(a) => a.number_of_the_law(),
            Kind::Binary(_, a, b) => a.number_of_the_law().or_else(|| b.number_of_the_law()),
            Kind::OneOf(a, list) => a.number_of_the_law().or_else(|| list.iter().find_map(Node::number_of_the_law)),
            Kind::If(a, b, c) => [a, b, c].into_iter().find_map(|part| part.number_of_the_law()),
        }
    }
}

/// What is wrong with the text, and where.
#[derive(Debug)]
pub struct Mistake {
    /// Byte offset in the formula's text.
    pub at: usize,
    /// What is wrong, in words.
    pub message: String,
}

#[derive(Debug, Clone, PartialEq)]
enum Token {
    Number(Exact),
    Text(String),
    Word(String),
    Sign(&'static str),
    End,
}

const SIGNS: [&str; 16] = ["==", "!=", "<=", ">=", "<", ">", "+", "-", "*", "/", "(", ")", "[", "]", ",", "="];

/// Reads a formula.
///
/// # Errors
/// [`Mistake`] with the place of the first slip.
pub fn parse(text: &str) -> Result<Node, Mistake> {
    let mut parser = Parser { tokens: tokens(text)?, next: 0, depth: 0 };
    let node = parser.expression()?;
    match parser.peek() {
        Token::End => Ok(node),
        other => Err(Mistake { at: parser.at(), message: format!("{} is not expected here", show(other)) }),
    }
}

fn show(token: &Token) -> String {
    match token {
        Token::Number(number) => format!("the number {number}"),
        Token::Text(text) => format!("the text '{text}'"),
        Token::Word(word) => format!("“{word}”"),
        Token::Sign("=") => "a single = (write == to compare)".to_owned(),
        Token::Sign(sign) => format!("“{sign}”"),
        Token::End => "the end of the formula".to_owned(),
    }
}

fn tokens(text: &str) -> Result<Vec<(usize, Token)>, Mistake> {
    let mut found = Vec::new();
    let mut rest = text;
    loop {
        rest = rest.trim_start();
        let at = text.len() - rest.len();
        let Some(first) = rest.chars().next() else {
            found.push((at, Token::End));
            return Ok(found);
        };
        let (token, length) = if first.is_ascii_digit() {
            number(rest, at)?
        } else if first == '\'' || first == '"' {
            let inner = &rest[1..];
            let end = inner
                .find(first)
                .ok_or(Mistake { at, message: format!("the text that begins here has no closing {first}") })?;
            (Token::Text(inner[..end].to_owned()), end + 2)
        } else if first.is_alphabetic() || first == '_' {
            let end = rest.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '.')).unwrap_or(rest.len());
            (Token::Word(rest[..end].to_owned()), end)
        } else if let Some(sign) = SIGNS.iter().find(|sign| rest.starts_with(**sign)) {
            (Token::Sign(sign), sign.len())
        } else {
            return Err(Mistake { at, message: format!("“{first}” has no meaning in a formula") });
        };
        found.push((at, token));
        rest = &rest[length..];
    }
}

fn number(rest: &str, at: usize) -> Result<(Token, usize), Mistake> {
    let end = rest.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(rest.len());
    let digits = &rest[..end];
    let bad = || Mistake { at, message: format!("“{digits}” is not a number with at most six decimals") };
    let scaled: terms::UnitPrice = digits.parse().map_err(|_| bad())?;
    if rest[end..].starts_with('%') {
        return Ok((Token::Number(Exact::from_scaled(scaled.0, 8)), end + 1));
    }
    Ok((Token::Number(Exact::from(scaled)), end))
}

struct Parser {
    tokens: Vec<(usize, Token)>,
    next: usize,
    depth: usize,
}

/// Formulas nested deeper than this are refused, so that reading one never overflows.
const DEPTH_MAX: usize = 60;

impl Parser {
    fn peek(&self) -> &Token {
        &self.tokens[self.next].1
    }

    fn at(&self) -> usize {
        self.tokens[self.next].0
    }

    fn take(&mut self) -> (usize, Token) {
        let token = self.tokens[self.next].clone();
        if self.next + 1 < self.tokens.len() {
            self.next += 1;
        }
        token
    }

    fn word(&mut self, word: &str) -> bool {
        let found = matches!(self.peek(), Token::Word(w) if w == word);
        if found {
            self.take();
        }
        found
    }

    fn sign(&mut self, sign: &str) -> bool {
        let found = matches!(self.peek(), Token::Sign(s) if *s == sign);
        if found {
            self.take();
        }
        found
    }

    fn expect(&mut self, sign: &'static str) -> Result<(), Mistake> {
        if self.sign(sign) {
            return Ok(());
        }
        Err(Mistake { at: self.at(), message: format!("“{sign}” is missing before {}", show(self.peek())) })
    }

    fn expression(&mut self) -> Result<Node, Mistake> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err(Mistake {
                at: self.at(),
                message: "the formula is nested too deeply; name a part of it as a [[value]]".to_owned(),
            });
        }
        let at = self.at();
        let node = if self.word("if") {
            let condition = self.expression()?;
            let then = if self.word("then") { self.expression()? } else { return Err(self.missing("then")) };
            let other = if self.word("else") { self.expression()? } else { return Err(self.missing("else")) };
            Node { at, kind: Kind::If(Box::new(condition), Box::new(then), Box::new(other)) }
        } else {
            self.either()?
        };
        self.depth -= 1;
        Ok(node)
    }

    fn missing(&self, word: &str) -> Mistake {
        Mistake {
            at: self.at(),
            message: format!("“{word}” is missing before {}: write if … then … else …", show(self.peek())),
        }
    }

    fn either(&mut self) -> Result<Node, Mistake> {
        let mut left = self.both()?;
        loop {
            let at = self.at();
            if !self.word("or") {
                return Ok(left);
            }
            let right = self.both()?;
            left = Node { at, kind: Kind::Binary(Binary::Or, Box::new(left), Box::new(right)) };
        }
    }

    fn both(&mut self) -> Result<Node, Mistake> {
        let mut left = self.negation()?;
        loop {
            let at = self.at();
            if !self.word("and") {
                return Ok(left);
            }
            let right = self.negation()?;
            left = Node { at, kind: Kind::Binary(Binary::And, Box::new(left), Box::new(right)) };
        }
    }

    fn negation(&mut self) -> Result<Node, Mistake> {
        let at = self.at();
        if self.word("not") {
            let inner = self.negation()?;
            return Ok(Node { at, kind: Kind::Not(Box::new(inner)) });
        }
        self.comparison()
    }

    fn comparison(&mut self) -> Result<Node, Mistake> {
        let left = self.sum()?;
        let at = self.at();
        let negated = matches!((self.peek(), self.tokens.get(self.next + 1)), (Token::Word(w), Some((_, Token::Word(v)))) if w == "not" && v == "in");
        if negated {
            self.take();
        }
        if self.word("in") {
            self.expect("[")?;
            let list = self.items("]")?;
            let node = Node { at, kind: Kind::OneOf(Box::new(left), list) };
            return Ok(if negated { Node { at, kind: Kind::Not(Box::new(node)) } } else { node });
        }
        let operator = match self.peek() {
            Token::Sign("==") => Binary::Equal,
            Token::Sign("!=") => Binary::Unequal,
            Token::Sign("<") => Binary::Less,
            Token::Sign("<=") => Binary::AtMost,
            Token::Sign(">") => Binary::More,
            Token::Sign(">=") => Binary::AtLeast,
            _ => return Ok(left),
        };
        self.take();
        let right = self.sum()?;
        Ok(Node { at, kind: Kind::Binary(operator, Box::new(left), Box::new(right)) })
    }

    fn sum(&mut self) -> Result<Node, Mistake> {
        let mut left = self.product()?;
        loop {
            let at = self.at();
            let operator = if self.sign("+") {
                Binary::Add
            } else if self.sign("-") {
                Binary::Subtract
            } else {
                return Ok(left);
            };
            let right = self.product()?;
            left = Node { at, kind: Kind::Binary(operator, Box::new(left), Box::new(right)) };
        }
    }

    fn product(&mut self) -> Result<Node, Mistake> {
        let mut left = self.unary()?;
        loop {
            let at = self.at();
            let operator = if self.sign("*") {
                Binary::Multiply
            } else if self.sign("/") {
                Binary::Divide
            } else {
                return Ok(left);
            };
            let right = self.unary()?;
            left = Node { at, kind: Kind::Binary(operator, Box::new(left), Box::new(right)) };
        }
    }

    fn unary(&mut self) -> Result<Node, Mistake> {
        let at = self.at();
        if self.sign("-") {
            let inner = self.primary()?;
            return Ok(Node { at, kind: Kind::Minus(Box::new(inner)) });
        }
        self.primary()
    }

    fn primary(&mut self) -> Result<Node, Mistake> {
        let (at, token) = self.take();
        let kind = match token {
            Token::Number(number) => Kind::Number(number),
            Token::Text(text) => Kind::Text(text),
            Token::Word(word) if ["and", "or", "in", "then", "else", "if"].contains(&word.as_str()) => {
                return Err(Mistake { at, message: format!("“{word}” is not expected here") });
            }
            Token::Word(word) => {
                if self.sign("(") {
                    Kind::Call(word, self.items(")")?)
                } else {
                    Kind::Name(word)
                }
            }
            Token::Sign("(") => {
                let inner = self.expression()?;
                self.expect(")")?;
                return Ok(inner);
            }
            Token::Sign("[") => Kind::List(self.items("]")?),
            other => {
                return Err(Mistake {
                    at,
                    message: format!("{} stands where a name, a number or a text should be", show(&other)),
                });
            }
        };
        Ok(Node { at, kind })
    }

    fn items(&mut self, close: &'static str) -> Result<Vec<Node>, Mistake> {
        let mut items = Vec::new();
        if self.sign(close) {
            return Ok(items);
        }
        loop {
            items.push(self.expression()?);
            if self.sign(close) {
                return Ok(items);
            }
            self.expect(",")?;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mistake(text: &str) -> String {
        parse(text).map(|node| format!("{node:?}")).unwrap_err().message
    }

    #[test]
    fn formulas_read_as_people_write_them() {
        for text in [
            "in_scope - deductible",
            "max(0, standard - chain.paid) * 60%",
            "if insutype == '310' then 1 else 2",
            "med_type in ['21', '22'] and not segment.first or a >= 3",
            "med_type not in [\"21\"]",
            "(a + b) * -c",
        ] {
            assert!(parse(text).is_ok(), "{text}");
        }
    }

    #[test]
    fn a_slip_is_told_in_words() {
        assert_eq!(mistake("a = 1"), "a single = (write == to compare) is not expected here");
        assert_eq!(mistake("'open"), "the text that begins here has no closing '");
        assert_eq!(mistake("if a then b"), "“else” is missing before the end of the formula: write if … then … else …");
        assert_eq!(mistake("max(a b)"), "“,” is missing before “b”");
        assert_eq!(mistake("a +"), "the end of the formula stands where a name, a number or a text should be");
        assert_eq!(mistake("a § b"), "“§” has no meaning in a formula");
        assert!(mistake(&"(".repeat(5000)).contains("nested too deeply"));
    }
}
