//! 审核规则 of a region's folder: read, laid over others, checked with words for a clerk.

use std::fs;
use std::path::Path;

use policy::Severity;
use region::{Region, check, read_screening};

const RULE: &str = r#"
id = "once-a-day"
name = "每日一次"
version = "1"
basis = ["本地价格文件"]
class = "政策类"
family = "医疗服务项目政策限定类"
result = "明确违规"
behaviour = "项目类"
stages = ["事后"]
begndate = 2025-01-01

[parameters]
per_day = 1

[knowledge]
table = "once-a-day"
columns = { code = "items" }

[shape]
type = "qty_per_window"
window = "day"
max = "param.per_day"

[messages]
doctor = "{med_list_codg} 超过每日次数"
auditor = "{med_list_codg} 当日 {quantity}，上限 {limit}"

[[case]]
name = "两次"
lines = [{ med_list_codg = "S1", cnt = 2 }]
rows = [{ code = "S1" }]
flags = ["1"]
amount = 10.00

[[case]]
name = "三次"
lines = [{ med_list_codg = "S1", cnt = 3 }]
rows = [{ code = "S1" }]
flags = ["1"]

[[case]]
name = "一次"
lines = [{ med_list_codg = "S1" }]
rows = [{ code = "S1" }]
passes = true

[[case]]
name = "另一项目"
lines = [{ med_list_codg = "S2", cnt = 9 }]
rows = [{ code = "S1" }]
passes = true

[[case]]
name = "数量未知"
lines = [{ med_list_codg = "S1", cnt = "" }]
rows = [{ code = "S1" }]
not_checked = "cnt"
"#;

fn put(folder: &Path, name: &str, text: &str) {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().expect("a folder")).expect("made");
    fs::write(path, text).expect("written");
}

/// Errors and warnings of an addition that holds only `screening/`, as a clerk reads them.
fn told(rule: &str, table: &str) -> Vec<String> {
    let folder = tempfile::tempdir().expect("a folder");
    put(folder.path(), "screening/rules/once.toml", rule);
    put(folder.path(), "screening/knowledge/once-a-day.csv", table);
    check(folder.path()).problems.iter().map(ToString::to_string).collect()
}

#[test]
fn a_sound_rule_is_counted_with_its_cases() {
    let folder = tempfile::tempdir().expect("a folder");
    put(folder.path(), "screening/rules/once.toml", RULE);
    put(folder.path(), "screening/knowledge/once-a-day.csv", "code,name\nS1,甲\nS2,乙\n");
    let report = check(folder.path());
    assert!(report.problems.is_empty(), "{report}");
    assert_eq!(report.counts, [("audit rules", 1), ("rows of knowledge", 2), ("cases of audit rules", 5)]);
}

#[test]
fn a_case_that_comes_out_otherwise_is_told_at_its_line() {
    let told = told(&RULE.replace("amount = 10.00", "amount = 12.00"), "code\nS1\n");
    let [problem] = &told[..] else { panic!("one problem: {told:?}") };
    assert!(problem.contains("screening/rules/once.toml:29"), "{problem}");
    assert!(problem.contains("两次") && problem.contains("12.00"), "{problem}");
}

#[test]
fn what_is_wrong_is_named_by_file_and_line_and_the_rest_goes_on() {
    let cases = [
        (RULE.replace("begndate", "beginn"), "code\nS1\n", "once.toml:11"),
        (RULE.replace("window = \"day\"", "window = \"fortnight\""), "code\nS1\n", "once.toml:22"),
        (RULE.replace("param.per_day\"", "param.per_days\""), "code\nS1\n", "once.toml:23"),
        (RULE.replace("passes = true", "flags = [\"1\"]"), "code\nS1\n", "once.toml:2"),
        (RULE.to_owned(), "code,begndate\nS1,the first\n", "once-a-day.csv:2"),
    ];
    for (rule, table, place) in cases {
        let told = told(&rule, table);
        assert!(told.iter().any(|problem| problem.contains(place)), "{place}: {told:?}");
    }
}

#[test]
fn a_region_lies_over_the_folders_that_it_names() {
    let folder = tempfile::tempdir().expect("a folder");
    put(folder.path(), "common/rules/once.toml", RULE);
    put(folder.path(), "common/knowledge/once-a-day.csv", "code\nS1\n");
    let overlay = "base = \"once-a-day\"\nversion = \"1-here\"\nresult = \"轻度可疑\"\n[parameters]\nper_day = 1\n";
    put(folder.path(), "here/screening/rules/once.toml", overlay);
    let here = folder.path().join("here");
    let read = read_screening(&here, &["../common".to_owned()], None).expect("readable");
    assert!(read.problems.is_empty(), "{:?}", read.problems);
    let [header] = read.library.headers() else { panic!("one rule") };
    assert_eq!((header.id.as_str(), header.version.as_str(), header.severity.0), ("once-a-day", "1-here", 3));
}

#[test]
fn the_city_has_all_national_rules_and_every_code_of_its_knowledge_is_its_own() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../regions/999900");
    let region = Region::open(&folder).expect("readable");
    let read = region.screening().expect("readable");
    let errors: Vec<String> =
        read.problems.iter().filter(|problem| problem.severity == Severity::Error).map(ToString::to_string).collect();
    assert!(errors.is_empty(), "{errors:#?}");
    let numbers: std::collections::BTreeSet<u32> =
        read.library.headers().iter().filter_map(|header| Some(header.national.as_ref()?.number)).collect();
    assert_eq!(numbers, (1..=88).collect());
}

#[test]
fn two_folders_are_compared_rule_by_rule_and_row_by_row() {
    let city = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../regions/999900");
    let made = |rule: &str, table: &str| {
        let folder = tempfile::tempdir().expect("a folder");
        fs::copy(city.join("region.toml"), folder.path().join("region.toml")).expect("copied");
        fs::create_dir_all(folder.path().join("policy")).expect("made");
        for file in fs::read_dir(city.join("policy")).expect("policy") {
            let path = file.expect("a file").path();
            fs::copy(&path, folder.path().join("policy").join(path.file_name().expect("a name"))).expect("copied");
        }
        put(folder.path(), "screening/rules/once.toml", rule);
        put(folder.path(), "screening/knowledge/once-a-day.csv", table);
        folder
    };
    let before = made(RULE, "code\nS1\nS2\n");
    let after = made(&RULE.replace("per_day = 1", "per_day = 2"), "code\nS2\nS3\nS4\n");
    let [before, after] = [&before, &after].map(|folder| Region::open(folder.path()).expect("readable"));
    assert_eq!(
        region::diff_screening(&before, &after, adjudication::explain::Language::English).expect("readable"),
        ["audit rule once-a-day differs in parameters", "knowledge once-a-day: 2 row(s) more, 1 row(s) less"]
    );
    assert!(
        region::diff_screening(&before, &before, adjudication::explain::Language::English)
            .expect("readable")
            .is_empty()
    );
}
