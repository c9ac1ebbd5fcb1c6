//! The claims and what is true of them: the same seed is the same truth, cases come at their
//! rates, labels name what is there, money adds up, and nobody is guilty and innocent at once.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::path::Path;
use std::sync::OnceLock;

use city::{City, CityOptions, Claims, Course, Label, Member, RegionFiles, Truth, write_claims};
use terms::{Exact, Fen, round_half_away};

fn region() -> &'static RegionFiles {
    static REGION: OnceLock<RegionFiles> = OnceLock::new();
    REGION
        .get_or_init(|| RegionFiles::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../regions/999900")).unwrap())
}

fn city(seed: u64, fraud: u16) -> City {
    let from = jiff::civil::date(2025, 7, 1);
    City::new(CityOptions { seed, people: 4_000, from, days: 200, fraud, ..CityOptions::default() }, region()).unwrap()
}

/// One city that most tests look at.
fn claims() -> &'static Claims {
    static CLAIMS: OnceLock<Claims> = OnceLock::new();
    CLAIMS.get_or_init(|| city(11, 300).claims())
}

fn ids(labels: &[Label], wanted: impl Fn(&Label) -> bool) -> BTreeSet<(Member, &str)> {
    labels.iter().filter(|label| wanted(label)).map(|label| (label.member, label.id.as_str())).collect()
}

#[test]
fn the_same_seed_is_the_same_truth_and_another_seed_is_another() {
    let tell = |seed: u64| {
        let from = jiff::civil::date(2025, 7, 1);
        let options = CityOptions { seed, people: 1_200, from, days: 120, fraud: 400, ..CityOptions::default() };
        City::new(options, region()).unwrap().claims()
    };
    let (first, again, other) = (tell(5), std::thread::spawn(move || tell(5)).join().unwrap(), tell(6));
    assert_eq!(first.labels, again.labels);
    assert_eq!(first.histories, again.histories);
    assert_eq!(first.stock, again.stock);
    assert_ne!(first.labels, other.labels);
}

#[test]
fn the_stream_of_visits_and_the_claims_tell_the_same() {
    let from = jiff::civil::date(2025, 7, 1);
    let options = CityOptions { seed: 3, people: 1_500, from, days: 60, fraud: 400, ..CityOptions::default() };
    let city = City::new(options, region()).unwrap();
    let after = from.saturating_add(jiff::Span::new().days(60));
    let streamed: BTreeMap<String, Fen> = city
        .visits()
        .filter(|visit| visit.course != Course::Leaves && visit.settle.date() < after)
        .map(|visit| (visit.label.clone(), visit.total()))
        .collect();
    let claims = city.claims();
    let encounters = claims.histories.iter().flat_map(|history| &history.encounters);
    let told: BTreeMap<String, Fen> =
        encounters.map(|visit| (visit.mdtrt_id.clone().unwrap(), visit.medfee_sumamt.unwrap())).collect();
    assert!(streamed.len() > 800);
    let apart: Vec<_> = streamed.iter().filter(|(id, total)| told.get(*id) != Some(total)).take(3).collect();
    assert!(apart.is_empty() && streamed.len() == told.len(), "{apart:?}");
}

#[test]
fn every_amount_is_its_price_times_its_count_and_every_total_its_lines() {
    let mut lines = 0;
    for visit in claims().histories.iter().flat_map(|history| &history.encounters) {
        let (mut total, mut scope) = (Fen::ZERO, Fen::ZERO);
        for line in &visit.lines {
            let amount = line.det_item_fee_sumamt.unwrap();
            let exact = line.pric.unwrap().times(line.cnt.unwrap()).unwrap().times(Exact::whole(100)).unwrap();
            assert_eq!(round_half_away(exact), amount, "{:?}", line.feedetl_sn);
            let (inside, own) = (line.inscp_scp_amt.unwrap(), line.fulamt_ownpay_amt.unwrap());
            assert!((inside.0 + own.0).abs() <= amount.0.abs(), "{line:?}");
            total += amount;
            scope += inside;
            lines += 1;
        }
        assert_eq!((visit.medfee_sumamt, visit.inscp_scp_amt), (Some(total), Some(scope)));
        assert!(total > Fen::ZERO, "{:?}", visit.mdtrt_id);
    }
    assert!(lines > 40_000, "{lines}");
}

