//! 信用与记分: sums of named parts, worked out from the events that stand; nothing is stored,
//! so an event that is revoked leaves no trace in a score.

use terms::{Date, Fen};

use crate::law::{EventRule, ScoreCard};
use crate::{CreditEvent, Holder, Refusal};

/// 信用分 of an institution in a year.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// 信用分, not below 0.
    pub score: i64,
    /// 等级.
    pub grade: String,
    /// What takes points, in order of date.
    pub parts: Vec<CreditEvent>,
}

/// 记分 of a practitioner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Points {
    /// 本年累计.
    pub points: i64,
    /// What gives points in the year, in order of date.
    pub parts: Vec<CreditEvent>,
    /// 支付资格 is lost until this day, that day not included.
    pub lost_until: Option<Date>,
}

/// The event of the score-card, and the points that it gives for an amount.
///
/// # Errors
/// [`Refusal::NoSuchEvent`].
pub fn points_of<'c>(
    card: &'c ScoreCard,
    holder: Holder,
    event: &str,
    amount: Fen,
) -> Result<(&'c EventRule, i64), Refusal> {
    let found = card.events.iter().find(|rule| rule.id == event && rule.of == holder);
    let rule = found.ok_or_else(|| Refusal::NoSuchEvent { event: event.to_owned(), holder: holder.word() })?;
    let more = rule.every.map_or(0, |every| amount.max(Fen::ZERO).0 / every.0);
    Ok((rule, rule.points.saturating_add(more).min(rule.most_points)))
}

/// 信用分 of an institution in the year of `day`, from the events that stand by that day.
#[must_use]
pub fn institution(card: &ScoreCard, events: &[CreditEvent], day: Date) -> Standing {
    let parts = of_year(events, day);
    let score = (card.full - parts.iter().map(|event| event.points).sum::<i64>()).max(0);
    let grade = card.grades.iter().find(|grade| score >= grade.least).map_or("", |grade| &grade.name);
    Standing { score, grade: grade.to_owned(), parts }
}

/// 记分 of a practitioner by a day. The limit at once costs more years than the limit within a
/// year; the time runs from the event that reached it.
#[must_use]
pub fn practitioner(card: &ScoreCard, events: &[CreditEvent], day: Date) -> Points {
    let parts = of_year(events, day);
    let standing = sorted(events.iter().filter(|event| event.revoked.is_empty() && event.on <= day));
    let mut lost_until: Option<Date> = None;
    for (at, event) in standing.iter().enumerate() {
        let in_year: i64 =
            standing[..=at].iter().filter(|other| other.on.year() == event.on.year()).map(|other| other.points).sum();
        let years = if event.points >= card.limit {
            card.lost_years_at_once
        } else if in_year >= card.limit {
            card.lost_years_in_year
        } else {
            continue;
        };
        let until = years_later(event.on, years);
        lost_until = Some(lost_until.map_or(until, |other| other.max(until)));
    }
    Points {
        points: parts.iter().map(|event| event.points).sum(),
        parts,
        lost_until: lost_until.filter(|until| day < *until),
    }
}

/// The same day so many years later; the last of February for a leap day.
fn years_later(day: Date, years: i16) -> Date {
    let first = Date::new(day.year() + years, day.month(), 1).expect("a year within reach");
    let last = first.last_of_month().day();
    Date::new(first.year(), first.month(), day.day().min(last)).expect("a day of that month")
}

fn of_year(events: &[CreditEvent], day: Date) -> Vec<CreditEvent> {
    let counts = |event: &&CreditEvent| event.revoked.is_empty() && event.on.year() == day.year() && event.on <= day;
    sorted(events.iter().filter(counts))
}

