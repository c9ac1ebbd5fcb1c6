//! Every crate and every package of the console that we take from others has a line in
//! `docs/dependencies.md` that says why.

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
    let document = files::read(&root.join("docs/dependencies.md"))?;
    let (crates, packages) = document.split_once(CONSOLE).ok_or(format!("docs/dependencies.md lacks “{CONSOLE}”"))?;
    let mut found = judge(&house, &explained(crates), &offered(&manifest));
    found.extend(judge_console(packages, &files::read(&root.join("console/package.json"))?));
    Ok(found)
}

/// Where the document turns from crates to the console's packages.
const CONSOLE: &str = "## The console";

/// Packages without a word in the console's table. Types and plugins go with what they are for.
fn judge_console(document: &str, package: &str) -> Vec<String> {
    let listed = package.lines().skip_while(|line| !line.contains("ependencies\": {"));
    let names = listed.filter_map(|line| line.trim().strip_prefix('"')?.split_once("\": \"")).map(|(name, _)| name);
    let goes_with = |name: &str| name.starts_with("@types/") || name.contains("plugin") || name.contains("eslint");
    let unexplained = names.filter(|name| !goes_with(name) && !document.contains(&format!("`{name}`")));
    unexplained.map(|name| format!("the console uses `{name}`, and docs/dependencies.md does not say why")).collect()
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

    #[test]
    fn a_package_of_the_console_needs_a_reason_too() {
        let package = "{\n  \"name\": \"console\",\n  \"dependencies\": {\n    \"react\": \"^19\",\n    \"antd\": \"^6\"\n  }\n}\n";
        let found = judge_console("| `react`, `react-dom` | pages |", package);
        assert_eq!(found, ["the console uses `antd`, and docs/dependencies.md does not say why"]);
    }
}
