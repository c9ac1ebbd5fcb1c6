//! 方案说明: what neutral tables leave unsaid, as data (`profiles/tables.toml`).

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use grouping::{CodeSystems, NewbornWeight, Retry, Scheme};
use serde::Deserialize;

use crate::files::Table;
use crate::report::{Findings, Place, Trap};

const KNOWN: &str = include_str!("../../profiles/tables.toml");

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Known {
    profile: Vec<Profile>,
}

/// What a scheme is called and does beyond its tables.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Profile {
    /// The folder's usual name.
    folder: String,
    /// Groups that only this scheme has.
    groups: Vec<String>,
    id: Option<String>,
    version: Option<String>,
    title: Option<String>,
    source: Option<String>,
    diagnoses: Option<String>,
    procedures: Option<String>,
    retry: Option<RetryName>,
    newborn_weight: Option<NewbornWeight>,
}

#[derive(Clone, Copy, Deserialize)]
enum RetryName {
    #[serde(rename = "each-other-procedure")]
    EachOtherProcedure,
}

/// Fills what the tables leave unsaid: first the folder's own file, then the profile that fits.
pub(super) fn apply(
    folder: &Path,
    own: Option<(PathBuf, String)>,
    drg: &Table,
    scheme: &mut Scheme,
    findings: &mut Findings,
) {
    let name = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
    let name = name.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    scheme.id.clone_from(&name);
    "1".clone_into(&mut scheme.version);
    scheme.title.clone_from(&name);
    match fitting(&name, drg) {
        Some((profile, because)) => {
            let done = format!("taken as {} {} because {because}{}", shown(profile.id.as_deref()), shown(profile.version.as_deref()), retry_words(&profile));
            fill(profile, scheme);
            findings.note(Trap::ProfileApplied, Place::sheet("drg.tsv"), done);
        }
        None => findings.note(
            Trap::ProfileApplied,
            Place::sheet("drg.tsv"),
            format!("no known scheme has these groups; it is called {name} version 1, without retry. A profile.toml beside the tables can say otherwise"),
        ),
    }
    if let Some((path, text)) = own {
        match toml::from_str::<Profile>(&text) {
            Ok(profile) => {
                let done = format!("profile.toml beside the tables goes before it{}", retry_words(&profile));
                fill(profile, scheme);
                findings.note(Trap::ProfileApplied, Place::sheet("profile.toml"), done);
            }
            Err(error) => findings.problem(Place::sheet(&path.display().to_string()), error.to_string()),
        }
    }
}

fn shown(text: Option<&str>) -> &str {
    text.unwrap_or("?")
}

fn retry_words(profile: &Profile) -> &'static str {
    match profile.retry {
        Some(RetryName::EachOtherProcedure) => {
            "; a case without a group is tried again with each other procedure alone (not in the tables: from the profile)"
        }
        None => "",
    }
}

fn fitting(folder: &str, drg: &Table) -> Option<(Profile, &'static str)> {
    let known: Known = toml::from_str(KNOWN).expect("the profiles shipped with this crate are sound");
    let groups: BTreeSet<&str> = drg.rows().map(|row| row.get("drg")).collect();
    let mut named = None;
    for profile in known.profile {
        if profile.groups.iter().all(|group| groups.contains(group.as_str())) {
            return Some((profile, "the tables have its distinctive groups"));
        }
        if profile.folder == folder {
            named = Some((profile, "the folder bears its name"));
        }
    }
    named
}

fn fill(profile: Profile, scheme: &mut Scheme) {
    let CodeSystems { diagnoses, procedures } = &mut scheme.code_systems;
    let texts = [
        (profile.id, &mut scheme.id),
        (profile.version, &mut scheme.version),
        (profile.title, &mut scheme.title),
        (profile.source, &mut scheme.source),
        (profile.diagnoses, diagnoses),
        (profile.procedures, procedures),
    ];
    for (said, place) in texts {
        if let Some(said) = said {
            *place = said;
        }
    }
    if let Some(RetryName::EachOtherProcedure) = profile.retry {
        scheme.options.retry = Some(Retry::EachOtherProcedure);
    }
    if let Some(weight) = profile.newborn_weight {
        scheme.options.newborn_weight = weight;
    }
}
