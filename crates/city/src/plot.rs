//! 安排: what the city plants beside ordinary life: fraud at known rates, and innocent lives that
//! look like it. The rates are `data/plots.csv`. A plot is cast and timed when the city is
//! prepared, from the seed alone; its visits are told like all others and go the same way.

use std::collections::HashMap;

use crate::city::City;
use crate::claims::{Member, Truth};
use crate::person::Person;
use crate::plan::{Planned, plan};

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
    /// Counted from 1.
    pub(crate) plot: u32,
    /// The institution, as an index of the region's.
    pub(crate) place: Option<usize>,
    /// Which of the institution's doctors.
    pub(crate) doctor: Option<usize>,
    /// The principal diagnosis begins so.
    pub(crate) about: &'static str,
    pub(crate) script: Script,
}

/// What is peculiar about the visit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Script {
    /// Nothing: an ordinary bill.
    Usual,
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

impl Plots {
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

/// Whether an ordinary visit cannot be beside an act: at the same minute, or in another bed.
fn in_the_way(planned: &Planned, act: &Act) -> bool {
    let days = |one: &Planned| one.minute / 1440..=one.minute / 1440 + u32::from(one.nights);
    let (own, other) = (days(planned), days(&act.planned));
    let overlap = own.start() <= other.end() && other.start() <= own.end();
    let beds = planned.kind.is_stay() || act.planned.kind.is_stay();
    planned.minute == act.planned.minute || beds && overlap
}
