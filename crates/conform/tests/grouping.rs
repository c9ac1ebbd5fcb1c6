//! The replay of grouping cases itself: it must fail when it should.

use std::path::PathBuf;

use conform::{Expected, GroupingCaseError, GroupingReport, through_grouper};
use grouping::{Files, Grouper, Scheme};
use tempfile::TempDir;

fn grouper() -> Grouper {
    let files: Files = [
        ("scheme.toml", "id = \"little\"\nversion = \"1\"\ntitle = \"小方案\"\nungroupable = [\"0000\", \"00\", \"0000\"]\n[[level]]\nname = \"MDC\"\n[[level]]\nname = \"ADRG\"\n[[level]]\nname = \"DRG\"\n[[require]]\nfields = [\"XB\"]\noutcome = \"needs-data\"\nsays = \"性别\"\n"),
        ("nodes.csv", "parent,code,name,rule\n,MDCB,神经,ZYZD in codes('I61.900')\nMDCB,BR1,出血,\nMDCB/BR1,BR1H,出血七十岁,NL >= 70\nMDCB/BR1,BR19,出血,\n"),
    ]
    .map(|(name, text)| (name.to_owned(), text.to_owned()))
    .into();
    let scheme = Scheme::read(&files, None).unwrap_or_else(|problems| panic!("{problems:?}")).scheme;
    Grouper::compile(&scheme).expect("the scheme is sound")
}

fn replay(text: &str, expected: Expected) -> Result<GroupingReport, GroupingCaseError> {
    let folder = TempDir::new().expect("a folder");
    let path: PathBuf = folder.path().join("cases.csv");
    std::fs::write(&path, text).expect("a file");
    through_grouper(&grouper(), &path, expected)
}

#[test]
fn cases_that_agree_pass_and_columns_may_stand_in_any_order() {
    let report = replay(
        "drg,status,proc,dx,age,sex,id\nBR1H,ok,,I61.900,71,1,a\nBR19,ok,,I61.900|J18.900,,2,b\n0000,ungroupable,,K35.300,30,1,c\n,check_failed,,I61.900,30,9,d\n",
        Expected::Plain,
    )
    .expect("the file is sound");
    assert_eq!((report.passed, report.failed), (4, 0), "{report}");
    assert!(report.conforms());
}

#[test]
fn a_difference_fails_and_is_shown_with_the_reason_of_our_answer() {
    let text = "id,kind,sex,age,dx,proc,status,mdc,adrg,drg\na,edge,1,69,I61.900,,ok,MDCB,BR1,BR1H\n";
    let report = replay(text, Expected::Plain).expect("the file is sound");
    assert!(!report.conforms());
    let shown = report.to_string();
    assert!(shown.contains("line 2, a (edge): expected ok MDCB BR1 BR1H, answered ok MDCB BR1 BR19"), "{shown}");
    assert!(shown.contains("NL >= 70"), "{shown}");
    assert!(shown.ends_with("0 passed, 1 failed (1 ok)"), "{shown}");
}

#[test]
fn a_right_group_with_another_status_or_mdc_fails() {
    for row in ["a,1,30,I61.900,,ambiguous,MDCB,BR1,BR19", "a,1,30,I61.900,,ok,MDCC,BR1,BR19"] {
        let report = replay(&format!("id,sex,age,dx,proc,status,mdc,adrg,drg\n{row}\n"), Expected::Plain);
        assert_eq!(report.expect("the file is sound").failed, 1, "{row}");
    }
}

#[test]
fn a_file_without_cases_does_not_conform() {
    let report = replay("id,sex,dx,proc,status,drg\n", Expected::Plain).expect("the file is sound");
    assert!(!report.conforms());
    assert!(report.to_string().contains("no case was read"));
}

#[test]
fn the_second_answer_is_compared_when_asked_for() {
    let text = "id,sex,dx,proc,status,drg,status_if_surgical_skips_medical,drg_if_surgical_skips_medical\na,1,I61.900,,ok,BR19,ungroupable,0000\n";
    assert!(replay(text, Expected::Plain).expect("the file is sound").conforms());
    assert!(!replay(text, Expected::SurgicalSkipsMedical).expect("the file is sound").conforms());
}

#[test]
fn missing_columns_unknown_statuses_and_shifted_rows_are_refused() {
    let missing = replay("id,sex,dx,proc,drg\n", Expected::Plain).expect_err("refused").to_string();
    assert!(missing.contains("there is no column “status”"), "{missing}");
    let second = replay("id,sex,dx,proc,status,drg\n", Expected::SurgicalSkipsMedical).expect_err("refused");
    assert!(matches!(second, GroupingCaseError::Column { column: "status_if_surgical_skips_medical", .. }));
    let status = replay("id,sex,dx,proc,status,drg\na,1,I61.900,,good,BR19\n", Expected::Plain).expect_err("refused");
    assert!(matches!(status, GroupingCaseError::Status { line: 2, .. }), "{status}");
    let shifted = replay("id,sex,dx,proc,status,drg\na,1,I61.900,ok,BR19\n", Expected::Plain);
    assert!(matches!(shifted, Err(GroupingCaseError::File { .. })));
}
