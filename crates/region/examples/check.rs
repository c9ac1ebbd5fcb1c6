//! Checks the folders named on the command line.
fn main() {
    for folder in std::env::args().skip(1) {
        println!("{folder}\n{}", region::check(folder.clone()));
    }
}
