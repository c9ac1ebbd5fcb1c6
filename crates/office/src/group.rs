//! 分组: cases of files in, groups out, with the reasons if asked for.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use grouping::{Answer, Case, Grouper, Scratch, Status};
use intake::{Column, ColumnKind};
use serde::{Deserialize, Serialize};

use crate::codes::Codes;
use crate::run::{Place, Progress, Run};
use crate::shelf::Installed;
use crate::source::Inputs;
use crate::table;
use crate::{Files, Problem};

/// What is shown of each case.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Shown {
    /// 分组结果.
    #[default]
    Answer,
    /// With the reasons in words.
    Why,
    /// One row a diagnosis: what it would lead to as principal, in the given order, never ranked.
    WhatIf,
}

/// 汇总 of a run.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupTally {
    /// Cases by status, in the order of [`word`].
    by_status: [u64; 6],
    /// Cases that lack a field, or in which it is refused, by field.
    by_field: BTreeMap<String, u64>,
}

const STATUSES: [Status; 6] =
    [Status::Grouped, Status::Ambiguous, Status::Fallback, Status::Ungroupable, Status::NeedsData, Status::Invalid];

/// A status as results write it.
#[must_use]
pub fn word(status: Status) -> &'static str {
    match status {
        Status::Grouped => "grouped",
        Status::Ambiguous => "ambiguous",
        Status::Fallback => "fallback",
        Status::Ungroupable => "ungroupable",
        Status::NeedsData => "needs_data",
        Status::Invalid => "invalid",
    }
}

impl GroupTally {
    /// Counts an answer.
    pub fn add(&mut self, grouper: &Grouper, answer: &Answer) {
        self.by_status[answer.status as usize] += 1;
        if !answer.fields.is_empty() {
            for field in grouper.field_names(answer.fields) {
                *self.by_field.entry(field.to_owned()).or_default() += 1;
            }
        }
    }

    /// How many cases got this status.
    #[must_use]
    pub fn of(&self, status: Status) -> u64 {
        self.by_status[status as usize]
    }

    /// How many cases there were.
    #[must_use]
    pub fn cases(&self) -> u64 {
        self.by_status.iter().sum()
    }

    /// Cases with a group's code of their own.
    #[must_use]
    pub fn with_group(&self) -> u64 {
        STATUSES.iter().filter(|status| status.has_group()).map(|status| self.of(*status)).sum()
    }
}

impl fmt::Display for GroupTally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = |status| self.of(status);
        write!(
            f,
            "病例 {}：入组 {}，歧义 {}，其他组 {}，未入组 {}，缺数据 {}，数据无效 {}",
            self.cases(),
            count(Status::Grouped),
            count(Status::Ambiguous),
            count(Status::Fallback),
            count(Status::Ungroupable),
            count(Status::NeedsData),
            count(Status::Invalid)
        )?;
        let fields: Vec<String> = self.by_field.iter().map(|(field, count)| format!("{field} {count}")).collect();
        if !fields.is_empty() {
            write!(f, "；按字段 by field: {}", fields.join(", "))?;
        }
        Ok(())
    }
}

/// What a run of grouping left.
pub struct Grouped {
    /// 汇总.
    pub tally: GroupTally,
    /// Rows in error.
    pub errors: u64,
    /// Where they are told.
    pub errors_in: Option<PathBuf>,
}

fn columns(shown: Shown, several: bool, auxiliary: bool) -> Vec<Column> {
    use ColumnKind::{Text, Whole};
    let of: &[(&str, ColumnKind)] = match shown {
        Shown::Answer | Shown::Why => &[
            ("row", Whole),
            ("id", Text),
            ("status", Text),
            ("mdc", Text),
            ("adrg", Text),
            ("group", Text),
            ("name", Text),
            ("severity", Text),
            ("fields", Text),
        ],
        Shown::WhatIf => &[
            ("row", Whole),
            ("id", Text),
            ("diagnosis_no", Whole),
            ("as_principal", Text),
            ("status", Text),
            ("mdc", Text),
            ("adrg", Text),
            ("group", Text),
            ("name", Text),
        ],
    };
    let why: &[(&str, ColumnKind)] = if shown == Shown::Why { &[("why", Text)] } else { &[] };
    let file: &[(&str, ColumnKind)] = if several { &[("file", Text)] } else { &[] };
    let levels: &[(&str, ColumnKind)] = if auxiliary && shown != Shown::WhatIf { &[("auxiliary", Text)] } else { &[] };
    [file, of, levels, why].map(table::columns).concat()
}

