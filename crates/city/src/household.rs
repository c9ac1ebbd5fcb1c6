//! 家庭与人生: a household is made from the seed and its number alone; its members get
//! their schemes, jobs, diseases, filings and balances here.

use std::sync::Arc;

use jiff::ToSpan as _;
use jiff::civil::date;
use terms::{Date, Fen, Period};

use crate::disease::prevalence;
use crate::names;
use crate::person::{
    Chronic, Coverage, Death, Filing, FilingKind, Identity, MutualAid, Person, Pregnancy, Total, TotalAmount,
};
use crate::random::Dice;
use crate::region::ChronicDisease;

/// Who lives together: weight, then (age from, age to, male) of the first adults, and how many children.
const FORMS: &[(u64, Form)] = &[
    (90, Form::Single(20, 38)),
    (65, Form::Single(62, 92)),
    (80, Form::Couple(24, 38, 0)),
    (215, Form::Couple(27, 48, 1)),
    (150, Form::Couple(29, 46, 2)),
    (170, Form::Couple(48, 66, 0)),
    (150, Form::Couple(65, 88, 0)),
    (140, Form::ThreeGenerations),
    (120, Form::GrownChild),
];

#[derive(Clone, Copy)]
enum Form {
    Single(i64, i64),
    Couple(i64, i64, u8),
    ThreeGenerations,
    GrownChild,
}

/// Age and sex of each member, eldest adults of the core first.
fn ages(dice: &mut Dice) -> Vec<(i64, bool)> {
    let at = dice.weighted(FORMS.iter().map(|(weight, _)| *weight)).unwrap_or(0);
    let couple = |dice: &mut Dice, from, to| {
        let man = dice.range(from, to);
        let woman = (man - dice.range(-1, 4)).max(20);
        vec![(man, true), (woman, false)]
    };
    let child_of = |dice: &mut Dice, mother: i64| (mother - dice.range(22, 33)).max(0);
    match FORMS[at].1 {
        Form::Single(from, to) => vec![(dice.range(from, to), dice.chance(500))],
        Form::Couple(from, to, children) => {
            let mut members = couple(dice, from, to);
            let mut age = child_of(dice, members[1].0);
            for _ in 0..children {
                members.push((age, dice.chance(520)));
                age = if age >= 2 { age - dice.range(2, age.min(5)) } else { break };
            }
            members
        }
        Form::ThreeGenerations => {
            let mut members = couple(dice, 28, 46);
            let child = child_of(dice, members[1].0);
            members.push((child, dice.chance(520)));
            let elder = members[0].0 + dice.range(23, 29);
            members.push((elder, false));
            if dice.chance(600) {
                members.push((elder + dice.range(0, 4), true));
            }
            members
        }
        Form::GrownChild => {
            let mut members = couple(dice, 46, 62);
            members.push(((members[1].0 - dice.range(23, 29)).max(18), dice.chance(520)));
            members
        }
    }
}

/// What of the city a household is made from.
pub(crate) struct World<'a> {
    pub(crate) seed: u64,
    pub(crate) from: Date,
    pub(crate) employers: u64,
    pub(crate) area: &'a str,
    pub(crate) chronic: &'a [ChronicDisease],
    pub(crate) elsewhere: &'a [Arc<str>],
}

/// Streams of dice, one a subject, so that a change in one leaves the others alone.
const HOUSEHOLD: u64 = 1;
const PERSON: u64 = 2;
const HEALTH: u64 = 3;
const MONEY: u64 = 4;

