//! Codes: repeats, look-alike letters, codes that do not exist.

use std::collections::{HashMap, HashSet};

use super::Catalogue;
use crate::condition::Shape;
use crate::problem::Problem;
use crate::scheme::{CodeSet, Kind, Scheme, TagPolicy};

pub(super) fn check_set(set: &CodeSet, used: bool, catalogue: &Catalogue, problems: &mut Vec<Problem>) {
    let place = format!("set {}", set.name);
    if set.members.is_empty() {
        problems.push(Problem::warning(&place, "is empty, so conditions that ask for it never hold"));
    }
    if !used {
        problems.push(Problem::warning(&place, "is named by no condition"));
    }
    let mut listed: HashMap<(&str, Shape), Vec<Option<&str>>> = HashMap::new();
    let mut repeated = Vec::new();
    for member in &set.members {
        let place = format!("set {} {}", set.name, member.code);
        let tags = listed.entry((&member.code, member.shape)).or_default();
        tags.push(member.tag.as_deref());
        if tags.len() == 2 && tags[0] == tags[1] {
            repeated.push(member.code.as_str());
        } else if tags.len() == 2 {
            problems.push(Problem::warning(&place, two_tags(tags, set.tags)));
        }
        check_letters(&member.code, &place, problems);
        let (known, kind) = match set.kind {
            Kind::Diagnosis => (&catalogue.diagnoses, "diagnoses"),
            Kind::Procedure => (&catalogue.procedures, "procedures"),
        };
        if member.shape == Shape::Code && !known.is_empty() && !known.contains(&member.code) {
            problems.push(Problem::warning(place, format!("'{}' is not in the catalogue of {kind}", member.code)));
        }
    }
    if !repeated.is_empty() {
        let message = format!("{} codes are listed more than once: {}", repeated.len(), repeated.join(", "));
        problems.push(Problem::warning(place, message));
    }
}

fn two_tags(tags: &[Option<&str>], policy: TagPolicy) -> String {
    let own: Vec<&str> = tags.iter().map(|tag| tag.unwrap_or("no tag")).collect();
    let counts = match policy {
        TagPolicy::First => "only the first counts",
        TagPolicy::Last => "only the last counts",
        TagPolicy::All => "all of them count",
    };
    format!("is listed with several tags ({}); {counts}", own.join(", "))
}

fn check_letters(code: &str, place: &str, problems: &mut Vec<Problem>) {
    if let Some(letter) = code.chars().find(|letter| !letter.is_ascii_graphic()) {
        let message = format!(
            "the code '{code}' holds '{letter}' (U+{:04X}), which looks like a plain letter or sign but is not; no case will match it",
            u32::from(letter)
        );
        problems.push(Problem::warning(place, message));
    }
}

pub(super) fn check_severity(scheme: &Scheme, catalogue: &Catalogue, problems: &mut Vec<Problem>) {
    let tables: HashSet<&str> = scheme.exclusions.iter().map(|row| row.table.as_str()).collect();
    let mut listed: HashMap<&str, &str> = HashMap::new();
    let mut missing: HashSet<&str> = HashSet::new();
    for code in &scheme.severity_codes {
        let place = format!("severity {}", code.code);
        if let Some(other) = listed.insert(&code.code, &code.class) {
            let message = format!("is listed more than once, as {other} and as {}", code.class);
            problems.push(Problem::warning(&place, message));
        }
        check_letters(&code.code, &place, problems);
        if !catalogue.diagnoses.is_empty() && !catalogue.diagnoses.contains(&code.code) {
            problems.push(Problem::warning(&place, format!("'{}' is not in the catalogue of diagnoses", code.code)));
        }
        if let Some(table) = code.exclusion.as_deref().filter(|table| !tables.contains(table))
            && missing.insert(table)
        {
            let message = format!("the exclusion table '{table}' has no principal diagnosis, so it excludes nothing");
            problems.push(Problem::warning(&place, message));
        }
    }
    for row in &scheme.exclusions {
        let place = format!("exclusion {} {}", row.table, row.code);
        check_letters(&row.code, &place, problems);
        if !catalogue.diagnoses.is_empty() && !catalogue.diagnoses.contains(&row.code) {
            problems.push(Problem::warning(place, format!("'{}' is not in the catalogue of diagnoses", row.code)));
        }
    }
}
