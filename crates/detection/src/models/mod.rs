//! 模型: one file a model, one line here. A model reads the book and its parameters and tells
//! its suspicions; it never sees another's.

mod admission_cluster;
mod card_pooling;
mod checkup_stay;
mod ecod;
mod frequent_person;
mod identical_amounts;
mod impossible_load;
mod indicators;
mod over_prescribing;
mod paper_stay;
mod peers;
mod phantom_visits;
mod pharmacy_burst;
mod similar_cases;
mod split_stay;
mod stock_gap;
mod substitution;
mod supply;
mod trace_reuse;
mod upcoding;

use crate::book::Book;
use crate::facts::Suspicion;
use crate::settings::{Parameters, Settings};

/// A model: its names as its parameter file must have them, and what it does.
pub(crate) struct Model {
    pub(crate) id: &'static str,
    pub(crate) numbers: &'static [&'static str],
    pub(crate) lists: &'static [&'static str],
    pub(crate) parts: &'static [&'static str],
    pub(crate) run: fn(&Book<'_>, &Parameters) -> Vec<Suspicion>,
}

/// Every model, in the order of their names.
pub(crate) const MODELS: &[Model] = &[
    admission_cluster::MODEL,
    card_pooling::MODEL,
    checkup_stay::MODEL,
    ecod::MODEL,
    frequent_person::MODEL,
    identical_amounts::MODEL,
    impossible_load::MODEL,
    over_prescribing::MODEL,
    paper_stay::MODEL,
    peers::MODEL,
    pharmacy_burst::MODEL,
    phantom_visits::MODEL,
    similar_cases::MODEL,
    split_stay::MODEL,
    stock_gap::MODEL,
    substitution::MODEL,
    trace_reuse::MODEL,
    upcoding::MODEL,
];

/// The models' identifiers.
pub fn model_names() -> impl Iterator<Item = &'static str> {
    MODELS.iter().map(|model| model.id)
}

/// 查疑点: what the named models (all, if none is named) find, the most money at the highest
/// score first. The same facts give the same answer, in whatever order they stand.
#[must_use]
pub fn detect(book: &Book<'_>, settings: &Settings, only: &[String]) -> Vec<Suspicion> {
    let wanted = |model: &&Model| only.is_empty() || only.iter().any(|id| id == model.id);
    let mut found: Vec<Suspicion> =
        MODELS.iter().filter(wanted).flat_map(|model| (model.run)(book, settings.of(model.id))).collect();
    found.sort_by_cached_key(|one| (std::cmp::Reverse(one.weighted()), one.model.clone(), one.group.clone()));
    found
}
