//! Whether one condition implies another, as far as it can be told from their form and from what
//! their sets hold. "No" means "not shown", never "shown to be false".

use super::contents::Contents;
use crate::condition::{CodeList, Comparison, Condition, Measure, SetRef};

/// What combinations hide where two conditions are asked. `in` passes over hidden procedures;
/// counts and procedure cells do not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hidden {
    /// Nothing is hidden from either.
    Nothing,
    /// The same procedures may be hidden from both.
    Alike,
    /// Something may be hidden from one that is not hidden from the other.
    Apart,
}

/// Whether the condition can be shown never to hold.
pub(super) fn never(condition: &Condition, contents: &Contents<'_>) -> bool {
    match condition {
        Condition::Always(holds) => !holds,
        Condition::All(parts) => parts.iter().any(|part| never(part, contents)),
        Condition::Any(parts) => parts.iter().all(|part| never(part, contents)),
        Condition::Not(inner) => matches!(**inner, Condition::Always(true)),
        Condition::In { sets: refs, .. } | Condition::InExcept { sets: refs, .. } => contents.of(refs).is_empty(),
        Condition::Measured { measure, set: Some(set), comparison, value, .. } if *measure != Measure::Outside => {
            let some = match comparison {
                Comparison::GreaterOrEqual | Comparison::Equal => *value >= 1,
                Comparison::Greater => true,
                _ => false,
            };
            some && contents.of(std::slice::from_ref(set)).is_empty()
        }
        _ => false,
    }
}

/// Whether every case of `one` is shown to be a case of `other`.
pub(super) fn implies(one: &Condition, other: &Condition, hidden: Hidden, contents: &Contents<'_>) -> bool {
    if *other == Condition::Always(true) || *one == Condition::Always(false) {
        return true;
    }
    if one == other && (hidden != Hidden::Apart || !one.names_procedures()) {
        return true;
    }
    let follows = |one: &Condition, other: &Condition| implies(one, other, hidden, contents);
    let within = |(lists, own): (&[CodeList], &[SetRef]), (lists_other, others): (&[CodeList], &[SetRef])| {
        lists.iter().all(|list| lists_other.contains(list)) && contents.of(own).is_within(contents.of(others))
    };
    match (one, other) {
        (_, Condition::All(parts)) => parts.iter().all(|part| follows(one, part)),
        (Condition::Any(parts), _) => parts.iter().all(|part| follows(part, other)),
        (Condition::All(parts), _) if parts.iter().any(|part| follows(part, other)) => true,
        (_, Condition::Any(parts)) => parts.iter().any(|part| follows(one, part)),
        (Condition::Not(one), Condition::Not(other)) => follows(other, one),
        (
            Condition::In { lists, sets } | Condition::InExcept { lists, sets, .. },
            Condition::In { lists: lists_other, sets: others },
        ) => (hidden != Hidden::Apart || !one.names_procedures()) && within((lists, sets), (lists_other, others)),
        (
            Condition::Measured { measure, set: Some(set), lists, comparison, value },
            Condition::In { lists: lists_other, sets: others },
        ) if *measure != Measure::Outside => {
            let some = matches!(comparison, Comparison::GreaterOrEqual | Comparison::Equal) && *value >= 1
                || *comparison == Comparison::Greater;
            some && (hidden == Hidden::Nothing || !one.names_procedures())
                && within((lists, std::slice::from_ref(set)), (lists_other, others))
        }
        (
            Condition::Compare { field, comparison, value },
            Condition::Compare { field: field_other, comparison: comparison_other, value: value_other },
        ) => field == field_other && narrower((*comparison, value.0), (*comparison_other, value_other.0)),
        (Condition::Compare { field, .. }, Condition::Known(name)) => field.name() == name,
        (Condition::Is { field, values }, Condition::Is { field: field_other, values: values_other }) => {
            field == field_other && values.iter().all(|value| values_other.contains(value))
        }
        _ => false,
    }
}

/// Whether every number that meets `one` meets `other`.
fn narrower(one: (Comparison, i64), other: (Comparison, i64)) -> bool {
    use Comparison::{Equal, Greater, GreaterOrEqual, Less, LessOrEqual, NotEqual};
    let (value, bound) = (one.1, other.1);
    match (one.0, other.0) {
        (Equal, comparison) => comparison.holds(value, bound),
        (Less | LessOrEqual, LessOrEqual) | (Less, Less) => value <= bound,
        (LessOrEqual, Less) => value < bound,
        (Greater | GreaterOrEqual, GreaterOrEqual) | (Greater, Greater) => value >= bound,
        (GreaterOrEqual, Greater) => value > bound,
        (Less, NotEqual) => value <= bound,
        (LessOrEqual, NotEqual) => value < bound,
        (Greater, NotEqual) => value >= bound,
        (GreaterOrEqual, NotEqual) => value > bound,
        _ => false,
    }
}
