//! The fictional city's own plans are read, and their examples hold.

use std::collections::BTreeMap;
use std::path::Path;

use payment::{Method, PaymentFile};

fn folder(path: &Path) -> BTreeMap<String, String> {
    std::fs::read_dir(path)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), std::fs::read_to_string(&path).unwrap()))
        .collect()
}

#[test]
fn the_plans_of_999900_are_read_and_their_examples_hold() {
    let files = folder(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../regions/999900/payment"));
    let plans = PaymentFile::parse_folder(&files).unwrap_or_else(|problems| panic!("{problems}"));
    for plan in &plans {
        let other = plan.warnings.iter().find(|warning| !warning.message.contains("has no group"));
        assert_eq!(other, None);
    }
    let methods: Vec<(&str, Method)> = plans.iter().map(|plan| (plan.scheme.as_str(), plan.method)).collect();
    assert_eq!(methods, [("hengzhou-dip", Method::Score), ("hengzhou-drg", Method::Rate)]);
}

#[test]
fn weights_of_another_scheme_are_told_by_line() {
    let mut files = folder(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../regions/999900/payment"));
    files.insert("drg-weights.csv".to_owned(), "group,weight\nAA1,1\nAA2,2\nAA2,2.5\n".to_owned());
    let slip = PaymentFile::parse("drg.toml", &files).unwrap_err();
    assert!(slip.to_string().contains("drg-weights.csv:4:1: error: group “AA2” is there twice"), "{slip}");
    files.insert("drg-weights.csv".to_owned(), "group,weight\nAA1,1\nAA2,2\n".to_owned());
    files.insert("old-weights.csv".to_owned(), String::new());
    let plans = PaymentFile::parse_folder(&files).unwrap();
    assert!(plans[0].warnings.iter().any(|warning| warning.file == "old-weights.csv"));
    let plan = &plans[1];
    let told = |scheme, version, groups: &[&str]| -> Vec<String> {
        let groups = groups.iter().copied().collect();
        plan.check_groups(scheme, version, &groups).iter().map(ToString::to_string).collect()
    };
    assert_eq!(told("hengzhou-drg", "2026", &["AA1", "AA2"]), Vec::<String>::new());
    let strange = told("hengzhou-drg", "2026", &["AA1", "BB1"]);
    assert!(strange[0].starts_with("drg-weights.csv:3:1: error: hengzhou-drg 2026 has no group “AA2”"), "{strange:?}");
    assert!(strange[1].contains("warning: group “BB1” of hengzhou-drg 2026 has no row"), "{strange:?}");
    assert!(told("hengzhou-drg", "2027", &["AA1"])[0].contains("prices hengzhou-drg 2026"));
}

#[test]
fn a_plan_prices_the_levels_that_its_table_has_and_tells_those_that_a_scheme_lacks() {
    let mut files = folder(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../regions/999900/payment"));
    let rows = "group,auxiliary,factor\nJ18.9,age:66+,1.2\n*,cci:5+,1.1\n";
    files.insert("dip-auxiliary.csv".to_owned(), rows.to_owned());
    let plan = PaymentFile::parse("dip.toml", &files).unwrap_or_else(|problems| panic!("{problems}"));
    assert_eq!(plan.auxiliary_of("J18.9", ["age:66+", "severity:II", "cci:5+"]), ["age:66+", "cci:5+"]);
    assert_eq!(plan.auxiliary_of("K35.3", ["age:66+", "severity:II", "cci:5+"]), ["cci:5+"]);
    assert_eq!(plan.unknown_auxiliary(&["age:66+"].into()), ["cci:5+"]);
    assert!(plan.unknown_auxiliary(&["age:66+", "cci:5+"].into()).is_empty());
}