#[test]
fn every_label_names_someone_or_something_that_is_there() {
    let claims = claims();
    let mut known: HashMap<Member, HashSet<String>> = HashMap::new();
    let mut add = |member: Member, id: &Option<String>| {
        known.entry(member).or_default().insert(id.clone().unwrap());
    };
    for history in &claims.histories {
        add(Member::Person, &history.person.psn_no);
        for visit in &history.encounters {
            add(Member::Visit, &visit.mdtrt_id);
            visit.lines.iter().for_each(|line| add(Member::Line, &line.feedetl_sn));
        }
    }
    claims.surroundings.institutions.iter().for_each(|one| add(Member::Institution, &one.fixmedins_code));
    claims.surroundings.practitioners.iter().for_each(|one| add(Member::Doctor, &one.prac_psn_code));
    for one in &claims.stock {
        let article = format!("{}|{}", one.fixmedins_code.as_ref().unwrap(), one.med_list_codg.as_ref().unwrap());
        add(Member::Article, &Some(article));
    }
    assert!(claims.labels.members.len() > 500 && claims.labels.breaches.len() > 200);
    for label in &claims.labels.members {
        assert!(known[&label.member].contains(&label.id), "{label:?}");
    }
    for breach in &claims.labels.breaches {
        assert!(known[&Member::Visit].contains(&breach.visit), "{breach:?}");
        assert!(breach.line.is_empty() || known[&Member::Line].contains(&breach.line), "{breach:?}");
    }
}

#[test]
fn nobody_is_guilty_and_innocent_and_nobody_plays_in_two_cases() {
    let labels = &claims().labels.members;
    let guilty = ids(labels, |label| label.truth == Truth::Fraud);
    let innocent = ids(labels, |label| label.truth != Truth::Fraud);
    assert!(guilty.is_disjoint(&innocent), "{:?}", guilty.intersection(&innocent).next());
    let mut case_of: HashMap<&str, u32> = HashMap::new();
    for label in labels.iter().filter(|label| matches!(label.member, Member::Person | Member::Visit | Member::Line)) {
        let case = *case_of.entry(&label.id).or_insert(label.case);
        assert_eq!(case, label.case, "{} plays in two cases", label.id);
    }
}

#[test]
fn each_scheme_and_each_near_miss_comes_at_its_rate_over_some_seeds() {
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("data/plots.csv")).unwrap();
    let mut expected: BTreeMap<String, i64> = BTreeMap::new();
    for row in text.lines().skip(1) {
        let cells: Vec<&str> = row.split(',').collect();
        let name = if cells[2].is_empty() { cells[1] } else { cells[2] };
        *expected.entry(name.to_owned()).or_default() += cells[3].parse::<i64>().unwrap();
    }
    let seeds = 2;
    let mut cases: BTreeMap<&str, BTreeSet<(u64, u32)>> = BTreeMap::new();
    let tell = |seed: u64| {
        let from = jiff::civil::date(2025, 7, 1);
        let options = CityOptions { seed, people: 5_000, from, days: 200, fraud: 100, ..CityOptions::default() };
        City::new(options, region()).unwrap().each_history(|_| Ok::<(), ()>(())).unwrap().labels
    };
    for seed in 0..seeds {
        for label in tell(seed).members {
            let name = match label.truth {
                Truth::Fraud => label.scheme,
                Truth::Innocent(kind) => kind,
            };
            cases.entry(name).or_default().insert((seed, label.case));
        }
    }
    for (name, rate) in expected {
        // In thousandths of a case.
        let wanted = rate * 5_000 * 200 * i64::try_from(seeds).unwrap() / 36_500;
        let found = i64::try_from(cases.get(name.as_str()).map_or(0, BTreeSet::len)).unwrap() * 1_000;
        // Each seed rounds to a neighbouring whole number; a tenth of the cases may find no cast or no time.
        let slack = 3_000 + wanted / 10;
        assert!((wanted - slack..=wanted + 3_000).contains(&found), "{name}: {found} of {wanted} thousandths");
        assert!(found > 0 || wanted < 4_000, "no {name} at all");
    }
}

#[test]
fn an_honest_city_has_innocents_only() {
    let from = jiff::civil::date(2025, 7, 1);
    let options = CityOptions { seed: 2, people: 1_500, from, days: 120, fraud: 0, ..CityOptions::default() };
    let claims = City::new(options, region()).unwrap().claims();
    assert!(claims.labels.members.iter().all(|label| label.truth != Truth::Fraud));
    assert!(!claims.labels.members.is_empty());
    // Mistakes that every hospital makes remain: prices above a ceiling, a slip of the coder, another's card.
    let slips = ["14", "54", "X5"];
    assert!(claims.labels.breaches.iter().all(|breach| slips.contains(&breach.rule)), "{:?}", claims.labels.breaches);
    assert!(claims.surroundings.practitioners.iter().all(|one| one.suspended_from.is_none()));
}

