//! 指标: what institutions, departments and doctors are measured by, for the models that compare
//! peers. What cannot be measured is `None`.

use crate::book::{Book, Purpose, Sort, day_of, head};
use crate::numbers::{centre_and_spread, median, share, shrunk, signed, whole};
use crate::settings::Parameters;
use foldhash::{HashMap, HashSet};
use std::collections::BTreeMap;

/// The indicators' identifiers; a model's parts have these names.
pub(super) const INDICATORS: &[&str] = &[
    "fee_index",
    "days_index",
    "drug_share",
    "test_share",
    "untreated_share",
    "return_rate",
    "stay_share",
    "visits_per_person",
];

/// Who is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Unit<'a> {
    /// 机构.
    Institution(usize),
    /// 科室 of an institution.
    Department(usize, &'a str),
    /// 医师.
    Doctor(usize),
}

/// The figures of one unit.
pub(super) struct Measured {
    pub(super) visits: Vec<usize>,
    pub(super) values: Vec<Option<f64>>,
}

/// Measures every unit that has enough visits.
pub(super) fn measure<'a>(book: &Book<'a>, least: usize) -> BTreeMap<Unit<'a>, Measured> {
    let mut units: BTreeMap<Unit<'_>, Vec<usize>> = BTreeMap::new();
    for (at, visit) in book.visits.iter().enumerate().filter(|(_, visit)| visit.sort != Sort::Other) {
        if let Some(place) = visit.place {
            units.entry(Unit::Institution(place)).or_default().push(at);
            if let Some(department) = visit.facts.adm_dept_codg.as_deref() {
                units.entry(Unit::Department(place, department)).or_default().push(at);
            }
        }
        if let Some(doctor) = visit.doctor {
            units.entry(Unit::Doctor(doctor)).or_default().push(at);
        }
    }
    units.retain(|_, visits| visits.len() >= least);
    let mix = Mix::of(book);
    let returned = returned(book);
    units
        .into_iter()
        .map(|(unit, visits)| {
            let values = values(book, &visits, &mix, &returned);
            (unit, Measured { visits, values })
        })
        .collect()
}

/// How each unit stands to its peers, indicator by indicator: a robust z, drawn towards 0 where
/// the unit has few visits. Peers: institutions of one level and type, their departments of one
/// code, their doctors.
pub(super) fn against_peers<'a>(
    book: &Book<'a>,
    measured: &BTreeMap<Unit<'a>, Measured>,
    parameters: &Parameters,
) -> BTreeMap<Unit<'a>, Vec<Option<f64>>> {
    let mut groups: BTreeMap<_, Vec<Unit<'_>>> = BTreeMap::new();
    for unit in measured.keys() {
        if let Some(group) = peers(book, *unit) {
            groups.entry(group).or_default().push(*unit);
        }
    }
    let mut standing: BTreeMap<Unit<'_>, Vec<Option<f64>>> = BTreeMap::new();
    for units in groups.values().filter(|units| units.len() >= parameters.count("least_peers")) {
        for indicator in 0..INDICATORS.len() {
            let known: Vec<f64> = units.iter().filter_map(|unit| measured[unit].values[indicator]).collect();
            let usual =
                if known.len() < parameters.count("least_peers") { None } else { centre_and_spread(&known, 0.0) };
            for unit in units {
                let z = measured[unit].values[indicator].zip(usual).map(|(value, (centre, spread))| {
                    let least = parameters.number("least_spread") * centre.abs().max(0.05);
                    let count = whole(measured[unit].visits.len());
                    shrunk((value - centre) / spread.max(least) * count, count, 0.0, parameters.number("shrink_visits"))
                });
                standing.entry(*unit).or_default().push(z);
            }
        }
    }
    standing
}

fn peers<'a>(book: &Book<'a>, unit: Unit<'a>) -> Option<(u8, &'a str, &'a str, &'a str)> {
    match unit {
        Unit::Institution(place) => book.peer_group(place).map(|(level, kind)| (0, level, kind, "")),
        Unit::Department(place, code) => book.peer_group(place).map(|(level, kind)| (1, level, kind, code)),
        Unit::Doctor(doctor) => {
            let first = book.of_doctor[doctor].first().map(|at| &book.visits[*at])?;
            let (level, kind) = book.peer_group(first.place?)?;
            Some((2, level, kind, ""))
        }
    }
}

