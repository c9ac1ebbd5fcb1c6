//! Codes as small numbers. A scheme's codes and code beginnings are numbered once; a case's
//! codes are looked up, so that every later comparison is one of numbers.

use std::collections::HashMap;

use foldhash::fast::FixedState;

use crate::condition::Shape;

/// The number of a code that the scheme does not know.
pub(crate) const UNKNOWN: u32 = u32::MAX;

/// Texts up to this many bytes are looked up without following a pointer.
const PACKED_MAX: usize = 15;

/// The codes of one kind (diagnoses, or procedures) that a scheme names.
#[derive(Debug, Clone, Default)]
pub(crate) struct Codes {
    exact: Lookup,
    beginnings: Lookup,
    /// Lengths in bytes of the beginnings, longest first.
    lengths: Vec<usize>,
    count: u32,
}

#[derive(Debug, Clone, Default)]
struct Lookup {
    short: HashMap<u128, u32, FixedState>,
    long: HashMap<Box<str>, u32, FixedState>,
}

impl Lookup {
    fn get(&self, text: &str) -> Option<u32> {
        match pack(text) {
            Some(key) => self.short.get(&key).copied(),
            None => self.long.get(text).copied(),
        }
    }

    fn put(&mut self, text: &str, number: u32) {
        match pack(text) {
            Some(key) => self.short.insert(key, number),
            None => self.long.insert(text.into(), number),
        };
    }
}

/// A short text and its length in one number.
fn pack(text: &str) -> Option<u128> {
    if text.len() > PACKED_MAX {
        return None;
    }
    let mut bytes = [0; 16];
    bytes[..text.len()].copy_from_slice(text.as_bytes());
    bytes[PACKED_MAX] = text.len() as u8;
    Some(u128::from_le_bytes(bytes))
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
    fn a_range_of_categories_crosses_letters() {
        let found = categories("A98-B01").unwrap();
        assert_eq!(found, ["A98", "A99", "B00", "B01"]);
        assert!(categories("B01-A98").is_err());
        assert!(categories("A9-B1").is_err());
    }
}
