//! 词法: the marks and words of a rule's expression.

use terms::Exact;

/// One mark or word.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token {
    /// A name, maybe with dots.
    Name(String),
    /// A text in single quotes.
    Text(String),
    /// A number.
    Number(Exact),
    /// A mark: one of `( ) [ ] , + - * == != < <= > >=`.
    Mark(&'static str),
}

impl Token {
    pub(super) fn show(&self) -> String {
        match self {
            Token::Name(name) => name.clone(),
            Token::Text(text) => format!("'{text}'"),
            Token::Number(number) => number.to_string(),
            Token::Mark(mark) => (*mark).to_owned(),
        }
    }
}

const MARKS: &[&str] = &["==", "!=", "<=", ">=", "<", ">", "(", ")", "[", "]", ",", "+", "-", "*"];

/// Cuts an expression into tokens.
pub(super) fn tokens(text: &str) -> Result<Vec<Token>, String> {
    let mut found = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let length = if let Some(mark) = MARKS.iter().find(|mark| rest.starts_with(**mark)) {
            found.push(Token::Mark(mark));
            mark.len()
        } else if first == '\'' {
            let inside = rest[1..].split('\'').next().unwrap_or_default();
            if rest.len() < inside.len() + 2 {
                return Err(format!("the text {rest} has no closing quote '"));
            }
            found.push(Token::Text(inside.to_owned()));
            inside.len() + 2
        } else if first.is_ascii_digit() {
            let length = word_length(rest, |c| c.is_ascii_digit() || c == '.');
            let number = rest[..length].parse().map_err(|_| format!("“{}” is not a number", &rest[..length]))?;
            found.push(Token::Number(number));
            length
        } else if first.is_ascii_lowercase() {
            let length = word_length(rest, |c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || c == '.');
            found.push(Token::Name(rest[..length].to_owned()));
            length
        } else {
            return Err(format!("“{first}” has no meaning here; texts stand in single quotes"));
        };
        rest = rest[length..].trim_start();
    }
    Ok(found)
}

fn word_length(text: &str, belongs: impl Fn(char) -> bool) -> usize {
    text.find(|c| !belongs(c)).unwrap_or(text.len())
}
