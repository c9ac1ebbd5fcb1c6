//! 安排: what the city plants beside ordinary life: fraud at known rates, and innocent lives that
//! look like it. The rates are `data/plots.csv`. A plot is cast and timed when the city is
//! prepared, from the seed alone; its visits are told like all others and go the same way.

mod books;
mod crowds;
mod lives;
mod script;
mod stage;
mod wards;

use std::collections::HashMap;

pub(crate) use script::shape;

use crate::CityError;
use crate::city::City;
use crate::claims::{Member, Truth};
use crate::person::Person;
use crate::plan::{Kind, Planned, plan};
use stage::Stage;

/// One plot: a case of a scheme, or an innocent case that resembles it.
#[derive(Debug, Clone)]
pub(crate) struct Plot {
    pub(crate) scheme: &'static str,
    pub(crate) truth: Truth,
    /// Institutions and doctors; persons, visits and lines come from its visits.
    pub(crate) members: Vec<(Member, String)>,
}

/// One visit of a plot.
#[derive(Debug, Clone)]
pub(crate) struct Act {
    pub(crate) planned: Planned,
    /// Counted from 1; 0: part of the scene, but no member of the plot.
    pub(crate) plot: u32,
    /// The institution, as an index of the region's.
    pub(crate) place: Option<usize>,
    /// Which of the institution's doctors.
    pub(crate) doctor: Option<usize>,
    /// The principal diagnosis begins so; empty: whatever brings the person.
    pub(crate) about: &'static str,
    pub(crate) script: Script,
}

/// What is peculiar about the visit. Items are indexes of the region's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Script {
    /// Nothing: an ordinary bill.
    Usual,
    /// A bed that nobody lies in: its fees and little else; so many nights of signs on record.
    Paper { signs: u16 },
    /// Tests, and nothing that treats.
    Tests,
    /// Many tests for good reasons: abnormal signs, and treatment beside them.
    Workup,
    /// An ordinary stay with some days of approved leave.
    Leave { days: u16 },
    /// A planned cycle of chemotherapy.
    Cycle,
    /// Back with the same disease, ill indeed.
    Relapse,
    /// A list that says more than was treated: so many grave diagnoses.
    Heavier { diagnoses: u8 },
    /// As grave as the list says, and treated so.
    Grave,
    /// A purchase that comes to exactly this amount, in 分.
    Amount(i64),
    /// The bill of a template, changed here and there where `loose`, in thousandths of the lines.
    Clone { template: u64, loose: u16 },
    /// The tests of a class at school.
    Class,
    /// One service of a course of treatment.
    Course(usize),
    /// A drug prescribed for so many days.
    Supply { item: usize, days: u16 },
    /// Something else handed out for the drug that is billed: dearer by so many of a hundred, maybe under its own name.
    Swapped { item: usize, dearer: u8, named: u8 },
    /// This very package of a drug.
    Package { item: usize, package: u64 },
    /// The package is bought and given back.
    Returned { item: usize, package: u64 },
}

/// How an article's books differ from what was billed of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shortage {
    /// They do not.
    None,
    /// Only so many of a hundred were bought.
    Percent(u8),
    /// Innocent: nothing is bought because there was enough at the start.
    OpeningStock,
    /// Innocent: the invoice is booked weeks after the goods came.
    LateBooking,
    /// Innocent: goods on consignment, booked as a change of stock.
    Consignment,
}

/// Articles of an institution whose books a plot bends.
#[derive(Debug, Clone)]
pub(crate) struct Short {
    pub(crate) plot: u32,
    pub(crate) institution: String,
    /// This one, or some of the best sold.
    pub(crate) article: Option<String>,
    pub(crate) count: usize,
    pub(crate) how: Shortage,
}

/// 日用品 that a pharmacy buys.
#[derive(Debug, Clone)]
pub(crate) struct Wares {
    pub(crate) institution: String,
    /// How often each of them, in thousandths a month.
    pub(crate) per_mille: u64,
}

/// All plots of a city.
#[derive(Debug, Default)]
pub(crate) struct Plots {
    plots: Vec<Plot>,
    /// By person and minute.
    acts: Vec<Act>,
    /// Where a person's acts stand.
    of_person: HashMap<(u32, u8), (usize, usize)>,
    /// Persons who live in a home, by the home's name.
    homes: HashMap<(u32, u8), String>,
    shorts: Vec<Short>,
    wares: Vec<Wares>,
}

const TABLE: &str = include_str!("../data/plots.csv");

impl Plots {
    /// Casts and times the plots of a city, by the rates of the table.
    ///
    /// # Errors
    /// [`CityError`] when the table has a row that is not one.
    pub(crate) fn stage(city: &City) -> Result<Plots, CityError> {
        let mut stage = Stage::new(city);
        for (line, text) in (2..).zip(TABLE.lines().skip(1)) {
            let cells: Vec<&'static str> = text.split(',').collect();
            let wrong = |problem| CityError::Cell {
                path: "data/plots.csv".into(),
                line,
                column: "plot".to_owned(),
                value: text.to_owned(),
                problem,
            };
            let [plot, scheme, near_miss, rate] = cells[..] else {
                return Err(wrong("has not four cells"));
            };
            let rate: u64 = rate.parse().map_err(|_| wrong("has no rate"))?;
            let truth = if near_miss.is_empty() { Truth::Fraud } else { Truth::Innocent(near_miss) };
            let direct = direction(plot).ok_or_else(|| wrong("names no plot"))?;
            for which in 0..stage.cases(line, rate, truth) {
                stage.case(line, which, scheme, truth);
                direct(&mut stage);
            }
        }
        Ok(stage.finish())
    }

