//! From the files to a [`Law`]: names resolved, types checked, cycles and gaps found, every
//! problem reported with its file and line.

mod layers;
mod resolve;
mod rules;
mod tables;

use std::collections::HashMap;

use toml::Spanned;

use crate::expr::Type;
use crate::format::{PolicyFile, ValueFile};
use crate::law::{Case, Find, FindSource, Formula, Keep, Law, LineSum, Piece, Segments, Stage, Value};
use crate::names::Owner;
use crate::source::{Place, Problems, Reporter, SourceFile};
use resolve::{Resolver, Target};

/// Compiles the files of one region's policy, given in order of their names.
///
/// # Errors
/// All problems found, if any of them is an error; with the law, the warnings.
pub fn compile(files: &[SourceFile]) -> Result<(Law, Problems), Problems> {
    let mut reporter = Reporter::new(files);
    let parsed = parse_all(files, &mut reporter);
    if !reporter.problems.is_empty() {
        return Err(Problems(reporter.problems));
    }
    let law = build(files, &parsed, &mut reporter);
    let problems = Problems(reporter.problems);
    match law {
        Some(law) if !problems.any_error() => Ok((law, problems)),
        _ => Err(problems),
    }
}

fn parse_all(files: &[SourceFile], reporter: &mut Reporter) -> Vec<PolicyFile> {
    let mut parsed = Vec::new();
    for (file, source) in files.iter().enumerate() {
        match toml::from_str::<PolicyFile>(&source.text) {
            Ok(policy) => parsed.push(policy),
            Err(error) => {
                let offset = error.span().map_or(0, |span| span.start);
                reporter.error(Place { file, offset }, error.message().to_owned());
            }
        }
    }
    parsed
}

/// A definition with the number of its file.
pub(crate) struct Placed<'a, T> {
    pub file: usize,
    pub item: &'a T,
}

impl<T> Placed<'_, T> {
    pub fn place<S>(&self, spanned: &Spanned<S>) -> Place {
        Place { file: self.file, offset: spanned.span().start }
    }
}

fn gather<'a, T>(files: &'a [PolicyFile], list: impl Fn(&'a PolicyFile) -> &'a [T]) -> Vec<Placed<'a, T>> {
    files
        .iter()
        .enumerate()
        .flat_map(|(file, policy)| list(policy).iter().map(move |item| Placed { file, item }))
        .collect()
}

/// The one definition that a folder must have, or may have.
fn single<'a, T>(
    files: &'a [PolicyFile],
    pick: impl Fn(&'a PolicyFile) -> Option<&'a Spanned<T>>,
    name: &str,
    reporter: &mut Reporter,
) -> Option<Placed<'a, Spanned<T>>> {
    let mut found: Option<Placed<'a, Spanned<T>>> = None;
    for (file, policy) in files.iter().enumerate() {
        if let Some(item) = pick(policy) {
            if found.is_some() {
                reporter.error(
                    Place { file, offset: item.span().start },
                    format!("[{name}] is there a second time; a policy has one"),
                );
            }
            found = Some(Placed { file, item });
        }
    }
    found
}

