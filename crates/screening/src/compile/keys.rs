//! Reads the keys of a shape, each once and by its type; what is left over is unknown.

use crate::expr::{Expr, Mistake, Of, Resolver, Set, Type, V};
use crate::facts::{Parameter, number};
use crate::file::Keys;
use crate::knowledge::ColumnType;
use crate::rule::{Bound, Codes, Per, Selector, SpanKey, WindowKey};
use crate::span::{Span, Window};
use std::collections::BTreeMap;
use std::sync::Arc;
use toml::{Spanned, Value};

/// What is wrong with a key, with its place in the file.
#[derive(Debug)]
pub(crate) struct Slip {
    pub offset: usize,
    pub message: String,
}

type Read<T> = Result<T, Slip>;

/// The keys of a shape or of a selection in it.
pub(crate) struct Reader<'k> {
    keys: BTreeMap<&'k str, (usize, &'k Value)>,
    /// Where the whole stands.
    pub offset: usize,
    what: String,
}

impl<'k> Reader<'k> {
    pub fn new(keys: &'k Keys, offset: usize, what: &str) -> Reader<'k> {
        let keys = keys.iter().map(|(name, value)| (name.as_str(), (value.span().start, value.get_ref()))).collect();
        Reader { keys, offset, what: what.to_owned() }
    }

    fn inner(value: &'k Value, offset: usize, what: &str) -> Read<Reader<'k>> {
        let Value::Table(table) = value else {
            return Err(Slip {
                offset,
                message: format!("{what} is a table such as {{ of = \"line\", codes = \"row.code\" }}"),
            });
        };
        let keys = table.iter().map(|(name, value)| (name.as_str(), (offset, value))).collect();
        Ok(Reader { keys, offset, what: what.to_owned() })
    }

    pub fn take(&mut self, name: &str) -> Option<(usize, &'k Value)> {
        self.keys.remove(name)
    }

    pub fn need(&mut self, name: &str) -> Read<(usize, &'k Value)> {
        self.take(name)
            .ok_or_else(|| Slip { offset: self.offset, message: format!("{} needs “{name}”", self.what) })
    }

    /// What nobody asked for.
    pub fn finish(self) -> Read<()> {
        match self.keys.into_iter().next() {
            Some((name, (offset, _))) => {
                Err(Slip { offset, message: format!("{} has no key “{name}”", self.what) })
            }
            None => Ok(()),
        }
    }

    pub fn text(&mut self, name: &str) -> Read<Option<(usize, &'k str)>> {
        match self.take(name) {
            None => Ok(None),
            Some((offset, Value::String(text))) => Ok(Some((offset, text))),
            Some((offset, _)) => Err(Slip { offset, message: format!("{name} is a text") }),
        }
    }

    pub fn flag(&mut self, name: &str) -> Read<bool> {
        match self.take(name) {
            None => Ok(false),
            Some((_, Value::Boolean(yes))) => Ok(*yes),
            Some((offset, _)) => Err(Slip { offset, message: format!("{name} is true or false") }),
        }
    }

    pub fn whole(&mut self, name: &str, otherwise: i64, resolver: &Resolver) -> Read<i64> {
        match self.take(name) {
            None => Ok(otherwise),
            Some((_, Value::Integer(number))) => Ok(*number),
            Some((offset, Value::String(text))) => match text
                .strip_prefix("param.")
                .and_then(|name| resolver.parameters.get(name))
            {
                Some(Parameter::Number(number)) => Ok(i64::try_from(number / crate::expr::ONE).unwrap_or(otherwise)),
                _ => Err(Slip { offset, message: format!("{name} is a whole number or param.NAME of one") }),
            },
            Some((offset, _)) => Err(Slip { offset, message: format!("{name} is a whole number") }),
        }
    }

    /// A formula of a type.
    pub fn formula(&mut self, name: &str, wanted: Type, resolver: &mut Resolver) -> Read<Option<Expr>> {
        let Some((offset, value)) = self.take(name) else { return Ok(None) };
        formula(offset, value, wanted, resolver).map(Some)
    }

    /// Formulas of any type.
    pub fn formulas(&mut self, name: &str, resolver: &mut Resolver) -> Read<Vec<Expr>> {
        let Some((offset, value)) = self.take(name) else { return Ok(Vec::new()) };
        let Value::Array(items) = value else {
            return Err(Slip { offset, message: format!("{name} is a list of fields") });
        };
        items
            .iter()
            .map(|item| match item {
                Value::String(text) => resolver.any(text).map(|(expr, _)| expr).map_err(|slip| placed(offset, slip)),
                _ => Err(Slip { offset, message: format!("{name} is a list of fields") }),
            })
            .collect()
    }

    pub fn set(&mut self, name: &str, resolver: &mut Resolver) -> Read<Option<Set>> {
        let Some((offset, value)) = self.take(name) else { return Ok(None) };
        set(offset, name, value, resolver).map(Some)
    }

    pub fn column(&mut self, name: &str, resolver: &Resolver) -> Read<Option<u16>> {
        let Some((offset, text)) = self.text(name)? else { return Ok(None) };
        column(offset, name, text, resolver).map(Some)
    }

    pub fn window(&mut self, name: &str, resolver: &mut Resolver) -> Read<Option<WindowKey>> {
        let Some((offset, text)) = self.text(name)? else { return Ok(None) };
        if text.starts_with("row.") {
            let place = typed_column(offset, name, text, ColumnType::Window, resolver)?;
            return Ok(Some(WindowKey::Row(place, resolver.facts.number(text))));
        }
        let text = parameter_text(text, resolver).unwrap_or_else(|| text.to_owned());
        match Window::read(&text) {
            Some(window) => Ok(Some(WindowKey::Const(window))),
            None => Err(Slip { offset, message: format!("“{text}” is no window; there are {}", Window::WORDS) }),
        }
    }

    pub fn span(&mut self, name: &str, resolver: &mut Resolver) -> Read<Option<SpanKey>> {
        let Some((offset, value)) = self.take(name) else { return Ok(None) };
        let text = match value {
            Value::Integer(days) => return Ok(Some(SpanKey::Const(Span::Days(*days)))),
            Value::String(text) => text,
            _ => return Err(Slip { offset, message: format!("{name} is a length of time, such as '14d'") }),
        };
        if text.starts_with("row.") {
            let place = typed_column(offset, name, text, ColumnType::Span, resolver)?;
            return Ok(Some(SpanKey::Row(place, resolver.facts.number(text))));
        }
        let text = parameter_text(text, resolver).unwrap_or_else(|| text.clone());
        match Span::read(&text) {
            Some(span) => Ok(Some(SpanKey::Const(span))),
            None => Err(Slip {
                offset,
                message: format!("{name}: “{text}” is not a length of time, such as 36h, 14d, 6m, 3y"),
            }),
        }
    }

    /// A bound; of an age a length of time, a bare number years.
    pub fn bound(&mut self, name: &str, of_age: bool, resolver: &mut Resolver) -> Read<Option<Bound>> {
        if !of_age {
            return Ok(self.formula(name, Type::Number, resolver)?.map(Bound::Number));
        }
        let Some((offset, value)) = self.take(name) else { return Ok(None) };
        match value {
            Value::Integer(_) | Value::Float(_) => Ok(number(value).map(|number| Bound::Span(years(number)))),
            Value::String(text) if text.starts_with("row.") => {
                let (own, otherwise) = text
                    .split_once(" else ")
                    .map_or((text.as_str(), None), |(own, other)| (own.trim(), Some(other.trim())));
                let place = column(offset, name, own, resolver)?;
                let otherwise = otherwise.map(|text| age(offset, name, text, resolver)).transpose()?;
                Ok(Some(Bound::Row(place, otherwise)))
            }
            Value::String(text) => age(offset, name, text, resolver).map(|span| Some(Bound::Span(span))),
            _ => Err(Slip { offset, message: format!("{name} is an age, such as '28d', '6m', '3y'") }),
        }
    }

    /// `per` and `group`.
    pub fn per(&mut self, resolver: &Resolver) -> Read<Per> {
        let per = self.text("per")?;
        if let Some(place) = self.column("group", resolver)? {
            return Ok(Per::Column(place));
        }
        match per {
            None | Some((_, "row")) => Ok(Per::Row),
            Some((_, "code")) => Ok(Per::Code),
            Some((_, "all")) => Ok(Per::All),
            Some((offset, text)) => Err(Slip { offset, message: format!("per is row, code or all, not “{text}”") }),
        }
    }

    /// A selection in a table of its own. `default`: the column that is meant when `codes` is not
    /// written.
    pub fn selection(&mut self, name: &str, default: Option<u16>, resolver: &mut Resolver) -> Read<Option<Selector>> {
        let Some((offset, value)) = self.take(name) else { return Ok(None) };
        let mut reader = Reader::inner(value, offset, name)?;
        let selector = reader.selector(Of::Line, default, resolver)?;
        reader.finish()?;
        Ok(Some(selector))
    }

    /// `of`, `codes` and, inside a selection, `when`.
    pub fn selector(&mut self, otherwise: Of, default: Option<u16>, resolver: &mut Resolver) -> Read<Selector> {
        let of = match self.text("of")? {
            None => otherwise,
            Some((offset, word)) => Of::read(word).ok_or_else(|| Slip {
                offset,
                message: format!("of is line, diagnosis, procedure, visit or person, not “{word}”"),
            })?,
        };
        let codes = match self.take("codes") {
            None => default.map_or(Codes::All, Codes::Rows),
            Some((_, Value::String(text))) if text == "all" => Codes::All,
            Some((offset, value)) => match set(offset, "codes", value, resolver)? {
                Set::Const(codes) => Codes::These(codes),
                Set::Row(column, _) => Codes::Rows(column),
                Set::Table(_) => {
                    return Err(Slip {
                        offset,
                        message: "codes come from row.column, param.name or a list".to_owned(),
                    });
                }
            },
        };
        let mine = std::mem::replace(&mut resolver.of, of);
        let when = self.formula("when", Type::Flag, resolver);
        resolver.of = mine;
        Ok(Selector { of, codes, when: when? })
    }
}

fn years(number: i128) -> Span {
    Span::Months(i64::try_from(number / crate::expr::ONE).unwrap_or(0) * 12)
}

/// An age as a text or a parameter; a parameter that is a number is years.
fn age(offset: usize, name: &str, text: &str, resolver: &Resolver) -> Read<Span> {
    if let Some(Parameter::Number(number)) =
        text.strip_prefix("param.").and_then(|parameter| resolver.parameters.get(parameter))
    {
        return Ok(years(*number));
    }
    let text = parameter_text(text, resolver).unwrap_or_else(|| text.to_owned());
    Span::read(&text)
        .ok_or_else(|| Slip { offset, message: format!("{name}: “{text}” is not an age, such as 28d, 6m, 3y") })
}

/// A number or the text of a formula.
pub(crate) fn formula(offset: usize, value: &Value, wanted: Type, resolver: &mut Resolver) -> Read<Expr> {
    match value {
        Value::String(text) => resolver.formula(text, wanted).map_err(|slip| placed(offset, slip)),
        Value::Integer(_) | Value::Float(_) if wanted == Type::Number => match number(value) {
            Some(number) => Ok(Expr::Const(V::Num(number))),
            None => Err(Slip { offset, message: "the number is too large or has more than ten decimals".to_owned() }),
        },
        Value::Boolean(yes) if wanted == Type::Flag => Ok(Expr::truth(*yes)),
        _ => Err(Slip { offset, message: format!("{} or a formula in quotes is wanted here", wanted.words()) }),
    }
}

fn set(offset: usize, name: &str, value: &Value, resolver: &mut Resolver) -> Read<Set> {
    match value {
        Value::String(text) if text.starts_with("row.") || text.starts_with("param.") => {
            resolver.set_name(0, text).map_err(|slip| placed(offset, slip))
        }
        Value::String(text) if text.starts_with("table(") => {
            let table = text["table(".len()..].trim_end_matches(')').trim_matches(['\'', '"', ' ']);
            match resolver.tables.number(table, resolver.symbols) {
                Some(number) => Ok(Set::Table(number)),
                None => Err(Slip { offset, message: format!("{name}: there is no knowledge table “{table}”") }),
            }
        }
        Value::String(text) => Ok(Set::Const(Arc::new(crate::codes::CodeSet::read(text.split('|'), resolver.symbols)))),
        Value::Array(items) => {
            let words: Option<Vec<&str>> = items.iter().map(Value::as_str).collect();
            let words =
                words.ok_or_else(|| Slip { offset, message: format!("{name} is a list of codes in quotes") })?;
            Ok(Set::Const(Arc::new(crate::codes::CodeSet::read(words, resolver.symbols))))
        }
        _ => Err(Slip {
            offset,
            message: format!("{name}: codes are wanted here, such as [\"I21*\"], \"row.column\" or \"param.name\""),
        }),
    }
}

fn column(offset: usize, name: &str, text: &str, resolver: &Resolver) -> Read<u16> {
    let bare = text.strip_prefix("row.").unwrap_or(text);
    match resolver.columns.iter().position(|(known, _)| known == bare) {
        Some(place) => Ok(u16::try_from(place).unwrap_or(u16::MAX)),
        None => Err(Slip { offset, message: format!("{name}: “{bare}” is not among the columns of [knowledge]") }),
    }
}

fn typed_column(offset: usize, name: &str, text: &str, wanted: ColumnType, resolver: &Resolver) -> Read<u16> {
    let place = column(offset, name, text, resolver)?;
    if resolver.columns[usize::from(place)].1 == wanted {
        return Ok(place);
    }
    let word = format!("{wanted:?}").to_lowercase();
    Err(Slip { offset, message: format!("{name}: declare {text} as \"{word}\" in [knowledge] columns") })
}

fn parameter_text(text: &str, resolver: &Resolver) -> Option<String> {
    match resolver.parameters.get(text.strip_prefix("param.")?)? {
        Parameter::Text(text) => Some(text.clone()),
        Parameter::Number(number) => Some((number / crate::expr::ONE).to_string()),
        _ => None,
    }
}

/// A slip in a formula, in its file: the text begins after its quote.
pub(crate) fn placed(offset: usize, slip: Mistake) -> Slip {
    Slip { offset: offset + 1 + slip.at, message: slip.message }
}

/// A text with its place.
pub(crate) fn spanned(text: &Spanned<String>) -> (usize, &str) {
    (text.span().start, text.get_ref())
}
