//! The catalogue that the product ships for 衡州 is whole: every row is valid, codes have
//! the shapes they should, and there is enough of everything for a small city.

use std::collections::HashSet;
use std::fs;
use std::path::Path;

use catalogue::{Content, Item, Level, Source, TermKind};
use terms::{Date, UnitPrice};

fn read() -> Content {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../regions/999900/catalogue");
    let names = ["diagnoses", "procedures", "chronic", "drugs", "services", "consumables"];
    let files: Vec<(String, String)> = names
        .iter()
        .map(|name| (format!("{name}.csv"), fs::read_to_string(folder.join(format!("{name}.csv"))).expect(name)))
        .collect();
    let sources: Vec<Source<'_>> = files.iter().map(|(file, text)| Source { file, text }).collect();
    Content::read(&sources)
}

fn is_demo(item: &Item) -> bool {
    item.code.as_str().starts_with("HZ")
}

#[test]
fn every_row_of_the_region_is_valid() {
    let content = read();
    let errors: Vec<String> = content.errors.iter().map(ToString::to_string).collect();
    assert!(errors.is_empty(), "{}", errors.join("\n"));
}

#[test]
fn there_is_enough_of_everything() {
    let content = read();
    let taken = |file: &str| content.tallies.iter().find(|tally| tally.file == file).map_or(0, |tally| tally.taken);
    for (file, least) in [
        ("diagnoses.csv", 300),
        ("procedures.csv", 120),
        ("drugs.csv", 300),
        ("services.csv", 250),
        ("consumables.csv", 120),
    ] {
        assert!(taken(file) >= least, "{file} has {} rows", taken(file));
    }
    assert_eq!(taken("chronic.csv"), 7);
}

#[test]
fn codes_have_the_shape_of_their_list() {
    let shaped = |code: &str, first: char, length: usize| {
        code.len() == length
            && code.starts_with(first)
            && code.chars().skip(1).all(|c| c.is_ascii_digit() || c.is_ascii_uppercase())
    };
    for item in read().items.iter().filter(|item| !is_demo(item)) {
        let code = item.code.as_str();
        let fits = match (item.list_type.as_str(), item.charge_type.as_str()) {
            ("101", "09") => shaped(code, 'X', 23),
            ("101", "11") => shaped(code, 'Z', 20),
            ("102", "10") => shaped(code, 'T', 10),
            ("201", _) => code.starts_with("00") && code.len() == 15 && code.chars().all(|c| c.is_ascii_digit()),
            ("301", "08") => shaped(code, 'C', 20),
            _ => false,
        };
        assert!(fits, "{code} {} of list {} charged as {}", item.name, item.list_type, item.charge_type);
    }
}

#[test]
fn diagnoses_and_procedures_look_like_their_classifications() {
    let extended = |rest: &str| rest.len() == 3 || (rest.len() == 7 && rest.as_bytes()[3] == b'x');
    for term in read().terms {
        let (head, rest) = term.code.split_once('.').unwrap_or((&term.code, ""));
        let fits = match term.kind {
            TermKind::Diagnosis => {
                head.len() == 3 && head.starts_with(|c: char| c.is_ascii_uppercase()) && extended(rest)
            }
            TermKind::Procedure => {
                let digits = rest.split('x').next().unwrap_or_default();
                head.len() == 2 && head.bytes().all(|b| b.is_ascii_digit()) && !digits.is_empty() && rest.len() >= 3
            }
            TermKind::Chronic => term.code.starts_with("HZM"),
        };
        assert!(fits, "{} {}", term.code, term.name);
    }
}

#[test]
fn every_chronic_disease_leads_to_diagnoses_of_the_catalogue() {
    let terms = read().terms;
    let diagnoses: Vec<&str> =
        terms.iter().filter(|term| term.kind == TermKind::Diagnosis).map(|term| term.code.as_str()).collect();
    for chronic in terms.iter().filter(|term| term.kind == TermKind::Chronic) {
        for prefix in chronic.group.split('|') {
            let found = diagnoses.iter().any(|code| code.starts_with(prefix));
            assert!(found, "{} {}: no diagnosis begins with {prefix}", chronic.code, chronic.name);
        }
    }
}

#[test]
fn some_items_change_on_the_day_of_the_amendment() {
    let content = read();
    let amendment: Date = "2026-07-01".parse().expect("a date");
    let changed: HashSet<&str> = content
        .items
        .iter()
        .filter(|item| item.period.begin == amendment)
        .filter(|item| content.items.iter().any(|old| old.code == item.code && old.period.begin < amendment))
        .map(|item| item.code.as_str())
        .collect();
    assert!(changed.len() >= 20, "{changed:?}");
}

#[test]
fn no_usual_price_is_missing_and_no_lower_level_may_charge_more() {
    for item in read().items {
        let price = item.typical_price.unwrap_or_default();
        assert!(price > UnitPrice::default(), "{} {} has no usual price", item.code, item.name);
        assert!(!item.unit.is_empty(), "{} {} has no unit", item.code, item.name);
        let of = |level: &str| item.ceiling(level).unwrap_or(UnitPrice(i64::MAX));
        assert!(of("3") >= of("2") && of("2") >= of("1"), "{} {}: a lower level may charge more", item.code, item.name);
    }
}

#[test]
fn residents_never_pay_less_first_than_employees() {
    for item in read().items {
        let [employee, resident] = ["310", "390"].map(|key| item.self_pay.get(key).copied().expect("a ratio"));
        assert!(employee <= resident, "{} {}", item.code, item.name);
        assert!(item.level != Level::Second || is_demo(&item) || (500..=4000).contains(&resident.0), "{}", item.name);
    }
}
