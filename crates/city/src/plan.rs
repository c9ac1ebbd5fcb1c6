//! 就诊计划: on which days a life meets the health system, and how. Each day of each person
//! has its own dice, so a plan can be made again for any span without the rest of the city.

use jiff::ToSpan as _;
use terms::Date;

use crate::household::World;
use crate::person::{FilingKind, Person};
use crate::random::Dice;

/// 医疗类别 of a visit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// 普通门诊 11.
    Outpatient,
    /// 挂号 12.
    Registration,
    /// 急诊 13.
    Emergency,
    /// 门诊慢特病 14.
    Chronic,
    /// 普通住院 21.
    Stay,
    /// 外伤住院 22.
    Trauma,
    /// 转外诊治住院 23.
    Referred,
    /// 急诊转住院 24.
    Urgent,
    /// 日间手术 28.
    DaySurgery,
    /// 药店购药 41.
    Pharmacy,
    /// 生育门诊 51.
    Prenatal,
    /// 生育住院 52.
    Delivery,
}

impl Kind {
    /// All kinds, in the order of their codes.
    pub const ALL: [Kind; 12] = [
        Kind::Outpatient,
        Kind::Registration,
        Kind::Emergency,
        Kind::Chronic,
        Kind::Stay,
        Kind::Trauma,
        Kind::Referred,
        Kind::Urgent,
        Kind::DaySurgery,
        Kind::Pharmacy,
        Kind::Prenatal,
        Kind::Delivery,
    ];

    /// 医疗类别 `med_type`.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Kind::Outpatient => "11",
            Kind::Registration => "12",
            Kind::Emergency => "13",
            Kind::Chronic => "14",
            Kind::Stay => "21",
            Kind::Trauma => "22",
            Kind::Referred => "23",
            Kind::Urgent => "24",
            Kind::DaySurgery => "28",
            Kind::Pharmacy => "41",
            Kind::Prenatal => "51",
            Kind::Delivery => "52",
        }
    }

    /// 住院类: admitted and discharged, not registered.
    #[must_use]
    pub fn is_stay(self) -> bool {
        matches!(self, Kind::Stay | Kind::Trauma | Kind::Referred | Kind::Urgent | Kind::DaySurgery | Kind::Delivery)
    }

    /// The letter of the disease table ([`crate::disease`]) or, for stays, of the stays' table
    /// ([`crate::stay`]); `None` where the life itself decides the disease.
    pub(crate) fn setting(self) -> Option<char> {
        match self {
            Kind::Outpatient | Kind::Registration => Some('o'),
            Kind::Emergency => Some('e'),
            Kind::Stay => Some('i'),
            Kind::Trauma => Some('t'),
            Kind::Referred => Some('r'),
            Kind::Urgent => Some('u'),
            Kind::DaySurgery => Some('d'),
            Kind::Pharmacy => Some('p'),
            Kind::Prenatal => Some('n'),
            Kind::Delivery => Some('m'),
            Kind::Chronic => None,
        }
    }
}

/// Part of a transfer between two hospitals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Transfer {
    No,
    /// This stay ends in another hospital's bed.
    Leaves,
    /// This stay begins there, some hours later.
    Arrives,
    /// The patient does not leave this stay alive.
    Dies,
}

/// One visit of the plan; the rest of it is drawn when it is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Planned {
    /// Minutes since the beginning of the span: the order of the stream.
    pub(crate) minute: u32,
    pub(crate) household: u32,
    pub(crate) member: u8,
    pub(crate) kind: Kind,
    /// Nights of a stay.
    pub(crate) nights: u8,
    pub(crate) transfer: Transfer,
    /// Which of the person's chronic diseases, for [`Kind::Chronic`].
    pub(crate) chronic: u8,
    /// Which act of the city's plots, counted from 1; 0: life itself.
    pub(crate) act: u32,
}

/// Visits a year of 1,000 people, by age band.
const RATES: &[(Kind, [u64; 6])] = &[
    (Kind::Outpatient, [4200, 1800, 1500, 2300, 3600, 3900]),
    (Kind::Registration, [280, 140, 190, 250, 330, 330]),
    (Kind::Emergency, [480, 180, 150, 150, 240, 340]),
    (Kind::Pharmacy, [600, 500, 1800, 2600, 3200, 2600]),
    (Kind::Stay, [85, 30, 45, 90, 240, 380]),
    (Kind::Trauma, [3, 4, 7, 8, 9, 9]),
    (Kind::Referred, [2, 1, 4, 7, 10, 6]),
    (Kind::Urgent, [12, 5, 6, 15, 45, 80]),
    (Kind::DaySurgery, [3, 4, 12, 16, 15, 7]),
];

