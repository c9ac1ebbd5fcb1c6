//! Through the grouper: cases of the neutral columns, each with the group that another
//! implementation gave it.
//!
//! Columns, found by heading, in any order: `id`, `dx`, `proc` (codes joined by `|`), `status`
//! and `drg` (also called `expect`) must be there; `kind`, `sex`, `age`, `age_days`, `weight`,
//! `dept`, `los`, `leaving_type`, `icu_hours`, `fee`, `mdc`, `adrg` may be. An empty cell is unknown.
//! A file may hold a second answer in `status_if_surgical_skips_medical` and
//! `drg_if_surgical_skips_medical`.

use std::collections::BTreeMap;
use std::fmt;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use ::grouping::{Answer, Case, Grouper, Scratch, Sex, Status};
use flate2::read::MultiGzDecoder;

/// So many differences are kept in full, with the trace of our answer.
const KEPT: usize = 10;

/// What an expected status is called in the files.
const STATUSES: [&str; 5] = ["ok", "ambiguous", "fallback", "ungroupable", "check_failed"];

/// Which of a file's answers is compared.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Expected {
    /// `status` and `drg`.
    #[default]
    Plain,
    /// `status_if_surgical_skips_medical` and `drg_if_surgical_skips_medical`.
    SurgicalSkipsMedical,
}

/// What keeps a case file from being replayed.
#[derive(Debug, thiserror::Error)]
pub enum GroupingCaseError {
    /// The file cannot be read.
    #[error("{}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: csv::Error,
    },
    /// A column that must be there is not.
    #[error("{}: there is no column “{column}”; its columns are {found}", path.display())]
    Column {
        /// The file.
        path: PathBuf,
        /// The column looked for.
        column: &'static str,
        /// Those that are there.
        found: String,
    },
    /// A status that is none of those that are known.
    #[error("{} line {line}: the status “{status}” is none of {}", path.display(), STATUSES.join(", "))]
    Status {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: u64,
        /// What stands there.
        status: String,
    },
}

/// A case whose answer differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Its line in the file, from 1.
    pub line: u64,
    /// The case.
    pub id: String,
    /// How the case was made, if the file says so.
    pub kind: String,
    /// What the file expects: status, then codes, joined by spaces.
    pub expected: String,
    /// What we answered, in the same form.
    pub answered: String,
    /// Why we answered so. Only of the first differences; empty for the others.
    pub why: String,
}

/// What a run over a case file found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GroupingReport {
    /// Cases that agreed.
    pub passed: u64,
    /// Cases that differed.
    pub failed: u64,
    /// Cases by expected status.
    pub statuses: BTreeMap<String, u64>,
    /// The first differences.
    pub differences: Vec<Difference>,
}

impl GroupingReport {
    /// Whether every case agreed (and there was one).
    #[must_use]
    pub fn conforms(&self) -> bool {
        self.failed == 0 && self.passed > 0
    }
}

impl fmt::Display for GroupingReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for difference in &self.differences {
            let Difference { line, id, kind, expected, answered, why } = difference;
            let kind = if kind.is_empty() { String::new() } else { format!(" ({kind})") };
            writeln!(f, "line {line}, {id}{kind}: expected {expected}, answered {answered}")?;
            for step in why.lines() {
                writeln!(f, "    {step}")?;
            }
        }
        let shown = self.differences.len() as u64;
        if self.failed > shown {
            writeln!(f, "… and {} more differences", self.failed - shown)?;
        }
        if self.passed + self.failed == 0 {
            writeln!(f, "no case was read")?;
        }
        let statuses: Vec<String> = self.statuses.iter().map(|(status, n)| format!("{n} {status}")).collect();
        write!(f, "{} passed, {} failed ({})", self.passed, self.failed, statuses.join(", "))
    }
}

/// Replays a case file through `grouper`.
///
/// # Errors
/// A file that cannot be read to its end, lacks a column or holds a status that is not known.
pub fn through_grouper(
    grouper: &Grouper,
    path: &Path,
    expected: Expected,
) -> Result<GroupingReport, GroupingCaseError> {
    let failed = |source: csv::Error| GroupingCaseError::File { path: path.to_owned(), source };
    let file = File::open(path).map_err(|error| failed(error.into()))?;
    let packed = path.extension().is_some_and(|ending| ending == "gz");
    let bytes: Box<dyn Read> = if packed { Box::new(MultiGzDecoder::new(file)) } else { Box::new(file) };
    let mut reader = csv::Reader::from_reader(bytes);
    let columns = Columns::find(path, reader.headers().map_err(failed)?, expected)?;
    let mut report = GroupingReport::default();
    let (mut scratch, mut record) = (Scratch::default(), csv::StringRecord::new());
    let mut case = Case::default();
    while reader.read_record(&mut record).map_err(failed)? {
        columns.fill(&record, &mut case);
        let line = record.position().map_or(0, csv::Position::line);
        let wanted = columns.wanted(&record);
        if !STATUSES.contains(&wanted.status) {
            return Err(GroupingCaseError::Status { path: path.to_owned(), line, status: wanted.status.to_owned() });
        }
        *report.statuses.entry(wanted.status.to_owned()).or_default() += 1;
        let answer = grouper.group(&case, &mut scratch);
        let ours = Codes::of(grouper, &answer);
        if wanted.met_by(&ours) {
            report.passed += 1;
            continue;
        }
        report.failed += 1;
        if report.differences.len() < KEPT {
            report.differences.push(Difference {
                line,
                id: case.id.clone(),
                kind: columns.cell(&record, columns.kind).to_owned(),
                expected: wanted.to_string(),
                answered: ours.to_string(),
                why: grouper.explain(&case).to_string(),
            });
        }
    }
    Ok(report)
}

