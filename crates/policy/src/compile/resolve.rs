//! Names to definitions, and the type of every formula.

use std::collections::HashMap;
use std::sync::Arc;

use toml::Spanned;

use super::{Placed, broken_formula, value_cases};
use crate::expr::{Binary, Expr, Function, ItField, LayerPart, Type};
use crate::format::{AccumulatorFile, KeepFile, TableFile, ValueFile};
use crate::law::{FindSource, Formula, Operand, Stage};
use crate::names::{ANY, Fact, LINES, Owner, VISIT};
use crate::parse::{Kind, Mistake, Node, parse};
use crate::source::{Place, Reporter, SourceFile};
use crate::table::Unit;

/// What a name stands for.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Target {
    Table(usize),
    Value(usize),
    Find(usize),
    LineSum(usize),
    Layer(usize),
    Total(usize),
}

pub(crate) enum ValueState {
    Untouched,
    Working,
    Known { kind: Type, stages: u16, volatile: bool, layers: usize },
}

/// What is known of a formula besides its tree.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shape {
    pub kind: Type,
    /// Stages at which everything in it is known.
    pub stages: u16,
    /// Whether it must be worked out anew each time.
    pub volatile: bool,
    /// One more than the highest layer it asks for, 0 without any.
    pub layers: usize,
}

impl Shape {
    fn plain(kind: Type) -> Shape {
        Shape { kind, stages: ANY, volatile: false, layers: 0 }
    }

    fn and(self, other: Shape) -> Shape {
        Shape {
            kind: self.kind,
            stages: self.stages & other.stages,
            volatile: self.volatile || other.volatile,
            layers: self.layers.max(other.layers),
        }
    }
}

pub(crate) struct Resolver<'a, 'r> {
    pub names: HashMap<String, Target>,
    /// 中文名 and English name of each definition, by its name in formulas.
    pub labels: HashMap<String, (Arc<str>, Arc<str>)>,
    pub attributes: Vec<(Owner, String, Type)>,
    pub table_units: Vec<Unit>,
    pub values: Vec<Placed<'a, ValueFile>>,
    pub value_states: Vec<ValueState>,
    pub finds: Vec<FindSource>,
    pub tables: Vec<Placed<'a, TableFile>>,
    pub accumulators: Vec<Placed<'a, AccumulatorFile>>,
    /// Shapes of the keys of tables and accumulators, once known.
    pub key_shapes: HashMap<(bool, usize), Shape>,
    pub keeps: Vec<Placed<'a, KeepFile>>,
    pub keep_kinds: Vec<Type>,
    pub files: &'a [SourceFile],
    pub reporter: &'r mut Reporter<'a>,
    pub rows_of: Option<FindSource>,
}

type Resolved = Result<(Expr, Shape), Mistake>;

fn mistake<T>(at: usize, message: impl Into<String>) -> Result<T, Mistake> {
    Err(Mistake { at, message: message.into() })
}

