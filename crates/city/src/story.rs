//! 就诊经过: from a planned day to a whole visit: where, with what, who treated, how it ended.

use std::sync::Arc;

use jiff::ToSpan as _;
use terms::DateTime;

use crate::bill::bill;
use crate::breach::{breach, suspension};
use crate::chart::{self, Chart, Written, age_days};
use crate::city::City;
use crate::disease::Disease;
use crate::person::Person;
use crate::plan::{DIALYSIS_VISITS, Kind, Planned, Transfer};
use crate::plot::{Script, shape};
use crate::random::Dice;
use crate::region::{Department, Doctor, Institution};
use crate::stay::Pattern;
use crate::visit::{Course, Referral, Signs, Trauma, Visit, VisitDiagnosis};

const STORY: u64 = 20;
const BREACH: u64 = 91;

/// Tells a planned visit; `None` when the city has no place for it.
pub(crate) fn tell(city: &City, planned: &Planned, person: Arc<Person>) -> Option<Visit> {
    let keys = [STORY, u64::from(planned.household), u64::from(planned.member), u64::from(planned.minute)];
    let mut dice = Dice::keyed(city.options.seed, &keys);
    let kind = planned.kind;
    let maternity = matches!(kind, Kind::Prenatal | Kind::Delivery);
    let scheme = if maternity { person.maternity_scheme() } else { person.scheme() };
    let (scheme, person_type) = scheme.unwrap_or(("390", "15"));
    let begin = city.options.from.to_datetime(jiff::civil::Time::midnight());
    let begin = begin.saturating_add(i64::from(planned.minute).minutes()).saturating_add(dice.range(0, 59).seconds());
    let chronic = person.chronic.get(usize::from(planned.chronic)).filter(|_| kind == Kind::Chronic);
    let chronic = chronic.map(|chronic| &city.region.chronic[chronic.disease]);
    let newborn = age_days(&person, begin).is_some_and(|days| days <= 28);
    let act = city.plots.act(planned);
    let about = act.map_or("", |act| act.about);
    let pattern = match (kind.is_stay(), about) {
        (false, _) => None,
        (true, "") => city.shelves.stays.reason(kind, &person, newborn, &mut dice),
        (true, code) => city.shelves.stays.about(code),
    };
    let disease = match (pattern, chronic) {
        (Some(pattern), _) => city.shelves.diseases.get(pattern.like),
        (None, Some(chronic)) => {
            let about = |disease: &&Disease| chronic.diagnoses.iter().any(|code| disease.is_about(head(code)));
            city.shelves.diseases.iter().find(about)
        }
        (None, None) if !about.is_empty() => city.shelves.diseases.iter().find(|disease| disease.is_about(head(about))),
        (None, None) => reason(city, kind, &person, begin.month(), &mut dice),
    };
    let disease = disease.or_else(|| city.shelves.diseases.first())?;
    let departments = pattern.map_or(&disease.departments, |pattern| &pattern.departments);
    let dialysis = kind == Kind::Chronic
        && person.chronic.get(usize::from(planned.chronic)).is_some_and(|own| own.visits_a_year >= DIALYSIS_VISITS);
    let usual = if dialysis { dialysis_centre(city, &person) } else { None };
    let staged = act.and_then(|act| act.place).map(|place| city.region.institutions[place].clone());
    let (institution, at_pharmacy) = match (staged, usual) {
        (Some(place), _) => (place.clone(), place.pharmacy),
        (None, Some(centre)) => (centre, false),
        (None, None) => place(city, planned, &person, departments, &mut dice)?,
    };
    let named = act.and_then(|act| act.doctor).and_then(|which| institution.doctors.get(which));
    let working = |doctor: &Doctor, dice: &mut Dice| {
        let suspended = suspension(city, doctor).is_some_and(|period| period.covers(begin.date()));
        !suspended || dice.chance(60)
    };
    let (department, doctor) = treats(&institution, departments, named, working, &mut dice)?;
    let (end, settle) = ends(planned, pattern, begin, &mut dice);
    let trauma = (kind == Kind::Trauma).then(|| Trauma { third_party: dice.chance(30) });
    let nights = begin.date().until(end.date()).map_or(0, |span| i64::from(span.get_days()));
    let (all_diagnoses, all_procedures) = match pattern {
        Some(pattern) => {
            let when = (kind, begin, end);
            let diagnoses = chart::diagnoses(city, pattern, &person, kind, nights, &mut dice);
            (diagnoses, chart::procedures(city, pattern, when, &institution, &doctor, &mut dice))
        }
        None => (diagnoses(city, disease, &person, kind, &mut dice), Vec::new()),
    };
    let written = Written {
        city,
        planned,
        person: &person,
        institution: &institution,
        doctor: &doctor,
        begin,
        end,
        diagnoses: &all_diagnoses,
        procedures: &all_procedures,
    };
    let icu = if kind.is_stay() { written.icu(&mut dice) } else { Vec::new() };
    let discharge_way = chart::discharge_way(planned, &mut dice);
    let chart = kind.is_stay().then(|| {
        let chart = written.chart(icu, discharge_way, &mut dice);
        let mistake = written.mistake(&chart, &mut dice);
        Chart { mistake, ..chart }
    });
    let coded = match &chart {
        Some(chart) => chart::coded(city, chart.mistake, &person, all_diagnoses.clone()),
        None => Vec::new(),
    };
    let mut visit = Visit {
        label: format!("{}{:02}{:06}", &person.number[4..], person.member, planned.minute),
        kind,
        institution,
        scheme,
        person_type,
        begin,
        end,
        settle,
        department,
        doctor,
        // A hospital's own numbers: nobody is laid into a bed that is taken.
        bed: if kind.is_stay() { format!("{:05}{}", person.household % 100_000, person.member) } else { String::new() },
        disease: chronic.map(|chronic| (chronic.code.clone(), chronic.name.clone())),
        diagnoses: all_diagnoses,
        procedures: all_procedures,
        discharge_way,
        chart,
        coded,
        delivery: (kind == Kind::Delivery)
            .then(|| person.pregnancy.map(|pregnancy| (pregnancy.outcome, pregnancy.complicated)))
            .flatten(),
        trauma,
        outside_prescription: at_pharmacy && kind == Kind::Pharmacy && dice.chance(260),
        referral: None,
        new_filing: None,
        lines: Vec::new(),
        account_use: account_use(&person, &mut dice),
        course: course(kind, &mut dice),
        signs: Signs::default(),
        planned_again: false,
        breaks: "",
        plot: act.map_or(0, |act| act.plot),
        person,
    };
    if kind == Kind::Referred && !dice.chance(40) {
        let by = city.shelves.hospitals[2].first().or_else(|| city.shelves.hospitals[1].first())?.clone();
        visit.referral = Some(Referral { by, at: begin.saturating_sub(dice.range(90, 600).minutes()) });
    }
    if kind == Kind::Outpatient && visit.institution.level != "1" && visit.institution.chronic && dice.chance(30) {
        let unfiled = visit.person.chronic.iter().find(|chronic| !chronic.filed);
        let unfiled = unfiled.map(|chronic| &city.region.chronic[chronic.disease]);
        visit.new_filing = unfiled.map(|disease| (disease.code.clone(), disease.name.clone()));
    }
    if kind.is_stay() {
        visit.signs = signs(&visit, nights, &mut dice);
        visit.planned_again = visit.diagnoses.first().is_some_and(|main| main.code.starts_with("Z51"));
    }
    let script = act.map_or(Script::Usual, |act| act.script);
    if let Some(term) = city.region.diagnoses.iter().find(|term| !about.is_empty() && term.code == about) {
        name_principal(&mut visit, term);
    }
    shape(city, &mut visit, script, &mut dice);
    if act.is_some() && visit.course == Course::Leaves {
        visit.course = Course::Plain;
    }
    visit.lines = bill(city, &visit, disease, script, &mut dice);
    let day = visit.begin.date();
    if suspension(city, &visit.doctor).is_some_and(|period| period.covers(day)) {
        visit.breaks = "X8";
    } else if act.is_none() {
        breach(city, &mut visit, &mut Dice::keyed(city.options.seed, &[BREACH, keys[1], keys[2], keys[3]]));
    }
    Some(visit)
}

