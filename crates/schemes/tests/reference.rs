//! The published schemes, as tables and as a workbook, against the cases that other
//! implementations answered.

use std::path::PathBuf;

use conform::Expected;
use grouping::Grouper;
use schemes::{Loaded, Trap, tables, workbook};

/// A path in the reference, unless it is not on this machine.
fn reference(path: &str) -> Option<PathBuf> {
    let found = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/reference/drg").join(path);
    if found.exists() {
        return Some(found);
    }
    assert!(std::env::var("HENG_REFERENCE").as_deref() != Ok("required"), "{} is missing", found.display());
    println!("not run: reference absent ({path})");
    None
}

fn check(loaded: Loaded, cases: &str, expected: Expected) {
    let grouper = Grouper::compile(&loaded.scheme).expect("the scheme is sound");
    let Some(cases) = reference(cases) else { return };
    let report = conform::through_grouper(&grouper, &cases, expected).expect("the case file is sound");
    println!("{report}");
    assert!(report.conforms(), "{report}");
}

fn check_tables(scheme: &str) {
    if let Some(folder) = reference(scheme) {
        let loaded = tables::read(&folder).expect("the tables are understood");
        check(loaded, &format!("{scheme}/cases.csv.gz"), Expected::Plain);
    }
}

#[test]
fn tables_of_chs_drg_10_answer_like_their_oracle() {
    check_tables("chs_drg_10");
}

#[test]
fn tables_of_chs_drg_11_answer_like_their_oracle() {
    check_tables("chs_drg_11");
}

#[test]
fn tables_of_beijing_answer_like_their_oracle() {
    check_tables("beijing_2022");
}

#[test]
fn tables_of_zhejiang_answer_like_their_oracle_with_the_retry_that_they_leave_unsaid() {
    check_tables("zhejiang_2022");
}

#[test]
fn tables_of_changzhou_answer_like_their_oracle() {
    check_tables("changzhou_2022");
}

#[test]
fn tables_of_foshan_answer_like_their_oracle() {
    check_tables("foshan_2022");
}

const CASES: &str = "chs-drg-3.0/synthetic/cases.csv.gz";

fn synthetic(settings: &workbook::Settings) -> Option<Loaded> {
    let book = reference("chs-drg-3.0/synthetic/synthetic-workbook.xlsx")?;
    Some(workbook::read(&book, settings).expect("the workbook is understood"))
}

#[test]
fn the_synthetic_workbook_answers_like_two_other_readings_of_it() {
    if let Some(loaded) = synthetic(&workbook::Settings::default()) {
        check(loaded, CASES, Expected::Plain);
    }
}

#[test]
fn the_synthetic_workbook_passes_over_medical_groups_for_surgical_cases_when_told_to() {
    let settings = workbook::Settings { surgical_skips_medical: true, ..workbook::Settings::default() };
    if let Some(loaded) = synthetic(&settings) {
        check(loaded, CASES, Expected::SurgicalSkipsMedical);
    }
}

#[test]
fn supplements_to_the_exclusion_tables_go_in_where_the_book_lacks_them() {
    let (Some(book), Some(supplements)) = (
        reference("chs-drg-3.0/synthetic/synthetic-workbook.xlsx"),
        reference("chs-drg-3.0/exclusion-supplements.tsv"),
    ) else {
        return;
    };
    let before = workbook::read(&book, &workbook::Settings::default()).expect("understood").scheme.exclusions.len();
    let settings = workbook::Settings { amendments: vec![supplements], ..workbook::Settings::default() };
    let loaded = workbook::read(&book, &settings).expect("the workbook is understood");
    let count = |trap| loaded.notes.iter().filter(|note| note.trap == trap).count();
    let (made, spared) = (count(Trap::AmendmentMade), count(Trap::AmendmentNotNeeded));
    assert_eq!(made + spared, 7);
    assert_eq!(loaded.scheme.exclusions.len(), before + made);
}