impl<'a> Resolver<'a, '_> {
    /// Where a byte of a formula's text stands in its file.
    fn place_in(&self, file: usize, text: &Spanned<String>, at: usize) -> Place {
        let span = text.span();
        let raw = self.files[file].text.get(span.clone()).unwrap_or("");
        let quote = if raw.starts_with("'''") || raw.starts_with("\"\"\"") {
            if raw[3..].starts_with('\n') { 4 } else { 3 }
        } else {
            1
        };
        Place { file, offset: (span.start + quote + at).min(span.end) }
    }

    /// Reads, resolves and checks a formula; `kinds` are the types allowed (none: any).
    pub fn formula(&mut self, file: usize, text: &Spanned<String>, kinds: &[Type]) -> Formula {
        self.formula_with_shape(file, text, kinds).0
    }

    /// The same, for a formula that must be known at `stage`.
    pub fn staged(&mut self, file: usize, text: &Spanned<String>, kinds: &[Type], stage: Stage) -> Formula {
        self.staged_with_shape(file, text, kinds, stage).0
    }

    /// The same, with what is known of it.
    pub fn staged_with_shape(
        &mut self,
        file: usize,
        text: &Spanned<String>,
        kinds: &[Type],
        stage: Stage,
    ) -> (Formula, Shape) {
        let (formula, shape) = self.formula_with_shape(file, text, kinds);
        if shape.stages & (1 << stage as u16) == 0 {
            let place = self.place_in(file, text, 0);
            self.reporter.error(
                place,
                format!(
                    "this formula asks for something that is not known at this step ({stage:?}): “{}”",
                    text.as_ref()
                ),
            );
        }
        (formula, shape)
    }

    /// The same, with what is known of it.
    pub fn formula_with_shape(&mut self, file: usize, text: &Spanned<String>, kinds: &[Type]) -> (Formula, Shape) {
        let outcome = parse(text.as_ref()).and_then(|node| {
            let (expr, shape) = self.resolve(&node)?;
            let operands = self.operands(&node);
            Ok((expr, shape, operands))
        });
        match outcome {
            Ok((expr, shape, operands)) => {
                if !kinds.is_empty() && !kinds.iter().any(|kind| kind.with(shape.kind) == Some(*kind)) {
                    let wanted: Vec<&str> = kinds.iter().map(|kind| kind.words()).collect();
                    let place = self.place_in(file, text, 0);
                    self.reporter.error(
                        place,
                        format!(
                            "this must be {}, but “{}” is {}",
                            wanted.join(" or "),
                            text.as_ref(),
                            shape.kind.words()
                        ),
                    );
                }
                (Formula { expr, kind: shape.kind, text: text.as_ref().as_str().into(), operands }, shape)
            }
            Err(Mistake { at, message }) => {
                let place = self.place_in(file, text, at);
                self.reporter.error(place, message);
                (broken_formula(), Shape::plain(Type::Flag))
            }
        }
    }

    /// Runs `work` with `it.…` meaning a row of `source`.
    pub fn with_rows_of<T>(&mut self, source: FindSource, work: impl FnOnce(&mut Self) -> T) -> T {
        self.rows_of = Some(source);
        let result = work(self);
        self.rows_of = None;
        result
    }

    /// The distinct names that a formula shows in the trace.
    fn operands(&mut self, node: &Node) -> Vec<Operand> {
        let mut names = Vec::new();
        collect_names(node, &mut names);
        let mut operands: Vec<Operand> = Vec::new();
        for (at, name) in names {
            if operands.iter().any(|known| *known.id == *name) || name.starts_with("it.") || name == "base" {
                continue;
            }
            if let Ok((expr, shape)) = self.resolve(&Node { at, kind: Kind::Name(name.clone()) })
                && matches!(shape.kind, Type::Money | Type::Number)
                && !shape.volatile
            {
                let (chinese, english) =
                    self.labels.get(name.split('.').next().unwrap_or(&name)).cloned().unwrap_or_default();
                operands.push(Operand { id: name.as_str().into(), name: chinese, english, expr });
            }
        }
        operands
    }

    pub fn value_type(&mut self, n: usize) -> Type {
        self.value_shape(n, 0).map_or(Type::Flag, |shape| shape.kind)
    }

    pub fn value_is_volatile(&mut self, n: usize) -> bool {
        self.value_shape(n, 0).is_ok_and(|shape| shape.volatile)
    }

    fn value_shape(&mut self, n: usize, at: usize) -> Result<Shape, Mistake> {
        match self.value_states[n] {
            ValueState::Known { kind, stages, volatile, layers } => {
                return Ok(Shape { kind, stages, volatile, layers });
            }
            ValueState::Working => {
                let id: &str = self.values[n].item.id.as_ref();
                let words = format!("“{id}” needs itself to be worked out; break the circle");
                // Told here: whoever asked may be another value's shape, which tells no mistakes.
                let place = self.values[n].place(&self.values[n].item.id);
                self.reporter.error(place, words.clone());
                return mistake(at, words);
            }
            ValueState::Untouched => {}
        }
        self.value_states[n] = ValueState::Working;
        let file = self.values[n].file;
        let value = Placed { file, item: self.values[n].item };
        let mut shape: Option<Shape> = None;
        let rows_of = self.rows_of.take();
        for (when, then, _) in value_cases(&value) {
            for (text, is_when) in when.map(|when| (when, true)).into_iter().chain([(then, false)]) {
                // Mistakes inside are reported when the value itself is compiled.
                let Ok((_, found)) = parse(text.as_ref()).and_then(|node| self.resolve(&node)) else { continue };
                shape = Some(match shape {
                    None => Shape { kind: if is_when { Type::Zero } else { found.kind }, ..found },
                    Some(known) if is_when => known.and(found),
                    Some(known) => match known.kind.with(found.kind) {
                        Some(kind) => Shape { kind, ..known.and(found) },
                        None if known.kind == Type::Zero => Shape { kind: found.kind, ..known.and(found) },
                        None => {
                            let place = self.place_in(file, text, 0);
                            self.reporter.error(place, format!("the cases of a value must be of one kind, but this one is {} and an earlier one {}", found.kind.words(), known.kind.words()));
                            known
                        }
                    },
                });
            }
        }
        self.rows_of = rows_of;
        let shape = shape.unwrap_or(Shape::plain(Type::Flag));
        if value_cases(&value).is_empty() {
            self.reporter.error(
                value.place(&value.item.id),
                "a [[value]] needs a formula, or cases = [ { when = …, then = … } ]",
            );
        }
        self.value_states[n] = ValueState::Known {
            kind: shape.kind,
            stages: shape.stages,
            volatile: shape.volatile,
            layers: shape.layers,
        };
        Ok(shape)
    }

    /// What is known of the keys of a table (`true`) or an accumulator (`false`).
    pub fn key_shape(&mut self, table: bool, n: usize) -> Shape {
        if let Some(shape) = self.key_shapes.get(&(table, n)) {
            return *shape;
        }
        self.key_shapes.insert((table, n), Shape::plain(Type::Text));
        let texts: Vec<&'a Spanned<String>> = if table {
            let item: &'a TableFile = self.tables[n].item;
            item.keys.iter().chain(&item.dated_by).collect()
        } else {
            let item: &'a AccumulatorFile = self.accumulators[n].item;
            item.key.iter().collect()
        };
        let rows_of = self.rows_of.take();
        let mut shape = Shape::plain(Type::Text);
        for text in texts {
            if let Ok((_, found)) = parse(text.as_ref()).and_then(|node| self.resolve(&node)) {
                shape = shape.and(found);
            }
        }
        self.rows_of = rows_of;
        self.key_shapes.insert((table, n), shape);
        shape
    }

    /// Finds the type of what each `[[keep]]` keeps, so that formulas can read it.
    pub fn resolve_keeps(&mut self) {
        for n in 0..self.keeps.len() {
            let keep = Placed { file: self.keeps[n].file, item: self.keeps[n].item };
            let kind = match keep.item.unit.as_ref().map_or("text", |unit| unit.as_ref().as_str()) {
                "text" => Type::Text,
                "yuan" => Type::Money,
                "date" => Type::Date,
                "number" | "times" | "days" | "hours" | "percent" => Type::Number,
                other => {
                    let place = keep.item.unit.as_ref().map_or(keep.place(&keep.item.id), |unit| keep.place(unit));
                    self.reporter.error(place, format!("“{other}” is not a unit of a [[keep]]; choose text, yuan, number, times, days, hours or date"));
                    Type::Text
                }
            };
            self.keep_kinds.push(kind);
            let at: &str = keep.item.at.as_ref();
            if !["visit", "settle"].contains(&at) {
                self.reporter.error(
                    keep.place(&keep.item.at),
                    format!("a value is kept at = \"visit\" or at = \"settle\", not “{at}”"),
                );
            }
        }
    }

    fn keep(&self, name: &str, at_stage: &str, at: usize) -> Result<(usize, Type), Mistake> {
        let found =
            self.keeps.iter().position(|keep| keep.item.id.as_ref() == name && keep.item.at.as_ref() == at_stage);
        match found {
            Some(n) => Ok((n, self.keep_kinds[n])),
            None => mistake(at, format!("no [[keep]] with at = \"{at_stage}\" is named “{name}”")),
        }
    }

    fn resolve(&mut self, node: &Node) -> Resolved {
        let at = node.at;
        Ok(match &node.kind {
            Kind::Number(number) => {
                let kind = if *number == terms::Exact::ZERO { Type::Zero } else { Type::Number };
                (Expr::Number(*number), Shape::plain(kind))
            }
            Kind::Text(text) => (Expr::Text(text.clone()), Shape::plain(Type::Text)),
            Kind::List(_) => {
                return mistake(at, "a list in [ ] may only follow “in”, or be the second argument of place_in()");
            }
            Kind::Name(name) => self.name(name, at)?,
            Kind::Not(inner) => {
                let (expr, shape) = self.of_kind(inner, &[Type::Flag])?;
                (Expr::Not(Box::new(expr)), shape)
            }
            Kind::Minus(inner) => {
                let (expr, shape) = self.of_kind(inner, &[Type::Money, Type::Number])?;
                (Expr::Minus(Box::new(expr)), shape)
            }
            Kind::Binary(operator, left, right) => self.binary(*operator, left, right, at)?,
            Kind::OneOf(left, list) => {
                let (left, mut shape) = self.of_kind(left, &[Type::Text])?;
                let mut texts = Vec::new();
                for item in list {
                    let (item, other) = self.of_kind(item, &[Type::Text])?;
                    shape = shape.and(other);
                    texts.push(item);
                }
                (Expr::OneOf(Box::new(left), texts), Shape { kind: Type::Flag, ..shape })
            }
            Kind::If(condition, then, other) => {
                let (condition, c) = self.of_kind(condition, &[Type::Flag])?;
                let (then, t) = self.resolve(then)?;
                let other_at = other.at;
                let (other, o) = self.resolve(other)?;
                let Some(kind) = t.kind.with(o.kind) else {
                    return mistake(
                        other_at,
                        format!(
                            "after then stands {}, after else {}: both must be of one kind",
                            t.kind.words(),
                            o.kind.words()
                        ),
                    );
                };
                (Expr::If(Box::new(condition), Box::new(then), Box::new(other)), Shape { kind, ..c.and(t).and(o) })
            }
            Kind::Call(name, arguments) => self.call(name, arguments, at)?,
        })
    }

    fn of_kind(&mut self, node: &Node, kinds: &[Type]) -> Resolved {
        let (expr, shape) = self.resolve(node)?;
        if kinds.iter().any(|kind| kind.with(shape.kind) == Some(*kind)) {
            return Ok((expr, shape));
        }
        let wanted: Vec<&str> = kinds.iter().map(|kind| kind.words()).collect();
        mistake(node.at, format!("{} is needed here, and this is {}", wanted.join(" or "), shape.kind.words()))
    }

    fn binary(&mut self, operator: Binary, left: &Node, right: &Node, at: usize) -> Resolved {
        use Binary::{Add, And, Divide, Equal, Multiply, Or, Subtract, Unequal};
        let (l, ls) = self.resolve(left)?;
        let (r, rs) = self.resolve(right)?;
        let both = ls.and(rs);
        let clash = |verb: &str| mistake(at, format!("{} and {} cannot be {verb}", ls.kind.words(), rs.kind.words()));
        let kind = match operator {
            And | Or => {
                if ls.kind != Type::Flag || rs.kind != Type::Flag {
                    return clash("joined with and/or: both sides must be yes/no");
                }
                Type::Flag
            }
            Equal | Unequal => match ls.kind.with(rs.kind) {
                Some(_) => Type::Flag,
                None => return clash("compared"),
            },
            Binary::Less | Binary::AtMost | Binary::More | Binary::AtLeast => match ls.kind.with(rs.kind) {
                Some(kind) if !matches!(kind, Type::Flag | Type::Text) => Type::Flag,
                _ => return clash("ordered"),
            },
            Add | Subtract => match ls.kind.with(rs.kind) {
                Some(kind @ (Type::Money | Type::Number | Type::Zero)) => kind,
                _ => return clash("added or subtracted"),
            },
            Multiply => match (ls.kind, rs.kind) {
                (Type::Money, Type::Number) | (Type::Number, Type::Money) => Type::Money,
                (Type::Number, Type::Number) => Type::Number,
                (Type::Zero, Type::Money | Type::Number) | (Type::Money | Type::Number, Type::Zero) => Type::Zero,
                _ => return clash("multiplied"),
            },
            Divide => match (ls.kind, rs.kind) {
                (Type::Money, Type::Number) => Type::Money,
                (Type::Money, Type::Money) | (Type::Number, Type::Number) => Type::Number,
                (Type::Zero, Type::Money | Type::Number) => Type::Zero,
                _ => return clash("divided"),
            },
        };
        Ok((Expr::Binary(operator, Box::new(l), Box::new(r)), Shape { kind, ..both }))
    }

    fn name(&mut self, name: &str, at: usize) -> Resolved {
        if name == "true" || name == "false" {
            return Ok((Expr::Flag(name == "true"), Shape::plain(Type::Flag)));
        }
        if let Some(fact) = Fact::named(name) {
            let volatile = fact.stages() & !(LINES | 1 << Stage::FeesCancel as u16) == 0
                || matches!(fact, Fact::GiverId | Fact::FundTotal | Fact::PersonPart | Fact::BandBase);
            return Ok((Expr::Fact(fact), Shape { kind: fact.kind(), stages: fact.stages(), volatile, layers: 0 }));
        }
        let (head, field) = name.split_once('.').unwrap_or((name, ""));
        if head == "it" {
            let Some(source) = self.rows_of else {
                return mistake(at, "“it” is the row of a [[find]] and has no meaning elsewhere");
            };
            let (field, kind) = self.row_field(source, field, at)?;
            return Ok((Expr::It(field), Shape { volatile: true, ..Shape::plain(kind) }));
        }
        if let Some(kept) = name.strip_prefix("visit.kept.") {
            let (n, kind) = self.keep(kept, "visit", at)?;
            return Ok((Expr::Kept(n), Shape { stages: VISIT & !(1 << Stage::Visit as u16), ..Shape::plain(kind) }));
        }
        match self.names.get(head).copied() {
            Some(Target::Find(_) | Target::Layer(_)) if field.is_empty() => {
                return mistake(at, "write what you want of it after a point, such as .exists or .paid");
            }
            Some(Target::Find(n)) => {
                let (field, kind) = self.row_field(self.finds[n], field, at)?;
                return Ok((Expr::Found(n, field), Shape { stages: VISIT, ..Shape::plain(kind) }));
            }
            Some(Target::Layer(n)) => {
                let Some(part) = layer_part(field) else {
                    return mistake(
                        at,
                        format!(
                            "of a layer you can ask paid, uncapped, input, priced, consumed, overflow, share, band1_fee, band1_paid, band1_share …, not “{field}”"
                        ),
                    );
                };
                return Ok((
                    Expr::Layer(n, part),
                    Shape { kind: Type::Money, stages: 1 << Stage::Settle as u16, volatile: false, layers: n + 1 },
                ));
            }
            Some(target) if field.is_empty() => return self.definition(target, at),
            Some(_) => return mistake(at, format!("“{head}” has no parts; write it without “.{field}”")),
            None => {}
        }
        if head == "coverage" {
            return mistake(
                at,
                "write a [[find]] with in = \"coverage\" that says which coverage row is meant, and ask that",
            );
        }
        if let Some(owner) = Owner::named(head) {
            if let Some((_, _, kind)) = self.attributes.iter().find(|(of, id, _)| *of == owner && id == field) {
                let kind = *kind;
                return Ok(self.owner_field(owner, field, kind));
            }
            if owner.standard_fields().contains(&field) {
                return Ok(self.owner_field(owner, field, Type::Text));
            }
        }
        mistake(at, self.unknown(name))
    }

    fn owner_field(&self, owner: Owner, field: &str, kind: Type) -> (Expr, Shape) {
        let volatile = matches!(owner, Owner::Line | Owner::Item);
        (Expr::Field(owner, field.to_owned(), kind), Shape { kind, stages: owner.stages(), volatile, layers: 0 })
    }

    fn unknown(&self, name: &str) -> String {
        let known = self.names.keys().map(String::as_str).chain(Fact::all().iter().map(|(fact, _)| fact.name()));
        let nearest = known.map(|other| (distance(name, other), other)).filter(|(d, _)| *d <= 3).min();
        match nearest {
            Some((_, other)) => format!("nothing is named “{name}”; did you mean “{other}”?"),
            None => format!(
                "nothing is named “{name}”; define it as a table or value, or see the list of names in the guide"
            ),
        }
    }

    fn definition(&mut self, target: Target, at: usize) -> Resolved {
        Ok(match target {
            Target::Value(n) => (Expr::Value(n), self.value_shape(n, at)?),
            Target::Table(n) => {
                let kind = match self.table_units[n] {
                    Unit::Yuan => Type::Money,
                    Unit::Percent | Unit::Number => Type::Number,
                    Unit::Date => Type::Date,
                    Unit::Text => Type::Text,
                    Unit::PercentByBand => return mistake(at, "a table by bands can only be the bands of a layer"),
                };
                (Expr::Table(n), Shape { kind, ..self.key_shape(true, n) })
            }
            Target::Total(n) => {
                let kind = if self.accumulators[n].item.unit.as_ref() == "yuan" { Type::Money } else { Type::Number };
                (Expr::Total(n), Shape { kind, ..self.key_shape(false, n) })
            }
            Target::LineSum(n) => {
                (Expr::LineSum(n), Shape { stages: 1 << Stage::Settle as u16, ..Shape::plain(Type::Money) })
            }
            Target::Find(_) | Target::Layer(_) => {
                return mistake(at, "write what you want of it after a point, such as .exists or .paid");
            }
        })
    }

    fn row_field(&self, source: FindSource, field: &str, at: usize) -> Result<(ItField, Type), Mistake> {
        let visit_like = matches!(source, FindSource::Visits | FindSource::Settlements);
        let common = match field {
            "exists" => Some((ItField::Exists, Type::Flag)),
            "count" => Some((ItField::Count, Type::Number)),
            "order" => Some((ItField::Order, Type::Number)),
            "begndate" => Some((ItField::Begin, Type::Date)),
            "enddate" => Some((ItField::End, Type::Date)),
            "begntime" if visit_like => Some((ItField::BeginTime, Type::Time)),
            "endtime" if visit_like => Some((ItField::EndTime, Type::Time)),
            "setl_time" if source == FindSource::Settlements => Some((ItField::SettleTime, Type::Time)),
            "discharged" | "settled" | "current" if visit_like => Some((ItField::Flag(field.to_owned()), Type::Flag)),
            _ => None,
        };
        if let Some(found) = common {
            return Ok(found);
        }
        if let Some(kept) = field.strip_prefix("kept.").filter(|_| source == FindSource::Settlements) {
            let (n, kind) = self.keep(kept, "settle", at)?;
            return Ok((ItField::Kept(n), kind));
        }
        let (texts, owner): (&[&str], Owner) = match source {
            FindSource::Coverage => (&["insutype", "psn_type", "cvlserv_flag", "psn_insu_stas"], Owner::Coverage),
            FindSource::Identities => (&["psn_idet_type"], Owner::Person),
            FindSource::Filings => (&["filing_id", "kind", "dise_codg", "admdvs"], Owner::Person),
            FindSource::Visits | FindSource::Settlements => {
                (&["mdtrt_id", "setl_id", "fixmedins_code", "med_type", "insutype", "label"], Owner::Visit)
            }
        };
        let declared = self.attributes.iter().find(|(of, id, _)| *of == owner && id == field).map(|(.., kind)| *kind);
        if let Some(kind) = declared.filter(|kind| *kind != Type::Text) {
            return Ok((ItField::Declared(field.to_owned(), kind), kind));
        }
        if texts.contains(&field) || declared.is_some() || (visit_like && owner.standard_fields().contains(&field)) {
            return Ok((ItField::Text(field.to_owned()), Type::Text));
        }
        mistake(at, format!("a row of this list has no “{field}”"))
    }

    /// The keys with which a formula looks into a table itself.
    fn keys_given(&mut self, n: usize, arguments: &[Node], at: usize) -> Result<(Vec<Expr>, Shape), Mistake> {
        let wanted = self.tables[n].item.keys.len();
        if arguments.len() != wanted {
            return mistake(at, format!("the table has {wanted} key(s), and {} are given", arguments.len()));
        }
        let mut shape = Shape::plain(Type::Text);
        if let Some(by) = &self.tables[n].item.dated_by {
            let (_, found) = parse(by.as_ref()).and_then(|node| self.resolve(&node))?;
            shape = shape.and(found);
        }
        let mut keys = Vec::new();
        for argument in arguments {
            let (key, found) = self.of_kind(argument, &[Type::Text, Type::Number])?;
            shape = shape.and(found);
            keys.push(key);
        }
        Ok((keys, shape))
    }

    fn call(&mut self, name: &str, arguments: &[Node], at: usize) -> Resolved {
        let count = |wanted: usize| {
            if arguments.len() == wanted {
                Ok(())
            } else {
                mistake(at, format!("{name}() takes {wanted} value(s) in its brackets, not {}", arguments.len()))
            }
        };
        if let Some((head, "covers")) = name.split_once('.') {
            count(1)?;
            let (day, shape) = self.of_kind(&arguments[0], &[Type::Date])?;
            let covers = ItField::Covers(Box::new(day));
            if head == "it" && self.rows_of.is_some() {
                return Ok((Expr::It(covers), Shape { kind: Type::Flag, volatile: true, ..shape }));
            }
            if let Some(Target::Find(n)) = self.names.get(head).copied() {
                return Ok((
                    Expr::Found(n, covers),
                    Shape { kind: Type::Flag, ..shape.and(Shape { stages: VISIT, ..Shape::plain(Type::Flag) }) },
                ));
            }
        }
        if name == "has" {
            if let Some(Kind::Name(table)) = arguments.first().map(|first| &first.kind)
                && let Some(Target::Table(n)) = self.names.get(table).copied()
            {
                if arguments.len() == 1 {
                    return Ok((Expr::Has(n), Shape { kind: Type::Flag, ..self.key_shape(true, n) }));
                }
                let (keys, shape) = self.keys_given(n, &arguments[1..], at)?;
                return Ok((Expr::HasAt(n, keys), Shape { kind: Type::Flag, ..shape }));
            }
            return mistake(at, "has() takes the name of a table, and perhaps its keys");
        }
        if let Some(Target::Table(n)) = self.names.get(name).copied() {
            let (_, plain) = self.definition(Target::Table(n), at)?;
            let (keys, shape) = self.keys_given(n, arguments, at)?;
            return Ok((Expr::TableAt(n, keys), Shape { kind: plain.kind, ..shape }));
        }
        if name == "place_in" {
            count(2)?;
            let (text, mut shape) = self.of_kind(&arguments[0], &[Type::Text])?;
            let Kind::List(items) = &arguments[1].kind else {
                return mistake(arguments[1].at, "the second value of place_in() is a list in [ ]");
            };
            let mut list = vec![text];
            for item in items {
                let (item, other) = self.of_kind(item, &[Type::Text])?;
                shape = shape.and(other);
                list.push(item);
            }
            return Ok((Expr::Call(Function::PlaceIn, list), Shape { kind: Type::Number, ..shape }));
        }
        let mut resolved = Vec::new();
        let mut shape = Shape::plain(Type::Zero);
        for argument in arguments {
            let (expr, found) = self.resolve(argument)?;
            shape = shape.and(found);
            resolved.push((expr, found.kind, argument.at));
        }
        let (function, kind) = signature(name, &resolved, at)?;
        let item_stages = if function == Function::ItemSelfPay { LINES } else { ANY };
        let volatile = shape.volatile || function == Function::ItemSelfPay;
        let arguments = resolved.into_iter().map(|(expr, _, _)| expr).collect();
        Ok((Expr::Call(function, arguments), Shape { kind, stages: shape.stages & item_stages, volatile, ..shape }))
    }
}

