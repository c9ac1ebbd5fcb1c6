//! 药店集中刷卡: many households' cards settled one after another, faster than customers come.

use super::Model;
use crate::book::{Book, Sort, day_of};
use crate::facts::Suspicion;
use crate::numbers::{median, share, signed, surprise, whole};
use crate::score::Score;
use crate::settings::Parameters;
use foldhash::{HashMap, HashSet};

pub(super) const MODEL: Model = Model {
    id: "pharmacy_burst",
    numbers: &["gap_minutes", "least_households", "least_mean", "near_amount"],
    lists: &[],
    parts: &["surprise", "pace", "amounts", "again", "hour"],
    run,
};

fn run(book: &Book<'_>, parameters: &Parameters) -> Vec<Suspicion> {
    let mut found = Vec::new();
    for (place, visits) in book.of_place.iter().enumerate() {
        let visits: Vec<usize> = visits
            .iter()
            .copied()
            .filter(|at| book.visits[*at].sort == Sort::Pharmacy && book.visits[*at].begin.is_some())
            .collect();
        let rhythm = Rhythm::of(book, &visits);
        let bursts = bursts(book, &visits, parameters);
        let again = again(book, &bursts);
        for burst in &bursts {
            found.extend(judge(book, parameters, place, burst, &rhythm, &again));
        }
    }
    found
}

/// Runs of visits with little time between them, of enough households.
fn bursts(book: &Book<'_>, visits: &[usize], parameters: &Parameters) -> Vec<Vec<usize>> {
    let gap = parameters.whole("gap_minutes");
    let mut runs: Vec<Vec<usize>> = Vec::new();
    for at in visits {
        let minute = book.visits[*at].begin.unwrap_or(0);
        let near = |run: &Vec<usize>| {
            run.last().and_then(|last| book.visits[*last].begin).is_some_and(|last| minute - last <= gap)
        };
        match runs.last_mut() {
            Some(run) if near(run) => run.push(*at),
            _ => runs.push(vec![*at]),
        }
    }
    let enough = |run: &Vec<usize>| {
        book.households_among(run.iter().map(|at| book.visits[*at].person)) >= parameters.count("least_households")
    };
    runs.retain(enough);
    runs
}

/// When the customers of a place come: by hour of the day, and by day.
struct Rhythm {
    hours: [f64; 24],
    days: HashMap<i64, f64>,
    span: f64,
    all: f64,
}

impl Rhythm {
    fn of(book: &Book<'_>, visits: &[usize]) -> Rhythm {
        let mut rhythm =
            Rhythm { hours: [0.0; 24], days: HashMap::default(), span: book.span(), all: whole(visits.len()) };
        for minute in visits.iter().filter_map(|at| book.visits[*at].begin) {
            rhythm.hours[hour(minute)] += 1.0;
            *rhythm.days.entry(day_of(minute)).or_default() += 1.0;
        }
        rhythm
    }

    /// Visits to be expected in so many minutes from here: the hour's usual number, more on a day
    /// that is busy even without the burst.
    fn expected(&self, from: i64, minutes: i64, burst: usize) -> f64 {
        let usual = self.hours[hour(from)] / self.span / 60.0 * signed(minutes);
        let rest = self.days.get(&day_of(from)).copied().unwrap_or(0.0) - whole(burst);
        let busy = (rest / (self.all / self.span).max(1e-9)).max(1.0);
        usual * busy
    }
}

fn hour(minute: i64) -> usize {
    usize::try_from(minute.rem_euclid(1440) / 60).unwrap_or(0)
}

/// Persons who stand in several bursts of the place together with some of the same company.
fn again(book: &Book<'_>, bursts: &[Vec<usize>]) -> HashSet<usize> {
    let mut met: HashMap<(usize, usize), usize> = HashMap::default();
    for burst in bursts {
        let mut persons: Vec<usize> = burst.iter().map(|at| book.visits[*at].person).collect();
        persons.sort_unstable();
        persons.dedup();
        for (i, one) in persons.iter().enumerate() {
            for other in persons[i + 1..].iter().filter(|other| book.strangers(*one, **other)) {
                *met.entry((*one, *other)).or_default() += 1;
            }
        }
    }
    met.into_iter().filter(|(_, times)| *times > 1).flat_map(|((one, other), _)| [one, other]).collect()
}

fn judge(
    book: &Book<'_>,
    parameters: &Parameters,
    place: usize,
    burst: &[usize],
    rhythm: &Rhythm,
    again: &HashSet<usize>,
) -> Option<Suspicion> {
    let visits = || burst.iter().map(|at| &book.visits[*at]);
    let (first, last) = (visits().next()?.begin?, visits().last()?.begin?);
    let minutes = last - first + 1;
    let households = book.households_among(visits().map(|visit| visit.person));
    let mean = rhythm.expected(first, minutes, burst.len()).max(parameters.number("least_mean"));
    let fees: Vec<f64> = visits().filter_map(|visit| visit.fee.map(|fee| signed(fee.0))).collect();
    let near = median(&fees).and_then(|middle| {
        let near =
            fees.iter().filter(|fee| (**fee - middle).abs() <= parameters.number("near_amount") * middle).count();
        share(whole(near), whole(fees.len()))
    });
    let persons: HashSet<usize> = visits().map(|visit| visit.person).collect();
    let known = share(whole(persons.iter().filter(|person| again.contains(*person)).count()), whole(persons.len()));
    let off = share(rhythm.hours[hour(first)], rhythm.all).map(|share| share * 24.0);
    let mut score = Score::new(parameters);
    score
        .part(
            "surprise",
            Some(surprise(households, mean)),
            format!("{minutes} 分钟内 {households} 户刷卡，按平常应有 {mean:.2} 户"),
        )
        .part("pace", Some(signed(minutes) / whole(burst.len())), "平均每人次的分钟数")
        .part("amounts", near, "金额接近中位数的占比")
        .part("again", known, "同一批人在别的集中刷卡中也一起出现的占比")
        .part("hour", off, "该时段通常的客流，相对全天平均的倍数");
    let day = crate::book::date_of(day_of(first));
    let why = format!(
        "{} 在 {day} {:02}:{:02} 起 {minutes} 分钟内连续刷了 {households} 户的卡",
        book.place_name(place),
        hour(first),
        first.rem_euclid(60)
    );
    score.suspicion(book.visits[burst[0]].id.to_owned(), book.members(burst), book.stake(burst), why)
}
