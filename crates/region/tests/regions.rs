//! Every region in the repository passes its own check.

use std::path::{Path, PathBuf};

fn regions() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../regions");
    let mut found = Vec::new();
    for folder in [root.clone(), root.join("examples")] {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.join("region.toml").is_file() {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

#[test]
fn every_region_passes_its_check_and_every_example_agrees() {
    let regions = regions();
    assert!(regions.len() >= 4, "{} regions", regions.len());
    let mut broken = Vec::new();
    for folder in regions {
        let report = region::check(&folder);
        println!("{}\n{report}\n", folder.display());
        if !report.ok() || report.examples == 0 {
            broken.push(format!("{}:\n{report}", folder.display()));
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

/// A variant rests on another region's scheme and adds to it by files alone: without a line of
/// code and without a `region.toml`.
#[test]
fn a_citys_addition_to_another_region_is_checked_with_its_cases_and_its_plan() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../regions/examples/hengzhou-variant");
    let report = region::check(&folder);
    println!("{report}");
    assert!(report.ok() && report.warnings() == 0, "{report}");
    for counted in [("grouping schemes", 1), ("grouping cases", 4), ("payment plans", 1)] {
        assert!(report.counts.contains(&counted), "{counted:?} is not among {:?}", report.counts);
    }
}

#[test]
fn hengzhous_own_schemes_have_cases_and_its_plans_price_them() {
    let report = region::check(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../regions/999900"));
    let count = |name: &str| report.counts.iter().find(|(known, _)| *known == name).map_or(0, |(_, count)| *count);
    assert_eq!((count("grouping schemes"), count("payment plans")), (2, 2));
    assert!(count("grouping cases") > 100, "{report}");
    let about = |problem: &&policy::Problem| ["grouping/", "payment"].iter().any(|part| problem.file.starts_with(part));
    let found: Vec<String> = report.problems.iter().filter(about).map(ToString::to_string).collect();
    assert!(found.is_empty(), "the linter is silent about both: {found:?}");
}
