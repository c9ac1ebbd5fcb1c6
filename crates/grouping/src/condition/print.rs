//! Writes a condition in the rule language, so that reading it again gives the same tree.

use std::fmt;

use super::tokens::is_word;
use super::{CodeList, Comparison, Condition, Measure, ProcedureCell, ProcedureTerm, SetRef, Shape};

/// How tightly the surrounding expression binds: a looser one inside needs brackets.
#[derive(Clone, Copy, PartialEq, PartialOrd)]
enum Around {
    Nothing,
    Or,
    And,
    Not,
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_in(self, Around::Nothing, f)
    }
}

fn write_in(condition: &Condition, around: Around, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match condition {
        Condition::Always(holds) => f.write_str(if *holds { "1" } else { "0" }),
        Condition::All(parts) => chain(parts, " and ", "1", Around::And, around >= Around::And, f),
        Condition::Any(parts) => chain(parts, " or ", "0", Around::Or, around >= Around::Or, f),
        Condition::Not(inner) => match &**inner {
            Condition::In { lists, sets } => membership(lists, " not in ", sets, &[], f),
            Condition::InExcept { lists, sets, except } => membership(lists, " not in ", sets, except, f),
            Condition::Is { field, values } => {
                write!(f, "{} not in ", field.name())?;
                braced(values, f, |value, f| quoted(value, f))
            }
            other => {
                f.write_str("not ")?;
                write_in(other, Around::Not, f)
            }
        },
        Condition::In { lists, sets } => membership(lists, " in ", sets, &[], f),
        Condition::InExcept { lists, sets, except } => membership(lists, " in ", sets, except, f),
        Condition::Measured { measure, set, lists, comparison, value } => {
            write!(f, "{}(", measure.name())?;
            if let Some(set) = set {
                write!(f, "{set}{}", if *measure == Measure::Outside { ", " } else { " ∩ " })?;
            }
            write_lists(lists, f)?;
            write!(f, ") {comparison} {value}")
        }
        Condition::Compare { field, comparison, value } => write!(f, "{} {comparison} {value}", field.name()),
        Condition::Is { field, values } => {
            write!(f, "{} in ", field.name())?;
            braced(values, f, |value, f| quoted(value, f))
        }
        Condition::Known(name) => write!(f, "known({name})"),
        Condition::Procedures(cell) => {
            f.write_str("procedures(")?;
            quoted(&cell.to_string(), f)?;
            f.write_str(")")
        }
    }
}

fn membership(
    lists: &[CodeList],
    word: &str,
    sets: &[SetRef],
    except: &[SetRef],
    f: &mut fmt::Formatter<'_>,
) -> fmt::Result {
    write_lists(lists, f)?;
    f.write_str(word)?;
    write_sets(sets, f)?;
    if except.is_empty() {
        return Ok(());
    }
    f.write_str(" except ")?;
    write_sets(except, f)
}

fn chain(
    parts: &[Condition],
    word: &str,
    empty: &str,
    inside: Around,
    brackets: bool,
    f: &mut fmt::Formatter<'_>,
) -> fmt::Result {
    if parts.is_empty() {
        return f.write_str(empty);
    }
    if brackets {
        f.write_str("(")?;
    }
    for (index, part) in parts.iter().enumerate() {
        if index > 0 {
            f.write_str(word)?;
        }
        write_in(part, inside, f)?;
    }
    if brackets { f.write_str(")") } else { Ok(()) }
}

fn write_lists(lists: &[CodeList], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    braced(lists, f, |list, f| f.write_str(list.name()))
}

fn write_sets(sets: &[SetRef], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    braced(sets, f, |set, f| write!(f, "{set}"))
}

fn braced<T>(
    items: &[T],
    f: &mut fmt::Formatter<'_>,
    write: impl Fn(&T, &mut fmt::Formatter<'_>) -> fmt::Result,
) -> fmt::Result {
    if let [one] = items {
        return write(one, f);
    }
    f.write_str("{")?;
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            f.write_str(", ")?;
        }
        write(item, f)?;
    }
    f.write_str("}")
}

fn quoted(text: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    write!(f, "'{}'", text.replace('\'', "''"))
}

fn word_or_quoted(text: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    if is_word(text) { f.write_str(text) } else { quoted(text, f) }
}

impl fmt::Display for SetRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SetRef::Named { name, tag } => {
                word_or_quoted(name, f)?;
                match tag {
                    None => Ok(()),
                    Some(tag) => {
                        f.write_str("#")?;
                        word_or_quoted(tag, f)
                    }
                }
            }
            SetRef::Here { shape, codes } => {
                f.write_str(match shape {
                    Shape::Code => "codes(",
                    Shape::Prefix => "prefix(",
                    Shape::Range => "range(",
                })?;
                for (index, code) in codes.iter().enumerate() {
                    if index > 0 {
                        f.write_str(", ")?;
                    }
                    quoted(code, f)?;
                }
                f.write_str(")")
            }
        }
    }
}

impl Measure {
    /// Its word in the rule language.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Measure::Entered => "count",
            Measure::Codes => "length",
            Measure::Outside => "outside",
            Measure::Tags => "tags",
            Measure::HighestTag => "highest",
            Measure::SumOfTags => "sum",
            Measure::SumOfHighest => "sum_of_highest",
        }
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Comparison::Less => "<",
            Comparison::LessOrEqual => "<=",
            Comparison::Equal => "=",
            Comparison::NotEqual => "<>",
            Comparison::GreaterOrEqual => ">=",
            Comparison::Greater => ">",
        })
    }
}

impl fmt::Display for ProcedureCell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, part) in self.parts.iter().enumerate() {
            if index > 0 {
                f.write_str("+")?;
            }
            for (index, term) in part.iter().enumerate() {
                if index > 0 {
                    f.write_str("/")?;
                }
                write!(f, "{term}")?;
            }
        }
        Ok(())
    }
}

impl fmt::Display for ProcedureTerm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.code)?;
        if self.prefix { f.write_str("*") } else { Ok(()) }
    }
}
