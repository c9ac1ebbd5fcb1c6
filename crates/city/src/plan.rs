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
    for day in 0..until {
        let date = world.from.saturating_add(i64::from(day).days());
        let keys = [PLAN, u64::from(person.household), u64::from(person.member), u64::from(day)];
        let mut dice = Dice::keyed(world.seed, &keys);
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
        let moves = matches!(kind, Kind::Stay | Kind::Urgent) && dice.chance(25);
        let planned = Planned {
            minute: u32::from(day) * 1440 + minute(kind, &mut dice),
            household: person.household,
            member: person.member,
            kind,
            nights,
            transfer: if moves { Transfer::Leaves } else { Transfer::No },
            chronic,
        };
        tell(planned);
        if !kind.is_stay() {
            continue;
        }
        let last = day + u16::from(nights);
        leaves_on = Some(last);
        if moves && last < until {
            let more = u8::try_from(dice.range(4, 10)).unwrap_or(5);
            let minute = u32::from(last) * 1440 + 780 + u32::try_from(dice.below(120)).unwrap_or(0);
            let kind = if dice.chance(200) { Kind::Referred } else { Kind::Stay };
            tell(Planned { minute, kind, nights: more, transfer: Transfer::Arrives, ..planned });
            leaves_on = Some(last + u16::from(more));
        }
    }
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