/// The principal diagnosis that a plot asks for, unless the coder made a mistake of it.
fn name_principal(visit: &mut Visit, term: &crate::Term) {
    let own = |rows: &mut Vec<VisitDiagnosis>| {
        rows.retain(|row| row.main || row.code != term.code);
        if let Some(main) = rows.iter_mut().find(|row| row.main) {
            *main = VisitDiagnosis::new(term, true);
        }
    };
    own(&mut visit.diagnoses);
    if visit.is_stay() {
        visit.coded = visit.diagnoses.clone();
        if let Some(chart) = &mut visit.chart {
            chart.mistake = chart.mistake.filter(|mistake| mistake.is_refused());
        }
    }
}

/// The department and the doctor: the one named, or one of the department that fits.
fn treats(
    institution: &Institution,
    departments: &[String],
    named: Option<&Doctor>,
    working: impl Fn(&Doctor, &mut Dice) -> bool,
    dice: &mut Dice,
) -> Option<(Department, Doctor)> {
    if let Some(doctor) = named {
        let own = institution.departments.iter().find(|place| place.code == doctor.department);
        return Some((own.cloned().unwrap_or_else(|| department(institution, departments)), doctor.clone()));
    }
    let department = department(institution, departments);
    let doctors: Vec<_> = institution.doctors.iter().filter(|doctor| doctor.department == department.code).collect();
    // Who may not treat for the fund is seldom asked to.
    let asked = (0..4).find_map(|_| dice.pick(&doctors).copied().filter(|one| working(one, dice)));
    let other = || institution.doctors.iter().find(|one| working(one, &mut Dice::keyed(0, &[])));
    let doctor = asked.or_else(other).or_else(|| institution.doctors.first())?.clone();
    Some((department, doctor))
}

