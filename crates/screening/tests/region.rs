//! The demo region's own rules: every file loads and every case comes out.

use screening::Library;
use std::path::Path;

fn read(folder: &Path, ending: &str) -> Vec<(String, String)> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut files: Vec<_> = entries
        .filter_map(Result::ok)
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|found| found == ending))
        .collect();
    files.sort();
    files
        .iter()
        .map(|path| {
            (
                path.file_name().unwrap_or_default().to_string_lossy().into_owned(),
                std::fs::read_to_string(path).expect("a text"),
            )
        })
        .collect()
}

#[test]
fn every_rule_of_the_demo_region_loads_and_all_its_cases_come_out() {
    let region = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../regions/999900/screening");
    let (library, problems) =
        Library::load(&read(&region.join("rules"), "toml"), &read(&region.join("knowledge"), "csv"), None);
    let told: Vec<String> = problems.iter().map(ToString::to_string).collect();
    let failed: Vec<String> = library
        .run_cases()
        .into_iter()
        .filter_map(|result| {
            Some(format!("{}:{}: {} “{}”: {}", result.file, result.line, result.rule, result.case, result.problem?))
        })
        .collect();
    assert!(
        told.is_empty() && failed.is_empty(),
        "{} rules loaded\n{}\n{}",
        library.headers().len(),
        told.join("\n"),
        failed.join("\n")
    );
}
