//! Whether one condition implies another, as far as it can be told from their form and from what
//! their sets hold. "No" means "not shown", never "shown to be false".

use std::collections::{HashMap, HashSet};

use crate::condition::{CodeList, Comparison, Condition, Measure, SetRef, Shape};
use crate::scheme::CodeSet;

/// The scheme's sets by name.
pub(super) type Sets<'a> = HashMap<&'a str, &'a CodeSet>;

/// The members of some sets, told apart by shape; a severity class is a member of its own.
pub(super) struct Content<'a> {
    members: HashSet<(Option<Shape>, &'a str)>,
}

impl<'a> Content<'a> {
    pub(super) fn of(refs: &'a [SetRef], sets: &Sets<'a>) -> Content<'a> {
        let mut members = HashSet::new();
        for set in refs {
            match set {
                SetRef::Here { shape: Shape::Range, codes } => {
                    members.extend(codes.iter().map(|code| (None, code.as_str())));
                }
                SetRef::Here { shape, codes } => members.extend(codes.iter().map(|code| (Some(*shape), code.as_str()))),
                SetRef::Named { name, tag } => match sets.get(name.as_str()) {
                    None => {
                        members.insert((None, name.as_str()));
                    }
                    Some(set) => members.extend(
                        set.members
                            .iter()
                            .filter(|member| tag.is_none() || member.tag == *tag)
                            .map(|member| (Some(member.shape), member.code.as_str())),
                    ),
                },
            }
        }
        Content { members }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// Members that the other does not hold.
    pub(super) fn beyond(&self, other: &Content<'_>) -> Vec<&'a str> {
        let covered = |shape: Option<Shape>, code: &str| {
            other.members.contains(&(shape, code))
                || matches!(shape, Some(Shape::Code | Shape::Prefix))
                    && (1..=code.len()).any(|length| {
                        code.get(..length).is_some_and(|start| other.members.contains(&(Some(Shape::Prefix), start)))
                    })
        };
        let mut beyond: Vec<&str> =
            self.members.iter().filter(|(shape, code)| !covered(*shape, code)).map(|(_, code)| *code).collect();
        beyond.sort_unstable();
        beyond
    }

    /// Members that share no code with the other: nothing of it covers them, and they cover nothing of it.
    pub(super) fn apart_from(&self, other: &Content<'_>) -> Vec<&'a str> {
        let mut apart = self.beyond(other);
        let wider = |own: &str| {
            self.members.contains(&(Some(Shape::Prefix), own))
                && other.members.iter().any(|(_, code)| code.starts_with(own))
        };
        apart.retain(|code| !wider(code));
        apart
    }

    pub(super) fn len(&self) -> usize {
        self.members.len()
    }

    /// Whether it holds ranges, which are not compared with codes.
    pub(super) fn has_ranges(&self) -> bool {
        self.members.iter().any(|(shape, _)| matches!(shape, Some(Shape::Range) | None))
    }
}

/// Whether the condition can be shown never to hold.
pub(super) fn never(condition: &Condition, sets: &Sets<'_>) -> bool {
    match condition {
        Condition::Always(holds) => !holds,
        Condition::All(parts) => parts.iter().any(|part| never(part, sets)),
        Condition::Any(parts) => parts.iter().all(|part| never(part, sets)),
        Condition::Not(inner) => matches!(**inner, Condition::Always(true)),
        Condition::In { sets: refs, .. } | Condition::InExcept { sets: refs, .. } => Content::of(refs, sets).is_empty(),
        Condition::Measured { measure, set: Some(set), comparison, value, .. } if *measure != Measure::Outside => {
            let some = match comparison {
                Comparison::GreaterOrEqual | Comparison::Equal => *value >= 1,
                Comparison::Greater => true,
                _ => false,
            };
            some && Content::of(std::slice::from_ref(set), sets).is_empty()
        }
        _ => false,
    }
}

/// Whether every case of `one` is shown to be a case of `other`.
pub(super) fn implies(one: &Condition, other: &Condition, sets: &Sets<'_>) -> bool {
    if one == other || *other == Condition::Always(true) || *one == Condition::Always(false) {
        return true;
    }
    match (one, other) {
        (_, Condition::All(parts)) => parts.iter().all(|part| implies(one, part, sets)),
        (Condition::Any(parts), _) => parts.iter().all(|part| implies(part, other, sets)),
        (Condition::All(parts), _) if parts.iter().any(|part| implies(part, other, sets)) => true,
        (_, Condition::Any(parts)) => parts.iter().any(|part| implies(one, part, sets)),
        (Condition::Not(one), Condition::Not(other)) => implies(other, one, sets),
        (Condition::In { lists, sets: own }, Condition::In { lists: lists_other, sets: others }) => {
            within(lists, lists_other) && Content::of(own, sets).beyond(&Content::of(others, sets)).is_empty()
        }
        (Condition::InExcept { lists, sets: own, .. }, Condition::In { .. }) => {
            implies(&Condition::In { lists: lists.clone(), sets: own.clone() }, other, sets)
        }
        (
            Condition::Measured { measure, set: Some(set), lists, comparison, value },
            Condition::In { lists: lists_other, sets: others },
        ) if *measure != Measure::Outside => {
            let some = matches!(comparison, Comparison::GreaterOrEqual | Comparison::Equal) && *value >= 1
                || *comparison == Comparison::Greater;
            let own = Content::of(std::slice::from_ref(set), sets);
            some && within(lists, lists_other) && own.beyond(&Content::of(others, sets)).is_empty()
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

fn within(lists: &[CodeList], others: &[CodeList]) -> bool {
    lists.iter().all(|list| others.contains(list))
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