fn head(code: &str) -> &str {
    code.get(..3).unwrap_or(code)
}

/// The disease that brings someone to this kind of care, by how common it is at that age and season.
fn reason<'a>(city: &'a City, kind: Kind, person: &Person, month: i8, dice: &mut Dice) -> Option<&'a Disease> {
    let setting = kind.setting()?;
    let all = &city.shelves.diseases;
    let weights = all.iter().map(|disease| disease.weight(setting, person.age, person.male, month));
    let chosen = dice
        .weighted(weights)
        .or_else(|| dice.weighted(all.iter().map(|disease| disease.weight('o', person.age, person.male, month))));
    chosen.map(|at| &all[at])
}

/// Where: level by kind of care, the community clinic of the household, or elsewhere.
fn place(
    city: &City,
    planned: &Planned,
    person: &Person,
    departments: &[String],
    dice: &mut Dice,
) -> Option<(Arc<Institution>, bool)> {
    let shelves = &city.shelves;
    let kind = planned.kind;
    if kind == Kind::Pharmacy {
        let away = person.lives_in.is_some() && !shelves.elsewhere_pharmacies.is_empty();
        let pharmacies = if away { &shelves.elsewhere_pharmacies } else { &shelves.pharmacies };
        return dice.pick(pharmacies).map(|pharmacy| (pharmacy.clone(), true));
    }
    let away = match &person.lives_in {
        Some(_) => !dice.chance(150),
        None => kind == Kind::Referred || dice.chance(if kind.is_stay() { 12 } else { 2 }),
    };
    if away {
        let home = person.lives_in.as_deref();
        let there: Vec<_> = shelves
            .elsewhere
            .iter()
            .filter(|i| home.is_none_or(|area| i.area == area) && (kind != Kind::Referred || i.level == "3"))
            .collect();
        if let Some(hospital) = dice.pick(&there) {
            return Some(((*hospital).clone(), false));
        }
    }
    if kind == Kind::Chronic && dice.chance(200) {
        let open: Vec<_> = shelves.pharmacies.iter().filter(|pharmacy| pharmacy.chronic).collect();
        if let Some(pharmacy) = dice.pick(&open) {
            return Some(((*pharmacy).clone(), true));
        }
    }
    // Weights of levels 1, 2, 3.
    let levels: [u64; 3] = match kind {
        Kind::Outpatient | Kind::Registration => [52, 28, 20],
        Kind::Chronic => [45, 35, 20],
        Kind::Emergency => [12, 48, 40],
        Kind::Stay if planned.transfer == Transfer::Arrives => [0, 15, 85],
        Kind::Stay => [18, 46, 36],
        Kind::Prenatal | Kind::Delivery => [6, 54, 40],
        _ => [0, 50, 50],
    };
    let usable =
        levels.iter().zip(&shelves.hospitals).map(|(weight, hospitals)| weight * u64::from(!hospitals.is_empty()));
    let level =
        dice.weighted(usable).or_else(|| shelves.hospitals.iter().position(|hospitals| !hospitals.is_empty()))?;
    let hospitals = &shelves.hospitals[level];
    let open = hospitals.iter().filter(|hospital| kind != Kind::Chronic || hospital.chronic);
    let open: Vec<_> = open.collect();
    let treats = |hospital: &&&Arc<Institution>| {
        departments.iter().any(|word| hospital.departments.iter().any(|place| place.name.contains(word.as_str())))
    };
    let fitting: Vec<_> = open.iter().filter(treats).copied().collect();
    let open = if fitting.is_empty() { open } else { fitting };
    let regular = usize::try_from(planned.household).unwrap_or(0);
    let hospital = match level {
        0 if !dice.chance(150) => open.get(regular % open.len().max(1)),
        _ => dice.pick(&open),
    };
    hospital.copied().or_else(|| hospitals.first()).map(|hospital| (hospital.clone(), false))
}

