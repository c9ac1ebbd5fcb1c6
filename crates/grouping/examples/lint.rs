//! What the linter says of the published tables: `… --example lint -- chs_drg_11`.

#[path = "../tests/support/mod.rs"]
mod support;

use grouping::Catalogue;

fn main() {
    let Some(folder) = support::reference() else { return };
    let Some(name) = std::env::args().nth(1) else {
        println!("give a scheme: chs_drg_11");
        return;
    };
    for problem in support::load(&folder, &name).lint(&Catalogue::default()) {
        println!("{problem}");
    }
}
