//! 支付层: the stack of funds and accounts, in the order of the pipeline.

use toml::Spanned;

use super::Placed;
use super::resolve::{Resolver, Target};
use crate::expr::Type;
use crate::format::{LayerFile, LimitFile, PipelineFile};
use crate::law::{AccountKind, Formula, Layer, Limit, LimitOn, Rounding, Stage};
use crate::source::Reporter;
use crate::table::Unit;

/// The eight fund fields of a settlement (identity 4 of the national interface).
pub(crate) const FUND_FIELDS: [&str; 8] =
    ["hifp_pay", "cvlserv_pay", "hifes_pay", "hifmi_pay", "hifob_pay", "maf_pay", "hifdm_pay", "oth_pay"];

/// The layers in the order in which `[pipeline]` names them.
pub(crate) fn in_order<'a>(
    layers: Vec<Placed<'a, LayerFile>>,
    pipeline: Option<&Placed<'a, Spanned<PipelineFile>>>,
    reporter: &mut Reporter,
) -> Vec<Placed<'a, LayerFile>> {
    let Some(pipeline) = pipeline else {
        for layer in layers.iter().take(1) {
            reporter.error(
                layer.place(&layer.item.id),
                "there are layers but no [pipeline] order = […] to say which pays first",
            );
        }
        return layers;
    };
    let mut waiting: Vec<Option<Placed<'a, LayerFile>>> = layers.into_iter().map(Some).collect();
    let mut ordered = Vec::new();
    for name in &pipeline.item.get_ref().order {
        let found = waiting
            .iter_mut()
            .find(|layer| layer.as_ref().is_some_and(|layer| layer.item.id.as_ref() == name.as_ref()));
        match found.and_then(Option::take) {
            Some(layer) => ordered.push(layer),
            None => reporter.error(
                pipeline.place(name),
                format!("[pipeline] names “{}”, but no [[layer]] of that name is left", name.as_ref()),
            ),
        }
    }
    for layer in waiting.into_iter().flatten() {
        reporter.error(
            layer.place(&layer.item.id),
            format!("the layer “{}” is missing from [pipeline] order", layer.item.id.as_ref()),
        );
    }
    ordered
}