/// 透析中心: always the same one, of the second or third level.
fn dialysis_centre(city: &City, person: &Person) -> Option<Arc<Institution>> {
    let [_, second, third] = &city.shelves.hospitals;
    let open: Vec<_> = second.iter().chain(third).filter(|hospital| hospital.chronic).collect();
    let own = usize::try_from(person.household / 7).unwrap_or(0) % open.len().max(1);
    open.get(own).map(|hospital| (*hospital).clone())
}

fn department(institution: &Institution, departments: &[String]) -> Department {
    let wanted = departments.iter();
    let found =
        wanted.filter_map(|word| institution.departments.iter().find(|place| place.name.contains(word.as_str())));
    found.chain(&institution.departments).next().cloned().unwrap_or(Department {
        code: "A02".to_owned(),
        name: "全科".to_owned(),
        caty: "A02".to_owned(),
    })
}

fn ends(planned: &Planned, pattern: Option<&Pattern>, begin: DateTime, dice: &mut Dice) -> (DateTime, DateTime) {
    if !planned.kind.is_stay() {
        let end = begin.saturating_add(dice.range(8, 40).minutes());
        return (end, end.saturating_add(dice.range(2, 25).minutes()));
    }
    // Discharged in the forenoon; a transfer arrives in the afternoon of the same day.
    let usual = i64::from(planned.nights);
    let nights = match pattern {
        Some(pattern) if planned.transfer == Transfer::No && planned.act == 0 => (usual * pattern.nights / 100).max(1),
        _ => usual,
    };
    let day = begin.date().saturating_add(nights.days());
    let end = day.to_datetime(jiff::civil::Time::midnight()).saturating_add(dice.range(560, 700).minutes());
    (end, end.saturating_add(dice.range(10, 55).minutes()))
}

fn diagnoses(city: &City, disease: &Disease, person: &Person, kind: Kind, dice: &mut Dice) -> Vec<VisitDiagnosis> {
    let Some(main) = dice.pick(&disease.diagnoses) else {
        return Vec::new();
    };
    let mut all = vec![VisitDiagnosis::new(main, true)];
    if kind == Kind::Pharmacy {
        return all;
    }
    // What the person lives with is written beside what brought them.
    for chronic in &person.chronic {
        let codes = &city.region.chronic[chronic.disease].diagnoses;
        let fits = |term: &&crate::Term| codes.iter().any(|code| term.code.starts_with(code.as_str()));
        let terms: Vec<&crate::Term> = city.region.diagnoses.iter().filter(fits).collect();
        let own = usize::try_from(person.household).unwrap_or(0) % terms.len().max(1);
        if let Some(term) = terms.get(own).filter(|term| all.iter().all(|known| known.code != term.code)) {
            all.push(VisitDiagnosis::new(term, false));
        }
    }
    all
}

/// What the nurses wrote down: every day but a forgotten one; small hospitals report nothing as often as not.
fn signs(visit: &Visit, nights: i64, dice: &mut Dice) -> Signs {
    let urgent = matches!(visit.kind, Kind::Urgent | Kind::Trauma);
    let abnormal = dice.chance(if urgent { 820 } else { 240 });
    let forgotten = i64::from(dice.chance(90));
    let reported = visit.institution.level != "1" || dice.chance(650);
    Signs { days: u16::try_from(nights + 1 - forgotten).ok().filter(|_| reported), abnormal, leave: 0 }
}

fn account_use(person: &Person, dice: &mut Dice) -> &'static str {
    if !person.mutual_aid.is_empty() && dice.chance(600) {
        return "2";
    }
    if person.account.is_some() && dice.chance(780) { "1" } else { "0" }
}

fn course(kind: Kind, dice: &mut Dice) -> Course {
    match dice.below(1000) {
        0..14 => Course::Reversed,
        14..20 => Course::TimedOut,
        20..26 if !kind.is_stay() && kind != Kind::Pharmacy => Course::Leaves,
        _ => Course::Plain,
    }
}
