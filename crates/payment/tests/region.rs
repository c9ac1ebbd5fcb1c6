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
        for warning in plan.warnings.iter().filter(|warning| !warning.message.contains("has no group")) {
            panic!("{warning}");
        }
    }
    let methods: Vec<(&str, Method)> = plans.iter().map(|plan| (plan.scheme.as_str(), plan.method)).collect();
    assert_eq!(methods, [("hengzhou-dip", Method::Score), ("hengzhou-drg", Method::Rate)]);
}