fn sorted<'e>(events: impl Iterator<Item = &'e CreditEvent>) -> Vec<CreditEvent> {
    let mut events: Vec<CreditEvent> = events.cloned().collect();
    events.sort_by(|a, b| (a.on, &a.event_id).cmp(&(b.on, &b.event_id)));
    events
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Law;
    use proptest::prelude::*;
    use terms::parse_date;

    fn card() -> ScoreCard {
        let text = r#"
[institution]
full = 100
article = "第五条"
grade = [{ name = "D", least = 0 }, { name = "A", least = 90 }]

[practitioner]
limit = 12
article = "记分"
lost_years_at_once = 3
lost_years_in_year = 1

[[event]]
id = "upheld"
name = "认定"
of = "institution"
points = 2
most_points = 10
every_yuan = 1000
article = "第八条"

[[event]]
id = "principal"
name = "主要责任"
of = "practitioner"
points = 8
article = "主要"
"#;
        let mut law = Law::default();
        law.read_credit("credit.toml", text).expect("reads");
        law.card
    }

    fn day(text: &str) -> Date {
        parse_date(text).expect("a date")
    }

    fn event(id: i64, points: i64, on: &str) -> CreditEvent {
        CreditEvent {
            event_id: format!("{id:03}"),
            holder: Holder::Practitioner,
            code: "D1".into(),
            event: "principal".into(),
            points,
            on: day(on),
            case_id: "C".into(),
            article: String::new(),
            revoked: String::new(),
        }
    }

    #[test]
    fn money_adds_points_up_to_the_most() {
        let card = card();
        for (yuan, points) in [(0, 2), (999, 2), (1000, 3), (5500, 7), (90_000, 10)] {
            assert_eq!(points_of(&card, Holder::Institution, "upheld", Fen(yuan * 100)).expect("known").1, points);
        }
        let other = points_of(&card, Holder::Practitioner, "upheld", Fen(1)).expect_err("of institutions");
        assert_eq!(other.code(), "IQ113");
    }

    #[test]
    fn points_are_cleared_every_year_and_the_limit_costs_eligibility() {
        let card = card();
        let two = [event(1, 8, "2026-03-01"), event(2, 8, "2026-06-01")];
        assert_eq!(practitioner(&card, &two, day("2026-05-31")).lost_until, None);
        let over = practitioner(&card, &two, day("2026-06-01"));
        assert_eq!((over.points, over.lost_until), (16, Some(day("2027-06-01"))));
        let next_year = practitioner(&card, &two, day("2027-01-01"));
        assert_eq!((next_year.points, next_year.lost_until), (0, Some(day("2027-06-01"))));
        assert_eq!(practitioner(&card, &two, day("2027-06-01")).lost_until, None);
        let apart = [event(1, 8, "2025-12-31"), event(2, 8, "2026-01-01")];
        assert_eq!(practitioner(&card, &apart, day("2026-06-01")).lost_until, None, "two years");
        let at_once = [event(1, 12, "2024-02-29")];
        assert_eq!(practitioner(&card, &at_once, day("2026-06-01")).lost_until, Some(day("2027-02-28")));
    }

    proptest! {
        #[test]
        fn a_revoked_event_leaves_the_score_as_if_it_had_never_been(
            points in prop::collection::vec((0..15_i64, 0..700_i32), 0..8),
            revoked in prop::collection::vec(any::<bool>(), 8),
            on in 0..900_i32,
        ) {
            let card = card();
            let at = |days: i32| day("2025-01-01") + std::time::Duration::from_secs(86_400 * days.unsigned_abs() as u64);
            let all: Vec<CreditEvent> = (1..).zip(&points).zip(&revoked).map(|((id, (points, days)), revoked)| {
                let revoked = if *revoked { "撤销".to_owned() } else { String::new() };
                CreditEvent { on: at(*days), revoked, ..event(id, *points, "2025-01-01") }
            }).collect();
            let standing: Vec<CreditEvent> = all.iter().filter(|event| event.revoked.is_empty()).cloned().collect();
            prop_assert_eq!(practitioner(&card, &all, at(on)), practitioner(&card, &standing, at(on)));
            prop_assert_eq!(institution(&card, &all, at(on)), institution(&card, &standing, at(on)));
        }
    }
}
