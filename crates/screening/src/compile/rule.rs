//! One rule: its attributes, parameters, knowledge, shape, guards, messages.

use super::keys::{Reader, Slip, formula, placed, spanned};
use super::shapes;
use crate::codes::{CodeSet, Symbols};
use crate::day;
use crate::expr::{Derived, Expr, Of, Resolver, Type};
use crate::facts::{Facts, Parameter, Parameters};
use crate::file::{Layers, RuleFile, Text};
use crate::header::{Class, Header, Severity};
use crate::knowledge::{Cell, ColumnType, KnownCodes, Row, Tables};
use crate::rule::{AmountOf, Attribute, Codes, Measure, Piece, Rule, Shape};
use policy::{Problem, Severity as Grade, SourceFile};
use std::sync::Arc;
use terms::Date;
use toml::Value;

/// What rules are compiled with.
pub(crate) struct Compiler<'a> {
    pub files: &'a [SourceFile],
    pub symbols: Symbols,
    pub facts: Facts,
    pub tables: Tables,
    pub known: Option<&'a KnownCodes>,
    pub problems: Vec<Problem>,
}

/// Told, and the rule is left out.
pub(crate) struct LeftOut;

type Columns = Vec<(String, ColumnType)>;

impl Compiler<'_> {
    pub fn error(&mut self, file: usize, offset: usize, message: impl Into<String>) -> LeftOut {
        let source = &self.files[file];
        let (line, column) = source.position(offset);
        self.problems.push(Problem {
            severity: Grade::Error,
            file: source.name.clone(),
            line,
            column,
            message: message.into(),
        });
        LeftOut
    }

    fn slip<T>(&mut self, file: usize, read: Result<T, Slip>) -> Result<T, LeftOut> {
        read.map_err(|slip| self.error(file, slip.offset, slip.message))
    }

    fn need<'f, T>(
        &mut self,
        layers: &Layers<'f>,
        name: &str,
        get: impl Fn(&'f RuleFile) -> Option<&'f T>,
    ) -> Result<(usize, &'f T), LeftOut> {
        layers.pick(get).ok_or_else(|| {
            let (file, own) = layers.own();
            let offset = own.id.as_ref().or(own.base.as_ref()).map_or(0, |text| text.span().start);
            self.error(file, offset, format!("the rule has no “{name}”"))
        })
    }

    /// Compiles a rule; `overrides` replace parameters (of a case).
    pub fn rule(&mut self, layers: &Layers, overrides: &Parameters) -> Result<Rule, LeftOut> {
        let mut header = self.header(layers)?;
        let parameters = self.parameters(layers, overrides)?;
        let (table, columns, at_admission) = self.columns(layers)?;
        let rows = self.rows(layers, &table, &columns)?;
        let (shape_file, keys) = self.need(layers, "[shape]", |rule| rule.shape.as_ref())?;
        let offset = keys.span().start;
        let mut reader = Reader::new(keys.get_ref(), offset, "the shape");
        let kind = reader.text("type");
        let Some((at, kind)) = self.slip(shape_file, kind)? else {
            return Err(self.error(shape_file, offset, "the shape needs “type”"));
        };
        let Compiler { symbols, facts, tables, .. } = self;
        let mut resolver = Resolver {
            symbols,
            facts,
            tables,
            parameters: &parameters,
            columns: &columns,
            gives: &[],
            of: Of::Line,
            other: None,
        };
        let read = read_shape((at, kind), reader, &mut resolver);
        let (of, other) = (resolver.of, resolver.other);
        let (first, shape, matches) = self.slip(shape_file, read)?;
        header.population = shape.population();
        let scope =
            Scope { parameters: &parameters, columns: &columns, gives: Shape::gives(kind), first: first.of, of, other };
        let when = self.guard(layers, |rule| rule.when.as_ref(), &scope, true)?;
        let unless = self.guard(layers, |rule| rule.unless.as_ref(), &scope, false)?;
        let amount = match layers.pick(|rule| rule.amount.as_ref()) {
            Some((file, text)) => Some(self.expr(file, text, Type::Number, &scope)?),
            None => None,
        };
        let tiers = self.tiers(layers, &mut header, &scope)?;
        let mut evidence = Evidence::default();
        evidence.shape(&shape);
        let guards = [&when, &unless, &amount];
        let of_flagged = scope.first == scope.of;
        guards
            .into_iter()
            .enumerate()
            .filter(|(place, _)| *place > 0 || of_flagged)
            .filter_map(|(_, guard)| guard.as_ref())
            .for_each(|guard| evidence.expr(guard));
        let doctor = self.message(layers, true, &scope, &mut evidence)?;
        let auditor = self.message(layers, false, &scope, &mut evidence)?;
        let evidence = self.evidence(&evidence, &columns);
        let (from, to) = (day::of_date(header.begndate), header.enddate.map_or(i32::MAX, day::of_date));
        let policy_year = policy_year(&parameters);
        let sets = |list: &[String], symbols: &mut Symbols| {
            (!list.is_empty()).then(|| CodeSet::read(list.iter().map(String::as_str), symbols))
        };
        let (types, insurance) =
            (sets(&header.institution_types, &mut self.symbols), sets(&header.insurance, &mut self.symbols));
        let keep_self_paid = self.word(layers, |rule| rule.self_paid.as_ref(), &["skip", "keep"])? == 1;
        let amount_of = match self.word(layers, |rule| rule.amount_of.as_ref(), &["in_scope", "fee", "none"])? {
            0 => AmountOf::InScope,
            1 => AmountOf::Fee,
            _ => AmountOf::Nothing,
        };
        Ok(Rule {
            id: header.id.as_str().into(),
            version: header.version.as_str().into(),
            name: header.name.as_str().into(),
            stages: header.stages.clone(),
            scenarios: header.scenarios.clone(),
            levels: header.levels.clone(),
            header: Arc::new(header),
            from,
            to,
            types,
            insurance,
            keep_self_paid,
            amount_of,
            at_admission,
            when,
            unless,
            amount,
            tiers,
            has_rows: !table.is_empty(),
            table: table.as_str().into(),
            rows,
            matches,
            first,
            shape,
            doctor,
            auditor,
            evidence,
            policy_year,
        })
    }

    fn header(&mut self, layers: &Layers) -> Result<Header, LeftOut> {
        let text = |found: (usize, &Text)| found.1.get_ref().clone();
        let id = text(self.need(layers, "id", |rule| rule.id.as_ref().or(rule.base.as_ref()))?);
        let name = text(self.need(layers, "name", |rule| rule.name.as_ref())?);
        let version = text(self.need(layers, "version", |rule| rule.version.as_ref())?);
        let class: Class = *self.need(layers, "class", |rule| rule.class.as_ref())?.1.get_ref();
        let result = *self.need(layers, "result", |rule| rule.result.as_ref())?.1.get_ref();
        let behaviour = *self.need(layers, "behaviour", |rule| rule.behaviour.as_ref())?.1.get_ref();
        let stages = self.need(layers, "stages", |rule| rule.stages.as_ref())?.1.get_ref().clone();
        let basis = self.need(layers, "basis", |rule| rule.basis.as_ref())?.1.get_ref().clone();
        let (file, begins) = self.need(layers, "begndate", |rule| rule.begndate.as_ref())?;
        let begndate = self.date(file, begins)?;
        let enddate = match layers.pick(|rule| rule.enddate.as_ref()) {
            Some((file, ends)) => Some(self.date(file, ends)?),
            None => None,
        };
        let (file, own) = layers.own();
        if enddate.is_some_and(|end| end < begndate) {
            return Err(self.error(
                file,
                own.enddate.as_ref().map_or(0, |value| value.span().start),
                "the rule ends before it begins",
            ));
        }
        if basis.is_empty() {
            let offset = own.basis.as_ref().map_or(0, |value| value.span().start);
            return Err(self.error(file, offset, "basis is empty: cite the law or notice the rule rests on"));
        }
        let list = |get: fn(&RuleFile) -> Option<&toml::Spanned<Vec<String>>>| {
            layers.pick(get).map(|found| found.1.get_ref().clone()).unwrap_or_default()
        };
        Ok(Header {
            id,
            name,
            national: layers.pick(|rule| rule.national.as_ref()).map(|found| found.1.get_ref().clone()),
            version,
            basis,
            class,
            family: layers.pick(|rule| rule.family.as_ref()).map(text).unwrap_or_default(),
            result,
            behaviour,
            stages,
            scenarios: layers
                .pick(|rule| rule.scenarios.as_ref())
                .map(|found| found.1.get_ref().clone())
                .unwrap_or_default(),
            levels: layers.pick(|rule| rule.levels.as_ref()).map(|found| found.1.get_ref().clone()).unwrap_or_default(),
            institution_types: list(|rule| rule.institution_types.as_ref()),
            insurance: list(|rule| rule.insurance.as_ref()),
            begndate,
            enddate,
            relations: layers
                .pick(|rule| rule.relations.as_ref())
                .map(|found| found.1.get_ref().clone())
                .unwrap_or_default(),
            doctor: message_text(layers, true).map(text).unwrap_or_default(),
            auditor: message_text(layers, false).map(text).unwrap_or_default(),
            file: self.files[file].name.clone(),
            population: false,
            severity: result.severity(),
        })
    }

    fn date(&mut self, file: usize, value: &toml::Spanned<Value>) -> Result<Date, LeftOut> {
        let text = crate::file::cell_text(value.get_ref()).unwrap_or_default();
        terms::parse_date(&text)
            .ok_or_else(|| self.error(file, value.span().start, format!("“{text}” is not a date, such as 2026-07-01")))
    }

    fn parameters(&mut self, layers: &Layers, overrides: &Parameters) -> Result<Parameters, LeftOut> {
        let mut parameters = Parameters::new();
        for (name, (file, value)) in layers.parameters() {
            let Some(parameter) = Parameter::read(value.get_ref()) else {
                return Err(self.error(
                    file,
                    value.span().start,
                    format!("the parameter {name} is a number, a text, a flag, a date or a list of texts"),
                ));
            };
            parameters.insert(name.to_owned(), parameter);
        }
        for (name, value) in overrides {
            parameters.insert(name.clone(), value.clone());
        }
        Ok(parameters)
    }

    fn columns(&mut self, layers: &Layers) -> Result<(String, Columns, bool), LeftOut> {
        let Some((file, knowledge)) = layers.pick(|rule| rule.knowledge.as_ref()) else {
            return Ok((String::new(), Vec::new(), false));
        };
        let knowledge = knowledge.get_ref();
        let mut columns = Vec::new();
        for (name, kind) in &knowledge.columns {
            let (offset, word) = spanned(kind);
            let Some(kind) = ColumnType::read(word) else {
                return Err(self.error(
                    file,
                    offset,
                    format!("column {name}: “{word}” is no type; there are {}", ColumnType::WORDS),
                ));
            };
            columns.push((name.clone(), kind));
        }
        let at_admission = match knowledge.at.as_ref().map(spanned) {
            None | Some((_, "line")) => false,
            Some((_, "admission")) => true,
            Some((offset, word)) => {
                return Err(self.error(file, offset, format!("at is line or admission, not “{word}”")));
            }
        };
        Ok((knowledge.table.get_ref().clone(), columns, at_admission))
    }

    fn rows(&mut self, layers: &Layers, table: &str, columns: &Columns) -> Result<Vec<Row>, LeftOut> {
        if table.is_empty() {
            return Ok(Vec::new());
        }
        let Some(text) = self.tables.texts.get(table) else { return Ok(Vec::new()) };
        let mut problems = Vec::new();
        let read = text.rows(columns, self.known, &mut self.symbols, &mut problems);
        for problem in problems {
            if !self.problems.contains(&problem) {
                self.problems.push(problem);
            }
        }
        let place = layers
            .pick(|rule| rule.knowledge.as_ref())
            .map_or((0, 0), |(file, knowledge)| (file, knowledge.get_ref().table.span().start));
        read.map_err(|message| self.error(place.0, place.1, message))
    }

    /// A formula of the rule: guards of what it looks at, or of what it flags.
    fn guard(
        &mut self,
        layers: &Layers,
        get: fn(&RuleFile) -> Option<&Text>,
        scope: &Scope,
        looks: bool,
    ) -> Result<Option<Expr>, LeftOut> {
        let Some((file, text)) = layers.pick(get) else { return Ok(None) };
        let scope = if looks { Scope { of: scope.first, other: None, gives: &[], ..*scope } } else { *scope };
        self.expr(file, text, Type::Flag, &scope).map(Some)
    }

    fn expr(&mut self, file: usize, text: &Text, wanted: Type, scope: &Scope) -> Result<Expr, LeftOut> {
        let (offset, text) = spanned(text);
        let Compiler { symbols, facts, tables, .. } = self;
        let read = scope.resolver(symbols, facts, tables).formula(text, wanted).map_err(|slip| placed(offset, slip));
        self.slip(file, read)
    }

    fn word(&mut self, layers: &Layers, get: fn(&RuleFile) -> Option<&Text>, words: &[&str]) -> Result<usize, LeftOut> {
        let Some((file, text)) = layers.pick(get) else { return Ok(0) };
        let (offset, word) = spanned(text);
        words.iter().position(|known| *known == word).ok_or_else(|| {
            self.error(file, offset, format!("“{word}” stands where one of {} should be", words.join(", ")))
        })
    }

    fn tiers(
        &mut self,
        layers: &Layers,
        header: &mut Header,
        scope: &Scope,
    ) -> Result<Vec<(Option<Expr>, Severity)>, LeftOut> {
        // An overlay's `result` speaks louder than a `severity` that lies below it.
        let result_at = layers.0.iter().position(|(_, rule)| rule.result.is_some());
        let severity_at = layers.0.iter().position(|(_, rule)| rule.severity.is_some());
        let Some((file, value)) = layers.pick(|rule| rule.severity.as_ref()).filter(|_| severity_at <= result_at)
        else {
            return Ok(vec![(None, header.severity)]);
        };
        let offset = value.span().start;
        let grade = |value: Option<&Value>| {
            value
                .and_then(Value::as_integer)
                .and_then(|n| u8::try_from(n).ok())
                .filter(|n| (1..=3).contains(n))
                .map(Severity)
        };
        let mut tiers = Vec::new();
        match value.get_ref() {
            Value::Integer(_) => {
                let grade =
                    grade(Some(value.get_ref())).ok_or_else(|| self.error(file, offset, "severity is 1, 2 or 3"))?;
                tiers.push((None, grade));
            }
            Value::Array(items) => {
                for item in items {
                    let grade = grade(item.get("is"))
                        .ok_or_else(|| self.error(file, offset, "each tier is { when = \"…\", is = 1, 2 or 3 }"))?;
                    let when = match item.get("when") {
                        None => None,
                        Some(when) => {
                            let Compiler { symbols, facts, tables, .. } = self;
                            let read = formula(offset, when, Type::Flag, &mut scope.resolver(symbols, facts, tables));
                            Some(self.slip(file, read)?)
                        }
                    };
                    tiers.push((when, grade));
                }
                if tiers.last().is_none_or(|(when, _)| when.is_some()) {
                    return Err(self.error(file, offset, "the last tier has no “when”: it holds for whatever is left"));
                }
            }
            _ => return Err(self.error(file, offset, "severity is 1, 2, 3 or a list of tiers")),
        }
        if let Some((_, last)) = tiers.last() {
            header.severity = tiers.iter().map(|(_, grade)| *grade).min().unwrap_or(*last);
        }
        Ok(tiers)
    }

    fn message(
        &mut self,
        layers: &Layers,
        doctor: bool,
        scope: &Scope,
        evidence: &mut Evidence,
    ) -> Result<Vec<Piece>, LeftOut> {
        let Some((file, text)) = message_text(layers, doctor) else {
            let (file, own) = layers.own();
            let offset = own.messages.as_ref().map_or(0, |messages| messages.span().start);
            return Err(self.error(file, offset, "[messages] has doctor and auditor: what each of them reads"));
        };
        let (offset, text) = spanned(text);
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some(open) = rest.find('{') {
            if open > 0 {
                pieces.push(Piece::Text(rest[..open].to_owned()));
            }
            let Some(length) = rest[open..].find('}') else {
                return Err(self.error(file, offset, "a { in the message has no }"));
            };
            let name = rest[open + 1..open + length].trim();
            let piece = self.piece(name, scope).map_err(|slip| {
                let at = offset + 1 + (text.len() - rest.len()) + open;
                self.error(file, at, format!("{{{name}}}: {}", slip.message))
            })?;
            if let Piece::Expr(expr) = &piece {
                evidence.expr(expr);
            }
            pieces.push(piece);
            rest = &rest[open + length + 1..];
        }
        if !rest.is_empty() {
            pieces.push(Piece::Text(rest.to_owned()));
        }
        Ok(pieces)
    }

    fn piece(&mut self, name: &str, scope: &Scope) -> Result<Piece, crate::expr::Mistake> {
        if name == "says" {
            return Ok(Piece::Says);
        }
        if let Some(column) = name.strip_prefix("row.")
            && let Some(place) = scope.columns.iter().position(|(known, _)| known == column)
        {
            return Ok(Piece::Raw(u16::try_from(place).unwrap_or(u16::MAX)));
        }
        let Compiler { symbols, facts, tables, .. } = self;
        scope.resolver(symbols, facts, tables).any(name).map(|(expr, _)| Piece::Expr(expr))
    }

    /// The evidence's names, each once.
    fn evidence(&mut self, evidence: &Evidence, columns: &Columns) -> Vec<(Arc<str>, Piece)> {
        let mut named: Vec<(Arc<str>, Piece)> = Vec::new();
        for expr in &evidence.0 {
            let (miss, prefix) = match expr {
                Expr::Field(_, _, miss) | Expr::Institution(_, miss) | Expr::Doctor(_, miss) => (*miss, ""),
                Expr::Derived(derived, miss) => {
                    let name: Arc<str> = match derived {
                        crate::expr::Derived::Kind => "kind".into(),
                        crate::expr::Derived::Age => "age".into(),
                        crate::expr::Derived::AgeDays => "age_days".into(),
                        crate::expr::Derived::Level => "level".into(),
                        crate::expr::Derived::StayDays => "stay_days".into(),
                        crate::expr::Derived::InScope => "in_scope".into(),
                        crate::expr::Derived::Day => "day".into(),
                        crate::expr::Derived::Rank => self.facts.name(*miss),
                        crate::expr::Derived::DoctorListed => "doctor_listed".into(),
                    };
                    if !named.iter().any(|(known, _)| *known == name) {
                        named.push((name, Piece::Expr(expr.clone())));
                    }
                    continue;
                }
                Expr::Other(inner) => match &**inner {
                    Expr::Field(_, _, miss) => (*miss, "other."),
                    _ => continue,
                },
                _ => continue,
            };
            let name: Arc<str> = format!("{prefix}{}", self.facts.name(miss)).into();
            if !named.iter().any(|(known, _)| *known == name) {
                named.push((name, Piece::Expr(expr.clone())));
            }
        }
        for (place, (column, _)) in columns.iter().enumerate() {
            named.push((format!("row.{column}").into(), Piece::Raw(u16::try_from(place).unwrap_or(u16::MAX))));
        }
        named
    }
}