fn build<'a>(files: &'a [SourceFile], parsed: &'a [PolicyFile], reporter: &mut Reporter<'a>) -> Option<Law> {
    let nowhere = Place { file: 0, offset: 0 };
    if files.is_empty() {
        return None;
    }
    let attributes = attributes(parsed, reporter);
    let tables = gather(parsed, |file| &file.table);
    let values = gather(parsed, |file| &file.value);
    let finds = gather(parsed, |file| &file.find);
    let sums = gather(parsed, |file| &file.line_sum);
    let accumulators = gather(parsed, |file| &file.accumulator);
    let keeps = gather(parsed, |file| &file.keep);
    let refusals = gather(parsed, |file| &file.refusal);
    let order = single(parsed, |file| file.pipeline.as_ref(), "pipeline", reporter);
    let layers = layers::in_order(gather(parsed, |file| &file.layer), order.as_ref(), reporter);

    let mut names: HashMap<String, Target> = HashMap::new();
    let mut define = |place: Place, id: &str, target: Target, reporter: &mut Reporter| {
        if !id.chars().all(|c| c.is_alphanumeric() || c == '_') || id.chars().next().is_none_or(|c| c.is_ascii_digit())
        {
            reporter
                .error(place, format!("“{id}” cannot be a name: use letters, digits and _, and begin with a letter"));
        }
        if crate::names::Fact::named(id).is_some() || names.insert(id.to_owned(), target).is_some() {
            reporter.error(
                place,
                format!("the name “{id}” is used twice; every table, value, find, layer and accumulator needs its own"),
            );
        }
    };
    for (n, table) in tables.iter().enumerate() {
        define(table.place(&table.item.id), table.item.id.as_ref(), Target::Table(n), reporter);
    }
    for (n, value) in values.iter().enumerate() {
        define(value.place(&value.item.id), value.item.id.as_ref(), Target::Value(n), reporter);
    }
    for (n, find) in finds.iter().enumerate() {
        define(find.place(&find.item.id), find.item.id.as_ref(), Target::Find(n), reporter);
    }
    for (n, sum) in sums.iter().enumerate() {
        define(sum.place(&sum.item.id), sum.item.id.as_ref(), Target::LineSum(n), reporter);
    }
    for (n, layer) in layers.iter().enumerate() {
        define(layer.place(&layer.item.id), layer.item.id.as_ref(), Target::Layer(n), reporter);
    }
    for (n, accumulator) in accumulators.iter().enumerate() {
        define(accumulator.place(&accumulator.item.id), accumulator.item.id.as_ref(), Target::Total(n), reporter);
    }
    let named = tables.iter().map(|table| (&table.item.id, &table.item.name, &table.item.english));
    let named = named.chain(values.iter().map(|value| (&value.item.id, &value.item.name, &value.item.english)));
    let named = named.chain(layers.iter().map(|layer| (&layer.item.id, &layer.item.name, &layer.item.english)));
    let none = String::new();
    let named = named.chain(accumulators.iter().map(|total| (&total.item.id, &total.item.name, &none)));
    let named = named.chain(sums.iter().map(|sum| (&sum.item.id, &sum.item.name, &none)));
    let labels = named
        .map(|(id, name, english)| (id.as_ref().clone(), (name.as_str().into(), english.as_str().into())))
        .collect();
    let table_units = tables.iter().map(|table| tables::unit(table, reporter)).collect();
    let mut resolver = Resolver {
        names,
        labels,
        attributes,
        table_units,
        values: values.iter().map(|value| Placed { file: value.file, item: value.item }).collect(),
        value_states: (0..values.len()).map(|_| resolve::ValueState::Untouched).collect(),
        finds: finds.iter().map(|find| find_source(find.item.source.as_ref())).collect(),
        tables: tables.iter().map(|table| Placed { file: table.file, item: table.item }).collect(),
        accumulators: accumulators.iter().map(|a| Placed { file: a.file, item: a.item }).collect(),
        key_shapes: HashMap::new(),
        keeps: keeps.iter().map(|keep| Placed { file: keep.file, item: keep.item }).collect(),
        keep_kinds: Vec::new(),
        files,
        reporter,
        rows_of: None,
    };
    resolver.resolve_keeps();
    let compiled_tables = tables.iter().zip(0..).map(|(table, n)| tables::compile(table, n, &mut resolver)).collect();
    let compiled_values = compile_values(&values, &mut resolver);
    let compiled_finds = finds.iter().map(|find| compile_find(find, &mut resolver)).collect();
    let segments = single(parsed, |file| file.segments.as_ref(), "segments", resolver.reporter).map(|segments| {
        let file = segments.item.get_ref();
        Segments {
            schemes: file.schemes.clone(),
            status: file.status.clone(),
            on: resolver.formula(segments.file, &file.on, &[Type::Date]),
        }
    });
    let line_split = rules::line_split(
        single(parsed, |file| file.line_split.as_ref(), "line_split", resolver.reporter),
        &mut resolver,
    );
    let line_sums = sums.iter().map(|sum| compile_sum(sum, &mut resolver)).collect();
    let compiled_layers = layers.iter().map(|layer| layers::compile(layer, &mut resolver)).collect();
    let compiled_accumulators = accumulators.iter().map(|a| rules::accumulator(a, &mut resolver)).collect();
    let compiled_keeps = compile_keeps(&keeps, &mut resolver);
    let compiled_refusals = refusals.iter().filter_map(|refusal| rules::refusal(refusal, &mut resolver)).collect();
    let output = single(parsed, |file| file.output.as_ref(), "output", resolver.reporter);
    let (act_pay_dedc, pool_prop_selfpay) = rules::output(output, &mut resolver);
    let hospital_share = single(parsed, |file| file.hospital_share.as_ref(), "hospital_share", resolver.reporter)
        .map(|share| rules::hospital_share(&share, &mut resolver));
    let head = parsed.iter().find_map(|file| file.law.as_ref());
    if head.is_none() {
        resolver.reporter.error(nowhere, "no file has a [law] with its title; add one, for example to the first file");
    }
    let examples = parsed.iter().enumerate().flat_map(|(n, file)| {
        let source = &files[n];
        file.example.iter().map(move |example| {
            (source.name.clone(), source.position(example.span().start).0, example.get_ref().clone())
        })
    });
    let law = Law {
        hash: crate::hash::of(files),
        title: head.map(|head| head.title.clone()).unwrap_or_default(),
        english: head.map(|head| head.english.clone()).unwrap_or_default(),
        tables: compiled_tables,
        values: compiled_values,
        finds: compiled_finds,
        segments,
        line_split: line_split?,
        line_sums,
        layers: compiled_layers,
        act_pay_dedc,
        pool_prop_selfpay,
        hospital_share,
        accumulators: compiled_accumulators,
        keeps: compiled_keeps,
        refusals: compiled_refusals,
        attributes: resolver.attributes.clone(),
        examples: examples.collect(),
    };
    crate::lint::lint(parsed, reporter);
    Some(law)
}

