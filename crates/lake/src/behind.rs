//! 疑点背后: what a report and the reconciliation need to know of the visits and lines that
//! findings name, and of no others.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use arrow::array::Array;
use screening::{Behind, Finding, LineKey, VisitFacts};
use serde::{Deserialize, Serialize};
use terms::{Date, Fen};

use crate::rows::{Rows, Typed};
use crate::{LakeError, LakeTable, PartReader};

/// 就诊 of a finding.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeenVisit {
    /// 人员编号.
    pub psn_no: String,
    /// 定点医药机构编号; blank when unknown, as all that follows.
    pub institution: String,
    /// 出院科室, else 入院科室.
    pub department: String,
    /// 医师.
    pub doctor: String,
    /// The day it began.
    pub day: Option<Date>,
    /// 诊断代码.
    pub diagnoses: Vec<String>,
}

/// 明细 of a finding.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeenLine {
    /// 明细项目费用总额.
    pub amount: Option<Fen>,
    /// 目录名称.
    pub name: String,
    /// 开单科室; blank when unknown.
    pub department: String,
    /// 开单医师; blank when unknown.
    pub doctor: String,
}

/// 疑点背后的就诊与明细.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Seen {
    /// By 就诊ID.
    pub visits: BTreeMap<String, SeenVisit>,
    /// By line.
    pub lines: BTreeMap<LineKey, SeenLine>,
}

impl Seen {
    /// Joins what another part saw.
    pub fn merge(&mut self, other: Seen) {
        self.visits.extend(other.visits);
        self.lines.extend(other.lines);
    }
}

impl Behind for Seen {
    fn line_amount(&self, line: &LineKey) -> Option<Fen> {
        self.lines.get(line)?.amount
    }

    fn visit(&self, mdtrt_id: &str) -> Option<VisitFacts> {
        let seen = self.visits.get(mdtrt_id)?;
        let code = (!seen.institution.is_empty()).then(|| seen.institution.clone());
        Some(VisitFacts { fixmedins_code: code, day: seen.day, diagnoses: seen.diagnoses.clone() })
    }
}

/// The columns that are looked at.
pub(crate) fn wanted(table: LakeTable) -> Option<Vec<&'static str>> {
    Some(match table {
        LakeTable::Encounters => {
            vec!["mdtrt_id", "psn_no", "fixmedins_code", "dscg_dept_codg", "adm_dept_codg", "dr_codg", "begntime"]
        }
        LakeTable::Diagnoses => vec!["mdtrt_id", "diag_code"],
        LakeTable::Lines => vec![
            "mdtrt_id",
            "feedetl_sn",
            "med_list_codg",
            "med_list_name",
            "det_item_fee_sumamt",
            "bilg_dept_codg",
            "bilg_dr_codg",
        ],
        _ => vec![],
    })
}

/// The visits and lines that findings name.
#[derive(Debug, Default)]
pub(crate) struct Named<'a> {
    persons: BTreeSet<&'a str>,
    visits: HashMap<&'a str, HashSet<(&'a str, &'a str)>>,
}

impl<'a> Named<'a> {
    pub fn by(findings: &'a [Finding]) -> Named<'a> {
        let mut named = Named::default();
        for finding in findings {
            named.persons.extend(finding.persons.iter().map(String::as_str));
            for visit in &finding.encounters {
                named.visits.entry(visit).or_default();
            }
            for line in &finding.lines {
                let lines = named.visits.entry(&line.mdtrt_id).or_default();
                lines.insert((&line.feedetl_sn, &line.med_list_codg));
            }
        }
        named
    }

    /// Reads what stands behind them from a part.
    pub fn look(&self, part: &mut PartReader) -> Result<Seen, LakeError> {
        let mut seen = Seen::default();
        while part.next_person()? {
            if self.persons.contains(part.person()) {
                self.person(part, &mut seen)?;
            }
        }
        Ok(seen)
    }

    fn person(&self, part: &mut PartReader, seen: &mut Seen) -> Result<(), LakeError> {
        let psn_no = part.person().to_owned();
        let at = Columns::of(LakeTable::Encounters);
        part.take(LakeTable::Encounters, &mut |rows, range| {
            for row in range {
                let text = |name: &str| at.text(rows, name, row);
                let id = text("mdtrt_id");
                if !self.visits.contains_key(id.as_str()) {
                    continue;
                }
                let department = Some(text("dscg_dept_codg")).filter(|code| !code.is_empty());
                let day = at.value(rows, "begntime", row).and_then(|value| match value {
                    encounter::Value::Time(time) => Some(time.date()),
                    _ => None,
                });
                let visit = SeenVisit {
                    psn_no: psn_no.clone(),
                    institution: text("fixmedins_code"),
                    department: department.unwrap_or_else(|| text("adm_dept_codg")),
                    doctor: text("dr_codg"),
                    day,
                    diagnoses: Vec::new(),
                };
                seen.visits.insert(id, visit);
            }
        })?;
        let at = Columns::of(LakeTable::Diagnoses);
        part.take(LakeTable::Diagnoses, &mut |rows, range| {
            for row in range {
                let code = at.text(rows, "diag_code", row);
                if let Some(visit) = seen.visits.get_mut(&at.text(rows, "mdtrt_id", row)).filter(|_| !code.is_empty()) {
                    visit.diagnoses.push(code);
                }
            }
        })?;
        let at = Columns::of(LakeTable::Lines);
        part.take(LakeTable::Lines, &mut |rows, range| {
            for row in range {
                let text = |name: &str| at.text(rows, name, row);
                let (id, number, code) = (text("mdtrt_id"), text("feedetl_sn"), text("med_list_codg"));
                let named = self.visits.get(id.as_str());
                if !named.is_some_and(|lines| lines.contains(&(number.as_str(), code.as_str()))) {
                    continue;
                }
                let amount = match at.column(rows, "det_item_fee_sumamt") {
                    Some(Typed::Money(column)) if column.is_valid(row) => Some(Fen(column.value(row))),
                    _ => None,
                };
                let line = SeenLine {
                    amount,
                    name: text("med_list_name"),
                    department: text("bilg_dept_codg"),
                    doctor: text("bilg_dr_codg"),
                };
                // A line delivered twice is one line.
                seen.lines.entry(LineKey::new(&id, &number, &code)).or_insert(line);
            }
        })
    }
}

/// Columns of a table by name.
struct Columns {
    table: LakeTable,
    places: HashMap<&'static str, usize>,
}

impl Columns {
    fn of(table: LakeTable) -> Columns {
        let places = table.columns().iter().enumerate().map(|(at, field)| (field.name, at)).collect();
        Columns { table, places }
    }

    fn column<'r>(&self, rows: &'r Rows, name: &str) -> Option<&'r Typed> {
        rows.column(*self.places.get(name)?)
    }

    fn text(&self, rows: &Rows, name: &str, row: usize) -> String {
        self.column(rows, name).and_then(|column| column.text(row)).unwrap_or_default().to_owned()
    }

    fn value(&self, rows: &Rows, name: &str, row: usize) -> Option<encounter::Value> {
        let field = self.table.fields().iter().position(|field| field.name == name)?;
        rows.value(field, row)
    }
}
