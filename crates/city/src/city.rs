//! 城市: options, what is prepared once, and the two streams: persons and visits.

use std::collections::HashMap;
use std::sync::Arc;

use terms::Date;

use crate::CityError;
use crate::disease::{Disease, diseases};
use crate::household::{World, filing_number, household};
use crate::person::{Filing, FilingKind, Person};
use crate::plan::{Kind, Planned, plan};
use crate::plot::Plots;
use crate::region::{Institution, Item, RegionFiles};
use crate::stay::Stays;
use crate::story::tell;
use crate::visit::Visit;

/// How large a city, which one, and over which days.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CityOptions {
    /// The seed: the same seed is the same city.
    pub seed: u64,
    /// 人口, 1,000 to 10 million.
    pub people: u32,
    /// 机构: at most so many of the region's, spread over the kinds.
    pub institutions: usize,
    /// The first day.
    pub from: Date,
    /// How many days.
    pub days: u16,
    /// 违规与欺诈, in hundredths of the rates of `data/plots.csv`; 0: none is planted.
    pub fraud: u16,
}

impl Default for CityOptions {
    fn default() -> CityOptions {
        CityOptions {
            seed: 999_900,
            people: 100_000,
            institutions: 40,
            from: jiff::civil::date(2026, 7, 1),
            days: 31,
            fraud: 25,
        }
    }
}

/// What belongs to nearly every bill of its sort.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Usual {
    Bed,
    MotherBed,
    Nursing,
    Round,
    Clinic,
    Urgent,
    General,
    Care,
    Test,
    Anaesthesia,
    Dialysis,
    IcuBed,
    IcuNursing,
}

/// The words by which each is found in the names of a 收费项目类别; the whole class if none has them.
const USUAL: [(Usual, usize, &[&str]); 13] = [
    (Usual::Bed, 1, &["三人间", "双人间", "四人"]),
    (Usual::MotherBed, 1, &["母婴同室"]),
    (Usual::Nursing, 7, &["Ⅲ级护理", "Ⅱ级护理", "Ⅰ级护理", "一级护理"]),
    (Usual::Round, 2, &["住院诊查"]),
    (Usual::Clinic, 2, &["普通门诊诊查", "副主任医师门诊", "诊察费"]),
    (Usual::Urgent, 2, &["急诊诊查"]),
    (Usual::General, 12, &["一般诊疗"]),
    (Usual::Care, 5, &["静脉输液", "静脉注射", "肌内注射", "心电监护", "氧气", "换药(小)", "皮试"]),
    (Usual::Test, 4, &["血常规", "尿常规", "肝功能", "肾功能", "电解质", "葡萄糖", "血糖", "凝血", "C反应"]),
    (Usual::Anaesthesia, 6, &["麻醉"]),
    (Usual::Dialysis, 5, &["血液透析", "腹膜透析"]),
    (Usual::IcuBed, 1, &["监护病房", "重症"]),
    (Usual::IcuNursing, 7, &["重症监护", "特级护理"]),
];

/// What shows that a grave diagnosis was made.
const EVIDENCE: [(&str, &[&str]); 6] = [
    ("J96", &["血气分析", "无创呼吸机辅助呼吸"]),
    ("A41", &["血培养及鉴定", "降钙素原测定"]),
    ("N17", &["肾功能三项", "电解质六项"]),
    ("I50", &["N端脑钠肽前体测定", "心脏彩色多普勒超声"]),
    ("K92", &["粪便隐血试验", "血细胞分析(五分类)"]),
    ("I21", &["肌钙蛋白I测定", "常规心电图"]),
];

