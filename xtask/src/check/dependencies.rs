//! Every crate that we take from others has a line in `docs/dependencies.md` that says why.

use crate::check::floors::{House, tree};
use crate::files;
use std::collections::BTreeSet;
use std::path::Path;

/// Direct dependencies without a line, and lines without a dependency.
///
/// # Errors
/// The document or the manifests cannot be read.
pub fn check(root: &Path) -> Result<Vec<String>, String> {
    let house = House::from_tree(&tree(root, &["--workspace", "--edges", "normal,build,dev", "--depth", "1"])?);
    let manifest = files::read(&root.join("Cargo.toml"))?;
    Ok(judge(&house, &explained(&files::read(&root.join("docs/dependencies.md"))?), &offered(&manifest)))
}

fn judge(house: &House, explained: &BTreeSet<String>, offered: &BTreeSet<String>) -> Vec<String> {
    let direct = house.members.iter().filter_map(|member| house.leans_on.get(member).map(|used| (member, used)));
    let unexplained = direct.flat_map(|(member, used)| used.iter().map(move |name| (member, name)));
    let unexplained = unexplained.filter(|(_, name)| !house.members.contains(*name) && !explained.contains(*name));
    let mut found: Vec<String> = unexplained
        .map(|(member, name)| format!("`{member}` uses `{name}`, and docs/dependencies.md does not say why"))
        .collect();
    let stale = explained.iter().filter(|name| !offered.contains(*name));
    found.extend(stale.map(|name| {
        format!("docs/dependencies.md explains `{name}`, which the root Cargo.toml does not list: remove the line")
    }));
    found
}

/// The crates that the table explains: the first cell of each row, in backticks.
fn explained(document: &str) -> BTreeSet<String> {
    document.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next().map(str::to_owned)).collect()
}

/// The names under `[workspace.dependencies]`.
fn offered(manifest: &str) -> BTreeSet<String> {
    let section = manifest.lines().skip_while(|line| *line != "[workspace.dependencies]").skip(1);
    let section = section.take_while(|line| !line.starts_with('['));
    section
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| Some(line.split_once('=')?.0.trim().to_owned()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crate_without_a_reason_and_a_reason_without_a_crate_are_both_found() {
        let house = House::from_tree("0policy v0.1.0\n1jiff v0.2.0\n1terms v0.1.0\n0terms v0.1.0\n1serde v1.0.0\n");
        let document = explained("| crate | why |\n| `serde` | data |\n| `chrono` | dates |\n");
        let offered = offered("[workspace.dependencies]\n# libraries\nserde = \"1\"\njiff = \"0.2\"\n[profile.dev]\n");
        let found = judge(&house, &document, &offered);
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(found[0].contains("`policy` uses `jiff`"), "{found:?}");
        assert!(found[1].contains("`chrono`"), "{found:?}");
    }
}