/// 一户: all members of household `number`.
pub(crate) fn household(world: &World<'_>, number: u32) -> Vec<Person> {
    let mut dice = Dice::keyed(world.seed, &[HOUSEHOLD, u64::from(number)]);
    let family_name = names::surname(&mut dice);
    let members = ages(&mut dice);
    let mut people: Vec<Person> =
        (0_u8..).zip(members).map(|(m, (age, male))| person(world, number, m, age, male, family_name, None)).collect();
    bear_twin(world, number, &mut people, family_name);
    let aid = match dice.below(1000) {
        0..60 if people.len() == 1 && people[0].age >= 60 => Some("2304"),
        0..25 => Some("2303"),
        60..74 => Some("2302"),
        _ => None,
    };
    if let Some(kind) = aid {
        let begin = date(world.from.year() - i16::try_from(dice.below(4)).unwrap_or(0), 1, 1);
        for person in people.iter_mut().filter(|person| person.scheme().is_some_and(|(scheme, _)| scheme == "390")) {
            person.identities.push(Identity { kind, period: Period::since(begin) });
        }
    }
    share_accounts(world, number, &mut people);
    people
}

/// 双胞胎: now and then the elder of two children has a twin of the other sex instead of a sibling.
fn bear_twin(world: &World<'_>, number: u32, people: &mut [Person], family_name: &str) {
    if people.len() < 4
        || people[3].age >= people[2].age
        || !Dice::keyed(world.seed, &[7, u64::from(number)]).chance(25)
    {
        return;
    }
    let (age, male, birth) = (i64::from(people[2].age), !people[2].male, people[2].birth);
    people[3] = person(world, number, 3, age, male, family_name, Some(birth));
}

fn person(
    world: &World<'_>,
    household: u32,
    member: u8,
    age: i64,
    male: bool,
    family_name: &str,
    twin_of: Option<Date>,
) -> Person {
    let mut dice = Dice::keyed(world.seed, &[PERSON, u64::from(household), u64::from(member)]);
    let birth = birth_date(world, household, age, &mut dice);
    let birth = twin_of.unwrap_or(birth);
    let sequence = (u64::from(household) / 100 % 500) * 2 + u64::from(male);
    let area = format!("{}{:02}", world.area.get(..4).unwrap_or("9999"), household % 100);
    // Wives and grown children's spouses keep their own names; an index above 0 that is an adult woman.
    let own = if member == 1 || member >= 3 && !male { names::surname(&mut dice) } else { family_name };
    let mut person = Person {
        number: format!("{}{household:08}{member:02}", world.area.get(..4).unwrap_or("9999")),
        household,
        member,
        name: format!("{own}{}", names::given(&mut dice, male)),
        certificate: names::certificate(&area, birth, sequence),
        male,
        birth,
        age: u8::try_from(age).unwrap_or(0),
        coverage: Vec::new(),
        identities: Vec::new(),
        filings: Vec::new(),
        account: None,
        mutual_aid: Vec::new(),
        chronic: Vec::new(),
        pregnancy: None,
        death: None,
        lives_in: None,
        totals: Vec::new(),
    };
    insure(world, &mut person, &mut dice);
    if male && age > 40 && dice.below(10_000) < 6 {
        person.identities.push(Identity { kind: "2104", period: Period::since(date(2012, 1, 1)) });
    }
    live(world, &mut person);
    person.death = death(world, &person);
    money(world, &mut person);
    person
}

/// A birthday of `age` whole years on the first day. Households that share area and sequence
/// of the certificate number differ in the day of the year, so no two numbers are alike.
fn birth_date(world: &World<'_>, household: u32, age: i64, dice: &mut Dice) -> Date {
    let (class, slot) = (u64::from(household) / 50_000, u64::from(household) % 50_000);
    let shift = Dice::keyed(world.seed, &[5, slot]).below(73);
    let day = i64::try_from((class + shift) % 73 + 73 * dice.below(5)).unwrap_or(0);
    let year = |year: i64| Date::new(i16::try_from(year).unwrap_or(2000), 1, 1).unwrap_or(world.from);
    let on = |which: i64| year(which).saturating_add(day.days());
    let this_year = i64::from(world.from.year());
    let birthday_passed = on(this_year) <= world.from;
    if age == 0 && !birthday_passed { on(this_year - 1) } else { on(this_year - age - i64::from(!birthday_passed)) }
}

