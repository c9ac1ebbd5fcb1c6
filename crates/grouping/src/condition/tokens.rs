//! The words, numbers and signs of a rule.

use super::{Comparison, RuleError};

const RESERVED: [&str; 19] = [
    "and",
    "or",
    "not",
    "in",
    "except",
    "length",
    "outside",
    "count",
    "tags",
    "highest",
    "sum",
    "sum_of_highest",
    "known",
    "procedures",
    "codes",
    "prefix",
    "range",
    "true",
    "false",
];

/// Whether `text` can stand in a rule without quotes.
pub(super) fn is_word(text: &str) -> bool {
    let mut letters = text.chars();
    letters.next().is_some_and(|first| first.is_alphabetic() || first == '_')
        && letters.all(is_word_letter)
        && !RESERVED.contains(&text.to_ascii_lowercase().as_str())
}

fn is_word_letter(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_' || letter == '.'
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) column: usize,
    pub(super) what: What,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum What {
    Word(String),
    Number(String),
    Text(String),
    Sign(char),
    Compare(Comparison),
    End,
}

impl What {
    pub(super) fn show(&self) -> String {
        match self {
            What::Word(word) | What::Number(word) => format!("'{word}'"),
            What::Text(text) => format!("the text \"{text}\""),
            What::Sign(sign) => format!("'{sign}'"),
            What::Compare(comparison) => format!("'{comparison}'"),
            What::End => "the end of the rule".to_owned(),
        }
    }
}

pub(super) fn tokens(text: &str) -> Result<Vec<Token>, RuleError> {
    let letters: Vec<char> = text.chars().collect();
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(&letter) = letters.get(at) {
        let column = at + 1;
        if letter.is_whitespace() {
            at += 1;
            continue;
        }
        let (what, length) = token(letter, &letters[at..]).map_err(|message| RuleError { column, message })?;
        tokens.push(Token { column, what });
        at += length;
    }
    tokens.push(Token { column: letters.len() + 1, what: What::End });
    Ok(tokens)
}

fn token(first: char, rest: &[char]) -> Result<(What, usize), String> {
    let second = rest.get(1).copied();
    Ok(match first {
        '(' | ')' | '{' | '}' | ',' | '∩' | '#' => (What::Sign(first), 1),
        '≤' => (What::Compare(Comparison::LessOrEqual), 1),
        '≥' => (What::Compare(Comparison::GreaterOrEqual), 1),
        '≠' => (What::Compare(Comparison::NotEqual), 1),
        '<' if second == Some('=') => (What::Compare(Comparison::LessOrEqual), 2),
        '<' if second == Some('>') => (What::Compare(Comparison::NotEqual), 2),
        '<' => (What::Compare(Comparison::Less), 1),
        '>' if second == Some('=') => (What::Compare(Comparison::GreaterOrEqual), 2),
        '>' => (What::Compare(Comparison::Greater), 1),
        '=' if second == Some('=') => (What::Compare(Comparison::Equal), 2),
        '=' => (What::Compare(Comparison::Equal), 1),
        '!' if second == Some('=') => (What::Compare(Comparison::NotEqual), 2),
        '\'' | '"' => quoted(first, rest)?,
        digit if digit.is_ascii_digit() => {
            let length = rest.iter().take_while(|letter| letter.is_ascii_digit() || **letter == '.').count();
            if rest.get(length).copied().is_some_and(is_word_letter) {
                return Err("a name that begins with a digit must stand in quotes".to_owned());
            }
            (What::Number(rest[..length].iter().collect()), length)
        }
        letter if letter.is_alphabetic() || letter == '_' => {
            let length = rest.iter().take_while(|letter| is_word_letter(**letter)).count();
            (What::Word(rest[..length].iter().collect()), length)
        }
        '（' | '）' | '｛' | '｝' | '，' | '＞' | '＜' | '＝' => {
            return Err(format!("'{first}' is a full-width sign; write its plain form"));
        }
        other => return Err(format!("'{other}' has no meaning in a rule")),
    })
}

fn quoted(quote: char, rest: &[char]) -> Result<(What, usize), String> {
    let mut text = String::new();
    let mut at = 1;
    loop {
        match rest.get(at) {
            None => return Err(format!("the text that begins here has no closing {quote}")),
            Some(&letter) if letter == quote => {
                if rest.get(at + 1) != Some(&quote) {
                    return Ok((What::Text(text), at + 1));
                }
                text.push(quote);
                at += 2;
            }
            Some(&letter) => {
                text.push(letter);
                at += 1;
            }
        }
    }
}