/// Thousandths of the average, Monday to Sunday.
fn weekday(kind: Kind, date: Date) -> u64 {
    let at = usize::try_from(date.weekday().to_monday_zero_offset()).unwrap_or(0);
    match kind {
        Kind::Emergency | Kind::Urgent | Kind::Trauma => [950, 930, 930, 940, 1000, 1120, 1130][at],
        Kind::Pharmacy => [980, 960, 960, 960, 1000, 1080, 1060][at],
        _ => [1260, 1130, 1090, 1060, 1030, 830, 600][at],
    }
}

const PLAN: u64 = 10;

/// The visits of one person from day 0 up to, not including, day `until`.
pub(crate) fn plan(world: &World<'_>, person: &Person, until: u16, mut tell: impl FnMut(Planned)) {
    let share = presence(world, person);
    let mut leaves_on: Option<u16> = None;
    let (last_day, last_stay) = last_days(world, person);
    for day in 0..until.min(last_day) {
        let date = world.from.saturating_add(i64::from(day).days());
        let keys = [PLAN, u64::from(person.household), u64::from(person.member), u64::from(day)];
        let mut dice = Dice::keyed(world.seed, &keys);
        if let Some(nights) = last_stay.filter(|(on, _)| *on == day && leaves_on.is_none_or(|last| last < day)) {
            let minute = u32::from(day) * 1440 + minute(Kind::Urgent, &mut dice);
            let (household, member, kind) = (person.household, person.member, Kind::Urgent);
            let transfer = Transfer::Dies;
            tell(Planned { minute, household, member, kind, nights: nights.1, transfer, chronic: 0, act: 0 });
            break;
        }
        let in_bed = leaves_on.is_some_and(|last| day <= last);
        if in_bed && !dice.chance(4) {
            continue; // now and then someone else comes with the card of a patient in bed
        }
        let Some((kind, chronic)) = event(person, date, share, &mut dice) else {
            continue;
        };
        if in_bed && kind.is_stay() {
            continue;
        }
        let nights = nights(kind, person, &mut dice);
        let last_bed = kind.is_stay() && day + u16::from(nights) >= last_day;
        let nights = if last_bed { u8::try_from((last_day - day).max(1)).unwrap_or(1) } else { nights };
        let moves = matches!(kind, Kind::Stay | Kind::Urgent) && dice.chance(25) && !last_bed;
        let planned = Planned {
            minute: u32::from(day) * 1440 + shift(person, kind, chronic).unwrap_or_else(|| minute(kind, &mut dice)),
            household: person.household,
            member: person.member,
            kind,
            nights,
            transfer: match (last_bed, moves) {
                (true, _) => Transfer::Dies,
                (false, true) => Transfer::Leaves,
                (false, false) => Transfer::No,
            },
            chronic,
            act: 0,
        };
        tell(planned);
        if !kind.is_stay() {
            continue;
        }
        if last_bed {
            break;
        }
        let last = day + u16::from(nights);
        leaves_on = Some(last);
        let more = u8::try_from(dice.range(4, 10)).unwrap_or(5);
        if moves && last < until && last + u16::from(more) < last_day {
            let minute = u32::from(last) * 1440 + 780 + u32::try_from(dice.below(120)).unwrap_or(0);
            let kind = if dice.chance(200) { Kind::Referred } else { Kind::Stay };
            tell(Planned { minute, kind, nights: more, transfer: Transfer::Arrives, ..planned });
            leaves_on = Some(last + u16::from(more));
        }
    }
}

/// The first day without the person, and the stay that ends in death (its day and nights).
fn last_days(world: &World<'_>, person: &Person) -> (u16, Option<(u16, u8)>) {
    let Some(death) = person.death else {
        return (u16::MAX, None);
    };
    let day = world.from.until(death.day).map_or(i32::MAX, |span| span.get_days());
    let day = u16::try_from(day).unwrap_or(u16::MAX);
    let stay = death.nights.and_then(|nights| Some((day.checked_sub(u16::from(nights))?, nights)));
    (day, stay)
}

/// 透析: so many visits a year keep to days of the week and to a shift.
pub(crate) const DIALYSIS_VISITS: u64 = 100;

