//! Names of a formula: what each stands for, and whether its kind fits.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use policy::Binary;
use policy::formula::{Kind as Tree, Mistake, Node, parse};

use crate::expr::{Expr, Fact, Formula, Kind, Name, Scope};
use crate::format::Text;
use crate::number::Fraction;
use crate::plan::{Declared, Key, Param};
use crate::source::Reporter;

/// What has been defined so far, by name.
#[derive(Default)]
pub(crate) struct Names {
    pub params: HashMap<String, usize>,
    pub param_keys: Vec<(Arc<str>, Vec<Key>, Kind)>,
    pub values: HashMap<String, (usize, Kind)>,
    pub declared: Vec<Declared>,
    pub flags: BTreeSet<String>,
    pub classes: BTreeSet<String>,
    pub used: BTreeSet<String>,
}

impl Names {
    pub fn add_param(&mut self, param: &Param) {
        self.params.insert(param.id.to_string(), self.param_keys.len());
        self.param_keys.push((param.id.clone(), param.keys.clone(), param.unit.kind()));
    }

    /// Whether the name stands for something already.
    pub fn taken(&self, id: &str) -> bool {
        self.params.contains_key(id)
            || self.values.contains_key(id)
            || self.declared.iter().any(|declared| &*declared.id == id)
            || Fact::ALL.iter().any(|fact| fact.name() == id)
    }

    /// A text fact that can be a key.
    pub fn key(&self, id: &str) -> Option<Key> {
        if let Some(fact) = Fact::ALL.iter().find(|fact| fact.name() == id && fact.kind() == Kind::Text) {
            return Some(Key::Fact(*fact));
        }
        let at = self.declared.iter().position(|declared| &*declared.id == id && declared.kind == Kind::Text)?;
        Some(Key::Declared(at))
    }

    /// Reads a formula that must yield `wants`.
    pub fn formula(&mut self, text: &Text, scope: Scope, wants: Kind, reporter: &mut Reporter<'_>) -> Option<Formula> {
        let formula = self.any_formula(text, scope, reporter)?;
        if formula.kind.with(wants).is_none() {
            let (got, wanted) = (formula.kind.words(), wants.words());
            reporter.error(text.span().start, format!("this formula yields {got}, {wanted} is needed here"));
            return None;
        }
        Some(Formula { kind: wants, ..formula })
    }

    /// Reads a formula of whatever kind.
    pub fn any_formula(&mut self, text: &Text, scope: Scope, reporter: &mut Reporter<'_>) -> Option<Formula> {
        let written: &str = text.as_ref();
        let start = text.span().start;
        let read = parse(written).and_then(|node| {
            if let Some(number) = node.number_of_the_law() {
                let message = format!(
                    "the number {number} stands in a formula; put it into a [[param]] with its date and article"
                );
                reporter.warn(start, message);
            }
            self.expr(&node, scope)
        });
        match read {
            Ok((expr, kind)) => Some(Formula { text: written.into(), expr, kind }),
            Err(Mistake { at, message }) => {
                reporter.error(start + 1 + at, format!("in the formula “{written}”: {message}"));
                None
            }
        }
    }

