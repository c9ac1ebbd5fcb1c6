//! 异形字符: characters in a code that look right and are not: full-width forms, spaces,
//! letters of other alphabets, a letter O for a zero.

use std::fmt;

/// What is odd about a character.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OddKind {
    /// 全角字符: `Ａ`, `０`, `．`.
    FullWidth,
    /// 空白: a space of any kind, or a character without width.
    Space,
    /// 形近字符: looks like a Latin character, as Cyrillic `А` or `×`.
    LookAlike,
    /// 字母误作数字: `O`, `o` or `l` where a digit belongs.
    LetterForDigit,
    /// 小写字母: a category letter in lower case.
    LowerCase,
    /// 其他: nothing that a code may hold.
    Foreign,
}

impl fmt::Display for OddKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            OddKind::FullWidth => "全角字符 full-width character",
            OddKind::Space => "空白字符 white space",
            OddKind::LookAlike => "形近字符 look-alike character",
            OddKind::LetterForDigit => "字母误作数字 letter in place of a digit",
            OddKind::LowerCase => "小写字母 lower-case category letter",
            OddKind::Foreign => "编码中不应有的字符 character that no code holds",
        })
    }
}

/// One odd character.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Odd {
    /// Its place, counted from 1 in characters.
    pub position: usize,
    /// The character.
    pub character: char,
    /// What is odd about it.
    pub kind: OddKind,
    /// What it stands for, if that is clear; `None` inside means it should go.
    pub means: Option<Option<char>>,
}

impl fmt::Display for Odd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "第 {} 字符 “{}” (U+{:04X}) 是{}", self.position, self.character, self.character as u32, self.kind)?;
        match self.means {
            Some(Some(meant)) => write!(f, "，应为 should be “{meant}”"),
            Some(None) => f.write_str("，应删去 should go"),
            None => Ok(()),
        }
    }
}

/// Every odd character of a code, in order. A code of plain ASCII without spaces has none.
#[must_use]
pub fn odd_characters(code: &str) -> Vec<Odd> {
    let mut odd = Vec::new();
    let mut plain = String::with_capacity(code.len());
    for (index, character) in code.chars().enumerate() {
        let found = oddity(character, &plain);
        match found {
            Some((kind, means)) => {
                odd.push(Odd { position: index + 1, character, kind, means });
                plain.extend(means.unwrap_or(Some(character)));
            }
            None => plain.push(character),
        }
    }
    odd
}

/// The code with every odd character replaced whose meaning is clear. Only for callers who
/// were asked to clean.
#[must_use]
pub fn cleaned(code: &str) -> String {
    let mut plain = String::with_capacity(code.len());
    for character in code.chars() {
        match oddity(character, &plain) {
            Some((_, Some(meant))) => plain.extend(meant),
            _ => plain.push(character),
        }
    }
    plain
}

/// What is odd about a character that follows `before`.
fn oddity(character: char, before: &str) -> Option<(OddKind, Option<Option<char>>)> {
    if character.is_whitespace() || matches!(character, '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' | '\u{ad}') {
        return Some((OddKind::Space, Some(None)));
    }
    let (kind, plain) = match (character, look_alike(character)) {
        ('\u{ff01}'..='\u{ff5e}', _) => (OddKind::FullWidth, char::from_u32(character as u32 - 0xfee0)?),
        (_, Some(meant)) => (OddKind::LookAlike, meant),
        (plain, None) if plain.is_ascii() => return misplaced(plain, before),
        _ => return Some((OddKind::Foreign, None)),
    };
    // What it stands for may itself be out of place, as a full-width O in place of a zero.
    match misplaced(plain, before) {
        Some((OddKind::Foreign, _)) => Some((OddKind::Foreign, None)),
        Some((_, meant)) => Some((kind, meant)),
        None => Some((kind, Some(Some(plain)))),
    }
}

/// What is odd about an ASCII character that follows `before`.
fn misplaced(character: char, before: &str) -> Option<(OddKind, Option<Option<char>>)> {
    let digit_belongs = starts_category(before);
    match character {
        'O' | 'o' if digit_belongs => Some((OddKind::LetterForDigit, Some(Some('0')))),
        'l' | 'I' if digit_belongs => Some((OddKind::LetterForDigit, Some(Some('1')))),
        'a'..='z' if before.is_empty() => Some((OddKind::LowerCase, Some(Some(character.to_ascii_uppercase())))),
        'A'..='Z' | 'a'..='z' | '0'..='9' | '.' | '+' | '*' | '/' | '-' => None,
        _ => Some((OddKind::Foreign, None)),
    }
}

