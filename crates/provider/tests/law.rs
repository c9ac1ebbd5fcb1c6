//! The institutions of the law's own cases stand in the region, row for row.

use std::fs;
use std::path::Path;

use provider::{Content, Source};
use serde_json::Value;

fn reference(name: &str) -> Option<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/reference").join(name);
    match fs::read_to_string(&path) {
        Ok(text) => Some(text),
        Err(_) if std::env::var("HENG_REFERENCE").as_deref() == Ok("required") => panic!("{name} is missing"),
        Err(_) => {
            println!("not run: reference absent");
            None
        }
    }
}

#[test]
fn the_institutions_of_the_laws_cases_stand_in_the_region() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../regions/999900/providers/institutions.csv");
    let text = fs::read_to_string(path).expect("institutions.csv");
    let institutions = Content::read(&[Source { file: "institutions.csv", text: &text }]).institutions;
    let mut compared = 0;
    for name in ["hengzhou-law-examples.jsonl", "hengzhou-cases.jsonl"] {
        let Some(cases) = reference(name) else { return };
        for case in cases.lines() {
            let case: Value = serde_json::from_str(case).expect("a case");
            for row in case["institutions"].as_array().expect("rows") {
                let text = |key: &str| row[key].as_str().unwrap_or_default();
                let found = institutions.iter().find(|one| one.code.as_str() == text("fixmedins_code"));
                let same = found.is_some_and(|one| {
                    one.name == text("name")
                        && one.level == text("hi_setl_lv")
                        && one.kind.code() == text("fixmedins_type")
                        && one.area.as_str() == text("admdvs")
                        && one.chronic == (text("opsp_flag") == "1")
                        && one.pooled == (text("opt_pool_flag") == "1")
                        && one.period.begin.to_string() == text("begndate")
                        && one.period.end.map(|end| end.to_string()).as_deref() == row["enddate"].as_str()
                });
                assert!(same, "the region has {found:?}, the law has {row}");
                compared += 1;
            }
        }
    }
    assert!(compared >= 75, "only {compared} rows were compared");
}