/// The minute at which the shift of a dialysis patient begins, with some minutes to settle in.
fn shift(person: &Person, kind: Kind, chronic: u8) -> Option<u32> {
    let disease = person.chronic.get(usize::from(chronic)).filter(|_| kind == Kind::Chronic)?;
    let shifts = [445, 735, 1010];
    let own = person.household % 3;
    (disease.visits_a_year >= DIALYSIS_VISITS)
        .then(|| shifts[usize::try_from(own).unwrap_or(0)] + person.household / 3 % 25)
}

/// Thrice a week: Monday, Wednesday, Friday or the days after them.
fn dialysis_day(person: &Person, date: Date) -> bool {
    let weekday = date.weekday().to_monday_zero_offset();
    weekday < 6 && (weekday % 2 == 0) == person.household.is_multiple_of(2)
}

/// How much of the ordinary demand reaches the interface, in thousandths: people without
/// cover seldom show a card.
fn presence(world: &World<'_>, person: &Person) -> u64 {
    let covered = person.coverage.iter().any(|row| row.period.covers(world.from));
    match (person.coverage.is_empty(), covered) {
        (true, _) => 60,
        (false, false) => 250,
        (false, true) => 1000,
    }
}

fn event(person: &Person, date: Date, share: u64, dice: &mut Dice) -> Option<(Kind, u8)> {
    let maternity = person.pregnancy.filter(|_| person.maternity_scheme().is_some());
    if maternity.is_some_and(|pregnancy| pregnancy.end == date) {
        return Some((Kind::Delivery, 0));
    }
    let mut left = dice.below(1_000_000);
    let mut hit = |ppm: u64| {
        let here = left < ppm;
        left = left.saturating_sub(ppm);
        here
    };
    if maternity.is_some_and(|p| p.begin.saturating_add(56.days()) < date && date < p.end) && hit(42_000) {
        return Some((Kind::Prenatal, 0));
    }
    for (at, chronic) in (0_u8..).zip(&person.chronic) {
        let filed = person.filings.iter().any(|filing| filing.kind == FilingKind::Chronic);
        if chronic.visits_a_year >= DIALYSIS_VISITS && chronic.filed {
            if dialysis_day(person, date) && hit(970_000) {
                return Some((Kind::Chronic, at));
            }
            continue;
        }
        let yearly = if chronic.filed { chronic.visits_a_year } else { chronic.visits_a_year.min(4) / 4 };
        let ppm = yearly * 1_000_000 / 365 * weekday(Kind::Chronic, date) / 1000;
        if filed && hit(ppm * share / 1000) {
            return Some((Kind::Chronic, at));
        }
    }
    // One in four newborns is kept in hospital, or comes back within four weeks.
    let newborn = person.birth <= date && date <= person.birth.saturating_add(28.days());
    if newborn && hit(10_000 * share / 1000) {
        return Some((Kind::Stay, 0));
    }
    let band = person.band();
    let kind =
        RATES.iter().find(|(kind, rates)| hit(rates[band] * 1000 / 365 * weekday(*kind, date) / 1000 * share / 1000));
    kind.map(|(kind, _)| (*kind, 0))
}

/// The minute of the day at which a visit begins.
fn minute(kind: Kind, dice: &mut Dice) -> u32 {
    let minute = match kind {
        Kind::Emergency => dice.range(10, 1340),
        Kind::Urgent | Kind::Trauma => dice.range(400, 1380),
        Kind::Pharmacy => dice.range(490, 1230),
        _ if dice.chance(660) => dice.range(475, 700),
        _ => dice.range(810, 1015),
    };
    u32::try_from(minute).unwrap_or(0)
}

fn nights(kind: Kind, person: &Person, dice: &mut Dice) -> u8 {
    let nights = match kind {
        Kind::DaySurgery => 1,
        Kind::Delivery => match person.pregnancy.map(|pregnancy| pregnancy.outcome) {
            Some("3") => dice.range(4, 6),
            Some("5" | "6") => dice.range(1, 3),
            _ => dice.range(2, 4),
        },
        Kind::Referred => dice.range(6, 16),
        Kind::Trauma => dice.range(5, 16),
        _ if kind.is_stay() => {
            // Few long stays, many around a week.
            let long = if dice.chance(80) { dice.range(5, 14) } else { 0 };
            dice.range(3, 6) + dice.range(0, 6) + long
        }
        _ => 0,
    };
    u8::try_from(nights).unwrap_or(0)
}
