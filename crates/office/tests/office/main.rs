//! The office over files and over HTTP, with a scheme and a plan of a few groups.

mod auxiliary;
mod files;
mod http;

use std::path::{Path, PathBuf};

use office::load;
use office::shelf::Installed;

fn here(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/office").join(name)
}

/// The small scheme with its plan.
fn small() -> Installed {
    let settings = schemes::workbook::Settings::default();
    let mut installed = load::scheme(&here("small/scheme"), &settings, |_| ()).expect("the scheme is sound");
    let plan = load::plan(&here("small/payment"), &installed).expect("the plan is sound");
    installed.add(plan).expect("the plan prices the scheme");
    installed
}

mod around;
