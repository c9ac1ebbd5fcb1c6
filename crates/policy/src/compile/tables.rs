//! Dated tables: their cells, keys and versions.

use terms::{Date, Exact, parse_date};
use toml::{Spanned, Value};

use super::Placed;
use super::resolve::Resolver;
use crate::expr::Type;
use crate::format::{KeyFile, RowFile, TableFile, VersionFile};
use crate::law::Band;
use crate::source::{Place, Reporter};
use crate::table::{Cell, KEYS_MAX, Key, Table, TableRow, Unit, Version};

/// The unit a table names.
pub(crate) fn unit(table: &Placed<TableFile>, reporter: &mut Reporter) -> Unit {
    match table.item.unit.as_ref().as_str() {
        "yuan" => Unit::Yuan,
        "percent" => Unit::Percent,
        "number" | "days" | "hours" | "months" | "years" | "times" => Unit::Number,
        "date" => Unit::Date,
        "text" => Unit::Text,
        "percent by yuan" => Unit::PercentByBand,
        other => {
            reporter.error(
                table.place(&table.item.unit),
                format!("“{other}” is not a unit; choose yuan, percent, percent by yuan, number, days, hours, months, years, times, date or text"),
            );
            Unit::Number
        }
    }
}

pub(crate) fn compile(table: &Placed<TableFile>, n: usize, resolver: &mut Resolver) -> Table {
    let item = table.item;
    let unit = resolver.table_units[n];
    let keys: Vec<_> =
        item.keys.iter().map(|key| resolver.formula(table.file, key, &[Type::Text, Type::Number])).collect();
    let dated_by = item.dated_by.as_ref().map(|by| resolver.formula(table.file, by, &[Type::Date]));
    let mut versions: Vec<Version> = Vec::new();
    for version in &item.version {
        let compiled = compile_version(table, version, unit, resolver.reporter);
        if versions.last().is_some_and(|last| last.from > compiled.from) {
            let place = Place { file: table.file, offset: version.span().start };
            resolver.reporter.error(place, "versions stand in order of their date of effect, earliest first");
        }
        versions.push(compiled);
    }
    let at = table.place(&item.id);
    if keys.len() > KEYS_MAX {
        resolver
            .reporter
            .error(at, format!("a table has at most {KEYS_MAX} keys; join some of them in a [[value]] with join()"));
    }
    if versions.is_empty() {
        resolver.reporter.error(at, format!("the table “{}” has no [[table.version]]", item.id.as_ref()));
    }
    if dated_by.is_none() && versions.len() > 1 {
        resolver.reporter.error(
            at,
            format!(
                "the table “{}” has several versions, so it needs dated_by: which date chooses the version",
                item.id.as_ref()
            ),
        );
    }
    let otherwise = item.otherwise.as_ref().and_then(|value| cell(table.file, value, unit, resolver.reporter));
    Table {
        id: item.id.as_ref().clone(),
        name: item.name.clone(),
        english: item.english.clone(),
        article: item.article.clone(),
        unit,
        dated_by,
        keys,
        otherwise,
        volatile: resolver.key_shape(true, n).volatile,
        versions,
    }
}

fn compile_version(
    table: &Placed<TableFile>,
    version: &Spanned<VersionFile>,
    unit: Unit,
    reporter: &mut Reporter,
) -> Version {
    let file = table.file;
    let item = version.get_ref();
    let from = date(file, &item.from, reporter);
    let until = item.until.as_ref().map(|until| date(file, until, reporter));
    let mut rows: Vec<TableRow> = Vec::new();
    let wanted = table.item.keys.len();
    if let Some(value) = &item.value {
        if wanted > 0 {
            reporter.error(
                Place { file, offset: value.span().start },
                "the table has keys, so its values stand in rows = [ { for = […], value = … } ]",
            );
        }
        if let Some(cell) = cell(file, value, unit, reporter) {
            rows.push(TableRow { keys: Vec::new(), cell });
        }
    }
    for row in &item.rows {
        let place = Place { file, offset: row.span().start };
        let before = rows.len();
        row_cells(file, row.get_ref(), &item.across, unit, place, &mut rows, reporter);
        for added in &rows[before..] {
            if added.keys.len() != wanted {
                let key_names: Vec<&str> = table.item.keys.iter().map(|key| key.as_ref().as_str()).collect();
                reporter.error(
                    place,
                    format!(
                        "the table has {wanted} key(s) ({}), but this row gives {}",
                        key_names.join(", "),
                        added.keys.len()
                    ),
                );
                break;
            }
        }
        for i in before..rows.len() {
            if rows[..before].iter().any(|earlier| earlier.keys == rows[i].keys) {
                reporter.error(place, "a row for the same keys stands above; only the first would ever be used");
                break;
            }
        }
    }
    Version { from, until, article: item.article.clone(), rows }
}

