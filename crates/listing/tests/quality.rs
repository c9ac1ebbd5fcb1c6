//! 质控规则: every rule of `regions/common/quality/rules` with its own cases, and how a region
//! lays its own over them.

use listing::SettlementList;
use listing::quality::{BookError, Knowledge, Missing, RuleBook, RuleFile, Severity, Tally};
use std::path::Path;

fn common() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../regions/common/quality/rules");
    let mut files: Vec<(String, String)> = std::fs::read_dir(&folder)
        .expect("the common rules")
        .map(|entry| entry.expect("a file").path())
        .map(|path| (path.display().to_string(), std::fs::read_to_string(&path).expect("a text")))
        .collect();
    files.sort();
    files
}

fn load(region: &[(&str, &str)]) -> Result<RuleBook, Vec<BookError>> {
    let common = common();
    let common: Vec<RuleFile<'_>> = common.iter().map(|(path, text)| RuleFile { path, text }).collect();
    let region: Vec<RuleFile<'_>> = region.iter().map(|(path, text)| RuleFile { path, text }).collect();
    RuleBook::load(&common, &region)
}

fn refused(path: &str, text: &str) -> String {
    let errors = load(&[(path, text)]).expect_err("refused");
    errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

const RULE: &str = r#"
id = "short-stay"
name = "住院不足一日"
english = "short stay"
severity = "warning"
source = "示例"
must = "stay.days >= 1"
field = "stay.days"
message = "住院 {stay.days} 天"
message_en = "{stay.days} days"
"#;

const CASES: &str = r#"
[[case]]
name = "零天"
expect = "flag"
[case.list]
stay.days = 0
[[case]]
name = "一天"
expect = "pass"
[case.list]
stay.days = 1
[[case]]
name = "未填"
expect = "unchecked"
"#;

#[test]
fn every_common_rule_loads_and_its_cases_hold() {
    let book = load(&[]).unwrap_or_else(|errors| {
        let lines: Vec<String> = errors.iter().map(ToString::to_string).collect();
        panic!("{}", lines.join("\n"))
    });
    assert!(book.rules().count() > 60, "{}", book.rules().count());
}

#[test]
fn a_rule_without_cases_or_whose_cases_fail_does_not_load() {
    let error = refused("short-stay.toml", RULE);
    assert!(error.contains("near miss") && error.contains("unchecked"), "{error}");
    let wrong = format!("{RULE}{}", CASES.replace("stay.days = 1", "stay.days = 0"));
    assert!(refused("short-stay.toml", &wrong).contains("case “一天” expects Pass and gets Flag"));
    let unknown = RULE.replace("stay.days >= 1", "stay.dayz >= 1") + CASES;
    assert!(refused("short-stay.toml", &unknown).contains("has no field `dayz`"));
    assert!(refused("other-name.toml", &format!("{RULE}{CASES}")).contains("other-name.toml"));
    assert!(refused("short-stay.toml", "id = 3").contains("short-stay.toml"));
}

#[test]
fn a_region_adds_replaces_softens_and_switches_off() {
    let added = format!("{RULE}{CASES}");
    let off = "id = \"declared-in-time\"\noff = true\nwhy = \"本市按月申报\"\n";
    let softer = "id = \"stay-days-match\"\nseverity = \"warning\"\nwhy = \"过渡期\"\n";
    let book = load(&[("short-stay.toml", &added), ("declared-in-time.toml", off), ("stay-days-match.toml", softer)])
        .expect("loads");
    assert!(book.rule("short-stay").is_some() && book.rule("declared-in-time").is_none());
    assert_eq!(book.rule("stay-days-match").map(|rule| rule.severity), Some(Severity::Warning));
    assert_eq!(book.switched_off().collect::<Vec<_>>(), [("declared-in-time", "本市按月申报")]);
    assert!(refused("declared-in-time.toml", "id = \"declared-in-time\"\noff = true\n").contains("why"));
    assert!(refused("nothing.toml", "id = \"nothing\"\noff = true\nwhy = \"x\"\n").contains("no common rule"));
}

#[test]
fn a_finding_names_rule_field_row_value_and_speaks_both_languages() {
    let book = load(&[]).expect("loads");
    let list: SettlementList =
        serde_json::from_str(r#"{"basic":{"sex":"1","age":40},"diagnoses":[{"code":"I10.x00"},{"code":"O80.000"}]}"#)
            .expect("a list");
    let report = book.check(&list, &Knowledge::none());
    let finding = report.findings.iter().find(|finding| finding.rule == "obstetric-only-female").expect("found");
    assert_eq!((finding.field.to_string().as_str(), finding.row), ("diagnoses.code", Some(2)));
    assert_eq!(finding.value.as_deref(), Some("O80.000"));
    assert_eq!(finding.message, "产科诊断 O80.000，患者性别 1、年龄 40");
    assert_eq!(finding.english, "the obstetric diagnosis O80.000, sex 1, age 40");
    let unchecked = report.unchecked.iter().find(|unchecked| unchecked.rule == "diagnosis-code-listed").expect("there");
    assert_eq!(unchecked.missing, [Missing::Table("diagnoses".to_owned())]);
    let mut tally = Tally::default();
    tally.add(&report);
    assert_eq!((tally.lists, tally.with_errors, tally.flagged["obstetric-only-female"]), (1, 1, 1));
}

#[test]
fn an_export_without_a_column_is_not_a_list_with_a_gap() {
    let book = load(&[]).expect("loads");
    let mut list = SettlementList::default();
    let report = book.check(&list, &Knowledge::none());
    let required =
        |report: &listing::quality::Report| report.findings.iter().filter(|f| f.rule == "required-items").count();
    assert_eq!(required(&report), 14);
    list.scope = listing::Scope::nothing();
    let report = book.check(&list, &Knowledge::none());
    assert_eq!(report.findings, []);
    assert!(report.unchecked.iter().any(|unchecked| unchecked.rule == "required-items"));
}
