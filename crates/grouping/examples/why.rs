//! Prints why one reference case landed where it did: `… --example why -- chs_drg_11 chs_drg_11-000003`.

#[path = "../tests/support/mod.rs"]
mod support;

use grouping::Grouper;

fn main() {
    let Some(folder) = support::reference() else { return };
    let mut arguments = std::env::args().skip(1);
    let (Some(name), Some(id)) = (arguments.next(), arguments.next()) else {
        println!("give a scheme and a case: chs_drg_11 chs_drg_11-000003");
        return;
    };
    let Ok(grouper) = Grouper::compile(&support::load(&folder, &name)) else { panic!("{name} does not compile") };
    for expected in support::cases(&folder, &name).iter().filter(|expected| expected.case.id == id) {
        println!("{}", grouper.explain(&expected.case));
    }
}
