//! Holds the models against synthetic cities: `cargo run --release -p detection --example cities -- SEED…`.
//! `heng bench detection` prints the same for a goal; this one is quick to build while figures are tuned.

use city::{City, CityOptions, Label, Member, RegionFiles, Truth};
use detection::{Book, Figures, Known, MemberKind, Settings, detect, measure};
use std::collections::BTreeMap;
use std::path::Path;

fn main() {
    let region = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../regions/999900");
    let number =
        |name: &str, default: u64| std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default);
    let (people, days, show) =
        (number("PEOPLE", 20_000), number("DAYS", 365), std::env::var("SHOW").unwrap_or_default());
    let mut texts = Vec::new();
    for entry in std::fs::read_dir(region.join("detection")).expect("the region has parameters") {
        let path = entry.expect("readable").path();
        texts.push((path.display().to_string(), std::fs::read_to_string(&path).expect("text")));
    }
    let settings = Settings::read(&texts).unwrap_or_else(|errors| panic!("{errors:#?}"));
    let files = RegionFiles::read(&region).expect("the region reads");
    let mut sums: BTreeMap<&str, Figures> = BTreeMap::new();
    for seed in std::env::args().skip(1).map(|text| text.parse().expect("a seed")) {
        let begun = std::time::Instant::now();
        let options = CityOptions {
            seed,
            people: u32::try_from(people).expect("people"),
            days: u16::try_from(days).expect("days"),
            from: jiff::civil::date(2025, 7, 1),
            fraud: u16::try_from(number("FRAUD", 100)).expect("fraud"),
            ..CityOptions::default()
        };
        let claims = City::new(options, &files).expect("a city").claims();
        let made = begun.elapsed();
        let book = Book::new(&claims.histories, &claims.surroundings, &claims.stock, &settings);
        let found = detect(&book, &settings, &[]);
        println!(
            "seed {seed}: {} visits, made in {made:.1?}, {} suspicions, {:.1?}",
            book.size(),
            found.len(),
            begun.elapsed() - made
        );
        let known: Vec<Known> = claims.labels.members.iter().map(known).collect();
        let fraud: std::collections::BTreeMap<&str, &str> =
            known.iter().filter(|l| l.innocent.is_none()).map(|l| (l.id.as_str(), l.scheme.as_str())).collect();
        for one in found.iter().filter(|one| one.model == show) {
            let visits: Vec<_> =
                one.members.visits.iter().map(|id| fraud.get(id.as_str()).copied().unwrap_or("-")).collect();
            let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
            for scheme in visits {
                *counts.entry(scheme).or_default() += 1;
            }
            println!("{} {counts:?} {} {}", one.score, one.group, one.why);
            for part in &one.parts {
                println!("     {} {:?} {} {}", part.id, part.value, part.contribution, part.facts);
            }
        }
        for (scheme, figures) in measure(&found, &known) {
            sums.entry(scheme).or_default().add(&figures);
        }
    }
    println!(
        "{:18} {:>9} {:>6} {:>11} {:>11} {:>6} {:>6} {:>9}  near misses",
        "scheme", "cases", "recall", "members", "named", "prec", "any", "told"
    );
    for (scheme, f) in &sums {
        let any = f.named_any as f64 / f.named.0.max(1) as f64;
        println!(
            "{scheme:18} {:>4}/{:<4} {:>6.2} {:>5}/{:<5} {:>5}/{:<5} {:>6.2} {any:>6.2} {:>4}/{:<4}  {:?}",
            f.cases.1,
            f.cases.0,
            f.recall().unwrap_or(f64::NAN),
            f.members.1,
            f.members.0,
            f.named.1,
            f.named.0,
            f.precision().unwrap_or(f64::NAN),
            f.told.1,
            f.told.0,
            f.near_misses
        );
    }
}

fn known(label: &Label) -> Known {
    let kind = match label.member {
        Member::Person => MemberKind::Person,
        Member::Visit => MemberKind::Visit,
        Member::Line => MemberKind::Line,
        Member::Institution => MemberKind::Institution,
        Member::Doctor => MemberKind::Doctor,
        Member::Article => MemberKind::Article,
    };
    let innocent = match label.truth {
        Truth::Fraud => None,
        Truth::Innocent(kind) => Some(kind.to_owned()),
    };
    Known { scheme: label.scheme.to_owned(), case: label.case.to_string(), kind, id: label.id.clone(), innocent }
}