/// Institutions and items, sorted by what they are asked for.
#[derive(Debug)]
pub(crate) struct Shelves {
    /// Hospitals of the area at levels 1, 2, 3.
    pub(crate) hospitals: [Vec<Arc<Institution>>; 3],
    pub(crate) pharmacies: Vec<Arc<Institution>>,
    /// Hospitals elsewhere.
    pub(crate) elsewhere: Vec<Arc<Institution>>,
    pub(crate) elsewhere_pharmacies: Vec<Arc<Institution>>,
    pub(crate) areas_elsewhere: Vec<Arc<str>>,
    pub(crate) diseases: Vec<Disease>,
    pub(crate) stays: Stays,
    /// What shows that a grave diagnosis was made: beginning of the code, items.
    pub(crate) evidence: Vec<(&'static str, Vec<usize>)>,
    /// Items by code, as indexes.
    pub(crate) by_code: HashMap<String, Vec<usize>>,
    /// Items by 收费项目类别 01…14, as indexes.
    pub(crate) by_charge: [Vec<usize>; 15],
    /// Items by [`Usual`].
    pub(crate) usual: [Vec<usize>; 13],
}

/// 合成城市.
#[derive(Debug)]
pub struct City {
    pub(crate) options: CityOptions,
    pub(crate) region: RegionFiles,
    pub(crate) shelves: Shelves,
    pub(crate) plots: Plots,
}

impl City {
    /// Prepares a city on a region's catalogue and institutions.
    ///
    /// # Errors
    /// [`CityError::Missing`] when the region has no hospital of its own or no usable catalogue.
    pub fn new(options: CityOptions, region: &RegionFiles) -> Result<City, CityError> {
        let mut region = region.clone();
        region.institutions = spread(&region.institutions, &region.area, options.institutions);
        let shelves = shelve(&region, options.from)?;
        let mut city = City { options, region, shelves, plots: Plots::default() };
        city.plots = Plots::stage(&city)?;
        Ok(city)
    }

    /// What was asked for.
    #[must_use]
    pub fn options(&self) -> &CityOptions {
        &self.options
    }

    /// 统筹区.
    #[must_use]
    pub fn area(&self) -> &str {
        &self.region.area
    }

    /// The institutions that the city uses.
    #[must_use]
    pub fn institutions(&self) -> &[Arc<Institution>] {
        &self.region.institutions
    }

    /// Every person, household by household. Nothing is held: the stream makes them.
    #[must_use]
    pub fn persons(&self) -> Persons<'_> {
        Persons { city: self, next_household: 0, left: self.options.people, waiting: Vec::new().into_iter() }
    }

    /// Every visit of the span, in order of its beginning. Only a window of plans is held.
    #[must_use]
    pub fn visits(&self) -> Visits<'_> {
        Visits { city: self, only_stays: false, next_day: 0, window: Vec::new().into_iter(), last: None }
    }

    /// 住院: the stays alone, the same as among all visits, without telling the others.
    #[must_use]
    pub fn stays(&self) -> Visits<'_> {
        Visits { only_stays: true, ..self.visits() }
    }

    /// The catalogue row of a code on a day; the last one where none is in force.
    pub(crate) fn item(&self, code: &str, day: Date) -> Option<&Item> {
        let rows = self.shelves.by_code.get(code)?;
        let items = || rows.iter().map(|at| &self.region.items[*at]);
        items().find(|item| item.period.covers(day)).or_else(|| items().next_back())
    }

    pub(crate) fn world(&self) -> World<'_> {
        World {
            seed: self.options.seed,
            from: self.options.from,
            employers: u64::from(self.options.people) / 90 + 8,
            area: &self.region.area,
            chronic: &self.region.chronic,
            elsewhere: &self.shelves.areas_elsewhere,
        }
    }

    /// The households in order, each with as many members as the city still has room for.
    pub(crate) fn households(&self) -> impl Iterator<Item = Vec<Person>> + '_ {
        let world = self.world();
        let mut left = usize::try_from(self.options.people).unwrap_or(usize::MAX);
        (0..).map_while(move |number| {
            if left == 0 {
                return None;
            }
            let mut members = household(&world, number);
            members.truncate(left);
            left -= members.len();
            Some(members)
        })
    }

    /// How many plans a window may hold; a plan is 20 bytes.
    const WINDOW: u32 = 2_000_000;

    fn days_a_window(&self) -> u16 {
        let a_day = (self.options.people / 40).max(1);
        u16::try_from((Self::WINDOW / a_day).max(1)).unwrap_or(u16::MAX)
    }

    fn plans(&self, from: u16, until: u16) -> Vec<Planned> {
        let first = u32::from(from) * 1440;
        let end = u32::from(until) * 1440;
        let mut plans = Vec::new();
        for person in self.households().flatten() {
            self.plan_of(&person, until, |planned| {
                if (first..end).contains(&planned.minute) {
                    plans.push(planned);
                }
            });
        }
        plans.sort_unstable_by_key(|p| (p.minute, p.household, p.member));
        plans
    }
}

