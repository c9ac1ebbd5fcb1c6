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
        if let Ok(path) = std::env::var("DUMP") {
            dump(&path, &claims, &known);
        }
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
        if std::env::var("MISS").is_ok() {
            for (scheme, kind, models) in detection::SCHEMES {
                let named: std::collections::BTreeSet<&String> = found
                    .iter()
                    .filter(|s| models.contains(&s.model.as_str()))
                    .flat_map(|s| match kind {
                        MemberKind::Person => &s.members.persons,
                        MemberKind::Article => &s.members.articles,
                        _ => &s.members.visits,
                    })
                    .collect();
                let mut cases: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
                for l in known.iter().filter(|l| l.scheme == *scheme && l.innocent.is_none() && l.kind == *kind) {
                    let c = cases.entry(&l.case).or_default();
                    c.0 += 1;
                    c.1 += usize::from(named.contains(&l.id));
                }
                let missed: Vec<_> = cases.iter().filter(|(_, (all, hit))| 2 * hit < *all).collect();
                if !missed.is_empty() {
                    println!("missed {scheme} {missed:?}");
                }
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

/// Every labelled visit in one table, to look at with other tools.
fn dump(path: &str, claims: &city::Claims, known: &[Known]) {
    use std::io::Write;
    let mut of: BTreeMap<&str, Vec<&Known>> = BTreeMap::new();
    for label in known.iter().filter(|label| label.kind == MemberKind::Visit) {
        of.entry(&label.id).or_default().push(label);
    }
    let mut out = std::io::BufWriter::new(std::fs::File::create(path).expect("made"));
    writeln!(out, "scheme|case|innocent|visit|person|household|place|type|begin|end|fee|dx|dr|n_lines|items")
        .expect("written");
    let mut stock = std::io::BufWriter::new(std::fs::File::create(format!("{path}.stock")).expect("made"));
    for s in &claims.stock {
        writeln!(
            stock,
            "{:?}|{:?}|{:?}|{:?}|{:?}|{:?}|{:?}",
            s.fixmedins_code,
            s.med_list_codg,
            s.med_list_name,
            s.move_kind,
            s.moved_at.map(terms::show_time),
            s.cnt.map(|c| c.to_string()),
            s.mdtrt_id
        )
        .expect("written");
    }
    for (history, visit) in claims.histories.iter().flat_map(|h| h.encounters.iter().map(move |v| (h, v))) {
        let id = visit.mdtrt_id.as_deref().unwrap_or_default();
        let labels: Vec<Option<&&Known>> = of.get(id).map_or(vec![None], |l| l.iter().map(Some).collect());
        for label in labels {
            let items: Vec<String> = visit
                .lines
                .iter()
                .map(|l| {
                    format!(
                        "{}={}:{}:{}:{}",
                        l.med_list_codg.as_deref().unwrap_or(""),
                        l.med_list_name.as_deref().unwrap_or(""),
                        l.cnt.map_or(String::new(), |c| c.to_string()),
                        l.det_item_fee_sumamt.map_or(String::new(), |c| c.to_string()),
                        l.prd_days.map_or(String::new(), |c| c.to_string())
                    )
                })
                .collect();
            let dx: Vec<&str> = visit.diagnoses.iter().filter_map(|d| d.diag_code.as_deref()).collect();
            writeln!(
                out,
                "{}|{}|{}|{id}|{}|{}|{}|{}|{}|{}|{}|{}|{}|{}|{}",
                label.map_or("-", |l| &l.scheme),
                label.map_or("", |l| &l.case),
                label.and_then(|l| l.innocent.as_deref()).unwrap_or(""),
                history.person.psn_no.as_deref().unwrap_or(""),
                history.person.household.as_deref().unwrap_or(""),
                visit.fixmedins_code.as_deref().unwrap_or(""),
                visit.med_type.as_deref().unwrap_or(""),
                visit.begntime.map_or(String::new(), terms::show_time),
                visit.endtime.map_or(String::new(), terms::show_time),
                visit.medfee_sumamt.map_or(String::new(), |f| f.to_string()),
                dx.join(" "),
                visit.dr_codg.as_deref().unwrap_or(""),
                visit.lines.len(),
                items.join(";")
            )
            .expect("written");
        }
    }
}