/// What the names of a rule's formulas may mean.
#[derive(Clone, Copy)]
struct Scope<'s> {
    parameters: &'s Parameters,
    columns: &'s [(String, ColumnType)],
    gives: &'static [&'static str],
    /// What the rule looks at.
    first: Of,
    /// What it flags.
    of: Of,
    other: Option<Of>,
}

impl<'s> Scope<'s> {
    fn resolver<'r>(&'r self, symbols: &'r mut Symbols, facts: &'r mut Facts, tables: &'r mut Tables) -> Resolver<'r>
    where
        's: 'r,
    {
        Resolver {
            symbols,
            facts,
            tables,
            parameters: self.parameters,
            columns: self.columns,
            gives: self.gives,
            of: self.of,
            other: self.other,
        }
    }
}

/// The selection, the shape, and which columns must match what.
type ReadShape = (crate::rule::Selector, Shape, Vec<(u16, Expr)>);

fn read_shape(kind: (usize, &str), mut reader: Reader, resolver: &mut Resolver) -> Result<ReadShape, Slip> {
    let matches = reader.take("match");
    let (first, shape) = shapes::read(kind, reader, resolver)?;
    let Some((offset, value)) = matches else { return Ok((first, shape, Vec::new())) };
    let Value::Table(table) = value else {
        return Err(Slip { offset, message: "match is { column = \"field\" }".to_owned() });
    };
    let (of, other) = (std::mem::replace(&mut resolver.of, first.of), resolver.other.take());
    let mut found = Vec::new();
    for (column, field) in table {
        let Some(place) = resolver.columns.iter().position(|(known, _)| known == column) else {
            return Err(Slip {
                offset, message: format!("match: “{column}” is not among the columns of [knowledge]")
            });
        };
        let expr = resolver.any(field.as_str().unwrap_or_default()).map_err(|slip| placed(offset, slip))?.0;
        found.push((u16::try_from(place).unwrap_or(u16::MAX), expr));
    }
    (resolver.of, resolver.other) = (of, other);
    if found.is_empty() && matches!(shape, Shape::InSet { outside: true }) {
        return Err(Slip {
            offset,
            message: "outside = true needs match: which rows are the record's list".to_owned(),
        });
    }
    Ok((first, shape, found))
}

