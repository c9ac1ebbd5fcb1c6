//! How many cases a second one thread groups: `cargo run --release -p grouping --example speed`.
//! Takes a published scheme's tables beside the workspace; says so when they are absent.

#[path = "../tests/support/mod.rs"]
mod support;

use std::hint::black_box;
use std::time::Instant;

use grouping::{Grouper, Scratch};

fn main() {
    let Some(folder) = support::reference() else { return };
    let only = std::env::args().nth(1);
    for name in support::SCHEMES {
        if only.as_deref().is_some_and(|only| only != name) {
            continue;
        }
        let scheme = support::load(&folder, name);
        let begun = Instant::now();
        let Ok(grouper) = Grouper::compile(&scheme) else { panic!("{name} does not compile") };
        let compiled = begun.elapsed();
        let cases = support::cases(&folder, name);
        let mut scratch = Scratch::new();
        let rounds = 1_000_000 / cases.len() + 1;
        let mut best = u128::MAX;
        for _ in 0..5 {
            let begun = Instant::now();
            for _ in 0..rounds {
                for case in &cases {
                    black_box(grouper.group(black_box(&case.case), &mut scratch));
                }
            }
            best = best.min(begun.elapsed().as_nanos());
        }
        let grouped = (rounds * cases.len()) as u128;
        println!(
            "{name}: compiled in {} ms; {} cases/s, best of 5 ({} ns a case)",
            compiled.as_millis(),
            grouped * 1_000_000_000 / best,
            best / grouped
        );
    }
}
