//! Tells how large the claims of a city are, and how long they take.
//!
//! `cargo run --release -p city --example claims -- REGION PEOPLE DAYS SEED`

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Instant;

use city::{City, CityOptions, RegionFiles, Truth};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let mut next = |name: &str| arguments.next().ok_or(format!("{name} is missing: REGION PEOPLE DAYS SEED"));
    let region = RegionFiles::read(Path::new(&next("REGION")?))?;
    let (people, days, seed) = (next("PEOPLE")?.parse()?, next("DAYS")?.parse()?, next("SEED")?.parse()?);
    let from = jiff::civil::date(2025, 7, 1);
    let begun = Instant::now();
    let city = City::new(CityOptions { people, days, seed, from, fraud: 100, ..CityOptions::default() }, &region)?;
    println!("prepared after {:?}", begun.elapsed());
    let (mut visits, mut lines) = (0_usize, 0_usize);
    let beside = city.each_history(|history| {
        visits += history.encounters.len();
        lines += history.encounters.iter().map(|visit| visit.lines.len()).sum::<usize>();
        Ok::<(), std::convert::Infallible>(())
    })?;
    println!("{visits} visits, {lines} lines, {} stock movements after {:?}", beside.stock.len(), begun.elapsed());
    let mut cases: BTreeMap<(&str, Truth), BTreeMap<u32, usize>> = BTreeMap::new();
    for label in &beside.labels.members {
        *cases.entry((label.scheme, label.truth)).or_default().entry(label.case).or_default() += 1;
    }
    for ((scheme, truth), cases) in &cases {
        println!("{scheme:<20} {truth:?}: {} cases, {} members", cases.len(), cases.values().sum::<usize>());
    }
    let mut rules: BTreeMap<&str, usize> = BTreeMap::new();
    for breach in &beside.labels.breaches {
        *rules.entry(breach.rule).or_default() += 1;
    }
    println!("broken rules: {rules:?}");
    Ok(())
}
