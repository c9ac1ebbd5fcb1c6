//! Code lists of the neutral tables, and what the conditions tell about each.

use std::collections::HashMap;

use grouping::{CodeSet, Kind, Member, Shape, TagPolicy};

use super::Reading;
use crate::report::{Findings, Place, SchemesError};

/// The name under which conditions speak of the list of operating room procedures.
const OPERATING_ROOM: &str = "SS_VALID";

/// How a condition uses a list. It decides what the list holds and which tag of a repeated
/// code counts: the first where a rule asks for one tag, the last where tags are counted.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Use {
    Diagnosis,
    Procedure,
    FirstTag,
    LastTag,
}

pub(super) struct Sets {
    sets: Vec<(CodeSet, Vec<Use>)>,
    at: HashMap<String, usize>,
}

impl Sets {
    pub(super) fn read(reading: &mut Reading) -> Result<Sets, SchemesError> {
        let mut sets = Sets { sets: Vec::new(), at: HashMap::new() };
        let index = reading.table("list_index.tsv", &["list_id"])?;
        for row in index.rows() {
            sets.add(row.get("list_id"));
        }
        let lists = reading.table("lists.tsv", &["list_id", "code"])?;
        for row in lists.rows() {
            let at = sets.add(row.get("list_id"));
            sets.sets[at].0.members.push(Member {
                code: row.get("code").to_owned(),
                shape: Shape::Code,
                tag: Some(row.get("tag").to_owned()).filter(|tag| !tag.is_empty()),
            });
        }
        let procedures = reading.table("or_procedures.tsv", &["code"])?;
        let at = sets.add(OPERATING_ROOM);
        let members = procedures.rows().map(|row| Member { code: row.get("code").to_owned(), ..Member::default() });
        sets.sets[at].0.members.extend(members);
        Ok(sets)
    }

    fn add(&mut self, name: &str) -> usize {
        if let Some(at) = self.at.get(name) {
            return *at;
        }
        let (kind, tags) = (Kind::default(), TagPolicy::default());
        let set = CodeSet { name: name.to_owned(), kind, tags, members: Vec::new() };
        self.at.insert(name.to_owned(), self.sets.len());
        self.sets.push((set, Vec::new()));
        self.sets.len() - 1
    }

    /// Notes that a condition uses a list; its name in conditions.
    pub(super) fn used(&mut self, name: &str, usage: Use) -> Result<String, String> {
        let at = self.at.get(name).ok_or_else(|| format!("there is no list “{name}”"))?;
        let uses = &mut self.sets[*at].1;
        if !uses.contains(&usage) {
            uses.push(usage);
        }
        Ok(name.to_owned())
    }

    pub(super) fn finish(self, findings: &mut Findings) -> Vec<CodeSet> {
        let mut out = Vec::with_capacity(self.sets.len());
        for (mut set, uses) in self.sets {
            let diagnoses = uses.iter().any(|u| matches!(u, Use::Diagnosis | Use::LastTag));
            let procedures = uses.iter().any(|u| matches!(u, Use::Procedure | Use::FirstTag));
            if diagnoses && procedures {
                let place = Place { code: set.name.clone(), ..Place::sheet("lists.tsv") };
                findings.problem(place, "conditions use it for diagnoses and for procedures; make it two lists");
            }
            // A list that no condition names: its own codes tell, an operation's begins with a digit.
            let digits = set.members.iter().all(|m| m.code.starts_with(|c: char| c.is_ascii_digit()));
            let unused = uses.is_empty() && digits && !set.members.is_empty();
            set.kind = if procedures || unused { Kind::Procedure } else { Kind::Diagnosis };
            set.tags = match (uses.contains(&Use::FirstTag), uses.contains(&Use::LastTag)) {
                (true, _) => TagPolicy::First,
                (_, true) => TagPolicy::Last,
                _ => TagPolicy::All,
            };
            out.push(set);
        }
        out
    }
}