fn attributes(parsed: &[PolicyFile], reporter: &mut Reporter) -> Vec<(Owner, String, Type)> {
    let mut found = Vec::new();
    for attribute in gather(parsed, |file| &file.attribute) {
        let of: &str = attribute.item.of.as_ref();
        let Some(owner) = Owner::named(of) else {
            reporter.error(
                attribute.place(&attribute.item.of),
                format!("“{of}” has no attributes; choose person, coverage, visit, institution, line or item"),
            );
            continue;
        };
        let kind = match attribute.item.kind.as_ref().as_str() {
            "text" => Type::Text,
            "number" => Type::Number,
            "date" => Type::Date,
            "yuan" => Type::Money,
            other => {
                reporter.error(
                    attribute.place(&attribute.item.kind),
                    format!("“{other}” is not a type; choose text, number, yuan or date"),
                );
                continue;
            }
        };
        found.push((owner, attribute.item.id.as_ref().clone(), kind));
    }
    found
}

fn find_source(name: &str) -> FindSource {
    match name {
        "identities" => FindSource::Identities,
        "filings" => FindSource::Filings,
        "visits" => FindSource::Visits,
        "settlements" => FindSource::Settlements,
        _ => FindSource::Coverage,
    }
}

fn compile_values(values: &[Placed<ValueFile>], resolver: &mut Resolver) -> Vec<Value> {
    let mut compiled = Vec::new();
    for (n, value) in values.iter().enumerate() {
        let kind = resolver.value_type(n);
        let cases = value_cases(value).into_iter().map(|(when, then, article)| Case {
            when: when.map(|when| resolver.formula(value.file, when, &[Type::Flag])),
            then: resolver.formula(value.file, then, &[]),
            article: article.into(),
        });
        let cases = cases.collect();
        compiled.push(Value {
            id: value.item.id.as_ref().as_str().into(),
            name: value.item.name.as_str().into(),
            english: value.item.english.as_str().into(),
            article: value.item.article.as_str().into(),
            kind,
            cases,
            quiet: value.item.quiet,
            volatile: resolver.value_is_volatile(n),
        });
    }
    compiled
}

