//! The city as a whole: the same seed is the same city, and its lives look like a city's.

use std::collections::{BTreeMap, HashSet};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::Path;

use city::{City, CityOptions, Kind, Person, RegionFiles, Visit, certificate_is_valid};
use terms::{Fen, line_amount};

fn region() -> RegionFiles {
    RegionFiles::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../regions/999900")).unwrap()
}

fn city(people: u32, days: u16) -> City {
    City::new(CityOptions { people, days, ..CityOptions::default() }, &region()).unwrap()
}

fn fingerprint(visits: impl Iterator<Item = Visit>) -> u64 {
    let mut hasher = DefaultHasher::new();
    for visit in visits {
        format!("{visit:?}").hash(&mut hasher);
    }
    hasher.finish()
}

fn share(people: &[Person], of: impl Fn(&Person) -> bool) -> usize {
    people.iter().filter(|person| of(person)).count() * 1000 / people.len()
}

#[test]
fn the_same_seed_is_the_same_city_and_another_seed_is_another() {
    let first = fingerprint(city(20_000, 31).visits().take(10_000));
    let again = std::thread::spawn(|| fingerprint(city(20_000, 31).visits().take(10_000))).join().unwrap();
    assert_eq!(first, again);
    let options = CityOptions { seed: 1, people: 20_000, ..CityOptions::default() };
    let other = City::new(options, &region()).unwrap();
    assert_ne!(first, fingerprint(other.visits().take(10_000)));
}

#[test]
fn the_ages_are_those_of_a_prefecture_city() {
    let people: Vec<Person> = city(50_000, 1).persons().collect();
    assert_eq!(people.len(), 50_000);
    let children = share(&people, |person| person.age < 15);
    let working = share(&people, |person| (15..60).contains(&person.age));
    let old = share(&people, |person| person.age >= 65);
    let women = share(&people, |person| !person.male);
    println!("under 15 {children}‰, 15–59 {working}‰, 65+ {old}‰, women {women}‰");
    assert!((120..210).contains(&children), "{children}");
    assert!((560..680).contains(&working), "{working}");
    assert!((120..200).contains(&old), "{old}");
    assert!((470..530).contains(&women), "{women}");
}

#[test]
fn every_certificate_number_is_valid_and_nobody_shares_one() {
    let mut numbers = HashSet::new();
    let mut certificates = HashSet::new();
    for person in city(160_000, 1).persons() {
        assert!(certificate_is_valid(&person.certificate), "{}", person.certificate);
        let born = person.birth.strftime("%Y%m%d").to_string();
        assert_eq!(person.certificate[6..14], born);
        assert_eq!(person.certificate.as_bytes()[16] % 2 == 1, person.male);
        assert!(certificates.insert(person.certificate.clone()), "{} twice", person.certificate);
        assert!(numbers.insert(person.number.clone()), "{} twice", person.number);
    }
}

#[test]
fn schemes_aid_and_filings_stand_at_plausible_rates() {
    let people: Vec<Person> = city(50_000, 1).persons().collect();
    let scheme =
        |wanted: &'static str| move |person: &Person| person.scheme().is_some_and(|(scheme, _)| scheme == wanted);
    let employees = share(&people, scheme("310"));
    let residents = share(&people, scheme("390"));
    assert!((240..420).contains(&employees), "{employees}");
    assert!((560..750).contains(&residents), "{residents}");
    let identity = |kind: &'static str| people.iter().filter(|p| p.identities.iter().any(|i| i.kind == kind)).count();
    for (kind, range) in [("2303", 400..1600), ("2302", 200..900), ("2304", 2..60), ("2104", 2..40)] {
        assert!(range.contains(&identity(kind)), "{kind}: {}", identity(kind));
    }
    let filed = share(&people, |person| person.filings.iter().any(|filing| !filing.disease.is_empty()));
    assert!((60..220).contains(&filed), "{filed}");
    let pregnant = share(&people, |person| person.pregnancy.is_some());
    assert!((4..20).contains(&pregnant), "{pregnant}");
    let waiting_or_gap = share(&people, |person| person.coverage.iter().filter(|row| row.scheme != "510").count() > 1);
    assert!((10..80).contains(&waiting_or_gap), "{waiting_or_gap}");
    assert!(people.iter().all(|p| p.mutual_aid.iter().all(|aid| aid.giver != p.number)));
}

#[test]
fn coverage_rows_of_one_scheme_never_overlap() {
    for person in city(20_000, 1).persons() {
        for (at, row) in person.coverage.iter().enumerate() {
            assert!(row.period.end.is_none_or(|end| row.period.begin <= end), "{person:?}");
            let others = person.coverage[at + 1..].iter().filter(|other| other.scheme == row.scheme);
            assert!(others.into_iter().all(|other| !other.period.overlaps(&row.period)), "{person:?}");
        }
    }
}

