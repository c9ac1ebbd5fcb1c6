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
