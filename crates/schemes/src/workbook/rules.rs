//! 规则: the text of a rule becomes a condition; whatever it names must be known.

use std::collections::{BTreeMap, BTreeSet};

use grouping::{CodeList, Condition, Kind, NumberField, SetRef};

use super::CLASSES;

/// The sets that rules may name, and those they did name.
pub(super) struct Names {
    kinds: BTreeMap<String, Kind>,
    pub(super) used: BTreeSet<String>,
}

impl Names {
    pub(super) fn new(sets: &[grouping::CodeSet]) -> Names {
        let kinds = sets.iter().map(|set| (set.name.clone(), set.kind)).collect();
        Names { kinds, used: BTreeSet::new() }
    }

    /// Reads a rule of the workbook.
    ///
    /// # Errors
    /// Text that does not parse, or names a field or set that is not there.
    pub(super) fn read(&mut self, text: &str) -> Result<Condition, String> {
        let mut condition = Condition::parse(text).map_err(|error| error.to_string())?;
        self.check(&mut condition)?;
        Ok(condition)
    }

    fn check(&mut self, condition: &mut Condition) -> Result<(), String> {
        match condition {
            Condition::Always(_) | Condition::Known(_) | Condition::Procedures(_) => Ok(()),
            Condition::All(parts) | Condition::Any(parts) => parts.iter_mut().try_for_each(|part| self.check(part)),
            Condition::Not(inner) => self.check(inner),
            Condition::In { lists, sets } => sets.iter_mut().try_for_each(|set| self.set(lists, set)),
            Condition::InExcept { lists, sets, except } => {
                sets.iter_mut().chain(except).try_for_each(|set| self.set(lists, set))
            }
            Condition::Measured { set, lists, .. } => set.iter_mut().try_for_each(|set| self.set(lists, set)),
            Condition::Compare { field: NumberField::Other(name), .. } => Err(unknown_field(name)),
            Condition::Compare { .. } => Ok(()),
            Condition::Is { field, .. } => match field {
                grouping::CodeField::Other(name) => Err(unknown_field(name)),
                _ => Ok(()),
            },
        }
    }

    /// Set numbers are compared in capitals, as the sheets are read.
    fn set(&mut self, lists: &[CodeList], set: &mut SetRef) -> Result<(), String> {
        let SetRef::Named { name, .. } = set else { return Ok(()) };
        *name = name.to_uppercase();
        if CLASSES.iter().any(|(class, _)| class == name) {
            return match lists {
                [CodeList::OtherDiagnoses] => Ok(()),
                _ => Err(format!("only other diagnoses are complications: write QTZD in {name}")),
            };
        }
        let Some(kind) = self.kinds.get(name.as_str()) else {
            return Err(format!("the set {name} is not in sheet 集合"));
        };
        let procedures = lists.iter().any(|list| list.is_procedures());
        if procedures != (*kind == Kind::Procedure) {
            let holds = if procedures { "diagnoses (DI)" } else { "procedures (OP)" };
            return Err(format!("the set {name} holds {holds} and can never be met here"));
        }
        self.used.insert(name.clone());
        Ok(())
    }
}

fn unknown_field(name: &str) -> String {
    format!("the field {name} is not known; known are ZYZD QTZD ZYSS QTSS NL XB XSRTL XSRTZ")
}
