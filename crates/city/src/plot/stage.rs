//! 选角: who plays in a plot, where, and when.

use std::collections::HashSet;
use std::sync::Arc;

use jiff::ToSpan as _;
use terms::Date;

use super::{Act, Plot, Plots, Script, Short, Wares};
use crate::city::City;
use crate::claims::{Member, Truth};
use crate::household::household;
use crate::person::Person;
use crate::plan::{Kind, Planned, Transfer};
use crate::random::Dice;
use crate::region::Institution;

const PLOTS: u64 = 80;
/// The mean household has 2.7 members: so many people make a household that surely exists.
const PEOPLE_A_HOUSEHOLD: u32 = 3;

/// Collects plots while they are cast.
pub(super) struct Stage<'a> {
    pub(super) city: &'a City,
    pub(super) dice: Dice,
    plots: Plots,
    /// Households that play already: nobody is in two plots.
    cast: HashSet<u32>,
    /// Institutions that a fraud has taken, so that the next takes another while there are any.
    taken: HashSet<usize>,
    scheme: &'static str,
    truth: Truth,
    plot: u32,
}

/// When and where a visit of a plot is.
#[derive(Clone, Copy)]
pub(super) struct Scene {
    pub(super) day: i64,
    /// Of the day.
    pub(super) minute: i64,
    pub(super) place: Option<usize>,
    pub(super) about: &'static str,
    pub(super) doctor: Option<usize>,
}

impl Scene {
    pub(super) fn at(day: i64, minute: i64, place: usize) -> Scene {
        Scene { day, minute, place: Some(place), about: "", doctor: None }
    }

    pub(super) fn about(self, about: &'static str) -> Scene {
        Scene { about, ..self }
    }
}

