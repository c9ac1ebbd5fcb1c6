//! The published schemes, as tables and as a workbook, against the cases that other
//! implementations answered.

use std::path::PathBuf;

use conform::Expected;
use grouping::Grouper;
use schemes::{Loaded, tables, workbook};

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