/// 病例组合: what a visit of its kind and disease usually costs and lasts.
struct Mix<'a> {
    fees: HashMap<(bool, &'a str), f64>,
    nights: HashMap<&'a str, f64>,
}

impl<'a> Mix<'a> {
    fn of(book: &Book<'a>) -> Mix<'a> {
        let mut fees: HashMap<(bool, &str), Vec<f64>> = HashMap::default();
        let mut nights: HashMap<&str, Vec<f64>> = HashMap::default();
        for visit in &book.visits {
            let Some(main) = visit.main else { continue };
            if let Some(fee) = visit.fee {
                fees.entry((visit.sort == Sort::Stay, head(main))).or_default().push(signed(fee.0));
            }
            if let Some(stayed) = visit.nights().filter(|_| visit.sort == Sort::Stay) {
                nights.entry(head(main)).or_default().push(signed(stayed));
            }
        }
        Mix {
            fees: fees.into_iter().filter_map(|(key, all)| Some((key, median(&all)?))).collect(),
            nights: nights.into_iter().filter_map(|(key, all)| Some((key, median(&all)?))).collect(),
        }
    }
}

/// Stays after which the person was back in a bed of the same place within 31 days, not by plan.
fn returned(book: &Book<'_>) -> HashSet<usize> {
    let mut returned = HashSet::default();
    for visits in &book.of_person {
        let stays: Vec<usize> = visits.iter().copied().filter(|at| book.visits[*at].sort == Sort::Stay).collect();
        for two in stays.windows(2) {
            let (a, b) = (&book.visits[two[0]], &book.visits[two[1]]);
            let gap = a.end.zip(b.begin).map(|(end, begin)| day_of(begin) - day_of(end));
            if a.place == b.place && gap.is_some_and(|gap| (0..=31).contains(&gap)) && !b.by_plan() {
                returned.insert(two[0]);
            }
        }
    }
    returned
}

fn values(book: &Book<'_>, visits: &[usize], mix: &Mix<'_>, returned: &HashSet<usize>) -> Vec<Option<f64>> {
    let all = || visits.iter().map(|at| &book.visits[*at]);
    let stays = || all().filter(|visit| visit.sort == Sort::Stay);
    let ratio = |pairs: &mut dyn Iterator<Item = (f64, f64)>| {
        let (is, should) = pairs.fold((0.0, 0.0), |(a, b), (x, y)| (a + x, b + y));
        share(is, should)
    };
    let fees = &mut all().filter_map(|visit| {
        let usual = mix.fees.get(&(visit.sort == Sort::Stay, visit.head()?))?;
        Some((signed(visit.fee?.0), *usual))
    });
    let nights = &mut stays().filter_map(|visit| Some((signed(visit.nights()?), *mix.nights.get(visit.head()?)?)));
    let part = |purposes: &[Purpose]| {
        let shares: Vec<f64> = all().filter_map(|visit| visit.share(purposes)).collect();
        share(shares.iter().sum(), whole(shares.len()))
    };
    let untreated: Vec<bool> = stays()
        .filter_map(|visit| visit.share(&[Purpose::Treatment, Purpose::Drug]).map(|treated| treated < 0.2))
        .collect();
    let back = visits.iter().filter(|at| returned.contains(at)).count();
    let persons: HashSet<usize> = all().map(|visit| visit.person).collect();
    vec![
        ratio(fees),
        ratio(nights),
        part(&[Purpose::Drug]),
        part(&[Purpose::Test]),
        share(whole(untreated.iter().filter(|bare| **bare).count()), whole(untreated.len())),
        share(whole(back), whole(stays().count())),
        share(whole(stays().count()), whole(visits.len())),
        share(whole(visits.len()), whole(persons.len())),
    ]
}
