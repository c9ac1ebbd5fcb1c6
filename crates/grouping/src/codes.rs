//! Codes as small numbers. A scheme's codes and code beginnings are numbered once; a case's
//! codes are looked up, so that every later comparison is one of numbers.

use std::collections::HashMap;

use foldhash::fast::FixedState;

use crate::condition::Shape;

/// The number of a code that the scheme does not know.
pub(crate) const UNKNOWN: u32 = u32::MAX;

/// The codes of one kind (diagnoses, or procedures) that a scheme names.
#[derive(Debug, Clone, Default)]
pub(crate) struct Codes {
    exact: Lookup,
    beginnings: Lookup,
    /// Lengths in bytes of the beginnings, longest first.
    lengths: Vec<usize>,
    count: u32,
}

/// Texts to numbers. Codes of up to twelve bytes, nearly all, stand in one open table of
/// sixteen bytes an entry, so that a look-up touches one line of memory.
#[derive(Debug, Clone, Default)]
struct Lookup {
    /// A power of two of entries, at most half of them taken.
    slots: Vec<Slot>,
    taken: usize,
    long: HashMap<Box<str>, u32, FixedState>,
}

#[derive(Debug, Clone, Copy)]
struct Slot {
    key: Key,
    /// [`UNKNOWN`] where the slot is free.
    number: u32,
}

/// The bytes of a short text, filled up with zeros.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Key {
    first: u64,
    rest: u32,
}

const FREE: Slot = Slot { key: Key { first: 0, rest: 0 }, number: UNKNOWN };

impl Lookup {
    #[inline]
    fn get(&self, text: &str) -> Option<u32> {
        match Key::of(text.as_bytes()) {
            None => self.long.get(text).copied(),
            Some(key) if !self.slots.is_empty() => {
                let slot = self.slots[self.place(key)];
                if slot.number == UNKNOWN { None } else { Some(slot.number) }
            }
            Some(_) => None,
        }
    }

    /// Where the key stands, or the free slot where it would.
    #[inline]
    fn place(&self, key: Key) -> usize {
        let mask = self.slots.len() - 1;
        let mut at = key.spread() & mask;
        while self.slots[at].number != UNKNOWN && self.slots[at].key != key {
            at = (at + 1) & mask;
        }
        at
    }

    fn put(&mut self, text: &str, number: u32) {
        let Some(key) = Key::of(text.as_bytes()) else {
            self.long.insert(text.into(), number);
            return;
        };
        if (self.taken + 1) * 2 > self.slots.len() {
            let grown = vec![FREE; (self.slots.len() * 2).max(16)];
            for slot in std::mem::replace(&mut self.slots, grown) {
                if slot.number != UNKNOWN {
                    let at = self.place(slot.key);
                    self.slots[at] = slot;
                }
            }
        }
        let at = self.place(key);
        self.taken += usize::from(self.slots[at].number == UNKNOWN);
        self.slots[at] = Slot { key, number };
    }
}

impl Key {
    /// `None` for texts that are too long, empty, or would be confused with the filling.
    #[inline]
    fn of(bytes: &[u8]) -> Option<Key> {
        let length = bytes.len();
        if bytes.last().is_none_or(|last| *last == 0) || length > 12 {
            return None;
        }
        if length >= 8 {
            let first = u64::from_le_bytes(*bytes.first_chunk()?);
            let tail = u64::from(u32::from_le_bytes(*bytes.last_chunk()?));
            return Some(Key { first, rest: (tail >> (8 * (12 - length))) as u32 });
        }
        if length >= 4 {
            let head = u64::from(u32::from_le_bytes(*bytes.first_chunk()?));
            let tail = u64::from(u32::from_le_bytes(*bytes.last_chunk()?));
            return Some(Key { first: head | tail >> (8 * (8 - length)) << 32, rest: 0 });
        }
        let first = bytes.iter().rev().fold(0, |first, byte| first << 8 | u64::from(*byte));
        Some(Key { first, rest: 0 })
    }

    /// Scatters keys that are alike: multiply wide and fold.
    #[inline]
    fn spread(self) -> usize {
        let mixed = (self.first ^ 0x9E37_79B9_7F4A_7C15) ^ u64::from(self.rest).wrapping_mul(0xD6E8_FEB8_6659_FD93);
        let wide = u128::from(mixed) * 0xA076_1D64_78BD_642F;
        (wide >> 64) as usize ^ wide as usize
    }
}

impl Codes {
    /// How many numbers were given out.
    pub(crate) fn count(&self) -> u32 {
        self.count
    }

    /// Whether some of the numbers stand for beginnings.
    pub(crate) fn has_beginnings(&self) -> bool {
        !self.lengths.is_empty()
    }

