//! The items that the law's own examples use stand in the region's catalogue, row for row.

use std::fs;
use std::path::Path;

use catalogue::{Content, Item, Source};
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

fn agrees(item: &Item, row: &Value) -> bool {
    let text = |key: &str| row[key].as_str().unwrap_or_default();
    let ratio = |key: &str| row[format!("selfpay_prop_{key}")].as_i64();
    let quota = item.quota.map(|quota| (quota.per.code().to_owned(), quota.count.to_string()));
    let wanted = row["qty_lmt"].as_object().map(|limit| {
        (limit["per"].as_str().unwrap_or_default().to_owned(), limit["cnt"].as_str().unwrap_or_default().to_owned())
    });
    item.name == text("name")
        && item.level.code() == text("chrgitm_lv")
        && item.restricted == (text("lmt_used_flag") == "1")
        && item.account_payable == (text("acct_pay_flag") == "1")
        && item.period.end.map(|end| end.to_string()).as_deref() == row["enddate"].as_str()
        && ["310", "390"].iter().all(|key| item.self_pay.get(*key).map(|ratio| ratio.0) == ratio(key))
        && ["3", "2", "1"]
            .iter()
            .all(|level| item.ceilings.get(*level).map(String::as_str) == row["pric_uplmt"][*level].as_str())
        && quota == wanted
}

#[test]
fn the_items_of_the_laws_examples_stand_in_the_region() {
    let Some(cases) = reference("hengzhou-law-examples.jsonl") else { return };
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../regions/999900/catalogue");
    let files = ["drugs.csv", "services.csv", "consumables.csv"]
        .map(|name| (name, fs::read_to_string(folder.join(name)).expect(name)));
    let sources: Vec<Source<'_>> = files.iter().map(|(file, text)| Source { file, text }).collect();
    let items = Content::read(&sources).items;
    let mut compared = 0;
    for case in cases.lines() {
        let case: Value = serde_json::from_str(case).expect("a case");
        for row in case["catalogue"].as_array().expect("rows") {
            let found = items.iter().find(|item| {
                Some(item.code.as_str()) == row["med_list_codg"].as_str()
                    && Some(item.period.begin.to_string().as_str()) == row["begndate"].as_str()
            });
            assert!(found.is_some_and(|item| agrees(item, row)), "the region has {found:?}, the law has {row}");
            compared += 1;
        }
    }
    assert!(compared >= 15, "only {compared} rows were compared");
}