type CaseParts<'a> = (Option<&'a Spanned<String>>, &'a Spanned<String>, &'a str);

/// The cases of a value, whether written as `formula` or as `cases`.
pub(crate) fn value_cases<'a>(value: &Placed<'a, ValueFile>) -> Vec<CaseParts<'a>> {
    let item: &'a ValueFile = value.item;
    let mut cases: Vec<CaseParts<'a>> =
        item.cases.iter().map(|case| (case.when.as_ref(), &case.then, case.article.as_str())).collect();
    if let Some(formula) = &item.formula {
        cases.push((None, formula, ""));
    }
    cases
}

fn compile_find(find: &Placed<crate::format::FindFile>, resolver: &mut Resolver) -> Find {
    let named: &str = find.item.source.as_ref();
    if !["coverage", "identities", "filings", "visits", "settlements"].contains(&named) {
        resolver.reporter.error(
            find.place(&find.item.source),
            format!("“{named}” is not a list to look in; choose coverage, identities, filings, visits or settlements"),
        );
    }
    let source = find_source(named);
    resolver.with_rows_of(source, |resolver| {
        let (condition, shape) = resolver.formula_with_shape(find.file, &find.item.condition, &[Type::Flag]);
        if shape.stages & (1 << Stage::Settle as u16 | 1 << Stage::Visit as u16) == 0 {
            resolver.reporter.error(
                find.place(&find.item.condition),
                "a [[find]] looks in the person's record and cannot ask for a fee line",
            );
        }
        Find {
            id: find.item.id.as_ref().clone(),
            name: find.item.name.clone(),
            article: find.item.article.clone(),
            source,
            condition,
            first_by: find.item.first_by.iter().map(|by| resolver.formula(find.file, by, &[])).collect(),
            last_by: find.item.last_by.iter().map(|by| resolver.formula(find.file, by, &[])).collect(),
        }
    })
}

fn compile_sum(sum: &Placed<crate::format::LineSumFile>, resolver: &mut Resolver) -> LineSum {
    let part = match sum.item.part.as_ref().as_str() {
        "amount" => Piece::Amount,
        "full_self_pay" => Piece::FullSelfPay,
        "over_limit" => Piece::OverLimit,
        "pre_self_pay" => Piece::PreSelfPay,
        "in_scope" => Piece::InScope,
        other => {
            resolver.reporter.error(
                sum.place(&sum.item.part),
                format!(
                    "“{other}” is no part of a line; choose amount, full_self_pay, over_limit, pre_self_pay or in_scope"
                ),
            );
            Piece::Amount
        }
    };
    LineSum {
        id: sum.item.id.as_ref().clone(),
        name: sum.item.name.clone(),
        article: sum.item.article.clone(),
        part,
        condition: resolver.staged(sum.file, &sum.item.condition, &[Type::Flag], Stage::Line),
    }
}

fn compile_keeps(keeps: &[Placed<crate::format::KeepFile>], resolver: &mut Resolver) -> Vec<Keep> {
    keeps
        .iter()
        .enumerate()
        .map(|(n, keep)| {
            let kind = resolver.keep_kinds[n];
            let at = if keep.item.at.as_ref() == "visit" { Stage::Visit } else { Stage::Settle };
            Keep {
                id: keep.item.id.as_ref().clone(),
                at,
                when: keep.item.when.as_ref().map(|when| resolver.staged(keep.file, when, &[Type::Flag], at)),
                value: Formula { kind, ..resolver.staged(keep.file, &keep.item.value, &[kind], at) },
            }
        })
        .collect()
}

/// An always-true stand-in for a formula that could not be read; the law is not used then.
pub(crate) fn broken_formula() -> Formula {
    Formula { expr: crate::expr::Expr::Flag(true), kind: Type::Flag, text: "".into(), operands: Vec::new() }
}