    /// The numbers that stand for a member of a set; a range has many.
    pub(crate) fn enter(&mut self, shape: Shape, text: &str, numbers: &mut Vec<u32>) -> Result<(), String> {
        match shape {
            Shape::Code => numbers.push(self.enter_code(text)),
            Shape::Prefix => numbers.push(self.enter_beginning(text)),
            Shape::Range => {
                for category in categories(text)? {
                    numbers.push(self.enter_beginning(&category));
                }
            }
        }
        Ok(())
    }

    pub(crate) fn enter_code(&mut self, text: &str) -> u32 {
        self.exact.get(text).unwrap_or_else(|| {
            let number = self.next();
            self.exact.put(text, number);
            number
        })
    }

    fn enter_beginning(&mut self, text: &str) -> u32 {
        if let Some(number) = self.beginnings.get(text) {
            return number;
        }
        let number = self.next();
        self.beginnings.put(text, number);
        if !self.lengths.contains(&text.len()) {
            self.lengths.push(text.len());
            self.lengths.sort_unstable_by(|one, other| other.cmp(one));
        }
        number
    }

    fn next(&mut self) -> u32 {
        self.count += 1;
        self.count - 1
    }

    /// The number of exactly this code.
    pub(crate) fn exact(&self, text: &str) -> u32 {
        self.exact.get(text).unwrap_or(UNKNOWN)
    }

    /// Puts the numbers of a case's code: first its own (or [`UNKNOWN`]), then its beginnings'.
    pub(crate) fn look_up(&self, text: &str, numbers: &mut Vec<u32>) {
        numbers.push(self.exact(text));
        for &length in &self.lengths {
            if let Some(number) = text.get(..length).and_then(|beginning| self.beginnings.get(beginning)) {
                numbers.push(number);
            }
        }
    }
}

/// The categories from `A00` to `B99` of `A00-B99`.
fn categories(range: &str) -> Result<Vec<String>, String> {
    let place = |category: &str| match category.as_bytes() {
        [letter @ b'A'..=b'Z', tens @ b'0'..=b'9', ones @ b'0'..=b'9'] => {
            Some(u32::from(letter - b'A') * 100 + u32::from(tens - b'0') * 10 + u32::from(ones - b'0'))
        }
        _ => None,
    };
    let ends = range.split_once('-').and_then(|(first, last)| Some((place(first)?, place(last)?)));
    match ends {
        Some((first, last)) if first <= last => Ok((first..=last)
            .map(|place| format!("{}{:02}", char::from(b'A' + (place / 100) as u8), place % 100))
            .collect()),
        _ => {
            Err(format!("'{range}' is not a range of categories; write a letter and two digits at both ends: A00-B99"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_found_by_its_own_text_and_by_its_beginnings() {
        let mut codes = Codes::default();
        let mut numbers = Vec::new();
        codes.enter(Shape::Code, "K35.300", &mut numbers).unwrap();
        codes.enter(Shape::Prefix, "K35.3", &mut numbers).unwrap();
        codes.enter(Shape::Prefix, "K35", &mut numbers).unwrap();
        codes.enter(Shape::Code, "A17.000+G01*x0099", &mut numbers).unwrap();
        let mut found = Vec::new();
        codes.look_up("K35.300", &mut found);
        assert_eq!(found, numbers[..3]);
        found.clear();
        codes.look_up("K35.9", &mut found);
        assert_eq!(found, [UNKNOWN, numbers[2]]);
        assert_eq!(codes.exact("A17.000+G01*x0099"), numbers[3]);
        assert_eq!(codes.exact("A17.000+G01*"), UNKNOWN);
    }

    #[test]
    fn texts_of_every_length_are_told_apart() {
        let text = "A17.000+G01*x009";
        let mut codes = Codes::default();
        let texts: Vec<&str> = (1..=text.len()).flat_map(|end| (0..end).map(move |from| &text[from..end])).collect();
        let mut known: Vec<&str> = Vec::new();
        for own in &texts {
            assert_eq!(codes.exact(own) != UNKNOWN, known.contains(own), "{own}");
            codes.enter_code(own);
            known.push(own);
        }
        let mut numbers: Vec<u32> = texts.iter().map(|own| codes.exact(own)).collect();
        numbers.sort_unstable();
        numbers.dedup();
        known.sort_unstable();
        known.dedup();
        assert_eq!(numbers.len(), known.len());
        for stranger in ["", "A", "A\0", "A17.000\0", "A17.000+G01x", "17.000+G01*\0"] {
            assert_eq!(codes.exact(stranger) == UNKNOWN, !known.contains(&stranger), "{stranger:?}");
        }
    }

    #[test]
    fn a_range_of_categories_crosses_letters() {
        let found = categories("A98-B01").unwrap();
        assert_eq!(found, ["A98", "A99", "B00", "B01"]);
        assert!(categories("B01-A98").is_err());
        assert!(categories("A9-B1").is_err());
    }
}
