//! 挂床住院: a bed is billed, and nobody lies in it.

use super::Model;
use crate::book::{Book, Purpose, Sort, Visit, day_of, minute_of};
use crate::facts::Suspicion;
use crate::numbers::{median, signed, whole};
use crate::score::Score;
use crate::settings::Parameters;
use foldhash::{HashMap, HashSet};

pub(super) const MODEL: Model = Model {
    id: "paper_stay",
    numbers: &["least_nights", "least_peers"],
    lists: &[],
    parts: &["vitals", "elsewhere", "bare_days", "thin", "bed"],
    run,
};

fn run(book: &Book<'_>, parameters: &Parameters) -> Vec<Suspicion> {
    let stays: Vec<usize> = (0..book.visits.len())
        .filter(|at| {
            let visit = &book.visits[*at];
            visit.sort == Sort::Stay && visit.nights().is_some_and(|nights| nights >= parameters.whole("least_nights"))
        })
        .collect();
    let bare: HashMap<usize, f64> = stays.iter().filter_map(|at| Some((*at, bare_days(book, *at)?))).collect();
    let thin: HashMap<usize, f64> = stays.iter().filter_map(|at| Some((*at, care(&book.visits[*at])?))).collect();
    let usual_bare = Usual::of(book, &bare, parameters.count("least_peers"));
    let usual_thin = Usual::of(book, &thin, parameters.count("least_peers"));
    let shared = shared_beds(book, &stays);
    stays
        .iter()
        .filter_map(|at| {
            let visit = &book.visits[*at];
            let nights = signed(visit.nights()?);
            let elsewhere = elsewhere(book, *at);
            let seen = visit.facts.vitals_days.map(|days| signed(days.to_scaled(2)) / 100.0 / nights);
            let bare = bare.get(at).zip(usual_bare.for_visit(visit)).map(|(mine, usual)| mine - usual);
            let thin = thin.get(at).zip(usual_thin.for_visit(visit)).map(|(mine, usual)| usual - mine);
            let bed = visit.facts.bedno.is_some().then(|| whole(shared.get(at).map_or(0, HashSet::len)));
            let mut score = Score::new(parameters);
            score
                .part("vitals", seen, "有生命体征记录的天数占住院天数")
                .part("elsewhere", Some(whole(elsewhere.len())), words(book, &elsewhere))
                .part("bare_days", bare, "除床位、诊查、护理外没有任何检查治疗用药的日子，比同病种通常多出的比例")
                .part("thin", thin, "检查治疗药品占费用，比同病种通常少的比例")
                .part("bed", bed, "同一床位同一夜另有其他住院患者");
            let why = format!(
                "{} 住院 {} 夜：有床位费，少诊疗痕迹{}",
                book.persons[visit.person],
                visit.nights()?,
                if elsewhere.is_empty() { "" } else { "，住院期间人在别处就医购药" }
            );
            score.suspicion(visit.id.to_owned(), book.members(&[*at]), book.stake(&[*at]), why)
        })
        .collect()
}

/// The share of full days inside the stay on which nothing but bed, rounds and nursing is billed;
/// unknown where a line has no day or no kind.
fn bare_days(book: &Book<'_>, at: usize) -> Option<f64> {
    let visit = &book.visits[at];
    let (from, to) = (day_of(visit.begin?) + 1, day_of(visit.end?) - 1);
    if to < from || visit.lines.is_empty() {
        return None;
    }
    let mut busy = HashSet::default();
    for line in &visit.lines {
        let day = day_of(minute_of(line.fee_ocur_time?));
        if matches!(book.purpose(line)?, Purpose::Test | Purpose::Treatment | Purpose::Drug) {
            busy.insert(day);
        }
    }
    let bare = (from..=to).filter(|day| !busy.contains(day)).count();
    crate::numbers::share(whole(bare), signed(to - from + 1))
}

fn care(visit: &Visit<'_>) -> Option<f64> {
    visit.share(&[Purpose::Test, Purpose::Treatment, Purpose::Drug])
}

/// What is usual among stays for the same disease, or among all where those are few.
struct Usual<'a> {
    by_disease: HashMap<&'a str, f64>,
    overall: Option<f64>,
}

impl<'a> Usual<'a> {
    fn of(book: &Book<'a>, values: &HashMap<usize, f64>, least: usize) -> Usual<'a> {
        let mut by_disease: HashMap<&str, Vec<f64>> = HashMap::default();
        for (at, value) in values {
            if let Some(main) = book.visits[*at].main {
                by_disease.entry(crate::book::head(main)).or_default().push(*value);
            }
        }
        let by_disease = by_disease.into_iter().filter(|(_, all)| all.len() >= least);
        let by_disease = by_disease.filter_map(|(disease, all)| Some((disease, median(&all)?))).collect();
        Usual { by_disease, overall: median(&values.values().copied().collect::<Vec<_>>()) }
    }

    fn for_visit(&self, visit: &Visit<'_>) -> Option<f64> {
        visit.head().and_then(|head| self.by_disease.get(head).copied()).or(self.overall)
    }
}

/// The person's visits at other places on full days inside the stay.
fn elsewhere(book: &Book<'_>, at: usize) -> Vec<usize> {
    let stay = &book.visits[at];
    let (Some(begin), Some(end)) = (stay.begin, stay.end) else { return Vec::new() };
    let inside = |other: &&usize| {
        let visit = &book.visits[**other];
        let day = visit.day();
        visit.sort != Sort::Stay
            && visit.place.is_some()
            && visit.place != stay.place
            && day.is_some_and(|day| day > day_of(begin) && day < day_of(end))
    };
    book.of_person[stay.person].iter().filter(inside).copied().collect()
}

fn words(book: &Book<'_>, elsewhere: &[usize]) -> String {
    let told = elsewhere.iter().take(3).filter_map(|at| {
        let visit = &book.visits[*at];
        Some(format!("{} {}", crate::book::date_of(visit.day()?), book.place_name(visit.place?)))
    });
    let told: Vec<String> = told.collect();
    if told.is_empty() {
        "住院期间别处无就诊".to_owned()
    } else {
        format!("住院期间别处就诊：{}", told.join("；"))
    }
}

/// Others who lay in the same bed on the same night.
fn shared_beds(book: &Book<'_>, stays: &[usize]) -> HashMap<usize, HashSet<usize>> {
    let mut beds: HashMap<(usize, Option<&str>, &str), Vec<usize>> = HashMap::default();
    for at in stays {
        let visit = &book.visits[*at];
        if let (Some(place), Some(bed)) = (visit.place, visit.facts.bedno.as_deref()) {
            let ward = visit.facts.wardarea_codg.as_deref().or(visit.facts.adm_dept_codg.as_deref());
            beds.entry((place, ward, bed)).or_default().push(*at);
        }
    }
    let mut shared: HashMap<usize, HashSet<usize>> = HashMap::default();
    for in_bed in beds.values().filter(|in_bed| in_bed.len() > 1) {
        for (i, one) in in_bed.iter().enumerate() {
            for other in &in_bed[i + 1..] {
                let (a, b) = (&book.visits[*one], &book.visits[*other]);
                let nights = a.end.min(b.end).map(day_of).zip(a.begin.max(b.begin).map(day_of));
                if a.person != b.person && nights.is_some_and(|(end, begin)| end > begin) {
                    shared.entry(*one).or_default().insert(b.person);
                    shared.entry(*other).or_default().insert(a.person);
                }
            }
        }
    }
    shared
}