#[test]
fn every_medical_type_occurs_and_ordinary_care_outweighs_the_rest() {
    let mut counts: BTreeMap<Kind, usize> = BTreeMap::new();
    let mut all = 0;
    for visit in city(30_000, 31).visits() {
        *counts.entry(visit.kind).or_default() += 1;
        all += 1;
    }
    println!("{all} visits: {counts:?}");
    for kind in Kind::ALL {
        assert!(counts.get(&kind).is_some_and(|count| *count > 0), "no visit of type {}", kind.code());
    }
    let count = |kind: Kind| counts[&kind] * 1000 / all;
    assert!((250..500).contains(&count(Kind::Outpatient)));
    assert!((200..450).contains(&count(Kind::Pharmacy)));
    assert!((8..50).contains(&count(Kind::Stay)));
    assert!((10_000..30_000).contains(&all));
}

#[test]
fn bills_add_up_and_keep_to_the_days_of_the_visit() {
    for visit in city(5_000, 31).visits() {
        assert!(visit.total() > Fen::ZERO, "{visit:?}");
        assert!(!visit.diagnoses.is_empty() && visit.diagnoses[0].main);
        let mut numbers = HashSet::new();
        for line in &visit.lines {
            assert!(numbers.insert(line.number), "line {} twice in {}", line.number, visit.label);
            assert_eq!(line_amount(line.price, line.count), Ok(line.amount));
            if !visit.is_stay() {
                assert_eq!(line.time.date(), visit.begin.date(), "{visit:?}");
            }
            assert!(line.time <= visit.end || !visit.is_stay() || line.breaks == "42");
            if let Some(root) = line.refund_of {
                let root = visit.lines.iter().find(|other| other.number == root).unwrap();
                assert!(root.code == line.code && root.price == line.price && !root.withdrawn);
                assert!(root.count.0 + line.count.0 >= 0 && root.amount.0 + line.amount.0 >= 0);
            }
        }
    }
}

#[test]
fn visits_come_in_order_and_a_patient_in_bed_is_seldom_elsewhere() {
    let mut last = None;
    let mut beds: BTreeMap<String, terms::DateTime> = BTreeMap::new();
    let (mut overlaps, mut stays) = (0, 0);
    for visit in city(30_000, 31).visits() {
        let minute = visit.begin.with().second(0).build().unwrap();
        assert!(last.is_none_or(|before| before <= minute));
        last = Some(minute);
        if beds.get(&visit.person.number).is_some_and(|until| visit.begin < *until) {
            overlaps += 1;
        }
        if visit.is_stay() {
            stays += 1;
            beds.insert(visit.person.number.clone(), visit.end);
        }
    }
    assert!(overlaps * 20 < stays, "{overlaps} of {stays}");
}

#[test]
fn the_opening_files_hold_everyone_once_and_count_what_they_hold() {
    let folder = tempfile::tempdir().unwrap();
    let counts = city::write_opening(&city(3_000, 31), folder.path()).unwrap();
    let lines = |name: &str| {
        let text = std::fs::read_to_string(folder.path().join(name)).unwrap();
        u64::try_from(text.lines().count() - 1).unwrap()
    };
    assert_eq!(counts.persons, 3_000);
    assert_eq!(lines("persons.csv"), counts.persons);
    assert_eq!(lines("coverage.csv"), counts.coverage);
    assert_eq!(lines("identities.csv"), counts.identities);
    assert_eq!(lines("filings.csv"), counts.filings);
    assert_eq!(lines("accounts.csv"), counts.accounts);
    assert_eq!(lines("mutual_aid.csv"), counts.mutual_aid);
    assert_eq!(lines("totals.csv"), counts.totals);
    assert_eq!(lines("credentials.csv"), counts.credentials);
    let text = std::fs::read_to_string(folder.path().join("credentials.csv")).unwrap();
    let rows: Vec<Vec<&str>> = text.lines().skip(1).map(|line| line.split(',').collect()).collect();
    let owners: std::collections::HashSet<&str> =
        rows.iter().filter(|row| !row[2].is_empty()).map(|row| row[0]).collect();
    let children = rows.iter().filter(|row| row[2].is_empty());
    assert!(children.clone().all(|row| owners.contains(row[1])), "a child stands behind somebody with a telephone");
    assert!(children.count() > 100 && owners.len() > 1_000);
    let text = std::fs::read_to_string(folder.path().join("accounts.csv")).unwrap();
    let sum: i64 = text.lines().skip(1).map(|line| line.split(',').nth(1).unwrap().parse::<Fen>().unwrap().0).sum();
    assert_eq!(Fen(sum), counts.balance);
}
