//! What sets hold, worked out once for every list of sets that a condition names, so that any two
//! of them are compared by numbers.

use std::collections::{BTreeSet, HashMap};

use crate::condition::{SetRef, Shape};
use crate::scheme::{CodeSet, Member, TagPolicy};

/// A member: what it stands for and its text. A severity class, or a range written in place, has
/// no shape.
type Key<'a> = (Option<Shape>, &'a str);

/// The members of every list of sets that a condition names.
pub(super) struct Contents<'a> {
    numbers: HashMap<Key<'a>, u32>,
    members: Vec<Key<'a>>,
    /// Of each member: the other beginnings that cover it.
    wider: Vec<Box<[u32]>>,
    by_refs: HashMap<&'a [SetRef], Box<[u32]>>,
}

/// The members of one list of sets.
#[derive(Clone, Copy)]
pub(super) struct Content<'c, 'a> {
    all: &'c Contents<'a>,
    /// Ascending, each once.
    numbers: &'c [u32],
}

impl<'a> Contents<'a> {
    /// Of these lists, and of no others.
    pub(super) fn new(sets: &'a [CodeSet], lists: &[&'a [SetRef]]) -> Contents<'a> {
        let named: HashMap<&str, &CodeSet> = sets.iter().map(|set| (set.name.as_str(), set)).collect();
        let mut contents =
            Contents { numbers: HashMap::new(), members: Vec::new(), wider: Vec::new(), by_refs: HashMap::new() };
        let mut of_ref: HashMap<&SetRef, Box<[u32]>> = HashMap::new();
        for &refs in lists {
            for set in refs {
                of_ref.entry(set).or_insert_with(|| contents.number_all(set, &named));
            }
            contents.by_refs.entry(refs).or_insert_with(|| {
                let mut numbers: Vec<u32> = refs.iter().flat_map(|set| &of_ref[set]).copied().collect();
                numbers.sort_unstable();
                numbers.dedup();
                numbers.into()
            });
        }
        contents.find_wider();
        contents
    }

    fn number_all(&mut self, set: &'a SetRef, named: &HashMap<&str, &'a CodeSet>) -> Box<[u32]> {
        match set {
            SetRef::Here { shape, codes } => {
                let shape = Some(*shape).filter(|shape| *shape != Shape::Range);
                codes.iter().map(|code| self.number((shape, code))).collect()
            }
            SetRef::Named { name, tag } => match named.get(name.as_str()) {
                None => [self.number((None, name))].into(),
                Some(set) => {
                    let own_tags = counting_tags(set);
                    let asked = |member: &&Member| match tag {
                        Some(tag) if member.tag.as_ref() == Some(tag) => {
                            own_tags.get(&key(member)).is_none_or(|own| own == tag)
                        }
                        Some(_) => false,
                        None => true,
                    };
                    set.members.iter().filter(asked).map(|member| self.number(key(member))).collect()
                }
            },
        }
    }

    fn number(&mut self, member: Key<'a>) -> u32 {
        *self.numbers.entry(member).or_insert_with(|| {
            self.members.push(member);
            (self.members.len() - 1) as u32
        })
    }

    fn find_wider(&mut self) {
        let beginnings = self.members.iter().filter(|(shape, _)| *shape == Some(Shape::Prefix));
        let lengths: BTreeSet<usize> = beginnings.map(|(_, text)| text.len()).filter(|length| *length > 0).collect();
        let wider = |(shape, text): &Key<'a>| match shape {
            Some(Shape::Code | Shape::Prefix) => lengths
                .iter()
                .filter_map(|length| text.get(..*length))
                .filter_map(|start| self.numbers.get(&(Some(Shape::Prefix), start)).copied())
                .collect(),
            _ => Box::default(),
        };
        self.wider = self.members.iter().map(wider).collect();
    }

    /// What these sets hold. They must stand in some condition of the scheme.
    pub(super) fn of(&self, refs: &[SetRef]) -> Content<'_, 'a> {
        Content { all: self, numbers: &self.by_refs[refs] }
    }
}

impl<'a> Content<'_, 'a> {
    pub(super) fn is_empty(self) -> bool {
        self.numbers.is_empty()
    }

    pub(super) fn len(self) -> usize {
        self.numbers.len()
    }

    /// Whether the other holds or covers all of its members.
    pub(super) fn is_within(self, other: Content<'_, '_>) -> bool {
        self.numbers.iter().all(|number| other.covers(*number))
    }

    fn holds(self, number: u32) -> bool {
        self.numbers.binary_search(&number).is_ok()
    }

    fn covers(self, number: u32) -> bool {
        self.holds(number) || self.all.wider[number as usize].iter().any(|wider| self.holds(*wider))
    }

    fn texts(self) -> impl Iterator<Item = &'a str> {
        self.numbers.iter().map(move |number| self.all.members[*number as usize].1)
    }

    /// Members that share no code with the other: nothing of it covers them, and they cover nothing of it.
    pub(super) fn apart_from(self, other: Content<'_, '_>) -> Vec<&'a str> {
        let wider = |own: &str| {
            let beginning = self.all.numbers.get(&(Some(Shape::Prefix), own));
            beginning.is_some_and(|number| self.holds(*number)) && other.texts().any(|code| code.starts_with(own))
        };
        let beyond = self.numbers.iter().filter(|number| !other.covers(**number));
        let mut apart: Vec<&str> = beyond.map(|number| self.all.members[*number as usize].1).collect();
        apart.retain(|code| !wider(code));
        apart.sort_unstable();
        apart
    }

    /// Whether it holds ranges, which are not compared with codes.
    pub(super) fn has_ranges(self) -> bool {
        self.numbers.iter().any(|number| matches!(self.all.members[*number as usize].0, Some(Shape::Range) | None))
    }
}

fn key(member: &Member) -> Key<'_> {
    (Some(member.shape), &member.code)
}

/// The tag that each member counts with, where only one does.
fn counting_tags(set: &CodeSet) -> HashMap<Key<'_>, &str> {
    let mut tags = HashMap::new();
    for member in &set.members {
        let Some(tag) = member.tag.as_deref() else { continue };
        match set.tags {
            TagPolicy::All => {}
            TagPolicy::First => {
                tags.entry(key(member)).or_insert(tag);
            }
            TagPolicy::Last => {
                tags.insert(key(member), tag);
            }
        }
    }
    tags
}
