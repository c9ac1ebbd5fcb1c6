//! 句子: clauses and numbers of a Chinese sentence.

/// A number in a sentence, with what stands around it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Number<'a> {
    pub value: u32,
    /// All that comes before it.
    pub before: &'a str,
    /// All that comes after it.
    pub rest: &'a str,
    /// Whether ≥ stands before it.
    pub least: bool,
    /// Whether < stands before it.
    pub below: bool,
}

/// The sentence without spaces and full-width forms of digits and signs.
pub(super) fn plain(text: &str) -> String {
    let narrow = |c: char| match c {
        '０'..='９' | '（' | '）' | '，' | '；' | '：' | '＜' | '＞' | '．' => {
            char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c)
        }
        // A radical that some publications print in place of the character.
        '⼉' => '儿',
        c => c,
    };
    text.chars().filter(|c| !c.is_whitespace()).map(narrow).collect()
}

/// The numbered indications of a sentence, each without its number.
pub(super) fn clauses(text: &str) -> Vec<String> {
    plain(text)
        .split([';', '。'])
        .map(|clause| unnumbered(clause).to_owned())
        .filter(|clause| !clause.is_empty())
        .collect()
}

/// `限:1.甲` is 甲; `2.3岁` is 3岁.
fn unnumbered(clause: &str) -> &str {
    let clause = clause.rsplit_once(':').map_or(clause, |(_, rest)| rest);
    let digits = clause.trim_start_matches(|c: char| c.is_ascii_digit());
    if digits.len() < clause.len() { digits.strip_prefix(['.', '、']).unwrap_or(clause) } else { clause }
}

/// What comes after the first of these words that the text begins with.
pub(super) fn after<'a>(text: &'a str, words: &[&str]) -> Option<&'a str> {
    words.iter().find_map(|word| text.strip_prefix(word))
}

/// The whole numbers of a sentence; 一 to 十 too, where they stand alone. Numbers with
/// decimals, and digits inside a name such as IL-17, are none.
pub(super) fn numbers(text: &str) -> Vec<Number<'_>> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(first) = text[at..].chars().next() {
        let begin = at;
        if first.is_ascii_digit() {
            let length = text[begin..].find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len() - begin);
            at = begin + length;
            let (before, rest) = (&text[..begin], &text[at..]);
            let decimal = rest.strip_prefix('.').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
            let name = before.ends_with(|c: char| c.is_ascii_alphabetic() || c == '.');
            if let (Ok(value), false, false) = (text[begin..at].parse(), decimal, name) {
                found.push(number(value, before, rest));
            }
        } else {
            at += first.len_utf8();
            let alone =
                ["一", "二", "三", "四", "五", "六", "七", "八", "九", "十"].iter().position(|c| c.starts_with(first));
            if let Some(place) = alone {
                found.push(number(u32::try_from(place).unwrap_or(0) + 1, &text[..begin], &text[at..]));
            }
        }
    }
    found
}

fn number<'a>(value: u32, before: &'a str, rest: &'a str) -> Number<'a> {
    Number { value, before, rest, least: before.ends_with(['≥', '⩾']), below: before.ends_with(['<', '＜']) }
}