/// Groups the cases of files.
///
/// # Errors
/// A file cannot be read or written; rows in error are told and passed over.
pub fn group(
    inputs: &Inputs,
    installed: &Installed,
    codes: &mut Option<Codes>,
    shown: Shown,
    files: &Files<'_>,
    progress: Progress,
) -> Result<Grouped, Problem> {
    let several = inputs.files.len() > 1;
    let columns = columns(shown, several, !installed.grouper.scheme().auxiliary.is_empty());
    let mut run = Run::<GroupTally>::begin(files.setting(&columns, progress))?;
    let mut row = Rows { grouper: &installed.grouper, scratch: Scratch::default(), shown, number: String::new() };
    inputs.each_case(installed, codes, |place, case| {
        if run.is_done(place) {
            return Ok(());
        }
        match case {
            Ok(case) => row.write(&mut run, several.then(|| inputs.name(place.file)), place, case)?,
            Err(error) => run.trouble(error)?,
        }
        run.row_done(place)
    })?;
    let finished = run.finish()?;
    files.put_in_place(finished.rows.as_deref(), "分组", columns)?;
    Ok(Grouped { tally: finished.tally, errors: finished.errors, errors_in: finished.errors_in })
}

struct Rows<'a> {
    grouper: &'a Grouper,
    scratch: Scratch,
    shown: Shown,
    number: String,
}

impl Rows<'_> {
    fn write(
        &mut self,
        run: &mut Run<GroupTally>,
        file: Option<String>,
        place: Place,
        case: &Case,
    ) -> Result<(), Problem> {
        use std::fmt::Write;
        self.number.clear();
        write!(self.number, "{}", place.row)?;
        let file = file.as_deref();
        if self.shown == Shown::WhatIf {
            return self.write_what_if(run, file, case);
        }
        let answer = self.grouper.group(case, &mut self.scratch);
        run.tally.add(self.grouper, &answer);
        let groups = self.grouper.groups(&answer);
        let out = run.rows();
        file.map_or(Ok(()), |file| out.write_field(file))?;
        out.write_field(&self.number)?;
        for text in [case.id.as_str(), word(answer.status), groups.mdc, groups.adrg, groups.group, groups.name] {
            out.write_field(text)?;
        }
        match answer.severity.is_empty() {
            true => out.write_field("")?,
            false => out.write_field(self.grouper.severity_names(answer.severity).join("|"))?,
        }
        match answer.fields.is_empty() {
            true => out.write_field("")?,
            false => out.write_field(self.grouper.field_names(answer.fields).join("|"))?,
        }
        if !self.grouper.scheme().auxiliary.is_empty() {
            let met = self.grouper.auxiliary(case, &mut self.scratch, &answer);
            out.write_field(met.iter().map(|row| row.id.as_str()).collect::<Vec<_>>().join("|"))?;
        }
        if self.shown == Shown::Why {
            out.write_field(self.grouper.explain(case).to_string().trim_end())?;
        }
        Ok(out.write_record(None::<&[u8]>)?)
    }

    fn write_what_if(&mut self, run: &mut Run<GroupTally>, file: Option<&str>, case: &Case) -> Result<(), Problem> {
        for (at, shown) in self.grouper.what_if(case).into_iter().enumerate() {
            if at == 0 {
                run.tally.add(self.grouper, &shown.answer);
            }
            let groups = self.grouper.groups(&shown.answer);
            let number = (shown.diagnosis + 1).to_string();
            let cells = [
                &self.number,
                case.id.as_str(),
                &number,
                case.diagnoses[shown.diagnosis].as_str(),
                word(shown.answer.status),
                groups.mdc,
                groups.adrg,
                groups.group,
                groups.name,
            ];
            run.rows().write_record(file.into_iter().chain(cells))?;
        }
        Ok(())
    }
}
