//! Documents: every relative link leads somewhere, and the two READMEs stay in step.

use crate::files;
use std::collections::BTreeSet;
use std::path::Path;

/// Broken links in every Markdown file, and where the READMEs differ in form.
///
/// # Errors
/// A file cannot be read.
pub fn check(root: &Path) -> Result<Vec<String>, String> {
    let mut found = Vec::new();
    for path in files::ending_in(root, &[".md"]) {
        found.extend(broken_links(root, &path)?);
    }
    let english = files::read(&root.join("README.md"))?;
    let chinese = files::read(&root.join("README.zh-CN.md"))?;
    found.extend(out_of_step(&english, &chinese));
    Ok(found)
}

fn broken_links(root: &Path, document: &Path) -> Result<Vec<String>, String> {
    let text = files::read(document)?;
    let mut found = Vec::new();
    for (number, target) in links(&text) {
        if target.contains("://") || target.starts_with("mailto:") {
            continue;
        }
        let (file, anchor) = target.split_once('#').unwrap_or((&target, ""));
        let folder = document.parent().unwrap_or(root);
        let path = if file.is_empty() { document.to_path_buf() } else { folder.join(file) };
        let shown = format!("{}:{number}", files::shown(root, document));
        if !path.exists() {
            found.push(format!("{shown}: the link `{target}` leads nowhere"));
        } else if !anchor.is_empty() && !anchors(&files::read(&path)?).contains(anchor) {
            found.push(format!("{shown}: `{target}`: there is no such heading in that file"));
        }
    }
    Ok(found)
}

/// Lines outside fenced code, with their numbers.
fn prose(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut fenced = false;
    text.lines().enumerate().filter_map(move |(index, line)| {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
            return None;
        }
        (!fenced).then_some((index + 1, line))
    })
}

/// Targets of `[text](target)`, with their line numbers; code in backticks is passed over.
fn links(text: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (number, line) in prose(text) {
        let plain: String = line.split('`').step_by(2).collect::<Vec<_>>().join("_");
        for (at, _) in plain.match_indices("](") {
            if let Some((target, _)) = plain[at + 2..].split_once(')') {
                found.push((number, target.trim().to_owned()));
            }
        }
    }
    found
}

/// Headings as `(level, text)`.
fn headings(text: &str) -> Vec<(usize, &str)> {
    let heading =
        |(_, line): (usize, &'_ str)| line.starts_with('#').then(|| line.bytes().take_while(|b| *b == b'#').count());
    prose(text).filter_map(|row| heading(row).map(|level| (level, row.1[level..].trim()))).collect()
}

/// The anchors that a Markdown reader makes of the headings: lower case, spaces become
/// hyphens, punctuation goes.
fn anchors(text: &str) -> BTreeSet<String> {
    let anchor = |heading: &str| -> String {
        let kept = heading.to_lowercase();
        kept.chars()
            .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'))
            .map(|c| if c == ' ' { '-' } else { c })
            .collect()
    };
    headings(text).into_iter().map(|(_, heading)| anchor(heading)).collect()
}

/// Fenced blocks, whole: a command must read the same in both languages.
fn fenced(text: &str) -> Vec<String> {
    text.split("\n```").skip(1).step_by(2).map(|block| block.trim().to_owned()).collect()
}

fn out_of_step(english: &str, chinese: &str) -> Vec<String> {
    let levels = |text| headings(text).into_iter().map(|(level, _)| level).collect::<Vec<_>>();
    let (left, right) = (levels(english), levels(chinese));
    let mut found = Vec::new();
    if left != right {
        let (left, right) = (left.len(), right.len());
        found.push(format!(
            "README.md and README.zh-CN.md differ in their sections ({left} and {right} headings): keep them in step"
        ));
    }
    if fenced(english) != fenced(chinese) {
        found.push("README.md and README.zh-CN.md show different commands: keep their code blocks the same".to_owned());
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_in_prose_are_read_and_those_in_code_are_not() {
        let text = "See [a](docs/a.md) and [b](#here).\n```\n[no](x.md)\n```\nAlso `[no](y.md)`.\n";
        let found: Vec<String> = links(text).into_iter().map(|(_, target)| target).collect();
        assert_eq!(found, ["docs/a.md", "#here"]);
    }

    #[test]
    fn anchors_follow_the_headings_in_both_languages() {
        let found = anchors("# One stay, end to end\n## 一次住院\n");
        assert!(found.contains("one-stay-end-to-end") && found.contains("一次住院"), "{found:?}");
    }

    #[test]
    fn readmes_are_in_step_when_sections_and_commands_match() {
        let english = "# A\n## B\n```sh\ncargo xtask demo\n```\n";
        let chinese = "# 甲\n## 乙\n```sh\ncargo xtask demo\n```\n";
        assert!(out_of_step(english, chinese).is_empty());
        assert_eq!(out_of_step(english, "# 甲\n```sh\ncargo xtask test\n```\n").len(), 2);
    }
}