impl<'a> Stage<'a> {
    pub(super) fn new(city: &'a City) -> Stage<'a> {
        Stage {
            city,
            dice: Dice::keyed(city.options.seed, &[PLOTS]),
            plots: Plots::default(),
            cast: HashSet::new(),
            taken: HashSet::new(),
            scheme: "",
            truth: Truth::Fraud,
            plot: 0,
        }
    }

    pub(super) fn finish(self) -> Plots {
        self.plots.sorted()
    }

    /// How many cases of a rate (a year of 100,000 people) fall to this city.
    pub(super) fn cases(&mut self, row: u64, rate: u64, truth: Truth) -> u64 {
        let options = &self.city.options;
        let share = if truth == Truth::Fraud { u64::from(options.fraud) } else { 100 };
        let millionths = rate * u64::from(options.people) * u64::from(options.days) * share / 3_650;
        let mut dice = Dice::keyed(options.seed, &[PLOTS, row]);
        millionths / 1_000_000 + u64::from(dice.below(1_000_000) < millionths % 1_000_000)
    }

    /// A new case; its number is given when it needs one.
    pub(super) fn case(&mut self, row: u64, which: u64, scheme: &'static str, truth: Truth) {
        self.dice = Dice::keyed(self.city.options.seed, &[PLOTS, row, which]);
        (self.scheme, self.truth) = (scheme, truth);
        self.plots.plots.push(Plot { scheme, truth, members: Vec::new() });
        self.plot = u32::try_from(self.plots.plots.len()).unwrap_or(u32::MAX);
    }

    pub(super) fn plot(&self) -> u32 {
        self.plot
    }

    pub(super) fn days(&self) -> i64 {
        i64::from(self.city.options.days)
    }

    /// The first day of something that lasts so long; `None` when the city's time is too short.
    pub(super) fn start(&mut self, lasts: i64) -> Option<i64> {
        let last = self.days() - lasts - 1;
        (last >= 0).then(|| self.dice.range(0, last))
    }

    pub(super) fn date(&self, day: i64) -> Date {
        self.city.options.from.saturating_add(day.days())
    }

    /// The institution takes part.
    pub(super) fn guilty(&mut self, place: usize) {
        let code = self.city.region.institutions[place].code.clone();
        self.member(Member::Institution, code);
    }

    pub(super) fn member(&mut self, member: Member, id: String) {
        if let Some(plot) = self.plots.plots.last_mut() {
            plot.members.push((member, id));
        }
    }

    pub(super) fn lives_at(&mut self, person: &Person, home: &str) {
        self.plots.homes.insert((person.household, person.member), home.to_owned());
    }

    pub(super) fn short(&mut self, short: Short) {
        self.plots.shorts.push(short);
    }

    pub(super) fn wares(&mut self, wares: Wares) {
        self.plots.wares.push(wares);
    }

    /// One visit. A stay is given by its nights.
    pub(super) fn act(&mut self, person: &Person, scene: Scene, (kind, nights): (Kind, i64), script: Script) {
        self.enter(self.plot, person, scene, (kind, nights), script);
    }

    /// A visit of the scene that is nobody's fault and no member of the case.
    pub(super) fn extra(&mut self, person: &Person, scene: Scene, (kind, nights): (Kind, i64), script: Script) {
        self.enter(0, person, scene, (kind, nights), script);
    }

    fn enter(&mut self, plot: u32, person: &Person, scene: Scene, (kind, nights): (Kind, i64), script: Script) {
        let minute = scene.day * 1440 + scene.minute.clamp(5, 1430);
        let within = scene.day >= 0 && scene.day + nights < self.days();
        let (Some(minute), Ok(nights)) = (u32::try_from(minute).ok().filter(|_| within), u8::try_from(nights)) else {
            return;
        };
        let planned = Planned {
            minute,
            household: person.household,
            member: person.member,
            kind,
            nights,
            transfer: Transfer::No,
            chronic: chronic(person).unwrap_or(0),
            act: 0,
        };
        let Scene { place, doctor, about, .. } = scene;
        self.plots.acts.push(Act { planned, plot, place, doctor, about, script });
    }

    /// So many persons of different households, none of them in another plot.
    pub(super) fn persons(&mut self, count: i64, wanted: impl Fn(&Person) -> bool) -> Vec<Person> {
        let households = u64::from(self.city.options.people / PEOPLE_A_HOUSEHOLD).max(1);
        self.find(count, |dice, _| dice.below(households), wanted)
    }

    /// So many persons of neighbouring households.
    pub(super) fn neighbours(&mut self, count: i64, wanted: impl Fn(&Person) -> bool) -> Vec<Person> {
        let households = u64::from(self.city.options.people / PEOPLE_A_HOUSEHOLD).max(1);
        let village = u64::from(crate::claims::HOUSEHOLDS_A_VILLAGE);
        let first = self.dice.below((households / village).max(1)) * village;
        self.find(count, move |_, turn| (first + turn) % households, wanted)
    }

    fn find(
        &mut self,
        count: i64,
        next: impl Fn(&mut Dice, u64) -> u64,
        wanted: impl Fn(&Person) -> bool,
    ) -> Vec<Person> {
        let world = self.city.world();
        let mut found = Vec::new();
        for turn in 0..u64::try_from(count).unwrap_or(0) * 150 {
            if i64::try_from(found.len()).unwrap_or(i64::MAX) >= count {
                break;
            }
            let number = u32::try_from(next(&mut self.dice, turn)).unwrap_or(0);
            if self.cast.contains(&number) {
                continue;
            }
            let fitting: Vec<Person> =
                household(&world, number).into_iter().filter(|p| self.plays(p) && wanted(p)).collect();
            if let Some(person) = self.dice.pick(&fitting) {
                self.cast.insert(number);
                found.push(person.clone());
            }
        }
        found
    }

    /// A household with at least so many members of whom each is wanted.
    pub(super) fn family(&mut self, least: usize, wanted: impl Fn(&[Person]) -> bool) -> Option<Vec<Person>> {
        let world = self.city.world();
        let households = u64::from(self.city.options.people / PEOPLE_A_HOUSEHOLD).max(1);
        for _ in 0..2_000 {
            let number = u32::try_from(self.dice.below(households)).unwrap_or(0);
            if self.cast.contains(&number) {
                continue;
            }
            let members: Vec<Person> = household(&world, number).into_iter().filter(|p| self.plays(p)).collect();
            if members.len() >= least && wanted(&members) {
                self.cast.insert(number);
                return Some(members);
            }
        }
        None
    }

    /// Insured all the time, here, alive, not with child, not on dialysis.
    fn plays(&self, person: &Person) -> bool {
        let covered = person
            .coverage
            .iter()
            .any(|row| row.scheme != "510" && row.status == "1" && row.period.covers(self.city.options.from));
        let end = self.date(self.days());
        let alive = person.death.is_none_or(|death| death.day >= end);
        let dialysis = person.chronic.iter().any(|own| own.visits_a_year >= crate::plan::DIALYSIS_VISITS);
        covered && alive && !dialysis && person.lives_in.is_none() && person.pregnancy.is_none()
    }

    /// Persons who fit, whatever else they are: for those who die or are on dialysis.
    pub(super) fn any_persons(&mut self, count: usize, wanted: impl Fn(&Person) -> bool) -> Vec<Person> {
        let world = self.city.world();
        let households = u64::from(self.city.options.people / PEOPLE_A_HOUSEHOLD).max(1);
        let mut found: Vec<Person> = Vec::new();
        for _ in 0..6_000 {
            if found.len() >= count {
                break;
            }
            let number = u32::try_from(self.dice.below(households)).unwrap_or(0);
            if self.cast.contains(&number) {
                continue;
            }
            if let Some(person) = household(&world, number).into_iter().find(|p| p.scheme().is_some() && wanted(p)) {
                self.cast.insert(number);
                found.push(person);
            }
        }
        found
    }

    fn places(&self, wanted: impl Fn(&Institution) -> bool) -> Vec<usize> {
        let region = &self.city.region;
        let end = self.date(self.days());
        let open = |one: &Arc<Institution>| {
            one.area == region.area
                && one.period.covers(self.city.options.from)
                && one.period.covers(end)
                && wanted(one)
        };
        (0..region.institutions.len()).filter(|at| open(&region.institutions[*at])).collect()
    }

    /// A hospital of one of the levels; a guilty one is not used twice while others are left.
    pub(super) fn hospital(&mut self, levels: &[&str]) -> Option<usize> {
        let all = self.places(|one| !one.pharmacy && levels.contains(&one.level.as_str()) && one.chronic);
        self.choose(all)
    }

    pub(super) fn pharmacy(&mut self) -> Option<usize> {
        let all = self.places(|one| one.pharmacy);
        self.choose(all)
    }

    fn choose(&mut self, all: Vec<usize>) -> Option<usize> {
        let free: Vec<usize> = all.iter().copied().filter(|at| !self.taken.contains(at)).collect();
        let place = self.dice.pick(if free.is_empty() { &all } else { &free }).copied()?;
        self.taken.insert(place);
        Some(place)
    }

    /// Any of the kind, taken or not: where ordinary things happen.
    pub(super) fn anywhere(&mut self, pharmacy: bool) -> Option<usize> {
        let all = self.places(|one| one.pharmacy == pharmacy);
        self.dice.pick(&all).copied()
    }

    /// A drug in packages between two prices (in 元), not injected, in force all the time.
    pub(super) fn drug(&mut self, cheapest: i64, dearest: i64) -> Option<usize> {
        let (begin, end) = (self.city.options.from, self.date(self.days()));
        let items = &self.city.region.items;
        let fits = |at: &usize| {
            let item = &items[*at];
            let price = item.typical_price.0 / 1_000_000;
            item.list_type == "101"
                && item.pack.is_some()
                && !item.restricted
                && item.level != "03"
                && !item.name.contains("小儿")
                && (cheapest..dearest).contains(&price)
                && item.period.covers(begin)
                && item.period.covers(end)
        };
        let all: Vec<usize> = (0..items.len()).filter(fits).collect();
        self.dice.pick(&all).copied()
    }

    /// An item by its name.
    pub(super) fn named(&self, name: &str) -> Option<usize> {
        self.city.region.items.iter().position(|item| item.name == name && item.period.covers(self.city.options.from))
    }
}

/// The first chronic disease on file.
pub(super) fn chronic(person: &Person) -> Option<u8> {
    person.chronic.iter().position(|own| own.filed).and_then(|at| u8::try_from(at).ok())
}