#[test]
fn the_synthetic_workbook_s_traps_are_told() {
    let Some(loaded) = synthetic(&workbook::Settings::default()) else { return };
    let told = |trap: Trap| loaded.notes.iter().filter(|note| note.trap == trap).count();
    assert_eq!(told(Trap::HeadingsLower), 1, "a title stands above the headings of MDC");
    assert_eq!(told(Trap::RepeatDropped), 113, "members of OP_ALL that stand twice");
    assert_eq!(told(Trap::RestRowMovedLast), 1, "O00 stands before OT1 and OZ1");
    assert_eq!(told(Trap::NumberAsRule), 1, "ZZ1");
    assert_eq!(told(Trap::EmptyRule), 1, "MDCA");
    assert!(told(Trap::CellCleaned) >= 4);
}

#[test]
fn a_workbook_in_the_older_layout_is_read_by_its_headings() {
    let Some(book) = reference("chs-drg-3.0/synthetic/mini-oldlayout.xlsx") else { return };
    let loaded = workbook::read(&book, &workbook::Settings::default()).expect("the workbook is understood");
    let moved = loaded.notes.iter().filter(|note| note.trap == Trap::ColumnMoved && note.place.sheet == "ADRG");
    assert_eq!(moved.count(), 5, "an empty column stands before the others");
    let mdc = loaded.scheme.nodes.iter().find(|node| node.code == "MDCO").expect("MDCO");
    assert_eq!(mdc.children.last().map(|node| node.code.as_str()), Some("O00"));
    Grouper::compile(&loaded.scheme).expect("the scheme is sound");
}

/// The official workbook is its user's to download: `HENG_DRG_WORKBOOK` says where it is.
#[test]
fn the_official_workbook_answers_like_the_published_cases() {
    let Ok(book) = std::env::var("HENG_DRG_WORKBOOK") else {
        println!("not run: HENG_DRG_WORKBOOK does not name the official workbook");
        return;
    };
    let amendments = reference("chs-drg-3.0/exclusion-supplements.tsv").into_iter().collect();
    let settings = workbook::Settings { surgical_skips_medical: true, amendments, ..workbook::Settings::default() };
    let loaded = workbook::read(book.as_ref(), &settings).expect("the workbook is understood");
    check(loaded, "chs-drg-3.0/published-cases.csv", Expected::Plain);
}

fn check_round_trip(loaded: &Loaded) {
    let place = tempfile::TempDir::new().expect("a folder");
    let out = place.path().join("scheme");
    schemes::folder::write(&loaded.scheme, &out).expect("the folder is written");
    let again = schemes::load(&out, &workbook::Settings::default()).expect("the folder is understood").scheme;
    assert!(again == loaded.scheme, "a scheme that was written must read as the same");
}

#[test]
fn the_synthetic_workbook_survives_being_written_as_a_folder() {
    let settings = workbook::Settings { surgical_skips_medical: true, ..workbook::Settings::default() };
    if let Some(loaded) = synthetic(&settings) {
        check_round_trip(&loaded);
    }
}

#[test]
fn tables_survive_being_written_as_a_folder() {
    for scheme in ["zhejiang_2022", "changzhou_2022", "foshan_2022"] {
        if let Some(folder) = reference(scheme) {
            check_round_trip(&tables::read(&folder).expect("the tables are understood"));
        }
    }
}

#[test]
fn one_published_version_differs_from_the_next_in_groups_rules_and_members() {
    let (Some(old), Some(new)) = (reference("chs_drg_10"), reference("chs_drg_11")) else { return };
    let read = |folder: &PathBuf| tables::read(folder).expect("the tables are understood").scheme;
    let changes = schemes::diff::differences(&read(&old), &read(&new));
    let of = |place: &str| changes.iter().filter(|change| change.place == place).collect::<Vec<_>>();
    assert!(of("MDCE/ED1/ED19").iter().any(|change| change.english.starts_with("removed")), "{changes:#?}");
    assert!(of("MDCF/FP1").iter().any(|change| change.english.starts_with("added")), "{:?}", of("MDCF/FP1"));
    assert!(schemes::diff::differences(&read(&old), &read(&old)).is_empty());
}