#[test]
fn honest_books_balance_and_only_the_planted_ones_fall_short() {
    let claims = claims();
    let key = |place: &Option<String>, code: &Option<String>| {
        format!("{}|{}", place.as_deref().unwrap_or(""), code.as_deref().unwrap_or(""))
    };
    let mut balance: HashMap<String, i64> = HashMap::new();
    let mut opened: HashSet<String> = HashSet::new();
    for row in &claims.stock {
        let article = key(&row.fixmedins_code, &row.med_list_codg);
        let count = row.cnt.unwrap().to_scaled(4);
        match row.move_kind.as_deref() {
            Some("bought" | "changed") => *balance.entry(article).or_default() += count,
            Some("counted") if opened.insert(article.clone()) => *balance.entry(article).or_default() += count,
            _ => {}
        }
    }
    for visit in claims.histories.iter().flat_map(|history| &history.encounters) {
        for line in visit.lines.iter().filter(|line| matches!(line.list_type.as_deref(), Some("101" | "102" | "301"))) {
            let article = key(&visit.fixmedins_code, &line.med_list_codg);
            *balance.entry(article).or_default() -= line.cnt.unwrap().to_scaled(4);
        }
    }
    let planted = |truth: fn(Truth) -> bool| {
        ids(&claims.labels.members, |label| label.member == Member::Article && truth(label.truth))
    };
    let (short, honest) = (planted(|truth| truth == Truth::Fraud), planted(|truth| truth != Truth::Fraud));
    assert!(!short.is_empty() && !honest.is_empty());
    for (article, left) in &balance {
        let guilty = short.contains(&(Member::Article, article.as_str()));
        assert!(guilty || *left >= 0, "{article} falls short by {left} though it is honest");
    }
    let below = short.iter().filter(|(_, article)| balance[*article] < 0).count();
    assert!(below * 10 >= short.len() * 9, "{below} of {} planted articles fall short", short.len());
}

#[test]
fn a_package_is_sold_twice_only_where_it_was_planted_or_given_back() {
    let claims = claims();
    let mut sold: HashMap<&str, Vec<&str>> = HashMap::new();
    for line in claims.histories.iter().flat_map(|history| &history.encounters).flat_map(|visit| &visit.lines) {
        let codes = line.drug_trac_codg.iter().flatten().filter(|_| line.cnt.unwrap() > Exact::ZERO);
        codes.for_each(|code| sold.entry(code).or_default().push(line.feedetl_sn.as_deref().unwrap()));
    }
    let planted: HashSet<&str> = claims
        .labels
        .members
        .iter()
        .filter(|label| label.scheme == "trace_reuse" && label.member == Member::Line)
        .map(|label| label.id.as_str())
        .collect();
    let again: Vec<_> = sold.values().filter(|lines| lines.len() > 1).collect();
    assert!(again.len() >= 10);
    assert!(again.iter().all(|lines| lines.iter().all(|line| planted.contains(line))));
}

#[test]
fn the_claim_folder_has_every_table_under_its_names_and_the_labels_stay_outside() {
    let folder = tempfile::tempdir().unwrap();
    let (tables, labels) = (folder.path().join("claims"), folder.path().join("labels"));
    let from = jiff::civil::date(2025, 7, 1);
    let options = CityOptions { seed: 9, people: 1_000, from, days: 40, fraud: 2_000, ..CityOptions::default() };
    let city = City::new(options, region()).unwrap();
    let counts = write_claims(&city, &tables, &labels, |_| {}).unwrap();
    let claims = city.claims();
    let lines = |name: &str| std::fs::read_to_string(tables.join(format!("{name}.csv"))).unwrap().lines().count() - 1;
    let encounters: Vec<_> = claims.histories.iter().flat_map(|history| &history.encounters).collect();
    assert_eq!(lines("persons"), 1_000);
    assert_eq!(lines("encounters"), encounters.len());
    assert_eq!(lines("lines"), encounters.iter().map(|visit| visit.lines.len()).sum::<usize>());
    assert_eq!(lines("stock"), claims.stock.len());
    assert_eq!(counts.encounters, encounters.len() as u64);
    for (name, table) in
        [("persons", encounter::Table::Person), ("lines", encounter::Table::Line), ("stock", encounter::Table::Stock)]
    {
        let text = std::fs::read_to_string(tables.join(format!("{name}.csv"))).unwrap();
        let heads: Vec<&str> = table.fields().iter().map(|field| field.name).collect();
        assert_eq!(text.lines().next().unwrap(), heads.join(","), "{name}");
    }
    // What was written reads back as the same fact.
    let mut reader = csv::Reader::from_path(tables.join("lines.csv")).unwrap();
    let heads = reader.headers().unwrap().clone();
    let first = reader.records().next().unwrap().unwrap();
    let mut line = encounter::Line::default();
    heads.iter().zip(&first).for_each(|(name, text)| line.set(name, text).unwrap());
    assert_eq!(line, encounters[0].lines[0]);
    assert!(!std::fs::read_dir(&tables).unwrap().any(|entry| {
        let name = entry.unwrap().file_name().into_string().unwrap();
        name.contains("label") || name.contains("breach")
    }));
    let told = std::fs::read_to_string(labels.join("labels.csv")).unwrap();
    assert!(told.starts_with("scheme,case_id,member_kind,member_id,innocent,near_miss\n"));
    assert_eq!(told.lines().count() - 1, claims.labels.members.len());
}
