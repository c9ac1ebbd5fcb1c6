//! Line split, accumulators, refusals and the answered heads.

use toml::Spanned;

use super::resolve::Resolver;
use super::{Placed, broken_formula};
use crate::expr::Type;
use crate::format::{AccumulatorFile, HospitalShareFile, LineSplitFile, OutputFile, RefusalFile};
use crate::law::{Accumulator, Formula, HospitalShare, LineSplit, Refusal, Says, Stage};
use crate::source::Place;

const NOWHERE: Place = Place { file: 0, offset: 0 };

pub(crate) fn line_split(found: Option<Placed<Spanned<LineSplitFile>>>, resolver: &mut Resolver) -> Option<LineSplit> {
    let Some(found) = found else {
        resolver.reporter.error(NOWHERE, "no file has a [line_split]: say how a fee line is split");
        return None;
    };
    let item = found.item.get_ref();
    let file = found.file;
    Some(LineSplit {
        article: item.article.as_str().into(),
        catalogue_date: resolver.staged(file, &item.catalogue_date, &[Type::Date], Stage::Line),
        level_without_row: item.level_without_row.clone(),
        wholly_self_paid: resolver.staged(file, &item.wholly_self_paid, &[Type::Flag], Stage::Line),
        ceiling_key: resolver.staged(file, &item.ceiling_key, &[Type::Text], Stage::Line),
        self_pay_ratio: resolver.staged(file, &item.self_pay_ratio, &[Type::Number], Stage::Line),
    })
}

pub(crate) fn output(found: Option<Placed<Spanned<OutputFile>>>, resolver: &mut Resolver) -> (Formula, Formula) {
    let Some(found) = found else {
        resolver.reporter.error(NOWHERE, "no file has an [output] with act_pay_dedc and pool_prop_selfpay");
        return (broken_formula(), broken_formula());
    };
    let item = found.item.get_ref();
    (
        resolver.staged(found.file, &item.act_pay_dedc, &[Type::Money], Stage::Settle),
        resolver.staged(found.file, &item.pool_prop_selfpay, &[Type::Number], Stage::Settle),
    )
}

pub(crate) fn hospital_share(found: &Placed<Spanned<HospitalShareFile>>, resolver: &mut Resolver) -> HospitalShare {
    let item = found.item.get_ref();
    HospitalShare {
        name: item.name.clone(),
        article: item.article.clone(),
        amount: resolver.staged(found.file, &item.amount, &[Type::Money], Stage::Settle),
        fund: resolver.staged(found.file, &item.fund, &[Type::Text], Stage::Settle),
    }
}

pub(crate) fn accumulator(found: &Placed<AccumulatorFile>, resolver: &mut Resolver) -> Accumulator {
    let item = found.item;
    let file = found.file;
    let kind = match item.unit.as_ref().as_str() {
        "yuan" => Type::Money,
        "times" | "number" | "days" => Type::Number,
        other => {
            resolver.reporter.error(
                found.place(&item.unit),
                format!("“{other}” is not a unit of an accumulator; choose yuan, times, days or number"),
            );
            Type::Number
        }
    };
    Accumulator {
        id: item.id.as_ref().clone(),
        name: item.name.clone(),
        article: item.article.clone(),
        kind,
        key: item.key.iter().map(|key| resolver.formula(file, key, &[Type::Text, Type::Number])).collect(),
        when: item.when.as_ref().map(|when| resolver.staged(file, when, &[Type::Flag], Stage::Settle)),
        add: item.add.as_ref().map(|add| resolver.staged(file, add, &[kind], Stage::Settle)),
    }
}

pub(crate) fn refusal(found: &Placed<RefusalFile>, resolver: &mut Resolver) -> Option<Refusal> {
    let item = found.item;
    let named: &str = item.at.as_ref();
    let Some(at) = Stage::named(named) else {
        resolver.reporter.error(
            found.place(&item.at),
            format!("“{named}” is not a step; choose visit, fees, fees_cancel, discharge, settle, reverse, filing or filing_cancel"),
        );
        return None;
    };
    let (when, shape) = resolver.staged_with_shape(found.file, &item.when, &[Type::Flag], at);
    Some(Refusal {
        code: item.code.as_ref().clone(),
        at,
        when,
        per_line: shape.volatile,
        says: says(found, &item.says, resolver),
        article: item.article.clone(),
    })
}

/// `words {formula} words` in pieces.
fn says(found: &Placed<RefusalFile>, text: &Spanned<String>, resolver: &mut Resolver) -> Vec<Says> {
    let mut pieces = Vec::new();
    let mut rest: &str = text.as_ref();
    while let Some((words, after)) = rest.split_once('{') {
        pieces.push(Says::Words(words.to_owned()));
        let Some((formula, after)) = after.split_once('}') else {
            resolver.reporter.error(found.place(text), "a { in the words has no closing }");
            return pieces;
        };
        let spanned = Spanned::new(text.span(), formula.to_owned());
        pieces.push(Says::Show(resolver.formula(found.file, &spanned, &[])));
        rest = after;
    }
    pieces.push(Says::Words(rest.to_owned()));
    pieces
}