    fn name(&mut self, name: &str, at: usize, scope: Scope) -> Result<(Expr, Kind), Mistake> {
        if let "true" | "false" = name {
            return Ok((Expr::Flag(name == "true"), Kind::Flag));
        }
        if let Some(fact) = Fact::ALL.iter().find(|fact| fact.name() == name) {
            if fact.known_in(scope) {
                return Ok((Expr::Name(Name::Fact(*fact)), fact.kind()));
            }
            return Err(Mistake { at, message: format!("“{name}” is not known here") });
        }
        if let Some(flag) = name.strip_prefix("flag.") {
            if !self.flags.contains(flag) {
                return Err(Mistake {
                    at, message: format!("the flag “{flag}” is not among `flags` of [weights]")
                });
            }
            let case = Fact::Weight.known_in(scope);
            return if case {
                Ok((Expr::Name(Name::GroupFlag(flag.into())), Kind::Flag))
            } else {
                Err(Mistake { at, message: "a group's flag is known of a case only".to_owned() })
            };
        }
        if let Some(index) = self.params.get(name) {
            let (id, keys, kind) = &self.param_keys[*index];
            for key in keys {
                let known = match key {
                    Key::Fact(fact) => fact.known_in(scope),
                    Key::Declared(_) => Fact::Fee.known_in(scope),
                };
                if !known {
                    return Err(Mistake {
                        at, message: format!("“{name}” is found by a key that is not known here")
                    });
                }
            }
            self.used.insert(id.to_string());
            return Ok((Expr::Name(Name::Param(*index)), *kind));
        }
        if let Some((index, kind)) = self.values.get(name) {
            if !Fact::Fee.known_in(scope) {
                return Err(Mistake {
                    at, message: format!("the value “{name}” is of a case, and not known here")
                });
            }
            self.used.insert(name.to_owned());
            return Ok((Expr::Name(Name::Value(*index)), *kind));
        }
        if let Some(index) = self.declared.iter().position(|declared| &*declared.id == name)
            && Fact::Fee.known_in(scope)
        {
            return Ok((Expr::Name(Name::Declared(index)), self.declared[index].kind));
        }
        Err(Mistake {
            at,
            message: format!("nothing is named “{name}”; a [[value]] may use only what stands above it"),
        })
    }

    fn expr(&mut self, node: &Node, scope: Scope) -> Result<(Expr, Kind), Mistake> {
        let at = node.at;
        Ok(match &node.kind {
            Tree::Number(number) => {
                let number = Fraction::from(*number);
                let kind = if number.is_zero() { Kind::Zero } else { Kind::Number };
                (Expr::Number(number), kind)
            }
            Tree::Text(text) => (Expr::Text(text.as_str().into()), Kind::Text),
            Tree::Name(name) => self.name(name, at, scope)?,
            Tree::Not(inner) => (Expr::Not(Box::new(self.wanted(inner, scope, Kind::Flag)?)), Kind::Flag),
            Tree::Minus(inner) => {
                let (inner, kind) = self.amount(inner, scope)?;
                (Expr::Minus(Box::new(inner)), kind)
            }
            Tree::Binary(op, a, b) => self.binary(*op, a, b, at, scope)?,
            Tree::OneOf(item, list) => {
                let (item, kind) = self.expr(item, scope)?;
                let list = list.iter().map(|entry| self.wanted(entry, scope, kind)).collect::<Result<_, _>>()?;
                (Expr::OneOf(Box::new(item), list), Kind::Flag)
            }
            Tree::If(condition, then, other) => {
                let condition = self.wanted(condition, scope, Kind::Flag)?;
                let (then, a) = self.expr(then, scope)?;
                let (other, b) = self.expr(other, scope)?;
                let kind = a.with(b).ok_or_else(|| Mistake {
                    at,
                    message: format!("the two answers of “if” are {} and {}", a.words(), b.words()),
                })?;
                (Expr::If(Box::new(condition), Box::new(then), Box::new(other)), kind)
            }
            Tree::Call(name, arguments) => self.call(name, arguments, at, scope)?,
            Tree::List(_) => return Err(Mistake { at, message: "a list may stand only after “in”".to_owned() }),
        })
    }

    fn wanted(&mut self, node: &Node, scope: Scope, wants: Kind) -> Result<Expr, Mistake> {
        let (expr, kind) = self.expr(node, scope)?;
        if kind.with(wants).is_none() {
            let message = format!("{} stands where {} is needed", kind.words(), wants.words());
            return Err(Mistake { at: node.at, message });
        }
        Ok(expr)
    }

    fn amount(&mut self, node: &Node, scope: Scope) -> Result<(Expr, Kind), Mistake> {
        let (expr, kind) = self.expr(node, scope)?;
        match kind {
            Kind::Text | Kind::Flag => {
                Err(Mistake { at: node.at, message: format!("{} cannot be calculated with", kind.words()) })
            }
            _ => Ok((expr, kind)),
        }
    }

