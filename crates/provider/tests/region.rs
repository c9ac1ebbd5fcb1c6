//! The providers that the product ships for 衡州 are whole: every row is valid, everything
//! named exists, and the city has the institutions it was promised.

use std::collections::HashSet;
use std::fs;
use std::path::Path;

use provider::{Content, Index, InstitutionKind, Source, Standing};
use terms::Date;

fn read() -> Content {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../regions/999900/providers");
    let files: Vec<(String, String)> = ["institutions", "departments", "practitioners", "agreements"]
        .iter()
        .map(|name| (format!("{name}.csv"), fs::read_to_string(folder.join(format!("{name}.csv"))).expect(name)))
        .collect();
    let sources: Vec<Source<'_>> = files.iter().map(|(file, text)| Source { file, text }).collect();
    Content::read(&sources)
}

#[test]
fn every_row_of_the_region_is_valid_and_names_what_exists() {
    let errors: Vec<String> = read().errors.iter().map(ToString::to_string).collect();
    assert!(errors.is_empty(), "{}", errors.join("\n"));
}

#[test]
fn the_city_has_the_institutions_it_was_promised() {
    let rows = read().institutions;
    let count = |kind, level: &str, area: &str| {
        rows.iter().filter(|row| row.kind == kind && row.level == level && row.area.as_str() == area).count()
    };
    assert_eq!(rows.len(), 40);
    assert_eq!(count(InstitutionKind::Hospital, "3", "999900"), 3);
    assert_eq!(count(InstitutionKind::Hospital, "2", "999900"), 6);
    assert_eq!(count(InstitutionKind::Hospital, "1", "999900"), 16);
    assert_eq!(count(InstitutionKind::Pharmacy, "1", "999900"), 12);
    assert_eq!(rows.iter().filter(|row| row.area.as_str() != "999900").count(), 3);
}

#[test]
fn codes_are_unique_and_shaped_like_their_kind() {
    let content = read();
    let mut seen = HashSet::new();
    for row in &content.institutions {
        let code = row.code.as_str();
        let letter = if row.kind == InstitutionKind::Hospital { 'H' } else { 'P' };
        assert!(seen.insert(code), "{code} stands twice");
        assert!(code.len() == 12 && code.starts_with(letter), "{code} {}", row.name);
        assert_eq!(&code[1..7], row.area.as_str(), "{code} {}", row.name);
    }
    let mut seen = HashSet::new();
    for row in &content.practitioners {
        assert!(seen.insert(&row.code), "{} stands twice", row.code);
        let letter = ["D", "N", "P", "T"][row.kind.parse::<usize>().expect("a kind") - 1];
        assert!(row.code.len() == 13 && row.code.starts_with(letter), "{} {}", row.code, row.name);
    }
    assert!(content.practitioners.len() >= 300);
}

#[test]
fn the_beds_of_the_departments_are_the_beds_of_the_institution() {
    let content = read();
    for row in &content.institutions {
        let beds: i64 = content.departments.iter().filter(|dept| dept.institution == row.code).map(|d| d.beds).sum();
        assert_eq!(beds, row.beds, "{} {}", row.code, row.name);
    }
}

#[test]
fn every_department_has_somebody_and_every_hospital_a_doctor() {
    let content = read();
    let staffed: HashSet<(&str, &str)> =
        content.practitioners.iter().map(|row| (row.institution.as_str(), row.department.as_str())).collect();
    for dept in &content.departments {
        assert!(staffed.contains(&(dept.institution.as_str(), &dept.code)), "{} {}", dept.institution, dept.name);
    }
    for row in content.institutions.iter().filter(|row| row.kind == InstitutionKind::Hospital) {
        assert!(content.practitioners.iter().any(|person| person.institution == row.code && person.kind == "1"));
    }
}

#[test]
fn institutions_may_serve_on_the_days_that_their_rows_say() {
    let index = Index::new(1, read());
    let on = |code: &str, day: &str| index.standing(code, day.parse::<Date>().expect("a date"));
    assert!(matches!(on("H99990000001", "2026-01-01"), Standing::Designated(row) if row.name == "衡州市第一人民医院"));
    assert!(matches!(on("H99990000006", "2026-02-28"), Standing::Designated(_)));
    assert_eq!(on("H99990000006", "2026-03-01"), Standing::NotDesignated);
    assert!(matches!(on("P99990000009", "2026-08-31"), Standing::Designated(_)));
    assert!(matches!(on("P99990000009", "2026-09-01"), Standing::Suspended(row) if row.number == "ZT-2026-003"));
    assert!(matches!(on("P99990000009", "2026-11-30"), Standing::Suspended(_)));
    assert!(matches!(on("P99990000009", "2026-12-01"), Standing::Designated(_)));
    assert_eq!(on("H99990000099", "2026-01-01"), Standing::Unknown);
}