    fn sorted(mut self) -> Plots {
        self.acts.sort_by_key(|act| (act.planned.household, act.planned.member, act.planned.minute));
        // Nobody is at two places in one minute.
        self.acts.dedup_by_key(|act| (act.planned.household, act.planned.member, act.planned.minute));
        for (at, act) in self.acts.iter_mut().enumerate() {
            act.planned.act = u32::try_from(at).unwrap_or(u32::MAX - 1) + 1;
            let range = self.of_person.entry((act.planned.household, act.planned.member)).or_insert((at, at));
            range.1 = at + 1;
        }
        self
    }

    /// A plot by its number, counted from 1.
    pub(crate) fn get(&self, number: u32) -> Option<&Plot> {
        usize::try_from(number).ok()?.checked_sub(1).and_then(|at| self.plots.get(at))
    }

    /// The act of a planned visit.
    pub(crate) fn act(&self, planned: &Planned) -> Option<&Act> {
        usize::try_from(planned.act).ok()?.checked_sub(1).and_then(|at| self.acts.get(at))
    }

    pub(crate) fn shorts(&self) -> &[Short] {
        &self.shorts
    }

    pub(crate) fn wares(&self) -> &[Wares] {
        &self.wares
    }

    fn of(&self, person: &Person) -> &[Act] {
        let range = self.of_person.get(&(person.household, person.member)).copied().unwrap_or((0, 0));
        &self.acts[range.0..range.1]
    }
}

/// Who directs a plot of the table.
fn direction(plot: &str) -> Option<fn(&mut Stage<'_>)> {
    Some(match plot {
        "admission_cluster" => wards::admission_cluster,
        "beside_hospital" => crowds::beside_hospital,
        "busy_clinic" => crowds::busy_clinic,
        "card_pooling" => crowds::card_pooling,
        "care_home" => crowds::care_home,
        "checkup_stay" => wards::checkup_stay,
        "chemotherapy" => wards::chemotherapy,
        "consignment" => books::consignment,
        "dialysis" => lives::dialysis,
        "dressing" => lives::dressing,
        "family" => crowds::family,
        "flu" => crowds::flu,
        "food_poisoning" => wards::food_poisoning,
        "frequent_person" => lives::frequent_person,
        "friends" => crowds::friends,
        "grave" => wards::grave,
        "identical_amounts" => crowds::identical_amounts,
        "late_booking" => books::late_booking,
        "leave" => wards::leave,
        "long_supply" => lives::long_supply,
        "month_end" => crowds::month_end,
        "opening_stock" => books::opening_stock,
        "over_prescribing" => lives::over_prescribing,
        "paper_stay" => wards::paper_stay,
        "pathway" => wards::pathway,
        "phantom_dead" => lives::phantom_dead,
        "phantom_elsewhere" => lives::phantom_elsewhere,
        "phantom_load" => crowds::phantom_load,
        "pharmacy_burst" => crowds::pharmacy_burst,
        "rehab" => lives::rehab,
        "relapse" => wards::relapse,
        "returned" => books::returned,
        "school" => crowds::school,
        "seasonal_patch" => crowds::seasonal_patch,
        "similar_cases" => crowds::similar_cases,
        "split_stay" => wards::split_stay,
        "stock_gap" => books::stock_gap,
        "substitution" => books::substitution,
        "trace_reuse" => books::trace_reuse,
        "twins" => lives::twins,
        "upcoding" => wards::upcoding,
        "workup" => wards::workup,
        _ => return None,
    })
}

impl City {
    /// The visits of one person: those of ordinary life, and those of the plots in its place.
    pub(crate) fn plan_of(&self, person: &Person, until: u16, mut tell: impl FnMut(Planned)) {
        let acts = self.plots.of(person);
        plan(&self.world(), person, until, |planned| {
            if acts.iter().all(|act| !in_the_way(&planned, act)) {
                tell(planned);
            }
        });
        acts.iter().filter(|act| act.planned.minute < u32::from(until) * 1440).for_each(|act| tell(act.planned));
    }

    /// 家庭, or the home where the person lives.
    pub(crate) fn home(&self, person: &Person) -> String {
        let home = self.plots.homes.get(&(person.household, person.member));
        home.cloned().unwrap_or_else(|| format!("J{:08}", person.household))
    }
}

/// Whether an ordinary visit cannot be beside an act: at the same minute, in another bed, or for
/// the drugs that the plot supplies.
fn in_the_way(planned: &Planned, act: &Act) -> bool {
    let days = |one: &Planned| one.minute / 1440..=one.minute / 1440 + u32::from(one.nights);
    let (own, other) = (days(planned), days(&act.planned));
    let overlap = own.start() <= other.end() && other.start() <= own.end();
    let beds = planned.kind.is_stay() || act.planned.kind.is_stay();
    let supplied = matches!(act.script, Script::Supply { .. }) && planned.kind == Kind::Chronic;
    planned.minute == act.planned.minute || beds && overlap || supplied
}