/// The stream of persons.
pub struct Persons<'a> {
    city: &'a City,
    next_household: u32,
    left: u32,
    waiting: std::vec::IntoIter<Person>,
}

impl Iterator for Persons<'_> {
    type Item = Person;

    fn next(&mut self) -> Option<Person> {
        if self.left == 0 {
            return None;
        }
        let mut person = loop {
            match self.waiting.next() {
                Some(person) => break person,
                None => {
                    self.waiting = household(&self.city.world(), self.next_household).into_iter();
                    self.next_household += 1;
                }
            }
        };
        self.left -= 1;
        file_accidents(self.city, &mut person);
        Some(person)
    }
}

/// 外伤备案 has no transaction of its own: the bureau files it, so it stands in the opening
/// files, from the day of the accident on.
fn file_accidents(city: &City, person: &mut Person) {
    let Some((scheme, _)) = person.scheme() else {
        return;
    };
    let mut days = Vec::new();
    plan(&city.world(), person, city.options.days, |planned| {
        if planned.kind == Kind::Trauma {
            days.push(planned.minute / 1440);
        }
    });
    for (which, day) in days.into_iter().enumerate() {
        if (person.household + day).is_multiple_of(14) {
            continue; // forgotten: the stay will be refused
        }
        let begin = city.options.from.saturating_add(jiff::Span::new().days(i64::from(day)));
        let filing = Filing {
            number: filing_number(person, "T", which),
            kind: FilingKind::Trauma,
            scheme,
            disease: String::new(),
            area: String::new(),
            period: terms::Period { begin, end: Some(begin.saturating_add(jiff::Span::new().days(60))) },
        };
        person.filings.push(filing);
    }
}

/// The stream of visits.
pub struct Visits<'a> {
    city: &'a City,
    only_stays: bool,
    next_day: u16,
    window: std::vec::IntoIter<Planned>,
    last: Option<(u32, Vec<Arc<Person>>)>,
}

impl Visits<'_> {
    fn person(&mut self, planned: &Planned) -> Arc<Person> {
        let known = self.last.as_ref().filter(|(number, _)| *number == planned.household);
        if known.is_none() {
            let members = household(&self.city.world(), planned.household);
            self.last = Some((planned.household, members.into_iter().map(Arc::new).collect()));
        }
        let members = self.last.as_ref().map_or(&[][..], |(_, members)| members);
        members[usize::from(planned.member)].clone()
    }
}

impl Iterator for Visits<'_> {
    type Item = Visit;

    fn next(&mut self) -> Option<Visit> {
        loop {
            if let Some(planned) = self.window.next() {
                if self.only_stays && !planned.kind.is_stay() {
                    continue;
                }
                let person = self.person(&planned);
                match tell(self.city, &planned, person) {
                    Some(visit) => return Some(visit),
                    None => continue,
                }
            }
            if self.next_day >= self.city.options.days {
                return None;
            }
            // The first day alone, so that the stream begins soon; then as many as a window holds.
            let days = if self.next_day == 0 { 1 } else { self.city.days_a_window() };
            let until = self.next_day.saturating_add(days).min(self.city.options.days);
            self.window = self.city.plans(self.next_day, until).into_iter();
            self.next_day = until;
        }
    }
}

/// At most `limit` institutions: kinds in turn, so that a small city has one of each.
fn spread(all: &[Arc<Institution>], area: &str, limit: usize) -> Vec<Arc<Institution>> {
    let mut groups: Vec<(String, Vec<Arc<Institution>>)> = Vec::new();
    for institution in all {
        let group = format!("{}{}{}", institution.area == area, institution.pharmacy, institution.level);
        match groups.iter_mut().find(|(name, _)| *name == group) {
            Some((_, members)) => members.push(institution.clone()),
            None => groups.push((group, vec![institution.clone()])),
        }
    }
    let most = groups.iter().map(|(_, members)| members.len()).max().unwrap_or(0);
    let in_turn = (0..most).flat_map(|at| groups.iter().filter_map(move |(_, members)| members.get(at)));
    let chosen: Vec<&str> = in_turn.take(limit).map(|institution| institution.code.as_str()).collect();
    all.iter().filter(|institution| chosen.contains(&institution.code.as_str())).cloned().collect()
}