/// The rows that one written row stands for: one, or one for each column of `across`.
fn row_cells(
    file: usize,
    row: &RowFile,
    across: &[String],
    unit: Unit,
    place: Place,
    rows: &mut Vec<TableRow>,
    reporter: &mut Reporter,
) {
    let keys: Vec<Key> = row.keys.iter().map(key).collect();
    if unit == Unit::PercentByBand {
        let ratios: Vec<Exact> =
            row.values.iter().filter_map(|value| number(file, value, Unit::Percent, reporter)).collect();
        let edges: Vec<Exact> = row.upto.iter().filter_map(|edge| number(file, edge, Unit::Yuan, reporter)).collect();
        if ratios.len() != edges.len() + 1 {
            reporter.error(
                place,
                format!(
                    "{} upper edge(s) make {} band(s), but {} value(s) are given",
                    edges.len(),
                    edges.len() + 1,
                    ratios.len()
                ),
            );
            return;
        }
        if edges.windows(2).any(|pair| pair[0] >= pair[1]) {
            reporter.error(place, "the upper edges of bands must rise");
        }
        let bands =
            ratios.into_iter().enumerate().map(|(i, ratio)| Band { upto: edges.get(i).copied(), ratio }).collect();
        rows.push(TableRow { keys, cell: Cell::Bands(bands) });
        return;
    }
    if !across.is_empty() {
        if row.values.len() != across.len() {
            reporter.error(
                place,
                format!("across has {} column(s), but this row has {} value(s)", across.len(), row.values.len()),
            );
        }
        for (column, value) in across.iter().zip(&row.values) {
            if let Some(cell) = cell(file, value, unit, reporter) {
                let mut keys = keys.clone();
                keys.push(key_text(column));
                rows.push(TableRow { keys, cell });
            }
        }
        return;
    }
    match &row.value {
        Some(value) => {
            if let Some(cell) = cell(file, value, unit, reporter) {
                rows.push(TableRow { keys, cell });
            }
        }
        None => reporter.error(place, "the row has no value"),
    }
}

fn key(key: &KeyFile) -> Key {
    match key {
        KeyFile::One(text) => key_text(text),
        KeyFile::Number(number) => Key::OneOf(vec![number.to_string()]),
        KeyFile::Any(texts) => Key::OneOf(texts.clone()),
    }
}

fn key_text(text: &str) -> Key {
    if text == "*" { Key::Any } else { Key::OneOf(vec![text.to_owned()]) }
}

fn cell(file: usize, value: &Spanned<Value>, unit: Unit, reporter: &mut Reporter) -> Option<Cell> {
    match unit {
        Unit::Date => Some(Cell::Date(date(file, value, reporter))),
        Unit::Text => match value.get_ref() {
            Value::String(text) => Some(Cell::Text(text.clone())),
            _ => {
                reporter.error(Place { file, offset: value.span().start }, "a text in quotes is needed here");
                None
            }
        },
        _ => number(file, value, unit, reporter).map(Cell::Number),
    }
}

fn number(file: usize, value: &Spanned<Value>, unit: Unit, reporter: &mut Reporter) -> Option<Exact> {
    let place = Place { file, offset: value.span().start };
    let text = match value.get_ref() {
        Value::Integer(number) => number.to_string(),
        Value::Float(number) => number.to_string(),
        Value::String(text) => text.clone(),
        _ => {
            reporter.error(place, "a number is needed here");
            return None;
        }
    };
    let parsed = match unit {
        Unit::Yuan => text.parse::<terms::Fen>().map(Exact::from).map_err(|error| error.to_string()),
        Unit::Percent => {
            text.parse::<terms::UnitPrice>().map(|p| Exact::from_scaled(p.0, 8)).map_err(|error| error.to_string())
        }
        _ => text.parse::<terms::UnitPrice>().map(Exact::from).map_err(|error| error.to_string()),
    };
    parsed
        .map_err(|error| reporter.error(place, format!("{error}; write only the number, its unit stands in unit = …")))
        .ok()
}

fn date(file: usize, value: &Spanned<Value>, reporter: &mut Reporter) -> Date {
    let text = match value.get_ref() {
        Value::Datetime(date) => date.to_string(),
        Value::String(text) => text.clone(),
        _ => String::new(),
    };
    parse_date(&text).unwrap_or_else(|| {
        reporter.error(Place { file, offset: value.span().start }, "a date is needed here, written as 2026-01-01");
        Date::constant(1, 1, 1)
    })
}