/// Whether a digit of the category must come next: after a letter and at most one digit, as
/// in `I1` of `I10`, or after one or two digits of a procedure, as in `9` of `96.72`.
fn starts_category(before: &str) -> bool {
    let bytes = before.as_bytes();
    match bytes {
        [letter] => letter.is_ascii_alphanumeric(),
        [letter, digit] => letter.is_ascii_alphabetic() && digit.is_ascii_digit(),
        _ => before.ends_with('.') && before.len() <= 4,
    }
}

fn look_alike(character: char) -> Option<char> {
    latin_twin(character).or(match character {
        '✕' | '╳' => Some('x'),
        '。' | '·' | '•' | '․' | '｡' | '‧' | '・' => Some('.'),
        '‐' | '‑' | '‒' | '–' | '—' | '−' => Some('-'),
        '∗' => Some('*'),
        _ => None,
    })
}

/// The letter of a code for which a Greek or Cyrillic letter, or the sign ×, was taken: they look
/// the same on screen and compare as different codes.
#[must_use]
pub fn latin_twin(character: char) -> Option<char> {
    Some(match character {
        'А' | 'Α' => 'A',
        'В' | 'Β' => 'B',
        'С' | 'Ϲ' => 'C',
        'Е' | 'Ε' => 'E',
        'Н' | 'Η' => 'H',
        'І' | 'Ι' => 'I',
        'Ј' => 'J',
        'К' | 'Κ' => 'K',
        'М' | 'Μ' => 'M',
        'Ν' => 'N',
        'О' | 'Ο' => 'O',
        'Р' | 'Ρ' => 'P',
        'Ѕ' => 'S',
        'Т' | 'Τ' => 'T',
        'Х' | 'Χ' => 'X',
        'Υ' | 'У' => 'Y',
        'Ζ' => 'Z',
        'х' | 'χ' | '×' => 'x',
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_codes_hold_nothing_odd() {
        for code in
            ["I10.x00x002", "A17.000+G01*", "00.6300", "M80000/0", "O80.000", "13.4100x001", "06.2x00", "E10.900"]
        {
            assert_eq!(odd_characters(code), [], "{code}");
            assert_eq!(cleaned(code), code);
        }
    }

    #[test]
    fn odd_characters_are_named_by_place_and_cleaned_on_request() {
        for (code, kind, position, meant) in [
            ("Ｉ10.x00", OddKind::FullWidth, 1, "I10.x00"),
            ("I10．x00", OddKind::FullWidth, 4, "I10.x00"),
            ("I10.x00 ", OddKind::Space, 8, "I10.x00"),
            ("I10.\u{a0}x00", OddKind::Space, 5, "I10.x00"),
            ("I10.\u{200b}x00", OddKind::Space, 5, "I10.x00"),
            ("А00.100", OddKind::LookAlike, 1, "A00.100"),
            ("I10.х00", OddKind::LookAlike, 5, "I10.x00"),
            ("I10.×00", OddKind::LookAlike, 5, "I10.x00"),
            ("I1O.x00", OddKind::LetterForDigit, 3, "I10.x00"),
            ("Il0.x00", OddKind::LetterForDigit, 2, "I10.x00"),
            ("i10.x00", OddKind::LowerCase, 1, "I10.x00"),
            ("I1Ｏ.x00", OddKind::FullWidth, 3, "I10.x00"),
        ] {
            let odd = odd_characters(code);
            assert_eq!(odd.first().map(|odd| (odd.kind, odd.position)), Some((kind, position)), "{code}");
            assert_eq!(cleaned(code), meant, "{code}");
        }
    }

    #[test]
    fn what_has_no_clear_meaning_is_named_and_left_alone() {
        let odd = odd_characters("I10高血压");
        assert_eq!((odd.len(), odd[0].kind), (3, OddKind::Foreign));
        assert_eq!(cleaned("I10高血压"), "I10高血压");
        assert_eq!(odd_characters("I10,E11").len(), 1, "two codes in one cell");
    }
}