fn shelve(region: &RegionFiles, from: Date) -> Result<Shelves, CityError> {
    let local = |i: &&Arc<Institution>| i.area == region.area && i.period.covers(from);
    let at_level = |level: &str| -> Vec<Arc<Institution>> {
        region.institutions.iter().filter(local).filter(|i| !i.pharmacy && i.level == level).cloned().collect()
    };
    let away = |pharmacy: bool| -> Vec<Arc<Institution>> {
        let there = region.institutions.iter().filter(|i| i.area != region.area && i.pharmacy == pharmacy);
        there.cloned().collect()
    };
    let elsewhere = away(false);
    let mut areas_elsewhere: Vec<Arc<str>> = Vec::new();
    for institution in &elsewhere {
        if !areas_elsewhere.iter().any(|area| **area == *institution.area) {
            areas_elsewhere.push(Arc::from(institution.area.as_str()));
        }
    }
    let mut by_charge: [Vec<usize>; 15] = std::array::from_fn(|_| Vec::new());
    let mut by_code: HashMap<String, Vec<usize>> = HashMap::new();
    for (at, item) in region.items.iter().enumerate() {
        by_code.entry(item.code.clone()).or_default().push(at);
        if let Some(shelf) = item.charge_type.parse::<usize>().ok().and_then(|kind| by_charge.get_mut(kind)) {
            shelf.push(at);
        }
    }
    let hospitals = [at_level("1"), at_level("2"), at_level("3")];
    if hospitals.iter().all(Vec::is_empty) {
        return Err(CityError::Missing("hospital of its own area"));
    }
    if by_charge[9].is_empty() {
        return Err(CityError::Missing("western drugs (med_chrgitm_type 09)"));
    }
    let diseases = diseases(region)?;
    Ok(Shelves {
        hospitals,
        pharmacies: region.institutions.iter().filter(local).filter(|i| i.pharmacy).cloned().collect(),
        elsewhere,
        elsewhere_pharmacies: away(true),
        areas_elsewhere,
        stays: Stays::read(region, &diseases)?,
        evidence: EVIDENCE
            .iter()
            .map(|(head, names)| {
                let named = |name: &&str| region.items.iter().position(|item| item.name == **name);
                (*head, names.iter().filter_map(named).collect())
            })
            .collect(),
        diseases,
        usual: USUAL.map(|(_, charge, words)| {
            let named = |at: &usize| words.iter().any(|word| region.items[*at].name.contains(word));
            let found: Vec<usize> = by_charge[charge].iter().copied().filter(named).collect();
            if found.is_empty() { by_charge[charge].clone() } else { found }
        }),
        by_charge,
        by_code,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    fn small() -> City {
        let region = RegionFiles::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../regions/999900")).unwrap();
        City::new(CityOptions { people: 4_000, ..CityOptions::default() }, &region).unwrap()
    }

    #[test]
    fn plans_made_in_windows_are_the_plans_made_at_once() {
        let city = small();
        let at_once = city.plans(0, 31);
        let in_windows: Vec<Planned> =
            [(0, 3), (3, 17), (17, 31)].into_iter().flat_map(|(a, b)| city.plans(a, b)).collect();
        assert_eq!(at_once, in_windows);
    }

    #[test]
    fn ten_million_people_hold_no_more_plans_than_the_window_allows() {
        let mut city = small();
        let a_person_day = city.plans(0, 10).len();
        city.options.people = 10_000_000;
        let days = usize::from(city.days_a_window());
        let expected = a_person_day * days * 10_000_000 / (10 * 4_000);
        assert!((1..=8).contains(&days) && expected < 3_000_000, "{days} days hold {expected} plans");
    }
}