/// 参保: the schemes of a working life, with the gaps, pauses and late starts of a few.
fn insure(world: &World<'_>, person: &mut Person, dice: &mut Dice) {
    let (age, male) = (person.age, person.male);
    let pension_age = if male { 60 } else { 55 };
    let employed = match age {
        0..=19 => false,
        20..=22 => dice.chance(200),
        _ if age < pension_age => dice.chance(470),
        _ => dice.chance(380),
    };
    if !employed {
        insure_resident(world, person, dice);
        return;
    }
    let retired = age >= pension_age;
    let civil_servant = dice.chance(if retired { 95 } else { 80 });
    let start = date(world.from.year() - i16::from((age - 20).clamp(1, 18)), 1, 1)
        .saturating_add(dice.range(0, 300).days())
        .min(world.from.saturating_sub(240.days()));
    let row = |begin: Date, end: Option<Date>, status, dice: &mut Dice| Coverage {
        scheme: "310",
        person_type: if retired { "12" } else { "11" },
        civil_servant,
        status,
        period: Period { begin, end },
        employer: (!retired).then(|| employer(world, civil_servant, dice)),
    };
    let gap = match if retired { 999 } else { dice.below(1000) } {
        0..25 => Some(0),                    // a new job the next day
        25..45 => Some(dice.range(20, 85)),  // a gap too short to matter
        45..57 => Some(dice.range(95, 300)), // a gap that starts a waiting period
        57..65 => None,
        _ => Some(-1),
    };
    match gap {
        Some(-1) => person.coverage.push(row(start, None, "1", dice)),
        Some(days) => {
            let again = world.from.saturating_sub(dice.range(1, 80).days());
            let left = again.saturating_sub((days + 1).days());
            person.coverage.push(row(start.min(left), Some(left), "1", dice));
            person.coverage.push(row(again, None, "1", dice));
        }
        None => {
            let paused = world.from.saturating_sub(dice.range(5, 90).days());
            person.coverage.push(row(start, Some(paused.saturating_sub(1.days())), "1", dice));
            person.coverage.push(row(paused, None, "2", dice));
        }
    }
    if !retired && dice.chance(870) {
        let last = person.coverage[person.coverage.len() - 1].clone();
        person.coverage.push(Coverage { scheme: "510", civil_servant: false, ..last });
    }
}

fn insure_resident(world: &World<'_>, person: &mut Person, dice: &mut Dice) {
    let year = world.from.year();
    let person_type = match person.age {
        0 => "1401",
        1..=5 => "1402",
        6..=17 => "1403",
        18..=22 if dice.chance(600) => "1404",
        _ => "15",
    };
    let row = |begin: Date, end: Option<Date>, status| Coverage {
        scheme: "390",
        person_type,
        civil_servant: false,
        status,
        period: Period { begin, end },
        employer: None,
    };
    let year_end = Some(date(year, 12, 31));
    let first = date(year - i16::from(person.age.clamp(1, 10)), 1, 1);
    if person.age == 0 {
        // The newborn of art. 6: insured from birth, or late by some months.
        let late = if dice.chance(900) { 0 } else { 120 };
        person.coverage.push(row(person.birth.saturating_add(late.days()), year_end, "1"));
        return;
    }
    match if person.age < 4 { 999 } else { dice.below(1000) } {
        0..18 => person.coverage.push(row(first, Some(date(year - 1, 12, 31)), "1")), // did not pay this year
        18..28 => {
            person.coverage.push(row(first, Some(date(year - 2, 12, 31)), "1"));
            person.coverage.push(row(date(year, 3, 1).saturating_add(dice.range(0, 100).days()), year_end, "1"));
        }
        28..38 => person.coverage.push(row(world.from.saturating_sub(dice.range(1, 80).days()), year_end, "1")),
        38..44 => {
            let paused = world.from.saturating_sub(dice.range(5, 90).days());
            person.coverage.push(row(first, Some(paused.saturating_sub(1.days())), "1"));
            person.coverage.push(row(paused, year_end, "2"));
        }
        44..54 => {} // in no scheme at all
        _ => person.coverage.push(row(first, year_end, "1")),
    }
}

