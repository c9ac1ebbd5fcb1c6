//! 体检式住院: a health check-up in a hospital bed: tests, no treatment, out again.

use super::Model;
use crate::book::{Book, Purpose, Sort};
use crate::facts::Suspicion;
use crate::numbers::{share, signed, whole};
use crate::score::Score;
use crate::settings::Parameters;

pub(super) const MODEL: Model = Model {
    id: "checkup_stay",
    numbers: &["least_tests_share", "cohort_days", "cohort_treated"],
    lists: &[],
    parts: &["tests", "untreated", "short", "route", "cohort"],
    run,
};

fn run(book: &Book<'_>, parameters: &Parameters) -> Vec<Suspicion> {
    let least = parameters.number("least_tests_share");
    let tested: Vec<usize> = (0..book.visits.len())
        .filter(|at| {
            let visit = &book.visits[*at];
            visit.sort == Sort::Stay
                && visit.facts.procedures.is_empty()
                && !visit.by_plan()
                && visit.share(&[Purpose::Test]).is_some_and(|share| share >= least)
        })
        .collect();
    tested.iter().filter_map(|at| judge(book, parameters, *at, &tested)).collect()
}

fn judge(book: &Book<'_>, parameters: &Parameters, at: usize, tested: &[usize]) -> Option<Suspicion> {
    let visit = &book.visits[at];
    let alike = alike(book, parameters, at, tested);
    let route = visit.facts.adm_way.is_some() || visit.facts.med_type.is_some();
    let calm = !visit.urgent && visit.facts.vitals_abnormal != Some(true);
    let mut score = Score::new(parameters);
    score
        .part("tests", visit.share(&[Purpose::Test]), "检查检验占费用")
        .part("untreated", treated(book, at), "治疗、手术、用药占诊疗项目数（贵重检查不影响）")
        .part("short", visit.nights().map(signed), "住院天数")
        .part(
            "route",
            route.then_some(f64::from(u8::from(calm))),
            if calm { "非急诊入院，生命体征无异常记录" } else { "急诊入院或生命体征异常" },
        )
        .part(
            "cohort",
            Some(whole(alike)),
            format!("前后 {} 天内同机构同样只查不治的住院", parameters.number("cohort_days")),
        );
    let why = format!("{} 住院以检查检验为主，几乎没有治疗", book.persons[visit.person]);
    score.suspicion(visit.id.to_owned(), book.members(&[at]), book.stake(&[at]), why)
}

/// Treatments and drugs among all that was done: by number, since one dear scan outweighs a week
/// of treatment in money.
fn treated(book: &Book<'_>, at: usize) -> Option<f64> {
    let (mut treated, mut tested) = (0, 0);
    for line in &book.visits[at].lines {
        match book.purpose(line)? {
            Purpose::Test => tested += 1,
            Purpose::Treatment | Purpose::Drug => treated += 1,
            _ => {}
        }
    }
    share(whole(treated), whole(treated + tested))
}

/// Other people's stays at the same place and time that were as little treated.
fn alike(book: &Book<'_>, parameters: &Parameters, at: usize, tested: &[usize]) -> usize {
    let visit = &book.visits[at];
    let days = parameters.whole("cohort_days");
    let near = |at: &&usize| {
        let other = &book.visits[**at];
        other.place == visit.place
            && book.strangers(other.person, visit.person)
            && other.day().zip(visit.day()).is_some_and(|(one, two)| (one - two).abs() <= days)
            && treated(book, **at).is_some_and(|share| share <= parameters.number("cohort_treated"))
    };
    tested.iter().filter(near).count()
}