/// A status with the codes that go with it; a code that a file does not give is not compared.
struct Codes<'a> {
    status: &'a str,
    mdc: Option<&'a str>,
    adrg: Option<&'a str>,
    drg: Option<&'a str>,
}

impl<'a> Codes<'a> {
    fn of(grouper: &'a Grouper, answer: &Answer) -> Codes<'a> {
        let status = match answer.status {
            Status::Grouped => "ok",
            Status::Ambiguous => "ambiguous",
            Status::Fallback => "fallback",
            Status::Ungroupable => "ungroupable",
            Status::NeedsData | Status::Invalid => "check_failed",
        };
        let groups = grouper.groups(answer);
        Codes { status, mdc: Some(groups.mdc), adrg: Some(groups.adrg), drg: Some(groups.group) }
    }

    /// A case that failed the check has no group, whatever code a file writes for that.
    fn met_by(&self, ours: &Codes) -> bool {
        let same = |wanted: Option<&str>, ours: Option<&str>| wanted.is_none_or(|wanted| Some(wanted) == ours);
        self.status == ours.status
            && (self.status == "check_failed"
                || same(self.mdc, ours.mdc) && same(self.adrg, ours.adrg) && same(self.drg, ours.drg))
    }
}

impl fmt::Display for Codes<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.status)?;
        for code in [self.mdc, self.adrg, self.drg].into_iter().flatten() {
            write!(f, " {code}")?;
        }
        Ok(())
    }
}

/// Where each column stands.
struct Columns {
    id: usize,
    dx: usize,
    procedures: usize,
    status: usize,
    drg: usize,
    mdc: Option<usize>,
    adrg: Option<usize>,
    kind: Option<usize>,
    sex: Option<usize>,
    age: Option<usize>,
    age_days: Option<usize>,
    weight: Option<usize>,
    department: Option<usize>,
    days: Option<usize>,
    leaving_type: Option<usize>,
    icu_hours: Option<usize>,
    fee: Option<usize>,
}

impl Columns {
    fn find(path: &Path, headings: &csv::StringRecord, expected: Expected) -> Result<Columns, GroupingCaseError> {
        let at = |name: &str| headings.iter().position(|heading| heading.trim_start_matches('\u{feff}').trim() == name);
        let must = |name: &'static str| {
            at(name).ok_or_else(|| {
                let found = headings.iter().collect::<Vec<_>>().join(", ");
                GroupingCaseError::Column { path: path.to_owned(), column: name, found }
            })
        };
        let plain = expected == Expected::Plain;
        let (status, drg) = match expected {
            Expected::Plain => (must("status")?, at("expect").map_or_else(|| must("drg"), Ok)?),
            Expected::SurgicalSkipsMedical => {
                (must("status_if_surgical_skips_medical")?, must("drg_if_surgical_skips_medical")?)
            }
        };
        Ok(Columns {
            id: must("id")?,
            dx: must("dx")?,
            procedures: must("proc")?,
            status,
            drg,
            mdc: at("mdc").filter(|_| plain),
            adrg: at("adrg").filter(|_| plain),
            kind: at("kind"),
            sex: at("sex"),
            age: at("age"),
            age_days: at("age_days"),
            weight: at("weight"),
            department: at("dept"),
            days: at("los"),
            leaving_type: at("leaving_type"),
            icu_hours: at("icu_hours"),
            fee: at("fee"),
        })
    }

    fn cell<'r>(&self, record: &'r csv::StringRecord, column: Option<usize>) -> &'r str {
        column.and_then(|column| record.get(column)).unwrap_or("")
    }

    fn wanted<'r>(&self, record: &'r csv::StringRecord) -> Codes<'r> {
        let given = |column: Option<usize>| column.map(|column| record.get(column).unwrap_or(""));
        let status = self.cell(record, Some(self.status));
        Codes { status, mdc: given(self.mdc), adrg: given(self.adrg), drg: given(Some(self.drg)) }
    }

    fn fill(&self, record: &csv::StringRecord, case: &mut Case) {
        fn number<T: std::str::FromStr>(text: &str) -> Option<T> {
            text.parse().ok()
        }
        let cell = |column: Option<usize>| self.cell(record, column);
        let text = |column: Option<usize>| Some(cell(column)).filter(|text| !text.is_empty()).map(str::to_owned);
        cell(Some(self.id)).clone_into(&mut case.id);
        codes(cell(Some(self.dx)), &mut case.diagnoses);
        codes(cell(Some(self.procedures)), &mut case.procedures);
        case.sex = Sex::from_code(cell(self.sex));
        case.age = number(cell(self.age));
        case.age_days = number(cell(self.age_days));
        case.weight = number(cell(self.weight));
        case.department = text(self.department);
        case.days = number(cell(self.days));
        case.leaving_type = text(self.leaving_type);
        case.icu_hours = number(cell(self.icu_hours));
        case.fee = number(cell(self.fee));
    }
}

fn codes(cell: &str, into: &mut Vec<String>) {
    into.clear();
    if !cell.is_empty() {
        into.extend(cell.split('|').map(str::to_owned));
    }
}
