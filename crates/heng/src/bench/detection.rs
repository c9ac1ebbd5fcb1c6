//! Suspicion models held against synthetic cities with planted fraud and innocents who look like
//! it: recall, precision, the first k, near-misses, scheme by scheme. The models never see a label.

// Shares and seconds of a report: no money is near.
#![allow(clippy::float_arithmetic)]

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use city::{City, CityOptions, Label, Member, RegionFiles, Truth};
use clap::Args;
use detection::{Book, FIRST, Figures, Known, MemberKind, Settings, detect, measure};

use crate::commands::Problem;

/// How well the suspicion models find planted fraud and spare the innocent.
#[derive(Args)]
pub struct Detection {
    /// How many cities.
    #[arg(long, default_value_t = 5)]
    seeds: u64,
    /// The seed of the first; figures are tuned on 1 to 5, so measure elsewhere.
    #[arg(long, default_value_t = 101)]
    from_seed: u64,
    /// Persons of each city.
    #[arg(long, default_value_t = 20_000)]
    persons: u32,
    /// Days that each city lives.
    #[arg(long, default_value_t = 365)]
    days: u16,
    /// Planted fraud in hundredths of the city's rates.
    #[arg(long, default_value_t = 100)]
    fraud: u16,
    /// The region.
    #[arg(long, default_value = "regions/999900")]
    region: PathBuf,
}

impl Detection {
    pub fn run(self) -> Result<ExitCode, Problem> {
        let settings = region::detection::settings(&self.region)?;
        let files = RegionFiles::read(&self.region)?;
        let mut sums: BTreeMap<&str, Figures> = BTreeMap::new();
        let (mut visits, mut seconds) = (0_usize, 0.0_f64);
        for seed in self.from_seed..self.from_seed + self.seeds {
            let (seen, took, figures) = self.one(seed, &settings, &files)?;
            visits += seen;
            seconds += took;
            for (scheme, figures) in figures {
                sums.entry(scheme).or_default().add(&figures);
            }
        }
        table(&sums);
        let planted = || sums.values().filter(|figures| figures.cases.0 > 0);
        let good =
            planted().filter(|f| f.recall().is_some_and(|r| r >= 0.9) && f.precision().is_some_and(|p| p >= 0.8));
        let near = planted()
            .flat_map(|figures| figures.near_misses.values())
            .fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
        let least = |of: &dyn Fn(&Figures) -> Option<f64>| planted().filter_map(of).fold(1.0, f64::min);
        println!(
            "rate_per_s={:.0} schemes={} reached={} least_recall={:.3} least_precision={:.3} near_misses={} near_misses_hit={}",
            visits as f64 / seconds.max(1e-9),
            planted().count(),
            good.count(),
            least(&Figures::recall),
            least(&Figures::precision),
            near.0,
            near.1,
        );
        Ok(ExitCode::SUCCESS)
    }

    /// One city: visits, seconds of detection, figures by scheme.
    fn one(
        &self,
        seed: u64,
        settings: &Settings,
        files: &RegionFiles,
    ) -> Result<(usize, f64, BTreeMap<&'static str, Figures>), Problem> {
        let options = CityOptions {
            seed,
            people: self.persons,
            days: self.days,
            from: jiff::civil::date(2025, 7, 1),
            fraud: self.fraud,
            ..CityOptions::default()
        };
        let claims = City::new(options, files)?.claims();
        let begun = Instant::now();
        let book = Book::new(&claims.histories, &claims.surroundings, &claims.stock, settings);
        let found = detect(&book, settings, &[]);
        let took = begun.elapsed().as_secs_f64();
        eprintln!("seed {seed}: {} visits, {} suspicions, {took:.1} s", book.size(), found.len());
        let known: Vec<Known> = claims.labels.members.iter().map(known).collect();
        Ok((book.size(), took, measure(&found, &known)))
    }
}

fn table(sums: &BTreeMap<&str, Figures>) {
    let share =
        |part: usize, all: usize| if all == 0 { "–".to_owned() } else { format!("{:.3}", part as f64 / all as f64) };
    println!(
        "scheme             cases  found recall  named  right precision  p@{} p@{} p@{}  near-misses hit/all",
        FIRST[0], FIRST[1], FIRST[2]
    );
    for (scheme, figures) in sums {
        let (cases, found) = figures.cases;
        let (named, right) = figures.named;
        let first: Vec<String> = figures.first.iter().map(|(told, right)| share(*right, *told)).collect();
        let near: Vec<String> =
            figures.near_misses.iter().map(|(kind, (all, hit))| format!("{kind} {hit}/{all}")).collect();
        println!(
            "{scheme:18} {cases:5} {found:6} {:>6} {named:6} {right:6} {:>9}  {}  {}",
            share(found, cases),
            share(right, named),
            first.join(" "),
            near.join(", ")
        );
    }
}

/// A city's label in the words of the models.
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