fn message_text<'f>(layers: &Layers<'f>, doctor: bool) -> Option<(usize, &'f Text)> {
    layers.pick(|rule| {
        rule.messages.as_ref().and_then(|messages| {
            let messages = messages.get_ref();
            if doctor { messages.doctor.as_ref() } else { messages.auditor.as_ref() }
        })
    })
}

/// `param.policy_year_start`, month and day.
fn policy_year(parameters: &Parameters) -> (i64, i64) {
    let text = match parameters.get("policy_year_start") {
        Some(Parameter::Text(text)) => text.as_str(),
        _ => "01-01",
    };
    let parts = text.split_once('-').and_then(|(month, day)| Some((month.parse().ok()?, day.parse().ok()?)));
    parts.filter(|(month, day)| (1..=12).contains(month) && (1..=28).contains(day)).unwrap_or((1, 1))
}

/// What a finding shows.
#[derive(Default)]
struct Evidence(Vec<Expr>);

impl Evidence {
    fn expr(&mut self, expr: &Expr) {
        expr.leaves(&mut |leaf| self.0.push(leaf.clone()));
    }

    fn shape(&mut self, shape: &Shape) {
        match shape {
            Shape::Attribute { attribute: Attribute::Of(expr), .. } => self.expr(expr),
            Shape::Attribute { attribute: Attribute::Age(miss), .. } => self.expr(&Expr::Derived(Derived::Age, *miss)),
            Shape::Quantity { measure: Measure::Of(expr), .. } => self.expr(expr),
            Shape::Check { checks, .. } => checks.iter().for_each(|check| self.expr(&check.violates)),
            _ => {}
        }
    }
}

/// Whether a selector takes its codes from rows.
pub(crate) fn row_codes(codes: &Codes, row: &Row) -> Option<Arc<CodeSet>> {
    match codes {
        Codes::Rows(column) => match row.cells.get(usize::from(*column)) {
            Some(Cell::Codes(set, _)) => Some(set.clone()),
            _ => None,
        },
        _ => None,
    }
}