/// The function of that name and what it yields for these arguments.
fn signature(name: &str, arguments: &[(Expr, Type, usize)], at: usize) -> Result<(Function, Type), Mistake> {
    use Function as F;
    use Type::{Date, Flag, Money, Number, Text, Time};
    let fixed: Option<(Function, &[&[Type]], Type)> = Some(match name {
        "floor" => (F::Floor, &[&[Number]], Number),
        "year" => (F::Year, &[&[Date]], Text),
        "quarter" => (F::Quarter, &[&[Date]], Text),
        "month" => (F::Month, &[&[Date]], Text),
        "date_of" => (F::DateOf, &[&[Time]], Date),
        "days_between" => (F::DaysBetween, &[&[Date], &[Date]], Number),
        "months_between" => (F::MonthsBetween, &[&[Date], &[Date]], Number),
        "hours_between" => (F::HoursBetween, &[&[Time], &[Time]], Number),
        "age" => (F::Age, &[&[Date], &[Date]], Number),
        "add_days" => (F::AddDays, &[&[Date], &[Number]], Date),
        "add_months" => (F::AddMonths, &[&[Date], &[Number]], Date),
        "starts_with" => (F::StartsWith, &[&[Text], &[Text]], Flag),
        "number_of" => (F::NumberOf, &[&[Text]], Number),
        "date_from" => (F::DateFrom, &[&[Text]], Date),
        "is_new_year" => (F::IsNewYear, &[&[Date]], Flag),
        "round" => (F::Round, &[&[Money]], Money),
        "round_to" => (F::RoundTo, &[&[Number, Money], &[Number]], arguments.first().map_or(Number, |a| a.1)),
        "item_selfpay" => (F::ItemSelfPay, &[&[Text]], Number),
        "min" | "max" | "join" | "missing" => {
            let kind = arguments.iter().try_fold(Type::Zero, |kind, argument| kind.with(argument.1));
            return match (name, kind) {
                ("missing", _) if arguments.len() == 1 => Ok((F::Missing, Flag)),
                ("join", _) if !arguments.is_empty() => Ok((F::Join, Text)),
                ("min" | "max", _) if arguments.len() < 2 => mistake(at, format!("{name}() takes two or more values")),
                ("min", Some(kind @ (Money | Number | Type::Zero))) => Ok((F::Min, kind)),
                ("max", Some(kind @ (Money | Number | Type::Zero))) => Ok((F::Max, kind)),
                ("min" | "max", _) if arguments.iter().all(|a| a.1 == Date) => {
                    Ok((if name == "min" { F::Min } else { F::Max }, Date))
                }
                ("min" | "max", _) => {
                    mistake(at, format!("the values of {name}() must all be amounts, all numbers or all dates"))
                }
                _ => mistake(at, format!("{name}() is not used like that; see the guide")),
            };
        }
        _ => return mistake(at, format!("there is no function “{name}()”; the guide lists them")),
    });
    let Some((function, wanted, kind)) = fixed else { return mistake(at, "no such function") };
    if wanted.len() != arguments.len() {
        return mistake(
            at,
            format!("{name}() takes {} value(s) in its brackets, not {}", wanted.len(), arguments.len()),
        );
    }
    for ((_, found, place), kinds) in arguments.iter().zip(wanted) {
        if !kinds.iter().any(|kind| kind.with(*found) == Some(*kind)) {
            return mistake(*place, format!("{name}() needs {} here, and this is {}", kinds[0].words(), found.words()));
        }
    }
    Ok((function, kind))
}