pub(crate) fn compile(layer: &Placed<LayerFile>, resolver: &mut Resolver) -> Layer {
    let item = layer.item;
    let file = layer.file;
    let Some(Target::Layer(own)) = resolver.names.get(item.id.as_ref()).copied() else {
        unreachable!("every layer was defined by its name");
    };
    let mut amount = |text: &Spanned<String>, kinds: &[Type], resolver: &mut Resolver| -> Formula {
        let (formula, shape) = resolver.formula_with_shape(file, text, kinds);
        if shape.layers > own {
            resolver
                .reporter
                .error(layer.place(text), "this asks for a layer that stands later in [pipeline] order, or for itself");
        }
        if shape.stages & (1 << Stage::Settle as u16) == 0 {
            resolver.reporter.error(layer.place(text), "this asks for something that is not known at settlement");
        }
        formula
    };
    let account = item.account.as_ref().and_then(|account| match account.as_ref().as_str() {
        "own" => Some(AccountKind::Own),
        "givers" => Some(AccountKind::Givers),
        other => {
            resolver.reporter.error(layer.place(account), format!("account is \"own\" or \"givers\", not “{other}”"));
            None
        }
    });
    match (&item.pays, account) {
        (Some(pays), None) if !FUND_FIELDS.contains(&pays.as_ref().as_str()) => {
            resolver.reporter.error(
                layer.place(pays),
                format!(
                    "“{}” is no fund field of a settlement; choose one of {}",
                    pays.as_ref(),
                    FUND_FIELDS.join(", ")
                ),
            );
        }
        (Some(_), None) | (None, Some(_)) => {}
        _ => resolver
            .reporter
            .error(layer.place(&item.id), "a layer needs either pays = (a fund field) or account = (own or givers)"),
    }
    let bands = item.bands.as_ref().and_then(|name| match resolver.names.get(name.as_ref()).copied() {
        Some(Target::Table(n)) if resolver.table_units[n] == Unit::PercentByBand => Some(n),
        _ => {
            resolver.reporter.error(
                layer.place(name),
                format!("“{}” is not a table with unit = \"percent by yuan\"", name.as_ref()),
            );
            None
        }
    });
    let bands_from_zero = match item.bands_from.as_ref().map(|from| (from.as_ref().as_str(), from)) {
        None | Some(("threshold", _)) => false,
        Some(("zero", _)) => true,
        Some((other, from)) => {
            resolver
                .reporter
                .error(layer.place(from), format!("bands_from is \"threshold\" or \"zero\", not “{other}”"));
            false
        }
    };
    let rounding = match item.rounding.as_ref().map(|rounding| (rounding.as_ref().as_str(), rounding)) {
        None | Some(("total", _)) => Rounding::Total,
        Some(("band", _)) => Rounding::Band,
        Some(("band share", _)) => Rounding::BandShare,
        Some((other, rounding)) => {
            resolver.reporter.error(
                layer.place(rounding),
                format!("rounding is \"total\", \"band\" or \"band share\", not “{other}”"),
            );
            Rounding::Total
        }
    };
    let giver_total = item.giver_total.as_ref().and_then(|name| match resolver.names.get(name.as_ref()).copied() {
        Some(Target::Total(n)) => Some(n),
        _ => {
            resolver.reporter.error(layer.place(name), format!("“{}” is not an accumulator", name.as_ref()));
            None
        }
    });
    if account == Some(AccountKind::Givers) && (item.on.is_none() || giver_total.is_none()) {
        resolver.reporter.error(
            layer.place(&item.id),
            "a layer over givers needs on = (a date) and giver_total = (an accumulator with giver.psn_no in its key)",
        );
    }
    let limits = item.limits.iter().map(|limit| compile_limit(layer, limit, &mut amount, resolver)).collect();
    Layer {
        id: item.id.as_ref().as_str().into(),
        name: item.name.as_str().into(),
        english: item.english.as_str().into(),
        article: item.article.as_str().into(),
        pays: item.pays.as_ref().map(|pays| pays.as_ref().clone()),
        account,
        fund: amount(&item.fund, &[Type::Text], resolver),
        when: item.when.as_ref().map(|when| amount(when, &[Type::Flag], resolver)),
        input: amount(&item.input, &[Type::Money], resolver),
        from: item.from.as_ref().map(|from| amount(from, &[Type::Money], resolver)),
        threshold: item.threshold.as_ref().map(|threshold| amount(threshold, &[Type::Money], resolver)),
        bands_from_zero,
        bands,
        ratio: item.ratio.as_ref().map(|ratio| amount(ratio, &[Type::Number], resolver)),
        limits,
        rounding,
        on: item.on.as_ref().map(|on| amount(on, &[Type::Date], resolver)),
        giver_total,
    }
}

fn compile_limit(
    layer: &Placed<LayerFile>,
    limit: &LimitFile,
    amount: &mut impl FnMut(&Spanned<String>, &[Type], &mut Resolver) -> Formula,
    resolver: &mut Resolver,
) -> Limit {
    let on = match limit.on.as_ref().map(|on| (on.as_ref().as_str(), on)) {
        None | Some(("payment", _)) => LimitOn::Payment,
        Some(("fee", _)) => LimitOn::Fee,
        Some((other, on)) => {
            resolver
                .reporter
                .error(layer.place(on), format!("a limit is on = \"payment\" or on = \"fee\", not “{other}”"));
            LimitOn::Payment
        }
    };
    Limit {
        name: limit.name.as_str().into(),
        article: limit.article.as_str().into(),
        when: limit.when.as_ref().map(|when| amount(when, &[Type::Flag], resolver)),
        remaining: amount(&limit.remaining, &[Type::Money], resolver),
        on,
    }
}
