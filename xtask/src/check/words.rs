//! Words that mean "not finished" or "trust me", and files that grow too long.

use crate::files;
use std::path::Path;

/// A file past this many lines earns a second look (a warning, not a failure).
const LONG_FILE_LINES: usize = 600;

/// The words, split so that this file does not accuse itself.
const WORDS: &[(&str, &str)] = &[
    (concat!("TO", "DO"), "finish it, or write an issue"),
    (concat!("FIX", "ME"), "mend it"),
    (concat!("XX", "X"), "say what is meant"),
    (concat!("unimple", "mented"), "implement it, or refuse by name"),
    (concat!("to", "do!"), "implement it, or refuse by name"),
    (concat!("un", "safe"), "the house does without it"),
];

/// One message for each place where a banned word stands.
#[must_use]
pub fn check(root: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for path in files::ending_in(root, &[".rs", ".sql", ".toml", ".ts", ".tsx"]) {
        let Ok(text) = files::read(&path) else { continue };
        for (number, line) in text.lines().enumerate() {
            found.extend(
                banned(line).map(|(word, way_out)| {
                    format!("{}:{}: `{word}`: {way_out}", files::shown(root, &path), number + 1)
                }),
            );
        }
    }
    found
}

/// The banned words that stand in a line as words of their own. Lint settings that forbid
/// them (`clippy`'s names, `unsafe_code`) are not the words themselves.
fn banned(line: &str) -> impl Iterator<Item = &'static (&'static str, &'static str)> + '_ {
    let is_setting = line.trim_end().ends_with("= \"deny\"") || line.contains("forbid");
    WORDS.iter().filter(move |(word, _)| !is_setting && stands_alone(line, word))
}

fn stands_alone(line: &str, word: &str) -> bool {
    let part_of_word = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    line.match_indices(word).any(|(at, _)| {
        let after = line[at + word.len()..].chars().next();
        !part_of_word(line[..at].chars().next_back()) && !part_of_word(after)
    })
}

/// Rust files past the length where a second look is due.
#[must_use]
pub fn long_files(root: &Path) -> Vec<String> {
    let long = |path: std::path::PathBuf| {
        let lines = files::read(&path).ok()?.lines().count();
        let shown = files::shown(root, &path);
        (lines > LONG_FILE_LINES).then(|| format!("{shown}: {lines} lines; does it do much behind a small door?"))
    };
    files::ending_in(root, &[".rs"]).into_iter().filter_map(long).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_banned_word_is_found_only_as_a_word_of_its_own() {
        let todo = concat!("TO", "DO");
        assert_eq!(banned(&format!("// {todo}: later")).count(), 1);
        assert_eq!(banned(&format!("const {todo}S: u8 = 1;")).count(), 0);
        assert_eq!(banned(concat!("un", "safe { x }")).count(), 1);
        assert_eq!(banned(concat!("un", "safe_code = \"forbid\"")).count(), 0);
        assert_eq!(banned(concat!("unimple", "mented = \"deny\"")).count(), 0);
    }
}
