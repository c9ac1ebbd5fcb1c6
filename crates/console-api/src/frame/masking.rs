//! 脱敏.

use serde::Serialize;
use utoipa::ToSchema;

/// 脱敏文本: a personal datum as this reader may see it. There is no other way to put one into
/// an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Masked {
    /// The text, with stars for what is hidden.
    text: String,
    /// Whether something is hidden.
    masked: bool,
}

impl Masked {
    /// Shown whole: to the person themselves, or after an unmasking with a purpose.
    pub(crate) fn plain(text: &str) -> Masked {
        Masked { text: text.to_owned(), masked: false }
    }

    pub(crate) fn name(text: &str) -> Masked {
        Masked { text: masked_name(text), masked: !text.is_empty() }
    }

    pub(crate) fn number(text: &str) -> Masked {
        Masked { text: masked_number(text), masked: !text.is_empty() }
    }

    /// The text as it may be shown.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }
}

/// A name with everything but its first character hidden: 张**.
#[must_use]
pub fn masked_name(name: &str) -> String {
    let mut characters = name.chars();
    let Some(first) = characters.next() else { return String::new() };
    first.to_string() + &"*".repeat(characters.count().clamp(1, 2))
}

/// A number with its middle hidden: at most a third of it, at most eight characters, is shown.
#[must_use]
pub fn masked_number(number: &str) -> String {
    let characters: Vec<char> = number.chars().collect();
    let shown = (characters.len() / 6).min(4);
    let (head, tail) = (&characters[..shown], &characters[characters.len() - shown..]);
    let stars = "*".repeat(characters.len() - 2 * shown);
    head.iter().collect::<String>() + &stars + &tail.iter().collect::<String>()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_shows_its_first_character_only() {
        assert_eq!(masked_name("张三"), "张*");
        assert_eq!(masked_name("欧阳修远"), "欧**");
        assert_eq!(masked_name("李"), "李*");
        assert_eq!(masked_name(""), "");
    }

    #[test]
    fn a_number_shows_at_most_a_third_of_itself() {
        assert_eq!(masked_number("999900198005061234"), "999************234");
        assert_eq!(masked_number("1001"), "****");
        assert_eq!(masked_number(""), "");
    }
}
