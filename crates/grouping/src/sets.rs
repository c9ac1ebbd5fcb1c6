//! Compiled sets: membership of a number, and the tags of a member.

/// A set of code numbers.
#[derive(Debug, Clone)]
pub(crate) struct Numbers {
    sorted: Box<[u32]>,
    /// One bit a number; empty when the sorted list is the smaller of the two.
    bits: Box<[u64]>,
}

impl Numbers {
    /// A set of these; `universe` is how many numbers there are.
    pub(crate) fn new(mut members: Vec<u32>, universe: u32) -> Numbers {
        members.sort_unstable();
        members.dedup();
        let words = universe as usize / 64 + 1;
        let mut bits = Vec::new();
        if members.len() > 8 && words < members.len() * 4 {
            bits = vec![0_u64; words];
            for &number in &members {
                bits[number as usize / 64] |= 1 << (number % 64);
            }
        }
        Numbers { sorted: members.into(), bits: bits.into() }
    }

    pub(crate) fn contains(&self, number: u32) -> bool {
        if self.bits.is_empty() {
            return self.sorted.binary_search(&number).is_ok();
        }
        self.bits.get(number as usize / 64).is_some_and(|word| word >> (number % 64) & 1 == 1)
    }

    pub(crate) fn as_slice(&self) -> &[u32] {
        &self.sorted
    }
}

/// A compiled set.
#[derive(Debug, Clone)]
pub(crate) struct Set {
    pub(crate) numbers: Numbers,
    /// (code number, tag), sorted; only for sets with tags.
    pub(crate) tags: Box<[(u32, u16)]>,
}

impl Set {
    /// The tags that a code has here.
    pub(crate) fn tags_of(&self, number: u32) -> impl Iterator<Item = u16> + '_ {
        let from = self.tags.partition_point(|(code, _)| *code < number);
        self.tags[from..].iter().take_while(move |(code, _)| *code == number).map(|(_, tag)| *tag)
    }
}

/// What a tag says, as far as it is a number.
#[derive(Debug, Clone)]
pub(crate) struct Tag {
    pub(crate) text: String,
    /// `3`.
    pub(crate) value: Option<u32>,
    /// `heart:3`, a category by its number and a weight.
    pub(crate) weighed: Option<(u16, u32)>,
}
