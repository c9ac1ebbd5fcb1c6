//! 药店集中刷卡: many households' cards settled one after another, faster than customers come.

use super::Model;
use crate::book::{Book, Sort, day_of};
use crate::facts::Suspicion;
use crate::numbers::{share, signed, surprise, whole};
use crate::score::Score;
use crate::settings::Parameters;
use foldhash::HashMap;

pub(super) const MODEL: Model = Model {
    id: "pharmacy_burst",
    numbers: &["gap_minutes", "least_households", "least_mean", "round_fen"],
    lists: &[],
    parts: &["surprise", "households", "round", "pace", "hour"],
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
        for burst in &bursts {
            found.extend(judge(book, parameters, place, burst, &rhythm));
        }
    }
    found
}

/// Runs of visits of enough households.
fn bursts(book: &Book<'_>, visits: &[usize], parameters: &Parameters) -> Vec<Vec<usize>> {
    let mut runs = runs(book, visits, parameters.whole("gap_minutes"));
    runs.retain(|run| households(book, run) >= parameters.count("least_households"));
    runs
}

pub(super) fn households(book: &Book<'_>, visits: &[usize]) -> usize {
    book.households_among(visits.iter().map(|at| book.visits[*at].person))
}

/// Runs of visits with at most `gap` minutes between one and the next.
pub(super) fn runs(book: &Book<'_>, visits: &[usize], gap: i64) -> Vec<Vec<usize>> {
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

/// The share of bills that come to a round sum: what is made up is often round, what is bought
/// seldom.
pub(super) fn round(book: &Book<'_>, visits: &[usize], unit: i64) -> Option<f64> {
    let fees: Vec<i64> = visits.iter().filter_map(|at| book.visits[*at].fee.map(|fee| fee.0)).collect();
    share(whole(fees.iter().filter(|fee| **fee > 0 && *fee % unit == 0).count()), whole(fees.len()))
}

fn judge(
    book: &Book<'_>,
    parameters: &Parameters,
    place: usize,
    burst: &[usize],
    rhythm: &Rhythm,
) -> Option<Suspicion> {
    let visits = || burst.iter().map(|at| &book.visits[*at]);
    let (first, last) = (visits().next()?.begin?, visits().next_back()?.begin?);
    let minutes = last - first + 1;
    let households = households(book, burst);
    let mean = rhythm.expected(first, minutes, burst.len()).max(parameters.number("least_mean"));
    let round = round(book, burst, parameters.whole("round_fen"));
    let off = share(rhythm.hours[hour(first)], rhythm.all).map(|share| share * 24.0);
    let mut score = Score::new(parameters);
    score
        .part(
            "surprise",
            Some(surprise(households, mean)),
            format!("{minutes} 分钟内 {households} 户刷卡，按平常应有 {mean:.2} 户"),
        )
        .part("households", Some(whole(households)), "连续刷卡的户数")
        .part("round", round, "整数金额的占比")
        .part("pace", Some(signed(minutes) / whole(burst.len())), "平均每人次的分钟数")
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
