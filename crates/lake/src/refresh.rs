//! 补湖: what changed in the centre since the last number taken goes into the months that it
//! concerns. Each month and part is written anew as a whole and takes its place in one step; the
//! number is remembered last. So a run that was cut off is simply run again, and a run that is
//! run twice changes nothing.

use std::collections::{BTreeMap, BTreeSet};

use encounter::{Encounter, History, Person};

use crate::read::TableReader;
use crate::write::{MonthWriter, PersonWriter};
use crate::{Lake, LakeError, LakeTable, Month, PartReader};

/// 变动: whose visits changed, and in which months they stand or stood.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changed {
    /// 人员 to the months of every settlement of the visits concerned, reversed ones included.
    pub persons: BTreeMap<String, BTreeSet<Month>>,
}

impl Changed {
    /// Notes that a person's visits of that month may be other ones now.
    pub fn add(&mut self, psn_no: &str, month: Month) {
        self.persons.entry(psn_no.to_owned()).or_default().insert(month);
    }
}

/// 补湖结果.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Refreshed {
    /// Persons looked at.
    pub persons: u64,
    /// Visits that stand in the months concerned now.
    pub visits: u64,
    /// Months of a part that were written.
    pub files: u64,
}

/// Writes the months concerned anew. `gather` tells what is known of a person now: visits that
/// are settled and not reversed; `None` when nobody has the number.
///
/// # Errors
/// The disk says no, or what `gather` says; the lake is then as before or partly further, and the
/// same changes are to be given again.
pub fn refresh<E: From<LakeError>>(
    lake: &Lake,
    changed: &Changed,
    mut gather: impl FnMut(&str) -> Result<Option<History>, E>,
) -> Result<Refreshed, E> {
    let mut done = Refreshed::default();
    let mut parts: BTreeMap<u32, Vec<&str>> = BTreeMap::new();
    for psn_no in changed.persons.keys() {
        parts.entry(lake.part_of(psn_no)).or_default().push(psn_no);
    }
    for (part, persons) in parts {
        let mut facts: BTreeMap<&str, Person> = BTreeMap::new();
        let mut months: BTreeMap<Month, BTreeMap<&str, Vec<Encounter>>> = BTreeMap::new();
        for psn_no in persons {
            let history = gather(psn_no)?.unwrap_or_default();
            done.persons += 1;
            let concerned = &changed.persons[psn_no];
            for month in concerned {
                months.entry(*month).or_default().insert(psn_no, Vec::new());
            }
            for visit in history.encounters {
                let month = Month::of_visit(&visit);
                if let Some(own) = months.get_mut(&month).and_then(|persons| persons.get_mut(psn_no)) {
                    own.push(visit);
                    done.visits += 1;
                }
            }
            if history.person.psn_no.is_some() {
                facts.insert(psn_no, history.person);
            }
        }
        for (month, persons) in &months {
            rewrite_month(lake, *month, part, persons)?;
            done.files += 1;
        }
        rewrite_persons(lake, part, &facts)?;
    }
    Ok(done)
}

/// A month of a part with the visits of these persons in place of what stood there of them.
fn rewrite_month(
    lake: &Lake,
    month: Month,
    part: u32,
    persons: &BTreeMap<&str, Vec<Encounter>>,
) -> Result<(), LakeError> {
    let mut before = PartReader::open(lake, part, &[month], &|_| None)?;
    let mut writer = MonthWriter::new(lake, month, part);
    let mut fresh = persons.iter().peekable();
    while let Some(history) = before.next_history()? {
        let psn_no = before.person();
        while let Some((next, visits)) = fresh.next_if(|(next, _)| **next <= psn_no) {
            writer.add(next, visits)?;
        }
        if !persons.contains_key(psn_no) {
            writer.add(psn_no, &history.encounters)?;
        }
    }
    for (next, visits) in fresh {
        writer.add(next, visits)?;
    }
    writer.finish()
}

fn rewrite_persons(lake: &Lake, part: u32, facts: &BTreeMap<&str, Person>) -> Result<(), LakeError> {
    let path = lake.persons(part);
    let mut writer = PersonWriter::new(lake, part);
    let mut fresh = facts.iter().peekable();
    if path.is_file() {
        let mut before = TableReader::open(&path, LakeTable::Persons, None, 8_192)?;
        while let Some(rows) = before.next_rows()? {
            for row in 0..rows.len() {
                let person: Person = rows.record(row);
                let psn_no = person.psn_no.as_deref().unwrap_or_default();
                while let Some((_, person)) = fresh.next_if(|(next, _)| **next <= psn_no) {
                    writer.add(person)?;
                }
                if !facts.contains_key(psn_no) {
                    writer.add(&person)?;
                }
            }
        }
    }
    for (_, person) in fresh {
        writer.add(person)?;
    }
    writer.finish()
}