fn layer_part(field: &str) -> Option<LayerPart> {
    Some(match field {
        "paid" => LayerPart::Paid,
        "uncapped" => LayerPart::Uncapped,
        "input" => LayerPart::Input,
        "priced" => LayerPart::Priced,
        "consumed" => LayerPart::Consumed,
        "overflow" => LayerPart::Overflow,
        "share" => LayerPart::Share,
        band => {
            let (number, part) = band.strip_prefix("band")?.split_once('_')?;
            let number: u8 = number.parse().ok().filter(|n| *n > 0)?;
            match part {
                "fee" => LayerPart::BandFee(number),
                "paid" => LayerPart::BandPaid(number),
                "share" => LayerPart::BandShare(number),
                _ => return None,
            }
        }
    })
}

fn collect_names(node: &Node, names: &mut Vec<(usize, String)>) {
    match &node.kind {
        Kind::Name(name) => names.push((node.at, name.clone())),
        Kind::Number(_) | Kind::Text(_) => {}
        Kind::Not(a) | Kind::Minus(a) => collect_names(a, names),
        Kind::Binary(_, a, b) => {
            collect_names(a, names);
            collect_names(b, names);
        }
        Kind::If(a, b, c) => {
            for part in [a, b, c] {
                collect_names(part, names);
            }
        }
        Kind::Call(_, list) | Kind::List(list) => list.iter().for_each(|item| collect_names(item, names)),
        Kind::OneOf(a, list) => {
            collect_names(a, names);
            list.iter().for_each(|item| collect_names(item, names));
        }
    }
}

/// Edit distance, for “did you mean”.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let next = if x == *y { diagonal } else { 1 + diagonal.min(row[j]).min(row[j + 1]) };
            diagonal = row[j + 1];
            row[j + 1] = next;
        }
    }
    row[b.len()]
}