    fn binary(&mut self, op: Binary, a: &Node, b: &Node, at: usize, scope: Scope) -> Result<(Expr, Kind), Mistake> {
        let mismatch = |a: Kind, b: Kind, verb: &str| Mistake {
            at,
            message: format!("{} and {} cannot be {verb}", a.words(), b.words()),
        };
        let (left, right, kind) = match op {
            Binary::And | Binary::Or => {
                (self.wanted(a, scope, Kind::Flag)?, self.wanted(b, scope, Kind::Flag)?, Kind::Flag)
            }
            Binary::Equal | Binary::Unequal => {
                let ((x, a), (y, b)) = (self.expr(a, scope)?, self.expr(b, scope)?);
                a.with(b).ok_or_else(|| mismatch(a, b, "compared"))?;
                (x, y, Kind::Flag)
            }
            Binary::Less | Binary::AtMost | Binary::More | Binary::AtLeast => {
                let ((x, a), (y, b)) = (self.amount(a, scope)?, self.amount(b, scope)?);
                a.with(b).ok_or_else(|| mismatch(a, b, "compared"))?;
                (x, y, Kind::Flag)
            }
            Binary::Add | Binary::Subtract => {
                let ((x, a), (y, b)) = (self.amount(a, scope)?, self.amount(b, scope)?);
                let kind = a.with(b).ok_or_else(|| mismatch(a, b, "added"))?;
                (x, y, kind)
            }
            Binary::Multiply => {
                let ((x, a), (y, b)) = (self.amount(a, scope)?, self.amount(b, scope)?);
                let kind = match (a, b) {
                    (Kind::Money, Kind::Money) => return Err(mismatch(a, b, "multiplied")),
                    (Kind::Money, _) | (_, Kind::Money) => Kind::Money,
                    _ => Kind::Number,
                };
                (x, y, kind)
            }
            Binary::Divide => {
                let ((x, a), (y, b)) = (self.amount(a, scope)?, self.amount(b, scope)?);
                let kind = match (a, b) {
                    (Kind::Money, Kind::Money) | (Kind::Number | Kind::Zero, Kind::Number) => Kind::Number,
                    (Kind::Money, Kind::Number) => Kind::Money,
                    _ => return Err(mismatch(a, b, "divided")),
                };
                (x, y, kind)
            }
        };
        Ok((Expr::Binary(op, Box::new(left), Box::new(right)), kind))
    }

    fn call(&mut self, name: &str, arguments: &[Node], at: usize, scope: Scope) -> Result<(Expr, Kind), Mistake> {
        match (name, arguments) {
            ("min" | "max", [first, rest @ ..]) if !rest.is_empty() => {
                let (first, mut kind) = self.amount(first, scope)?;
                let mut list = vec![first];
                for node in rest {
                    let (expr, other) = self.amount(node, scope)?;
                    kind = kind.with(other).ok_or_else(|| Mistake {
                        at: node.at,
                        message: format!("{} and {} cannot be compared", kind.words(), other.words()),
                    })?;
                    list.push(expr);
                }
                Ok((if name == "min" { Expr::Min(list) } else { Expr::Max(list) }, kind))
            }
            ("floor", [inner]) => Ok((Expr::Floor(Box::new(self.wanted(inner, scope, Kind::Number)?)), Kind::Number)),
            ("round_to", [inner, Node { kind: Tree::Number(places), .. }]) => {
                let (inner, kind) = self.amount(inner, scope)?;
                let places = places.as_whole().and_then(|n| u32::try_from(n).ok()).filter(|n| *n <= 10);
                let places =
                    places.ok_or_else(|| Mistake { at, message: "round_to takes 0 to 10 decimals".to_owned() })?;
                Ok((Expr::RoundTo(Box::new(inner), places, kind), kind))
            }
            ("per_day", [class]) => {
                if let Tree::Text(class) = &class.kind
                    && !self.classes.contains(class)
                {
                    return Err(Mistake { at, message: format!("there is no [[per_day]] of class “{class}”") });
                }
                if !Fact::Fee.known_in(scope) {
                    return Err(Mistake { at, message: "days are known of a case only".to_owned() });
                }
                Ok((Expr::PerDay(Box::new(self.wanted(class, scope, Kind::Text)?)), Kind::Money))
            }
            _ => Err(Mistake {
                at,
                message: format!(
                    "“{name}” with {} argument(s) is not a function: min, max, floor, round_to(x, places), per_day(class)",
                    arguments.len()
                ),
            }),
        }
    }
}
