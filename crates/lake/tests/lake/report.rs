//! From a user's files to the workbook, as the command does it: with bad rows, cut off and gone on.

use std::fs;
use std::path::Path;

use encounter::Surroundings;
use intake::{Row, Source, SourceOptions};
use lake::{FieldMap, Inputs, Lake, Report, Room, Screening, Told, Watch, Work, look_behind, screen};
use screening::{Library, Options, reconcile};

const RULE: &str = r#"
id = "two-a-day"
name = "每日两次"
version = "1"
basis = ["收费规范"]
class = "政策类"
family = "test"
result = "明确违规"
behaviour = "项目类"
stages = ["事中"]
begndate = 2020-01-01
[shape]
type = "qty_per_window"
codes = ["X1"]
window = "day"
max = 2
[messages]
doctor = "{quantity} > {limit}"
auditor = "{quantity} > {limit}"
[[case]]
name = "three"
lines = [{ med_list_codg = "X1", cnt = 3 }]
flags = ["1"]
[[case]]
name = "four"
lines = [{ med_list_codg = "X1", cnt = 4 }]
flags = ["1"]
[[case]]
name = "two"
lines = [{ med_list_codg = "X1", cnt = 2 }]
passes = true
[[case]]
name = "another"
lines = [{ med_list_codg = "X2", cnt = 9 }]
passes = true
[[case]]
name = "how many is unknown"
lines = [{ med_list_codg = "X1", cnt = "" }]
not_checked = "cnt"
"#;

fn files(folder: &Path) {
    fs::create_dir_all(folder).expect("a folder");
    let visits = "psn_no,mdtrt_id,begntime,dscg_dept_codg,dr_codg,fixmedins_code\n\
        P1,V1,2026-03-01 08:00,内科,D1,H1\nP2,V2,2026-03-01 08:00,外科,D2,H1\n";
    fs::write(folder.join("encounters.csv"), visits).expect("written");
    let lines = "mdtrt_id,feedetl_sn,med_list_codg,fee_ocur_time,cnt,pric,det_item_fee_sumamt,inscp_scp_amt,bilg_dept_codg,bilg_dr_codg\n\
        V1,1,X1,2026-03-01 09:00,5,10,50,50,,\n\
        V2,1,X1,2026-03-01 09:00,3,10,30,30,检验科,D9\n\
        V2,2,X1,2026-03-02 09:00,,10,30,30,,\n\
        V2,3,X1,2026-03-03 09:00,three,10,30,30,,\n";
    fs::write(folder.join("lines.csv"), lines).expect("written");
}

fn sheet(book: &Path, name: &str) -> Vec<Vec<String>> {
    let options = SourceOptions { sheet: Some(name.to_owned()), ..SourceOptions::default() };
    let mut source = Source::open(book, options).expect("a workbook");
    let mut table = source.table().expect("a sheet");
    let (mut row, mut rows) = (Row::new(), Vec::new());
    while table.next(&mut row).expect("a row") {
        rows.push((0..row.len()).map(|at| row.cell(at).to_owned()).collect());
    }
    rows
}

fn bring_in(work: &Work, folder: &Path) -> (Lake, Told, Option<std::path::PathBuf>) {
    let inputs = Inputs { paths: vec![folder.to_owned()], options: SourceOptions::default(), map: FieldMap::builtin() };
    let watch = Watch { tell: &|_| (), rows: &|_| (), sorted: &|_| () };
    work.bring_in(&inputs, Room { memory: 256 << 20, threads: 2 }, &watch).expect("brought in")
}

#[test]
fn a_hospitals_files_become_a_workbook_by_rule_department_and_doctor() {
    let folder = tempfile::tempdir().expect("a folder");
    let (input, out) = (folder.path().join("in"), folder.path().join("out.xlsx"));
    files(&input);
    let work = Work::begin(&folder.path().join("work"), "first", false).expect("begun");
    let (lake, told, list) = bring_in(&work, &input);
    assert_eq!((told.refused, list.is_some()), (1, true));
    let (library, problems) = Library::load(&[("two-a-day.toml".to_owned(), RULE.to_owned())], &[], None);
    assert!(problems.is_empty(), "{problems:?}");
    let screener = library.around(&Surroundings::default());
    let how =
        Screening { screener: &screener, options: Options::default(), threads: 2, keep: Some(work.path("parts")) };
    let mut found = screen(&lake, &how, &[], &|_| ()).expect("screened");
    let seen = look_behind(&lake, &found.screened).expect("looked");
    let findings = std::mem::take(&mut found.screened.findings);
    let reconciled = reconcile(findings, library.headers().iter().map(AsRef::as_ref), &[], &seen);
    let report = Report {
        headers: library.headers(),
        version: library.version(),
        found: &found,
        reconciled: &reconciled,
        seen: &seen,
        problems: (told.refused, told.noted),
        problem_file: list.as_deref(),
        about: vec![("文件".to_owned(), "in".to_owned())],
    };
    report.write(&out).expect("written");
    let rules = sheet(&out, "按规则");
    assert_eq!(rules[0][5..10], ["2", "0", "40", "2", "1"], "{rules:?}");
    let departments: Vec<Vec<String>> = sheet(&out, "按科室").into_iter().map(|row| row[1..].to_vec()).collect();
    assert_eq!(departments, [["内科", "1", "0", "30"], ["检验科", "1", "0", "10"]]);
    let doctors: Vec<String> = sheet(&out, "按医师").into_iter().map(|row| row[2].clone()).collect();
    assert_eq!(doctors, ["D1", "D9"]);
    assert_eq!(sheet(&out, "疑点明细").len(), 2);
    let gaps = sheet(&out, "未检查");
    assert_eq!((gaps.len(), gaps[0][3].as_str(), gaps[0][5].as_str()), (1, "cnt", "V2"));
    let odd = sheet(&out, "问题行");
    assert!(odd.iter().any(|row| row[0] == "lines.csv" && row[1] == "5" && row[4] == "three"), "{odd:?}");
    let alone = folder.path().join("findings.csv");
    report.write(&alone).expect("written");
    assert_eq!(fs::read_to_string(&alone).expect("text").lines().count(), 3);
}

#[test]
fn work_that_was_cut_off_goes_on_and_other_work_is_not_gone_on_with() {
    let folder = tempfile::tempdir().expect("a folder");
    let (input, place) = (folder.path().join("in"), folder.path().join("work"));
    files(&input);
    let work = Work::begin(&place, "first", false).expect("begun");
    let (_, told, _) = bring_in(&work, &input);
    let (lake, again, list) = bring_in(&Work::begin(&place, "first", true).expect("gone on"), &input);
    assert_eq!(again, told);
    assert!(list.is_some_and(|list| fs::read_to_string(list).expect("text").contains("three")));
    assert_eq!(lake.months().expect("months").len(), 1);
    let error = Work::begin(&place, "second", true).expect_err("another run").to_string();
    assert!(error.contains("without --resume"), "{error}");
    fs::create_dir(folder.path().join("mine")).expect("a folder");
    assert!(Work::begin(&folder.path().join("mine"), "first", false).is_err(), "nobody's folder is emptied");
    work.end().expect("over");
    assert!(!place.exists());
}
