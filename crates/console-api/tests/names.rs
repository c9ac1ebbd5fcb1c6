//! The description has one room for each name: of two types with one name, the second would
//! silently take the place of the first, and clients would be told lies.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

fn sources(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("the room's sources").flatten().map(|entry| entry.path());
    entries.flat_map(|path| if path.is_dir() { sources(&path) } else { vec![path] }).collect()
}

/// What a type that derives `ToSchema` is called in the description: its own name, or `as = …`.
fn named(text: &str) -> Vec<String> {
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let derives =
        lines.iter().enumerate().filter(|(_, line)| line.starts_with("#[derive(") && line.contains("ToSchema"));
    derives
        .filter_map(|(at, _)| {
            let until = lines[at..].iter().position(|line| line.contains("struct ") || line.contains("enum "))?;
            let other = lines[at..at + until].iter().find_map(|line| line.split_once("schema(as = "));
            let (_, name) = other
                .or_else(|| lines[at + until].split_once("struct "))
                .or_else(|| lines[at + until].split_once("enum "))?;
            Some(name.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect())
        })
        .collect()
}

#[test]
fn no_two_types_of_the_interface_have_one_name() {
    let mut files: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for path in sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src")) {
        for name in named(&std::fs::read_to_string(&path).expect("a source")) {
            files.entry(name).or_default().push(path.display().to_string());
        }
    }
    assert!(files.len() > 10, "the scan found next to nothing");
    files.retain(|_, places| places.len() > 1);
    assert!(files.is_empty(), "give one of them another name with #[schema(as = …)]: {files:#?}");
}

#[test]
fn no_two_operations_of_the_interface_have_one_name() {
    let description = console_api::openapi();
    let paths = description["paths"].as_object().expect("paths");
    let mut names: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (path, item) in paths {
        for operation in item.as_object().expect("operations").values() {
            names.entry(operation["operationId"].as_str().expect("a name")).or_default().push(path);
        }
    }
    assert!(names.len() > 100, "the description holds the console's routes");
    names.retain(|_, paths| paths.len() > 1);
    assert!(names.is_empty(), "clients would take one for the other: {names:#?}");
}