const TRADES: &[&str] = &[
    "机械厂",
    "纺织有限公司",
    "建筑工程公司",
    "物流有限公司",
    "食品有限公司",
    "电子科技公司",
    "商贸有限公司",
    "酒店",
    "汽修厂",
    "农业合作社",
];
const OFFICES: &[&str] = &["教育局", "税务局", "自然资源局", "第一中学", "第二小学", "水利局", "交通运输局", "档案馆"];
const PLACES: &[&str] = &["衡东", "南桥", "北塘", "城西", "湖滨", "石鼓", "珠晖", "雁峰"];

fn employer(world: &World<'_>, office: bool, dice: &mut Dice) -> (String, String) {
    let count = if office { world.employers / 20 + 1 } else { world.employers };
    // The lesser of two draws: a few large employers, many small ones.
    let which = dice.below(count).min(dice.below(count));
    let pool = if office { OFFICES } else { TRADES };
    let at = |list: &[&'static str], value: u64| list[usize::try_from(value).unwrap_or(0) % list.len()];
    let length = u64::try_from(pool.len()).unwrap_or(1);
    let place = at(PLACES, which / length);
    let series = which / length / 8;
    let series = if series == 0 { String::new() } else { format!("（{series}）") };
    let number = format!("E{}{which:08}", if office { 1 } else { 2 });
    (number, format!("{place}{}{series}", at(pool, which)))
}

/// 健康: diseases, their filings, a pregnancy, and a home elsewhere.
fn live(world: &World<'_>, person: &mut Person) {
    let mut dice = Dice::keyed(world.seed, &[HEALTH, u64::from(person.household), u64::from(person.member)]);
    let scheme = person.scheme().map(|(scheme, _)| scheme);
    for (disease, chronic) in world.chronic.iter().enumerate() {
        let (per_ten_thousand, filed_per_mille, visits_a_year) = prevalence(chronic, person.band());
        let has = dice.below(10_000) < per_ten_thousand;
        let filed = dice.chance(filed_per_mille) && scheme.is_some();
        let begin = date(world.from.year() - 1, 1, 1).saturating_add(dice.range(0, 480).days());
        if !has {
            continue;
        }
        person.chronic.push(Chronic { disease, filed, visits_a_year });
        if let Some(scheme) = scheme.filter(|_| filed) {
            let end = dice.chance(300).then(|| date(world.from.year() + 1, 12, 31));
            let filing = Filing {
                number: filing_number(person, "C", disease),
                kind: FilingKind::Chronic,
                scheme,
                disease: chronic.code.clone(),
                area: String::new(),
                period: Period { begin: begin.min(world.from), end },
            };
            person.filings.push(filing);
        }
    }
    if !person.male && (20..=43).contains(&person.age) {
        expect(world, person, &mut dice);
    }
    let moved = dice.below(10_000) < if person.age >= 60 { 180 } else { 60 };
    if let (true, Some(place), Some(scheme)) = (moved, dice.pick(world.elsewhere), scheme) {
        person.lives_in = Some(place.clone());
        person.filings.push(Filing {
            number: filing_number(person, "R", 0),
            kind: FilingKind::Residence,
            scheme,
            disease: String::new(),
            area: place.to_string(),
            period: Period::since(date(world.from.year() - 1, 3, 1)),
        });
    }
}

/// 死亡: deaths a year of 10,000 people by age band; nearly half of them in hospital.
fn death(world: &World<'_>, person: &Person) -> Option<Death> {
    let a_year = [12, 2, 8, 32, 130, 620][person.band()];
    let mut dice = Dice::keyed(world.seed, &[8, u64::from(person.household), u64::from(person.member)]);
    let year = (0..4).find(|_| dice.below(10_000) < a_year)?;
    let day = world.from.saturating_add((year * 365 + dice.range(1, 365)).days());
    let nights = dice.chance(450).then(|| u8::try_from(dice.range(2, 12)).unwrap_or(5));
    Some(Death { day, nights })
}

pub(crate) fn filing_number(person: &Person, kind: &str, which: usize) -> String {
    format!("F{kind}{}{which:02}", person.number)
}

fn expect(world: &World<'_>, person: &mut Person, dice: &mut Dice) {
    let per_mille = match person.age {
        20..=23 => 45,
        24..=30 => 88,
        31..=35 => 55,
        _ => 18,
    };
    if !dice.chance(per_mille) {
        return;
    }
    let lost = dice.chance(110);
    let due = world.from.saturating_add(dice.range(-20, 275).days());
    let begin = due.saturating_sub(279.days());
    let outcome = match (lost, dice.below(100)) {
        (true, 0..80) => "5",
        (true, _) => "6",
        (false, 0..52) => "1",
        (false, 52..58) => "2",
        (false, _) => "3",
    };
    let end = if lost { begin.saturating_add(dice.range(50, 130).days()) } else { due };
    person.pregnancy = Some(Pregnancy { begin, end, outcome, complicated: dice.chance(60) });
    let Some((scheme, _)) = person.maternity_scheme().filter(|_| dice.chance(960)) else {
        return;
    };
    person.filings.push(Filing {
        number: filing_number(person, "M", 0),
        kind: FilingKind::Maternity,
        scheme,
        disease: String::new(),
        area: String::new(),
        period: Period { begin: begin.saturating_add(45.days()), end: Some(due.saturating_add(90.days())) },
    });
}

/// 账户余额 and 年内累计, as the half year before has left them.
fn money(world: &World<'_>, person: &mut Person) {
    let mut dice = Dice::keyed(world.seed, &[MONEY, u64::from(person.household), u64::from(person.member)]);
    let Some((scheme, _)) = person.scheme() else {
        return;
    };
    if scheme == "310" {
        let size = dice.below(100);
        let yuan = match size {
            0..15 => dice.range(0, 50),
            15..80 => dice.range(50, 2500),
            _ => dice.range(2500, 9000),
        };
        person.account = Some(Fen(yuan * 100 + dice.range(0, 99)));
    }
    if world.from.month() == 1 || dice.chance(350) {
        return;
    }
    let year = world.from.year();
    let band = person.band();
    let mut add = |name: &str, fen: i64| {
        let key = format!("{name}/{scheme}/{year}");
        person.totals.push(Total { key, amount: TotalAmount::Money(Fen(fen)) });
    };
    // Outpatient care of the months before: some of the year's deductible, some payment beyond it.
    add("op_dedc", dice.range(10, 100) * 100);
    if dice.chance(300) {
        add("op_pay", dice.range(500, 24_000));
    }
    let admitted = dice.chance([40, 15, 30, 60, 150, 220][band]);
    if admitted {
        let scope = dice.range(150_000, 1_800_000);
        add("scope", scope);
        add("basic", scope * 7 / 10);
        add("burden", scope * 3 / 10 + 80_000);
        person.totals.push(Total { key: format!("adm/{year}"), amount: TotalAmount::Count(1) });
    }
}

/// 家庭共济: an employee with an account lets one member of the family use it.
fn share_accounts(world: &World<'_>, number: u32, people: &mut [Person]) {
    let mut dice = Dice::keyed(world.seed, &[6, u64::from(number)]);
    let givers: Vec<(usize, String)> = people
        .iter()
        .enumerate()
        .filter(|(_, person)| person.account.is_some_and(|balance| balance.0 > 30_000))
        .map(|(at, person)| (at, person.number.clone()))
        .collect();
    for (at, giver) in givers {
        let receivers: Vec<usize> =
            (0..people.len()).filter(|other| *other != at && people[*other].account.is_none()).collect();
        let Some(receiver) = dice.pick(&receivers).copied().filter(|_| dice.chance(300)) else {
            continue;
        };
        let year_limit = dice.chance(500).then(|| Fen(dice.range(5, 40) * 10_000));
        let period = Period::since(date(world.from.year() - 1, 7, 1));
        people[receiver].mutual_aid.push(MutualAid { giver, period, year_limit });
    }
}
